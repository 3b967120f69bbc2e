// Command log shows how fast the log is found again, and written, at ten million entries: through GraphQL over HTTP as
// the page asks, each question beside what a plain program does with the same rows.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// settings say where the servers are, which scripts/with-servers starts, and how much to measure.
type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`

	postgres, sqlite, shops, writes int
	runs                            int
	patience                        time.Duration
	only, keep, file                string
	justWrite                       bool
}

// days is what the entries are spread over.
const days = 30

func main() {
	var s settings
	flag.IntVar(&s.postgres, "entries", 10_000_000, "how many entries Postgres has; 0 leaves it out")
	flag.IntVar(&s.sqlite, "sqlite", 1_000_000, "how many entries SQLite has; 0 leaves it out")
	flag.IntVar(&s.shops, "shops", 1_000, "how many shops there are besides the one that has half of the entries")
	flag.IntVar(&s.writes, "writes", 10_000, "how many entries are written")
	flag.IntVar(&s.runs, "runs", 200, "how often each question is asked")
	flag.DurationVar(&s.patience, "patience", 20*time.Second, "how long one program may take for all runs of a question; then there are fewer")
	flag.StringVar(&s.keep, "keep", "", "fill the Postgres database of this name and keep it, or ask the one that was kept, on a server of your own")
	flag.StringVar(&s.file, "file", "", "fill the SQLite database in this file and keep it, or ask the one that was kept")
	flag.StringVar(&s.only, "only", "", "ask only the questions whose name has this in it, and write nothing")
	flag.BoolVar(&s.justWrite, "just-write", false, "ask nothing, only write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-log:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context) error {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		raw = []byte("unknown ") // there is none outside Linux
	}
	load, _, _ := strings.Cut(string(raw), " ")
	fmt.Printf("%s/%s, %d cores, %s, load average %s. Programs, databases and askers share the cores.\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load)
	if s.postgres > 0 {
		if err := s.benchPostgres(ctx); err != nil {
			return fmt.Errorf("postgres: %w", err)
		}
	}
	if s.sqlite > 0 {
		if err := s.benchSQLite(ctx); err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
	}
	return ctx.Err()
}
