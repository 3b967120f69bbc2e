package activity

import (
	"context"
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// Explanation is why a rule did or did not act on a record.
type Explanation struct {
	Rule       *models.Rule
	Outcome    string
	Message    string
	At         *time.Time
	Evaluation *Verdict
	Activity   *Entry
	RemovedBy  *models.Actor
}

// Explain says of each rule, or of one, why it did or did not act on a record.
func (s *Service) Explain(ctx context.Context, shop *models.Shop, resourceID string, ruleID *string) ([]*Explanation, error) {
	return nil, errors.New("not built yet")
}
