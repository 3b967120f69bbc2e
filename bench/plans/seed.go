package main

import (
	"context"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// deliveries is how many webhooks the inbox holds; a few are due.
const deliveries = 500_000

// inboxSQL makes deliveries over 30 days, half of them of the big shop. Their ids are UUIDv7s that carry their times.
const inboxSQL = `INSERT INTO deliveries
	(id, shop_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body, status, attempts, due_at,
	 duplicates, duplicates_noted, last_duplicate_at)
	SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(lpad(to_hex(hashint8extended(n, 7)), 16, '0'), 1, 3)
			|| 'a' || substr(lpad(to_hex(hashint8extended(n, 8)), 16, '0'), 1, 15))::uuid,
		CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + n % 1000 END, md5(n::text), md5((n / 2)::text), 'orders/updated',
		'2026-10', at, at, decode(repeat(md5(n::text), 8), 'hex'),
		CASE WHEN n % 4000 = 0 THEN 'PENDING' WHEN n % 100000 = 1 THEN 'PROCESSING' WHEN n % 1000 = 2 THEN 'FAILED' ELSE 'DONE' END,
		1, at, CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END, CASE WHEN n % 50 = 0 AND n % 10000 <> 0 THEN 1 ELSE 0 END,
		CASE WHEN n % 50 = 0 THEN at END
	FROM (SELECT n, date_trunc('milliseconds', now() - interval '30 days' + n * (interval '30 days' / ?)) AS at
		FROM generate_series(1, ?) AS n) AS rows`

// seedInbox fills the inbox, unless it is filled.
func seedInbox(ctx context.Context, db *gorm.DB) error {
	var known int64
	if err := db.WithContext(ctx).Model(&models.Delivery{}).Limit(1).Count(&known).Error; err != nil || known > 0 {
		return err
	}
	if err := db.WithContext(ctx).Exec(inboxSQL, deliveries, deliveries).Error; err != nil {
		return fmt.Errorf("fill the inbox: %w", err)
	}
	return db.WithContext(ctx).Exec("VACUUM ANALYZE deliveries").Error
}
