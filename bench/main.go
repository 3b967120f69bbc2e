// Command bench shows what Tagtrail promises about speed, each figure beside its limit: what the same machine does
// with a program that does nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// settings say where the servers are, which scripts/with-servers starts, and how long to measure.
type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`

	rounds      int
	leg         time.Duration
	connections []int
	only        string
	profile     string
}

func main() {
	var s settings
	var connections string
	flag.IntVar(&s.rounds, "rounds", 3, "how often each program has its turn")
	flag.DurationVar(&s.leg, "leg", 3*time.Second, "how long a turn takes")
	flag.StringVar(&connections, "connections", "8,32", "how many connections send at once")
	flag.StringVar(&s.only, "only", "", "measure only this part: postgres, sqlite, end-to-end or rules")
	flag.StringVar(&s.profile, "profile", "", "write the CPU profile of Tagtrail's own turns to this file")
	flag.Parse()
	for part := range strings.SplitSeq(connections, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "bench: -connections %q: give numbers such as 8,32\n", connections)
			os.Exit(2)
		}
		s.connections = append(s.connections, n)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context) error {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	if err := s.printMachine(ctx); err != nil {
		return err
	}
	parts := []struct {
		name string
		run  func(context.Context) error
	}{
		{"rules", func(context.Context) error { return benchRules() }},
		{"postgres", s.benchPostgres},
		{"sqlite", s.benchSQLite},
		{"end-to-end", s.benchEndToEnd},
	}
	for _, p := range parts {
		if s.only != "" && s.only != p.name {
			continue
		}
		if err := p.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// printMachine prints what the figures depend on.
func (s *settings) printMachine(ctx context.Context) error {
	db, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer closeDB(db)
	var version string
	if err := db.Raw("SHOW server_version").Scan(&version).Error; err != nil {
		return fmt.Errorf("ask for the version: %w", err)
	}
	fmt.Printf("%s/%s, %d cores, GOMAXPROCS %d, %s; Postgres %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		runtime.GOMAXPROCS(0), runtime.Version(), version)
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size"} {
		var value string
		if err := db.Raw("SHOW " + name).Scan(&value).Error; err != nil {
			return fmt.Errorf("ask for %s: %w", name, err)
		}
		fmt.Printf(", %s %s", name, value)
		if name == "fsync" && value != "on" {
			defer fmt.Println("fsync is off: these commits are not real. Set TAGTRAIL_SERVERS_FSYNC=on.")
		}
	}
	fmt.Printf("\nAll of it, the programs, the senders, Postgres and Redis, shares these cores; load average %s.\n\n", loadAverage())
	return nil
}

func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return one
}

// profiled runs f and, where a profile was asked for, writes where its time went.
func (s *settings) profiled(f func() error) error {
	if s.profile == "" {
		return f()
	}
	file, err := os.Create(s.profile)
	if err != nil {
		return fmt.Errorf("make the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("start the profile: %w", err)
	}
	err = f()
	pprof.StopCPUProfile()
	return errors.Join(err, file.Close())
}

func closeDB(db *gorm.DB) {
	if err := models.Close(db); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}
