package activity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// ColumnKind is what the cells of a column are.
type ColumnKind string

// The kinds of columns.
const (
	ColumnText   ColumnKind = "text"
	ColumnNumber ColumnKind = "number"
	ColumnJSON   ColumnKind = "json"
)

// Column is what can be read of an entry in bulk.
type Column struct {
	Name string
	// Label says what it is, for a person.
	Label string
	// Preset columns are read where nothing is chosen.
	Preset bool
	Kind   ColumnKind
	column string
}

// columns are all of them, in the order in which they are read where nothing is chosen.
var columns = []*Column{
	{"occurredAt", "When it happened, in UTC", true, ColumnText, "occurred_at"},
	{"type", "What kind of event it is", true, ColumnText, "type"},
	{"action", "What was done", true, ColumnText, "action"},
	{"status", "How far it has come", true, ColumnText, "status"},
	{"summary", "What happened, in a line", true, ColumnText, "summary"},
	{"actorType", "What kind of actor did it", true, ColumnText, "actor_type"},
	{"actorId", "Who did it, by id", false, ColumnText, "actor_id"},
	{"actorName", "Who did it", true, ColumnText, "actor_name"},
	{"entityType", "What kind of record it happened to", true, ColumnText, "entity_type"},
	{"entityId", "The record, by id", true, ColumnText, "entity_id"},
	{"entityTitle", "The record", true, ColumnText, "entity_title"},
	{"entityUrl", "Where the record opens", false, ColumnText, "entity_url"},
	{"changes", "Each field before and after, as JSON", true, ColumnJSON, "changes"},
	{"errorCode", "What went wrong, as a code", true, ColumnText, "error_code"},
	{"errorMessage", "What went wrong", true, ColumnText, "error_message"},
	{"attempts", "How many tries were made", false, ColumnNumber, "attempts"},
	{"categories", "The tabs it is in, as JSON", false, ColumnJSON, "categories"},
	{"ruleId", "The rule that caused it, by id", false, ColumnText, "rule_id"},
	{"ruleVersion", "Which version of the rule", false, ColumnNumber, "rule_version"},
	{"operationId", "The operation it is part of, by id", false, ColumnText, "operation_id"},
	{"causeId", "What led to it, by id", false, ColumnText, "cause_id"},
	{"metadata", "Durations, API cost and what else is known, as JSON", false, ColumnJSON, "metadata"},
	{"id", "The entry's id", true, ColumnText, "id"},
}

// Columns returns what can be read of entries in bulk.
func Columns() []*Column { return slices.Clone(columns) }

// ColumnNamed returns the column with that name, or nil.
func ColumnNamed(name string) *Column {
	i := slices.IndexFunc(columns, func(c *Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return columns[i]
}

// readAtOnce is how many entries one walk reads. Each walk is planned anew, from where the last one ended, so that none
// sorts more than these.
const readAtOnce = 20_000

// ErrEnough ends a reading before its end.
var ErrEnough = errors.New("enough was read")

// Reading says what to read of the log in bulk, the newest first.
type Reading struct {
	Filter *Filter
	// AsOf is the moment at which the log is read: what was written down later is left out, and a status is the one
	// that the entry had then.
	AsOf    time.Time
	Columns []*Column
	// After is the entry after which to go on.
	After *models.Position

	// atOnce lets a test have shorter walks than readAtOnce.
	atOnce int
}

// Row is one entry of a reading. It is good until the next one.
type Row struct {
	// Cells are in the order of the columns, as text; nil is none.
	Cells [][]byte

	at, id []byte
}

// Position returns where the row stands, to go on after it.
func (r *Row) Position() (*models.Position, error) {
	at, err := time.Parse(time.RFC3339Nano, string(r.at))
	if err != nil {
		return nil, fmt.Errorf("read the time of an entry: %w", err)
	}
	return &models.Position{At: at, ID: string(r.id)}, nil
}

// Read calls each with every entry of the shop that matches, in one snapshot and in little memory, however many they
// are. each ends the reading early with ErrEnough, which is no error of Read.
func (s *Service) Read(ctx context.Context, shop *models.Shop, r Reading, each func(*Row) error) error {
	filter := Filter{}
	if r.Filter != nil {
		filter = *r.Filter
	}
	understood, problems, err := s.resolveAt(ctx, shop, &filter, r.AsOf)
	if err != nil {
		return err
	}
	if err := fault.Problems(problems); err != nil {
		return err
	}
	// Entries carry their time to the millisecond.
	if end := r.AsOf.UTC().Truncate(time.Millisecond).Add(time.Millisecond); understood.To == nil || end.Before(*understood.To) {
		understood.To = &end
	}
	if understood.From != nil && !understood.From.Before(*understood.To) {
		return nil
	}
	err = models.InRows(ctx, s.DB, func(stream *models.RowReader) error {
		w, paths, err := s.prepare(stream.DB, shop.ID, understood, cmp.Or(r.atOnce, readAtOnce))
		if err != nil {
			return err
		}
		return (&bulk{Reading: r, s: s, w: w, paths: paths, rows: stream, each: each}).read()
	})
	if err != nil && !errors.Is(err, ErrEnough) {
		return fmt.Errorf("read activities: %w", err)
	}
	return nil
}

// own are the columns that a reading needs for itself; they come before those that are asked for.
var own = []string{"occurred_at", "id", "updated_at", "status"}

// bulk is a reading under way.
type bulk struct {
	Reading
	s     *Service
	w     *walker
	paths []path
	rows  *models.RowReader
	each  func(*Row) error

	row Row
	// cells says where in what was read each column stands.
	cells []int
	// lastAt and lastID are the time and the id of the row that was read last.
	lastAt, lastID []byte
	names          []byte
}

func (b *bulk) read() error {
	b.w.columns = slices.Clone(own)
	for _, c := range b.Columns {
		at := slices.Index(b.w.columns, c.column)
		if at < 0 {
			at = len(b.w.columns)
			b.w.columns = append(b.w.columns, c.column)
		}
		b.cells = append(b.cells, at)
	}
	b.row.Cells = make([][]byte, len(b.Columns))
	b.w.from = b.After
	// A path that may not lead to the end is for a page, which is shown as soon as it is full.
	paths := slices.DeleteFunc(b.paths, func(p path) bool { return p.budget > 0 })
	for len(paths) > 0 {
		read, err := b.some(paths[0])
		if err != nil || read < b.w.n {
			return err
		}
		if b.w.from, err = (&Row{at: b.lastAt, id: b.lastID}).Position(); err != nil {
			return err
		}
	}
	return nil
}

// some reads the next entries along a path.
func (b *bulk) some(p path) (int, error) {
	p, err := b.w.settle(p)
	if err != nil {
		return 0, err
	}
	read := 0
	err = b.w.follow(p, func(at span, wanted int) (int, error) {
		sql, args := b.w.statement(p, at, wanted)
		found := 0
		err := b.rows.Rows(sql, args, func(cells [][]byte) error {
			found++
			b.lastAt, b.lastID = append(b.lastAt[:0], cells[0]...), append(b.lastID[:0], cells[1]...)
			return b.take(cells)
		})
		read += found
		if err != nil && !errors.Is(err, ErrEnough) {
			err = fmt.Errorf("walk by %s: %w", p.way, err)
		}
		return found, err
	})
	return read, err
}

func (b *bulk) take(cells [][]byte) error {
	updated, err := time.Parse(time.RFC3339Nano, string(cells[2]))
	if err != nil {
		return fmt.Errorf("read the time of an entry: %w", err)
	}
	b.row.at, b.row.id = cells[0], cells[1]
	var then models.ActivityStatus
	if updated.After(b.AsOf) {
		if then, err = b.statusThen(); err != nil || then == "" {
			return err
		}
	}
	for i, c := range b.Columns {
		b.row.Cells[i] = cells[b.cells[i]]
		switch {
		case c.column == "categories":
			b.row.Cells[i] = b.categories(b.row.Cells[i])
		case then == "" || string(cells[3]) == string(then):
		case c.column == "status":
			b.row.Cells[i] = []byte(then)
		case c.column == "error_code", c.column == "error_message":
			b.row.Cells[i] = nil // it failed since
		}
	}
	return b.each(&b.row)
}

// statusThen returns the status that the entry had at AsOf, or nothing where it was not there, or not among those asked
// for. The history is only ever added to, so it may be read after the snapshot: few entries change meanwhile.
func (b *bulk) statusThen() (models.ActivityStatus, error) {
	var entry models.Activity
	at := b.s.DB.WithContext(b.w.tx.Statement.Context).Select("history").Scopes(byID(b.w.shop, string(b.row.id)))
	if err := at.Limit(1).Find(&entry).Error; err != nil {
		return "", fmt.Errorf("load history: %w", err)
	}
	var then models.ActivityStatus
	for _, change := range entry.History {
		if !change.At.After(b.AsOf) {
			then = change.Status
		}
	}
	if len(b.w.filter.Statuses) > 0 && !slices.Contains(b.w.filter.Statuses, then) {
		return "", nil
	}
	return then, nil
}

// categories writes the names of the tabs as a list in JSON.
func (b *bulk) categories(bits []byte) []byte {
	n, _ := strconv.Atoi(string(bits)) // the database has nothing but numbers there
	b.names = append(b.names[:0], '[')
	for i, category := range categoryBits {
		if n&(1<<i) != 0 {
			if len(b.names) > 1 {
				b.names = append(b.names, ',')
			}
			b.names = strconv.AppendQuote(b.names, string(category))
		}
	}
	b.names = append(b.names, ']')
	return b.names
}
