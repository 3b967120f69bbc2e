package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

// one opens a database of its own and returns its only connection for writing.
func one(t *testing.T) (*gorm.DB, *sql.Conn) {
	t.Helper()
	db, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "ready.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
			t.Error(err)
		}
		if err := Close(db); err != nil {
			t.Error(err)
		}
	})
	exec(t, conn, "CREATE TABLE numbers (n integer)")
	exec(t, conn, "INSERT INTO numbers VALUES (?), (?), (?)", 1, 2, 3)
	return db, conn
}

func exec(t *testing.T, conn *sql.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// ready returns what a connection keeps ready.
func ready(t *testing.T, conn *sql.Conn) *readyConn {
	t.Helper()
	var kept *readyConn
	err := conn.Raw(func(driver any) error {
		kept = driver.(*readyConn)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestAStatementIsCompiledOnceAndReadsAnew(t *testing.T) {
	t.Parallel()
	_, conn := one(t)
	const query = "SELECT count(*) FROM numbers WHERE n > ?"
	var compiled *readyStmt
	for i, want := range []int{3, 2, 1, 0} {
		var got int
		if err := conn.QueryRowContext(t.Context(), query, i).Scan(&got); err != nil || got != want {
			t.Fatalf("above %d are %d (%v), want %d", i, got, err, want)
		}
		kept := ready(t, conn).ready[query]
		if kept == nil || compiled != nil && kept != compiled {
			t.Fatalf("run %d left %p, the one before %p", i, kept, compiled)
		}
		compiled = kept
	}
}

func TestAStatementThatIsBeingReadIsNotGivenToAnother(t *testing.T) {
	t.Parallel()
	_, conn := one(t)
	const query = "SELECT n FROM numbers ORDER BY n"
	rows, err := conn.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []int
	for rows.Next() {
		var n, first int
		if err := errors.Join(rows.Scan(&n), conn.QueryRowContext(t.Context(), query).Scan(&first)); err != nil || first != 1 {
			t.Fatalf("beside it %d came first: %v", first, err)
		}
		all = append(all, n)
	}
	if rows.Err() != nil || !slices.Equal(all, []int{1, 2, 3}) {
		t.Errorf("it read %v: %v", all, rows.Err())
	}
}

// What was read half and is kept must hold up nobody.
func TestAStatementThatWasLeftOffHoldsNothing(t *testing.T) {
	t.Parallel()
	_, conn := one(t)
	var n int
	if err := conn.QueryRowContext(t.Context(), "SELECT n FROM numbers ORDER BY n").Scan(&n); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithTimeout(t.Context(), 0)
	cancel()
	if err := conn.QueryRowContext(over, "SELECT n FROM numbers ORDER BY n").Scan(&n); err == nil {
		t.Error("a query whose time is over ran")
	}
	exec(t, conn, "VACUUM") // which refuses while something is read
	exec(t, conn, "DROP TABLE numbers")
}

func TestReadyStatementsAreBounded(t *testing.T) {
	t.Parallel()
	_, conn := one(t)
	long := strings.Repeat("x", 4000)
	for i := range 2 * readyBytes / len(long) {
		exec(t, conn, fmt.Sprintf("UPDATE numbers SET n = ? WHERE n = -1 AND '%s%d' = ''", long, i), i)
	}
	exec(t, conn, "UPDATE numbers SET n = ? WHERE n = -1 AND '"+strings.Repeat("x", readyBytes/4)+"' = ''", 1)
	kept := ready(t, conn)
	bytes := 0
	for query := range kept.ready {
		bytes += len(query)
	}
	if bytes != kept.bytes || bytes > readyBytes || bytes < readyBytes/2 {
		t.Errorf("%d bytes are kept, %d are counted, %d may be", bytes, kept.bytes, readyBytes)
	}
}

func TestAStatementFromBeforeAMigrationKnowsTheNewColumns(t *testing.T) {
	t.Parallel()
	db, conn := one(t)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	read := func() map[string]any {
		found := map[string]any{}
		if err := db.Table("numbers").Where("n = ?", 1).Take(&found).Error; err != nil {
			t.Fatal(err)
		}
		return found
	}
	read()
	err := InTx(t.Context(), db, func(tx *gorm.DB) error {
		return tx.Exec("ALTER TABLE numbers ADD COLUMN at integer DEFAULT 7").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := forgetStatements(db); err != nil {
		t.Fatal(err)
	}
	if found := read(); found["at"] != int64(7) {
		t.Errorf("it read %v", found)
	}
}

func TestAPoolKeepsItsConnections(t *testing.T) {
	t.Parallel()
	db, conn := one(t)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := forgetStatements(db); err != nil {
		t.Fatal(err)
	}
	err := eachPool(db, func(pool *sql.DB) error {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			return err
		}
		_, err = conn.ExecContext(t.Context(), "SELECT ?", time.Now())
		if err := conn.Close(); err != nil {
			return err
		}
		if idle := pool.Stats().Idle; idle != 1 {
			t.Errorf("%d connections are idle", idle)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
