package activity_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
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
