// Command retention shows what it costs to let a day leave a log of thirty: by our job, by plain batched DELETE, and by
// dropping its partition by hand, each while somebody writes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/retention"
	"gorm.io/gorm"
)

const (
	days = 30
	// plainBatch is how many rows plain batched DELETE takes at once.
	plainBatch = 5000
	name       = "bench_retention"
)

type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`

	entries, shops int
	keep           string
}

func main() {
	var s settings
	flag.IntVar(&s.entries, "entries", 10_000_000, "how many entries the log has")
	flag.IntVar(&s.shops, "shops", 100, "how many shops there are; the first has half of the entries")
	flag.StringVar(&s.keep, "keep", "", "let days leave the Postgres database of this name, which bench/log filled and kept, instead of making one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-retention:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context) (err error) {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	fmt.Printf("%s/%s, %d cores, %s. The database and the programs share the cores.\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	server, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(server)) }()
	database := s.keep
	if database == "" {
		database = name
		if err := server.Exec("CREATE DATABASE " + name).Error; err != nil {
			return fmt.Errorf("make database: %w", err)
		}
		defer func() { err = errors.Join(err, server.Exec("DROP DATABASE "+name+" WITH (FORCE)").Error) }()
	}
	address, err := url.Parse(s.Database)
	if err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	address.Path = "/" + database
	db, err := models.Open(ctx, address.String(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(db)) }()
	rdb, err := redis.ParseURL(s.Redis)
	if err != nil {
		return fmt.Errorf("read address of Redis: %w", err)
	}
	client := redis.NewClient(rdb)
	log := slog.New(slog.DiscardHandler)
	hub, work := live.New(client, name, log), queue.New(client, name, log)
	defer func() {
		work.Close()
		hub.Close()
		err = errors.Join(err, client.Close())
	}()
	return s.measure(ctx, &world{db: db, log: &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}, queue: work})
}

// world is a log of thirty days.
type world struct {
	db    *gorm.DB
	log   *activity.Service
	queue *queue.Queue
	shops []*models.Shop
	// first is the oldest whole day.
	first time.Time
}

func (s *settings) measure(ctx context.Context, w *world) error {
	if err := s.prepare(ctx, w); err != nil {
		return err
	}
	if _, err := w.keeper(w.first.AddDate(0, 0, -1)).DropPartitions(ctx); err != nil { // the day that the log begins in
		return err
	}
	before, err := w.wrong(ctx) // those of days that left by other ways in an earlier run
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %9s %9s %12s %12s %16s %14s\n", "one day leaves", "entries", "time", "bytes left", "p99 write", "slowest write", "idle slowest")
	for i, way := range []struct {
		name string
		do   func(ctx context.Context, w *world, day time.Time) error
	}{
		{"our job", ours},
		{"plain DELETE, 5,000 rows at a time", plain},
		{"DETACH and DROP by hand", byHand},
	} {
		if err := w.compare(ctx, way.name, w.first.AddDate(0, 0, i), way.do); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		if i > 0 {
			continue // nobody keeps the counts there
		}
		if now, err := w.wrong(ctx); err != nil || now > before {
			return errors.Join(err, fmt.Errorf("%d counts differ from the log, %d did before", now, before))
		}
	}
	return nil
}

// prepare fills the log, or takes the one that was kept as it is.
func (s *settings) prepare(ctx context.Context, w *world) error {
	if _, err := models.Migrate(ctx, w.db); err != nil {
		return err
	}
	if s.keep == "" {
		began := time.Now()
		if err := s.fill(ctx, w); err != nil {
			return err
		}
		fmt.Printf("%d entries of %d shops over %d days, made in %.0f s.\n\n", s.entries, s.shops, days, time.Since(began).Seconds())
		return nil
	}
	if err := w.db.WithContext(ctx).Order("id").Find(&w.shops).Error; err != nil {
		return fmt.Errorf("load shops: %w", err)
	}
	var oldest models.Activity
	if err := w.db.WithContext(ctx).Select("occurred_at").Where("shop_id = ?", w.shops[0].ID).Order("occurred_at").Take(&oldest).Error; err != nil {
		return fmt.Errorf("find the oldest entry: %w", err)
	}
	w.first = oldest.OccurredAt.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	fmt.Printf("The entries of %d shops since %s, as they were kept.\n\n", len(w.shops), oldest.OccurredAt.UTC().Format(time.DateTime))
	return nil
}

// wrong counts what differs from the log in the counts of some shops.
func (w *world) wrong(ctx context.Context) (int, error) {
	wrong := 0
	for _, shop := range w.shops[:min(3, len(w.shops))] {
		differences, err := w.log.Verify(ctx, shop.ID)
		if err != nil {
			return 0, err
		}
		wrong += len(differences)
	}
	return wrong, nil
}

func (s *settings) fill(ctx context.Context, w *world) error {
	until := seed.Until()
	w.first = until.AddDate(0, 0, -days).Truncate(24*time.Hour).AddDate(0, 0, 1)
	for at := w.first.AddDate(0, 0, -1); at.Before(until); at = at.AddDate(0, 0, 7) {
		if err := models.EnsurePartitions(ctx, w.db, at); err != nil {
			return err
		}
	}
	now := models.Now()
	for i := range s.shops {
		w.shops = append(w.shops, &models.Shop{
			Domain:      fmt.Sprintf("shop-%d.myshopify.com", i),
			Plan:        models.PlanFree,
			Timezone:    "UTC",
			Settings:    models.Settings{RetentionDays: days, WebhookBodyDays: 30, SnapshotDays: 90},
			InstalledAt: now,
		})
	}
	if err := w.db.Create(&w.shops).Error; err != nil {
		return fmt.Errorf("make shops: %w", err)
	}
	made := &seed.Log{Shops: w.shops, Count: s.entries, Days: days, Until: until, Seed: 1, Key: activity.NewKey([32]byte{})}
	if err := made.Write(ctx, w.db); err != nil {
		return err
	}
	if err := w.log.Fold(ctx); err != nil {
		return err
	}
	return w.db.WithContext(ctx).Exec("ANALYZE").Error
}

// compare lets a day leave while somebody writes, and prints what it cost.
func (w *world) compare(ctx context.Context, name string, day time.Time, do func(context.Context, *world, time.Time) error) error {
	var entries int64
	query := w.db.WithContext(ctx).Model(&models.Activity{}).Where("occurred_at >= ? AND occurred_at < ?", day, day.AddDate(0, 0, 1))
	if err := query.Count(&entries).Error; err != nil {
		return fmt.Errorf("count entries: %w", err)
	}
	if err := w.db.WithContext(ctx).Exec("CHECKPOINT").Error; err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	idle, err := w.write(ctx, func() error {
		select {
		case <-time.After(2 * time.Second):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil {
		return err
	}
	var took time.Duration
	busy, err := w.write(ctx, func() error {
		began := time.Now()
		err := do(ctx, w, day)
		took = time.Since(began)
		return err
	})
	if err != nil {
		return err
	}
	var left int64
	err = w.db.WithContext(ctx).Raw("SELECT coalesce(pg_total_relation_size(to_regclass(?)), 0)", partition(day)).Scan(&left).Error
	if err != nil {
		return fmt.Errorf("measure what is left: %w", err)
	}
	fmt.Printf("%-34s %9d %8.2fs %12d %10.1fms %14.1fms %12.1fms\n", name, entries, took.Seconds(), left,
		milliseconds(busy[len(busy)*99/100]), milliseconds(busy[len(busy)-1]), milliseconds(idle[len(idle)-1]))
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// write records entries one after the other while something is done, and returns how long each took, in order.
func (w *world) write(ctx context.Context, do func() error) ([]time.Duration, error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	var took []time.Duration
	for {
		began := time.Now()
		err := w.log.Record(ctx, w.shops[len(took)%len(w.shops)], &models.Activity{
			Type:      models.SystemEvent,
			Action:    activity.CacheCleared,
			Status:    models.Success,
			Summary:   "Written meanwhile",
			ActorType: models.ActorSystem,
			ActorName: activity.System().Name,
		})
		if err != nil {
			return nil, errors.Join(err, <-done)
		}
		took = append(took, time.Since(began))
		select {
		case err := <-done:
			slices.Sort(took)
			return took, err
		default:
		}
	}
}

func partition(day time.Time) string { return "activities_30_" + day.Format("20060102") }

func ours(ctx context.Context, w *world, day time.Time) error {
	dropped, err := w.keeper(day).DropPartitions(ctx)
	if err == nil && !slices.Contains(dropped, partition(day)) {
		err = fmt.Errorf("it dropped %q", dropped)
	}
	return err
}

// keeper is what lets a day leave when its time has come.
func (w *world) keeper(day time.Time) *retention.Service {
	return &retention.Service{
		DB:       w.db,
		Activity: w.log,
		Queue:    w.queue,
		Now:      func() time.Time { return day.AddDate(0, 0, days+1) },
	}
}

func plain(ctx context.Context, w *world, day time.Time) error {
	for {
		gone := w.db.WithContext(ctx).Exec(`DELETE FROM `+partition(day)+` WHERE ctid IN
			(SELECT ctid FROM `+partition(day)+` LIMIT ?)`, plainBatch)
		if gone.Error != nil || gone.RowsAffected == 0 {
			return gone.Error
		}
	}
}

func byHand(ctx context.Context, w *world, day time.Time) error {
	if err := w.db.WithContext(ctx).Exec("ALTER TABLE activities_30 DETACH PARTITION " + partition(day)).Error; err != nil {
		return err
	}
	return w.db.WithContext(ctx).Exec("DROP TABLE " + partition(day)).Error
}
