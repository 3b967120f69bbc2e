package activity

import (
	"context"
	"errors"

	"github.com/tagtrail/tagtrail/models"
)

// ViewInput is a view to save.
type ViewInput struct {
	ID     *string
	Name   string
	Shared bool
	Filter Filter
}

// Views returns a person's own views and the shared ones, by name.
func (s *Service) Views(ctx context.Context, shop int64, actor models.Actor) ([]*models.SavedView, error) {
	return nil, errors.New("not built yet")
}

// SaveView saves a new view, or an own or shared one anew.
func (s *Service) SaveView(ctx context.Context, shop *models.Shop, actor models.Actor, input ViewInput) (*models.SavedView, error) {
	return nil, errors.New("not built yet")
}

// DeleteView deletes an own or a shared view.
func (s *Service) DeleteView(ctx context.Context, shop *models.Shop, actor models.Actor, id string) error {
	return errors.New("not built yet")
}
