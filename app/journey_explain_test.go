package app

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// explanation is why a rule acted, or not, as the API tells it.
type explanation struct {
	Rule             struct{ ID, Name string }
	Outcome, Message string
	At               *string
	Evaluation       *struct {
		Outcome    string
		Conditions []struct {
			Field            string
			Expected, Actual []string
			Passed           bool
		}
	}
	Activity  *struct{ ID string }
	RemovedBy *struct{ Type, Name string }
}

func (j *journey) explain(shop, resource string) []explanation {
	j.Helper()
	var got struct{ Explain []explanation }
	j.data(shop, `query($id: ID!) { explain(resourceId: $id) { rule { id name } outcome message at
		evaluation { outcome conditions { field expected actual passed } } activity { id } removedBy { type name } } }`,
		map[string]any{"id": resource}, &got)
	return got.Explain
}

// wantExplained checks the outcome of one rule, and that its message says what it should. It returns the explanation.
func (j *journey) wantExplained(resource string, rule *models.Rule, outcome string, words ...string) explanation {
	j.Helper()
	for _, e := range j.explain(shopA, resource) {
		if e.Rule.ID != rule.ID {
			continue
		}
		if e.Outcome != outcome {
			j.Errorf("%s: %s (%s), want %s", rule.Name, e.Outcome, e.Message, outcome)
		}
		for _, word := range words {
			if !strings.Contains(e.Message, word) {
				j.Errorf("%s: %q does not say %q", rule.Name, e.Message, word)
			}
		}
		return e
	}
	j.Fatalf("the rule %s is not explained", rule.Name)
	return explanation{}
}

// productRule is a rule about products that acts on creation and update.
func (j *journey) productRule(name string, more models.RuleDefinition) *models.Rule {
	j.Helper()
	more.Name, more.Resource = name, models.Product
	if more.When.Match == "" {
		more.When = when("title", models.IsNotEmpty)
	}
	return j.rule(j.a, more)
}

func TestARuleThatActedOrNotIsExplained(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	applied := j.productRule("Applied", models.RuleDefinition{Enabled: true, AddTags: []string{"new"}})
	off := j.productRule("Off", models.RuleDefinition{AddTags: []string{"off"}})
	other := j.productRule("Other trigger", models.RuleDefinition{Enabled: true, AddTags: []string{"later"},
		Triggers: []models.Trigger{models.Updated}, When: when("title", models.Equals, "Barolo")})
	dear := when("price.first", models.Greater, "50")
	dear.Conditions = append(when("title", models.Contains, "Gamay").Conditions, dear.Conditions...)
	unmatched := j.productRule("Unmatched", models.RuleDefinition{Enabled: true, AddTags: []string{"dear"}, When: dear})
	unchanged := j.productRule("Unchanged", models.RuleDefinition{Enabled: true, AddTags: []string{"wine"}})
	outranked := j.productRule("Outranked", models.RuleDefinition{Enabled: true, Priority: 9, RemoveTags: []string{"new"}})
	orders := j.rule(j.a, models.RuleDefinition{Name: "Orders", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "1"), AddTags: []string{"x"}})
	product := j.createProduct(shopA, "Gamay", "wine")
	j.settled()

	j.wantExplained(product, applied, "APPLIED", "new added")
	j.wantExplained(product, off, "DISABLED", "switched off")
	j.wantExplained(product, other, "OTHER_TRIGGER", "records that are updated")
	e := j.wantExplained(product, unmatched, "NOT_MATCHED", "Condition 2 of 2 was false", "price.first has to be greater than 50")
	if e.Evaluation == nil || len(e.Evaluation.Conditions) != 2 || e.Evaluation.Conditions[1].Passed || e.Activity == nil || e.At == nil {
		t.Errorf("the verdict: %+v", e)
	}
	j.wantExplained(product, unchanged, "UNCHANGED", "wine was there already")
	j.wantExplained(product, outranked, "OUTRANKED", "Applied")
	if all := j.explain(shopA, product); len(all) != 6 {
		t.Errorf("%d rules are explained, want those about products", len(all))
	}

	// One rule, also one that is deleted, and one that is about something else.
	ask := func(resource, rule string) reply {
		return j.ask(shopA, fmt.Sprintf(`{ explain(resourceId: %q, ruleId: %q) { outcome message } }`, resource, rule), nil)
	}
	if f := ask(product, orders.ID).failure(j); f.Extensions.Code != "INVALID" {
		t.Errorf("a rule about orders: %+v", f)
	}
	if f := ask("gid://shopify/Shop/1", applied.ID).failure(j); f.Extensions.Code != "INVALID" {
		t.Errorf("a record without rules: %+v", f)
	}
	j.must(j.app.Rules.Delete(t.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, unmatched.ID))
	if r := ask(product, unmatched.ID); !strings.Contains(string(r.body), "was deleted on") || !strings.Contains(string(r.body), "NOT_MATCHED") {
		t.Errorf("a deleted rule: %s", r.body)
	}
	j.wantExplainedSince(product, applied, off, unchanged, outranked)
}

// wantExplainedSince changes the rules, and wants the explanations to know it.
func (j *journey) wantExplainedSince(product string, applied, off, unchanged, outranked *models.Rule) {
	j.Helper()
	t := j.T
	actor := models.Actor{Type: models.ActorStaff, Name: "Riley Park"}
	_, err := j.app.Rules.SetEnabled(t.Context(), j.a, actor, off.ID, true)
	j.must(err)
	j.wantExplained(product, off, "DISABLED", "switched off when", "no webhook has come since")
	_, err = j.app.Rules.SetEnabled(t.Context(), j.a, actor, unchanged.ID, false)
	j.must(err)
	j.wantExplained(product, unchanged, "DISABLED", "switched off since")
	def := outranked.RuleDefinition
	def.RemoveTags = []string{"old"}
	_, err = j.app.Rules.Update(t.Context(), j.a, actor, outranked.ID, def)
	j.must(err)
	j.wantExplained(product, outranked, "NO_WEBHOOK", "since the rule was changed")
	late := j.productRule("Late", models.RuleDefinition{Enabled: true, AddTags: []string{"late"}})
	j.wantExplained(product, late, "NO_WEBHOOK", "since the rule was made")
	j.wantExplained("gid://shopify/Product/999999999", applied, "NO_WEBHOOK", "since Tagtrail was connected", "Check that")
}

func TestADuplicateIsExplained(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	rule := j.productRule("Dear", models.RuleDefinition{Enabled: true, AddTags: []string{"dear"}, When: when("title", models.Contains, "Barolo")})
	j.must(j.sim.SetFaults(simulator.Fault{Name: "webhook_doubled", Shop: shopA, Operation: "products/create"}))
	product := j.createProduct(shopA, "Gamay")
	j.waitFor("the duplicate is noted", func() bool {
		found := j.entries(j.a, "type = 'WEBHOOK' AND entity_id = ?", product)
		return len(found) == 1 && metadata(found[0])["duplicatesSuppressed"] != nil
	})
	j.wantExplained(product, rule, "DUPLICATE", "suppressed", "Condition 1 of 1 was false")
}

func TestWhoTookATagOffIsExplained(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	on := j.productRule("On", models.RuleDefinition{Enabled: true, AddTags: []string{"new"}, Triggers: []models.Trigger{models.Created}})
	reset := j.productRule("Sale", models.RuleDefinition{Enabled: true, ResetOnMismatch: true, AddTags: []string{"sale"}, When: when("title", models.Contains, "sale")})
	offRule := j.productRule("Sold out", models.RuleDefinition{Enabled: true, RemoveTags: []string{"new"}, Triggers: []models.Trigger{models.Updated},
		When: when("title", models.Contains, "sold out")})
	product := j.createProduct(shopA, "Gamay sale")
	other := j.createProduct(shopA, "Syrah")
	j.settled()
	j.wantExplained(product, on, "APPLIED")
	j.wantExplained(product, reset, "APPLIED")

	j.untag(shopA, product, "new")
	j.settled()
	e := j.wantExplained(product, on, "REMOVED_LATER", "somebody in Shopify", "do not tell who")
	if e.RemovedBy == nil || e.RemovedBy.Type != "EXTERNAL" || e.RemovedBy.Name != "Unknown" || e.Activity == nil {
		t.Errorf("removed by: %+v", e)
	}
	j.retitle(shopA, product, "Gamay")
	j.settled()
	j.wantExplained(product, reset, "NOT_MATCHED", "Condition 1 of 1", "took off again", "sale removed")

	j.retitle(shopA, other, "Syrah sold out")
	j.settled()
	e = j.wantExplained(other, on, "REMOVED_LATER", "The rule Sold out took it off")
	if e.RemovedBy == nil || e.RemovedBy.Type != "RULE" || e.RemovedBy.Name != "Sold out" {
		t.Errorf("removed by: %+v", e.RemovedBy)
	}
	j.wantExplained(other, offRule, "APPLIED", "new removed")
}

func TestWhatWentWrongIsExplained(t *testing.T) {
	t.Parallel()
	var refuses atomic.Bool
	var j *journey
	j = setup(t, options{retries: "0", wire: wire(func(body string) error {
		if refuses.Load() && strings.Contains(body, "mutation TagsAdd") {
			return j.sim.SetFaults(simulator.Fault{Name: "user_error", Times: 1, Shop: shopA, Operation: "tagsAdd"})
		}
		return nil
	})})
	rule := j.seenRule()
	refuses.Store(true)
	refused := j.createProduct(shopA, "Gamay")
	j.settled()
	refuses.Store(false)
	j.sim.ClearFaults()
	e := j.wantExplained(refused, rule, "REFUSED", "could not", "Shopify refused the tags")
	if entry := j.one(j.a, "action = 'SMART_TAG_APPLIED'"); e.Activity == nil || e.Activity.ID != entry.ID {
		t.Errorf("the entry that says so: %+v", e.Activity)
	}

	failed := j.failedProducts(1)[0]
	j.wantExplained(failed, rule, "PENDING", "has failed", "retry it")
	j.retry(shopA, j.one(j.a, "type = 'WEBHOOK' AND status = 'FAILED'").ID)
	j.settled()
	j.wantExplained(failed, rule, "APPLIED")

	j.must(j.app.DB.Model(&models.Rule{}).Where("id = ?", rule.ID).Update("paused_reason", "It went round in circles.").Error)
	paused := j.createProduct(shopA, "Syrah")
	j.settled()
	j.wantExplained(paused, rule, "PAUSED", "round in circles")
	j.must(j.app.DB.Model(&models.Rule{}).Where("id = ?", rule.ID).Update("paused_reason", nil).Error)

	j.must(j.sim.Uninstall(shopA))
	j.waitFor("the app is uninstalled", func() bool { return j.shop(shopA).UninstalledAt != nil })
	j.settled()
	gone, err := j.app.Activity.Explain(t.Context(), j.shop(shopA), "gid://shopify/Product/42", &rule.ID)
	j.must(err)
	if gone[0].Outcome != "NO_WEBHOOK" || !strings.Contains(gone[0].Message, "not installed") {
		t.Errorf("after the end: %+v", gone[0])
	}
}

func TestAWebhookThatWaitsIsExplained(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "600"})
	rule := j.seenRule()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	product := j.createProduct(shopA, "Gamay")
	j.waitFor("the first try has failed", func() bool { return len(j.entries(j.a, "type = 'WEBHOOK' AND status = 'PENDING'")) == 1 })
	j.wantExplained(product, rule, "PENDING", "still being worked on")
}
