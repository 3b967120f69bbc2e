package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/stops"
)

// stopEverywhere has a request be stopped at its first step, at the second, and so on to the last, and others go on. A
// step is a statement to the database, or a call to the store of files.
func stopEverywhere(t *testing.T, topic string, prepare func(o *office, shop *models.Shop), check func(o *office, what string, shop *models.Shop, row *models.PrivacyRequest)) {
	t.Helper()
	o, s := setup(t), &stops.Stopper{}
	o.must(stops.Statements(o.DB, s.Step))
	o.files(stops.Files(o.store, s.Step))
	stride := 1
	if models.IsPostgres(o.DB) || testing.Short() {
		stride = 7 // there a step costs ten times as much
	}
	stops.Each(t, 60/stride, func(n int) bool {
		step := 1 + (n-1)*stride
		shop := o.shop()
		prepare(o, shop)
		row := o.asked(shop, topic)
		struck := s.Run(o.ctx, step, stops.Killed, func(ctx context.Context) { _ = o.WorkOn(ctx, row.ID) })
		check(o, fmt.Sprintf("stopped at step %d", step), shop, o.finish(row.ID))
		o.must(o.DB.Where("shop_id = ?", shop.ID).Delete(&models.Activity{}).Error) // the next one is quicker
		return struck
	})
}

func TestAnErasureMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	stopEverywhere(t, "customers/redact", func(*office, *models.Shop) {}, func(o *office, what string, shop *models.Shop, row *models.PrivacyRequest) {
		if found := o.traces(shop); len(found) > 0 {
			o.Fatalf("%s: left are %q", what, found)
		}
		// What was done once is counted once; what the archive has may be counted less by a file.
		counts := row.Counts
		delete(counts, countArchived)
		want := map[string]int64{countEntries: 5, countBodies: 4, countSnapshots: 1, countItems: 1, countMessages: 2, countTexts: 2}
		if diff := cmp.Diff(want, counts); diff != "" {
			o.Fatalf("%s: wanted (-) and counted (+): %s", what, diff)
		}
		var entries []models.Activity
		o.must(o.DB.Where("shop_id = ? AND action = 'SEEN'", shop.ID).Find(&entries).Error)
		for _, e := range entries {
			if len(e.History) != 2 {
				o.Fatalf("%s: an entry has the history %+v", what, e.History)
			}
		}
		o.must(o.Retention.Verify(o.ctx, shop, func(p retention.Part, wrong error) {
			if wrong != nil {
				o.Fatalf("%s: %s: %v", what, p.Name, wrong)
			}
		}))
		if files := o.keys(shop); len(files) != 2 {
			o.Fatalf("%s: the store has %q", what, files)
		}
		if row.CustomerID != nil || string(row.Person) != "{}" || len(row.OrderIDs) > 0 {
			o.Fatalf("%s: the request says whom it was about: %+v", what, row)
		}
		var own models.Activity
		o.must(o.DB.Where("shop_id = ? AND id = ?", shop.ID, row.ID).Take(&own).Error)
		if own.Status != models.Success || len(own.History) != 2 {
			o.Fatalf("%s: it is told as %+v", what, own)
		}
	})
}

func TestTheErasureOfAShopMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	leave := func(o *office, shop *models.Shop) {
		o.must(o.DB.Model(shop).Update("uninstalled_at", models.Now()).Error)
	}
	stopEverywhere(t, "shop/redact", leave, func(o *office, what string, shop *models.Shop, row *models.PrivacyRequest) {
		if found := o.traces(shop); len(found) > 0 || len(o.keys(shop)) > 0 {
			o.Fatalf("%s: left are %q and the files %q", what, found, o.keys(shop))
		}
		if row.Counts["activities"] != 7 || row.Counts["deliveries"] != 6 || row.Counts["snapshots"] != 2 || row.Counts["archive_parts"] != 1 {
			o.Fatalf("%s: it counts %v", what, row.Counts)
		}
		for _, table := range o.ofShops() {
			var n int64
			o.must(o.DB.Table(table).Where("shop_id = ?", shop.ID).Count(&n).Error)
			if n > 0 && table != "privacy_requests" || n > 1 {
				o.Fatalf("%s: %d rows of the shop are in %s", what, n, table)
			}
		}
	})
}

// ofShops are the tables whose rows are a shop's.
func (o *office) ofShops() []string {
	o.Helper()
	if o.tables == nil {
		tables, err := o.DB.Migrator().GetTables()
		o.must(err)
		o.tables = slices.DeleteFunc(tables, func(table string) bool {
			return strings.HasPrefix(table, "sqlite_") || !o.DB.Migrator().HasColumn(table, "shop_id")
		})
	}
	return o.tables
}

func TestEveryTableOfAShopIsErasedWithIt(t *testing.T) {
	t.Parallel()
	o := setup(t)
	for _, table := range o.ofShops() {
		known := table == "privacy_requests" || strings.HasPrefix(table, "activities")
		for _, other := range shopTables {
			known = known || other.name == table
		}
		if !known {
			t.Errorf("nobody has decided what becomes of %s when its shop is erased, and of what it tells of people: docs/adr/0017", table)
		}
	}
}
