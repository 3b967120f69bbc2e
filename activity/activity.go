// Package activity is the ledger: it writes entries down, finds them again and tells watchers of them.
package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Kind is the kind of live message that names an entry.
const Kind = "activity"

// Service is the ledger of every shop.
type Service struct {
	DB   *gorm.DB
	Live *live.Hub

	// path lets a test take another path than the one that was planned; nil takes that.
	path func(f *Filter, known *catalog, planned []path) []path
}

// System is Tagtrail as an actor.
func System() models.Actor { return models.Actor{Type: models.ActorSystem, Name: "Tagtrail"} }

// Tx is one transaction in which entries are written, together with the rows that they tell of.
type Tx struct {
	// DB is the transaction.
	DB   *gorm.DB
	shop *models.Shop
	ids  []string
}

// Commit runs f in a transaction and, once it is committed, tells watchers of the entries.
func (s *Service) Commit(ctx context.Context, shop *models.Shop, f func(tx *Tx) error) error {
	tx := &Tx{shop: shop}
	err := models.InTx(ctx, s.DB, func(db *gorm.DB) error {
		tx.DB, tx.ids = db, nil
		return f(tx)
	})
	if err != nil {
		return err
	}
	for _, id := range tx.ids {
		s.Live.Publish(shop.ID, live.Message{Kind: Kind, ID: id})
	}
	return nil
}

// Record writes one entry in a transaction of its own.
func (s *Service) Record(ctx context.Context, shop *models.Shop, entry *models.Activity) error {
	return s.Commit(ctx, shop, func(tx *Tx) error { return tx.Record(entry) })
}

// Record writes an entry. It fills in what follows from the rest: the id and the time where they are not set, the
// tabs, the first status of the history. An entry that is there already stays as it is, so a second run is harmless.
func (t *Tx) Record(entry *models.Activity) error {
	if entry.OccurredAt.IsZero() {
		entry.OccurredAt = models.Now()
	}
	// An entry's id carries its time, to the millisecond, so that it is found by its id in one partition.
	entry.OccurredAt = entry.OccurredAt.UTC().Truncate(time.Millisecond)
	if entry.ID == "" {
		entry.ID = models.NewID(entry.OccurredAt)
	}
	if at, ok := models.IDTime(entry.ID); !ok || !at.Equal(entry.OccurredAt) {
		return fmt.Errorf("record activity %s: its id does not carry its time %v", entry.ID, entry.OccurredAt)
	}
	entry.ShopID = t.shop.ID
	entry.RetentionClass = t.shop.RetentionClass()
	entry.UpdatedAt = models.Now()
	entry.Categories |= categoriesOf(entry.Type, entry.Action)
	if entry.History == nil {
		entry.History = []models.StatusChange{{Status: entry.Status, At: entry.UpdatedAt}}
	}
	fillIn(entry)
	created := t.DB.Clauses(clause.OnConflict{DoNothing: true}).Create(entry)
	if created.Error != nil {
		return fmt.Errorf("record activity: %w", created.Error)
	}
	if created.RowsAffected > 0 {
		if err := t.writeTags(entry, nil); err != nil {
			return err
		}
	}
	t.ids = append(t.ids, entry.ID)
	return nil
}

// fillIn turns absent lists into empty ones: the columns are never null.
func fillIn(entry *models.Activity) {
	if entry.Changes == nil {
		entry.Changes = []models.FieldChange{}
	}
	if entry.Evaluations == nil {
		entry.Evaluations = []models.Evaluation{}
	}
	if len(entry.Metadata) == 0 {
		entry.Metadata = json.RawMessage("{}")
	}
}

// Update changes an entry's status and outcome. A new status, or a note, is added to its history.
func (t *Tx) Update(id, note string, change func(entry *models.Activity)) error {
	var entry models.Activity
	query := t.DB.Scopes(byID(t.shop.ID, id))
	if models.IsPostgres(t.DB) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	if err := query.Take(&entry).Error; err != nil {
		return fmt.Errorf("load activity %s: %w", id, err)
	}
	before, tagsBefore := entry.Status, changedTags(entry.Changes)
	change(&entry)
	entry.UpdatedAt = models.Now()
	if entry.Status != before || note != "" {
		step := models.StatusChange{Status: entry.Status, At: entry.UpdatedAt}
		if note != "" {
			step.Note = &note
		}
		entry.History = append(entry.History, step)
	}
	fillIn(&entry)
	err := t.DB.Model(&models.Activity{}).Scopes(byID(t.shop.ID, id)).Select(
		"UpdatedAt", "Status", "Summary", "EntityType", "EntityID", "EntityTitle", "EntityURL", "CauseID",
		"Changes", "Evaluations", "History", "Metadata", "ErrorCode", "ErrorMessage", "ErrorStack", "Attempts",
	).Updates(&entry).Error
	if err != nil {
		return fmt.Errorf("update activity %s: %w", id, err)
	}
	if err := t.writeTags(&entry, tagsBefore); err != nil {
		return err
	}
	t.ids = append(t.ids, id)
	return nil
}

// Exists reports whether the shop has the entry.
func (t *Tx) Exists(id string) (bool, error) {
	var found models.Activity
	err := t.DB.Select("id").Scopes(byID(t.shop.ID, id)).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for activity %s: %w", id, err)
	}
	return true, nil
}

// byID finds an entry through its primary key: its id tells its time. An id that does not is nobody's.
func byID(shop int64, id string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		at, ok := models.IDTime(id)
		if !ok {
			return db.Where("1 = 0")
		}
		return db.Where("shop_id = ? AND occurred_at = ? AND id = ?", shop, at, id)
	}
}
