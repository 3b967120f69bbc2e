package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/retention"
	"gorm.io/gorm"
)

// What is counted, in the order in which people are told.
const (
	countEntries   = "entries"
	countBodies    = "webhookBodies"
	countSnapshots = "snapshots"
	countItems     = "operationItems"
	countMessages  = "streamMessages"
	countTexts     = "otherTexts"
	countExports   = "exports"
	countArchived  = "archivedEntries"
	// countRules is what names the person and is the merchant's own: it stays.
	countRules = "stays"
)

// How many rows one step looks at.
const (
	atOnce      = 100
	textsAtOnce = 1000
)

// note is what the history of an entry says.
const note = "Personal data of a customer was erased, as Shopify asked for"

// learning are the phases that find out what the person is known by: Shopify tells an address and a number, not a name.
func learning() []phase {
	return []phase{
		{"wait", (*run).waitForOthers},
		{"titles", (*run).learnTitles},
		{"learn", (*run).learnBodies},
		{"namesakes", (*run).namesakes},
	}
}

// redactPhases come in this order: the log first, and what was made from it after.
func redactPhases() []phase {
	return append(learning(),
		phase{"entries", (*run).redactEntries},
		phase{"bodies", (*run).redactBodies},
		phase{"log", (*run).redactLog},
		phase{"records", (*run).redactRecords},
		phase{"texts", (*run).redactTexts},
		phase{"streams", (*run).redactStreams},
		phase{"archive", (*run).redactArchive},
		phase{"counts", (*run).redactCounts},
		phase{"exports", (*run).withdrawExports},
		phase{"end", (*run).redacted},
	)
}

// settled are deliveries of which nothing more is to come by itself.
var settled = []models.DeliveryStatus{models.DeliveryDone, models.DeliveryFailed}

// waitForOthers waits until what came before the request is worked off: what is in progress would write down again what
// is erased.
func (r *run) waitForOthers(ctx context.Context) (bool, error) {
	db := r.DB.WithContext(ctx)
	var open int64
	err := db.Model(&models.Delivery{}).Where("shop_id = ? AND status IN ('PENDING', 'PROCESSING') AND received_at <= ? AND id <> ?",
		r.row.ShopID, r.row.ReceivedAt, r.row.ID).Limit(1).Count(&open).Error
	if err != nil {
		return false, fmt.Errorf("look for webhooks in progress: %w", err)
	}
	var items int64
	if records := r.person.records(); open == 0 && len(records) > 0 {
		err = db.Model(&models.Snapshot{}).Joins("JOIN operations ON operations.id = snapshots.cause_id AND operations.finished_at IS NULL").
			Where("snapshots.shop_id = ? AND snapshots.resource_id IN ?", r.row.ShopID, records).Limit(1).Count(&items).Error
		if err != nil {
			return false, fmt.Errorf("look for operations in progress: %w", err)
		}
	}
	if open+items > 0 {
		return false, &wait{r.now().Add(patience)}
	}
	return false, nil
}

// know keeps what was learnt of the person.
func (r *run) know(row *models.PrivacyRequest) error {
	raw, err := json.Marshal(r.person)
	if err != nil {
		return fmt.Errorf("encode person: %w", err)
	}
	row.Person = raw
	r.marks = r.person.marks()
	return nil
}

// learnTitles learns what the customer is called in what was heard and written of them.
func (r *run) learnTitles(ctx context.Context) (bool, error) {
	if r.person.Customer == "" {
		return false, nil
	}
	var titles []string
	db := r.DB.WithContext(ctx)
	err := errors.Join(
		db.Model(&models.Resource{}).Where("shop_id = ? AND id = ?", r.row.ShopID, r.person.Customer).Pluck("title", &titles).Error,
		r.pluck(db.Model(&models.Snapshot{}).Where("shop_id = ? AND resource_id = ?", r.row.ShopID, r.person.Customer), "resource_title", &titles),
		r.pluck(db.Model(&models.Activity{}).Where("shop_id = ? AND entity_id = ?", r.row.ShopID, r.person.Customer), "entity_title", &titles),
	)
	if err != nil {
		return false, fmt.Errorf("find what the customer is called: %w", err)
	}
	for _, title := range titles {
		switch {
		case strings.Contains(title, "@"):
			learn(&r.person.Emails, title)
		case strings.ContainsFunc(title, isLetter):
			learn(&r.person.Names, title)
		}
	}
	return false, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error { return r.know(row) })
}

// pluck adds the different texts of a column.
func (r *run) pluck(query *gorm.DB, column string, to *[]string) error {
	var found []string
	err := query.Where(column+" IS NOT NULL").Distinct(column).Limit(mostWords).Pluck(column, &found).Error
	*to = append(*to, found...)
	return err
}

// learnBodies learns from the webhooks whose bodies are kept.
func (r *run) learnBodies(ctx context.Context) (bool, error) {
	rows, next, err := r.bodies(ctx)
	if err != nil {
		return false, err
	}
	for i := range rows {
		raw, err := expand(rows[i].Body)
		if err != nil {
			return false, err
		}
		read(rows[i].Topic, raw).teach(r.person)
	}
	return len(rows) > 0, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = next
		return r.know(row)
	})
}

// bodies reads the next deliveries whose bodies are kept, and where to go on.
func (r *run) bodies(ctx context.Context) (rows []models.Delivery, next *string, err error) {
	_, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return nil, nil, err
	}
	err = r.DB.WithContext(ctx).Select("id", "shop_id", "topic", "received_at", "body", "status").
		Where("shop_id = ? AND length(body) > 0", r.row.ShopID).Scopes(behind("received_at", from)).Limit(r.batch(atOnce)).Find(&rows).Error
	if err != nil {
		return nil, nil, fmt.Errorf("read bodies: %w", err)
	}
	if n := len(rows); n > 0 {
		next = cursorOf(0, &models.Position{At: rows[n-1].ReceivedAt, ID: rows[n-1].ID})
	}
	return rows, next, nil
}

// namesakes finds out whose name another customer has, too: that alone does not tell of the person.
func (r *run) namesakes(ctx context.Context) (bool, error) {
	for _, name := range r.person.Names {
		var n int64
		err := r.DB.WithContext(ctx).Model(&models.Resource{}).
			Where("shop_id = ? AND type = ? AND lower(title) = lower(?) AND id <> ?", r.row.ShopID, models.Customer, name, r.person.Customer).Limit(1).Count(&n).Error
		if err != nil {
			return false, fmt.Errorf("look for namesakes: %w", err)
		}
		if n > 0 {
			learn(&r.person.Shared, name)
		}
	}
	return false, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error { return r.know(row) })
}

func (r *run) eraser() *activity.Eraser {
	return &activity.Eraser{Note: note, Records: r.person.records(), Words: r.marks.without, Names: r.marks.surely.has}
}

// redact takes what tells of the person out of entries.
func (r *run) redact(tx *activity.Tx, row *models.PrivacyRequest, ids []string, about bool) error {
	x := r.eraser()
	for _, id := range ids {
		changed, err := tx.Redact(id, x, about)
		if err != nil {
			return err
		}
		if changed {
			row.Counts[countEntries]++
		}
	}
	return nil
}

// redactEntries goes through the entries about each of the person's records.
func (r *run) redactEntries(ctx context.Context) (bool, error) {
	return r.aboutRecords(ctx, func(tx *activity.Tx, row *models.PrivacyRequest, found []models.Activity) error {
		ids := make([]string, len(found))
		for i := range found {
			ids[i] = found[i].ID
		}
		return r.redact(tx, row, ids, true)
	})
}

// aboutRecords hands over the next entries about one of the person's records.
func (r *run) aboutRecords(ctx context.Context, take func(tx *activity.Tx, row *models.PrivacyRequest, found []models.Activity) error) (bool, error) {
	of, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return false, err
	}
	records := r.person.records()
	if of >= len(records) {
		return false, nil
	}
	return true, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		found, err := r.Activity.About(tx.DB, r.row.ShopID, records[of], from, r.batch(atOnce))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			row.Cursor = cursorOf(of+1, nil)
			return nil
		}
		last := found[len(found)-1]
		row.Cursor = cursorOf(of, &models.Position{At: last.OccurredAt, ID: last.ID})
		return take(tx, row, found)
	})
}

// redactBodies empties the bodies that name the person, and goes through the entries of those webhooks and what they led
// to. One that is in progress came after the request: Shopify told it what it still knows.
func (r *run) redactBodies(ctx context.Context) (bool, error) {
	rows, next, err := r.bodies(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	var found []string
	for i := range rows {
		raw, err := expand(rows[i].Body)
		if err != nil {
			return false, err
		}
		if rows[i].ID != r.row.ID && slices.Contains(settled, rows[i].Status) && read(rows[i].Topic, raw).names(r.person, r.marks) {
			found = append(found, rows[i].ID)
		}
	}
	return true, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = next
		for _, id := range found {
			emptied := tx.DB.Model(&models.Delivery{}).Where("id = ? AND shop_id = ? AND status IN ? AND length(body) > 0", id, r.row.ShopID, settled).
				Update("body", []byte{})
			if emptied.Error != nil {
				return fmt.Errorf("empty body: %w", emptied.Error)
			}
			row.Counts[countBodies] += emptied.RowsAffected
			caused, err := r.Activity.CausedBy(tx.DB, r.row.ShopID, id)
			if err != nil {
				return err
			}
			if err := r.redact(tx, row, append(caused, id), true); err != nil {
				return err
			}
		}
		return nil
	})
}

// redactLog goes through the whole log for entries that name the person without being about their records. What entries
// say is in no index but their summary; so all of it is read, in short steps.
func (r *run) redactLog(ctx context.Context) (bool, error) {
	ids, next, err := r.mentions(ctx)
	if err != nil || next == nil {
		return false, err
	}
	return true, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = next
		return r.redact(tx, row, ids, false)
	})
}

// mentions reads the next entries of the log and returns those that name the person, and where to go on; nowhere at the
// end.
func (r *run) mentions(ctx context.Context) (ids []string, next *string, err error) {
	_, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return nil, nil, err
	}
	texts, err := r.Activity.Texts(r.DB.WithContext(ctx), r.row.ShopID, from, r.batch(textsAtOnce))
	if err != nil || len(texts) == 0 {
		return nil, nil, err
	}
	for _, t := range texts {
		if r.marks.surely.in(t.Text) {
			ids = append(ids, t.ID)
		}
	}
	last := texts[len(texts)-1]
	return ids, cursorOf(0, &models.Position{At: last.OccurredAt, ID: last.ID}), nil
}

// redactRecords removes what is kept of the person's records themselves: snapshots of what rules changed, so that it can
// no longer be taken back, and who owns their tags. Items of operations lose their title: the operation counts them.
func (r *run) redactRecords(ctx context.Context) (bool, error) {
	of, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return false, err
	}
	records := r.person.records()
	if of >= len(records) {
		return false, nil
	}
	return true, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		var found []models.Snapshot
		err := tx.DB.Where("shop_id = ? AND resource_id = ?", r.row.ShopID, records[of]).Scopes(behind("created_at", from)).Limit(r.batch(atOnce)).Find(&found).Error
		if err != nil {
			return fmt.Errorf("find snapshots: %w", err)
		}
		if len(found) == 0 {
			row.Cursor = cursorOf(of+1, nil)
			return r.forgetRecord(tx, records[of])
		}
		last := found[len(found)-1]
		row.Cursor = cursorOf(of, &models.Position{At: last.CreatedAt, ID: last.ID})
		for i := range found {
			if err := r.redactSnapshot(tx, row, &found[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *run) redactSnapshot(tx *activity.Tx, row *models.PrivacyRequest, s *models.Snapshot) error {
	if s.RuleID != nil && s.Outcome != models.SnapshotPending {
		row.Counts[countSnapshots]++
		if err := tx.DB.Where("id = ? AND shop_id = ?", s.ID, s.ShopID).Delete(&models.Snapshot{}).Error; err != nil {
			return fmt.Errorf("remove snapshot: %w", err)
		}
		return nil
	}
	values := map[string]any{}
	if s.ResourceType == models.Customer && s.ResourceTitle != activity.Erased {
		values["resource_title"] = activity.Erased
	} else if title := r.marks.all.without(s.ResourceTitle); title != s.ResourceTitle {
		values["resource_title"] = title
	}
	if s.ErrorMessage != nil {
		if message := r.marks.all.without(*s.ErrorMessage); message != *s.ErrorMessage {
			values["error_message"] = message
		}
	}
	for column, tags := range map[string]models.Tags{
		"before": s.Before, "adds": s.Adds, "removes": s.Removes, "after": s.After, "seen": s.Seen, "added": s.Added, "removed": s.Removed,
	} {
		without := models.Tags{}
		for _, tag := range tags {
			without = without.With(r.marks.surely.without(tag))
		}
		if !slices.Equal(without, slices.Concat(models.Tags{}, tags)) {
			values[column] = without
		}
	}
	if len(values) == 0 {
		return nil
	}
	row.Counts[countItems]++
	if err := tx.DB.Model(&models.Snapshot{}).Where("id = ? AND shop_id = ?", s.ID, s.ShopID).Updates(values).Error; err != nil {
		return fmt.Errorf("redact an operation's item: %w", err)
	}
	return nil
}

// forgetRecord forgets who owns a record's tags, and what a customer is called.
func (r *run) forgetRecord(tx *activity.Tx, id string) error {
	err := tx.DB.Where("shop_id = ? AND resource_id = ?", r.row.ShopID, id).Delete(&models.TagOwner{}).Error
	if err != nil {
		return fmt.Errorf("forget whose tags they are: %w", err)
	}
	if id != r.person.Customer {
		return nil
	}
	err = tx.DB.Model(&models.Resource{}).Where("shop_id = ? AND id = ?", r.row.ShopID, id).Update("title", activity.Erased).Error
	if err != nil {
		return fmt.Errorf("forget what the customer is called: %w", err)
	}
	return nil
}

// redactStreams empties what was sent to other systems, as far as it is kept here, and has made anew what was not.
func (r *run) redactStreams(ctx context.Context) (more bool, err error) {
	after := afterID(r.row.Cursor)
	err = r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		last, erased, err := r.Streams.Erase(tx.DB, r.row.ShopID, after, r.batch(atOnce), func(raw []byte) bool {
			b := read("", raw)
			return tells(b.root, r.marks.surely) || b.about(r.person.records()) && tells(b.root, r.marks.all)
		})
		if err != nil {
			return err
		}
		if more = last != ""; more {
			row.Cursor = &last
		}
		if erased > 0 {
			row.Counts[countMessages] += int64(erased)
		}
		return nil
	})
	return more, err
}

// redactArchive writes the files of the archive anew that have something of the person, one in a step.
func (r *run) redactArchive(ctx context.Context) (bool, error) {
	of, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return false, err
	}
	var behind *models.ArchivePart
	if from != nil {
		behind = &models.ArchivePart{Day: from.At, Part: of}
	}
	x, now := r.eraser(), r.now()
	if err := r.renew(ctx); err != nil {
		return false, err
	}
	part, changed, err := r.Retention.Rewrite(ctx, r.shop, behind, func(e *models.Activity) (bool, error) { return x.Erase(e, false, now) })
	var busy *retention.BusyError
	if errors.As(err, &busy) {
		return false, &wait{busy.Until}
	}
	if err != nil || part == nil {
		return false, err
	}
	return true, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = cursorOf(part.Part, &models.Position{At: part.Day, ID: "-"})
		if changed > 0 {
			row.Counts[countArchived] += int64(changed)
		}
		return nil
	})
}

// renew makes the lease last for a step that is not a transaction.
func (r *run) renew(ctx context.Context) error {
	return r.commit(ctx, func(*activity.Tx, *models.PrivacyRequest) error { return nil })
}

// redactCounts counts the log anew where its counts name the person: as somebody who did something.
func (r *run) redactCounts(ctx context.Context) (bool, error) {
	var names []string
	db := r.DB.WithContext(ctx)
	err := errors.Join(
		r.pluck(db.Model(&models.ActivityKind{}).Where("shop_id = ?", r.row.ShopID), "actor_name", &names),
		r.pluck(db.Model(&models.ActivityDelta{}).Where("shop_id = ?", r.row.ShopID), "actor_name", &names),
	)
	if err != nil {
		return false, fmt.Errorf("look at who did something: %w", err)
	}
	if !slices.ContainsFunc(names, r.marks.surely.has) {
		return false, nil
	}
	return false, r.Activity.Rebuild(ctx, r.row.ShopID)
}

// withdrawExports takes back the files that were made before everything was erased. Where there was nothing, they have
// nothing.
func (r *run) withdrawExports(ctx context.Context) (bool, error) {
	if told(r.row.Counts) == nothingKept {
		return false, nil
	}
	before := r.now()
	if r.row.Cursor != nil {
		_, at, err := placeOf(r.row.Cursor)
		if err != nil {
			return false, err
		}
		before = at.At
	}
	if err := r.renew(ctx); err != nil {
		return false, err
	}
	found, until, err := r.Export.Withdraw(ctx, r.shop, before)
	switch {
	case err != nil || !found:
		return false, err
	case until != nil:
		return false, &wait{*until}
	}
	return true, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = cursorOf(0, &models.Position{At: before, ID: "-"})
		return nil
	})
}

// redacted ends the request.
func (r *run) redacted(ctx context.Context) (bool, error) {
	return false, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		err := tx.DB.Model(&models.Delivery{}).Where("id = ? AND shop_id = ?", row.ID, row.ShopID).Update("body", []byte{}).Error
		if err != nil {
			return fmt.Errorf("empty the request's own body: %w", err)
		}
		return r.end(tx, row, func(e *models.Activity) {
			e.Status, e.Summary = models.Success, "Customer data erased: "+told(row.Counts)
			e.Metadata = withValues(e.Metadata, map[string]any{"erased": row.Counts})
			if n := row.Counts[countRules]; n > 0 {
				code := CodeNamed
				message := fmt.Sprintf("%s of your own %s the customer: rules, saved views or streams. Tagtrail does not change them by itself; look through them.",
					counted(n, "text", "texts"), names(n))
				e.Status, e.ErrorCode, e.ErrorMessage = models.Warning, &code, &message
			}
		})
	})
}

// CodeNamed is why an erasure ends with a warning.
const CodeNamed = "STILL_NAMED"

func names(n int64) string {
	if n == 1 {
		return "names"
	}
	return "name"
}

// words are what may be done, in the order in which people are told.
var words = []struct{ kind, one, many string }{
	{countEntries, "entry", "entries"},
	{countBodies, "webhook body", "webhook bodies"},
	{countSnapshots, "snapshot", "snapshots"},
	{countItems, "operation item", "operation items"},
	{countMessages, "message to a stream", "messages to streams"},
	{countTexts, "other text", "other texts"},
	{countArchived, "archived entry", "archived entries"},
}

// nothingKept is told where nothing was done.
const nothingKept = "nothing was kept"

// told says in words what was done.
func told(counts map[string]int64) string {
	var parts []string
	for _, w := range words {
		if n := counts[w.kind]; n > 0 {
			parts = append(parts, counted(n, w.one, w.many))
		}
	}
	if len(parts) == 0 {
		return nothingKept
	}
	return strings.Join(parts, ", ")
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// withValues adds values to an object; an object that cannot be read is replaced.
func withValues(raw json.RawMessage, values map[string]any) json.RawMessage {
	object := map[string]any{}
	_ = json.Unmarshal(raw, &object) // only our own objects come here
	for name, value := range values {
		object[name] = value
	}
	merged, err := json.Marshal(object)
	if err != nil {
		return raw
	}
	return merged
}

func isLetter(c rune) bool { return isInWord(c) && (c < '0' || c > '9') }
