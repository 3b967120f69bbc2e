package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// parse reads a document and holds it against the schema. Its errors have Shopify's shapes.
func parse(query string) (*ast.QueryDocument, []*gqlError) {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, []*gqlError{parseError(err)}
	}
	if len(doc.Operations) == 0 {
		return nil, []*gqlError{{message: "No query string was present", code: "PARSE_ERROR"}}
	}
	found := validator.ValidateWithRules(adminSchema(), doc, nil)
	if len(found) == 0 {
		return doc, nil
	}
	c := &checker{doc: doc}
	for _, op := range doc.Operations {
		c.operation(op)
	}
	if len(c.errs) == 0 {
		for _, e := range found {
			c.errs = append(c.errs, fromRule(e))
		}
	}
	return nil, c.errs
}

func parseError(err error) *gqlError {
	e := &gqlError{message: err.Error(), code: "PARSE_ERROR"}
	var ge *gqlerror.Error
	if errors.As(err, &ge) {
		e.message = "syntax error, " + ge.Message
		if len(ge.Locations) > 0 {
			l := ge.Locations[0]
			e.at = &ast.Position{Line: l.Line, Column: l.Column}
			e.message += fmt.Sprintf(" at [%d, %d]", l.Line, l.Column)
		}
	}
	return e
}

// fromRule is for the rare rules whose Shopify wording is not recorded.
func fromRule(e *gqlerror.Error) *gqlError {
	out := &gqlError{message: e.Message, code: strings.ToLower(e.Rule[:1]) + e.Rule[1:]}
	if len(e.Locations) > 0 {
		out.at = &ast.Position{Line: e.Locations[0].Line, Column: e.Locations[0].Column}
	}
	return out
}

// checker walks a document that is known to be wrong and says so in Shopify's words.
type checker struct {
	doc  *ast.QueryDocument
	errs []*gqlError
	used map[string]bool
	op   *ast.OperationDefinition
}

func (c *checker) add(at *ast.Position, path []any, code, message string, more map[string]any) {
	p := append([]any{}, path...)
	c.errs = append(c.errs, &gqlError{message: message, at: at, path: p, code: code, more: more})
}

func (c *checker) operation(op *ast.OperationDefinition) {
	c.op, c.used = op, map[string]bool{}
	root := adminSchema().Query
	if op.Operation == ast.Mutation {
		root = adminSchema().Mutation
	}
	path := []any{strings.TrimSpace(string(op.Operation) + " " + op.Name)}
	for _, v := range op.VariableDefinitions {
		if adminSchema().Types[v.Type.Name()] == nil {
			c.add(v.Position, path, "variableRequiresValidType",
				fmt.Sprintf("%s isn't a defined input type (on $%s)", v.Type.Name(), v.Variable),
				map[string]any{"typeName": v.Type.Name(), "variableName": v.Variable})
		}
	}
	c.selections(root, op.SelectionSet, path, 0)
	for _, v := range op.VariableDefinitions {
		if !c.used[v.Variable] {
			c.add(op.Position, path, "variableNotUsed",
				fmt.Sprintf("Variable $%s is declared by %s but not used", v.Variable, c.name()),
				map[string]any{"variableName": v.Variable})
		}
	}
}

func (c *checker) name() string {
	if c.op.Name == "" {
		return "anonymous " + string(c.op.Operation)
	}
	return c.op.Name
}

func (c *checker) selections(parent *ast.Definition, set ast.SelectionSet, path []any, depth int) {
	if depth > 50 {
		return
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			c.field(parent, s, path, depth)
		case *ast.InlineFragment:
			c.fragment(parent, s.TypeCondition, s.SelectionSet, s.Position, path, depth)
		case *ast.FragmentSpread:
			def := c.doc.Fragments.ForName(s.Name)
			if def == nil {
				c.add(s.Position, path, "useAndDefineFragment",
					fmt.Sprintf("Fragment %s was used, but not defined", s.Name), map[string]any{"fragmentName": s.Name})
				continue
			}
			c.fragment(parent, def.TypeCondition, def.SelectionSet, def.Position, path, depth)
		}
	}
}

func (c *checker) fragment(parent *ast.Definition, on string, set ast.SelectionSet, at *ast.Position, path []any, depth int) {
	if on == "" {
		c.selections(parent, set, path, depth+1)
		return
	}
	path = append(path[:len(path):len(path)], "... on "+on)
	def := adminSchema().Types[on]
	if def == nil {
		c.add(at, path, "undefinedType", fmt.Sprintf("No such type %s, so it can't be a fragment condition", on),
			map[string]any{"typeName": on})
		return
	}
	c.selections(def, set, path, depth+1)
}

func (c *checker) field(parent *ast.Definition, f *ast.Field, path []any, depth int) {
	path = append(path[:len(path):len(path)], f.Alias)
	for _, d := range f.Directives {
		if adminSchema().Directives[d.Name] == nil {
			c.add(d.Position, path, "undefinedDirective", fmt.Sprintf("Directive @%s is not defined", d.Name),
				map[string]any{"directiveName": d.Name})
		}
		for _, a := range d.Arguments {
			c.variables(a.Value)
		}
	}
	if f.Name == "__typename" {
		return
	}
	def := parent.Fields.ForName(f.Name)
	if def == nil {
		c.add(f.Position, path, "undefinedField", fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.Name, parent.Name),
			map[string]any{"typeName": parent.Name, "fieldName": f.Name})
		return
	}
	c.arguments(f, def, path)
	out := adminSchema().Types[def.Type.Name()]
	switch leaf := out.IsLeafType(); {
	case leaf && len(f.SelectionSet) > 0:
		c.add(f.Position, path, "selectionMismatch",
			fmt.Sprintf("Selections can't be made on scalars (field '%s' returns %s but has selections [%s])",
				f.Name, out.Name, selectionNames(f.SelectionSet)),
			map[string]any{"nodeName": "field '" + f.Name + "'", "typeName": out.Name})
	case !leaf && len(f.SelectionSet) == 0:
		c.add(f.Position, path, "selectionMismatch",
			fmt.Sprintf("Field must have selections (field '%s' returns %s but has no selections. Did you mean '%s { ... }'?)",
				f.Name, out.Name, f.Name),
			map[string]any{"nodeName": "field '" + f.Name + "'", "typeName": out.Name})
	case !leaf:
		c.selections(out, f.SelectionSet, path, depth+1)
	}
}

func selectionNames(set ast.SelectionSet) string {
	var names []string
	for _, s := range set {
		if f, ok := s.(*ast.Field); ok {
			names = append(names, `"`+f.Name+`"`)
		}
	}
	return strings.Join(names, ", ")
}

func (c *checker) arguments(f *ast.Field, def *ast.FieldDefinition, path []any) {
	var missing []string
	for _, a := range def.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil && f.Arguments.ForName(a.Name) == nil {
			missing = append(missing, a.Name)
		}
	}
	if len(missing) > 0 {
		names := strings.Join(missing, ", ")
		c.add(f.Position, path, "missingRequiredArguments",
			fmt.Sprintf("Field '%s' is missing required arguments: %s", f.Name, names),
			map[string]any{"className": "Field", "name": f.Name, "arguments": names})
	}
	for _, a := range f.Arguments {
		at := slices.Concat(path, []any{a.Name})
		known := def.Arguments.ForName(a.Name)
		if known == nil {
			c.add(a.Position, at, "argumentNotAccepted",
				fmt.Sprintf("Field '%s' doesn't accept argument '%s'", f.Name, a.Name),
				map[string]any{"name": f.Name, "typeName": "Field", "argumentName": a.Name})
			c.variables(a.Value)
			continue
		}
		c.literal(a.Value, known.Type, literalPlace{"Field", f.Name, a.Name, f.Position}, at, known.DefaultValue != nil)
	}
}

// literalPlace names where a literal stands, for the message about it.
type literalPlace struct {
	kind, owner, argument string
	at                    *ast.Position
}

func (c *checker) literal(v *ast.Value, t *ast.Type, in literalPlace, path []any, hasDefault bool) {
	def := adminSchema().Types[t.Name()]
	switch {
	case v.Kind == ast.Variable:
		c.variable(v, t, in, path, hasDefault)
	case v.Kind == ast.NullValue:
		if t.NonNull {
			c.mismatch(v, t, in, path)
		}
	case v.Kind == ast.ListValue:
		if t.Elem == nil {
			c.mismatch(v, t, in, path)
			return
		}
		for _, x := range v.Children {
			c.literal(x.Value, t.Elem, in, path, false)
		}
	case t.Elem != nil:
		c.literal(v, t.Elem, in, path, false)
	case def != nil && def.Kind == ast.InputObject && v.Kind == ast.ObjectValue:
		c.inputObject(v, def, path)
	default:
		raw, err := v.Value(nil)
		if err != nil || !literalFits(v, def) {
			c.mismatch(v, t, in, path)
			return
		}
		if _, problems := coerce(t, raw, nil); len(problems) > 0 {
			c.mismatch(v, t, in, path)
		}
	}
}

func literalFits(v *ast.Value, def *ast.Definition) bool {
	if def == nil {
		return false
	}
	if def.Kind == ast.Enum {
		return v.Kind == ast.EnumValue
	}
	return v.Kind != ast.EnumValue
}

func (c *checker) inputObject(v *ast.Value, def *ast.Definition, path []any) {
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
			c.add(v.Position, append(path[:len(path):len(path)], f.Name), "missingRequiredInputObjectAttribute",
				fmt.Sprintf("Argument '%s' on InputObject '%s' is required. Expected type %s", f.Name, def.Name, f.Type),
				map[string]any{"argumentName": f.Name, "argumentType": f.Type.String(), "inputObjectType": def.Name})
		}
	}
	if def.Directives.ForName("oneOf") != nil && len(v.Children) != 1 {
		c.add(v.Position, path, "invalidOneOfInputObject",
			fmt.Sprintf("OneOf Input Object '%s' must specify exactly one key.", def.Name),
			map[string]any{"inputObjectType": def.Name})
	}
	for _, child := range v.Children {
		at := slices.Concat(path, []any{child.Name})
		f := def.Fields.ForName(child.Name)
		if f == nil {
			c.add(child.Position, at, "argumentNotAccepted",
				fmt.Sprintf("InputObject '%s' doesn't accept argument '%s'", def.Name, child.Name),
				map[string]any{"name": def.Name, "typeName": "InputObject", "argumentName": child.Name})
			c.variables(child.Value)
			continue
		}
		c.literal(child.Value, f.Type, literalPlace{"InputObject", def.Name, child.Name, v.Position}, at, f.DefaultValue != nil)
	}
}

func (c *checker) mismatch(v *ast.Value, t *ast.Type, in literalPlace, path []any) {
	c.add(in.at, path, "argumentLiteralsIncompatible",
		fmt.Sprintf("Argument '%s' on %s '%s' has an invalid value (%s). Expected type '%s'.",
			in.argument, in.kind, in.owner, v.String(), t),
		map[string]any{"typeName": in.kind, "argumentName": in.argument})
}

// variable checks a variable's declared type against the place where it is used.
func (c *checker) variable(v *ast.Value, t *ast.Type, in literalPlace, path []any, hasDefault bool) {
	c.used[v.Raw] = true
	def := c.op.VariableDefinitions.ForName(v.Raw)
	if def == nil {
		c.add(v.Position, path, "variableNotDefined",
			fmt.Sprintf("Variable $%s is used by %s but not declared", v.Raw, c.name()),
			map[string]any{"variableName": v.Raw})
		return
	}
	want := *t
	if hasDefault || def.DefaultValue != nil && def.DefaultValue.Kind != ast.NullValue {
		want.NonNull = false
	}
	if !def.Type.IsCompatible(&want) {
		c.add(in.at, path[:len(path)-1], "variableMismatch",
			fmt.Sprintf("Type mismatch on variable $%s and argument %s (%s / %s)", v.Raw, in.argument, def.Type, t),
			map[string]any{"variableName": v.Raw, "typeName": def.Type.String(), "argumentName": in.argument, "errorMessage": "Type mismatch"})
	}
}

// variables marks what a value uses where nothing else can be said about it.
func (c *checker) variables(v *ast.Value) {
	if v == nil {
		return
	}
	if v.Kind == ast.Variable {
		c.used[v.Raw] = true
	}
	for _, x := range v.Children {
		c.variables(x.Value)
	}
}
