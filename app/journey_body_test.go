package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// exchange is a webhook as the API shows it.
type exchange struct {
	Sender, Topic, WebhookID string
	Attempts, Duplicates     int
	NextTryAt                *string
	Request                  *struct {
		Headers  map[string]string
		Body     string
		Bytes    int
		Redacted []string
	}
	Response struct {
		Status int
		Body   string
	}
}

// exchangeAs asks for an entry's webhook as a person of the staff.
func (j *journey) exchangeAs(person, id string) exchange {
	j.Helper()
	token, err := j.sim.SessionToken(shopA, person)
	j.must(err)
	r := j.post(j.url+"/graphql", `query($id: ID!) { activity(id: $id) { delivery { sender topic webhookId attempts duplicates nextTryAt
		request { headers body bytes redacted } response { status body } } } }`,
		map[string]any{"id": id}, http.Header{"Authorization": {"Bearer " + token}})
	var answer struct {
		Data struct{ Activity struct{ Delivery exchange } }
	}
	if err := json.Unmarshal(r.body, &answer); err != nil || strings.Contains(string(r.body), `"errors"`) {
		j.Fatalf("%s: %s", err, r.body)
	}
	return answer.Data.Activity.Delivery
}

func TestAWebhookIsShownWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	body := `{"id": 9007199254740993, "admin_graphql_api_id": "gid://shopify/Order/9007199254740993", "name": "#1042",
		"email": "jo@example.com", "total_price": "12.50", "tags": "", "cart_token": "c1-abcdef", "token": "0123456789",
		"customer": {"id": 7, "first_name": "Jo", "state": "enabled"}, "order_status_url": "https://x.example/authenticate?key=abc"}`
	j.deliver(simulator.Delivery{Shop: shopA, Topic: "orders/create", WebhookID: "shown", Raw: &body})
	j.settled()
	entry := j.one(j.a, "type = 'WEBHOOK'")

	x := j.exchangeAs("Riley Park", entry.ID)
	if x.Sender != "Shopify" || x.Topic != "orders/create" || x.WebhookID != "shown" || x.Attempts != 1 || x.NextTryAt != nil || x.Response.Status != 200 {
		t.Errorf("the exchange: %+v", x)
	}
	if h := x.Request.Headers; h["X-Shopify-Hmac-Sha256"] != "[hidden]" || h["X-Shopify-Shop-Domain"] != shopA || h["X-Shopify-Topic"] != "orders/create" {
		t.Errorf("the headers: %v", h)
	}
	for _, shown := range []string{"9007199254740993", `"12.50"`, "jo@example.com", `"Jo"`, "\n  \"name\": \"#1042\""} {
		if !strings.Contains(x.Request.Body, shown) {
			t.Errorf("%s is not shown to who sees customers:\n%s", shown, x.Request.Body)
		}
	}
	for _, secret := range []string{"c1-abcdef", "0123456789", "key=abc"} {
		if strings.Contains(x.Request.Body, secret) {
			t.Errorf("%s is shown:\n%s", secret, x.Request.Body)
		}
	}
	if got := strings.Join(x.Request.Redacted, " "); got != "cart_token token order_status_url" || x.Request.Bytes != len(body) {
		t.Errorf("left out: %s of %d bytes", got, x.Request.Bytes)
	}

	// Sam may not read customers.
	x = j.exchangeAs("Sam Okafor", entry.ID)
	if strings.Contains(x.Request.Body, "jo@") || strings.Contains(x.Request.Body, `"Jo"`) || !strings.Contains(x.Request.Body, `"enabled"`) {
		t.Errorf("Sam is shown:\n%s", x.Request.Body)
	}
	if got := strings.Join(x.Request.Redacted, " "); got != "email cart_token token customer.first_name order_status_url" {
		t.Errorf("left out for Sam: %s", got)
	}

	// The body's time is over.
	j.must(j.app.DB.Model(&models.Delivery{}).Where("id = ?", entry.ID).Update("body", []byte{}).Error)
	if x = j.exchangeAs("Riley Park", entry.ID); x.Request != nil || x.Topic != "orders/create" {
		t.Errorf("without its body: %+v", x)
	}
}

func TestWhatAPersonMayDoIsAskedOnceADay(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	asked := func() int {
		n := 0
		for _, e := range j.sim.Log() {
			if e.Kind == "token" && e.Shop == shopA {
				n++
			}
		}
		return n
	}
	person := func() *models.Staff {
		var found models.Staff
		j.must(j.app.DB.Where("shop_id = ?", j.a.ID).Take(&found).Error)
		return &found
	}
	visit := func() { j.data(shopA, `{ shop { domain } }`, nil, &struct{}{}) }
	visit()
	before := asked()
	visit()
	if n := asked(); n != before {
		t.Errorf("asked %d times more on the same day", n-before)
	}
	if p := person(); !p.May("read_customers") || p.May("read_themes") {
		t.Errorf("the person may %q", p.Scopes)
	}
	yesterday := models.Now().Add(-25 * time.Hour)
	outdate := func() {
		j.must(j.app.DB.Model(&models.Staff{}).Where("shop_id = ?", j.a.ID).Updates(map[string]any{"asked_at": yesterday, "scopes": "read_products"}).Error)
	}
	outdate()
	visit()
	if n := asked(); n != before+1 || !person().May("read_customers") {
		t.Errorf("asked %d times on the next day, the person may %q", n-before, person().Scopes)
	}
	// Shopify does not answer: what was known holds, and it is not asked with every request.
	outdate()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "access_token"}))
	visit()
	before = asked()
	visit()
	if n := asked(); n != before || person().May("read_customers") {
		t.Errorf("asked %d times more while Shopify is away, the person may %q", n-before, person().Scopes)
	}
}
