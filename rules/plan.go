package rules

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tagtrail/tagtrail/models"
)

// MaxTags is how many tags a record may have; the number is Shopify's.
const MaxTags = 250

// Candidate is a rule and what it made of the record.
type Candidate struct {
	Definition models.RuleDefinition
	Evaluation models.Evaluation
}

// Planned is what all rules together do to one record's tags.
type Planned struct {
	// Evaluations are the candidates', by priority and then by id, with what became of their tags.
	Evaluations []models.Evaluation
	// Effects are the rules that change something, in the same order.
	Effects []Effects
	// Adds and Removes are all effects together. Removes are spelled as the record has them. Write them first: room
	// that they make has been counted.
	Adds    []string
	Removes []string
	// Overruled are tags that a rule asked for in vain, because one that goes first decided otherwise.
	Overruled []OverruledTag
	// Refused are tags for which the record has no room.
	Refused []RefusedTag
}

// Effects is what one rule changes: only what is not so already.
type Effects struct {
	RuleID  string
	Version int
	Add     []string
	Remove  []string
}

// OverruledTag is a tag that ByRuleID decided against RuleID.
type OverruledTag struct {
	Tag      string
	RuleID   string
	ByRuleID string
}

// RefusedTag is a tag that could not be put on, and why.
type RefusedTag struct {
	Tag    string
	RuleID string
	Reason string
}

// Empty reports whether there is nothing to write.
func (p *Planned) Empty() bool { return len(p.Adds) == 0 && len(p.Removes) == 0 }

// Plan decides what the rules do to a record that has the tags current. Each tag is decided by the first rule that says
// something about it, by priority (the lower number first) and then by id, which is the order they were made in. Owned
// tells which rule put a tag there, by models.TagKey.
//
// A rule with ResetOnMismatch takes off again what it owns and no longer asks for: all of it when it does not match, and
// when it does, what its templates or its newer version no longer name. It never takes what another matched rule wants,
// nor what it does not own.
func Plan(candidates []Candidate, current models.Tags, owned map[string]string) Planned {
	p := planner{
		candidates: make([]*Candidate, len(candidates)),
		decided:    map[string]decision{},
		owned:      owned,
		spelled:    make(map[string]string, len(current)),
	}
	for i := range candidates {
		p.candidates[i] = &candidates[i]
	}
	slices.SortStableFunc(p.candidates, func(a, b *Candidate) int {
		return cmp.Or(
			cmp.Compare(a.Definition.Priority, b.Definition.Priority),
			cmp.Compare(a.Evaluation.RuleID, b.Evaluation.RuleID),
		)
	})
	for _, tag := range current {
		p.spelled[models.TagKey(tag)] = tag
	}
	p.effects = make([]Effects, len(p.candidates))
	p.evaluations = make([]models.Evaluation, len(p.candidates))
	for i := range p.candidates {
		p.evaluations[i] = p.candidates[i].Evaluation
		p.effects[i] = Effects{RuleID: p.evaluations[i].RuleID, Version: p.evaluations[i].Version}
	}
	for i := range p.candidates {
		p.decide(i)
	}
	p.reset()
	p.fit(len(current))
	return p.planned()
}

// decision is what was decided about a tag, and by which candidate.
type decision struct {
	add bool
	by  int
}

type planner struct {
	candidates  []*Candidate
	evaluations []models.Evaluation
	effects     []Effects
	decided     map[string]decision
	owned       map[string]string
	// spelled holds the record's tags by their keys.
	spelled   map[string]string
	overruled []OverruledTag
	refused   []RefusedTag
}

// decide lets a matched rule say what it wants, as far as no earlier one has spoken.
func (p *planner) decide(i int) {
	e := &p.evaluations[i]
	if e.Outcome != models.OutcomeMatched {
		return
	}
	asked, lost := 0, 0
	say := func(tags []string, add bool) {
		for _, tag := range tags {
			tag = models.CleanTag(tag)
			if tag == "" {
				continue
			}
			asked++
			if !p.claim(i, tag, add) {
				lost++
			}
		}
	}
	say(e.AddTags, true)
	say(e.RemoveTags, false)
	if asked > 0 && lost == asked {
		e.Outcome = models.OutcomeOutranked
	}
}

// claim decides a tag for a candidate. It reports false where an earlier rule has decided the opposite.
func (p *planner) claim(i int, tag string, add bool) bool {
	key := models.TagKey(tag)
	if earlier, ok := p.decided[key]; ok {
		if earlier.add != add && earlier.by != i {
			p.overrule(i, earlier, tag, add)
			return false
		}
		return true
	}
	p.decided[key] = decision{add: add, by: i}
	have, there := p.spelled[key]
	switch {
	case add && !there:
		p.effects[i].Add = append(p.effects[i].Add, tag)
	case !add && there:
		p.effects[i].Remove = append(p.effects[i].Remove, have)
	}
	return true
}

func (p *planner) overrule(i int, earlier decision, tag string, add bool) {
	e, winner := &p.evaluations[i], &p.evaluations[earlier.by]
	p.overruled = append(p.overruled, OverruledTag{Tag: tag, RuleID: e.RuleID, ByRuleID: winner.RuleID})
	operator, verb := models.NotContains, "puts it on"
	if add {
		operator, verb = models.Contains, "takes it off"
	}
	p.note(i, operator, tag, fmt.Sprintf("The rule “%s” goes first and %s.", winner.Name, verb))
}

// note adds a result about a tag to an evaluation, whose conditions belong to the caller.
func (p *planner) note(i int, operator models.Operator, tag, hint string) {
	e := &p.evaluations[i]
	e.Conditions = append(slices.Clip(e.Conditions), aboutTag(operator, tag, hint))
}

// reset takes off what rules own and no longer ask for. It comes after every rule has spoken: a tag that anyone wants,
// before or after, is decided by then.
func (p *planner) reset() {
	keys := make([]string, 0, len(p.owned))
	for key := range p.owned {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i := range p.candidates {
		c := p.candidates[i]
		outcome := c.Evaluation.Outcome
		if !c.Definition.ResetOnMismatch || outcome != models.OutcomeMatched && outcome != models.OutcomeNotMatched {
			continue
		}
		for _, key := range keys {
			have, there := p.spelled[key]
			if _, spoken := p.decided[key]; spoken || !there || p.owned[key] != c.Evaluation.RuleID || c.Evaluation.RuleID == "" {
				continue
			}
			p.decided[key] = decision{by: i}
			p.effects[i].Remove = append(p.effects[i].Remove, have)
		}
	}
}

// fit refuses the tags for which the record has no room, those of the last rules first.
func (p *planner) fit(count int) {
	for i := range p.effects {
		count -= len(p.effects[i].Remove)
	}
	for i := range p.effects {
		effect := &p.effects[i]
		room := max(0, MaxTags-count)
		if len(effect.Add) > room {
			reason := fmt.Sprintf("The record has %d tags already, and Shopify allows no more.", MaxTags)
			for _, tag := range effect.Add[room:] {
				p.refused = append(p.refused, RefusedTag{Tag: tag, RuleID: effect.RuleID, Reason: reason})
				p.note(i, models.Contains, tag, reason)
			}
			effect.Add = effect.Add[:room]
		}
		count += len(effect.Add)
	}
}

func (p *planner) planned() Planned {
	plan := Planned{Evaluations: p.evaluations, Overruled: p.overruled, Refused: p.refused}
	for _, effect := range p.effects {
		if len(effect.Add) == 0 && len(effect.Remove) == 0 {
			continue
		}
		plan.Effects = append(plan.Effects, effect)
		plan.Adds = append(plan.Adds, effect.Add...)
		plan.Removes = append(plan.Removes, effect.Remove...)
	}
	return plan
}
