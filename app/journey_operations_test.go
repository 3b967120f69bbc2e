package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
	// Shopify's times have seconds: what others do in the second of our own write cannot be told from it.
	var items []models.Snapshot
	j.must(j.app.DB.Where("shop_id = ? AND cause_id = ?", j.a.ID, op.ID).Find(&items).Error)
	for _, item := range items {
		j.must(j.app.DB.Model(&item).Update("resource_updated_at", item.ResourceUpdatedAt.Add(-2*time.Second)).Error)
	}
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

// TestAFreeShopCannotTakeAnythingBack tries every way: as a person, with a key, the whole, an item, an entry, a rule.
func TestAFreeShopCannotTakeAnythingBack(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	if j.b.Plan != models.PlanFree {
		t.Fatalf("shop B has the plan %s", j.b.Plan)
	}
	rule := j.rule(j.b, models.RuleDefinition{Name: "Dear", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "5"), AddTags: []string{"dear"}})
	order := j.createOrder(shopB, "9.00", nil)
	product := j.createProduct(shopB, "Gamay", "theirs")
	j.settled()
	op := j.operate(j.b, change.Input{Kind: models.TagAdd, Resource: models.Product, Tags: []string{"Sale"}, Selection: change.Selection{IDs: []string{product}}})
	entry := j.one(j.b, "action = 'SMART_TAG_APPLIED' AND entity_id = ?", order)
	items, err := op.Items(t.Context(), nil, nil, nil)
	j.must(err)
	_, key := j.key(shopB, "a program", "READ", "RECORD")
	ways := []string{
		fmt.Sprintf("{operationId: %q}", op.ID), fmt.Sprintf("{operationId: %q, itemIds: [%q]}", op.ID, items.Items[0].ID),
		fmt.Sprintf("{activityId: %q}", entry.ID), fmt.Sprintf("{activityId: %q}", op.ID), fmt.Sprintf("{ruleId: %q}", rule.ID),
		fmt.Sprintf("{operationId: %q, mode: RESTORE_SNAPSHOT}", op.ID),
	}
	for _, way := range ways {
		for _, bearer := range []string{j.session(shopB), key} {
			r := j.post(j.url+"/graphql", "mutation { operationRevert(input: "+way+") { operation { id } userErrors { code } } }", nil,
				http.Header{"Authorization": {"Bearer " + bearer}})
			refused := strings.Contains(string(r.body), change.PlanRequired) || bearer == key && strings.Contains(string(r.body), "FORBIDDEN")
			if strings.Contains(string(r.body), `"id"`) || !refused {
				t.Errorf("%s: %s", way, r.body)
			}
		}
	}
	j.settled()
	j.wantTags(shopB, product, "Sale", "theirs")
	j.wantTags(shopB, order, "dear")
	var count int64
	j.must(j.app.DB.Model(&models.Operation{}).Where("kind = ?", models.Revert).Count(&count).Error)
	if count != 0 {
		t.Errorf("%d reverts were kept", count)
	}
	var shown struct {
		Operation struct {
			Revertible    bool
			NotRevertible string
		}
		Activity      struct{ Revertible bool }
		RevertPreview struct {
			WouldRestore int
			UserErrors   []struct{ Code string }
		}
	}
	j.data(shopB, fmt.Sprintf(`{ operation(id: %q) { revertible notRevertible } activity(id: %q) { revertible } revertPreview(input: {operationId: %q}) { wouldRestore userErrors { code } } }`, op.ID, entry.ID, op.ID), nil, &shown)
	if shown.Operation.Revertible || shown.Activity.Revertible || shown.Operation.NotRevertible == "" || shown.RevertPreview.WouldRestore != 1 {
		t.Errorf("it shows %+v", shown)
	}
}

// TestWhatARuleDidIsTakenBack takes back one entry of a rule, and then everything that it did in a window.
func TestWhatARuleDidIsTakenBack(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	rule := j.rule(j.a, models.RuleDefinition{Name: "Dear", Resource: models.Order, Enabled: true, Triggers: []models.Trigger{models.Created},
		When: when("total_price", models.Greater, "5"), AddTags: []string{"dear"}})
	var orders []string
	for range 3 {
		orders = append(orders, j.createOrder(shopA, "9.00", map[string]any{"tags": []string{"theirs"}}))
	}
	j.settled()
	entry := j.one(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ?", orders[0])
	if revert := j.takeBack(j.a, change.RevertInput{ActivityID: &entry.ID}); revert.Status != models.OperationCompleted || revert.Succeeded != 1 {
		t.Fatalf("it came to %s: %+v", revert.Status, revert.ItemCounts)
	}
	j.wantTags(shopA, orders[0], "theirs")
	j.wantTags(shopA, orders[1], "dear", "theirs")
	_, err := j.app.Change.Revert(t.Context(), j.a, riley, change.RevertInput{ActivityID: &entry.ID})
	j.wantProblem(err, change.AlreadyReverted)
	from := rule.CreatedAt
	revert := j.takeBack(j.a, change.RevertInput{RuleID: &rule.ID, From: &from})
	if revert.Succeeded != 2 || revert.Unchanged != 1 {
		t.Errorf("it came to %s: %+v", revert.Status, revert.ItemCounts)
	}
	for _, order := range orders {
		j.wantTags(shopA, order, "theirs")
		owned, err := j.app.Change.Owned(t.Context(), j.a, order)
		j.must(err)
		if len(owned) != 0 {
			t.Errorf("%s: the rule still owns %v", order, owned)
		}
	}
}

// TestFailedItemsComeAsAFile follows the link to the file of failed items, and finds that it is of use to nobody else.
func TestFailedItemsComeAsAFile(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	order := j.createOrder(shopA, "9.00", map[string]any{"name": "=1+1"})
	text := "ID\n" + order[strings.LastIndex(order, "/")+1:] + "\n999999\n"
	op := j.operate(j.a, change.Input{Kind: models.TagAdd, Resource: models.Order, Tags: []string{"Sale"}, Selection: change.Selection{CSV: &text}})
	if op.Status != models.OperationWarned || op.Succeeded != 1 || op.Failed != 1 {
		t.Fatalf("it came to %s: %+v", op.Status, op.ItemCounts)
	}
	get := func(url string) reply {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		j.must(err)
		res, err := j.client.Do(req)
		j.must(err)
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		j.must(err)
		return reply{res.StatusCode, res.Header, raw}
	}
	url := *op.FailedItemsURL()
	if r := get(url); r.status != http.StatusOK || !strings.Contains(string(r.body), "gid://shopify/Order/999999,") || strings.Contains(string(r.body), "=1+1") {
		t.Errorf("%d %s", r.status, r.body)
	}
	for _, other := range []string{
		strings.Replace(url, "expires=", "expires=9", 1), strings.Replace(url, fmt.Sprintf("shop=%d", j.a.ID), fmt.Sprintf("shop=%d", j.b.ID), 1),
		strings.Split(url, "?")[0],
	} {
		if r := get(other); r.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", other, r.status, r.body)
		}
	}
	again, err := j.app.Change.Retry(t.Context(), j.a, riley, op.ID)
	j.must(err)
	if op = j.ended(j.a, again.ID); op.Failed != 1 || op.Succeeded != 1 {
		t.Errorf("tried again it came to %s: %+v", op.Status, op.ItemCounts)
	}
	wantCounts(t.Context(), j, op)
	if _, err := j.app.Change.Cancel(t.Context(), j.a, riley, op.ID); !fault.Is(err, fault.Invalid) {
		t.Errorf("cancelling what has ended says %v", err)
	}
}
