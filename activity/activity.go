// Package activity is the ledger: it writes entries down, finds them again and tells watchers of them.
package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
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
	// Key makes the links of the chain. Who only reads needs none.
	Key *Key
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
	key  *Key
	ids  []string
	// links are what the chain is to have of it, in order. They are written at the end.
	links []Link
}

// Commit runs f in a transaction and, once it is committed, tells watchers of the entries.
func (s *Service) Commit(ctx context.Context, shop *models.Shop, f func(tx *Tx) error) error {
	if s.Key == nil {
		return errNoKey
	}
	tx := &Tx{shop: shop, key: s.Key}
	err := models.InTx(ctx, s.DB, func(db *gorm.DB) error {
		tx.DB, tx.ids, tx.links = db, nil, nil
		if err := f(tx); err != nil {
			return err
		}
		return tx.key.writeLinks(db, shop.ID, tx.links)
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
	links, err := insert(t.DB, t.key, fresh)
	if err != nil {
		return err
	}
	t.links = append(t.links, links[t.shop.ID]...)
	if err := t.mark(fresh...); err != nil {
		return err
	}
	for _, entry := range entries {
		t.ids = append(t.ids, entry.ID)
	}
	return nil
}

// insert writes entries that are not there yet, and returns the links of those by the number of their shop.
func insert(db *gorm.DB, key *Key, entries []*models.Activity) (map[int64][]Link, error) {
	links, err := key.LinksOf(entries)
	if err != nil {
		return nil, err
	}
	for rows := range slices.Chunk(entries, rowsAtOnce) {
		created := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
		if created.Error != nil {
			return nil, fmt.Errorf("record activity: %w", created.Error)
		}
		if created.RowsAffected < int64(len(rows)) {
			if rows, err = asKept(db, key, rows, links); err != nil {
				return nil, err
			}
		}
		if err := keepTags(db, rows...); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// asKept returns the entries as they are in the log: some of them may have been there before. Of those it takes the
// links away.
func asKept(db *gorm.DB, key *Key, entries []*models.Activity, links map[int64][]Link) ([]*models.Activity, error) {
	kept := make([]*models.Activity, len(entries))
	for i, entry := range entries {
		var row stored
		if err := db.Select(storedColumns).Scopes(byID(entry.ShopID, entry.ID)).Take(&row).Error; err != nil {
			return nil, fmt.Errorf("load activity %s: %w", entry.ID, err)
		}
		kept[i] = &row.Activity
		id, now, written := uuid.MustParse(entry.ID), row.digest(key), false
		links[entry.ShopID] = slices.DeleteFunc(links[entry.ShopID], func(l Link) bool {
			if l.ID != id {
				return false
			}
			ours := l.After == now && !written // one that is given twice is written once
			written = written || ours
			return !ours
		})
	}
	return kept, nil
}

// RecordEverywhere writes entries that many shops have in common, in the caller's transaction. Nobody is told of them
// but by looking: they are about what the whole server did.
func (s *Service) RecordEverywhere(db *gorm.DB, shops []models.Shop, entriesOf func(shop *models.Shop) []*models.Activity) error {
	var all []*models.Activity
	for i := range shops {
		tx := &Tx{DB: db, shop: &shops[i], key: s.Key}
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
	links, err := insert(db, s.Key, all)
	if err != nil {
		return err
	}
	return s.Key.writeAll(db, links)
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
	entry, asWas, err := t.lock(id)
	if errors.Is(err, gorm.ErrRecordNotFound) && models.IsPostgres(t.DB) {
		entry, asWas, err = t.lock(id) // it was waited for while it was moved to another class, where it is now
	}
	if err != nil {
		return fmt.Errorf("load activity %s: %w", id, err)
	}
	before, tagsBefore, fixed := entry.Status, changedTags(entry.Changes), *entry
	change(entry)
	keepFixed(entry, &fixed)
	entry.UpdatedAt = models.Now()
	if entry.Status != before || note != "" {
		step := models.StatusChange{Status: entry.Status, At: entry.UpdatedAt}
		if note != "" {
			step.Note = &note
		}
		entry.History = append(entry.History, step)
	}
	fillIn(entry)
	// Updates would write a time of its own into updated_at.
	err = t.DB.Model(&models.Activity{}).Scopes(byID(t.shop.ID, id)).Select(
		"UpdatedAt", "Status", "Summary", "EntityType", "EntityID", "EntityTitle", "EntityURL", "CauseID",
		"Changes", "Evaluations", "History", "Metadata", "ErrorCode", "ErrorMessage", "ErrorStack", "Attempts",
	).UpdateColumns(entry).Error
	if err != nil {
		return fmt.Errorf("update activity %s: %w", id, err)
	}
	if err := t.changed(LinkUpdated, entry, asWas); err != nil {
		return err
	}
	if err := rewriteTags(t.DB, entry, tagsBefore); err != nil {
		return err
	}
	if entry.Status != before {
		if err := t.mark(entry); err != nil {
			return err
		}
	}
	t.ids = append(t.ids, id)
	return nil
}

// keepFixed gives an entry back what no update writes.
func keepFixed(entry, was *models.Activity) {
	entry.ID, entry.ShopID, entry.RetentionClass, entry.OccurredAt = was.ID, was.ShopID, was.RetentionClass, was.OccurredAt
	entry.Type, entry.Action, entry.Categories = was.Type, was.Action, was.Categories
	entry.ActorType, entry.ActorID, entry.ActorName = was.ActorType, was.ActorID, was.ActorName
	entry.RuleID, entry.RuleVersion, entry.OperationID = was.RuleID, was.RuleVersion, was.OperationID
}

// mark notes which entries failed, where the shop wants to be told of that.
func (t *Tx) mark(entries ...*models.Activity) error {
	if !t.shop.NotifyFailures {
		return nil
	}
	var marks []models.FailureMark
	for _, e := range entries {
		if e.Status != models.Failed {
			continue
		}
		code := e.Action // what failed for no cause that is known is told of by what it was
		if e.ErrorCode != nil {
			code = *e.ErrorCode
		}
		marks = append(marks, models.FailureMark{ShopID: e.ShopID, ActivityID: e.ID, Code: code, Summary: e.Summary, At: models.Now()})
	}
	if len(marks) == 0 {
		return nil
	}
	if err := t.DB.CreateInBatches(marks, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("mark failures: %w", err)
	}
	return nil
}

// lock reads an entry that nobody else can change until the transaction ends, and its digest.
func (t *Tx) lock(id string) (*models.Activity, Digest, error) {
	query := t.DB.Select(storedColumns).Scopes(byID(t.shop.ID, id))
	if models.IsPostgres(t.DB) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var row stored
	if err := query.Take(&row).Error; err != nil {
		return nil, Digest{}, err
	}
	return &row.Activity, row.digest(t.key), nil
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
