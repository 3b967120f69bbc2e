package webhooks

import (
	"context"
	"errors"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// Resources finds records by name, number or id: those that webhooks told of, then by id those that only Shopify
// knows.
func (s *Service) Resources(ctx context.Context, shop *models.Shop, search string, kind *models.ResourceType, first int) ([]*activity.Resource, error) {
	return nil, errors.New("not built yet")
}
