package activity

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// Outside is something that happened outside, as its recorder tells it.
type Outside struct {
	IdempotencyKey *string
	OccurredAt     *time.Time
	Type           models.ActivityType
	Action         string
	Categories     []models.ActivityCategory
	Status         models.ActivityStatus
	Summary        string
	Actor          *OutsideActor
	Entity         *OutsideEntity
	Changes        []OutsideChange
	Metadata       json.RawMessage
	Error          *OutsideError
}

// OutsideActor is who did it.
type OutsideActor struct {
	Type models.ActorType
	ID   *string
	Name string
}

// OutsideEntity is the record that it is about.
type OutsideEntity struct {
	Type  string
	ID    string
	Title string
	URL   *string
}

// OutsideChange is one field before and after.
type OutsideChange struct {
	Field  string
	Before json.RawMessage
	After  json.RawMessage
}

// OutsideError is what went wrong.
type OutsideError struct {
	Code    string
	Message string
	Stack   *string
}

// RecordOutside records what happened outside, each by itself. The entries are in the order of the inputs, nil where
// one was refused; the error then is a fault that lists what was wrong.
func (s *Service) RecordOutside(ctx context.Context, shop *models.Shop, actor models.Actor, inputs []*Outside) ([]*Entry, error) {
	return nil, errors.New("not built yet")
}
