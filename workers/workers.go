// Package workers does the work that tasks name. It is a table: one line for each task.
package workers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/privacy"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/tagtrail/tagtrail/streams"
	"github.com/tagtrail/tagtrail/webhooks"
)

// Rooms are the rooms that do the work.
type Rooms struct {
	Activity  *activity.Service
	Change    *change.Service
	Webhooks  *webhooks.Service
	Shops     *shops.Service
	Export    *export.Service
	Notify    *notify.Service
	Retention *retention.Service
	Streams   *streams.Service
	Privacy   *privacy.Service
	Chain     *chain.Service
}

// tasks is the table of tasks.
func tasks(mux *asynq.ServeMux, r Rooms) {
	on(mux, func(ctx context.Context, t queue.ProcessWebhook) error { return r.Webhooks.Process(ctx, t.ID) })
	on(mux, func(ctx context.Context, t queue.WorkOnOperation) error { return r.Change.WorkOn(ctx, t.ID) })
	on(mux, func(ctx context.Context, t queue.WorkOffRetry) error { return r.Webhooks.WorkOff(ctx, t.ID) })
	on(mux, func(ctx context.Context, t queue.WorkOnExport) error { return r.Export.WorkOn(ctx, t.ID) })
	on(mux, func(ctx context.Context, t queue.SendMail) error { return r.Notify.Send(ctx, t.ID) })
	on(mux, func(ctx context.Context, t queue.DeliverStream) error { return r.Streams.Deliver(ctx, t.ID) })
	on(mux, func(ctx context.Context, t queue.CleanUpShop) error { return r.Retention.WorkOn(ctx, t.Shop) })
	on(mux, func(ctx context.Context, t queue.WorkOnPrivacy) error { return r.Privacy.WorkOn(ctx, t.ID) })
}

// chores is the table of what is done at set times, and once at the start. Every worker does them: each is safe to
// do twice.
func chores(r Rooms) []chore {
	return []chore{
		{"sweep webhooks", 15 * time.Second, r.Webhooks.Sweep},
		{"sweep operations", 15 * time.Second, r.Change.SweepOperations},
		{"sweep retries", 15 * time.Second, r.Webhooks.SweepRetries},
		{"sweep exports", 15 * time.Second, r.Export.Sweep},
		{"end exports", time.Minute, r.Export.Expire},
		{"sweep mail", 15 * time.Second, r.Notify.Sweep},
		{"tell of failures", 30 * time.Second, r.Notify.Failures},
		{"write digests", 10 * time.Minute, r.Notify.Digests},
		{"forget mail", 6 * time.Hour, r.Notify.Forget},
		{"sweep streams", time.Second, r.Streams.Sweep},
		{"forget what streams sent", time.Hour, r.Streams.Forget},
		{"sweep clean-ups", 15 * time.Second, r.Retention.Sweep},
		{"sweep privacy requests", 15 * time.Second, r.Privacy.Sweep},
		{"drop partitions", time.Hour, r.Retention.DropOver},
		{"tidy the store of files", time.Hour, r.Retention.TidyFiles},
		{"make partitions", time.Hour, r.Webhooks.EnsurePartitions},
		{"fold counts", time.Second, r.Activity.Fold},
		{"rebuild counts of another time zone", 10 * time.Second, r.Activity.RebuildMoved},
		{"seal the chain", time.Second, r.Chain.Seal},
		{"write checkpoints", time.Minute, r.Chain.Checkpoints},
		{"trim the chain", time.Hour, r.Chain.Trim},
		{"refresh shops", time.Hour, r.Shops.RefreshAll},
		{"forget idempotency keys", 6 * time.Hour, r.Activity.ForgetKeys},
	}
}

func on[T queue.Task](mux *asynq.ServeMux, do func(context.Context, T) error) {
	var kind T
	mux.HandleFunc(kind.Kind(), func(ctx context.Context, task *asynq.Task) error {
		var t T
		if err := json.Unmarshal(task.Payload(), &t); err != nil {
			return fmt.Errorf("read task %s: %w", task.Type(), err)
		}
		return do(ctx, t)
	})
}

// Worker does tasks and chores until it is stopped.
type Worker struct {
	near, far *asynq.Server
	cancel    context.CancelFunc
	chores    *choreGroup
}

// Options say how a worker works.
type Options struct {
	// Queue is the name that queue.New was given.
	Queue       string
	Concurrency int
	// StopAfter is how long tasks may go on after Stop.
	StopAfter time.Duration
	Log       *slog.Logger
}

const (
	// asynq looks for tasks that were scheduled for later only every five seconds unless told otherwise.
	taskCheck    = 200 * time.Millisecond
	delayedCheck = 250 * time.Millisecond
)

// Start starts a worker.
func Start(rdb redis.UniversalClient, r Rooms, o Options) (*Worker, error) {
	mux := asynq.NewServeMux()
	tasks(mux, r)
	w := &Worker{
		near: newServer(rdb, queue.LaneNames(o.Queue), o.Concurrency, o),
		far:  newServer(rdb, queue.FarLaneNames(o.Queue), farConcurrency, o),
	}
	if err := w.near.Start(mux); err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	if err := w.far.Start(mux); err != nil {
		w.near.Shutdown()
		return nil, fmt.Errorf("start worker: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel, w.chores = cancel, startChores(ctx, chores(r), o.Log)
	return w, nil
}

// farConcurrency is how many tasks wait for strangers' servers at a time. They hardly do anything else.
const farConcurrency = 32

// newServer makes what takes tasks from the lanes, from all alike: whichever shop a task is of, it is its lane's turn
// before long.
func newServer(rdb redis.UniversalClient, names []string, concurrency int, o Options) *asynq.Server {
	lanes := map[string]int{}
	for _, name := range names {
		lanes[name] = 1
	}
	return asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency:              concurrency,
		Queues:                   lanes,
		TaskCheckInterval:        taskCheck,
		DelayedTaskCheckInterval: delayedCheck,
		ShutdownTimeout:          o.StopAfter,
		Logger:                   quiet{o.Log},
		LogLevel:                 asynq.WarnLevel,
		ErrorHandler: asynq.ErrorHandlerFunc(func(_ context.Context, task *asynq.Task, err error) {
			o.Log.Error("task failed; the sweep will find its row", "kind", task.Type(), "err", err)
		}),
	})
}

// Stop lets running tasks end, for a while; what is cut off is taken up again by its row.
func (w *Worker) Stop() {
	w.cancel()
	var stopping sync.WaitGroup
	for _, server := range []*asynq.Server{w.near, w.far} {
		stopping.Go(server.Shutdown)
	}
	stopping.Wait()
	w.chores.wait()
}

// quiet is asynq's logger in ours.
type quiet struct{ log *slog.Logger }

func (q quiet) Debug(args ...any) { q.log.Debug(fmt.Sprint(args...)) }
func (q quiet) Info(args ...any)  { q.log.Info(fmt.Sprint(args...)) }
func (q quiet) Warn(args ...any)  { q.log.Warn(fmt.Sprint(args...)) }
func (q quiet) Error(args ...any) { q.log.Error(fmt.Sprint(args...)) }
func (q quiet) Fatal(args ...any) { q.log.Error(fmt.Sprint(args...)) }
