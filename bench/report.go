package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// table is the head of a table.
type table []string

type tableRows struct{ writer *tabwriter.Writer }

func (t table) start() *tableRows {
	rows := &tableRows{tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)}
	rows.row(t...)
	return rows
}

func (t *tableRows) row(cells ...string) { fmt.Fprintln(t.writer, strings.Join(cells, "\t")) }

func (t *tableRows) print() {
	_ = t.writer.Flush()
	fmt.Println()
}

// spread is the middle of several measurements, and how far they lie apart.
type spread struct{ median, least, most float64 }

func spreadOf[T any](items []T, value func(T) float64) spread {
	values := make([]float64, len(items))
	for i, item := range items {
		values[i] = value(item)
	}
	slices.SortFunc(values, cmp.Compare[float64])
	return spread{median: values[len(values)/2], least: values[0], most: values[len(values)-1]}
}

func (s spread) whole() string { return fmt.Sprintf("%.0f (%.0f-%.0f)", s.median, s.least, s.most) }

func (s spread) tenths() string { return fmt.Sprintf("%.1f (%.1f-%.1f)", s.median, s.least, s.most) }

func (s spread) hundredths() string {
	return fmt.Sprintf("%.2f (%.2f-%.2f)", s.median, s.least, s.most)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// print writes what the programs did, the ratio round by round: what slows the machine down for a while slows down
// the programs of one round alike.
func (r *results) print(title string) {
	t := table{title, "acknowledged/s", "p50 ms", "p99 ms", "CPU µs each", "Tagtrail is"}.start()
	for i, p := range r.programs {
		legs := r.legs[i]
		ratio := "-"
		if i > 0 {
			ratios := make([]float64, len(legs))
			for round := range legs {
				ratios[round] = r.legs[0][round].perSecond / legs[round].perSecond
			}
			ratio = spreadOf(ratios, func(v float64) float64 { return v }).hundredths() + " x"
		}
		t.row(p.name,
			spreadOf(legs, func(l leg) float64 { return l.perSecond }).whole(),
			spreadOf(legs, func(l leg) float64 { return milliseconds(l.p50) }).tenths(),
			spreadOf(legs, func(l leg) float64 { return milliseconds(l.p99) }).tenths(),
			spreadOf(legs, func(l leg) float64 { return float64(l.cpu) / 1000 }).whole(),
			ratio)
	}
	t.print()
}
