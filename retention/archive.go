package retention

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// pageEntries is how many entries are read at once.
const pageEntries = 500

// archive takes a shop's whole days that are over into the archive, a file in a step, and removes their entries from
// the log, but for those that leave with their partition. Files whose entries are being removed come first: such a file
// is the only one that has them.
func (r *run) archive(ctx context.Context) (bool, error) {
	var leaving models.ArchivePart
	found := r.DB.WithContext(ctx).Where("shop_id = ? AND state = ?", r.shop.ID, models.PartLeaving).
		Order("day, part").Limit(1).Find(&leaving)
	if found.Error != nil {
		return false, fmt.Errorf("find files whose entries leave: %w", found.Error)
	}
	if found.RowsAffected > 0 {
		return true, r.empty(ctx, &leaving)
	}
	if !r.shop.ArchiveEnabled {
		return false, nil
	}
	day, begun, ok, err := r.nextDay(ctx)
	if err != nil || !ok {
		return false, err
	}
	return true, r.archiveDay(ctx, day, begun)
}

// The cursor of this phase is the day that is at work, in seconds, with a sign behind it: it is being written (+), or
// done with (.).
const (
	dayBegun = "+"
	dayDone  = "."
)

// nextDay is the next day to take, and whether it was begun in this run.
func (r *run) nextDay(ctx context.Context) (day time.Time, begun, ok bool, err error) {
	over := activity.Over{Shop: r.shop.ID, To: dayOf(r.entries), OpenTo: r.open}
	if r.row.Cursor != nil {
		text := *r.row.Cursor
		seconds, err := strconv.ParseInt(text[:len(text)-1], 10, 64)
		if err != nil {
			return day, false, false, fmt.Errorf("read cursor: %w", err)
		}
		day = time.Unix(seconds, 0).UTC()
		if text[len(text)-1:] == dayBegun {
			return day, true, true, nil
		}
		if r.byPartition(r.shop) {
			over.From = day.AddDate(0, 0, 1)
		}
	}
	var oldest []models.Activity
	err = r.DB.WithContext(ctx).Select("occurred_at").Scopes(over.Scope).Order("occurred_at, id").Limit(1).Find(&oldest).Error
	if err != nil {
		return day, false, false, fmt.Errorf("find the oldest entry: %w", err)
	}
	if len(oldest) == 0 {
		return day, false, false, nil
	}
	return dayOf(oldest[0].OccurredAt), false, true, nil
}

func cursorOf(day time.Time, sign string) *string {
	cursor := strconv.FormatInt(day.Unix(), 10) + sign
	return &cursor
}

func (r *run) overOn(day time.Time) activity.Over {
	return activity.Over{Shop: r.shop.ID, From: day, To: day.AddDate(0, 0, 1), OpenTo: r.open}
}

// archiveDay brings a day on by one step. A day that was written in an earlier run, and whose entries have changed
// since, is written again, in the same files: nothing has left the log yet that only they would have.
func (r *run) archiveDay(ctx context.Context, day time.Time, begun bool) error {
	parts, err := r.written(ctx, day)
	if err != nil {
		return err
	}
	same, err := r.matches(ctx, day, parts)
	if err != nil {
		return err
	}
	if same {
		return r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
			row.Cursor = cursorOf(day, dayDone)
			if r.byPartition(r.shop) && day.AddDate(0, 0, 1).After(r.rows) {
				return nil
			}
			return r.turn(tx, day, models.PartWritten, models.PartLeaving)
		})
	}
	if begun {
		wrote, err := r.writePart(ctx, day, parts)
		if err != nil || wrote {
			return err
		}
		// Every entry was written, and some have changed meanwhile.
	}
	return r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
		row.Cursor = cursorOf(day, dayBegun)
		return tx.Where("shop_id = ? AND day = ? AND state = ?", r.shop.ID, day, models.PartWritten).Delete(&models.ArchivePart{}).Error
	})
}

// written are the files of a day whose entries are in the log, too.
func (r *run) written(ctx context.Context, day time.Time) ([]models.ArchivePart, error) {
	var parts []models.ArchivePart
	err := r.DB.WithContext(ctx).Where("shop_id = ? AND day = ? AND state = ?", r.shop.ID, day, models.PartWritten).Order("part").Find(&parts).Error
	if err != nil {
		return nil, fmt.Errorf("load files of the day: %w", err)
	}
	return parts, nil
}

// matches reports whether the files have all entries of the day that are over, as they are.
func (r *run) matches(ctx context.Context, day time.Time, parts []models.ArchivePart) (bool, error) {
	var inLog struct{ Entries, Fingerprint int64 }
	err := r.DB.WithContext(ctx).Model(&models.Activity{}).Scopes(r.overOn(day).Scope).
		Select("count(*) AS entries, coalesce(sum(" + fingerprintSQL(r.DB) + "), 0) AS fingerprint").Scan(&inLog).Error
	if err != nil {
		return false, fmt.Errorf("sum up the entries of a day: %w", err)
	}
	for _, p := range parts {
		inLog.Entries -= int64(p.Entries)
		inLog.Fingerprint -= p.Fingerprint
	}
	return inLog.Entries == 0 && inLog.Fingerprint == 0, nil
}

// fingerprintSQL is what an entry adds to a fingerprint.
func fingerprintSQL(db *gorm.DB) string {
	if models.IsPostgres(db) {
		return fmt.Sprintf("(extract(epoch FROM updated_at) * 1000000)::bigint %% %d", models.FingerprintModulus)
	}
	return fmt.Sprintf("updated_at %% %d", models.FingerprintModulus)
}

// turn gives the files of a day another state.
func (r *run) turn(tx *gorm.DB, day time.Time, from, to models.PartState) error {
	err := tx.Model(&models.ArchivePart{}).Where("shop_id = ? AND day = ? AND state = ?", r.shop.ID, day, from).Update("state", to).Error
	if err != nil {
		return fmt.Errorf("note how far files are: %w", err)
	}
	return nil
}

// writePart writes the entries of a day that come behind the files it has into another one, verifies it and notes it
// down, in that order. It reports whether there were any.
func (r *run) writePart(ctx context.Context, day time.Time, parts []models.ArchivePart) (bool, error) {
	number, err := r.nextPart(ctx, day)
	if err != nil {
		return false, err
	}
	var behind models.Position
	if n := len(parts); n > 0 {
		behind = models.Position{At: parts[n-1].LastAt, ID: parts[n-1].LastID}
	}
	first, err := r.page(ctx, day, behind)
	if err != nil || len(first) == 0 {
		return false, err
	}
	w, err := r.create(ctx, r.shop.Domain, day, number, 0)
	if err != nil {
		return false, err
	}
	if err := r.fill(ctx, w, day, first); err != nil {
		w.abandon()
		return false, err
	}
	if err := w.close(); err != nil {
		return false, err
	}
	if err := r.putManifest(ctx, w.name, w.manifest); err != nil {
		return false, err
	}
	kept, err := r.verify(ctx, w.name)
	if err != nil {
		return false, err
	}
	if kept != w.manifest {
		return false, errBroken
	}
	return true, r.commit(ctx, func(tx *gorm.DB, _ *models.CleanUp) error {
		return tx.Create(partOf(r.shop.ID, day, &kept, r.now())).Error
	})
}

func partOf(shop int64, day time.Time, m *Manifest, now time.Time) *models.ArchivePart {
	return &models.ArchivePart{
		ShopID:      shop,
		Day:         day,
		Part:        m.Part,
		State:       models.PartWritten,
		Entries:     m.Entries,
		Bytes:       m.Bytes,
		SHA256:      m.SHA256,
		Fingerprint: m.Fingerprint,
		FirstAt:     m.FirstAt,
		FirstID:     m.FirstID,
		LastAt:      m.LastAt,
		LastID:      m.LastID,
		WrittenAt:   now,
	}
}

// nextPart is the number of the day's next file. Files that nobody noted down are written over.
func (r *run) nextPart(ctx context.Context, day time.Time) (int, error) {
	var last int
	err := r.DB.WithContext(ctx).Model(&models.ArchivePart{}).Where("shop_id = ? AND day = ?", r.shop.ID, day).
		Select("coalesce(max(part), 0)").Scan(&last).Error
	if err != nil {
		return 0, fmt.Errorf("number the next file: %w", err)
	}
	return last + 1, nil
}

// fill puts the entries into the file, and those that come behind them, until it is full.
func (r *run) fill(ctx context.Context, w *writer, day time.Time, page []models.Activity) error {
	for {
		for i := range page {
			if w.manifest.Entries == r.fileEntries() {
				return nil
			}
			if err := w.put(&page[i]); err != nil {
				return err
			}
		}
		if len(page) < pageEntries {
			return nil
		}
		last := page[len(page)-1]
		var err error
		if page, err = r.page(ctx, day, models.Position{At: last.OccurredAt, ID: last.ID}); err != nil {
			return err
		}
	}
}

// page reads the next entries of a day.
func (r *run) page(ctx context.Context, day time.Time, behind models.Position) ([]models.Activity, error) {
	over := r.overOn(day)
	query := r.DB.WithContext(ctx)
	if behind.ID != "" {
		over.From = behind.At
		query = query.Where("(occurred_at, id) > (?, ?)", behind.At, behind.ID)
	}
	var page []models.Activity
	err := query.Scopes(over.Scope).Order("occurred_at, id").Limit(pageEntries).Find(&page).Error
	if err != nil {
		return nil, fmt.Errorf("read the entries of a day: %w", err)
	}
	return page, nil
}

// empty removes the entries of a file from the log that are still as they are in the file. Others stay, and come into
// another file.
func (r *run) empty(ctx context.Context, part *models.ArchivePart) error {
	name := nameOf(r.shop.Domain, part)
	kept, err := r.verify(ctx, name)
	if err != nil {
		return err
	}
	if kept.SHA256 != part.SHA256 {
		return errBroken
	}
	batch := make([]models.Activity, 0, r.batch())
	remove := func() error {
		if len(batch) == 0 {
			return nil
		}
		defer func() { batch = batch[:0] }()
		return r.commit(ctx, func(tx *gorm.DB, row *models.CleanUp) error {
			gone, err := r.Activity.RemoveThese(tx, r.shop.ID, batch)
			row.Removed.Add(models.KeptEntries, gone)
			return err
		})
	}
	_, err = r.read(ctx, name, r.shop.ID, func(e *models.Activity) (bool, error) {
		if batch = append(batch, *e); len(batch) < r.batch() {
			return true, nil
		}
		return true, remove()
	})
	if err != nil {
		return err
	}
	if err := remove(); err != nil {
		return err
	}
	return r.commit(ctx, func(tx *gorm.DB, _ *models.CleanUp) error {
		left := tx.Model(&models.ArchivePart{}).Where("shop_id = ? AND day = ? AND part = ?", part.ShopID, part.Day, part.Part).
			Update("state", models.PartLeft)
		return left.Error
	})
}

// purge removes the files of the archive that are over, one in a step.
func (r *run) purge(ctx context.Context) (bool, error) {
	var part models.ArchivePart
	query := r.DB.WithContext(ctx).Where("shop_id = ? AND state = ?", r.shop.ID, models.PartPurging)
	if !r.files.IsZero() {
		query = r.DB.WithContext(ctx).Where("shop_id = ? AND (state = ? OR state = ? AND day < ?)",
			r.shop.ID, models.PartPurging, models.PartLeft, r.files.AddDate(0, 0, -1))
	}
	found := query.Order("day, part").Limit(1).Find(&part)
	if found.Error != nil {
		return false, fmt.Errorf("find files that are over: %w", found.Error)
	}
	if found.RowsAffected == 0 {
		return false, nil
	}
	row := func(tx *gorm.DB) *gorm.DB {
		return tx.Where("shop_id = ? AND day = ? AND part = ?", part.ShopID, part.Day, part.Part)
	}
	err := r.commit(ctx, func(tx *gorm.DB, _ *models.CleanUp) error {
		return row(tx.Model(&models.ArchivePart{})).Update("state", models.PartPurging).Error
	})
	if err != nil {
		return false, err
	}
	name := nameOf(r.shop.Domain, &part)
	if err := r.removeFile(ctx, name); err != nil {
		return false, err
	}
	return true, r.commit(ctx, func(tx *gorm.DB, clean *models.CleanUp) error {
		clean.Removed.Add(models.KeptArchive, models.Span{Count: 1, From: part.Day, To: part.Day})
		return row(tx).Delete(&models.ArchivePart{}).Error
	})
}

// removeFile removes a file and its manifest. What is gone already is as it should be.
func (s *Service) removeFile(ctx context.Context, name string) error {
	for _, ending := range []string{dataEnding, manifestEnd} {
		if err := s.Files.Delete(ctx, name+ending); err != nil && !blob.IsMissing(err) {
			return fmt.Errorf("remove a file of the archive: %w", err)
		}
	}
	return nil
}
