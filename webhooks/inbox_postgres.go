package webhooks

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// insertPostgres takes a list for each column, so that it is one statement, prepared once on each connection, however
// many rows there are.
const insertPostgres = `INSERT INTO deliveries
	(id, shop_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body, status, attempts, due_at,
	 duplicates, duplicates_noted, last_duplicate_at, source_id)
SELECT id::uuid, shop_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body, status, 0, due_at,
	duplicates, 0, last_duplicate_at, source_id::uuid
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
	$8::timestamptz[], $9::bytea[], $10::text[], $11::timestamptz[], $12::integer[], $13::timestamptz[], $14::text[])
	AS r (id, shop_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body, status, due_at,
	duplicates, last_duplicate_at, source_id)
ON CONFLICT (shop_id, webhook_id) DO UPDATE SET
	duplicates = deliveries.duplicates + 1 + excluded.duplicates,
	last_duplicate_at = excluded.received_at
RETURNING id, shop_id, attempts`

// columns are the deliveries' values, a list for each column.
type columns struct {
	ids, webhookIDs, eventIDs, topics, versions, statuses []string
	shopIDs, duplicates                                   []int64
	triggered, received, due                              []time.Time
	bodies                                                [][]byte
	lastDuplicates                                        []*time.Time
	sourceIDs                                             []*string
}

func columnsOf(deliveries []*models.Delivery) *columns {
	c := &columns{}
	for _, d := range deliveries {
		c.ids = append(c.ids, d.ID)
		c.shopIDs = append(c.shopIDs, d.ShopID)
		c.webhookIDs = append(c.webhookIDs, d.WebhookID)
		c.eventIDs = append(c.eventIDs, d.EventID)
		c.topics = append(c.topics, d.Topic)
		c.versions = append(c.versions, d.APIVersion)
		c.triggered = append(c.triggered, d.TriggeredAt)
		c.received = append(c.received, d.ReceivedAt)
		c.bodies = append(c.bodies, d.Body)
		c.statuses = append(c.statuses, string(d.Status))
		c.due = append(c.due, d.DueAt)
		c.duplicates = append(c.duplicates, int64(d.Duplicates))
		c.lastDuplicates = append(c.lastDuplicates, d.LastDuplicateAt)
		c.sourceIDs = append(c.sourceIDs, d.SourceID)
	}
	return c
}

// keepPostgres commits the rows past GORM, which spends more time on building a statement than Postgres on running it.
func keepPostgres(ctx context.Context, db *gorm.DB, deliveries []*models.Delivery) ([]kept, error) {
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("keep webhook: %w", err)
	}
	c := columnsOf(deliveries)
	rows, err := pool.QueryContext(ctx, insertPostgres, c.ids, c.shopIDs, c.webhookIDs, c.eventIDs, c.topics, c.versions,
		c.triggered, c.received, c.bodies, c.statuses, c.due, c.duplicates, c.lastDuplicates, c.sourceIDs)
	if err != nil {
		return nil, fmt.Errorf("keep webhook: %w", err)
	}
	defer rows.Close()
	found := make([]kept, 0, len(deliveries))
	for rows.Next() {
		var k kept
		if err := rows.Scan(&k.id, &k.shop, &k.attempts); err != nil {
			return nil, fmt.Errorf("keep webhook: %w", err)
		}
		found = append(found, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("keep webhook: %w", err)
	}
	return found, nil
}
