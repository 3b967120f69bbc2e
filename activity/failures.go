package activity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// maxFailures is how many of the newest failures are grouped: a page needs no more, and they are read one by one.
const maxFailures = 10_000

// FailureGroup is failures that have one cause.
type FailureGroup struct {
	Code      string
	Message   string
	Count     int
	Retryable int
	LatestAt  time.Time
	Latest    *Entry
}

// Failures groups the newest failures that match the filter by their cause, the most frequent first. A warning counts
// where it can be retried.
func (s *Service) Failures(ctx context.Context, shop *models.Shop, filter *Filter) ([]*FailureGroup, error) {
	groups := []*FailureGroup{}
	byCode := map[string]*FailureGroup{}
	var after *string
	for read := 0; read < maxFailures; {
		page, err := s.failed(ctx, shop, filter, models.MaxPage, after)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			retryable := e.Retryable()
			if e.ErrorCode == nil || e.Status == models.Warning && !retryable {
				continue
			}
			group := byCode[*e.ErrorCode]
			if group == nil {
				group = newGroup(e)
				byCode[*e.ErrorCode] = group
				groups = append(groups, group)
			}
			group.Count++
			if retryable {
				group.Retryable++
			}
		}
		if read += len(page.Entries); !page.HasNextPage {
			break
		}
		after = page.PageInfo().EndCursor
	}
	slices.SortStableFunc(groups, func(a, b *FailureGroup) int { return cmp.Compare(b.Count, a.Count) })
	return groups, nil
}

// newGroup returns the group of the newest failure of its cause.
func newGroup(e *Entry) *FailureGroup {
	group := &FailureGroup{Code: *e.ErrorCode, Message: Advice(*e.ErrorCode), LatestAt: e.OccurredAt, Latest: e}
	if group.Message == "" && e.ErrorMessage != nil {
		group.Message = *e.ErrorMessage
	}
	return group
}

// failed returns a page of failures and warnings, the newest first. What is wrong with the filter is a fault.
func (s *Service) failed(ctx context.Context, shop *models.Shop, filter *Filter, first int, after *string) (*List, error) {
	narrowed := Filter{}
	if filter != nil {
		narrowed = *filter
	}
	unwanted := func(status models.ActivityStatus) bool { return status != models.Failed && status != models.Warning }
	if len(narrowed.Statuses) == 0 {
		narrowed.Statuses = []models.ActivityStatus{models.Failed, models.Warning}
	} else if narrowed.Statuses = slices.DeleteFunc(slices.Clone(narrowed.Statuses), unwanted); len(narrowed.Statuses) == 0 {
		return &List{}, nil
	}
	page, err := s.List(ctx, shop, &narrowed, models.Page{First: &first, After: after})
	if err != nil {
		return nil, err
	}
	if len(page.Problems) > 0 {
		return nil, fault.Problems(page.Problems)
	}
	return page, nil
}

// FailedPage is a part of the failures of one cause.
type FailedPage struct {
	Entries []*Entry
	// Next is where to go on, or nil at the end.
	Next *string
}

// Failed looks at the next failures that match the filter, at most as many as first, and returns those of one cause
// that can be retried.
func (s *Service) Failed(ctx context.Context, shop *models.Shop, filter *Filter, code string, first int, after *string) (*FailedPage, error) {
	page, err := s.failed(ctx, shop, filter, first, after)
	if err != nil {
		return nil, err
	}
	part := &FailedPage{}
	for _, e := range page.Entries {
		if e.ErrorCode != nil && *e.ErrorCode == code && e.Retryable() {
			part.Entries = append(part.Entries, e)
		}
	}
	if page.HasNextPage {
		part.Next = page.PageInfo().EndCursor
	}
	return part, nil
}

// CountByStatus counts which status the entries with these ids have.
func (s *Service) CountByStatus(ctx context.Context, shop int64, ids []string) (map[models.ActivityStatus]int, error) {
	p := &page{db: s.DB, shop: shop}
	rows, err := p.byIDs(ctx, ids, "id", "status")
	if err != nil {
		return nil, fmt.Errorf("count activities by status: %w", err)
	}
	counts := map[models.ActivityStatus]int{}
	for _, row := range rows {
		counts[row.Status]++
	}
	return counts, nil
}
