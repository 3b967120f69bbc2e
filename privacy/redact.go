package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/retention"
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
