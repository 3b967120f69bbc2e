package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// GiveSpaceBack makes a SQLite file smaller by up to so many free pages, and reports whether there are more. A file
// that was made before files were made for it keeps its pages; Compact changes that.
func GiveSpaceBack(ctx context.Context, db *gorm.DB, pages int) (more bool, err error) {
	err = InTx(ctx, db, func(tx *gorm.DB) error {
		var before, after int
		if err := tx.Raw("PRAGMA freelist_count").Scan(&before).Error; err != nil || before == 0 {
			return err
		}
		if err := tx.Exec(fmt.Sprintf("PRAGMA incremental_vacuum(%d)", pages)).Error; err != nil {
			return err
		}
		if err := tx.Raw("PRAGMA freelist_count").Scan(&after).Error; err != nil {
			return err
		}
		more = after > 0 && after < before
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("give space back: %w", err)
	}
	return more, nil
}

// Compact writes a SQLite file anew, without what is free in it and so that space is given back from then on. Nobody
// else may use it meanwhile. What finds entries by their words refers to rows by numbers that are given anew.
func Compact(ctx context.Context, db *gorm.DB) error {
	if IsPostgres(db) {
		return nil
	}
	for _, statement := range []string{
		"PRAGMA auto_vacuum = incremental", "VACUUM", "INSERT INTO activity_words(activity_words) VALUES ('rebuild')", "PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if err := db.WithContext(ctx).Exec(statement).Error; err != nil {
			return fmt.Errorf("compact the database: %w", err)
		}
	}
	return nil
}
