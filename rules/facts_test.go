package rules_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "webhooks", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func factsOf(t testing.TB, resource models.ResourceType, body string) rules.Facts {
	t.Helper()
	facts, err := rules.FromPayload(resource, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func resourceOf(file string) models.ResourceType {
	switch {
	case strings.Contains(file, "order"):
		return models.Order
	case strings.Contains(file, "product"):
		return models.Product
	default:
		return models.Customer
	}
}

func wantValues(t *testing.T, facts rules.Facts, want map[string][]string) {
	t.Helper()
	for name, values := range want {
		got, known := facts.Values(name)
		if !known {
			t.Errorf("%s is not known", name)
			continue
		}
		if diff := cmp.Diff(values, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func wantUnknown(t *testing.T, facts rules.Facts, names ...string) {
	t.Helper()
	for _, name := range names {
		if values, known := facts.Values(name); known {
			t.Errorf("%s is known to be %q", name, values)
		}
	}
}

func TestEverySamplePayloadGivesFacts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("found %d sample payloads (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			resource := resourceOf(filepath.Base(file))
			facts := factsOf(t, resource, string(sample(t, filepath.Base(file))))
			kind := map[models.ResourceType]string{models.Order: "Order", models.Customer: "Customer", models.Product: "Product"}[resource]
			if !strings.HasPrefix(facts.ID, "gid://shopify/"+kind+"/") || facts.Title == "" {
				t.Errorf("got id %q, title %q", facts.ID, facts.Title)
			}
		})
	}
}

func TestEachFieldIsReadFromAnOrder(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, string(sample(t, "orders__create.json")))
	if facts.ID != "gid://shopify/Order/820982911946154508" || facts.Title != "#9999" {
		t.Errorf("got id %q, title %q", facts.ID, facts.Title)
	}
	if !facts.TagsKnown || !facts.Tags.Equal(models.Tags{"tag1", "tag2"}) {
		t.Errorf("got tags %q, known %v", facts.Tags, facts.TagsKnown)
	}
	if want := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC); !facts.UpdatedAt.Equal(want) {
		t.Errorf("updated at %v, want %v", facts.UpdatedAt, want)
	}
	wantValues(t, facts, map[string][]string{
		"total_price":         {"404.95"},
		"subtotal_price":      {"404.95"},
		"total_discounts":     {"20.00"},
		"total_shipping":      {"10.00"},
		"total_tax":           {"0.00"},
		"current_total_price": {"414.95"},
		"currency":            {"USD"},
		"payment_gateway":     {"visa", "bogus"},
		"financial_status":    {"voided"},
		"fulfillment_status":  {"unfulfilled"},
		"total_weight":        {"0"},
		"shipping_method":     {"Generic Shipping"},
		"shipping_city":       {"Shippington"},
		"shipping_country":    {"US", "United States"},
		"shipping_province":   {"KY", "Kentucky"},
		"shipping_zip":        {"40003"},
		"billing_country":     {"US", "United States"},
		"source":              {"web"},
		"discount_code":       nil,
		"landing_site":        nil,
		"referring_site":      nil,
		"email":               {"jon@example.com"},
		"email_domain":        {"example.com"},
		"tags":                {"tag1", "tag2"},
		"note":                nil,
		"name":                {"#9999"},
		"cancel_reason":       {"customer"},
		"line_count":          {"5"},
		"item_count":          {"5"},
		"created_at":          {"2021-12-31T19:00:00-05:00"},
	})
	wantUnknown(t, facts, "customer.tags", "customer.total_spent", "customer.order_count", "risk_level", "line_items.type")
}

func TestFieldsOfLinesHaveOneValueForEachLine(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "line_items": [
		{"sku": "W-1", "vendor": "Cave", "name": "Red - 75cl", "title": "Red", "quantity": 2, "price": "9.50"},
		{"sku": null, "vendor": "Cave", "name": "Cheese", "title": "Cheese", "quantity": 1, "price": 4}]}`)
	wantValues(t, facts, map[string][]string{
		"line_items.sku":      {"W-1"},
		"line_items.vendor":   {"Cave", "Cave"},
		"line_items.name":     {"Red - 75cl", "Cheese"},
		"line_items.title":    {"Red", "Cheese"},
		"line_items.quantity": {"2", "1"},
		"line_items.price":    {"9.50", "4"},
		"line_count":          {"2"},
		"item_count":          {"3"},
	})
}

func TestAnOrderWithoutCustomerOrAddressHasEmptyFieldsForThem(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"id": 5, "line_items": []}`,
		`{"id": 5, "line_items": [], "customer": null, "shipping_address": null, "billing_address": null}`,
	} {
		facts := factsOf(t, models.Order, body)
		wantValues(t, facts, map[string][]string{
			"shipping_country": nil, "shipping_city": nil, "billing_country": nil, "customer.tags": nil,
			"customer.total_spent": nil, "customer.order_count": nil,
		})
	}
}

func TestOlderOrdersCarryTheirCustomersTagsAndSpend(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "line_items": [],
		"customer": {"id": 7, "tags": "VIP, wholesale", "total_spent": "120.50", "orders_count": 4}}`)
	wantValues(t, facts, map[string][]string{
		"customer.tags": {"VIP", "wholesale"}, "customer.total_spent": {"120.50"}, "customer.order_count": {"4"},
	})
}

func TestWhatThePayloadLacksIsUnknownAndNotEmpty(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "note": null}`)
	wantValues(t, facts, map[string][]string{"note": nil})
	wantUnknown(t, facts, "total_price", "tags", "shipping_country", "line_count", "email")
	if facts.TagsKnown {
		t.Error("tags count as known")
	}
}

func TestEachFieldIsReadFromACustomer(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, string(sample(t, "customers__create.json")))
	if facts.ID != "gid://shopify/Customer/706405506930370084" || facts.Title != "Bob Biller" || facts.TagsKnown {
		t.Errorf("got id %q, title %q, tags known %v", facts.ID, facts.Title, facts.TagsKnown)
	}
	wantValues(t, facts, map[string][]string{
		"state": {"disabled"}, "verified_email": {"true"}, "country": {"CA"}, "province": {"ON"}, "city": {"Ottawa"},
		"zip": {"K2P 2L8"}, "email": {"bob@biller.com"}, "email_domain": {"biller.com"}, "first_name": {"Bob"},
		"last_name": {"Biller"}, "note": {"This customer loves ice cream"}, "tax_exempt": {"false"},
	})
	wantUnknown(t, facts, "tags", "total_spent", "order_count", "accepts_marketing", "last_order_at", "days_since_last_order")
}

func TestOlderCustomersCarryTagsSpendAndConsent(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, `{"id": 7, "email": "a@b.example", "tags": "VIP", "total_spent": "10.00",
		"orders_count": 2, "email_marketing_consent": {"state": "subscribed"}}`)
	wantValues(t, facts, map[string][]string{
		"tags": {"VIP"}, "total_spent": {"10.00"}, "order_count": {"2"}, "accepts_marketing": {"true"},
	})
	if facts.Title != "a@b.example" {
		t.Errorf("got title %q", facts.Title)
	}
}

func TestTagsThatWereAddedAreNotTakenForAllTags(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, string(sample(t, "customer.tags_added.json")))
	wantUnknown(t, facts, "tags")
	if facts.ID != "gid://shopify/Customer/1" || facts.TagsKnown {
		t.Errorf("got id %q, tags known %v", facts.ID, facts.TagsKnown)
	}
	facts = factsOf(t, models.Customer, string(sample(t, "customers__purchasing_summary.json")))
	wantValues(t, facts, map[string][]string{"order_count": {"1"}, "total_spent": {"100.00"}})
}

func TestEachFieldIsReadFromAProduct(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Product, `{"id": 9, "title": " Rosé\n2024 ", "product_type": "Wine", "vendor": "Cave",
		"status": "active", "handle": "rose", "published_at": "2026-01-01T00:00:00Z", "tags": "a, b", "variants": [
		{"position": 2, "price": "12.00", "compare_at_price": "15.00", "inventory_quantity": -1, "sku": "B"},
		{"position": 1, "price": "20.00", "compare_at_price": null, "inventory_quantity": 4, "sku": "A"},
		{"position": 3, "price": "9", "compare_at_price": "10.00", "inventory_quantity": 0, "sku": ""}]}`)
	if facts.ID != "gid://shopify/Product/9" || facts.Title != "Rosé 2024" {
		t.Errorf("got id %q, title %q", facts.ID, facts.Title)
	}
	wantValues(t, facts, map[string][]string{
		"product_type": {"Wine"}, "vendor": {"Cave"}, "status": {"active"}, "handle": {"rose"}, "published": {"true"},
		"tags": {"a", "b"}, "price.first": {"20.00"}, "price.lowest": {"9"}, "price.highest": {"20.00"},
		"variants.price": {"20.00", "12.00", "9"}, "compare_at_price.first": nil, "compare_at_price.lowest": {"10.00"},
		"compare_at_price.highest": {"15.00"}, "inventory.first": {"4"}, "inventory.total": {"3"},
		"variants.inventory": {"4", "-1", "0"}, "variants.sku": {"A", "B"}, "variant_count": {"3"},
	})
}

func TestVariantsBeyondTheHundredthAreCountedAndSaidToBeUnseen(t *testing.T) {
	t.Parallel()
	payload := map[string]any{"id": 9, "title": "Big"}
	var variants, gids []map[string]any
	for i := range 250 {
		gids = append(gids, map[string]any{"admin_graphql_api_id": fmt.Sprintf("gid://shopify/ProductVariant/%d", i+1)})
		if i < 100 {
			variants = append(variants, map[string]any{"price": fmt.Sprintf("%d.00", i+1), "inventory_quantity": 1, "position": i + 1})
		}
	}
	payload["variants"], payload["variant_gids"] = variants, gids
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	facts := factsOf(t, models.Product, string(body))
	wantValues(t, facts, map[string][]string{"variant_count": {"250"}, "inventory.total": {"100"}, "price.highest": {"100.00"}})
	for _, values := range [][]string{{"50"}, {"500"}} {
		result := one(t, &facts, "price.highest", models.Greater, values...)
		if result.Hint == nil || !strings.Contains(*result.Hint, "100 of 250 variants") {
			t.Errorf("hint is %v", deref(result.Hint))
		}
	}
}

func TestIDsAreNeverRoundedNorTakenFromElsewhere(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"}`: "gid://shopify/Order/820982911946154508",
		`{"id": 820982911946154508}`:                                                   "gid://shopify/Order/820982911946154508",
		`{"id": "820982911946154508"}`:                                                 "gid://shopify/Order/820982911946154508",
		`{"id": 123, "admin_graphql_api_id": "https://www.example.com/"}`:              "gid://shopify/Order/123",
		`{"id": 123, "admin_graphql_api_id": "gid://shopify/Customer/5"}`:              "gid://shopify/Order/123",
		`{"id": 123, "admin_graphql_api_id": "gid://shopify/Order/5?key=x"}`:           "gid://shopify/Order/5",
		`{"id": 123, "admin_graphql_api_id": "gid://shopify/Order/5/../../Product/1"}`: "gid://shopify/Order/123",
	} {
		if facts := factsOf(t, models.Order, body); facts.ID != want {
			t.Errorf("%s gives %s, want %s", body, facts.ID, want)
		}
	}
	for _, body := range []string{`{}`, `{"id": null}`, `{"id": 1e3}`, `{"id": 1.5}`, `{"id": -4}`, `{"id": {}}`, `{"id": true}`} {
		if facts, err := rules.FromPayload(models.Order, []byte(body)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s gives %q, %v", body, facts.ID, err)
		}
	}
}

func TestABrokenPayloadIsAFault(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, ` `, `null`, `[]`, `"x"`, `1`, `{`, `{"id": 1`, `{"id": 1} x`, "\xff\xfe"} {
		for _, resource := range []models.ResourceType{models.Order, models.Customer, models.Product} {
			if _, err := rules.FromPayload(resource, []byte(body)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s of %q gives %v", resource, body, err)
			}
		}
	}
	if _, err := rules.FromPayload(models.Variant, []byte(`{"id": 1}`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a variant gives %v", err)
	}
}

func TestValuesOfTheWrongTypeAreUnknownAndTheRestIsRead(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "total_price": {"a": 1}, "line_items": "none", "customer": 7,
		"shipping_address": [1], "tags": ["VIP", "vip", 3, null], "shipping_lines": [4, {"title": "Post"}], "note": 12.50}`)
	wantUnknown(t, facts, "total_price", "line_count", "customer.tags", "shipping_country")
	wantValues(t, facts, map[string][]string{"tags": {"VIP", "3"}, "shipping_method": {"Post"}, "note": {"12.50"}})
}

func TestTextThatNoDatabaseKeepsIsCleaned(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "name": "#1\u0000", "note": "a\u0000b"}`)
	values, _ := facts.Values("note")
	if facts.Title != "#1" || values[0] != "ab" {
		t.Errorf("got title %q, note %q", facts.Title, values)
	}
}

func TestSetFillsAFieldAndKnowsItsName(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, `{"id": 7}`)
	if !facts.Set("tags", "VIP", "vip ", "New  York") || facts.Set("shoe_size", "44") {
		t.Error("Set does not know the fields")
	}
	if !facts.TagsKnown || !cmp.Equal(facts.Tags, models.Tags{"VIP", "New York"}) {
		t.Errorf("got tags %q", facts.Tags)
	}
	facts.Set("tags")
	if values, known := facts.Values("tags"); !known || len(values) != 0 || !facts.TagsKnown || len(facts.Tags) != 0 {
		t.Errorf("after Set without values: %q, known %v", values, known)
	}
}

func TestNeedsNamesTheQueriedFieldsThatEnabledRulesUse(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, `{"id": 7, "first_name": "A"}`)
	rule := func(enabled bool, resource models.ResourceType, tag string, fields ...string) models.RuleDefinition {
		def := models.RuleDefinition{Resource: resource, Enabled: enabled, AddTags: []string{tag}}
		for _, field := range fields {
			inner := models.ConditionGroup{Conditions: []models.Condition{{Field: field, Operator: models.IsEmpty}}}
			def.When.Groups = append(def.When.Groups, inner)
		}
		return def
	}
	defs := []models.RuleDefinition{
		rule(true, models.Customer, "spent-{{ total_spent }}", "tags", "first_name", "no_such_field"),
		rule(true, models.Customer, "dormant", "days_since_last_order", "tags"),
		rule(false, models.Customer, "off", "order_count"),
		rule(true, models.Order, "other", "risk_level"),
	}
	want := []string{"tags", "total_spent", "last_order_at"}
	if diff := cmp.Diff(want, rules.Needs(defs, facts)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	facts.Set("tags", "VIP")
	facts.Set("last_order_at")
	if diff := cmp.Diff([]string{"total_spent"}, rules.Needs(defs, facts)); diff != "" {
		t.Errorf("after Set (-want +got):\n%s", diff)
	}
}

func TestFactsOfNothingMatchNothing(t *testing.T) {
	t.Parallel()
	var facts rules.Facts
	if _, known := facts.Values("note"); known || facts.Set("note", "x") {
		t.Error("facts of no record have fields")
	}
	if e := rules.Evaluate(rule(models.Order), models.Created, &facts, now); e.Outcome != models.OutcomeError || e.Matched {
		t.Errorf("they give %s", e.Outcome)
	}
}

func FuzzFromPayload(f *testing.F) {
	files, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, body); err != nil {
			f.Fatal(err)
		}
		f.Add(compact.Bytes())
	}
	f.Add([]byte(`{"id":1e999999999,"total_price":"1e999999999","total_weight":-0.0000001,"tags":{"a":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, resource := range []models.ResourceType{models.Order, models.Customer, models.Product} {
			facts, err := rules.FromPayload(resource, body)
			if err != nil {
				if !fault.Is(err, fault.Invalid) {
					t.Fatalf("not a fault: %v", err)
				}
				continue
			}
			evaluateEverything(t, &facts)
		}
	})
}
