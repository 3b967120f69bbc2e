package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
)

// sizes are how many items the operations have of which both ways are measured.
var sizes = []int{50, 100, 200, 500, 1000}

// benchThreshold measures both ways, each in a shop of its own with a full bucket, all at once: they wait far more than
// they work.
func (s *settings) benchThreshold(ctx context.Context) (err error) {
	var some []int
	for _, n := range sizes {
		if n <= s.items/2 {
			some = append(some, n)
		}
	}
	w, err := s.build(ctx, store{
		shops:    2 * len(some),
		products: some[len(some)-1],
		bucket:   bucket,
		restore:  restore,
		bulkPS:   s.rate,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.work(1); err != nil {
		return err
	}
	ids := make([]string, 2*len(some))
	for i := range ids {
		if ids[i], err = w.first(ctx, w.shops[i], some[i/2], i%2 == 1); err != nil {
			return err
		}
	}
	fmt.Printf("### Single calls or bulk operations, %d points a second, full bucket; the simulator begins a bulk operation at once and does %.0f lines a second\n\n", restore, s.rate)
	fmt.Println("| items | single calls, s | bulk operations, s | estimate for single calls, s | estimate for bulk, s | the estimate takes | faster by measure | if Shopify took 20 s more to begin |")
	fmt.Println("|---:|---:|---:|---:|---:|---|---|---|")
	for i, n := range some {
		direct, err := w.ended(ctx, ids[2*i], n)
		if err != nil {
			return err
		}
		bulk, err := w.ended(ctx, ids[2*i+1], n)
		if err != nil {
			return err
		}
		used, err := bulksOf(w.app.DB, bulk.ID)
		if err != nil {
			return err
		}
		note := ""
		if used == 0 {
			note = " (by single calls)"
		}
		var e change.Estimate
		if err := json.Unmarshal(direct.Estimate, &e); err != nil {
			return fmt.Errorf("read estimate: %w", err)
		}
		fmt.Printf("| %d | %.1f | %.1f%s | %.1f | %.1f | %s | %s | %s |\n", n, took(direct), took(bulk), note, e.DirectSeconds, e.BulkSeconds,
			faster(e.DirectSeconds, e.BulkSeconds), faster(took(direct), took(bulk)), faster(took(direct), took(bulk)+lateStart))
	}
	fmt.Println()
	return nil
}

// lateStart is how long Shopify may take to begin a bulk operation; it promises nothing.
const lateStart = 20

// first begins an operation on a shop's first products.
func (w *world) first(ctx context.Context, shop *models.Shop, items int, bulk bool) (string, error) {
	list, err := w.products(ctx, shop, items)
	if err != nil {
		return "", err
	}
	return w.operate(ctx, shop, bulk, file(list), "bench")
}

func faster(direct, bulk float64) string {
	if direct <= bulk {
		return "single calls"
	}
	return "bulk"
}
