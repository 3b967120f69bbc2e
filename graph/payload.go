package graph

import (
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/webhooks"
)

// userErrors takes what the caller did wrong out of an error. What is left is not the caller's doing.
func userErrors(err error) ([]*UserError, error) {
	none := []*UserError{}
	f, ok := fault.As(err)
	if !ok || f.Code != fault.Invalid {
		return none, err
	}
	if len(f.Problems) == 0 {
		return []*UserError{{Message: f.Message, Code: string(f.Code)}}, nil
	}
	list := make([]*UserError, len(f.Problems))
	for i, p := range f.Problems {
		list[i] = &UserError{Field: append([]string{"input"}, p.Field...), Message: p.Message, Code: p.Code}
	}
	return list, nil
}

// NewRulePayload answers a write to a rule.
func NewRulePayload(rule *models.Rule, err error) (*RulePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &RulePayload{Rule: rule, UserErrors: problems}, nil
}

// NewRuleDeletePayload answers the deletion of a rule.
func NewRuleDeletePayload(id string, err error) (*RuleDeletePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &RuleDeletePayload{UserErrors: problems}
	if len(problems) == 0 {
		payload.DeletedID = &id
	}
	return payload, nil
}

// NewRuleTestPayload answers a test of a rule.
func NewRuleTestPayload(report *webhooks.TestReport, err error) (*RuleTestPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	if report == nil {
		report = &webhooks.TestReport{}
	}
	return &RuleTestPayload{Results: report.Results, Matched: report.Matched, UserErrors: problems}, nil
}

// Pointers returns pointers to the elements.
func Pointers[T any](list []T) []*T {
	pointers := make([]*T, len(list))
	for i := range list {
		pointers[i] = &list[i]
	}
	return pointers
}
