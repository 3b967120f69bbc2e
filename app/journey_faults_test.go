package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// TestNothingIsLostWhileEverythingFails changes 200 records while every tenth call and webhook goes wrong in one way or
// another. In the end each record has the tags that the rules want, and every attempt is accounted for.
func TestNothingIsLostWhileEverythingFails(t *testing.T) {
	t.Parallel()
	j := setup(t, options{
		retries: "0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1",
		timeout: 400 * time.Millisecond, // every tenth call takes that long
	})
	j.rule(j.a, models.RuleDefinition{Name: "Dear", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "50"), AddTags: []string{"dear"}})
	j.rule(j.a, models.RuleDefinition{Name: "Loyal", Resource: models.Order, Enabled: true,
		When: when("customer.tags", models.Contains, "club-of-the-tests"), AddTags: []string{"loyal"}})
	j.rule(j.a, models.RuleDefinition{Name: "Sale", Resource: models.Product, Enabled: true, ResetOnMismatch: true,
		When: when("title", models.Contains, "sale"), AddTags: []string{"on-sale"}, RemoveTags: []string{"full-price"}})
	member := j.createCustomer(shopA, "Ada", "club-of-the-tests")
	buys := map[string]any{"customer": map[string]any{"toAssociate": map[string]any{"id": member}}}
	j.settled()
	tenth := 0.1
	for _, name := range []string{"throttle", "5xx", "timeout", "lost_answer", "webhook_doubled", "webhook_disordered", "webhook_late"} {
		j.must(j.sim.SetFaults(simulator.Fault{Name: name, Rate: &tenth, Shop: shopA}))
	}

	want := map[string][]string{}
	for i := range 100 {
		price, more, tags := "10.00", map[string]any{}, []string{"theirs"}
		if i%2 == 0 {
			price, tags = "60.00", append(tags, "dear")
		}
		if i%3 == 0 {
			more["customer"], tags = buys["customer"], append(tags, "loyal")
		}
		more["tags"] = []string{"theirs"}
		want[j.createOrder(shopA, price, more)] = tags

		product := j.createProduct(shopA, fmt.Sprintf("Gamay %d sale", i), "theirs", "full-price")
		want[product] = []string{"theirs", "on-sale"}
		if i%2 == 0 {
			j.retitle(shopA, product, fmt.Sprintf("Gamay %d", i))
			want[product] = nil // as the webhooks come, full-price was seen or not
		}
	}
	j.settled()
	for id, tags := range want {
		if tags != nil {
			j.wantTags(shopA, id, tags...)
		} else if got := j.sim.Tags(shopA, id); slices.Contains(got, "on-sale") || !slices.Contains(got, "theirs") {
			t.Errorf("%s has the tags %q after the sale", id, got)
		}
	}
	j.wantAttemptsCounted()
	for _, f := range []string{"throttle", "5xx", "timeout", "lost_answer"} {
		if !slices.ContainsFunc(j.sim.Log(), func(e simulator.LogEntry) bool { return e.Fault == f && e.Shop == shopA }) {
			t.Errorf("the fault %s never happened", f)
		}
	}
}

// wantAttemptsCounted checks that every delivery ended well, with one try for each failure that its history tells of
// and one for the end. What was only waited for is no try.
func (j *journey) wantAttemptsCounted() {
	j.Helper()
	var deliveries []models.Delivery
	j.must(j.app.DB.Where("shop_id = ?", j.a.ID).Find(&deliveries).Error)
	entries := map[string]models.Activity{}
	for _, e := range j.entries(j.a, "action = 'WEBHOOK_RECEIVED'") {
		entries[e.ID] = e
	}
	retried := 0
	for _, d := range deliveries {
		e, ok := entries[d.ID]
		if !ok || d.Status != models.DeliveryDone || e.Status != models.Success {
			j.Errorf("%s %s ended %s, its entry %s: %v", d.Topic, d.ID, d.Status, e.Status, e.ErrorMessage)
			continue
		}
		failures := 0
		for _, step := range e.History {
			if step.Note != nil && failedNote(*step.Note) {
				failures++
			}
		}
		if d.Attempts != failures+1 || e.Attempts != d.Attempts {
			j.Errorf("%s: %d tries, its entry says %d, after %d failures: %+v", d.Topic, d.Attempts, e.Attempts, failures, e.History)
		}
		if failures > 0 {
			retried++
		}
	}
	if retried == 0 {
		j.Error("nothing was tried again")
	}
	if len(entries) != len(deliveries) {
		j.Errorf("%d entries of %d deliveries", len(entries), len(deliveries))
	}
}

func failedNote(note string) bool {
	var try, of int
	_, err := fmt.Sscanf(note, "Try %d of %d failed", &try, &of)
	return err == nil
}

func TestATagWhoseAnswerWasLostIsStillOurs(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "3"})
	j.rule(j.a, models.RuleDefinition{Name: "Sale", Resource: models.Product, Enabled: true, ResetOnMismatch: true,
		When: when("title", models.Contains, "sale"), AddTags: []string{"on-sale"}})
	j.must(j.sim.SetFaults(simulator.Fault{Name: "lost_answer", Times: 1, Shop: shopA, Operation: "tagsAdd"}))
	product := j.createProduct(shopA, "Gamay sale")
	j.waitFor("the tag is there", func() bool { return slices.Contains(j.sim.Tags(shopA, product), "on-sale") })
	// The sale ends before we know whether the tag was put there.
	j.retitle(shopA, product, "Gamay")
	j.settled()
	j.wantTags(shopA, product)
}
