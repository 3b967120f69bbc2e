package webhooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// doc is a JSON object of which we expect nothing: a value that is absent or of another kind is empty.
type doc map[string]any

// parse reads a body that is to be one JSON object. Numbers stay as they were written: an id is never a float.
func parse(raw []byte) (doc, bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var d doc
	if err := decoder.Decode(&d); err != nil || d == nil {
		return doc{}, false
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return doc{}, false
	}
	return d, true
}

// at returns the value at a path.
func (d doc) at(path ...string) any {
	var value any = map[string]any(d)
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// in returns the object at a path, empty where there is none.
func (d doc) in(path ...string) doc {
	object, _ := d.at(path...).(map[string]any)
	return object
}

// list returns the objects of the list at a path.
func (d doc) list(path ...string) []doc {
	values, _ := d.at(path...).([]any)
	var objects []doc
	for _, v := range values {
		if object, ok := v.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// maxText bounds what is taken over into an entry, in characters.
const maxText = 255

// text returns the text or number at a path, fit to be kept and shown in one line.
func (d doc) text(path ...string) string {
	switch v := d.at(path...).(type) {
	case string:
		return shortened(strings.Join(strings.Fields(storable(v)), " "))
	case json.Number:
		return shortened(v.String())
	}
	return ""
}

func shortened(text string) string {
	if utf8.RuneCountInString(text) <= maxText {
		return text
	}
	return string([]rune(text)[:maxText-1]) + "…"
}

// flag returns whether the value at a path is true.
func (d doc) flag(path ...string) bool {
	v, _ := d.at(path...).(bool)
	return v
}

const (
	// maxKept bounds one value before or after, in bytes; maxKeptDepth its levels.
	maxKept      = 4 << 10
	maxKeptDepth = 20
	// maxKeptDigits bounds a number: Postgres writes out every zero of one like 1e9999.
	maxKeptDigits = 40
)

// keepable encodes a value of a body so that both databases keep it, or says that it was too much.
func keepable(value any) json.RawMessage {
	if value == nil {
		return nil
	}
	raw, err := json.Marshal(fit(value, maxKeptDepth))
	if err != nil || len(raw) > maxKept {
		return encoded("(too large to be kept)")
	}
	return raw
}

func fit(value any, depth int) any {
	if depth == 0 {
		return "(nested too deep to be kept)"
	}
	switch v := value.(type) {
	case string:
		return storable(v)
	case json.Number:
		if _, err := strconv.ParseFloat(v.String(), 64); err != nil || len(v) > maxKeptDigits || strings.ContainsAny(v.String(), "eE") {
			return v.String()
		}
		return v
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = fit(v[i], depth-1)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			object[storable(name)] = fit(member, depth-1)
		}
		return object
	}
	return value
}
