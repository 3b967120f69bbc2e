package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"github.com/tagtrail/tagtrail/models"
)

// What the most common hints say; they are shared so that saying them takes no memory.
var (
	hintEmpty        = "The field is empty."
	hintUnread       = "Webhooks do not carry this field, and it was not read."
	hintMissing      = "The webhook did not carry this field."
	hintOtherKind    = "The rule is about another kind of record."
	hintWhiteSpace   = "It differs in white space only."
	hintFirstVariant = "Another variant would match, but this field is the first variant's."
)

// hint says what to look at where a condition does not hold, and what of the value was not seen where it may matter.
func (r *run) hint(c *condition, value *fact, v verdict, at int) *string {
	switch {
	case c.broken != "":
		return &c.broken
	case value == nil:
		return &hintOtherKind
	case !value.known && r.facts.table.fields[c.index].Queried:
		return &hintUnread
	case !value.known:
		return &hintMissing
	}
	if v == fails {
		if hint := r.whyNot(c, value, at); hint != nil {
			return hint
		}
	}
	if value.note != "" {
		return &value.note
	}
	return nil
}

func (r *run) whyNot(c *condition, value *fact, at int) *string {
	switch {
	case c.test == models.IsEmpty:
		return nil
	case c.negated:
		return because(c, value, at)
	case len(value.texts) == 0:
		return &hintEmpty
	case c.trait.twin >= 0:
		if c.find(&r.facts.values[c.trait.twin], r.now) >= 0 {
			return &hintFirstVariant
		}
		return nil
	}
	switch c.trait.kind {
	case kindNumber:
		return value.flaw
	case kindDate:
		return r.age(c, value)
	case kindText, kindTag:
		return textHint(c, value)
	default:
		return nil
	}
}

// because names the element that a negative condition on a list met.
func because(c *condition, value *fact, at int) *string {
	if !c.trait.list || at < 0 || len(value.texts) < 2 {
		return nil
	}
	hint := "“" + shorten(value.texts[at], maxShownText) + "” is among them."
	return &hint
}

func (r *run) age(c *condition, value *fact) *string {
	if !isDays(c.test) || value.times[0].at.IsZero() {
		return nil
	}
	first, _ := value.times[0].span(r.now.Location())
	var hint string
	switch days := int(r.now.Sub(first) / day); {
	case first.After(r.now.Add(clockSkew)):
		hint = "That is in the future."
	case days == 1:
		hint = "That was 1 day ago."
	default:
		hint = fmt.Sprintf("That was %d days ago.", days)
	}
	return &hint
}

// textHint looks for what people get wrong when they type a value.
func textHint(c *condition, value *fact) *string {
	if c.test == models.Matches {
		return nil
	}
	for _, want := range c.texts {
		for i, have := range value.keys[:min(len(value.keys), maxShown)] {
			if hint := textHintOf(c, want, have, value.texts[i]); hint != nil {
				return hint
			}
		}
	}
	return nil
}

func textHintOf(c *condition, want, have, shown string) *string {
	whole := c.test == models.Equals || c.test == models.In || c.trait.list && c.test == models.Contains
	if sameButSpace(want, have) {
		return &hintWhiteSpace
	}
	if whole && len(have) > len(want) && want != "" && strings.Contains(have, want) {
		shown = shorten(shown, maxShownText)
		hint := ""
		switch {
		case c.trait.kind == kindTag:
			hint = fmt.Sprintf("“%s” is inside the longer tag “%s”; tags are compared whole.", want, shown)
		case c.trait.list:
			hint = fmt.Sprintf("“%s” is inside the longer value “%s”; elements are compared whole, MATCHES finds a part.", want, shown)
		default:
			hint = fmt.Sprintf("“%s” is inside the longer value; CONTAINS finds a part.", want)
		}
		return &hint
	}
	if whole && near(want, have) {
		hint := fmt.Sprintf("“%s” is spelled almost like “%s”.", shorten(shown, maxShownText), want)
		return &hint
	}
	return nil
}

// sameButSpace reports whether two texts are the same once white space is gone.
func sameButSpace(a, b string) bool {
	for {
		a, b = strings.TrimLeftFunc(a, unicode.IsSpace), strings.TrimLeftFunc(b, unicode.IsSpace)
		if a == "" || b == "" {
			return a == b
		}
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

// near reports whether one text looks like the other misspelled: one letter off, or two in a longer word.
func near(a, b string) bool {
	// In bytes first, which is quicker: a character has at most four.
	if len(a) < 4 || len(a) > 160 || max(len(a), len(b))-min(len(a), len(b)) > 8 {
		return false
	}
	lengthA, lengthB := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	if lengthA < 4 || lengthA > 40 || max(lengthA, lengthB)-min(lengthA, lengthB) > 2 {
		return false
	}
	// Numbers in texts, such as postal codes and SKUs, are meant as they are.
	if strings.ContainsAny(a, "0123456789") {
		return false
	}
	distance := levenshtein.ComputeDistance(a, b)
	return distance == 1 || distance == 2 && lengthA >= 6
}

// nearest returns the names that look like what was meant, best first, at most three.
func nearest(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	if len(name) > 60 {
		return nil
	}
	name = fold(name)
	for _, other := range names {
		distance := levenshtein.ComputeDistance(name, other)
		part := len(name) >= 3 && (strings.Contains(other, name) || strings.Contains(name, other))
		switch {
		case distance <= 2 && distance < len(other):
			found = append(found, candidate{name: other, distance: distance})
		case part:
			found = append(found, candidate{name: other, distance: 3})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var best []string
	for _, one := range found[:min(len(found), 3)] {
		best = append(best, one.name)
	}
	return best
}
