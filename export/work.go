package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

const (
	// taskTime is how long one task writes; the next one goes on. It ends well before the queue ends it.
	taskTime = 15 * time.Second
	// lease is when a task counts as lost with its worker. It is longer than a task may take.
	lease = 40 * time.Second
	// publishEvery is how often at most watchers are told, and lookEvery how many rows go by before the clock is looked at.
	publishEvery = 250 * time.Millisecond
	lookEvery    = 1024
	sweepLimit   = 200
	goodbye      = 5 * time.Second
)

// waits are the pauses after failures in a row. One more failure ends the export.
var waits = []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute}

// errLost says that the lease ended and another worker has the export, or that it was cancelled.
var errLost = errors.New("another worker has the export, or it was cancelled")

// run is one task's work on an export.
type run struct {
	*Service
	shop   *models.Shop
	row    *models.Export
	filter activity.Filter
	// until is when the part ends; zero is with the file.
	until     time.Time
	published time.Time
}

// WorkOn writes the next part of an export. One that is over, or that another worker has, is left alone.
func (s *Service) WorkOn(ctx context.Context, id string) error {
	now := models.Now()
	r, err := s.claim(ctx, id, func(db *gorm.DB) *gorm.DB { return db.Where("due_at <= ?", now) })
	if err != nil || r == nil {
		return err
	}
	r.until = now.Add(taskTime)
	return r.settle(ctx, r.part(ctx, nil))
}

// claim takes an export for this task, or returns nil where somebody else has it. free says when it may be taken.
func (s *Service) claim(ctx context.Context, id string, free func(*gorm.DB) *gorm.DB) (*run, error) {
	r := &run{Service: s, row: &models.Export{}, shop: &models.Shop{}}
	err := s.DB.WithContext(ctx).Scopes(free).Where("id = ? AND finished_at IS NULL", id).Take(r.row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load export: %w", err)
	}
	if err := s.DB.WithContext(ctx).Where("id = ?", r.row.ShopID).Take(r.shop).Error; err != nil {
		return nil, fmt.Errorf("load shop: %w", err)
	}
	if err := json.Unmarshal(r.row.Filter, &r.filter); err != nil {
		return nil, fmt.Errorf("read filter of export: %w", err)
	}
	first := r.row.Status == models.ExportQueued
	// What a lost task has told of is not in the parts.
	r.row.Rows, r.row.Bytes = 0, 0
	for _, p := range r.row.Parts {
		r.row.Rows += p.Rows
		r.row.Bytes += p.Bytes
	}
	now := models.Now()
	r.row.Status, r.row.Working, r.row.Kept, r.row.DueAt = models.ExportRunning, true, true, now.Add(lease)
	if r.row.StartedAt == nil {
		r.row.StartedAt = &now
	}
	r.row.Steps++
	err = s.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		res := tx.DB.Model(&models.Export{}).Scopes(free).
			Where("id = ? AND finished_at IS NULL AND steps = ?", id, r.row.Steps-1).
			Select("Status", "Working", "Kept", "DueAt", "StartedAt", "Steps", "Rows", "Bytes").Updates(r.row)
		if res.Error != nil {
			return fmt.Errorf("claim export: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return errLost
		}
		if !first {
			return nil
		}
		return r.tell(tx, "", func(e *models.Activity) { e.Status = models.InProgress })
	})
	if errors.Is(err, errLost) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.tellWatchers(true)
	return r, nil
}

// tell changes the export's own entry, unless it has left the log.
func (r *run) tell(tx *activity.Tx, note string, change func(*models.Activity)) error {
	known, err := tx.Exists(r.row.ID)
	if err != nil || !known {
		return err
	}
	return tx.Update(r.row.ID, note, change)
}

// part writes the next part of the file. It appears in the store whole or not at all, and belongs to the export only
// once the row says so. also gets the same bytes.
func (r *run) part(ctx context.Context, also io.Writer) error {
	writing, giveUp := context.WithCancel(ctx)
	defer giveUp()
	name := fmt.Sprintf("%s%06d", folder(r.row), r.row.Steps)
	file, err := r.Files.NewWriter(writing, name, &blob.WriterOptions{ContentType: contentType(r.row.Format)})
	if err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	to := io.Writer(file)
	if also != nil {
		to = io.MultiWriter(also, file)
	}
	w := newWriter(r.row, to, len(r.row.Parts) == 0)
	whole, err := r.fill(ctx, w)
	if err == nil && w.bytes == 0 {
		err = errNothing
	}
	if err != nil {
		giveUp()
		_ = file.Close() // it has left nothing
		if errors.Is(err, errNothing) {
			return r.keep(ctx, nil, true)
		}
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("end file: %w", err)
	}
	err = r.keep(ctx, &models.ExportPart{Name: name, Rows: w.rows, Bytes: w.bytes}, whole)
	if errors.Is(err, errLost) {
		_ = r.Files.Delete(context.WithoutCancel(ctx), name) // what stays is taken away with the export's other files
	}
	return err
}

// errNothing says that there is nothing left to write.
var errNothing = errors.New("nothing is left to write")

// fill writes rows until the time of the part is over, and reports whether that was all.
func (r *run) fill(ctx context.Context, w *writer) (whole bool, err error) {
	reading := activity.Reading{Filter: &r.filter, AsOf: r.row.CreatedAt, Columns: w.columns}
	if r.row.CursorAt != nil {
		reading.After = &models.Position{At: *r.row.CursorAt, ID: *r.row.CursorID}
	}
	whole = true
	err = r.Activity.Read(ctx, r.shop, reading, func(row *activity.Row) error {
		if err := w.write(row.Cells); err != nil {
			return err
		}
		over := r.PartRows > 0 && w.rows >= r.PartRows && !r.until.IsZero()
		if w.rows%lookEvery == 0 {
			over = over || !r.until.IsZero() && time.Now().After(r.until)
			if err := r.progress(ctx, w.rows); err != nil {
				return err
			}
		}
		if !over {
			return nil
		}
		last, err := row.Position()
		if err != nil {
			return err
		}
		whole, r.row.CursorAt, r.row.CursorID = false, &last.At, &last.ID
		return activity.ErrEnough
	})
	if err != nil {
		return false, err
	}
	return whole, w.flush()
}

// progress tells how many rows are written, not more often than watchers can take it in, and learns whether to go on.
func (r *run) progress(ctx context.Context, rows int) error {
	if time.Since(r.published) < publishEvery {
		return nil
	}
	res := r.mine(r.DB.WithContext(ctx)).Updates(map[string]any{"rows": r.row.Rows + rows, "due_at": models.Now().Add(lease)})
	if res.Error != nil {
		return fmt.Errorf("save export: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errLost
	}
	r.tellWatchers(true)
	return nil
}

// mine is the row while it is this task's.
func (r *run) mine(db *gorm.DB) *gorm.DB {
	return db.Model(&models.Export{}).
		Where("id = ? AND shop_id = ? AND steps = ? AND status = ?", r.row.ID, r.row.ShopID, r.row.Steps, models.ExportRunning)
}

func (r *run) tellWatchers(now bool) {
	if now || time.Since(r.published) >= publishEvery {
		r.published = time.Now()
		r.publish(r.row)
	}
}

// keep makes a part one of the export's, and ends the export with the last one.
func (r *run) keep(ctx context.Context, part *models.ExportPart, whole bool) error {
	now := models.Now()
	if part != nil {
		r.row.Parts = append(r.row.Parts, *part)
		r.row.Rows += part.Rows
		r.row.Bytes += part.Bytes
	}
	r.row.Working, r.row.Attempts, r.row.DueAt = false, 0, now
	if whole {
		expires := now.Add(linkLife)
		r.row.Status, r.row.FinishedAt, r.row.ExpiresAt = models.ExportCompleted, &now, &expires
		r.row.TotalRows = &r.row.Rows
	}
	err := r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		res := r.mine(tx.DB).Select("Status", "Parts", "Rows", "Bytes", "TotalRows", "CursorAt", "CursorID", "Working", "Attempts",
			"DueAt", "FinishedAt", "ExpiresAt").Updates(r.row)
		if res.Error != nil {
			return fmt.Errorf("save export: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return errLost
		}
		if !whole {
			return nil
		}
		if err := r.tell(tx, "", func(e *models.Activity) {
			e.Status = models.Success
			e.Summary = fmt.Sprintf("Exported %s of the log as %s: %s", entries(r.row.Rows), formatName(r.row.Format), selected(r.row.Filter, r.shop.Zone()))
			e.Metadata = withCounts(e.Metadata, r.row)
		}); err != nil {
			return err
		}
		return r.mailLink(tx)
	})
	if err != nil {
		return err
	}
	r.tellWatchers(true)
	if !whole {
		r.nudge(r.row, time.Time{})
	}
	return nil
}

// withCounts adds what came of it to the entry's details.
func withCounts(metadata json.RawMessage, row *models.Export) json.RawMessage {
	values := map[string]any{}
	if json.Unmarshal(metadata, &values) != nil {
		return metadata
	}
	values["recordsProcessed"], values["bytes"] = row.Rows, row.Bytes
	if row.StartedAt != nil && row.FinishedAt != nil {
		values["durationMs"] = row.FinishedAt.Sub(*row.StartedAt).Milliseconds()
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return metadata
	}
	return raw
}

// settle keeps what went wrong, and when another task may try it again.
func (r *run) settle(ctx context.Context, cause error) error {
	if cause == nil || errors.Is(cause, errLost) {
		return nil
	}
	stopped := errors.Is(cause, context.Canceled)
	// It is kept also when the task's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	wrong, refused := fault.As(cause)
	if refused && wrong.Code == fault.Invalid {
		return r.fail(ctx, string(wrong.Code), wrong.Message)
	}
	if !stopped && r.row.Attempts >= len(waits) {
		return errors.Join(r.fail(ctx, "EXPORT", "The file could not be written. Try again later; if it stays so, ask whoever runs the server to look at FILES_URL."), cause)
	}
	at := models.Now()
	changes := map[string]any{"working": false, "rows": r.row.Rows}
	if !stopped {
		at = at.Add(waits[r.row.Attempts])
		changes["attempts"] = r.row.Attempts + 1
	}
	changes["due_at"] = at
	if err := r.mine(r.DB.WithContext(ctx)).Updates(changes).Error; err != nil {
		return errors.Join(cause, fmt.Errorf("save export: %w", err))
	}
	r.nudge(r.row, at)
	if stopped {
		return nil
	}
	return cause
}

// fail ends the export without a file.
func (r *run) fail(ctx context.Context, code, message string) error {
	err := r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		now := models.Now()
		res := r.mine(tx.DB).Updates(map[string]any{
			"status": models.ExportFailed, "error_code": code, "error_message": message, "finished_at": now, "working": false, "due_at": now,
		})
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		return r.tell(tx, "", func(e *models.Activity) {
			e.Status, e.ErrorCode, e.ErrorMessage, e.Attempts = models.Failed, &code, &message, r.row.Attempts+1
		})
	})
	if err != nil {
		return fmt.Errorf("fail export: %w", err)
	}
	r.tellWatchers(true)
	return nil
}

// Sweep nudges the workers about every export that is due, whose nudge may be lost.
func (s *Service) Sweep(ctx context.Context) error {
	var due []models.Export
	err := s.DB.WithContext(ctx).Select("id", "shop_id", "steps").Where("finished_at IS NULL AND due_at <= ?", models.Now()).
		Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find exports that are due: %w", err)
	}
	for i := range due {
		s.nudge(&due[i], time.Time{})
	}
	return nil
}

// Reclaim makes the exports due that were worked on when this process stopped. Only a process that works alone may say
// so.
func (s *Service) Reclaim(ctx context.Context) error {
	err := s.DB.WithContext(ctx).Model(&models.Export{}).Where("finished_at IS NULL AND working").
		Updates(map[string]any{"due_at": models.Now(), "working": false}).Error
	if err != nil {
		return fmt.Errorf("reclaim exports: %w", err)
	}
	return nil
}

// folder is where the parts of an export are, and nothing else.
func folder(row *models.Export) string { return fmt.Sprintf("exports/%d/%s/", row.ShopID, row.ID) }

func contentType(format models.ExportFormat) string {
	if format == models.ExportJSONL {
		return "application/jsonl; charset=utf-8"
	}
	return "text/csv; charset=utf-8"
}
