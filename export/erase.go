package export

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// Why a file is gone before its time.
const (
	erasedMessage = "Personal data of a customer was erased, so files from before that were removed. Export again: the log has everything else."
	erasedAbout   = "Personal data of a customer was erased, so files from before that were removed."
)

// erasedBecause says of one export why its file is gone: what was made for a person cannot be made again here.
func erasedBecause(row *models.Export) string {
	if row.About != nil {
		return erasedAbout
	}
	return erasedMessage
}

// Withdraw goes on with taking back the files of a shop's exports that were asked for before that time, the oldest
// first, and ends those that are being written. It reports whether there was one; where somebody may still be writing
// one, until when that may be.
func (s *Service) Withdraw(ctx context.Context, shop *models.Shop, before time.Time) (found bool, until *time.Time, err error) {
	var rows []models.Export
	err = s.DB.WithContext(ctx).Where("shop_id = ? AND created_at < ? AND (kept OR finished_at IS NULL)", shop.ID, before).
		Order("created_at, id").Limit(1).Find(&rows).Error
	if err != nil {
		return false, nil, fmt.Errorf("find exports from before: %w", err)
	}
	if len(rows) == 0 {
		return false, nil, nil
	}
	r := &run{Service: s, shop: shop, row: &rows[0]}
	switch {
	case r.row.FinishedAt == nil:
		return true, nil, r.endErased(ctx)
	case r.row.Status == models.ExportCompleted:
		err = s.DB.WithContext(ctx).Model(&models.Export{}).Where("shop_id = ? AND id = ? AND status = ?", shop.ID, r.row.ID, models.ExportCompleted).
			Updates(map[string]any{"status": models.ExportExpired, "error_message": erasedBecause(r.row)}).Error
		if err != nil {
			return false, nil, fmt.Errorf("withdraw export: %w", err)
		}
	case r.row.DueAt.After(models.Now()):
		return true, &r.row.DueAt, nil // a task that has not seen yet that it lost the export may still be writing
	}
	return true, nil, s.remove(ctx, r.row)
}

// endErased ends an export that is being written from what was erased meanwhile.
func (r *run) endErased(ctx context.Context) error {
	err := r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		code, message := "ERASED", erasedMessage
		ended := tx.DB.Model(&models.Export{}).Where("shop_id = ? AND id = ? AND finished_at IS NULL", r.shop.ID, r.row.ID).
			Updates(map[string]any{
				"status": models.ExportFailed, "error_code": code, "error_message": message, "finished_at": models.Now(), "working": false, "kept": true,
			})
		if ended.Error != nil || ended.RowsAffected == 0 {
			return ended.Error
		}
		return r.tell(tx, "", func(e *models.Activity) { e.Status, e.ErrorCode, e.ErrorMessage = models.Failed, &code, &message })
	})
	if err != nil {
		return fmt.Errorf("end export: %w", err)
	}
	r.publish(r.row)
	return nil
}

// Offer gives staff a file that is made already, under the link of an export. Its id is the entry's that tells of it.
func (s *Service) Offer(tx *activity.Tx, shop *models.Shop, row *models.Export) error {
	now := models.Now()
	expires := now.Add(linkLife)
	system := activity.System()
	row.ShopID, row.Format, row.Status, row.Kept = shop.ID, models.ExportJSONL, models.ExportCompleted, true
	row.Filter, row.Columns = []byte("{}"), []string{}
	row.ActorType, row.ActorID, row.ActorName = system.Type, system.ID, system.Name
	row.Rows, row.Bytes = 0, 0
	for _, p := range row.Parts {
		row.Rows += p.Rows
		row.Bytes += p.Bytes
	}
	row.TotalRows = &row.Rows
	row.CreatedAt, row.StartedAt, row.FinishedAt, row.ExpiresAt, row.DueAt = now, &now, &now, &expires, now
	if err := tx.DB.Create(row).Error; err != nil {
		return fmt.Errorf("write export down: %w", err)
	}
	return nil
}

// LinkFor returns the address of an export's file, made out to somebody.
func (s *Service) LinkFor(row *models.Export, madeFor string) string {
	return s.link(row, madeFor, *row.ExpiresAt)
}

// Folder is where the files of an export are.
func Folder(shop int64, id string) string { return folder(&models.Export{ShopID: shop, ID: id}) }
