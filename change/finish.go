package change

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm/clause"
)

// finish keeps the outcome: snapshots, who owns which tag, and an entry for each rule, all in one transaction.
func (s *Service) finish(ctx context.Context, r Request, result *Result, now shopify.TagOwner) error {
	return s.Activity.Commit(ctx, r.Shop, func(tx *activity.Tx) error {
		at := models.Now()
		for i := range result.Snapshots {
			p := &result.Snapshots[i]
			if p.FinishedAt != nil {
				continue
			}
			p.After, p.FinishedAt = now.Tags, &at
			if !now.UpdatedAt.IsZero() {
				p.ResourceUpdatedAt = &now.UpdatedAt
			}
			err := tx.DB.Model(&models.Snapshot{}).Where("shop_id = ? AND id = ?", r.Shop.ID, p.ID).
				Select("After", "Outcome", "ErrorCode", "ErrorMessage", "Cost", "ResourceUpdatedAt", "FinishedAt").
				Updates(p).Error
			if err != nil {
				return fmt.Errorf("keep the outcome: %w", err)
			}
			if err := own(tx, p); err != nil {
				return err
			}
			entry, err := s.entry(r.Shop, p, result.Evaluations)
			if err != nil {
				return err
			}
			if err := tell(tx, p, entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell writes the snapshot's entry, or brings the one of an earlier failure up to date.
func tell(tx *activity.Tx, p *models.Snapshot, entry *models.Activity) error {
	if p.CreatedAt.Truncate(time.Millisecond).Equal(p.FirstAt()) {
		return tx.Record(entry) // it is tried for the first time
	}
	known, err := tx.Exists(entry.ID)
	if err != nil {
		return err
	}
	if !known {
		return tx.Record(entry)
	}
	return tx.Update(entry.ID, "", func(e *models.Activity) {
		e.Status, e.Summary, e.EntityTitle = entry.Status, entry.Summary, entry.EntityTitle
		e.Changes, e.Evaluations, e.Metadata = entry.Changes, entry.Evaluations, entry.Metadata
		e.ErrorCode, e.ErrorMessage = entry.ErrorCode, entry.ErrorMessage
		e.Attempts++
	})
}

// own keeps who put a tag there. A tag that is gone has no owner.
func own(tx *activity.Tx, p *models.Snapshot) error {
	if p.Outcome != models.SnapshotSucceeded || p.RuleID == nil {
		return nil
	}
	if len(p.Removes) > 0 {
		if err := disown(tx, p.ShopID, p.ResourceID, p.Removes); err != nil {
			return err
		}
	}
	rows := make([]models.TagOwner, len(p.Adds))
	for i, tag := range p.Adds {
		rows[i] = models.TagOwner{
			ShopID:     p.ShopID,
			ResourceID: p.ResourceID,
			TagKey:     models.TagKey(tag),
			Tag:        tag,
			RuleID:     *p.RuleID,
			ActivityID: p.EntryID(),
			Since:      *p.FinishedAt,
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.DB.Clauses(clause.OnConflict{UpdateAll: true}).Create(&rows).Error; err != nil {
		return fmt.Errorf("keep tag owners: %w", err)
	}
	return nil
}

func disown(tx *activity.Tx, shop int64, resource string, tags models.Tags) error {
	keys := make([]string, len(tags))
	for i, tag := range tags {
		keys[i] = models.TagKey(tag)
	}
	err := tx.DB.Where("shop_id = ? AND resource_id = ? AND tag_key IN ?", shop, resource, keys).
		Delete(&models.TagOwner{}).Error
	if err != nil {
		return fmt.Errorf("forget tag owners: %w", err)
	}
	return nil
}

// entry tells of one rule's change to one record.
func (s *Service) entry(shop *models.Shop, p *models.Snapshot, evaluations []models.Evaluation) (*models.Activity, error) {
	after := p.Before.Without(p.Removes...)
	for _, tag := range p.Adds {
		after = after.With(tag)
	}
	if p.Outcome != models.SnapshotSucceeded {
		after = p.Before
	}
	changes, err := tagChange(p.Before, after)
	if err != nil {
		return nil, err
	}
	metadata, err := json.Marshal(map[string]any{
		"cost":       p.Cost,
		"durationMs": p.FinishedAt.Sub(p.CreatedAt).Milliseconds(),
		"snapshotId": p.ID,
	})
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	kind := KindName(p.ResourceType)
	entry := &models.Activity{
		ID:           p.EntryID(),
		OccurredAt:   p.FirstAt(),
		Type:         models.BackgroundJob,
		Action:       activity.SmartTagApplied,
		Status:       models.Success,
		Summary:      Describe(p.Adds, p.Removes) + " · " + Named(p.ResourceType, p.ResourceTitle),
		ActorType:    models.ActorRule,
		ActorID:      p.RuleID,
		ActorName:    p.RuleName,
		EntityType:   &kind,
		EntityID:     &p.ResourceID,
		EntityTitle:  &p.ResourceTitle,
		EntityURL:    s.Shops.RecordURL(shop, p.ResourceID),
		RuleID:       p.RuleID,
		RuleVersion:  p.RuleVersion,
		CauseID:      &p.CauseID,
		Changes:      changes,
		Metadata:     metadata,
		ErrorCode:    p.ErrorCode,
		ErrorMessage: p.ErrorMessage,
		Attempts:     1,
	}
	for _, e := range evaluations {
		if p.RuleID != nil && e.RuleID == *p.RuleID {
			entry.Evaluations = append(entry.Evaluations, e)
		}
	}
	if p.Outcome == models.SnapshotFailed {
		entry.Status = models.Failed
		entry.Summary = "Could not change tags · " + Named(p.ResourceType, p.ResourceTitle)
	}
	entry.History = []models.StatusChange{
		{Status: models.InProgress, At: p.CreatedAt},
		{Status: entry.Status, At: *p.FinishedAt},
	}
	return entry, nil
}

func tagChange(before, after models.Tags) ([]models.FieldChange, error) {
	if before == nil {
		before = models.Tags{}
	}
	if after == nil {
		after = models.Tags{}
	}
	was, err := json.Marshal(before)
	if err != nil {
		return nil, fmt.Errorf("encode tags: %w", err)
	}
	is, err := json.Marshal(after)
	if err != nil {
		return nil, fmt.Errorf("encode tags: %w", err)
	}
	return []models.FieldChange{{Field: "tags", Before: was, After: is}}, nil
}

// Describe says in words what happens to tags: "Tag VIP added", "Tags a, b added, tag c removed".
func Describe(adds, removes models.Tags) string {
	var parts []string
	if len(adds) > 0 {
		parts = append(parts, noun(adds)+" "+list(adds)+" added")
	}
	if len(removes) > 0 {
		parts = append(parts, noun(removes)+" "+list(removes)+" removed")
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		return "Nothing changed"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func noun(tags models.Tags) string {
	if len(tags) == 1 {
		return "tag"
	}
	return "tags"
}

// KindName returns the type of a record as entries name it.
func KindName(resource models.ResourceType) string {
	return string(resource[:1]) + strings.ToLower(string(resource[1:]))
}

// Named names a record for people: "Order #1042", "Riesling 2021". A product's or a customer's title speaks for itself.
func Named(resource models.ResourceType, title string) string {
	if resource == models.Order {
		return "Order " + title
	}
	return title
}
