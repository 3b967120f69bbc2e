// Package activity is the ledger: it writes entries down, finds them again and tells watchers of them.
package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	// AdminURL is where a shop's admin opens, with {handle} or {shop} in it.
	AdminURL string

	kinds knownKinds

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

// rowsAtOnce bounds the rows of one statement, and so the number of different statements that connections keep ready.
const rowsAtOnce = 50

// Record writes entries. It fills in what follows from the rest: the id and the time where they are not set, the
// tabs, the first status of the history. An entry that is there already stays as it is, so a second run is harmless.
func (t *Tx) Record(entries ...*models.Activity) error {
	for _, entry := range entries {
		if err := t.complete(entry); err != nil {
			return err
		}
	}
	fresh, err := t.fresh(entries)
	if err != nil {
		return err
	}
	if err := insert(t.DB, fresh); err != nil {
		return err
	}
	for _, entry := range entries {
		t.ids = append(t.ids, entry.ID)
	}
	return nil
}

func insert(db *gorm.DB, entries []*models.Activity) error {
	for rows := range slices.Chunk(entries, rowsAtOnce) {
		created := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
		if created.Error != nil {
			return fmt.Errorf("record activity: %w", created.Error)
		}
		if created.RowsAffected < int64(len(rows)) {
			var err error
			if rows, err = asKept(db, rows); err != nil {
				return err
			}
		}
		if err := keepTags(db, rows...); err != nil {
			return err
		}
	}
	return nil
}

// asKept returns the entries as they are in the log: some of them may have been there before.
func asKept(db *gorm.DB, entries []*models.Activity) ([]*models.Activity, error) {
	kept := make([]*models.Activity, len(entries))
	for i, entry := range entries {
		kept[i] = &models.Activity{}
		err := db.Select("id", "shop_id", "occurred_at", "changes").Scopes(byID(entry.ShopID, entry.ID)).Take(kept[i]).Error
		if err != nil {
			return nil, fmt.Errorf("load activity %s: %w", entry.ID, err)
		}
	}
	return kept, nil
}

// RecordEverywhere writes entries that many shops have in common, in the caller's transaction. Nobody is told of them
// but by looking: they are about what the whole server did.
func (s *Service) RecordEverywhere(db *gorm.DB, shops []models.Shop, entriesOf func(shop *models.Shop) []*models.Activity) error {
	var all []*models.Activity
	for i := range shops {
		tx := &Tx{DB: db, shop: &shops[i]}
		entries := entriesOf(tx.shop)
		for _, entry := range entries {
			if err := tx.complete(entry); err != nil {
				return err
			}
		}
		fresh, err := tx.fresh(entries)
		if err != nil {
			return err
		}
		all = append(all, fresh...)
	}
	return insert(db, all)
}

func (t *Tx) complete(entry *models.Activity) error {
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
	entry.RetentionClass = t.shop.ClassAt(entry.OccurredAt)
	entry.UpdatedAt = models.Now()
	entry.Categories |= categoriesOf(entry.Type, entry.Action)
	if entry.History == nil {
		entry.History = []models.StatusChange{{Status: entry.Status, At: entry.UpdatedAt}}
	}
	fillIn(entry)
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
	entry, err := t.lock(id)
	if errors.Is(err, gorm.ErrRecordNotFound) && models.IsPostgres(t.DB) {
		entry, err = t.lock(id) // it was waited for while it was moved to another class, where it is now
	}
	if err != nil {
		return fmt.Errorf("load activity %s: %w", id, err)
	}
	before, tagsBefore := entry.Status, changedTags(entry.Changes)
	change(entry)
	entry.UpdatedAt = models.Now()
	if entry.Status != before || note != "" {
		step := models.StatusChange{Status: entry.Status, At: entry.UpdatedAt}
		if note != "" {
			step.Note = &note
		}
		entry.History = append(entry.History, step)
	}
	fillIn(entry)
	err = t.DB.Model(&models.Activity{}).Scopes(byID(t.shop.ID, id)).Select(
		"UpdatedAt", "Status", "Summary", "EntityType", "EntityID", "EntityTitle", "EntityURL", "CauseID",
		"Changes", "Evaluations", "History", "Metadata", "ErrorCode", "ErrorMessage", "ErrorStack", "Attempts",
	).Updates(entry).Error
	if err != nil {
		return fmt.Errorf("update activity %s: %w", id, err)
	}
	if err := rewriteTags(t.DB, entry, tagsBefore); err != nil {
		return err
	}
	t.ids = append(t.ids, id)
	return nil
}

// lock reads an entry that nobody else can change until the transaction ends.
func (t *Tx) lock(id string) (*models.Activity, error) {
	query := t.DB.Scopes(byID(t.shop.ID, id))
	if models.IsPostgres(t.DB) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var entry models.Activity
	return &entry, query.Take(&entry).Error
}

// Get returns an entry as it is in the transaction, or nil where the shop has none with that id.
func (t *Tx) Get(id string) (*Entry, error) {
	var row models.Activity
	err := t.DB.Scopes(byID(t.shop.ID, id)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load activity %s: %w", id, err)
	}
	return (&Service{DB: t.DB}).entries([]models.Activity{row})[0], nil
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
