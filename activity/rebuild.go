package activity

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// quarters counts the entries of the log, by quarter of an hour and kind. A time is in microseconds.
func quarters(db *gorm.DB) *gorm.DB {
	at := "occurred_at - (occurred_at % 900000000 + 900000000) % 900000000"
	if models.IsPostgres(db) {
		at = "(extract(epoch FROM date_bin('15 minutes', occurred_at, 'epoch')) * 1000000)::bigint"
	}
	return db.Model(&models.Activity{}).Select("shop_id, " + at + ` AS quarter, retention_class, type, action, categories, status,
		actor_type, coalesce(actor_id, '') AS actor_id, coalesce(entity_type, '') AS entity_type, actor_name, count(*) AS entries`).
		Group("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11")
}

// quarterCount is a row of quarters.
type quarterCount struct {
	ShopID      int64
	Quarter     int64
	models.Kind `gorm:"embedded"`
	Entries     int64
}

func (q *quarterCount) at() time.Time { return time.UnixMicro(q.Quarter).UTC() }

// eachQuarter hands over each row of a query on quarters.
func eachQuarter(tx *gorm.DB, query *gorm.DB, take func(q *quarterCount)) error {
	rows, err := query.Rows()
	if err != nil {
		return fmt.Errorf("count the log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var q quarterCount
		if err := tx.ScanRows(rows, &q); err != nil {
			return fmt.Errorf("count the log: %w", err)
		}
		take(&q)
	}
	return rows.Err()
}

// Rebuild makes the shop's counts anew from the log, in its time zone of today. Entries may be written meanwhile:
// their deltas wait until it is done.
func (s *Service) Rebuild(ctx context.Context, shop int64) error {
	err := models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		rollups, err := lockRollups(tx, []int64{shop}, "")
		if err != nil || len(rollups) == 0 {
			return err
		}
		rollup := rollups[0]
		if err := tx.Model(&models.Shop{}).Where("id = ?", shop).Pluck("timezone", &rollup.Zone).Error; err != nil {
			return fmt.Errorf("load the time zone: %w", err)
		}
		rollup.Kinds = 0
		rollup.Version++
		if err := tx.Model(rollup).Select("Zone", "Version", "Kinds").Updates(rollup).Error; err != nil {
			return fmt.Errorf("begin counts anew: %w", err)
		}
		f, err := recount(tx, rollup)
		if err != nil {
			return err
		}
		return f.write()
	})
	if err != nil {
		return fmt.Errorf("rebuild the counts of shop %d: %w", shop, err)
	}
	return nil
}

// recount forgets the shop's counts and deltas and counts its log. On Postgres that is one statement, so that the
// deltas that go are those of the very entries that are counted.
func recount(tx *gorm.DB, rollup *models.ActivityRollup) (*fold, error) {
	shop := rollup.ShopID
	query := quarters(tx).Where("shop_id = ?", shop)
	if models.IsPostgres(tx) {
		query = tx.Raw(`WITH old_deltas AS (DELETE FROM activity_deltas WHERE shop_id = @shop),
			old_kinds AS (DELETE FROM activity_kinds WHERE shop_id = @shop),
			old_buckets AS (DELETE FROM activity_buckets WHERE shop_id = @shop)
			SELECT * FROM (@quarters) AS quarters`, sql.Named("shop", shop), sql.Named("quarters", query))
	} else {
		for _, table := range []any{&models.ActivityDelta{}, &models.ActivityKind{}, &models.ActivityBucket{}} {
			if err := tx.Where("shop_id = ?", shop).Delete(table).Error; err != nil {
				return nil, fmt.Errorf("forget counts: %w", err)
			}
		}
	}
	f := &fold{
		tx:       tx,
		rollup:   rollup,
		calendar: calendarOf(rollup.Zone),
		numbers:  map[models.Kind]int{},
		buckets:  map[place]map[int]int64{},
	}
	return f, eachQuarter(tx, query, func(q *quarterCount) { f.add(q.at(), q.Kind, q.Entries) })
}

// RebuildMoved makes the counts anew of the shops that have moved to another time zone.
func (s *Service) RebuildMoved(ctx context.Context) error {
	var moved []int64
	err := s.DB.WithContext(ctx).Model(&models.ActivityRollup{}).
		Joins("JOIN shops ON shops.id = shop_id AND shops.timezone <> zone").Pluck("shop_id", &moved).Error
	if err != nil {
		return fmt.Errorf("find shops that have moved: %w", err)
	}
	for _, shop := range moved {
		if err := s.Rebuild(ctx, shop); err != nil {
			return err
		}
	}
	return nil
}

// Difference is a number in the counts that is not what the log says.
type Difference struct {
	Grain   models.Grain
	At      time.Time
	Kind    models.Kind
	Counted int64
	InLog   int64
}

// Verify compares the shop's counts with the log, in one snapshot, and returns where they differ.
func (s *Service) Verify(ctx context.Context, shop int64) ([]Difference, error) {
	var differences []Difference
	err := models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		var err error
		differences, err = compare(tx, shop)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("verify the counts of shop %d: %w", shop, err)
	}
	return differences, nil
}

func compare(tx *gorm.DB, shop int64) ([]Difference, error) {
	rollup := &models.ActivityRollup{ShopID: shop}
	if err := tx.Where("shop_id = ?", shop).Limit(1).Find(rollup).Error; err != nil {
		return nil, fmt.Errorf("load counts: %w", err)
	}
	// The log's side is put together as a fold, which is not written.
	f, err := newFold(tx, rollup)
	if err != nil {
		return nil, err
	}
	err = eachQuarter(tx, quarters(tx).Where("shop_id = ?", shop), func(q *quarterCount) { f.add(q.at(), q.Kind, -q.Entries) })
	if err != nil {
		return nil, err
	}
	inLog := map[place]map[int]int64{}
	for p, sums := range f.buckets {
		inLog[p] = map[int]int64{}
		for number, entries := range sums {
			inLog[p][number] = -entries
		}
	}
	var deltas []models.ActivityDelta
	if err := tx.Where("shop_id = ?", shop).Find(&deltas).Error; err != nil {
		return nil, fmt.Errorf("load deltas: %w", err)
	}
	for _, d := range deltas {
		f.add(d.Quarter, d.Kind, d.Entries)
	}
	var buckets []models.ActivityBucket
	if err := tx.Where("shop_id = ?", shop).Find(&buckets).Error; err != nil {
		return nil, fmt.Errorf("load counts: %w", err)
	}
	for _, b := range buckets {
		f.addBucket(b)
	}
	return f.differences(inLog), nil
}

// addBucket adds what a bucket has.
func (f *fold) addBucket(b models.ActivityBucket) {
	p := place{b.Grain, b.At.UTC()}
	if f.buckets[p] == nil {
		f.buckets[p] = map[int]int64{}
	}
	for number, entries := range b.Counts.All() {
		f.buckets[p][number] += entries
	}
}

// differences returns what is left over where the counts were added and the log was taken off.
func (f *fold) differences(inLog map[place]map[int]int64) []Difference {
	kinds := make(map[int]models.Kind, len(f.numbers))
	for kind, number := range f.numbers {
		kinds[number] = kind
	}
	var found []Difference
	for p, sums := range f.buckets {
		for number, left := range sums {
			if left == 0 {
				continue
			}
			found = append(found, Difference{
				Grain:   p.grain,
				At:      p.at,
				Kind:    kinds[number],
				Counted: inLog[p][number] + left,
				InLog:   inLog[p][number],
			})
		}
	}
	return found
}
