package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// operations are operations that were read together: each kind of thing that they refer to is read once for all.
type operations struct {
	s    *Service
	shop *models.Shop
	list []*Operation

	entries  lookup[*activity.Entry]
	refusals lookup[*fault.Problem]
	reverts  lookup[[]*Operation]
	reverted lookup[*Operation]
}

// lookup is a set of things that is read when the first of them is asked for.
type lookup[V any] struct {
	once sync.Once
	all  map[string]V
	err  error
}

func (l *lookup[V]) get(id string, load func() (map[string]V, error)) (V, error) {
	l.once.Do(func() { l.all, l.err = load() })
	return l.all[id], l.err
}

// together makes operations of rows that were read together.
func (s *Service) together(shop *models.Shop, rows []models.Operation) ([]*Operation, error) {
	p := &operations{s: s, shop: shop, list: make([]*Operation, len(rows))}
	for i := range rows {
		o := &Operation{Operation: rows[i], page: p}
		if err := json.Unmarshal(o.Input, &o.input); err != nil {
			return nil, fmt.Errorf("read input of operation: %w", err)
		}
		p.list[i] = o
	}
	return p.list, nil
}

func (p *operations) ids() []string {
	ids := make([]string, len(p.list))
	for i, o := range p.list {
		ids[i] = o.ID
	}
	return ids
}

// row returns an operation's row, without the file.
func (s *Service) row(ctx context.Context, shop *models.Shop, id string) (*models.Operation, error) {
	missing := fault.New(fault.NotFound, "This shop has no operation with the id %s.", id)
	if _, ok := models.IDTime(id); !ok {
		return nil, missing
	}
	var row models.Operation
	err := s.DB.WithContext(ctx).Omit("file").Where("shop_id = ? AND id = ?", shop.ID, id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, fmt.Errorf("load operation: %w", err)
	}
	return &row, nil
}

// Get returns one operation of the shop.
func (s *Service) Get(ctx context.Context, shop *models.Shop, id string) (*Operation, error) {
	row, err := s.row(ctx, shop, id)
	if err != nil {
		return nil, err
	}
	list, err := s.together(shop, []models.Operation{*row})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// List returns a page of the shop's operations, the newest first.
func (s *Service) List(ctx context.Context, shop *models.Shop, filter *OperationFilter, page models.Page) (*OperationList, error) {
	if filter == nil {
		filter = &OperationFilter{}
	}
	scope := fmt.Sprintf("operations %d %v %v", shop.ID, filter.Kinds, filter.Statuses)
	window, err := page.Window(scope)
	if err != nil {
		return nil, err
	}
	query := s.DB.WithContext(ctx).Omit("file").Where("shop_id = ?", shop.ID)
	if len(filter.Kinds) > 0 {
		query = query.Where("kind IN ?", filter.Kinds)
	}
	if len(filter.Statuses) > 0 {
		query = query.Where("status IN ?", filter.Statuses)
	}
	if window.From != nil {
		query = query.Where("(created_at, id) < (?, ?)", window.From.At, window.From.ID)
	}
	var rows []models.Operation
	if err := query.Order("created_at DESC, id DESC").Limit(window.Limit + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list operations: %w", err)
	}
	more := len(rows) > window.Limit
	rows = rows[:min(len(rows), window.Limit)]
	list := &OperationList{
		Edges:    make([]*OperationEdge, len(rows)),
		PageInfo: &models.PageInfo{HasNextPage: more, HasPreviousPage: window.From != nil},
	}
	if list.Operations, err = s.together(shop, rows); err != nil {
		return nil, err
	}
	for i, o := range list.Operations {
		list.Edges[i] = &OperationEdge{Cursor: models.Position{At: o.CreatedAt, ID: o.ID}.Cursor(scope), Node: o}
	}
	if n := len(list.Edges); n > 0 {
		list.PageInfo.StartCursor, list.PageInfo.EndCursor = &list.Edges[0].Cursor, &list.Edges[n-1].Cursor
	}
	return list, nil
}

// Title says what it does, in a line.
func (o *Operation) Title() string { return o.Label }

// Tags are the tags that it is about.
func (o *Operation) Tags() []string {
	tags := models.Tags{}
	for _, tag := range o.input.Tags {
		tags = append(tags, tag)
	}
	for _, c := range o.input.Clean {
		tags = append(tags, c.Tags...)
	}
	return tags
}

// ReplaceWith is what replaces them.
func (o *Operation) ReplaceWith() *string { return o.input.ReplaceWith }

// Note is what its starter wrote about it.
func (o *Operation) Note() *string { return o.input.Note }

// Selected says which records, in words.
func (o *Operation) Selected() string { return o.Chosen }

// Progress returns how far it has come.
func (o *Operation) Progress() *Progress {
	p := &Progress{
		Total:      o.Total,
		Pending:    o.Pending,
		Succeeded:  o.Succeeded,
		Unchanged:  o.Unchanged,
		Failed:     o.Failed,
		Skipped:    o.Skipped,
		Conflicts:  o.Conflicts,
		WaitingFor: o.WaitingFor,
	}
	since, until, done := o.PaceFrom, models.Now(), o.Done()-o.PaceDone
	if o.FinishedAt != nil {
		since, until, done = o.StartedAt, *o.FinishedAt, o.Done()
	}
	if since == nil {
		return p
	}
	if seconds := until.Sub(*since).Seconds(); seconds > 0.001 && done > 0 {
		p.PerSecond = float64(done) / seconds
	}
	if o.Status == models.OperationRunning && p.PerSecond > 0 {
		left := int(float64(o.Pending)/p.PerSecond + 0.999)
		p.SecondsLeft = &left
	}
	return p
}

// Activity returns its entry, or what it would say where it has left the log.
func (o *Operation) Activity(ctx context.Context) (*activity.Entry, error) {
	p := o.page
	entry, err := p.entries.get(o.ID, func() (map[string]*activity.Entry, error) {
		return p.s.Activity.ByIDs(ctx, p.shop.ID, p.ids())
	})
	if err != nil || entry != nil {
		return entry, err
	}
	row, err := entryOfOperation(&o.Operation)
	if err != nil {
		return nil, err
	}
	row.RetentionClass = p.shop.ClassAt(row.OccurredAt)
	row.UpdatedAt, row.ErrorCode, row.ErrorMessage = o.CreatedAt, o.ErrorCode, o.ErrorMessage
	row.Status = statusOf(o.Status)
	return p.s.Activity.Unkept(row), nil
}

// statusOf is the status of an operation's entry.
func statusOf(status models.OperationStatus) models.ActivityStatus {
	switch status {
	case models.OperationQueued:
		return models.Pending
	case models.OperationCompleted:
		return models.Success
	case models.OperationWarned, models.OperationCancelled:
		return models.Warning
	case models.OperationFailed:
		return models.Failed
	default:
		return models.InProgress
	}
}

// RevertOf returns the operation that it takes back.
func (o *Operation) RevertOf(ctx context.Context) (*Operation, error) {
	p := o.page
	if o.Operation.RevertOf == nil {
		return nil, nil
	}
	return p.reverted.get(*o.Operation.RevertOf, func() (map[string]*Operation, error) {
		var ids []string
		for _, other := range p.list {
			if other.Operation.RevertOf != nil {
				ids = append(ids, *other.Operation.RevertOf)
			}
		}
		found, err := p.s.operationsWhere(ctx, p.shop, "id IN ?", ids)
		if err != nil {
			return nil, err
		}
		byID := map[string]*Operation{}
		for _, other := range found {
			byID[other.ID] = other
		}
		return byID, nil
	})
}

// RevertedBy returns the reverts of it.
func (o *Operation) RevertedBy(ctx context.Context) ([]*Operation, error) {
	p := o.page
	reverts, err := p.reverts.get(o.ID, func() (map[string][]*Operation, error) {
		found, err := p.s.operationsWhere(ctx, p.shop, "revert_of IN ?", p.ids())
		if err != nil {
			return nil, err
		}
		of := map[string][]*Operation{}
		for _, other := range found {
			of[*other.Operation.RevertOf] = append(of[*other.Operation.RevertOf], other)
		}
		return of, nil
	})
	if reverts == nil {
		reverts = []*Operation{}
	}
	return reverts, err
}

// operationsWhere returns operations, the oldest first.
func (s *Service) operationsWhere(ctx context.Context, shop *models.Shop, where string, args ...any) ([]*Operation, error) {
	var rows []models.Operation
	err := s.DB.WithContext(ctx).Omit("file").Where("shop_id = ?", shop.ID).Where(where, args...).Order("created_at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load operations: %w", err)
	}
	return s.together(shop, rows)
}

// Cancellable reports whether it can be stopped.
func (o *Operation) Cancellable() bool { return cancellable(o.Status) }

func cancellable(status models.OperationStatus) bool {
	return !status.Ended() && status != models.OperationCancelling
}

// Retryable reports whether what failed can be tried again.
func (o *Operation) Retryable() bool { return toRetry(&o.Operation) > 0 }

// toRetry is how many items can be tried again.
func toRetry(o *models.Operation) int {
	if !o.Status.Ended() || o.Kind == models.TagScan {
		return 0
	}
	if o.Status == models.OperationCancelled {
		return o.Failed + o.Skipped
	}
	return o.Failed
}

// Error returns why it failed as a whole.
func (o *Operation) Error() *activity.Failure {
	if o.ErrorCode == nil || o.Status != models.OperationFailed {
		return nil
	}
	f := &activity.Failure{Code: *o.ErrorCode, Attempts: o.Attempts + 1}
	if o.ErrorMessage != nil {
		f.Message = *o.ErrorMessage
	}
	return f
}

// Revertible reports whether it can be taken back.
func (o *Operation) Revertible(ctx context.Context) (bool, error) {
	refusal, err := o.refusal(ctx)
	return err == nil && refusal == nil, err
}

// NotRevertible says why it cannot be taken back.
func (o *Operation) NotRevertible(ctx context.Context) (*string, error) {
	refusal, err := o.refusal(ctx)
	if err != nil || refusal == nil {
		return nil, err
	}
	return &refusal.Message, nil
}

func (o *Operation) refusal(ctx context.Context) (*fault.Problem, error) {
	p := o.page
	refusal, err := p.refusals.get(o.ID, func() (map[string]*fault.Problem, error) {
		rows := make([]*models.Operation, len(p.list))
		for i, other := range p.list {
			rows[i] = &other.Operation
		}
		return p.s.refusals(ctx, p.shop, rows)
	})
	if err != nil || refusal != nil {
		return refusal, err
	}
	return planProblem(p.shop), nil
}

// linkLife is how long the link to a file is good.
const linkLife = time.Hour

// FailedItemsURL is where the failed items can be had as a file, for an hour.
func (o *Operation) FailedItemsURL() *string {
	if o.Failed+o.Skipped+o.Conflicts == 0 || o.page.s.FileKey == nil {
		return nil
	}
	url := o.page.s.failedLink(o.ShopID, o.ID, time.Now().Add(linkLife))
	return &url
}
