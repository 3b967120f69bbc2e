package app

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// tell delivers one webhook by hand and returns its entry.
func (j *journey) tellTopic(topic, id, body string, at time.Time) models.Activity {
	j.Helper()
	j.deliver(simulator.Delivery{Shop: shopA, Topic: topic, WebhookID: id, Payload: []byte(body), TriggeredAt: at})
	j.settled()
	var d models.Delivery
	j.must(j.app.DB.Where("shop_id = ? AND webhook_id = ?", j.a.ID, id).Take(&d).Error)
	return j.one(j.a, "id = ?", d.ID)
}

func TestTopicsSayWhatHappened(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	begun := models.Now().Add(-time.Minute)
	j.tellTopic("orders/create", "o", `{"id":1042,"name":"#1042","admin_graphql_api_id":"gid://shopify/Order/1042","tags":"","financial_status":"pending","total_price":"42.00"}`, begun)
	for i, test := range []struct {
		topic, body                                  string
		summary, entity, title, status, code, change string
	}{
		{"orders/paid", `{"id":1042,"name":"#1042","admin_graphql_api_id":"gid://shopify/Order/1042","tags":"","financial_status":"paid","total_price":"42.00"}`,
			"Order #1042 paid", "Order", "#1042", "SUCCESS", "", `[{"field":"financial_status","before":"pending","after":"paid"}]`},
		{"orders/cancelled", `{"id":1042,"name":"#1042","admin_graphql_api_id":"gid://shopify/Order/1042","tags":"","cancel_reason":"customer"}`,
			"Order #1042 cancelled", "Order", "#1042", "SUCCESS", "", `[]`},
		{"orders/edited", `{"order_edit":{"order_id":1042,"line_items":{"additions":[{"id":1,"delta":1}],"removals":[{"id":2,"delta":1},{"id":3,"delta":1}]}}}`,
			"Order #1042 edited: 1 line added, 2 lines removed", "Order", "#1042", "SUCCESS", "", `[]`},
		{"order_transactions/create", `{"id":5,"order_id":1042,"kind":"sale","gateway":"visa","status":"success","amount":"42.00","currency":"CAD"}`,
			"Payment of 42.00 CAD for order #1042 succeeded", "Order", "#1042", "SUCCESS", "", `[]`},
		{"order_transactions/create", `{"id":6,"order_id":1042,"kind":"sale","status":"failure","amount":"42.00","currency":"CAD","message":"Do not honour"}`,
			"Payment of 42.00 CAD for order #1042 failed", "Order", "#1042", "WARNING", "PAYMENT_FAILED", `[]`},
		{"refunds/create", `{"id":7,"order_id":1042,"note":"Corked","refund_line_items":[{"id":1}],"transactions":[{"amount":"10.00","currency":"CAD","status":"success"},{"amount":"2.50","currency":"CAD","status":"success"}]}`,
			"Refund of 12.50 CAD for order #1042 (1 line)", "Order", "#1042", "SUCCESS", "", `[]`},
		{"fulfillments/create", `{"id":8,"order_id":1042,"status":"success","shipment_status":null,"tracking_company":"FedEx"}`,
			"Fulfillment of order #1042 created: success", "Order", "#1042", "SUCCESS", "", `[]`},
		{"fulfillments/update", `{"id":8,"order_id":1042,"status":"success","shipment_status":"in_transit"}`,
			"Fulfillment of order #1042 updated: in transit", "Order", "#1042", "SUCCESS", "", `[{"field":"shipment_status","after":"in_transit"}]`},
		{"fulfillments/update", `{"id":8,"order_id":1042,"status":"success","shipment_status":"failure"}`,
			"Fulfillment of order #1042 updated: failure", "Order", "#1042", "WARNING", "FULFILLMENT_FAILED", `[{"field":"shipment_status","before":"in_transit","after":"failure"}]`},
		{"inventory_items/update", `{"id":9,"sku":"GAMAY-1","cost":"7.00","tracked":true,"admin_graphql_api_id":"gid://shopify/InventoryItem/9"}`,
			"Inventory item GAMAY-1 updated", "InventoryItem", "GAMAY-1", "SUCCESS", "", `[]`},
		{"inventory_items/update", `{"id":9,"sku":"GAMAY-1","cost":"7.50","tracked":true,"admin_graphql_api_id":"gid://shopify/InventoryItem/9"}`,
			"Inventory item GAMAY-1 updated", "InventoryItem", "GAMAY-1", "SUCCESS", "", `[{"field":"cost","before":"7.00","after":"7.50"}]`},
		{"inventory_levels/update", `{"inventory_item_id":9,"location_id":1,"available":12}`,
			"Stock of GAMAY-1 is 12", "InventoryItem", "GAMAY-1", "SUCCESS", "", `[]`},
		{"inventory_levels/update", `{"inventory_item_id":9,"location_id":2,"available":3}`,
			"Stock of GAMAY-1 is 3", "InventoryItem", "GAMAY-1", "SUCCESS", "", `[]`},
		{"inventory_levels/update", `{"inventory_item_id":9,"location_id":1,"available":10}`,
			"Stock of GAMAY-1 is 10", "InventoryItem", "GAMAY-1", "SUCCESS", "", `[{"field":"available","before":"12","after":"10"}]`},
		{"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2","status":"completed","errors":[]}`,
			"Customer #2 merged into #1", "Customer", "#1", "SUCCESS", "", `[]`},
		{"app_subscriptions/update", `{"app_subscription":{"admin_graphql_api_id":"gid://shopify/AppSubscription/1","name":"Pro","status":"ACTIVE","price":"10.00"}}`,
			"App subscription Pro is active", "App subscription", "Pro", "SUCCESS", "", `[]`},
		{"app/scopes_update", `{"previous":["read_products"],"current":["read_products","write_products"]}`,
			"The app's permissions changed", "", "", "SUCCESS", "", `[{"field":"scopes","before":["read_products"],"after":["read_products","write_products"]}]`},
		{"bulk_operations/finish", `{"admin_graphql_api_id":"gid://shopify/BulkOperation/147","status":"failed","type":"query","error_code":"ACCESS_DENIED"}`,
			"Bulk query failed", "Bulk operation", "#147", "WARNING", "BULK_OPERATION_FAILED", `[]`},
		{"fulfillments/update", `[1]`, "Fulfillment updated", "", "", "SUCCESS", "", `[]`},
	} {
		e := j.tellTopic(test.topic, "w"+string(rune('a'+i)), test.body, begun.Add(time.Duration(i+1)*time.Second))
		changes, err := json.Marshal(e.Changes)
		j.must(err)
		got := []string{e.Action, e.Summary, pointed(e.EntityType), pointed(e.EntityTitle), string(e.Status), pointed(e.ErrorCode), string(changes)}
		want := []string{"WEBHOOK_RECEIVED", test.summary, test.entity, test.title, test.status, test.code, test.change}
		for k := range want {
			if got[k] != want[k] {
				t.Errorf("%s %s\ngot  %q\nwant %q", test.topic, test.body, got[k], want[k])
			}
		}
	}
}

func pointed(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func TestAnOlderWebhookIsNotComparedWithANewerOne(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	at := models.Now().Add(-time.Minute)
	j.tellTopic("inventory_levels/update", "new", `{"inventory_item_id":9,"location_id":1,"available":5}`, at)
	late := j.tellTopic("inventory_levels/update", "late", `{"inventory_item_id":9,"location_id":1,"available":8}`, at.Add(-time.Second))
	next := j.tellTopic("inventory_levels/update", "next", `{"inventory_item_id":9,"location_id":1,"available":4}`, at.Add(time.Second))
	if len(late.Changes) != 0 {
		t.Errorf("what came late says that it changed %+v", late.Changes)
	}
	if len(next.Changes) != 1 || string(next.Changes[0].Before) != `"5"` {
		t.Errorf("the next one compares with what came late: %+v", next.Changes)
	}
}
