package chain

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
)

// notary is a log with its chain, at a time of its own.
type notary struct {
	testing.TB
	*Service
	log   *activity.Service
	ctx   context.Context
	at    time.Time
	r     *rand.Rand
	shops atomic.Int64
	made  int
}

func setup(tb testing.TB) *notary {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	hub := live.New(rdb, uuid.NewString(), slog.New(slog.DiscardHandler))
	db, key := modelstest.Open(tb), activity.NewKey([32]byte{1})
	n := &notary{
		TB:  tb,
		log: &activity.Service{DB: db, Live: hub, Key: key},
		ctx: tb.Context(),
		at:  models.Now().Truncate(24 * time.Hour).Add(12 * time.Hour),
		r:   rand.New(rand.NewPCG(1, 2)),
	}
	files, err := blob.Open(n.ctx, "file:"+tb.TempDir())
	n.must(err)
	n.Service = &Service{DB: db, Key: key, Files: files, Now: func() time.Time { return n.at }, Eager: true}
	tb.Cleanup(func() {
		hub.Close()
		_ = files.Close()
		_ = rdb.Close()
	})
	for at := n.at.AddDate(0, 0, -14); at.Before(n.at); at = at.AddDate(0, 0, 7) {
		n.must(models.EnsurePartitions(n.ctx, db, at))
	}
	return n
}

func (n *notary) must(err error) {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
}

func (n *notary) shop() *models.Shop {
	n.Helper()
	return modelstest.Shop(n.TB, n.DB, fmt.Sprintf("shop-%d.myshopify.com", n.shops.Add(1)), models.PlanFree)
}

func (n *notary) commit(shop *models.Shop, f func(tx *activity.Tx) error) {
	n.Helper()
	n.must(n.log.Commit(n.ctx, shop, f))
}

func (n *notary) record(shop *models.Shop, at ...time.Time) []string {
	n.Helper()
	entries := make([]*models.Activity, len(at))
	ids := make([]string, len(at))
	for i := range at {
		entries[i] = n.entry(at[i])
	}
	n.commit(shop, func(tx *activity.Tx) error { return tx.Record(entries...) })
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}

func (n *notary) entry(at time.Time) *models.Activity {
	n.made++
	i := n.made
	entity, id, title := "Order", fmt.Sprintf("gid://shopify/Order/%d", i), fmt.Sprintf("#%d “é” \U0001f377", i)
	e := &models.Activity{
		OccurredAt:  at,
		Type:        models.Webhook,
		Action:      activity.WebhookReceived,
		Status:      models.Pending,
		Summary:     fmt.Sprintf("Order %d <b>&\nupdated", i),
		ActorType:   models.ActorSystem,
		ActorName:   "Tagtrail",
		EntityType:  &entity,
		EntityID:    &id,
		EntityTitle: &title,
		Changes:     []models.FieldChange{{Field: "tags", Before: json.RawMessage(`[]`), After: json.RawMessage(`["A","B"]`)}},
		Evaluations: []models.Evaluation{{RuleID: uuid.NewString(), Name: "Big", Version: i, Conditions: []models.ConditionResult{{Field: "total", Actual: []string{"1.10"}}}}},
		Metadata:    json.RawMessage(fmt.Sprintf(`{"z": 1e2, "a": {"y": 1.10, "b": -0.0}, "n": %d}`, i)),
	}
	if i%3 == 0 {
		rule, version, cause, code := uuid.NewString(), i, models.NewID(at), "NETWORK"
		e.RuleID, e.RuleVersion, e.CauseID, e.ErrorCode, e.ErrorMessage = &rule, &version, &cause, &code, &title
	}
	return e
}

func (n *notary) update(shop *models.Shop, id string) {
	n.Helper()
	n.commit(shop, func(tx *activity.Tx) error {
		return tx.Update(id, "again", func(e *models.Activity) {
			e.Attempts++
			e.Status = models.Success
			e.Type, e.ActorName = models.UserAction, "nobody" // which no update writes
		})
	})
}

// cells reads a row as verifying does.
func (n *notary) cells(db *gorm.DB, shop int64, id string) [][]byte {
	n.Helper()
	var cells [][]byte
	n.must(models.InRows(n.ctx, db, func(r *models.RowReader) error {
		return r.Rows("SELECT "+strings.Join(activity.DigestColumns(), ", ")+" FROM activities WHERE shop_id = ? AND id = ?", []any{shop, id},
			func(c [][]byte) error {
				for _, cell := range c {
					cells = append(cells, slices.Clone(cell))
				}
				return nil
			})
	}))
	return cells
}

// redact takes a person's name out of an entry, as whoever erases them does, and links that.
func (n *notary) redact(shop *models.Shop, id string) {
	n.Helper()
	before := n.Key.DigestCells(n.cells(n.DB, shop.ID, id))
	n.exec("UPDATE activities SET actor_name = 'redacted', entity_title = NULL, updated_at = ? WHERE shop_id = ? AND id = ?", models.Now(), shop.ID, id)
	after := n.Key.DigestCells(n.cells(n.DB, shop.ID, id))
	l := activity.Link{Kind: activity.LinkRedacted, ID: uuid.MustParse(id), Before: before, After: after}
	n.must(n.DB.Create(n.Key.Pending(shop.ID, []activity.Link{l})).Error)
}

func (n *notary) exec(sql string, args ...any) int64 {
	n.Helper()
	done := n.DB.WithContext(n.ctx).Exec(sql, args...)
	n.must(done.Error)
	return done.RowsAffected
}

func (n *notary) seal() {
	n.Helper()
	n.must(n.Seal(n.ctx))
}

// verify returns what is found.
func (n *notary) verify(shop *models.Shop, kept ...Checkpoint) ([]Finding, *Report) {
	n.Helper()
	var found []Finding
	report, err := n.Verify(n.ctx, shop, Options{Checkpoints: kept}, func(f Finding) { found = append(found, f) })
	n.must(err)
	return found, report
}

// intact holds the shop's log to being as it was left.
func (n *notary) intact(shop *models.Shop) *Report {
	n.Helper()
	found, report := n.verify(shop)
	if len(found) > 0 {
		n.Fatalf("reported as tampered with: %+v", found)
	}
	return report
}
