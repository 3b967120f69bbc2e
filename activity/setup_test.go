package activity

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
)

// ledger is a log whose tests each have shops of their own.
type ledger struct {
	testing.TB
	*Service
	shops atomic.Int64
}

func setup(tb testing.TB) *ledger {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	hub := live.New(rdb, uuid.NewString(), slog.New(slog.DiscardHandler))
	tb.Cleanup(func() {
		hub.Close()
		if err := rdb.Close(); err != nil {
			tb.Errorf("close Redis: %v", err)
		}
	})
	return &ledger{TB: tb, Service: &Service{DB: modelstest.Open(tb), Live: hub, Key: NewKey([32]byte{})}}
}

func (l *ledger) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *ledger) shop() *models.Shop {
	l.Helper()
	return modelstest.Shop(l.TB, l.DB, fmt.Sprintf("shop-%d.myshopify.com", l.shops.Add(1)), models.PlanFree)
}

// record writes entries, and gives them what they leave out.
func (l *ledger) record(shop *models.Shop, entries ...*models.Activity) {
	l.Helper()
	l.must(l.Commit(l.Context(), shop, func(tx *Tx) error {
		for _, e := range entries {
			if err := tx.Record(sketch(e)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// sketch gives an entry what every entry has.
func sketch(e *models.Activity) *models.Activity {
	if e.Type == "" {
		e.Type = models.Webhook
	}
	if e.Action == "" {
		e.Action = WebhookReceived
	}
	if e.Status == "" {
		e.Status = models.Success
	}
	if e.Summary == "" {
		e.Summary = "Order updated"
	}
	if e.ActorType == "" {
		e.ActorType, e.ActorName = models.ActorSystem, "Tagtrail"
	}
	return e
}

func tagChange(before, after []string) []models.FieldChange {
	return []models.FieldChange{{Field: "tags", Before: encoded(before), After: encoded(after)}}
}

func encoded(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // a list of strings
	}
	return raw
}

func idsOfList(list *List) []string { return idsOf(list.Entries) }

func ptr[T any](v T) *T { return &v }
