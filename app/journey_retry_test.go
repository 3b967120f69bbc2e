package app

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"github.com/tagtrail/tagtrail/stops"
)

// retryAnswer is what a retry was answered with.
type retryAnswer struct {
	Activity *struct {
		ID, Status string
		Retryable  bool
	}
	UserErrors []struct{ Message string }
}

// refusal returns the words with which a retry was refused, or "".
func (a retryAnswer) refusal() string {
	if len(a.UserErrors) == 0 {
		return ""
	}
	return a.UserErrors[0].Message
}

// retry clicks on Retry.
func (j *journey) retry(shop, id string) retryAnswer {
	j.Helper()
	var got struct{ ActivityRetry retryAnswer }
	j.data(shop, `mutation($id: ID!) { activityRetry(id: $id) { activity { id status retryable } userErrors { message } } }`,
		map[string]any{"id": id}, &got)
	return got.ActivityRetry
}

// given returns once the fault has ended a delivery for good, with the entry that says so.
func (j *journey) given(product string) models.Activity {
	j.Helper()
	j.settled()
	return j.one(j.a, "type = 'WEBHOOK' AND status = 'FAILED' AND entity_id = ?", product)
}

// seenRule tags every product.
func (j *journey) seenRule() *models.Rule {
	j.Helper()
	return j.rule(j.a, models.RuleDefinition{Name: "Any", Resource: models.Product, Enabled: true,
		Triggers: []models.Trigger{models.Created}, When: when("title", models.IsNotEmpty), AddTags: []string{"seen"}})
}

func notes(entry models.Activity) []string {
	var found []string
	for _, step := range entry.History {
		text := string(step.Status)
		if step.Note != nil {
			text += " " + *step.Note
		}
		found = append(found, text)
	}
	return found
}

func (j *journey) snapshots(cause string) []models.Snapshot {
	j.Helper()
	var found []models.Snapshot
	j.must(j.app.DB.Where("cause_id = ?", cause).Order("id").Find(&found).Error)
	return found
}

func TestAFailedWebhookIsDoneAgainByAClick(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "0,0"})
	j.seenRule()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	product := j.createProduct(shopA, "Gamay")
	failed := j.given(product)
	if failed.ErrorCode == nil || *failed.ErrorCode != "NETWORK" || failed.Attempts != 3 {
		t.Fatalf("failed: %v after %d tries", failed.ErrorCode, failed.Attempts)
	}
	if s := j.snapshots(failed.ID); len(s) != 1 || s[0].Outcome != models.SnapshotFailed || s[0].FinishedAt == nil {
		t.Errorf("what was intended is not settled: %+v", s)
	}

	j.sim.ClearFaults()
	if a := j.retry(shopA, failed.ID); a.refusal() != "" || a.Activity.ID != failed.ID || a.Activity.Retryable {
		t.Fatalf("the retry was answered %+v", a)
	}
	j.settled()
	j.wantTags(shopA, product, "seen")
	done := j.one(j.a, "id = ?", failed.ID)
	if done.Status != models.Success || done.ErrorCode != nil || done.Attempts != 4 {
		t.Errorf("in the end %s %v after %d tries", done.Status, done.ErrorCode, done.Attempts)
	}
	want := []string{
		"PENDING", "IN_PROGRESS", "PENDING Try 1 of 3 failed", "PENDING Try 2 of 3 failed", "FAILED Try 3 of 3 failed",
		"PENDING Retried by Riley Park", "SUCCESS",
	}
	if got := notes(done); len(got) != len(want) || !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("the history is %q", got)
	}
	if applied := j.one(j.a, "action = 'SMART_TAG_APPLIED'"); applied.Status != models.Success || *applied.CauseID != failed.ID {
		t.Errorf("the tag's entry: %+v", applied)
	}
	if a := j.retry(shopA, failed.ID); !strings.Contains(a.refusal(), "nothing to do again") {
		t.Errorf("what is done was retried: %+v", a)
	}
	if calls := j.writes(shopA); len(calls) != 4 {
		t.Errorf("%d writes, want the three that failed and one", len(calls))
	}
}

func TestARetryCountsItsTriesOn(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "0"})
	j.seenRule()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	failed := j.given(j.createProduct(shopA, "Gamay"))
	j.retry(shopA, failed.ID)
	j.settled()
	again := j.one(j.a, "id = ?", failed.ID)
	if got := notes(again); again.Attempts != 4 || !strings.HasPrefix(got[len(got)-1], "FAILED Try 4 of 4 failed: ") {
		t.Errorf("%d tries, the history is %q", again.Attempts, got)
	}
}

func TestATagThatWasWrittenUnheardIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	// The first try writes and hears no answer, the second cannot read.
	var written, mended atomic.Bool
	j := setup(t, options{retries: "0", wire: wire(func(body string) error {
		if strings.Contains(body, "mutation TagsAdd") {
			written.Store(true)
		}
		if strings.Contains(body, "query Tags(") && written.Load() && !mended.Load() {
			return stops.Err
		}
		return nil
	})})
	rule := j.seenRule()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "lost_answer", Times: 1, Shop: shopA, Operation: "tagsAdd"}))
	product := j.createProduct(shopA, "Gamay")
	failed := j.given(product)
	j.wantTags(shopA, product, "seen")
	owned, err := j.app.Change.Owned(t.Context(), j.a, product)
	j.must(err)
	if owned["seen"] != rule.ID {
		t.Errorf("the tag is nobody's: %v", owned)
	}
	mended.Store(true)
	j.retry(shopA, failed.ID)
	j.settled()
	if calls := j.writes(shopA); len(calls) != 1 {
		t.Errorf("%d writes, want the one that was not heard of", len(calls))
	}
	if applied := j.one(j.a, "action = 'SMART_TAG_APPLIED'"); applied.Status != models.Success {
		t.Errorf("the tag's entry: %s", applied.Status)
	}
	if s := j.snapshots(failed.ID); len(s) != 1 || s[0].Outcome != models.SnapshotSucceeded {
		t.Errorf("the snapshots: %+v", s)
	}
	if e := j.one(j.a, "id = ?", failed.ID); e.Status != models.Success {
		t.Errorf("the webhook's entry: %s %v", e.Status, e.ErrorMessage)
	}
}

func TestWhatWasRefusedIsPlannedAnewAndTheRestStays(t *testing.T) {
	t.Parallel()
	var j *journey
	j = setup(t, options{wire: wire(func(body string) error {
		if strings.Contains(body, "mutation TagsAdd") && strings.Contains(body, `"bad"`) {
			return j.sim.SetFaults(simulator.Fault{Name: "user_error", Times: 1, Shop: shopA, Operation: "tagsAdd"})
		}
		return nil
	})})
	kept := j.rule(j.a, models.RuleDefinition{Name: "Kept", Resource: models.Product, Enabled: true,
		Triggers: []models.Trigger{models.Created}, When: when("title", models.IsNotEmpty), AddTags: []string{"kept"}})
	refused := j.rule(j.a, models.RuleDefinition{Name: "Refused", Resource: models.Product, Enabled: true, Priority: 1,
		Triggers: []models.Trigger{models.Created}, When: when("title", models.IsNotEmpty), AddTags: []string{"bad"}})
	product := j.createProduct(shopA, "Gamay")
	j.settled()
	j.wantTags(shopA, product, "kept")
	webhook := j.one(j.a, "type = 'WEBHOOK' AND status = 'WARNING'")
	entry := j.one(j.a, "action = 'SMART_TAG_APPLIED' AND status = 'FAILED'")
	if *entry.RuleID != refused.ID || *webhook.ErrorCode != "INVALID_DATA" {
		t.Fatalf("refused: %+v", entry)
	}

	// Meanwhile somebody takes off what was put on, and mends the rule.
	j.untag(shopA, product, "kept")
	def := refused.RuleDefinition
	def.AddTags = []string{"good"}
	_, err := j.app.Rules.Update(t.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, refused.ID, def)
	j.must(err)
	j.settled()
	if a := j.retry(shopA, entry.ID); a.refusal() != "" || a.Activity.ID != entry.ID {
		t.Fatalf("the retry was answered %+v", a)
	}
	j.settled()
	j.wantTags(shopA, product, "good")
	after := j.one(j.a, "id = ?", entry.ID)
	if after.Status != models.Success || after.ErrorCode != nil || after.Attempts != 2 {
		t.Errorf("the tag's entry: %s %v after %d tries", after.Status, after.ErrorCode, after.Attempts)
	}
	want := []string{"IN_PROGRESS", "FAILED", "PENDING Retried by Riley Park", "SUCCESS"}
	if got := notes(after); !slices.Equal(got, want) {
		t.Errorf("the history is %q", got)
	}
	if w := j.one(j.a, "id = ?", webhook.ID); w.Status != models.Success || w.ErrorCode != nil {
		t.Errorf("the webhook's entry: %s %v", w.Status, w.ErrorCode)
	}
	if of := j.entries(j.a, "action = 'SMART_TAG_APPLIED' AND rule_id = ?", kept.ID); len(of) != 1 {
		t.Errorf("%d entries of the rule that was done", len(of))
	}
	if echo := j.one(j.a, "type = 'WEBHOOK' AND cause_id = ?", entry.ID); *echo.EntityID != product {
		t.Errorf("the echo of the retry: %+v", echo)
	}
}

func TestARetryOfWhatTheRuleNoLongerWantsDoesNothing(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	rule := j.seenRule()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "user_error", Times: 2, Shop: shopA, Operation: "tagsAdd"}))
	product := j.createProduct(shopA, "Gamay")
	j.settled()
	entry := j.one(j.a, "action = 'SMART_TAG_APPLIED' AND status = 'FAILED'")
	j.must(j.app.Rules.Delete(t.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, rule.ID))
	other := j.rule(j.a, models.RuleDefinition{Name: "Other", Resource: models.Product, Enabled: true,
		When: when("title", models.Equals, "nothing"), AddTags: []string{"x"}})
	j.retry(shopA, entry.ID)
	j.settled()
	j.wantTags(shopA, product)
	if e := j.one(j.a, "id = ?", entry.ID); e.Status != models.Success || e.Summary != "Nothing left to change · Gamay" {
		t.Errorf("the tag's entry: %s %s", e.Status, e.Summary)
	}
	if s := j.snapshots(*entry.CauseID); len(s) != 0 {
		t.Errorf("snapshots are left: %+v", s)
	}

	// Without any rule the change is given up.
	j.seenRule()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "user_error", Times: 2, Shop: shopA, Operation: "tagsAdd"}))
	product = j.createProduct(shopA, "Syrah")
	j.settled()
	entry = j.one(j.a, "action = 'SMART_TAG_APPLIED' AND status = 'FAILED'")
	for _, id := range []string{*entry.RuleID, other.ID} {
		j.must(j.app.Rules.Delete(t.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, id))
	}
	j.retry(shopA, entry.ID)
	j.settled()
	j.wantTags(shopA, product)
	if e := j.one(j.a, "id = ?", entry.ID); e.Status != models.Failed || *e.ErrorCode != "RULE_GONE" {
		t.Errorf("the tag's entry: %s %v", e.Status, e.ErrorCode)
	}
}

func TestWhatCannotBeRetriedSaysWhy(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "0"})
	j.seenRule()
	broken := raw("products/update", `{"id": 7, "title": `)
	j.deliver(broken)
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	first, second := j.createProduct(shopA, "Gamay"), j.createProduct(shopA, "Syrah")
	j.settled()
	waiting := j.one(j.a, "type = 'WEBHOOK' AND status = 'FAILED' AND entity_id = ?", first)
	bodiless := j.one(j.a, "type = 'WEBHOOK' AND status = 'FAILED' AND entity_id = ?", second)
	j.must(j.app.DB.Model(&models.Delivery{}).Where("id = ?", waiting.ID).
		Updates(map[string]any{"status": models.DeliveryPending, "due_at": models.Now().Add(patience)}).Error)
	j.must(j.app.DB.Model(&models.Delivery{}).Where("id = ?", bodiless.ID).Update("body", []byte{}).Error)
	for want, id := range map[string]string{
		"body cannot be read":     j.one(j.a, "error_code = 'INVALID_BODY'").ID,
		"being worked on already": waiting.ID,
		"no longer kept":          bodiless.ID,
		"nothing to do again":     j.entries(j.a, "action = 'RULE_CREATED'")[0].ID,
	} {
		if got := j.retry(shopA, id).refusal(); !strings.Contains(got, want) {
			t.Errorf("refused with %q, want %q", got, want)
		}
	}
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Update("uninstalled_at", models.Now()).Error)
	gone := j.shop(shopA)
	_, err := j.app.Webhooks.Retry(t.Context(), gone, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, bodiless.ID)
	if err == nil || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("a shop that has gone: %v", err)
	}
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Update("uninstalled_at", nil).Error)
	r := j.ask(shopB, fmt.Sprintf(`mutation { activityRetry(id: %q) { activity { id } } }`, bodiless.ID), nil)
	if f := r.failure(j); f.Extensions.Code != "NOT_FOUND" {
		t.Errorf("another shop's: %s", r.body)
	}
}

func TestARuleThatCameToNoWriteIsHeardAgainByARetryAlone(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true})
	first, second := j.productRule("First", models.RuleDefinition{Enabled: true, AddTags: []string{"one"}}),
		j.productRule("Second", models.RuleDefinition{Enabled: true, AddTags: []string{"two"}})
	product := j.createProduct(shopA, "Gamay")
	request := change.Request{Shop: j.a, ResourceID: product, Resource: models.Product, CauseID: models.NewID(models.Now())}
	candidate := func(rule *models.Rule) rules.Candidate {
		facts, err := rules.FromPayload(models.Product, fmt.Appendf(nil, `{"admin_graphql_api_id": %q, "title": "Gamay"}`, product))
		j.must(err)
		return rules.Candidate{
			Definition: rule.RuleDefinition,
			Evaluation: rules.CompileRule(rule).Evaluate(models.Created, &facts, models.Now()),
		}
	}
	apply := func(want ...string) {
		_, err := j.app.Change.Apply(t.Context(), request)
		j.must(err)
		j.wantTags(shopA, product, want...)
	}
	request.Candidates = []rules.Candidate{candidate(first)}
	apply("one")
	j.untag(shopA, product, "one")
	request.Candidates = append(request.Candidates, candidate(second))
	apply() // the delivery was done, and is done once
	request.Again = true
	apply("two")
	apply("two")
	if calls := j.writes(shopA); len(calls) != 2 {
		t.Errorf("%d writes, want one for each rule", len(calls))
	}
}
