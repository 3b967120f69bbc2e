// Package app wires everything together, in sight, and runs it.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/graph"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/privacy"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/resolvers"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/server"
	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/tagtrail/tagtrail/streams"
	"github.com/tagtrail/tagtrail/web"
	"github.com/tagtrail/tagtrail/webhooks"
	"github.com/tagtrail/tagtrail/workers"
	"gorm.io/gorm"
)

// Version is the program's own version.
const Version = "0.1.0"

// App is the whole program, ready to serve or to work.
type App struct {
	Config    *Config
	DB        *gorm.DB
	Redis     redis.UniversalClient
	Files     *blob.Bucket
	Live      *live.Hub
	Queue     *queue.Queue
	Activity  *activity.Service
	Rules     *rules.Service
	Shops     *shops.Service
	Change    *change.Service
	Webhooks  *webhooks.Service
	Notify    *notify.Service
	Export    *export.Service
	Retention *retention.Service
	Streams   *streams.Service
	Privacy   *privacy.Service
	Chain     *chain.Service
	Server    *server.Server
	Log       *slog.Logger

	embedded *embeddedRedis
}

// New connects to what the settings name and wires the rooms. Close ends it.
func New(ctx context.Context, c *Config, log *slog.Logger) (*App, error) {
	a := &App{Config: c, Log: log}
	if err := a.connect(ctx); err != nil {
		a.Close()
		return nil, err
	}
	a.Live = live.New(a.Redis, c.RedisPrefix, log)
	a.Queue = queue.New(a.Redis, c.RedisPrefix, log)
	key, err := chain.OpenKey(ctx, a.DB, c.sealer)
	if err != nil {
		a.Close()
		return nil, err
	}
	a.Activity = &activity.Service{DB: a.DB, Live: a.Live, Key: key, AdminURL: c.ShopifyAdminURL}
	a.Chain = &chain.Service{DB: a.DB, Key: key, Files: a.Files}
	a.Rules = &rules.Service{DB: a.DB, Activity: a.Activity}
	a.Notify = a.newNotify(c, log)
	a.Shops = &shops.Service{
		DB: a.DB,
		Shopify: &shopify.App{
			ClientID:  c.ShopifyClientID,
			Secret:    c.ShopifyClientSecret,
			OldSecret: c.ShopifyOldSecret,
			BaseURL:   c.ShopifyURL,
			Budget:    &shopify.Budget{Redis: a.Redis, Prefix: c.RedisPrefix},
			Version:   Version,
		},
		Sealer:     c.sealer,
		Activity:   a.Activity,
		Notify:     a.Notify,
		Log:        log,
		Billing:    shops.Billing(c.Billing),
		WebhookURL: c.webhookURL(),
		AdminURL:   c.ShopifyAdminURL,
	}
	a.Change = &change.Service{
		DB:       a.DB,
		Shops:    a.Shops,
		Activity: a.Activity,
		Queue:    a.Queue,
		Live:     a.Live,
		FileKey:  c.fileKey(),
		FileURL:  strings.TrimSuffix(c.AppURL, "/") + "/operations",
	}
	a.Webhooks = &webhooks.Service{
		DB:         a.DB,
		Shops:      a.Shops,
		Rules:      a.Rules,
		Change:     a.Change,
		Activity:   a.Activity,
		Queue:      a.Queue,
		Log:        log,
		Waits:      c.waits(),
		SourcesURL: c.sourcesURL(),
	}
	a.wireOutward(c, log)
	a.Webhooks.Start()
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.Server = a.newServer(c, metrics)
	return a, nil
}

func (a *App) newNotify(c *Config, log *slog.Logger) *notify.Service {
	return &notify.Service{
		DB:       a.DB,
		Activity: a.Activity,
		Queue:    a.Queue,
		Mail:     &mail.Sender{Server: c.mailServer, From: c.MailFrom, Folder: c.mailFolder, Log: log},
		Log:      log,
		AdminURL: c.ShopifyAdminURL,
		App:      c.ShopifyClientID,
	}
}

// wireOutward wires the rooms by which entries leave the log: as files and messages, and for good.
func (a *App) wireOutward(c *Config, log *slog.Logger) {
	a.Export = &export.Service{
		DB:       a.DB,
		Activity: a.Activity,
		Notify:   a.Notify,
		Queue:    a.Queue,
		Live:     a.Live,
		Files:    a.Files,
		Key:      c.fileKey(),
		URL:      strings.TrimSuffix(c.AppURL, "/") + "/files/exports",
	}
	a.Streams = &streams.Service{
		DB:          a.DB,
		Activity:    a.Activity,
		Shops:       a.Shops,
		Notify:      a.Notify,
		Queue:       a.Queue,
		Sender:      streams.NewSender(c.StreamsAllowPrivate, "Tagtrail/"+Version),
		GiveUpAfter: time.Duration(c.StreamsGiveUpHours) * time.Hour,
	}
	a.Retention = &retention.Service{DB: a.DB, Activity: a.Activity, Queue: a.Queue, Files: a.Files}
	a.Privacy = &privacy.Service{
		DB:        a.DB,
		Activity:  a.Activity,
		Retention: a.Retention,
		Export:    a.Export,
		Streams:   a.Streams,
		Notify:    a.Notify,
		Queue:     a.Queue,
		Files:     a.Files,
		Log:       log,
	}
	a.Webhooks.Privacy = a.Privacy
}

// newServer wires what answers HTTP to the rooms.
func (a *App) newServer(c *Config, metrics *prometheus.Registry) *server.Server {
	return &server.Server{
		DB:          a.DB,
		Shops:       a.Shops,
		Webhooks:    a.Webhooks,
		OpenFailed:  a.Change.OpenFailedLink,
		WriteFailed: a.Change.WriteFailedCSV,
		Exports:     a.Export,
		GraphQL: graph.NewHandler(&resolvers.Resolver{Rooms: resolvers.Rooms{
			Activity:  a.Activity,
			Change:    a.Change,
			Export:    a.Export,
			Rules:     a.Rules,
			Shops:     a.Shops,
			Webhooks:  a.Webhooks,
			Retention: a.Retention,
			Streams:   a.Streams,
		}}, a.Shops.Live, a.Log, c.Environment != "production"),
		Files: web.Files(),
		Page: server.Page{
			ClientID:       c.ShopifyClientID,
			AppBridgeURL:   c.AppBridgeURL,
			PolarisURL:     c.PolarisURL,
			FrameAncestors: strings.TrimSpace(server.ShopifyAncestors + " " + c.FrameAncestors),
		},
		Log:     a.Log,
		Metrics: metrics,
	}
}

func (a *App) connect(ctx context.Context) error {
	if path, ok := strings.CutPrefix(a.Config.DatabaseURL, "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(strings.TrimPrefix(path, "//")), 0o700); err != nil {
			return fmt.Errorf("make the database's folder: %w", err)
		}
	}
	db, err := models.Open(ctx, a.Config.DatabaseURL, a.Log)
	if err != nil {
		return err
	}
	a.DB = db
	if err := a.checkMigrations(ctx); err != nil {
		return err
	}
	if a.Files, err = blob.Open(ctx, a.Config.FilesURL); err != nil {
		return err
	}
	return a.connectRedis()
}

// checkMigrations migrates a SQLite file, which is nobody else's. A Postgres database is migrated by its operator.
func (a *App) checkMigrations(ctx context.Context) error {
	if !models.IsPostgres(a.DB) {
		_, err := models.Migrate(ctx, a.DB)
		return err
	}
	done, err := models.Migrated(ctx, a.DB)
	if err != nil {
		return err
	}
	if !done {
		return errors.New("the database is not migrated: run tagtrail migrate first")
	}
	return nil
}

func (a *App) connectRedis() error {
	address := a.Config.RedisURL
	if a.Config.embedded() {
		embedded, err := startRedis()
		if err != nil {
			return err
		}
		a.embedded = embedded
		address = "redis://" + a.embedded.Addr()
	}
	client, err := openRedis(address)
	if err != nil {
		return fmt.Errorf("read REDIS_URL: %w", err)
	}
	a.Redis = client
	return nil
}

// Serve answers HTTP on the listener until ctx ends. In the embedded shape it also does the work: no other process
// could see its tasks.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	httpServer := &http.Server{
		Handler:           a.Server.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.Log.Handler(), slog.LevelWarn),
	}
	// Live pages hold their connections open; they connect again elsewhere.
	httpServer.RegisterOnShutdown(a.Live.DropAll)
	metrics, err := a.serveMetrics()
	if err != nil {
		return err
	}
	var worker *workers.Worker
	if a.Config.embedded() {
		if err := errors.Join(a.Webhooks.Reclaim(ctx), a.Streams.Reclaim(ctx), a.Export.Reclaim(ctx), a.Privacy.Reclaim(ctx)); err != nil {
			return err
		}
		if worker, err = a.startWorker(); err != nil {
			return err
		}
	}
	role := "serve"
	if a.Config.embedded() {
		role = "serve and worker in one"
	}
	a.begun(ctx, role)
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.stopAfter())
	defer cancel()
	errs := []error{err, httpServer.Shutdown(stopping), metrics.Shutdown(stopping)}
	if worker != nil {
		worker.Stop()
	}
	a.ended(ctx, role)
	return errors.Join(errs...)
}

// begun tells every shop's log that this process runs. A log that cannot be written to is no reason not to.
func (a *App) begun(ctx context.Context, role string) {
	err := a.Shops.Started(ctx, shops.Start{
		Role:     role,
		Version:  Version,
		Settings: a.Config.shown(),
		At:       models.Now(),
		NewCache: a.Config.embedded(),
	})
	a.logged("start", err)
}

// ended tells that it no longer does.
func (a *App) ended(ctx context.Context, role string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	a.logged("stop", a.Shops.Stopped(ctx, role, models.Now()))
}

// lastWords is how long a process that stops tries to say so.
const lastWords = 5 * time.Second

func (a *App) logged(what string, err error) {
	if err != nil {
		a.Log.Warn("not in the shops' logs", "what", what, "err", err)
	}
}

func (a *App) serveMetrics() (*http.Server, error) {
	metrics := &http.Server{Handler: a.Server.MetricsHandler(), ReadHeaderTimeout: 10 * time.Second}
	if a.Config.MetricsListen == "" {
		return metrics, nil
	}
	listener, err := net.Listen("tcp", a.Config.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	go func() {
		if err := metrics.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.Log.Error("metrics stopped", "err", err)
		}
	}()
	return metrics, nil
}

// Work does tasks and chores until ctx ends.
func (a *App) Work(ctx context.Context) error {
	if a.Config.embedded() {
		return errors.New("REDIS_URL is not set: without Redis, tagtrail serve does the work itself")
	}
	metrics, err := a.serveMetrics()
	if err != nil {
		return err
	}
	worker, err := a.startWorker()
	if err != nil {
		return errors.Join(err, metrics.Close())
	}
	a.begun(ctx, "worker")
	<-ctx.Done()
	worker.Stop()
	a.ended(ctx, "worker")
	return metrics.Close()
}

func (a *App) startWorker() (*workers.Worker, error) {
	return workers.Start(a.Redis, workers.Rooms{
		Activity:  a.Activity,
		Change:    a.Change,
		Webhooks:  a.Webhooks,
		Shops:     a.Shops,
		Export:    a.Export,
		Notify:    a.Notify,
		Retention: a.Retention,
		Streams:   a.Streams,
		Privacy:   a.Privacy,
		Chain:     a.Chain,
	}, workers.Options{
		Queue:       a.Config.RedisPrefix,
		Concurrency: a.Config.WorkerConcurrency,
		StopAfter:   a.Config.stopAfter(),
		Log:         a.Log,
	})
}

// Close ends everything that New began, the last first.
func (a *App) Close() {
	if a.Webhooks != nil {
		a.Webhooks.Stop()
	}
	if a.Queue != nil {
		a.Queue.Close()
	}
	if a.Live != nil {
		a.Live.Close()
	}
	if a.Redis != nil {
		a.closing("Redis", a.Redis.Close())
	}
	if a.embedded != nil {
		a.embedded.stop()
	}
	if a.Files != nil {
		a.closing("files", a.Files.Close())
	}
	if a.DB != nil {
		a.closing("database", models.Close(a.DB))
	}
}

func (a *App) closing(what string, err error) {
	if err != nil {
		a.Log.Warn("could not close", "what", what, "err", err)
	}
}
