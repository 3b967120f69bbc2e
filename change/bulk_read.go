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
)

// errPause says that the task's time is over in the middle of a file. The next task goes on behind the lines that are
// kept.
var errPause = errors.New("the task's time is over")

// readResult reads what became of the lines of a bulk mutation, and then lets go of those of which nothing is said.
func (r *run) readResult(ctx context.Context, b *models.OperationBulk) error {
	bulk, cost, err := r.client.Bulk(ctx, *b.GID)
	r.op.Cost += cost.Actual
	if err != nil && shopify.KindOf(err) != shopify.Gone {
		return err
	}
	url := ""
	if bulk != nil {
		url = bulk.URL
		if url == "" {
			url = bulk.PartialURL
		}
	}
	if url != "" {
		err = r.readLines(ctx, b, url)
		if errors.Is(err, errPause) {
			return nil
		}
		if err != nil && shopify.KindOf(err) != shopify.Gone {
			return err
		}
	}
	status := models.BulkDone
	if b.ErrorCode != nil {
		status = models.BulkLost
		if err := r.oneMoreFailed(ctx); err != nil {
			return err
		}
	}
	return r.release(ctx, b, status)
}

// oneMoreFailed leaves the rest to single calls when too many bulk operations have failed.
func (r *run) oneMoreFailed(ctx context.Context) error {
	if r.op.Status != models.OperationRunning {
		return nil
	}
	var n int64
	err := r.DB.WithContext(ctx).Model(&models.OperationBulk{}).
		Where("operation_id = ? AND status = ? AND step <> ?", r.op.ID, models.BulkLost, models.BulkCollect).Count(&n).Error
	if err != nil {
		return fmt.Errorf("count failed bulk operations: %w", err)
	}
	r.op.Bulk = n+1 < bulkTries
	return nil
}

// readLines settles items by the lines of a result, in parts.
func (r *run) readLines(ctx context.Context, b *models.OperationBulk, url string) error {
	var part []shopify.BulkResult
	seen := 0
	err := r.client.Results(ctx, url, func(line shopify.BulkResult) error {
		if seen++; seen <= b.LinesRead {
			return nil
		}
		if part = append(part, line); len(part) < bulkPart {
			return nil
		}
		err := r.settleLines(ctx, b, part)
		part = part[:0]
		if err == nil && !time.Now().Before(r.until) {
			return errPause
		}
		return err
	})
	if err == nil && len(part) > 0 {
		err = r.settleLines(ctx, b, part)
	}
	return err
}

// settleLines keeps what became of some lines.
func (r *run) settleLines(ctx context.Context, b *models.OperationBulk, part []shopify.BulkResult) error {
	numbers := make([]int, len(part))
	for i := range part {
		numbers[i] = part[i].Line
	}
	var items []models.Snapshot
	err := r.DB.WithContext(ctx).
		Where("bulk_id = ? AND shop_id = ? AND bulk_line IN ? AND outcome = ?", b.ID, r.shop.ID, numbers, models.SnapshotPending).Find(&items).Error
	if err != nil {
		return fmt.Errorf("load items: %w", err)
	}
	byLine := make(map[int]*models.Snapshot, len(items))
	for i := range items {
		byLine[items[i].BulkLine] = &items[i]
	}
	var rows []*models.Snapshot
	for i := range part {
		p := byLine[part[i].Line]
		if p == nil || part[i].Owner != nil && part[i].Owner.ID != p.ResourceID {
			continue // settled before; or not ours, and then it is looked at by itself
		}
		delete(byLine, part[i].Line)
		r.settleLine(b, p, &part[i])
		rows = append(rows, p)
	}
	b.LinesRead += len(part)
	r.count(rows)
	return r.commit(ctx, func(tx *activity.Tx) error {
		if err := upsertItems(tx, rows); err != nil {
			return err
		}
		if err := disownMany(tx, rows); err != nil {
			return err
		}
		return saveBulk(tx.DB, b)
	})
}

// settleLine decides what became of one item. What is still to be done of it is done in another bulk operation.
func (r *run) settleLine(b *models.OperationBulk, p *models.Snapshot, line *shopify.BulkResult) {
	calls := intent{adds: p.Adds, removes: p.Removes}.calls(p.Seen)
	c, rest := calls[0], calls[1:]
	p.BulkID = nil
	if line.Err != nil {
		r.lineFailed(b, p, line, c)
		return
	}
	if line.Owner == nil {
		return // it stays begun, and is looked at by itself
	}
	now := line.Owner
	at := now.UpdatedAt
	// A record that was last changed before that was changed by somebody else: the line found nothing left to do.
	if !at.Before(b.BeganAt.Truncate(time.Second)) {
		took := effectOf(p.Seen, now.Tags, c)
		took.foldInto(p)
		p.ResourceUpdatedAt = &at
	}
	p.After, p.ResourceTitle = now.Tags, now.Title
	p.Seen, p.SentAt = now.Tags, nil
	kept := readBackCall(p, c, now.Tags)
	p.Adds, p.Removes = nil, nil
	for _, next := range rest {
		if next.add {
			p.Adds = append(p.Adds, next.tags...)
		} else {
			p.Removes = append(p.Removes, next.tags...)
		}
	}
	if !kept || len(rest) > 0 {
		return
	}
	if settle(p); p.Outcome == models.SnapshotUnchanged {
		p.Outcome = models.SnapshotSucceeded // done, by somebody else a moment before
	}
}

// readBackCall reports whether Shopify kept what a call asked for. If not, the item has failed.
func readBackCall(p *models.Snapshot, c call, now models.Tags) bool {
	if c.add {
		if missing := c.tags.Without(now...); len(missing) > 0 {
			fail(p, activity.CodeNotKept, "Shopify accepted the change but did not keep "+list(missing)+".")
			return false
		}
		return true
	}
	for _, tag := range c.tags {
		if slices.Contains(now, tag) {
			fail(p, activity.CodeNotKept, "Shopify accepted the change but still has "+list(models.Tags{tag})+".")
			return false
		}
	}
	return true
}

// lineFailed keeps why a line changed nothing. What was taken off before, to make room for what is refused now, is put
// back by a call of its own.
func (r *run) lineFailed(b *models.OperationBulk, p *models.Snapshot, line *shopify.BulkResult, c call) {
	if (line.Err.Kind == shopify.Unavailable || line.Err.Kind == shopify.Throttled) && p.Attempts < bulkTries {
		sent := models.Now()
		if b.EndedAt != nil {
			sent = *b.EndedAt
		}
		p.SentAt = &sent // it is looked at by itself
		p.Attempts++
		return
	}
	code, message := causeOf(p.ResourceType, line.Err)
	if c.add && len(p.Removed) > 0 && line.Err.Kind != shopify.Gone {
		p.ErrorCode, p.ErrorMessage = &code, &message
		p.Adds, p.Removes, p.SentAt = p.Removed, nil, nil
		return
	}
	fail(p, code, message)
	p.SentAt = nil
	if line.Owner != nil {
		p.After = line.Owner.Tags
	}
}

// collectBulk lets Shopify find the records, and makes items of them as the result is read.
func (r *run) collectBulk(ctx context.Context) error {
	rows, err := r.bulks(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return r.planQuery(ctx)
	}
	b := rows[0]
	if b.Status == models.BulkRunning && b.Polls > 0 && !r.woken(b) && time.Now().Before(b.PolledAt.Add(pollPause(b.Polls))) {
		return &Wait{At: r.nextPoll(rows), Reason: waitsForBulk}
	}
	if b.Status != models.BulkReading {
		moved, err := r.step(ctx, b)
		if err != nil || moved {
			return err
		}
		return &Wait{At: r.nextPoll(rows), Reason: waitsForBulk}
	}
	return r.readOwners(ctx, b)
}

func (r *run) planQuery(ctx context.Context) error {
	now := models.Now()
	b := &models.OperationBulk{
		ID:          models.NewID(now),
		ShopID:      r.shop.ID,
		OperationID: r.op.ID,
		Step:        models.BulkCollect,
		Status:      models.BulkPlanned,
		CreatedAt:   now,
	}
	return r.commit(ctx, func(tx *activity.Tx) error {
		if err := tx.DB.Create(b).Error; err != nil {
			return fmt.Errorf("save bulk operation: %w", err)
		}
		return nil
	})
}

// readOwners makes items of the query's result. One that ended early says nothing about the records that it leaves out,
// so it is asked again.
func (r *run) readOwners(ctx context.Context, b *models.OperationBulk) error {
	bulk, cost, err := r.client.Bulk(ctx, *b.GID)
	r.op.Cost += cost.Actual
	if err != nil && shopify.KindOf(err) != shopify.Gone {
		return err
	}
	if bulk == nil || bulk.Status != shopify.BulkCompleted {
		return r.queryFailed(ctx, b)
	}
	if bulk.URL != "" {
		err := r.ownersOf(ctx, b, bulk.URL)
		switch {
		case errors.Is(err, errPause):
			return nil
		case shopify.KindOf(err) == shopify.Gone:
			return r.queryFailed(ctx, b) // the file has expired
		case err != nil:
			return err
		}
	}
	now := models.Now()
	b.Status, b.FinishedAt, b.Lines = models.BulkDone, &now, b.LinesRead
	r.moved = true
	return r.commit(ctx, func(tx *activity.Tx) error {
		if err := saveBulk(tx.DB, b); err != nil {
			return err
		}
		return r.turn(tx.DB, models.OperationCollecting, models.OperationRunning)
	})
}

// queryFailed begins again with another query, or by single pages when that has failed often enough.
func (r *run) queryFailed(ctx context.Context, b *models.OperationBulk) error {
	var n int64
	err := r.DB.WithContext(ctx).Model(&models.OperationBulk{}).Where("operation_id = ? AND status = ?", r.op.ID, models.BulkLost).Count(&n).Error
	if err != nil {
		return fmt.Errorf("count failed bulk operations: %w", err)
	}
	now := models.Now()
	b.Status, b.FinishedAt = models.BulkLost, &now
	if n+1 >= bulkTries && r.op.Kind != models.TagScan {
		r.op.Bulk = false // what was collected already is not counted again
	}
	if n+1 >= 2*bulkTries {
		return r.fail(ctx, activity.CodeBulkFailed, "Shopify could not list the records. Choose fewer of them, or try again later.")
	}
	return r.commit(ctx, func(tx *activity.Tx) error {
		if r.op.Kind == models.TagScan {
			// Another query may list the records in another order: a scan counts from the beginning.
			r.op.ItemCounts = models.ItemCounts{}
			err := tx.DB.Where("shop_id = ? AND operation_id = ?", r.shop.ID, r.op.ID).Delete(&models.ScannedTag{}).Error
			if err != nil {
				return fmt.Errorf("forget counted tags: %w", err)
			}
		}
		if err := saveBulk(tx.DB, b); err != nil {
			return err
		}
		return r.save(tx.DB)
	})
}

func (r *run) ownersOf(ctx context.Context, b *models.OperationBulk, url string) error {
	var part []models.Snapshot
	seen := 0
	flush := func() error {
		b.LinesRead += len(part)
		err := r.commit(ctx, func(tx *activity.Tx) error {
			if r.op.Kind == models.TagScan {
				if err := r.countTags(tx, part); err != nil {
					return err
				}
			} else if err := r.addItems(tx, part); err != nil {
				return err
			}
			if err := saveBulk(tx.DB, b); err != nil {
				return err
			}
			return r.save(tx.DB)
		})
		part = part[:0]
		return err
	}
	err := r.client.Owners(ctx, url, func(_ int, o shopify.TagOwner) error {
		if seen++; seen <= b.LinesRead {
			return nil
		}
		if part = append(part, r.itemOf(&o)); len(part) < bulkPart {
			return nil
		}
		err := flush()
		if err == nil && (!time.Now().Before(r.until) || r.op.Status != models.OperationCollecting) {
			return errPause
		}
		return err
	})
	if err == nil && len(part) > 0 {
		err = flush()
	}
	return err
}
