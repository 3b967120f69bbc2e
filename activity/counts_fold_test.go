package activity_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/stops"
)

// TestFoldAndRebuildMayBeStoppedAtAnyStatement stops them at the first statement, at the second, and so on to the last.
func TestFoldAndRebuildMayBeStoppedAtAnyStatement(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(ctx context.Context, c *countedShop) error{
		"fold":    func(ctx context.Context, c *countedShop) error { return c.s.Fold(ctx) },
		"rebuild": func(ctx context.Context, c *countedShop) error { return c.s.Rebuild(ctx, c.shop.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := countedSetup(t), &stops.Stopper{}
			c.must(t, stops.Statements(c.s.DB, s.Step))
			stops.Each(t, 5, func(step int) bool {
				for i := range 7 {
					c.must(t, c.s.Record(t.Context(), c.shop, entry(c.begin.Add(time.Duration(i*step)*time.Hour), i*step)))
				}
				var err error
				struck := s.Run(context.Background(), step, stops.Failed, func(ctx context.Context) { err = work(ctx, c) })
				if struck != errors.Is(err, stops.Err) {
					t.Fatalf("stopped at statement %d: %v, but it ended with %v", step, struck, err)
				}
				c.verify(t)
				c.check(t, &activity.Filter{}, activity.Hour)
				return struck
			})
		})
	}
}

// TestFoldersWritersAndRebuildersWorkAtOnce counts while everything happens at once: what was committed before is
// there, what was not begun is not.
func TestFoldersWritersAndRebuildersWorkAtOnce(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	const writers, entriesEach = 3, 40
	var begun, committed atomic.Int64
	var writing, working sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range entriesEach {
				begun.Add(1)
				e := entry(c.begin.Add(time.Duration(i*w)*time.Minute), i)
				if err := c.s.Record(context.Background(), c.shop, e); err != nil {
					t.Errorf("record: %v", err)
				}
				committed.Add(1)
			}
		})
	}
	stop := make(chan struct{})
	again := func(work func() error) {
		working.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := work(); err != nil {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	for range 3 {
		again(func() error { return c.s.Fold(context.Background()) })
	}
	again(func() error { return c.s.Rebuild(context.Background(), c.shop.ID) })
	again(func() error {
		least := committed.Load()
		stats, err := c.s.Stats(context.Background(), c.shop, &activity.Filter{From: &c.begin}, activity.Day)
		if most := begun.Load(); err == nil && (stats.Total.Count < int(least) || stats.Total.Count > int(most)) {
			t.Errorf("%d counted, between %d and %d are there", stats.Total.Count, least, most)
		}
		return err
	})
	writing.Wait()
	close(stop)
	working.Wait()
	c.verify(t)
	c.check(t, &activity.Filter{}, activity.Hour)
}
