// Command operations shows how fast operations are: our own work for each item beside a plain program's with the same
// rows and lines, how much of a shop's API budget is used, where bulk operations begin to pay, and that one shop's
// operation does not hold up another's webhooks.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"

	"github.com/caarlos0/env/v11"
)

// settings say where the servers are, which scripts/with-servers starts, and how much to measure.
type settings struct {
	Database string `env:"TAGTRAIL_TEST_DATABASE_URL,required"`
	Redis    string `env:"TAGTRAIL_TEST_REDIS_URL,required"`

	items, direct int
	rate          float64
	perSecond     int
	only          string
}

func main() {
	var s settings
	var work bool
	flag.IntVar(&s.items, "items", 50_000, "how many products the large operations change")
	flag.IntVar(&s.direct, "direct", 600, "how many products the operations by single calls change")
	flag.Float64Var(&s.rate, "rate", 100, "how many lines of a bulk operation the simulator does in a second where that matters")
	flag.IntVar(&s.perSecond, "webhooks", 20, "how many webhooks a second the other shop gets")
	flag.StringVar(&s.only, "only", "", "measure only this part: bulk, direct, threshold or fairness")
	flag.BoolVar(&work, "work", false, "be a worker of a run that is under way")
	flag.Parse()
	s.direct = min(s.direct, max(250, s.items/10))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := s.run
	if work {
		run = runWorker
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-operations:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func (s *settings) run(ctx context.Context) error {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("run it by scripts/with-servers: %w", err)
	}
	fmt.Printf("%s/%s, %d cores, %s, load average %s. Workers, Postgres, Redis and the simulated Shopify share the cores.\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), loadAverage())
	parts := []struct {
		name string
		run  func(context.Context) error
	}{
		{"bulk", s.benchBulk},
		{"direct", s.benchDirect},
		{"threshold", s.benchThreshold},
		{"fairness", s.benchFairness},
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

func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown" // there is none outside Linux
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return one
}
