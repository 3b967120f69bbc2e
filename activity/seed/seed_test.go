package seed_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
)

var until = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

func TestTheSameSeedMakesTheSameEntries(t *testing.T) {
	t.Parallel()
	made := func(number uint64) []*models.Activity {
		shops := []*models.Shop{{ID: 1, Domain: "a", Timezone: "America/Toronto"}, {ID: 2, Domain: "b"}, {ID: 3, Domain: "c"}}
		log := &seed.Log{Shops: shops, Count: 3000, Days: 7, Until: until, Seed: number}
		return slices.Collect(log.Entries())
	}
	first := made(1)
	if !reflect.DeepEqual(first, made(1)) {
		t.Error("two runs differ")
	}
	if len(first) != 3000 || reflect.DeepEqual(first, made(2)) {
		t.Errorf("%d entries, or those of another seed", len(first))
	}
	ids, perShop := map[string]bool{}, map[int64]int{}
	for _, e := range first {
		at, ok := models.IDTime(e.ID)
		if !ok || !at.Equal(e.OccurredAt) || ids[e.ID] {
			t.Fatalf("the id %s is twice, or not of its time %v", e.ID, e.OccurredAt)
		}
		ids[e.ID] = true
		perShop[e.ShopID]++
		if e.OccurredAt.Before(until.AddDate(0, 0, -7)) || e.OccurredAt.After(until.Add(time.Hour)) {
			t.Errorf("an entry is at %v", e.OccurredAt)
		}
		if e.CauseID != nil && !ids[*e.CauseID] {
			t.Errorf("the cause of %s is not before it", e.ID)
		}
	}
	if perShop[1] < 1200 || perShop[1] > 1800 || perShop[2] < 500 || perShop[3] < 500 {
		t.Errorf("entries by shop: %v", perShop)
	}
}

func TestWhatIsWrittenIsWhatWasMadeUpAndIsCounted(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	shop := modelstest.Shop(t, db, "seeded.myshopify.com", models.PlanFree)
	log := &seed.Log{Shops: []*models.Shop{shop}, Count: 2_500, Days: 5, Until: until, Seed: 1, Key: activity.NewKey([32]byte{})}
	if err := log.Write(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var read []*models.Activity
	if err := db.Where("shop_id = ?", shop.ID).Find(&read).Error; err != nil {
		t.Fatal(err)
	}
	made := slices.Collect(log.Entries())
	byID := func(a, b *models.Activity) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(read, byID)
	slices.SortFunc(made, byID)
	if diff := cmp.Diff(len(made), len(read)); diff != "" {
		t.Fatal(diff)
	}
	for i := range made {
		if diff := cmp.Diff(light(made[i]), light(read[i])); diff != "" {
			t.Fatalf("made (-) and read (+) differ:\n%s", diff)
		}
	}
	s := &activity.Service{DB: db}
	if err := s.Fold(t.Context()); err != nil {
		t.Fatal(err)
	}
	stats, err := s.Stats(t.Context(), shop, nil, activity.Day)
	if err != nil || stats.Total.Count != len(made) || len(stats.ByActor) < 15 || len(stats.ByStatus) < 4 {
		t.Errorf("%+v, %v", stats, err)
	}
	if differences, err := s.Verify(t.Context(), shop.ID); err != nil || len(differences) > 0 {
		t.Errorf("%v, %v", differences, err)
	}
	var tagged int64
	if err := db.Model(&models.ActivityTag{}).Where("shop_id = ?", shop.ID).Count(&tagged).Error; err != nil || tagged < 200 {
		t.Errorf("%d tags, %v", tagged, err)
	}
	if err := log.Write(t.Context(), db); !errors.Is(err, gorm.ErrDuplicatedKey) {
		t.Errorf("writing them again: %v", err)
	}
}

// light is what is the same in Go and in both databases; JSON comes back in another order.
func light(e *models.Activity) models.Activity {
	copied := *e
	copied.OccurredAt, copied.UpdatedAt = e.OccurredAt.UTC(), e.UpdatedAt.UTC()
	copied.Changes, copied.Metadata = nil, nil
	copied.History = nil
	return copied
}
