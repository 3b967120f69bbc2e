package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// TestThousandsGoByShopifysBulkOperations changes many records by bulk queries and mutations, several at once, and takes
// them back likewise.
func TestThousandsGoByShopifysBulkOperations(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.app.Change.Way, j.app.Change.BulkLines = ptr(true), 50
	j.must(j.sim.SetFaults(simulator.Fault{Name: "webhook_lost", Operation: "products/update"}))
	var ids []string
	for i := range 180 {
		ids = append(ids, j.createProduct(shopA, fmt.Sprintf("Bulky %d", i), "Old", "theirs"))
	}
	query := "tag:theirs"
	in := change.Input{Kind: models.TagReplace, Resource: models.Product, Tags: []string{"old"}, ReplaceWith: ptr("Gold"),
		Selection: change.Selection{Query: &query}}
	op := j.operate(j.a, in)
	if op.Status != models.OperationCompleted || op.Succeeded != 180 {
		t.Fatalf("it came to %s: %+v, %v", op.Status, op.ItemCounts, op.ErrorMessage)
	}
	wantCounts(t.Context(), j, op)
	for _, id := range ids {
		j.wantTags(shopA, id, "Gold", "theirs")
	}
	if n := len(j.writes(shopA)); n > 20 {
		t.Errorf("%d single calls were made", n)
	}
	j.edit(shopA, ids[0], "tagsAdd", "later")
	j.edit(shopA, ids[1], "tagsRemove", "Gold")
	revert := j.takeBack(j.a, change.RevertInput{OperationID: &op.ID})
	if revert.Status != models.OperationCompleted {
		t.Fatalf("the revert came to %s: %+v", revert.Status, revert.ItemCounts)
	}
	wantCounts(t.Context(), j, revert)
	j.wantTags(shopA, ids[0], "later", "Old", "theirs")
	for _, id := range ids[1:] {
		j.wantTags(shopA, id, "Old", "theirs")
	}
}

// TestATagThatOthersPutOnDuringABulkOperationIsTheirs lets another app put on the very tag that a bulk operation is about
// to put on. The log tells of it, so a revert leaves it.
func TestATagThatOthersPutOnDuringABulkOperationIsTheirs(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.app.Change.Way = ptr(true)
	var ids []string
	for i := range 30 {
		ids = append(ids, j.createProduct(shopA, fmt.Sprintf("Bulky %d", i), "crate", "old"))
	}
	j.settled()
	j.nextSecond()
	j.sim.HoldBulk(true)
	query := "tag:crate"
	op, err := j.app.Change.Start(t.Context(), j.a, riley, change.Input{Kind: models.TagAdd, Resource: models.Product,
		Tags: []string{"gold", "new"}, Selection: change.Selection{Query: &query}})
	j.must(err)
	j.waitFor("the records are listed", func() bool { return len(j.sim.Bulks(shopA)) == 1 })
	j.must(j.sim.StepBulk(shopA, "", -1))
	j.waitFor("the mutation is at Shopify", func() bool { return len(j.sim.Bulks(shopA)) == 2 })
	j.edit(shopA, ids[0], "tagsAdd", "gold")
	j.edit(shopA, ids[1], "tagsAdd", "gold")
	j.settled()
	j.nextSecond()
	j.edit(shopA, ids[1], "tagsRemove", "gold")
	j.settled()
	j.must(j.sim.StepBulk(shopA, "", -1))
	j.sim.HoldBulk(false)
	if op = j.ended(j.a, op.ID); op.Succeeded != 30 {
		t.Fatalf("it came to %s: %+v", op.Status, op.ItemCounts)
	}
	for _, id := range ids {
		j.wantTags(shopA, id, "crate", "gold", "new", "old")
	}
	if revert := j.takeBack(j.a, change.RevertInput{OperationID: &op.ID}); revert.Status != models.OperationCompleted {
		t.Fatalf("the revert came to %s: %+v", revert.Status, revert.ItemCounts)
	}
	j.wantTags(shopA, ids[0], "crate", "gold", "old")
	for _, id := range ids[1:] {
		j.wantTags(shopA, id, "crate", "old")
	}
}

// nextSecond waits until Shopify's clock, which has seconds, shows another one.
func (j *journey) nextSecond() {
	j.Helper()
	began := time.Now().Unix()
	j.waitFor("the next second", func() bool { return time.Now().Unix() > began })
}
