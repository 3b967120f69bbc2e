package activity

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// walker reads one window of the entries that match a filter.
type walker struct {
	tx         *gorm.DB
	shop       int64
	filter     *Filter
	catalog    *catalog
	columns    []string
	descending bool
	from       *models.Position
	// n is how many entries are wanted.
	n int
	// counting says that no order is wanted, and nothing of the entries but that they are there.
	counting bool
	// begin and end bound the time, half-open; zero is no bound.
	begin, end time.Time
	// looked is how many of the newest entries match that a walk has looked through; nil where none has.
	looked *int
}

// span is a piece of the range in time, half-open; a zero time is no bound.
type span struct{ begin, end time.Time }

// walk reads a page in the window's order, and whether there is more behind it.
func (s *Service) walk(ctx context.Context, shop int64, f *Filter, w models.Window) ([]models.Activity, bool, error) {
	var rows []models.Activity
	err := models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		walker, paths, err := s.prepare(tx, shop, f, w.Limit+1)
		if err != nil {
			return err
		}
		walker.columns = line
		walker.descending, walker.from = w.Backward == w.Reverse, w.From
		rows, err = walker.page(paths)
		return err
	})
	if err != nil {
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

// prepare reads the counts and plans from them. The snapshot that tx sees has to last until the entries are read: then
// what the counts do not know of is not there.
func (s *Service) prepare(tx *gorm.DB, shop int64, f *Filter, n int) (*walker, []path, error) {
	w := &walker{tx: tx, shop: shop, filter: f, n: n, descending: true}
	if f.found.nothing {
		return w, nil, nil
	}
	known, err := s.readCatalog(tx, shop, f)
	if err != nil {
		return nil, nil, err
	}
	if known.entries == 0 {
		return w, nil, nil
	}
	w.catalog = known
	w.begin, w.end = known.oldest, known.newest
	if f.From != nil && f.From.After(w.begin) {
		w.begin = f.From.UTC()
	}
	if f.To != nil && (w.end.IsZero() || f.To.Before(w.end)) {
		w.end = f.To.UTC()
	}
	paths := plan(f, known, n)
	if s.path != nil {
		paths = s.path(f, known, paths)
	}
	return w, paths, nil
}

// page reads the entries along the first path that finds them all.
func (w *walker) page(paths []path) ([]models.Activity, error) {
	for _, p := range paths {
		p, err := w.settle(p)
		if err != nil {
			return nil, err
		}
		rows := []models.Activity{}
		err = w.follow(p, func(at span, wanted int) (int, error) {
			sql, args := w.statement(p, at, wanted)
			var more []models.Activity
			if err := w.tx.Raw(sql, args...).Scan(&more).Error; err != nil {
				return 0, fmt.Errorf("walk by %s: %w", p.way, err)
			}
			rows = append(rows, more...)
			return len(more), nil
		})
		if err != nil {
			return nil, err
		}
		if p.budget == 0 || len(rows) >= w.n {
			return rows, nil
		}
		if p.budget == probed {
			found := len(rows)
			w.looked = &found
		}
	}
	return nil, nil
}

// count counts the entries, n at most.
func (w *walker) count(paths []path) (int, error) {
	w.columns = []string{"occurred_at", "id"}
	for _, p := range paths {
		if p.budget > 0 {
			continue // to count what a page would show tells nothing of the rest
		}
		p, err := w.settle(p)
		if err != nil {
			return 0, err
		}
		// In order of time the entries lie beside each other. Where an index alone can tell, no order is better.
		w.counting = len(equals[p.way]) > 0
		found := 0
		err = w.follow(p, func(at span, wanted int) (int, error) {
			sql, args := w.statement(p, at, wanted)
			var more int
			err := w.tx.Raw("SELECT count(*) FROM ("+sql+") AS matching", args...).Scan(&more).Error
			if err != nil {
				return 0, fmt.Errorf("count by %s: %w", p.way, err)
			}
			found += more
			return more, nil
		})
		if err != nil {
			return 0, err
		}
		return found, nil
	}
	return 0, nil
}

// settle decides what only the entries can tell of a path by words.
func (w *walker) settle(p path) (path, error) {
	if p.way != byWords || p.others == nil {
		return p, nil
	}
	if !models.IsPostgres(w.tx) {
		return w.settleSQLite(p)
	}
	holding, matching, err := w.probe()
	if err != nil {
		return p, err
	}
	p = p.choose(w.catalog, w.n, holding, matching)
	if p.way != byWords {
		return p, nil
	}
	// An index of words has bitmaps and no order.
	err = w.tx.Exec("SELECT set_config('enable_bitmapscan', 'on', true), set_config('enable_sort', 'on', true)").Error
	if err != nil {
		return p, fmt.Errorf("let bitmaps be used: %w", err)
	}
	return p, nil
}

// probe looks the newest entries through: how many hold the words, and how many match the filter.
func (w *walker) probe() (holding, matching int, err error) {
	words, filter := &conditions{}, w.filter.where(true, byWords)
	if w.looked != nil && len(filter.sql) == len(w.filter.found.words) {
		return *w.looked, *w.looked, nil // nothing but words is asked for, and they were looked for already
	}
	at, _, _ := w.split(w.cut(), w.width(path{likely: w.catalog.entries, n: probed}))
	latest := w.bounds(at, "activities", "id")
	for _, word := range w.filter.found.words {
		words.and("activities.summary ILIKE ?", pattern(word))
	}
	sql := "SELECT count(*) FILTER (WHERE " + words.String() + ") AS holding, count(*) FILTER (WHERE " + filter.String() +
		") AS matching FROM (SELECT " + qualified(line) + " FROM activities WHERE " + latest.String() + w.order("activities", "id") +
		limit(probed) + ") AS activities"
	var counts struct{ Holding, Matching int }
	err = w.tx.Raw(sql, slices.Concat(words.args, filter.args, latest.args)...).Scan(&counts).Error
	if err != nil {
		return 0, 0, fmt.Errorf("probe for the words: %w", err)
	}
	return counts.Holding, counts.Matching, nil
}

// follow reads the range in spans, the one where the page is likely found first and each four times as long as the one
// before it, until there are enough entries. On Postgres a short span is a few partitions to plan over; SQLite has
// none. read returns how many it found.
func (w *walker) follow(p path, read func(at span, wanted int) (int, error)) error {
	left := w.cut()
	wanted := w.n
	for width := w.width(p); wanted > 0; width *= 4 {
		at, rest, more := w.split(left, width)
		n, err := read(at, wanted)
		if err != nil {
			return err
		}
		if !more || p.budget > 0 {
			return nil
		}
		wanted -= n
		left = rest
	}
	return nil
}

// cut is the range that is left of the cursor.
func (w *walker) cut() span {
	all := span{w.begin, w.end}
	if w.from == nil {
		return all
	}
	if at := w.from.At; w.descending && (all.end.IsZero() || at.Before(all.end)) {
		all.end = at.Add(time.Microsecond)
	} else if !w.descending && at.After(all.begin) {
		all.begin = at
	}
	return all
}

// width is how long the first span is: twice what the page takes if its entries lie evenly in time. 0 is everything.
func (w *walker) width(p path) time.Duration {
	if p.likely == 0 || w.catalog.oldest.IsZero() {
		return 0
	}
	all := w.catalog.newest.Sub(w.catalog.oldest)
	part := 2 * float64(p.n) / float64(p.likely)
	if part >= 0.5 {
		return 0
	}
	return max(time.Duration(part*float64(all)), time.Hour)
}

// split cuts a span of that width off, at the end of which a day ends in UTC, as partitions do.
func (w *walker) split(left span, width time.Duration) (at, rest span, more bool) {
	if width <= 0 || left.begin.IsZero() || left.end.IsZero() {
		return left, span{}, false
	}
	const day = 24 * time.Hour
	if w.descending {
		border := left.end.Add(-width).Truncate(day)
		if !border.After(left.begin) {
			return left, span{}, false
		}
		return span{border, left.end}, span{left.begin, border}, true
	}
	border := left.begin.Add(width + day).Truncate(day)
	if !border.Before(left.end) {
		return left, span{}, false
	}
	return span{left.begin, border}, span{border, left.end}, true
}

// statement is the walk along a path within a span.
func (w *walker) statement(p path, at span, wanted int) (sql string, args []any) {
	switch {
	case p.way == byTime:
		return w.byTime(p, at, wanted)
	case p.way == byIDs:
		return w.byIDs(p, at, wanted)
	case models.IsPostgres(w.tx):
		return w.keyedPostgres(p, at, wanted)
	default:
		return w.keyedSQLite(p, at, wanted)
	}
}

// byTime walks the primary key. Where there is a budget the filter sees so many entries and no more.
func (w *walker) byTime(p path, at span, wanted int) (string, []any) {
	c := w.bounds(at, "activities", "id")
	filter := w.filter.where(models.IsPostgres(w.tx), p.way)
	if p.budget == 0 {
		c.and(filter.String(), filter.args...)
		return "SELECT " + w.selected() + " FROM activities WHERE " + c.String() + w.order("activities", "id") + limit(wanted), c.args
	}
	sql := "SELECT " + w.selected() + " FROM (SELECT " + qualified(line) + " FROM activities WHERE " + c.String() +
		w.order("activities", "id") + limit(p.budget) + ") AS activities WHERE " + filter.String() + w.order("activities", "id") + limit(wanted)
	return sql, append(c.args, filter.args...)
}

// byIDs looks entries up by their primary key.
func (w *walker) byIDs(p path, at span, wanted int) (string, []any) {
	c := w.bounds(at, "activities", "id")
	ids := make([]string, len(p.keys))
	for i, key := range p.keys {
		ids[i] = key[0]
	}
	pairs, args := pairsOf(ids)
	c.and(pairs, args...)
	filter := w.filter.where(models.IsPostgres(w.tx), p.way)
	c.and(filter.String(), filter.args...)
	return "SELECT " + w.selected() + " FROM activities WHERE " + c.String() + w.order("activities", "id") + limit(wanted), c.args
}

// bounds are the conditions on the shop, the class and the time, on the columns of a table.
func (w *walker) bounds(at span, table, id string) *conditions {
	c := &conditions{}
	c.and(table+".shop_id = ?", w.shop)
	if table == "activities" {
		w.class(c)
	}
	if !at.begin.IsZero() {
		c.and(table+".occurred_at >= ?", at.begin)
	}
	if !at.end.IsZero() {
		c.and(table+".occurred_at < ?", at.end)
	}
	if w.from != nil {
		sign := ">"
		if w.descending {
			sign = "<"
		}
		c.and("("+table+".occurred_at, "+table+"."+id+") "+sign+" (?, ?)", w.from.At, w.from.ID)
	}
	return c
}

// class leaves the partitions of other classes out. The numbers are written out, so that this is known when the query
// is planned. A count does without: an index alone tells it, and none has the class.
func (w *walker) class(c *conditions) {
	if !models.IsPostgres(w.tx) || w.counting {
		return
	}
	list := ""
	for i, class := range w.catalog.classes {
		if i > 0 {
			list += ", "
		}
		list += strconv.Itoa(int(class))
	}
	c.and("activities.retention_class IN (" + list + ")")
}

func (w *walker) order(table, id string) string {
	if w.counting {
		return ""
	}
	if w.descending {
		return " ORDER BY " + table + ".occurred_at DESC, " + table + "." + id + " DESC"
	}
	return " ORDER BY " + table + ".occurred_at, " + table + "." + id
}

func (w *walker) selected() string { return qualified(w.columns) }

func qualified(columns []string) string {
	list := ""
	for i, c := range columns {
		if i > 0 {
			list += ", "
		}
		list += "activities." + c
	}
	return list
}

func limit(n int) string { return " LIMIT " + strconv.Itoa(n) }
