package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
)

// requestPhases gather what is kept of a person into files that are one after the other, one file of lines at most in
// each step.
func requestPhases() []phase {
	return append(learning(),
		phase{"request", (*run).gatherRequest},
		phase{"entries", (*run).gatherEntries},
		phase{"log", (*run).gatherLog},
		phase{"bodies", (*run).gatherBodies},
		phase{"records", (*run).gatherSnapshots},
		phase{"archive", (*run).gatherArchive},
		phase{"offer", (*run).offer},
	)
}

// lines are what a step has gathered, as lines of JSON.
type lines struct {
	buf  bytes.Buffer
	rows int
}

func (l *lines) add(kind string, value any) error {
	raw, err := json.Marshal(map[string]any{"kind": kind, kind: value})
	if err != nil {
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	l.buf.Write(raw)
	l.buf.WriteByte('\n')
	l.rows++
	return nil
}

// keep writes a step's lines into a file of the store and notes it down with where to go on. A file that is not noted
// down is written over, or removed with the others.
func (r *run) keep(ctx context.Context, l *lines, next *string, counted string) error {
	var part *models.ExportPart
	if l.rows > 0 {
		if err := r.renew(ctx); err != nil {
			return err
		}
		part = &models.ExportPart{Name: fmt.Sprintf("%s%06d", export.Folder(r.row.ShopID, r.row.ID), len(r.row.Parts)+1), Rows: l.rows, Bytes: l.buf.Len()}
		err := r.Files.WriteAll(ctx, part.Name, l.buf.Bytes(), &blob.WriterOptions{ContentType: "application/jsonl; charset=utf-8"})
		if err != nil {
			return fmt.Errorf("write file: %w", err)
		}
	}
	return r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = next
		if part != nil {
			row.Parts = append(row.Parts, *part)
			row.Counts[counted] += int64(part.Rows)
		}
		return nil
	})
}

// gatherRequest begins the file with what it answers.
func (r *run) gatherRequest(ctx context.Context) (bool, error) {
	if r.row.Cursor != nil {
		return false, nil // it was begun
	}
	var l lines
	err := l.add("request", map[string]any{
		"id": r.row.ID, "receivedAt": r.row.ReceivedAt, "answerBy": r.row.ActBy, "customer": r.row.CustomerID, "orders": r.row.OrderIDs,
	})
	if err != nil {
		return false, err
	}
	return true, r.keep(ctx, &l, cursorOf(1, nil), "request")
}

// entryLine is an entry as the file has it.
type entryLine struct {
	ID           string                `json:"id"`
	OccurredAt   time.Time             `json:"occurredAt"`
	Action       string                `json:"action"`
	Status       models.ActivityStatus `json:"status"`
	Summary      string                `json:"summary"`
	Actor        string                `json:"actor"`
	EntityID     *string               `json:"entityId,omitempty"`
	EntityTitle  *string               `json:"entityTitle,omitempty"`
	Changes      []models.FieldChange  `json:"changes,omitempty"`
	Evaluations  []models.Evaluation   `json:"evaluations,omitempty"`
	Metadata     json.RawMessage       `json:"metadata,omitempty"`
	ErrorMessage *string               `json:"errorMessage,omitempty"`
}

func (l *lines) addEntry(e *models.Activity) error {
	return l.add("entry", entryLine{
		e.ID, e.OccurredAt.UTC(), e.Action, e.Status, e.Summary, e.ActorName, e.EntityID, e.EntityTitle, e.Changes, e.Evaluations, e.Metadata, e.ErrorMessage,
	})
}

func (r *run) gatherEntries(ctx context.Context) (bool, error) {
	of, from, err := placeOf(r.row.Cursor)
	records := r.person.records()
	if err != nil || of >= len(records) {
		return false, err
	}
	found, err := r.Activity.About(r.DB.WithContext(ctx), r.row.ShopID, records[of], from, r.batch(textsAtOnce))
	if err != nil {
		return false, err
	}
	var l lines
	next := cursorOf(of+1, nil)
	for i := range found {
		if err := l.addEntry(&found[i]); err != nil {
			return false, err
		}
		next = cursorOf(of, &models.Position{At: found[i].OccurredAt, ID: found[i].ID})
	}
	return true, r.keep(ctx, &l, next, countEntries)
}

// gatherLog gathers the entries that name the person without being about their records.
func (r *run) gatherLog(ctx context.Context) (bool, error) {
	ids, next, err := r.mentions(ctx)
	if err != nil || next == nil {
		return false, err
	}
	var l lines
	for _, id := range ids {
		found, err := r.Activity.Get(ctx, r.row.ShopID, id)
		if err != nil {
			continue // it has left the log meanwhile
		}
		if found.EntityID == nil || !r.isTheirs(*found.EntityID) {
			if err := l.addEntry(&found.Activity); err != nil {
				return false, err
			}
		}
	}
	return true, r.keep(ctx, &l, next, countEntries)
}

func (r *run) isTheirs(id string) bool {
	for _, record := range r.person.records() {
		if record == id {
			return true
		}
	}
	return false
}

func (r *run) gatherBodies(ctx context.Context) (bool, error) {
	rows, next, err := r.bodies(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	var l lines
	for i := range rows {
		raw, err := expand(rows[i].Body)
		if err != nil {
			return false, err
		}
		b := read(rows[i].Topic, raw)
		if b.root == nil || rows[i].ID == r.row.ID || !b.names(r.person, r.marks) {
			continue
		}
		if err := l.add("webhook", map[string]any{"topic": rows[i].Topic, "receivedAt": rows[i].ReceivedAt, "body": json.RawMessage(raw)}); err != nil {
			return false, err
		}
	}
	return true, r.keep(ctx, &l, next, countBodies)
}

func (r *run) gatherSnapshots(ctx context.Context) (bool, error) {
	of, from, err := placeOf(r.row.Cursor)
	records := r.person.records()
	if err != nil || of >= len(records) {
		return false, err
	}
	var found []models.Snapshot
	err = r.DB.WithContext(ctx).Where("shop_id = ? AND resource_id = ?", r.row.ShopID, records[of]).Scopes(behind("created_at", from)).
		Limit(r.batch(textsAtOnce)).Find(&found).Error
	if err != nil {
		return false, fmt.Errorf("read snapshots: %w", err)
	}
	var l lines
	next := cursorOf(of+1, nil)
	for i := range found {
		s := &found[i]
		err := l.add("snapshot", map[string]any{
			"record": s.ResourceID, "title": s.ResourceTitle, "before": s.Before, "after": s.After, "at": s.CreatedAt, "outcome": s.Outcome,
		})
		if err != nil {
			return false, err
		}
		next = cursorOf(of, &models.Position{At: s.CreatedAt, ID: s.ID})
	}
	return true, r.keep(ctx, &l, next, countSnapshots)
}

func (r *run) gatherArchive(ctx context.Context) (bool, error) {
	of, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return false, err
	}
	var last *models.ArchivePart
	if from != nil {
		last = &models.ArchivePart{Day: from.At, Part: of}
	}
	if err := r.renew(ctx); err != nil {
		return false, err
	}
	var l lines
	part, err := r.Retention.Each(ctx, r.shop, last, func(e *models.Activity) error {
		if e.EntityID != nil && r.isTheirs(*e.EntityID) {
			return l.addEntry(e)
		}
		raw, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("read archived entry: %w", err)
		}
		if !r.marks.surely.in(string(raw)) {
			return nil
		}
		return l.addEntry(e)
	})
	if err != nil || part == nil {
		return false, err
	}
	return true, r.keep(ctx, &l, cursorOf(part.Part, &models.Position{At: part.Day, ID: "-"}), countArchived)
}

// offer gives the file to the shop's staff, and says what is to be done with it.
func (r *run) offer(ctx context.Context) (bool, error) {
	return false, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		about := "What is kept of a customer who asked for it"
		file := &models.Export{ID: row.ID, Parts: row.Parts, About: &about}
		if err := r.Export.Offer(tx, r.shop, file); err != nil {
			return err
		}
		by := row.ActBy.Format("2 January 2006")
		if err := r.mailFile(tx, file, by); err != nil {
			return err
		}
		counts := row.Counts
		return r.end(tx, row, func(e *models.Activity) {
			code := activity.CodeHandOver
			message := "A customer asked what is kept of them. Give them the file under Exports by " + by + ". Its link is good for seven days and can be renewed."
			e.Status, e.Summary, e.ErrorCode, e.ErrorMessage = models.Warning, "Customer data gathered: "+told(counts), &code, &message
			e.Metadata = withValues(e.Metadata, map[string]any{"gathered": counts, "exportId": row.ID, "handOverBy": row.ActBy})
		})
	})
}

// mailFile tells the people who are told of things by mail.
func (r *run) mailFile(tx *activity.Tx, file *models.Export, by string) error {
	if len(r.shop.NotifyEmails) == 0 {
		return nil
	}
	letter := &mail.Letter{
		Heading: "A customer asked for their data",
		Paragraphs: []string{
			"Shopify passed on that a customer wants to know what is kept of them. What Tagtrail keeps is in a file. Hand it over to the customer by " + by + ".",
			"Whoever has the link can read the file: do not pass the link on. It is good for seven days; under Exports it can be renewed.",
		},
		Facts:  []mail.Fact{{Name: "Lines", Value: fmt.Sprint(file.Rows)}, {Name: "Hand over by", Value: by}},
		Button: &mail.Button{Text: "Download", URL: r.Export.LinkFor(file, "the mail about it")},
		Why:    "You get this because your address is among those that Tagtrail tells of what happens, under Settings.",
	}
	_, err := r.Notify.Post(tx.DB, r.shop, "data request "+file.ID, r.shop.NotifyEmails, false, "["+r.shop.Name+"] "+letter.Heading, letter)
	return err
}
