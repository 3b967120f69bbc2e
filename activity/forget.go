package activity

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// forgetShops is how many shops' counts are changed with one statement.
const forgetShops = 250

// Forget takes entries out of the counts that are about to leave the log with their partition, which only Postgres
// has: those of a retention class, from <= occurred_at < to. entries is how many of each shop the log has there; the
// chain is told so. The caller holds the partition locked, in the same transaction. What is deleted takes itself out.
//
// The entries are not read for the counts, but for shops whose hours begin within those of UTC: counts and deltas know
// all there is.
func (s *Service) Forget(tx *gorm.DB, entries map[int64]int64, class int16, from, to time.Time) error {
	if s.Key == nil {
		return errNoKey
	}
	f := &forgotten{tx: tx, class: class, from: from.UTC(), to: to.UTC()}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(entries)), forgetShops) {
		rollups, err := lockRollups(tx, some, "")
		if err != nil {
			return err
		}
		calendars, others := map[int64]*calendar{}, []int64(nil)
		for _, r := range rollups {
			if c := calendarOf(r.Zone); c.hour(f.from).Equal(f.from) && c.hour(f.to).Equal(f.to) {
				calendars[r.ShopID] = c
			} else {
				others = append(others, r.ShopID)
			}
		}
		if err := f.fromCounts(calendars); err != nil {
			return err
		}
		if err := f.fromLog(others); err != nil {
			return err
		}
	}
	links := make(map[int64][]Link, len(entries))
	for shop, n := range entries {
		links[shop] = []Link{{Kind: LinkDropped, Dropped: Dropped{Class: f.class, From: f.from, To: f.to, Count: n}}}
	}
	return s.Key.writeAll(tx, links)
}

// forgotten is entries that leave the counts.
type forgotten struct {
	tx       *gorm.DB
	class    int16
	from, to time.Time
}

// shopPlace is a bucket of a shop.
type shopPlace struct {
	shop int64
	place
}

// fromCounts takes away the deltas of the range, and its hours, and takes those out of the days and of all.
func (f *forgotten) fromCounts(calendars map[int64]*calendar) error {
	if len(calendars) == 0 {
		return nil
	}
	shops := slices.Sorted(maps.Keys(calendars))
	err := f.tx.Where("shop_id IN ? AND quarter >= ? AND quarter < ? AND retention_class = ?", shops, f.from, f.to, f.class).
		Delete(&models.ActivityDelta{}).Error
	if err != nil {
		return fmt.Errorf("forget deltas: %w", err)
	}
	stay, err := f.otherClasses(shops)
	if err != nil {
		return err
	}
	var hours []models.ActivityBucket
	err = f.tx.Clauses(clause.Returning{}).Where("shop_id IN ? AND grain = ? AND at >= ? AND at < ?", shops, models.GrainHour, f.from, f.to).
		Delete(&hours).Error
	if err != nil {
		return fmt.Errorf("forget hours: %w", err)
	}
	changed := map[shopPlace]map[int]int64{}
	add := func(at shopPlace, number int, entries int64) {
		if changed[at] == nil {
			changed[at] = map[int]int64{}
		}
		changed[at][number] += entries
	}
	for _, h := range hours {
		for number, entries := range h.Counts.All() {
			if stay[shopNumber{h.ShopID, number}] {
				add(shopPlace{h.ShopID, place{h.Grain, h.At.UTC()}}, number, entries)
				continue
			}
			add(shopPlace{h.ShopID, place{models.GrainDay, calendars[h.ShopID].day(h.At)}}, number, -entries)
			add(shopPlace{h.ShopID, place{models.GrainAll, time.Unix(0, 0).UTC()}}, number, -entries)
		}
	}
	return f.write(shops, changed)
}

// shopNumber is a kind of a shop.
type shopNumber struct {
	shop   int64
	number int
}

// otherClasses returns the kinds of other retention classes: their entries stay.
func (f *forgotten) otherClasses(shops []int64) (map[shopNumber]bool, error) {
	var kinds []models.ActivityKind
	err := f.tx.Select("shop_id", "number").Where("shop_id IN ? AND retention_class <> ?", shops, f.class).Find(&kinds).Error
	if err != nil {
		return nil, fmt.Errorf("load kinds: %w", err)
	}
	stay := make(map[shopNumber]bool, len(kinds))
	for _, k := range kinds {
		stay[shopNumber{k.ShopID, k.Number}] = true
	}
	return stay, nil
}

// write adds the changes to the days and to all, and writes the hours of which something stays.
func (f *forgotten) write(shops []int64, changed map[shopPlace]map[int]int64) error {
	var there []models.ActivityBucket
	const aDay = 25 * time.Hour // the longest
	err := f.tx.Where("shop_id IN ? AND (grain = ? OR grain = ? AND at > ? AND at < ?)", shops, models.GrainAll, models.GrainDay,
		f.from.Add(-aDay), f.to).Find(&there).Error
	if err != nil {
		return fmt.Errorf("load counts: %w", err)
	}
	for _, b := range there {
		sums := changed[shopPlace{b.ShopID, place{b.Grain, b.At.UTC()}}]
		if sums == nil {
			continue
		}
		for number, entries := range b.Counts.All() {
			sums[number] += entries
		}
	}
	var full []models.ActivityBucket
	empty := map[place][]int64{}
	for at, sums := range changed {
		if counts := models.PackCounts(sums); len(counts) > 0 {
			full = append(full, models.ActivityBucket{ShopID: at.shop, Grain: at.grain, At: at.at, Counts: counts})
		} else {
			empty[at.place] = append(empty[at.place], at.shop)
		}
	}
	for rows := range slices.Chunk(full, 500) {
		err := f.tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "shop_id"}, {Name: "grain"}, {Name: "at"}},
			DoUpdates: clause.AssignmentColumns([]string{"counts"}),
		}).Create(&rows).Error
		if err != nil {
			return fmt.Errorf("write counts: %w", err)
		}
	}
	for at, shops := range empty {
		err := f.tx.Where("shop_id IN ? AND grain = ? AND at = ?", shops, at.grain, at.at).Delete(&models.ActivityBucket{}).Error
		if err != nil {
			return fmt.Errorf("delete counts: %w", err)
		}
	}
	return nil
}

// fromLog counts the entries and leaves deltas that take them out.
func (f *forgotten) fromLog(shops []int64) error {
	if len(shops) == 0 {
		return nil
	}
	err := f.tx.Exec(`INSERT INTO activity_deltas
			(shop_id, quarter, retention_class, type, action, categories, status, actor_type, actor_id, entity_type, actor_name, entries)
		SELECT shop_id, date_bin('15 minutes', occurred_at, 'epoch'), retention_class, type, action, categories, status, actor_type,
			coalesce(actor_id, ''), coalesce(entity_type, ''), actor_name, -count(*)
		FROM activities WHERE shop_id IN ? AND retention_class = ? AND occurred_at >= ? AND occurred_at < ?
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`, shops, f.class, f.from, f.to).Error
	if err != nil {
		return fmt.Errorf("forget counts: %w", err)
	}
	return nil
}
