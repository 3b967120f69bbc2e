package shops

import (
	"context"
	"errors"

	"github.com/tagtrail/tagtrail/models"
)

// KeyInput is an API key to make.
type KeyInput struct {
	Name   string
	Scopes []models.Scope
}

// Keys returns the shop's API keys, the newest first, also revoked ones.
func (s *Service) Keys(ctx context.Context, shop int64) ([]*models.APIKey, error) {
	return nil, errors.New("not built yet")
}

// CreateKey makes an API key and returns it with the key itself, which is not kept.
func (s *Service) CreateKey(ctx context.Context, shop *models.Shop, actor models.Actor, input KeyInput) (*models.APIKey, string, error) {
	return nil, "", errors.New("not built yet")
}

// RevokeKey ends an API key.
func (s *Service) RevokeKey(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*models.APIKey, error) {
	return nil, errors.New("not built yet")
}
