package models

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Tags is a set of tags as Shopify keeps it: a tag is the same whatever its case, with white space trimmed and
// collapsed, and the first spelling stays.
type Tags []string

// Value keeps the tags as a JSON list; no tags are an empty list.
func (t Tags) Value() (driver.Value, error) {
	if t == nil {
		t = Tags{}
	}
	raw, err := json.Marshal([]string(t))
	if err != nil {
		return nil, fmt.Errorf("encode tags: %w", err)
	}
	return string(raw), nil
}

// Scan reads what Value kept.
func (t *Tags) Scan(value any) error {
	var raw []byte
	switch v := value.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("read tags: they are kept as %T", value)
	}
	if err := json.Unmarshal(raw, (*[]string)(t)); err != nil {
		return fmt.Errorf("read tags: %w", err)
	}
	return nil
}

// TagKey returns what makes a tag that tag.
func TagKey(tag string) string { return strings.ToLower(CleanTag(tag)) }

// CleanTag returns the tag as Shopify would keep it: trimmed, inner white space collapsed.
func CleanTag(tag string) string {
	if !strings.ContainsAny(tag, " \t\r\n\v\f\u00a0") {
		return tag
	}
	return strings.Join(strings.Fields(tag), " ")
}

// ParseTags reads tags that are joined by commas, as webhooks carry them.
func ParseTags(joined string) Tags {
	var tags Tags
	for part := range strings.SplitSeq(joined, ",") {
		tags = tags.With(part)
	}
	return tags
}

// Has reports whether the set holds the tag in any spelling.
func (t Tags) Has(tag string) bool {
	key := TagKey(tag)
	return slices.ContainsFunc(t, func(have string) bool { return TagKey(have) == key })
}

// With returns the set and the tag, unless it is there already.
func (t Tags) With(tag string) Tags {
	tag = CleanTag(tag)
	if tag == "" || t.Has(tag) {
		return t
	}
	return append(t, tag)
}

// Without returns the tags of the set that are not among those given.
func (t Tags) Without(tags ...string) Tags {
	drop := Tags(tags)
	var rest Tags
	for _, tag := range t {
		if !drop.Has(tag) {
			rest = append(rest, tag)
		}
	}
	return rest
}

// Equal reports whether two sets hold the same tags.
func (t Tags) Equal(other Tags) bool {
	return len(t.Without(other...)) == 0 && len(other.Without(t...)) == 0
}
