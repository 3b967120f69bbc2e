package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

var riley = models.Actor{Type: models.ActorStaff, Name: "Riley Park"}

// operate starts an operation and waits for its end.
func (j *journey) operate(shop *models.Shop, in change.Input) *change.Operation {
	j.Helper()
	op, err := j.app.Change.Start(j.Context(), shop, riley, in)
	j.must(err)
	return j.ended(shop, op.ID)
}

func (j *journey) ended(shop *models.Shop, id string) *change.Operation {
	j.Helper()
	var op *change.Operation
	j.waitFor("the operation ends", func() bool {
		var err error
		op, err = j.app.Change.Get(j.Context(), shop, id)
		j.must(err)
		return op.Status.Ended()
	})
	return op
}

func (j *journey) takeBack(shop *models.Shop, in change.RevertInput) *change.Operation {
	j.Helper()
	op, err := j.app.Change.Revert(j.Context(), shop, riley, in)
	j.must(err)
	return j.ended(shop, op.ID)
}

// edit changes a record's tags as another app does.
func (j *journey) edit(shop, id, mutation string, tags ...string) {
	j.Helper()
	j.admin(shop, fmt.Sprintf(`mutation($id: ID!, $tags: [String!]!) { %s(id: $id, tags: $tags) { userErrors { message } } }`, mutation),
		map[string]any{"id": id, "tags": tags})
}

func TestAnOperationIsTakenBackAndLaterEditsStay(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	var ids []string
	for i := range 8 {
		ids = append(ids, j.createProduct(shopA, fmt.Sprintf("Wine %d", i), "Old", "theirs"))
	}
	j.settled()
	gold := "Gold"
	op := j.operate(j.a, change.Input{Kind: models.TagReplace, Resource: models.Product, Tags: []string{"old"}, ReplaceWith: &gold,
		Selection: change.Selection{IDs: ids}})
	if op.Status != models.OperationCompleted || op.Succeeded != 8 {
		t.Fatalf("it came to %s: %+v", op.Status, op.ItemCounts)
	}
	j.wantTags(shopA, ids[0], "Gold", "theirs")
	j.settled()
	j.edit(shopA, ids[0], "tagsAdd", "later")
	j.edit(shopA, ids[1], "tagsRemove", "Gold")
	j.edit(shopA, ids[2], "tagsAdd", "OLD")
	j.edit(shopA, ids[3], "tagsRemove", "Gold")
	j.settled()
	j.edit(shopA, ids[3], "tagsAdd", "Gold")
	j.settled()
	preview, err := j.app.Change.PreviewRevert(j.Context(), j.a, change.RevertInput{OperationID: &op.ID})
	j.must(err)
	if preview.Total != 8 || preview.WouldRestore != 8 || preview.Drifted != 3 {
		t.Errorf("the preview says %+v", preview)
	}
	revert := j.takeBack(j.a, change.RevertInput{OperationID: &op.ID})
	if revert.Status != models.OperationCompleted {
		t.Fatalf("the revert came to %s: %+v", revert.Status, revert.ItemCounts)
	}
	j.wantTags(shopA, ids[0], "later", "Old", "theirs")
	j.wantTags(shopA, ids[1], "Old", "theirs")
	j.wantTags(shopA, ids[2], "OLD", "theirs")
	j.wantTags(shopA, ids[3], "Gold", "Old", "theirs") // somebody else took it off and put it on again
	j.wantTags(shopA, ids[4], "Old", "theirs")

	original := j.one(j.a, "id = ?", op.ID)
	if by, _ := json.Marshal(metadata(original)["revertedBy"]); string(by) != fmt.Sprintf("[%q]", revert.ID) {
		t.Errorf("the original names %s as its reverts", by)
	}
	if e := j.one(j.a, "id = ?", revert.ID); e.CauseID == nil || *e.CauseID != op.ID || e.Status != models.Success {
		t.Errorf("the revert's entry is %+v", e)
	}
	// Its echoes are told as such.
	j.settled()
	echoes := j.entries(j.a, "cause_id = ? AND action = 'WEBHOOK_RECEIVED'", op.ID)
	if len(echoes) < 8 {
		t.Errorf("%d echoes are known as such, want 8", len(echoes))
	}
	_, err = j.app.Change.Revert(j.Context(), j.a, riley, change.RevertInput{OperationID: &op.ID})
	j.wantProblem(err, change.AlreadyReverted)

	again := j.takeBack(j.a, change.RevertInput{OperationID: &revert.ID})
	if again.Status != models.OperationCompleted {
		t.Fatalf("the revert of the revert came to %s: %+v", again.Status, again.ItemCounts)
	}
	j.wantTags(shopA, ids[4], "Gold", "theirs")
	j.wantTags(shopA, ids[0], "Gold", "later", "theirs")
	j.takeBack(j.a, change.RevertInput{OperationID: &op.ID})
	j.wantTags(shopA, ids[4], "Old", "theirs")
}

func (j *journey) wantProblem(err error, code string) {
	j.Helper()
	f, ok := fault.As(err)
	if !ok || !slices.ContainsFunc(f.Problems, func(p fault.Problem) bool { return p.Code == code }) {
		j.Errorf("the error is %v, want the problem %s", err, code)
	}
}
