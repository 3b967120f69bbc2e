package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	sqlite "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/gormlite"
	"gorm.io/gorm"
)

// readyBytes bounds the text of the statements that one connection to SQLite keeps ready.
const readyBytes = 512 << 10

// dialSQLite opens a pool of connections that keep their statements ready. Compiling one that walks the log takes fifty
// times as long as running it. Each connection has its own, as pgx does it: GORM keeps them for the pool as a whole, and
// then a transaction may wait for somebody who waits for its connection.
func dialSQLite(address string) (gorm.Dialector, error) {
	connector, err := new(sqlite.SQLite).OpenConnector(address)
	if err != nil {
		return nil, err
	}
	return gormlite.OpenDB(sql.OpenDB(readyConnector{connector})), nil
}

// forgetStatements ends the connections to SQLite that nobody uses, and with them the statements that were made for another
// schema: they tell their columns before they notice.
func forgetStatements(db *gorm.DB) error {
	if IsPostgres(db) {
		return nil
	}
	return eachPool(db, func(pool *sql.DB) error {
		pool.SetMaxIdleConns(-1)
		pool.SetMaxIdleConns(sqliteReaders)
		return nil
	})
}

// readyConnector makes connections that keep their statements ready.
type readyConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c readyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connections are %T, which cannot do all that is needed", conn), conn.Close())
	}
	return &readyConn{sqliteConn: whole, ready: map[string]*readyStmt{}}, nil
}

// sqliteConn and sqliteStmt are what the driver's connections and statements can do. What is left out here would be lost.
type (
	sqliteConn interface {
		driver.Conn
		driver.ConnPrepareContext
		driver.ConnBeginTx
		driver.ExecerContext
		driver.NamedValueChecker
	}
	sqliteStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
		driver.NamedValueChecker
	}
)

// readyConn keeps the statements that nobody is using, by their text. database/sql lets one goroutine at a time at it.
type readyConn struct {
	sqliteConn
	ready map[string]*readyStmt
	bytes int
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *readyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if kept, ok := c.ready[query]; ok {
		c.take(kept)
		return kept, nil
	}
	made, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	whole, ok := made.(sqliteStmt)
	if !ok {
		return made, nil
	}
	return &readyStmt{sqliteStmt: whole, conn: c, query: query}, nil
}

func (c *readyConn) take(s *readyStmt) {
	delete(c.ready, s.query)
	c.bytes -= len(s.query)
}

// keep puts a statement back. Others, whichever, make room for it.
func (c *readyConn) keep(s *readyStmt) error {
	if c.ready == nil || len(s.query) > readyBytes/4 || c.ready[s.query] != nil {
		return s.sqliteStmt.Close()
	}
	var err error
	for _, other := range c.ready {
		if c.bytes+len(s.query) <= readyBytes {
			break
		}
		c.take(other)
		err = errors.Join(err, other.sqliteStmt.Close())
	}
	c.ready[s.query] = s
	c.bytes += len(s.query)
	return err
}

// Close implements driver.Conn.
func (c *readyConn) Close() error {
	var err error
	for _, s := range c.ready {
		err = errors.Join(err, s.sqliteStmt.Close())
	}
	c.ready = nil
	return errors.Join(err, c.sqliteConn.Close())
}

// readyStmt is a statement that goes back to its connection.
type readyStmt struct {
	sqliteStmt
	conn  *readyConn
	query string
}

// Close implements driver.Stmt.
func (s *readyStmt) Close() error { return s.conn.keep(s) }
