package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// write measures writing into the log as it is, with all its indexes, beside a table that has none.
func (s *settings) write(ctx context.Context, db *gorm.DB, shop *models.Shop, address string) error {
	options, err := redis.ParseURL(s.Redis)
	if err != nil {
		return fmt.Errorf("read the address of Redis: %w", err)
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	hub := live.New(rdb, "bench_log", slog.New(slog.DiscardHandler))
	defer hub.Close()
	ledger := &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}
	fmt.Printf("### %s, writing %d entries\n\n| way | commits at once | entries a second |\n|---|---:|---:|\n", db.Name(), s.writes)
	for number, at := range []int{1, 8} {
		entries := s.entries(shop, number)
		err := timed("activity.Record, every index and the counts", at, entries, func(e *models.Activity) error {
			return ledger.Record(ctx, shop, e)
		})
		if err != nil {
			return err
		}
	}
	whole := &seed.Log{Shops: []*models.Shop{shop}, Count: s.writes, Days: 1, Until: seed.Until(), Seed: 12, Key: activity.NewKey([32]byte{})}
	began := time.Now()
	if err := whole.Write(ctx, db); err != nil {
		return err
	}
	printRate("the same in bulk, as seed-activities writes", "-", s.writes, began)
	if models.IsPostgres(db) {
		err = s.writeBare(ctx, shop, address)
	} else {
		err = s.writeBareSQLite(ctx, db, shop)
	}
	fmt.Println()
	return err
}

// entries are what is written, other ones for each number.
func (s *settings) entries(shop *models.Shop, number int) []*models.Activity {
	log := &seed.Log{Shops: []*models.Shop{shop}, Count: s.writes, Days: 1, Until: seed.Until(), Seed: uint64(100 + number), Key: activity.NewKey([32]byte{})}
	return slices.Collect(log.Entries())
}

func printRate(way, commits string, entries int, began time.Time) {
	fmt.Printf("| %s | %s | %.0f |\n", way, commits, float64(entries)/time.Since(began).Seconds())
}

// timed writes each entry in a transaction of its own, so many at once.
func timed(way string, atOnce int, entries []*models.Activity, write func(*models.Activity) error) error {
	began := time.Now()
	var running sync.WaitGroup
	errs := make(chan error, atOnce)
	for i := range atOnce {
		running.Go(func() {
			for j := i; j < len(entries); j += atOnce {
				if err := write(entries[j]); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	running.Wait()
	select {
	case err := <-errs:
		return fmt.Errorf("%s: %w", way, err)
	default:
	}
	printRate(way, fmt.Sprint(atOnce), len(entries), began)
	return nil
}

// writeBare writes the same rows into a table without indexes and triggers, as a plain program does.
func (s *settings) writeBare(ctx context.Context, shop *models.Shop, address string) error {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS bare; CREATE TABLE bare (LIKE activities)"); err != nil {
		return fmt.Errorf("make the bare table: %w", err)
	}
	places := make([]string, len(seed.Columns))
	for i := range places {
		places[i] = fmt.Sprint("$", i+1)
	}
	insert := "INSERT INTO bare (" + strings.Join(seed.Columns, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	for number, at := range []int{1, 8} {
		err := timed("bare INSERT, no index", at, s.entries(shop, number), func(e *models.Activity) error {
			row, err := seed.Row(e)
			if err != nil {
				return err
			}
			_, err = pool.Exec(ctx, insert, row...)
			return err
		})
		if err != nil {
			return err
		}
	}
	entries := s.entries(shop, 2)
	began := time.Now()
	_, err = pool.CopyFrom(ctx, pgx.Identifier{"bare"}, seed.Columns,
		pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) { return seed.Row(entries[i]) }))
	if err != nil {
		return fmt.Errorf("bare COPY: %w", err)
	}
	printRate("bare COPY, no index", "-", len(entries), began)
	return nil
}

// writeBareSQLite does so on SQLite, which has one writer.
func (s *settings) writeBareSQLite(ctx context.Context, db *gorm.DB, shop *models.Shop) error {
	for _, sql := range []string{"DROP TABLE IF EXISTS bare", "CREATE TABLE bare AS SELECT * FROM activities LIMIT 0"} {
		if err := db.Exec(sql).Error; err != nil {
			return fmt.Errorf("make the bare table: %w", err)
		}
	}
	err := timed("bare INSERT, no index", 1, s.entries(shop, 0), func(e *models.Activity) error {
		return db.WithContext(ctx).Table("bare").Create(e).Error
	})
	if err != nil {
		return err
	}
	entries := s.entries(shop, 1)
	began := time.Now()
	err = models.InTx(ctx, db, func(tx *gorm.DB) error { return tx.Table("bare").CreateInBatches(entries, 200).Error })
	if err != nil {
		return fmt.Errorf("bare INSERT in bulk: %w", err)
	}
	printRate("bare INSERT in bulk, no index", "-", len(entries), began)
	return nil
}
