package change

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// Items returns a page of an operation's records, in the order of their ids.
func (o *Operation) Items(ctx context.Context, first *int, after *string, outcomes []models.SnapshotOutcome) (*ItemList, error) {
	limit := models.DefaultPage
	if first != nil {
		limit = *first
	}
	if limit < 1 || limit > models.MaxPage {
		return nil, fault.New(fault.Invalid, "first must be between 1 and %d.", models.MaxPage)
	}
	p := o.page
	query := p.s.DB.WithContext(ctx).Where("shop_id = ? AND cause_id = ? AND rule_id IS NULL", p.shop.ID, o.ID)
	if after != nil {
		if uuid.Validate(*after) != nil {
			return nil, fault.New(fault.Invalid, "after is not a cursor of ours. Use a cursor from an earlier page.")
		}
		query = query.Where("id > ?", *after)
	}
	if len(outcomes) > 0 {
		query = query.Where("outcome IN ?", outcomes)
	}
	var rows []models.Snapshot
	if err := query.Order("id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	list := &ItemList{PageInfo: &models.PageInfo{HasNextPage: len(rows) > limit, HasPreviousPage: after != nil}}
	rows = rows[:min(len(rows), limit)]
	list.Items, list.Edges = make([]*Item, len(rows)), make([]*ItemEdge, len(rows))
	for i := range rows {
		item, err := o.itemOf(&rows[i])
		if err != nil {
			return nil, err
		}
		list.Items[i] = item
		list.Edges[i] = &ItemEdge{Cursor: rows[i].ID, Node: item}
	}
	if n := len(list.Edges); n > 0 {
		list.PageInfo.StartCursor, list.PageInfo.EndCursor = &list.Edges[0].Cursor, &list.Edges[n-1].Cursor
	}
	return list, nil
}

func (o *Operation) itemOf(row *models.Snapshot) (*Item, error) {
	after := row.After
	if row.Outcome == models.SnapshotPending && o.Kind != models.Revert {
		after = planOf(&o.input, row.Before).after(row.Before)
	}
	if row.Outcome == models.SnapshotSkipped || row.Outcome == models.SnapshotFailed && untouched(row) {
		after = row.Before
	}
	item := &Item{
		ID:         row.ID,
		ResourceID: row.ResourceID,
		Title:      Named(row.ResourceType, row.ResourceTitle),
		URL:        o.page.s.Shops.RecordURL(o.page.shop, row.ResourceID),
		Outcome:    row.Outcome,
		Added:      listOf(row.Added),
		Removed:    listOf(row.Removed),
	}
	var err error
	if item.Before, err = encode(listOf(row.Before)); err != nil {
		return nil, err
	}
	if item.After, err = encode(listOf(after)); err != nil {
		return nil, err
	}
	if row.ErrorCode != nil && row.Outcome != models.SnapshotPending {
		item.Error = &activity.Failure{Code: *row.ErrorCode, Attempts: row.Attempts + 1}
		if row.ErrorMessage != nil {
			item.Error.Message = *row.ErrorMessage
		}
	}
	return item, nil
}

func listOf(tags models.Tags) []string {
	if tags == nil {
		return []string{}
	}
	return tags
}

// maxCauses is how many causes are told.
const maxCauses = 50

// Causes returns what went wrong with its items, the most frequent first.
func (o *Operation) Causes(ctx context.Context) ([]*Cause, error) {
	return o.page.s.causes(ctx, o.page.shop.ID, o.ID)
}

func (s *Service) causes(ctx context.Context, shop int64, id string) ([]*Cause, error) {
	var rows []*Cause
	err := s.DB.WithContext(ctx).Model(&models.Snapshot{}).
		Select("error_code AS code, MIN(error_message) AS message, COUNT(*) AS count").
		Where("shop_id = ? AND cause_id = ? AND error_code IS NOT NULL", shop, id).
		Where("outcome IN ?", []models.SnapshotOutcome{models.SnapshotFailed, models.SnapshotSkipped, models.SnapshotConflict}).
		Group("error_code").Limit(maxCauses).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("group failed items: %w", err)
	}
	slices.SortFunc(rows, func(a, b *Cause) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code)) })
	if rows == nil {
		rows = []*Cause{}
	}
	return rows, nil
}
