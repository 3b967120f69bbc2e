package rules

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/models"
)

const (
	// maxExpanded is how many tags one template makes of one record at most.
	maxExpanded = 20
	// maxCounted keeps the number of tags that a template stands for within an int.
	maxCounted = 1_000_000
	// maxOrderTag and maxTag are Shopify's limits on the characters of a tag.
	maxOrderTag = 40
	maxTag      = 255
)

// tagLimit returns how many characters a tag of the resource may have.
func tagLimit(resource models.ResourceType) int {
	if resource == models.Order {
		return maxOrderTag
	}
	return maxTag
}

// template is a tag, which may hold values, such as country-{{shipping_country}}.
type template struct {
	source string
	parts  []part
	// problem says what is wrong with how it is written.
	problem string
}

// part is fixed text, or a field's value where it names one.
type part struct {
	text  string
	field string
	index int
}

func parseTemplate(source string) template {
	t := template{source: source}
	rest := source
	for {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			return t
		}
		name, tail, closed := strings.Cut(after, "}}")
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !closed:
			t.problem = fmt.Sprintf("“%s” opens a value with {{ and does not close it with }}.", source)
			return t
		case name == "":
			t.problem = fmt.Sprintf("“%s” has {{ }} without a field's name in it.", source)
			return t
		}
		t.parts = append(t.parts, part{field: name})
		rest = tail
	}
}

// fixed reports whether the tag holds no values.
func (t *template) fixed() bool {
	return len(t.parts) == 0 || len(t.parts) == 1 && t.parts[0].field == ""
}

// fixedText returns the tag without its values.
func (t *template) fixedText() string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// expansion is what became of a template.
type expansion struct {
	tags []string
	// unknown names a field that is not known, so that the tags are not known either.
	unknown string
	// note says which tags were left out, and why.
	note string
}

// expand puts the record's values into the tag. A list gives one tag for each element, and an empty value gives none.
// Of a country or province the code is used, a date is the day in now's time zone, and a comma becomes a space because
// no tag can hold one.
func (t *template) expand(f *Facts, now time.Time) expansion {
	var e expansion
	texts, total := []string{""}, 1
	for _, p := range t.parts {
		values := []string{p.text}
		if p.field != "" {
			value := f.value(p.index, now)
			if !value.known {
				return expansion{unknown: p.field}
			}
			values = templateValues(f.table.fields[p.index].Type, value, now)
		}
		total = min(total*len(values), maxCounted)
		texts = join(texts, values)
		if total == 0 {
			return e
		}
	}
	if total > maxExpanded {
		e.note = fmt.Sprintf("“%s” stands for %d tags; only the first %d are written.", t.source, total, maxExpanded)
	}
	var set models.Tags
	for _, text := range texts {
		tag := models.CleanTag(strings.ReplaceAll(text, ",", " "))
		if limit := tagLimit(f.Resource); utf8.RuneCountInString(tag) > limit {
			e.note = fmt.Sprintf("“%s” is longer than the %d characters a tag may have here, so it is not written.",
				shorten(tag, maxShownText), limit)
			continue
		}
		set = set.With(tag)
	}
	e.tags = set
	return e
}

func templateValues(t FieldType, value *fact, now time.Time) []string {
	switch {
	case t == Date && len(value.times) > 0:
		if value.times[0].whole {
			return []string{value.times[0].at.Format(time.DateOnly)}
		}
		return []string{value.times[0].at.In(now.Location()).Format(time.DateOnly)}
	case isList(t):
		return value.texts
	default:
		return value.texts[:min(1, len(value.texts))]
	}
}

// join appends each value to each text, up to the limit.
func join(texts, values []string) []string {
	joined := make([]string, 0, min(len(texts)*len(values), maxExpanded))
	for _, text := range texts {
		for _, value := range values {
			if len(joined) == maxExpanded {
				return joined
			}
			joined = append(joined, text+value)
		}
	}
	return joined
}
