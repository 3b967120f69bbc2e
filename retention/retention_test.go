package retention

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

func TestEntriesLeaveWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop, other := k.shop(10), k.shop(400)
	k.record(shop, 20, 17)
	k.record(shop, 11, 5)
	stay := k.record(shop, 9, 6)
	theirs := k.record(other, 20, 8)
	k.countsHold(shop)
	k.clean(shop)
	k.clean(other)
	if diff := cmp.Diff(stay, k.entries(shop)); diff != "" {
		t.Errorf("what stays: %s", diff)
	}
	if diff := cmp.Diff(theirs, k.entries(other)); diff != "" {
		t.Errorf("the other shop's: %s", diff)
	}
	k.countsHold(shop)
	k.countsHold(other)
	var tags int64
	k.must(k.DB.Model(&models.ActivityTag{}).Where("shop_id = ? AND occurred_at < ?", shop.ID, k.at.AddDate(0, 0, -10)).Count(&tags).Error)
	if tags != 0 {
		t.Errorf("%d tags of entries that left are there", tags)
	}
	told := k.told(shop)
	if len(told) != 1 {
		t.Fatalf("%d entries tell of it", len(told))
	}
	var metadata struct{ Removed models.Removed }
	k.must(json.Unmarshal(told[0].Metadata, &metadata))
	if got := metadata.Removed[models.KeptEntries]; got.Count != 22 || told[0].Summary != "Clean-up: 22 entries removed, whose time was over" {
		t.Errorf("it tells of %+v: %s", got, told[0].Summary)
	}
	if n := len(k.told(other)); n != 0 {
		t.Errorf("%d entries tell of a clean-up that removed nothing", n)
	}
	k.clean(shop)
	if n := len(k.told(shop)); n != 1 {
		t.Errorf("a second run, which found nothing, is told of: %d", n)
	}
}

func TestOpenEntriesStayForAMonth(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(2)
	open, old := k.entry(k.at.AddDate(0, 0, -10)), k.entry(k.at.AddDate(0, 0, -33))
	open.Status, old.Status = models.InProgress, models.Pending
	k.must(k.Activity.Record(k.ctx, shop, open))
	k.must(k.Activity.Record(k.ctx, shop, old))
	k.clean(shop)
	if diff := cmp.Diff([]string{open.ID}, k.entries(shop)); diff != "" {
		t.Error(diff)
	}
}

func TestAnotherPeriodMovesEntriesAndHidesNone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(30)
	want := slices.Concat(k.record(shop, 25, 40), k.record(shop, 3, 25))
	longer := shop.Settings
	longer.RetentionDays = 400
	shop.Keep(longer, k.at.Add(-time.Hour))
	k.save(shop)
	late := k.entry(k.at.Add(-2 * time.Hour)) // it comes in now, and is from before
	k.must(k.Activity.Record(k.ctx, shop, late))
	want = append(want, late.ID)
	done := make(chan struct{})
	read := make(chan error, 1)
	go func() {
		defer close(read)
		for {
			select {
			case <-done:
				return
			default:
			}
			list, err := k.Activity.List(k.ctx, shop, &activity.Filter{Actions: []string{activity.SmartTagApplied, activity.WebhookReceived, activity.DataCleanup}}, models.Page{First: ptr(100)})
			if err != nil {
				read <- err
				return
			}
			ids := activity.IDs(list.Entries)
			slices.Reverse(ids)
			if diff := cmp.Diff(want, ids); diff != "" {
				t.Errorf("read while entries moved: %s", diff)
				return
			}
		}
	}()
	k.clean(shop)
	close(done)
	k.must(<-read)
	k.countsHold(shop)
	var classes []int16
	k.must(k.DB.Model(&models.Activity{}).Where("shop_id = ?", shop.ID).Distinct("retention_class").Pluck("retention_class", &classes).Error)
	if !slices.Equal(classes, []int16{models.ClassLong}) {
		t.Errorf("classes %v", classes)
	}
	// Whoever records one of them again leaves it as it is.
	again := k.entry(late.OccurredAt)
	again.ID = late.ID
	k.must(k.Activity.Record(k.ctx, shop, again))
	if diff := cmp.Diff(want, k.entries(shop)); diff != "" {
		t.Errorf("recorded again: %s", diff)
	}
	k.countsHold(shop)
}

func TestAnEntryInBothClassesIsOneAfterTheMove(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(30)
	ids := k.record(shop, 5, 3)
	var twin models.Activity
	k.must(k.DB.Where("id = ?", ids[1]).Take(&twin).Error)
	twin.RetentionClass = models.ClassLong
	k.must(k.DB.Create(&twin).Error)
	shop.RetentionDays = 400
	k.save(shop)
	k.clean(shop)
	if diff := cmp.Diff(ids, k.entries(shop)); diff != "" {
		t.Error(diff)
	}
	k.countsHold(shop)
}

func TestAnUpdateFindsAnEntryThatMovesMeanwhile(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(30)
	ids := k.record(shop, 5, 60)
	shop.RetentionDays = 400
	k.save(shop)
	updated := make(chan error, 1)
	go func() {
		for _, id := range slices.Backward(ids) {
			err := k.Activity.Commit(k.ctx, shop, func(tx *activity.Tx) error {
				return tx.Update(id, "again", func(e *models.Activity) { e.Attempts = 9 })
			})
			if err != nil {
				updated <- err
				return
			}
		}
		close(updated)
	}()
	k.clean(shop)
	k.must(<-updated)
	var kept int64
	k.must(k.DB.Model(&models.Activity{}).Where("shop_id = ? AND attempts = 9", shop.ID).Count(&kept).Error)
	if kept != 60 {
		t.Errorf("%d of 60 updates are kept", kept)
	}
	k.countsHold(shop)
}

func TestPartitionsLeaveWhenAllInThemIsOver(t *testing.T) {
	t.Parallel()
	k := setup(t)
	a, b, short := k.shop(30), k.shop(30), k.shop(5)
	k.record(a, 32, 12)
	k.record(b, 32, 6)
	k.record(short, 32, 4)
	k.record(a, 31, 5)
	stay := k.record(a, 20, 3)
	dropped, err := k.DropPartitions(k.ctx)
	k.must(err)
	if !models.IsPostgres(k.DB) {
		if len(dropped) > 0 {
			t.Errorf("SQLite dropped %q", dropped)
		}
		return
	}
	if got, gone := k.entries(a), len(dropped); !slices.Equal(got, stay) || gone < 2 {
		t.Errorf("%d partitions left and %d entries are there", gone, len(got))
	}
	for _, shop := range []*models.Shop{a, b, short} {
		k.countsHold(shop)
	}
	k.clean(a)
	told := k.told(a)
	if len(told) != 1 || told[0].Summary != "Clean-up: 17 entries removed, whose time was over" {
		t.Errorf("told: %+v", told)
	}
}

func TestAPartitionStaysForWhoKeepsEntriesLonger(t *testing.T) {
	t.Parallel()
	k := setup(t)
	if !models.IsPostgres(k.DB) {
		return // it has none
	}
	a, b := k.shop(30), k.shop(30)
	k.record(a, 32, 12)
	theirs := k.record(b, 32, 6)
	b.RetentionDays = 100 // it has just changed: nothing has moved yet
	k.save(b)
	_, err := k.DropPartitions(k.ctx)
	k.must(err)
	if got := k.entries(b); !slices.Equal(got, theirs) {
		t.Fatalf("%d of %d entries are there", len(got), len(theirs))
	}
	k.clean(b) // they move
	_, err = k.DropPartitions(k.ctx)
	k.must(err)
	if got := k.entries(b); !slices.Equal(got, theirs) || len(k.entries(a)) != 0 {
		t.Fatalf("%d of %d entries are there, and %d of the other shop", len(got), len(theirs), len(k.entries(a)))
	}
	k.countsHold(a)
	k.countsHold(b)
}

func TestAReaderHoldsAPartitionUpAndNobodyElse(t *testing.T) {
	t.Parallel()
	k := setup(t)
	if !models.IsPostgres(k.DB) {
		return // it has none
	}
	shop := k.shop(30)
	k.record(shop, 32, 12)
	reader := k.DB.Begin()
	var n int64
	k.must(reader.Model(&models.Activity{}).Count(&n).Error)
	gone := make(chan error, 1)
	go func() {
		_, err := k.DropPartitions(k.ctx)
		gone <- err
	}()
	for i := range 50 {
		began := time.Now()
		k.record(shop, 1, 1)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("write %d took %v", i, took)
		}
	}
	k.must(reader.Rollback().Error)
	k.must(<-gone)
	if got := k.entries(shop); len(got) != 50 {
		t.Errorf("%d entries are there", len(got))
	}
	k.countsHold(shop)
}

func TestBodiesSnapshotsAndOperationsLeave(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(100)
	delivery := func(days int, status models.DeliveryStatus) string {
		at := k.at.AddDate(0, 0, -days)
		d := &models.Delivery{ID: models.NewID(at), ShopID: shop.ID, WebhookID: models.NewID(at), Topic: "orders/create", Body: []byte("body"),
			Status: status, TriggeredAt: at, ReceivedAt: at, DueAt: at}
		k.must(k.DB.Create(d).Error)
		return d.ID
	}
	snapshot := func(days int, cause string) {
		at := k.at.AddDate(0, 0, -days)
		s := &models.Snapshot{ID: models.NewID(at), ShopID: shop.ID, CauseID: cause, ResourceID: models.NewID(at), Outcome: models.SnapshotSucceeded, CreatedAt: at, FinishedAt: &at}
		k.must(k.DB.Create(s).Error)
	}
	operation := func(days int, finished *time.Time) string {
		at := k.at.AddDate(0, 0, -days)
		o := &models.Operation{ID: models.NewID(at), ShopID: shop.ID, Kind: models.TagScan, Status: models.OperationCompleted, Input: json.RawMessage("{}"), CreatedAt: at, DueAt: at, FinishedAt: finished}
		k.must(k.DB.Create(o).Error)
		for i := range 10 {
			k.must(k.DB.Create(&models.ScannedTag{ShopID: shop.ID, OperationID: o.ID, Tag: string(rune('a' + i))}).Error)
		}
		return o.ID
	}
	for range 9 {
		snapshot(95, delivery(95, models.DeliveryDone))
		delivery(120, models.DeliveryDone)
	}
	fresh, waiting := delivery(10, models.DeliveryDone), delivery(120, models.DeliveryPending)
	snapshot(10, fresh)
	snapshot(120, waiting)
	long := k.at.AddDate(0, 0, -80)
	snapshot(101, operation(101, &long)) // it took three weeks
	past := k.at.AddDate(0, 0, -120)
	snapshot(120, operation(120, &past))
	snapshot(120, operation(120, nil)) // it still runs
	k.clean(shop)
	var bodies int64
	k.must(k.DB.Model(&models.Delivery{}).Where("length(body) > 0").Count(&bodies).Error)
	got := map[string]int64{
		"bodies": bodies, "deliveries": k.count(&models.Delivery{}, shop), "snapshots": k.count(&models.Snapshot{}, shop),
		"operations": k.count(&models.Operation{}, shop), "scanned tags": k.count(&models.ScannedTag{}, shop),
	}
	want := map[string]int64{"bodies": 2, "deliveries": 11, "snapshots": 4, "operations": 2, "scanned tags": 20}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what stays: %s", diff)
	}
	if told := k.told(shop); len(told) != 1 || told[0].Summary != "Clean-up: 18 webhook bodies, 10 snapshots, 9 received webhooks, 1 operation removed, whose time was over" {
		t.Errorf("told: %+v", told)
	}
}

func TestTwoWorkersAtOnceDoItOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(10)
	k.record(shop, 20, 60)
	stay := k.record(shop, 2, 4)
	k.must(k.plan(k.ctx, shop, k.at))
	ended := make(chan error, 4)
	for range 4 {
		go func() { ended <- k.WorkOn(k.ctx, shop.ID) }()
	}
	for range 4 {
		k.must(<-ended)
	}
	if got := k.entries(shop); !slices.Equal(got, stay) {
		t.Errorf("%d entries are there", len(got))
	}
	if told := k.told(shop); len(told) != 1 {
		t.Errorf("%d entries tell of it", len(told))
	}
	k.countsHold(shop)
}

func TestALateWorkerWritesNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(10)
	k.record(shop, 20, 30)
	k.must(k.plan(k.ctx, shop, k.at))
	late, err := k.claim(k.ctx, shop.ID)
	k.must(err)
	k.at = k.at.Add(time.Hour)
	k.must(k.WorkOn(k.ctx, shop.ID))
	k.record(shop, 21, 8)
	k.must(late.work(k.ctx))
	if got := k.entries(shop); len(got) != 8 {
		t.Errorf("the late worker removed %d", 8-len(got))
	}
}

func TestASQLiteFileGetsSmaller(t *testing.T) {
	t.Parallel()
	k := setup(t)
	if models.IsPostgres(k.DB) {
		return // it uses the space again itself
	}
	shop := k.shop(5)
	for range 20 {
		k.record(shop, 20, 100)
	}
	pages := func() (n int) {
		k.must(k.DB.Raw("PRAGMA page_count").Scan(&n).Error)
		return n
	}
	before := pages()
	k.Batch = 200
	k.clean(shop)
	if after := pages(); after > before*2/3 {
		t.Errorf("%d of %d pages are left", after, before)
	}
}

func TestTheNightIsTheShopsOwn(t *testing.T) {
	t.Parallel()
	shop := &models.Shop{ID: 3, Timezone: "Asia/Kolkata"}
	at := quietTime(shop, time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)) // 3:30 there
	if want := time.Date(2026, 11, 22, 21, 51, 0, 0, time.UTC); !at.Equal(want) {
		t.Errorf("%v, want %v", at, want)
	}
}

func ptr[T any](v T) *T { return &v }
