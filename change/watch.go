package change

import (
	"context"

	"github.com/tagtrail/tagtrail/models"
)

// WatchOperation sends the operation as it is, and again whenever it has come on, until it has ended, ctx ends or the
// watcher falls behind. Then the channel is closed.
func (s *Service) WatchOperation(ctx context.Context, shop *models.Shop, id string) (<-chan *Operation, error) {
	if _, err := s.row(ctx, shop, id); err != nil {
		return nil, err
	}
	watch, err := s.Live.Watch(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	out := make(chan *Operation)
	go func() {
		defer close(out)
		defer watch.Stop()
		for {
			op, err := s.Get(ctx, shop, id)
			if err != nil {
				return // who still watches begins again and hears why
			}
			select {
			case out <- op:
			case <-ctx.Done():
				return
			}
			if op.Status.Ended() {
				return
			}
			for told := false; !told; {
				select {
				case <-ctx.Done():
					return
				case message, ok := <-watch.C:
					if !ok {
						return
					}
					told = message.Kind == Kind && message.ID == id
				}
			}
		}
	}()
	return out, nil
}
