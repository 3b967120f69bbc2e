package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"gorm.io/gorm"
)

// withDatabase runs f with the database that DATABASE_URL names. It needs no other setting.
func withDatabase(ctx context.Context, f func(db *gorm.DB) error) error {
	var c struct {
		DatabaseURL string `env:"DATABASE_URL" envDefault:"sqlite:data/tagtrail.db"`
	}
	if err := env.Parse(&c); err != nil {
		return fmt.Errorf("read DATABASE_URL: %w", err)
	}
	db, err := models.Open(ctx, c.DatabaseURL, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	return errors.Join(f(db), models.Close(db))
}

// withMigrated is withDatabase for what needs the newest schema.
func withMigrated(ctx context.Context, f func(db *gorm.DB) error) error {
	return withDatabase(ctx, func(db *gorm.DB) error {
		done, err := models.Migrated(ctx, db)
		if err != nil {
			return err
		}
		if !done {
			return errors.New("the database is not migrated: run tagtrail migrate first")
		}
		return f(db)
	})
}

// Migrate brings the database to the newest schema.
func Migrate(ctx context.Context, out io.Writer) error {
	return withDatabase(ctx, func(db *gorm.DB) error {
		taken, err := models.Migrate(ctx, db)
		for _, m := range taken {
			fmt.Fprintf(out, "%04d %s\n", m.Version, m.Name)
		}
		if err == nil {
			fmt.Fprintf(out, "%d steps taken; the schema is the newest.\n", len(taken))
		}
		return err
	})
}

// Sim runs the simulated Shopify alone, for an app that runs elsewhere.
type Sim struct {
	Addr         string `default:"127.0.0.1:9292" help:"Where the simulator listens."`
	AppURL       string `default:"http://127.0.0.1:8080" help:"Where the app listens."`
	ClientID     string `default:"tagtrail" help:"The app's client id."`
	ClientSecret string `default:"hush" help:"The app's client secret."`
	Traffic      string `default:"off" enum:"on,off" help:"Whether things happen in the shops by themselves."`
}

// Run serves until ctx ends. out gets the address.
func (s Sim) Run(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	sim := simulator.New(simulator.Options{
		ClientID:     s.ClientID,
		ClientSecret: s.ClientSecret,
		AppURL:       s.AppURL,
		Log:          slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	defer sim.Close()
	sim.SetTraffic(s.Traffic == "on")
	httpServer := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(out, "A simulated Shopify: http://%s\n", listener.Addr())
	serving := make(chan error, 1)
	go func() { serving <- httpServer.Serve(listener) }()
	select {
	case err := <-serving:
		return err
	case <-ctx.Done():
		return httpServer.Close()
	}
}
