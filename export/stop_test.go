package export

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/stops"
)

// TestAnExportMayBeStoppedAtAnyStep stops an export at its first statement or call to the store, at its second, and so on
// to its last, and lets another worker take it up; as a job, and where somebody follows the link to a small one. Whatever
// the step: nothing is offered before it is whole, the file has each row once, it is told of once and mailed once.
func TestAnExportMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]struct {
		direct bool
		way    stops.Way
	}{
		"a job, killed":             {},
		"a job, asked to stop":      {way: stops.Asked},
		"a download, killed":        {direct: true},
		"a download, asked to stop": {direct: true, way: stops.Asked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, s := setup(t), &stops.Stopper{}
			o.PartRows = 6
			shop := o.shop()
			o.record(shop, 15, nil)
			o.must(stops.Statements(o.DB, s.Step))
			o.Files = stops.Files(o.Files, s.Step)
			own := stops.Unwatched(context.Background())
			stops.Each(t, 15, func(step int) bool { return o.stopped(own, s, shop, step, run.direct, run.way) })
		})
	}
}

// stopped makes an export that is stopped at the step, and reports whether it came to that step.
func (o *office) stopped(own context.Context, s *stops.Stopper, shop *models.Shop, step int, direct bool, way stops.Way) bool {
	o.Helper()
	in := Input{Filter: webhooksOnly, Columns: []string{"summary"}, Email: ptr("riley@example.com")}
	e, err := o.Start(own, shop, riley, in)
	o.must(err)
	if !direct {
		o.must(o.DB.WithContext(own).Model(&models.Export{}).Where("id = ?", e.ID).Update("direct", false).Error)
	}
	struck := s.Run(context.Background(), step, way, func(ctx context.Context) {
		if direct {
			at, _ := url.Parse(*e.URL())
			if file, err := o.Open(ctx, e.ID, at.Query()); err == nil {
				var got bytes.Buffer
				if file.Download(ctx, "test", &got) == nil && !slices.Equal(numbers(o.TB, got.String()), downTo(15)) {
					o.Fatalf("stopped at step %d, half a file was sent as a whole: %q", step, got.String())
				}
			}
			return
		}
		for range 6 {
			if _ = o.WorkOn(ctx, e.ID); s.Struck() {
				return
			}
		}
	})
	now, err := o.Get(own, shop, riley, e.ID)
	o.must(err)
	if !now.Status.Ended() && !direct && now.URL() != nil {
		o.Fatalf("stopped at step %d, an export that is %s is offered", step, now.Status)
	}
	done := o.work(own, shop, e.ID)
	file, err := o.follow(own, done)
	if err != nil || !slices.Equal(numbers(o.TB, file), downTo(15)) || done.Rows != 15 || *done.Length() != len(file) {
		o.Fatalf("stopped at step %d, it came to %+v, %q, %v", step, done.Export, file, err)
	}
	var entries []models.Activity
	o.must(o.DB.WithContext(own).Where("shop_id = ? AND id = ?", shop.ID, e.ID).Find(&entries).Error)
	if len(entries) != 1 || entries[0].Status != models.Success || entries[0].Action != activity.Exported {
		o.Fatalf("stopped at step %d, its entries are %+v", step, entries)
	}
	var mails int64
	o.must(o.DB.WithContext(own).Model(&models.Mail{}).Where("shop_id = ? AND name = ?", shop.ID, "export "+e.ID).Count(&mails).Error)
	if mails != 1 {
		o.Fatalf("stopped at step %d, %d mails are written", step, mails)
	}
	// With its end, everything that was ever written of it leaves, also what was lost.
	o.must(o.DB.WithContext(own).Model(&models.Export{}).Where("id = ?", e.ID).
		Updates(map[string]any{"expires_at": models.Now(), "due_at": models.Now()}).Error)
	o.must(o.Expire(own))
	if keys := o.keysUnwatched(own); len(keys) != 0 {
		o.Fatalf("stopped at step %d, it has left %q", step, keys)
	}
	return struck
}

func (o *office) keysUnwatched(ctx context.Context) []string {
	var keys []string
	for files := o.Files.List(nil); ; {
		file, err := files.Next(ctx)
		if err != nil {
			return keys
		}
		keys = append(keys, file.Key)
	}
}
