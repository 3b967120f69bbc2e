package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// ErrBusy says that a worker is at the shop's clean-up already.
var ErrBusy = errors.New("a worker is at it")

// CleanUp cleans up a shop from begin to end, whatever the hour. It goes on where a run was begun.
func (s *Service) CleanUp(ctx context.Context, shop *models.Shop) error {
	if err := s.plan(ctx, shop, s.now()); err != nil {
		return err
	}
	// One that waits for its night, or for another try, is due now. One that a worker is at has a lease.
	err := s.DB.WithContext(ctx).Model(&models.CleanUp{}).Where("shop_id = ? AND run_id IS NULL", shop.ID).
		Update("due_at", s.now().Add(-time.Microsecond)).Error
	if err != nil {
		return fmt.Errorf("make clean-up due: %w", err)
	}
	r, err := s.claim(ctx, shop.ID)
	if err != nil {
		return err
	}
	if r == nil {
		return ErrBusy
	}
	return r.work(ctx)
}

// Over counts what a clean-up of the shop would remove now, by kind, and changes nothing. Entries that leave with their
// partition are counted once they are over.
func (s *Service) Over(ctx context.Context, shop *models.Shop) (map[models.Kept]int64, error) {
	p := s.periodsOf(shop, s.now())
	entries := activity.Over{Shop: shop.ID, To: p.entries, OpenTo: p.open}
	if shop.ArchiveEnabled {
		entries.To = dayOf(p.entries)
	}
	found := map[models.Kept]int64{}
	err := models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		for kind, query := range map[models.Kept]*gorm.DB{
			models.KeptEntries: tx.Model(&models.Activity{}).Scopes(entries.Scope),
			models.KeptBodies: tx.Model(&models.Delivery{}).
				Where("shop_id = ? AND received_at < ? AND length(body) > 0 AND status IN ?", shop.ID, p.bodies, settled),
			models.KeptSnapshots: tx.Model(&models.Snapshot{}).Where("shop_id = ? AND created_at < ?", shop.ID, p.snapshots),
			models.KeptDeliveries: tx.Model(&models.Delivery{}).
				Where("shop_id = ? AND received_at < ? AND status IN ?", shop.ID, earlier(p.rows, p.deliveries), settled),
			models.KeptOperations: tx.Model(&models.Operation{}).
				Where("shop_id = ? AND created_at < ? AND finished_at < ?", shop.ID, p.rows, p.snapshots),
		} {
			var n int64
			if err := query.Count(&n).Error; err != nil {
				return fmt.Errorf("count %s that are over: %w", kind, err)
			}
			found[kind] = n
		}
		if p.files.IsZero() {
			return nil
		}
		var n int64
		err := tx.Model(&models.ArchivePart{}).
			Where("shop_id = ? AND state = ? AND day < ?", shop.ID, models.PartLeft, p.files.AddDate(0, 0, -1)).Count(&n).Error
		found[models.KeptArchive] = n
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
