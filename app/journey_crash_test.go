package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/stops"
)

// stopping is how a journey's run is stopped.
type stopping struct {
	way stops.Way
	// after stops once the other side has done what it was asked, before its answer is heard.
	after bool
}

var stoppings = map[string]stopping{
	"before the step":         {way: stops.Failed},
	"before the answer":       {way: stops.Failed, after: true},
	"with its time cut short": {way: stops.Asked, after: true},
}

// calls makes a step of each call.
type calls struct {
	s     *stops.Stopper
	over  http.RoundTripper
	after bool
}

// RoundTrip implements http.RoundTripper.
func (c *calls) RoundTrip(r *http.Request) (*http.Response, error) {
	stopped := c.s.Step()
	if stopped != nil && !c.after {
		return nil, stopped
	}
	res, err := c.over.RoundTrip(r)
	if stopped != nil && err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return nil, stopped
	}
	return res, err
}

// TestApplyMayBeStoppedAtAnyStep stops Apply at its first step, at its second, and so on to its last, and then lets it
// run again. Whatever the step, each tag is written once and each rule has one entry.
func TestApplyMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for name, how := range stoppings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stops.Stopper{}
			j := setup(t, options{stopped: true, wire: &calls{s, http.DefaultTransport, how.after}})
			adds := j.rule(j.a, models.RuleDefinition{Name: "Adds", Resource: models.Order, Enabled: true,
				When: when("total_price", models.Greater, "1"), AddTags: []string{"one", "two"}})
			removes := j.rule(j.a, models.RuleDefinition{Name: "Removes", Resource: models.Order, Enabled: true,
				When: when("total_price", models.Greater, "1"), AddTags: []string{"three"}, RemoveTags: []string{"old"}})
			j.must(stops.Statements(j.app.DB, s.Step))
			stops.Each(t, 10, func(step int) bool {
				order := j.createOrder(shopA, "9.00", map[string]any{"tags": []string{"old", "theirs"}})
				return j.applyStopped(s, step, how.way, order, adds, removes)
			})
		})
	}
}

// applyStopped applies the rules to the order, stopped at the step, until it is done. It reports whether the run came
// to that step at all.
func (j *journey) applyStopped(s *stops.Stopper, step int, way stops.Way, order string, found ...*models.Rule) bool {
	j.Helper()
	request := change.Request{
		Shop:       j.a,
		ResourceID: order,
		Resource:   models.Order,
		CauseID:    models.NewID(models.Now()),
	}
	facts, err := rules.FromPayload(models.Order, fmt.Appendf(nil, `{"admin_graphql_api_id": %q, "total_price": "9.00"}`, order))
	j.must(err)
	for _, rule := range found {
		request.Candidates = append(request.Candidates, rules.Candidate{
			Definition: rule.RuleDefinition,
			Evaluation: rules.CompileRule(rule).Evaluate(models.Created, &facts, models.Now()),
		})
	}
	struck := s.Run(j.Context(), step, way, func(ctx context.Context) { _, err = j.app.Change.Apply(ctx, request) })
	for range 3 {
		if err == nil {
			break
		}
		_, err = j.app.Change.Apply(j.Context(), request)
	}
	if err != nil {
		j.Errorf("stopped at step %d it never ended: %v", step, err)
	}
	j.wantTags(shopA, order, "one", "three", "theirs", "two")
	written := map[string]int{}
	for _, call := range j.writes(shopA) {
		if call.Variables["id"] == order {
			written[call.Fields[0]]++
		}
	}
	if written["tagsAdd"] != 1 || written["tagsRemove"] != 1 {
		j.Errorf("stopped at step %d: %v writes", step, written)
	}
	var told []string
	for _, e := range j.entries(j.a, "cause_id = ?", request.CauseID) {
		told = append(told, e.ActorName+" "+string(e.Status))
	}
	slices.Sort(told)
	if !slices.Equal(told, []string{"Adds SUCCESS", "Removes SUCCESS"}) {
		j.Errorf("stopped at step %d: the entries are %q", step, told)
	}
	owned, err := j.app.Change.Owned(j.Context(), j.a, order)
	j.must(err)
	if len(owned) != 3 || owned["three"] != found[1].ID {
		j.Errorf("stopped at step %d: the owners are %v", step, owned)
	}
	return struck
}
