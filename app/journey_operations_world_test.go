package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"github.com/tagtrail/tagtrail/stops"
)

// vocabulary is what records are tagged with: spellings of the same tag, tags that a clean-up mends, and such that only
// others use.
var (
	vocabulary = []string{"Red", "red", "RED", "Gold", "gold", "Sale 2025", "sale  2025", "a; b", "&amp;co", "[vip]", "vip", "-new-", "old", "Old", "wine"}
	theirTags  = []string{"theirs", "staff pick", "keep", "Loyal"}
)

// world is a shop, what its records would be without us, and everybody who edits them.
type world struct {
	*journey
	chaos  *chaos
	random *rand.Rand
	ctx    context.Context
	ids    map[models.ResourceType][]string
	// without is each record as it would be if our operation had never run.
	without map[string]models.Tags
	// edited are the tags that others touched since, by record. doubt are records of which an answer was lost a moment
	// ago, and lost those of which one ever was.
	edited map[string]models.Tags
	doubt  map[string]bool
	lost   map[string]bool
	// kept counts the records that kept a tag more, as they may.
	kept  int
	log   []models.Activity
	story []string
}

// newWorld sets up a shop with some records of each kind, and nobody who works.
func newWorld(t *testing.T, seed uint64, records int) *world {
	t.Helper()
	c := &chaos{random: rand.New(rand.NewPCG(seed, 1))}
	w := &world{chaos: c, random: rand.New(rand.NewPCG(seed, 2)), ids: map[models.ResourceType][]string{}, without: map[string]models.Tags{}, edited: map[string]models.Tags{}}
	c.w = w
	w.journey = setup(t, options{stopped: true, wire: http.DefaultTransport})
	w.ctx = stops.Unwatched(t.Context())
	w.must(w.sim.SetFaults(simulator.Fault{Name: "webhook_lost"}))
	for i := range records {
		w.ids[models.Product] = append(w.ids[models.Product], w.createProduct(shopA, fmt.Sprintf("Wine %d", i), "wine"))
		w.ids[models.Order] = append(w.ids[models.Order], w.createOrder(shopA, "5.00", map[string]any{"tags": []string{"wine"}}))
		w.ids[models.Customer] = append(w.ids[models.Customer], w.createCustomer(shopA, fmt.Sprintf("Ada %d", i), "wine"))
	}
	w.log = nil
	c.sim = w.sim
	w.app.Shops.Shopify.HTTP = &http.Client{Transport: c}
	w.must(stops.Statements(w.app.DB, c.statement))
	w.app.Change.Batch = 40
	return w
}

// inDoubt says that nobody heard what became of a write. Others may edit the record before anybody looks.
func (w *world) inDoubt(id string) {
	w.doubt[id], w.lost[id] = true, true
	if w.random.IntN(3) == 0 {
		w.editWith(id, slices.Concat(vocabulary, theirTags))
		// An edit that is exactly what we were about to do cannot be told from our own: another tag comes with it.
		w.mutate(id, "tagsAdd", fmt.Sprintf("mark %d", w.random.IntN(1_000_000)))
	}
}

// editWith lets somebody else change one or two tags.
func (w *world) editWith(id string, tags []string) {
	for range 1 + w.random.IntN(2) {
		mutation := "tagsAdd"
		tag := tags[w.random.IntN(len(tags))]
		if have := w.sim.Tags(shopA, id); w.random.IntN(2) == 0 && len(have) > 0 {
			mutation = "tagsRemove"
			if some := intersect(have, tags); len(some) > 0 {
				tag = some[w.random.IntN(len(some))]
			}
		}
		w.mutate(id, mutation, tag)
	}
}

func intersect(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(tag string) bool { return !slices.Contains(b, tag) })
}

// mutate is an edit by another app. What it changed, it would also have changed without us.
func (w *world) mutate(id, mutation, tag string) {
	before := models.Tags(w.sim.Tags(shopA, id))
	body, err := json.Marshal(map[string]any{
		"query":     fmt.Sprintf(`mutation($id: ID!, $tags: [String!]!) { %s(id: $id, tags: $tags) { userErrors { message } } }`, mutation),
		"variables": map[string]any{"id": id, "tags": []string{tag}},
	})
	w.must(err)
	req := httptest.NewRequestWithContext(w.ctx, http.MethodPost, "/"+shopA+"/admin/api/"+simulator.APIVersion+"/graphql.json", bytes.NewReader(body))
	req.Header.Set("X-Shopify-Access-Token", "sim-admin")
	req.Header.Set("Content-Type", "application/json")
	w.sim.ServeHTTP(httptest.NewRecorder(), req)
	after := models.Tags(w.sim.Tags(shopA, id))
	added, removed := after.Without(before...), before.Without(after...)
	if len(added)+len(removed) == 0 {
		return
	}
	w.story = append(w.story, fmt.Sprintf("%s: others %s %s: %q -> %q", id, mutation, tag, before, after))
	w.without[id] = w.without[id].Without(removed...)
	for _, tag := range added {
		w.without[id] = w.without[id].With(tag)
	}
	for _, tag := range slices.Concat(added, removed) {
		w.edited[id] = w.edited[id].With(tag)
	}
	now := models.Now()
	was, _ := json.Marshal(before)
	is, _ := json.Marshal(after)
	kind := strings.Split(id, "/")[3]
	told, _ := json.Marshal(map[string]any{"triggeredAt": now.Format(time.RFC3339Nano), "topic": strings.ToLower(kind) + "s/update"})
	w.log = append(w.log, models.Activity{
		Type: models.Webhook, Action: activity.WebhookReceived, Status: models.Success, Summary: "Updated", OccurredAt: now,
		ActorType: models.ActorExternal, ActorName: "Shopify", EntityType: &kind, EntityID: &id, EntityTitle: &id,
		Changes: []models.FieldChange{{Field: "tags", Before: was, After: is}}, Metadata: told,
	})
}

// tell writes down what webhooks have told of the edits.
func (w *world) tell() {
	w.Helper()
	if len(w.log) == 0 {
		return
	}
	entries := make([]*models.Activity, len(w.log))
	for i := range w.log {
		entries[i] = &w.log[i]
	}
	w.must(w.app.Activity.Commit(w.ctx, w.a, func(tx *activity.Tx) error { return tx.Record(entries...) }))
	w.log = nil
}

// some edits some records at random.
func (w *world) some(ids []string, share int) {
	for _, id := range ids {
		if w.random.IntN(share) != 0 {
			continue
		}
		w.editWith(id, slices.Concat(vocabulary, theirTags))
	}
}

// between edits records between two tasks. One in doubt is torn by it.
func (w *world) between(ids []string) {
	for _, id := range ids {
		if w.random.IntN(15) != 0 {
			continue
		}
		w.editWith(id, slices.Concat(vocabulary, theirTags))
		if w.doubt[id] {
			w.mutate(id, "tagsAdd", fmt.Sprintf("mark %d", w.random.IntN(1_000_000)))
		}
	}
}

// drive works on an operation until it has ended, through whatever goes wrong.
func (w *world) drive(id string, ids []string) *change.Operation {
	w.Helper()
	for task := range 400 {
		w.chaos.wild = task < 30
		op, err := w.app.Change.Get(w.ctx, w.a, id)
		w.must(err)
		w.wantCounts(op)
		if op.Status == models.OperationFailed && op.Retryable() && task < 60 {
			if _, err := w.app.Change.Retry(w.ctx, w.a, riley, id); err != nil {
				w.Fatal(err)
			}
			continue
		}
		if op.Status.Ended() {
			return op
		}
		w.later(id)
		ctx, cancel := context.WithCancel(w.Context())
		w.chaos.mu.Lock()
		w.chaos.kill, w.chaos.dead = cancel, false
		w.chaos.mu.Unlock()
		_ = w.app.Change.WorkOn(ctx, id) // what goes wrong is in the row, or lost with the worker
		cancel()
		w.chaos.mu.Lock()
		w.chaos.dead = false
		if w.chaos.wild {
			w.between(ids)
		}
		w.chaos.mu.Unlock()
		w.tell()
		if w.chaos.wild && w.random.IntN(60) == 0 {
			_, _ = w.app.Change.Cancel(w.ctx, w.a, riley, id) // it may have ended
		}
	}
	op, _ := w.app.Change.Get(w.ctx, w.a, id)
	w.Fatalf("operation %s never ends: %+v", id, op.Operation)
	return nil
}

// later lets the clock go on: whatever an operation waited for is over, and so are the leases of a killed task.
func (w *world) later(id string) {
	past := models.Now().Add(-time.Second)
	db := w.app.DB.WithContext(w.ctx)
	w.must(db.Model(&models.Operation{}).Where("id = ?", id).Update("due_at", past).Error)
	w.must(db.Model(&models.Lock{}).Where("shop_id = ?", w.a.ID).Update("until", past).Error)
}

// wantCounts holds an operation's counts to its items.
func (w *world) wantCounts(op *change.Operation) {
	w.Helper()
	wantCounts(w.ctx, w.journey, op)
}

func wantCounts(ctx context.Context, j *journey, op *change.Operation) {
	j.Helper()
	var rows []struct {
		Outcome models.SnapshotOutcome
		N       int
	}
	j.must(j.app.DB.WithContext(ctx).Model(&models.Snapshot{}).Select("outcome, COUNT(*) AS n").
		Where("shop_id = ? AND cause_id = ?", op.ShopID, op.ID).Group("outcome").Scan(&rows).Error)
	var got models.ItemCounts
	for _, row := range rows {
		got.Total += row.N
		switch row.Outcome {
		case models.SnapshotPending:
			got.Pending = row.N
		case models.SnapshotSucceeded:
			got.Succeeded = row.N
		case models.SnapshotUnchanged:
			got.Unchanged = row.N
		case models.SnapshotFailed:
			got.Failed = row.N
		case models.SnapshotSkipped:
			got.Skipped = row.N
		case models.SnapshotConflict:
			got.Conflicts = row.N
		case models.SnapshotAgain:
			j.Errorf("an item of an operation is %s", row.Outcome)
		}
	}
	if got != op.ItemCounts {
		j.Fatalf("the operation counts %+v, its items are %+v", op.ItemCounts, got)
	}
}
