package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// The retention classes, named by the days that they keep entries at most.
const (
	ClassShort int16 = 30
	ClassLong  int16 = 730
)

// daysAhead and monthsAhead are how far partitions are made ahead of time. The worker makes them every hour, so a
// week without a worker still writes into partitions of the right size.
const (
	daysAhead   = 7
	monthsAhead = 2
)

// EnsurePartitions makes the partitions of the entries from the one that holds now on. SQLite has none.
func EnsurePartitions(ctx context.Context, db *gorm.DB, now time.Time) error {
	if !IsPostgres(db) {
		return nil
	}
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	for i := range daysAhead + 1 {
		from := day.AddDate(0, 0, i)
		if err := ensurePartition(ctx, db, ClassShort, from.Format("20060102"), from, from.AddDate(0, 0, 1)); err != nil {
			return err
		}
	}
	month := day.AddDate(0, 0, 1-day.Day())
	for i := range monthsAhead + 1 {
		from := month.AddDate(0, i, 0)
		if err := ensurePartition(ctx, db, ClassLong, from.Format("200601"), from, from.AddDate(0, 1, 0)); err != nil {
			return err
		}
	}
	return nil
}

func ensurePartition(ctx context.Context, db *gorm.DB, class int16, name string, from, to time.Time) error {
	sql := fmt.Sprintf("CREATE TABLE IF NOT EXISTS activities_%d_%s PARTITION OF activities_%d FOR VALUES FROM ('%s') TO ('%s')",
		class, name, class, from.Format(time.RFC3339), to.Format(time.RFC3339))
	err := InTx(ctx, db, func(tx *gorm.DB) error {
		if err := lockMigrations(tx); err != nil {
			return err
		}
		return tx.Exec(sql).Error
	})
	if err != nil {
		return fmt.Errorf("make partition %d_%s: %w", class, name, err)
	}
	return nil
}
