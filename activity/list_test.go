package activity

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"pgregory.net/rapid"
)

func (l *ledger) draw(t *rapid.T, shop *models.Shop, most int) []*models.Activity {
	var entries []*models.Activity
	for range rapid.IntRange(0, most).Draw(t, "entries") {
		entries = append(entries, someEntry(t))
	}
	l.record(shop, entries...)
	return entries
}

func TestEveryFilterGivesExactlyWhatMatchesInOrder(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop, other := l.world(), l.shop()
	var others []*models.Activity
	for i := range 60 {
		others = append(others, &models.Activity{OccurredAt: base.Add(time.Duration(i) * 3 * time.Hour), Summary: fmt.Sprint("Added vip #1042 updated ", i)})
	}
	l.record(other, others...)
	rapid.Check(t, func(rt *rapid.T) {
		l.clear(shop)
		entries := l.draw(rt, shop, 60)
		for range 4 {
			q := someQuestion(rt)
			want := sorted(entries, q)
			l.wantMatches(rt, shop, &q.filter, entries, len(want))
			size := rapid.IntRange(1, 20).Draw(rt, "page size")
			for _, reverse := range []bool{false, true} {
				for _, backward := range []bool{false, true} {
					got := l.pages(rt, shop, &q.filter, size, backward, reverse, nil)
					if reverse {
						slices.Reverse(got)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						rt.Fatalf("%s, backward %v, reverse %v: want (-) got (+):\n%s", encoded(q.filter), backward, reverse, diff)
					}
				}
			}
			l.wantCount(rt, shop, &q.filter, len(want))
		}
	})
}

// wantMatches holds what tells of entries outside the log whether they match to what the log finds.
func (l *ledger) wantMatches(t fataler, shop *models.Shop, f *Filter, entries []*models.Activity, want int) {
	matches, problems, err := l.Matcher(l.Context(), shop, f)
	if err != nil || len(problems) > 0 {
		t.Fatalf("match: %v %v", err, problems)
	}
	got := 0
	for _, e := range entries {
		if matches(e) {
			got++
		}
	}
	if got != want {
		t.Fatalf("%s: %d entries match outside the log, want %d", encoded(f), got, want)
	}
}

func (l *ledger) wantCount(t fataler, shop *models.Shop, f *Filter, want int) {
	list, err := l.List(l.Context(), shop, f, models.Page{First: ptr(1)})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	count, err := list.Count(l.Context())
	if err != nil || count.Count != want || count.Capped {
		t.Fatalf("%s: count %+v, want %d (%v)", encoded(f), count, want, err)
	}
}

// every lists the paths that lead to all that the filter matches, whatever they cost.
func every(f *Filter, known *catalog, n int) []path {
	paths := append(countedPaths(f, known, n), path{way: byTime})
	for _, narrow := range []path{
		{way: byIDs, keys: single(f.found.ids)},
		{way: byOperation, keys: single(f.operationIDs())},
		{way: byEntity, keys: single(f.entityIDs())},
		{way: byTag, keys: single(f.found.tags)},
		{way: byError, keys: single(f.found.errors)},
	} {
		if len(narrow.keys) > 0 {
			paths = append(paths, narrow)
		}
	}
	if len(f.found.words) > 0 {
		paths = append(paths, path{way: byWords, keys: [][]string{f.found.words}})
	}
	return paths
}

func TestEveryPathLeadsToTheSame(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.world()
	taken := map[way]int{}
	rapid.Check(t, func(rt *rapid.T) {
		l.clear(shop)
		entries := l.draw(rt, shop, 60)
		for range 2 {
			q := someQuestion(rt)
			want := sorted(entries, q)
			size := rapid.IntRange(1, 20).Draw(rt, "page size")
			// Expecting more than there are makes the spans short, so that there are several of them.
			likely := rapid.SampledFrom([]int64{0, 10, 1_000_000}).Draw(rt, "likely")
			budget := rapid.IntRange(0, 10).Draw(rt, "budget")
			backward, reverse := rapid.Bool().Draw(rt, "backward"), rapid.Bool().Draw(rt, "reverse")
			ways := 1
			for i := 0; i < ways; i++ {
				forced := Service{DB: l.DB, Live: l.Live}
				forced.path = func(f *Filter, known *catalog, planned []path) []path {
					paths := every(f, known, size+1)
					ways = len(paths)
					p := paths[i]
					p.likely, p.n = likely, size+1
					taken[p.way]++
					if budget > 0 && planned != nil {
						return []path{{way: byTime, budget: budget, likely: likely, n: size + 1}, p}
					}
					return []path{p}
				}
				other := &ledger{TB: l.TB, Service: &forced}
				got := other.pages(rt, shop, &q.filter, size, backward, reverse, nil)
				if reverse {
					slices.Reverse(got)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("%s, path %d, backward %v, reverse %v: want (-) got (+):\n%s", encoded(q.filter), i, backward, reverse, diff)
				}
				other.wantCount(rt, shop, &q.filter, len(want))
			}
		}
	})
	for _, w := range []way{byTime, byAction, byActor, byRule, byEntity, byOperation, byError, byTag, byWords} {
		if taken[w] == 0 {
			t.Errorf("no filter was walked by %s", w)
		}
	}
}

func TestPagesMissNothingWhileEntriesAreAdded(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.world()
	rapid.Check(t, func(rt *rapid.T) {
		l.clear(shop)
		entries := l.draw(rt, shop, 60)
		q := someQuestion(rt)
		want := sorted(entries, q)
		size := rapid.IntRange(1, 10).Draw(rt, "page size")
		backward, reverse := rapid.Bool().Draw(rt, "backward"), rapid.Bool().Draw(rt, "reverse")
		var added []*models.Activity
		got := l.pages(rt, shop, &q.filter, size, backward, reverse, func() {
			if len(added) < 60 {
				added = append(added, l.draw(rt, shop, 4)...)
			}
		})
		if reverse {
			slices.Reverse(got)
		}
		// What was added may be there, but only in its place and once.
		all := sorted(slices.Concat(entries, added), q)
		var kept []string
		for _, id := range all {
			if slices.Contains(want, id) || slices.Contains(got, id) {
				kept = append(kept, id)
			}
		}
		if diff := cmp.Diff(kept, got, cmp.Transformer("none", func(s []string) string { return strings.Join(s, "\n") })); diff != "" {
			rt.Fatalf("%s: want (-) got (+):\n%s", encoded(q.filter), diff)
		}
	})
}

// The counts are read before the entries. In between an entry may turn into one of a kind that they do not know.
func TestAnEntryThatChangesBetweenCountsAndWalkIsNotMissed(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	e := &models.Activity{Status: models.Pending}
	l.record(shop, e)
	changing := Service{DB: l.DB, Live: l.Live}
	changing.path = func(_ *Filter, _ *catalog, planned []path) []path {
		l.must(l.Commit(l.Context(), shop, func(tx *Tx) error {
			return tx.Update(e.ID, "", func(entry *models.Activity) { entry.Status = models.Success })
		}))
		return planned
	}
	f := &Filter{Statuses: []models.ActivityStatus{models.Pending, models.Success}, Types: []models.ActivityType{models.Webhook}}
	list, err := changing.List(t.Context(), shop, f, models.Page{})
	l.must(err)
	if len(list.Entries) != 1 || list.Entries[0].Status != models.Pending {
		t.Errorf("found %v, want the entry as it was when the counts were read", idsOfList(list))
	}
	list, err = l.List(t.Context(), shop, f, models.Page{})
	l.must(err)
	if len(list.Entries) != 1 || list.Entries[0].Status != models.Success {
		t.Errorf("found %v, want the entry as it is", idsOfList(list))
	}
}

func TestEffectsAreTheEntriesThatItLedTo(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop, other := l.shop(), l.shop()
	cause := &models.Activity{OccurredAt: base}
	l.record(shop, cause)
	var want []string
	for i := range 5 {
		effect := &models.Activity{OccurredAt: base.Add(time.Duration(i) * 24 * time.Hour), CauseID: &cause.ID}
		l.record(shop, effect, &models.Activity{OccurredAt: effect.OccurredAt})
		l.record(other, &models.Activity{OccurredAt: effect.OccurredAt, CauseID: &cause.ID})
		want = append(want, effect.ID)
	}
	entry, err := l.Get(t.Context(), shop.ID, cause.ID)
	l.must(err)
	first, err := l.Effects(t.Context(), entry, models.Page{First: ptr(3)})
	l.must(err)
	rest, err := l.Effects(t.Context(), entry, models.Page{First: ptr(3), After: first.PageInfo().EndCursor})
	l.must(err)
	if diff := cmp.Diff(want, append(idsOfList(first), idsOfList(rest)...)); diff != "" || rest.HasNextPage {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
	count, err := first.Count(t.Context())
	if err != nil || count.Count != 5 {
		t.Errorf("count %v, %v", count, err)
	}
}

func TestAWrongSearchIsToldAndGivesNothing(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	l.record(shop, &models.Activity{})
	list, err := l.List(t.Context(), shop, &Filter{Search: ptr("status:foo")}, models.Page{})
	l.must(err)
	if len(list.Entries) != 0 || len(list.Problems) != 1 || list.Problems[0].Code != "INVALID" {
		t.Errorf("list %+v", list)
	}
	count, err := list.Count(t.Context())
	if err != nil || count.Count != 0 || list.PageInfo().HasNextPage {
		t.Errorf("count %v, %v", count, err)
	}
	l.wantCount(t, shop, &Filter{Search: ptr("order updated")}, 1)
}

func TestACursorOfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop, other := l.shop(), l.shop()
	l.record(shop, &models.Activity{}, &models.Activity{})
	ago := &Filter{Search: ptr("since:7d")}
	list, err := l.List(t.Context(), shop, ago, models.Page{First: ptr(1)})
	l.must(err)
	after := list.PageInfo().EndCursor
	if list, err = l.List(t.Context(), shop, ago, models.Page{After: after}); err != nil || len(list.Entries) != 1 {
		t.Errorf("the next page: %v, %v", list, err)
	}
	for name, ask := range map[string]func() (*List, error){
		"another shop": func() (*List, error) { return l.List(t.Context(), other, ago, models.Page{After: after}) },
		"another search": func() (*List, error) {
			return l.List(t.Context(), shop, &Filter{Search: ptr("since:8d")}, models.Page{After: after})
		},
		"another filter": func() (*List, error) { return l.List(t.Context(), shop, nil, models.Page{After: after}) },
		"another order":  func() (*List, error) { return l.List(t.Context(), shop, ago, models.Page{After: after, Reverse: true}) },
	} {
		if _, err := ask(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
