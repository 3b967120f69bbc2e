package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/ncruces/go-sqlite3/driver" // registers the driver "sqlite3"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// The programs, each with a shop of its own, so that what each kept can be counted.
const (
	ours int64 = iota + 1
	bare
	alone
)

const warmUp = time.Second

// program is one of those that are measured beside each other.
type program struct {
	name    string
	shop    int64
	connect func() (sender, error)
	// settle waits until what the program does after its answers is done, so that it burdens nobody else's turn.
	settle func(ctx context.Context) error
}

// results are the legs of each program, round by round.
type results struct {
	programs []program
	legs     [][]leg
}

// measure gives the programs their turns: one warms each up, then A B C, A B C, ...
func (s *settings) measure(ctx context.Context, programs []program, connections int, bodies []body, db *gorm.DB) (*results, error) {
	r := &results{programs: programs, legs: make([][]leg, len(programs))}
	for round := range s.rounds + 1 {
		for i, p := range programs {
			length := s.leg
			if round == 0 {
				length = warmUp
			}
			before, err := rowsOf(ctx, db, p.shop)
			if err != nil {
				return nil, err
			}
			turn := func() (err error) {
				l, err := drive(ctx, connections, length, bodies, p.connect)
				if round > 0 {
					r.legs[i] = append(r.legs[i], l)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
				return kept(ctx, db, p, before, l.acknowledged)
			}
			if i == 0 && round == s.rounds {
				err = s.profiled(turn)
			} else {
				err = turn()
			}
			if err == nil && p.settle != nil {
				err = p.settle(ctx)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return r, ctx.Err()
}

func rowsOf(ctx context.Context, db *gorm.DB, shop int64) (int64, error) {
	var count int64
	err := db.WithContext(ctx).Model(&models.Delivery{}).Where("shop_id = ?", shop).Count(&count).Error
	return count, err
}

// kept checks that every delivery that was acknowledged is there.
func kept(ctx context.Context, db *gorm.DB, p program, before int64, acknowledged int) error {
	after, err := rowsOf(ctx, db, p.shop)
	if err != nil {
		return err
	}
	if after-before != int64(acknowledged) {
		return fmt.Errorf("%s acknowledged %d deliveries and kept %d", p.name, acknowledged, after-before)
	}
	return nil
}

// serve answers HTTP on loopback until stop is called.
func serve(handler http.Handler) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "bench: serve:", err)
		}
	}()
	return listener.Addr().String(), func() {
		_ = server.Close()
		<-done
	}, nil
}

// rounds measures Tagtrail beside the bare handler and the INSERT alone, on whatever database.
func (s *settings) compare(ctx context.Context, t *tagtrail, in insert, title string) error {
	bodies, err := makeBodies()
	if err != nil {
		return err
	}
	bareAddress, stop, err := serve(bareHandler(in, bare))
	if err != nil {
		return err
	}
	defer stop()
	programs := []program{
		{"Tagtrail: verified, kept once, counted if doubled, nudge sent", ours, func() (sender, error) { return dial(t.address, t.domain) }, t.settle},
		{"bare net/http handler: verified, one INSERT, plain body", bare, func() (sender, error) { return dial(bareAddress, "bare.myshopify.com") }, nil},
		{"INSERT alone, no HTTP", alone, func() (sender, error) { return inserter{in, alone}, nil }, nil},
	}
	for _, connections := range s.connections {
		r, err := s.measure(ctx, programs, connections, bodies, t.app.DB)
		if err != nil {
			return err
		}
		r.print(fmt.Sprintf("%s, %d connections, %d-byte body", title, connections, len(bodies[0].raw)))
		if err := t.printNudges(ctx); err != nil {
			return err
		}
	}
	fmt.Printf("After each turn the rows were counted: each delivery that was acknowledged is there. Load average %s.\n\n", loadAverage())
	return nil
}

func (s *settings) benchPostgres(ctx context.Context) error {
	address, drop, err := s.makeDatabase(ctx)
	if err != nil {
		return err
	}
	defer drop()
	t, err := s.startTagtrail(ctx, address)
	if err != nil {
		return err
	}
	defer t.stop()
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	config.MaxConns = 20 // as many as Tagtrail may have
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to Postgres: %w", err)
	}
	defer pool.Close()
	return s.compare(ctx, t, insertPostgres(pool), "Postgres")
}

func (s *settings) benchSQLite(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "tagtrail-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "bench.db")
	t, err := s.startTagtrail(ctx, "sqlite:"+path)
	if err != nil {
		return err
	}
	defer t.stop()
	query := url.Values{
		"_txlock":  {"immediate"},
		"_timefmt": {"unixepoch_micro"},
		"_pragma":  {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)"},
	}
	pool, err := sql.Open("sqlite3", "file:"+path+"?"+query.Encode())
	if err != nil {
		return fmt.Errorf("open SQLite: %w", err)
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1) // SQLite has one writer
	statement, err := pool.PrepareContext(ctx, insertSQL)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer statement.Close()
	return s.compare(ctx, t, insertSQLite(statement), "SQLite, synchronous=full")
}

// makeDatabase makes a database that nobody else uses.
func (s *settings) makeDatabase(ctx context.Context) (address string, drop func(), err error) {
	server, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("bench_%d", time.Now().UnixNano())
	if err := server.Exec("CREATE DATABASE " + name).Error; err != nil {
		closeDB(server)
		return "", nil, fmt.Errorf("make the database: %w", err)
	}
	u, err := url.Parse(s.Database)
	if err != nil {
		closeDB(server)
		return "", nil, fmt.Errorf("read the database's address: %w", err)
	}
	u.Path = "/" + name
	return u.String(), func() {
		if err := server.Exec("DROP DATABASE " + name + " WITH (FORCE)").Error; err != nil {
			fmt.Fprintln(os.Stderr, "bench: drop the database:", err)
		}
		closeDB(server)
	}, nil
}
