package webhooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"gorm.io/gorm"
)

// echoWindow is how long after our own write its webhook may come; Shopify says a day at the latest.
const echoWindow = 24 * time.Hour

// echo marks an entry that tells of our own write: the record's time of change is the one that Shopify answered our
// write with, to the second that webhooks carry, and its tags are the ones we read back.
func (s *Service) echo(ctx context.Context, t *try, entry *models.Activity, facts *rules.Facts) error {
	if t.topic.trigger != models.Updated || facts.UpdatedAt.IsZero() {
		return nil
	}
	second := facts.UpdatedAt.UTC().Truncate(time.Second)
	snapshot, err := s.written(ctx, t, facts.ID, func(db *gorm.DB) *gorm.DB {
		return db.Where("outcome = ?", models.SnapshotSucceeded).Where("rule_id IS NOT NULL").
			Where("resource_updated_at >= ? AND resource_updated_at < ? AND created_at <= ?", second, second.Add(time.Second), t.TriggeredAt)
	})
	if err != nil {
		return err
	}
	if snapshot != nil && (!facts.TagsKnown || facts.Tags.Equal(snapshot.After)) {
		markEcho(entry, snapshot)
		return nil
	}
	return s.echoOfOperation(ctx, t, entry, facts, second)
}

// echoOfOperation does the same for what operations write. One may take two calls, each of which Shopify tells of, and
// what became of them is kept a moment after that.
func (s *Service) echoOfOperation(ctx context.Context, t *try, entry *models.Activity, facts *rules.Facts, second time.Time) error {
	snapshot, err := s.written(ctx, t, facts.ID, func(db *gorm.DB) *gorm.DB {
		return db.Where("rule_id IS NULL AND created_at <= ?", t.TriggeredAt).
			Where("(resource_updated_at >= ? AND created_at < ?) OR (outcome = ? AND sent_at IS NOT NULL)",
				second, second.Add(time.Second+ownerLag), models.SnapshotPending)
	})
	if err != nil || snapshot == nil {
		return err
	}
	same := snapshot.ResourceUpdatedAt != nil && snapshot.ResourceUpdatedAt.Truncate(time.Second).Equal(second)
	if facts.TagsKnown && change.Wrote(snapshot, facts.Tags) || !facts.TagsKnown && same {
		markEcho(entry, snapshot)
	}
	return nil
}

// echoOfTags does the same for the webhooks that carry nothing but a customer's tags.
func (s *Service) echoOfTags(ctx context.Context, t *try, entry *models.Activity, id string, adds, removes models.Tags) error {
	snapshot, err := s.written(ctx, t, id, func(db *gorm.DB) *gorm.DB {
		return db.Where("outcome = ? OR rule_id IS NULL", models.SnapshotSucceeded).
			Where("created_at <= ? AND created_at > ?", t.TriggeredAt.Add(ownerLag), t.TriggeredAt.Add(-time.Minute))
	})
	if err != nil || snapshot == nil {
		return err
	}
	if len(adds.Without(snapshot.Adds...)) == 0 && len(removes.Without(snapshot.Removes...)) == 0 {
		markEcho(entry, snapshot)
	}
	return nil
}

// written returns our last write to a record that the narrowing finds.
func (s *Service) written(ctx context.Context, t *try, id string, narrow func(*gorm.DB) *gorm.DB) (*models.Snapshot, error) {
	var snapshot models.Snapshot
	query := s.DB.WithContext(ctx).
		Where("shop_id = ? AND resource_id = ? AND created_at > ?", t.ShopID, id, t.TriggeredAt.Add(-echoWindow)).
		Where("cause_id <> ?", t.ID)
	err := narrow(query).Order("created_at DESC, id").Take(&snapshot).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for our own write: %w", err)
	}
	return &snapshot, nil
}

func markEcho(entry *models.Activity, snapshot *models.Snapshot) {
	id := snapshot.EntryID()
	if snapshot.RuleID == nil {
		id = snapshot.CauseID // an operation's items have one entry together
	}
	entry.CauseID = &id
	entry.Summary += " (our own change came back)"
	entry.Metadata = withValue(entry.Metadata, "echo", true)
}
