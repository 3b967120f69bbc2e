package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
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
	"github.com/tagtrail/tagtrail/queue"
)

// keeper is a log with what keeps and removes it, at a time of its own.
type keeper struct {
	testing.TB
	*Service
	ctx    context.Context
	folder string
	at     time.Time
	shops  atomic.Int64
	made   atomic.Int64
}

func setup(tb testing.TB) *keeper {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	log := slog.New(slog.DiscardHandler)
	hub := live.New(rdb, uuid.NewString(), log)
	work := queue.New(rdb, uuid.NewString(), log)
	db := modelstest.Open(tb)
	k := &keeper{TB: tb, ctx: tb.Context(), folder: tb.TempDir(), at: models.Now().Truncate(24 * time.Hour).Add(12 * time.Hour)}
	files, err := blob.Open(k.ctx, "file:"+k.folder)
	k.must(err)
	k.Service = &Service{
		DB:          db,
		Activity:    &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})},
		Queue:       work,
		Files:       files,
		Batch:       7,
		FileEntries: 10,
		Now:         func() time.Time { return k.at },
	}
	tb.Cleanup(func() {
		work.Close()
		hub.Close()
		_ = files.Close()
		_ = rdb.Close()
	})
	k.partition()
	return k
}

// partition makes the partitions of what is written by the tests.
func (k *keeper) partition() {
	k.Helper()
	for at := k.at.AddDate(0, 0, -35); at.Before(k.at); at = at.AddDate(0, 0, 7) {
		k.must(models.EnsurePartitions(k.ctx, k.DB, at))
	}
}

func (k *keeper) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// shop is one that keeps entries for so many days.
func (k *keeper) shop(days int, change ...func(*models.Shop)) *models.Shop {
	k.Helper()
	shop := modelstest.Shop(k, k.DB, fmt.Sprintf("shop-%d.myshopify.com", k.shops.Add(1)), models.PlanPro)
	shop.RetentionDays = days
	for _, c := range change {
		c(shop)
	}
	k.save(shop)
	return shop
}

func (k *keeper) save(shop *models.Shop) {
	k.Helper()
	k.must(k.DB.WithContext(k.ctx).Save(shop).Error)
}

func archiving(shop *models.Shop) { shop.ArchiveEnabled = true }

// record writes so many entries, a few minutes apart, that so many days ago had their first.
func (k *keeper) record(shop *models.Shop, daysAgo, n int) []string {
	k.Helper()
	ids := make([]string, n)
	begin := dayOf(k.at).AddDate(0, 0, -daysAgo).Add(time.Hour)
	k.must(k.Activity.Commit(k.ctx, shop, func(tx *activity.Tx) error {
		for i := range n {
			e := k.entry(begin.Add(time.Duration(i) * 7 * time.Minute))
			if err := tx.Record(e); err != nil {
				return err
			}
			ids[i] = e.ID
		}
		return nil
	}))
	return ids
}

func (k *keeper) entry(at time.Time) *models.Activity {
	n := k.made.Add(1)
	actions := []string{activity.SmartTagApplied, activity.WebhookReceived, activity.DataCleanup}
	statuses := []models.ActivityStatus{models.Success, models.Failed, models.Warning}
	after, _ := json.Marshal([]string{fmt.Sprintf("Tag %d", n%5), "Every"})
	entity, id := "Order", fmt.Sprintf("gid://shopify/Order/%d", n%17)
	return &models.Activity{
		OccurredAt: at,
		Type:       models.BackgroundJob,
		Action:     actions[n%3],
		Status:     statuses[n%3],
		Summary:    fmt.Sprintf("Order %d “quoted” <b> \U0001f377\nsecond line", n),
		ActorType:  models.ActorSystem,
		ActorName:  "Tagtrail",
		EntityType: &entity,
		EntityID:   &id,
		Changes:    []models.FieldChange{{Field: "tags", Before: json.RawMessage("[]"), After: after}},
	}
}

// clean cleans up to the end.
func (k *keeper) clean(shop *models.Shop) {
	k.Helper()
	k.must(k.DB.WithContext(k.ctx).Where("id = ?", shop.ID).Take(shop).Error)
	k.must(k.CleanUp(k.ctx, shop))
}

func (k *keeper) count(model any, shop *models.Shop) int64 {
	k.Helper()
	var n int64
	k.must(k.DB.WithContext(k.ctx).Model(model).Where("shop_id = ?", shop.ID).Count(&n).Error)
	return n
}

// entries are the ids in the log but for those of clean-ups.
func (k *keeper) entries(shop *models.Shop) []string {
	k.Helper()
	var ids []string
	k.must(k.DB.WithContext(k.ctx).Model(&models.Activity{}).Where("shop_id = ? AND action <> ?", shop.ID, activity.CleanUp).
		Order("occurred_at, id").Pluck("id", &ids).Error)
	return ids
}

// told are the clean-ups that the log tells of.
func (k *keeper) told(shop *models.Shop) []models.Activity {
	k.Helper()
	var rows []models.Activity
	k.must(k.DB.WithContext(k.ctx).Where("shop_id = ? AND action = ?", shop.ID, activity.CleanUp).Order("occurred_at, id").Find(&rows).Error)
	return rows
}

// countsHold compares the counts with the log.
func (k *keeper) countsHold(shop *models.Shop) {
	k.Helper()
	for range 2 { // with deltas, and folded
		differences, err := k.Activity.Verify(k.ctx, shop.ID)
		k.must(err)
		if len(differences) > 0 {
			k.Fatalf("the counts differ from the log: %+v", differences)
		}
		k.must(k.Activity.Fold(k.ctx))
	}
}

const time30 = 30 * time.Minute

func removedOf(k *keeper, e models.Activity) models.Removed {
	k.Helper()
	var metadata struct{ Removed models.Removed }
	k.must(json.Unmarshal(e.Metadata, &metadata))
	return metadata.Removed
}
