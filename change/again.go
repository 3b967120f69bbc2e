package change

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm/clause"
)

// GiveUp ends what a cause intended and nobody will try again by itself. No answer is no refusal: a tag that was about
// to be put on may be there, so it stays the rule's own, until a webhook tells that the record does not have it.
func (s *Service) GiveUp(tx *activity.Tx, shop *models.Shop, causeID, code, message string) error {
	open, err := snapshotsIn(tx, shop, causeID, models.SnapshotPending, models.SnapshotAgain)
	if err != nil {
		return err
	}
	at := models.Now()
	for i := range open {
		p := &open[i]
		if p.Outcome == models.SnapshotPending {
			if err := claim(tx, p, at); err != nil {
				return err
			}
		}
		fail(p, code, message)
		p.FinishedAt = &at
		err := tx.DB.Model(&models.Snapshot{}).Where("shop_id = ? AND id = ?", shop.ID, p.ID).
			Select("Outcome", "ErrorCode", "ErrorMessage", "FinishedAt").Updates(p).Error
		if err != nil {
			return fmt.Errorf("give up snapshot: %w", err)
		}
		err = retell(tx, p, "", func(e *models.Activity) {
			e.Status, e.ErrorCode, e.ErrorMessage = models.Failed, &code, &message
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// claim makes the tags that a lost write may have put on the rule's own, where nobody owns them. The cause tells of it.
func claim(tx *activity.Tx, p *models.Snapshot, at time.Time) error {
	if p.RuleID == nil || len(p.Adds) == 0 {
		return nil
	}
	rows := make([]models.TagOwner, len(p.Adds))
	for i, tag := range p.Adds {
		rows[i] = models.TagOwner{
			ShopID:     p.ShopID,
			ResourceID: p.ResourceID,
			TagKey:     models.TagKey(tag),
			Tag:        tag,
			RuleID:     *p.RuleID,
			ActivityID: p.CauseID,
			Since:      at,
		}
	}
	if err := tx.DB.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
		return fmt.Errorf("claim tags: %w", err)
	}
	return nil
}

// Again marks what a cause failed to write, to be planned anew when the cause is applied again. Its entries are pending
// meanwhile.
func (s *Service) Again(tx *activity.Tx, shop *models.Shop, causeID, note string) error {
	failed, err := snapshotsIn(tx, shop, causeID, models.SnapshotFailed)
	if err != nil {
		return err
	}
	for i := range failed {
		p := &failed[i]
		err := tx.DB.Model(&models.Snapshot{}).Where("shop_id = ? AND id = ?", shop.ID, p.ID).
			Updates(map[string]any{
				"outcome": models.SnapshotAgain, "error_code": nil, "error_message": nil, "finished_at": nil,
				"created_at": models.Now(),
			}).Error
		if err != nil {
			return fmt.Errorf("mark snapshot: %w", err)
		}
		err = retell(tx, p, note, func(e *models.Activity) { e.Status = models.Pending })
		if err != nil {
			return err
		}
	}
	return nil
}

// replan replaces the snapshots that are to be planned anew by those of the plan as it is now. One whose rule wants
// nothing any more is dropped, and its entry says so. One that nobody heard the answer to, and whose tags are there,
// was written after all.
func (s *Service) replan(ctx context.Context, r Request, owner shopify.TagOwner, again []*models.Snapshot, fresh []models.Snapshot) ([]models.Snapshot, error) {
	wanted := make(map[string]*models.Snapshot, len(fresh))
	for i := range fresh {
		wanted[*fresh[i].RuleID] = &fresh[i]
	}
	err := s.Activity.Commit(ctx, r.Shop, func(tx *activity.Tx) error {
		for _, p := range again {
			if p.RuleID != nil && wanted[*p.RuleID] != nil {
				wanted[*p.RuleID].ID = p.ID // so its entry tells of this try too
			}
			if err := s.drop(tx, p); err != nil {
				return err
			}
		}
		for _, p := range again {
			if p.RuleID == nil || wanted[*p.RuleID] != nil {
				continue
			}
			written, err := s.writtenAfterAll(tx, p, owner)
			if err != nil {
				return err
			}
			if written {
				resumed := *p
				resumed.Outcome = models.SnapshotPending
				fresh = append(fresh, resumed)
				continue
			}
			err = retell(tx, p, "The rule asks for nothing on this record any more.", func(e *models.Activity) {
				e.Status, e.Summary = models.Success, "Nothing left to change · "+Named(p.ResourceType, p.ResourceTitle)
				e.ErrorCode, e.ErrorMessage = nil, nil
			})
			if err != nil {
				return err
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		if err := tx.DB.Create(&fresh).Error; err != nil {
			return fmt.Errorf("keep the before: %w", err)
		}
		return nil
	})
	return fresh, err
}

func (s *Service) drop(tx *activity.Tx, p *models.Snapshot) error {
	if err := tx.DB.Where("shop_id = ? AND id = ?", p.ShopID, p.ID).Delete(&models.Snapshot{}).Error; err != nil {
		return fmt.Errorf("drop snapshot: %w", err)
	}
	return nil
}

// writtenAfterAll reports whether the tags are there that the cause's lost write was to put on.
func (s *Service) writtenAfterAll(tx *activity.Tx, p *models.Snapshot, owner shopify.TagOwner) (bool, error) {
	if len(p.Adds) == 0 || len(p.Adds.Without(owner.Tags...)) > 0 {
		return false, nil
	}
	var claimed int64
	err := tx.DB.Model(&models.TagOwner{}).
		Where("shop_id = ? AND resource_id = ? AND rule_id = ? AND activity_id = ?", p.ShopID, p.ResourceID, *p.RuleID, p.CauseID).
		Count(&claimed).Error
	if err != nil {
		return false, fmt.Errorf("count claimed tags: %w", err)
	}
	return int(claimed) == len(p.Adds), nil
}

func snapshotsIn(tx *activity.Tx, shop *models.Shop, causeID string, outcomes ...models.SnapshotOutcome) ([]models.Snapshot, error) {
	var found []models.Snapshot
	err := tx.DB.Where("shop_id = ? AND cause_id = ? AND outcome IN ?", shop.ID, causeID, outcomes).Order("id").Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("load snapshots: %w", err)
	}
	return found, nil
}

// retell changes the entry of a snapshot, where it has one: what never got an answer has none.
func retell(tx *activity.Tx, p *models.Snapshot, note string, change func(*models.Activity)) error {
	known, err := tx.Exists(p.EntryID())
	if err != nil || !known {
		return err
	}
	return tx.Update(p.EntryID(), note, change)
}
