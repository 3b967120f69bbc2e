package queue_test

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/queue"
)

const name = "tests"

func setup(t *testing.T) (*queue.Queue, *asynq.Inspector) {
	t.Helper()
	q, inspect, _ := setupRedis(t)
	return q, inspect
}

func setupRedis(t *testing.T) (*queue.Queue, *asynq.Inspector, redis.UniversalClient) {
	t.Helper()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	q := queue.New(rdb, name, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		q.Close()
		_ = rdb.Close()
	})
	return q, asynq.NewInspectorFromRedisClient(rdb), rdb
}

// eventually waits until the queue's lanes hold so many tasks that are due, and so many that are for later.
func eventually(t *testing.T, inspect *asynq.Inspector, due, later int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		nowDue, nowLater := 0, 0
		for lane := range queue.Lanes(name) {
			if info, err := inspect.GetQueueInfo(lane); err == nil { // a lane that nothing came into is not known
				nowDue += info.Pending
				nowLater += info.Scheduled
			}
		}
		if nowDue == due && nowLater == later {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("the queue holds %d due and %d for later, want %d and %d", nowDue, nowLater, due, later)
		}
	}
}

func TestTwoNudgesAboutOneRowAreOne(t *testing.T) {
	t.Parallel()
	q, inspect := setup(t)
	q.Nudge(queue.ProcessWebhook{ID: "a"})
	q.Nudge(queue.ProcessWebhook{ID: "a"})
	q.Nudge(queue.ProcessWebhook{ID: "a", Attempt: 1})
	q.Nudge(queue.ProcessWebhook{ID: "b"})
	eventually(t, inspect, 3, 0)
}

// A task that has to wait asks for its next turn while it still runs, under the same key.
func TestANudgeForLaterStandsBesideTheOneThatRuns(t *testing.T) {
	t.Parallel()
	q, inspect := setup(t)
	at := time.Now().Add(time.Hour + 300*time.Millisecond)
	q.Nudge(queue.ProcessWebhook{ID: "a"})
	q.NudgeAt(queue.ProcessWebhook{ID: "a"}, at)
	q.NudgeAt(queue.ProcessWebhook{ID: "a"}, at)
	eventually(t, inspect, 1, 1)
	var later []*asynq.TaskInfo
	for lane := range queue.Lanes(name) {
		if tasks, err := inspect.ListScheduledTasks(lane); err == nil {
			later = append(later, tasks...)
		}
	}
	if comes := later[0].NextProcessAt; comes.Before(at) {
		t.Errorf("it comes %v early, when its row is not due yet", at.Sub(comes))
	}
}

func TestAShopWithManyTasksHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	const many, soon = 400, 60
	q, inspect, rdb := setupRedis(t)
	for i := range many {
		q.Nudge(queue.ProcessWebhook{ID: strconv.Itoa(i), Shop: 1})
	}
	eventually(t, inspect, many, 0)
	q.Nudge(queue.ProcessWebhook{ID: "other", Shop: 2})
	q.Nudge(queue.WorkOnOperation{ID: "other", Shop: 3})
	q.Nudge(queue.WorkOffRetry{ID: "other", Shop: 4})
	eventually(t, inspect, many+3, 0)

	worked := make(chan string, many+3)
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: 1,
		Queues:      queue.Lanes(name),
		LogLevel:    asynq.FatalLevel,
	})
	err := server.Start(asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
		worked <- string(task.Payload())
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	others := 0
	// Of two lanes with tasks either comes first: that another shop waits this long by chance happens once in 2^50 times.
	for i := range soon {
		select {
		case payload := <-worked:
			if strings.Contains(payload, "other") {
				others++
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("only %d tasks were worked on", i)
		}
	}
	if others != 3 {
		t.Errorf("among the first %d tasks are %d of the other shops, want all 3", soon, others)
	}
}

// Ids that are counted up, and those that Shopify gives out in steps, fill all lanes alike.
func TestShopsSpreadOverTheLanes(t *testing.T) {
	t.Parallel()
	const shops = 400
	for _, step := range []int64{1, 8, 1 << 15} {
		q, inspect := setup(t)
		for i := range int64(shops) {
			q.Nudge(queue.WorkOnOperation{ID: strconv.FormatInt(i, 10), Shop: 60_000_000_000 + i*step})
		}
		eventually(t, inspect, shops, 0)
		fair := shops / len(queue.Lanes(name))
		for lane := range queue.Lanes(name) {
			info, err := inspect.GetQueueInfo(lane)
			if err != nil {
				t.Fatalf("ids in steps of %d leave %s empty: %v", step, lane, err)
			}
			if info.Pending < fair*3/4 || info.Pending > fair*5/4 {
				t.Errorf("of %d ids in steps of %d, %s has %d, want about %d", shops, step, lane, info.Pending, fair)
			}
		}
	}
}

func TestANudgeIsNotWaitedForWhenRedisIsAway(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	server.Close()
	q := queue.New(rdb, name, slog.New(slog.DiscardHandler))
	began := time.Now()
	for range 20_000 { // more than may wait to be sent
		q.Nudge(queue.ProcessWebhook{ID: "a"})
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	q.Close()
	_ = rdb.Close()
}
