package chain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// sealBytes and sealAfter are how much of links waits for a block, and how long: about five hundred links.
	sealBytes = 16 << 10
	sealAfter = 10 * time.Second
	// takeBytes and takeRows bound what is sealed in one transaction.
	takeBytes = 512 << 10
	takeRows  = 2_000
)

// Seal puts what waits into blocks, of the shops where enough waits, or waited long enough. A shop's chain is added to by
// one process at a time; one that another process is at is left to it.
func (s *Service) Seal(ctx context.Context) error {
	var waiting []int64
	query := s.DB.WithContext(ctx).Model(&models.ChainPending{}).Group("shop_id").Order("shop_id")
	if !s.Eager {
		now := s.now() // a time from beyond it is of nobody's clock
		query = query.Having("sum(length(links)) >= ? OR min(at) <= ? OR max(at) > ?", sealBytes, now.Add(-sealAfter), now.Add(sealAfter))
	}
	if err := query.Pluck("shop_id", &waiting).Error; err != nil {
		return fmt.Errorf("find links that wait: %w", err)
	}
	var failed []error // one shop's trouble is its own
	for _, shop := range waiting {
		for more := true; more; {
			var err error
			if more, err = s.sealSome(ctx, shop); err != nil {
				failed = append(failed, fmt.Errorf("seal the chain of shop %d: %w", shop, err))
			}
		}
	}
	return errors.Join(failed...)
}

// sealSome puts some of what waits into blocks, in one transaction, and reports whether there is more.
func (s *Service) sealSome(ctx context.Context, shop int64) (more bool, err error) {
	err = models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		end, err := lockChain(tx, shop)
		if err != nil || end == nil {
			return err
		}
		var rows []models.ChainPending
		if rows, more, err = takePending(tx, shop); err != nil || len(rows) == 0 {
			return err
		}
		now := s.now()
		var blocks []*models.ChainBlock
		for _, c := range s.contents(rows, now) {
			blocks = append(blocks, end.add(s.Key, c, now))
		}
		return tx.CreateInBatches(blocks, 20).Error
	})
	return more && err == nil, err
}

// lockChain locks a shop's chain for this transaction alone to add to, and returns where it ends; nil where another
// process is at it.
func lockChain(tx *gorm.DB, shop int64) (*chained, error) {
	row := &models.Chain{ShopID: shop, CheckpointedAt: always}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error; err != nil {
		return nil, fmt.Errorf("begin chain: %w", err)
	}
	query := tx.Where("shop_id = ?", shop)
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var locked []models.Chain
	if err := query.Find(&locked).Error; err != nil || len(locked) == 0 {
		return nil, err
	}
	end := &chained{shop: shop, head: models.ChainBlock{CoversFrom: always, TrimmedBefore: always}}
	var last []models.ChainBlock
	err := tx.Omit("links").Where("shop_id = ?", shop).Order("number DESC").Limit(1).Find(&last).Error
	if err != nil {
		return nil, fmt.Errorf("load the end of the chain: %w", err)
	}
	if len(last) > 0 {
		end.head = last[0]
	}
	return end, nil
}

// takePending takes away the oldest of what waits, as much as one transaction may seal.
func takePending(tx *gorm.DB, shop int64) (rows []models.ChainPending, more bool, err error) {
	var sizes []struct {
		ID   int64
		Size int
	}
	err = tx.Model(&models.ChainPending{}).Select("id", "length(links) AS size").Where("shop_id = ?", shop).
		Order("id").Limit(takeRows).Scan(&sizes).Error
	if err != nil || len(sizes) == 0 {
		return nil, false, err
	}
	n, size := 0, 0
	for n < len(sizes) && size < takeBytes {
		size += sizes[n].Size
		n++
	}
	// One statement sees them: who changed an entry after another one comes after it.
	err = tx.Clauses(clause.Returning{}).Where("shop_id = ? AND id <= ?", shop, sizes[n-1].ID).Delete(&rows).Error
	if err != nil {
		return nil, false, fmt.Errorf("take links that wait: %w", err)
	}
	slices.SortFunc(rows, func(a, b models.ChainPending) int { return cmp.Compare(a.ID, b.ID) })
	return rows, n < len(sizes) || len(sizes) == takeRows, nil
}

// contents sorts links into blocks, one for each day of entries, so that few blocks are read for a day. Whatever is done
// to one entry stays in order. What was dropped comes last: it is about what was recorded before.
func (s *Service) contents(rows []models.ChainPending, now time.Time) []*content {
	days, drops := map[time.Time]*content{}, map[time.Time]*content{}
	for i := range rows {
		if err := sortInto(days, drops, s.Key, &rows[i]); err != nil {
			c := contentOf(days, now)
			c.put(rows[i].At, refused, nil)
			c.block.Refused++
		}
	}
	var all []*content
	for _, some := range []map[time.Time]*content{days, drops} {
		for _, day := range slices.SortedFunc(maps.Keys(some), time.Time.Compare) {
			all = append(all, some[day])
		}
	}
	return all
}

var errNotOurs = errors.New("the links are not of our making")

func contentOf(in map[time.Time]*content, at time.Time) *content {
	c := in[dayOf(at)]
	if c == nil {
		c = newContent(at)
		in[dayOf(at)] = c
	}
	return c
}

// sortInto sorts the links of one transaction into the days that they are about.
func sortInto(days, drops map[time.Time]*content, key *activity.Key, row *models.ChainPending) error {
	if !key.Genuine(row) {
		return errNotOurs
	}
	parts, order := map[*content][]byte{}, []*content(nil)
	err := activity.ReadLinks(row.Links, func(l *activity.Link) error {
		in := days
		if l.Kind == activity.LinkDropped {
			in = drops
		}
		c := contentOf(in, l.At())
		if parts[c] == nil {
			order = append(order, c)
		}
		parts[c] = l.Append(parts[c])
		c.count(l)
		return nil
	})
	for _, c := range order {
		c.put(row.At, genuine, parts[c])
	}
	return err
}
