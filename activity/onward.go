package activity

import (
	"context"
	"fmt"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// CheckFilter says what is wrong with a filter, as List would.
func (s *Service) CheckFilter(ctx context.Context, shop *models.Shop, filter *Filter) error {
	_, err := s.understand(ctx, shop, filter)
	return err
}

// understand is resolve for a caller to whom a problem is an error.
func (s *Service) understand(ctx context.Context, shop *models.Shop, filter *Filter) (*Filter, error) {
	understood, problems, err := s.resolve(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	return understood, fault.Problems(problems)
}

// Matching returns those of the entries that the filter matches now, by their ids.
func (s *Service) Matching(ctx context.Context, shop *models.Shop, filter *Filter, ids []string) (map[string]*Entry, error) {
	understood, err := s.understand(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	pairs, args := pairsOf(ids)
	var rows []models.Activity
	query := s.DB.WithContext(ctx).Select(light).Where("shop_id = ?", shop.ID).Where(pairs, args...)
	if err := understood.apply(query).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load the entries that match: %w", err)
	}
	found := make(map[string]*Entry, len(rows))
	for _, e := range s.entries(rows) {
		found[e.ID] = e
	}
	return found, nil
}

// Onward returns up to so many of the entries that the filter matches, oldest first, from behind a position on. There
// are no more where it returns fewer.
func (s *Service) Onward(ctx context.Context, shop *models.Shop, filter *Filter, behind *models.Position, limit int) ([]*Entry, error) {
	understood, err := s.understand(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	rows, _, err := s.walk(ctx, shop.ID, understood, models.Window{Limit: limit, Reverse: true, From: behind})
	if err != nil {
		return nil, fmt.Errorf("read on in the log: %w", err)
	}
	return s.lines(rows), nil
}
