package activity

import (
	"context"
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// FailureGroup is failures that have one cause.
type FailureGroup struct {
	Code      string
	Message   string
	Count     int
	Retryable int
	LatestAt  time.Time
	Latest    *Entry
}

// Retryable reports whether the work that failed can be done again.
func (e *Entry) Retryable() bool { return false }

// Failures groups the newest failures that match the filter by their cause, the most frequent first.
func (s *Service) Failures(ctx context.Context, shop *models.Shop, filter *Filter) ([]*FailureGroup, error) {
	return nil, errors.New("not built yet")
}
