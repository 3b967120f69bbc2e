package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
)

// plenty is a budget that is never used up.
const plenty = 10_000_000

// large is what one large operation took.
type large struct {
	items int
	bulks int64
	op    *models.Operation
	used  *usage
	plain *plain
}

// benchBulk measures our own work on a large operation, and that on a tenth of it, which tells whether memory grows.
func (s *settings) benchBulk(ctx context.Context) error {
	small, err := s.runLarge(ctx, max(s.items/10, 100))
	if err != nil {
		return err
	}
	l, err := s.runLarge(ctx, s.items)
	if err != nil {
		return err
	}
	l.print()
	fmt.Printf("Peak memory of the worker's process (VmHWM): %d MB, of which it had %d MB before it began; with %d items it was %d MB. "+
		"The simulator is in another process.\n\n", l.used.Peak>>10, l.used.IdlePeak>>10, small.items, small.used.Peak>>10)
	return nil
}

// runLarge adds a tag to all products of a shop by one worker, whose echoes Shopify does not send.
func (s *settings) runLarge(ctx context.Context, items int) (l *large, err error) {
	w, err := s.build(ctx, store{shops: 1, products: items, bucket: plenty, restore: plenty})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.work(1); err != nil {
		return nil, err
	}
	id, err := w.operate(ctx, w.shops[0], true, change.Selection{All: true}, "bench")
	if err != nil {
		return nil, err
	}
	l = &large{items: items}
	if l.op, err = w.ended(ctx, id, items); err != nil {
		return nil, err
	}
	if l.bulks, err = bulksOf(w.app.DB, id); err != nil {
		return nil, err
	}
	used, err := w.rest()
	if err != nil {
		return nil, err
	}
	l.used = used[0]
	l.plain, err = measurePlain(ctx, w.address, id)
	return l, err
}

func (l *large) print() {
	way := fmt.Sprintf("%d of Shopify's bulk operations", l.bulks)
	if l.bulks == 0 {
		way = "single calls"
	}
	whole := took(l.op)
	fmt.Printf("### %d products, one tag added, by %s, one worker\n\n", l.items, way)
	fmt.Println("| step | s | waiting for the database | own code, GORM and driver | for Shopify's answer | items/s of our own work | a plain program does | items/s | ours is |")
	fmt.Println("|---|---:|---:|---:|---:|---:|---|---:|---:|")
	var all, bare, seconds float64
	for _, step := range []struct {
		name, plain string
		took        time.Duration
	}{
		{"collect", "decode the lines, COPY the rows", l.plain.decodeQuery + l.plain.rows},
		{"plan", "read the rows", l.plain.read},
		{"snapshot", "COPY and UPDATE", l.plain.update},
		{"upload", "encode the lines", l.plain.encode},
		{"send", "", 0},
		{"keep", "COPY and UPDATE", l.plain.update},
		{"read results", "decode the lines, COPY and UPDATE", l.plain.decodeResult + l.plain.update},
		{"poll", "", 0},
		{"end", "", 0},
		{"other", "", 0},
	} {
		p := l.used.Phases[step.name]
		if p == nil {
			continue
		}
		own := p.Database + p.Own
		all, seconds, bare = all+own, seconds+p.sum(), bare+step.took.Seconds()
		fmt.Printf("| %s | %.2f | %.2f | %.2f | %.2f | %s | %s |\n", step.name, p.sum(), p.Database, p.Own, p.Shopify,
			rate(l.items, own), beside(step.plain, l.items, step.took.Seconds(), own))
	}
	fmt.Printf("| all | %.2f | | | %.2f | %s | %s |\n\n", seconds, seconds-all, rate(l.items, all), beside("all of that", l.items, bare, all))
	fmt.Printf("From start to end it took %.1f s; for %.1f s of that no task was at it: Shopify was waited for. "+
		"The worker used %.1f s of CPU, %.0f µs an item. COPY into a table with the indexes of snapshots does %s items/s.\n\n",
		whole, max(whole-seconds, 0), l.used.cpu.Seconds(), float64(l.used.cpu.Microseconds())/float64(l.items), rate(l.items, l.plain.indexed.Seconds()))
}

func rate(items int, seconds float64) string {
	if seconds < 0.001 {
		return "-"
	}
	return fmt.Sprintf("%.0f", float64(items)/seconds)
}

// beside is what a plain program does, and how many times as long ours takes.
func beside(what string, items int, plain, ours float64) string {
	if what == "" || plain == 0 {
		return "| |"
	}
	return fmt.Sprintf("%s | %s | %.1f x", what, rate(items, plain), ours/plain)
}
