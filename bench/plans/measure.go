package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/tagtrail/tagtrail/webhooks"
	"gorm.io/gorm"
)

// runs is how often each question is asked. Postgres turns to a plan for all values after the fifth time, so the
// later ones show what a server that has run for a while does.
const runs = 13

// question is something that the program asks of the database.
type question struct {
	name string
	ask  func(ctx context.Context) error
}

// asker asks through the program's own rooms and hears the statements that they send.
type asker struct {
	heard    *recorder
	db       *gorm.DB
	ledger   *activity.Service
	webhooks *webhooks.Service
}

func measure(ctx context.Context, db *gorm.DB, redisURL string, log *slog.Logger) error {
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		return fmt.Errorf("read the address of Redis: %w", err)
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	nudges := queue.New(rdb, "tagtrail_plans", log)
	defer nudges.Close()
	hub := live.New(rdb, "tagtrail_plans", log)
	defer hub.Close()
	heard := &recorder{}
	spied := db.Session(&gorm.Session{Logger: heard})
	a := &asker{heard: heard, db: db, ledger: &activity.Service{DB: spied, Live: hub, Key: activity.NewKey([32]byte{})}}
	a.webhooks = &webhooks.Service{
		DB:       spied,
		Shops:    &shops.Service{DB: spied, Activity: a.ledger, Log: log},
		Activity: a.ledger,
		Queue:    nudges,
		Log:      log,
	}
	questions, err := a.questions(ctx)
	if err != nil {
		return err
	}
	fmt.Println("| question | ms | slowest | statement | ms | buffers | rows | plan |\n|---|---:|---:|---|---:|---:|---:|---|")
	for _, q := range questions {
		if err := a.answer(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return nil
}

// answer asks the question again and again, and then has each of its statements explained once.
func (a *asker) answer(ctx context.Context, q question) error {
	times := make([]time.Duration, runs)
	var statements []string
	for i := range times {
		a.heard.take()
		began := time.Now()
		if err := q.ask(ctx); err != nil {
			return err
		}
		times[i], statements = time.Since(began), a.heard.take()
	}
	slices.Sort(times)
	name, total, slowest := q.name, ms(times[runs/2]), ms(times[runs-1])
	return explainAll(ctx, a.db, statements, func(sql string, e *explained) {
		fmt.Printf("| %s | %s | %s | %s | %.2f | %d | %.0f | %s |\n", name, total, slowest, kindOf(sql), e.ms, e.buffers, e.rows, e.plan)
		name, total, slowest = "", "", ""
	})
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// questions are those of the pages and the work of today.
func (a *asker) questions(ctx context.Context) ([]question, error) {
	var newest models.Activity
	if err := a.db.WithContext(ctx).Where("shop_id = 1").Order("occurred_at DESC").Take(&newest).Error; err != nil {
		return nil, fmt.Errorf("find the newest entry: %w", err)
	}
	now := newest.OccurredAt
	day, week := now.AddDate(0, 0, -1), now.AddDate(0, 0, -7)
	var all []question
	for _, shop := range []struct {
		id   int64
		name string
	}{{1, "big shop"}, {500, "small shop"}} {
		var some models.Activity
		err := a.db.WithContext(ctx).Where("shop_id = ? AND action = ? AND cause_id IS NOT NULL AND occurred_at < ?", shop.id, activity.SmartTagApplied, week).
			Order("occurred_at DESC").Take(&some).Error
		if err != nil {
			return nil, fmt.Errorf("find an entry: %w", err)
		}
		var staffs models.Activity
		err = a.db.WithContext(ctx).Where("shop_id = ? AND actor_type = ? AND occurred_at < ?", shop.id, models.ActorStaff, week).
			Order("occurred_at DESC").Take(&staffs).Error
		if err != nil {
			return nil, fmt.Errorf("find an entry of somebody: %w", err)
		}
		person := []string{*staffs.ActorID}
		list := func(name string, f activity.Filter) {
			all = append(all, question{shop.name + ": " + name, func(ctx context.Context) error {
				_, err := a.ledger.List(ctx, &models.Shop{ID: shop.id, Timezone: "UTC"}, &f, models.Page{})
				return err
			}})
		}
		count := func(name string, f activity.Filter) {
			all = append(all, question{shop.name + ": count, " + name, a.counting(shop.id, f)})
		}
		list("first page", activity.Filter{})
		list("last 24 hours", activity.Filter{From: &day})
		all = append(all, question{shop.name + ": page at 25 days' depth", a.deep(shop.id, activity.Filter{}, now.AddDate(0, 0, -25))})
		list("status FAILED", statuses(models.Failed))
		list("status FAILED or WARNING", statuses(models.Failed, models.Warning))
		list("status IN_PROGRESS", statuses(models.InProgress))
		list("type WEBHOOK", types(models.Webhook))
		list("type SYSTEM_EVENT", types(models.SystemEvent))
		list("WEBHOOK and FAILED", activity.Filter{Types: []models.ActivityType{models.Webhook}, Statuses: []models.ActivityStatus{models.Failed}})
		list("2 types, 2 statuses, common", activity.Filter{
			Types: []models.ActivityType{models.Webhook, models.BackgroundJob}, Statuses: []models.ActivityStatus{models.Failed, models.Warning},
		})
		list("2 types, 2 statuses, rare", activity.Filter{
			Types: []models.ActivityType{models.SystemEvent, models.UserAction}, Statuses: []models.ActivityStatus{models.Pending, models.InProgress},
		})
		list("tab Tags", categories(models.CategoryTags))
		list("tab Metafields", categories(models.CategoryMetafields))
		list("tab Data Cleaning", categories(models.CategoryDataCleaning))
		list("tab Data Cleaning, 7 days", activity.Filter{Categories: []models.ActivityCategory{models.CategoryDataCleaning}, From: &week})
		list("one record", activity.Filter{EntityID: some.EntityID})
		list("entity type", activity.Filter{EntityTypes: []string{"Order"}})
		list("one member of staff", activity.Filter{ActorIDs: person})
		list("one rule", activity.Filter{RuleID: some.RuleID})
		list("one action, rare", activity.Filter{Actions: []string{activity.BulkTagUpdate}})
		list("one member of staff, FAILED", activity.Filter{ActorIDs: person, Statuses: []models.ActivityStatus{models.Failed}})
		list("one member of staff, 7 days, orders", activity.Filter{ActorIDs: person, EntityTypes: []string{"Order"}, From: &week})
		list("search: a common word", search("updated"))
		list("search: a rare word", search("xylograph"))
		list("search: two words", search("added xylograph"))
		list("search: no such word", search("zebra"))
		list("search: common parts, no such word", search("datedord"))
		list("search: word of failures", search("updated status:failed"))
		list("search: a tag", search("tag:vip"))
		list("search: a rule by name", search("rule:none"))
		count("search: a common word", search("updated"))
		count("search: a rare word", search("xylograph"))
		count("one record", activity.Filter{EntityID: some.EntityID})
		count("one rule", activity.Filter{RuleID: some.RuleID})
		count("everything", activity.Filter{})
		count("last 24 hours", activity.Filter{From: &day})
		count("FAILED or WARNING", statuses(models.Failed, models.Warning))
		count("tab Tags", categories(models.CategoryTags))
		count("tab Data Cleaning", categories(models.CategoryDataCleaning))
		all = append(all, a.entry(shop.id, shop.name, some)...)
	}
	work, err := a.work(ctx)
	return append(all, work...), err
}

func search(text string) activity.Filter { return activity.Filter{Search: &text} }

func statuses(s ...models.ActivityStatus) activity.Filter { return activity.Filter{Statuses: s} }

func types(t ...models.ActivityType) activity.Filter { return activity.Filter{Types: t} }

func categories(c ...models.ActivityCategory) activity.Filter { return activity.Filter{Categories: c} }

// deep asks for the page after an entry of that time.
func (a *asker) deep(shop int64, f activity.Filter, at time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		first := 1
		list, err := a.ledger.List(ctx, &models.Shop{ID: shop, Timezone: "UTC"}, &f, models.Page{First: &first})
		if err != nil {
			return err
		}
		after := list.Cursor(&activity.Entry{Activity: models.Activity{OccurredAt: at, ID: models.NewID(at)}})
		a.heard.take()
		_, err = a.ledger.List(ctx, &models.Shop{ID: shop, Timezone: "UTC"}, &f, models.Page{After: &after})
		return err
	}
}

func (a *asker) counting(shop int64, f activity.Filter) func(context.Context) error {
	return func(ctx context.Context) error {
		first := 1
		list, err := a.ledger.List(ctx, &models.Shop{ID: shop, Timezone: "UTC"}, &f, models.Page{First: &first})
		if err != nil {
			return err
		}
		a.heard.take()
		_, err = list.Count(ctx)
		return err
	}
}

// entry asks for one entry and what hangs on it.
func (a *asker) entry(shop int64, name string, some models.Activity) []question {
	return []question{
		{name + ": one entry by its id", func(ctx context.Context) error {
			_, err := a.ledger.Get(ctx, shop, some.ID)
			return err
		}},
		{name + ": its cause and effects", func(ctx context.Context) error {
			entry, err := a.ledger.Get(ctx, shop, some.ID)
			if err != nil {
				return err
			}
			a.heard.take()
			cause, err := entry.Cause(ctx)
			if err != nil || cause == nil {
				return fmt.Errorf("the entry has no cause: %w", err)
			}
			_, err = a.ledger.Effects(ctx, cause, models.Page{})
			return err
		}},
		{name + ": what 50 entries evaluated", func(ctx context.Context) error {
			list, err := a.ledger.List(ctx, &models.Shop{ID: shop, Timezone: "UTC"}, &activity.Filter{}, models.Page{})
			if err != nil {
				return err
			}
			a.heard.take()
			_, err = list.Entries[0].Evaluated(ctx)
			return err
		}},
	}
}

// work is what the inbox asks.
func (a *asker) work(ctx context.Context) ([]question, error) {
	var done models.Delivery
	err := a.db.WithContext(ctx).Where("status = ? AND shop_id = 1 AND duplicates = 0", models.DeliveryDone).Take(&done).Error
	if err != nil {
		return nil, fmt.Errorf("find a delivery: %w", err)
	}
	return []question{
		{"inbox: claim", func(ctx context.Context) error { return a.webhooks.Process(ctx, done.ID) }},
		{"inbox: sweep", a.webhooks.Sweep},
	}, nil
}
