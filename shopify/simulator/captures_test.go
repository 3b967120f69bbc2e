package simulator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func capture(t *testing.T, name string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "captures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// same holds an answer against a recorded response: data, errors and costs.
func same(t *testing.T, recorded any, got answer) {
	t.Helper()
	if diff := cmp.Diff(dig(recorded, "data"), toAny(got.Data)); diff != "" {
		t.Errorf("data (-Shopify +simulator):\n%s", diff)
	}
	if diff := cmp.Diff(dig(recorded, "errors"), got.Errors); diff != "" {
		t.Errorf("errors (-Shopify +simulator):\n%s", diff)
	}
	if want := dig(recorded, "extensions", "cost", "requestedQueryCost"); want != got.Extensions.Cost.RequestedQueryCost {
		t.Errorf("requested cost: Shopify %v, simulator %v", want, got.Extensions.Cost.RequestedQueryCost)
	}
	var actual any
	if a := got.Extensions.Cost.ActualQueryCost; a != nil {
		actual = *a
	}
	if want := dig(recorded, "extensions", "cost", "actualQueryCost"); want != actual {
		t.Errorf("actual cost: Shopify %v, simulator %v", want, actual)
	}
}

func toAny(m map[string]any) any {
	if m == nil {
		return nil
	}
	return m
}

const (
	addTags    = "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { ... on Product { id tags } } userErrors { field message } } }"
	removeTags = "mutation($id: ID!, $tags: [String!]!) { tagsRemove(id: $id, tags: $tags) { node { ... on Product { id tags } } userErrors { field message } } }"
)

// place puts a record with a recorded id and tags into the store.
func (l *lab) place(id string, tags any, name string) {
	kind, n, _ := splitGID(id)
	set := taggable{tags: stringsOf(tags)}
	if set.tags == nil {
		set.tags = []string{}
	}
	st := l.shop
	st.mu.Lock()
	defer st.mu.Unlock()
	if o := st.tagOwner(id); o != nil {
		*o.tagging() = set
		return
	}
	switch kind {
	case "Product":
		st.products.put(&product{id: n, title: name, status: "DRAFT", taggable: set})
	case "Order":
		st.orders.put(&order{id: n, name: name, currency: "USD", financial: "PAID", fulfillment: "UNFULFILLED", taggable: set})
	case "Customer":
		first, last, _ := strings.Cut(name, " ")
		st.customers.put(&customer{id: n, first: first, last: last, state: "DISABLED", taggable: set})
	case "DraftOrder":
		st.drafts.put(&draftOrder{id: n, name: name, taggable: set})
	case "Article":
		st.articles.put(&article{id: n, title: name, taggable: set})
	}
}

func TestRecordedTagsAddIsReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "tags-add-parity")
	l := setup(t, Options{})
	id := dig(c, "seedProduct", "id").(string)
	l.place(id, dig(c, "seedProduct", "tags"), "Product")
	same(t, dig(c, "mutation", "response"), l.gql(addTags, dig(c, "mutation", "variables")))

	// The recorded search right after the write finds nothing yet, the one a minute later does.
	sameRead(t, l, dig(c, "downstreamRead", "data"), dig(c, "downstreamReadVariables"), oneSearch)
	l.forgetLag(id)
	sameRead(t, l, dig(c, "delayedDownstreamRead", "response", "data"), dig(c, "downstreamReadVariables"), oneSearch)
}

func TestRecordedTagsRemoveIsReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "tags-remove-parity")
	l := setup(t, Options{})
	id := dig(c, "seedProduct", "id").(string)
	l.place(id, dig(c, "upstreamCalls", 0, "response", "body", "data", "nodes", 0, "tags"), "Product")
	same(t, dig(c, "mutation", "response"), l.gql(removeTags, dig(c, "mutation", "variables")))
	sameRead(t, l, dig(c, "downstreamRead", "data"), dig(c, "downstreamReadVariables"), twoSearches)
	l.forgetLag(id)
	sameRead(t, l, dig(c, "delayedDownstreamRead", "response", "data"), dig(c, "downstreamReadVariables"), twoSearches)
}

const (
	oneSearch = `query($id: ID!, $query: String!) {
		product(id: $id) { id tags }
		products(first: 10, query: $query) { edges { node { id tags } } nodes { id tags } pageInfo { hasNextPage hasPreviousPage } }
		productsCount(query: $query) { count precision }
	}`
	twoSearches = `query($id: ID!, $remainingQuery: String!, $removedQuery: String!) {
		product(id: $id) { id tags }
		remaining: products(first: 10, query: $remainingQuery) { edges { node { id tags } } nodes { id tags } pageInfo { hasNextPage hasPreviousPage } }
		removed: products(first: 10, query: $removedQuery) { edges { node { id tags } } nodes { id tags } pageInfo { hasNextPage hasPreviousPage } }
		remainingCount: productsCount(query: $remainingQuery) { count precision }
		removedCount: productsCount(query: $removedQuery) { count precision }
	}`
)

// sameRead compares a read without its cursors, which are Shopify's own business.
func sameRead(t *testing.T, l *lab, recorded, vars any, query string) {
	t.Helper()
	got := l.gql(query, vars)
	if diff := cmp.Diff(withoutCursors(recorded), withoutCursors(toAny(got.Data))); diff != "" {
		t.Errorf("read (-Shopify +simulator):\n%s", diff)
	}
}

func withoutCursors(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if k != "cursor" && k != "startCursor" && k != "endCursor" {
				out[k] = withoutCursors(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = withoutCursors(x)
		}
		return out
	}
	return v
}

// forgetLag makes the index catch up, as a minute of waiting would.
func (l *lab) forgetLag(id string) {
	l.shop.mu.Lock()
	defer l.shop.mu.Unlock()
	o := l.shop.tagOwner(id).tagging()
	o.changed = o.changed.Add(-l.opts.IndexLag)
}

func TestRecordedTagsOfEveryResourceAreReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "tags-add-multi-resource")
	for _, name := range []string{"productAdd", "orderAdd", "customerAdd", "articleAdd", "draftOrderRemove", "unsupportedAdd"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t, Options{})
			one := dig(c, "cases", name)
			id := dig(one, "variables", "id").(string)
			base := strings.Replace(dig(one, "variables", "tags", 0).(string), "added", "base", 1)
			tags := []any{base}
			if name == "draftOrderRemove" {
				tags = []any{strings.Replace(base, "remove", "base", 1), dig(one, "variables", "tags", 0)}
			}
			l.placeAnswered(id, tags, one)
			same(t, dig(one, "response"), l.gql(dig(one, "query").(string), dig(one, "variables")))
		})
	}
}

// placeAnswered places the record that a recorded answer shows, with the tags it had before.
func (l *lab) placeAnswered(id string, tags, one any) {
	node := dig(one, "response", "data", "tagsAdd", "node")
	if node == nil {
		node = dig(one, "response", "data", "tagsRemove", "node")
	}
	if node == nil {
		return
	}
	name := ""
	for _, k := range []string{"title", "name", "displayName"} {
		if s, ok := dig(node, k).(string); ok {
			name = s
		}
	}
	l.place(id, tags, name)
	if email, ok := dig(node, "email").(string); ok {
		_, n, _ := splitGID(id)
		l.shop.customers.byID[n].email = email
	}
}

func TestRecordedTagIdentityIsReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "tags-add-multi-resource")
	cases := []string{"commaStringAdd", "commaListElementAdd", "caseVariantAdd", "caseSortAdd", "caseVariantRemove", "stringRemove"}
	// The recording reads each record before it changes it: that is the state to start from.
	before := dig(c, "upstreamCalls").([]any)[5:]
	for i, resource := range []string{"order", "customer", "article", "draftOrder"} {
		for j, name := range cases {
			t.Run(resource+"/"+name, func(t *testing.T) {
				t.Parallel()
				l := setup(t, Options{})
				l.shop.spellings["a"] = "a" // another customer of the recorded shop had it
				one := dig(c, "normalizationCases", resource, name)
				had := dig(before[i*len(cases)+j], "response", "body", "data", resource, "tags")
				l.placeAnswered(dig(one, "variables", "id").(string), had, one)
				same(t, dig(one, "response"), l.gql(dig(one, "query").(string), dig(one, "variables")))
			})
		}
	}
}

func TestRecordedUnknownTagOwnersAreReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "admin-platform-tags-not-found")
	l := setup(t, Options{})
	n := 0
	for _, v := range c {
		for _, one := range cutCases(v) {
			n++
			same(t, dig(one, "response", "payload"), l.gql(dig(one, "request", "query").(string), dig(one, "request", "variables")))
		}
	}
	if n != 4 {
		t.Errorf("replayed %d cases, want 4", n)
	}
}

func cutCases(v any) []any {
	var out []any
	if m, ok := v.(map[string]any); ok {
		for _, x := range m {
			if dig(x, "request", "query") != nil {
				out = append(out, x)
			}
		}
	}
	return out
}

func TestRecordedProductTagNormalizationIsReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "product-update-tag-normalization")
	l := setup(t, Options{})
	id := dig(c, "setup", "create", "response", "data", "productCreate", "product", "id").(string)
	l.place(id, []any{"base"}, "Product")
	for _, name := range []string{"mixedCaseWhitespace", "tooManyTags", "tooLongTag"} {
		one := dig(c, "updates", name)
		same(t, dig(one, "response"), l.gql(dig(one, "document").(string), dig(one, "variables")))
	}
	same(t, dig(c, "cleanup", "response"), l.gql(dig(c, "cleanup", "document").(string), dig(c, "cleanup", "variables")))
}

func TestRecordedCustomerLimitsAreReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "customer-tag-note-limits-parity")
	const create = "mutation($input: CustomerInput!) { customerCreate(input: $input) { customer { id email note tags } userErrors { field message } } }"
	const update = "mutation($input: CustomerInput!) { customerUpdate(input: $input) { customer { id email note tags } userErrors { field message } } }"
	for name, doc := range map[string]string{"commaSplit": create, "caseDedupe": create, "tooManyTags": create, "tooLongNoteCreate": create, "tooLongNoteUpdate": update} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t, Options{})
			if id, ok := dig(c, name, "variables", "input", "id").(string); ok {
				l.place(id, []any{}, "Someone")
			}
			got := l.gql(doc, dig(c, name, "variables"))
			if id, ok := dig(c, name, "response", "data", "customerCreate", "customer", "id").(string); ok {
				dig(got.Data, "customerCreate", "customer").(map[string]any)["id"] = id
			}
			same(t, dig(c, name, "response"), got)
		})
	}
}
