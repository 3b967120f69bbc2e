package rules

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// normal brings a definition into the form that is kept: tags as Shopify would keep them, no absent lists.
func normal(def models.RuleDefinition) models.RuleDefinition {
	def.AddTags = cleaned(def.AddTags)
	def.RemoveTags = cleaned(def.RemoveTags)
	if def.When.Match == "" {
		def.When.Match = models.MatchAll
	}
	return def
}

func cleaned(tags []string) []string {
	out := []string{}
	for _, tag := range tags {
		out = models.Tags(out).With(tag)
	}
	return out
}

// Create saves a new rule.
func (s *Service) Create(ctx context.Context, shop *models.Shop, by models.Actor, def models.RuleDefinition) (*models.Rule, error) {
	if err := fault.Problems(Validate(def)); err != nil {
		return nil, err
	}
	now := models.Now()
	rule := &models.Rule{
		ID:             models.NewID(now),
		ShopID:         shop.ID,
		RuleDefinition: normal(def),
		Version:        1,
		CreatedAt:      now,
		UpdatedAt:      now,
	}
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var count int64
		if err := tx.DB.Model(&models.Rule{}).Where("shop_id = ? AND deleted_at IS NULL", shop.ID).Count(&count).Error; err != nil {
			return fmt.Errorf("count rules: %w", err)
		}
		if count >= maxRules {
			return fault.Field(fmt.Sprintf("A shop can have %d rules. Delete one that is no longer needed.", maxRules))
		}
		if err := tx.DB.Create(rule).Error; err != nil {
			return fmt.Errorf("create rule: %w", err)
		}
		return saved(tx, rule, nil, by, activity.RuleCreated, "Rule created")
	})
	if err != nil {
		return nil, err
	}
	return rule, nil
}

// Update saves a rule's next version. A save that changes nothing keeps the version.
func (s *Service) Update(ctx context.Context, shop *models.Shop, by models.Actor, id string, def models.RuleDefinition) (*models.Rule, error) {
	if err := fault.Problems(Validate(def)); err != nil {
		return nil, err
	}
	return s.change(ctx, shop, by, id, activity.RuleUpdated, "Rule updated", func(rule *models.Rule) {
		rule.RuleDefinition = normal(def)
	})
}

// SetEnabled switches a rule on or off. Switching on also ends a pause.
func (s *Service) SetEnabled(ctx context.Context, shop *models.Shop, by models.Actor, id string, enabled bool) (*models.Rule, error) {
	action, words := activity.RuleDisabled, "Rule disabled"
	if enabled {
		action, words = activity.RuleEnabled, "Rule enabled"
	}
	return s.change(ctx, shop, by, id, action, words, func(rule *models.Rule) {
		rule.Enabled = enabled
	})
}

func (s *Service) change(ctx context.Context, shop *models.Shop, by models.Actor, id, action, words string, edit func(*models.Rule)) (*models.Rule, error) {
	var rule *models.Rule
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var err error
		if rule, err = get(tx.DB, shop.ID, id); err != nil {
			return err
		}
		before, version := rule.RuleDefinition, rule.Version
		edit(rule)
		resumes := rule.Enabled && rule.PausedReason != nil
		if same(before, rule.RuleDefinition) && !resumes {
			return nil
		}
		if resumes {
			rule.PausedReason = nil
		}
		rule.Version++
		rule.UpdatedAt = models.Now()
		// Two who save at once: the second one's version is the first one's already, and it is told so.
		res := tx.DB.Model(&models.Rule{}).Where("shop_id = ? AND id = ? AND version = ? AND deleted_at IS NULL", shop.ID, id, version).
			Select("*").Omit("ID", "ShopID", "CreatedAt", "DeletedAt").Updates(rule)
		if res.Error != nil {
			return fmt.Errorf("save rule: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.Field("Somebody else has just saved this rule. Reload it and make your change again.")
		}
		return saved(tx, rule, &before, by, action, words)
	})
	if err != nil {
		return nil, err
	}
	return rule, nil
}

// Delete deletes a rule. What it did stays in the log, under its name.
func (s *Service) Delete(ctx context.Context, shop *models.Shop, by models.Actor, id string) error {
	return s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		rule, err := get(tx.DB, shop.ID, id)
		if err != nil {
			return err
		}
		err = tx.DB.Model(&models.Rule{}).Where("shop_id = ? AND id = ?", shop.ID, id).Update("deleted_at", models.Now()).Error
		if err != nil {
			return fmt.Errorf("delete rule: %w", err)
		}
		return record(tx, rule, by, activity.RuleDeleted, "Rule deleted", nil)
	})
}

// saved keeps the version and writes the entry with what changed.
func saved(tx *activity.Tx, rule *models.Rule, before *models.RuleDefinition, by models.Actor, action, words string) error {
	version := &models.RuleVersion{
		ShopID:     rule.ShopID,
		RuleID:     rule.ID,
		Version:    rule.Version,
		Definition: rule.RuleDefinition,
		ActorType:  by.Type,
		ActorID:    by.ID,
		ActorName:  by.Name,
		CreatedAt:  rule.UpdatedAt,
	}
	if err := tx.DB.Create(version).Error; err != nil {
		return fmt.Errorf("keep rule version: %w", err)
	}
	changes, err := differences(before, rule.RuleDefinition)
	if err != nil {
		return err
	}
	return record(tx, rule, by, action, words, changes)
}

func record(tx *activity.Tx, rule *models.Rule, by models.Actor, action, words string, changes []models.FieldChange) error {
	kind := "Rule"
	what := models.UserAction
	if by.Type == models.ActorSystem {
		what = models.SystemEvent
	}
	return tx.Record(&models.Activity{
		Type:        what,
		Action:      action,
		Status:      models.Success,
		Summary:     words + " · " + rule.Name,
		ActorType:   by.Type,
		ActorID:     by.ID,
		ActorName:   by.Name,
		EntityType:  &kind,
		EntityID:    &rule.ID,
		EntityTitle: &rule.Name,
		RuleID:      &rule.ID,
		RuleVersion: &rule.Version,
		Changes:     changes,
	})
}

func same(a, b models.RuleDefinition) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && string(left) == string(right)
}

// differences lists the fields of a definition that changed, all of them where there was none before.
func differences(before *models.RuleDefinition, after models.RuleDefinition) ([]models.FieldChange, error) {
	was := map[string]json.RawMessage{}
	if before != nil {
		if err := fields(*before, was); err != nil {
			return nil, err
		}
	}
	is := map[string]json.RawMessage{}
	if err := fields(after, is); err != nil {
		return nil, err
	}
	var changes []models.FieldChange
	for _, name := range []string{
		"name", "resource", "triggers", "when", "addTags", "removeTags", "resetOnMismatch", "priority", "enabled",
	} {
		if string(was[name]) != string(is[name]) {
			changes = append(changes, models.FieldChange{Field: name, Before: was[name], After: is[name]})
		}
	}
	return changes, nil
}

func fields(def models.RuleDefinition, into map[string]json.RawMessage) error {
	raw, err := json.Marshal(def)
	if err == nil {
		err = json.Unmarshal(raw, &into)
	}
	if err != nil {
		return fmt.Errorf("encode rule: %w", err)
	}
	return nil
}
