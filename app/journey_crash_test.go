package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"gorm.io/gorm"
)

var errStopped = errors.New("stopped here by the test")

// stopper stops a run at one of its steps. A step is a statement to the database or a call to Shopify.
type stopper struct {
	mu sync.Mutex
	// step counts; stop is the step to stop at, 0 for none.
	step, stop int
	// after stops once Shopify has done what it was asked, before its answer is heard.
	after bool
	// cancel ends the run's context instead of failing the step.
	cancel context.CancelFunc
	struck bool
}

func (s *stopper) arm(stop int, after bool, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.stop, s.after, s.cancel, s.struck = 0, stop, after, cancel, false
}

// strikes counts a step and reports whether it is the one to stop at.
func (s *stopper) strikes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step++
	if s.step != s.stop {
		return false
	}
	s.struck = true
	if s.cancel != nil {
		s.cancel()
	}
	return true
}

func (s *stopper) hasStruck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck
}

// RoundTrip implements http.RoundTripper.
func (s *stopper) RoundTrip(r *http.Request) (*http.Response, error) {
	struck := s.strikes()
	if struck && !s.after {
		return nil, errStopped
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if struck && err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return nil, errStopped
	}
	return res, err
}

// unwatched marks the context of a test's own statements.
type unwatched struct{}

// watch makes a step of every statement.
func (s *stopper) watch(db *gorm.DB) error {
	step := func(db *gorm.DB) {
		if db.Statement.Context.Value(unwatched{}) == nil && s.strikes() {
			_ = db.AddError(errStopped)
		}
	}
	const name = "test:stop"
	callbacks := db.Callback()
	return errors.Join(
		callbacks.Query().Before("gorm:query").Register(name, step),
		callbacks.Create().Before("gorm:create").Register(name, step),
		callbacks.Update().Before("gorm:update").Register(name, step),
		callbacks.Delete().Before("gorm:delete").Register(name, step),
		callbacks.Raw().Before("gorm:raw").Register(name, step),
	)
}

// TestApplyMayBeStoppedAtAnyStep stops Apply at its first step, at its second, and so on to its last, and then lets it
// run again. Whatever the step, each tag is written once and each rule has one entry.
func TestApplyMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct{ after, cancel bool }{
		"before the step":         {},
		"before the answer":       {after: true},
		"with its time cut short": {after: true, cancel: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stopper{}
			j := setup(t, options{stopped: true, wire: s})
			adds := j.rule(j.a, models.RuleDefinition{Name: "Adds", Resource: models.Order, Enabled: true,
				When: when("total_price", models.Greater, "1"), AddTags: []string{"one", "two"}})
			removes := j.rule(j.a, models.RuleDefinition{Name: "Removes", Resource: models.Order, Enabled: true,
				When: when("total_price", models.Greater, "1"), AddTags: []string{"three"}, RemoveTags: []string{"old"}})
			j.must(s.watch(j.app.DB))
			for step := 1; ; step++ {
				order := j.createOrder(shopA, "9.00", map[string]any{"tags": []string{"old", "theirs"}})
				if !j.applyStopped(s, step, way.after, way.cancel, order, adds, removes) {
					if step < 10 {
						t.Errorf("a run of %d steps has left something out", step-1)
					}
					return
				}
			}
		})
	}
}

// applyStopped applies the rules to the order, stopped at the step, until it is done. It reports whether the run came
// to that step at all.
func (j *journey) applyStopped(s *stopper, step int, after, cancels bool, order string, found ...*models.Rule) bool {
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
	ctx, cancel := context.WithCancel(j.Context())
	defer cancel()
	onStop := cancel
	if !cancels {
		onStop = nil
	}
	s.arm(step, after, onStop)
	_, err = j.app.Change.Apply(ctx, request)
	struck := s.hasStruck()
	s.arm(0, false, nil)
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
