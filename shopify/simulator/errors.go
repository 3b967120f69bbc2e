package simulator

import (
	"encoding/json"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// gqlError is a top-level error as Shopify writes it.
type gqlError struct {
	message string
	at      *ast.Position
	path    []any
	code    string
	more    map[string]any
}

func (e *gqlError) Error() string { return e.message }

func (e *gqlError) MarshalJSON() ([]byte, error) {
	ext := map[string]any{"code": e.code}
	for k, v := range e.more {
		ext[k] = v
	}
	out := object{{"message", e.message}}
	if e.at != nil {
		out = append(out, pair{"locations", []any{map[string]int{"line": e.at.Line, "column": e.at.Column}}})
	}
	if len(e.path) > 0 {
		out = append(out, pair{"path", e.path})
	}
	out = append(out, pair{"extensions", ext})
	return json.Marshal(out)
}

// userError is an error in a mutation's payload: the request was understood and refused.
type userError struct {
	field   []string
	message string
	code    string
}

// object is a JSON object that keeps the order of its keys, as an answer keeps its query's.
type object []pair

type pair struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		k, err := json.Marshal(p.key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}
