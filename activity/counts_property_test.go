package activity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/stops"
	"pgregory.net/rapid"
)

func TestStatsAreWhatAFullCountSays(t *testing.T) {
	t.Parallel()
	c, stopper := countedSetup(t), &stops.Stopper{}
	c.must(t, stops.Statements(c.s.DB, stopper.Step))
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
func (c *countedShop) run(t *rapid.T, s *stops.Stopper, work func(context.Context) error) {
	s.Run(context.Background(), rapid.IntRange(0, 14).Draw(t, "stop at"), stops.Failed, func(ctx context.Context) {
		if err := work(ctx); err != nil && !errors.Is(err, stops.Err) {
			t.Fatalf("%v", err)
		}
	})
}
