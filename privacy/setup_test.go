package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/streams"
)

// office is the room with all that it goes through.
type office struct {
	testing.TB
	*Service
	ctx   context.Context
	store *blob.Bucket
	// tables are those whose rows are a shop's.
	tables []string
}

func setup(tb testing.TB) *office {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	log := slog.New(slog.DiscardHandler)
	hub, work := live.New(rdb, uuid.NewString(), log), queue.New(rdb, uuid.NewString(), log)
	db := modelstest.Open(tb)
	o := &office{TB: tb, ctx: tb.Context()}
	var err error
	o.store, err = blob.Open(o.ctx, "file:"+tb.TempDir())
	o.must(err)
	ledger := &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}
	o.Service = &Service{
		DB:        db,
		Activity:  ledger,
		Retention: &retention.Service{DB: db, Activity: ledger, Queue: work},
		Export:    &export.Service{DB: db, Activity: ledger, Queue: work, Live: hub, Key: []byte("a key of the tests")},
		Streams:   &streams.Service{DB: db, Activity: ledger, Queue: work},
		Notify:    &notify.Service{DB: db, Activity: ledger, Queue: work, Log: log},
		Queue:     work,
		Log:       log,
		Batch:     3,
	}
	o.files(o.store)
	tb.Cleanup(func() {
		work.Close()
		hub.Close()
		_ = o.store.Close()
		_ = rdb.Close()
	})
	return o
}

// files gives every room that store.
func (o *office) files(store *blob.Bucket) {
	o.Files, o.Retention.Files, o.Export.Files = store, store, store
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) create(rows ...any) {
	o.Helper()
	for _, row := range rows {
		o.must(o.DB.WithContext(o.ctx).Create(row).Error)
	}
}

func ptr[T any](value T) *T { return &value }

// What the person of these tests is known by.
const (
	customerID = "gid://shopify/Customer/7001"
	orderID    = "gid://shopify/Order/8001"
)

var needles = []string{"ada quill", "ada@example.org", "17 needle lane"}

// shop is one that keeps something of Ada in every place there is.
func (o *office) shop() *models.Shop {
	o.Helper()
	now := models.Now()
	shop := &models.Shop{Domain: uuid.NewString() + ".myshopify.com", Name: "A shop", Plan: models.PlanPro, Timezone: "UTC", InstalledAt: now, CreatedAt: now, UpdatedAt: now}
	shop.Settings = models.Settings{RetentionDays: 10, WebhookBodyDays: 30, SnapshotDays: 90, ArchiveEnabled: true, NotifyFailures: true, NotifyEmails: []string{"ops@example.com"}}
	o.create(shop)
	entry := func(at time.Time, change func(e *models.Activity)) *models.Activity {
		e := &models.Activity{
			OccurredAt: at, Type: models.UserAction, Action: "SEEN", Status: models.Success, Summary: "Somebody was seen", ActorType: models.ActorSystem,
			ActorName: "Tagtrail", Metadata: json.RawMessage(`{"amount":3}`),
		}
		change(e)
		o.must(o.Activity.Record(o.ctx, shop, e))
		return e
	}
	about := func(e *models.Activity) {
		e.EntityType, e.EntityID, e.EntityTitle, e.Summary = ptr("Customer"), ptr(customerID), ptr("Ada Quill"), "Customer Ada Quill updated"
		e.Evaluations = []models.Evaluation{{Name: "A rule", Conditions: []models.ConditionResult{{Field: "city", Actual: []string{"17 Needle Lane"}}}}}
	}
	named := func(e *models.Activity) {
		e.Summary, e.ActorName = "Refund for ada@example.org", "Ada Quill"
		e.Changes = []models.FieldChange{{Field: "tags", Before: json.RawMessage(`[]`), After: json.RawMessage(`["ada@example.org"]`)}}
	}
	old := now.AddDate(0, 0, -14)
	entry(old, about)
	entry(old.Add(time.Minute), named)
	entry(old.Add(2*time.Minute), func(*models.Activity) {})
	o.must(o.Retention.CleanUp(o.ctx, shop)) // they are in the archive alone
	for range 3 {
		entry(now, about)
	}
	last := entry(now, named)
	failed := entry(now, func(e *models.Activity) {
		e.EntityType, e.EntityID, e.EntityTitle, e.Status = ptr("Order"), ptr(orderID), ptr("#1001"), models.Failed
		e.ErrorMessage = ptr("Ada Quill was refused")
	})
	for i := range 4 {
		o.delivery(shop, "customers/update", fmt.Sprintf(`{"id": 7001, "first_name": "Ada", "last_name": "Quill", "email": "ada@example.org", "default_address": {"address1": "17 Needle Lane", "city": "Rome %d"}}`, i))
	}
	o.delivery(shop, "customers/update", `{"id": 7002, "first_name": "Bob", "last_name": "Marrow", "email": "bob@example.org"}`)
	stream := &models.Stream{ID: models.NewID(now), ShopID: shop.ID, Name: "Elsewhere", Filter: json.RawMessage("{}"), Secret: []byte("sealed"), Enabled: true, DueAt: now, ActorType: models.ActorSystem, CreatedAt: now, UpdatedAt: now}
	o.create(stream)
	body := s2.Encode(nil, []byte(`{"data": {"summary": "Customer Ada Quill updated"}}`))
	delivered, open := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	operation := models.NewID(now)
	o.create(
		&models.StreamMessage{ID: delivered, StreamID: stream.ID, ShopID: shop.ID, Body: body, Events: 1, ActivityIDs: []string{last.ID}, CreatedAt: now, DeliveredAt: &now, ResponseBody: ptr("thanks for Ada Quill")},
		&models.StreamMessage{ID: open, StreamID: stream.ID, ShopID: shop.ID, Body: body, Events: 1, ActivityIDs: []string{failed.ID}, CreatedAt: now},
		&models.Resource{ShopID: shop.ID, ID: customerID, Type: models.Customer, Title: "Ada Quill", ChangedAt: now, DeliveryID: last.ID},
		&models.Resource{ShopID: shop.ID, ID: "gid://shopify/Customer/7002", Type: models.Customer, Title: "Bob Marrow", ChangedAt: now, DeliveryID: last.ID},
		&models.Operation{ID: operation, ShopID: shop.ID, Kind: models.TagAdd, Status: models.OperationCompleted, Resource: models.Customer, Label: "Add a tag to Ada Quill", Input: json.RawMessage(`{"query":"ada@example.org"}`), ActorType: models.ActorStaff, DueAt: now, CreatedAt: now, FinishedAt: &now},
		&models.Snapshot{ID: models.NewID(now), ShopID: shop.ID, CauseID: operation, ResourceID: customerID, ResourceType: models.Customer, ResourceTitle: "Ada Quill", Outcome: models.SnapshotSucceeded, CreatedAt: now, FinishedAt: &now},
		&models.Snapshot{ID: models.NewID(now), ShopID: shop.ID, CauseID: last.ID, RuleID: ptr(uuid.NewString()), ResourceID: customerID, ResourceType: models.Customer, ResourceTitle: "Ada Quill", Outcome: models.SnapshotSucceeded, CreatedAt: now, FinishedAt: &now},
		&models.TagOwner{ShopID: shop.ID, ResourceID: customerID, TagKey: "vip", Tag: "vip", RuleID: uuid.NewString(), ActivityID: last.ID, Since: now},
		&models.Mail{ID: models.NewID(now), ShopID: shop.ID, Name: "one", Subject: "Ada Quill was refused", Recipients: []string{"ops@example.com"}, Status: models.MailPending, DueAt: now.Add(time.Hour), CreatedAt: now},
	)
	o.export(shop)
	return shop
}

func (o *office) delivery(shop *models.Shop, topic, body string) *models.Delivery {
	o.Helper()
	at := models.Now()
	d := &models.Delivery{ID: models.NewID(at), ShopID: shop.ID, WebhookID: uuid.NewString(), Topic: topic, TriggeredAt: at, ReceivedAt: at, Body: s2.Encode(nil, []byte(body)), Status: models.DeliveryDone, DueAt: at}
	o.create(d)
	return d
}

func (o *office) export(shop *models.Shop) {
	o.Helper()
	now := models.Now()
	row := &models.Export{
		ID: models.NewID(now), ShopID: shop.ID, Format: models.ExportCSV, Status: models.ExportCompleted, Filter: json.RawMessage("{}"), Columns: []string{}, ActorType: models.ActorStaff,
		DueAt: now, Kept: true, CreatedAt: now, FinishedAt: &now, ExpiresAt: ptr(now.AddDate(0, 0, 7)),
	}
	row.Parts = []models.ExportPart{{Name: export.Folder(shop.ID, row.ID) + "000001", Rows: 1, Bytes: 9}}
	o.create(row)
	o.must(o.store.WriteAll(o.ctx, row.Parts[0].Name, []byte("Ada Quill"), nil))
}

// asked writes a request down as its webhook does, with its entry.
func (o *office) asked(shop *models.Shop, topic string) *models.PrivacyRequest {
	o.Helper()
	body := `{"customer": {"id": 7001, "email": "ada@example.org"}, "orders_to_redact": [8001], "orders_requested": [8001]}`
	d := o.delivery(shop, topic, body)
	row, err := Asked(topic, []byte(body))
	o.must(err)
	o.must(o.Activity.Commit(o.ctx, shop, func(tx *activity.Tx) error {
		entry := &models.Activity{ID: d.ID, OccurredAt: d.ReceivedAt, Type: models.Webhook, Action: activity.WebhookReceived, Status: models.InProgress, Summary: "Asked", ActorType: models.ActorExternal, ActorName: "Shopify"}
		return errors.Join(tx.Record(entry), o.Ask(tx, shop, d.ID, d.ReceivedAt, row))
	}))
	return row
}

// finish lets other workers go on, each later than the lease of the one before, until the request is done.
func (o *office) finish(id string) *models.PrivacyRequest {
	o.Helper()
	for range 30 {
		var row models.PrivacyRequest
		o.must(o.DB.WithContext(o.ctx).Where("id = ?", id).Take(&row).Error)
		if row.FinishedAt != nil {
			return &row
		}
		past := models.Now().Add(-time.Second)
		o.must(o.DB.WithContext(o.ctx).Model(&models.PrivacyRequest{}).Where("id = ?", id).Update("due_at", past).Error)
		o.must(o.DB.WithContext(o.ctx).Model(&models.CleanUp{}).Where("shop_id = ? AND run_id IS NOT NULL", row.ShopID).Update("due_at", past).Error)
		o.must(o.WorkOn(o.ctx, id))
	}
	o.Fatal("it never ends")
	return nil
}

// traces are what is left of Ada in a shop, in any table or file.
func (o *office) traces(shop *models.Shop) []string {
	o.Helper()
	var found []string
	look := func(where string, raw []byte) {
		for _, needle := range needles {
			if strings.Contains(strings.ToLower(string(raw)), needle) {
				found = append(found, where+": "+needle)
			}
		}
	}
	for _, table := range o.ofShops() {
		var rows []map[string]any
		o.must(o.DB.Table(table).Where("shop_id = ?", shop.ID).Find(&rows).Error)
		for _, row := range rows {
			for column, value := range row {
				raw := fmt.Appendf(nil, "%s", value)
				look(table+"."+column, raw)
				if open, err := s2.Decode(nil, raw); err == nil {
					look(table+"."+column, open)
				}
			}
		}
	}
	for _, key := range o.keys(shop) {
		raw, err := o.store.ReadAll(o.ctx, key)
		o.must(err)
		if strings.HasSuffix(key, ".zst") {
			unzip, err := zstd.NewReader(nil)
			o.must(err)
			raw, err = unzip.DecodeAll(raw, nil)
			o.must(err)
		}
		look(key, raw)
	}
	return found
}

// keys are the files of a shop.
func (o *office) keys(shop *models.Shop) []string {
	o.Helper()
	var keys []string
	files := o.store.List(nil)
	for {
		file, err := files.Next(o.ctx)
		if errors.Is(err, io.EOF) {
			return keys
		}
		o.must(err)
		if strings.Contains(file.Key, shop.Domain) || strings.Contains(file.Key, fmt.Sprintf("exports/%d/", shop.ID)) {
			keys = append(keys, file.Key)
		}
	}
}
