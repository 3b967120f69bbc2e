package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// foldShops is how many shops are folded in one transaction.
	foldShops = 50
	// foldDeltas is how many deltas are folded in one transaction, so that none takes long.
	foldDeltas = 5_000
	// maxKinds is how many kinds of entry a shop has in its counts. A recorder outside may choose any number of
	// actions and actors; those that come later are counted by type, status and tab only.
	maxKinds = 5_000
)

// Fold brings the counts up to date: it takes the deltas and adds them to the hours and days that they are in. A
// shop's counts are changed by one process at a time; a shop that another one is at is left to it.
func (s *Service) Fold(ctx context.Context) error {
	shops, err := s.unfolded(ctx)
	if err != nil {
		return err
	}
	for group := range slices.Chunk(shops, foldShops) {
		for more := true; more; {
			if more, err = s.foldSome(ctx, group); err != nil {
				return fmt.Errorf("fold counts: %w", err)
			}
		}
	}
	return nil
}

// unfolded returns the shops that have deltas. It jumps from shop to shop on the index.
func (s *Service) unfolded(ctx context.Context) ([]int64, error) {
	var shops []int64
	err := models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		return tx.Raw(`WITH RECURSIVE found (id) AS (
			SELECT min(shop_id) FROM activity_deltas
			UNION ALL
			SELECT (SELECT min(shop_id) FROM activity_deltas WHERE shop_id > found.id) FROM found WHERE id IS NOT NULL
		) SELECT id FROM found WHERE id IS NOT NULL`).Scan(&shops).Error
	})
	if err != nil {
		return nil, fmt.Errorf("find what is to be counted: %w", err)
	}
	return shops, nil
}

// foldSome folds some deltas of the shops in one transaction, and reports whether there are more.
func (s *Service) foldSome(ctx context.Context, shops []int64) (more bool, err error) {
	err = models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		rollups, err := lockRollups(tx, shops, clause.LockingOptionsSkipLocked)
		if err != nil {
			return err
		}
		left := foldDeltas
		for _, rollup := range rollups {
			if left == 0 {
				break
			}
			deltas, err := takeDeltas(tx, rollup.ShopID, left)
			if err != nil {
				return err
			}
			left -= len(deltas)
			f, err := newFold(tx, rollup)
			if err != nil {
				return err
			}
			for _, d := range deltas {
				f.add(d.Quarter, d.Kind, d.Entries)
			}
			if err := f.write(); err != nil {
				return err
			}
		}
		more = left == 0
		return nil
	})
	return more, err
}

// lockRollups locks the counts of the shops, for this transaction alone to change. What another one has locked is
// waited for, or skipped.
func lockRollups(tx *gorm.DB, shops []int64, option string) ([]*models.ActivityRollup, error) {
	err := tx.Exec(`INSERT INTO activity_rollups (shop_id, zone, kinds) SELECT id, timezone, 0 FROM shops
		WHERE id IN ? AND NOT EXISTS (SELECT 1 FROM activity_rollups WHERE shop_id = shops.id)
		ORDER BY id ON CONFLICT DO NOTHING`, shops).Error
	if err != nil {
		return nil, fmt.Errorf("begin counts: %w", err)
	}
	query := tx.Where("shop_id IN ?", shops).Order("shop_id")
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: option})
	}
	var rollups []*models.ActivityRollup
	if err := query.Find(&rollups).Error; err != nil {
		return nil, fmt.Errorf("lock counts: %w", err)
	}
	return rollups, nil
}

// takeDeltas takes away some of the shop's deltas and returns them.
func takeDeltas(tx *gorm.DB, shop int64, limit int) ([]models.ActivityDelta, error) {
	var deltas []models.ActivityDelta
	some := tx.Model(&models.ActivityDelta{}).Select("id").Where("shop_id = ?", shop).Limit(limit)
	err := tx.Clauses(clause.Returning{}).Where("id IN (?)", some).Delete(&deltas).Error
	if err != nil {
		return nil, fmt.Errorf("take deltas: %w", err)
	}
	return deltas, nil
}

// place is a bucket of one shop.
type place struct {
	grain models.Grain
	at    time.Time
}

// fold is a change of one shop's counts that is being put together.
type fold struct {
	tx       *gorm.DB
	rollup   *models.ActivityRollup
	calendar *calendar
	numbers  map[models.Kind]int
	added    []models.ActivityKind
	buckets  map[place]map[int]int64
}

func newFold(tx *gorm.DB, rollup *models.ActivityRollup) (*fold, error) {
	f := &fold{
		tx:       tx,
		rollup:   rollup,
		calendar: calendarOf(rollup.Zone),
		numbers:  make(map[models.Kind]int, rollup.Kinds),
		buckets:  map[place]map[int]int64{},
	}
	known, err := kindsOf(tx, rollup.ShopID)
	for _, k := range known {
		f.numbers[k.Kind] = k.Number
	}
	return f, err
}

// kindsOf returns the kinds of entry that the counts of a shop know.
func kindsOf(tx *gorm.DB, shop int64) ([]models.ActivityKind, error) {
	var kinds []models.ActivityKind
	if err := tx.Where("shop_id = ?", shop).Find(&kinds).Error; err != nil {
		return nil, fmt.Errorf("load kinds: %w", err)
	}
	return kinds, nil
}

// number returns the kind's number. A new kind gets the next one.
func (f *fold) number(kind models.Kind) int {
	if number, ok := f.numbers[kind]; ok {
		return number
	}
	if f.rollup.Kinds >= maxKinds {
		kind = coarse(kind)
		if number, ok := f.numbers[kind]; ok {
			return number
		}
	}
	f.rollup.Kinds++
	f.numbers[kind] = f.rollup.Kinds
	f.added = append(f.added, models.ActivityKind{ShopID: f.rollup.ShopID, Number: f.rollup.Kinds, Kind: kind})
	return f.rollup.Kinds
}

// coarse is what is left of a kind that the counts have no room for. Its action is empty, which no entry's is.
func coarse(kind models.Kind) models.Kind {
	return models.Kind{Type: kind.Type, Categories: kind.Categories, Status: kind.Status, ActorType: kind.ActorType}
}

// places returns the buckets that a quarter of an hour is in.
func (f *fold) places(at time.Time) [3]place {
	return [3]place{
		{models.GrainHour, f.calendar.hour(at)},
		{models.GrainDay, f.calendar.day(at)},
		{models.GrainAll, time.Unix(0, 0).UTC()},
	}
}

func (f *fold) add(at time.Time, kind models.Kind, entries int64) {
	number := f.number(kind)
	for _, p := range f.places(at) {
		if f.buckets[p] == nil {
			f.buckets[p] = map[int]int64{}
		}
		f.buckets[p][number] += entries
	}
}

// write adds what was put together to what is there.
func (f *fold) write() error {
	if len(f.buckets) == 0 {
		return nil
	}
	if err := f.writeKinds(); err != nil {
		return err
	}
	times := map[models.Grain][]time.Time{}
	for p := range f.buckets {
		times[p.grain] = append(times[p.grain], p.at)
	}
	for grain, at := range times {
		for some := range slices.Chunk(at, 500) {
			if err := f.writeBuckets(grain, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeKinds adds the new kinds.
func (f *fold) writeKinds() error {
	if len(f.added) == 0 {
		return nil
	}
	if err := f.tx.CreateInBatches(f.added, 500).Error; err != nil {
		return fmt.Errorf("add kinds: %w", err)
	}
	err := f.tx.Model(&models.ActivityRollup{}).Where("shop_id = ?", f.rollup.ShopID).Update("kinds", f.rollup.Kinds).Error
	if err != nil {
		return fmt.Errorf("save the number of kinds: %w", err)
	}
	return nil
}

func (f *fold) writeBuckets(grain models.Grain, times []time.Time) error {
	var there []models.ActivityBucket
	err := f.tx.Where("shop_id = ? AND grain = ? AND at IN ?", f.rollup.ShopID, grain, times).Find(&there).Error
	if err != nil {
		return fmt.Errorf("load counts: %w", err)
	}
	for _, bucket := range there {
		sums := f.buckets[place{grain, bucket.At.UTC()}]
		for kind, entries := range bucket.Counts.All() {
			sums[kind] += entries
		}
	}
	var full []models.ActivityBucket
	var empty []time.Time
	for _, at := range times {
		if counts := models.PackCounts(f.buckets[place{grain, at}]); len(counts) > 0 {
			full = append(full, models.ActivityBucket{ShopID: f.rollup.ShopID, Grain: grain, At: at, Counts: counts})
		} else {
			empty = append(empty, at)
		}
	}
	if len(full) > 0 {
		err := f.tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "shop_id"}, {Name: "grain"}, {Name: "at"}},
			DoUpdates: clause.AssignmentColumns([]string{"counts"}),
		}).Create(&full).Error
		if err != nil {
			return fmt.Errorf("write counts: %w", err)
		}
	}
	if len(empty) > 0 {
		err := f.tx.Where("shop_id = ? AND grain = ? AND at IN ?", f.rollup.ShopID, grain, empty).
			Delete(&models.ActivityBucket{}).Error
		if err != nil {
			return fmt.Errorf("delete counts: %w", err)
		}
	}
	return nil
}
