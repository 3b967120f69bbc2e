package activity

import (
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// words says what came of looking at the rule.
func (c *record) words(rule *models.Rule, v verdictOf) (outcome, message string) {
	e := &v.verdict.Evaluation
	at := c.time(v.entry.OccurredAt)
	switch e.Outcome {
	case models.OutcomeDisabled:
		return Disabled, "The rule was switched off when the webhook of " + at + " came."
	case models.OutcomePaused:
		reason := ""
		if rule.PausedReason != nil {
			reason = " " + *rule.PausedReason
		}
		return Paused, "The rule was paused when the webhook of " + at + " came." + reason
	case models.OutcomeOtherTrigger:
		return OtherTrigger, "The webhook of " + at + " is not what starts the rule: it looks at records that are " + triggers(rule.Triggers) + "."
	case models.OutcomeNotMatched:
		return NotMatched, c.falseCondition(e)
	case models.OutcomeOutranked:
		return Outranked, "The rule matched on " + at + ", but a rule that goes first decided otherwise. " + noteOf(e)
	case models.OutcomeError:
		return Refused, "The rule could not be decided on " + at + ". " + noteOf(e) + " Check Tagtrail's permissions, then retry the webhook."
	case models.OutcomeMatched:
	}
	return c.matchedInVain(e, v.entry, at)
}

// matchedInVain says why a rule that matched changed nothing.
func (c *record) matchedInVain(e *models.Evaluation, entry *Entry, at string) (outcome, message string) {
	code := said(entry.ErrorCode)
	asked := append(append(models.Tags(nil), e.AddTags...), e.RemoveTags...)
	switch {
	case code == CodeResourceDeleted || code == CodeTagLimit && noteOf(e) != "":
		return Refused, "The rule matched on " + at + ", but its tags could not be changed. " + said(entry.ErrorMessage)
	case len(asked) == 0:
		return Unchanged, "The rule matched on " + at + ", but it had no tag to write. " + noteOf(e)
	case len(e.RemoveTags) == 0:
		return Unchanged, "The rule matched on " + at + ", and there was nothing to do: " + tagList(e.AddTags) + " was there already."
	case len(e.AddTags) == 0:
		return Unchanged, "The rule matched on " + at + ", and there was nothing to do: " + tagList(e.RemoveTags) + " was not there."
	}
	return Unchanged, "The rule matched on " + at + ", and there was nothing to do: its tags were as it wants them already."
}

// falseCondition names the first condition that did not hold: which it is, what it asks, what was there, and the hint.
func (c *record) falseCondition(e *models.Evaluation) string {
	failed, first := 0, -1
	for i := range e.Conditions {
		if !e.Conditions[i].Passed {
			failed++
			if first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return "Its conditions did not hold."
	}
	condition := &e.Conditions[first]
	message := fmt.Sprintf("Condition %d of %d was false: %s %s, but it was %s.",
		first+1, len(e.Conditions), condition.Field, asks(condition), was(condition.Actual))
	if condition.Hint != nil {
		message += " " + *condition.Hint
	}
	if failed > 1 {
		message += fmt.Sprintf(" %d more did not hold.", failed-1)
	}
	return message
}

// operators are what conditions ask, in words.
var operators = map[models.Operator]string{
	models.Equals:      "has to be",
	models.NotEquals:   "must not be",
	models.Contains:    "has to contain",
	models.NotContains: "must not contain",
	models.StartsWith:  "has to start with",
	models.EndsWith:    "has to end with",
	models.Greater:     "has to be greater than",
	models.Less:        "has to be less than",
	models.Between:     "has to be between",
	models.In:          "has to be one of",
	models.NotIn:       "must be none of",
	models.IsEmpty:     "has to be empty",
	models.IsNotEmpty:  "must not be empty",
	models.Matches:     "has to match",
	models.OlderThan:   "has to be older, in days, than",
	models.NewerThan:   "has to be newer, in days, than",
	models.WithinLast:  "has to be within the last days:",
}

func asks(c *models.ConditionResult) string {
	words := operators[c.Operator]
	if len(c.Expected) == 0 {
		return words
	}
	joint := ", "
	if c.Operator == models.Between {
		joint = " and "
	}
	return words + " " + strings.Join(c.Expected, joint)
}

func was(actual []string) string {
	if len(actual) == 0 {
		return "empty or not known"
	}
	return strings.Join(actual, ", ")
}

// noteOf returns the last thing that was said of an evaluation: what became of its tags.
func noteOf(e *models.Evaluation) string {
	for i := len(e.Conditions) - 1; i >= 0; i-- {
		if hint := e.Conditions[i].Hint; hint != nil && !e.Conditions[i].Passed {
			return *hint
		}
	}
	return ""
}

func triggers(list []models.Trigger) string {
	words := make([]string, len(list))
	for i, t := range list {
		words[i] = strings.ToLower(string(t))
	}
	return strings.Join(words, " or ")
}

// effect says what a write did to the tags.
func effect(write *models.Snapshot) string {
	var parts []string
	if len(write.Adds) > 0 {
		parts = append(parts, tagList(write.Adds)+" added")
	}
	if len(write.Removes) > 0 {
		parts = append(parts, tagList(write.Removes)+" removed")
	}
	return strings.Join(parts, ", ")
}

func tagList(tags models.Tags) string { return strings.Join(tags, ", ") }

func said(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
