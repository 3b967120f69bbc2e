package chain

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// drop is a statement that entries left with their partition, and when it was made.
type drop struct {
	activity.Dropped
	at int64
}

// window is the part of the log between two times, in one snapshot.
type window struct {
	v        *verification
	from, to time.Time
	entries  map[uuid.UUID]*history
}

// window compares what the log has between two times with what the chain says.
func (v *verification) window(ctx context.Context, from, to time.Time) error {
	return models.InRows(ctx, v.DB, func(rows *models.RowReader) error {
		w := &window{v: v, from: from, to: to, entries: map[uuid.UUID]*history{}}
		if err := v.bounds(rows.DB); err != nil { // a server that runs may have trimmed the chain
			return err
		}
		if err := w.readBlocks(rows.DB); err != nil {
			return err
		}
		if err := w.readDrops(rows.DB); err != nil {
			return err
		}
		if err := v.pending(rows.DB, w.take); err != nil {
			return err
		}
		for id, h := range w.entries {
			h.judge(v, id)
		}
		if err := w.readLog(rows); err != nil {
			return err
		}
		w.missing()
		return nil
	})
}

// readBlocks reads the links that blocks about its days have about the window.
func (w *window) readBlocks(tx *gorm.DB) error {
	rows, err := tx.Model(&models.ChainBlock{}).
		Where("shop_id = ? AND day >= ? AND day < ? AND links IS NOT NULL AND first_at < ? AND last_at >= ?", w.v.shop.ID, dayOf(w.from), w.to, w.to, w.from).
		Order("number").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b models.ChainBlock
		if err := tx.ScanRows(rows, &b); err != nil {
			return err
		}
		if !signed(w.v.Key, &b) || !whole(&b) {
			w.v.unsound = true // who looks at the headers tells of it
			continue
		}
		if err := readBlock(&b, w.take); err != nil {
			return err
		}
	}
	return rows.Err()
}

func readBlock(b *models.ChainBlock, each func(at time.Time, l *activity.Link)) error {
	return readBatches(b.Links, func(at time.Time, mark byte, links []byte) error {
		if mark != genuine {
			return nil
		}
		return activity.ReadLinks(links, func(l *activity.Link) error {
			each(at, l)
			return nil
		})
	})
}

// take takes a link into the window's entries, if it is about one.
func (w *window) take(at time.Time, l *activity.Link) {
	if l.Kind == activity.LinkDropped {
		return
	}
	if t := l.At(); t.Before(w.from) || !t.Before(w.to) {
		return
	}
	h := w.entries[l.ID]
	if h == nil {
		h = &history{}
		w.entries[l.ID] = h
	}
	h.steps = append(h.steps, step{l.Kind, l.Before, l.After, at.UnixMicro()})
}

// readDrops reads what left with partitions.
func (w *window) readDrops(tx *gorm.DB) error {
	var blocks []models.ChainBlock
	err := tx.Where("shop_id = ? AND dropped > 0 AND links IS NOT NULL", w.v.shop.ID).Order("number").Find(&blocks).Error
	if err != nil {
		return err
	}
	seen := map[drop]bool{}
	for i := range blocks {
		b := &blocks[i]
		if !signed(w.v.Key, b) || !whole(b) {
			w.v.unsound = true
			continue
		}
		if err := readBlock(b, func(at time.Time, l *activity.Link) { w.v.drop(at, l, seen) }); err != nil {
			return err
		}
	}
	return w.v.pending(tx, func(at time.Time, l *activity.Link) { w.v.drop(at, l, seen) })
}

// drop takes what the chain says about a partition that was dropped. seen is what it said up to there.
func (v *verification) drop(at time.Time, l *activity.Link, seen map[drop]bool) {
	if l.Kind != activity.LinkDropped {
		return
	}
	d := drop{l.Dropped, at.UnixMicro()}
	if _, known := v.drops[d]; !known {
		v.drops[d] = l.Dropped.Count
		v.report.Left += l.Dropped.Count
	}
	if seen[d] && !v.repeated[d] {
		v.repeated[d] = true
		v.found(Repeated, l.Dropped.From, "", "the chain says twice that the entries of a partition left: a link was put in again")
	}
	seen[d] = true
}

// pending reads the links that wait for a block, in order.
func (v *verification) pending(tx *gorm.DB, each func(at time.Time, l *activity.Link)) error {
	var rows []models.ChainPending
	if err := tx.Where("shop_id = ?", v.shop.ID).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		p := &rows[i]
		if !v.Key.Genuine(p) {
			if !v.forged[string(p.MAC)] {
				v.forged[string(p.MAC)] = true
				v.found(Forged, p.At.UTC(), "", "links that Tagtrail did not make wait to get into the chain")
			}
			continue
		}
		err := activity.ReadLinks(p.Links, func(l *activity.Link) error {
			each(p.At, l)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readLog holds each entry of the window against what the chain says of it.
func (w *window) readLog(rows *models.RowReader) error {
	query := "SELECT " + strings.Join(activity.DigestColumns(), ", ") + " FROM activities WHERE shop_id = ? AND occurred_at >= ? AND occurred_at < ?"
	return rows.Rows(query, []any{w.v.shop.ID, w.from, w.to}, func(cells [][]byte) error {
		w.entry(cells)
		return nil
	})
}

// The places of columns among the cells.
const (
	cellID = 0
	cellAt = 2
)

func (w *window) entry(cells [][]byte) {
	v := w.v
	v.report.Entries++
	at, err := time.Parse(time.RFC3339Nano, string(cells[cellAt]))
	if err == nil && (v.report.From.IsZero() || at.Before(v.report.From)) {
		v.report.From = at
	}
	if at.After(v.report.To) {
		v.report.To = at
	}
	id, err := uuid.ParseBytes(cells[cellID])
	if err != nil {
		v.found(PutIn, at, string(cells[cellID]), "it was put in, or changed: its id is none")
		return
	}
	h := w.entries[id]
	switch {
	case h != nil:
		h.compare(v, id, v.Key.DigestCells(cells))
	case at.Before(v.covers):
		v.report.NotCovered++
	default:
		v.found(PutIn, at, id.String(), "it was put in: the chain does not know it")
	}
}

// missing tells of the entries that the chain has and the log has not.
func (w *window) missing() {
	ids := make([]uuid.UUID, 0)
	for id, h := range w.entries {
		if len(h.live) > 0 && !h.seen {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range ids {
		l := activity.Link{ID: id}
		if !w.v.excuse(l.At()) {
			w.v.foundEntry(Removed, id, "it was removed")
		}
	}
}

// excuse accounts for a missing entry by a partition that was dropped, the one that ends first.
func (v *verification) excuse(at time.Time) bool {
	var best drop
	for d, left := range v.drops {
		if left > 0 && !at.Before(d.From) && at.Before(d.To) && (best.To.IsZero() || d.To.Before(best.To)) {
			best = d
		}
	}
	if best.To.IsZero() {
		return false
	}
	v.drops[best]--
	return true
}
