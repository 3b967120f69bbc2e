package webhooks

import (
	"context"
	"errors"

	"github.com/tagtrail/tagtrail/models"
)

// SourceInput is a source to connect or to change.
type SourceInput struct {
	ID               *string
	Kind             models.SourceKind
	Name             string
	Secret           *string
	ToleranceSeconds int
}

// Sources returns the shop's sources, the newest first.
func (s *Service) Sources(ctx context.Context, shop int64) ([]*models.Source, error) {
	return nil, errors.New("not built yet")
}

// SourceURL returns where a source is to send its webhooks.
func (s *Service) SourceURL(source *models.Source) string { return "" }

// SaveSource connects a source, or changes one.
func (s *Service) SaveSource(ctx context.Context, shop *models.Shop, actor models.Actor, input SourceInput) (*models.Source, error) {
	return nil, errors.New("not built yet")
}

// DeleteSource disconnects a source.
func (s *Service) DeleteSource(ctx context.Context, shop *models.Shop, actor models.Actor, id string) error {
	return errors.New("not built yet")
}
