package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/graph"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"github.com/vektah/gqlparser/v2/ast"
)

// mark is in every text of shop A that its people chose.
const mark = "SecretOfA"

// ofShopA is what shop A has: what another shop must never read.
type ofShopA struct {
	entry, rule, order, cursor, ruleCursor string
	// failed is an order that was refused its tag, failure the entry that says so.
	failed, failure             string
	key, source, idempotencyKey string
	view, stream                string
	operation, item, product    string
	export                      string
	// words are every id, title and tag.
	words []string
}

func (j *journey) fillShopA() ofShopA {
	j.Helper()
	rule := j.rule(j.a, models.RuleDefinition{Name: mark + " rule", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "0"), AddTags: []string{mark + "-tag"}})
	j.rule(j.a, models.RuleDefinition{Name: mark + " other", Resource: models.Product, Enabled: true,
		When: when("title", models.Contains, mark), AddTags: []string{mark + "-good"}})
	j.must(j.sim.SetFaults(simulator.Fault{Name: "user_error", Times: 2, Shop: shopA, Operation: "tagsAdd"}))
	failed := j.createOrder(shopA, "76.00", map[string]any{"name": "#" + mark + "2"})
	j.settled()
	order := j.createOrder(shopA, "77.00", map[string]any{"name": "#" + mark, "note": mark})
	product := j.createProduct(shopA, mark+" wine")
	key, _ := j.key(shopA, mark+" key", "READ")
	source := j.connect(shopA, "STRIPE", mark+" source", stripeSecret)
	stream := j.stream(shopA, mark+" stream", "https://example.com/"+mark, nil)
	j.data(shopA, `mutation ($id: ID!) { streamEnable(id: $id, enabled: false) { userErrors { message } } }`, map[string]any{"id": stream.ID}, &struct{}{})
	idempotencyKey := "of the day"
	_, err := j.app.Activity.RecordOutside(j.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: mark}, &activity.Outside{
		IdempotencyKey: &idempotencyKey, Type: models.UserAction, Action: "A", Summary: mark,
	})
	j.must(err)
	j.settled()
	operation := j.operate(j.a, change.Input{Kind: models.TagAdd, Resource: models.Product, Tags: []string{mark + "-bulk"},
		Selection: change.Selection{IDs: []string{product}}})
	items, err := operation.Items(j.Context(), nil, nil, nil)
	j.must(err)
	j.operate(j.a, change.Input{Kind: models.TagScan, Resource: models.Product, Selection: change.Selection{All: true}})
	j.settled()
	view := func(name string) string {
		var saved struct {
			SavedViewSave struct{ SavedView struct{ ID string } }
		}
		j.data(shopA, `mutation($name: String!) { savedViewSave(input: {name: $name, shared: true, filter: {}}) { savedView { id } } }`,
			map[string]any{"name": name}, &saved)
		return saved.SavedViewSave.SavedView.ID
	}
	var got struct {
		Activities struct{ Edges []struct{ Cursor string } }
		Rules      struct{ Edges []struct{ Cursor string } }
	}
	j.data(shopA, `{ activities(first: 2) { edges { cursor } } rules(first: 1) { edges { cursor } } }`, nil, &got)
	a := ofShopA{
		entry:          j.one(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ?", order).ID,
		rule:           rule.ID,
		order:          order,
		failed:         failed,
		failure:        j.one(j.a, "action = 'SMART_TAG_APPLIED' AND status = 'FAILED'").ID,
		cursor:         got.Activities.Edges[1].Cursor,
		ruleCursor:     got.Rules.Edges[0].Cursor,
		words:          []string{mark, order, product, j.a.Domain, j.a.Name, "Riley Park", "90000001"},
		key:            key,
		source:         source.ID,
		stream:         stream.ID,
		idempotencyKey: idempotencyKey,
		view:           view(mark + " view"),
		operation:      operation.ID,
		product:        product,
		item:           items.Items[0].ID,
	}
	exported, err := j.app.Export.Start(j.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: mark}, export.Input{})
	j.must(err)
	a.export = exported.ID
	for _, table := range []string{"activities", "rules", "deliveries", "snapshots", "api_keys", "sources", "saved_views", "operations", "streams", "exports"} {
		var ids []string
		j.must(j.app.DB.Table(table).Where("shop_id = ?", j.a.ID).Pluck("id", &ids).Error)
		if len(ids) == 0 {
			j.Fatalf("shop A has nothing in %s", table)
		}
		a.words = append(a.words, ids...)
	}
	return a
}

// attempt is one way of asking for what belongs to shop A.
type attempt struct {
	// arguments of the field, in GraphQL.
	arguments string
	// shownToA is whether shop A's own people read something of theirs this way.
	shownToA bool
}

// attempts is one or more for every field of Query, Mutation and Subscription: a field without one fails the test.
func attempts(a ofShopA) map[string][]attempt {
	input := `{name: "of B", resource: ORDER, triggers: [CREATED], when: {conditions: [{field: "total_price", operator: GREATER, values: ["1"]}]}, addTags: ["b"]}`
	return map[string][]attempt{
		"Query.shop":               {{"", true}},
		"Query.storage":            {{"", false}},
		"Query.archivedActivities": {{"", false}, {fmt.Sprintf("(filter: {search: %q})", mark), false}},
		"Mutation.settingsUpdate":  {{`(input: {snapshotDays: 91, notifyEmails: ["of@b.example"], notifyFailures: true})`, false}},
		"Query.activity":           {{fmt.Sprintf("(id: %q)", a.entry), true}},
		"Query.activities": {
			{"(first: 10)", true},
			{fmt.Sprintf("(first: 10, filter: {entityId: %q})", a.order), true},
			{fmt.Sprintf("(first: 10, filter: {ruleId: %q})", a.rule), true},
			{fmt.Sprintf("(first: 10, filter: {actorIds: [%q]})", a.rule), true},
			{fmt.Sprintf("(first: 1, after: %q)", a.cursor), true},
			{fmt.Sprintf("(last: 1, before: %q)", a.cursor), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", mark), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", "rule:"+mark), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", "actor:"+mark), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", "order:#"+mark), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", "tag:"+mark+"-tag"), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", "id:"+a.entry), true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", a.order), true},
		},
		"Query.operation":          {{fmt.Sprintf("(id: %q)", a.operation), true}},
		"Query.operations":         {{"(first: 3)", true}, {"(first: 3, filter: {kinds: [TAG_ADD]})", true}},
		"Query.operationPreview":   {{`(input: {kind: TAG_ADD, resource: PRODUCT, tags: ["b"], selection: {all: true}})`, true}},
		"Query.selectionFromCSV":   {{`(resource: PRODUCT, csv: "ID\n1")`, false}},
		"Query.revertPreview":      {{fmt.Sprintf("(input: {operationId: %q})", a.operation), true}, {fmt.Sprintf("(input: {ruleId: %q})", a.rule), true}},
		"Query.tagScan":            {{"(resource: PRODUCT)", true}},
		"Query.export":             {{fmt.Sprintf("(id: %q)", a.export), true}},
		"Query.exports":            {{"(first: 3)", true}},
		"Query.exportColumns":      {{"", false}},
		"Mutation.exportStart":     {{"(input: {})", false}},
		"Mutation.exportCancel":    {{fmt.Sprintf("(id: %q)", a.export), false}},
		"Mutation.exportRenew":     {{fmt.Sprintf("(id: %q)", a.export), false}},
		"Mutation.operationStart":  {{fmt.Sprintf(`(input: {kind: TAG_ADD, resource: PRODUCT, tags: ["b"], selection: {ids: [%q]}})`, a.product), false}},
		"Mutation.operationCancel": {{fmt.Sprintf("(id: %q)", a.operation), false}},
		"Mutation.operationRetry":  {{fmt.Sprintf("(id: %q)", a.operation), false}},
		"Mutation.operationRevert": {
			{fmt.Sprintf("(input: {operationId: %q, itemIds: [%q]})", a.operation, a.item), false},
			{fmt.Sprintf("(input: {activityId: %q})", a.entry), false},
			{fmt.Sprintf("(input: {ruleId: %q})", a.rule), false},
		},
		"Subscription.operationProgress": {{fmt.Sprintf("(id: %q)", a.operation), true}},
		"Subscription.exportProgress":    {{fmt.Sprintf("(id: %q)", a.export), true}},
		"Query.activityStats":            {{"", true}, {fmt.Sprintf("(interval: DAY, filter: {actorIds: [%q]})", a.rule), true}},
		"Query.rule":                     {{fmt.Sprintf("(id: %q)", a.rule), true}},
		"Query.rules": {
			{"(first: 10)", true},
			{fmt.Sprintf("(first: 10, filter: {search: %q})", mark), true},
			{fmt.Sprintf("(first: 10, after: %q)", a.ruleCursor), true},
		},
		"Query.explain": {
			{fmt.Sprintf("(resourceId: %q)", a.order), true},
			{fmt.Sprintf("(resourceId: %q, ruleId: %q)", a.order, a.rule), true},
		},
		"Query.resource":            {{fmt.Sprintf("(id: %q)", a.order), true}},
		"Query.resources":           {{fmt.Sprintf("(search: %q)", a.order), true}, {fmt.Sprintf("(search: %q)", mark), true}},
		"Query.activityFailures":    {{"", true}, {fmt.Sprintf("(filter: {entityId: %q})", a.failed), true}},
		"Mutation.activityRetry":    {{fmt.Sprintf("(id: %q)", a.failure), false}},
		"Mutation.activityRetryAll": {{`(code: "INVALID_DATA")`, false}},
		"Query.ruleFields":          {{"(resource: ORDER)", false}},
		"Mutation.ruleCreate":       {{"(input: " + input + ")", false}},
		"Mutation.ruleUpdate":       {{fmt.Sprintf("(id: %q, input: %s)", a.rule, input), false}},
		"Mutation.ruleDelete":       {{fmt.Sprintf("(id: %q)", a.rule), false}},
		"Mutation.ruleSetEnabled":   {{fmt.Sprintf("(id: %q, enabled: false)", a.rule), false}},
		"Query.savedViews":          {{"", true}},
		"Mutation.savedViewSave": {
			{`(input: {name: "of B", filter: {}})`, false},
			{fmt.Sprintf(`(input: {id: %q, name: "of B", shared: true, filter: {}})`, a.view), true},
		},
		"Mutation.savedViewDelete": {{fmt.Sprintf("(id: %q)", a.view), false}},
		"Mutation.ruleTest": {
			{fmt.Sprintf("(input: {ruleId: %q, lastEvents: 50})", a.rule), true},
			{fmt.Sprintf("(input: {ruleId: %q, payload: {id: 1, total_price: \"9\", tags: \"\"}})", a.rule), true},
			{"(input: {rule: " + input + ", lastEvents: 50})", true},
			{fmt.Sprintf("(input: {rule: %s, resourceId: %q})", input, a.order), true},
		},
		"Query.apiKeys":               {{"", true}},
		"Query.sources":               {{"", true}},
		"Mutation.apiKeyCreate":       {{`(input: {name: "of B", scopes: [READ]})`, false}},
		"Mutation.apiKeyRevoke":       {{fmt.Sprintf("(id: %q)", a.key), false}},
		"Mutation.sourceSave":         {{fmt.Sprintf(`(input: {id: %q, kind: STRIPE, name: "of B"})`, a.source), false}},
		"Mutation.sourceDelete":       {{fmt.Sprintf("(id: %q)", a.source), false}},
		"Query.streams":               {{"", true}},
		"Mutation.streamCreate":       {{`(input: {name: "of B", url: "https://example.com/of-b"})`, false}},
		"Mutation.streamUpdate":       {{fmt.Sprintf(`(id: %q, input: {name: "of B", url: "https://example.com/of-b"})`, a.stream), false}},
		"Mutation.streamDelete":       {{fmt.Sprintf("(id: %q)", a.stream), false}},
		"Mutation.streamEnable":       {{fmt.Sprintf("(id: %q)", a.stream), false}},
		"Mutation.streamReplay":       {{fmt.Sprintf(`(id: %q, from: "2026-01-01T00:00:00Z")`, a.stream), false}},
		"Mutation.streamRotateSecret": {{fmt.Sprintf("(id: %q)", a.stream), false}},
		"Mutation.streamTest":         {{fmt.Sprintf("(id: %q)", a.stream), false}},
		"Mutation.activityRecord":     {{fmt.Sprintf(`(input: {type: USER_ACTION, action: "A", summary: "of B", idempotencyKey: %q})`, a.idempotencyKey), false}},
		"Mutation.activityRecordBatch": {
			{fmt.Sprintf(`(inputs: [{type: USER_ACTION, action: "A", summary: "of B", idempotencyKey: %q}])`, a.idempotencyKey), false},
		},
		"Subscription.activityChanged": {{"", true}, {fmt.Sprintf("(filter: {ruleId: %q})", a.rule), true}},
	}
}

// allOf selects every field of a type, a few levels deep.
func allOf(schema *ast.Schema, t *ast.Type, levels int) string {
	def := schema.Types[t.Name()]
	if def.Kind != ast.Object || levels < 0 {
		return ""
	}
	var fields []string
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		selection := allOf(schema, f.Type, levels-1)
		if schema.Types[f.Type.Name()].Kind == ast.Object && selection == "" {
			continue
		}
		arguments := ""
		if f.Arguments.ForName("first") != nil {
			arguments = "(first: 3)"
		}
		fields = append(fields, f.Name+arguments+selection)
	}
	if len(fields) == 0 {
		return ""
	}
	return " { " + strings.Join(fields, " ") + " }"
}

// leaked returns the words of shop A that an answer shows and its question did not have.
func leaked(words []string, question, answer string) []string {
	var found []string
	for _, word := range words {
		if strings.Contains(answer, word) && !strings.Contains(question, word) {
			found = append(found, word)
		}
	}
	return found
}

func TestNoQueryOrMutationReachesAnotherShop(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	a := j.fillShopA()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	table := attempts(a)
	known := map[string]bool{}
	type question struct{ name, text string }
	var questions []question
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation} {
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			name := root.Name + "." + field.Name
			known[name] = true
			if len(table[name]) == 0 {
				t.Errorf("%s: nobody has tried it with another shop's ids", name)
			}
			for _, try := range table[name] {
				text := strings.ToLower(root.Name) + " { " + field.Name + try.arguments + allOf(schema, field.Type, 4) + " }"
				questions = append(questions, question{name, text})
				if !try.shownToA {
					continue
				}
				if r := j.ask(shopA, text, nil); len(leaked(a.words, text, string(r.body))) == 0 {
					t.Errorf("%s%s shows shop A nothing of its own: %s", name, try.arguments, r.body)
				}
			}
		}
	}
	for name := range table {
		if !known[name] && !strings.HasPrefix(name, "Subscription.") {
			t.Errorf("%s is not in the schema", name)
		}
	}
	before := j.rowsOf(j.a)
	for _, q := range questions {
		r := j.ask(shopB, q.text, nil)
		var answer struct {
			Errors []struct{ Extensions struct{ Code string } }
		}
		j.must(json.Unmarshal(r.body, &answer))
		for _, e := range answer.Errors {
			if code := e.Extensions.Code; code != "NOT_FOUND" && code != "INVALID" {
				t.Errorf("%s: %s", q.name, r.body)
			}
		}
		if words := leaked(a.words, q.text, string(r.body)); len(words) > 0 {
			t.Errorf("%s shows shop B %q:\n%s\n%s", q.name, words, q.text, r.body)
		}
	}
	j.settled()
	j.wantUntouched(j.a, before)
}

func TestNoSubscriptionShowsAnotherShop(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	a := j.fillShopA()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	table := attempts(a)
	for _, field := range schema.Subscription.Fields {
		name := "Subscription." + field.Name
		if len(table[name]) == 0 {
			t.Errorf("%s: nobody has tried it with another shop's ids", name)
		}
		for _, try := range table[name] {
			text := "subscription { " + field.Name + try.arguments + allOf(schema, field.Type, 3) + " }"
			ofB, ofA := j.subscribe(shopB, text), j.subscribe(shopA, text)
			if field.Name == "operationProgress" || field.Name == "exportProgress" {
				// The row is told as it is: shop A is told so, shop B that there is none.
				ofA.until(j, "SecretOfA")
				ofB.until(j, "NOT_FOUND")
				if found := leaked(a.words, text, ofB.close()); len(found) > 0 {
					t.Errorf("%s%s shows shop B %q", name, try.arguments, found)
				}
				ofA.close()
				continue
			}
			if try.arguments == "" {
				ofB.begun(j, shopB)
			}
			ofA.begun(j, shopA)
			order := j.createOrder(shopA, "78.00", map[string]any{"name": "#" + mark})
			j.settled()
			ofA.until(j, order)
			product := j.createProduct(shopB, "Ours to see")
			j.settled()
			if try.arguments == "" {
				ofB.until(j, product) // so whatever was said before has arrived
			}
			words := append(slices.Clone(a.words), order)
			if found := leaked(words, text, ofB.close()); len(found) > 0 {
				t.Errorf("%s%s shows shop B %q", name, try.arguments, found)
			}
			ofA.close()
		}
	}
}
