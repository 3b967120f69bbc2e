package streams

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// The types of messages, and of the events in them.
const (
	typeBatch = "activity.batch"
	typeTest  = "stream.test"
	// recorded and updated are written by the triggers of migration 0012, too.
	recorded = "activity.recorded"
	updated  = "activity.updated"
	replayed = "activity.replayed"
)

const (
	// maxEvents and maxBytes bound a message. One event always fits.
	maxEvents = 100
	maxBytes  = 256 << 10
)

// payload is a message: docs/streams.md is its description for receivers.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Shop   string            `json:"shop"`
	Stream string            `json:"stream"`
	Events []json.RawMessage `json:"events"`
}

type event struct {
	Type     string `json:"type"`
	Activity entry  `json:"activity"`
}

type entry struct {
	ID          string                    `json:"id"`
	OccurredAt  time.Time                 `json:"occurredAt"`
	UpdatedAt   time.Time                 `json:"updatedAt"`
	Type        models.ActivityType       `json:"type"`
	Action      string                    `json:"action"`
	Categories  []models.ActivityCategory `json:"categories"`
	Status      models.ActivityStatus     `json:"status"`
	Summary     string                    `json:"summary"`
	Actor       actor                     `json:"actor"`
	Entity      *entity                   `json:"entity"`
	Changes     []models.FieldChange      `json:"changes"`
	RuleID      *string                   `json:"ruleId"`
	RuleVersion *int                      `json:"ruleVersion"`
	CauseID     *string                   `json:"causeId"`
	OperationID *string                   `json:"operationId"`
	Error       *failure                  `json:"error"`
	Metadata    json.RawMessage           `json:"metadata"`
	History     []models.StatusChange     `json:"history"`
}

type actor struct {
	Type models.ActorType `json:"type"`
	ID   *string          `json:"id"`
	Name string           `json:"name"`
}

type entity struct {
	Type  string  `json:"type"`
	ID    string  `json:"id"`
	Title string  `json:"title"`
	URL   *string `json:"url"`
}

type failure struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Attempts int    `json:"attempts"`
}

// encodeEvent writes down an entry as it is now.
func encodeEvent(ctx context.Context, kind string, e *activity.Entry) (json.RawMessage, error) {
	changes, err := e.Changed(ctx)
	if err != nil {
		return nil, err
	}
	history, err := e.Past(ctx)
	if err != nil {
		return nil, err
	}
	written := entry{
		ID:          e.ID,
		OccurredAt:  e.OccurredAt.UTC(),
		UpdatedAt:   e.UpdatedAt.UTC(),
		Type:        e.Type,
		Action:      e.Action,
		Categories:  e.CategoryNames(),
		Status:      e.Status,
		Summary:     e.Summary,
		Actor:       actor{e.ActorType, e.ActorID, e.ActorName},
		Changes:     changes,
		RuleID:      e.RuleID,
		RuleVersion: e.RuleVersion,
		CauseID:     e.CauseID,
		OperationID: e.OperationID,
		Metadata:    e.Metadata,
		History:     history,
	}
	if of := e.Entity(); of != nil {
		written.Entity = &entity{of.Type, of.ID, of.Title, of.URL}
	}
	if e.ErrorCode != nil {
		written.Error = &failure{Code: *e.ErrorCode, Attempts: e.Attempts}
		if e.ErrorMessage != nil {
			written.Error.Message = *e.ErrorMessage
		}
	}
	raw, err := json.Marshal(event{kind, written})
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	return raw, nil
}

// encodeMessage puts events into a message.
func encodeMessage(kind string, shop *models.Shop, stream *models.Stream, at time.Time, events []json.RawMessage) ([]byte, error) {
	raw, err := json.Marshal(payload{kind, at, data{shop.Domain, stream.ID, events}})
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return raw, nil
}
