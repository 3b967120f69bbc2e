package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"github.com/tagtrail/tagtrail/stops"
)

// stoppable is an app without workers whose runs can be stopped at each step.
type stoppable struct {
	*journey
	s     *stops.Stopper
	calls *calls
	ctx   context.Context
	ids   []string
}

func newStoppable(t *testing.T, products int) *stoppable {
	t.Helper()
	x := &stoppable{s: &stops.Stopper{}, ctx: stops.Unwatched(t.Context())}
	x.journey = setup(t, options{stopped: true})
	x.must(x.sim.SetFaults(simulator.Fault{Name: "webhook_lost"}))
	for i := range products {
		x.ids = append(x.ids, x.createProduct(shopA, fmt.Sprintf("Crate %d", i), "Old", "crate"))
	}
	x.calls = &calls{s: x.s, over: inProcess{x.sim}}
	x.app.Shops.Shopify.HTTP = &http.Client{Transport: x.calls}
	x.must(stops.Statements(x.app.DB, x.s.Step))
	return x
}

// inProcess answers calls by a simulator in the same process.
type inProcess struct{ sim *simulator.Simulator }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	again := r.Clone(r.Context())
	again.RequestURI = r.URL.RequestURI()
	if again.Body == nil {
		again.Body = io.NopCloser(http.NoBody)
	}
	recorder := httptest.NewRecorder()
	whole := served(p.sim, recorder, again)
	answer := recorder.Result()
	if !whole {
		answer.Body = io.NopCloser(io.MultiReader(answer.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	return answer, nil
}

// served reports whether a handler answers to the end.
func served(h http.Handler, w http.ResponseWriter, r *http.Request) (whole bool) {
	defer func() {
		reason := recover()
		if err, ok := reason.(error); reason != nil && (!ok || !errors.Is(err, http.ErrAbortHandler)) {
			panic(reason)
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// finish lets workers take up the operation, each at a later time, until it has ended.
func (x *stoppable) finish(id string) *change.Operation {
	x.Helper()
	for range 200 {
		op, err := x.app.Change.Get(x.ctx, x.a, id)
		x.must(err)
		wantCounts(x.ctx, x.journey, op)
		if op.Status.Ended() {
			return op
		}
		for _, b := range x.sim.Bulks(shopA) {
			x.must(x.sim.WaitBulk(x.ctx, shopA, b.ID))
		}
		x.later(id)
		_ = x.app.Change.WorkOn(x.ctx, id)
	}
	x.Fatalf("operation %s never ends", id)
	return nil
}

// later is a minute later for the operation: leases are over, and what is waited for has come.
func (x *stoppable) later(id string) {
	x.Helper()
	past := models.Now().Add(-time.Minute)
	x.must(x.app.DB.WithContext(x.ctx).Model(&models.Operation{}).Where("id = ?", id).Update("due_at", past).Error)
	x.must(x.app.DB.WithContext(x.ctx).Model(&models.Lock{}).Where("shop_id = ?", x.a.ID).Update("until", past).Error)
	x.must(x.app.DB.WithContext(x.ctx).Model(&models.OperationBulk{}).Where("operation_id = ? AND polled_at IS NOT NULL", id).Update("polled_at", past).Error)
}

// stopAt works on an operation, stopped at the step, and then lets it go on. It reports whether it came to that step.
func (x *stoppable) stopAt(step int, way stops.Way, id string) bool {
	x.Helper()
	struck := x.s.Run(context.WithoutCancel(x.Context()), step, way, func(ctx context.Context) {
		for range 100 {
			_ = x.app.Change.WorkOn(ctx, id)
			op, err := x.app.Change.Get(x.ctx, x.a, id)
			x.must(err)
			if x.s.Struck() || op.Status.Ended() {
				return
			}
			for _, b := range x.sim.Bulks(shopA) {
				x.must(x.sim.WaitBulk(x.ctx, shopA, b.ID))
			}
			x.later(id)
		}
	})
	x.finish(id)
	return struck
}

// wantAll holds every record to the tags, and every item to a success.
func (x *stoppable) wantAll(what, id string, tags ...string) {
	x.Helper()
	for _, record := range x.ids {
		if got := x.sim.Tags(shopA, record); !slices.Equal(got, tags) {
			x.Fatalf("%s: %s has %q, want %q", what, record, got, tags)
		}
	}
	op, err := x.app.Change.Get(x.ctx, x.a, id)
	x.must(err)
	if op.Total != len(x.ids) || op.Succeeded != len(x.ids) || op.Status != models.OperationCompleted {
		x.Fatalf("%s: it came to %s: %+v", what, op.Status, op.ItemCounts)
	}
	var entries []models.Activity
	x.must(x.app.DB.WithContext(x.ctx).Where("shop_id = ? AND operation_id = ?", x.a.ID, id).Order("id").Find(&entries).Error)
	actions := []string{}
	for _, e := range entries {
		actions = append(actions, e.Action+" "+string(e.Status))
	}
	slices.Sort(actions)
	if len(actions) != 3 || actions[1] != "JOB_COMPLETED SUCCESS" || actions[2] != "JOB_QUEUED SUCCESS" {
		x.Fatalf("%s: its entries are %q", what, actions)
	}
}

// crash stops an operation and its revert at one of their steps.
func (x *stoppable) crash(step int, way stops.Way) bool {
	x.Helper()
	x.must(x.app.DB.WithContext(x.ctx).Exec("DELETE FROM locks").Error)
	op := x.crates()
	struck := x.stopAt(step, way, op.ID)
	x.wantAll(fmt.Sprintf("the operation, stopped at step %d", step), op.ID, "crate", "New")
	revert, err := x.app.Change.Revert(x.ctx, x.a, riley, change.RevertInput{OperationID: &op.ID})
	x.must(err)
	struckToo := x.stopAt(step, way, revert.ID)
	x.wantAll(fmt.Sprintf("the revert, stopped at step %d", step), revert.ID, "crate", "Old")
	return struck || struckToo
}

// TestAnOperationMayBeStoppedAtAnyStep stops an operation, and its revert, at the first statement or call, at the second,
// and so on to the last, by single calls and by bulk operations, and then lets it go on. Whatever the step,
// every record ends as it is to, and every item is counted once. TAGTRAIL_TEST_CRASH_ITEMS says how many records the bulk
// operations have; the steps are as many whatever their number.
func TestAnOperationMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	items := 24
	if more := os.Getenv("TAGTRAIL_TEST_CRASH_ITEMS"); more != "" {
		var err error
		if items, err = strconv.Atoi(more); err != nil {
			t.Fatal(err)
		}
	}
	for name, how := range stoppings {
		for kind, size := range map[string]struct {
			bulk         bool
			batch, items int
		}{"single calls": {false, 6, 12}, "bulk operations": {true, items / 2, items}} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				x := newStoppable(t, size.items)
				x.calls.after = how.after
				x.app.Change.Way, x.app.Change.Batch, x.app.Change.BulkLines = ptr(size.bulk), size.batch, items*3/4
				stops.Each(t, 20, func(step int) bool { return x.crash(step, how.way) })
			})
		}
	}
}
