package retention

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/stops"
)

// inArchive reads every file of the shop's archive that is noted down, and returns the ids of the entries that the
// archive alone has, and those that it has besides the log.
func (k *keeper) inArchive(shop *models.Shop) (left, written []string) {
	k.Helper()
	var parts []models.ArchivePart
	k.must(k.DB.WithContext(k.ctx).Where("shop_id = ?", shop.ID).Order("day, part").Find(&parts).Error)
	for _, p := range parts {
		if p.State == models.PartPurging {
			continue
		}
		name := nameOf(shop.Domain, &p)
		m, err := k.verify(k.ctx, name)
		k.must(err)
		if m.SHA256 != p.SHA256 || m.Entries != p.Entries {
			k.Fatalf("%s: the manifest says %+v, the row %+v", name, m, p)
		}
		_, err = k.read(k.ctx, name, shop.ID, func(e *models.Activity) (bool, error) {
			if p.State == models.PartLeft {
				left = append(left, e.ID)
			} else {
				written = append(written, e.ID)
			}
			return true, nil
		})
		k.must(err)
	}
	return left, written
}

// wantKept holds log and archive to having each entry, and the archive to having none twice.
func (k *keeper) wantKept(what string, shop *models.Shop, want []string) {
	k.Helper()
	left, written := k.inArchive(shop)
	twice := slices.Sorted(slices.Values(slices.Concat(left, written)))
	if len(slices.Compact(slices.Clone(twice))) != len(twice) {
		k.Fatalf("%s: the archive has entries twice", what)
	}
	have := slices.Concat(left, written, k.entries(shop))
	slices.Sort(have)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Compact(have)); diff != "" {
		k.Fatalf("%s: wanted (-) and kept (+): %s", what, diff)
	}
}

// TestArchivingMayBeStoppedAtAnyStep stops archiving and removing at the first statement or call, at the second, and so
// on to the last, and then lets another worker go on. Whatever the step, each entry is in the log or in the archive,
// none is in the archive twice, and in the end the archive alone has what is over.
func TestArchivingMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]struct {
		period int
		way    stops.Way
	}{
		"rows, killed":                        {period: 10},
		"rows, with its time cut short":       {period: 10, way: stops.Asked},
		"a partition where there are, killed": {period: 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			if run.way == stops.Asked && models.IsPostgres(k.DB) {
				return // there a step costs ten times as much, and the partition takes this one's place
			}
			k.ctx = stops.Unwatched(k.ctx)
			s := &stops.Stopper{}
			k.must(stops.Statements(k.DB, s.Step))
			k.Files = stops.Files(k.Files, s.Step)
			stops.Each(t, 30, func(step int) bool { return k.stopAt(s, step, run.period, run.way) })
		})
	}
}

func (k *keeper) stopAt(s *stops.Stopper, step, period int, way stops.Way) bool {
	k.Helper()
	k.must(models.EnsurePartitions(k.ctx, k.DB, k.at.AddDate(0, 0, -33))) // those of the step before are gone
	shop := k.shop(period, archiving)
	want := slices.Concat(k.record(shop, period+2, 13), k.record(shop, period+1, 4))
	stay := k.record(shop, 1, 3)
	want = append(want, stay...)
	struck := s.Run(context.WithoutCancel(k.Context()), step, way, func(ctx context.Context) {
		_ = k.CleanUp(ctx, shop)
		_, _ = k.DropPartitions(ctx)
	})
	what := fmt.Sprintf("stopped at step %d", step)
	k.wantKept(what, shop, want)
	k.finish(shop)
	k.wantKept(what+" and finished", shop, want)
	if got := k.entries(shop); !slices.Equal(got, stay) {
		k.Fatalf("%s: %d entries are in the log, want %d", what, len(got), len(stay))
	}
	if left, written := k.inArchive(shop); len(left) != 17 || len(written) != 0 {
		k.Fatalf("%s: the archive alone has %d, and %d besides the log", what, len(left), len(written))
	}
	removed := int64(0)
	for _, e := range k.told(shop) {
		removed += removedOf(k, e)[models.KeptEntries].Count
	}
	if removed != 17 {
		k.Fatalf("%s: the log tells of %d entries that left", what, removed)
	}
	k.countsHold(shop)
	k.must(k.DB.WithContext(k.ctx).Where("shop_id = ?", shop.ID).Delete(&models.Activity{}).Error) // the next one is quicker
	return struck
}

// finish lets other workers go on, each later than the lease of the one before, until all is done.
func (k *keeper) finish(shop *models.Shop) {
	k.Helper()
	for range 5 {
		k.must(k.DB.WithContext(k.ctx).Model(&models.CleanUp{}).Where("shop_id = ?", shop.ID).Update("due_at", k.at).Error)
		k.must(k.CleanUp(k.ctx, shop))
		_, err := k.DropPartitions(k.ctx)
		k.must(err)
		if !models.IsPostgres(k.DB) || len(k.entries(shop)) == 3 {
			var row models.CleanUp
			k.must(k.DB.WithContext(k.ctx).Where("shop_id = ?", shop.ID).Take(&row).Error)
			if row.RunID == nil && row.Dropped == 0 {
				return
			}
		}
	}
	k.Fatal("it never ends")
}

func TestAFileIsTheSameHoweverOftenItIsWritten(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(10, archiving)
	k.record(shop, 12, 25)
	r := &run{Service: k.Service, shop: shop, row: &models.CleanUp{}, periods: k.periodsOf(shop, k.at)}
	var files [][]byte
	for range 2 {
		w, err := k.create(k.ctx, shop.Domain, dayOf(k.at).AddDate(0, 0, -12), 1, 0)
		k.must(err)
		first, err := r.page(k.ctx, dayOf(k.at).AddDate(0, 0, -12), models.Position{})
		k.must(err)
		k.must(r.fill(k.ctx, w, dayOf(k.at).AddDate(0, 0, -12), first))
		k.must(w.close())
		raw, err := k.Files.ReadAll(k.ctx, w.name+dataEnding)
		k.must(err)
		files = append(files, raw)
	}
	if !slices.Equal(files[0], files[1]) || len(files[0]) == 0 {
		t.Error("the same entries are other bytes")
	}
}

func TestWhatChangesAfterItWasArchivedIsArchivedAgainBeforeItLeaves(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(30, archiving)
	ids := k.record(shop, 32, 15)
	if models.IsPostgres(k.DB) {
		k.clean(shop) // it is in the archive, and waits for its partition
		k.must(k.Activity.Commit(k.ctx, shop, func(tx *activity.Tx) error {
			return tx.Update(ids[3], "later", func(e *models.Activity) { e.Attempts = 7 })
		}))
		dropped, err := k.DropPartitions(k.ctx)
		k.must(err)
		if got := k.entries(shop); len(got) != 15 {
			t.Fatalf("%q left with an entry that the archive has not as it is", dropped)
		}
	}
	k.clean(shop)
	_, err := k.DropPartitions(k.ctx)
	k.must(err)
	left, _ := k.inArchive(shop)
	if len(k.entries(shop)) != 0 || len(left) != 15 {
		t.Fatalf("%d entries are in the log, %d in the archive", len(k.entries(shop)), len(left))
	}
	late := k.record(shop, 32, 2) // it comes in long after its day left
	_ = late
	for range 2 {
		k.clean(shop)
		_, err := k.DropPartitions(k.ctx)
		k.must(err)
	}
	k.countsHold(shop)
}

func TestABrokenFileKeepsItsEntriesInTheLog(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(10, archiving)
	k.record(shop, 12, 8)
	day := dayOf(k.at).AddDate(0, 0, -12)
	r := &run{Service: k.Service, shop: shop, row: &models.CleanUp{ShopID: shop.ID, Removed: models.Removed{}}, periods: k.periodsOf(shop, k.at)}
	k.must(k.DB.Create(&models.CleanUp{ShopID: shop.ID, Removed: models.Removed{}, DueAt: k.at}).Error)
	wrote, err := r.writePart(k.ctx, day, nil)
	k.must(err)
	k.must(r.turn(k.DB, day, models.PartWritten, models.PartLeaving))
	name := fileName(shop.Domain, day, 1, 0) + dataEnding
	raw, err := k.Files.ReadAll(k.ctx, name)
	k.must(err)
	raw[len(raw)/2]++
	k.must(k.Files.WriteAll(k.ctx, name, raw, nil))
	for range len(waits) + 2 {
		k.at = k.at.Add(time30)
		_ = k.WorkOn(k.ctx, shop.ID)
	}
	if got := k.entries(shop); !wrote || len(got) != 8 {
		t.Errorf("%d of 8 entries are in the log", len(got))
	}
	told := k.told(shop)
	if len(told) != 1 || told[0].Status != models.Warning || told[0].ErrorMessage == nil {
		t.Errorf("told: %+v", told)
	}
}

func TestTheArchiveHasItsOwnEnd(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(5, archiving, func(s *models.Shop) { s.ArchiveDays = ptr(20) })
	k.record(shop, 30, 4)
	k.record(shop, 10, 12)
	k.clean(shop)
	left, _ := k.inArchive(shop)
	if len(left) != 12 {
		t.Errorf("%d entries are in the archive", len(left))
	}
	var keys []string
	all := k.Files.List(&blob.ListOptions{Prefix: folder(shop.Domain)})
	for {
		object, err := all.Next(k.ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		k.must(err)
		keys = append(keys, object.Key)
	}
	if len(keys) != 4 {
		t.Errorf("files: %q", keys)
	}
	if got := removedOf(k, k.told(shop)[0]); got[models.KeptEntries].Count != 16 || got[models.KeptArchive].Count != 1 {
		t.Errorf("told: %+v", got)
	}
}
