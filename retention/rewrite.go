package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// busyPause is how long whoever finds a clean-up at work comes again after.
const busyPause = 20 * time.Second

// BusyError says that a clean-up is at the archive, and when to come again.
type BusyError struct{ Until time.Time }

// Error implements error.
func (e *BusyError) Error() string { return "a clean-up is at the archive" }

// Rewrite goes on with what is to be changed in the archive behind a file: it reads the next one, and where an entry in
// it is to be another, writes the file anew under a new name, verifies it, notes it down and removes the old one. What
// was cut short is done again. A file whose entries are in the log, too, is removed: the next clean-up writes it from
// there. It returns the file, or nil after the last one, and how many of its entries were changed.
func (s *Service) Rewrite(ctx context.Context, shop *models.Shop, behind *models.ArchivePart, change func(e *models.Activity) (bool, error)) (*models.ArchivePart, int, error) {
	free, err := s.borrow(ctx, shop)
	if err != nil {
		return nil, 0, err
	}
	part, changed, err := s.rewriteNext(ctx, shop, behind, change)
	if freed := free(context.WithoutCancel(ctx)); err == nil {
		err = freed
	}
	return part, changed, err
}

// borrow keeps clean-ups of the shop away until it is given back.
func (s *Service) borrow(ctx context.Context, shop *models.Shop) (free func(context.Context) error, err error) {
	now := s.now()
	if err := s.plan(ctx, shop, quietTime(shop, now)); err != nil {
		return nil, err
	}
	var row models.CleanUp
	if err := s.DB.WithContext(ctx).Where("shop_id = ?", shop.ID).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("load clean-up: %w", err)
	}
	// One that was begun and is not due has a worker, or rests after a failure. One that waits for its night has none.
	taken := s.DB.WithContext(ctx).Model(&models.CleanUp{}).
		Where("shop_id = ? AND steps = ? AND (run_id IS NULL OR due_at <= ?)", shop.ID, row.Steps, now).
		Updates(map[string]any{"steps": gorm.Expr("steps + 1"), "due_at": now.Add(lease)})
	if taken.Error != nil {
		return nil, fmt.Errorf("borrow the archive: %w", taken.Error)
	}
	if taken.RowsAffected == 0 {
		return nil, &BusyError{now.Add(busyPause)}
	}
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, goodbye)
		defer cancel()
		err := s.DB.WithContext(ctx).Model(&models.CleanUp{}).Where("shop_id = ? AND steps = ?", shop.ID, row.Steps+1).Update("due_at", row.DueAt).Error
		if err != nil {
			return fmt.Errorf("give the archive back: %w", err)
		}
		return nil
	}, nil
}

func (s *Service) rewriteNext(ctx context.Context, shop *models.Shop, behind *models.ArchivePart, change func(e *models.Activity) (bool, error)) (*models.ArchivePart, int, error) {
	query := s.DB.WithContext(ctx).Where("shop_id = ?", shop.ID)
	if behind != nil {
		query = query.Where("(day, part) > (?, ?)", behind.Day, behind.Part)
	}
	var part models.ArchivePart
	found := query.Order("day, part").Limit(1).Find(&part)
	if found.Error != nil {
		return nil, 0, fmt.Errorf("find the next file of the archive: %w", found.Error)
	}
	if found.RowsAffected == 0 {
		return nil, 0, nil
	}
	switch part.State {
	case models.PartPurging:
		return &part, 0, s.leave(ctx, shop, &part)
	case models.PartLeaving:
		// Its entries are being removed from the log by what is in it. That is brought to its end first.
		err := s.DB.WithContext(ctx).Model(&models.CleanUp{}).Where("shop_id = ?", shop.ID).Update("due_at", s.now()).Error
		if err != nil {
			return nil, 0, fmt.Errorf("make clean-up due: %w", err)
		}
		return nil, 0, &BusyError{s.now().Add(busyPause)}
	case models.PartWritten, models.PartLeft:
	}
	entries, changed, err := s.changed(ctx, shop, &part, change)
	if err != nil {
		return nil, 0, err
	}
	if changed == 0 {
		return &part, 0, s.removeOlder(ctx, shop, &part)
	}
	if part.State == models.PartWritten {
		return &part, changed, s.withdraw(ctx, shop, &part)
	}
	return &part, changed, s.writeAnew(ctx, shop, &part, entries)
}

// changed reads a file and changes the entries that are to be others. All of them are in memory: a file is small.
func (s *Service) changed(ctx context.Context, shop *models.Shop, part *models.ArchivePart, change func(e *models.Activity) (bool, error)) ([]models.Activity, int, error) {
	name := nameOf(shop.Domain, part)
	if _, err := s.verify(ctx, name); err != nil {
		return nil, 0, err
	}
	entries, changed := make([]models.Activity, 0, part.Entries), 0
	_, err := s.read(ctx, name, shop.ID, func(e *models.Activity) (bool, error) {
		other, err := change(e)
		if other {
			changed++
		}
		entries = append(entries, *e)
		return true, err
	})
	return entries, changed, err
}

// writeAnew writes a file under its next name. Until it is noted down, the old one counts; from then on the new one.
func (s *Service) writeAnew(ctx context.Context, shop *models.Shop, part *models.ArchivePart, entries []models.Activity) error {
	w, err := s.create(ctx, shop.Domain, part.Day, part.Part, part.Generation+1)
	if err != nil {
		return err
	}
	for i := range entries {
		if err := w.put(&entries[i]); err != nil {
			w.abandon()
			return err
		}
	}
	if err := w.close(); err != nil {
		return err
	}
	if err := s.putManifest(ctx, w.name, w.manifest); err != nil {
		return err
	}
	kept, err := s.verify(ctx, w.name)
	if err != nil {
		return err
	}
	if kept != w.manifest || kept.Entries != part.Entries {
		return errBroken
	}
	next := partOf(shop.ID, part.Day, &kept, s.now())
	noted := s.DB.WithContext(ctx).Model(&models.ArchivePart{}).
		Where("shop_id = ? AND day = ? AND part = ? AND state = ? AND generation = ?", shop.ID, part.Day, part.Part, part.State, part.Generation).
		Updates(map[string]any{
			"generation": part.Generation + 1, "bytes": next.Bytes, "sha256": next.SHA256, "fingerprint": next.Fingerprint, "written_at": next.WrittenAt,
		})
	if noted.Error != nil {
		return fmt.Errorf("note a file of the archive down: %w", noted.Error)
	}
	if noted.RowsAffected == 0 {
		return errLost
	}
	part.Generation++
	return s.removeOlder(ctx, shop, part)
}

// removeOlder removes the file that another one has taken the place of.
func (s *Service) removeOlder(ctx context.Context, shop *models.Shop, part *models.ArchivePart) error {
	if part.Generation == 0 {
		return nil
	}
	return s.removeFile(ctx, fileName(shop.Domain, part.Day, part.Part, part.Generation-1))
}

// withdraw takes a file out of the archive whose entries are in the log, too. While a partition leaves, which would
// count on the file, it waits.
func (s *Service) withdraw(ctx context.Context, shop *models.Shop, part *models.ArchivePart) error {
	err := models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		if models.IsPostgres(tx) {
			if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", dropLock).Error; err != nil {
				return err
			}
		}
		turned := tx.Model(&models.ArchivePart{}).
			Where("shop_id = ? AND day = ? AND part = ? AND state = ?", shop.ID, part.Day, part.Part, models.PartWritten).Update("state", models.PartPurging)
		if turned.Error == nil && turned.RowsAffected == 0 {
			return &BusyError{s.now().Add(time.Second)} // its partition has left meanwhile: it alone has them now
		}
		return turned.Error
	})
	if err != nil {
		return fmt.Errorf("withdraw a file of the archive: %w", err)
	}
	return s.leave(ctx, shop, part)
}

// leave removes a file that is not part of the archive any more, and then what notes it down.
func (s *Service) leave(ctx context.Context, shop *models.Shop, part *models.ArchivePart) error {
	if err := s.removeFile(ctx, nameOf(shop.Domain, part)); err != nil {
		return err
	}
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND day = ? AND part = ? AND state = ?", shop.ID, part.Day, part.Part, models.PartPurging).
		Delete(&models.ArchivePart{}).Error
	if err != nil {
		return fmt.Errorf("forget a file of the archive: %w", err)
	}
	return nil
}

// Each hands over the entries of the next file behind one, as Rewrite does, and changes nothing.
func (s *Service) Each(ctx context.Context, shop *models.Shop, behind *models.ArchivePart, take func(e *models.Activity) error) (*models.ArchivePart, error) {
	query := s.DB.WithContext(ctx).Where("shop_id = ? AND state = ?", shop.ID, models.PartLeft)
	if behind != nil {
		query = query.Where("(day, part) > (?, ?)", behind.Day, behind.Part)
	}
	var part models.ArchivePart
	found := query.Order("day, part").Limit(1).Find(&part)
	if found.Error != nil || found.RowsAffected == 0 {
		return nil, found.Error
	}
	_, err := s.read(ctx, nameOf(shop.Domain, &part), shop.ID, func(e *models.Activity) (bool, error) { return true, take(e) })
	return &part, err
}

// Folder is where the archive's files of a shop are.
func Folder(shop *models.Shop) string { return folder(shop.Domain) }
