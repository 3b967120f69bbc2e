package simulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inbox is an app that takes webhooks. It answers with the statuses it was given, then 200.
type inbox struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	got      []received
	arrived  chan struct{}
}

type received struct {
	topic  string
	header http.Header
	body   []byte
}

func newInbox(t *testing.T, statuses ...int) *inbox {
	t.Helper()
	b := &inbox{statuses: statuses, arrived: make(chan struct{}, 1)}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, received{r.Header.Get("X-Shopify-Topic"), r.Header, body})
	select {
	case b.arrived <- struct{}{}:
	default:
	}
	if len(b.statuses) > 0 {
		w.WriteHeader(b.statuses[0])
		b.statuses = b.statuses[1:]
	}
}

func (b *inbox) all() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received{}, b.got...)
}

const subscribeDoc = `mutation($topic: WebhookSubscriptionTopic!, $in: WebhookSubscriptionInput!) {
	webhookSubscriptionCreate(topic: $topic, webhookSubscription: $in) { webhookSubscription { id topic uri } userErrors { field message } } }`

func (l *lab) subscribe(in map[string]any, topics ...string) {
	l.t.Helper()
	was := l.token
	l.asApp()
	for _, topic := range topics {
		a := l.gql(subscribeDoc, map[string]any{"topic": topic, "in": in})
		if dig(a.Data, "webhookSubscriptionCreate", "webhookSubscription", "id") == nil {
			l.t.Fatalf("subscribe to %s: %v %v", topic, a.Errors, a.Data)
		}
	}
	l.token = was
}

func (l *lab) idle() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := l.WaitIdle(ctx); err != nil {
		l.t.Fatalf("deliveries did not end: %v", err)
	}
}

var allTopics = []string{
	"PRODUCTS_CREATE", "PRODUCTS_UPDATE", "PRODUCTS_DELETE", "CUSTOMERS_CREATE", "CUSTOMERS_UPDATE", "CUSTOMERS_DELETE",
	"CUSTOMER_TAGS_ADDED", "CUSTOMER_TAGS_REMOVED", "CUSTOMERS_PURCHASING_SUMMARY", "ORDERS_CREATE", "ORDERS_UPDATED",
	"ORDERS_DELETE", "ORDERS_PAID", "ORDERS_CANCELLED", "ORDERS_FULFILLED", "ORDER_TRANSACTIONS_CREATE",
	"FULFILLMENTS_CREATE", "INVENTORY_LEVELS_UPDATE", "APP_UNINSTALLED",
}

func TestEachDeliveryIsSignedOverItsRawBody(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{ClientSecret: "hush"})
	l.subscribe(map[string]any{"uri": b.URL, "name": "main"}, "PRODUCTS_CREATE")
	l.gql(`mutation { productCreate(product: {title: "Été <Reserve>"}) { product { id } } }`, nil)
	l.idle()
	got := b.all()
	if len(got) != 1 {
		t.Fatalf("got %d deliveries, want 1", len(got))
	}
	m := hmac.New(sha256.New, []byte("hush"))
	m.Write(got[0].body)
	h := got[0].header
	if want := base64.StdEncoding.EncodeToString(m.Sum(nil)); h.Get("X-Shopify-Hmac-Sha256") != want {
		t.Errorf("signature is %s, want %s", h.Get("X-Shopify-Hmac-Sha256"), want)
	}
	for name, want := range map[string]string{
		"X-Shopify-Topic": "products/create", "X-Shopify-Shop-Domain": l.shop.Domain,
		"X-Shopify-Api-Version": "2026-10", "X-Shopify-Name": "main",
	} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.Get(name), want)
		}
	}
	if h.Get("X-Shopify-Webhook-Id") == "" || h.Get("X-Shopify-Event-Id") == "" {
		t.Error("an id is missing")
	}
	if _, err := time.Parse(time.RFC3339Nano, h.Get("X-Shopify-Triggered-At")); err != nil {
		t.Error(err)
	}
}

func TestAFailedDeliveryIsRetriedWithTheSameIDAndBody(t *testing.T) {
	t.Parallel()
	b := newInbox(t, 500, 302, 404)
	l := setup(t, Options{RetryWaits: []time.Duration{1, 1, 1, 1}})
	l.subscribe(map[string]any{"uri": b.URL}, "PRODUCTS_CREATE")
	l.gql(`mutation { productCreate(product: {title: "Cork"}) { product { id } } }`, nil)
	l.idle()
	got := b.all()
	if len(got) != 4 {
		t.Fatalf("got %d deliveries, want 4", len(got))
	}
	for _, g := range got {
		if g.header.Get("X-Shopify-Webhook-Id") != got[0].header.Get("X-Shopify-Webhook-Id") || string(g.body) != string(got[0].body) {
			t.Error("a retry is another webhook")
		}
	}
}

func TestTheLastFailedRetryDeletesTheSubscription(t *testing.T) {
	t.Parallel()
	b := newInbox(t, 500, 500, 500)
	l := setup(t, Options{RetryWaits: []time.Duration{1, 1}})
	l.subscribe(map[string]any{"uri": b.URL}, "PRODUCTS_CREATE")
	l.gql(`mutation { productCreate(product: {title: "Cork"}) { product { id } } }`, nil)
	l.idle()
	l.asApp()
	if n := dig(l.gql(`{ webhookSubscriptionsCount { count } }`, nil).Data, "webhookSubscriptionsCount", "count"); n != 0.0 {
		t.Errorf("there are %v subscriptions, want none", n)
	}
}

func TestOneActionSharesOneEventID(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{})
	l.place("gid://shopify/Customer/77", []any{"old"}, "Ada Lovelace")
	l.subscribe(map[string]any{"uri": b.URL}, allTopics...)
	l.gql(`mutation { customerUpdate(input: {id: "gid://shopify/Customer/77", tags: ["new"]}) { customer { id } } }`, nil)
	l.idle()
	events, ids := map[string]bool{}, map[string]bool{}
	var topics []string
	for _, g := range b.all() {
		events[g.header.Get("X-Shopify-Event-Id")] = true
		ids[g.header.Get("X-Shopify-Webhook-Id")] = true
		topics = append(topics, g.topic)
	}
	sort.Strings(topics)
	if want := []string{"customer.tags_added", "customer.tags_removed", "customers/update"}; !cmp.Equal(topics, want) {
		t.Errorf("topics are %v, want %v", topics, want)
	}
	if len(events) != 1 || len(ids) != 3 {
		t.Errorf("%d event ids and %d webhook ids, want 1 and 3", len(events), len(ids))
	}
}

func TestAddingATagThatIsThereSendsNothing(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{})
	l.place("gid://shopify/Product/7", []any{"Red"}, "Cork")
	l.subscribe(map[string]any{"uri": b.URL}, allTopics...)
	l.gql(addTags, map[string]any{"id": "gid://shopify/Product/7", "tags": []string{"red"}})
	l.idle()
	if n := len(b.all()); n != 0 {
		t.Errorf("%d webhooks were sent, want none", n)
	}
}

// TestPayloadsHaveTheKeysAndTypesOfTheSamples makes every kind of change and compares.
func TestPayloadsHaveTheKeysAndTypesOfTheSamples(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{Products: 5, Customers: 3, Orders: 3})
	l.subscribe(map[string]any{"uri": b.URL}, allTopics...)
	product := l.shop.products.list[0].gid()
	l.gql(`mutation { productCreate(product: {title: "Cork", tags: ["a"]}) { product { id } } }`, nil)
	l.gql(`mutation($id: ID!) { productDelete(input: {id: $id}) { deletedProductId } }`, map[string]any{"id": product})
	a := l.gql(`mutation { customerCreate(input: {email: "ada@example.com", firstName: "Ada", tags: ["x"], addresses: [{address1: "1 Vine Street", city: "Paris", countryCode: FR}]}) { customer { id } } }`, nil)
	customer := dig(a.Data, "customerCreate", "customer", "id")
	l.gql(`mutation($id: ID!) { customerUpdate(input: {id: $id, tags: []}) { customer { id } } }`, map[string]any{"id": customer})
	l.gql(`mutation($id: ID!) { customerDelete(input: {id: $id}) { deletedCustomerId } }`, map[string]any{"id": customer})
	l.shop.mu.Lock()
	o := l.shop.makeOrder(l.shop.customers.list[0])
	o.financial, o.source = "PAID", "web"
	o.shipping = []*shippingLine{{title: "Standard", price: 690}}
	l.shop.addOrder(l.shop.newAction(), o)
	l.shop.payOrder(l.shop.newAction(), o)
	l.shop.fulfillOrder(l.shop.newAction(), o)
	l.shop.stockChanged(l.shop.newAction(), l.shop.products.list[1].variants[0])
	l.shop.mu.Unlock()
	l.gql(`mutation($id: ID!) { orderDelete(orderId: $id) { deletedId } }`, map[string]any{"id": o.gid()})
	if err := l.Uninstall(l.shop.Domain); err != nil {
		t.Fatal(err)
	}
	l.idle()
	seen := map[string]bool{}
	for _, g := range b.all() {
		raw, err := os.ReadFile(filepath.Join("testdata", "webhooks", strings.ReplaceAll(g.topic, "/", "__")+".json"))
		if err != nil {
			continue
		}
		seen[g.topic] = true
		var want, got any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(g.body, &got); err != nil {
			t.Fatal(err)
		}
		sameShape(t, g.topic, want, got)
	}
	if len(seen) != 14 {
		t.Errorf("only %d of 14 topics came: %v", len(seen), seen)
	}
}

// sameShape compares keys and kinds; a null fits every kind, an empty list every list.
func sameShape(t *testing.T, at string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			if got != nil {
				t.Errorf("%s is %T, want an object", at, got)
			}
			return
		}
		for k := range w {
			if _, has := g[k]; !has {
				t.Errorf("%s.%s is missing", at, k)
				continue
			}
			sameShape(t, at+"."+k, w[k], g[k])
		}
		for k := range g {
			if _, has := w[k]; !has {
				t.Errorf("%s.%s is not in the sample", at, k)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok {
			t.Errorf("%s is %T, want a list", at, got)
		} else if len(w) > 0 && len(g) > 0 {
			sameShape(t, at+"[]", w[0], g[0])
		}
	case nil:
	default:
		if got != nil && (strings.TrimLeft(typeOf(want), "*") != typeOf(got)) {
			t.Errorf("%s is %T, want %T", at, got, want)
		}
	}
}

func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	}
	return "other"
}

func TestDeliverSendsTheGivenBytesAndTheSameIDEachTime(t *testing.T) {
	t.Parallel()
	b := newInbox(t, 200, 500)
	l := setup(t, Options{AppURL: b.URL})
	// Sent by hand, because a JSON encoder would take the spaces out of the payload.
	raw := `{"shop":"` + l.shop.Domain + `","topic":"orders/create","times":2,"headers":{"X-Shopify-Topic":null},"payload":{ "id" :  820982911946154508 }}`
	res, err := http.Post(l.url+"/__sim/deliver", "application/json", strings.NewReader(raw))
	must(t, err)
	defer res.Body.Close()
	var statuses []int
	must(t, json.NewDecoder(res.Body).Decode(&statuses))
	if !cmp.Equal(statuses, []int{200, 500}) {
		t.Errorf("statuses are %v", statuses)
	}
	got := b.all()
	if string(got[0].body) != `{ "id" :  820982911946154508 }` {
		t.Errorf("body is %s", got[0].body)
	}
	if got[0].header.Get("X-Shopify-Webhook-Id") != got[1].header.Get("X-Shopify-Webhook-Id") {
		t.Error("the second is another webhook")
	}
	if got[0].header.Get("X-Shopify-Topic") != "" {
		t.Error("the header was not removed")
	}
}

func TestPlainHTTPToAStrangerIsRefused(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{}).asApp()
	for uri, want := range map[string]string{
		"http://example.com/hooks":        "Address protocol http:// is not supported",
		"":                                "Address can't be blank",
		"ftp://example.com":               "Address protocol ftp:// is not supported",
		"https://x.myshopify.com/webhook": "Address cannot be a Shopify or an internal domain",
	} {
		a := l.gql(subscribeDoc, map[string]any{"topic": "ORDERS_CREATE", "in": map[string]any{"uri": uri}})
		if got := dig(a.Data, "webhookSubscriptionCreate", "userErrors", 0, "message"); got != want {
			t.Errorf("%q: %v, want %s", uri, got, want)
		}
	}
	in := map[string]any{"topic": "ORDERS_CREATE", "in": map[string]any{"uri": "https://example.com/hooks"}}
	l.gql(subscribeDoc, in)
	if got := dig(l.gql(subscribeDoc, in).Data, "webhookSubscriptionCreate", "userErrors", 0, "message"); got != "Address for this topic has already been taken" {
		t.Errorf("a second one to the same address: %v", got)
	}
}

func TestWebhookFaultsLoseAndDouble(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{})
	l.subscribe(map[string]any{"uri": b.URL}, "PRODUCTS_CREATE")
	must(t, l.SetFaults(Fault{Name: "webhook_lost", Times: 1}, Fault{Name: "webhook_doubled", Times: 1}))
	for range 3 {
		l.gql(`mutation { productCreate(product: {title: "Cork"}) { product { id } } }`, nil)
	}
	l.idle()
	ids := map[string]int{}
	for _, g := range b.all() {
		ids[g.header.Get("X-Shopify-Webhook-Id")]++
	}
	if len(ids) != 2 || len(b.all()) != 3 {
		t.Errorf("%d deliveries of %d webhooks, want 3 of 2", len(b.all()), len(ids))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestIncludeFieldsTrimThePayload(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{})
	l.subscribe(map[string]any{"uri": b.URL, "includeFields": []string{"id", "variants.price"}}, "PRODUCTS_CREATE")
	l.gql(`mutation { productCreate(product: {title: "Cork"}) { product { id } } }`, nil)
	l.idle()
	var got map[string]any
	must(t, json.Unmarshal(b.all()[0].body, &got))
	delete(got, "id")
	if want := map[string]any{"variants": []any{map[string]any{"price": "0.00"}}}; !cmp.Equal(got, want) {
		t.Errorf("payload is %v", got)
	}
}

func TestTrafficRunsOnlyWhileItIsOn(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{Shops: defaultShops()[:1], Products: 20, Customers: 20, Orders: 20, TrafficEvery: time.Millisecond})
	l.subscribe(map[string]any{"uri": b.URL}, allTopics...)
	if len(b.all()) != 0 {
		t.Error("there was traffic before it was on")
	}
	l.control(http.MethodPost, "traffic", map[string]bool{"on": true}, nil)
	for len(b.all()) < 20 {
		select {
		case <-b.arrived:
		case <-time.After(10 * time.Second):
			t.Fatal("traffic stopped by itself")
		}
	}
	l.control(http.MethodPost, "traffic", map[string]bool{"on": false}, nil)
	l.traffic.wg.Wait()
	l.idle()
	n := len(b.all())
	if n < 20 {
		t.Fatalf("only %d webhooks came", n)
	}
	l.idle()
	if len(b.all()) != n {
		t.Error("traffic went on after it was off")
	}
}
