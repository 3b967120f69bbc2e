package change

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

const (
	// fightLimit is how often a rule may change one record within fightWindow. One more pauses the rule: two rules, or a
	// rule and another app, undo each other's work.
	fightLimit  = 24
	fightWindow = 24 * time.Hour
)

// pauseFighters pauses the rules that have changed this record as often as they may, and returns their ids.
func (s *Service) pauseFighters(ctx context.Context, r Request, title string, effects []rules.Effects) (map[string]bool, error) {
	paused := map[string]bool{}
	for _, effect := range effects {
		var changes int64
		err := s.DB.WithContext(ctx).Model(&models.Snapshot{}).
			Where("shop_id = ? AND rule_id = ? AND resource_id = ? AND created_at > ?",
				r.Shop.ID, effect.RuleID, r.ResourceID, models.Now().Add(-fightWindow)).
			Where("outcome = ?", models.SnapshotSucceeded).
			// Saving a rule, or switching it on again, starts the count anew.
			Where("created_at > (?)", s.DB.Model(&models.Rule{}).Select("updated_at").Where("shop_id = ? AND id = ?", r.Shop.ID, effect.RuleID)).
			Count(&changes).Error
		if err != nil {
			return nil, fmt.Errorf("count a rule's changes: %w", err)
		}
		if changes < fightLimit {
			continue
		}
		if err := s.pause(ctx, r, title, effect.RuleID); err != nil {
			return nil, err
		}
		paused[effect.RuleID] = true
	}
	return paused, nil
}

// pause stops the rule and writes down why. Of several deliveries that find it fighting, one does.
func (s *Service) pause(ctx context.Context, r Request, title, ruleID string) error {
	reason := fmt.Sprintf("It changed %s %d times within a day. Another rule or app seems to undo what it does. Change one of them, then switch this rule on again.",
		Named(r.Resource, title), fightLimit)
	return s.Activity.Commit(ctx, r.Shop, func(tx *activity.Tx) error {
		var rule models.Rule
		if err := tx.DB.Where("shop_id = ? AND id = ?", r.Shop.ID, ruleID).Take(&rule).Error; err != nil {
			return fmt.Errorf("load rule: %w", err)
		}
		res := tx.DB.Model(&models.Rule{}).
			Where("shop_id = ? AND id = ? AND paused_reason IS NULL", r.Shop.ID, ruleID).
			Update("paused_reason", reason)
		if res.Error != nil {
			return fmt.Errorf("pause rule: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return nil
		}
		kind := "Rule"
		code := activity.CodeRuleFight
		return tx.Record(&models.Activity{
			Type:         models.SystemEvent,
			Action:       activity.RulePaused,
			Status:       models.Warning,
			Summary:      "Rule paused · " + rule.Name,
			ActorType:    models.ActorSystem,
			ActorName:    activity.System().Name,
			EntityType:   &kind,
			EntityID:     &rule.ID,
			EntityTitle:  &rule.Name,
			RuleID:       &rule.ID,
			RuleVersion:  &rule.Version,
			CauseID:      &r.CauseID,
			ErrorCode:    &code,
			ErrorMessage: &reason,
		})
	})
}
