package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
)

const (
	// bulkLines is how many records one bulk mutation changes, and bulksAtOnce how many of Shopify's five an operation
	// takes: one is left to others.
	bulkLines   = 10_000
	bulksAtOnce = 4
	// bulkTries is how many bulk operations may fail before the rest is done by single calls.
	bulkTries = 3
	// bulkPart is how many lines are kept in one transaction.
	bulkPart = 500
	// pollFirst and pollLast are the pauses between looking how far a bulk operation is. Its webhook comes sooner.
	pollFirst = 2 * time.Second
	pollLast  = 15 * time.Second
	// startLost is how long an unanswered start may take to be seen among Shopify's bulk operations.
	startLost = 10 * time.Second
)

const waitsForBulk = "Shopify's bulk operation"

func (s *Service) bulkSize() int {
	if s.BulkLines > 0 {
		return s.BulkLines
	}
	return bulkLines
}

// bulks returns the operation's bulk operations that are not over.
func (r *run) bulks(ctx context.Context) ([]*models.OperationBulk, error) {
	var rows []*models.OperationBulk
	err := r.DB.WithContext(ctx).
		Where("operation_id = ? AND shop_id = ? AND status NOT IN ?", r.op.ID, r.shop.ID, []models.BulkStatus{models.BulkDone, models.BulkLost}).
		Order("created_at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load bulk operations: %w", err)
	}
	return rows, nil
}

// applyBulk does the next step of the operation's bulk mutations. It reports whether there was something to do or to
// wait for; if not, what is left is done by single calls.
func (r *run) applyBulk(ctx context.Context) (bool, error) {
	rows, err := r.bulks(ctx)
	if err != nil {
		return true, err
	}
	filling := false
	for _, b := range rows {
		if b.Status == models.BulkFilling {
			filling = true
			continue
		}
		if b.Status == models.BulkRunning && b.Polls > 0 && b.PolledAt != nil && time.Now().Before(b.PolledAt.Add(pollPause(b.Polls))) && !r.woken(b) {
			continue
		}
		moved, err := r.step(ctx, b)
		if err != nil || moved {
			return true, err
		}
	}
	if filling || len(rows) < bulksAtOnce {
		moved, err := r.fill(ctx, rows)
		if err != nil || moved {
			return true, err
		}
	}
	if len(rows) == 0 {
		return false, nil
	}
	return true, &Wait{At: r.nextPoll(rows), Reason: waitsForBulk}
}

// woken reports whether a webhook has told that the bulk operation is over.
func (r *run) woken(b *models.OperationBulk) bool { return b.FinishedAt != nil }

func pollPause(polls int) time.Duration {
	pause := pollFirst
	for range polls - 1 {
		pause = min(pause*3/2, pollLast)
	}
	return pause
}

// nextPoll is when the first of the bulk operations is to be looked at.
func (r *run) nextPoll(rows []*models.OperationBulk) time.Time {
	next := models.Now().Add(pollLast)
	for _, b := range rows {
		at := models.Now().Add(pollFirst)
		if b.PolledAt != nil {
			at = b.PolledAt.Add(pollPause(max(b.Polls, 1)))
		}
		if at.Before(next) {
			next = at
		}
	}
	return next
}

// step does what is next for one bulk operation, and reports whether that was anything but waiting.
func (r *run) step(ctx context.Context, b *models.OperationBulk) (bool, error) {
	switch b.Status {
	case models.BulkPlanned:
		return true, r.startBulk(ctx, b)
	case models.BulkStarting:
		return r.findBulk(ctx, b)
	case models.BulkRunning:
		return r.poll(ctx, b)
	case models.BulkReading:
		return true, r.readResult(ctx, b)
	case models.BulkFilling, models.BulkDone, models.BulkLost:
	}
	return false, nil
}

// saveBulk keeps a bulk operation's row.
func saveBulk(tx *gorm.DB, b *models.OperationBulk) error {
	err := tx.Model(&models.OperationBulk{}).Where("id = ?", b.ID).
		Select("Status", "GID", "Lines", "LinesRead", "StagedPath", "BeganAt", "EndedAt", "Polls", "PolledAt", "ErrorCode", "FinishedAt").
		Updates(b).Error
	if err != nil {
		return fmt.Errorf("save bulk operation: %w", err)
	}
	return nil
}

// keepBulk keeps a bulk operation's row in a transaction of its own.
func (r *run) keepBulk(ctx context.Context, b *models.OperationBulk) error {
	return r.commit(ctx, func(tx *activity.Tx) error { return saveBulk(tx.DB, b) })
}

// startBulk uploads the file and starts the mutation; or it starts the query.
func (r *run) startBulk(ctx context.Context, b *models.OperationBulk) error {
	if b.Step != models.BulkCollect && b.StagedPath == nil {
		path, err := r.upload(ctx, b)
		if err != nil {
			return r.bulkTrouble(ctx, b, err)
		}
		b.StagedPath = &path
		if err := r.keepBulk(ctx, b); err != nil {
			return err
		}
	}
	now := models.Now()
	b.Status, b.PolledAt = models.BulkStarting, &now
	if err := r.keepBulk(ctx, b); err != nil {
		return err
	}
	var bulk *shopify.Bulk
	err := r.patient(ctx, func() error {
		var cost shopify.Cost
		var err error
		if b.Step == models.BulkCollect {
			query := ""
			if r.in.Selection.Query != nil {
				query = *r.in.Selection.Query
			}
			bulk, cost, err = r.client.BulkQueryTags(ctx, KindName(r.op.Resource), query)
		} else {
			bulk, cost, err = r.client.BulkTags(ctx, b.Step == models.BulkAdd, *b.StagedPath, b.ID)
		}
		r.op.Cost += cost.Actual
		return err
	})
	switch {
	case err == nil:
		return r.began(ctx, b, bulk)
	case certainlyNotDone(err) || refused(err):
		return r.bulkTrouble(ctx, b, err)
	}
	return err // it may have begun: the next task looks for it
}

// began keeps which of Shopify's bulk operations it is.
func (r *run) began(ctx context.Context, b *models.OperationBulk, bulk *shopify.Bulk) error {
	at := bulk.CreatedAt
	now := models.Now()
	b.Status, b.GID, b.BeganAt = models.BulkRunning, &bulk.ID, &at
	b.Polls, b.PolledAt = 0, &now
	r.moved = true
	r.op.Attempts = 0
	return r.keepBulk(ctx, b)
}

// bulkTrouble keeps what became of a start that did not come about: it waits, is tried with another upload, or is left
// to single calls.
func (r *run) bulkTrouble(ctx context.Context, b *models.OperationBulk, cause error) error {
	e, asked := errors.AsType[*shopify.Error](cause)
	b.Status = models.BulkPlanned
	if !asked || !refused(cause) || b.Step == models.BulkCollect || e.Kind == shopify.AccessDenied {
		if err := r.keepBulk(ctx, b); err != nil {
			return err
		}
		return cause
	}
	b.StagedPath = nil
	if b.Polls++; b.Polls < bulkTries {
		return r.keepBulk(ctx, b)
	}
	r.op.Bulk = false
	return r.release(ctx, b, models.BulkLost)
}

// findBulk looks for a bulk operation whose start was not answered. A query is started again: nothing is changed by it.
func (r *run) findBulk(ctx context.Context, b *models.OperationBulk) (bool, error) {
	if b.Step == models.BulkCollect {
		b.Status = models.BulkPlanned
		return true, r.keepBulk(ctx, b)
	}
	found, cost, err := r.client.Bulks(ctx, true, b.CreatedAt.Add(-sentLately))
	r.op.Cost += cost.Actual
	if err != nil {
		return true, err
	}
	for _, bulk := range found {
		if bulk.ClientIdentifier == b.ID {
			return true, r.began(ctx, b, bulk)
		}
	}
	if lost := b.PolledAt.Add(startLost); models.Now().Before(lost) {
		return true, &Wait{At: lost, Reason: waitsForBulk}
	}
	b.Status = models.BulkPlanned
	return true, r.keepBulk(ctx, b)
}

// poll asks how far a bulk operation is. It reports whether that is over.
func (r *run) poll(ctx context.Context, b *models.OperationBulk) (bool, error) {
	bulk, cost, err := r.client.Bulk(ctx, *b.GID)
	r.op.Cost += cost.Actual
	if shopify.KindOf(err) == shopify.Gone {
		now := models.Now()
		b.EndedAt = &now
		return true, r.release(ctx, b, models.BulkLost)
	}
	if err != nil {
		return true, err
	}
	now := models.Now()
	b.Polls++
	b.PolledAt, b.FinishedAt = &now, nil
	if bulk.Ended() {
		r.ended(b, bulk)
	}
	return bulk.Ended(), r.keepBulk(ctx, b)
}

func (r *run) ended(b *models.OperationBulk, bulk *shopify.Bulk) {
	now := models.Now()
	b.Status, b.EndedAt = models.BulkReading, &now
	if bulk.CompletedAt != nil {
		b.EndedAt = bulk.CompletedAt
	}
	if bulk.Status != shopify.BulkCompleted {
		code := string(bulk.Status)
		if bulk.ErrorCode != "" {
			code = bulk.ErrorCode
		}
		b.ErrorCode = &code
	}
}

// release ends a bulk operation. Its items that have not been settled are looked at one by one: they may have been done.
func (r *run) release(ctx context.Context, b *models.OperationBulk, status models.BulkStatus) error {
	now := models.Now()
	b.Status, b.FinishedAt = status, &now
	// Until then Shopify may have changed them.
	sent := now
	if b.EndedAt != nil {
		sent = *b.EndedAt
	}
	return r.commit(ctx, func(tx *activity.Tx) error {
		items := tx.DB.Model(&models.Snapshot{}).Where("shop_id = ? AND bulk_id = ? AND outcome = ?", r.shop.ID, b.ID, models.SnapshotPending)
		if err := items.Updates(map[string]any{"bulk_id": nil, "sent_at": sent}).Error; err != nil {
			return fmt.Errorf("release items: %w", err)
		}
		return saveBulk(tx.DB, b)
	})
}

// stopBulk cancels what runs at Shopify and reads what it did. It reports whether that is still under way.
func (r *run) stopBulk(ctx context.Context) (bool, error) {
	rows, err := r.bulks(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	var waits []*models.OperationBulk
	for _, b := range rows {
		switch {
		case b.Step == models.BulkCollect && b.Status != models.BulkRunning, b.Status == models.BulkFilling, b.Status == models.BulkPlanned:
			return true, r.unsent(ctx, b)
		case b.Status == models.BulkStarting, b.Status == models.BulkReading:
			_, err := r.step(ctx, b)
			return true, err
		}
		bulk, cost, err := r.client.BulkCancel(ctx, *b.GID)
		r.op.Cost += cost.Actual
		if err != nil && shopify.KindOf(err) != shopify.UserError {
			return true, err
		}
		if b.Step == models.BulkCollect {
			return true, r.unsent(ctx, b)
		}
		if bulk != nil && bulk.Ended() {
			r.ended(b, bulk)
			return true, r.keepBulk(ctx, b)
		}
		if over, err := r.poll(ctx, b); err != nil || over {
			return true, err
		}
		waits = append(waits, b)
	}
	return true, &Wait{At: r.nextPoll(waits), Reason: waitsForBulk}
}

// unsent ends a bulk operation of which nothing was sent that could change anything.
func (r *run) unsent(ctx context.Context, b *models.OperationBulk) error {
	now := models.Now()
	b.Status, b.FinishedAt = models.BulkLost, &now
	return r.commit(ctx, func(tx *activity.Tx) error {
		items := tx.DB.Model(&models.Snapshot{}).Where("shop_id = ? AND bulk_id = ? AND outcome = ?", r.shop.ID, b.ID, models.SnapshotPending)
		if err := items.Updates(map[string]any{"bulk_id": nil, "sent_at": nil}).Error; err != nil {
			return fmt.Errorf("release items: %w", err)
		}
		return saveBulk(tx.DB, b)
	})
}

// BulkFinished looks at an operation at once whose bulk operation at Shopify is over, as a webhook has told.
func (s *Service) BulkFinished(ctx context.Context, shop *models.Shop, gid string) error {
	var b models.OperationBulk
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND gid = ? AND status = ?", shop.ID, gid, models.BulkRunning).Take(&b).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load bulk operation: %w", err)
	}
	now := models.Now()
	err = s.DB.WithContext(ctx).Model(&models.OperationBulk{}).Where("id = ? AND status = ?", b.ID, models.BulkRunning).Update("finished_at", now).Error
	if err != nil {
		return fmt.Errorf("save bulk operation: %w", err)
	}
	var op models.Operation
	res := s.DB.WithContext(ctx).Model(&models.Operation{}).
		Where("shop_id = ? AND id = ? AND finished_at IS NULL AND NOT working", shop.ID, b.OperationID).Update("due_at", now)
	if res.Error != nil {
		return fmt.Errorf("make operation due: %w", res.Error)
	}
	if err := s.DB.WithContext(ctx).Omit("file").Where("id = ?", b.OperationID).Take(&op).Error; err != nil {
		return fmt.Errorf("load operation: %w", err)
	}
	s.nudgeOperation(&op, time.Time{})
	return nil
}
