package activity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Watch sends the shop's entries that match the filter, as they are written or change, until ctx ends or the
// watcher falls behind. Then the channel is closed; who still watches begins again and reads.
func (s *Service) Watch(ctx context.Context, shop *models.Shop, filter *Filter) (<-chan *Entry, error) {
	sought := &sought{s: s, shop: shop, filter: filter}
	if err := sought.refresh(ctx); err != nil {
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
				entry, err := sought.entry(ctx, message.ID)
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

// resolveEvery is how long a watcher goes on with what its search came to: a rule or a record may get the name that is
// looked for meanwhile.
const resolveEvery = 10 * time.Second

// sought is what a watcher looks for.
type sought struct {
	s          *Service
	shop       *models.Shop
	filter     *Filter
	understood *Filter
	at         time.Time
}

// refresh understands the search, again where that is some time ago.
func (w *sought) refresh(ctx context.Context) error {
	if w.understood != nil && (w.filter == nil || w.filter.Search == nil || time.Since(w.at) < resolveEvery) {
		return nil
	}
	understood, problems, err := w.s.resolve(ctx, w.shop, w.filter)
	if err != nil {
		return err
	}
	if err := fault.Problems(problems); err != nil {
		return err
	}
	w.understood, w.at = understood, time.Now()
	return nil
}

// entry returns the entry if the filter matches it.
func (w *sought) entry(ctx context.Context, id string) (*Entry, error) {
	if err := w.refresh(ctx); err != nil {
		return nil, err
	}
	var row models.Activity
	err := w.understood.apply(w.s.DB.WithContext(ctx).Select(light).Scopes(byID(w.shop.ID, id))).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load watched activity: %w", err)
	}
	return w.s.entries([]models.Activity{row})[0], nil
}
