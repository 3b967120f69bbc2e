package models_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"
	"sync"
)

// tables is every model; a table without one, or a model without a table, fails the test.
var tables = []any{
	&models.Shop{}, &models.Staff{}, &models.Lock{}, &models.Activity{}, &models.Delivery{}, &models.Resource{},
	&models.Rule{}, &models.RuleVersion{}, &models.Snapshot{}, &models.TagOwner{}, &models.Migration{},
	&models.ActivityTag{}, &models.SavedView{}, &models.ActivityRollup{}, &models.ActivityKind{}, &models.ActivityBucket{}, &models.ActivityDelta{},
	&models.APIKey{}, &models.Source{}, &models.RecordedKey{}, &models.RetryJob{}, &models.Server{}, &models.Operation{}, &models.OperationBulk{}, &models.ScannedTag{},
	&models.Export{}, &models.PrivacyRequest{}, &models.Mail{}, &models.FailureMark{}, &models.FailureNotice{},
	&models.CleanUp{}, &models.ArchivePart{},
	&models.Stream{}, &models.StreamItem{}, &models.StreamMessage{},
	&models.ChainKey{}, &models.ChainPending{}, &models.Chain{}, &models.ChainBlock{},
}

func TestEveryModelHasTheColumnsOfItsTable(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	for _, model := range tables {
		parsed, err := schema.Parse(model, &sync.Map{}, db.NamingStrategy)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := db.Migrator().ColumnTypes(model)
		if err != nil {
			t.Fatalf("%s: %v", parsed.Table, err)
		}
		have := map[string]bool{}
		for _, c := range columns {
			have[c.Name()] = true
		}
		want := map[string]bool{}
		for _, name := range parsed.DBNames {
			want[name] = true
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s: model (-) and table (+) differ:\n%s", parsed.Table, diff)
		}
	}
}

func TestMigratingTwiceDoesNothingTheSecondTime(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	taken, err := models.Migrate(t.Context(), db)
	if err != nil || len(taken) != 0 {
		t.Fatalf("second run took %d steps, error %v", len(taken), err)
	}
	if done, err := models.Migrated(t.Context(), db); !done || err != nil {
		t.Fatalf("Migrated() = %v, %v", done, err)
	}
}

func TestTimesComeBackAsTheyWereAndInOrder(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	shop := modelstest.Shop(t, db, "a.myshopify.com", models.PlanPro)
	base := time.Date(2026, 11, 21, 22, 0, 0, 100_000_000, time.UTC)
	for i, at := range []time.Time{base, base.Add(20 * time.Millisecond), base.Add(900 * time.Microsecond)} {
		name := string(rune('a' + i))
		if err := db.Create(&models.Lock{ShopID: shop.ID, Name: name, Owner: "x", Until: at}).Error; err != nil {
			t.Fatal(err)
		}
	}
	var locks []models.Lock
	if err := db.Where("until >= ?", base).Order("until").Find(&locks).Error; err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, l := range locks {
		got += l.Name
	}
	if got != "acb" || !locks[0].Until.Equal(base) {
		t.Fatalf("order %q, first %v", got, locks[0].Until)
	}
}

func TestALockHasOneOwnerAndEndsByItself(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	shop := modelstest.Shop(t, db, "a.myshopify.com", models.PlanPro)
	ctx := t.Context()
	acquire := func(owner string, lease time.Duration, want bool) {
		t.Helper()
		got, err := models.Acquire(ctx, db, shop.ID, "product", owner, lease)
		if err != nil || got != want {
			t.Fatalf("Acquire by %s = %v, %v; want %v", owner, got, err, want)
		}
	}
	acquire("first", time.Minute, true)
	acquire("second", time.Minute, false)
	acquire("first", time.Minute, true)
	if err := models.Release(ctx, db, shop.ID, "product", "second"); err != nil {
		t.Fatal(err)
	}
	acquire("second", time.Minute, false)
	if err := models.Release(ctx, db, shop.ID, "product", "first"); err != nil {
		t.Fatal(err)
	}
	acquire("second", -time.Second, true) // ended already
	acquire("first", time.Minute, true)
}

func TestReadsDoNotWaitForTheTransactionOfAnother(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	modelstest.Shop(t, db, "a.myshopify.com", models.PlanPro)
	err := models.InTx(t.Context(), db, func(*gorm.DB) error {
		var count int64
		return db.WithContext(t.Context()).Model(&models.Shop{}).Count(&count).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}
