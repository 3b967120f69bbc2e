package export

import (
	"context"
	"errors"
	"fmt"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// List is a page of exports.
type List struct {
	Exports  []*Export
	Edges    []*Edge
	PageInfo *models.PageInfo
}

// Edge is an export and its cursor.
type Edge struct {
	Cursor string
	Node   *Export
}

func (s *Service) row(ctx context.Context, shop *models.Shop, id string) (*models.Export, error) {
	missing := fault.New(fault.NotFound, "This shop has no export with the id %s.", id)
	if _, ok := models.IDTime(id); !ok {
		return nil, missing
	}
	var row models.Export
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND id = ?", shop.ID, id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, fmt.Errorf("load export: %w", err)
	}
	return &row, nil
}

// Get returns one export of the shop, as it is for who asks.
func (s *Service) Get(ctx context.Context, shop *models.Shop, viewer models.Actor, id string) (*Export, error) {
	row, err := s.row(ctx, shop, id)
	if err != nil {
		return nil, err
	}
	return s.shown(shop, row, viewer), nil
}

// List returns a page of the shop's exports, the newest first.
func (s *Service) List(ctx context.Context, shop *models.Shop, viewer models.Actor, page models.Page) (*List, error) {
	scope := fmt.Sprintf("exports %d", shop.ID)
	window, err := page.Window(scope)
	if err != nil {
		return nil, err
	}
	query := s.DB.WithContext(ctx).Where("shop_id = ?", shop.ID)
	if window.From != nil {
		query = query.Where("(created_at, id) < (?, ?)", window.From.At, window.From.ID)
	}
	var rows []models.Export
	if err := query.Order("created_at DESC, id DESC").Limit(window.Limit + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	more := len(rows) > window.Limit
	rows = rows[:min(len(rows), window.Limit)]
	list := &List{
		Exports:  make([]*Export, len(rows)),
		Edges:    make([]*Edge, len(rows)),
		PageInfo: &models.PageInfo{HasNextPage: more, HasPreviousPage: window.From != nil},
	}
	for i := range rows {
		list.Exports[i] = s.shown(shop, &rows[i], viewer)
		list.Edges[i] = &Edge{Cursor: models.Position{At: rows[i].CreatedAt, ID: rows[i].ID}.Cursor(scope), Node: list.Exports[i]}
	}
	if n := len(list.Edges); n > 0 {
		list.PageInfo.StartCursor, list.PageInfo.EndCursor = &list.Edges[0].Cursor, &list.Edges[n-1].Cursor
	}
	return list, nil
}

// Watch sends the export as it is, and again whenever it has come on, until it has ended, ctx ends or the watcher falls
// behind. Then the channel is closed.
func (s *Service) Watch(ctx context.Context, shop *models.Shop, viewer models.Actor, id string) (<-chan *Export, error) {
	if _, err := s.row(ctx, shop, id); err != nil {
		return nil, err
	}
	return live.Follow(ctx, s.Live, shop.ID, live.Message{Kind: Kind, ID: id},
		func(ctx context.Context) (*Export, error) { return s.Get(ctx, shop, viewer, id) },
		func(e *Export) bool { return e.Status.Ended() })
}
