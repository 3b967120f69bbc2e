package shopify

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// pinnedSchema is Shopify's own schema of APIVersion.
var pinnedSchema = sync.OnceValues(func() (*ast.Schema, error) {
	f, err := os.Open("simulator/admin_" + APIVersion + ".graphql.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return gqlparser.LoadSchema(&ast.Source{Name: "admin", Input: string(text)})
})

func schemaFor(t *testing.T) *ast.Schema {
	t.Helper()
	s, err := pinnedSchema()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sent is an operation with everything we may send with it, and with what we read of its answer.
type sent struct {
	name string
	text string
	cost int
	zero any // variables with nothing set
	full any // variables with everything set
	data reflect.Type
}

func row[V, D any](o operation[V, D], full V) sent {
	var zero V
	return sent{
		name: o.name,
		text: o.text(),
		cost: o.cost,
		zero: zero,
		full: full,
		data: reflect.TypeFor[D](),
	}
}

func allOperations() []sent {
	id := idVars{ID: "gid://shopify/Product/1"}
	tags := tagVars{ID: "gid://shopify/Product/1", Tags: []string{"VIP"}}
	search := searchVars{
		Query:   "tag:VIP",
		First:   50,
		After:   "cursor",
		SortKey: "UPDATED_AT",
		Reverse: true,
	}
	lookup := lookupVars{Query: `handle:"tee" OR handle:"mug"`, First: lookupPage}
	ids := idsVars{IDs: []string{"gid://shopify/Product/1"}}
	hook := webhookInput{URI: "https://tagtrail.example/webhooks/shopify", Format: "JSON"}
	return []sent{
		row(tagsOperation, id),
		row(tagsManyOperation, ids),
		row(tagsAddOperation, tags),
		row(tagsRemoveOperation, tags),
		row(customerOperation, id),
		row(orderOperation, id),
		row(lineTypesOperation, id),
		row(searchProductsOperation, search),
		row(searchOrdersOperation, search),
		row(searchCustomersOperation, search),
		row(lookupProductsOperation, lookup),
		row(lookupOrdersOperation, lookup),
		row(lookupCustomersOperation, lookup),
		row(countProductsOperation, countVars{Query: "tag:VIP"}),
		row(countOrdersOperation, countVars{Query: "tag:VIP"}),
		row(countCustomersOperation, countVars{Query: "tag:VIP"}),
		row(bulkQueryOperation, bulkQueryVars{Query: "{ products { edges { node { id } } } }"}),
		row(bulkMutationOperation, bulkMutationVars{Mutation: tagsAddOperation.text(), StagedUploadPath: "tmp/1", ClientIdentifier: "operation-1"}),
		row(bulkOperation, id),
		row(bulkCancelOperation, id),
		row(bulkListOperation, bulkListVars{Query: "operation_type:mutation", First: 50, After: "cursor"}),
		row(stagedUploadOperation, stagedUploadVars{Input: []stagedUploadInput{bulkFile("tags.jsonl", 7)}}),
		row(shopOperation, none{}),
		row(webhooksOperation, webhookListVars{First: 50, After: "cursor"}),
		row(webhookCreateOperation, webhookCreateVars{Topic: "ORDERS_CREATE", Subscription: hook}),
		row(webhookUpdateOperation, webhookUpdateVars{ID: "gid://shopify/WebhookSubscription/1", Subscription: hook}),
	}
}

func parse(t *testing.T, s sent) *ast.OperationDefinition {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(schemaFor(t), s.text, nil)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", s.name, errs)
	}
	if len(doc.Operations) != 1 || doc.Operations[0].Name != s.name {
		t.Fatalf("%s: the file must hold one operation of its name", s.name)
	}
	return doc.Operations[0]
}

func TestEveryOperationIsValidInShopifysSchema(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range allOperations() {
		parse(t, s)
		known[s.name+".graphql"] = true
	}
	files, err := operationFiles.ReadDir("operations")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[path.Base(f.Name())] {
			t.Errorf("%s belongs to no operation", f.Name())
		}
	}
}

// TestBulkDocumentsAreValidInShopifysSchema holds what stands inside other operations, and so escapes the tests of those.
func TestBulkDocumentsAreValidInShopifysSchema(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"Product", "Order", "Customer"} {
		for _, search := range []string{"", `tag:'a "b" \c\' OR title:"x"`, "line\nbreak \u2028 \xff é <b> }", "\x00\x1f\x7f"} {
			s := sent{name: "", text: bulkTagsQuery(kind, search), data: reflect.TypeFor[bulkTagsData]()}
			op := parse(t, s)
			root := op.SelectionSet[0].(*ast.Field)
			want := any(strings.ToValidUTF8(search, "\uFFFD"))
			if search == "" {
				want = nil
			}
			if got := root.ArgumentMap(nil)["query"]; got != want {
				t.Errorf("%s: searches for %q, want %q", kind, got, want)
			}
			checker{schemaFor(t), map[string]bool{}, map[string]bool{}}.object(t, kind, s.data, op.SelectionSet)
		}
	}
}

// bulkTagsData is what bulkTagsQuery selects. Only its nodes come, one a line.
type bulkTagsData struct {
	Products  bulkNodes `json:"products"`
	Orders    bulkNodes `json:"orders"`
	Customers bulkNodes `json:"customers"`
}

type bulkNodes struct {
	Edges []struct {
		Node ownerWire `json:"node"`
	} `json:"edges"`
}

func TestNoOperationUsesWhatShopifyDeprecates(t *testing.T) {
	t.Parallel()
	for _, s := range allOperations() {
		var walk func(ast.SelectionSet)
		walk = func(set ast.SelectionSet) {
			for key, fields := range flatten(set) {
				for _, f := range fields {
					if f.Definition.Directives.ForName("deprecated") != nil {
						t.Errorf("%s: %s is deprecated", s.name, key)
					}
					walk(f.SelectionSet)
				}
			}
		}
		walk(parse(t, s).SelectionSet)
	}
}

func TestEveryVariableIsKnownToShopify(t *testing.T) {
	t.Parallel()
	for _, s := range allOperations() {
		op := parse(t, s)
		sentVars := onTheWire(t, s.full)
		for name := range sentVars {
			if op.VariableDefinitions.ForName(name) == nil {
				t.Errorf("%s: sends $%s, which it does not declare", s.name, name)
			}
		}
		for _, v := range op.VariableDefinitions {
			if _, ok := sentVars[v.Variable]; !ok {
				t.Errorf("%s: declares $%s, which nothing sets", s.name, v.Variable)
			}
		}
		if _, err := validator.VariableValues(schemaFor(t), op, sentVars); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}

func TestNoNullGoesOverTheWire(t *testing.T) {
	t.Parallel()
	for _, s := range allOperations() {
		for _, vars := range []any{s.zero, s.full} {
			if at := findNull(onTheWire(t, vars), "$"); at != "" {
				t.Errorf("%s: %s is null, which tells Shopify to wipe it", s.name, at)
			}
		}
	}
}

func onTheWire(t *testing.T, vars any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(vars)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func findNull(v any, at string) string {
	switch v := v.(type) {
	case nil:
		return at
	case map[string]any:
		for k, inner := range v {
			if found := findNull(inner, at+"."+k); found != "" {
				return found
			}
		}
	case []any:
		for i, inner := range v {
			if found := findNull(inner, fmt.Sprintf("%s[%d]", at, i)); found != "" {
				return found
			}
		}
	}
	return ""
}

func TestEveryAnswerIsReadAsShopifyTypesIt(t *testing.T) {
	t.Parallel()
	c := checker{schema: schemaFor(t), used: map[string]bool{}, declared: map[string]bool{}}
	for _, s := range allOperations() {
		c.object(t, s.name, s.data, parse(t, s).SelectionSet)
	}
	for field := range c.declared {
		if !c.used[field] {
			t.Errorf("%s is read by us and selected by no operation", field)
		}
	}
}

// checker compares structs with selections. A struct may serve several operations.
type checker struct {
	schema         *ast.Schema
	used, declared map[string]bool
}

func (c checker) object(t *testing.T, at string, typ reflect.Type, set ast.SelectionSet) {
	t.Helper()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		t.Errorf("%s: an object is read into %s", at, typ)
		return
	}
	byKey := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(typ) {
		if f.Anonymous {
			continue // its fields come by themselves, as in JSON
		}
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		byKey[key] = f
		c.declared[typ.String()+"."+key] = true
	}
	for key, fields := range flatten(set) {
		target, ok := byKey[key]
		if !ok {
			t.Errorf("%s.%s is selected, and costs, but is not read", at, key)
			continue
		}
		c.used[typ.String()+"."+key] = true
		for _, f := range fields {
			c.value(t, at+"."+key, target.Type, f, f.Definition.Type)
		}
	}
}

func (c checker) value(t *testing.T, at string, typ reflect.Type, f *ast.Field, want *ast.Type) {
	t.Helper()
	if want.Elem != nil {
		if typ.Kind() != reflect.Slice {
			t.Errorf("%s: a list is read into %s", at, typ)
			return
		}
		c.value(t, at, typ.Elem(), f, want.Elem)
		return
	}
	if len(f.SelectionSet) > 0 {
		c.object(t, at, typ, f.SelectionSet)
		return
	}
	if typ.Kind() == reflect.String {
		typ = reflect.TypeFor[string]() // a name of its own changes nothing
	}
	expect := map[string]reflect.Type{
		"Boolean":       reflect.TypeFor[bool](),
		"Int":           reflect.TypeFor[int](),
		"DateTime":      reflect.TypeFor[time.Time](),
		"UnsignedInt64": reflect.TypeFor[bigint](),
	}[want.NamedType]
	if expect == nil {
		expect = reflect.TypeFor[string]()
	}
	if typ != expect {
		t.Errorf("%s: %s is read into %s", at, want.NamedType, typ)
	}
}

// flatten lists the fields of a selection by the key they have in the answer, those of fragments included.
func flatten(set ast.SelectionSet) map[string][]*ast.Field {
	fields := map[string][]*ast.Field{}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			fields[s.Alias] = append(fields[s.Alias], s)
		case *ast.InlineFragment:
			for k, v := range flatten(s.SelectionSet) {
				fields[k] = append(fields[k], v...)
			}
		}
	}
	return fields
}
