package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"github.com/tagtrail/tagtrail/stops"
)

// vocabulary is what records are tagged with: spellings of the same tag, tags that a clean-up mends, and such that only
// others use.
var (
	vocabulary = []string{"Red", "red", "RED", "Gold", "gold", "Sale 2025", "sale  2025", "a; b", "&amp;co", "[vip]", "vip", "-new-", "old", "Old", "wine"}
	theirTags  = []string{"theirs", "staff pick", "keep", "Loyal"}
)

// chaos stands between the app and a simulated Shopify in the same process. It lets calls go wrong, kills the worker,
// and lets others edit records meanwhile.
type chaos struct {
	mu     sync.Mutex
	w      *world
	sim    *simulator.Simulator
	random *rand.Rand
	// wild says whether anything goes wrong at all.
	wild bool
	// dead is a killed worker, to which nothing answers; kill ends its context.
	dead bool
	kill context.CancelFunc
	// bulks are the files that are downloaded from elsewhere.
	requests int
}

var errDead = errors.New("killed by the test")

// RoundTrip implements http.RoundTripper.
func (c *chaos) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if c.dead {
		return nil, errDead
	}
	raw := []byte{}
	if r.Body != nil {
		var err error
		if raw, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	var call struct {
		Query     string
		Variables struct {
			ID   string
			Tags []string
		}
	}
	_ = json.Unmarshal(raw, &call)
	writes := strings.HasPrefix(call.Query, "mutation Tags")
	answer := func() *http.Response {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(raw))
		again.RequestURI = r.URL.RequestURI()
		recorder := httptest.NewRecorder()
		c.sim.ServeHTTP(recorder, again)
		return recorder.Result()
	}
	if !c.wild {
		return answer(), nil
	}
	switch c.random.IntN(120) {
	case 0:
		return throttled(10), nil
	case 1:
		// Longer than the task lasts.
		return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	case 2:
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	case 3, 4:
		_ = answer()
		if writes {
			c.w.inDoubt(call.Variables.ID)
		}
		return nil, errors.New("the answer is lost")
	case 5:
		if writes {
			c.w.inDoubt(call.Variables.ID)
		}
		return nil, errors.New("the request is lost")
	case 6:
		if writes && c.random.IntN(4) == 0 {
			return refusedTags(call.Query), nil
		}
	case 7:
		c.die()
		return nil, errDead
	case 8:
		_ = answer()
		c.die()
		return nil, errDead
	}
	if writes && c.random.IntN(12) == 0 {
		// Between our read and our write others touch other tags: the same change by both, a moment apart, cannot be told
		// apart by anybody.
		c.w.editWith(call.Variables.ID, theirTags)
	}
	return answer(), nil
}

// die kills the worker. Whatever it was about to hear or to keep is in doubt.
func (c *chaos) die() {
	c.dead = true
	c.kill()
	for id := range c.w.without {
		c.w.doubt[id], c.w.lost[id] = true, true
	}
}

func throttled(requested int) *http.Response {
	body := fmt.Sprintf(`{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":%d,`+
		`"actualQueryCost":null,"throttleStatus":{"maximumAvailable":50000,"currentlyAvailable":9,"restoreRate":50000}}}}`, requested)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Shopify-Api-Version": {simulator.APIVersion}}, Body: io.NopCloser(strings.NewReader(body))}
}

func refusedTags(query string) *http.Response {
	field := "tagsAdd"
	if strings.Contains(query, "tagsRemove") {
		field = "tagsRemove"
	}
	body := fmt.Sprintf(`{"data":{%q:{"node":null,"userErrors":[{"field":["tags"],"message":"Product tags is invalid"}]}}}`, field)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Shopify-Api-Version": {simulator.APIVersion}}, Body: io.NopCloser(strings.NewReader(body))}
}

// statement lets the worker die before a statement.
func (c *chaos) statement() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wild && !c.dead && c.random.IntN(150) == 0 {
		c.die()
	}
	if c.dead {
		return errDead
	}
	return nil
}

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

// input is a random operation on these records.
func (w *world) input(resource models.ResourceType, ids []string) change.Input {
	pick := func() string { return vocabulary[w.random.IntN(len(vocabulary))] }
	in := change.Input{Resource: resource, Selection: change.Selection{IDs: ids}}
	replace := pick()
	switch w.random.IntN(6) {
	case 0:
		in.Kind, in.Tags = models.TagAdd, []string{pick(), pick(), "new tag"}
	case 1:
		in.Kind, in.Tags = models.TagRemove, []string{pick(), pick()}
	case 2:
		in.Kind, in.Tags, in.ReplaceWith = models.TagReplace, []string{pick()}, &replace
		if models.CleanTag(in.Tags[0]) == models.CleanTag(replace) {
			in.Tags[0] = "wine shop"
		}
	case 3:
		in.Kind, in.Tags, in.ReplaceWith = models.TagMerge, []string{pick(), pick(), "gold"}, &replace
	case 4:
		in.Kind = models.TagCleanup
		gold := "Gold"
		in.Clean = []change.Cleaning{{Tags: []string{"red", "RED"}, ReplaceWith: ptr("Red")}, {Tags: []string{"gold"}, ReplaceWith: &gold}, {Tags: []string{"old", "[vip]"}}}
	default:
		in.Kind = models.DataCleanup
	}
	return in
}

func ptr[T any](v T) *T { return &v }

// history runs one operation on some records with edits and mishaps all around it, takes it back likewise, and holds
// every record to what it would be without us. It returns how many records that were.
func (w *world) history() int {
	w.Helper()
	resources := []models.ResourceType{models.Product, models.Order, models.Customer}
	resource := resources[w.random.IntN(len(resources))]
	ids := w.ids[resource]
	w.story = nil
	w.without, w.edited = map[string]models.Tags{}, map[string]models.Tags{}
	w.doubt, w.lost = map[string]bool{}, map[string]bool{}
	w.some(ids, 2)
	w.edited = map[string]models.Tags{}
	for _, id := range ids {
		w.without[id] = w.sim.Tags(shopA, id)
	}
	// Shopify's clock has seconds: what the log tells of the history before, a moment ago, would be of the same one.
	w.log = nil
	w.must(w.app.DB.WithContext(w.ctx).Where("shop_id = ?", w.a.ID).Delete(&models.Activity{}).Error)
	in := w.input(resource, ids)
	op, err := w.app.Change.Start(w.ctx, w.a, riley, in)
	w.must(err)
	w.story = append(w.story, fmt.Sprintf("start %s %q by %v", op.Title(), op.Tags(), in.ReplaceWith))
	op = w.drive(op.ID, ids)
	for _, id := range ids {
		w.story = append(w.story, fmt.Sprintf("%s: after the operation %q", id, w.sim.Tags(shopA, id)))
	}
	w.some(ids, 3)
	w.tell()
	clear(w.doubt)
	revert, err := w.app.Change.Revert(w.ctx, w.a, riley, change.RevertInput{OperationID: &op.ID})
	if err != nil {
		w.wantProblem(err, change.NothingToRevert)
	} else {
		w.drive(revert.ID, ids)
		if revert = w.again(revert, ids); revert.Status == models.OperationCancelled {
			// It was stopped before its records were known. Another one goes on in peace.
			revert, err = w.app.Change.Revert(w.ctx, w.a, riley, change.RevertInput{OperationID: &op.ID})
			w.must(err)
			w.driveInPeace(revert.ID)
		}
	}
	for _, id := range ids {
		w.compare(op, id)
	}
	return len(ids)
}

// again lets a revert that was stopped, or of which some failed, go on in peace.
func (w *world) again(revert *change.Operation, ids []string) *change.Operation {
	for range 5 {
		fresh, err := w.app.Change.Get(w.ctx, w.a, revert.ID)
		w.must(err)
		if !fresh.Retryable() {
			return fresh
		}
		_, err = w.app.Change.Retry(w.ctx, w.a, riley, revert.ID)
		w.must(err)
		w.driveInPeace(revert.ID)
	}
	return revert
}

func (w *world) driveInPeace(id string) {
	w.chaos.wild = false
	for range 50 {
		op, err := w.app.Change.Get(w.ctx, w.a, id)
		w.must(err)
		if op.Status.Ended() {
			return
		}
		w.later(id)
		w.must(w.app.Change.WorkOn(w.ctx, id))
	}
	w.Fatalf("operation %s never ends", id)
}

// compare holds a record to what it would be without us: exactly, or, where an answer was lost and others edited the
// record or the item says that it cannot be told, with a tag more or spelled otherwise, but never with one less.
func (w *world) compare(op *change.Operation, id string) {
	w.Helper()
	got, want := models.Tags(w.sim.Tags(shopA, id)), w.without[id]
	missing, more := want.Without(got...), got.Without(want...)
	respelled := []string{}
	for _, tag := range want {
		if !w.edited[id].Has(tag) && got.Has(tag) && !slices.Contains(got, tag) {
			respelled = append(respelled, tag)
		}
	}
	if len(missing)+len(respelled)+len(more) == 0 {
		return
	}
	var items []models.Snapshot
	w.must(w.app.DB.WithContext(w.ctx).Where("shop_id = ? AND resource_id = ? AND created_at >= ?", w.a.ID, id, op.CreatedAt).Order("created_at DESC").Find(&items).Error)
	conflict := slices.ContainsFunc(items, func(p models.Snapshot) bool { return p.Outcome == models.SnapshotConflict })
	if len(missing) == 0 && w.lost[id] && (conflict || len(w.edited[id]) > 0) {
		w.kept++
		return
	}
	for _, p := range items {
		w.Logf("item of %s: %s before %q seen %q adds %q removes %q after %q, added %q removed %q", p.CauseID, p.Outcome, p.Before, p.Seen, p.Adds, p.Removes, p.After, p.Added, p.Removed)
	}
	for _, line := range w.story {
		if strings.HasPrefix(line, id) || strings.HasPrefix(line, "start") {
			w.Log(line)
		}
	}
	w.Fatalf("after %s and its revert %s has %q, without us it would have %q: missing %q, more %q, spelled otherwise %q",
		op.Title(), id, got, want, missing, more, respelled)
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

// TestARevertLeavesEveryRecordAsIfWeHadNeverBeenThere runs random operations with random edits by others, mishaps and
// kills all around, and takes them back likewise.
func TestARevertLeavesEveryRecordAsIfWeHadNeverBeenThere(t *testing.T) {
	t.Parallel()
	const histories, worlds = 10_000, 4
	seeds := worlds
	if os.Getenv(modelstest.DatabaseEnv) != "" {
		seeds = 1 // what is decided does not depend on the database, and SQLite has tried them all
	}
	for i := range seeds {
		t.Run(fmt.Sprintf("seed %d", i+1), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, uint64(i+1), 80)
			for done := 0; done < histories/worlds; {
				done += w.history()
			}
			t.Logf("%d records kept a tag more", w.kept)
		})
	}
}
