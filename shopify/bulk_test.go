package shopify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// ended waits for an operation and reads it.
func (s *store) ended(t *testing.T, id string) *shopify.Bulk {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.WaitBulk(ctx, shop, id); err != nil {
		t.Fatal(err)
	}
	b, _, err := s.client.Bulk(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !b.Ended() || b.CompletedAt == nil {
		t.Fatalf("got %+v", b)
	}
	return b
}

// all searches for every record of the type.
func (s *store) all(t *testing.T, typ string) []shopify.TagOwner {
	t.Helper()
	page, _, err := s.client.Search(t.Context(), shopify.SearchInput{Type: typ, First: 250})
	if err != nil || page.HasNext {
		t.Fatalf("more than a page, or %v", err)
	}
	return page.Owners
}

// upload stages one line for each record.
func (s *store) upload(t *testing.T, ids []string, tags ...string) string {
	t.Helper()
	var file bytes.Buffer
	for _, id := range ids {
		file.Write(shopify.TagsLine(id, tags))
	}
	path, cost, err := s.client.Upload(t.Context(), "tags.jsonl", int64(file.Len()), &file)
	if err != nil || path == "" || cost.Requested < 10 {
		t.Fatalf("path %q, cost %+v, %v", path, cost, err)
	}
	return path
}

func (s *store) results(t *testing.T, url string) map[int]shopify.BulkResult {
	t.Helper()
	found := map[int]shopify.BulkResult{}
	err := s.client.Results(t.Context(), url, func(r shopify.BulkResult) error {
		if _, twice := found[r.Line]; twice {
			t.Errorf("line %d twice", r.Line)
		}
		found[r.Line] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func ids(owners []shopify.TagOwner) []string {
	out := make([]string, len(owners))
	for i, o := range owners {
		out[i] = o.ID
	}
	return out
}

func TestBulkQueryStreamsTheRecordsThatSearchFinds(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	for _, typ := range []string{"Product", "Order", "Customer"} {
		b, cost, err := s.client.BulkQueryTags(t.Context(), typ, "")
		if err != nil || b.Status != shopify.BulkCreated || b.URL != "" || b.Ended() || cost.Requested != 10 {
			t.Fatalf("%s: got %+v, cost %+v, %v", typ, b, cost, err)
		}
		b = s.ended(t, b.ID)
		want := map[string]shopify.TagOwner{}
		for _, o := range s.all(t, typ) {
			want[o.ID] = o
		}
		next := 0
		err = s.client.Owners(t.Context(), b.URL, func(line int, o shopify.TagOwner) error {
			w := want[o.ID]
			if line != next || o.Type != typ || o.Title != w.Title || !slices.Equal(o.Tags, w.Tags) || !o.UpdatedAt.Equal(w.UpdatedAt) {
				t.Errorf("%s: line %d is %+v, want %+v", typ, line, o, w)
			}
			next++
			return nil
		})
		if err != nil || next != len(want) || b.ObjectCount != int64(next) || b.FileSize == 0 {
			t.Errorf("%s: %d of %d, %+v, %v", typ, next, len(want), b, err)
		}
	}
}

func TestBulkQueryTakesASearchWithEveryLetter(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	product := s.one(t, "Product")
	if _, _, err := s.client.TagsAdd(t.Context(), product.ID, []string{`<"Été" & \co>`}); err != nil {
		t.Fatal(err)
	}
	query := `tag:'<"Été" & \\co>'`
	count, exact, _, err := s.client.Count(t.Context(), "Product", query)
	if err != nil || count != 1 || !exact {
		t.Fatalf("counted %d, %v, %v", count, exact, err)
	}
	b, _, err := s.client.BulkQueryTags(t.Context(), "Product", query)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	err = s.client.Owners(t.Context(), s.ended(t, b.ID).URL, func(_ int, o shopify.TagOwner) error {
		found = append(found, o.ID)
		return nil
	})
	if err != nil || !slices.Equal(found, []string{product.ID}) {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestBulkQueryThatFindsNothingHasNoResult(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	b, _, err := s.client.BulkQueryTags(t.Context(), "Product", "tag:nowhere")
	if err != nil {
		t.Fatal(err)
	}
	if b = s.ended(t, b.ID); b.Status != shopify.BulkCompleted || b.URL != "" || b.ObjectCount != 0 {
		t.Errorf("got %+v", b)
	}
	if _, _, err := s.client.BulkQueryTags(t.Context(), "Shop", ""); shopify.KindOf(err) != shopify.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestBulkMutationAddsAndRemovesTagsOfEachLine(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	for _, typ := range []string{"Product", "Order", "Customer"} {
		before := s.all(t, typ)
		for _, add := range []bool{true, false} {
			path := s.upload(t, ids(before), "Spring & Summer", "second")
			b, _, err := s.client.BulkTags(t.Context(), add, path, "operation-"+typ)
			if err != nil || b.Status != shopify.BulkCreated {
				t.Fatalf("%s: got %+v, %v", typ, b, err)
			}
			b = s.ended(t, b.ID)
			if b.Status != shopify.BulkCompleted || b.ObjectCount != int64(len(before)) {
				t.Errorf("%s: got %+v", typ, b)
			}
			got := s.results(t, b.URL)
			for i, o := range before {
				r := got[i]
				if r.Err != nil || r.Owner == nil || r.Owner.ID != o.ID || r.Owner.Title != o.Title || r.Owner.UpdatedAt.IsZero() {
					t.Fatalf("%s: line %d is %+v", typ, i, r)
				}
				if slices.Contains(r.Owner.Tags, "Spring & Summer") != add || !slices.Equal(r.Owner.Tags, s.Tags(shop, o.ID)) {
					t.Errorf("%s: line %d has %v", typ, i, r.Owner.Tags)
				}
			}
		}
	}
}

func TestEachLineOfAResultHasItsOwnError(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	order := s.one(t, "Order")
	var file bytes.Buffer
	file.Write(shopify.TagsLine(order.ID, []string{"fine"}))
	file.Write(shopify.TagsLine("gid://shopify/Order/999999999999999", []string{"gone"}))
	file.Write(shopify.TagsLine(order.ID, []string{strings.Repeat("long", 11)}))
	file.WriteString(`{"id":"` + order.ID + "\"}\n")
	file.WriteString("not json\n")
	file.Write(shopify.TagsLine("gid://shopify/Shop/1", []string{"wrong"}))
	file.Write(shopify.TagsLine(order.ID, strings.Split(strings.Repeat("tag ", 251), " ")))
	path, _, err := s.client.Upload(t.Context(), "tags.jsonl", int64(file.Len()), &file)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := s.client.BulkTags(t.Context(), true, path, "")
	if err != nil {
		t.Fatal(err)
	}
	b = s.ended(t, b.ID)
	got := s.results(t, b.URL)
	kinds := []shopify.Kind{"", shopify.Gone, shopify.UserError, shopify.Invalid, shopify.Invalid, shopify.Invalid, shopify.Invalid}
	if b.Status != shopify.BulkCompleted || len(got) != len(kinds) {
		t.Fatalf("%d results of %d, %+v", len(got), len(kinds), b)
	}
	for line, want := range kinds {
		r := got[line]
		if want == "" {
			if r.Err != nil {
				t.Errorf("line %d: %v", line, r.Err)
			}
			continue
		}
		if r.Err == nil || r.Err.Kind != want || r.Err.Message == "" || r.Err.Shop != shop {
			t.Errorf("line %d: got %v, want %s", line, r.Err, want)
		}
	}
	if r := got[2]; r.Owner == nil || r.Owner.ID != order.ID {
		t.Errorf("the refused line does not show its record: %+v", r)
	}
}

func TestSixthOperationWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	s.HoldBulk(true)
	product := s.one(t, "Product")
	start := map[string]func() (*shopify.Bulk, shopify.Cost, error){
		"query": func() (*shopify.Bulk, shopify.Cost, error) { return s.client.BulkQueryTags(t.Context(), "Product", "") },
		"mutation": func() (*shopify.Bulk, shopify.Cost, error) {
			return s.client.BulkTags(t.Context(), true, s.upload(t, []string{product.ID}, "x"), "operation-1")
		},
	}
	for name, run := range start {
		for range 5 {
			if _, _, err := run(); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := run()
		e, ok := errors.AsType[*shopify.Error](err)
		if !ok || e.Kind != shopify.Busy || !e.Waits() || !e.Temporary() || e.Code != "OPERATION_IN_PROGRESS" || e.RetryAt.Before(time.Now()) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s.HoldBulk(false)
	for _, b := range s.Bulks(shop) {
		s.ended(t, b.ID)
	}
	if _, _, err := start["query"](); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestCanceledOperationShowsWhatItDid(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	s.HoldBulk(true)
	products := s.all(t, "Product")
	b, _, err := s.client.BulkTags(t.Context(), true, s.upload(t, ids(products), "half"), "operation-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.StepBulk(shop, b.ID, 10); err != nil {
		t.Fatal(err)
	}
	running, _, err := s.client.Bulk(t.Context(), b.ID)
	if err != nil || running.Status != shopify.BulkRunning || running.ObjectCount != 10 || running.URL != "" || running.PartialURL != "" {
		t.Fatalf("got %+v, %v", running, err)
	}
	canceling, _, err := s.client.BulkCancel(t.Context(), b.ID)
	if err != nil || canceling.Status != shopify.BulkCanceling || canceling.ObjectCount != 10 {
		t.Fatalf("got %+v, %v", canceling, err)
	}
	s.HoldBulk(false)
	over := s.ended(t, b.ID)
	if over.Status != shopify.BulkCanceled || over.URL != "" || over.PartialURL == "" {
		t.Fatalf("got %+v", over)
	}
	got := s.results(t, over.PartialURL)
	for i, p := range products {
		_, done := got[i]
		if slices.Contains(s.Tags(shop, p.ID), "half") != done {
			t.Errorf("line %d: reported %v", i, done)
		}
	}
	if len(got) != 10 {
		t.Errorf("%d lines", len(got))
	}
	again, _, err := s.client.BulkCancel(t.Context(), b.ID)
	if err != nil || again.Status != shopify.BulkCanceled {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	gone := "gid://shopify/BulkOperation/1"
	_, _, cancel := s.client.BulkCancel(t.Context(), gone)
	_, _, read := s.client.Bulk(t.Context(), gone)
	if shopify.KindOf(cancel) != shopify.Gone || shopify.KindOf(read) != shopify.Gone {
		t.Errorf("got %v and %v", cancel, read)
	}
}

func TestOperationWhoseStartWasNotAnsweredIsFound(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	began := time.Now()
	product := s.one(t, "Product")
	other, _, err := s.client.BulkTags(t.Context(), true, s.upload(t, []string{product.ID}, "a"), "operation-other")
	if err != nil {
		t.Fatal(err)
	}
	path := s.upload(t, []string{product.ID}, "b")
	if err := s.SetFaults(simulator.Fault{Name: "lost_answer", Operation: "bulkOperationRunMutation"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.client.BulkTags(t.Context(), true, path, "operation-lost"); shopify.KindOf(err) != shopify.Unavailable {
		t.Fatalf("got %v", err)
	}
	if _, _, err := s.client.BulkQueryTags(t.Context(), "Product", ""); err != nil {
		t.Fatal(err)
	}
	list, _, err := s.client.Bulks(t.Context(), true, began)
	if err != nil || len(list) != 2 || list[0].ClientIdentifier != "operation-lost" || list[1].ID != other.ID || list[1].ClientIdentifier != "operation-other" {
		t.Fatalf("got %+v, %v", list, err)
	}
	if len(s.results(t, s.ended(t, list[0].ID).URL)) != 1 {
		t.Error("the lost operation did not run")
	}
	if none, _, err := s.client.Bulks(t.Context(), true, began.Add(time.Hour)); err != nil || len(none) != 0 {
		t.Errorf("got %+v, %v", none, err)
	}
	if queries, _, err := s.client.Bulks(t.Context(), false, began); err != nil || len(queries) != 1 {
		t.Errorf("got %+v, %v", queries, err)
	}
}

func TestBulksPagesThroughAllOfThem(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	began := time.Now()
	want := map[string]bool{}
	for range 53 {
		b, _, err := s.client.BulkQueryTags(t.Context(), "Product", "tag:nowhere")
		if err != nil {
			t.Fatal(err)
		}
		s.ended(t, b.ID)
		want[b.ID] = true
	}
	list, _, err := s.client.Bulks(t.Context(), false, began)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range list {
		if i > 0 && b.CreatedAt.After(list[i-1].CreatedAt) {
			t.Errorf("%s is not in its place", b.ID)
		}
		delete(want, b.ID)
	}
	if len(list) != 53 || len(want) != 0 {
		t.Errorf("%d listed, %d missing", len(list), len(want))
	}
}

func TestManyRecordsAreReadAtOnceInTheOrderAsked(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	var asked []string
	for _, typ := range []string{"Product", "Order", "Customer"} {
		asked = append(asked, s.one(t, typ).ID, "gid://shopify/"+typ+"/999999999999999")
	}
	got, cost, err := s.client.TagsMany(t.Context(), asked)
	if err != nil || len(got) != len(asked) || cost.Requested != len(asked) {
		t.Fatalf("%d records, cost %+v, %v", len(got), cost, err)
	}
	for i, o := range got {
		if i%2 == 1 {
			if o != nil {
				t.Errorf("%s: got %+v", asked[i], o)
			}
			continue
		}
		if o == nil || o.ID != asked[i] || !slices.Equal(o.Tags, s.Tags(shop, o.ID)) {
			t.Errorf("%s: got %+v", asked[i], o)
		}
	}
	if none, cost, err := s.client.TagsMany(t.Context(), nil); none != nil || cost.Requested != 0 || err != nil {
		t.Errorf("nothing: %v, %+v, %v", none, cost, err)
	}
	if _, _, err := s.client.TagsMany(t.Context(), make([]string, 251)); shopify.KindOf(err) != shopify.Invalid {
		t.Errorf("got %v", err)
	}
	if _, _, err := s.client.TagsMany(t.Context(), []string{asked[0], "17"}); shopify.KindOf(err) != shopify.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestCountTellsHowManyASearchFinds(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	for typ, want := range map[string]int{"Product": 30, "Customer": 20, "Order": 40} {
		n, exact, cost, err := s.client.Count(t.Context(), typ, "")
		if err != nil || n != want || !exact || cost.Requested != 1 {
			t.Errorf("%s: %d, %v, cost %+v, %v", typ, n, exact, cost, err)
		}
		_, _, _, err = s.client.Count(t.Context(), typ, "colour:red")
		if e, ok := errors.AsType[*shopify.Error](err); !ok || e.Kind != shopify.SearchWarning || !slices.Contains(e.Field, "colour") {
			t.Errorf("%s: got %v", typ, err)
		}
	}
	if _, _, _, err := s.client.Count(t.Context(), "Shop", ""); shopify.KindOf(err) != shopify.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestCountIsNotCutAtTenThousand(t *testing.T) {
	t.Parallel()
	var asked string
	w := serve(t, func(_ int, c call, w http.ResponseWriter) {
		asked = c.raw
		fmt.Fprint(w, `{"data":{"productsCount":{"count":25001,"precision":"AT_LEAST"}}}`)
	})
	n, exact, _, err := w.client().Count(t.Context(), "Product", "status:active")
	if err != nil || n != 25001 || exact || !strings.Contains(asked, "limit: null") {
		t.Errorf("%d, %v, %v, asked %s", n, exact, err, asked)
	}
}
