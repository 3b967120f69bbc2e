package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// recorder hears every statement, with its values in it.
type recorder struct {
	mu         sync.Mutex
	statements []string
}

func (r *recorder) LogMode(logger.LogLevel) logger.Interface      { return r }
func (r *recorder) Info(context.Context, string, ...interface{})  {}
func (r *recorder) Warn(context.Context, string, ...interface{})  {}
func (r *recorder) Error(context.Context, string, ...interface{}) {}

// Trace implements GORM's logger.
func (r *recorder) Trace(_ context.Context, _ time.Time, statement func() (string, int64), _ error) {
	sql, _ := statement()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements = append(r.statements, sql)
}

// take returns what was heard since the last time.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	heard := r.statements
	r.statements = nil
	return heard
}

// explained is what running a statement cost.
type explained struct {
	ms      float64
	buffers int64
	rows    float64
	plan    string
}

type node struct {
	Type    string  `json:"Node Type"`
	Index   string  `json:"Index Name"`
	Table   string  `json:"Relation Name"`
	Filter  string  `json:"Filter"`
	Removed float64 `json:"Rows Removed by Filter"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Hit     int64   `json:"Shared Hit Blocks"`
	Read    int64   `json:"Shared Read Blocks"`
	Plans   []node  `json:"Plans"`
}

var errRollback = errors.New("only explained")

// explainAll runs the statements in one transaction, as a list's are, so that what one of them sets holds for the rest,
// and takes back what they changed. What has no plan is left out.
func explainAll(ctx context.Context, db *gorm.DB, statements []string, tell func(sql string, e *explained)) error {
	err := db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec("SET LOCAL TIME ZONE 'UTC'").Error; err != nil {
			return err
		}
		for _, sql := range statements {
			if kindOf(sql) == "" {
				continue
			}
			e, err := explain(ctx, tx, sql)
			if err != nil {
				return err
			}
			tell(sql, e)
		}
		return errRollback
	})
	if !errors.Is(err, errRollback) {
		return fmt.Errorf("explain: %w", err)
	}
	return nil
}

func explain(ctx context.Context, tx *gorm.DB, sql string) (*explained, error) {
	var raw string
	err := tx.Statement.ConnPool.QueryRowContext(ctx, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+sql).Scan(&raw)
	if err != nil {
		return nil, fmt.Errorf("explain %s: %w", sql, err)
	}
	var found []struct {
		Plan node
		Time float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil || len(found) != 1 {
		return nil, fmt.Errorf("read the plan of %s: %w", sql, err)
	}
	top := found[0].Plan
	return &explained{ms: found[0].Time, buffers: top.Hit + top.Read, rows: top.Rows, plan: top.words()}, nil
}

// kindOf names a statement by its verb and table, or not at all where it has no plan.
func kindOf(sql string) string {
	verb, _, _ := strings.Cut(sql, " ")
	if !slices.Contains([]string{"SELECT", "UPDATE", "INSERT", "DELETE"}, verb) {
		return ""
	}
	for _, table := range []string{"deliveries", "activities", "shops"} {
		if strings.Contains(sql, `"`+table+`"`) {
			return verb + " " + table
		}
	}
	return verb
}

// partition is what Postgres puts before the name of a partition's own index.
var partition = regexp.MustCompile(`^activities_\d+_\w+?_(shop_id_|pkey)`)

// words tell the plan: what was run, from the outside in, with how many partitions were really visited.
func (n *node) words() string {
	var steps []string
	count := map[string]int{}
	var removed float64
	n.walk(func(n *node) {
		if n.Loops == 0 {
			return
		}
		step := n.Type
		if n.Index != "" {
			step += " " + partition.ReplaceAllString(n.Index, "$1")
		} else if n.Table != "" {
			step += " " + strings.TrimRight(partition.ReplaceAllString(n.Table, ""), "0123456789_")
		}
		if count[step] == 0 {
			steps = append(steps, step)
		}
		count[step]++
		removed += n.Removed * n.Loops
	})
	for i, step := range steps {
		if count[step] > 1 {
			steps[i] = fmt.Sprintf("%s x%d", step, count[step])
		}
	}
	words := strings.Join(steps, " < ")
	if removed > 0 {
		words += fmt.Sprintf("; %.0f rows read in vain", removed)
	}
	return words
}

func (n *node) walk(visit func(*node)) {
	visit(n)
	for i := range n.Plans {
		n.Plans[i].walk(visit)
	}
}
