package chain

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
	"pgregory.net/rapid"
)

// text draws what somebody may write into a field.
func text(t *rapid.T, label string) string {
	odd := []string{
		"", " ", "\\", `"`, "é", "e\u0301", "\u2028", "<script>&amp;", "\U0001f377", "\ufffd", "line\nline\r\n\t", "null", "\u200b",
	}
	if os.Getenv(modelstest.DatabaseEnv) == "" {
		odd = append(odd, "a\x00b", "\xff\xfe") // which Postgres refuses
	}
	return rapid.OneOf(rapid.SampledFrom(odd), rapid.Custom(func(t *rapid.T) string {
		return strings.ReplaceAll(rapid.String().Draw(t, "any"), "\x00", "")
	})).Draw(t, label)
}

func optionally(t *rapid.T, label string) *string {
	if rapid.Bool().Draw(t, label+" there") {
		drawn := text(t, label)
		return &drawn
	}
	return nil
}

// value draws JSON as somebody may send it: with odd numbers, odd escapes, keys that are there twice.
func value(t *rapid.T, depth int) string {
	switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
	case kind < 4 || depth == 0:
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?`)
		return rapid.OneOf(number, rapid.SampledFrom([]string{
			"0", "-0", "-0.0", "0e5", "0.00e1", "1e2", "1.10", "1.10e1", "1E+2", "100", "1e-7", "12345678901234567890.10", "1e300", "1.5e-300", "5e0",
		})).Draw(t, "number")
	case kind < 6:
		raw, _ := json.Marshal(text(t, "string"))
		return string(raw)
	case kind == 6:
		return rapid.SampledFrom([]string{`"\u00e9"`, `"\/"`, `"\ud83c\udf77"`, `"\u003c"`, `"a\u0301"`, "true", "false", "null", "[]", "{}", ` [ 1 , 2 ] `}).Draw(t, "literal")
	case kind == 7:
		var elements []string
		for range rapid.IntRange(0, 4).Draw(t, "elements") {
			elements = append(elements, value(t, depth-1))
		}
		return "[" + strings.Join(elements, ", ") + "]"
	default:
		return object(t, depth)
	}
}

func object(t *rapid.T, depth int) string {
	var members []string
	for range rapid.IntRange(0, 5).Draw(t, "members") {
		key, _ := json.Marshal(rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "A", "aa", "", "é", "\U0001f377"}), rapid.Custom(func(t *rapid.T) string {
			return text(t, "key")
		})).Draw(t, "key"))
		members = append(members, string(key)+" : "+value(t, depth-1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// strange draws an entry that has anything in it.
func strange(t *rapid.T, at time.Time) *models.Activity {
	e := &models.Activity{
		OccurredAt:   at,
		Type:         models.UserAction,
		Action:       text(t, "action"),
		Categories:   int16(rapid.IntRange(0, 31).Draw(t, "categories")),
		Status:       models.Success,
		Summary:      text(t, "summary"),
		ActorType:    models.ActorStaff,
		ActorID:      optionally(t, "actor"),
		ActorName:    text(t, "name"),
		EntityType:   optionally(t, "entity type"),
		EntityID:     optionally(t, "entity"),
		EntityTitle:  optionally(t, "title"),
		EntityURL:    optionally(t, "url"),
		ErrorCode:    optionally(t, "code"),
		ErrorMessage: optionally(t, "message"),
		ErrorStack:   optionally(t, "stack"),
		Attempts:     rapid.IntRange(0, 1000).Draw(t, "attempts"),
		Metadata:     json.RawMessage(object(t, 3)),
	}
	if rapid.Bool().Draw(t, "rule") {
		id, version := strings.ToUpper(uuid.NewString()), rapid.IntRange(-1, 1<<30).Draw(t, "version")
		e.RuleID, e.RuleVersion, e.CauseID, e.OperationID = &id, &version, &id, &id
	}
	for range rapid.IntRange(0, 2).Draw(t, "changes") {
		e.Changes = append(e.Changes, models.FieldChange{Field: text(t, "field"), Before: json.RawMessage(value(t, 2)), After: json.RawMessage(value(t, 2))})
	}
	if rapid.Bool().Draw(t, "evaluated") {
		e.Evaluations = []models.Evaluation{{Name: text(t, "rule name"), Conditions: []models.ConditionResult{{Field: text(t, "condition"), Hint: optionally(t, "hint")}}}}
	}
	if rapid.Bool().Draw(t, "past") {
		zone := time.FixedZone("", rapid.IntRange(-12, 12).Draw(t, "zone")*1800)
		e.History = []models.StatusChange{{Status: models.Pending, At: at.In(zone).Add(time.Duration(rapid.IntRange(0, 1e9).Draw(t, "nanoseconds"))), Note: optionally(t, "note")}}
	}
	return e
}

// honest is a shop to which only the program does anything.
type honest struct {
	*notary
	shop *models.Shop
	ids  []string
}

func (h *honest) log1(t *rapid.T) {
	var entries []*models.Activity
	for range rapid.IntRange(1, 3).Draw(t, "entries") {
		at := h.at.Add(-time.Duration(rapid.IntRange(0, 10*24*60).Draw(t, "minutes ago")) * time.Minute)
		entries = append(entries, strange(t, at))
	}
	h.commit(h.shop, func(tx *activity.Tx) error { return tx.Record(entries...) })
	for _, e := range entries {
		h.ids = append(h.ids, e.ID)
	}
}

// one is an entry that is in the log, or "".
func (h *honest) one(t *rapid.T) string {
	if len(h.ids) == 0 {
		return ""
	}
	id := rapid.SampledFrom(h.ids).Draw(t, "entry")
	var there int64
	h.must(h.DB.Model(&models.Activity{}).Where("shop_id = ? AND id = ?", h.shop.ID, id).Count(&there).Error)
	if there == 0 {
		return ""
	}
	return id
}

// drop takes a day of a class out of the log, as dropping its partition does.
func (h *honest) drop(t *rapid.T) {
	from := dayOf(h.at).AddDate(0, 0, -rapid.IntRange(1, 10).Draw(t, "day"))
	class := h.shop.RetentionClass()
	h.must(models.InTx(h.ctx, h.DB, func(tx *gorm.DB) error {
		gone := tx.Exec("DELETE FROM activities WHERE shop_id = ? AND retention_class = ? AND occurred_at >= ? AND occurred_at < ?",
			h.shop.ID, class, from, from.AddDate(0, 0, 1))
		if gone.Error != nil || gone.RowsAffected == 0 {
			return gone.Error
		}
		l := activity.Link{Kind: activity.LinkDropped, Dropped: activity.Dropped{Class: class, From: from, To: from.AddDate(0, 0, 1), Count: gone.RowsAffected}}
		return tx.Create(h.Key.Pending(h.shop.ID, []activity.Link{l})).Error
	}))
}

func (h *honest) remove(t *rapid.T) {
	to := h.at.AddDate(0, 0, -rapid.IntRange(1, 10).Draw(t, "days"))
	_, err := h.log.Remove(h.DB, activity.Over{Shop: h.shop.ID, To: to, OpenTo: to}, rapid.IntRange(1, 5).Draw(t, "batch"))
	h.must(err)
}

// again records an entry once more, with something else in it, though it may have left.
func (h *honest) again(t *rapid.T) {
	if len(h.ids) == 0 {
		return
	}
	id := rapid.SampledFrom(h.ids).Draw(t, "entry")
	at, _ := models.IDTime(id)
	e := strange(t, at)
	e.ID = id
	h.commit(h.shop, func(tx *activity.Tx) error { return tx.Record(e) })
}

func (h *honest) change(t *rapid.T) {
	id := h.one(t)
	if id == "" {
		return
	}
	other := strange(t, h.at)
	h.commit(h.shop, func(tx *activity.Tx) error {
		return tx.Update(id, text(t, "note"), func(e *models.Activity) {
			history := e.History
			*e = *other
			e.History = history
		})
	})
}

func (h *honest) reclass(t *rapid.T) {
	h.shop.RetentionDays = rapid.SampledFrom([]int{30, 730}).Draw(t, "period")
	h.must(h.DB.Save(h.shop).Error)
	for more := true; more; {
		h.must(models.InTx(h.ctx, h.DB, func(tx *gorm.DB) (err error) {
			more, err = h.log.Move(tx, h.shop, 3)
			return err
		}))
	}
}

func TestWhatTheProgramDoesIsNeverReported(t *testing.T) {
	t.Parallel()
	n := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		h := &honest{notary: n, shop: n.shop()}
		h.log1(t)
		for range rapid.IntRange(3, 15).Draw(t, "steps") {
			switch what := rapid.SampledFrom([]string{
				"record", "record", "again", "update", "update", "redact", "remove", "drop", "move", "seal", "trim", "checkpoint", "verify",
			}).Draw(t, "step"); what {
			case "record":
				h.log1(t)
			case "again":
				h.again(t)
			case "update":
				h.change(t)
			case "redact":
				if id := h.one(t); id != "" {
					h.redact(h.shop, id)
				}
			case "remove":
				h.remove(t)
			case "drop":
				h.drop(t)
			case "move":
				h.reclass(t)
			case "seal":
				n.seal()
			case "trim":
				n.must(n.Trim(n.ctx))
			case "checkpoint":
				n.at = n.at.Add(checkpointAfter)
				n.must(n.Checkpoints(n.ctx))
			}
			n.DayLinks = rapid.SampledFrom([]int64{0, 0, 0, 0, 0, 0, 0, 1}).Draw(t, "by the hour where it is 1")
			found, _ := n.verify(h.shop)
			if len(found) > 0 {
				t.Fatalf("reported: %s", fmt.Sprint(found))
			}
		}
		n.seal()
		if found, _ := n.verify(h.shop); len(found) > 0 {
			t.Fatalf("reported: %s", fmt.Sprint(found))
		}
	})
}
