package streams

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// TestNothingIsMissedWhileManyWrite has writers whose transactions end in another order than they began, with entries
// of times past, beside a worker that sends all the while. Each entry, and each change of one, arrives; what one writer
// did before something else arrives before it. The stream is disabled, enabled and replayed in between.
func TestNothingIsMissedWhileManyWrite(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, _ := h.stream(shop, to.URL, &activity.Filter{Actions: []string{"TOLD"}})
	const writers, each = 8, 40
	var written sync.Map // summary -> id
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 7))
			for i := range each {
				name := fmt.Sprintf("%d/%03d", w, i)
				e := sketch(name)
				e.Status = models.Pending
				e.OccurredAt = models.Now().Add(-time.Duration(random.IntN(3_000_000)) * time.Millisecond)
				if err := h.Activity.Commit(t.Context(), shop, func(tx *activity.Tx) error {
					if err := tx.Record(e); err != nil {
						return err
					}
					return linger(tx.DB, random.IntN(15))
				}); err != nil {
					t.Error(err)
					return
				}
				written.Store(name, e.ID)
				if err := h.Activity.Commit(t.Context(), shop, func(tx *activity.Tx) error {
					err := tx.Update(e.ID, "", func(e *models.Activity) { e.Status, e.Summary = models.Success, name+" done" })
					if err != nil {
						return err
					}
					return linger(tx.DB, random.IntN(15))
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var over atomic.Bool
	go func() { writing.Wait(); over.Store(true) }()
	for !over.Load() {
		h.must(h.Deliver(t.Context(), id))
	}
	h.deliver(id)
	wantEverything(t, to.events(), &written, writers, each)
}

// linger keeps a transaction open a while after its last statement. SQLite has one at a time.
func linger(tx *gorm.DB, ms int) error {
	if !models.IsPostgres(tx) {
		return nil
	}
	return tx.Exec("SELECT pg_sleep(?)", float64(ms)/1000).Error
}

func wantEverything(t *testing.T, events []toldEvent, written *sync.Map, writers, each int) {
	t.Helper()
	recordedAt, updatedAt := map[string]int{}, map[string]int{}
	for i, e := range events {
		at := recordedAt
		if e.Type == updated {
			at = updatedAt
		}
		if _, twice := at[e.Activity.ID]; twice {
			t.Errorf("%s of %s came twice", e.Type, e.Activity.Summary)
		}
		at[e.Activity.ID] = i
	}
	for w := range writers {
		last := -1
		for i := range each {
			name := fmt.Sprintf("%d/%03d", w, i)
			id, _ := written.Load(name)
			first, ok := recordedAt[id.(string)]
			second, changed := updatedAt[id.(string)]
			if !ok || !changed {
				t.Fatalf("%s: recorded arrived: %v, updated arrived: %v", name, ok, changed)
			}
			if first < last || second < first {
				t.Errorf("%s: recorded is event %d and updated %d, the one before %d", name, first, second, last)
			}
			last = second
		}
	}
}

// TestACatchUpMissesNothingThatWasBeingWritten disables and enables a stream while transactions are open that wrote
// before and end after: they are in the log too late to be seen there at once, and were not put into the queue.
func TestACatchUpMissesNothingThatWasBeingWritten(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, _ := h.stream(shop, to.URL, &activity.Filter{Actions: []string{"TOLD"}})
	var want []string
	for round := range 5 {
		_, err := h.SetEnabled(t.Context(), shop, riley, id, false, true)
		h.must(err)
		wrote, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		name := fmt.Sprint("in flight ", round)
		want = append(want, name)
		go func() {
			ended <- h.Activity.Commit(t.Context(), shop, func(tx *activity.Tx) error {
				if err := tx.Record(sketch(name)); err != nil {
					return err
				}
				close(wrote)
				if models.IsPostgres(tx.DB) {
					<-end
				}
				return nil
			})
		}()
		<-wrote
		if !models.IsPostgres(h.DB) {
			h.must(<-ended) // SQLite has one writer: nobody enables anything meanwhile
		}
		_, err = h.SetEnabled(t.Context(), shop, riley, id, true, true)
		h.must(err)
		for range 3 { // it has every chance to pass the log too early
			h.must(h.Deliver(t.Context(), id))
			h.due(id)
		}
		close(end)
		if models.IsPostgres(h.DB) {
			h.must(<-ended)
		}
		h.deliver(id)
	}
	got := to.summaries()
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s is missing from %s", name, strings.Join(got, ", "))
		}
	}
}
