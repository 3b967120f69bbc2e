package app

import (
	"fmt"
	"testing"

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
	wantCounts(j, t.Context(), op)
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
	wantCounts(j, t.Context(), revert)
	j.wantTags(shopA, ids[0], "later", "Old", "theirs")
	for _, id := range ids[1:] {
		j.wantTags(shopA, id, "Old", "theirs")
	}
}
