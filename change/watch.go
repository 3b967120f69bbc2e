package change

import (
	"context"

	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
)

// WatchOperation sends the operation as it is, and again whenever it has come on, until it has ended, ctx ends or the
// watcher falls behind. Then the channel is closed.
func (s *Service) WatchOperation(ctx context.Context, shop *models.Shop, id string) (<-chan *Operation, error) {
	if _, err := s.row(ctx, shop, id); err != nil {
		return nil, err
	}
	return live.Follow(ctx, s.Live, shop.ID, live.Message{Kind: Kind, ID: id},
		func(ctx context.Context) (*Operation, error) { return s.Get(ctx, shop, id) },
		func(op *Operation) bool { return op.Status.Ended() })
}
