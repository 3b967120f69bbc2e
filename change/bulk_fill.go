package change

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// fill puts the next items into the files of bulk mutations: one for tags that come, one for tags that go. It reports
// whether it has done anything.
func (r *run) fill(ctx context.Context, rows []*models.OperationBulk) (bool, error) {
	open := map[models.BulkStep]*models.OperationBulk{}
	for _, b := range rows {
		if b.Status == models.BulkFilling {
			open[b.Step] = b
		}
	}
	var items []models.Snapshot
	err := r.DB.WithContext(ctx).
		Where("shop_id = ? AND cause_id = ? AND outcome = ? AND bulk_id IS NULL", r.shop.ID, r.op.ID, models.SnapshotPending).
		Order("id").Limit(bulkPart).Find(&items).Error
	if err != nil {
		return false, fmt.Errorf("load items: %w", err)
	}
	if len(open) == 0 && len(items) < bulkFew {
		return false, nil // a handful: single calls are as fast
	}
	if len(items) == 0 {
		return true, r.filled(ctx, open)
	}
	jobs := make([]*job, len(items))
	for i := range items {
		jobs[i] = &job{item: &items[i]}
	}
	if err := r.readStale(ctx, jobs); err != nil {
		return true, err
	}
	return true, r.assign(ctx, open, jobs)
}

// bulkFew is how many items are not worth a bulk operation.
const bulkFew = 20

// readStale reads the records that this operation has not read just before. The others are as Shopify told with them.
func (r *run) readStale(ctx context.Context, jobs []*job) error {
	var stale []*job
	for _, j := range jobs {
		p := j.item
		if p.ReadAtVersion == nil || p.SentAt != nil || p.Attempts > 0 || models.Now().Sub(p.CreatedAt) > staleAfter {
			stale = append(stale, j)
			continue
		}
		j.now = shopify.TagOwner{ID: p.ResourceID, Title: p.ResourceTitle, Tags: p.Seen, UpdatedAt: *p.ReadAtVersion}
	}
	if err := r.read(ctx, stale); err != nil {
		return err
	}
	return r.plan(ctx, jobs, false)
}

// staleAfter is how old may be what was read of a record: what others did since may be taken for ours.
const staleAfter = sentLately

// assign gives each item that is to be written its line.
func (r *run) assign(ctx context.Context, open map[models.BulkStep]*models.OperationBulk, jobs []*job) error {
	now := models.Now()
	var rows []*models.Snapshot
	var fresh []*models.OperationBulk
	for _, j := range jobs {
		p := j.item
		rows = append(rows, p)
		if !j.sends {
			continue
		}
		intendOne(j, now)
		step := models.BulkRemove
		if j.todo.calls(j.now.Tags)[0].add {
			step = models.BulkAdd
		}
		b := open[step]
		if b == nil {
			b = &models.OperationBulk{
				ID:          models.NewID(now),
				ShopID:      r.shop.ID,
				OperationID: r.op.ID,
				Step:        step,
				Status:      models.BulkFilling,
				CreatedAt:   now,
			}
			open[step] = b
			fresh = append(fresh, b)
		}
		p.BulkID, p.BulkLine = &b.ID, b.Lines
		b.Lines++
	}
	for _, b := range open {
		if b.Lines >= r.bulkSize() {
			b.Status = models.BulkPlanned
		}
	}
	r.count(rows)
	return r.commit(ctx, func(tx *activity.Tx) error {
		for _, b := range fresh {
			if err := tx.DB.Create(b).Error; err != nil {
				return fmt.Errorf("save bulk operation: %w", err)
			}
		}
		for _, b := range open {
			if err := saveBulk(tx.DB, b); err != nil {
				return err
			}
		}
		return upsertItems(tx, rows)
	})
}

// filled closes files to which nothing more comes.
func (r *run) filled(ctx context.Context, open map[models.BulkStep]*models.OperationBulk) error {
	return r.commit(ctx, func(tx *activity.Tx) error {
		for _, b := range open {
			b.Status = models.BulkPlanned
			if err := saveBulk(tx.DB, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// lines calls each for the items of a bulk operation, in the order of their lines.
func (s *Service) lines(ctx context.Context, b *models.OperationBulk, each func(p *models.Snapshot) error) error {
	for from := 0; ; {
		var items []models.Snapshot
		err := s.DB.WithContext(ctx).Select("id", "resource_id", "seen", "adds", "removes", "bulk_line").
			Where("bulk_id = ? AND shop_id = ? AND bulk_line >= ?", b.ID, b.ShopID, from).Order("bulk_line").Limit(bulkPart).Find(&items).Error
		if err != nil {
			return fmt.Errorf("load items: %w", err)
		}
		for i := range items {
			if err := each(&items[i]); err != nil {
				return err
			}
			from = items[i].BulkLine + 1
		}
		if len(items) < bulkPart {
			return nil
		}
	}
}

// upload writes the mutation's file and hands it to Shopify. It goes through a temporary file: its size is told first.
func (r *run) upload(ctx context.Context, b *models.OperationBulk) (string, error) {
	file, err := os.CreateTemp("", "tagtrail-bulk-*.jsonl")
	if err != nil {
		return "", fmt.Errorf("make file: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	out := bufio.NewWriterSize(file, 64<<10)
	var size int64
	err = r.lines(ctx, b, func(p *models.Snapshot) error {
		line := shopify.TagsLine(p.ResourceID, firstCall(p).tags)
		size += int64(len(line))
		_, err := out.Write(line)
		return err
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return "", fmt.Errorf("write file: %w", err)
	}
	var path string
	err = r.patient(ctx, func() error {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		var cost shopify.Cost
		var err error
		path, cost, err = r.client.Upload(ctx, b.ID+".jsonl", size, file)
		r.op.Cost += cost.Actual
		return err
	})
	return path, err
}

// firstCall is what of an item's intent is in the file of its bulk operation.
func firstCall(p *models.Snapshot) call {
	return intent{adds: p.Adds, removes: p.Removes}.calls(p.Seen)[0]
}
