package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

// expand evaluates a rule that matches and adds the tag.
func expand(facts *rules.Facts, tag string) models.Evaluation {
	def := rule(facts.Resource)
	def.AddTags = []string{tag}
	return rules.Evaluate(def, models.Created, facts, now)
}

func TestATagHoldsTheRecordsValues(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "name": "#1001", "total_price": "250.00", "created_at": "2026-11-01T23:00:00-05:00",
		"source_name": "web,  pos", "note": null, "test": true, "discount_codes": [{"code": "A"}, {"code": "a"}, {"code": "B"}],
		"shipping_address": {"country": "Canada", "country_code": "CA", "province": "Québec"},
		"line_items": [{"vendor": "Cave", "sku": "1"}, {"vendor": "Käse & Co", "sku": "2"}]}`)
	for tag, want := range map[string][]string{
		"country-{{shipping_country}}":         {"country-CA"},
		"country-{{ Shipping_Country }}":       {"country-CA"},
		"{{shipping_province}}":                {"Québec"},
		"vendor {{line_items.vendor}}":         {"vendor Cave", "vendor Käse & Co"},
		"{{line_items.sku}}/{{discount_code}}": {"1/A", "1/B", "2/A", "2/B"},
		"code {{discount_code}}":               {"code A", "code B"},
		"{{created_at}}":                       {"2026-11-02"},
		"  from  {{source}} ":                  {"from web pos"},
		"note {{note}}":                        nil,
		"{{total_price}} {{note}}":             nil,
		"{{total_price}}+":                     {"250.00+"},
		"plain":                                {"plain"},
	} {
		if e := expand(&facts, tag); !slices.Equal(e.AddTags, want) || e.Outcome != models.OutcomeMatched {
			t.Errorf("%s gives %q, %s, want %q", tag, e.AddTags, e.Outcome, want)
		}
	}
}

func TestTagsToRemoveHoldValuesToo(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	def := rule(models.Order)
	def.AddTags, def.RemoveTags = nil, []string{"was-{{currency}}"}
	if e := rules.Evaluate(def, models.Created, &facts, now); !slices.Equal(e.RemoveTags, []string{"was-EUR"}) {
		t.Errorf("got %q", e.RemoveTags)
	}
}

func TestWhatIsLeftOutOfATemplateIsSaid(t *testing.T) {
	t.Parallel()
	lines := make([]string, 34)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"sku": "SKU-%d", "vendor": "%s"}`, i, strings.Repeat("v", 41-i%2))
	}
	facts := factsOf(t, models.Order, `{"id": 5, "note": null, "line_items": [`+strings.Join(lines, ",")+`]}`)
	for _, c := range []struct {
		tag   string
		count int
		want  string
	}{
		{"{{line_items.sku}}", 20, "34 tags; only the first 20"},
		{"{{line_items.vendor}}", 1, "longer than the 40 characters"},
		{"{{note}}", 0, "no value to put into this tag"},
	} {
		e := expand(&facts, c.tag)
		if len(e.AddTags) != c.count || len(e.Conditions) != 1 || !strings.Contains(deref(e.Conditions[0].Hint), c.want) {
			t.Errorf("%s gives %d tags and %+v", c.tag, len(e.AddTags), e.Conditions)
		}
	}
	if e := expand(&facts, "{{risk_level}}"); e.Outcome != models.OutcomeError || e.AddTags != nil {
		t.Errorf("an unknown value gives %s, %q", e.Outcome, e.AddTags)
	}
}

func TestTheLimitOfATagIsTheResources(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 41)
	orders := factsOf(t, models.Order, `{"id": 5, "note": "`+long+`"}`)
	products := factsOf(t, models.Product, `{"id": 5, "title": "`+long+`"}`)
	if got := expand(&orders, "{{note}}").AddTags; len(got) != 0 {
		t.Errorf("an order gets %q", got)
	}
	if got := expand(&products, "{{title}}").AddTags; !slices.Equal(got, []string{long}) {
		t.Errorf("a product gets %q", got)
	}
}
