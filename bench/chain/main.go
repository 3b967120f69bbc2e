// Command chain shows what the log's chain costs those who write, how large it is, and how fast a log is verified.
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
	"runtime"
	"slices"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// settings say where the server is, which scripts/with-servers starts, and how much to measure.
type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`

	entries, writes int
	keep            string
}

func main() {
	var s settings
	flag.IntVar(&s.entries, "entries", 1_000_000, "how many entries are verified")
	flag.IntVar(&s.writes, "writes", 4000, "how many entries are written with links, and as many without, each in a transaction of its own")
	flag.StringVar(&s.keep, "keep", "", "verify every shop of the Postgres database of this name, which bench/log filled and kept, and nothing else")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench-chain:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context, out io.Writer) error {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	dir, err := os.MkdirTemp("", "tagtrail-bench-chain-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if s.keep != "" {
		return s.onKept(ctx, out, filepath.Join(dir, "k"))
	}
	if err := s.onPostgres(ctx, out, dir); err != nil {
		return fmt.Errorf("on Postgres: %w", err)
	}
	if err := s.bench(ctx, out, "SQLite", "sqlite:"+filepath.Join(dir, "log.db"), filepath.Join(dir, "s")); err != nil {
		return fmt.Errorf("on SQLite: %w", err)
	}
	return nil
}

func (s *settings) onPostgres(ctx context.Context, out io.Writer, dir string) (err error) {
	server, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(server)) }()
	name := fmt.Sprintf("bench_chain_%d", time.Now().UnixNano())
	if err := server.Exec("CREATE DATABASE " + name).Error; err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	defer func() { err = errors.Join(err, server.Exec("DROP DATABASE "+name+" WITH (FORCE)").Error) }()
	address, err := s.address(name)
	if err != nil {
		return err
	}
	return s.bench(ctx, out, "Postgres", address, filepath.Join(dir, "p"))
}

// address is that of a database of the server.
func (s *settings) address(database string) (string, error) {
	address, err := url.Parse(s.Database)
	if err != nil {
		return "", fmt.Errorf("read the database's address: %w", err)
	}
	address.Path = "/" + database
	return address.String(), nil
}

// onKept seals what waits for the chains of a database that was kept, and verifies all its shops.
func (s *settings) onKept(ctx context.Context, out io.Writer, folder string) (err error) {
	address, err := s.address(s.keep)
	if err != nil {
		return err
	}
	db, err := models.Open(ctx, address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(db)) }()
	if _, err := models.Migrate(ctx, db); err != nil {
		return err
	}
	files, err := blob.Open(ctx, "file:"+folder)
	if err != nil {
		return err
	}
	defer files.Close()
	c := &chain.Service{DB: db, Key: activity.NewKey([32]byte{}), Files: files, Eager: true}
	if err := sealAll(ctx, out, c); err != nil {
		return err
	}
	var shops []*models.Shop
	if err := db.WithContext(ctx).Order("id").Find(&shops).Error; err != nil {
		return err
	}
	return verifyAll(ctx, out, c, shops)
}

// sealAll seals what waits.
func sealAll(ctx context.Context, out io.Writer, c *chain.Service) error {
	links := func() (links int64, err error) {
		return links, c.DB.WithContext(ctx).Model(&models.ChainBlock{}).
			Select("coalesce(sum(recorded + updated + redacted + gone), 0)").Scan(&links).Error
	}
	before, err := links()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := c.Seal(ctx); err != nil {
		return err
	}
	took := time.Since(began)
	after, err := links()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  sealed: %d links, %.0f a second\n", after-before, float64(after-before)/took.Seconds())
	return nil
}

// verifyAll verifies shops one after the other.
func verifyAll(ctx context.Context, out io.Writer, c *chain.Service, shops []*models.Shop) error {
	runtime.GC()
	var whole chain.Report
	began := time.Now()
	for _, shop := range shops {
		report, err := c.Verify(ctx, shop, chain.Options{}, func(f chain.Finding) { fmt.Fprintln(out, "  FOUND:", f.ID, f.Text) })
		if err != nil {
			return err
		}
		whole.Entries += report.Entries
		whole.Blocks += report.Blocks
		whole.Findings += report.Findings
	}
	took := time.Since(began)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	var size int64
	if err := c.DB.WithContext(ctx).Model(&models.ChainBlock{}).Select("sum(length(links))").Scan(&size).Error; err != nil {
		return err
	}
	fmt.Fprintf(out, "  verified: %d entries of %d shops in %d blocks in %.1f s, %.0f entries a second; %d findings; %d bytes of links an entry; %d MiB from the system\n",
		whole.Entries, len(shops), whole.Blocks, took.Seconds(), float64(whole.Entries)/took.Seconds(), whole.Findings, size/whole.Entries, memory.Sys>>20)
	return nil
}

func (s *settings) bench(ctx context.Context, out io.Writer, name, address, folder string) (err error) {
	db, err := models.Open(ctx, address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(db)) }()
	if _, err := models.Migrate(ctx, db); err != nil {
		return err
	}
	for day := range days + 1 {
		if err := models.EnsurePartitions(ctx, db, seed.Until().AddDate(0, 0, -day)); err != nil {
			return err
		}
	}
	files, err := blob.Open(ctx, "file:"+folder)
	if err != nil {
		return err
	}
	defer files.Close()
	fmt.Fprintln(out, name)
	key := activity.NewKey([32]byte{})
	if err := s.write(ctx, out, db, key); err != nil {
		return err
	}
	return s.verify(ctx, out, &chain.Service{DB: db, Key: key, Files: files, Eager: true})
}

// days is over how many days the entries that are verified are spread.
const days = 28

func newShop(ctx context.Context, db *gorm.DB, domain string) (*models.Shop, error) {
	shop := &models.Shop{
		Domain:      domain,
		GID:         "gid://shopify/Shop/1",
		Name:        domain,
		Plan:        models.PlanFree,
		Timezone:    "UTC",
		Currency:    "USD",
		Settings:    models.Settings{RetentionDays: int(models.ClassShort), WebhookBodyDays: 30, SnapshotDays: 90},
		InstalledAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	return shop, db.WithContext(ctx).Create(shop).Error
}

// write writes entries with and without their links in turn, so that what else the machine does meets both alike.
func (s *settings) write(ctx context.Context, out io.Writer, db *gorm.DB, key *activity.Key) error {
	shop, err := newShop(ctx, db, "writes.myshopify.com")
	if err != nil {
		return err
	}
	log := &seed.Log{Shops: []*models.Shop{shop}, Count: 2 * s.writes, Days: 1, Until: seed.Until(), Seed: 1}
	var times [2][]time.Duration
	i := 0
	for e := range log.Entries() {
		// Pairs take turns in who comes first.
		with := (i + i/2) % 2
		i++
		began := time.Now()
		err := models.InTx(ctx, db, func(tx *gorm.DB) error {
			if err := tx.Create(e).Error; err != nil || with == 0 {
				return err
			}
			links, err := key.LinksOf([]*models.Activity{e})
			if err != nil {
				return err
			}
			return tx.Create(key.Pending(shop.ID, links[shop.ID])).Error
		})
		if err != nil {
			return err
		}
		times[with] = append(times[with], time.Since(began))
	}
	plain, linked := median(times[0]), median(times[1])
	fmt.Fprintf(out, "  an entry alone in its transaction: %d µs, with its link %d µs, %.2f of it (medians of %d)\n",
		plain.Microseconds(), linked.Microseconds(), float64(linked)/float64(plain), s.writes)
	return nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// verify seals and verifies a log.
func (s *settings) verify(ctx context.Context, out io.Writer, c *chain.Service) error {
	shop, err := newShop(ctx, c.DB, "verified.myshopify.com")
	if err != nil {
		return err
	}
	log := &seed.Log{Shops: []*models.Shop{shop}, Count: s.entries, Days: days, Until: seed.Until(), Seed: 2, Key: c.Key}
	if err := log.Write(ctx, c.DB); err != nil {
		return err
	}
	if err := sealAll(ctx, out, c); err != nil {
		return err
	}
	return verifyAll(ctx, out, c, []*models.Shop{shop})
}
