package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

// asks is a candidate whose rule has that outcome and asks for these tags.
func asks(id string, priority int, outcome models.Outcome, add, remove []string) rules.Candidate {
	return rules.Candidate{
		Definition: models.RuleDefinition{Name: "Rule " + id, Priority: priority, AddTags: add, RemoveTags: remove, Enabled: true},
		Evaluation: models.Evaluation{
			RuleID:     id,
			Name:       "Rule " + id,
			Version:    1,
			Outcome:    outcome,
			Matched:    outcome == models.OutcomeMatched,
			AddTags:    add,
			RemoveTags: remove,
		},
	}
}

func resetting(c rules.Candidate) rules.Candidate {
	c.Definition.ResetOnMismatch = true
	return c
}

func TestAPlanIsOnlyTheDifference(t *testing.T) {
	t.Parallel()
	plan := rules.Plan([]rules.Candidate{
		asks("a", 1, models.OutcomeMatched, []string{"VIP", "new"}, []string{"Old", "absent"}),
	}, models.Tags{"vip", "OLD"}, nil)
	want := []rules.Effects{{RuleID: "a", Version: 1, Add: []string{"new"}, Remove: []string{"OLD"}}}
	if diff := cmp.Diff(want, plan.Effects); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.Equal(plan.Adds, []string{"new"}) || !slices.Equal(plan.Removes, []string{"OLD"}) || plan.Empty() {
		t.Errorf("adds %q, removes %q", plan.Adds, plan.Removes)
	}
}

func TestTheFirstRuleToSpeakOfATagDecides(t *testing.T) {
	t.Parallel()
	plan := rules.Plan([]rules.Candidate{
		asks("c", 5, models.OutcomeMatched, []string{"sale"}, nil),
		asks("b", 1, models.OutcomeMatched, nil, []string{"SALE"}),
		asks("a", 5, models.OutcomeMatched, []string{"Sale", "extra"}, nil),
	}, nil, nil)
	var got []string
	for _, e := range plan.Evaluations {
		got = append(got, e.RuleID+" "+string(e.Outcome))
	}
	if want := []string{"b MATCHED", "a MATCHED", "c OUTRANKED"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !slices.Equal(plan.Adds, []string{"extra"}) || len(plan.Removes) != 0 {
		t.Errorf("adds %q, removes %q", plan.Adds, plan.Removes)
	}
	want := []rules.OverruledTag{{Tag: "Sale", RuleID: "a", ByRuleID: "b"}, {Tag: "sale", RuleID: "c", ByRuleID: "b"}}
	if diff := cmp.Diff(want, plan.Overruled); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	told := plan.Evaluations[1].Conditions
	if len(told) != 1 || !slices.Equal(told[0].Expected, []string{"Sale"}) || !strings.Contains(deref(told[0].Hint), "Rule b") {
		t.Errorf("the overruled tag is told as %+v", told)
	}
}

func TestARuleThatAgreesIsNotOutranked(t *testing.T) {
	t.Parallel()
	plan := rules.Plan([]rules.Candidate{
		asks("a", 1, models.OutcomeMatched, []string{"vip"}, nil),
		asks("b", 2, models.OutcomeMatched, []string{"VIP"}, nil),
	}, nil, nil)
	if plan.Evaluations[1].Outcome != models.OutcomeMatched || len(plan.Overruled) != 0 || !slices.Equal(plan.Adds, []string{"vip"}) {
		t.Errorf("got %+v", plan)
	}
}

func TestResetTakesOffWhatTheRuleOwnsAndNothingElse(t *testing.T) {
	t.Parallel()
	current := models.Tags{"Mine", "theirs", "hand", "wanted", "country-CA"}
	owned := map[string]string{"mine": "a", "theirs": "z", "wanted": "a", "country-ca": "a", "gone": "a"}
	plan := rules.Plan([]rules.Candidate{
		resetting(asks("a", 1, models.OutcomeNotMatched, []string{"mine", "theirs", "hand", "wanted"}, nil)),
		asks("b", 9, models.OutcomeMatched, []string{"wanted"}, nil),
	}, current, owned)
	if !slices.Equal(plan.Removes, []string{"country-CA", "Mine"}) || len(plan.Adds) != 0 {
		t.Errorf("removes %q, adds %q", plan.Removes, plan.Adds)
	}
}

func TestATemplatesOldTagGoesWhenItsValueChanges(t *testing.T) {
	t.Parallel()
	owned := map[string]string{"country-ca": "a", "vip": "a"}
	candidate := asks("a", 1, models.OutcomeMatched, []string{"country-US", "vip"}, nil)
	current := models.Tags{"country-CA", "VIP"}
	if plan := rules.Plan([]rules.Candidate{candidate}, current, owned); len(plan.Removes) != 0 {
		t.Errorf("without reset it removes %q", plan.Removes)
	}
	plan := rules.Plan([]rules.Candidate{resetting(candidate)}, current, owned)
	if !slices.Equal(plan.Removes, []string{"country-CA"}) || !slices.Equal(plan.Adds, []string{"country-US"}) {
		t.Errorf("removes %q, adds %q", plan.Removes, plan.Adds)
	}
}

func TestOnlyRulesThatWereDecidedDoAnything(t *testing.T) {
	t.Parallel()
	for _, outcome := range []models.Outcome{models.OutcomeDisabled, models.OutcomeOtherTrigger, models.OutcomePaused, models.OutcomeError} {
		plan := rules.Plan([]rules.Candidate{resetting(asks("a", 1, outcome, []string{"x"}, []string{"y"}))},
			models.Tags{"mine", "y"}, map[string]string{"mine": "a"})
		if !plan.Empty() || plan.Evaluations[0].Outcome != outcome {
			t.Errorf("%s gives %+v", outcome, plan)
		}
	}
}

func TestTagsBeyondTheLimitAreRefusedFromTheLastRules(t *testing.T) {
	t.Parallel()
	var current models.Tags
	for i := range 249 {
		current = append(current, fmt.Sprintf("t%03d", i))
	}
	plan := rules.Plan([]rules.Candidate{
		asks("b", 2, models.OutcomeMatched, []string{"third", "fourth"}, []string{"t000"}),
		asks("a", 1, models.OutcomeMatched, []string{"first", "second"}, nil),
	}, current, nil)
	if !slices.Equal(plan.Adds, []string{"first", "second"}) || !slices.Equal(plan.Removes, []string{"t000"}) {
		t.Errorf("adds %q, removes %q", plan.Adds, plan.Removes)
	}
	if len(plan.Refused) != 2 || plan.Refused[0].Tag != "third" || plan.Refused[0].RuleID != "b" || plan.Refused[0].Reason == "" {
		t.Errorf("refused %+v", plan.Refused)
	}
}

func TestPlanLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()
	hint := "x"
	winner := asks("a", 1, models.OutcomeMatched, nil, []string{"x"})
	loser := asks("b", 2, models.OutcomeMatched, []string{"x"}, nil)
	loser.Evaluation.Conditions = append(make([]models.ConditionResult, 0, 8), models.ConditionResult{Field: "note", Hint: &hint})
	candidates := []rules.Candidate{loser, winner}
	rules.Plan(candidates, nil, nil)
	if candidates[0].Evaluation.RuleID != "b" || candidates[0].Evaluation.Outcome != models.OutcomeMatched {
		t.Error("the candidates were written to")
	}
	if beyond := loser.Evaluation.Conditions[:2][1]; beyond.Field != "" {
		t.Error("the caller's conditions were written to")
	}
}

var tagNames = []string{"a", "A", "b", " B ", "c", "c  d", "C D", "e", "f", "g"}

// planCase is a random shop: rules with outcomes, a record's tags, and who put them there.
type planCase struct {
	candidates []rules.Candidate
	current    models.Tags
	owned      map[string]string
}

func drawPlanCase(t *rapid.T) planCase {
	tags := rapid.SliceOfN(rapid.SampledFrom(tagNames), 0, 4)
	c := planCase{owned: map[string]string{}}
	outcomes := []models.Outcome{models.OutcomeMatched, models.OutcomeMatched, models.OutcomeNotMatched, models.OutcomeDisabled,
		models.OutcomePaused, models.OutcomeOtherTrigger, models.OutcomeError}
	for i := range rapid.IntRange(0, 6).Draw(t, "rules") {
		one := asks(fmt.Sprintf("rule-%d", i), rapid.IntRange(0, 3).Draw(t, "priority"),
			rapid.SampledFrom(outcomes).Draw(t, "outcome"), tags.Draw(t, "add"), tags.Draw(t, "remove"))
		one.Definition.ResetOnMismatch = rapid.Bool().Draw(t, "reset")
		if one.Evaluation.Outcome == models.OutcomeNotMatched {
			one.Evaluation.AddTags, one.Evaluation.RemoveTags = nil, nil
		}
		c.candidates = append(c.candidates, one)
	}
	for _, tag := range append(tags.Draw(t, "current"), "kept") {
		c.current = c.current.With(tag)
	}
	for i := range rapid.IntRange(0, 250-len(c.current)).Draw(t, "filler") {
		c.current = append(c.current, fmt.Sprintf("filler-%d", i))
	}
	for _, tag := range tags.Draw(t, "owned") {
		c.owned[models.TagKey(tag)] = fmt.Sprintf("rule-%d", rapid.IntRange(0, 6).Draw(t, "owner"))
	}
	return c
}

// apply writes the plan as change does: removes first, ownership kept.
func (c *planCase) apply(plan *rules.Planned) planCase {
	after := planCase{candidates: c.candidates, current: c.current.Without(plan.Removes...), owned: map[string]string{}}
	for key, rule := range c.owned {
		after.owned[key] = rule
	}
	for _, effect := range plan.Effects {
		for _, tag := range effect.Remove {
			delete(after.owned, models.TagKey(tag))
		}
		for _, tag := range effect.Add {
			after.current = after.current.With(tag)
			after.owned[models.TagKey(tag)] = effect.RuleID
		}
	}
	return after
}

func TestApplyingAPlanLeavesNothingToPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawPlanCase(t)
		plan := rules.Plan(c.candidates, c.current, c.owned)
		after := c.apply(&plan)
		if len(after.current) > rules.MaxTags {
			t.Fatalf("the record has %d tags", len(after.current))
		}
		if again := rules.Plan(after.candidates, after.current, after.owned); !again.Empty() {
			t.Fatalf("the second plan adds %q and removes %q", again.Adds, again.Removes)
		}
	})
}

func TestAPlanTouchesOnlyTagsThatRulesNameOrOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawPlanCase(t)
		plan := rules.Plan(c.candidates, c.current, c.owned)
		for _, effect := range plan.Effects {
			i := slices.IndexFunc(c.candidates, func(one rules.Candidate) bool { return one.Evaluation.RuleID == effect.RuleID })
			e := c.candidates[i].Evaluation
			for _, tag := range effect.Add {
				if !models.Tags(e.AddTags).Has(tag) || c.current.Has(tag) || e.Outcome != models.OutcomeMatched {
					t.Fatalf("%s adds %q", effect.RuleID, tag)
				}
			}
			for _, tag := range effect.Remove {
				owns := c.owned[models.TagKey(tag)] == effect.RuleID && c.candidates[i].Definition.ResetOnMismatch
				if !models.Tags(e.RemoveTags).Has(tag) && !owns || !slices.Contains(c.current, tag) {
					t.Fatalf("%s removes %q", effect.RuleID, tag)
				}
			}
		}
		for _, tag := range plan.Adds {
			if models.Tags(plan.Removes).Has(tag) {
				t.Fatalf("%q is added and removed", tag)
			}
		}
	})
}

func TestNoRuleUndoesWhatAnEarlierOneDecided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawPlanCase(t)
		plan := rules.Plan(c.candidates, c.current, c.owned)
		after := c.apply(&plan)
		decided := models.Tags{}
		for _, e := range plan.Evaluations {
			if e.Outcome != models.OutcomeMatched && e.Outcome != models.OutcomeOutranked {
				continue
			}
			for _, tag := range e.AddTags {
				refused := slices.ContainsFunc(plan.Refused, func(r rules.RefusedTag) bool { return models.TagKey(r.Tag) == models.TagKey(tag) })
				if !decided.Has(tag) && !after.current.Has(tag) && !refused {
					t.Fatalf("%s asked first for %q, and it is not there", e.RuleID, tag)
				}
				decided = decided.With(tag)
			}
			for _, tag := range e.RemoveTags {
				if !decided.Has(tag) && after.current.Has(tag) {
					t.Fatalf("%s asked first to take %q off, and it is there", e.RuleID, tag)
				}
				decided = decided.With(tag)
			}
		}
		shuffled := slices.Clone(c.candidates)
		slices.Reverse(shuffled)
		other := rules.Plan(shuffled, c.current, c.owned)
		if diff := cmp.Diff(plan, other); diff != "" {
			t.Fatalf("the order of the arguments matters:\n%s", diff)
		}
	})
}
