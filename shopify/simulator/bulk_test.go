package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	runQueryDoc    = "mutation($q: String!, $g: Boolean! = false) { bulkOperationRunQuery(query: $q, groupObjects: $g) { bulkOperation { id status } userErrors { field message code } } }"
	runMutationDoc = "mutation($m: String!, $p: String!, $c: String) { bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p, clientIdentifier: $c) { bulkOperation { id status } userErrors { field message code } } }"
	bulkDoc        = "query($id: ID!) { bulkOperation(id: $id) { status errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt } }"
	tagDoc         = "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id ... on Product { tags updatedAt } } userErrors { field message } } }"
)

func (l *lab) runQuery(query string, grouped bool) string {
	l.t.Helper()
	a := l.gql(runQueryDoc, map[string]any{"q": query, "g": grouped})
	id := bulkOf(a)
	if id == "" || dig(a.Data, "bulkOperationRunQuery", "bulkOperation", "status") != "CREATED" {
		l.t.Fatalf("start a bulk query: %v %v", a.Errors, a.Data)
	}
	return id
}

func (l *lab) runMutation(mutation, file string) string {
	l.t.Helper()
	a := l.gql(runMutationDoc, map[string]any{"m": mutation, "p": l.uploaded(file)})
	id := bulkOf(a)
	if id == "" || dig(a.Data, "bulkOperationRunMutation", "bulkOperation", "status") != "CREATED" {
		l.t.Fatalf("start a bulk mutation: %v %v", a.Errors, a.Data)
	}
	return id
}

func (l *lab) bulkNow(id string) map[string]any {
	l.t.Helper()
	b, _ := dig(l.gql(bulkDoc, map[string]any{"id": id}).Data, "bulkOperation").(map[string]any)
	return b
}

// result reads a result file, one object for each line.
func (l *lab) result(address any) []map[string]any {
	l.t.Helper()
	status, text := l.get(address)
	if status != 200 {
		l.t.Fatalf("result is answered %d %s", status, text)
	}
	var out []map[string]any
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			l.t.Fatalf("%s: %v", line, err)
		}
		out = append(out, v)
	}
	return out
}

func (l *lab) waitBulk(id string) map[string]any {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 20*time.Second)
	defer cancel()
	if err := l.WaitBulk(ctx, l.shop.Domain, id); err != nil {
		l.t.Fatal(err)
	}
	return l.bulkNow(id)
}

// tagLines is a file that adds a tag to the first products of the store.
func (l *lab) tagLines(n int, tag string) (ids []string, file string) {
	for _, p := range l.shop.products.list[:n] {
		ids = append(ids, p.gid())
		file += fmt.Sprintf("{\"id\":%q,\"tags\":[%q]}\n", p.gid(), tag)
	}
	return ids, file
}

func TestABulkQueryWritesChildrenWithTheirParent(t *testing.T) {
	t.Parallel()
	for _, grouped := range []bool{false, true} {
		l := setup(t, Options{Products: 20})
		id := l.runQuery("query { products { edges { node { id title variants { edges { node { id sku } } } } } } }", grouped)
		b := l.waitBulk(id)
		lines := l.result(b["url"])
		roots, parent, below := 0, "", true
		for _, line := range lines {
			if line["__parentId"] == nil {
				roots++
				parent, _ = line["id"].(string)
				continue
			}
			below = below && line["__parentId"] == parent
			_, variant, _ := splitGID(line["id"].(string))
			if gid("Product", l.shop.variantByID(variant).product.id) != line["__parentId"] {
				t.Errorf("%v is another's child", line)
			}
		}
		if roots != 20 || below != grouped || b["objectCount"] != fmt.Sprint(len(lines)) || b["rootObjectCount"] != "20" {
			t.Errorf("grouped %v: %d roots, children below their parents %v, %v", grouped, roots, below, b)
		}
	}
}

func TestLinesOfABulkMutationAreNotProcessedInTheirOrder(t *testing.T) {
	t.Parallel()
	var orders [2][]float64
	for i := range orders {
		l := setup(t, Options{Products: 50})
		_, file := l.tagLines(50, "bulk")
		for _, line := range l.result(l.waitBulk(l.runMutation(tagDoc, file))["url"]) {
			orders[i] = append(orders[i], line["__lineNumber"].(float64))
		}
	}
	if slices.IsSorted(orders[0]) || !slices.Equal(orders[0], orders[1]) {
		t.Errorf("orders are %v", orders)
	}
	slices.Sort(orders[0])
	for i, n := range orders[0] {
		if n != float64(i) {
			t.Fatalf("line %d is missing", i)
		}
	}
}

func TestOthersEditWhileABulkMutationRuns(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 30})
	l.HoldBulk(true)
	ids, file := l.tagLines(30, "bulk")
	id := l.runMutation(tagDoc, file)
	if s := l.bulkNow(id)["status"]; s != "CREATED" {
		t.Errorf("held, it is %v", s)
	}
	l.step(id, 12)
	done := 0
	for _, p := range ids {
		if slices.Contains(l.Tags(l.shop.Domain, p), "bulk") {
			done++
		}
	}
	if b := l.bulkNow(id); done != 12 || b["status"] != "RUNNING" || b["objectCount"] != "12" || b["url"] != nil {
		t.Errorf("%d are tagged, %v", done, b)
	}
	for _, by := range []string{"", "sim-admin", "Amara Diallo"} {
		tags, err := l.EditTags(Edit{Shop: l.shop.Domain, ID: ids[3], Add: []string{"edit " + by}, Remove: []string{"bulk"}, By: by})
		if err != nil || !slices.Contains(tags, strings.TrimSpace("edit "+by)) || slices.Contains(tags, "bulk") {
			t.Errorf("%q: %v, %v", by, tags, err)
		}
	}
	l.step(id, 18)
	if b := l.bulkNow(id); b["status"] != "RUNNING" || b["objectCount"] != "30" {
		t.Errorf("with every line done: %v", b)
	}
	l.step(id, 1)
	if b := l.bulkNow(id); b["status"] != "COMPLETED" || b["completedAt"] == nil || len(l.result(b["url"])) != 30 {
		t.Errorf("in the end: %v", b)
	}
	for by, e := range map[string]Edit{
		"nobody": {Shop: l.shop.Domain, ID: ids[0], By: "Nobody"},
		"shop":   {Shop: "nowhere.myshopify.com", ID: ids[0]},
		"record": {Shop: l.shop.Domain, ID: "gid://shopify/Product/1"},
		"tag":    {Shop: l.shop.Domain, ID: ids[0], Add: []string{strings.Repeat("x", 256)}},
	} {
		if tags, err := l.EditTags(e); err == nil {
			t.Errorf("%s: %v", by, tags)
		}
	}
}

func TestABulkQueryReadsEachRecordAtItsTurn(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 10})
	l.HoldBulk(true)
	id := l.runQuery("{ products { edges { node { id tags } } } }", false)
	l.step(id, 5)
	list := slices.Clone(l.shop.products.list)
	for _, p := range []*product{list[0], list[9]} {
		if _, err := l.EditTags(Edit{Shop: l.shop.Domain, ID: p.gid(), Add: []string{"late"}}); err != nil {
			t.Fatal(err)
		}
	}
	l.gql("mutation($id: ID!) { productDelete(input: {id: $id}) { deletedProductId } }", map[string]any{"id": list[8].gid()})
	l.step(id, -1)
	lines := l.result(l.bulkNow(id)["url"])
	if len(lines) != 9 {
		t.Fatalf("%d lines, want 9", len(lines))
	}
	late := func(line map[string]any) bool { return slices.Contains(stringsOf(line["tags"]), "late") }
	if late(lines[0]) || !late(lines[8]) {
		t.Errorf("first %v, last %v", lines[0], lines[8])
	}
}

func TestAWriteThatChangesNothingLeavesUpdatedAtAlone(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 2})
	ids, _ := l.tagLines(2, "")
	if _, err := l.EditTags(Edit{Shop: l.shop.Domain, ID: ids[0], Add: []string{"Here"}}); err != nil {
		t.Fatal(err)
	}
	before := []time.Time{l.shop.products.list[0].updated, l.shop.products.list[1].updated}
	_, file := l.tagLines(2, "HERE")
	l.waitBulk(l.runMutation(tagDoc, file))
	l.shop.mu.RLock()
	defer l.shop.mu.RUnlock()
	if !l.shop.products.list[0].updated.Equal(before[0]) || !l.shop.products.list[1].updated.After(before[1]) {
		t.Error("updatedAt is not the time of the last change")
	}
}

func TestTheEndOfABulkOperationIsSentToItsApp(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{Products: 4})
	l.subscribe(map[string]any{"uri": b.URL}, "BULK_OPERATIONS_FINISH")
	theirs := l.runQuery("{ products { edges { node { id } } } }", false)
	l.waitBulk(theirs)
	l.asApp()
	if err := l.SetFaults(Fault{Name: "bulk_fails", Times: 1}); err != nil {
		t.Fatal(err)
	}
	failed := l.runQuery("{ products { edges { node { id } } } }", false)
	l.waitBulk(failed)
	_, file := l.tagLines(2, "x")
	done := l.runMutation(tagDoc, file)
	l.waitBulk(done)
	if err := l.SetFaults(Fault{Name: "webhook_lost", Operation: "bulk_operations/finish", Times: 1}); err != nil {
		t.Fatal(err)
	}
	l.waitBulk(l.runQuery("{ products { edges { node { id } } } }", false))
	l.idle()
	raw, err := os.ReadFile("testdata/webhooks/bulk_operations__finish.json")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]any{}
	for _, g := range b.all() {
		var want, body any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(g.body, &body); err != nil {
			t.Fatal(err)
		}
		sameShape(t, g.topic, want, body)
		got[dig(body, "admin_graphql_api_id").(string)] = body.(map[string]any)
	}
	if len(got) != 2 || got[theirs] != nil {
		t.Fatalf("got %v", got)
	}
	if f := got[failed]; f["status"] != "failed" || f["error_code"] != "internal_server_error" || f["type"] != "query" {
		t.Errorf("got %v", f)
	}
	if d := got[done]; d["status"] != "completed" || d["error_code"] != nil || d["type"] != "mutation" {
		t.Errorf("got %v", d)
	}
}

func TestABulkOperationIsItsAppsOwn(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 4})
	id := l.runQuery("{ products { edges { node { id } } } }", false)
	l.waitBulk(id)
	l.asApp()
	if b := l.bulkNow(id); b != nil {
		t.Errorf("another app sees %v", b)
	}
	a := l.gql("mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id } userErrors { field message } } }", map[string]any{"id": id})
	if dig(a.Data, "bulkOperationCancel", "userErrors", 0, "message") != "Bulk operation does not exist" {
		t.Errorf("another app cancels it: %v", a.Data)
	}
	l.token = otherApp
	a = l.gql("mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id } userErrors { field message } } }", map[string]any{"id": id})
	want := map[string]any{"field": nil, "message": "A bulk operation cannot be canceled when it is completed"}
	if diff := cmp.Diff(any(want), dig(a.Data, "bulkOperationCancel", "userErrors", 0)); diff != "" {
		t.Error(diff)
	}
}

func TestBulkOperationsAreFilteredAndSorted(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 3})
	query := l.runQuery("{ products { edges { node { id } } } }", false)
	l.waitBulk(query)
	_, file := l.tagLines(3, "x")
	mutation := l.runMutation(tagDoc, file)
	l.waitBulk(mutation)
	l.HoldBulk(true)
	held := l.runQuery("{ products { edges { node { id } } } }", false)
	all := []string{query, mutation, held}
	for filter, want := range map[string][]string{
		"":                                     all,
		"operation_type:mutation":              {mutation},
		"operation_type:query":                 {query, held},
		"status:completed":                     {query, mutation},
		"status:created":                       {held},
		"created_at:>2001-01-01":               all,
		"created_at:<2001-01-01":               nil,
		"operation_type:query -status:created": {query},
	} {
		a := l.gql("query($q: String) { bulkOperations(first: 9, query: $q) { nodes { id } } }", map[string]any{"q": filter})
		var got []string
		nodes, _ := dig(a.Data, "bulkOperations", "nodes").([]any)
		for _, n := range nodes {
			got = append(got, dig(n, "id").(string))
		}
		if !slices.Equal(got, want) || len(a.Extensions.Search) > 0 {
			t.Errorf("%q: got %v, want %v", filter, got, want)
		}
	}
	a := l.gql(`{ bulkOperations(first: 9, query: "type:mutation") { nodes { id } } }`, nil)
	if nodes, _ := dig(a.Data, "bulkOperations", "nodes").([]any); len(nodes) != 3 || len(a.Extensions.Search) != 1 {
		t.Errorf("a filter that does not exist finds %d with %v", len(nodes), a.Extensions.Search)
	}
}

func TestFaultsOfBulkOperations(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 10})
	l.asApp()
	run := func(faults ...Fault) map[string]any {
		t.Helper()
		l.ClearFaults()
		if err := l.SetFaults(faults...); err != nil {
			t.Fatal(err)
		}
		_, file := l.tagLines(10, "fault")
		return l.waitBulk(l.runMutation(tagDoc, file))
	}
	b := run(Fault{Name: "bulk_fails", Operation: "bulkOperationRunMutation"})
	if b["status"] != "FAILED" || b["errorCode"] != "INTERNAL_SERVER_ERROR" || b["url"] != nil || len(l.result(b["partialDataUrl"])) != 5 {
		t.Errorf("bulk_fails: %v", b)
	}
	if b = run(Fault{Name: "bulk_fails"}, Fault{Name: "bulk_partial_lost"}); b["status"] != "FAILED" || b["partialDataUrl"] != nil {
		t.Errorf("bulk_partial_lost: %v", b)
	}
	if b = run(Fault{Name: "bulk_fails", Operation: "bulkOperationRunQuery"}); b["status"] != "COMPLETED" {
		t.Errorf("a fault of queries: %v", b)
	}
	for name, place := range map[string][]any{
		"bulk_line_error":      {"errors", 0, "extensions", "code"},
		"bulk_line_user_error": {"data", "tagsAdd", "userErrors", 0, "message"},
	} {
		b = run(Fault{Name: name, Times: 3})
		hit := 0
		for _, line := range l.result(b["url"]) {
			if dig(line, place...) != nil {
				hit++
			}
		}
		if b["status"] != "COMPLETED" || hit != 3 {
			t.Errorf("%s: %d lines, %v", name, hit, b)
		}
	}
	b = run(Fault{Name: "bulk_line_lost", Operation: "tagsAdd", Times: 1})
	if b["objectCount"] != "10" || len(l.result(b["url"])) != 9 {
		t.Errorf("bulk_line_lost: %v", b)
	}
	b = run()
	for name, want := range map[string]int{"bulk_result_unreachable": 503, "bulk_result_expired": 400} {
		l.ClearFaults()
		if err := l.SetFaults(Fault{Name: name, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if status, _ := l.get(b["url"]); status != want {
			t.Errorf("%s: %d", name, status)
		}
		if status, _ := l.get(b["url"]); status != 200 {
			t.Errorf("after %s: %d", name, status)
		}
	}
	if err := l.SetFaults(Fault{Name: "bulk_result_cut"}); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(b["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if half, err := io.ReadAll(res.Body); err == nil || len(half) == 0 || int64(len(half)) >= res.ContentLength {
		t.Errorf("bulk_result_cut: %d of %d bytes, %v", len(half), res.ContentLength, err)
	}
}

func TestTheRateOfBulkOperationsIsKept(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 40, BulkRate: 400})
	began := time.Now()
	b := l.waitBulk(l.runQuery("{ products { edges { node { id } } } }", false))
	// 40 lines take 100 ms; how much more depends on the machine.
	if took := time.Since(began); took < 90*time.Millisecond || b["objectCount"] != "40" {
		t.Errorf("took %s, %v", took, b)
	}
}

func TestClosingEndsBulkOperationsThatAreHeld(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 5})
	l.HoldBulk(true)
	l.runQuery("{ products { edges { node { id } } } }", false)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		l.Close()
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not close")
	}
}

func TestTheControlAPIHoldsStepsAndEdits(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 5})
	var held map[string]any
	if code := l.control(http.MethodPost, "bulk", map[string]any{"hold": true}, &held); code != 200 || held["hold"] != true {
		t.Fatalf("%d %v", code, held)
	}
	id := l.runQuery("{ products { edges { node { id } } } }", false)
	var list []BulkState
	l.control(http.MethodPost, "bulk_step", map[string]any{"shop": l.shop.Domain, "id": id, "lines": 2}, &list)
	want := []BulkState{{ID: id, Type: "QUERY", Status: "RUNNING", Done: 2, Total: 5}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	var edited map[string][]string
	product := l.shop.products.list[0].gid()
	l.control(http.MethodPost, "edit", map[string]any{"shop": l.shop.Domain, "id": product, "add": []string{"by hand"}, "by": "Jonas Weber"}, &edited)
	if !slices.Contains(edited["tags"], "by hand") {
		t.Errorf("got %v", edited)
	}
	if !slices.ContainsFunc(l.Log(), func(e LogEntry) bool { return e.Kind == "edit" && e.App == "Jonas Weber" }) {
		t.Error("the log does not say who edited")
	}
	l.control(http.MethodPost, "bulk", map[string]any{"hold": false}, &held)
	l.waitBulk(id)
	var shops map[string][]BulkState
	l.control(http.MethodGet, "bulk", nil, &shops)
	if got := shops[l.shop.Domain]; len(got) != 1 || got[0].Status != "COMPLETED" || got[0].Done != 5 {
		t.Errorf("got %v", got)
	}
	var failed map[string]string
	if code := l.control(http.MethodPost, "bulk_step", map[string]any{"shop": l.shop.Domain, "id": "gid://shopify/BulkOperation/1"}, &failed); code != 400 {
		t.Errorf("a step of nothing: %d", code)
	}
}

func TestTenOperationsRunAtOnceWhileTheShopLives(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Shops: defaultShops()[:1], Products: 300, Customers: 20, Orders: 20, TrafficEvery: time.Microsecond})
	l.HoldBulk(true)
	var ids []string
	_, file := l.tagLines(300, "bulk")
	for range bulkAtOnce {
		ids = append(ids, l.runQuery("{ products { edges { node { id tags } } } }", false), l.runMutation(tagDoc, file))
	}
	l.SetTraffic(true)
	l.HoldBulk(false)
	for range 20 { // each returns while none of the ten moves
		l.HoldBulk(true)
		before := l.Bulks(l.shop.Domain)
		if diff := cmp.Diff(before, l.Bulks(l.shop.Domain)); diff != "" {
			t.Errorf("held, they move: %s", diff)
		}
		l.HoldBulk(false)
	}
	for _, id := range ids {
		if b := l.waitBulk(id); b["status"] != "COMPLETED" || len(l.result(b["url"])) != 300 {
			t.Errorf("got %v", b)
		}
	}
	for _, p := range l.shop.products.list {
		if !slices.Contains(l.Tags(l.shop.Domain, p.gid()), "bulk") {
			t.Fatalf("%s is not tagged", p.gid())
		}
	}
}
