package activity

import (
	"context"
	"errors"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Watch sends the shop's entries that match the filter, as they are written or change, until ctx ends or the
// watcher falls behind. Then the channel is closed; who still watches begins again and reads.
func (s *Service) Watch(ctx context.Context, shop *models.Shop, filter *Filter) (<-chan *Entry, error) {
	if filter == nil {
		filter = &Filter{}
	}
	if err := filter.check(); err != nil {
		return nil, err
	}
	watch, err := s.Live.Watch(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	out := make(chan *Entry)
	go func() {
		defer close(out)
		defer watch.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case message, ok := <-watch.C:
				if !ok {
					return
				}
				if message.Kind != Kind {
					continue
				}
				entry, err := s.matching(ctx, shop.ID, filter, message.ID)
				if err != nil {
					return
				}
				if entry == nil {
					continue
				}
				select {
				case out <- entry:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// matching returns the entry if the filter matches it.
func (s *Service) matching(ctx context.Context, shop int64, filter *Filter, id string) (*Entry, error) {
	var row models.Activity
	err := filter.apply(s.DB.WithContext(ctx).Select(light).Scopes(byID(shop, id))).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load watched activity: %w", err)
	}
	return s.entries([]models.Activity{row})[0], nil
}
