package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/plugin/dbresolver"
)

const (
	maxConns      = 20
	sqliteReaders = 4
	slowQuery     = time.Second
)

// Open connects to the database that the address names: postgres://... or sqlite:PATH.
func Open(ctx context.Context, address string, log *slog.Logger) (*gorm.DB, error) {
	config := &gorm.Config{
		SkipDefaultTransaction: true,
		NowFunc:                Now,
		TranslateError:         true,
		Logger: queryLog{logger.NewSlogLogger(log, logger.Config{
			SlowThreshold:             slowQuery,
			LogLevel:                  logger.Warn,
			IgnoreRecordNotFoundError: true,
		})},
	}
	var (
		db  *gorm.DB
		err error
	)
	switch scheme, rest, _ := strings.Cut(address, ":"); scheme {
	case "postgres", "postgresql":
		db, err = openPostgres(address, config)
	case "sqlite":
		db, err = openSQLite(rest, config)
	default:
		return nil, fmt.Errorf("database address %q: it must begin with sqlite: or postgres://", scheme+":")
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return db, nil
}

// openPostgres opens connections that plan each query for its own values: a plan for all values takes half a megabyte
// on each connection with forty partitions, and walks the log as suits a shop of average size (docs/adr/0009). Compiling
// a plan takes longer than running it. Statements are kept ready by pgx, for each connection: GORM's own keeping makes
// three round trips of each statement in a transaction.
func openPostgres(address string, config *gorm.Config) (*gorm.DB, error) {
	settings, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"plan_cache_mode": "force_custom_plan", "jit": "off"} {
		if _, chosen := settings.RuntimeParams[name]; !chosen {
			settings.RuntimeParams[name] = value
		}
	}
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: stdlib.OpenDB(*settings)}), config)
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(maxConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

// openSQLite opens one connection that writes and a few that read: SQLite has one writer at a time, and waiting
// for a connection is fairer than waiting for its lock.
func openSQLite(path string, config *gorm.Config) (*gorm.DB, error) {
	path = strings.TrimPrefix(path, "//")
	query := url.Values{
		"_txlock":  {"immediate"},
		"_timefmt": {"unixepoch_micro"},
		"_pragma": {
			"busy_timeout(10000)", "auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)", "temp_store(memory)",
			"cache_size(-32000)",
		},
	}
	address := "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
	dialector, err := dialSQLite(address + query.Encode())
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(dialector, config)
	if err != nil {
		return nil, err
	}
	writer, err := db.DB()
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	query.Del("_txlock")
	reader, err := dialSQLite(address + query.Encode())
	if err != nil {
		return nil, err
	}
	resolver := dbresolver.Register(dbresolver.Config{Replicas: []gorm.Dialector{reader}}).
		SetMaxOpenConns(sqliteReaders).SetMaxIdleConns(sqliteReaders)
	if err := db.Use(resolver); err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	return db, nil
}

// queryLog leaves out the values of queries, which tell of people, and queries whose asker went away: that somebody
// closed a page is no error.
type queryLog struct{ logger.Interface }

// LogMode implements logger.Interface.
func (l queryLog) LogMode(level logger.LogLevel) logger.Interface {
	return queryLog{l.Interface.LogMode(level)}
}

// ParamsFilter implements gorm.ParamsFilter.
func (l queryLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace implements logger.Interface. What is neither slow nor wrong is left out here: writing its text costs more than
// many a query.
func (l queryLog) Trace(ctx context.Context, begin time.Time, query func() (sql string, rows int64), err error) {
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	if (err == nil || errors.Is(err, gorm.ErrRecordNotFound)) && time.Since(begin) <= slowQuery {
		return
	}
	l.Interface.Trace(ctx, begin, query, err)
}

// Close closes every connection of the database.
func Close(db *gorm.DB) error {
	return eachPool(db, (*sql.DB).Close)
}

// eachPool does something with every pool of connections of the database.
func eachPool(db *gorm.DB, do func(pool *sql.DB) error) error {
	if plugin, ok := db.Plugins[(&dbresolver.DBResolver{}).Name()].(*dbresolver.DBResolver); ok {
		return plugin.Call(func(pool gorm.ConnPool) error {
			whole, ok := pool.(*sql.DB)
			if !ok {
				return fmt.Errorf("a pool of the database is %T", pool)
			}
			return do(whole)
		})
	}
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("find the pool of the database: %w", err)
	}
	return do(pool)
}

// IsPostgres reports whether the database is Postgres; it is SQLite otherwise.
func IsPostgres(db *gorm.DB) bool { return db.Name() == "postgres" }
