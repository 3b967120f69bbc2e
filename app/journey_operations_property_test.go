package app

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
)

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
		if in.Tags[0] == "gold" && in.Tags[1] == "gold" && replace == "gold" {
			in.Tags[0] = "wine shop"
		}
	case 4:
		in.Kind = models.TagCleanup
		gold := "Gold"
		in.Clean = []change.Cleaning{{Tags: []string{"red", "RED"}, ReplaceWith: ptr("Red")}, {Tags: []string{"gold"}, ReplaceWith: &gold}, {Tags: []string{"old", "[vip]"}}}
	default:
		in.Kind = models.DataCleanup
	}
	return in
}
