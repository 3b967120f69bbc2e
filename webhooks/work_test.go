package webhooks

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shops"
)

// FuzzShopifyWebhook holds the entry of any body, under any topic, to what both databases keep.
func FuzzShopifyWebhook(f *testing.F) {
	samples, err := filepath.Glob("../app/testdata/webhooks/*.json")
	if err != nil || len(samples) == 0 {
		f.Fatalf("no samples: %v", err)
	}
	for _, path := range samples {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".json"), "__", "/"), string(body))
	}
	f.Add("orders/edited", `{"order_edit":{"order_id":"\u0000","line_items":7}}`)
	f.Add("refunds/create", `{"order_id":1,"transactions":[{"amount":"1e99999999","currency":"CAD"},{"amount":"-","currency":7}]}`)
	db := modelstest.Open(f)
	shop := modelstest.Shop(f, db, "fuzz.myshopify.com", models.PlanFree)
	ledger := &activity.Service{DB: db}
	rooms := &shops.Service{DB: db, Shopify: &shopify.App{ClientID: "fuzz", Secret: "fuzz"}, Activity: ledger, AdminURL: "https://admin.example/{handle}"}
	s := &Service{
		DB:       db,
		Shops:    rooms,
		Rules:    &rules.Service{DB: db, Activity: ledger},
		Change:   &change.Service{DB: db, Shops: rooms, Activity: ledger},
		Activity: ledger,
		Log:      slog.New(slog.DiscardHandler),
	}
	f.Fuzz(func(t *testing.T, topic, body string) {
		if !printable.MatchString(topic) {
			return // the door refuses such a header
		}
		now := models.Now()
		entry, _, err := s.work(t.Context(), &try{
			Delivery: &models.Delivery{
				ID: models.NewID(now), ShopID: shop.ID, WebhookID: "fuzz", Topic: topic, TriggeredAt: now, ReceivedAt: now,
			},
			shop:  shop,
			topic: topicOf(topic),
			body:  []byte(body),
			began: now,
		})
		if err != nil {
			return // it is tried again and then fails, with an entry that says so
		}
		entry.Action = activity.WebhookReceived
		keepableEntry(t, entry)
	})
}
