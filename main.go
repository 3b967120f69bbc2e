// Tagtrail tags a Shopify shop's records by rules, and writes down everything that happened, why, and how to take it
// back.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/tagtrail/tagtrail/app"
	_ "github.com/tagtrail/tagtrail/blob/clouds" // stores of files that FILES_URL may name
)

type commands struct {
	Serve   serve            `cmd:"" help:"Answer HTTP: webhooks, the API, the page. Without REDIS_URL it does the work too."`
	Worker  worker           `cmd:"" help:"Do the work: act on webhooks, and what is due at set times."`
	Migrate migrate          `cmd:"" help:"Bring the database to the newest schema."`
	Demo    demo             `cmd:"" help:"Run everything beside a simulated Shopify. Needs no account and no server."`
	Sim     sim              `cmd:"" help:"Run the simulated Shopify alone."`
	Verify  verify           `cmd:"" help:"Hold the log against its chain, and say what was tampered with: exit status 1; 2 where that could not be found out."`
	Counts  counts           `cmd:"" help:"Look after how many entries of each kind there are."`
	CleanUp cleanUp          `cmd:"" help:"Remove what is over, without waiting for the night."`
	Archive archive          `cmd:"" help:"Look into the archive of what has left the log."`
	Seed    seedActivities   `cmd:"" name:"seed-activities" help:"Make up entries of the log, to measure and to try things out."`
	Health  health           `cmd:"" name:"healthcheck" help:"Ask the server on this machine whether it is ready."`
	Version kong.VersionFlag `help:"Print the version."`
}

type (
	serve   struct{}
	worker  struct{}
	migrate struct{}
	health  struct{}
	demo    struct{ app.Demo }
	sim     struct{ app.Sim }
	verify  struct{ app.Verify }
	counts  struct {
		Verify  verifyCounts  `cmd:"" help:"Compare the counts with the log, and fail where they differ."`
		Rebuild rebuildCounts `cmd:"" help:"Make the counts anew from the log."`
	}
	verifyCounts   struct{ app.Counts }
	rebuildCounts  struct{ app.Counts }
	seedActivities struct{ app.Seed }
	cleanUp        struct{ app.CleanUp }
	archive        struct {
		Verify verifyArchive `cmd:"" help:"Read every file, and fail where one is not what its manifest says."`
		List   listArchive   `cmd:"" help:"List the files."`
		Search searchArchive `cmd:"" help:"Look for entries, as the log's own search does."`
	}
	verifyArchive struct{ app.Archive }
	listArchive   struct{ app.Archive }
	searchArchive struct{ app.ArchiveSearch }
)

func (serve) Run(ctx context.Context) error {
	return withApp(ctx, func(a *app.App) error {
		listener, err := net.Listen("tcp", a.Config.Listen)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		return a.Serve(ctx, listener)
	})
}

func (worker) Run(ctx context.Context) error {
	return withApp(ctx, func(a *app.App) error { return a.Work(ctx) })
}

func (migrate) Run(ctx context.Context) error { return app.Migrate(ctx, os.Stdout) }

func (health) Run(ctx context.Context) error { return app.Healthcheck(ctx, os.Stdout) }

func (d demo) Run(ctx context.Context) error { return d.Demo.Run(ctx, os.Stdout) }

func (s sim) Run(ctx context.Context) error { return s.Sim.Run(ctx, os.Stdout) }

func (v verify) Run(ctx context.Context) error { return v.Verify.Run(ctx, os.Stdout) }

func (c verifyCounts) Run(ctx context.Context) error { return c.Verify(ctx, os.Stdout) }

func (c rebuildCounts) Run(ctx context.Context) error { return c.Rebuild(ctx, os.Stdout) }

func (s seedActivities) Run(ctx context.Context) error { return s.Seed.Run(ctx, os.Stdout) }

func (c cleanUp) Run(ctx context.Context) error { return c.CleanUp.Run(ctx, os.Stdout) }

func (a verifyArchive) Run(ctx context.Context) error { return a.Verify(ctx, os.Stdout) }

func (a listArchive) Run(ctx context.Context) error { return a.List(ctx, os.Stdout) }

func (a searchArchive) Run(ctx context.Context) error { return a.ArchiveSearch.Run(ctx, os.Stdout) }

func withApp(ctx context.Context, run func(*app.App) error) error {
	config, err := app.ReadConfig()
	if err != nil {
		return err
	}
	log := config.NewLogger(os.Stderr)
	log.Info("starting", "version", app.Version, "settings", config)
	a, err := app.New(ctx, config, log)
	if err != nil {
		return err
	}
	defer a.Close()
	return run(a)
}

// exitCode is 1, unless the error knows better.
func exitCode(err error) int {
	if coded, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](err); ok {
		return coded.ExitCode()
	}
	return 1
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed := kong.Parse(&commands{},
		kong.Name("tagtrail"),
		kong.Description("Tags a Shopify shop's records by rules and writes down what happened, why, and how to take it back."),
		kong.UsageOnError(),
		kong.Vars{"version": app.Version},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := parsed.Run(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "tagtrail:", err)
		stop()
		os.Exit(exitCode(err)) //nolint:gocritic // stop has run
	}
}
