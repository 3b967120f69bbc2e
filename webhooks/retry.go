package webhooks

import (
	"context"
	"errors"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// Retry does the failed work of an entry again and returns the entry.
func (s *Service) Retry(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*activity.Entry, error) {
	return nil, errors.New("not built yet")
}

// RetryAll starts a job that does all failed work of one cause again, and returns the job's entry.
func (s *Service) RetryAll(ctx context.Context, shop *models.Shop, actor models.Actor, code string, filter *activity.Filter) (*activity.Entry, error) {
	return nil, errors.New("not built yet")
}
