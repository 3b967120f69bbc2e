package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/ncruces/go-sqlite3/driver" // registers the driver "sqlite3"
)

// scan reads the columns of a row.
type scan func(into ...any) error

// reader is a plain program's way to its database.
type reader struct {
	each func(ctx context.Context, sql string, args []any, row func(scan) error) error
	// moment is a time as the database takes it.
	moment func(time.Time) any
	sqlite bool
}

func postgresReader(pool *pgxpool.Pool) reader {
	return reader{
		moment: func(at time.Time) any { return at },
		each: func(ctx context.Context, sql string, args []any, row func(scan) error) error {
			rows, err := pool.Query(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if err := row(rows.Scan); err != nil {
					return err
				}
			}
			return rows.Err()
		},
	}
}

func openSQLite(path string) (*sql.DB, error) {
	query := url.Values{
		"_timefmt": {"unixepoch_micro"},
		"_pragma":  {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "cache_size(-32000)"},
	}
	pool, err := sql.Open("sqlite3", "file:"+path+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	pool.SetMaxOpenConns(4)
	return pool, nil
}

func sqliteReader(pool *sql.DB) reader {
	return reader{
		sqlite: true,
		moment: func(at time.Time) any { return at.UnixMicro() },
		each: func(ctx context.Context, sql string, args []any, row func(scan) error) error {
			rows, err := pool.QueryContext(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if err := row(rows.Scan); err != nil {
					return err
				}
			}
			return rows.Err()
		},
	}
}

// columns are what a page of the log shows.
const columns = `id, occurred_at, type, action, categories, status, summary, actor_type, actor_id, actor_name,
	entity_type, entity_id, entity_title, entity_url`

// row is an entry as a page shows it.
type row struct {
	ID         string    `json:"id"`
	OccurredAt time.Time `json:"occurredAt"`
	Type       string    `json:"type"`
	Action     string    `json:"action"`
	Categories int       `json:"categories"`
	Status     string    `json:"status"`
	Summary    string    `json:"summary"`
	ActorType  string    `json:"actorType"`
	ActorID    *string   `json:"actorId"`
	ActorName  string    `json:"actorName"`
	EntityType *string   `json:"entityType"`
	EntityID   *string   `json:"entityId"`
	Title      *string   `json:"entityTitle"`
	URL        *string   `json:"entityUrl"`
}

func (r *row) targets() []any {
	return []any{&r.ID, &r.OccurredAt, &r.Type, &r.Action, &r.Categories, &r.Status, &r.Summary, &r.ActorType, &r.ActorID,
		&r.ActorName, &r.EntityType, &r.EntityID, &r.Title, &r.URL}
}

// statement is what a plain program asks of its database for one question.
type statement struct {
	sql  string
	args []any
}

// plainAnswer is what it answers: the rows of a page, or numbers.
type plainAnswer struct {
	Rows    []row             `json:"rows,omitempty"`
	Numbers []number          `json:"numbers,omitempty"`
	Parts   []json.RawMessage `json:"parts,omitempty"`
}

// number is a count of something.
type number struct {
	Of    []string `json:"of,omitempty"`
	Count int64    `json:"count"`
}

// plainHandler answers as a program does that is written by hand for just these questions: one statement, its rows in
// JSON. It knows no session, no filter and no API.
func plainHandler(read reader, questions []*question) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		number, err1 := strconv.Atoi(r.URL.Query().Get("question"))
		run, err2 := strconv.Atoi(r.URL.Query().Get("run"))
		if err1 != nil || err2 != nil || number < 0 || number >= len(questions) {
			http.NotFound(w, r)
			return
		}
		answer, err := questions[number].plain(r.Context(), read, run)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // who asked may be gone
	})
	return mux
}

// page reads a page.
func page(ask func(run int) statement) func(context.Context, reader, int) (*plainAnswer, error) {
	return func(ctx context.Context, read reader, run int) (*plainAnswer, error) {
		s := ask(run)
		answer := &plainAnswer{}
		err := read.each(ctx, s.sql, s.args, func(scan scan) error {
			var found row
			if err := scan(found.targets()...); err != nil {
				return err
			}
			answer.Rows = append(answer.Rows, found)
			return nil
		})
		if len(answer.Rows) > pageSize {
			answer.Rows = answer.Rows[:pageSize]
		}
		return answer, err
	}
}

// numbers reads counts of things that are named by so many columns.
func numbers(names int, ask func(run int) statement) func(context.Context, reader, int) (*plainAnswer, error) {
	return func(ctx context.Context, read reader, run int) (*plainAnswer, error) {
		s := ask(run)
		answer := &plainAnswer{}
		err := read.each(ctx, s.sql, s.args, func(scan scan) error {
			found := number{Of: slices.Repeat([]string{""}, names)}
			into := []any{}
			for i := range found.Of {
				into = append(into, &found.Of[i])
			}
			if err := scan(append(into, &found.Count)...); err != nil {
				return err
			}
			answer.Numbers = append(answer.Numbers, found)
			return nil
		})
		return answer, err
	}
}
