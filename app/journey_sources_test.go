package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

const (
	stripeSecret   = "whsec_of_the_tests"
	squareSecret   = "a signature key without spaces"
	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// source is a sender that a person of the staff connected.
type source struct{ ID, URL string }

func (j *journey) connect(shop, kind, name, secret string) source {
	j.Helper()
	var got struct {
		SourceSave struct {
			Source     *source
			UserErrors []struct{ Message string }
		}
	}
	j.data(shop, `mutation ($input: SourceInput!) { sourceSave(input: $input) { source { id url } userErrors { message } } }`,
		map[string]any{"input": map[string]any{"kind": kind, "name": name, "secret": secret}}, &got)
	if got.SourceSave.Source == nil {
		j.Fatalf("not connected: %+v", got.SourceSave.UserErrors)
	}
	return *got.SourceSave.Source
}

func macOf(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// byStripe sends as Stripe does.
func (j *journey) byStripe(to source, secret, body string, at time.Time) reply {
	j.Helper()
	seconds := fmt.Sprint(at.Unix())
	signature := hex.EncodeToString(macOf([]byte(secret), seconds+"."+body))
	return j.send(to.URL, []byte(body), http.Header{"Stripe-Signature": {"t=" + seconds + ",v1=" + signature}})
}

func failedPayment(event string) string {
	return `{"id":"` + event + `","object":"event","api_version":"2025-03-31.basil","created":` + fmt.Sprint(time.Now().Unix()-5) + `,"livemode":true,
		"type":"payment_intent.payment_failed","data":{"object":{"id":"pi_1","object":"payment_intent","amount":4200,"amount_received":0,
		"currency":"usd","last_payment_error":{"message":"Your card was declined."}}}}`
}

func TestStripeTellsOfAPaymentThatFailed(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	stripe := j.connect(shopA, "STRIPE", "Stripe", stripeSecret)
	if stripe.URL != j.url+"/webhooks/sources/"+stripe.ID {
		t.Errorf("it is to send to %s", stripe.URL)
	}
	body := failedPayment("evt_1")
	for range 2 { // the second is the same event again
		if r := j.byStripe(stripe, stripeSecret, body, time.Now()); r.status != http.StatusOK {
			t.Fatalf("answered %d %s", r.status, r.body)
		}
	}
	j.settled()
	e := j.one(j.a, "action = 'PAYMENT_FAILED'")
	if e.Type != models.Webhook || e.Status != models.Warning || e.ActorType != models.ActorExternal || *e.ActorID != stripe.ID || e.ActorName != "Stripe" {
		t.Errorf("entry %+v", e)
	}
	if e.Summary != "Payment of 42.00 USD failed" || *e.EntityID != "pi_1" || *e.ErrorMessage != "Stripe says: Your card was declined." || e.Attempts != 1 {
		t.Errorf("entry %+v", e)
	}
	if m := metadata(e); m["webhookId"] != "evt_1" || m["topic"] != "payment_intent.payment_failed" || m["apiVersion"] != "2025-03-31.basil" || m["duplicatesSuppressed"] != 1.0 {
		t.Errorf("metadata %s", e.Metadata)
	}
	if note := e.History[len(e.History)-1].Note; note == nil || !strings.HasPrefix(*note, "Stripe sent this webhook again") {
		t.Errorf("history %+v", e.History)
	}
	var row models.Source
	j.must(j.app.DB.Where("id = ?", stripe.ID).Take(&row).Error)
	if row.Received != 1 || row.LastReceivedAt == nil || row.Refused != 0 {
		t.Errorf("the source counts %+v", row)
	}
}

func TestAWrongSignatureIsCountedAndNotLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	j := setup(t, options{log: &log})
	stripe := j.connect(shopA, "STRIPE", "Stripe", stripeSecret)
	const forged = 40
	for i := range forged {
		if r := j.byStripe(stripe, "whsec_guess", failedPayment(fmt.Sprint("evt_", i)), time.Now()); r.status != http.StatusUnauthorized {
			t.Fatalf("answered %d %s", r.status, r.body)
		}
	}
	if r := j.byStripe(stripe, stripeSecret, failedPayment("evt_old"), time.Now().Add(-time.Hour)); r.status != http.StatusUnauthorized {
		t.Errorf("an hour late: answered %d", r.status)
	}
	var row models.Source
	j.must(j.app.DB.Where("id = ?", stripe.ID).Take(&row).Error)
	if row.Refused == 0 || row.Refused > forged/2 {
		t.Errorf("%d refusals are written at once: each is a write, or none is", row.Refused)
	}
	j.restart(options{log: &log}) // a server that stops writes the rest
	j.ask(shopA, "{ shop { name } }", nil)
	j.must(j.app.DB.Where("id = ?", stripe.ID).Take(&row).Error)
	if row.Refused != forged+1 || row.LastRefusal == nil || !strings.Contains(*row.LastRefusal, "time") || row.LastRefusedAt == nil {
		t.Errorf("%d refused, the last for %v", row.Refused, row.LastRefusal)
	}
	if found := j.entries(j.a, "actor_id = ?", stripe.ID); len(found) > 0 || row.Received != 0 {
		t.Errorf("%d entries of what was refused", len(found))
	}
	var kept int64
	j.must(j.app.DB.Model(&models.Delivery{}).Where("source_id = ?", stripe.ID).Count(&kept).Error)
	if kept > 0 || strings.Contains(log.String(), stripeSecret) {
		t.Errorf("%d deliveries are kept; or the secret is in the log", kept)
	}
}

func TestSquareAndStandardWebhooksSendersAreHeard(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	square := j.connect(shopA, "SQUARE", "Square", strings.ReplaceAll(squareSecret, " ", "-"))
	body := `{"merchant_id":"M","type":"inventory.count.updated","event_id":"e1","created_at":"` + time.Now().UTC().Format(time.RFC3339) + `",
		"data":{"type":"inventory_counts","id":"x","object":{"inventory_counts":[{"catalog_object_id":"C1","location_id":"L1","quantity":"7","state":"IN_STOCK"}]}}}`
	signature := base64.StdEncoding.EncodeToString(macOf([]byte(strings.ReplaceAll(squareSecret, " ", "-")), square.URL+body))
	if r := j.send(square.URL, []byte(body), http.Header{"X-Square-Hmacsha256-Signature": {signature}}); r.status != http.StatusOK {
		t.Errorf("Square was answered %d %s", r.status, r.body)
	}
	cellar := j.connect(shopA, "STANDARD", "Cellar", standardSecret)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(standardSecret, "whsec_"))
	j.must(err)
	body = `{"type":"release.promoted","timestamp":"` + time.Now().UTC().Format(time.RFC3339) + `","data":{"id":"42","title":"Spring 2026 Reds"}}`
	at := fmt.Sprint(time.Now().Unix())
	r := j.send(cellar.URL, []byte(body), http.Header{
		"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {at},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(macOf(key, "msg_1."+at+"."+body))},
	})
	if r.status != http.StatusOK {
		t.Errorf("the cellar was answered %d %s", r.status, r.body)
	}
	j.settled()
	stock := j.one(j.a, "actor_id = ?", square.ID)
	if stock.Action != "STOCK_UPDATED" || stock.Summary != "Stock of C1 is 7" || len(stock.Changes) != 1 {
		t.Errorf("Square's entry %+v", stock)
	}
	release := j.one(j.a, "actor_id = ?", cellar.ID)
	if release.Action != "RELEASE_PROMOTED" || *release.EntityTitle != "Spring 2026 Reds" || *release.EntityType != "Release" || release.ActorName != "Cellar" {
		t.Errorf("the cellar's entry %+v", release)
	}
}

func TestASourceIsConnectedChangedAndDisconnectedInTheLog(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	stripe := j.connect(shopA, "STRIPE", "Stripe", stripeSecret)
	save := func(input map[string]any) string {
		input["id"] = stripe.ID
		return string(j.ask(shopA, `mutation ($input: SourceInput!) { sourceSave(input: $input) { source { name } userErrors { message field } } }`,
			map[string]any{"input": input}).body)
	}
	if answer := save(map[string]any{"kind": "SQUARE", "name": "Stripe"}); !strings.Contains(answer, `"kind"`) {
		t.Errorf("the kind was changed: %s", answer)
	}
	const newSecret = "whsec_another_one"
	if answer := save(map[string]any{"kind": "STRIPE", "name": "Stripe live", "secret": newSecret, "toleranceSeconds": 60}); !strings.Contains(answer, "Stripe live") {
		t.Errorf("not changed: %s", answer)
	}
	save(map[string]any{"kind": "STRIPE", "name": "Stripe live", "toleranceSeconds": 60}) // nothing new
	if r := j.byStripe(stripe, stripeSecret, failedPayment("evt_1"), time.Now()); r.status != http.StatusUnauthorized {
		t.Errorf("the old secret is still good: %d", r.status)
	}
	if r := j.byStripe(stripe, newSecret, failedPayment("evt_1"), time.Now()); r.status != http.StatusOK {
		t.Errorf("the new secret is not: %d", r.status)
	}
	j.settled()
	var deleted struct{ SourceDelete struct{ DeletedID string } }
	j.data(shopA, `mutation ($id: ID!) { sourceDelete(id: $id) { deletedId userErrors { message } } }`, map[string]any{"id": stripe.ID}, &deleted)
	if r := j.byStripe(stripe, newSecret, failedPayment("evt_2"), time.Now()); r.status != http.StatusNotFound {
		t.Errorf("what is disconnected was answered %d", r.status)
	}
	told := j.entries(j.a, "entity_id = ?", stripe.ID)
	var actions []string
	for _, e := range told {
		actions = append(actions, e.Action)
		raw, err := json.Marshal(e)
		j.must(err)
		if e.Type != models.UserAction || e.ActorType != models.ActorStaff || bytes.Contains(raw, []byte("whsec_")) {
			t.Errorf("entry %s", raw)
		}
	}
	if got := strings.Join(actions, " "); got != "INTEGRATION_CONNECTED SETTINGS_CHANGED INTEGRATION_DISCONNECTED" {
		t.Errorf("the log tells %s", got)
	}
	changes, err := json.Marshal(told[1].Changes)
	j.must(err)
	want := `[{"field":"name","before":"Stripe","after":"Stripe live"},{"field":"toleranceSeconds","before":300,"after":60},{"field":"secret","before":"set","after":"set anew"}]`
	if string(changes) != want {
		t.Errorf("changes %s", changes)
	}
	var sources []*models.Source
	if sources, err = j.app.Webhooks.Sources(t.Context(), j.a.ID); err != nil || len(sources) > 0 {
		t.Errorf("%d sources are left, %v", len(sources), err)
	}
}

func TestSourcesThatAreWrongAreNotConnected(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	for field, input := range map[string]map[string]any{
		"name":             {"kind": "STRIPE", "name": " ", "secret": stripeSecret},
		"secret":           {"kind": "STRIPE", "name": "x", "secret": "sk_live_1234"},
		"toleranceSeconds": {"kind": "STRIPE", "name": "x", "secret": stripeSecret, "toleranceSeconds": 5},
	} {
		var got struct {
			SourceSave struct {
				Source     *source
				UserErrors []struct{ Field []string }
			}
		}
		j.data(shopA, `mutation ($input: SourceInput!) { sourceSave(input: $input) { source { id } userErrors { field } } }`, map[string]any{"input": input}, &got)
		if got.SourceSave.Source != nil || len(got.SourceSave.UserErrors) != 1 || got.SourceSave.UserErrors[0].Field[1] != field {
			t.Errorf("%s: %+v", field, got.SourceSave)
		}
	}
	if r := j.send(j.url+"/webhooks/sources/"+models.NewID(models.Now()), []byte("{}"), http.Header{}); r.status != http.StatusNotFound {
		t.Errorf("an address of nobody answers %d", r.status)
	}
	if r := j.send(j.url+"/webhooks/sources/x", []byte("{}"), http.Header{}); r.status != http.StatusNotFound {
		t.Errorf("an address that is no id answers %d", r.status)
	}
}

func TestASourceIsConnectedBeforeItsSecretIsKnown(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	var got struct {
		SourceSave struct {
			Source struct {
				source
				NeedsSecret bool
			}
		}
	}
	save := func(input map[string]any) {
		j.data(shopA, `mutation ($input: SourceInput!) { sourceSave(input: $input) { source { id url needsSecret } userErrors { message } } }`,
			map[string]any{"input": input}, &got)
	}
	save(map[string]any{"kind": "STRIPE", "name": "Stripe"})
	stripe := got.SourceSave.Source.source
	if stripe.ID == "" || !got.SourceSave.Source.NeedsSecret {
		t.Fatalf("connected without a secret: %+v", got.SourceSave)
	}
	for _, guess := range []string{"", stripeSecret} {
		if r := j.byStripe(stripe, guess, failedPayment("evt_early"), time.Now()); r.status != http.StatusUnauthorized {
			t.Errorf("signed with %q before there is a secret: %d", guess, r.status)
		}
	}
	sources, err := j.app.Webhooks.Sources(t.Context(), j.a.ID)
	if err != nil || len(sources) != 1 || sources[0].Refused == 0 || sources[0].LastRefusal == nil || !strings.Contains(*sources[0].LastRefusal, "secret") {
		t.Errorf("refusals are kept as %+v, %v", sources, err)
	}
	save(map[string]any{"id": stripe.ID, "kind": "STRIPE", "name": "Stripe", "secret": stripeSecret})
	if got.SourceSave.Source.NeedsSecret {
		t.Error("the secret is not kept")
	}
	if r := j.byStripe(stripe, stripeSecret, failedPayment("evt_late"), time.Now()); r.status != http.StatusOK {
		t.Errorf("signed with the secret: %d", r.status)
	}
}
