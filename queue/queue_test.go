package queue_test

import (
	"log/slog"
	"slices"
	"strconv"
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
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	q := queue.New(rdb, name, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		q.Close()
		_ = rdb.Close()
	})
	return q, asynq.NewInspectorFromRedisClient(rdb)
}

// eventually waits until the queue holds so many tasks that are due, and so many that are for later.
func eventually(t *testing.T, inspect *asynq.Inspector, due, later int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	var info *asynq.QueueInfo
	for {
		var err error
		if info, err = inspect.GetQueueInfo(name + ":0"); err == nil && info.Pending == due && info.Scheduled == later {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("the queue holds %+v, want %d due and %d for later", info, due, later)
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
	later, err := inspect.ListScheduledTasks(name + ":0")
	if err != nil {
		t.Fatal(err)
	}
	if comes := later[0].NextProcessAt; comes.Before(at) {
		t.Errorf("it comes %v early, when its row is not due yet", at.Sub(comes))
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

// The tasks of a shop go in one lane, and those of another that lies elsewhere do not stand behind them.
func TestShopsGoInLanesOfTheirOwn(t *testing.T) {
	t.Parallel()
	q, inspect := setup(t)
	for _, task := range []queue.Task{
		queue.ProcessWebhook{ID: "a", Shop: 8}, queue.WorkOffRetry{ID: "b", Shop: 8}, queue.WorkOnOperation{ID: "c", Shop: 16},
		queue.WorkOnOperation{ID: "d", Shop: 9},
	} {
		q.Nudge(task)
	}
	eventually(t, inspect, 3, 0)
	lanes := queue.LaneNames(name)
	if len(lanes) != queue.Lanes || lanes[1] != name+":1" {
		t.Fatalf("the lanes are %q", lanes)
	}
	others := 0
	for _, lane := range lanes[1:] {
		if info, err := inspect.GetQueueInfo(lane); err == nil {
			others += info.Pending
		}
	}
	if others != 1 {
		t.Errorf("%d tasks are in other lanes, want 1", others)
	}
}

func TestALaneIsLongWhereMuchWaits(t *testing.T) {
	t.Parallel()
	q, inspect := setup(t)
	if long := q.LongLanes(); len(long) > 0 {
		t.Fatalf("lanes %v are long before anything waits", long)
	}
	for i := range 500 {
		q.Nudge(queue.ProcessWebhook{ID: strconv.Itoa(i), Shop: 16})
	}
	q.Nudge(queue.ProcessWebhook{ID: "a", Shop: 3})
	eventually(t, inspect, 500, 0)
	if long := q.LongLanes(); !slices.Equal(long, []int64{0}) {
		t.Errorf("lanes %v are long, want that of shop 16", long)
	}
}
