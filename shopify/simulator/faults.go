package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// Fault is a mishap that can be switched on while the simulator runs.
type Fault struct {
	Name string `json:"name"`
	// Rate is the share of chances that it takes, 0 to 1; nil is always.
	Rate *float64 `json:"rate,omitempty"`
	// Times is how often it happens before it ends; 0 is without end.
	Times int `json:"times,omitempty"`
	// Shop and Operation (a root field such as tagsAdd, or a webhook topic) narrow it; "" is any.
	Shop      string `json:"shop,omitempty"`
	Operation string `json:"operation,omitempty"`
	// App is whose requests it hits: "" is the app under test, "sim-admin" the other one.
	App string `json:"app,omitempty"`
	// Happened counts how often it has happened so far.
	Happened int `json:"happened"`
}

var faultNames = []string{
	"throttle", "5xx", "timeout", "user_error", "lost_answer",
	"webhook_lost", "webhook_late", "webhook_doubled", "webhook_disordered",
	"unauthorized", "frozen",
	// Of bulk operations; Operation is bulkOperationRunQuery or bulkOperationRunMutation, or the field that a line runs.
	// A start whose answer is lost is lost_answer, a finish that nobody hears of webhook_lost.
	"bulk_fails",              // FAILED half way
	"bulk_partial_lost",       // an operation that ended early has no partial result
	"bulk_line_user_error",    // a line is refused
	"bulk_line_error",         // a line is answered with an internal error, and changes nothing
	"bulk_line_lost",          // a line is done, and the result does not say so
	"bulk_result_unreachable", // the result is answered 503
	"bulk_result_cut",         // half of the result comes
	"bulk_result_expired",     // the result is answered as after seven days
	"upload_refused",          // an upload is answered 503
}

type faults struct {
	mu   sync.Mutex
	rng  *rand.Rand
	list []*Fault
}

func newFaults(rng *rand.Rand) *faults { return &faults{rng: rng} }

func (f *faults) add(list ...Fault) error {
	for _, x := range list {
		if !slices.Contains(faultNames, x.Name) {
			return fmt.Errorf("unknown fault %q; known are: %s", x.Name, strings.Join(faultNames, ", "))
		}
		if x.Rate != nil && (*x.Rate < 0 || *x.Rate > 1) {
			return fmt.Errorf("fault %q: rate must be between 0 and 1", x.Name)
		}
		if x.App != "" && x.App != otherApp {
			return fmt.Errorf("fault %q: app must be empty or %q", x.Name, otherApp)
		}
		if x.Times < 0 {
			return fmt.Errorf("fault %q: times must not be negative", x.Name)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range list {
		x.Happened = 0
		f.list = append(f.list, &x)
	}
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

func (f *faults) current() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []Fault{}
	for _, x := range f.list {
		out = append(out, *x)
	}
	return out
}

// strikes tells whether the named fault happens to the app under test now, and counts it.
func (f *faults) strikes(name, shop string, operations ...string) bool {
	return f.strikesApp("", name, shop, operations...)
}

func (f *faults) strikesApp(app, name, shop string, operations ...string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.list {
		if x.Name != name || x.App != app || x.Times > 0 && x.Happened >= x.Times {
			continue
		}
		if x.Shop != "" && !strings.EqualFold(x.Shop, shop) {
			continue
		}
		if x.Operation != "" && !slices.Contains(operations, x.Operation) {
			continue
		}
		if x.Rate != nil && f.rng.Float64() >= *x.Rate {
			continue
		}
		x.Happened++
		return true
	}
	return false
}
