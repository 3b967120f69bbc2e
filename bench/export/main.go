// Command export shows how fast an export of the log is: rows a second of our own job beside psql's \copy of the same
// columns and rows to CSV, the job's memory at its peak, and how long the page takes meanwhile.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

const (
	rounds = 3
	days   = 30
	// askEvery is how often the page is asked for.
	askEvery = 20 * time.Millisecond
)

type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`

	rows   int
	work   string
	folder string
}

func main() {
	var s settings
	flag.IntVar(&s.rows, "rows", 1_000_000, "how many entries are exported")
	flag.StringVar(&s.work, "work", "", "be the worker of a run that is under way, on that database")
	flag.StringVar(&s.folder, "folder", "", "where that worker writes its file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := s.run
	if s.work != "" {
		run = s.export
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-export:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context) (err error) {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	if _, err := exec.LookPath("psql"); err != nil {
		return errors.New("psql is not installed")
	}
	address, drop, err := s.database(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	db, err := models.Open(ctx, address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(db)) }()
	shop, err := s.fill(ctx, db)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "tagtrail-bench-export-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder)
	fmt.Printf("%s/%s, %d cores, %s. %d rows to CSV; the worker, Postgres, psql and the page share the cores.\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), s.rows)
	page := &page{Service: &activity.Service{DB: db}, shop: shop}
	fmt.Printf("page of 50 entries while nothing else runs: %s\n\n", page.during(ctx, func() error { return wait(ctx, 3*time.Second) }))
	fmt.Println("| round | Tagtrail rows/s | psql rows/s | Tagtrail / psql | peak memory MiB | bytes | page meanwhile |\n|---:|---:|---:|---:|---:|---:|---|")
	var ratios []float64
	for round := range rounds {
		var ours result
		meanwhile := page.during(ctx, func() error {
			var err error
			ours, err = s.child(ctx, address, filepath.Join(folder, fmt.Sprint(round)))
			return err
		})
		if page.err != nil {
			return page.err
		}
		theirs, err := s.psql(ctx, address, filepath.Join(folder, "psql.csv"))
		if err != nil {
			return err
		}
		if ours.Rows != s.rows {
			return fmt.Errorf("the export has %d rows", ours.Rows)
		}
		rate, plain := float64(s.rows)/ours.Seconds, float64(s.rows)/theirs.Seconds()
		ratios = append(ratios, rate/plain)
		fmt.Printf("| %d | %.0f | %.0f | %.2f | %.1f | %d | %s |\n", round+1, rate, plain, rate/plain, ours.PeakMiB, ours.Bytes, meanwhile)
	}
	slices.Sort(ratios)
	fmt.Printf("\nTagtrail / psql: %.2f in the middle (%.2f to %.2f); the aim is 1.0 or more, and 64 MiB or less.\n",
		ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	return nil
}

// database makes a database of its own.
func (s *settings) database(ctx context.Context) (address string, drop func() error, err error) {
	server, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("bench_export_%d", time.Now().UnixNano())
	if err := server.Exec("CREATE DATABASE " + name).Error; err != nil {
		return "", nil, fmt.Errorf("make the database: %w", err)
	}
	at, err := url.Parse(s.Database)
	if err != nil {
		return "", nil, fmt.Errorf("read the database's address: %w", err)
	}
	at.Path = "/" + name
	return at.String(), func() error {
		return errors.Join(server.Exec("DROP DATABASE "+name+" WITH (FORCE)").Error, models.Close(server))
	}, nil
}

func (s *settings) fill(ctx context.Context, db *gorm.DB) (*models.Shop, error) {
	if _, err := models.Migrate(ctx, db); err != nil {
		return nil, err
	}
	shop := &models.Shop{
		Domain: "bench.myshopify.com", Name: "Bench", Plan: models.PlanFree, Timezone: "UTC", Currency: "USD",
		Settings:    models.Settings{RetentionDays: int(models.ClassShort), WebhookBodyDays: 30, SnapshotDays: 90},
		InstalledAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if err := db.Create(shop).Error; err != nil {
		return nil, fmt.Errorf("make the shop: %w", err)
	}
	log := &seed.Log{Shops: []*models.Shop{shop}, Count: s.rows, Days: days, Until: seed.Until(), Seed: 1, Key: activity.NewKey([32]byte{})}
	if err := log.Write(ctx, db); err != nil {
		return nil, err
	}
	if err := (&activity.Service{DB: db}).Fold(ctx); err != nil {
		return nil, err
	}
	return shop, db.Exec("VACUUM ANALYZE activities").Error
}

// result is what the worker tells of its run.
type result struct {
	Rows    int
	Bytes   int
	Seconds float64
	PeakMiB float64
}

// child exports in a process of its own, whose memory is its own too.
func (s *settings) child(ctx context.Context, address, folder string) (result, error) {
	var r result
	self, err := os.Executable()
	if err != nil {
		return r, fmt.Errorf("find this program: %w", err)
	}
	work := exec.CommandContext(ctx, self, "-work", address, "-folder", folder)
	work.Stderr = os.Stderr
	out, err := work.Output()
	if err != nil {
		return r, fmt.Errorf("export: %w", err)
	}
	return r, json.Unmarshal(out, &r)
}

// psql copies the same columns and rows.
func (s *settings) psql(ctx context.Context, address, file string) (time.Duration, error) {
	var columns []string
	for _, c := range activity.Columns() {
		if c.Preset {
			columns = append(columns, snake(c.Name))
		}
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM activities WHERE shop_id = 1 ORDER BY occurred_at DESC, id DESC"
	began := time.Now()
	out, err := exec.CommandContext(ctx, "psql", address, "-qc", `\copy (`+query+`) TO '`+file+`' CSV HEADER`).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("psql: %w: %s", err, out)
	}
	return time.Since(began), nil
}

var upper = regexp.MustCompile(`[A-Z]`)

// snake is what the database calls a column.
func snake(name string) string {
	return upper.ReplaceAllStringFunc(name, func(c string) string { return "_" + strings.ToLower(c) })
}

// page asks for a page of the log again and again.
type page struct {
	*activity.Service
	shop *models.Shop
	err  error
}

// during tells how long the page takes while do runs.
func (p *page) during(ctx context.Context, do func() error) string {
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	var took []time.Duration
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			if p.err = cmp.Or(p.err, err); len(took) == 0 {
				return "not asked for"
			}
			slices.Sort(took)
			at := func(part float64) float64 { return float64(took[int(part*float64(len(took)-1))].Microseconds()) / 1000 }
			return fmt.Sprintf("p50 %.1f ms, p99 %.1f ms of %d", at(0.5), at(0.99), len(took))
		case <-ticker.C:
			began := time.Now()
			if _, err := p.List(ctx, p.shop, nil, models.Page{}); err != nil {
				p.err = cmp.Or(p.err, err)
			}
			took = append(took, time.Since(began))
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
