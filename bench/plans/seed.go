package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

var (
	// seedDay inserts one day of entries.
	//
	//go:embed seed.sql
	seedDay string
	// seedAgain inserts it again at a later day, which takes a fifth of the time.
	//
	//go:embed seed_again.sql
	seedAgain string
)

const (
	days = 30
	// seedDeliveries is how many webhooks the inbox holds; a few are due.
	seedDeliveries = 500_000
)

// seedID makes a UUIDv7 that carries a time and is the same whenever it is asked for: ours, in SQL.
const seedID = `CREATE FUNCTION seed_id(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
	SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
		|| '7' || substr(lpad(to_hex(hashint8extended(n, 7)), 16, '0'), 1, 3)
		|| 'a' || substr(lpad(to_hex(hashint8extended(n, 8)), 16, '0'), 1, 15))::uuid
$$`

const seedInbox = `INSERT INTO deliveries
	(id, shop_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body, status, attempts, due_at,
	 duplicates, duplicates_noted, last_duplicate_at)
	SELECT seed_id(at, n), CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + n % 1000 END, md5(n::text), md5((n / 2)::text), 'orders/updated',
		'2026-10', at, at, decode(repeat(md5(n::text), 8), 'hex'),
		CASE WHEN n % 4000 = 0 THEN 'PENDING' WHEN n % 100000 = 1 THEN 'PROCESSING' WHEN n % 1000 = 2 THEN 'FAILED' ELSE 'DONE' END,
		1, at, CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END, CASE WHEN n % 50 = 0 AND n % 10000 <> 0 THEN 1 ELSE 0 END,
		CASE WHEN n % 50 = 0 THEN at END
	FROM (SELECT n, date_trunc('milliseconds', $1::timestamptz + n * (interval '30 days' / $2)) AS at
		FROM generate_series(1, $2::bigint) AS n) AS rows`

const seedShops = `INSERT INTO shops (id, domain, gid, name, plan, timezone, currency, scopes, retention_days,
		webhook_body_days, snapshot_days, installed_at, created_at, updated_at)
	SELECT n, 'shop-' || n || '.myshopify.com', 'gid://shopify/Shop/' || n, 'Shop ' || n, 'FREE', 'UTC', 'USD', '', 30,
		30, 90, now(), now(), now()
	FROM generate_series(1, 1001) AS n`

// seed makes the schema as the program makes it, and fills it. The indexes are made after the rows, which takes a
// third of the time.
func seed(ctx context.Context, db *gorm.DB, entries int) error {
	if _, err := models.Migrate(ctx, db); err != nil {
		return err
	}
	today := models.Now().Truncate(24 * time.Hour)
	for day := range days {
		if err := models.EnsurePartitions(ctx, db, today.AddDate(0, 0, -day)); err != nil {
			return err
		}
	}
	indexes, err := dropIndexes(db)
	if err != nil {
		return err
	}
	for _, sql := range []string{seedID, seedShops} {
		if err := db.Exec(sql).Error; err != nil {
			return fmt.Errorf("prepare the seed: %w", err)
		}
	}
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	start := today.AddDate(0, 0, 1-days)
	if _, err := pool.ExecContext(ctx, seedDay, start, entries/days); err != nil {
		return fmt.Errorf("seed the first day: %w", err)
	}
	for day := 1; day < days; day++ {
		if _, err := pool.ExecContext(ctx, seedAgain, day, start); err != nil {
			return fmt.Errorf("seed day %d: %w", day, err)
		}
		fmt.Fprintf(os.Stderr, "day %d of %d\n", day+1, days)
	}
	if _, err := pool.ExecContext(ctx, seedInbox, start, seedDeliveries); err != nil {
		return fmt.Errorf("seed the inbox: %w", err)
	}
	for _, sql := range append(indexes, "VACUUM ANALYZE") {
		if err := db.Exec(sql).Error; err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// dropIndexes drops the log's indexes, except the primary key, and returns how to make them again.
func dropIndexes(db *gorm.DB) ([]string, error) {
	var found []struct{ Indexname, Indexdef string }
	err := db.Raw("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'activities' AND indexname NOT LIKE '%_pkey'").
		Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read indexes: %w", err)
	}
	var made []string
	for _, index := range found {
		if err := db.Exec("DROP INDEX " + index.Indexname).Error; err != nil {
			return nil, fmt.Errorf("drop index: %w", err)
		}
		made = append(made, strings.Replace(index.Indexdef, " ON ONLY ", " ON ", 1))
	}
	return made, nil
}
