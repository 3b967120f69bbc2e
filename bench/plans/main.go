// Command plans fills a scratch Postgres with a log of ten million entries and shows what the log's and the inbox's
// own queries cost there: their time, the pages they touch, and the way that Postgres chose.
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
	entries := flag.Int("entries", 10_000_000, "how many entries the log has, spread over 30 days")
	keep := flag.Bool("keep", false, "keep the database, and use the one that was kept")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *entries, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "plans:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

const databaseName = "tagtrail_plans"

func run(ctx context.Context, entries int, keep bool) error {
	var where servers
	if err := env.Parse(&where); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	server, err := models.Open(ctx, where.Database, log)
	if err != nil {
		return err
	}
	defer closing(server)
	var known int64
	err = server.Raw("SELECT count(*) FROM pg_database WHERE datname = ?", databaseName).Scan(&known).Error
	if err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if known == 0 {
		if err := server.Exec("CREATE DATABASE " + databaseName).Error; err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
	}
	if !keep {
		defer drop(server)
	}
	address, err := url.Parse(where.Database)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	address.Path = "/" + databaseName
	db, err := models.Open(ctx, address.String(), log)
	if err != nil {
		return err
	}
	defer closing(db)
	if known == 0 {
		if err := seed(ctx, db, entries); err != nil {
			return err
		}
	}
	return measure(ctx, db, where.Redis, log)
}

func drop(server *gorm.DB) {
	if err := server.Exec("DROP DATABASE " + databaseName + " WITH (FORCE)").Error; err != nil {
		fmt.Fprintln(os.Stderr, "plans: drop the database:", err)
	}
}

func closing(db *gorm.DB) {
	if err := models.Close(db); err != nil {
		fmt.Fprintln(os.Stderr, "plans:", err)
	}
}
