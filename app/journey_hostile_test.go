package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// rowsOf returns every row of the shop in every table, as text. A table that does not name its shop fails the test.
func (j *journey) rowsOf(shop *models.Shop) map[string][]string {
	j.Helper()
	tables, err := j.app.DB.Migrator().GetTables()
	j.must(err)
	if len(tables) < 10 {
		j.Fatalf("only the tables %v", tables)
	}
	all := map[string][]string{}
	for _, table := range tables {
		if strings.HasPrefix(table, "activity_words") {
			continue // SQLite's own: the words of the entries' summaries
		}
		column := "shop_id"
		switch table {
		case "schema_migrations", "servers", "sqlite_sequence":
			continue
		case "activity_rollups", "activity_kinds", "activity_buckets", "activity_deltas":
			continue // they follow from the entries, in their own time
		case "shops":
			column = "id"
		}
		var rows []map[string]any
		if err := j.app.DB.Table(table).Where(column+" = ?", shop.ID).Find(&rows).Error; err != nil {
			j.Fatalf("read %s: %v", table, err)
		}
		texts := []string{}
		for _, row := range rows {
			raw, err := json.Marshal(row)
			j.must(err)
			texts = append(texts, string(raw))
		}
		slices.Sort(texts)
		all[table] = texts
	}
	return all
}

func (j *journey) wantUntouched(shop *models.Shop, before map[string][]string) {
	j.Helper()
	if diff := cmp.Diff(before, j.rowsOf(shop)); diff != "" {
		j.Errorf("rows of %s changed (-before +after):\n%s", shop.Domain, diff)
	}
}

func text(s string) *string { return &s }

// hostile is a webhook that nobody should send, and what it is answered with.
type hostile struct {
	simulator.Delivery
	status int
	// entry and code are how it ends where it is answered 200.
	entry models.ActivityStatus
	code  string
}

func raw(topic, body string) simulator.Delivery {
	return simulator.Delivery{Shop: shopA, Topic: topic, Raw: &body}
}

// lastProduct is the number of the last product that withHeader told of.
var lastProduct atomic.Int64

// withHeader tells of a product that nothing else tells of: what is worked off at once must not overtake each other.
func withHeader(name string, value *string) simulator.Delivery {
	d := raw("products/update", fmt.Sprintf(`{"id": %d, "title": "Gamay", "tags": ""}`, 100+lastProduct.Add(1)))
	d.Headers = map[string]*string{name: value}
	return d
}

func hostiles() map[string]hostile {
	wrongSecret := raw("products/update", `{"id": 7}`)
	wrongSecret.Secret = "not ours"
	stranger := raw("products/update", `{"id": 7}`)
	stranger.Shop = "nobody-knows-it.myshopify.com"
	uninstallsOther := raw("app/uninstalled", `{"id": 1, "myshopify_domain": "`+shopB+`", "domain": "`+shopB+`"}`)
	uninstallsOther.Headers = map[string]*string{"X-Shopify-Triggered-At": text("2001-01-01T00:00:00Z")}
	list := map[string]hostile{
		"a wrong signature":                 {wrongSecret, 401, "", ""},
		"a signature that is not base64":    {withHeader("X-Shopify-Hmac-Sha256", text("?")), 401, "", ""},
		"an unknown shop":                   {stranger, 404, "", ""},
		"a domain that is no shop":          {withHeader("X-Shopify-Shop-Domain", text("evil.example")), 400, "", ""},
		"5 MiB":                             {raw("products/update", `{"id": 7, "title": "`+strings.Repeat("x", 5<<20)+`"}`), 413, "", ""},
		"a topic that is not UTF-8":         {withHeader("X-Shopify-Topic", text("products/\xff")), 400, "", ""},
		"a webhook id that is not UTF-8":    {withHeader("X-Shopify-Webhook-Id", text("\xff\xfe")), 400, "", ""},
		"a webhook id that is too long":     {withHeader("X-Shopify-Webhook-Id", text(strings.Repeat("a", 256))), 400, "", ""},
		"an event id that is not UTF-8":     {withHeader("X-Shopify-Event-Id", text("\xff")), 200, models.Success, ""},
		"a time that is no time":            {withHeader("X-Shopify-Triggered-At", text("tomorrow")), 200, models.Success, ""},
		"a time before there was time":      {withHeader("X-Shopify-Triggered-At", text("0000-01-01T00:00:00Z")), 200, models.Success, ""},
		"a time of the far future":          {withHeader("X-Shopify-Triggered-At", text("9999-12-31T23:59:59Z")), 200, models.Success, ""},
		"broken JSON":                       {raw("products/update", `{"id": 7, "title": `), 200, models.Failed, "INVALID_BODY"},
		"no body":                           {raw("products/update", ""), 200, models.Failed, "INVALID_BODY"},
		"a body that is no object":          {raw("products/update", "[1, 2]"), 200, models.Failed, "INVALID_BODY"},
		"a body without an id":              {raw("products/update", `{"title": "Gamay"}`), 200, models.Failed, "INVALID_BODY"},
		"a deletion of nothing":             {raw("products/delete", `{}`), 200, models.Failed, "INVALID_BODY"},
		"tags of nobody":                    {raw("customer.tags_added", `{"tags": ["a"]}`), 200, models.Failed, "INVALID_BODY"},
		"10,000 nested lists":               {raw("products/update", `{"id": 7, "tags": `+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+`}`), 200, models.Failed, "INVALID_BODY"},
		"9,000 nested lists":                {raw("products/update", `{"id": 71, "title": "Gamay", "tags": "", "note": `+strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)+`}`), 200, models.Success, ""},
		"an unknown topic":                  {raw("dogs/barked", `{"id": 7}`), 200, models.Warning, "UNKNOWN_TOPIC"},
		"text that is not UTF-8":            {raw("products/update", "{\"id\": 72, \"title\": \"Ga\xff\xfemay\", \"tags\": \"a\xff, b\"}"), 200, models.Success, ""},
		"text with zero bytes":              {raw("products/update", `{"id": 73, "title": "Ga\u0000may", "vendor": "\u0000", "tags": "a\u0000, b"}`), 200, models.Success, ""},
		"an id with a zero byte":            {raw("products/update", `{"admin_graphql_api_id": "gid://shopify/Product/9\u0000", "title": "Gamay", "tags": ""}`), 200, models.Success, ""},
		"a deletion with a zero byte":       {raw("products/delete", `{"admin_graphql_api_id": "gid://shopify/Product/74\u0000"}`), 200, models.Success, ""},
		"a customer and tags of zero bytes": {raw("customer.tags_added", `{"customerId": "gid://shopify/Customer/7\u0000", "tags": ["\u0000", "a\ud800"]}`), 200, models.Success, ""},
		"values of wrong types":             {raw("orders/updated", `{"id": "7", "total_price": {"a": 1}, "tags": 5, "line_items": "none", "customer": []}`), 200, models.Success, ""},
		"the end of another shop's stay":    {uninstallsOther, 200, models.Success, ""},
	}
	for _, name := range []string{"Topic", "Hmac-Sha256", "Shop-Domain", "API-Version", "Webhook-Id"} {
		list["no header X-Shopify-"+name] = hostile{withHeader("X-Shopify-"+name, nil), 400, "", ""}
	}
	for _, name := range []string{"Event-Id", "Triggered-At"} {
		list["no header X-Shopify-"+name] = hostile{withHeader("X-Shopify-"+name, nil), 200, models.Success, ""}
	}
	return list
}

func TestHostileWebhooksHaveTheirDocumentedAnswers(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Never", Resource: models.Product, Enabled: true,
		When: when("title", models.Equals, "nothing is called so"), AddTags: []string{"x"}})
	j.settled()
	other := j.rowsOf(j.b)
	list := hostiles()
	ids := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		h := list[name]
		var before int64
		j.must(j.app.DB.Model(&models.Delivery{}).Count(&before).Error)
		if got := j.deliver(h.Delivery); !slices.Equal(got, []int{h.status}) {
			t.Errorf("%s: answered %v, want %d", name, got, h.status)
			continue
		}
		var kept []models.Delivery
		j.must(j.app.DB.Where("shop_id = ?", j.a.ID).Order("received_at DESC, id DESC").Find(&kept).Error)
		if grown := int64(len(kept)) - before; grown != map[bool]int64{true: 1}[h.status == 200] {
			t.Errorf("%s: answered %d, and %d rows were kept", name, h.status, grown)
		} else if grown == 1 {
			ids[name] = kept[0].ID
		}
	}
	j.settled()
	for name, id := range ids {
		entry, code := j.one(j.a, "id = ?", id), ""
		if entry.ErrorCode != nil {
			code = *entry.ErrorCode
		}
		if entry.Status != list[name].entry || code != list[name].code {
			t.Errorf("%s: %s %q, want %s %q", name, entry.Status, code, list[name].entry, list[name].code)
		}
		if entry.ErrorStack != nil {
			t.Errorf("%s: panicked: %s", name, *entry.ErrorStack)
		}
	}
	j.wantUntouched(j.b, other)
	if calls := j.writes(shopA); len(calls) > 0 {
		t.Errorf("the shop was written to: %+v", calls)
	}
}
