package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

const (
	workDeliveries = 5000
	workRules      = 10
)

// benchEndToEnd measures how fast a worker acts on deliveries that are there: ten rules, of which none matches.
func (s *settings) benchEndToEnd(ctx context.Context) error {
	address, drop, err := s.makeDatabase(ctx)
	if err != nil {
		return err
	}
	defer drop()
	t, err := s.startTagtrail(ctx, address)
	if err != nil {
		return err
	}
	defer t.stop()
	shop, err := t.app.Shops.ByID(ctx, ours)
	if err != nil {
		return err
	}
	for i := range workRules {
		_, err := t.app.Rules.Create(ctx, shop, models.Actor{Type: models.ActorSystem, Name: "bench"}, models.RuleDefinition{
			Name:     fmt.Sprint("Never ", i),
			Resource: models.Order,
			Triggers: []models.Trigger{models.Created, models.Updated},
			When: models.ConditionGroup{Match: models.MatchAll, Conditions: []models.Condition{
				{Field: "total_price", Operator: models.Greater, Values: []string{"1000000"}},
				{Field: "currency", Operator: models.Equals, Values: []string{"USD"}},
			}},
			AddTags: []string{"never"},
			Enabled: true,
		})
		if err != nil {
			return err
		}
	}
	if err := t.fill(ctx); err != nil {
		return err
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	return s.profiled(func() error { return t.work(ctx) })
}

// fill sends the deliveries.
func (t *tagtrail) fill(ctx context.Context) error {
	bodies, err := makeBodies()
	if err != nil {
		return err
	}
	to, err := dial(t.address, t.domain)
	if err != nil {
		return err
	}
	defer to.close()
	for i := range workDeliveries {
		if err := to.send(ctx, &bodies[i%len(bodies)]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tagtrail) work(ctx context.Context) error {
	working, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	began, before := time.Now(), cpuTime()
	go func() { stopped <- t.app.Work(working) }()
	done, err := t.finished(ctx)
	took, used := time.Since(began), cpuTime()-before
	stop()
	if workErr := <-stopped; err == nil {
		err = workErr
	}
	if err != nil {
		return err
	}
	fmt.Printf("Work on Postgres: %d deliveries to SUCCESS entries in %.1f s: %.0f a second, %.0f µs of this process's CPU each "+
		"(%d at once, %d rules that do not match, no query to Shopify).\n\n",
		done, took.Seconds(), float64(done)/took.Seconds(), float64(used.Microseconds())/float64(done), t.app.Config.WorkerConcurrency, workRules)
	return nil
}

// finished waits until every delivery has its SUCCESS entry.
func (t *tagtrail) finished(ctx context.Context) (int64, error) {
	const look = 100 * time.Millisecond
	for {
		var done int64
		err := t.app.DB.WithContext(ctx).Model(&models.Activity{}).
			Where("shop_id = ? AND type = ? AND status = ?", ours, models.Webhook, models.Success).Count(&done).Error
		if err != nil || done == workDeliveries {
			return done, err
		}
		select {
		case <-ctx.Done():
			return done, ctx.Err()
		case <-time.After(look):
		}
	}
}
