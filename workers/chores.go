package workers

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// chore is something that is done again and again.
type chore struct {
	name  string
	every time.Duration
	do    func(context.Context) error
}

type choreGroup struct{ running sync.WaitGroup }

func startChores(ctx context.Context, list []chore, log *slog.Logger) *choreGroup {
	g := &choreGroup{}
	for _, c := range list {
		g.running.Go(func() { c.run(ctx, log) })
	}
	return g
}

func (g *choreGroup) wait() { g.running.Wait() }

func (c chore) run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		if err := c.do(ctx); err != nil && ctx.Err() == nil {
			log.Warn("chore failed; it is tried again at its next time", "chore", c.name, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
