package models

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Lock is a lease on a name inside a shop. It ends by itself, so a killed process holds nothing up for long.
type Lock struct {
	ShopID int64  `gorm:"primaryKey;autoIncrement:false"`
	Name   string `gorm:"primaryKey"`
	Owner  string
	Until  time.Time
}

// Acquire takes the lock for the owner, or extends it when the owner has it already. It reports false, without
// waiting, when somebody else has it.
func Acquire(ctx context.Context, db *gorm.DB, shop int64, name, owner string, lease time.Duration) (bool, error) {
	now := Now()
	res := db.WithContext(ctx).Exec(
		`INSERT INTO locks (shop_id, name, owner, until) VALUES (?, ?, ?, ?)
		 ON CONFLICT (shop_id, name) DO UPDATE SET owner = excluded.owner, until = excluded.until
		 WHERE locks.until <= ? OR locks.owner = excluded.owner`,
		shop, name, owner, now.Add(lease), now)
	if res.Error != nil {
		return false, fmt.Errorf("acquire lock %s: %w", name, res.Error)
	}
	return res.RowsAffected == 1, nil
}

// Release gives the lock back, if the owner still has it.
func Release(ctx context.Context, db *gorm.DB, shop int64, name, owner string) error {
	err := db.WithContext(ctx).Where("shop_id = ? AND name = ? AND owner = ?", shop, name, owner).Delete(&Lock{}).Error
	if err != nil {
		return fmt.Errorf("release lock %s: %w", name, err)
	}
	return nil
}

// AcquireMany takes those of the locks that nobody else has, without waiting, and returns their names.
func AcquireMany(ctx context.Context, db *gorm.DB, shop int64, names []string, owner string, lease time.Duration) (map[string]bool, error) {
	taken := make(map[string]bool, len(names))
	if len(names) == 0 {
		return taken, nil
	}
	now := Now()
	// In one order, so that two who take the same locks do not wait for each other.
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	values := make([]string, len(names))
	args := make([]any, 0, 4*len(names)+1)
	for i, name := range names {
		values[i] = "(?, ?, ?, ?)"
		args = append(args, shop, name, owner, now.Add(lease))
	}
	var got []string
	err := db.WithContext(ctx).Raw(
		`INSERT INTO locks (shop_id, name, owner, until) VALUES `+strings.Join(values, ", ")+`
		 ON CONFLICT (shop_id, name) DO UPDATE SET owner = excluded.owner, until = excluded.until
		 WHERE locks.until <= ? OR locks.owner = excluded.owner RETURNING name`,
		append(args, now)...).Scan(&got).Error
	if err != nil {
		return nil, fmt.Errorf("acquire locks: %w", err)
	}
	for _, name := range got {
		taken[name] = true
	}
	return taken, nil
}

// ReleaseMany gives those of the locks back that the owner still has.
func ReleaseMany(ctx context.Context, db *gorm.DB, shop int64, names []string, owner string) error {
	if len(names) == 0 {
		return nil
	}
	err := db.WithContext(ctx).Where("shop_id = ? AND name IN ? AND owner = ?", shop, names, owner).Delete(&Lock{}).Error
	if err != nil {
		return fmt.Errorf("release locks: %w", err)
	}
	return nil
}
