package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// day is what the operators about days count in.
const day = 24 * time.Hour

// clockSkew is how far Shopify's clock may run ahead of ours before a time counts as the future.
const clockSkew = 5 * time.Minute

// verdict is whether something holds; what depends on a value that is not known is open.
type verdict int8

const (
	fails verdict = iota
	open
	holds
)

// Evaluate says whether the rule matches the record, and why: every condition gets its result, also where an earlier one
// has decided already, and also of a rule that is disabled or about another trigger.
//
// An empty field fails every positive comparison, and holds for a negative one: no value is not "VIP". A list holds for
// a negative comparison where no element is what it says. What hangs on a field that is not known is open; where that
// leaves the verdict open, the outcome is ERROR.
func Evaluate(def models.RuleDefinition, trigger models.Trigger, facts *Facts, now time.Time) models.Evaluation {
	return compile(def).Evaluate(trigger, facts, now)
}

// EvaluateRule is Evaluate for a saved rule: the evaluation has its id, its version, and whether it is paused.
func EvaluateRule(rule *models.Rule, trigger models.Trigger, facts *Facts, now time.Time) models.Evaluation {
	return CompileRule(rule).Evaluate(trigger, facts, now)
}

// Evaluate says whether the rule matches the record, as the function of that name does. Days that are given without a
// time are days in now's time zone.
func (c *Compiled) Evaluate(trigger models.Trigger, facts *Facts, now time.Time) models.Evaluation {
	r := run{facts: facts, now: now}
	if c.count > 0 {
		r.results = make([]models.ConditionResult, 0, c.count)
	}
	r.comparable = facts.table != nil && facts.Resource == c.definition.Resource
	v := r.group(&c.root)
	if !r.comparable {
		v = open
	}
	e := models.Evaluation{
		RuleID:  c.ruleID,
		Name:    c.definition.Name,
		Version: c.version,
		Matched: v == holds,
	}
	switch {
	case !c.definition.Enabled:
		e.Outcome = models.OutcomeDisabled
	case c.paused:
		e.Outcome = models.OutcomePaused
	case !slices.Contains(c.definition.Triggers, trigger):
		e.Outcome = models.OutcomeOtherTrigger
	case v == open:
		e.Outcome = models.OutcomeError
	case v == fails:
		e.Outcome = models.OutcomeNotMatched
	default:
		e.Outcome = models.OutcomeMatched
		add, known := r.expand(c.add)
		remove, alsoKnown := r.expand(c.remove)
		if known && alsoKnown {
			e.AddTags, e.RemoveTags = add, remove
		} else {
			e.Outcome = models.OutcomeError
		}
	}
	e.Conditions = r.results
	return e
}

// run is one evaluation under way.
type run struct {
	facts      *Facts
	now        time.Time
	results    []models.ConditionResult
	comparable bool
}

// group returns whether the group holds; one with nothing in it does. All of it is looked at.
func (r *run) group(g *group) verdict {
	if len(g.conditions) == 0 && len(g.groups) == 0 {
		return holds
	}
	low, high := holds, fails
	for i := range g.conditions {
		v := r.condition(&g.conditions[i])
		low, high = min(low, v), max(high, v)
	}
	for i := range g.groups {
		v := r.group(&g.groups[i])
		low, high = min(low, v), max(high, v)
	}
	if g.any {
		return high
	}
	return low
}

func (r *run) condition(c *condition) verdict {
	result := models.ConditionResult{
		Field:    c.source.Field,
		Operator: c.source.Operator,
		Expected: c.source.Values,
	}
	v, value, at := open, (*fact)(nil), -1
	if r.comparable && c.broken == "" {
		value = r.facts.value(c.index, r.now)
		v, at = c.check(value, r.now)
	}
	result.Passed = v == holds
	if value != nil {
		result.Actual = value.shown
		if at >= len(value.shown) {
			result.Actual = []string{shorten(value.texts[at], maxShownText)}
		}
	}
	result.Hint = r.hint(c, value, v, at)
	r.results = append(r.results, result)
	return v
}

// value returns a field's value. Days since a date are counted here, because they depend on now.
func (f *Facts) value(index int, now time.Time) *fact {
	value := &f.values[index]
	source := f.table.traits[index].source
	if source < 0 || value.known || !f.values[source].known {
		return value
	}
	var texts []string
	if from := &f.values[source]; len(from.times) > 0 && !from.times[0].at.IsZero() {
		first, _ := from.times[0].span(now.Location())
		texts = []string{strconv.Itoa(int(max(0, now.Sub(first)) / day))}
	}
	days := newFact(kindNumber, texts)
	return &days
}

// check returns whether the condition holds for the value, and the index of the element that decided, or -1.
func (c *condition) check(value *fact, now time.Time) (verdict, int) {
	if !value.known {
		return open, -1
	}
	at := -1
	found := len(value.texts) == 0
	if c.test != models.IsEmpty {
		at = c.find(value, now)
		found = at >= 0
	}
	if found != c.negated {
		return holds, at
	}
	return fails, at
}

// find returns the index of the first element that the test holds for, or -1.
func (c *condition) find(value *fact, now time.Time) int {
	switch {
	case c.test == models.Matches:
		return slices.IndexFunc(value.texts, c.pattern.MatchString)
	case c.trait.kind == kindNumber:
		for i := range value.numbers {
			if value.numbers[i].ok && c.holdsForNumber(&value.numbers[i]) {
				return i
			}
		}
	case c.trait.kind == kindDate:
		for i := range value.times {
			if !value.times[i].at.IsZero() && c.holdsForTime(value.times[i], now) {
				return i
			}
		}
	default:
		for i, key := range value.keys {
			if c.holdsForText(key) {
				return i
			}
		}
	}
	return -1
}

func (c *condition) holdsForText(key string) bool {
	switch c.test {
	case models.Equals:
		return key == c.texts[0]
	case models.In:
		return slices.Contains(c.texts, key)
	case models.Contains:
		if c.trait.list {
			return key == c.texts[0]
		}
		return strings.Contains(key, c.texts[0])
	case models.StartsWith:
		return strings.HasPrefix(key, c.texts[0])
	case models.EndsWith:
		return strings.HasSuffix(key, c.texts[0])
	default:
		return false
	}
}

func (c *condition) holdsForNumber(n *number) bool {
	switch c.test {
	case models.Equals, models.Contains:
		return n.value.Cmp(c.numbers[0]) == 0
	case models.Greater:
		return n.value.Cmp(c.numbers[0]) > 0
	case models.Less:
		return n.value.Cmp(c.numbers[0]) < 0
	case models.Between:
		return n.value.Cmp(c.numbers[0]) >= 0 && n.value.Cmp(c.numbers[1]) <= 0
	case models.In:
		for i := range c.numbers {
			if n.value.Cmp(c.numbers[i]) == 0 {
				return true
			}
		}
	}
	return false
}

// holdsForTime compares a time. A day that is given without a time is the whole of it: later means after its end,
// earlier before its start, the same within it.
func (c *condition) holdsForTime(m moment, now time.Time) bool {
	at, _ := m.span(now.Location())
	if isDays(c.test) {
		age, limit := now.Sub(at), time.Duration(c.days)*day
		switch c.test {
		case models.OlderThan:
			return age > limit
		case models.NewerThan:
			return age < limit
		default:
			return age >= -clockSkew && age <= limit
		}
	}
	first, last := c.times[0].span(now.Location())
	switch c.test {
	case models.Equals:
		return !at.Before(first) && !at.After(last)
	case models.Greater:
		return at.After(last)
	case models.Less:
		return at.Before(first)
	case models.Between:
		_, end := c.times[1].span(now.Location())
		return !at.Before(first) && !at.After(end)
	default:
		return false
	}
}

// expand returns the tags that templates stand for, and whether all they hang on is known. What it left out is told as
// a result of its own, after those of the conditions.
func (r *run) expand(templates []template) (tags []string, known bool) {
	known = true
	var set models.Tags
	for i := range templates {
		t := &templates[i]
		if t.problem != "" {
			r.tell(t.source, t.problem)
			known = false
			continue
		}
		if t.fixed() {
			set = set.With(t.source)
			continue
		}
		e := t.expand(r.facts, r.now)
		switch {
		case e.unknown != "":
			r.tell(t.source, "The value of "+e.unknown+" is not known, so this tag is not either.")
			known = false
		case e.note != "":
			r.tell(t.source, e.note)
		case len(e.tags) == 0:
			r.tell(t.source, "There is no value to put into this tag, so it is not written.")
		}
		for _, tag := range e.tags {
			set = set.With(tag)
		}
	}
	return set, known
}

// tell adds what became of a tag to the results, as a condition on the record's tags that does not hold.
func (r *run) tell(tag, hint string) {
	r.results = append(r.results, aboutTag(models.Contains, tag, hint))
}

// aboutTag is a result that tells why a rule's tag was not written or removed.
func aboutTag(operator models.Operator, tag, hint string) models.ConditionResult {
	return models.ConditionResult{
		Field:    fieldTags,
		Operator: operator,
		Expected: []string{tag},
		Hint:     &hint,
	}
}
