package rules_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

// payloadKeys are keys that payloads have, so that random ones are not all beside the point.
var payloadKeys = []string{"id", "admin_graphql_api_id", "name", "email", "total_price", "total_weight", "tags", "note",
	"line_items", "sku", "price", "quantity", "shipping_address", "country", "country_code", "province", "customer", "variants",
	"variant_gids", "inventory_quantity", "position", "compare_at_price", "created_at", "updated_at", "published_at",
	"discount_codes", "code", "payment_gateway_names", "default_address", "verified_email", "state", "fulfillment_status",
	"email_marketing_consent", "total_shipping_price_set", "shop_money", "amount", "order_edit", "title", "first_name"}

// drawJSON draws any JSON value, with keys and texts as payloads have them and as they should not.
func drawJSON(t *rapid.T, depth int) any {
	kinds := 7
	if depth == 0 {
		kinds = 5
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.SampledFrom([]json.Number{"0", "-1", "12.50", "1e400", "820982911946154508", "99999999999999999999999999",
			"-0", "1E-9", "3"}).Draw(t, "number")
	case 3:
		return rapid.SampledFrom([]string{"", " ", "abc", "VIP, New  York,,vip", "2026-01-31", "2026-01-31T10:00:00Z", "10.00",
			"1,000", "1e999999999", "\x00", "é\u0301", "İ", "gid://shopify/Order/7", "gid://shopify/Order/", "@", "a@b@c", "{{note}}",
			"true"}).Draw(t, "sampled")
	case 4:
		return rapid.String().Draw(t, "text")
	case 5:
		items := make([]any, rapid.IntRange(0, 4).Draw(t, "items"))
		for i := range items {
			items[i] = drawJSON(t, depth-1)
		}
		return items
	default:
		object := map[string]any{}
		for range rapid.IntRange(0, 8).Draw(t, "keys") {
			object[rapid.SampledFrom(payloadKeys).Draw(t, "key")] = drawJSON(t, depth-1)
		}
		return object
	}
}

func TestAnyPayloadCanBeEvaluated(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		object := map[string]any{"id": 7}
		for range rapid.IntRange(0, 12).Draw(t, "keys") {
			object[rapid.SampledFrom(payloadKeys[2:]).Draw(t, "key")] = drawJSON(t, 3)
		}
		body, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range []models.ResourceType{models.Order, models.Customer, models.Product} {
			facts, err := rules.FromPayload(resource, body)
			if err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			evaluateEverything(t, &facts)
		}
	})
}

func TestANegativeOperatorIsTheOppositeOfItsPositiveOne(t *testing.T) {
	t.Parallel()
	opposites := map[models.Operator]models.Operator{models.Equals: models.NotEquals, models.Contains: models.NotContains,
		models.In: models.NotIn, models.IsEmpty: models.IsNotEmpty}
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.SampledFrom(rules.Fields(models.Order)).Draw(t, "field")
		facts, err := rules.FromPayload(models.Order, []byte(`{"id": 1}`))
		if err != nil {
			t.Fatal(err)
		}
		values := rapid.SliceOfN(rapid.SampledFrom([]string{"abc", "ABC ", "12.5", "2026-01-31", "true", ""}), 0, 3).Draw(t, "values")
		facts.Set(field.Name, values...)
		for _, operator := range field.Operators {
			negative, ok := opposites[operator]
			if !ok {
				continue
			}
			wanted := valuesFor(field, operator)
			yes := rules.Evaluate(rule(models.Order, condition(field.Name, operator, wanted...)), models.Created, &facts, now)
			no := rules.Evaluate(rule(models.Order, condition(field.Name, negative, wanted...)), models.Created, &facts, now)
			if yes.Matched == no.Matched {
				t.Fatalf("%s of %q: %s and %s are both %v", field.Name, values, operator, negative, yes.Matched)
			}
		}
	})
}

func TestFactsAndCompiledRulesMayBeUsedAtOnce(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	compiled, err := rules.Compile(rule(models.Order, condition("email", models.Matches, "riley"), condition("tags", models.Contains, "VIP"),
		condition("line_items.price", models.Greater, "10")))
	if err != nil {
		t.Fatal(err)
	}
	want := compiled.Evaluate(models.Created, &facts, now)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				if diff := cmp.Diff(want, compiled.Evaluate(models.Created, &facts, now)); diff != "" {
					t.Error(diff)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestAnEvaluationIsKeptAsJSONWithoutLoss(t *testing.T) {
	t.Parallel()
	facts := factsOf(t, models.Order, order)
	e := rules.Evaluate(rule(models.Order, condition("tags", models.Contains, "VIP"), condition("note", models.IsNotEmpty)), models.Created, &facts, now)
	kept, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back models.Evaluation
	if err := json.Unmarshal(kept, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fmt.Sprint(e.Conditions[0].Actual, deref(e.Conditions[0].Hint)), fmt.Sprint(back.Conditions[0].Actual, deref(back.Conditions[0].Hint))); diff != "" {
		t.Error(diff)
	}
}
