package activity

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// Over says which entries of a shop may leave.
type Over struct {
	Shop int64
	// From and To bound their time, half-open; a zero From is no bound.
	From, To time.Time
	// OpenTo bounds the time of those that more may come of.
	OpenTo time.Time
}

// Scope narrows a query on activities to them.
func (o Over) Scope(db *gorm.DB) *gorm.DB {
	db = db.Where("shop_id = ? AND occurred_at < ?", o.Shop, o.To.UTC())
	if !o.From.IsZero() {
		db = db.Where("occurred_at >= ?", o.From.UTC())
	}
	if o.OpenTo.Before(o.To) {
		open := aside(models.IsPostgres(db), "status")
		db = db.Where("("+open+" NOT IN ? OR occurred_at < ?)", []models.ActivityStatus{models.Pending, models.InProgress}, o.OpenTo.UTC())
	}
	return db
}

// oldest reads the keys of the oldest n of them.
func (o Over) oldest(tx *gorm.DB, n int) ([]models.Activity, error) {
	var keys []models.Activity
	err := tx.Select("occurred_at", "id").Scopes(o.Scope).Order("occurred_at, id").Limit(n).Find(&keys).Error
	if err != nil {
		return nil, fmt.Errorf("find the oldest entries: %w", err)
	}
	return keys, nil
}

// between is the range of entries from the first to the last of keys, in the form that leaves other partitions out.
func between(shop int64, keys []models.Activity) func(*gorm.DB) *gorm.DB {
	first, last := keys[0], keys[len(keys)-1]
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("shop_id = ? AND occurred_at >= ? AND occurred_at <= ? AND (occurred_at, id) >= (?, ?) AND (occurred_at, id) <= (?, ?)",
			shop, first.OccurredAt, last.OccurredAt, first.OccurredAt, first.ID, last.OccurredAt, last.ID)
	}
}

func spanOf(count int64, keys []models.Activity) models.Span {
	return models.Span{Count: count, From: keys[0].OccurredAt, To: keys[len(keys)-1].OccurredAt}
}

// Remove takes the oldest n entries that are over out of the log, and reports how many those were.
func (s *Service) Remove(tx *gorm.DB, over Over, n int) (models.Span, error) {
	keys, err := over.oldest(tx, n)
	if err != nil || len(keys) == 0 {
		return models.Span{}, err
	}
	gone, err := s.takeOut(tx, over.Shop, over.Scope, between(over.Shop, keys))
	return spanOf(gone, keys), err
}

// returnStored asks for what was deleted.
var returnStored = clause.Returning{Columns: []clause.Column{{Name: storedColumns, Raw: true}}}

// takeOut deletes the entries of a shop that are in the scopes, and tells the chain of it.
func (s *Service) takeOut(tx *gorm.DB, shop int64, scopes ...func(*gorm.DB) *gorm.DB) (int64, error) {
	if s.Key == nil {
		return 0, errNoKey
	}
	var gone []stored
	if err := tx.Scopes(scopes...).Clauses(returnStored).Delete(&gone).Error; err != nil {
		return 0, fmt.Errorf("remove entries: %w", err)
	}
	links, err := leftLinks(s.Key, gone)
	if err != nil {
		return 0, err
	}
	return int64(len(gone)), s.Key.writeLinks(tx, shop, links)
}

// RemoveThese takes entries out of the log that are still as they were when they were read, in the order of their time,
// and reports how many those were.
func (s *Service) RemoveThese(tx *gorm.DB, shop int64, entries []models.Activity) (models.Span, error) {
	row := "(?, ?)"
	if models.IsPostgres(tx) {
		row = "(?::uuid, ?::timestamptz)"
	}
	args := make([]any, 0, 2*len(entries))
	for _, e := range entries {
		args = append(args, e.ID, e.UpdatedAt)
	}
	asRead := func(db *gorm.DB) *gorm.DB {
		return db.Where("(id, updated_at) IN (VALUES "+row+strings.Repeat(", "+row, len(entries)-1)+")", args...)
	}
	gone, err := s.takeOut(tx, shop, between(shop, entries), asRead)
	return spanOf(gone, entries), err
}

// Move brings up to n entries of the shop into its class that were written into another one, and reports whether there
// may be more. Whoever reads meanwhile sees each of them once. One that is in both classes stays in the shop's.
func (s *Service) Move(tx *gorm.DB, shop *models.Shop, n int) (more bool, err error) {
	class := shop.RetentionClass()
	var keys []models.Activity
	err = tx.Select("occurred_at", "id").Where("shop_id = ? AND retention_class = ?", shop.ID, otherClass(class)).
		Order("occurred_at, id").Limit(n).Find(&keys).Error
	if err != nil {
		return false, fmt.Errorf("find entries of another class: %w", err)
	}
	if len(keys) == 0 {
		return false, nil
	}
	move := moveSQLite
	if models.IsPostgres(tx) {
		move = movePostgres
	}
	if err := move(tx, shop.ID, class, keys); err != nil {
		return false, fmt.Errorf("move entries to class %d: %w", class, err)
	}
	return len(keys) == n, nil
}

func otherClass(class int16) int16 { return models.ClassShort + models.ClassLong - class }

// movePostgres takes the rows out and puts them in again: an update that waits for one of them then finds it gone, and
// looks again. Were they updated, it would fail.
func movePostgres(tx *gorm.DB, shop int64, class int16, keys []models.Activity) error {
	columns, err := activityColumns()
	if err != nil {
		return err
	}
	moved := make([]string, len(columns))
	for i, column := range columns {
		if moved[i] = column; column == "retention_class" {
			moved[i] = fmt.Sprint(class)
		}
	}
	// Streams are not to take them for new.
	if err := tx.Exec("SET LOCAL tagtrail.moving = 'on'").Error; err != nil {
		return err
	}
	first, last := keys[0], keys[len(keys)-1]
	err = tx.Exec(`WITH moved AS (
			DELETE FROM activities WHERE shop_id = ? AND retention_class = ? AND occurred_at >= ? AND occurred_at <= ?
				AND (occurred_at, id) >= (?, ?) AND (occurred_at, id) <= (?, ?) RETURNING *)
		INSERT INTO activities (`+strings.Join(columns, ", ")+") SELECT "+strings.Join(moved, ", ")+" FROM moved ON CONFLICT DO NOTHING",
		shop, otherClass(class), first.OccurredAt, last.OccurredAt, first.OccurredAt, first.ID, last.OccurredAt, last.ID).Error
	if err != nil {
		return err
	}
	return tx.Exec("SET LOCAL tagtrail.moving = 'off'").Error
}

var activityColumns = sync.OnceValues(func() ([]string, error) {
	parsed, err := schema.Parse(&models.Activity{}, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		return nil, fmt.Errorf("read the columns of entries: %w", err)
	}
	return parsed.DBNames, nil
})

func moveSQLite(tx *gorm.DB, shop int64, class int16, keys []models.Activity) error {
	rows := func() *gorm.DB {
		return tx.Model(&models.Activity{}).Scopes(between(shop, keys)).Where("retention_class = ?", otherClass(class))
	}
	twice := `EXISTS (SELECT 1 FROM activities AS here WHERE here.shop_id = activities.shop_id
		AND here.occurred_at = activities.occurred_at AND here.id = activities.id AND here.retention_class = ?)`
	if err := rows().Where(twice, class).Delete(&models.Activity{}).Error; err != nil {
		return err
	}
	return rows().UpdateColumn("retention_class", class).Error
}

// Oldest returns when the oldest entry of the shop was, or false where it has none.
func (s *Service) Oldest(tx *gorm.DB, shop int64) (time.Time, bool, error) {
	var oldest []models.Activity
	err := tx.Select("occurred_at").Where("shop_id = ?", shop).Order("occurred_at, id").Limit(1).Find(&oldest).Error
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the oldest entry: %w", err)
	}
	if len(oldest) == 0 {
		return time.Time{}, false, nil
	}
	return oldest[0].OccurredAt.UTC(), true, nil
}

// tagsAtOnce is how many tags are looked at in one step.
const tagsAtOnce = 100

// RemoveTags takes away up to n of the tags of entries from before that time, which have left the log. It begins behind
// a tag, and returns behind which one to go on, and whether there may be more.
func (s *Service) RemoveTags(tx *gorm.DB, shop int64, before time.Time, after string, n int) (next string, more bool, err error) {
	var keys []struct {
		TagKey string
		Oldest time.Time
	}
	// It jumps from tag to tag on the index, and reads the oldest of each.
	err = tx.Raw(`WITH RECURSIVE keys (tag_key, n) AS (
			SELECT (SELECT min(tag_key) FROM activity_tags WHERE shop_id = @shop AND tag_key > @after), 1
			UNION ALL
			SELECT (SELECT min(tag_key) FROM activity_tags WHERE shop_id = @shop AND tag_key > keys.tag_key), n + 1
			FROM keys WHERE keys.tag_key IS NOT NULL AND n < @limit
		) SELECT keys.tag_key, oldest.occurred_at AS oldest FROM keys JOIN activity_tags AS oldest ON oldest.shop_id = @shop
			AND oldest.tag_key = keys.tag_key AND oldest.occurred_at =
				(SELECT min(occurred_at) FROM activity_tags WHERE shop_id = @shop AND tag_key = keys.tag_key)
		GROUP BY keys.tag_key, oldest.occurred_at ORDER BY keys.tag_key`,
		map[string]any{"shop": shop, "after": after, "limit": tagsAtOnce}).Scan(&keys).Error
	if err != nil {
		return "", false, fmt.Errorf("find tags of entries that have left: %w", err)
	}
	for _, key := range keys {
		if !key.Oldest.Before(before) {
			after = key.TagKey
			continue
		}
		some := tx.Model(&models.ActivityTag{}).Select("occurred_at", "activity_id").
			Where("shop_id = ? AND tag_key = ? AND occurred_at < ?", shop, key.TagKey, before).Order("occurred_at, activity_id").Limit(n)
		gone := tx.Where("shop_id = ? AND tag_key = ? AND (occurred_at, activity_id) IN (?)", shop, key.TagKey, some).Delete(&models.ActivityTag{})
		if gone.Error != nil {
			return "", false, fmt.Errorf("remove tags of entries that have left: %w", gone.Error)
		}
		if n -= int(gone.RowsAffected); n <= 0 {
			return after, true, nil // there may be more of this tag
		}
		after = key.TagKey
	}
	return after, len(keys) == tagsAtOnce, nil
}

// known returns those of the entries that are in the log already, in whichever class, among those that were written
// before the shop's class changed: only they may be in another place than where they would be written now.
func (t *Tx) known(entries []*models.Activity) (map[string]bool, error) {
	since := t.shop.ClassSince
	if since == nil {
		return nil, nil
	}
	var ids []string
	for _, entry := range entries {
		if entry.OccurredAt.Before(*since) {
			ids = append(ids, entry.ID)
		}
	}
	known := map[string]bool{}
	for some := range slices.Chunk(ids, rowsAtOnce) {
		pairs, args := pairsOf(some)
		var found []string
		err := t.DB.Model(&models.Activity{}).Where("shop_id = ?", t.shop.ID).Where(pairs, args...).Pluck("id", &found).Error
		if err != nil {
			return nil, fmt.Errorf("look for entries: %w", err)
		}
		for _, id := range found {
			known[id] = true
		}
	}
	return known, nil
}

// fresh returns the entries that are not in the log yet, as far as their class may hide that from the database.
func (t *Tx) fresh(entries []*models.Activity) ([]*models.Activity, error) {
	known, err := t.known(entries)
	if err != nil || len(known) == 0 {
		return entries, err
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e *models.Activity) bool { return known[e.ID] }), nil
}
