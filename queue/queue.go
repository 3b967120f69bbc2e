// Package queue names what work exists and nudges the workers to look at it. The rows of the database are the
// truth: a nudge that is lost is made up for by the sweep, one that comes twice does nothing.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Task carries the id of a row that wants work.
type Task interface {
	// Kind names the method that does the work.
	Kind() string
	// Key tells the task from others of its kind. Two with one key are one.
	Key() string
	// Lane is the shop's id. Tasks of a shop go in one of a few lanes, so that a shop with much to do does not stand before
	// the others.
	Lane() int64
}

// Lanes is how many lanes there are.
const Lanes = 8

// LaneNames returns the names of the lanes of a queue, for a worker that takes from all of them alike.
func LaneNames(name string) []string {
	names := make([]string, Lanes)
	for i := range names {
		names[i] = laneName(name, int64(i))
	}
	return names
}

// FarLaneNames returns the names of the lanes of tasks that wait for a stranger's server. They have workers of their own,
// so that a slow stranger holds up nothing but other strangers.
func FarLaneNames(name string) []string { return LaneNames(farName(name)) }

func farName(name string) string { return name + ":far" }

// far is a task that waits for a stranger's server.
type far interface {
	Task
	far()
}

func laneName(name string, shop int64) string { return fmt.Sprintf("%s:%d", name, uint64(shop)%Lanes) }

// ProcessWebhook asks for webhooks.Service.Process.
type ProcessWebhook struct {
	ID string `json:"id"`
	// Shop is the shop's id.
	Shop int64 `json:"shop"`
	// Attempt tells the next try's nudge from this one's, which may still be running.
	Attempt int `json:"attempt"`
}

// Kind implements Task.
func (ProcessWebhook) Kind() string { return "webhooks:process" }

// Key implements Task.
func (t ProcessWebhook) Key() string { return fmt.Sprintf("%s:%d", t.ID, t.Attempt) }

// Lane implements Task.
func (t ProcessWebhook) Lane() int64 { return t.Shop }

// WorkOffRetry asks for webhooks.Service.WorkOff.
type WorkOffRetry struct {
	ID string `json:"id"`
	// Shop is the shop's id.
	Shop int64 `json:"shop"`
	// Step tells the next step's nudge from this one's, which may still be running.
	Step int `json:"step"`
}

// Kind implements Task.
func (WorkOffRetry) Kind() string { return "webhooks:workoff" }

// Key implements Task.
func (t WorkOffRetry) Key() string { return fmt.Sprintf("%s:%d", t.ID, t.Step) }

// Lane implements Task.
func (t WorkOffRetry) Lane() int64 { return t.Shop }

// WorkOnOperation asks for change.Service.WorkOn.
type WorkOnOperation struct {
	ID string `json:"id"`
	// Shop is the shop's id.
	Shop int64 `json:"shop"`
	// Step tells the next step's nudge from this one's, which may still be running.
	Step int `json:"step"`
}

// Kind implements Task.
func (WorkOnOperation) Kind() string { return "change:workon" }

// Key implements Task.
func (t WorkOnOperation) Key() string { return fmt.Sprintf("%s:%d", t.ID, t.Step) }

// Lane implements Task.
func (t WorkOnOperation) Lane() int64 { return t.Shop }

// WorkOnExport asks for export.Service.WorkOn.
type WorkOnExport struct {
	ID string `json:"id"`
	// Shop is the shop's id.
	Shop int64 `json:"shop"`
	// Step tells the next step's nudge from this one's, which may still be running.
	Step int `json:"step"`
}

// Kind implements Task.
func (WorkOnExport) Kind() string { return "export:workon" }

// Key implements Task.
func (t WorkOnExport) Key() string { return fmt.Sprintf("%s:%d", t.ID, t.Step) }

// Lane implements Task.
func (t WorkOnExport) Lane() int64 { return t.Shop }

// SendMail asks for notify.Service.Send.
type SendMail struct {
	ID string `json:"id"`
	// Shop is the shop's id.
	Shop int64 `json:"shop"`
	// Attempt tells the next try's nudge from this one's, which may still be running.
	Attempt int `json:"attempt"`
}

// Kind implements Task.
func (SendMail) Kind() string { return "notify:send" }

// Key implements Task.
func (t SendMail) Key() string { return fmt.Sprintf("%s:%d", t.ID, t.Attempt) }

// Lane implements Task.
func (t SendMail) Lane() int64 { return t.Shop }

// DeliverStream asks for streams.Service.Deliver.
type DeliverStream struct {
	ID string `json:"id"`
	// Shop is the shop's id.
	Shop int64 `json:"shop"`
	// Step tells the next step's nudge from this one's, which may still be running.
	Step int `json:"step"`
}

// Kind implements Task.
func (DeliverStream) Kind() string { return "streams:deliver" }

// Key implements Task.
func (t DeliverStream) Key() string { return fmt.Sprintf("%s:%d", t.ID, t.Step) }

// Lane implements Task.
func (t DeliverStream) Lane() int64 { return t.Shop }

func (DeliverStream) far() {}

// CleanUpShop asks for retention.Service.WorkOn.
type CleanUpShop struct {
	// Shop is the shop's id, and the row's.
	Shop int64 `json:"shop"`
	// Step tells the next step's nudge from this one's, which may still be running.
	Step int `json:"step"`
}

// Kind implements Task.
func (CleanUpShop) Kind() string { return "retention:workon" }

// Key implements Task.
func (t CleanUpShop) Key() string { return fmt.Sprintf("%d:%d", t.Shop, t.Step) }

// Lane implements Task.
func (t CleanUpShop) Lane() int64 { return t.Shop }

const (
	// backlog is how many nudges may wait to be sent. One more is dropped; the sweep finds its row.
	backlog = 10_000
	senders = 2
	// taskTimeout bounds one task. Every task is short: long work enqueues the next piece.
	taskTimeout = 25 * time.Second
	sendTimeout = 2 * time.Second
)

type nudge struct {
	task Task
	at   time.Time
}

// Queue sends nudges in the background, so that nobody waits for Redis.
type Queue struct {
	client  *asynq.Client
	inspect *asynq.Inspector
	name    string
	log     *slog.Logger
	nudges  chan nudge
	done    sync.WaitGroup
	stop    context.CancelFunc
}

// New starts a queue with that name. Close stops it.
func New(rdb redis.UniversalClient, name string, log *slog.Logger) *Queue {
	ctx, stop := context.WithCancel(context.Background())
	q := &Queue{
		client:  asynq.NewClientFromRedisClient(rdb),
		inspect: asynq.NewInspectorFromRedisClient(rdb),
		name:    name,
		log:     log,
		nudges:  make(chan nudge, backlog),
		stop:    stop,
	}
	for range senders {
		q.done.Go(func() { q.send(ctx) })
	}
	return q
}

// Close stops sending. What is not sent yet is found by the sweep.
func (q *Queue) Close() {
	q.stop()
	q.done.Wait()
}

// longLane is how many tasks have to wait in a lane for it to be long.
const longLane = 500

// LongLanes returns the lanes in which much waits. A nudge would stand at their end, most likely behind another about the
// same row: a sweep leaves them alone until they are shorter.
func (q *Queue) LongLanes() []int64 {
	long := []int64{}
	for lane := range int64(Lanes) {
		info, err := q.inspect.GetQueueInfo(laneName(q.name, lane))
		if err == nil && info.Pending >= longLane {
			long = append(long, lane) // one that cannot be looked at counts as short
		}
	}
	return long
}

// Nudge asks the workers to look at a row now. It never waits and never fails.
func (q *Queue) Nudge(task Task) { q.NudgeAt(task, time.Time{}) }

// NudgeAt asks the workers to look at a row at that time.
func (q *Queue) NudgeAt(task Task, at time.Time) {
	select {
	case q.nudges <- nudge{task, at}:
	default:
	}
}

func (q *Queue) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-q.nudges:
			if err := q.enqueue(ctx, n); err != nil && ctx.Err() == nil {
				q.log.Warn("nudge not sent; the sweep will find the row", "kind", n.task.Kind(), "err", err)
			}
		}
	}
}

// enqueue gives the task an id that holds for a minute: a nudge that was lost with a killed worker keeps its id in
// Redis, and must not keep the sweep from sending another. One for a set time has an id of its own: the task that asks
// for it is still running under the other.
func (q *Queue) enqueue(ctx context.Context, n nudge) error {
	payload, err := json.Marshal(n.task)
	if err != nil {
		return fmt.Errorf("encode task: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	slot := time.Now().Unix() / 60
	name := q.name
	if _, ok := n.task.(far); ok {
		name = farName(name)
	}
	options := []asynq.Option{asynq.Queue(laneName(name, n.task.Lane())), asynq.MaxRetry(0), asynq.Timeout(taskTimeout)}
	if !n.at.IsZero() {
		slot = n.at.UnixMilli()
		// asynq cuts the time to the second. A nudge that comes too early is lost: its row is not due yet.
		options = append(options, asynq.ProcessAt(n.at.Add(time.Second-time.Nanosecond).Truncate(time.Second)))
	}
	options = append(options, asynq.TaskID(fmt.Sprintf("%s:%s:%d", n.task.Kind(), n.task.Key(), slot)))
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(n.task.Kind(), payload), options...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}
