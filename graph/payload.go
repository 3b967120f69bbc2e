package graph

import (
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/streams"
	"github.com/tagtrail/tagtrail/webhooks"
)

// userErrors takes what the caller did wrong out of an error. What is left is not the caller's doing.
func userErrors(err error) ([]*fault.Problem, error) { return userErrorsIn("input", err) }

// userErrorsIn does so where the input has another name.
func userErrorsIn(argument string, err error) ([]*fault.Problem, error) {
	none := []*fault.Problem{}
	f, ok := fault.As(err)
	if !ok || f.Code != fault.Invalid {
		return none, err
	}
	if len(f.Problems) == 0 {
		return []*fault.Problem{{Message: f.Message, Code: string(f.Code)}}, nil
	}
	list := make([]*fault.Problem, len(f.Problems))
	for i, p := range f.Problems {
		list[i] = &fault.Problem{Field: append([]string{argument}, p.Field...), Message: p.Message, Code: p.Code}
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

// NewSavedViewDeletePayload answers the deletion of a view.
func NewSavedViewDeletePayload(id string, err error) (*SavedViewDeletePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &SavedViewDeletePayload{UserErrors: problems}
	if len(problems) == 0 {
		payload.DeletedID = &id
	}
	return payload, nil
}

// NewSourceDeletePayload answers the disconnection of a source.
func NewSourceDeletePayload(id string, err error) (*SourceDeletePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &SourceDeletePayload{UserErrors: problems}
	if len(problems) == 0 {
		payload.DeletedID = &id
	}
	return payload, nil
}

// NewAPIKeyCreatePayload answers the making of a key.
func NewAPIKeyCreatePayload(key *models.APIKey, secret string, err error) (*APIKeyCreatePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &APIKeyCreatePayload{APIKey: key, UserErrors: problems}
	if len(problems) == 0 {
		payload.Key = &secret
	}
	return payload, nil
}

// NewActivityRecordPayload answers the recording of one entry.
func NewActivityRecordPayload(entry *activity.Entry, err error) (*ActivityRecordPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &ActivityRecordPayload{Activity: entry, UserErrors: problems}, nil
}

// NewActivityRecordBatchPayload answers the recording of several entries.
func NewActivityRecordBatchPayload(entries []*activity.Entry, err error) (*ActivityRecordBatchPayload, error) {
	problems, err := userErrorsIn("inputs", err)
	if err != nil {
		return nil, err
	}
	return &ActivityRecordBatchPayload{Activities: entries, UserErrors: problems}, nil
}

// NewActivityRetryPayload answers a retry.
func NewActivityRetryPayload(entry *activity.Entry, err error) (*ActivityRetryPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &ActivityRetryPayload{Activity: entry, UserErrors: problems}, nil
}

// NewSavedViewPayload answers a write to a view.
func NewSavedViewPayload(view *models.SavedView, err error) (*SavedViewPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &SavedViewPayload{SavedView: view, UserErrors: problems}, nil
}

// NewAPIKeyPayload answers a write to a key.
func NewAPIKeyPayload(key *models.APIKey, err error) (*APIKeyPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &APIKeyPayload{APIKey: key, UserErrors: problems}, nil
}

// NewSourcePayload answers a write to a source.
func NewSourcePayload(source *models.Source, err error) (*SourcePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &SourcePayload{Source: source, UserErrors: problems}, nil
}

// NewSettingsPayload answers a change of the settings.
func NewSettingsPayload(settings *models.Settings, err error) (*SettingsPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &SettingsPayload{Settings: settings, UserErrors: problems}, nil
}

// Or returns the value, or the other one where there is none.
func Or[T any](value *T, other T) T {
	if value == nil {
		return other
	}
	return *value
}

// NewOperationPayload answers a write to an operation.
func NewOperationPayload(operation *change.Operation, err error) (*OperationPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &OperationPayload{Operation: operation, UserErrors: problems}, nil
}

// NewExportPayload answers a write to an export.
func NewExportPayload(e *export.Export, err error) (*ExportPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &ExportPayload{Export: e, UserErrors: problems}, nil
}

// NewStreamPayload answers a write to a stream.
func NewStreamPayload(stream *streams.Stream, err error) (*StreamPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &StreamPayload{Stream: stream, UserErrors: problems}, nil
}

// NewStreamSecretPayload answers a write that gives a stream a secret.
func NewStreamSecretPayload(stream *streams.Stream, secret string, err error) (*StreamSecretPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &StreamSecretPayload{Stream: stream, UserErrors: problems}
	if len(problems) == 0 {
		payload.Secret = &secret
	}
	return payload, nil
}

// NewStreamDeletePayload answers the deletion of a stream.
func NewStreamDeletePayload(id string, err error) (*StreamDeletePayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &StreamDeletePayload{UserErrors: problems}
	if len(problems) == 0 {
		payload.DeletedID = &id
	}
	return payload, nil
}

// NewStreamTestPayload answers the test of a stream.
func NewStreamTestPayload(result *streams.TestResult, err error) (*StreamTestPayload, error) {
	problems, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &StreamTestPayload{Result: result, UserErrors: problems}, nil
}
