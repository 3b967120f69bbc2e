package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// problem is one thing wrong with a variable's value, as INVALID_VARIABLE lists them.
type problem struct {
	path        []any
	explanation string
}

// coerceVariables checks the values of an operation's variables against their types.
func coerceVariables(op *ast.OperationDefinition, given map[string]any) (map[string]any, []*gqlError) {
	out := map[string]any{}
	var errs []*gqlError
	for _, v := range op.VariableDefinitions {
		value, has := given[v.Variable]
		if !has && v.DefaultValue != nil {
			value, _ = v.DefaultValue.Value(nil)
			has = true
		}
		if !has && !v.Type.NonNull {
			continue
		}
		fixed, problems := coerce(v.Type, value, nil)
		if len(problems) > 0 {
			errs = append(errs, invalidVariable(v, value, problems))
			continue
		}
		out[v.Variable] = fixed
	}
	return out, errs
}

func invalidVariable(v *ast.VariableDefinition, value any, problems []problem) *gqlError {
	var list, words []any
	for _, p := range problems {
		path := p.path
		if path == nil {
			path = []any{}
		}
		list = append(list, map[string]any{"path": path, "explanation": p.explanation})
		if len(p.path) > 0 {
			var steps []string
			for _, s := range p.path {
				steps = append(steps, fmt.Sprint(s))
			}
			words = append(words, strings.Join(steps, ".")+" ("+p.explanation+")")
		}
	}
	message := fmt.Sprintf("Variable $%s of type %s was provided invalid value", v.Variable, v.Type)
	for i, w := range words {
		if i == 0 {
			message += " for "
		} else {
			message += ", "
		}
		message += w.(string)
	}
	return &gqlError{
		message: message,
		at:      v.Position,
		code:    "INVALID_VARIABLE",
		more:    map[string]any{"value": value, "problems": list},
	}
}

// coerce turns a JSON value into what a resolver gets: int64 for Int, text for ids and amounts.
func coerce(t *ast.Type, v any, path []any) (any, []problem) {
	if v == nil {
		if t.NonNull {
			return nil, []problem{{path, "Expected value to not be null"}}
		}
		return nil, nil
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			// One value is taken for a list of one.
			one, problems := coerce(t.Elem, v, path)
			return []any{one}, problems
		}
		out := make([]any, len(list))
		var problems []problem
		for i, x := range list {
			fixed, p := coerce(t.Elem, x, append(path[:len(path):len(path)], i))
			out[i] = fixed
			problems = append(problems, p...)
		}
		return out, problems
	}
	def := adminSchema().Types[t.Name()]
	switch def.Kind {
	case ast.Enum:
		return coerceEnum(def, v, path)
	case ast.InputObject:
		return coerceObject(def, v, path)
	}
	return coerceScalar(t.Name(), v, path)
}

func coerceEnum(def *ast.Definition, v any, path []any) (any, []problem) {
	if s, ok := v.(string); ok && def.EnumValues.ForName(s) != nil {
		return s, nil
	}
	var names []string
	for _, e := range def.EnumValues {
		names = append(names, e.Name)
	}
	return nil, []problem{{path, fmt.Sprintf("Expected %q to be one of: %s", fmt.Sprint(v), strings.Join(names, ", "))}}
}

func coerceObject(def *ast.Definition, v any, path []any) (any, []problem) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, []problem{{path, fmt.Sprintf("Expected %q to be a key-value object.", fmt.Sprint(v))}}
	}
	var problems []problem
	out := map[string]any{}
	var keys []string
	for k := range in {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		f := def.Fields.ForName(k)
		at := slices.Concat(path, []any{k})
		if f == nil {
			problems = append(problems, problem{at, "Field is not defined on " + def.Name})
			continue
		}
		fixed, p := coerce(f.Type, in[k], at)
		out[k] = fixed
		problems = append(problems, p...)
	}
	for _, f := range def.Fields {
		if _, has := in[f.Name]; !has && f.Type.NonNull && f.DefaultValue == nil {
			at := slices.Concat(path, []any{f.Name})
			problems = append(problems, problem{at, "Expected value to not be null"})
		}
	}
	if def.Directives.ForName("oneOf") != nil && len(in) != 1 {
		problems = append(problems, problem{path, "'" + def.Name + "' requires exactly one argument, but " + strconv.Itoa(len(in)) + " were provided."})
	}
	return out, problems
}

func coerceScalar(name string, v any, path []any) (any, []problem) {
	bad := func() (any, []problem) {
		shown, _ := json.Marshal(v)
		return nil, []problem{{path, fmt.Sprintf("Could not coerce value %s to %s", shown, name)}}
	}
	text, isText := v.(string)
	number, isNumber := numberText(v)
	switch name {
	case "Int":
		n, err := strconv.ParseInt(number, 10, 32)
		if !isNumber || err != nil {
			return bad()
		}
		return n, nil
	case "Float":
		n, err := strconv.ParseFloat(number, 64)
		if !isNumber || err != nil {
			return bad()
		}
		return n, nil
	case "Boolean":
		if _, ok := v.(bool); !ok {
			return bad()
		}
		return v, nil
	case "String", "HTML", "URL", "FormattedString", "Color":
		if !isText {
			return bad()
		}
		return text, nil
	case "ID":
		if !isText && !isNumber {
			return bad()
		}
		if _, _, ok := splitGID(text); !ok {
			return nil, []problem{{path, "Invalid global id '" + text + number + "'"}}
		}
		return text, nil
	case "UnsignedInt64", "BigInt":
		if !isText && (!isNumber || strings.ContainsAny(number, ".eE")) {
			return bad()
		}
		return text + number, nil
	case "Decimal", "Money":
		if _, ok := parseMoney(text + number); !ok {
			return bad()
		}
		return text + number, nil
	case "DateTime", "Date":
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
			if _, err := time.Parse(layout, text); isText && err == nil {
				return text, nil
			}
		}
		return bad()
	}
	return v, nil
}

func numberText(v any) (string, bool) {
	switch n := v.(type) {
	case json.Number:
		return n.String(), true
	case int64:
		return strconv.FormatInt(n, 10), true
	case int:
		return strconv.Itoa(n), true
	case float64:
		return strconv.FormatFloat(n, 'f', -1, 64), true
	}
	return "", false
}
