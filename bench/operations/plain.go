package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/tagtrail/tagtrail/models"
)

// plain is how long a program takes that is written for nothing else: the same rows by COPY, the same lines by
// encoding/json.
type plain struct {
	// read reads the rows, rows copies them into a table without an index, indexed into one with those of snapshots.
	read, rows, indexed time.Duration
	// update copies the outcomes into a table of their own and brings the indexed one up to date in one statement.
	update time.Duration
	// decodeQuery, encode and decodeResult are of the lines that find the records, change them, and tell the outcome.
	decodeQuery, encode, decodeResult time.Duration
}

// measurePlain takes the rows of an operation that has ended.
func measurePlain(ctx context.Context, address, id string) (p *plain, err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	p = &plain{}
	began := time.Now()
	columns, values, err := readRows(ctx, conn, id)
	p.read = time.Since(began)
	if err != nil {
		return nil, err
	}
	for _, table := range []struct {
		like string
		took *time.Duration
	}{{"", &p.rows}, {"INCLUDING INDEXES", &p.indexed}} {
		if _, err := conn.Exec(ctx, "CREATE TEMPORARY TABLE plain (LIKE snapshots "+table.like+")"); err != nil {
			return nil, fmt.Errorf("make a table: %w", err)
		}
		began := time.Now()
		if _, err := conn.CopyFrom(ctx, pgx.Identifier{"plain"}, columns, pgx.CopyFromRows(values)); err != nil {
			return nil, fmt.Errorf("copy: %w", err)
		}
		*table.took = time.Since(began)
		if table.took == &p.indexed {
			if p.update, err = updateRows(ctx, conn, columns, values); err != nil {
				return nil, err
			}
		}
		if _, err := conn.Exec(ctx, "DROP TABLE plain"); err != nil {
			return nil, fmt.Errorf("drop the table: %w", err)
		}
	}
	return p, p.lines(columns, values)
}

func updateRows(ctx context.Context, conn *pgx.Conn, columns []string, values [][]any) (time.Duration, error) {
	began := time.Now()
	if _, err := conn.Exec(ctx, "CREATE TEMPORARY TABLE outcomes (LIKE snapshots)"); err != nil {
		return 0, fmt.Errorf("make a table: %w", err)
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"outcomes"}, columns, pgx.CopyFromRows(values)); err != nil {
		return 0, fmt.Errorf("copy: %w", err)
	}
	_, err := conn.Exec(ctx, `UPDATE plain SET outcome = o.outcome, after = o.after, added = o.added, removed = o.removed,
		sent_at = o.sent_at, resource_updated_at = o.resource_updated_at, finished_at = o.finished_at
		FROM outcomes o WHERE plain.id = o.id`)
	if err != nil {
		return 0, fmt.Errorf("update: %w", err)
	}
	return time.Since(began), nil
}

func readRows(ctx context.Context, conn *pgx.Conn, id string) (columns []string, values [][]any, err error) {
	rows, err := conn.Query(ctx, "SELECT * FROM snapshots WHERE cause_id = $1", id)
	if err != nil {
		return nil, nil, fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close()
	for _, field := range rows.FieldDescriptions() {
		columns = append(columns, field.Name)
	}
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return nil, nil, fmt.Errorf("read the rows: %w", err)
		}
		values = append(values, row)
	}
	return columns, values, rows.Err()
}

// node is a record in a line of Shopify's.
type node struct {
	Typename  string    `json:"__typename"`
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Tags      []string  `json:"tags"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type uploadLine struct {
	ID   string   `json:"id"`
	Tags []string `json:"tags"`
}

type resultLine struct {
	Data struct {
		TagsAdd struct {
			Node       node  `json:"node"`
			UserErrors []any `json:"userErrors"`
		} `json:"tagsAdd"`
	} `json:"data"`
	Line int `json:"__lineNumber"`
}

// lines writes and reads the files that such an operation has.
func (p *plain) lines(columns []string, values [][]any) error {
	var found, results bytes.Buffer
	nodes, outcomes := json.NewEncoder(&found), json.NewEncoder(&results)
	var upload []uploadLine
	for i, row := range values {
		n := node{Typename: "Product", UpdatedAt: models.Now()}
		for c, name := range columns {
			switch name {
			case "resource_id":
				n.ID, _ = row[c].(string)
			case "resource_title":
				n.Title, _ = row[c].(string)
			case "after":
				n.Tags = texts(row[c])
			}
		}
		if n.ID == "" || len(n.Tags) == 0 {
			return errors.New("the rows have another shape than the plain program takes them to have")
		}
		line := resultLine{Line: i}
		line.Data.TagsAdd.Node = n
		upload = append(upload, uploadLine{n.ID, n.Tags[len(n.Tags)-1:]})
		if err := errors.Join(nodes.Encode(n), outcomes.Encode(line)); err != nil {
			return fmt.Errorf("write lines: %w", err)
		}
	}
	began := time.Now()
	out := json.NewEncoder(io.Discard)
	for i := range upload {
		if err := out.Encode(&upload[i]); err != nil {
			return fmt.Errorf("write lines: %w", err)
		}
	}
	p.encode = time.Since(began)
	var err1, err2 error
	p.decodeQuery, err1 = decodeAll[node](&found)
	p.decodeResult, err2 = decodeAll[resultLine](&results)
	return errors.Join(err1, err2)
}

// texts reads a list of texts in either form that the driver gives it.
func texts(value any) []string {
	var list []string
	switch v := value.(type) {
	case string:
		_ = json.Unmarshal([]byte(v), &list) // what is no list is found out by who asks
	case []any:
		for _, item := range v {
			text, _ := item.(string)
			list = append(list, text)
		}
	}
	return list
}

func decodeAll[T any](file *bytes.Buffer) (time.Duration, error) {
	began, decoder := time.Now(), json.NewDecoder(file)
	for {
		var line T
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			return time.Since(began), nil
		}
		if err != nil {
			return 0, fmt.Errorf("read lines: %w", err)
		}
	}
}
