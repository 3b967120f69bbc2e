package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// crates is an operation on every record of a stoppable.
func (x *stoppable) crates() *change.Operation {
	x.Helper()
	query := "tag:crate"
	op, err := x.app.Change.Start(x.ctx, x.a, riley, change.Input{Kind: models.TagReplace, Resource: models.Product,
		Tags: []string{"old"}, ReplaceWith: ptr("New"), Selection: change.Selection{Query: &query}})
	x.must(err)
	return op
}

// TestABulkOperationGoesOnThroughWhateverShopifyDoes lets one thing go wrong, once or twice, at each place of a bulk
// operation and of its revert: every record ends as it is to.
func TestABulkOperationGoesOnThroughWhateverShopifyDoes(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		{Name: "bulk_fails", Operation: "bulkOperationRunQuery"},
		{Name: "bulk_fails", Operation: "bulkOperationRunMutation"},
		{Name: "bulk_line_error"},
		{Name: "bulk_line_lost"},
		{Name: "bulk_result_unreachable"},
		{Name: "bulk_result_cut"},
		{Name: "bulk_result_expired"},
		{Name: "upload_refused"},
		{Name: "lost_answer", Operation: "bulkOperationRunQuery"},
		{Name: "lost_answer", Operation: "bulkOperationRunMutation"},
	} {
		t.Run(fault.Name+" "+fault.Operation, func(t *testing.T) {
			t.Parallel()
			x := newStoppable(t, 40)
			x.app.Change.Way, x.app.Change.BulkLines = ptr(true), 30
			for times := 1; times <= 2; times++ {
				fault.Times = times
				x.must(x.sim.SetFaults(simulator.Fault{Name: "webhook_lost"}, fault))
				op := x.crates()
				x.finish(op.ID)
				x.wantAll("the operation", op.ID, "crate", "New")
				x.must(x.sim.SetFaults(simulator.Fault{Name: "webhook_lost"}, fault))
				revert, err := x.app.Change.Revert(x.ctx, x.a, riley, change.RevertInput{OperationID: &op.ID})
				x.must(err)
				x.finish(revert.ID)
				x.wantAll("the revert", revert.ID, "crate", "Old")
			}
		})
	}
}

func TestARefusedLineIsTheOnlyOneThatFails(t *testing.T) {
	t.Parallel()
	x := newStoppable(t, 40)
	x.app.Change.Way = ptr(true)
	x.must(x.sim.SetFaults(simulator.Fault{Name: "webhook_lost"}, simulator.Fault{Name: "bulk_line_user_error", Times: 1}))
	op := x.finish(x.crates().ID)
	if op.Status != models.OperationWarned || op.Failed != 1 || op.Succeeded != 39 {
		t.Fatalf("it came to %s: %+v", op.Status, op.ItemCounts)
	}
	if e := x.one(x.a, "id = ?", op.ID); e.Status != models.Warning {
		t.Errorf("its entry is %s, want a WARNING", e.Status)
	}
	if _, err := x.app.Change.Retry(x.ctx, x.a, riley, op.ID); err != nil {
		t.Fatal(err)
	}
	x.finish(op.ID)
	for _, id := range x.ids {
		x.wantTags(shopA, id, "New", "crate")
	}
}

// TestABulkMutationIsStoppedHalfWay stops an operation when Shopify has done ten of its lines: what is done is told as
// done, and can be taken back, and the rest is left as it was.
func TestABulkMutationIsStoppedHalfWay(t *testing.T) {
	t.Parallel()
	x := newStoppable(t, 40)
	x.app.Change.Way = ptr(true)
	op := x.crates()
	x.sim.HoldBulk(true)
	for range 100 {
		bulks := x.sim.Bulks(shopA)
		if n := len(bulks); n > 0 && bulks[n-1].Type == "MUTATION" {
			break
		} else if n > 0 {
			x.must(x.sim.StepBulk(shopA, bulks[0].ID, -1))
		}
		x.later(op.ID)
		x.must(x.app.Change.WorkOn(x.ctx, op.ID))
	}
	bulks := x.sim.Bulks(shopA)
	if len(bulks) != 2 {
		t.Fatalf("the bulk operations are %+v", bulks)
	}
	x.must(x.sim.StepBulk(shopA, bulks[1].ID, 10))
	_, err := x.app.Change.Cancel(x.ctx, x.a, riley, op.ID)
	x.must(err)
	x.later(op.ID)
	x.must(x.app.Change.WorkOn(x.ctx, op.ID))
	x.sim.HoldBulk(false)
	op = x.finish(op.ID)
	if op.Status != models.OperationCancelled || op.Succeeded != 10 || op.Skipped != 30 {
		t.Fatalf("it came to %s: %+v", op.Status, op.ItemCounts)
	}
	var done []string
	x.must(x.app.DB.WithContext(x.ctx).Model(&models.Snapshot{}).
		Where("shop_id = ? AND cause_id = ? AND outcome = ?", x.a.ID, op.ID, models.SnapshotSucceeded).Pluck("resource_id", &done).Error)
	for _, id := range x.ids {
		want := []string{"Old", "crate"}
		if slices.Contains(done, id) {
			want[0] = "New"
		}
		x.wantTags(shopA, id, want...)
	}
	revert, err := x.app.Change.Revert(x.ctx, x.a, riley, change.RevertInput{OperationID: &op.ID})
	x.must(err)
	x.finish(revert.ID)
	for _, id := range x.ids {
		x.wantTags(shopA, id, "Old", "crate")
	}
}

// TestAFileNamesRecordsAsPeopleDo selects by handles, names and e-mail addresses, by a file as large as is allowed.
func TestAFileNamesRecordsAsPeopleDo(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	product := j.createProduct(shopA, "Grüner Veltliner 2024", "wine")
	customer := j.created(shopA, "customerCreate", "customer", `mutation($in: CustomerInput!) {
		customerCreate(input: $in) { customer { id } userErrors { message } } }`, map[string]any{"firstName": "Ada", "email": "ada@example.com", "tags": []string{"guest"}})
	order := j.createOrder(shopA, "5.00", map[string]any{"tags": []string{"web"}})
	told := j.admin(shopA, `query($product: ID!, $order: ID!) { product(id: $product) { handle } order(id: $order) { name } }`,
		map[string]any{"product": product, "order": order})
	handle := told["product"].(map[string]any)["handle"].(string)
	name := told["order"].(map[string]any)["name"].(string)
	notes := strings.Repeat("x,\"quoted\"\"\n", 1<<20/10)
	for _, file := range []struct{ resource, id, tag, text string }{
		{"PRODUCT", product, "wine", "Handle,Notes\n" + handle + ",\"" + strings.ReplaceAll(notes, `"`, "'") + "\"\n"},
		{"ORDER", order, "web", "Name\n" + name + "\n"},
		{"ORDER", order, "web", "Name\n" + strings.TrimPrefix(name, "#") + "\n"},
		{"CUSTOMER", customer, "guest", "Email;Name\nADA@example.com;Ada\n"},
	} {
		var started struct {
			OperationStart struct {
				Operation  *struct{ ID string }
				UserErrors []struct{ Message string }
			}
		}
		tag := "from a file " + fmt.Sprint(len(j.writes(shopA)))
		j.data(shopA, `mutation($in: OperationInput!) { operationStart(input: $in) { operation { id } userErrors { message } } }`,
			map[string]any{"in": map[string]any{"kind": "TAG_ADD", "resource": file.resource, "tags": []string{tag}, "selection": map[string]any{"csv": file.text}}}, &started)
		if started.OperationStart.Operation == nil {
			t.Fatalf("%.20q: %+v", file.text, started.OperationStart.UserErrors)
		}
		op := j.ended(j.a, started.OperationStart.Operation.ID)
		if op.Total != 1 || op.Succeeded != 1 {
			t.Fatalf("%.20q came to %s: %+v", file.text, op.Status, op.ItemCounts)
		}
		if tags := models.Tags(j.sim.Tags(shopA, file.id)); !tags.Has(tag) || !tags.Has(file.tag) {
			t.Errorf("%.20q: the tags are %q", file.text, tags)
		}
	}
}
