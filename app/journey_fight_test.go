package app

import (
	"fmt"
	"testing"

	"github.com/tagtrail/tagtrail/models"
)

func TestTwoRulesThatUndoEachOtherAreStopped(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	on := j.rule(j.a, models.RuleDefinition{Name: "On", Resource: models.Product, Enabled: true,
		When: when("tags", models.NotContains, "hot"), AddTags: []string{"hot"}})
	off := j.rule(j.a, models.RuleDefinition{Name: "Off", Resource: models.Product, Enabled: true,
		When: when("tags", models.Contains, "hot"), RemoveTags: []string{"hot"}})
	product := j.createProduct(shopA, "Gamay")
	j.settled()

	calls := len(j.writes(shopA))
	if calls < 40 || calls > 48 {
		t.Errorf("%d writes; each rule may write 24 times", calls)
	}
	paused := j.entries(j.a, "action = 'RULE_PAUSED'")
	if len(paused) == 0 || paused[0].Status != models.Warning || paused[0].ErrorMessage == nil || paused[0].CauseID == nil {
		t.Fatalf("the pause is told so: %+v", paused)
	}
	applied := map[string]int{}
	for _, e := range j.entries(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ?", product) {
		applied[*e.RuleID]++
	}
	if applied[on.ID] != 24 && applied[off.ID] != 24 || applied[on.ID] > 24 || applied[off.ID] > 24 {
		t.Errorf("the rules were applied %v times, and stop at 24", applied)
	}
	rule, err := j.app.Rules.Get(t.Context(), j.a.ID, *paused[0].RuleID)
	j.must(err)
	if rule.PausedReason == nil || *rule.PausedReason != *paused[0].ErrorMessage {
		t.Errorf("the rule's reason: %v", rule.PausedReason)
	}
	warned := j.one(j.a, "id = ?", *paused[0].CauseID)
	if warned.Status != models.Warning || *warned.ErrorCode != "RULE_PAUSED" {
		t.Errorf("the webhook at which it was paused: %s %v", warned.Status, warned.ErrorCode)
	}

	// A paused rule does nothing until somebody switches it on again.
	other := j.createProduct(shopA, "Syrah")
	j.settled()
	if more := j.entries(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ? AND rule_id = ?", other, rule.ID); len(more) > 0 {
		t.Errorf("the paused rule was applied %d times more", len(more))
	}
	loser := off
	if rule.ID == off.ID {
		loser = on
	}
	var got struct {
		Off, On struct {
			Rule struct {
				Enabled      bool
				PausedReason *string
			}
		}
	}
	j.data(shopA, fmt.Sprintf(`mutation {
		off: ruleSetEnabled(id: %q, enabled: false) { rule { enabled } userErrors { message } }
		on: ruleSetEnabled(id: %q, enabled: true) { rule { enabled pausedReason } userErrors { message } }
	}`, loser.ID, rule.ID), nil, &got)
	if got.On.Rule.PausedReason != nil || !got.On.Rule.Enabled {
		t.Errorf("switched on again: %+v", got.On.Rule)
	}
	third := j.createProduct(shopA, "Nebbiolo")
	if rule.ID == off.ID {
		j.tag(shopA, third, "hot")
	}
	j.settled()
	if more := j.entries(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ? AND rule_id = ?", third, rule.ID); len(more) != 1 {
		t.Errorf("switched on again it was applied %d times, want once", len(more))
	}
}
