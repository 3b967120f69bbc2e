package change

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Cancel stops an operation. What is written already stays, and can be taken back.
func (s *Service) Cancel(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*Operation, error) {
	if _, err := s.row(ctx, shop, id); err != nil {
		return nil, err
	}
	var op models.Operation
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		now := models.Now()
		res := tx.DB.Model(&models.Operation{}).
			Where("shop_id = ? AND id = ? AND status IN ?", shop.ID, id, []models.OperationStatus{
				models.OperationQueued, models.OperationCollecting, models.OperationRunning,
			}).
			Updates(map[string]any{
				"status": models.OperationCancelling,
				// A task that is at it sees it by itself.
				"due_at": gorm.Expr("CASE WHEN working THEN due_at ELSE ? END", now),
			})
		if res.Error != nil {
			return fmt.Errorf("cancel operation: %w", res.Error)
		}
		if err := tx.DB.Omit("file").Where("shop_id = ? AND id = ?", shop.ID, id).Take(&op).Error; err != nil {
			return fmt.Errorf("load operation: %w", err)
		}
		if res.RowsAffected == 0 {
			if op.Status == models.OperationCancelling {
				return fault.New(fault.Invalid, "It is being stopped already.")
			}
			return fault.New(fault.Invalid, "It has ended already, so there is nothing to stop.")
		}
		known, err := tx.Exists(id)
		if err != nil || !known {
			return err
		}
		return tx.Update(id, "Stopped by "+actor.Name, func(*models.Activity) {})
	})
	if err != nil {
		return nil, err
	}
	s.Live.Publish(shop.ID, live.Message{Kind: Kind, ID: id})
	s.nudgeOperation(&op, time.Time{})
	return s.Get(ctx, shop, id)
}

// stop brings a cancelled operation to its end: what was sent is looked at, what was not is left.
func (r *run) stop(ctx context.Context) error {
	if waits, err := r.stopBulk(ctx); waits || err != nil {
		return err
	}
	items, err := r.next(ctx, func(q *gorm.DB) *gorm.DB {
		return q.Where("sent_at IS NOT NULL OR added <> '[]' OR removed <> '[]'")
	})
	if err != nil {
		return err
	}
	if len(items) > 0 {
		return r.batch(ctx, items, true)
	}
	if r.left || r.after != "" {
		return r.nextRound(ctx)
	}
	if r.op.Pending > 0 {
		return r.skipRest(ctx)
	}
	return r.end(ctx)
}

// restAtOnce is how many items that nothing was done about are settled in one statement.
const restAtOnce = 10_000

const wordsSkipped = "It was not tried: the operation was stopped before."

// skipRest settles items that were not tried.
func (r *run) skipRest(ctx context.Context) error {
	return r.settleRest(ctx, models.SnapshotSkipped, &r.op.Skipped, activity.CodeOperationCancelled, wordsSkipped)
}

// settleRest settles the items that are still pending, as many as go into one transaction.
func (r *run) settleRest(ctx context.Context, outcome models.SnapshotOutcome, count *int, code, message string) error {
	return r.commit(ctx, func(tx *activity.Tx) error {
		some := tx.DB.Model(&models.Snapshot{}).Select("id").
			Where("shop_id = ? AND cause_id = ? AND outcome = ?", r.shop.ID, r.op.ID, models.SnapshotPending).
			Order("id").Limit(restAtOnce)
		res := tx.DB.Model(&models.Snapshot{}).Where("shop_id = ? AND id IN (?)", r.shop.ID, some).
			Updates(map[string]any{"outcome": outcome, "error_code": code, "error_message": message, "finished_at": models.Now()})
		if res.Error != nil {
			return fmt.Errorf("settle items: %w", res.Error)
		}
		r.op.Pending -= int(res.RowsAffected)
		*count += int(res.RowsAffected)
		r.moved = true
		return r.save(tx.DB)
	})
}

// failOpen settles what an operation that cannot go on has left. What was sent and never answered may have been done:
// tags that it was to take off are claimed, so that a revert puts them back if they are gone.
func (r *run) failOpen(ctx context.Context, code, message string) error {
	for {
		r.after = ""
		items, err := r.next(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("sent_at IS NOT NULL") })
		if err != nil {
			return err
		}
		if len(items) == 0 {
			break
		}
		rows := make([]*models.Snapshot, len(items))
		for i := range items {
			p := &items[i]
			effect{removed: p.Removes.Without(p.Adds...)}.foldInto(p)
			fail(p, code, message)
			rows[i] = p
		}
		r.count(rows)
		if err := r.commit(ctx, func(tx *activity.Tx) error { return upsertItems(tx, rows) }); err != nil {
			return err
		}
	}
	for r.op.Pending > 0 {
		if err := r.settleRest(ctx, models.SnapshotFailed, &r.op.Failed, code, message); err != nil {
			return err
		}
	}
	return nil
}

// Retry tries again what failed of an operation that has ended, and what was not tried of one that was stopped.
func (s *Service) Retry(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*Operation, error) {
	if err := installed(shop); err != nil {
		return nil, err
	}
	row, err := s.row(ctx, shop, id)
	if err != nil {
		return nil, err
	}
	if err := mayTryAgain(shop, row); err != nil {
		return nil, err
	}
	causes, err := s.causes(ctx, shop.ID, id)
	if err != nil {
		return nil, err
	}
	var op models.Operation
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := s.reopen(tx, shop, row, &op); err != nil {
			return err
		}
		known, err := tx.Exists(id)
		if err != nil || !known {
			return err
		}
		return tx.Update(id, retryNote(actor, row, causes), func(e *models.Activity) {
			e.Status, e.ErrorCode, e.ErrorMessage = models.InProgress, nil, nil
		})
	})
	if err != nil {
		return nil, err
	}
	s.Live.Publish(shop.ID, live.Message{Kind: Kind, ID: id})
	s.nudgeOperation(&op, time.Time{})
	return s.Get(ctx, shop, id)
}

func mayTryAgain(shop *models.Shop, row *models.Operation) error {
	switch {
	case !row.Status.Ended():
		return fault.New(fault.Invalid, "It still runs. Wait until it has ended.")
	case toRetry(row) == 0:
		return fault.New(fault.Invalid, "Nothing of it failed, so there is nothing to try again.")
	case row.Kind == models.Revert && shop.Plan != models.PlanPro:
		return fault.Problems([]fault.Problem{*planProblem(shop)})
	}
	return nil
}

// reopen makes the items due again, if nobody else was faster.
func (s *Service) reopen(tx *activity.Tx, shop *models.Shop, row, op *models.Operation) error {
	outcomes := []models.SnapshotOutcome{models.SnapshotFailed}
	if row.Status == models.OperationCancelled {
		outcomes = append(outcomes, models.SnapshotSkipped)
	}
	now := models.Now()
	status := models.OperationRunning
	if row.Cursor != nil {
		status = models.OperationCollecting // it was ended before all its records were read
	}
	res := tx.DB.Model(&models.Operation{}).Where("shop_id = ? AND id = ? AND steps = ? AND finished_at IS NOT NULL", shop.ID, row.ID, row.Steps).
		Updates(map[string]any{
			"status": status, "finished_at": nil, "steps": gorm.Expr("steps + 1"), "due_at": now, "working": false,
			"attempts": 0, "error_code": nil, "error_message": nil, "pace_from": nil, "pace_done": 0,
		})
	if res.Error != nil {
		return fmt.Errorf("open operation again: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Invalid, "Somebody else is trying it again already.")
	}
	var moved int
	for _, outcome := range outcomes {
		items := tx.DB.Model(&models.Snapshot{}).
			Where("shop_id = ? AND cause_id = ? AND outcome = ?", shop.ID, row.ID, outcome).
			Updates(map[string]any{
				"outcome": models.SnapshotPending, "error_code": nil, "error_message": nil, "finished_at": nil,
				"attempts": gorm.Expr("attempts + 1"),
			})
		if items.Error != nil {
			return fmt.Errorf("open items again: %w", items.Error)
		}
		n := int(items.RowsAffected)
		moved += n
		column := "failed"
		if outcome == models.SnapshotSkipped {
			column = "skipped"
		}
		err := tx.DB.Model(&models.Operation{}).Where("id = ?", row.ID).
			Updates(map[string]any{column: gorm.Expr(column+" - ?", n), "pending": gorm.Expr("pending + ?", n)}).Error
		if err != nil {
			return fmt.Errorf("count items: %w", err)
		}
	}
	if moved == 0 {
		return fault.New(fault.Invalid, "Nothing of it failed, so there is nothing to try again.")
	}
	if err := tx.DB.Omit("file").Where("id = ?", row.ID).Take(op).Error; err != nil {
		return fmt.Errorf("load operation: %w", err)
	}
	return nil
}

// retryNote says who tries again, and why the last try failed.
func retryNote(actor models.Actor, row *models.Operation, causes []*Cause) string {
	note := "Retried by " + actor.Name + ": " + counted(toRetry(row), "record")
	for i, cause := range causes {
		if i == 3 {
			break
		}
		note += fmt.Sprintf(" · %s: %s", thousands(cause.Count), cause.Message)
	}
	return note
}
