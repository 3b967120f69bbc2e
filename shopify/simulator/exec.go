package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// execution is one request while it is answered. The store is locked all the time.
type execution struct {
	st     *store
	app    string
	doc    *ast.QueryDocument
	vars   map[string]any
	action action
	debug  bool // the client asked how its search was understood
	errs   []*gqlError
	search []any
	base   string // address of this host, for what is served beside the API
	bulk   bool   // connections are whole
	// refuse makes every mutation answer with a user error and change nothing.
	refuse bool
}

// call is one field while it is resolved.
type call struct {
	x      *execution
	st     *store
	parent any
	args   map[string]any
	field  *ast.Field
	path   []any
}

type resolver func(c *call) (any, error)

type fields map[string]resolver

// value is an object whose fields are read by name. typ is needed only where the schema
// leaves the type open.
type value struct {
	typ  string
	data map[string]any
}

// prop resolves a field from a parent of a known kind.
func prop[T any](f func(T) any) resolver {
	return func(c *call) (any, error) { return f(c.parent.(T)), nil }
}

// keys resolves fields of a value by their names.
func keys(names ...string) fields {
	out := fields{}
	for _, n := range names {
		out[n] = func(c *call) (any, error) { return c.parent.(value).data[n], nil }
	}
	return out
}

func (x *execution) now() time.Time { return x.action.at }

func (x *execution) fail(c *call, err error) {
	var e *gqlError
	if !errors.As(err, &e) {
		e = &gqlError{message: err.Error(), code: "INTERNAL_SERVER_ERROR"}
	}
	if e.at == nil {
		e.at = c.field.Position
	}
	e.path = c.path
	x.errs = append(x.errs, e)
}

// unsupported finds the first field that the schema has and the simulator has not, so that
// nobody takes a null for an answer.
func (x *execution) unsupported(parent string, set ast.SelectionSet) *gqlError {
	for _, s := range set {
		var e *gqlError
		switch s := s.(type) {
		case *ast.InlineFragment:
			on := s.TypeCondition
			if on == "" {
				on = parent
			}
			e = x.unsupported(on, s.SelectionSet)
		case *ast.FragmentSpread:
			e = x.unsupported(s.Definition.TypeCondition, s.Definition.SelectionSet)
		case *ast.Field:
			e = x.unsupportedField(parent, s)
		}
		if e != nil {
			return e
		}
	}
	return nil
}

func (x *execution) unsupportedField(parent string, f *ast.Field) *gqlError {
	if f.Name == "__typename" {
		return nil
	}
	known, ours := resolvers()[parent]
	if ours && known[f.Name] == nil || strings.HasPrefix(f.Name, "__") {
		return &gqlError{
			message: fmt.Sprintf("The simulator does not support the field '%s' on type '%s' yet", f.Name, parent),
			at:      f.Position,
			code:    "SIMULATOR_UNSUPPORTED",
			more:    map[string]any{"typeName": parent, "fieldName": f.Name},
		}
	}
	if def := adminSchema().Types[parent]; !ours && def != nil && def.Kind == ast.Object {
		return nil // a fragment on a type that the simulator never returns
	}
	return x.unsupported(f.Definition.Type.Name(), f.SelectionSet)
}

// operation answers a validated operation and says what it cost.
func (x *execution) operation(op *ast.OperationDefinition) (data any, cost int) {
	root, parent := "QueryRoot", any(value{})
	if op.Operation == ast.Mutation {
		root = "Mutation"
	}
	out, cost, ok := x.object(root, parent, []ast.SelectionSet{op.SelectionSet}, nil)
	if !ok {
		return nil, cost
	}
	return out, cost
}

func (x *execution) object(typ string, v any, sets []ast.SelectionSet, path []any) (out object, cost int, ok bool) {
	var order []string
	grouped := map[string][]*ast.Field{}
	for _, set := range sets {
		x.collect(typ, set, &order, grouped)
	}
	out = object{}
	for _, name := range order {
		fs := grouped[name]
		if fs[0].Name == "__typename" {
			out = append(out, pair{name, typ})
			continue
		}
		got, n, fine := x.field(typ, v, fs, append(path[:len(path):len(path)], name))
		cost += n
		if !fine {
			return nil, cost, false
		}
		out = append(out, pair{name, got})
	}
	return out, cost, true
}

func (x *execution) collect(typ string, set ast.SelectionSet, order *[]string, grouped map[string][]*ast.Field) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !x.included(s.Directives) {
				continue
			}
			if grouped[s.Alias] == nil {
				*order = append(*order, s.Alias)
			}
			grouped[s.Alias] = append(grouped[s.Alias], s)
		case *ast.InlineFragment:
			if x.included(s.Directives) && isA(typ, s.TypeCondition) {
				x.collect(typ, s.SelectionSet, order, grouped)
			}
		case *ast.FragmentSpread:
			if x.included(s.Directives) && isA(typ, s.Definition.TypeCondition) {
				x.collect(typ, s.Definition.SelectionSet, order, grouped)
			}
		}
	}
}

func (x *execution) included(ds ast.DirectiveList) bool {
	if d := ds.ForName("skip"); d != nil && d.ArgumentMap(x.vars)["if"] == true {
		return false
	}
	if d := ds.ForName("include"); d != nil && d.ArgumentMap(x.vars)["if"] != true {
		return false
	}
	return true
}

func isA(typ, condition string) bool {
	if condition == "" || condition == typ {
		return true
	}
	return slices.ContainsFunc(adminSchema().PossibleTypes[condition], func(d *ast.Definition) bool { return d.Name == typ })
}

// field resolves and completes one field; ok is false where a null must climb to the parent.
func (x *execution) field(typ string, parent any, fs []*ast.Field, path []any) (out any, cost int, ok bool) {
	f := fs[0]
	resolve := resolvers()[typ][f.Name]
	c := &call{x: x, st: x.st, parent: parent, args: x.arguments(f), field: f, path: path}
	if resolve == nil {
		x.fail(c, x.unsupportedField(typ, f))
		return nil, 0, !f.Definition.Type.NonNull
	}
	var got any
	var err error
	if typ == "Mutation" && x.refuse {
		got = refusal()
	} else {
		got, err = resolve(c)
	}
	if err != nil {
		x.fail(c, err)
		if typ == "Mutation" {
			return nil, mutationCost, true
		}
		return nil, objectCost, !f.Definition.Type.NonNull
	}
	out, cost, ok = x.complete(c, f.Definition.Type, got, fs, path)
	if typ == "Mutation" {
		cost += mutationCost - objectCost
	}
	return out, cost, ok
}

// arguments gives literals and variables the same form, so that resolvers see only one.
func (x *execution) arguments(f *ast.Field) map[string]any {
	out := f.ArgumentMap(x.vars)
	for _, a := range f.Definition.Arguments {
		if v, has := out[a.Name]; has {
			if fixed, problems := coerce(a.Type, v, nil); len(problems) == 0 {
				out[a.Name] = fixed
			}
		}
	}
	return out
}

func refusal() any {
	return value{data: map[string]any{
		"userErrors": []any{userErrorValue(userError{message: "Something refused this change"})},
	}}
}

func (x *execution) complete(c *call, t *ast.Type, v any, fs []*ast.Field, path []any) (any, int, bool) {
	def := adminSchema().Types[t.Name()]
	if isNil(v) {
		if def.IsLeafType() {
			return nil, 0, x.mayBeNull(c, t)
		}
		return nil, objectCost, x.mayBeNull(c, t)
	}
	if t.Elem != nil {
		return x.list(c, t, v.([]any), fs, path)
	}
	if def.IsLeafType() {
		return v, 0, true
	}
	name := def.Name
	if def.IsAbstractType() {
		name = typeName(v)
	}
	var sets []ast.SelectionSet
	for _, f := range fs {
		sets = append(sets, f.SelectionSet)
	}
	out, below, ok := x.object(name, v, sets, path)
	if !ok {
		return nil, below, !t.NonNull
	}
	return out, x.objectCost(name, v, c.field, below), true
}

// objectCost turns the cost of what lies below an object into the cost of the object.
func (x *execution) objectCost(typ string, v any, f *ast.Field, below int) int {
	switch {
	case isConnection(typ):
		p := v.(*page)
		if len(p.items) == 0 {
			below = (&coster{x.doc, x.vars}).item(f)
		}
		return connectionCost + pageWeight(len(p.items))*below
	case strings.HasSuffix(typ, "Edge"):
		return below
	case strings.HasSuffix(typ, "Payload"):
		return below + objectCost
	}
	return below + objectCost
}

// mayBeNull reports a null where the schema has none: that is a fault of the simulator.
func (x *execution) mayBeNull(c *call, t *ast.Type) bool {
	if !t.NonNull {
		return true
	}
	if len(x.errs) == 0 {
		x.fail(c, fmt.Errorf("cannot return null for non-nullable field %s", c.field.Name))
	}
	return false
}

func (x *execution) list(c *call, t *ast.Type, items []any, fs []*ast.Field, path []any) (any, int, bool) {
	out := make([]any, len(items))
	sum, dearest := 0, 0
	for i, item := range items {
		got, n, ok := x.complete(c, t.Elem, item, fs, append(path[:len(path):len(path)], i))
		if !ok {
			return nil, sum, !t.NonNull
		}
		out[i] = got
		sum += n
		dearest = max(dearest, n)
	}
	def := adminSchema().Types[t.Name()]
	switch {
	case def.IsLeafType():
		return out, 0, true
	case c.field.Name == "nodes" && c.field.ObjectDefinition.Name == "QueryRoot":
		return out, sum, true
	case isConnection(c.field.ObjectDefinition.Name):
		return out, dearest, true
	}
	return out, max(dearest, objectCost), true
}

func isNil(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case *product:
		return v == nil
	case *variant:
		return v == nil
	case *customer:
		return v == nil
	case *order:
		return v == nil
	case *address:
		return v == nil
	case *draftOrder:
		return v == nil
	case *article:
		return v == nil
	case *subscription:
		return v == nil
	case *shippingLine:
		return v == nil
	case *bulkOperation:
		return v == nil
	}
	return false
}

// typeName is needed where the schema says only Node.
func typeName(v any) string {
	switch v := v.(type) {
	case *product:
		return "Product"
	case *variant:
		return "ProductVariant"
	case *customer:
		return "Customer"
	case *order:
		return "Order"
	case *draftOrder:
		return "DraftOrder"
	case *article:
		return "Article"
	case *subscription:
		return "WebhookSubscription"
	case *bulkOperation:
		return "BulkOperation"
	case *store:
		return "Shop"
	case *lineItem:
		return "LineItem"
	case value:
		return v.typ
	}
	return ""
}
