package models

import (
	"encoding/json"
	"fmt"
	"time"
)

// ResourceType is a kind of record in a shop.
type ResourceType string

// The kinds of record that rules and operations are about.
const (
	Order    ResourceType = "ORDER"
	Customer ResourceType = "CUSTOMER"
	Product  ResourceType = "PRODUCT"
	Variant  ResourceType = "VARIANT"
)

// Trigger is when a rule is looked at.
type Trigger string

// The triggers.
const (
	Created   Trigger = "CREATED"
	Updated   Trigger = "UPDATED"
	Scheduled Trigger = "SCHEDULED"
)

// Match is how conditions are joined.
type Match string

// The ways to join conditions.
const (
	MatchAll Match = "ALL"
	MatchAny Match = "ANY"
)

// Operator is how a condition compares a field.
type Operator string

// The operators.
const (
	Equals      Operator = "EQUALS"
	NotEquals   Operator = "NOT_EQUALS"
	Contains    Operator = "CONTAINS"
	NotContains Operator = "NOT_CONTAINS"
	StartsWith  Operator = "STARTS_WITH"
	EndsWith    Operator = "ENDS_WITH"
	Greater     Operator = "GREATER"
	Less        Operator = "LESS"
	Between     Operator = "BETWEEN"
	In          Operator = "IN"
	NotIn       Operator = "NOT_IN"
	IsEmpty     Operator = "IS_EMPTY"
	IsNotEmpty  Operator = "IS_NOT_EMPTY"
	Matches     Operator = "MATCHES"
	OlderThan   Operator = "OLDER_THAN"
	NewerThan   Operator = "NEWER_THAN"
	WithinLast  Operator = "WITHIN_LAST"
)

// Condition compares one field of a record.
type Condition struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	Values   []string `json:"values,omitempty"`
}

// ConditionGroup joins conditions and groups.
type ConditionGroup struct {
	Match      Match            `json:"match"`
	Conditions []Condition      `json:"conditions,omitempty"`
	Groups     []ConditionGroup `json:"groups,omitempty"`
}

// RuleDefinition is what a person saves of a rule, and what each version keeps.
type RuleDefinition struct {
	Name            string         `json:"name"`
	Resource        ResourceType   `json:"resource"`
	Triggers        []Trigger      `gorm:"serializer:json" json:"triggers"`
	When            ConditionGroup `gorm:"column:conditions;serializer:json" json:"when"`
	AddTags         []string       `gorm:"serializer:json" json:"addTags,omitempty"`
	RemoveTags      []string       `gorm:"serializer:json" json:"removeTags,omitempty"`
	ResetOnMismatch bool           `json:"resetOnMismatch"`
	Priority        int            `json:"priority"`
	Enabled         bool           `json:"enabled"`
}

// Rule says which records get which tags.
type Rule struct {
	ID             string `gorm:"primaryKey"`
	ShopID         int64
	RuleDefinition `gorm:"embedded"`
	// PausedReason is set when the rule was stopped by itself.
	PausedReason *string
	// Version counts up with each save, from 1.
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
	// DeletedAt keeps a deleted rule's name for the log.
	DeletedAt *time.Time
}

// RuleVersion is a rule as it was saved once.
type RuleVersion struct {
	ShopID     int64          `gorm:"primaryKey;autoIncrement:false"`
	RuleID     string         `gorm:"primaryKey"`
	Version    int            `gorm:"primaryKey;autoIncrement:false"`
	Definition RuleDefinition `gorm:"serializer:json"`
	ActorType  ActorType
	ActorID    *string
	ActorName  string
	CreatedAt  time.Time
}

// Outcome is what came of looking at a rule.
type Outcome string

// The outcomes.
const (
	OutcomeMatched      Outcome = "MATCHED"
	OutcomeNotMatched   Outcome = "NOT_MATCHED"
	OutcomeDisabled     Outcome = "DISABLED"
	OutcomeOtherTrigger Outcome = "OTHER_TRIGGER"
	OutcomeOutranked    Outcome = "OUTRANKED"
	OutcomePaused       Outcome = "PAUSED"
	OutcomeError        Outcome = "ERROR"
)

// Evaluation is what a rule made of one record; entries keep it.
type Evaluation struct {
	RuleID     string            `json:"ruleId"`
	Name       string            `json:"name"`
	Version    int               `json:"version"`
	Matched    bool              `json:"matched"`
	Outcome    Outcome           `json:"outcome"`
	Conditions []ConditionResult `json:"conditions,omitempty"`
	AddTags    []string          `json:"addTags,omitempty"`
	RemoveTags []string          `json:"removeTags,omitempty"`
}

// ConditionResult is what one condition made of one record.
type ConditionResult struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	Expected []string `json:"expected,omitempty"`
	Actual   []string `json:"actual,omitempty"`
	Passed   bool     `json:"passed"`
	// Hint says what to look at where the condition did not hold.
	Hint *string `json:"hint,omitempty"`
}

// Conditions returns the rule's conditions as the API shows them.
func (r *Rule) Conditions() (json.RawMessage, error) { return encode(r.When) }

// By returns who saved the version.
func (v *RuleVersion) By() *Actor {
	return &Actor{Type: v.ActorType, ID: v.ActorID, Name: v.ActorName}
}

// Rule returns the rule as it was saved.
func (v *RuleVersion) Rule() (json.RawMessage, error) { return encode(v.Definition) }

func encode(value any) (json.RawMessage, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode rule: %w", err)
	}
	return raw, nil
}
