package activity

import (
	"fmt"
	"sync"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// census is what a shop has entries of: how many of each kind, and the time that they lie in. It is exact in the
// snapshot that it was taken in.
type census struct {
	entries map[models.Kind]int64
	// coarse says that some kinds are without their action, actor and entity type: there were too many.
	coarse bool
	// from <= occurredAt < to, for every entry; zero where there is none.
	from, to time.Time
}

// census counts what a shop has, whatever its size. The transaction is a snapshot.
func (s *Service) census(tx *gorm.DB, shop int64) (*census, error) {
	kinds, rollup, err := s.kinds.kindsOf(tx, shop)
	if err != nil {
		return nil, err
	}
	c := &census{entries: make(map[models.Kind]int64, len(kinds))}
	var buckets []models.ActivityBucket
	// All, the first day and the last hour.
	err = tx.Raw(`SELECT * FROM (SELECT grain, at, counts FROM activity_buckets WHERE shop_id = @shop AND grain = 'a') AS every
		UNION ALL SELECT * FROM (SELECT grain, at, counts FROM activity_buckets WHERE shop_id = @shop AND grain = 'd' ORDER BY at LIMIT 1) AS first
		UNION ALL SELECT * FROM (SELECT grain, at, counts FROM activity_buckets WHERE shop_id = @shop AND grain = 'h' ORDER BY at DESC LIMIT 1) AS last`,
		map[string]any{"shop": shop}).Scan(&buckets).Error
	if err != nil {
		return nil, fmt.Errorf("load counts: %w", err)
	}
	calendar := calendarOf(rollup.Zone)
	for _, b := range buckets {
		switch b.Grain {
		case models.GrainAll:
			for number, entries := range b.Counts.All() {
				kind := kinds[number-1]
				c.entries[kind] += entries
				c.coarse = c.coarse || isCoarse(kind)
			}
		case models.GrainDay:
			c.within(b.At.UTC(), b.At.UTC())
		case models.GrainHour:
			c.within(b.At.UTC(), calendar.nextHour(b.At))
		}
	}
	var deltas []models.ActivityDelta
	if err := tx.Where("shop_id = ?", shop).Find(&deltas).Error; err != nil {
		return nil, fmt.Errorf("load deltas: %w", err)
	}
	for _, d := range deltas {
		c.entries[d.Kind] += d.Entries
		c.within(d.Quarter.UTC(), d.Quarter.UTC().Add(quarter))
	}
	return c, nil
}

func (c *census) within(from, to time.Time) {
	if c.from.IsZero() || from.Before(c.from) {
		c.from = from
	}
	if to.After(c.to) {
		c.to = to
	}
}

// knownShops is how many shops' kinds are remembered.
const knownShops = 200

// knownKinds remembers the kinds of the shops that were asked for. A kind keeps its number as long as the version of
// the counts is the same, so what is remembered is only added to.
type knownKinds struct {
	mu    sync.Mutex
	shops map[int64]shopKinds
}

type shopKinds struct {
	version int
	// kinds has the kind with the number 1 first.
	kinds []models.Kind
}

// kindsOf returns the kinds that the counts of a shop know in this snapshot, that with the number 1 first, and where
// the counts stand.
func (k *knownKinds) kindsOf(tx *gorm.DB, shop int64) ([]models.Kind, models.ActivityRollup, error) {
	var rollup models.ActivityRollup
	if err := tx.Where("shop_id = ?", shop).Limit(1).Find(&rollup).Error; err != nil {
		return nil, rollup, fmt.Errorf("load counts: %w", err)
	}
	known := k.get(shop)
	if known.version != rollup.Version {
		known = shopKinds{version: rollup.Version}
	}
	if missing := rollup.Kinds - len(known.kinds); missing > 0 {
		var rows []models.ActivityKind
		err := tx.Where("shop_id = ? AND number > ?", shop, len(known.kinds)).Order("number").Find(&rows).Error
		if err != nil {
			return nil, rollup, fmt.Errorf("load kinds: %w", err)
		}
		kinds := make([]models.Kind, 0, rollup.Kinds)
		kinds = append(kinds, known.kinds...)
		for _, row := range rows {
			kinds = append(kinds, row.Kind)
		}
		known.kinds = kinds
		k.put(shop, known)
	}
	return known.kinds[:rollup.Kinds], rollup, nil
}

func (k *knownKinds) get(shop int64) shopKinds {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.shops[shop]
}

func (k *knownKinds) put(shop int64, known shopKinds) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shops == nil || len(k.shops) >= knownShops {
		k.shops = map[int64]shopKinds{} // those that are asked for come back
	}
	k.shops[shop] = known
}
