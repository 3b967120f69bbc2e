package models

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// RowReader is a snapshot, as of InSnapshot, whose rows can also be had one by one: however many there are, they take no
// memory.
type RowReader struct {
	// DB is the transaction.
	DB   *gorm.DB
	conn *sql.Conn
}

// InRows runs f in a snapshot.
func InRows(ctx context.Context, db *gorm.DB, f func(s *RowReader) error) (err error) {
	if !IsPostgres(db) {
		return InSnapshot(ctx, db, func(tx *gorm.DB) error { return f(&RowReader{DB: tx}) })
	}
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("open rows: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open rows: %w", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin reading rows: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it has only read
	session := db.Session(&gorm.Session{NewDB: true, Context: ctx})
	session.Statement.ConnPool = tx
	return f(&RowReader{DB: session, conn: conn})
}

// Rows calls each with the cells of every row, as text: times in RFC 3339, UTC; nil for null. The cells are good until
// the next row. Within each, nothing else may be asked of the reader.
func (s *RowReader) Rows(query string, args []any, each func(cells [][]byte) error) error {
	dry := s.DB.Session(&gorm.Session{DryRun: true}).Raw(query, args...).Find(&[]struct{}{})
	if dry.Error != nil {
		return dry.Error
	}
	ctx, text, vars := dry.Statement.Context, dry.Statement.SQL.String(), dry.Statement.Vars
	if s.conn == nil {
		return s.scanned(text, vars, each)
	}
	return s.conn.Raw(func(driver any) error {
		return received(ctx, driver.(*stdlib.Conn).Conn(), text, vars, each) //nolint:forcetypeassert // as openPostgres made it
	})
}

// received reads rows as Postgres sends them. Ids and times come as bytes, which are quicker to write out than text is
// for the server.
func received(ctx context.Context, conn *pgx.Conn, query string, vars []any, each func(cells [][]byte) error) error {
	formats := pgx.QueryResultFormatsByOID{pgtype.UUIDOID: pgx.BinaryFormatCode, pgtype.TimestamptzOID: pgx.BinaryFormatCode}
	rows, err := conn.Query(ctx, query, append([]any{formats}, vars...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var (
		cells  [][]byte
		buffer []byte
		fields = rows.FieldDescriptions()
	)
	for rows.Next() {
		cells, buffer = cells[:0], buffer[:0]
		for i, raw := range rows.RawValues() {
			switch from := len(buffer); {
			case raw == nil || fields[i].Format == pgx.TextFormatCode:
				cells = append(cells, raw)
			default:
				buffer = appendBinary(buffer, fields[i].DataTypeOID, raw)
				cells = append(cells, buffer[from:len(buffer):len(buffer)])
			}
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

// postgresEpoch is from when Postgres counts microseconds.
var postgresEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func appendBinary(to []byte, kind uint32, raw []byte) []byte {
	if kind == pgtype.TimestamptzOID && len(raw) == 8 {
		micros := int64(binary.BigEndian.Uint64(raw)) + postgresEpoch
		return time.UnixMicro(micros).UTC().AppendFormat(to, time.RFC3339Nano)
	}
	if kind == pgtype.UUIDOID && len(raw) == 16 {
		for i, part := range [][]byte{raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]} {
			if i > 0 {
				to = append(to, '-')
			}
			to = hex.AppendEncode(to, part)
		}
		return to
	}
	return append(to, raw...)
}

// scanned reads rows as SQLite's driver gives them.
func (s *RowReader) scanned(query string, vars []any, each func(cells [][]byte) error) error {
	rows, err := s.DB.Statement.ConnPool.QueryContext(s.DB.Statement.Context, query, vars...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	var (
		cells  [][]byte
		buffer []byte
	)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		cells, buffer = cells[:0], buffer[:0]
		for _, value := range values {
			if value == nil {
				cells = append(cells, nil)
				continue
			}
			from := len(buffer)
			buffer = appendValue(buffer, value)
			cells = append(cells, buffer[from:len(buffer):len(buffer)])
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

func appendValue(to []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return append(to, v...)
	case []byte:
		return append(to, v...)
	case int64:
		return strconv.AppendInt(to, v, 10)
	case time.Time:
		return v.UTC().AppendFormat(to, time.RFC3339Nano)
	default:
		return fmt.Append(to, v)
	}
}
