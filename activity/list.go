package activity

import (
	"context"
	"errors"
	"fmt"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// CountCap is where counting stops: a page needs no more, and a full count of millions takes seconds.
const CountCap = 10_000

// line is what a line of the log shows: every column but those that only one entry is looked at for. The others are read
// when they are asked for.
var line = []string{
	"id", "shop_id", "retention_class", "occurred_at", "updated_at", "type", "action", "categories", "status",
	"summary", "actor_type", "actor_id", "actor_name", "entity_type", "entity_id", "entity_title", "entity_url",
	"rule_id", "rule_version", "cause_id", "operation_id", "metadata", "error_code", "error_message", "attempts",
}

// light is every column but the ones that may be large.
var light = append([]string{"changes", "history"}, line...)

// List is a page of entries.
type List struct {
	Entries         []*Entry
	HasNextPage     bool
	HasPreviousPage bool
	// Problems is what was wrong with the filter; there are no entries then.
	Problems []fault.Problem

	scope  string
	filter *Filter
	shop   int64
	s      *Service
}

// Cursor returns the cursor of one of the list's entries.
func (l *List) Cursor(e *Entry) string {
	return models.Position{At: e.OccurredAt, ID: e.ID}.Cursor(l.scope)
}

// Edge is an entry and its cursor.
type Edge struct {
	Cursor string
	Node   *Entry
}

// Edges returns the entries with their cursors.
func (l *List) Edges() []*Edge {
	edges := make([]*Edge, len(l.Entries))
	for i, e := range l.Entries {
		edges[i] = &Edge{Cursor: l.Cursor(e), Node: e}
	}
	return edges
}

// PageInfo returns where the page stands.
func (l *List) PageInfo() *models.PageInfo {
	info := &models.PageInfo{HasNextPage: l.HasNextPage, HasPreviousPage: l.HasPreviousPage}
	if n := len(l.Entries); n > 0 {
		start, end := l.Cursor(l.Entries[0]), l.Cursor(l.Entries[n-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// List returns a page of the shop's entries, newest first. What is wrong with the filter's search is in the list's
// Problems.
func (s *Service) List(ctx context.Context, shop *models.Shop, filter *Filter, page models.Page) (*List, error) {
	if filter == nil {
		filter = &Filter{}
	}
	understood, problems, err := s.resolve(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return &List{Entries: []*Entry{}, Problems: problems}, nil
	}
	scope, err := filter.scope(shop.ID, page.Reverse)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, shop.ID, understood, page, scope)
}

// list reads a page of what a filter matches whose search is understood.
func (s *Service) list(ctx context.Context, shop int64, filter *Filter, page models.Page, scope string) (*List, error) {
	window, err := page.Window(scope)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.walk(ctx, shop, filter, window)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	list := &List{Entries: s.lines(rows), scope: scope, filter: filter, shop: shop, s: s}
	if window.Backward {
		list.HasPreviousPage, list.HasNextPage = more, window.From != nil
	} else {
		list.HasNextPage, list.HasPreviousPage = more, window.From != nil
	}
	return list, nil
}

// Count is how many entries there are, at most CountCap.
type Count struct {
	Count  int
	Capped bool
}

// Count counts what the list's filter matches, whatever the page.
func (l *List) Count(ctx context.Context) (*Count, error) {
	if len(l.Problems) > 0 {
		return &Count{}, nil
	}
	count, known, err := l.s.counted(ctx, l.shop, l.filter)
	if err != nil {
		return nil, fmt.Errorf("count activities: %w", err)
	}
	if !known {
		err = models.InSnapshot(ctx, l.s.DB, func(tx *gorm.DB) error {
			walker, paths, err := l.s.prepare(tx, l.shop, l.filter, CountCap+1)
			if err != nil {
				return err
			}
			n, err := walker.count(paths)
			count = int64(n)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("count activities: %w", err)
		}
	}
	return &Count{Count: int(min(count, CountCap)), Capped: count > CountCap}, nil
}

// Exact counts what the list's filter matches without an upper bound, where the counts can tell.
func (l *List) Exact(ctx context.Context) (count int64, known bool, err error) {
	if len(l.Problems) > 0 {
		return 0, true, nil
	}
	return l.s.counted(ctx, l.shop, l.filter)
}

// Get returns one entry of the shop.
func (s *Service) Get(ctx context.Context, shop int64, id string) (*Entry, error) {
	var row models.Activity
	err := s.DB.WithContext(ctx).Scopes(byID(shop, id)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fault.New(fault.NotFound, "This shop has no activity with the id %s.", id)
	}
	if err != nil {
		return nil, fmt.Errorf("load activity: %w", err)
	}
	return s.entries([]models.Activity{row})[0], nil
}

// Effects returns what the entry led to, oldest first.
func (s *Service) Effects(ctx context.Context, e *Entry, page models.Page) (*List, error) {
	page.Reverse = true
	filter := &Filter{causeID: e.ID, From: &e.OccurredAt}
	scope, err := filter.scope(e.ShopID, page.Reverse)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, e.ShopID, filter, page, scope)
}
