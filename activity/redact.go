package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/personal"
	"gorm.io/gorm"
)

// Erased stands where something was that told of a person.
const Erased = "[erased]"

// Eraser says what of an entry tells of a person.
type Eraser struct {
	// Note is why, for the history.
	Note string
	// Records are the global ids of the person's records: what an entry about one of them tells in fields about a person
	// goes whole, and so does the name of a customer.
	Records []string
	// Words returns a text without what the person is known by, where it has any of that. In what is surely about them it
	// leaves out more.
	Words func(text string, surely bool) string
	// Names reports whether a text has what the person alone is known by.
	Names func(text string) bool
}

// Redact takes out of an entry what tells of a person, and reports whether there was any. It is the one way in which
// what an entry said is taken back: what it is about, when it was, its status, its counts and its place stay. about says
// that it tells of one of the person's records, whatever its entity is. An entry that has left the log has nothing.
func (t *Tx) Redact(id string, x *Eraser, about bool) (bool, error) {
	entry, asWas, err := t.lock(id)
	if errors.Is(err, gorm.ErrRecordNotFound) && models.IsPostgres(t.DB) {
		entry, asWas, err = t.lock(id) // it was waited for while it was moved to another class, where it is now
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load activity %s: %w", id, err)
	}
	tagsBefore := changedTags(entry.Changes)
	changed, err := x.Erase(entry, about, models.Now())
	if err != nil || !changed {
		return false, err
	}
	fillIn(entry)
	// Updates would write a time of its own into updated_at.
	err = t.DB.Model(&models.Activity{}).Scopes(byID(t.shop.ID, id)).Select(
		"UpdatedAt", "Summary", "ActorName", "EntityTitle", "EntityURL", "Changes", "Evaluations", "History", "Metadata", "ErrorMessage",
		"ErrorStack",
	).UpdateColumns(entry).Error
	if err != nil {
		return false, fmt.Errorf("redact activity %s: %w", id, err)
	}
	if err := t.changed(LinkRedacted, entry, asWas); err != nil {
		return false, err
	}
	if err := rewriteTags(t.DB, entry, tagsBefore); err != nil {
		return false, err
	}
	t.ids = append(t.ids, id)
	return true, nil
}

// Erase takes out of an entry at hand what tells of the person, with a note of its history, and reports whether there
// was any.
func (x *Eraser) Erase(e *models.Activity, about bool, now time.Time) (bool, error) {
	before, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("read activity %s: %w", e.ID, err)
	}
	about = about || e.EntityID != nil && slices.Contains(x.Records, *e.EntityID)
	w := wiper{x, about || x.Names(string(before)), about}
	w.entry(e)
	after, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("read activity %s: %w", e.ID, err)
	}
	if bytes.Equal(before, after) {
		return false, nil
	}
	note := x.Note
	e.UpdatedAt = now
	e.History = append(e.History, models.StatusChange{Status: e.Status, At: now, Note: &note})
	return true, nil
}

// wiper takes out of one entry what tells of a person: surely says that it tells of the person, about that it tells of
// one of their records.
type wiper struct {
	*Eraser
	surely, about bool
}

func (w wiper) text(text string) string { return w.Words(text, w.surely) }

func (w wiper) optional(text *string) *string {
	if text == nil {
		return nil
	}
	without := w.text(*text)
	return &without
}

func (w wiper) entry(e *models.Activity) {
	if w.about && e.EntityTitle != nil && *e.EntityTitle != "" && *e.EntityTitle != Erased && valueOf(e.EntityType) == "Customer" {
		title := *e.EntityTitle
		e.Summary = strings.ReplaceAll(e.Summary, title, Erased)
		erased := Erased
		e.EntityTitle = &erased
	}
	e.Summary, e.EntityTitle, e.EntityURL = w.text(e.Summary), w.optional(e.EntityTitle), w.optional(e.EntityURL)
	e.ErrorMessage, e.ErrorStack = w.optional(e.ErrorMessage), w.optional(e.ErrorStack)
	if e.ActorType != models.ActorStaff { // staff are not customers, whatever they are called
		e.ActorName = w.text(e.ActorName)
	}
	for i := range e.History {
		e.History[i].Note = w.optional(e.History[i].Note)
	}
	for i := range e.Changes {
		c, of := &e.Changes[i], w
		if c.Field == "tags" {
			of.surely = false
		}
		c.Before, c.After = of.value(c.Field, c.Before), of.value(c.Field, c.After)
	}
	for i := range e.Evaluations {
		w.evaluation(&e.Evaluations[i])
	}
	e.Metadata = w.value("", e.Metadata)
}

// evaluation leaves what the merchant has chosen, as names of rules and tags, unless the person alone is called so.
func (w wiper) evaluation(v *models.Evaluation) {
	chosen := wiper{Eraser: w.Eraser}
	v.Name = chosen.text(v.Name)
	chosen.list(v.AddTags)
	chosen.list(v.RemoveTags)
	for i := range v.Conditions {
		c := &v.Conditions[i]
		chosen.list(c.Expected)
		if w.tells(c.Field) {
			// What is told of the difference tells of the value.
			if len(c.Actual) > 0 {
				c.Actual = []string{Erased}
			}
			c.Hint = nil
			continue
		}
		w.list(c.Actual)
		c.Hint = w.optional(c.Hint)
	}
}

func (w wiper) list(texts []string) {
	for i := range texts {
		texts[i] = w.text(texts[i])
	}
}

// tells reports whether a field of one of the person's records tells of the person.
func (w wiper) tells(name string) bool {
	field := personal.Normal(name)
	return w.about && (personal.Field(field) || personal.Holder(field) || personal.Whole(field))
}

// value returns a value without what tells of the person; the same bytes where it has nothing of that.
func (w wiper) value(field string, raw json.RawMessage) json.RawMessage {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if len(raw) == 0 || decoder.Decode(&value) != nil {
		return raw
	}
	without, changed := w.wipe(field, value)
	if !changed {
		return raw
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(without) != nil {
		return json.RawMessage(`"` + Erased + `"`) // what was decoded always encodes
	}
	return bytes.TrimSpace(out.Bytes())
}

func (w wiper) wipe(field string, value any) (any, bool) {
	if w.tells(field) && value != nil && value != "" && value != Erased {
		return Erased, true
	}
	changed := false
	switch v := value.(type) {
	case string:
		without := w.text(v)
		return without, without != v
	case json.Number:
		if without := w.text(v.String()); without != v.String() {
			return without, true
		}
	case []any:
		for i := range v {
			var one bool
			v[i], one = w.wipe("", v[i])
			changed = changed || one
		}
	case map[string]any:
		for name, inner := range v {
			without, one := w.wipe(name, inner)
			key := w.text(name)
			if !one && key == name {
				continue
			}
			delete(v, name)
			v[key], changed = without, true
		}
	}
	return value, changed
}

// About returns the entries about a record of the shop that come behind a place, the oldest first.
func (s *Service) About(tx *gorm.DB, shop int64, record string, behind *models.Position, n int) ([]models.Activity, error) {
	query := tx.Where("shop_id = ? AND entity_id = ?", shop, record)
	if behind != nil {
		query = query.Where("occurred_at >= ? AND (occurred_at, id) > (?, ?)", behind.At, behind.At, behind.ID)
	}
	var rows []models.Activity
	if err := query.Order("occurred_at, id").Limit(n).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read entries of a record: %w", err)
	}
	return rows, nil
}

// CausedBy returns the ids of the entries that an entry led to. They are not older than it.
func (s *Service) CausedBy(tx *gorm.DB, shop int64, id string) ([]string, error) {
	at, ok := models.IDTime(id)
	if !ok {
		return nil, nil
	}
	var ids []string
	err := tx.Model(&models.Activity{}).Where("shop_id = ? AND cause_id = ? AND occurred_at >= ?", shop, id, at.Add(-time.Minute)).Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("find what an activity led to: %w", err)
	}
	return ids, nil
}

// Text is all that an entry says, in one.
type Text struct {
	ID         string
	OccurredAt time.Time
	Text       string
}

// Texts returns what the entries of the shop say that come behind a place, the oldest first.
func (s *Service) Texts(tx *gorm.DB, shop int64, behind *models.Position, n int) ([]Text, error) {
	columns := []string{"summary", "actor_name", "coalesce(entity_title, '')", "coalesce(entity_url, '')", "coalesce(error_message, '')", "coalesce(error_stack, '')"}
	for _, column := range []string{"changes", "evaluations", "history", "metadata"} {
		columns = append(columns, "CAST("+column+" AS text)")
	}
	query := tx.Model(&models.Activity{}).Select("id, occurred_at, "+strings.Join(columns, " || ' ' || ")+" AS text").Where("shop_id = ?", shop)
	if behind != nil {
		query = query.Where("occurred_at >= ? AND (occurred_at, id) > (?, ?)", behind.At, behind.At, behind.ID)
	}
	var rows []Text
	if err := query.Order("occurred_at, id").Limit(n).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what entries say: %w", err)
	}
	return rows, nil
}
