package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// CountCap is where counting stops: a page needs no more, and a full count of millions takes seconds.
const CountCap = 10_000

// Filter narrows the log. Every field that is set must hold; an empty list is no narrowing.
type Filter struct {
	Categories  []models.ActivityCategory `json:",omitempty"`
	Types       []models.ActivityType     `json:",omitempty"`
	Statuses    []models.ActivityStatus   `json:",omitempty"`
	Actions     []string                  `json:",omitempty"`
	ActorIDs    []string                  `json:",omitempty"`
	EntityTypes []string                  `json:",omitempty"`
	EntityID    *string                   `json:",omitempty"`
	RuleID      *string                   `json:",omitempty"`
	OperationID *string                   `json:",omitempty"`
	// From and To are half-open: From <= occurredAt < To.
	From *time.Time `json:",omitempty"`
	To   *time.Time `json:",omitempty"`
	// Search is words and qualifiers; search.go has the grammar.
	Search *string `json:",omitempty"`

	causeID string
}

// apply narrows a query on activities.
func (f *Filter) apply(db *gorm.DB) *gorm.DB {
	if bits := bitsOf(f.Categories); bits != 0 {
		// The number is written out, not passed: only so does Postgres see that the tab's own index fits.
		db = db.Where("categories & " + strconv.Itoa(int(bits)) + " <> 0")
	}
	db = in(db, "type", f.Types)
	db = in(db, "status", f.Statuses)
	db = in(db, "action", f.Actions)
	db = in(db, "actor_id", f.ActorIDs)
	db = in(db, "entity_type", f.EntityTypes)
	if f.EntityID != nil {
		db = db.Where("entity_id = ?", *f.EntityID)
	}
	if f.RuleID != nil {
		db = db.Where("rule_id = ?", *f.RuleID)
	}
	if f.causeID != "" {
		db = db.Where("cause_id = ?", f.causeID)
	}
	if f.From != nil {
		db = db.Where("occurred_at >= ?", f.From.UTC())
	}
	if f.To != nil {
		db = db.Where("occurred_at < ?", f.To.UTC())
	}
	return db
}

func in[T ~string](db *gorm.DB, column string, values []T) *gorm.DB {
	if len(values) == 0 {
		return db
	}
	return db.Where(column+" IN ?", values)
}

// check refuses a filter that cannot match for a reason that the caller should hear.
func (f *Filter) check() error {
	if f.From != nil && f.To != nil && !f.From.Before(*f.To) {
		return fault.New(fault.Invalid, "The end of the date range must be after its start.")
	}
	texts := slices.Concat(f.Actions, f.ActorIDs, f.EntityTypes)
	if f.EntityID != nil {
		texts = append(texts, *f.EntityID)
	}
	if slices.ContainsFunc(texts, func(text string) bool { return strings.ContainsRune(text, 0) }) {
		return fault.New(fault.Invalid, "The filter has a zero byte in it, which no entry can have.")
	}
	if f.RuleID != nil {
		if _, ok := models.IDTime(*f.RuleID); !ok {
			return fault.New(fault.Invalid, "ruleId %q is not the id of a rule.", *f.RuleID)
		}
	}
	return nil
}

// scope names the list, so that a cursor of another one is refused.
func (f *Filter) scope(shop int64, reverse bool) (string, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("encode filter: %w", err)
	}
	return fmt.Sprintf("activities %d %v %s %s", shop, reverse, f.causeID, raw), nil
}

// light is every column but the ones that may be large; those are read when they are asked for.
var light = []string{
	"id", "shop_id", "retention_class", "occurred_at", "updated_at", "type", "action", "categories", "status",
	"summary", "actor_type", "actor_id", "actor_name", "entity_type", "entity_id", "entity_title", "entity_url",
	"rule_id", "rule_version", "cause_id", "operation_id", "changes", "history", "metadata", "error_code", "error_message", "attempts",
}

// List is a page of entries.
type List struct {
	Entries         []*Entry
	HasNextPage     bool
	HasPreviousPage bool
	// Problems is what was wrong with the filter; there are no entries then.
	Problems []fault.Problem

	scope  string
	filter Filter
	shop   int64
	db     *gorm.DB
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

// List returns a page of the shop's entries, newest first.
func (s *Service) List(ctx context.Context, shop *models.Shop, filter *Filter, page models.Page) (*List, error) {
	return s.list(ctx, shop.ID, filter, page)
}

func (s *Service) list(ctx context.Context, shop int64, filter *Filter, page models.Page) (*List, error) {
	if filter == nil {
		filter = &Filter{}
	}
	if err := filter.check(); err != nil {
		return nil, err
	}
	scope, err := filter.scope(shop, page.Reverse)
	if err != nil {
		return nil, err
	}
	window, err := page.Window(scope)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.walk(ctx, shop, filter, window)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	list := &List{Entries: s.entries(rows), scope: scope, filter: *filter, shop: shop, db: s.DB}
	if window.Backward {
		list.HasPreviousPage, list.HasNextPage = more, window.From != nil
	} else {
		list.HasNextPage, list.HasPreviousPage = more, window.From != nil
	}
	return list, nil
}

// walk reads one window: a row comparison on the index, one row more than asked for to know whether there are more.
func (s *Service) walk(ctx context.Context, shop int64, f *Filter, w models.Window) ([]models.Activity, bool, error) {
	descending := w.Backward == w.Reverse
	query := f.apply(s.DB.WithContext(ctx).Select(light).Where("shop_id = ?", shop))
	if descending {
		if w.From != nil {
			// The second condition says nothing new; it lets Postgres leave out partitions.
			query = query.Where("(occurred_at, id) < (?, ?) AND occurred_at <= ?", w.From.At, w.From.ID, w.From.At)
		}
		query = query.Order("occurred_at DESC, id DESC")
	} else {
		if w.From != nil {
			query = query.Where("(occurred_at, id) > (?, ?) AND occurred_at >= ?", w.From.At, w.From.ID, w.From.At)
		}
		query = query.Order("occurred_at, id")
	}
	var rows []models.Activity
	if err := query.Limit(w.Limit + 1).Find(&rows).Error; err != nil {
		return nil, false, err
	}
	more := len(rows) > w.Limit
	if more {
		rows = rows[:w.Limit]
	}
	if w.Backward {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// Count is how many entries there are, at most CountCap.
type Count struct {
	Count  int
	Capped bool
}

// Count counts what the list's filter matches, whatever the page.
func (l *List) Count(ctx context.Context) (*Count, error) {
	matching := l.filter.apply(l.db.Model(&models.Activity{}).Select("1").Where("shop_id = ?", l.shop)).Limit(CountCap + 1)
	var count int64
	if err := l.db.WithContext(ctx).Table("(?) AS matching", matching).Count(&count).Error; err != nil {
		return nil, fmt.Errorf("count activities: %w", err)
	}
	return &Count{Count: min(int(count), CountCap), Capped: count > CountCap}, nil
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
	return s.list(ctx, e.ShopID, &Filter{causeID: e.ID, From: &e.OccurredAt}, page)
}
