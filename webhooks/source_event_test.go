package webhooks

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/models"
)

// entryFrom makes the entry of a source's event as Process does.
func entryFrom(kind models.SourceKind, body string) *models.Activity {
	s := signed{kind: kind, raw: []byte(body), now: noon, header: headers("webhook-id", "msg_1")}
	e := s.envelope()
	t := &try{
		Delivery: &models.Delivery{Topic: e.name, WebhookID: "source:" + e.id, TriggeredAt: e.at},
		source:   &models.Source{ID: "source", Kind: kind, Name: "Sender"},
		body:     []byte(body),
		began:    noon,
	}
	entry, _, err := (&Service{}).fromSource(t)
	if err != nil {
		panic(err)
	}
	return entry
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func TestSourceEventsSayWhatHappened(t *testing.T) {
	t.Parallel()
	stripe := func(name, object, before string) string {
		return `{"id":"evt_1","object":"event","api_version":"2025-03-31.basil","created":1793534400,"livemode":true,"type":"` + name +
			`","data":{"object":` + object + before + `}}`
	}
	square := func(name, object string) string {
		return `{"merchant_id":"M","type":"` + name + `","event_id":"e1","created_at":"2026-11-01T11:59:00Z","data":{"type":"x","id":"X1","object":` + object + `}}`
	}
	for _, test := range []struct {
		kind                                          models.SourceKind
		body                                          string
		action, summary, entity, url, status, message string
	}{
		{models.SourceStripe, stripe("payment_intent.succeeded", `{"id":"pi_1","object":"payment_intent","amount":4200,"amount_received":4200,"currency":"usd","status":"succeeded"}`, ""),
			"PAYMENT_SUCCEEDED", "Payment of 42.00 USD succeeded", "Payment pi_1", "https://dashboard.stripe.com/payments/pi_1", "SUCCESS", ""},
		{models.SourceStripe, stripe("payment_intent.payment_failed", `{"id":"pi_1","object":"payment_intent","amount":4200,"amount_received":0,"currency":"usd","last_payment_error":{"message":"Your card was declined."}}`, ""),
			"PAYMENT_FAILED", "Payment of 42.00 USD failed", "Payment pi_1", "https://dashboard.stripe.com/payments/pi_1", "WARNING", "Stripe says: Your card was declined."},
		{models.SourceStripe, strings.Replace(stripe("charge.refunded", `{"id":"ch_1","object":"charge","payment_intent":"pi_1","amount":500,"amount_refunded":200,"currency":"jpy"}`, ""), `"livemode":true`, `"livemode":false`, 1),
			"PAYMENT_REFUNDED", "Charge of 200 JPY refunded", "Payment pi_1", "https://dashboard.stripe.com/test/payments/pi_1", "SUCCESS", ""},
		{models.SourceStripe, stripe("refund.failed", `{"id":"re_1","object":"refund","charge":"ch_1","amount":5,"currency":"kwd","failure_reason":"expired_or_canceled_card"}`, ""),
			"REFUND_FAILED", "Refund of 0.005 KWD failed", "Payment ch_1", "https://dashboard.stripe.com/payments/ch_1", "WARNING", "Stripe says: expired_or_canceled_card"},
		{models.SourceStripe, stripe("customer.created", `{"id":"cus_1","object":"customer","name":"Alex Chen","email":"alex@example.com"}`, ""),
			"CUSTOMER_CREATED", "Customer Alex Chen created", "Customer cus_1", "https://dashboard.stripe.com/customers/cus_1", "SUCCESS", ""},
		{models.SourceStripe, stripe("invoice.payment_failed", `{"id":"in_1","object":"invoice","number":"A-7","amount_due":500,"amount_paid":0,"currency":"ugx"}`, ""),
			"INVOICE_PAYMENT_FAILED", "Payment of invoice A-7 of 5.00 UGX failed", "Invoice in_1", "https://dashboard.stripe.com/invoices/in_1", "WARNING", "Stripe does not say why. Open it in Stripe's dashboard."},
		{models.SourceStripe, stripe("payout.paid", `{"id":"po_1","object":"payout","amount":1,"currency":"eur"}`, ""),
			"PAYOUT_PAID", "payout.paid · po_1", "payout po_1", "", "SUCCESS", ""},
		{models.SourceStripe, stripe("payout.failed", `{"id":"po_1","object":"payout"}`, ""),
			"PAYOUT_FAILED", "payout.failed · po_1", "payout po_1", "", "WARNING", "The sender reports payout.failed. Look at the record there."},

		{models.SourceSquare, square("payment.updated", `{"payment":{"id":"p1","status":"COMPLETED","amount_money":{"amount":1999,"currency":"CAD"},"receipt_url":"https://squareup.com/receipt/preview/p1"}}`),
			"PAYMENT_SUCCEEDED", "Payment of 19.99 CAD succeeded", "Payment p1", "https://squareup.com/receipt/preview/p1", "SUCCESS", ""},
		{models.SourceSquare, square("payment.updated", `{"payment":{"id":"p1","status":"FAILED","amount_money":{"amount":1999,"currency":"CAD"},"card_details":{"errors":[{"code":"CVV_FAILURE","detail":"Authorization error: 'CVV_FAILURE'"}]}}}`),
			"PAYMENT_FAILED", "Payment of 19.99 CAD failed", "Payment p1", "", "WARNING", "Square says: Authorization error: 'CVV_FAILURE'"},
		{models.SourceSquare, square("refund.created", `{"refund":{"id":"r1","payment_id":"p1","status":"PENDING","amount_money":{"amount":100,"currency":"JPY"}}}`),
			"REFUND_CREATED", "Refund of 100 JPY pending", "Payment p1", "", "SUCCESS", ""},
		{models.SourceSquare, square("inventory.count.updated", `{"inventory_counts":[{"catalog_object_id":"C1","location_id":"L1","quantity":"7","state":"IN_STOCK"}]}`),
			"STOCK_UPDATED", "Stock of C1 is 7", "Catalog item C1", "", "SUCCESS", ""},
		{models.SourceSquare, square("order.fulfillment.updated", `{"order_fulfillment_updated":{"order_id":"o1","fulfillment_update":[{"old_state":"PROPOSED","new_state":"PREPARED"}]}}`),
			"ORDER_FULFILLMENT_UPDATED", "Order o1 fulfillment changed", "Order o1", "", "SUCCESS", ""},
		{models.SourceSquare, square("customer.deleted", `{"customer":{"given_name":"Alex","family_name":"Chen"}}`),
			"CUSTOMER_DELETED", "Customer Alex Chen deleted", "Customer X1", "", "SUCCESS", ""},
		{models.SourceSquare, square("labor.shift.created", `{}`), "LABOR_SHIFT_CREATED", "labor.shift.created · X1", "x X1", "", "SUCCESS", ""},

		{models.SourceStandard, `{"type":"release.created","timestamp":"2026-11-01T11:59:00Z","data":{"id":42,"title":"Spring 2026 Reds","url":"https://cellar.example/releases/42"}}`,
			"RELEASE_CREATED", "release.created · Spring 2026 Reds", "Release 42", "https://cellar.example/releases/42", "SUCCESS", ""},
		{models.SourceStandard, `{"type":"shipment.delivery_failed","data":{"id":"s1","url":"javascript:alert(1)","error":{"message":"Nobody was at home."}}}`,
			"SHIPMENT_DELIVERY_FAILED", "shipment.delivery_failed · s1", "Shipment s1", "", "WARNING", "Nobody was at home."},
		{models.SourceStandard, `{"type":"ping"}`, "PING", "ping", "", "", "SUCCESS", ""},
		{models.SourceStandard, `[1]`, "UNKNOWN", "Sender sent something that cannot be read", "", "", "FAILED", "The body is not a JSON object, although the source signed it. Nothing was done."},
	} {
		e := entryFrom(test.kind, test.body)
		entity := strings.TrimSpace(textOf(e.EntityType) + " " + textOf(e.EntityID))
		got := []string{e.Action, e.Summary, entity, textOf(e.EntityURL), string(e.Status), textOf(e.ErrorMessage)}
		want := []string{test.action, test.summary, test.entity, test.url, test.status, test.message}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s\ngot  %q\nwant %q", test.body, got[i], want[i])
			}
		}
	}
}

func TestSourceChangesTellNoMoreThanStripeSaysAndNothingPersonal(t *testing.T) {
	t.Parallel()
	e := entryFrom(models.SourceStripe, `{"id":"evt_1","type":"customer.subscription.updated","data":{
		"object":{"id":"sub_1","object":"subscription","status":"past_due","email":"new@example.com","plan":{"amount":200,"id":"p2","nickname":"x"}},
		"previous_attributes":{"status":"active","email":"old@example.com","plan":{"amount":100,"id":"p1"}}}}`)
	raw, err := json.Marshal(e.Changes)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"field":"email","before":"(not kept)","after":"(not kept)"},` +
		`{"field":"plan","before":{"amount":100,"id":"p1"},"after":{"amount":200,"id":"p2"}},` +
		`{"field":"status","before":"active","after":"past_due"}]`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

// FuzzSourceEvent holds the entry of anything that was signed to what both databases keep.
func FuzzSourceEvent(f *testing.F) {
	f.Add(`{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","amount":-1,"currency":"usd"},"previous_attributes":{"a":1e999}}}`)
	f.Add(`{"type":"inventory.count.updated","data":{"object":{"inventory_counts":[{"quantity":"1"},7]}}}`)
	f.Add("{\"type\":\"a.b\",\"data\":{\"id\":\"\\u0000\",\"url\":\"https://\\u0000\"}}")
	f.Add(`{"type":{},"data":[]}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, kind := range []models.SourceKind{models.SourceStripe, models.SourceSquare, models.SourceStandard} {
			keepableEntry(t, entryFrom(kind, body))
		}
	})
}

// keepableEntry fails the test where a database would refuse the entry.
func keepableEntry(t *testing.T, e *models.Activity) {
	t.Helper()
	texts := []string{
		e.Action, e.Summary, textOf(e.EntityType), textOf(e.EntityID), textOf(e.EntityTitle), textOf(e.EntityURL),
		textOf(e.ErrorCode), textOf(e.ErrorMessage), string(e.Metadata),
	}
	changes, err := json.Marshal(e.Changes)
	if err != nil {
		t.Fatalf("the changes cannot be encoded: %v", err)
	}
	for _, text := range append(texts, string(changes)) {
		if strings.ContainsRune(text, 0) || strings.Contains(text, `\u0000`) && !strings.Contains(text, `\\u0000`) || !utf8.ValidString(text) {
			t.Errorf("%q cannot be kept", text)
		}
	}
	if e.Action == "" || e.Summary == "" || e.Status == "" || len(e.Changes) > maxChanges {
		t.Errorf("the entry says too little or too much: %+v", e)
	}
}
