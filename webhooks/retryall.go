package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
)

const (
	// retryBatch is how many failures one task of a retry looks at.
	retryBatch = 100
	// followEvery is how often a retry looks how far its deliveries have come; followLongest is how rarely, while they
	// wait for their next try.
	followEvery   = time.Second
	followLongest = 15 * time.Second
)

// RetryAll starts a job that does all failed work of one cause again, and returns the job's entry.
func (s *Service) RetryAll(ctx context.Context, shop *models.Shop, actor models.Actor, code string, filter *activity.Filter) (*activity.Entry, error) {
	if shop.UninstalledAt != nil {
		return nil, fault.New(fault.Invalid, "Tagtrail is not installed in this shop any more. Install it, then retry.")
	}
	groups, err := s.Activity.Failures(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	found := 0
	for _, g := range groups {
		if g.Code == code {
			found = g.Retryable
		}
	}
	if found == 0 {
		return nil, fault.New(fault.Invalid, "Nothing that failed with %s can be done again.", code)
	}
	now := models.Now()
	job := &models.RetryJob{
		ID:        models.NewID(now),
		ShopID:    shop.ID,
		Code:      code,
		ActorName: actor.Name,
		DueAt:     now,
		CreatedAt: now,
	}
	if job.Filter, err = until(filter, now); err != nil {
		return nil, err
	}
	entry := &models.Activity{
		ID:         job.ID,
		OccurredAt: now,
		Type:       models.BackgroundJob,
		Action:     activity.Retry,
		Status:     models.InProgress,
		Summary:    "Retry of what failed with " + code,
		ActorType:  actor.Type,
		ActorID:    actor.ID,
		ActorName:  actor.Name,
		Metadata:   progressOf(job, 0),
	}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := tx.DB.Create(job).Error; err != nil {
			return fmt.Errorf("save retry: %w", err)
		}
		return tx.Record(entry)
	})
	if err != nil {
		return nil, err
	}
	s.nudgeJob(job, time.Time{})
	return s.Activity.Get(ctx, shop.ID, job.ID)
}

// until narrows the filter to what has failed so far: what comes later was not meant.
func until(filter *activity.Filter, now time.Time) (json.RawMessage, error) {
	narrowed := activity.Filter{}
	if filter != nil {
		narrowed = *filter
	}
	if narrowed.To == nil || narrowed.To.After(now) {
		narrowed.To = &now
	}
	raw, err := json.Marshal(narrowed)
	if err != nil {
		return nil, fmt.Errorf("encode filter: %w", err)
	}
	return raw, nil
}

func progressOf(job *models.RetryJob, failed int) json.RawMessage {
	return encoded(map[string]any{"code": job.Code, "total": job.Total, "done": job.Done, "failed": failed})
}

func (s *Service) nudgeJob(job *models.RetryJob, at time.Time) {
	s.Queue.NudgeAt(queue.WorkOffRetry{ID: job.ID, Shop: job.ShopID, Step: job.Steps}, at)
}

// SweepRetries nudges the workers about every retry that is due, whose nudge may be lost.
func (s *Service) SweepRetries(ctx context.Context) error {
	var due []models.RetryJob
	err := s.DB.WithContext(ctx).Select("id", "shop_id", "steps").Where("finished_at IS NULL AND due_at <= ?", models.Now()).
		Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find retries that are due: %w", err)
	}
	for i := range due {
		s.nudgeJob(&due[i], time.Time{})
	}
	return nil
}

// WorkOff does the next step of a retry: first it takes up the failures, a batch a task, then it follows them to their
// end. A retry that is over, or that another worker has, is left alone.
func (s *Service) WorkOff(ctx context.Context, id string) error {
	job, err := s.claimJob(ctx, id)
	if err != nil || job == nil {
		return err
	}
	shop, err := s.Shops.ByID(ctx, job.ShopID)
	if err != nil {
		return err
	}
	if job.Walked {
		err = s.follow(ctx, shop, job)
	} else {
		err = s.takeUp(ctx, shop, job)
	}
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

func (s *Service) claimJob(ctx context.Context, id string) (*models.RetryJob, error) {
	now := models.Now()
	res := s.DB.WithContext(ctx).Model(&models.RetryJob{}).Where("id = ? AND finished_at IS NULL AND due_at <= ?", id, now).
		Updates(map[string]any{"steps": gorm.Expr("steps + 1"), "due_at": now.Add(lease)})
	if res.Error != nil {
		return nil, fmt.Errorf("claim retry: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	var job models.RetryJob
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(&job).Error; err != nil {
		return nil, fmt.Errorf("load retry: %w", err)
	}
	return &job, nil
}

// saveJob keeps how far the retry came, if its step is still ours.
func saveJob(tx *activity.Tx, job *models.RetryJob) error {
	res := tx.DB.Model(&models.RetryJob{}).
		Where("id = ? AND shop_id = ? AND steps = ? AND finished_at IS NULL", job.ID, job.ShopID, job.Steps).
		Select("Cursor", "Walked", "Total", "Done", "DueAt", "FinishedAt").Updates(job)
	if res.Error != nil {
		return fmt.Errorf("save retry: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errLost
	}
	return nil
}

// takeUp makes the next failures due again, and keeps how far it came together with them.
func (s *Service) takeUp(ctx context.Context, shop *models.Shop, job *models.RetryJob) error {
	var filter activity.Filter
	if err := json.Unmarshal(job.Filter, &filter); err != nil {
		return fmt.Errorf("read filter of retry: %w", err)
	}
	part, err := s.Activity.Failed(ctx, shop, &filter, job.Code, retryBatch, job.Cursor)
	if fault.Is(err, fault.Invalid) && job.Cursor != nil {
		// Another version of the program made the cursor. What was taken up already is passed over.
		part, err = s.Activity.Failed(ctx, shop, &filter, job.Code, retryBatch, nil)
	}
	if err != nil {
		return err
	}
	job.Cursor, job.Walked, job.DueAt = part.Next, part.Next == nil, models.Now()
	before := job.Total
	var due []string
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		job.Total, due = before, nil
		for _, entry := range part.Entries {
			state, err := s.again(tx, shop, entry, job.ActorName, &job.ID)
			if err != nil {
				return err
			}
			if state == taken {
				job.Total++
				due = append(due, entry.DeliveryID())
			}
		}
		if err := saveJob(tx, job); err != nil {
			return err
		}
		return tx.Update(job.ID, "", func(e *models.Activity) { e.Metadata = progressOf(job, 0) })
	})
	if err != nil {
		return err
	}
	for _, id := range due {
		s.nudge(shop.ID, id, 0, time.Time{})
	}
	s.nudgeJob(job, time.Time{})
	return nil
}

// follow looks how far the deliveries have come, and ends the retry with the last of them.
func (s *Service) follow(ctx context.Context, shop *models.Shop, job *models.RetryJob) error {
	open := s.DB.WithContext(ctx).Model(&models.Delivery{}).
		Where("shop_id = ? AND job_id = ? AND status IN ?", shop.ID, job.ID, []models.DeliveryStatus{models.DeliveryPending, models.DeliveryProcessing})
	var left int64
	if err := open.Session(&gorm.Session{}).Count(&left).Error; err != nil {
		return fmt.Errorf("count deliveries of retry: %w", err)
	}
	if left == 0 {
		return s.endJob(ctx, shop, job)
	}
	var next models.Delivery
	err := open.Session(&gorm.Session{}).Select("due_at").Order("due_at").Limit(1).Find(&next).Error
	if err != nil {
		return fmt.Errorf("find next delivery of retry: %w", err)
	}
	now := models.Now()
	job.DueAt = now.Add(min(max(followEvery, next.DueAt.Sub(now)), followLongest))
	done := job.Total - int(left)
	progressed := done != job.Done
	job.Done = done
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := saveJob(tx, job); err != nil || !progressed {
			return err
		}
		return tx.Update(job.ID, "", func(e *models.Activity) { e.Metadata = progressOf(job, 0) })
	})
	if err != nil {
		return err
	}
	s.nudgeJob(job, job.DueAt)
	return nil
}

// endJob counts what has failed again, and closes the retry with its entry and the one that says so.
func (s *Service) endJob(ctx context.Context, shop *models.Shop, job *models.RetryJob) error {
	failed, err := s.failedAgain(ctx, shop, job)
	if err != nil {
		return err
	}
	now := models.Now()
	job.Done, job.DueAt, job.FinishedAt = job.Total, now, &now
	status, summary := models.Success, fmt.Sprintf("Retried %d of what failed with %s", job.Total, job.Code)
	var code, message *string
	if failed > 0 {
		status = models.Warning
		summary += fmt.Sprintf(", %d failed again", failed)
		text, words := activity.CodeRetryIncomplete, activity.Advice(activity.CodeRetryIncomplete)
		code, message = &text, &words
	}
	return s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := saveJob(tx, job); err != nil {
			return err
		}
		err := tx.Update(job.ID, "", func(e *models.Activity) {
			e.Status, e.Summary, e.Metadata = status, summary, progressOf(job, failed)
			e.ErrorCode, e.ErrorMessage = code, message
		})
		if err != nil {
			return err
		}
		completed := withValue(progressOf(job, failed), "durationMs", now.Sub(job.CreatedAt).Milliseconds())
		return tx.Record(&models.Activity{
			ID:           models.DerivedID(now, job.ID, "completed"),
			OccurredAt:   now,
			Type:         models.BackgroundJob,
			Action:       activity.JobCompleted,
			Status:       status,
			Summary:      "Retry finished · " + summary,
			ActorType:    models.ActorSystem,
			ActorName:    activity.System().Name,
			CauseID:      &job.ID,
			Metadata:     completed,
			ErrorCode:    code,
			ErrorMessage: message,
		})
	})
}

// failedAgain counts the deliveries of a retry whose entries say that they failed again, whole or in part.
func (s *Service) failedAgain(ctx context.Context, shop *models.Shop, job *models.RetryJob) (int, error) {
	failed, last := 0, uuid.Nil.String()
	for {
		var ids []string
		err := s.DB.WithContext(ctx).Model(&models.Delivery{}).Where("shop_id = ? AND job_id = ? AND id > ?", shop.ID, job.ID, last).
			Order("id").Limit(models.MaxPage).Pluck("id", &ids).Error
		if err != nil {
			return 0, fmt.Errorf("list deliveries of retry: %w", err)
		}
		if len(ids) == 0 {
			return failed, nil
		}
		counts, err := s.Activity.CountByStatus(ctx, shop.ID, ids)
		if err != nil {
			return 0, err
		}
		failed += counts[models.Failed] + counts[models.Warning]
		last = ids[len(ids)-1]
	}
}
