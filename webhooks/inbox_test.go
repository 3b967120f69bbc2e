package webhooks_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/tagtrail/tagtrail/webhooks"
	"gorm.io/gorm"
)

const (
	domain = "inbox.myshopify.com"
	secret = "hush"
)

func setup(t *testing.T) (*webhooks.Service, *gorm.DB) {
	t.Helper()
	db := modelstest.Open(t)
	modelstest.Shop(t, db, domain, models.PlanFree)
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	nudges := queue.New(rdb, "inbox", slog.New(slog.DiscardHandler))
	t.Cleanup(nudges.Close)
	s := &webhooks.Service{
		DB:    db,
		Shops: &shops.Service{DB: db, Shopify: &shopify.App{ClientID: "inbox", Secret: secret}},
		Queue: nudges,
		Log:   slog.New(slog.DiscardHandler),
	}
	s.Start()
	t.Cleanup(s.Stop)
	return s, db
}

func receive(t *testing.T, s *webhooks.Service, id, raw string) error {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(raw))
	header := http.Header{}
	header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	header.Set("X-Shopify-Topic", "orders/create")
	header.Set("X-Shopify-Shop-Domain", domain)
	header.Set("X-Shopify-Api-Version", "2026-10")
	header.Set("X-Shopify-Webhook-Id", id)
	header.Set("X-Shopify-Triggered-At", "2026-11-01T12:00:00.123456Z")
	return s.Receive(t.Context(), header, []byte(raw))
}

func TestWhatArrivesTogetherIsKeptOnceAndCounted(t *testing.T) {
	t.Parallel()
	s, db := setup(t)
	const others, times = 40, 5
	var sending sync.WaitGroup
	for i := range others + times {
		id, raw := fmt.Sprintf("other-%d", i), fmt.Sprintf(`{"id":%d}`, i)
		if i >= others {
			id, raw = "doubled", `{"id":1}`
		}
		sending.Go(func() {
			if err := receive(t, s, id, raw); err != nil {
				t.Errorf("receive %s: %v", id, err)
			}
		})
	}
	sending.Wait()
	var rows []models.Delivery
	if err := db.Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	if len(rows) != others+1 {
		t.Fatalf("%d rows are kept, want %d", len(rows), others+1)
	}
	for _, d := range rows {
		duplicates, raw := 0, ""
		if d.WebhookID == "doubled" {
			duplicates, raw = times-1, `{"id":1}`
		}
		if d.Duplicates != duplicates || (d.LastDuplicateAt != nil) != (duplicates > 0) {
			t.Errorf("%s has %d duplicates, the last at %v, want %d", d.WebhookID, d.Duplicates, d.LastDuplicateAt, duplicates)
		}
		if d.Status != models.DeliveryPending || d.Attempts != 0 || !d.DueAt.Equal(d.ReceivedAt) || d.EventID != "" {
			t.Errorf("%s is kept as %+v", d.WebhookID, d)
		}
		if at := d.TriggeredAt.UTC().Format("15:04:05.000000"); at != "12:00:00.123456" {
			t.Errorf("%s was triggered at %s, want the time of the header", d.WebhookID, at)
		}
		body, err := webhooks.Body(&d)
		if err != nil || (raw != "" && string(body) != raw) {
			t.Errorf("the body of %s is %q, %v", d.WebhookID, body, err)
		}
	}
}
