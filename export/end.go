package export

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
)

// Cancel stops an export. What is written of it goes.
func (s *Service) Cancel(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*Export, error) {
	row, err := s.row(ctx, shop, id)
	if err != nil {
		return nil, err
	}
	r := &run{Service: s, shop: shop, row: row}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		now := models.Now()
		res := tx.DB.Model(&models.Export{}).Where("shop_id = ? AND id = ? AND finished_at IS NULL", shop.ID, id).
			Updates(map[string]any{"status": models.ExportCancelled, "finished_at": now})
		if res.Error != nil {
			return fmt.Errorf("cancel export: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Invalid, "It has ended already, so there is nothing to cancel.")
		}
		return r.tell(tx, "Cancelled by "+actor.Name, func(e *models.Activity) { e.Status = models.Warning })
	})
	if err != nil {
		return nil, err
	}
	s.publish(row)
	return s.Get(ctx, shop, actor, id)
}

// Renew makes the link of an export good for seven more days from now. Links that were made before end as they say.
func (s *Service) Renew(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*Export, error) {
	row, err := s.row(ctx, shop, id)
	if err != nil {
		return nil, err
	}
	r := &run{Service: s, shop: shop, row: row}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		now := models.Now()
		res := tx.DB.Model(&models.Export{}).
			Where("shop_id = ? AND id = ? AND status = ? AND expires_at > ?", shop.ID, id, models.ExportCompleted, now).
			Update("expires_at", now.Add(linkLife))
		if res.Error != nil {
			return fmt.Errorf("renew export: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Invalid, "It has no file whose link could be renewed. Export again.")
		}
		return r.tell(tx, "Link renewed by "+actor.Name, func(*models.Activity) {})
	})
	if err != nil {
		return nil, err
	}
	s.publish(row)
	return s.Get(ctx, shop, actor, id)
}

// Expire ends the exports whose time is over, and takes the files away of those that have ended so, failed or were
// cancelled. The row comes first: a link is refused before its file is gone.
func (s *Service) Expire(ctx context.Context) error {
	now := models.Now()
	err := s.DB.WithContext(ctx).Model(&models.Export{}).
		Where("kept AND finished_at IS NOT NULL AND status = ? AND expires_at <= ?", models.ExportCompleted, now).
		Update("status", models.ExportExpired).Error
	if err != nil {
		return fmt.Errorf("end exports: %w", err)
	}
	var over []models.Export
	// A task that has not seen yet that it lost the export may still be writing.
	err = s.DB.WithContext(ctx).Where("kept AND finished_at IS NOT NULL AND status <> ? AND due_at <= ?", models.ExportCompleted, now).
		Order("finished_at").Limit(sweepLimit).Find(&over).Error
	if err != nil {
		return fmt.Errorf("find exports that ended: %w", err)
	}
	for i := range over {
		if err := s.remove(ctx, &over[i]); err != nil {
			return err
		}
	}
	return nil
}

// remove takes the files of an export away, also those of lost tasks.
func (s *Service) remove(ctx context.Context, row *models.Export) error {
	files := s.Files.List(&blob.ListOptions{Prefix: folder(row)})
	for {
		file, err := files.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("list files of export: %w", err)
		}
		if err := s.Files.Delete(ctx, file.Key); err != nil && !blob.IsMissing(err) {
			return fmt.Errorf("delete file of export: %w", err)
		}
	}
	err := s.DB.WithContext(ctx).Model(&models.Export{}).Where("id = ?", row.ID).Updates(map[string]any{"kept": false, "parts": "[]"}).Error
	if err != nil {
		return fmt.Errorf("save export: %w", err)
	}
	s.publish(row)
	return nil
}

// mailLink writes the mail with the link, where somebody asked for it. It is rather sent twice than lost: somebody
// waits for it.
func (r *run) mailLink(tx *activity.Tx) error {
	if r.row.Email == nil {
		return nil
	}
	letter := &mail.Letter{
		Heading:    "Your export is ready: " + entries(r.row.Rows),
		Paragraphs: []string{r.row.ActorName + " asked for this part of the activity log. The link is good for seven days, for whoever has it: do not pass it on."},
		Facts: []mail.Fact{
			{Name: "Entries", Value: selected(r.row.Filter, r.shop.Zone())},
			{Name: "Format", Value: formatName(r.row.Format) + ", " + size(r.row.Bytes)},
			{Name: "As of", Value: moment(r.row.CreatedAt, r.shop.Zone())},
			{Name: "Ends", Value: moment(*r.row.ExpiresAt, r.shop.Zone())},
		},
		Button: &mail.Button{Text: "Download", URL: r.link(r.row, "the mail about it", *r.row.ExpiresAt)},
		Why:    "You get this because your address was given for the export. Each download is noted in the log.",
	}
	_, err := r.Notify.Post(tx.DB, r.shop, "export "+r.row.ID, []string{*r.row.Email}, false, "["+r.shop.Name+"] "+letter.Heading, letter)
	return err
}
