package streams

import (
	"context"
	"encoding/json"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// TestResult is what a receiver made of a test.
type TestResult struct {
	// Delivered says that it took the message.
	Delivered bool
	// Message says in words what happened.
	Message string
	// Status is what it answered, nil where no answer came.
	Status       *int
	Body         string
	Milliseconds int
}

// Test sends a message without events, at once and once, beside what waits. It is in the log as a delivery.
func (s *Service) Test(ctx context.Context, shop *models.Shop, id string) (*TestResult, error) {
	stream, err := ofShop(s.DB.WithContext(ctx), shop.ID, id)
	if err != nil {
		return nil, err
	}
	now := models.Now()
	body, err := encodeMessage(typeTest, shop, stream, now, []json.RawMessage{})
	if err != nil {
		return nil, err
	}
	message := &models.StreamMessage{ID: models.NewID(now), ActivityIDs: []string{}, Attempts: 1}
	a, err := s.attempt(ctx, stream, message.ID, body)
	if err != nil {
		return nil, err
	}
	result := &TestResult{
		Delivered:    a.Failure == "",
		Message:      "The receiver took it.",
		Body:         a.Body,
		Milliseconds: int(a.Took.Milliseconds()),
	}
	status := models.Success
	if !result.Delivered {
		result.Message, status = a.Failure+".", models.Failed
	}
	if a.Status != 0 {
		result.Status, message.ResponseStatus = &a.Status, &a.Status
	}
	message.Milliseconds = a.Took.Milliseconds()
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error { return enter(tx, stream, message, len(body), status, a.Failure) })
	if err != nil {
		return nil, err
	}
	return result, nil
}
