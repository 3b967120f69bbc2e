package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// applyBatch is how many items are read, planned and written together.
const applyBatch = 100

func (s *Service) batchSize() int {
	if s.Batch > 0 {
		return s.Batch
	}
	return applyBatch
}

// job is the work on one item.
type job struct {
	item *models.Snapshot
	now  shopify.TagOwner
	todo intent
	// sends says that something is to be written; until then the item is settled, or left.
	sends bool
	// err is why the work on it stopped short.
	err error
}

// apply does the next items one by one. When none are left, the operation is over.
func (r *run) apply(ctx context.Context) error {
	if r.op.Bulk {
		if done, err := r.applyBulk(ctx); done || err != nil {
			return err
		}
	}
	items, err := r.next(ctx, func(q *gorm.DB) *gorm.DB { return q })
	if err != nil {
		return err
	}
	if len(items) > 0 {
		return r.batch(ctx, items, false)
	}
	return r.nextRound(ctx)
}

// nextRound begins again with what the last round left, after a while, or ends the operation.
func (r *run) nextRound(ctx context.Context) error {
	if !r.left {
		if r.after == "" {
			return r.end(ctx)
		}
		r.after = ""
		return nil // what became due again meanwhile
	}
	r.after, r.left = "", false
	if r.op.Pending > 0 && !sleep(ctx, busyWait) {
		return ctx.Err()
	}
	return nil
}

// next returns the next items that are to be done.
func (r *run) next(ctx context.Context, narrow func(*gorm.DB) *gorm.DB) ([]models.Snapshot, error) {
	q := r.DB.WithContext(ctx).
		Where("shop_id = ? AND cause_id = ? AND outcome = ? AND bulk_id IS NULL", r.shop.ID, r.op.ID, models.SnapshotPending)
	if r.after != "" {
		q = q.Where("id > ?", r.after)
	}
	var items []models.Snapshot
	if err := narrow(q).Order("id").Limit(r.batchSize()).Find(&items).Error; err != nil {
		return nil, fmt.Errorf("load items: %w", err)
	}
	return items, nil
}

// batch does some items: it reads the records as they are, keeps what it is about to do, does it, and keeps what became
// of it. With begun only what has been sent before is brought to its end.
func (r *run) batch(ctx context.Context, items []models.Snapshot, begun bool) error {
	r.after = items[len(items)-1].ID
	names := make([]string, len(items))
	for i := range items {
		names[i] = lockOf(items[i].ResourceID)
	}
	mine, err := models.AcquireMany(ctx, r.DB, r.shop.ID, names, r.op.ID, recordLease)
	if err != nil {
		return err
	}
	// The locks are given back also when ctx has ended; they would end by themselves, but others wait for them.
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		_ = models.ReleaseMany(ctx, r.DB, r.shop.ID, names, r.op.ID)
	}()
	var jobs []*job
	for i := range items {
		if mine[names[i]] {
			jobs = append(jobs, &job{item: &items[i]})
		}
	}
	r.left = r.left || len(jobs) < len(items)
	if len(jobs) == 0 {
		return nil
	}
	if err := r.read(ctx, jobs); err != nil {
		return err
	}
	if err := r.plan(ctx, jobs, begun); err != nil {
		return err
	}
	if err := r.intend(ctx, jobs); err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j *job) bool { return !j.sends })
	if len(jobs) == 0 {
		return nil
	}
	r.send(ctx, jobs)
	// What Shopify answered is kept also when the task's own time is over.
	keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if err := r.keep(keeping, jobs); err != nil {
		return err
	}
	return r.trouble(ctx, jobs)
}

func lockOf(resourceID string) string { return "record " + resourceID }

// read reads the records as they are now. One that is gone is settled.
func (r *run) read(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		if !isGID(j.item.ResourceType, j.item.ResourceID) {
			fail(j.item, activity.CodeResourceDeleted, wordsNoRecord) // a name that was not found
		}
	}
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.item.Outcome != models.SnapshotPending })
	for some := range slices.Chunk(jobs, collectBatch) {
		ids := make([]string, len(some))
		for i, j := range some {
			ids[i] = j.item.ResourceID
		}
		var owners []*shopify.TagOwner
		err := r.patient(ctx, func() error {
			var cost shopify.Cost
			var err error
			owners, cost, err = r.client.TagsMany(ctx, ids)
			r.op.Cost += cost.Actual
			return err
		})
		if err != nil {
			return err
		}
		for i, owner := range owners {
			if owner == nil {
				fail(some[i].item, activity.CodeResourceDeleted, activity.Advice(activity.CodeResourceDeleted))
				continue
			}
			some[i].now = *owner
		}
	}
	return nil
}

// plan decides what is to be done to each record.
func (r *run) plan(ctx context.Context, jobs []*job, begun bool) error {
	if r.revert != nil {
		if err := r.revert.load(ctx, r, jobs); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		p := j.item
		if p.Outcome != models.SnapshotPending {
			continue
		}
		p.ResourceTitle = j.now.Title
		if p.SentAt != nil && !r.resume(j) {
			continue
		}
		if j.sends {
			continue // the rest of what was begun
		}
		if begun && untouched(p) {
			skip(p)
			continue
		}
		j.todo = r.planFor(j)
		j.todo.owes(p, j.now.Tags)
		if j.todo.refusal != "" {
			fail(p, activity.CodeInvalidData, j.todo.refusal)
		} else if !j.todo.empty() {
			j.sends = true
		} else {
			r.unchanged(j)
		}
	}
	return nil
}

// planFor plans an item against the record as it is.
func (r *run) planFor(j *job) intent {
	if r.revert != nil {
		return r.revert.planOf(j.item.ResourceID, j.now.Tags)
	}
	return planOf(&r.in, j.now.Tags)
}

// owes adds what an earlier call was to be followed by: once something was taken off, what was to come in its place
// comes, whatever the plan makes of the tags in between.
func (i *intent) owes(p *models.Snapshot, now models.Tags) {
	if len(p.Removed) == 0 {
		return
	}
	for _, tag := range p.Adds.Without(now...) {
		i.adds = i.adds.With(tag)
	}
}

// unchanged settles an item of which nothing is left to be done.
func (r *run) unchanged(j *job) {
	p := j.item
	p.After = j.now.Tags
	if untouched(p) {
		p.Before = j.now.Tags
		p.Adds, p.Removes = nil, nil
	}
	settle(p)
}

// settle says what became of an item that needs no more.
func settle(p *models.Snapshot) {
	switch {
	case p.ErrorCode != nil && *p.ErrorCode == activity.CodeEditedMeanwhile:
		p.Outcome = models.SnapshotConflict
		return
	case p.ErrorCode != nil:
		p.Outcome = models.SnapshotFailed // it was refused, and what came before that was put back
		return
	case untouched(p):
		p.Outcome = models.SnapshotUnchanged
	default:
		p.Outcome = models.SnapshotSucceeded
	}
	p.ErrorCode, p.ErrorMessage = nil, nil
}

// skip leaves an item undone.
func skip(p *models.Snapshot) {
	p.SentAt = nil
	code, message := activity.CodeOperationCancelled, wordsSkipped
	p.Outcome, p.ErrorCode, p.ErrorMessage = models.SnapshotSkipped, &code, &message
}

// untouched reports whether an operation has changed nothing of a record so far.
func untouched(p *models.Snapshot) bool { return len(p.Added) == 0 && len(p.Removed) == 0 }

// intend keeps what is settled, and what is about to be sent, before it is.
func (r *run) intend(ctx context.Context, jobs []*job) error {
	now := models.Now()
	var rows []*models.Snapshot
	for _, j := range jobs {
		p := j.item
		if j.sends {
			intendOne(j, now)
		}
		rows = append(rows, p)
	}
	r.count(rows)
	return r.commit(ctx, func(tx *activity.Tx) error { return upsertItems(tx, rows) })
}

// intendOne writes into an item what is about to be done.
func intendOne(j *job, now time.Time) {
	p := j.item
	if p.SentAt == nil && untouched(p) {
		at := j.now.UpdatedAt
		p.Before, p.ReadAtVersion = j.now.Tags, &at
	}
	p.Seen, p.Adds, p.Removes = j.now.Tags, j.todo.adds, j.todo.removes
	p.SentAt, p.CreatedAt = &now, now
}

// keep keeps what became of what was sent.
func (r *run) keep(ctx context.Context, jobs []*job) error {
	rows := make([]*models.Snapshot, len(jobs))
	for i, j := range jobs {
		rows[i] = j.item
	}
	r.count(rows)
	return r.commit(ctx, func(tx *activity.Tx) error {
		if err := upsertItems(tx, rows); err != nil {
			return err
		}
		return disownMany(tx, rows)
	})
}

// count counts items that are settled.
func (r *run) count(rows []*models.Snapshot) {
	now := models.Now()
	for _, p := range rows {
		if p.Outcome == models.SnapshotPending {
			continue
		}
		p.FinishedAt = &now
		r.op.Pending--
		r.moved = true
		r.op.Attempts = 0
		switch p.Outcome {
		case models.SnapshotSucceeded:
			r.op.Succeeded++
		case models.SnapshotUnchanged:
			r.op.Unchanged++
		case models.SnapshotFailed:
			r.op.Failed++
		case models.SnapshotSkipped:
			r.op.Skipped++
		case models.SnapshotConflict:
			r.op.Conflicts++
		case models.SnapshotPending, models.SnapshotAgain:
		}
	}
}

// itemColumns are what changes of an item.
var itemColumns = []string{
	"resource_title", "before", "adds", "removes", "after", "outcome", "error_code", "error_message", "cost", "sent_at",
	"seen", "added", "removed", "read_at_version", "bulk_id", "bulk_line", "attempts", "resource_updated_at", "created_at", "finished_at",
}

// upsertItems writes many rows that are there in few statements.
func upsertItems(tx *activity.Tx, rows []*models.Snapshot) error {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		err := tx.DB.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "id"}},
			DoUpdates: clause.AssignmentColumns(itemColumns),
		}).Create(&some).Error
		if err != nil {
			return fmt.Errorf("keep the items: %w", err)
		}
	}
	return nil
}

// trouble is the error that ends the task: the first that says that none of the calls will work now.
func (r *run) trouble(ctx context.Context, jobs []*job) error {
	var waits, down, broken error
	for _, j := range jobs {
		e, asked := errors.AsType[*shopify.Error](j.err)
		switch {
		case j.err == nil:
			continue
		case asked && e.Waits():
			waits = later(waits, j.err)
		case asked && (e.Kind == shopify.Unavailable || e.Kind == shopify.Protocol) || ctx.Err() != nil:
			down = j.err
		default:
			broken = j.err
		}
		r.left = true
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, err := range []error{broken, down, waits} {
		if err != nil {
			return err
		}
	}
	return nil
}

// later returns the throttle that lasts longer.
func later(a, b error) error {
	x, ok := errors.AsType[*shopify.Error](a)
	y, _ := errors.AsType[*shopify.Error](b)
	if !ok || y != nil && y.RetryAt.After(x.RetryAt) {
		return b
	}
	return a
}

// disownMany takes tags that are gone from the rules that had put them there.
func disownMany(tx *activity.Tx, rows []*models.Snapshot) error {
	var ids, keys []string
	for _, p := range rows {
		for _, tag := range p.Removed {
			ids, keys = append(ids, p.ResourceID), append(keys, models.TagKey(tag))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var owned []models.TagOwner
	err := tx.DB.Where("shop_id = ? AND resource_id IN ?", rows[0].ShopID, slices.Compact(slices.Sorted(slices.Values(ids)))).
		Find(&owned).Error
	if err != nil {
		return fmt.Errorf("load tag owners: %w", err)
	}
	for _, o := range owned {
		for i := range ids {
			if ids[i] != o.ResourceID || keys[i] != o.TagKey {
				continue
			}
			if err := disown(tx, o.ShopID, o.ResourceID, models.Tags{o.Tag}); err != nil {
				return err
			}
			break
		}
	}
	return nil
}
