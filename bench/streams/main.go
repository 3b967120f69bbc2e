// Command streams shows what streams cost those who write: entries of a shop without one, beside the same log without
// the triggers, and entries of shops that have one and ten.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// settings say where the servers are, which scripts/with-servers starts, and how much to measure.
type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`

	writes int
}

func main() {
	var s settings
	flag.IntVar(&s.writes, "writes", 4000, "how many entries each shop gets, each in a transaction of its own")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench-streams:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context, out io.Writer) error {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	if err := s.onPostgres(ctx, out); err != nil {
		return fmt.Errorf("on Postgres: %w", err)
	}
	dir, err := os.MkdirTemp("", "tagtrail-bench-streams-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	addresses := make([]string, len(kinds))
	for i := range kinds {
		addresses[i] = fmt.Sprintf("sqlite:%s", filepath.Join(dir, fmt.Sprintf("%d.db", i)))
	}
	if err := s.bench(ctx, out, "SQLite", addresses); err != nil {
		return fmt.Errorf("on SQLite: %w", err)
	}
	return nil
}

func (s *settings) onPostgres(ctx context.Context, out io.Writer) (err error) {
	server, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(server)) }()
	var addresses []string
	for i := range kinds {
		name := fmt.Sprintf("bench_streams_%d_%d", i, time.Now().UnixNano())
		if err := server.Exec("CREATE DATABASE " + name).Error; err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
		defer func() { err = errors.Join(err, server.Exec("DROP DATABASE "+name+" WITH (FORCE)").Error) }()
		address, err := url.Parse(s.Database)
		if err != nil {
			return fmt.Errorf("read the database's address: %w", err)
		}
		address.Path = "/" + name
		addresses = append(addresses, address.String())
	}
	return s.bench(ctx, out, "Postgres", addresses)
}

// writer writes entries of one shop.
type writer struct {
	name  string
	log   *activity.Service
	shop  *models.Shop
	times []time.Duration
}

// bench writes to all shops in turn, so that what else the machine does meets them alike.
func (s *settings) bench(ctx context.Context, out io.Writer, name string, addresses []string) error {
	writers, closeAll, err := s.writers(ctx, addresses)
	if err != nil {
		return err
	}
	defer closeAll()
	// Each turn begins with another, and every second one goes backwards: who comes after whom makes no difference.
	step := [2]int{1, len(writers) - 1}
	for i := range s.writes {
		for j := range writers {
			w := writers[(i+j*step[i%2])%len(writers)]
			began := time.Now()
			if err := w.log.Record(ctx, w.shop, entry()); err != nil {
				return err
			}
			w.times = append(w.times, time.Since(began))
		}
	}
	fmt.Fprintf(out, "%s, median of %d entries\n", name, s.writes)
	plain := median(writers[0].times)
	for _, w := range writers {
		middle := median(w.times)
		fmt.Fprintf(out, "  %-28s %8.0f µs an entry   %.3f of the first\n", w.name, float64(middle)/1e3, float64(middle)/float64(plain))
	}
	return nil
}

func (s *settings) writers(ctx context.Context, addresses []string) ([]*writer, func(), error) {
	options, err := redis.ParseURL(s.Redis)
	if err != nil {
		return nil, nil, fmt.Errorf("read the address of Redis: %w", err)
	}
	rdb := redis.NewClient(options)
	hub := live.New(rdb, fmt.Sprint("bench-streams-", time.Now().UnixNano()), slog.New(slog.DiscardHandler))
	var opened []*gorm.DB
	closeAll := func() {
		hub.Close()
		for _, db := range opened {
			_ = models.Close(db)
		}
		_ = rdb.Close()
	}
	var writers []*writer
	for i, address := range addresses {
		db, err := models.Open(ctx, address, slog.New(slog.DiscardHandler))
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		opened = append(opened, db)
		w, err := fill(ctx, &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}, kinds[i])
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		writers = append(writers, w)
	}
	return writers, closeAll, nil
}

// kind is a shop in a database of its own: what a database holds besides makes no difference then.
type kind struct {
	name     string
	triggers bool
	streams  int
}

var kinds = []kind{{"no triggers", false, 0}, {"no stream", true, 0}, {"one stream", true, 1}, {"ten streams", true, 10}}

// fill migrates a database and makes its shop.
func fill(ctx context.Context, log *activity.Service, k kind) (*writer, error) {
	if _, err := models.Migrate(ctx, log.DB); err != nil {
		return nil, err
	}
	db := log.DB.WithContext(ctx)
	for _, trigger := range []string{"activities_inserted_streams", "activities_updated_streams"} {
		drop := "DROP TRIGGER " + trigger
		if models.IsPostgres(db) {
			drop += " ON activities"
		}
		if k.triggers {
			continue
		}
		if err := db.Exec(drop).Error; err != nil {
			return nil, fmt.Errorf("drop a trigger: %w", err)
		}
	}
	shop := &models.Shop{Domain: "shop.myshopify.com", Plan: models.PlanPro, Timezone: "UTC", InstalledAt: models.Now(),
		Settings: models.Settings{RetentionDays: int(models.ClassLong), WebhookBodyDays: 30, SnapshotDays: 90}}
	if err := db.Create(shop).Error; err != nil {
		return nil, fmt.Errorf("make a shop: %w", err)
	}
	for range k.streams {
		stream := &models.Stream{ID: models.NewID(models.Now()), ShopID: shop.ID, Name: "bench", Filter: []byte("{}"), Secret: []byte{}, Enabled: true}
		if err := db.Create(stream).Error; err != nil {
			return nil, fmt.Errorf("make a stream: %w", err)
		}
	}
	return &writer{name: k.name, log: log, shop: shop}, nil
}

func entry() *models.Activity {
	return &models.Activity{Type: models.Webhook, Action: activity.WebhookReceived, Status: models.Success, Summary: "Order #1042 updated",
		ActorType: models.ActorExternal, ActorName: "Shopify"}
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
