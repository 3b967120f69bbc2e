package activity_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
)

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
