package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/app"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
)

const queueName = "tagtrail_bench"

// tagtrail is the program itself, wired as it is when it serves, without a worker: nudges pile up in Redis.
type tagtrail struct {
	app     *app.App
	redis   *redis.Client
	address string
	domain  string
	close   func()
}

func (s *settings) startTagtrail(ctx context.Context, database string) (*tagtrail, error) {
	config, err := s.config(database)
	if err != nil {
		return nil, err
	}
	log := config.NewLogger(os.Stderr)
	if err := migrate(ctx, database, log); err != nil {
		return nil, err
	}
	options, err := redis.ParseURL(s.Redis)
	if err != nil {
		return nil, fmt.Errorf("read the address of Redis: %w", err)
	}
	a, err := app.New(ctx, config, log)
	if err != nil {
		return nil, err
	}
	t := &tagtrail{app: a, redis: redis.NewClient(options), domain: "ours.myshopify.com"}
	if t.address, t.close, err = serve(a.Server.Handler()); err != nil {
		a.Close()
		return nil, err
	}
	return t, t.prepare(ctx)
}

// config is the program's own, read as the program reads it.
func (s *settings) config(database string) (*app.Config, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	for name, value := range map[string]string{
		"APP_URL":               "http://tagtrail.test",
		"DATABASE_URL":          database,
		"FILES_URL":             "file:" + filepath.Join(os.TempDir(), "tagtrail-bench"),
		"REDIS_URL":             s.Redis,
		"REDIS_PREFIX":          queueName,
		"SHOPIFY_CLIENT_ID":     "bench",
		"SHOPIFY_CLIENT_SECRET": secret,
		"ENCRYPTION_KEYS":       "1:" + base64.StdEncoding.EncodeToString(key),
		"LOG_LEVEL":             "error", // the shops have no tokens, and a worker warns of that
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("set %s: %w", name, err)
		}
	}
	return app.ReadConfig()
}

func migrate(ctx context.Context, database string, log *slog.Logger) error {
	db, err := models.Open(ctx, database, log)
	if err != nil {
		return err
	}
	defer closeDB(db)
	_, err = models.Migrate(ctx, db)
	return err
}

// prepare installs a shop for each program, and empties Redis of what an earlier part left.
func (t *tagtrail) prepare(ctx context.Context) error {
	for id, domain := range map[int64]string{ours: t.domain, bare: "bare.myshopify.com", alone: "alone.myshopify.com"} {
		err := t.app.DB.WithContext(ctx).Create(&models.Shop{
			ID:          id,
			Domain:      domain,
			GID:         fmt.Sprintf("gid://shopify/Shop/%d", id),
			Name:        domain,
			Plan:        models.PlanFree,
			Timezone:    "UTC",
			Currency:    "USD",
			Settings:    models.Settings{RetentionDays: 30, WebhookBodyDays: 30, SnapshotDays: 90},
			InstalledAt: models.Now(),
		}).Error
		if err != nil {
			return fmt.Errorf("install a shop: %w", err)
		}
	}
	return t.redis.FlushAll(ctx).Err()
}

func (t *tagtrail) stop() {
	t.close()
	t.app.Close()
	if err := t.redis.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "bench: close Redis:", err)
	}
}

// nudges is how many wait in Redis.
func (t *tagtrail) nudges(ctx context.Context) (int64, error) {
	var all int64
	for _, lane := range queue.LaneNames(queueName) {
		n, err := t.redis.LLen(ctx, "asynq:{"+lane+"}:pending").Result()
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

// settle waits until no more nudges arrive in Redis.
func (t *tagtrail) settle(ctx context.Context) error {
	const look = 200 * time.Millisecond
	last := int64(-1)
	for {
		now, err := t.nudges(ctx)
		if err != nil || now == last {
			return err
		}
		last = now
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(look):
		}
	}
}

// printNudges says how many of Tagtrail's deliveries had their nudge sent; the sweep finds the others.
func (t *tagtrail) printNudges(ctx context.Context) error {
	sent, err := t.nudges(ctx)
	if err != nil {
		return err
	}
	rows, err := rowsOf(ctx, t.app.DB, ours)
	if err != nil {
		return err
	}
	fmt.Printf("Nudges in Redis so far: %d for %d deliveries.\n\n", sent, rows)
	return nil
}
