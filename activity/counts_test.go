package activity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
	"pgregory.net/rapid"
)

// countedShop is a shop whose entries are counted.
type countedShop struct {
	t     *testing.T
	s     *activity.Service
	shop  *models.Shop
	begin time.Time
}

func countedSetup(t *testing.T) *countedShop {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	hub := live.New(rdb, "counts", slog.New(slog.DiscardHandler))
	t.Cleanup(func() { hub.Close(); _ = rdb.Close() })
	db := modelstest.Open(t)
	return &countedShop{
		t:     t,
		s:     &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})},
		shop:  modelstest.Shop(t, db, "counted.myshopify.com", models.PlanFree),
		begin: time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC),
	}
}

// checker is what testing and rapid have in common.
type checker interface {
	Helper()
	Fatalf(format string, args ...any)
}

func (c *countedShop) must(t checker, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// entry makes an entry of some kind at a time.
func entry(at time.Time, kind int) *models.Activity {
	id, typ := fmt.Sprint("actor-", kind%3), []string{"Order", "Customer"}[kind%2]
	e := &models.Activity{
		OccurredAt: at,
		Type:       []models.ActivityType{models.Webhook, models.UserAction, models.SystemEvent}[kind%3],
		Action:     []string{activity.WebhookReceived, activity.BulkTagUpdate, activity.TagCleanup, "SHIPPED"}[kind%4],
		Status:     []models.ActivityStatus{models.Pending, models.Success, models.Failed, models.Warning, models.InProgress}[kind%5],
		Summary:    "something",
		ActorType:  models.ActorExternal,
		ActorName:  []string{"FedEx", "UPS"}[kind%2],
	}
	if kind%4 != 0 {
		e.ActorType, e.ActorID, e.ActorName = models.ActorStaff, &id, "Riley"
	}
	if kind%7 != 0 {
		e.EntityType, e.EntityID = &typ, &id
	}
	return e
}

func (c *countedShop) entries(t checker) []models.Activity {
	t.Helper()
	var rows []models.Activity
	c.must(t, c.s.DB.Where("shop_id = ?", c.shop.ID).Order("occurred_at, id").Find(&rows).Error)
	return rows
}

// keeps is what a filter means, written down once more.
func keeps(f *activity.Filter, e models.Activity) bool {
	bits := map[models.ActivityCategory]int16{
		models.CategoryTags: 1, models.CategoryBulkOperations: 2, models.CategoryMetafields: 4,
		models.CategoryDataCleaning: 8, models.CategorySystem: 16,
	}
	inTab := slices.ContainsFunc(f.Categories, func(c models.ActivityCategory) bool { return e.Categories&bits[c] != 0 })
	has := func(list []string, value *string) bool {
		return len(list) == 0 || value != nil && slices.Contains(list, *value)
	}
	return (len(f.Categories) == 0 || inTab) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, e.Type)) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, e.Status)) &&
		has(f.Actions, &e.Action) && has(f.ActorIDs, e.ActorID) && has(f.EntityTypes, e.EntityType) &&
		(f.From == nil || !e.OccurredAt.Before(*f.From)) && (f.To == nil || e.OccurredAt.Before(*f.To))
}

// check compares the stats with a full count of the log.
func (c *countedShop) check(t checker, filter *activity.Filter, interval activity.Interval) {
	t.Helper()
	got, err := c.s.Stats(context.Background(), c.shop, filter, interval)
	c.must(t, err)
	if len(got.Problems) > 0 || got.CountedSince != nil {
		t.Fatalf("problems %v, counted since %v", got.Problems, got.CountedSince)
	}
	statuses, types := map[models.ActivityStatus]int{}, map[models.ActivityType]int{}
	actors, series := map[string]int{}, map[string]int{}
	total := 0
	for _, e := range c.entries(t) {
		if !keeps(filter, e) {
			continue
		}
		total++
		statuses[e.Status]++
		types[e.Type]++
		if e.ActorID != nil {
			actors[*e.ActorID]++
		} else {
			actors[e.ActorName]++
		}
		for i, point := range got.Series {
			last := i == len(got.Series)-1
			if !e.OccurredAt.Before(point.At) && (last || e.OccurredAt.Before(got.Series[i+1].At)) {
				series[fmt.Sprint(point.At, e.Status)]++
			}
		}
	}
	want := []any{total, statuses, types, actors, series}
	gotStatuses, gotTypes := map[models.ActivityStatus]int{}, map[models.ActivityType]int{}
	gotActors, gotSeries := map[string]int{}, map[string]int{}
	for _, s := range got.ByStatus {
		gotStatuses[s.Status] += s.Count
	}
	for _, s := range got.ByType {
		gotTypes[s.Type] += s.Count
	}
	for _, s := range got.ByActor {
		if s.Actor.ID != nil {
			gotActors[*s.Actor.ID] += s.Count
		} else {
			gotActors[s.Actor.Name] += s.Count
		}
	}
	for _, point := range got.Series {
		for _, s := range point.Counts {
			gotSeries[fmt.Sprint(point.At, s.Status)] += s.Count
		}
	}
	if diff := cmp.Diff(want, []any{got.Total.Count, gotStatuses, gotTypes, gotActors, gotSeries}); diff != "" {
		t.Fatalf("filter %+v, by %s: log (-) and stats (+) differ:\n%s", filter, interval, diff)
	}
}

func (c *countedShop) verify(t checker) {
	t.Helper()
	differences, err := c.s.Verify(context.Background(), c.shop.ID)
	c.must(t, err)
	if len(differences) > 0 {
		t.Fatalf("counts and log differ: %+v", differences)
	}
}

// someFilter draws a filter on what the counts know.
func (c *countedShop) someFilter(t *rapid.T) *activity.Filter {
	f := &activity.Filter{}
	flip := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	if flip("by tab") {
		f.Categories = []models.ActivityCategory{rapid.SampledFrom([]models.ActivityCategory{
			models.CategoryTags, models.CategorySystem, models.CategoryDataCleaning}).Draw(t, "tab")}
	}
	if flip("by type") {
		f.Types = []models.ActivityType{models.Webhook, models.UserAction}
	}
	if flip("by status") {
		f.Statuses = []models.ActivityStatus{models.Failed, models.Warning}
	}
	if flip("by action") {
		f.Actions = []string{"SHIPPED"}
	}
	if flip("by actor") {
		f.ActorIDs = []string{"actor-1"}
	}
	if flip("by record") {
		f.EntityTypes = []string{"Order"}
	}
	if rapid.Bool().Draw(t, "from") {
		from := c.moment(t, "from")
		f.From = &from
		if rapid.Bool().Draw(t, "to") {
			to := from.Add(time.Duration(rapid.IntRange(1, 4*24*60).Draw(t, "minutes")) * time.Minute)
			f.To = &to
		}
	}
	return f
}

// moment draws a time around the end of daylight saving.
func (c *countedShop) moment(t *rapid.T, name string) time.Time {
	minutes := rapid.IntRange(0, 4*24*60).Draw(t, name)
	return c.begin.Add(time.Duration(minutes)*time.Minute + time.Duration(rapid.IntRange(0, 59_999).Draw(t, "ms"))*time.Millisecond)
}

// run runs Fold or Rebuild, perhaps stopped at one of its statements.
func (c *countedShop) run(t *rapid.T, s *statementStopper, work func(context.Context) error) {
	stop := rapid.IntRange(0, 14).Draw(t, "stop at")
	s.arm(stop)
	err := work(context.Background())
	s.arm(0)
	if err != nil && !errors.Is(err, errStopped) {
		t.Fatalf("%v", err)
	}
}

func TestStatsAreWhatAFullCountSays(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	stopper := &statementStopper{}
	c.must(t, stopper.watch(c.s.DB))
	number := 0
	rapid.Check(t, func(t *rapid.T) {
		number++
		shop := *c
		shop.shop = modelstest.Shop(c.t, c.s.DB, fmt.Sprintf("counted-%d.myshopify.com", number), models.PlanFree)
		t.Repeat(map[string]func(*rapid.T){
			"record": func(t *rapid.T) {
				for range rapid.IntRange(1, 5).Draw(t, "entries") {
					e := entry(shop.moment(t, "at"), rapid.IntRange(0, 60).Draw(t, "kind"))
					shop.must(t, shop.s.Record(context.Background(), shop.shop, e))
				}
			},
			"change": func(t *rapid.T) {
				rows := shop.entries(t)
				if len(rows) == 0 {
					return
				}
				row := rapid.SampledFrom(rows).Draw(t, "entry")
				shop.must(t, shop.s.Commit(context.Background(), shop.shop, func(tx *activity.Tx) error {
					return tx.Update(row.ID, "", func(e *models.Activity) { e.Status = models.Success })
				}))
			},
			"change many": func(t *rapid.T) {
				shop.must(t, shop.s.DB.Model(&models.Activity{}).Where("shop_id = ? AND status = ?", shop.shop.ID, models.Pending).
					Update("status", models.Failed).Error)
			},
			"delete": func(t *rapid.T) {
				at := shop.moment(t, "before")
				shop.must(t, shop.s.DB.Where("shop_id = ? AND occurred_at < ? AND status = ?", shop.shop.ID, at, models.Success).
					Delete(&models.Activity{}).Error)
			},
			"move to another class": func(t *rapid.T) {
				class := rapid.SampledFrom([]int16{models.ClassShort, models.ClassLong}).Draw(t, "class")
				shop.must(t, shop.s.DB.Model(&models.Activity{}).Where("shop_id = ? AND type = ?", shop.shop.ID, models.Webhook).
					Update("retention_class", class).Error)
			},
			"move to another zone": func(t *rapid.T) {
				shop.shop.Timezone = rapid.SampledFrom([]string{
					"America/Toronto", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Kolkata"}).Draw(t, "zone")
				shop.must(t, shop.s.DB.Model(shop.shop).Update("timezone", shop.shop.Timezone).Error)
				shop.run(t, stopper, shop.s.RebuildMoved)
			},
			"fold": func(t *rapid.T) { shop.run(t, stopper, shop.s.Fold) },
			"rebuild": func(t *rapid.T) {
				shop.run(t, stopper, func(ctx context.Context) error { return shop.s.Rebuild(ctx, shop.shop.ID) })
			},
			"": func(t *rapid.T) {
				interval := rapid.SampledFrom([]activity.Interval{activity.Hour, activity.Day}).Draw(t, "interval")
				shop.check(t, shop.someFilter(t), interval)
			},
		})
		shop.verify(t)
		shop.must(t, shop.s.Fold(context.Background()))
		shop.verify(t)
		shop.check(t, &activity.Filter{}, activity.Day)
	})
}

var errStopped = errors.New("stopped here by the test")

// statementStopper stops a run at one of its statements to the database.
type statementStopper struct{ left atomic.Int64 }

// arm stops at the statement with that number; 0 stops nowhere.
func (s *statementStopper) arm(stop int) { s.left.Store(int64(stop)) }

func (s *statementStopper) watch(db *gorm.DB) error {
	step := func(db *gorm.DB) {
		// A statement inside another one is put together by a dry run.
		if !db.DryRun && s.left.Load() > 0 && s.left.Add(-1) == 0 {
			_ = db.AddError(errStopped)
		}
	}
	const name = "test:stop"
	callbacks := db.Callback()
	return errors.Join(
		callbacks.Query().Before("gorm:query").Register(name, step),
		callbacks.Create().Before("gorm:create").Register(name, step),
		callbacks.Update().Before("gorm:update").Register(name, step),
		callbacks.Delete().Before("gorm:delete").Register(name, step),
		callbacks.Row().Before("gorm:row").Register(name, step),
		callbacks.Raw().Before("gorm:raw").Register(name, step),
	)
}

// TestFoldAndRebuildMayBeStoppedAtAnyStatement stops them at the first statement, at the second, and so on to the last.
func TestFoldAndRebuildMayBeStoppedAtAnyStatement(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(c *countedShop) error{
		"fold":    func(c *countedShop) error { return c.s.Fold(context.Background()) },
		"rebuild": func(c *countedShop) error { return c.s.Rebuild(context.Background(), c.shop.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := countedSetup(t)
			stopper := &statementStopper{}
			c.must(t, stopper.watch(c.s.DB))
			for step := 1; ; step++ {
				for i := range 7 {
					c.must(t, c.s.Record(t.Context(), c.shop, entry(c.begin.Add(time.Duration(i*step)*time.Hour), i*step)))
				}
				stopper.arm(step)
				err := work(c)
				struck := stopper.left.Load() == 0
				stopper.arm(0)
				if struck != errors.Is(err, errStopped) {
					t.Fatalf("stopped at statement %d: %v, but it ended with %v", step, struck, err)
				}
				c.verify(t)
				c.check(t, &activity.Filter{}, activity.Hour)
				if !struck {
					if step < 6 {
						t.Errorf("a run had %d statements", step-1)
					}
					return
				}
			}
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

// TestADayThatLeavesWithItsPartitionLeavesTheCounts drops a day of the log, as its end of life does it.
func TestADayThatLeavesWithItsPartitionLeavesTheCounts(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	c.must(t, models.EnsurePartitions(t.Context(), c.s.DB, c.begin))
	day := c.begin.AddDate(0, 0, 1)
	// Whole hours, halves and quarters off UTC; and a day that is not there.
	zones := []string{"UTC", "America/Toronto", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland"}
	shops := []*models.Shop{c.shop}
	for i, zone := range zones {
		shop := modelstest.Shop(t, c.s.DB, fmt.Sprintf("leaves-%d.myshopify.com", i), models.PlanFree)
		c.must(t, c.s.DB.Model(shop).Update("timezone", zone).Error)
		shops = append(shops, shop)
	}
	for i := range 96 {
		for _, shop := range shops {
			// Some entries of the day are of the other class: they stay.
			shop.RetentionDays = map[bool]int{true: int(models.ClassLong), false: int(models.ClassShort)}[i%7 == 0]
			c.must(t, c.s.Record(t.Context(), shop, entry(c.begin.Add(time.Duration(i)*time.Hour+20*time.Minute), i)))
		}
		if i == 50 {
			c.must(t, c.s.Fold(t.Context()))
		}
	}
	inDay := "occurred_at >= ? AND occurred_at < ? AND retention_class = ?"
	left := int64(0)
	for _, shop := range shops {
		var n int64
		c.must(t, c.s.DB.Model(&models.Activity{}).Where("shop_id = ?", shop.ID).Where(inDay, day, day.AddDate(0, 0, 1), models.ClassShort).Count(&n).Error)
		left += n
	}
	if want := int64(len(shops)) * 21; left != want {
		t.Fatalf("%d entries are in the partition, want %d", left, want)
	}
	c.must(t, models.InTx(t.Context(), c.s.DB, func(tx *gorm.DB) error {
		if !models.IsPostgres(tx) {
			return tx.Where(inDay, day, day.AddDate(0, 0, 1), models.ClassShort).Delete(&models.Activity{}).Error
		}
		name := "activities_30_" + day.Format("20060102")
		if err := tx.Exec("LOCK TABLE " + name + " IN ACCESS EXCLUSIVE MODE").Error; err != nil {
			return err
		}
		entries := map[int64]int64{}
		for _, shop := range shops {
			entries[shop.ID] = 21
		}
		if err := c.s.Forget(tx, entries, models.ClassShort, day, day.AddDate(0, 0, 1)); err != nil {
			return err
		}
		if err := tx.Exec("ALTER TABLE activities_30 DETACH PARTITION " + name).Error; err != nil {
			return err
		}
		return tx.Exec("DROP TABLE " + name).Error
	}))
	if got := len(c.entries(t)); got != 75 {
		t.Fatalf("%d entries are left", got)
	}
	c.check(t, &activity.Filter{}, activity.Hour)
	for range 2 {
		for _, shop := range shops {
			differences, err := c.s.Verify(t.Context(), shop.ID)
			if err != nil || len(differences) > 0 {
				t.Errorf("%s: %d counts are wrong, the first is %+v: %v", shop.Domain, len(differences), differences[:min(1, len(differences))], err)
			}
		}
		c.must(t, c.s.Fold(t.Context()))
	}
	c.check(t, &activity.Filter{From: &day}, activity.Day)
}

// TestTooManyKindsAreCountedWithoutWhatTheyAreNamed has a recorder that gives each entry an action of its own. Their
// types, statuses and tabs are still counted; a filter by action reads the log.
func TestTooManyKindsAreCountedWithoutWhatTheyAreNamed(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	const actions = 5_040
	rows := make([]*models.Activity, actions)
	for i := range rows {
		rows[i] = entry(c.begin.Add(time.Duration(i)*time.Second).Truncate(time.Millisecond), 3)
		rows[i].ID = models.NewID(rows[i].OccurredAt)
		rows[i].ShopID, rows[i].RetentionClass = c.shop.ID, models.ClassShort
		rows[i].Action = fmt.Sprint("NUMBER_", i)
		rows[i].Changes, rows[i].Evaluations, rows[i].Metadata = []models.FieldChange{}, []models.Evaluation{}, []byte("{}")
		rows[i].History = []models.StatusChange{}
	}
	c.must(t, c.s.DB.CreateInBatches(rows, 400).Error)
	c.must(t, c.s.Fold(t.Context()))
	var kinds int64
	c.must(t, c.s.DB.Model(&models.ActivityKind{}).Where("shop_id = ?", c.shop.ID).Count(&kinds).Error)
	if kinds >= actions {
		t.Errorf("the shop has %d kinds", kinds)
	}
	stats, err := c.s.Stats(t.Context(), c.shop, &activity.Filter{Statuses: []models.ActivityStatus{rows[0].Status}}, activity.Hour)
	c.must(t, err)
	if stats.Total.Count != actions || stats.CountedSince != nil || stats.ByStatus[0].Count != actions || stats.ByType[0].Count != actions {
		t.Errorf("the stats are %+v", stats)
	}
	if actors := stats.ByActor; len(actors) != 2 || actors[0].Count+actors[1].Count != actions || actors[1].Actor.Name != "Others" {
		t.Errorf("the actors are %+v", actors)
	}
	c.check(t, &activity.Filter{Actions: []string{rows[0].Action, rows[actions-1].Action}}, activity.Hour)
	c.must(t, c.s.DB.Where("shop_id = ? AND action > 'NUMBER_4'", c.shop.ID).Delete(&models.Activity{}).Error)
	c.verify(t)
	c.must(t, c.s.Fold(t.Context()))
	c.verify(t)
	c.must(t, c.s.Rebuild(t.Context(), c.shop.ID))
	c.verify(t)
	c.check(t, &activity.Filter{}, activity.Day)
}

func TestAnActorIsCalledWhatTheyWereCalledLast(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	for i, name := range []string{"Riley", "Riley", "Riley Park", "Riley Park-Vogel"} {
		e := entry(c.begin.Add(time.Duration(i)*time.Hour), 1)
		e.ActorName = name
		c.must(t, c.s.Record(t.Context(), c.shop, e))
		if i < 3 {
			c.must(t, c.s.Fold(t.Context()))
		}
	}
	stats, err := c.s.Stats(t.Context(), c.shop, nil, activity.Day)
	c.must(t, err)
	if len(stats.ByActor) != 1 || stats.ByActor[0].Count != 4 || stats.ByActor[0].Actor.Name != "Riley Park-Vogel" {
		t.Errorf("the actors are %+v", stats.ByActor)
	}
}

func TestASeriesHasAThousandPointsAtMost(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	old, now := models.Now().AddDate(-1, 0, 0), models.Now()
	c.must(t, c.s.Record(t.Context(), c.shop, entry(old, 1)))
	c.must(t, c.s.Record(t.Context(), c.shop, entry(now, 2)))
	stats, err := c.s.Stats(t.Context(), c.shop, &activity.Filter{From: &old}, activity.Hour)
	c.must(t, err)
	if len(stats.Problems) != 1 || !slices.Equal(stats.Problems[0].Field, []string{"filter", "from"}) {
		t.Errorf("a year by hours has the problems %+v", stats.Problems)
	}
	// Without a beginning, the newest points are shown, and all is counted.
	stats, err = c.s.Stats(t.Context(), c.shop, &activity.Filter{}, activity.Hour)
	c.must(t, err)
	if n := len(stats.Series); n < 990 || n > 1000 || stats.Total.Count != 2 {
		t.Errorf("%d points, %d entries", n, stats.Total.Count)
	}
	if last := stats.Series[len(stats.Series)-1]; len(last.Counts) != 1 {
		t.Errorf("the last point has %+v", last)
	}
	c.check(t, &activity.Filter{From: &old}, activity.Day)
}

func TestWhatTheCountsDoNotKnowIsCountedFromTheNewestEntries(t *testing.T) {
	t.Parallel()
	c := countedSetup(t)
	log := &seed.Log{Shops: []*models.Shop{c.shop}, Count: activity.CountCap + 500, Days: 3, Until: c.begin, Seed: 7, Key: c.s.Key}
	c.must(t, log.Write(t.Context(), c.s.DB))
	c.must(t, c.s.DB.Model(&models.Activity{}).Where("shop_id = ?", c.shop.ID).Update("entity_id", "one").Error)
	one := "one"
	stats, err := c.s.Stats(t.Context(), c.shop, &activity.Filter{EntityID: &one}, activity.Hour)
	c.must(t, err)
	rows := c.entries(t)
	if want := rows[500].OccurredAt; stats.CountedSince == nil || !stats.CountedSince.Equal(want) {
		t.Errorf("counted since %v, want %v", stats.CountedSince, want)
	}
	if (stats.Total != activity.Count{Count: activity.CountCap, Capped: true}) {
		t.Errorf("the total is %+v", stats.Total)
	}
	from := rows[600].OccurredAt
	c.must(t, c.s.DB.Model(&models.Activity{}).Where("shop_id = ? AND occurred_at >= ?", c.shop.ID, from).Update("entity_id", "two").Error)
	stats, err = c.s.Stats(t.Context(), c.shop, &activity.Filter{EntityID: &one}, activity.Hour)
	c.must(t, err)
	if (stats.Total != activity.Count{Count: 600}) || stats.CountedSince != nil {
		t.Errorf("the total is %+v, counted since %v", stats.Total, stats.CountedSince)
	}
}
