package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// removeEntries removes entries of a shop without an archive that are over and do not wait for their partition.
func (r *run) removeEntries(ctx context.Context) (bool, error) {
	if r.shop.ArchiveEnabled {
		return false, nil
	}
	var gone models.Span
	err := r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
		var err error
		gone, err = r.Activity.Remove(tx, activity.Over{Shop: r.shop.ID, To: r.rows, OpenTo: r.open}, r.batch())
		row.Removed.Add(models.KeptEntries, gone)
		return err
	})
	return gone.Count > 0, err
}

// moveEntries brings the entries of a shop whose class has changed into it, once nobody writes into the other one.
func (r *run) moveEntries(ctx context.Context) (more bool, err error) {
	if r.shop.ClassSince != nil && r.row.BeganAt.Before(r.shop.ClassSince.Add(models.ClassChangeAfter)) {
		return false, nil
	}
	err = r.commit(ctx, func(tx *gorm.DB, _ *models.CleanUp) error {
		more, err = r.Activity.Move(tx, r.shop, r.batch())
		return err
	})
	return more, err
}

// horizon is the time before which the shop has no entries: what belongs to older ones leads nowhere.
func (r *run) horizon(tx *gorm.DB) time.Time {
	oldest, ok, err := r.Activity.Oldest(tx, r.shop.ID)
	if err != nil {
		_ = tx.AddError(err) // the next statement fails with it
	}
	if !ok || oldest.After(r.entries) {
		return r.entries
	}
	return oldest
}

func (r *run) removeTags(ctx context.Context) (more bool, err error) {
	err = r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
		before, after := r.horizon(tx), ""
		if row.Cursor != nil {
			after = *row.Cursor
		}
		after, more, err = r.Activity.RemoveTags(tx, r.shop.ID, before, after, r.batch())
		row.Cursor = &after
		return err
	})
	return more, err
}

// aged are rows that leave by age: id and a time.
type aged struct {
	ID string
	At time.Time
}

// leave removes, in one step, the oldest rows that a query finds. does takes their ids away.
func (r *run) leave(ctx context.Context, kind models.Kept, find func(tx *gorm.DB) *gorm.DB, does func(tx *gorm.DB, ids []string) *gorm.DB) (bool, error) {
	found := 0
	err := r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
		var rows []aged
		if err := find(tx).Limit(r.batch()).Scan(&rows).Error; err != nil {
			return fmt.Errorf("find %s that are over: %w", kind, err)
		}
		if found = len(rows); found == 0 {
			return nil
		}
		ids := make([]string, found)
		for i := range rows {
			ids[i] = rows[i].ID
		}
		gone := does(tx, ids)
		if gone.Error != nil {
			return fmt.Errorf("remove %s: %w", kind, gone.Error)
		}
		row.Removed.Add(kind, models.Span{Count: gone.RowsAffected, From: rows[0].At, To: rows[found-1].At})
		if gone.RowsAffected == 0 {
			found = 0 // somebody is at them
		}
		return nil
	})
	return found == r.batch(), err
}

// settled are deliveries of which nothing more is to come.
var settled = []models.DeliveryStatus{models.DeliveryDone, models.DeliveryFailed}

func (r *run) removeBodies(ctx context.Context) (bool, error) {
	return r.leave(ctx, models.KeptBodies,
		func(tx *gorm.DB) *gorm.DB {
			return tx.Model(&models.Delivery{}).Select("id", "received_at AS at").Order("received_at").
				Where("shop_id = ? AND received_at < ? AND length(body) > 0 AND status IN ?", r.shop.ID, r.bodies, settled)
		},
		func(tx *gorm.DB, ids []string) *gorm.DB {
			return tx.Model(&models.Delivery{}).Where("shop_id = ? AND id IN ? AND status IN ?", r.shop.ID, ids, settled).Update("body", []byte{})
		})
}

// removeSnapshots removes snapshots that nothing can be taken back from any more. Those of an operation leave together,
// when its own time is over; those that somebody is at, never.
func (r *run) removeSnapshots(ctx context.Context) (bool, error) {
	return r.leave(ctx, models.KeptSnapshots,
		func(tx *gorm.DB) *gorm.DB {
			return tx.Model(&models.Snapshot{}).Select("id", "created_at AS at").Order("created_at").
				Where("shop_id = ? AND created_at < ? AND (finished_at IS NULL OR finished_at < ?)", r.shop.ID, r.snapshots, r.snapshots).
				Where("NOT EXISTS (SELECT 1 FROM operations WHERE operations.id = cause_id AND (finished_at IS NULL OR finished_at >= ?))", r.snapshots).
				Where("NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = cause_id AND deliveries.status NOT IN ?)", settled)
		},
		func(tx *gorm.DB, ids []string) *gorm.DB {
			return tx.Where("shop_id = ? AND id IN ?", r.shop.ID, ids).Delete(&models.Snapshot{})
		})
}

// removeDeliveries removes what is known of webhooks whose entry has left.
func (r *run) removeDeliveries(ctx context.Context) (bool, error) {
	return r.leave(ctx, models.KeptDeliveries,
		func(tx *gorm.DB) *gorm.DB {
			return tx.Model(&models.Delivery{}).Select("id", "received_at AS at").Order("received_at").
				Where("shop_id = ? AND received_at < ? AND status IN ? AND duplicates <= duplicates_noted",
					r.shop.ID, earlier(r.horizon(tx), r.deliveries), settled)
		},
		func(tx *gorm.DB, ids []string) *gorm.DB {
			return tx.Where("shop_id = ? AND id IN ? AND status IN ?", r.shop.ID, ids, settled).Delete(&models.Delivery{})
		})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// removeRetries removes retries of many failures whose entry has left.
func (r *run) removeRetries(ctx context.Context) (bool, error) {
	return r.leave(ctx, models.KeptOperations,
		func(tx *gorm.DB) *gorm.DB {
			return tx.Model(&models.RetryJob{}).Select("id", "created_at AS at").Order("created_at").
				Where("shop_id = ? AND created_at < ? AND finished_at IS NOT NULL", r.shop.ID, r.horizon(tx))
		},
		func(tx *gorm.DB, ids []string) *gorm.DB {
			return tx.Where("shop_id = ? AND id IN ?", r.shop.ID, ids).Delete(&models.RetryJob{})
		})
}

// removeOperations removes an operation whose entry and whose snapshots have left, with the counts of its scan and its
// bulk operations. It takes one step for each operation, and more where a scan found many tags.
func (r *run) removeOperations(ctx context.Context) (more bool, err error) {
	err = r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
		var op models.Operation
		found := tx.Select("id", "created_at").Order("created_at, id").Limit(1).
			Where("shop_id = ? AND created_at < ? AND finished_at < ?", r.shop.ID, r.horizon(tx), r.snapshots).
			Where("NOT EXISTS (SELECT 1 FROM snapshots WHERE snapshots.shop_id = operations.shop_id AND cause_id = operations.id)").Find(&op)
		if more = found.RowsAffected > 0; found.Error != nil || !more {
			return found.Error
		}
		some := tx.Model(&models.ScannedTag{}).Select("tag").Where("shop_id = ? AND operation_id = ?", r.shop.ID, op.ID).Limit(r.batch())
		tags := tx.Where("shop_id = ? AND operation_id = ? AND tag IN (?)", r.shop.ID, op.ID, some).Delete(&models.ScannedTag{})
		if tags.Error != nil || tags.RowsAffected == int64(r.batch()) {
			return tags.Error // it has more
		}
		if err := tx.Where("shop_id = ? AND operation_id = ?", r.shop.ID, op.ID).Delete(&models.OperationBulk{}).Error; err != nil {
			return err
		}
		row.Removed.Add(models.KeptOperations, models.Span{Count: 1, From: op.CreatedAt, To: op.CreatedAt})
		return tx.Where("shop_id = ? AND id = ?", r.shop.ID, op.ID).Delete(&models.Operation{}).Error
	})
	return more, err
}

// spacePages is how many pages of a SQLite file are given back in one step.
const spacePages = 2000

// giveSpaceBack makes a SQLite file smaller by pages that are free, where it was made for it (docs/adr/0013).
func (r *run) giveSpaceBack(ctx context.Context) (bool, error) {
	if models.IsPostgres(r.DB) {
		return false, nil
	}
	return models.GiveSpaceBack(ctx, r.DB, spacePages)
}
