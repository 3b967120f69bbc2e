package activity

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// changedTags returns the keys of the tags that changes put on or take off.
func changedTags(changes []models.FieldChange) []string {
	var keys []string
	for _, c := range changes {
		if c.Field != "tags" {
			continue
		}
		before, after := tagsOf(c.Before), tagsOf(c.After)
		for _, tag := range slices.Concat(before.Without(after...), after.Without(before...)) {
			if key := models.TagKey(tag); key != "" {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// tagsOf reads a list of tags. A recorder may have written something else there, which has none.
func tagsOf(raw json.RawMessage) models.Tags {
	var tags models.Tags
	if json.Unmarshal(raw, (*[]string)(&tags)) != nil {
		return nil
	}
	return tags
}

// keepTags keeps which tags entries put on or took off.
func keepTags(db *gorm.DB, entries ...*models.Activity) error {
	var rows []models.ActivityTag
	for _, entry := range entries {
		for _, key := range changedTags(entry.Changes) {
			rows = append(rows, models.ActivityTag{ShopID: entry.ShopID, TagKey: key, OccurredAt: entry.OccurredAt, ActivityID: entry.ID})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := db.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("keep the tags of activities: %w", err)
	}
	return nil
}

// rewriteTags brings the tags of an entry whose changes were others before up to date.
func rewriteTags(db *gorm.DB, entry *models.Activity, before []string) error {
	after := changedTags(entry.Changes)
	gone := slices.DeleteFunc(slices.Clone(before), func(key string) bool { return slices.Contains(after, key) })
	if len(gone) > 0 {
		err := db.Where("shop_id = ? AND tag_key IN ? AND occurred_at = ? AND activity_id = ?",
			entry.ShopID, gone, entry.OccurredAt, entry.ID).Delete(&models.ActivityTag{}).Error
		if err != nil {
			return fmt.Errorf("forget the tags of activity %s: %w", entry.ID, err)
		}
	}
	return keepTags(db, entry)
}
