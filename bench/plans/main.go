// Command plans shows what the log's and the inbox's own queries cost in the database that bench/log filled and kept:
// their time, the pages they touch, and the way that Postgres chose.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// servers is where the scratch servers are: scripts/with-servers says so.
type servers struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`
}

func main() {
	kept := flag.String("keep", "", "the name of the database that bench/log filled and kept")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *kept); err != nil {
		fmt.Fprintln(os.Stderr, "plans:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func run(ctx context.Context, kept string) error {
	var where servers
	if err := env.Parse(&where); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	address, err := url.Parse(where.Database)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	address.Path = "/" + kept
	db, err := models.Open(ctx, address.String(), log)
	if err != nil {
		return err
	}
	defer closing(db)
	if err := seedInbox(ctx, db); err != nil {
		return err
	}
	return measure(ctx, db, where.Redis, log)
}

func closing(db *gorm.DB) {
	if err := models.Close(db); err != nil {
		fmt.Fprintln(os.Stderr, "plans:", err)
	}
}
