package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/app"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"gorm.io/gorm"
)

const (
	clientID = "bench"
	secret   = "a secret of the bench"
)

// world is Tagtrail beside a simulated Shopify: this process serves, others work.
type world struct {
	app     *app.App
	sim     *simulator.Simulator
	simURL  string
	shops   []*models.Shop
	address string
	workers []*worker
	// ends undo what was begun, the last first.
	ends []func() error
}

// store says what Shopify has.
type store struct {
	// shops is how many shops there are, each with so many products.
	shops, products         int
	bucket, restore, bulkPS float64
	// echoes lets Shopify tell us of our own changes.
	echoes bool
	// tap sees every request to Shopify.
	tap func(http.Handler) http.Handler
}

// build starts everything but the workers, on a database of its own.
func (s *settings) build(ctx context.Context, o store) (w *world, err error) {
	w = &world{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if err := w.makeDatabase(ctx, s.Database); err != nil {
		return w, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return w, fmt.Errorf("listen: %w", err)
	}
	if err := w.simulate(o, "http://"+listener.Addr().String()); err != nil {
		return w, errors.Join(err, listener.Close())
	}
	if err := w.start(ctx, s.Redis, listener); err != nil {
		return w, err
	}
	for i := range o.shops {
		token, err := w.sim.SessionToken(domain(i), "")
		if err != nil {
			return w, err
		}
		shop, err := w.app.Shops.Install(ctx, token)
		if err != nil {
			return w, err
		}
		w.shops = append(w.shops, shop)
	}
	return w, nil
}

func domain(i int) string { return fmt.Sprintf("shop-%d.myshopify.com", i) }

func (w *world) makeDatabase(ctx context.Context, server string) error {
	db, err := models.Open(ctx, server, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("bench_operations_%d", time.Now().UnixNano())
	w.ends = append(w.ends, func() error {
		return errors.Join(db.Exec("DROP DATABASE IF EXISTS "+name+" WITH (FORCE)").Error, models.Close(db))
	})
	if err := db.WithContext(ctx).Exec("CREATE DATABASE " + name).Error; err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	address, err := url.Parse(server)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	address.Path = "/" + name
	w.address = address.String()
	return w.migrate(ctx)
}

func (w *world) migrate(ctx context.Context) error {
	db, err := models.Open(ctx, w.address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = models.Migrate(ctx, db)
	if err == nil {
		err = models.EnsurePartitions(ctx, db, models.Now())
	}
	return errors.Join(err, models.Close(db))
}

func (w *world) simulate(o store, appURL string) error {
	list := make([]simulator.Shop, o.shops)
	for i := range list {
		list[i] = simulator.Shop{
			Domain:   domain(i),
			Name:     fmt.Sprint("Shop ", i),
			Plan:     "PRO",
			Timezone: "America/Toronto",
			Currency: "CAD",
			Staff:    []simulator.Staff{{ID: fmt.Sprint(100 + i), Name: "Riley Park", Email: "riley@shop.example"}},
		}
	}
	w.sim = simulator.New(simulator.Options{
		Shops:        list,
		ClientID:     clientID,
		ClientSecret: secret,
		AppURL:       appURL,
		Products:     o.products,
		Customers:    -1,
		Orders:       -1,
		Bucket:       o.bucket,
		Restore:      o.restore,
		BulkRate:     o.bulkPS,
		IndexLag:     -1,
		Seed:         1,
	})
	if !o.echoes {
		if err := w.sim.SetFaults(simulator.Fault{Name: "webhook_lost", Operation: "products/update"}); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var handler http.Handler = w.sim
	if o.tap != nil {
		handler = o.tap(w.sim)
	}
	w.simURL = "http://" + listener.Addr().String()
	w.serve(listener, handler)
	w.ends = append(w.ends, func() error { w.sim.Close(); return nil })
	return nil
}

// serve answers on the listener until the end.
func (w *world) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	w.ends = append(w.ends, func() error {
		err := server.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
}

// start wires the program and answers HTTP. The workers read the same settings.
func (w *world) start(ctx context.Context, redisURL string, listener net.Listener) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	for name, value := range map[string]string{
		"APP_URL":               "http://" + listener.Addr().String(),
		"DATABASE_URL":          w.address,
		"FILES_URL":             "file:" + filepath.Join(os.TempDir(), "tagtrail-bench"),
		"REDIS_URL":             redisURL,
		"REDIS_PREFIX":          "bench-" + rand.Text(),
		"SHOPIFY_CLIENT_ID":     clientID,
		"SHOPIFY_CLIENT_SECRET": secret,
		"SHOPIFY_URL":           w.simURL + "/{shop}",
		"ENCRYPTION_KEYS":       "1:" + base64.StdEncoding.EncodeToString(key),
		"BILLING":               "shopify",
		"ENVIRONMENT":           "production",
		"LOG_LEVEL":             "error",
	} {
		if err := os.Setenv(name, value); err != nil {
			return errors.Join(fmt.Errorf("set %s: %w", name, err), listener.Close())
		}
	}
	config, err := app.ReadConfig()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	a, err := app.New(ctx, config, config.NewLogger(os.Stderr))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	w.app = a
	w.ends = append(w.ends, func() error { a.Close(); return nil })
	w.serve(listener, a.Server.Handler())
	return nil
}

// work starts so many workers.
func (w *world) work(n int) error {
	for range n {
		one, err := startWorker()
		if err != nil {
			return err
		}
		w.workers = append(w.workers, one)
	}
	return nil
}

// rest ends the workers and returns what each has used.
func (w *world) rest() ([]*usage, error) {
	var all []*usage
	var errs []error
	for _, one := range w.workers {
		u, err := one.stop()
		all, errs = append(all, u), append(errs, err)
	}
	w.workers = nil
	return all, errors.Join(errs...)
}

func (w *world) close() error {
	_, err := w.rest()
	for len(w.ends) > 0 {
		last := len(w.ends) - 1
		err = errors.Join(err, w.ends[last]())
		w.ends = w.ends[:last]
	}
	return err
}

// operate starts an operation that adds a tag, by bulk operations or not.
func (w *world) operate(ctx context.Context, shop *models.Shop, bulk bool, what change.Selection, tag string) (string, error) {
	w.app.Change.Way = &bulk
	op, err := w.app.Change.Start(ctx, shop, models.Actor{Type: models.ActorSystem, Name: "bench"}, change.Input{
		Kind:      models.TagAdd,
		Resource:  models.Product,
		Selection: what,
		Tags:      []string{tag},
	})
	if err != nil {
		return "", err
	}
	return op.ID, nil
}

// ended waits for the end of an operation, and makes sure that it did what it was to do.
func (w *world) ended(ctx context.Context, id string, items int) (*models.Operation, error) {
	const look = 100 * time.Millisecond
	for {
		var op models.Operation
		if err := w.app.DB.WithContext(ctx).Where("id = ?", id).Take(&op).Error; err != nil {
			return nil, fmt.Errorf("load operation: %w", err)
		}
		if op.Status.Ended() {
			if op.Succeeded != items {
				return nil, fmt.Errorf("the operation ended as %s with %+v, want %d done", op.Status, op.ItemCounts, items)
			}
			return &op, nil
		}
		if err := pause(ctx, look); err != nil {
			return nil, err
		}
	}
}

// took is how long an operation took from its start to its end.
func took(op *models.Operation) float64 { return op.FinishedAt.Sub(op.CreatedAt).Seconds() }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// product is a record as another app reads it.
type product struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// products reads the first products of a shop as another app, which has a budget of its own.
func (w *world) products(ctx context.Context, shop *models.Shop, n int) ([]product, error) {
	const page = 250
	var all []product
	after := ""
	for len(all) < n {
		var answer struct {
			Data struct {
				Products struct {
					Nodes    []product `json:"nodes"`
					PageInfo struct {
						EndCursor   string `json:"endCursor"`
						HasNextPage bool   `json:"hasNextPage"`
					} `json:"pageInfo"`
				} `json:"products"`
			} `json:"data"`
		}
		variables := map[string]any{"first": min(page, n-len(all))}
		if after != "" {
			variables["after"] = after
		}
		err := w.admin(ctx, shop, "query($first: Int!, $after: String) { products(first: $first, after: $after) "+
			"{ nodes { id title } pageInfo { endCursor hasNextPage } } }", variables, &answer)
		if err != nil {
			return nil, err
		}
		found := answer.Data.Products
		all, after = append(all, found.Nodes...), found.PageInfo.EndCursor
		if !found.PageInfo.HasNextPage {
			break
		}
	}
	if len(all) < n {
		return nil, fmt.Errorf("the shop has %d products, want %d", len(all), n)
	}
	return all, nil
}

func (w *world) admin(ctx context.Context, shop *models.Shop, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return fmt.Errorf("encode query: %w", err)
	}
	address := w.simURL + "/" + shop.Domain + "/admin/api/" + simulator.APIVersion + "/graphql.json"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask Shopify: %w", err)
	}
	req.Header = http.Header{"X-Shopify-Access-Token": {"sim-admin"}, "Content-Type": {"application/json"}}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask Shopify: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("read Shopify's answer: %w", err)
	}
	return nil
}

// file selects products by a file, which may have more of them than a list of ids.
func file(list []product) change.Selection {
	var b strings.Builder
	b.WriteString("id\n")
	for _, p := range list {
		b.WriteString(p.ID + "\n")
	}
	text := b.String()
	return change.Selection{CSV: &text}
}

// bulksOf is how many of Shopify's bulk operations an operation took.
func bulksOf(db *gorm.DB, id string) (int64, error) {
	var n int64
	err := db.Model(&models.OperationBulk{}).Where("operation_id = ?", id).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count bulk operations: %w", err)
	}
	return n, nil
}

// nudgesIn is how many tasks wait in Redis.
func nudgesIn(ctx context.Context, rdb redis.UniversalClient, lanes []string) (int64, error) {
	var all int64
	for _, lane := range lanes {
		n, err := rdb.LLen(ctx, "asynq:{"+lane+"}:pending").Result()
		if err != nil {
			return 0, fmt.Errorf("count tasks: %w", err)
		}
		all += n
	}
	return all, nil
}
