package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

const (
	// bucket and restore are Shopify's Standard plan: points, and points a second.
	bucket  = 2000
	restore = 100
)

// budgetUse is how an operation has used its shop's budget.
type budgetUse struct {
	seconds, points float64
	// steady is how long it took after the bucket was empty, and spent what it spent then.
	steady, spent float64
	// could is what it could have spent then: what was left, and what came back.
	could float64
	// throttled is how many answers were THROTTLED, and bursts in how many different seconds.
	throttled, bursts int
}

// benchDirect measures how much of the shop's API budget operations by single calls use.
func (s *settings) benchDirect(ctx context.Context) (err error) {
	cases := []struct {
		workers, operations int
	}{{1, 1}, {2, 1}, {2, 2}}
	w, err := s.build(ctx, store{shops: len(cases), products: s.direct, bucket: bucket, restore: restore})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	fmt.Printf("### %d products by single calls, in a shop that restores %d points a second\n\n", s.direct, restore)
	fmt.Println("| workers | operations at once | s | points | after the bucket was empty: s | points | share of the budget | THROTTLED answers | in so many seconds |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for i, c := range cases {
		use, err := w.spend(ctx, w.shops[i], c.workers, c.operations, s.direct)
		if err != nil {
			return err
		}
		share := "-"
		if use.steady > 0 {
			share = fmt.Sprintf("%.1f %%", 100*use.spent/use.could)
		}
		fmt.Printf("| %d | %d | %.1f | %.0f | %.1f | %.0f | %s | %d | %d |\n",
			c.workers, c.operations, use.seconds, use.points, use.steady, use.spent, share, use.throttled, use.bursts)
	}
	fmt.Println()
	return nil
}

// spend adds a tag to products of a shop with a full bucket, in so many operations at once.
func (w *world) spend(ctx context.Context, shop *models.Shop, workers, operations, items int) (*budgetUse, error) {
	list, err := w.products(ctx, shop, items)
	if err != nil {
		return nil, err
	}
	if err := w.work(workers); err != nil {
		return nil, err
	}
	var ids []string
	began := models.Now()
	for part := range slices.Chunk(list, (items+operations-1)/operations) {
		id, err := w.operate(ctx, shop, false, file(part), "bench")
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	use := &budgetUse{}
	done := 0
	for _, id := range ids {
		op, err := w.ended(ctx, id, min(len(list)-done, (items+operations-1)/operations))
		if err != nil {
			return nil, err
		}
		done += op.Succeeded
		use.seconds = max(use.seconds, op.FinishedAt.Sub(began).Seconds())
	}
	if _, err := w.rest(); err != nil {
		return nil, err
	}
	use.read(w.sim.Log(), shop.Domain)
	return use, nil
}

// read adds up what the shop was charged. The bucket is empty when as much is spent as it held and regained meanwhile.
func (u *budgetUse) read(log []simulator.LogEntry, shop string) {
	var calls []simulator.LogEntry
	burst := map[int64]bool{}
	for _, e := range log {
		if e.Kind == "graphql" && e.Shop == shop && e.App == clientID {
			calls = append(calls, e)
			if slices.ContainsFunc(e.Errors, func(text string) bool { return strings.Contains(strings.ToUpper(text), "THROTTLED") }) {
				u.throttled++
				burst[e.At.Unix()] = true
			}
		}
	}
	u.bursts = len(burst)
	if len(calls) == 0 {
		return
	}
	left, last := float64(bucket), calls[0].At
	empty := -1
	for i, e := range calls {
		left = min(bucket, left+restore*e.At.Sub(last).Seconds()) - e.Cost
		last = e.At
		u.points += e.Cost
		if empty < 0 && left < emptyBelow {
			empty, u.could = i, max(left, 0)
		} else if empty >= 0 {
			u.spent += e.Cost
		}
	}
	if empty >= 0 {
		u.steady = last.Sub(calls[empty].At).Seconds()
		u.could += restore * u.steady
	}
}

// emptyBelow is when a bucket counts as empty: operations leave some points to rules, and a write takes ten.
const emptyBelow = 75
