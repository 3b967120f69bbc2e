package export

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
)

// office is a place where exports are made, without workers: a test does their work.
type office struct {
	testing.TB
	*Service
	shops atomic.Int64
}

var riley = models.Actor{Type: models.ActorStaff, ID: ptr("7"), Name: "Riley Park"}

func setup(tb testing.TB) *office {
	tb.Helper()
	files, err := blob.Open(context.Background(), "file:"+tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	hub, tasks := live.New(rdb, uuid.NewString(), log), queue.New(rdb, uuid.NewString(), log)
	tb.Cleanup(func() {
		tasks.Close()
		hub.Close()
		_ = rdb.Close()
		_ = files.Close()
	})
	db := modelstest.Open(tb)
	ledger := &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}
	return &office{TB: tb, Service: &Service{
		DB:       db,
		Activity: ledger,
		Notify:   &notify.Service{DB: db, Activity: ledger, Queue: tasks, Mail: &mail.Sender{From: "t@example.com", Log: log}, Log: log},
		Queue:    tasks,
		Live:     hub,
		Files:    files,
		Key:      []byte("key"),
		URL:      "https://tagtrail.example/files/exports",
	}}
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) shop() *models.Shop {
	o.Helper()
	return modelstest.Shop(o.TB, o.DB, fmt.Sprintf("shop-%d.myshopify.com", o.shops.Add(1)), models.PlanFree)
}

// record writes so many entries, a second apart, whose summaries are their numbers.
func (o *office) record(shop *models.Shop, n int, change func(i int, e *models.Activity)) {
	o.Helper()
	until := models.Now().Add(-time.Minute)
	o.must(o.Activity.Commit(context.Background(), shop, func(tx *activity.Tx) error {
		entries := make([]*models.Activity, n)
		for i := range entries {
			entries[i] = &models.Activity{
				OccurredAt: until.Add(time.Duration(i-n) * time.Second), Type: models.Webhook, Action: activity.WebhookReceived,
				Status: models.Success, Summary: fmt.Sprint(i), ActorType: models.ActorSystem, ActorName: "Tagtrail",
			}
			if change != nil {
				change(i, entries[i])
			}
		}
		return tx.Record(entries...)
	}))
}

func (o *office) start(shop *models.Shop, in Input) *Export {
	o.Helper()
	e, err := o.Start(o.Context(), shop, riley, in)
	o.must(err)
	return e
}

// asJob makes an export one that a worker is to make, however few rows it has.
func (o *office) asJob(e *Export) {
	o.Helper()
	o.must(o.DB.Model(&models.Export{}).Where("id = ?", e.ID).Updates(map[string]any{"direct": false, "due_at": models.Now()}).Error)
}

func (o *office) get(shop *models.Shop, id string) *Export {
	o.Helper()
	e, err := o.Get(o.Context(), shop, riley, id)
	o.must(err)
	return e
}

// work does the work on an export until it has ended, each time as a worker that comes later.
func (o *office) work(ctx context.Context, shop *models.Shop, id string) *Export {
	o.Helper()
	for range 200 {
		e, err := o.Get(ctx, shop, riley, id)
		o.must(err)
		if e.Status.Ended() {
			return e
		}
		o.later(ctx, id)
		_ = o.WorkOn(ctx, id)
	}
	o.Fatalf("export %s never ends", id)
	return nil
}

func (o *office) later(ctx context.Context, id string) {
	o.Helper()
	past := models.Now().Add(-time.Minute)
	o.must(o.DB.WithContext(ctx).Model(&models.Export{}).Where("id = ? AND finished_at IS NULL", id).Update("due_at", past).Error)
}

// follow follows a link.
func (o *office) follow(ctx context.Context, e *Export) (string, error) {
	o.Helper()
	link := e.URL()
	if link == nil {
		return "", fmt.Errorf("export is %s and has no link", e.Status)
	}
	at, err := url.Parse(*link)
	o.must(err)
	file, err := o.Open(ctx, e.ID, at.Query())
	if err != nil {
		return "", err
	}
	var got bytes.Buffer
	err = file.Download(ctx, "test", &got)
	return got.String(), err
}

// keys are the names of what is in the store.
func (o *office) keys() []string {
	o.Helper()
	var keys []string
	for files := o.Files.List(nil); ; {
		file, err := files.Next(context.Background())
		if err != nil {
			return keys
		}
		keys = append(keys, file.Key)
	}
}

func ptr[T any](v T) *T { return &v }
