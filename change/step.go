package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
)

const (
	// taskTime is how long one task of an operation begins new work. It ends well before the queue ends it.
	taskTime = 15 * time.Second
	// operationLease is when a task counts as lost with its worker. It is longer than a task may take.
	operationLease = 40 * time.Second
	// publishEvery is how often at most watchers are told of an operation.
	publishEvery = 250 * time.Millisecond
	sweepLimit   = 1000
	// goodbye is how long a task that ends may take to say so.
	goodbye = 5 * time.Second
	// leaveFloor is how many points of the shop's budget an operation leaves to its rules.
	leaveFloor = 50
)

// operationWaits are the pauses after failures in a row. One more failure ends the operation.
var operationWaits = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute,
}

// errLost says that the lease ended and another worker has the operation.
var errLost = errors.New("another worker has the operation")

// run is one task's work on an operation.
type run struct {
	*Service
	shop   *models.Shop
	op     *models.Operation
	in     Input
	client *shopify.Client
	// until is when no new work is begun.
	until     time.Time
	published time.Time
	// after is the item up to which this round has come; left says that the round left some to be done later.
	after string
	left  bool
	// kept is the cost that the row knows of.
	kept int
	// moved says that the task has brought the operation on.
	moved  bool
	revert *revertPlan
}

// WorkOn does the next part of an operation. One that is over, or that another worker has, is left alone.
func (s *Service) WorkOn(ctx context.Context, id string) error {
	r, err := s.claimOperation(ctx, id)
	if err != nil || r == nil {
		return err
	}
	err = r.work(ctx)
	if err == nil || errors.Is(err, errLost) {
		return nil
	}
	// What went wrong is kept also when the task's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	// A transaction that failed has kept nothing of what is counted here.
	if reloaded := r.reload(ctx); reloaded != nil {
		return errors.Join(err, reloaded)
	}
	if err = r.failed(ctx, err); errors.Is(err, errLost) {
		return nil
	}
	return err
}

// reload reads the row anew; what calls have cost since is added to it.
func (r *run) reload(ctx context.Context) error {
	spent := r.op.Cost - r.kept
	var fresh models.Operation
	if err := r.DB.WithContext(ctx).Where("id = ?", r.op.ID).Take(&fresh).Error; err != nil {
		return fmt.Errorf("load operation: %w", err)
	}
	fresh.Steps = r.op.Steps // if another task has it by now, this one has lost
	fresh.Cost += spent
	r.op = &fresh
	return nil
}

// SweepOperations nudges the workers about every operation that is due, whose nudge may be lost.
func (s *Service) SweepOperations(ctx context.Context) error {
	var due []models.Operation
	err := s.DB.WithContext(ctx).Select("id", "shop_id", "steps").Where("finished_at IS NULL AND due_at <= ?", models.Now()).
		Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find operations that are due: %w", err)
	}
	for i := range due {
		s.nudgeOperation(&due[i], time.Time{})
	}
	return nil
}

// Reclaim makes the operations due that were worked on when this process stopped. Only a process that works alone may say
// so.
func (s *Service) Reclaim(ctx context.Context) error {
	err := s.DB.WithContext(ctx).Model(&models.Operation{}).Where("finished_at IS NULL AND working").
		Updates(map[string]any{"due_at": models.Now(), "working": false}).Error
	if err != nil {
		return fmt.Errorf("reclaim operations: %w", err)
	}
	return nil
}

func (s *Service) nudgeOperation(op *models.Operation, at time.Time) {
	s.Queue.NudgeAt(queue.WorkOnOperation{ID: op.ID, Step: op.Steps, Shop: op.ShopID}, at)
}

func (s *Service) claimOperation(ctx context.Context, id string) (*run, error) {
	now := models.Now()
	res := s.DB.WithContext(ctx).Model(&models.Operation{}).Where("id = ? AND finished_at IS NULL AND due_at <= ?", id, now).
		Updates(map[string]any{"steps": gorm.Expr("steps + 1"), "due_at": now.Add(operationLease), "working": true})
	if res.Error != nil {
		return nil, fmt.Errorf("claim operation: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	r := &run{Service: s, op: &models.Operation{}, until: now.Add(taskTime)}
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(r.op).Error; err != nil {
		return nil, fmt.Errorf("load operation: %w", err)
	}
	if err := json.Unmarshal(r.op.Input, &r.in); err != nil {
		return nil, fmt.Errorf("read input of operation: %w", err)
	}
	var err error
	if r.shop, err = s.Shops.ByID(ctx, r.op.ShopID); err != nil {
		return nil, err
	}
	r.kept = r.op.Cost
	r.client = s.Shops.Client(r.shop)
	r.client.Floor = leaveFloor
	if r.op.Kind == models.Revert {
		r.revert, err = s.planRevert(ctx, r.shop, r.op)
	}
	return r, err
}

// work does one step after the other, each in short transactions of its own, until the task's time is over.
func (r *run) work(ctx context.Context) error {
	for {
		var err error
		switch r.op.Status {
		case models.OperationQueued:
			err = r.begin(ctx)
		case models.OperationCollecting:
			err = r.collect(ctx)
		case models.OperationRunning:
			err = r.apply(ctx)
		case models.OperationCancelling:
			err = r.stop(ctx)
		default:
			return nil
		}
		if err != nil || r.op.Status.Ended() {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !time.Now().Before(r.until) {
			return r.rest(ctx, models.Now(), nil)
		}
	}
}

// begin starts the collecting.
func (r *run) begin(ctx context.Context) error {
	now := models.Now()
	r.op.StartedAt = &now
	return r.commit(ctx, func(tx *activity.Tx) error {
		if err := r.turn(tx.DB, models.OperationQueued, models.OperationCollecting); err != nil {
			return err
		}
		known, err := tx.Exists(r.op.ID)
		if err != nil || !known {
			return err
		}
		return tx.Update(r.op.ID, "", func(e *models.Activity) { e.Status = models.InProgress })
	})
}

// turn changes the status, unless somebody has cancelled the operation meanwhile.
func (r *run) turn(tx *gorm.DB, from, to models.OperationStatus) error {
	err := tx.Model(&models.Operation{}).Where("id = ? AND steps = ? AND status = ?", r.op.ID, r.op.Steps, from).
		Update("status", to).Error
	if err != nil {
		return fmt.Errorf("change status of operation: %w", err)
	}
	return nil
}

// commit does something in a transaction that counts only while the operation is this task's, keeps the operation's
// row with it, and learns whether it was cancelled.
func (r *run) commit(ctx context.Context, do func(tx *activity.Tx) error) error {
	err := r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		// First the row: it is locked until the end, so that of two tasks one waits, and finds that it has lost.
		if err := r.save(tx.DB); err != nil {
			return err
		}
		if do != nil {
			if err := do(tx); err != nil {
				return err
			}
		}
		err := tx.DB.Model(&models.Operation{}).Where("id = ?", r.op.ID).Select("status").Scan(&r.op.Status).Error
		if err != nil {
			return fmt.Errorf("load status of operation: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.kept = r.op.Cost
	r.publish(r.op.Status.Ended())
	return nil
}

// save keeps how far the operation came, if it is still this task's.
func (r *run) save(tx *gorm.DB) error {
	r.pace()
	res := tx.Model(&models.Operation{}).
		Where("id = ? AND shop_id = ? AND steps = ? AND finished_at IS NULL", r.op.ID, r.op.ShopID, r.op.Steps).
		Select("Bulk", "Estimate", "File", "Cursor", "Total", "Pending", "Succeeded", "Unchanged", "Failed", "Skipped", "Conflicts",
			"Cost", "WaitingFor", "Attempts", "DueAt", "Working", "PaceFrom", "PaceDone", "StartedAt").
		Updates(r.op)
	if res.Error != nil {
		return fmt.Errorf("save operation: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errLost
	}
	return nil
}

// rest ends the task and says when the next one may begin.
func (r *run) rest(ctx context.Context, at time.Time, waitingFor *string) error {
	r.op.DueAt, r.op.Working, r.op.WaitingFor = at.UTC().Truncate(time.Microsecond), false, waitingFor
	if err := r.commit(ctx, nil); err != nil {
		return err
	}
	if at.After(models.Now()) {
		r.publish(true)
		r.nudgeOperation(r.op, at)
		return nil
	}
	r.nudgeOperation(r.op, time.Time{})
	return nil
}

// publish tells watchers, not more often than they can take it in.
func (r *run) publish(last bool) {
	now := time.Now()
	if !last && now.Sub(r.published) < publishEvery {
		return
	}
	r.published = now
	r.Live.Publish(r.shop.ID, live.Message{Kind: Kind, ID: r.op.ID})
}

const (
	// paceWindow is how far back the pace looks, and paceKeep where it looks from when that is over.
	paceWindow = 10 * time.Second
	paceKeep   = 5 * time.Second
)

// pace keeps from when on the pace is told.
func (r *run) pace() {
	now, done := models.Now(), r.op.Done()
	if r.op.PaceFrom == nil {
		r.op.PaceFrom, r.op.PaceDone = &now, done
		return
	}
	window := now.Sub(*r.op.PaceFrom)
	if window < paceWindow {
		return
	}
	from := now.Add(-paceKeep)
	r.op.PaceDone += int(float64(done-r.op.PaceDone) * float64(window-paceKeep) / float64(window))
	r.op.PaceFrom = &from
}

// failed keeps what went wrong and when the next task may begin. Waiting is not failing: it uses up no attempt.
func (r *run) failed(ctx context.Context, cause error) error {
	if wait, ok := errors.AsType[*Wait](cause); ok {
		return r.rest(ctx, wait.At, &wait.Reason)
	}
	if errors.Is(cause, context.Canceled) {
		return r.rest(ctx, models.Now(), nil) // the worker stops; another goes on
	}
	e, asked := errors.AsType[*shopify.Error](cause)
	if asked && e.Waits() {
		return r.rest(ctx, e.RetryAt, waitsForBudget(e))
	}
	code, message := causeOf(r.op.Resource, cause)
	lasting := asked && e.Kind != shopify.Unavailable && e.Kind != shopify.Protocol
	if r.moved {
		r.op.Attempts = 0
	}
	if lasting || r.op.Attempts >= len(operationWaits) {
		return r.fail(ctx, code, message)
	}
	at := models.Now().Add(operationWaits[r.op.Attempts])
	if asked && e.RetryAt.After(at) {
		at = e.RetryAt
	}
	r.op.Attempts++
	waiting := fmt.Sprintf("Another try, because the last one failed: %s", message)
	if err := r.rest(ctx, at, &waiting); err != nil {
		return err
	}
	if !asked {
		return cause // a bug, or the database: the worker writes it down
	}
	return nil
}

func waitsForBudget(e *shopify.Error) *string {
	words := "Shopify's rate limit"
	if e.Kind == shopify.Busy {
		words = "a free place among Shopify's bulk operations"
	}
	return &words
}

// patient makes a call, and again where it only has to wait its turn for less than the task has left.
func (r *run) patient(ctx context.Context, call func() error) error {
	for {
		err := call()
		e, ok := errors.AsType[*shopify.Error](err)
		if !ok || e.Kind != shopify.Throttled || !e.RetryAt.Before(r.until) || !sleep(ctx, time.Until(e.RetryAt)) {
			return err
		}
	}
}

// sleep waits, and reports whether it came to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
