package activity_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// happened is one thing that a wine club's back office tells the log, as docs/logged.md lists them.
type happened struct {
	area    string
	kind    models.ActivityType
	action  string
	status  models.ActivityStatus
	actor   string
	entity  string
	title   string
	changes string
	fails   string
}

// backOffice is every example of the second document: its dashboard's rows, then its table of what is logged.
var backOffice = []happened{
	{"dashboard", models.BackgroundJob, "PROCESS_RELEASE_PAYMENTS", models.Success, "system", "Release", "Spring 2026 Reds", "", ""},
	{"dashboard", models.UserAction, "CONTACT_UPDATED", models.Success, "Riley Park", "Contact", "Alex Chen", `{"phone":["1","2"]}`, ""},
	{"dashboard", models.Webhook, "PAYMENT_SUCCEEDED", models.Success, "Stripe", "Payment", "pi_1", "", ""},
	{"dashboard", models.Webhook, "PAYMENT_FAILED", models.Warning, "Stripe", "Payment", "pi_2", "", "card_declined"},
	{"dashboard", models.BackgroundJob, "SYNC_SQUARE_STOCK", models.Failed, "system", "Integration", "Square", "", "timeout"},

	{"contacts", models.UserAction, "CONTACT_CREATED", models.Success, "Riley Park", "Contact", "Alex Chen", "", ""},
	{"contacts", models.UserAction, "CONTACT_UPDATED", models.Success, "Riley Park", "Contact", "Alex Chen", `{"city":["Bonn","Trier"]}`, ""},
	{"contacts", models.UserAction, "CONTACT_DELETED", models.Success, "Riley Park", "Contact", "Alex Chen", "", ""},
	{"contacts", models.UserAction, "CONTACT_STATUS_CHANGED", models.Success, "Riley Park", "Contact", "Alex Chen", `{"status":["ACTIVE","PAUSED"]}`, ""},
	{"contacts", models.UserAction, "CONTACT_TAGS_CHANGED", models.Success, "Riley Park", "Contact", "Alex Chen", `{"tags":[[],["VIP"]]}`, ""},
	{"contacts", models.UserAction, "CONTACT_MERGED", models.Success, "Riley Park", "Contact", "Alex Chen", "", ""},

	{"releases", models.UserAction, "RELEASE_CREATED", models.Success, "Riley Park", "Release", "Spring 2026 Reds", "", ""},
	{"releases", models.UserAction, "RELEASE_PROMOTED", models.Success, "Riley Park", "Release", "Spring 2026 Reds", `{"status":["DRAFT","PENDING"]}`, ""},
	{"releases", models.UserAction, "RELEASE_CANCELLED", models.Success, "Riley Park", "Release", "Spring 2026 Reds", `{"status":["PENDING","CANCELLED"]}`, ""},
	{"releases", models.BackgroundJob, "RELEASE_PAYMENTS_PROCESSED", models.Warning, "system", "Release", "Spring 2026 Reds", "", "3 of 120 payments failed"},
	{"releases", models.UserAction, "RELEASE_MODIFICATION_ADDED", models.Success, "Riley Park", "Release", "Spring 2026 Reds", `{"bottles":[6,7]}`, ""},

	{"products", models.UserAction, "PRODUCT_CREATED", models.Success, "Riley Park", "Product", "Gamay 2024", "", ""},
	{"products", models.UserAction, "PRODUCT_UPDATED", models.Success, "Riley Park", "Product", "Gamay 2024", `{"price":["19.00","21.00"]}`, ""},
	{"products", models.UserAction, "STOCK_ADJUSTED", models.Success, "Riley Park", "Product", "Gamay 2024", `{"stock":[12,10],"reason":[null,"Broken"]}`, ""},
	{"products", models.BackgroundJob, "PRODUCTS_SYNCED_FROM_SQUARE", models.Success, "Square", "Integration", "Square", "", ""},
	{"products", models.BackgroundJob, "PRODUCTS_SYNCED_FROM_WOOCOMMERCE", models.Success, "WooCommerce", "Integration", "WooCommerce", "", ""},

	{"fulfillments", models.UserAction, "FULFILLMENT_STATUS_CHANGED", models.Success, "Riley Park", "Fulfillment", "#F-7", `{"status":["PACKED","SHIPPED"]}`, ""},
	{"fulfillments", models.Webhook, "SHIPMENT_CREATED", models.Success, "FedEx", "Fulfillment", "#F-7", "", ""},
	{"fulfillments", models.UserAction, "SWAP_APPLIED", models.Success, "Riley Park", "Fulfillment", "#F-7", `{"bottle":["Gamay 2023","Gamay 2024"]}`, ""},

	{"payments", models.BackgroundJob, "CHARGE_ATTEMPTED", models.InProgress, "system", "Payment", "pi_3", "", ""},
	{"payments", models.Webhook, "CHARGE_SUCCEEDED", models.Success, "Stripe", "Payment", "pi_3", "", ""},
	{"payments", models.Webhook, "CHARGE_FAILED", models.Warning, "Stripe", "Payment", "pi_4", "", "insufficient_funds"},
	{"payments", models.UserAction, "PAYMENT_REFUNDED", models.Success, "Riley Park", "Payment", "pi_3", "", ""},

	{"settings", models.UserAction, "ORG_SETTINGS_CHANGED", models.Success, "Riley Park", "Settings", "Organisation", `{"currency":["USD","CAD"]}`, ""},
	{"settings", models.UserAction, "INTEGRATION_CONNECTED", models.Success, "Riley Park", "Integration", "Square", "", ""},
	{"settings", models.UserAction, "INTEGRATION_DISCONNECTED", models.Success, "Riley Park", "Integration", "Square", "", ""},
	{"settings", models.UserAction, "TEAM_CHANGED", models.Success, "Riley Park", "Member", "Sam Doe", `{"role":["STAFF","ADMIN"]}`, ""},

	{"background jobs", models.BackgroundJob, "JOB_QUEUED", models.Pending, "system", "Job", "Nightly sync", "", ""},
	{"background jobs", models.BackgroundJob, "JOB_PROGRESSED", models.InProgress, "system", "Job", "Nightly sync", "", ""},
	{"background jobs", models.BackgroundJob, "JOB_COMPLETED", models.Success, "system", "Job", "Nightly sync", "", ""},

	{"types", models.SystemEvent, "SCHEMA_MIGRATED", models.Success, "system", "System", "Database", "", ""},
	{"types", models.SystemEvent, "CONFIGURATION_CHANGED", models.Success, "system", "System", "Configuration", `{"mode":["test","live"]}`, ""},
	{"types", models.SystemEvent, "CACHE_CLEARED", models.Success, "system", "System", "Cache", "", ""},
}

func (h *happened) input(t *testing.T, i int) *activity.Outside {
	t.Helper()
	key := fmt.Sprint("seed ", i)
	o := &activity.Outside{
		IdempotencyKey: &key,
		Type:           h.kind,
		Action:         h.action,
		Status:         h.status,
		Summary:        h.action + " · " + h.title,
		Entity:         &activity.OutsideEntity{Type: h.entity, ID: fmt.Sprint(h.entity, "-1"), Title: h.title},
		Metadata:       json.RawMessage(`{"recordsProcessed":120}`),
	}
	at := models.Now().Add(-time.Duration(len(backOffice)-i) * time.Minute)
	o.OccurredAt = &at
	o.Actor = &activity.OutsideActor{Type: models.ActorExternal, Name: h.actor}
	if h.changes != "" {
		var fields map[string][2]json.RawMessage
		if err := json.Unmarshal([]byte(h.changes), &fields); err != nil {
			t.Fatal(err)
		}
		for name, pair := range fields {
			o.Changes = append(o.Changes, activity.OutsideChange{Field: name, Before: pair[0], After: pair[1]})
		}
	}
	if h.fails != "" {
		stack := "sync.go:42\nmain.go:7"
		o.Error = &activity.OutsideError{Code: "OUTSIDE", Message: h.fails, Stack: &stack}
	}
	return o
}

// TestBackOfficeOfTheSecondDocument records every example of it and finds each again by the five axes of its filter.
func TestBackOfficeOfTheSecondDocument(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	inputs := make([]*activity.Outside, len(backOffice))
	for i := range backOffice {
		inputs[i] = backOffice[i].input(t, i)
	}
	entries, err := r.s.RecordOutsideBatch(t.Context(), r.shop, r.key, inputs)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range backOffice {
		e := entries[i]
		if e.Type != h.kind || e.Action != h.action || e.Status != h.status || e.ActorName != h.actor || e.Entity().Title != h.title {
			t.Errorf("%s %s is recorded as %+v", h.area, h.action, e.Activity)
		}
		from, to := e.OccurredAt, e.OccurredAt.Add(time.Millisecond)
		list, err := r.s.List(t.Context(), r.shop, &activity.Filter{
			Types:       []models.ActivityType{h.kind},
			Statuses:    []models.ActivityStatus{h.status},
			ActorIDs:    []string{*e.ActorID},
			EntityTypes: []string{h.entity},
			From:        &from,
			To:          &to,
		}, models.Page{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Entries) != 1 || list.Entries[0].ID != e.ID {
			t.Errorf("%s %s is found %d times by type, status, user, entity and date", h.area, h.action, len(list.Entries))
		}
		if (h.fails != "") != (e.ErrorStack != nil) || (h.changes != "") != (len(e.Changes) > 0) {
			t.Errorf("%s %s: changes %v, stack %v", h.area, h.action, e.Changes, e.ErrorStack)
		}
	}
	failing, err := r.s.List(t.Context(), r.shop, &activity.Filter{
		Types: []models.ActivityType{models.BackgroundJob}, Statuses: []models.ActivityStatus{models.Failed},
	}, models.Page{})
	if err != nil || len(failing.Entries) != 1 || failing.Entries[0].Action != "SYNC_SQUARE_STOCK" {
		t.Errorf("failed jobs: %d, %v", len(failing.Entries), err)
	}
	system, err := r.s.List(t.Context(), r.shop, &activity.Filter{Categories: []models.ActivityCategory{models.CategorySystem}}, models.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range system.Entries {
		tabbed := e.Type == models.SystemEvent || e.Type == models.Webhook || slices.Contains([]string{"JOB_QUEUED", "JOB_COMPLETED"}, e.Action)
		if !tabbed {
			t.Errorf("%s is in the tab System", e.Action)
		}
	}
	if len(system.Entries) != 10 {
		t.Errorf("%d entries are in the tab System, want 10", len(system.Entries))
	}
}
