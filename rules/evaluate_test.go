package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func deref(text *string) string {
	if text == nil {
		return "<none>"
	}
	return *text
}

// rule returns an enabled rule about the record, with the conditions joined by ALL.
func rule(resource models.ResourceType, conditions ...models.Condition) models.RuleDefinition {
	return models.RuleDefinition{
		Name:     "A rule",
		Resource: resource,
		Triggers: []models.Trigger{models.Created, models.Updated},
		When:     models.ConditionGroup{Match: models.MatchAll, Conditions: conditions},
		AddTags:  []string{"added"},
		Enabled:  true,
	}
}

func condition(field string, operator models.Operator, values ...string) models.Condition {
	return models.Condition{Field: field, Operator: operator, Values: values}
}

// one evaluates a rule of one valid condition and returns its result.
func one(t testing.TB, facts *rules.Facts, field string, operator models.Operator, values ...string) models.ConditionResult {
	t.Helper()
	def := rule(facts.Resource, condition(field, operator, values...))
	if problems := rules.Validate(def); len(problems) > 0 {
		t.Fatalf("%s %s %q is not valid: %v", field, operator, values, problems)
	}
	e := rules.Evaluate(def, models.Created, facts, now)
	if len(e.Conditions) != 1 {
		t.Fatalf("got %d results", len(e.Conditions))
	}
	if e.Matched != e.Conditions[0].Passed {
		t.Fatalf("matched is %v and the only condition's passed is %v", e.Matched, e.Conditions[0].Passed)
	}
	return e.Conditions[0]
}

// fataler is a test, or a property's.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// evaluateEverything runs every operator on every field, with values that suit.
func evaluateEverything(t fataler, facts *rules.Facts) {
	t.Helper()
	for _, field := range rules.Fields(facts.Resource) {
		def := rule(facts.Resource)
		def.AddTags = []string{"x-{{" + field.Name + "}}", "{{" + field.Name + "}}{{" + field.Name + "}}"}
		for _, operator := range field.Operators {
			def.When.Conditions = append(def.When.Conditions, condition(field.Name, operator, valuesFor(field, operator)...))
		}
		if problems := rules.Validate(def); len(problems) > 0 {
			t.Fatalf("not valid: %v", problems)
		}
		e := rules.Evaluate(def, models.Created, facts, now)
		if len(e.Conditions) < len(def.When.Conditions) {
			t.Fatalf("%s: %d results for %d conditions", field.Name, len(e.Conditions), len(def.When.Conditions))
		}
		def.When.Conditions = nil
		for _, tag := range rules.Evaluate(def, models.Created, facts, now).AddTags {
			if tag != models.CleanTag(tag) || tag == "" || strings.Contains(tag, ",") || len([]rune(tag)) > 255 {
				t.Fatalf("%s gives the tag %q", field.Name, tag)
			}
		}
	}
}

func valuesFor(field rules.Field, operator models.Operator) []string {
	switch {
	case operator == models.IsEmpty || operator == models.IsNotEmpty:
		return nil
	case operator == models.Matches:
		return []string{"^a.*(b|c)$"}
	case operator == models.OlderThan || operator == models.NewerThan || operator == models.WithinLast:
		return []string{"30"}
	}
	value := "abc"
	switch {
	case field.Type == rules.Date:
		value = "2026-01-31"
	case field.Type == rules.Boolean:
		value = "true"
	case field.Type != rules.Text && field.Type != rules.TextList:
		value = "12.5"
	case len(field.Choices) > 0:
		value = field.Choices[0]
	}
	if operator == models.Between {
		return []string{value, value}
	}
	return []string{value}
}

const order = `{"id": 5, "name": "#1001", "total_price": "250.00", "currency": "EUR", "note": " Gift  Wrap Élise ",
	"tags": "VIP Gold, New York", "email": "Riley@Example.COM", "created_at": "2026-11-01T12:00:00Z", "cancelled_at": null,
	"payment_gateway_names": ["shopify_payments", "gift_card"], "total_weight": 1500, "financial_status": "paid",
	"shipping_address": {"country": "Canada", "country_code": "CA", "province": "Québec", "province_code": "QC", "city": "Montréal"},
	"line_items": [{"sku": "W-1", "name": "Red Wine", "quantity": 2, "price": "9.50"},
		{"sku": "C-7", "name": "Cheese", "quantity": 12, "price": "40.00"}]}`

func TestEachOperatorHoldsWhereItShould(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	for _, c := range []struct {
		field    string
		operator models.Operator
		values   []string
		want     bool
	}{
		{"currency", models.Equals, []string{"eur"}, true},
		{"currency", models.Equals, []string{"USD"}, false},
		{"currency", models.NotEquals, []string{"USD"}, true},
		{"currency", models.NotEquals, []string{"Eur"}, false},
		{"currency", models.In, []string{"USD", "eUR"}, true},
		{"currency", models.In, []string{"USD"}, false},
		{"currency", models.NotIn, []string{"USD", "GBP"}, true},
		{"currency", models.NotIn, []string{"USD", "EUR"}, false},
		{"email", models.Contains, []string{"@EXAMPLE"}, true},
		{"email", models.NotContains, []string{"@example"}, false},
		{"email", models.NotContains, []string{"@other"}, true},
		{"email", models.StartsWith, []string{"riley"}, true},
		{"email", models.StartsWith, []string{"iley"}, false},
		{"email", models.EndsWith, []string{".com"}, true},
		{"email", models.EndsWith, []string{".co"}, false},
		{"email", models.Matches, []string{`^riley@.+\.com$`}, true},
		{"email", models.Matches, []string{`(?-i)^riley`}, false},
		{"email_domain", models.Equals, []string{"example.com"}, true},
		{"email", models.IsEmpty, nil, false},
		{"email", models.IsNotEmpty, nil, true},
		{"cancelled_at", models.IsEmpty, nil, true},
		{"cancelled_at", models.IsNotEmpty, nil, false},

		{"shipping_country", models.Equals, []string{"ca"}, true},
		{"shipping_country", models.Equals, []string{"CANADA"}, true},
		{"shipping_country", models.NotEquals, []string{"Canada"}, false},
		{"shipping_country", models.NotIn, []string{"CA"}, false},
		{"shipping_country", models.NotEquals, []string{"US"}, true},
		{"shipping_province", models.In, []string{"QC"}, true},
		{"shipping_city", models.Equals, []string{"MONTRÉAL"}, true},
		{"shipping_city", models.Equals, []string{"MONTRE\u0301AL"}, true},

		{"tags", models.Contains, []string{"vip gold"}, true},
		{"tags", models.Contains, []string{" new   york "}, true},
		{"tags", models.Contains, []string{"VIP"}, false},
		{"tags", models.NotContains, []string{"VIP"}, true},
		{"tags", models.NotContains, []string{"new york"}, false},
		{"tags", models.Equals, []string{"VIP Gold"}, true},
		{"tags", models.NotEquals, []string{"VIP gold"}, false},
		{"tags", models.StartsWith, []string{"vip"}, true},
		{"tags", models.In, []string{"x", "NEW YORK"}, true},
		{"tags", models.NotIn, []string{"x", "y"}, true},
		{"tags", models.Matches, []string{"^vip"}, true},
		{"payment_gateway", models.Contains, []string{"GIFT_CARD"}, true},
		{"payment_gateway", models.Contains, []string{"gift"}, false},
		{"line_items.sku", models.EndsWith, []string{"-7"}, true},
		{"line_items.sku", models.NotIn, []string{"w-1"}, false},

		{"total_price", models.Equals, []string{"250"}, true},
		{"total_price", models.Equals, []string{"250.000000"}, true},
		{"total_price", models.NotEquals, []string{"250.01"}, true},
		{"total_price", models.NotEquals, []string{"250.00"}, false},
		{"total_price", models.Greater, []string{"249.99"}, true},
		{"total_price", models.Greater, []string{"250"}, false},
		{"total_price", models.Less, []string{"250.01"}, true},
		{"total_price", models.Less, []string{"250"}, false},
		{"total_price", models.Less, []string{"1000"}, true},
		{"total_price", models.Between, []string{"250", "300"}, true},
		{"total_price", models.Between, []string{"100", "250"}, true},
		{"total_price", models.Between, []string{"251", "300"}, false},
		{"total_price", models.In, []string{"1", "250"}, true},
		{"total_price", models.NotIn, []string{"1", "2"}, true},
		{"total_weight", models.Greater, []string{"1000"}, true},
		{"line_items.price", models.Greater, []string{"39.999"}, true},
		{"line_items.price", models.Contains, []string{"9.5"}, true},
		{"line_items.price", models.NotContains, []string{"9.5"}, false},
		{"line_items.quantity", models.Between, []string{"3", "11"}, false},
		{"line_items.quantity", models.Greater, []string{"11"}, true},

		{"created_at", models.OlderThan, []string{"19"}, true},
		{"created_at", models.OlderThan, []string{"20"}, false},
		{"created_at", models.OlderThan, []string{"21"}, false},
		{"created_at", models.NewerThan, []string{"21"}, true},
		{"created_at", models.NewerThan, []string{"20"}, false},
		{"created_at", models.WithinLast, []string{"20"}, true},
		{"created_at", models.WithinLast, []string{"19"}, false},
		{"created_at", models.Equals, []string{"2026-11-01"}, true},
		{"created_at", models.Equals, []string{"2026-11-02"}, false},
		{"created_at", models.NotEquals, []string{"2026-11-02"}, true},
		{"created_at", models.Equals, []string{"2026-11-01T13:00:00+01:00"}, true},
		{"created_at", models.Greater, []string{"2026-10-31"}, true},
		{"created_at", models.Greater, []string{"2026-11-01"}, false},
		{"created_at", models.Less, []string{"2026-11-01"}, false},
		{"created_at", models.Less, []string{"2026-11-01T12:00:01Z"}, true},
		{"created_at", models.Between, []string{"2026-11-01", "2026-11-01"}, true},
		{"created_at", models.Between, []string{"2026-10-01", "2026-10-31"}, false},
	} {
		name := fmt.Sprintf("%s %s %q", c.field, c.operator, c.values)
		if got := one(t, &facts, c.field, c.operator, c.values...); got.Passed != c.want {
			t.Errorf("%s is %v (actual %q, hint %s)", name, got.Passed, got.Actual, deref(got.Hint))
		}
	}
}

func TestTrueAndFalseAreCompared(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, `{"id": 1, "verified_email": true, "tax_exempt": null}`)
	if !one(t, &facts, "verified_email", models.Equals, "TRUE").Passed ||
		one(t, &facts, "verified_email", models.Equals, "false").Passed ||
		!one(t, &facts, "verified_email", models.NotEquals, "false").Passed ||
		!one(t, &facts, "tax_exempt", models.IsEmpty).Passed {
		t.Error("booleans are not compared right")
	}
}

func TestEmptyFailsPositiveAndHoldsForNegativeComparisons(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "note": null, "total_price": null, "created_at": null, "tags": ""}`)
	negative := []models.Operator{models.NotEquals, models.NotContains, models.NotIn, models.IsEmpty}
	for _, name := range []string{"note", "total_price", "created_at", "tags"} {
		field, _ := rules.LookupField(models.Order, name)
		for _, operator := range field.Operators {
			got := one(t, &facts, name, operator, valuesFor(field, operator)...)
			if want := slices.Contains(negative, operator); got.Passed != want {
				t.Errorf("%s %s on nothing is %v", name, operator, got.Passed)
			}
		}
	}
}

func TestTheFutureIsNewerButNotWithinTheLastDays(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]bool{"2026-11-22T12:00:00Z": false, "2026-11-21T12:00:30Z": true} {
		facts := factsOf(t, models.Order, `{"id": 5, "created_at": "`+at+`"}`)
		if !one(t, &facts, "created_at", models.NewerThan, "1").Passed {
			t.Errorf("%s is not newer than a day", at)
		}
		if got := one(t, &facts, "created_at", models.WithinLast, "1"); got.Passed != want {
			t.Errorf("%s within the last day is %v", at, got.Passed)
		}
	}
}

func TestADayIsTheDayInTheZoneOfNow(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, `{"id": 5, "created_at": "2026-11-01T02:00:00Z"}`)
	def := rule(models.Order, condition("created_at", models.Equals, "2026-10-31"))
	west := time.FixedZone("west", -5*60*60)
	if rules.Evaluate(def, models.Created, &facts, now).Matched || !rules.Evaluate(def, models.Created, &facts, now.In(west)).Matched {
		t.Error("the day does not follow the zone")
	}
}

func TestDaysSinceTheLastOrderAreCountedFromIt(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Customer, `{"id": 7}`)
	def := rule(models.Customer, condition("days_since_last_order", models.Greater, "89"))
	if e := rules.Evaluate(def, models.Updated, &facts, now); e.Outcome != models.OutcomeError {
		t.Errorf("unknown gives %s", e.Outcome)
	}
	facts.Set("last_order_at", "2026-08-23T11:00:00Z")
	if got := one(t, &facts, "days_since_last_order", models.Equals, "90"); !got.Passed || got.Actual[0] != "90" {
		t.Errorf("got %v, %q", got.Passed, got.Actual)
	}
	facts.Set("last_order_at")
	if !one(t, &facts, "days_since_last_order", models.IsEmpty).Passed {
		t.Error("a customer who never ordered has days since")
	}
}

func TestHintsNameTheUsualMistakes(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, strings.Replace(order, `"currency": "EUR"`, `"currency": null`, 1))
	broken := factsOf(t, models.Order, `{"id": 5, "total_price": "1,250.00"}`)
	product := factsOf(t, models.Product, `{"id": 9, "variants": [{"price": "10.00"}, {"price": "99.00"}]}`)
	for _, c := range []struct {
		facts    *rules.Facts
		field    string
		operator models.Operator
		value    string
		want     string
	}{
		{&facts, "tags", models.Contains, "VIP", "inside the longer tag “VIP Gold”"},
		{&facts, "tags", models.Contains, "NewYork", "white space"},
		{&facts, "note", models.Equals, "gift wrap élise", "white space"},
		{&facts, "note", models.Equals, "Gift", "CONTAINS finds a part"},
		{&facts, "payment_gateway", models.Contains, "gift", "inside the longer value “gift_card”"},
		{&facts, "shipping_city", models.Equals, "Montreal", "spelled almost"},
		{&facts, "payment_gateway", models.In, "shopify_paymants", "spelled almost like “shopify_paymants”"},
		{&facts, "currency", models.Equals, "EUR", "empty"},
		{&facts, "created_at", models.OlderThan, "30", "20 days ago"},
		{&facts, "line_items.sku", models.NotContains, "w-1", "“W-1” is among them"},
		{&broken, "total_price", models.Greater, "1000", "separators"},
		{&product, "price.first", models.Greater, "50", "Another variant"},
	} {
		got := one(t, c.facts, c.field, c.operator, c.value)
		if got.Passed || !strings.Contains(deref(got.Hint), c.want) {
			t.Errorf("%s %s %s: passed %v, hint %s", c.field, c.operator, c.value, got.Passed, deref(got.Hint))
		}
	}
	if got := one(t, &facts, "tags", models.Contains, "new york"); got.Hint != nil {
		t.Errorf("a condition that holds has the hint %s", *got.Hint)
	}
}

func TestEveryConditionIsLookedAtAndReportedInOrder(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	def := rule(models.Order, condition("currency", models.Equals, "USD"), condition("total_price", models.Greater, "1"))
	def.When.Groups = []models.ConditionGroup{{
		Match:      models.MatchAny,
		Conditions: []models.Condition{condition("tags", models.Contains, "VIP Gold"), condition("email", models.IsEmpty)},
	}}
	e := rules.Evaluate(def, models.Created, &facts, now)
	var got []string
	for _, result := range e.Conditions {
		got = append(got, fmt.Sprint(result.Field, " ", result.Passed, " ", result.Actual))
	}
	want := []string{"currency false [EUR]", "total_price true [250.00]", "tags true [VIP Gold New York]", "email false [Riley@Example.COM]"}
	if !slices.Equal(got, want) || e.Matched || e.Outcome != models.OutcomeNotMatched {
		t.Errorf("got %q, %s", got, e.Outcome)
	}
	def.When.Match = models.MatchAny
	if e := rules.Evaluate(def, models.Created, &facts, now); e.Outcome != models.OutcomeMatched || !slices.Equal(e.AddTags, []string{"added"}) {
		t.Errorf("ANY gives %s, %q", e.Outcome, e.AddTags)
	}
}

func TestARuleWithoutConditionsMatchesEveryRecord(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	for _, match := range []models.Match{models.MatchAll, models.MatchAny, ""} {
		def := rule(models.Order)
		def.When.Match = match
		if e := rules.Evaluate(def, models.Created, &facts, now); e.Outcome != models.OutcomeMatched {
			t.Errorf("%q gives %s", match, e.Outcome)
		}
	}
}

func TestDisabledPausedAndOtherTriggersAreStillEvaluated(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	reason := "It changed one order too often."
	for want, change := range map[models.Outcome]func(*models.Rule){
		models.OutcomeMatched:      func(*models.Rule) {},
		models.OutcomeDisabled:     func(r *models.Rule) { r.Enabled = false; r.PausedReason = &reason },
		models.OutcomePaused:       func(r *models.Rule) { r.PausedReason = &reason; r.Triggers = []models.Trigger{models.Created} },
		models.OutcomeOtherTrigger: func(r *models.Rule) { r.Triggers = []models.Trigger{models.Created} },
	} {
		saved := models.Rule{ID: "rule-1", Version: 3, RuleDefinition: rule(models.Order, condition("currency", models.Equals, "EUR"))}
		change(&saved)
		e := rules.EvaluateRule(&saved, models.Updated, &facts, now)
		if e.Outcome != want || !e.Matched || len(e.Conditions) != 1 || e.RuleID != "rule-1" || e.Version != 3 || e.Name != "A rule" {
			t.Errorf("want %s, got %+v", want, e)
		}
		if (len(e.AddTags) > 0) != (want == models.OutcomeMatched) {
			t.Errorf("%s asks for %q", e.Outcome, e.AddTags)
		}
	}
}

func TestAnUnknownFieldIsAnErrorOnlyWhereItCouldDecide(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	unknown := condition("risk_level", models.NotEquals, "high")
	yes, no := condition("currency", models.Equals, "EUR"), condition("currency", models.Equals, "USD")
	for _, c := range []struct {
		match models.Match
		other models.Condition
		want  models.Outcome
	}{
		{models.MatchAll, yes, models.OutcomeError},
		{models.MatchAll, no, models.OutcomeNotMatched},
		{models.MatchAny, yes, models.OutcomeMatched},
		{models.MatchAny, no, models.OutcomeError},
	} {
		def := rule(models.Order, unknown, c.other)
		def.When.Match = c.match
		e := rules.Evaluate(def, models.Created, &facts, now)
		if e.Outcome != c.want || e.Conditions[0].Passed || e.Conditions[0].Hint == nil {
			t.Errorf("%s with %v gives %s", c.match, c.other, e.Outcome)
		}
	}
}

func TestASavedRuleThatCannotBeEvaluatedSaysWhy(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	for _, broken := range []models.Condition{
		condition("gone_field", models.Equals, "x"), condition("note", models.Matches, "(["),
		condition("total_price", models.Greater, "1,000"), condition("total_price", models.Contains, "1"),
	} {
		e := rules.Evaluate(rule(models.Order, broken), models.Created, &facts, now)
		if e.Outcome != models.OutcomeError || e.Conditions[0].Hint == nil {
			t.Errorf("%v gives %s", broken, e.Outcome)
		}
		if _, err := rules.Compile(rule(models.Order, broken)); err == nil {
			t.Errorf("%v compiles", broken)
		}
	}
	if e := rules.Evaluate(rule(models.Product), models.Created, &facts, now); e.Outcome != models.OutcomeError {
		t.Errorf("a product's rule gives %s for an order", e.Outcome)
	}
}

func TestLongValuesAreShortenedInTheResult(t *testing.T) {
	t.Parallel()
	lines := make([]string, 60)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"sku": "SKU-%d"}`, i)
	}
	facts := factsOf(t, models.Order, `{"id": 5, "note": "`+strings.Repeat("é", 5000)+`", "line_items": [`+strings.Join(lines, ",")+`]}`)
	if got := one(t, &facts, "note", models.IsNotEmpty).Actual[0]; len([]rune(got)) != 201 {
		t.Errorf("the note is shown with %d characters", len([]rune(got)))
	}
	if got := one(t, &facts, "line_items.sku", models.Contains, "none"); len(got.Actual) != 20 || !strings.Contains(deref(got.Hint), "20 of 60") {
		t.Errorf("shows %d values, hint %s", len(got.Actual), deref(got.Hint))
	}
	if got := one(t, &facts, "line_items.sku", models.Contains, "sku-59"); !slices.Equal(got.Actual, []string{"SKU-59"}) {
		t.Errorf("shows %q", got.Actual)
	}
}
