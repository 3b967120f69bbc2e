package webhooks

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
)

const (
	// lease is how long a try may take before it counts as lost with its worker. A task ends sooner: at most one call to
	// Shopify in it times out.
	lease = 30 * time.Second
	// sweepLimit is how many rows one sweep nudges.
	sweepLimit = 1000
)

// Sweep nudges the workers about every delivery that is due, whose nudge may be lost. Where much waits already it comes
// back later, so that a shop with a long queue neither makes it longer nor hides what others have lost.
func (s *Service) Sweep(ctx context.Context) error {
	query := s.DB.WithContext(ctx).Select("id", "shop_id", "attempts").
		Where("status IN ('PENDING', 'PROCESSING') AND due_at <= ?", models.Now())
	if long := s.Queue.LongLanes(); len(long) > 0 {
		query = query.Where("shop_id % ? NOT IN ?", queue.Lanes, long)
	}
	var due []models.Delivery
	err := query.Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find deliveries that are due: %w", err)
	}
	var repeated []models.Delivery
	err = s.DB.WithContext(ctx).Select("id", "shop_id", "attempts").
		Where("duplicates > duplicates_noted AND status IN ?", []models.DeliveryStatus{models.DeliveryDone, models.DeliveryFailed}).
		Order("last_duplicate_at").Limit(sweepLimit).Find(&repeated).Error
	if err != nil {
		return fmt.Errorf("find deliveries that were repeated: %w", err)
	}
	for _, d := range append(due, repeated...) {
		s.nudge(d.ShopID, d.ID, d.Attempts, time.Time{})
	}
	return nil
}

// Reclaim makes tries and tasks of retries due and of operations due that were running
// when this process stopped. Only a process that works alone may say so.
func (s *Service) Reclaim(ctx context.Context) error {
	err := s.DB.WithContext(ctx).Model(&models.Delivery{}).Where("status = ?", models.DeliveryProcessing).
		Updates(map[string]any{"due_at": models.Now()}).Error
	if err != nil {
		return fmt.Errorf("reclaim deliveries: %w", err)
	}
	err = s.DB.WithContext(ctx).Model(&models.RetryJob{}).Where("finished_at IS NULL").Update("due_at", models.Now()).Error
	if err != nil {
		return fmt.Errorf("reclaim retries: %w", err)
	}
	return s.Change.Reclaim(ctx)
}

// try is one try at one delivery.
type try struct {
	*models.Delivery
	shop *models.Shop
	// source is who sent it, nil for Shopify.
	source *models.Source
	topic  topic
	body   []byte
	began  time.Time
	cost   int
	// entry is what is known of the entry so far.
	entry *models.Activity
}

// Process acts on a delivery. A delivery that is done, or that another worker has, is left alone: a second nudge
// does nothing. It returns an error only for what no retry by the row can mend.
func (s *Service) Process(ctx context.Context, id string) error {
	t, err := s.claim(ctx, id)
	if err != nil || t == nil {
		return err
	}
	entry, effect, err := s.act(ctx, t)
	if err == nil {
		err = s.finish(ctx, t, entry, effect)
	}
	if errors.Is(err, errLost) {
		return nil
	}
	if err != nil {
		// What went wrong is kept also when the task's own time is over.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putTimeout)
		defer cancel()
		return s.failed(ctx, t, err)
	}
	return s.noteDuplicates(ctx, t.Delivery, t.shop)
}

// claim begins a try, if the delivery is due.
func (s *Service) claim(ctx context.Context, id string) (*try, error) {
	now := models.Now()
	res := s.DB.WithContext(ctx).Model(&models.Delivery{}).
		Where("id = ? AND status IN ? AND due_at <= ?", id,
			[]models.DeliveryStatus{models.DeliveryPending, models.DeliveryProcessing}, now).
		Updates(map[string]any{
			"status":   models.DeliveryProcessing,
			"attempts": gorm.Expr("attempts + 1"),
			"due_at":   now.Add(lease),
		})
	if res.Error != nil {
		return nil, fmt.Errorf("claim delivery: %w", res.Error)
	}
	t := &try{Delivery: &models.Delivery{}, began: now}
	err := s.DB.WithContext(ctx).Where("id = ?", id).Take(t.Delivery).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load delivery: %w", err)
	}
	if t.shop, err = s.Shops.ByID(ctx, t.ShopID); err != nil {
		return nil, err
	}
	if res.RowsAffected == 0 {
		return nil, s.noteDuplicates(ctx, t.Delivery, t.shop)
	}
	if t.source, err = s.sourceOf(ctx, t.Delivery); err != nil {
		return nil, err
	}
	t.topic = topicOf(t.Topic)
	if t.body, err = Body(t.Delivery); err != nil {
		return nil, err
	}
	return t, nil
}

// act runs the topic's work. A panic in it fails the try, like any other error.
func (s *Service) act(ctx context.Context, t *try) (entry *models.Activity, effect effect, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p, stack: string(debug.Stack())}
		}
	}()
	return s.work(ctx, t)
}

// effect is what is committed together with the entry.
type effect func(tx *activity.Tx) error

type panicked struct {
	value any
	stack string
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// errLost says that the lease ended and another worker has the delivery.
var errLost = errors.New("another worker has the delivery")

// finish commits the entry, its effect and the end of the delivery together.
func (s *Service) finish(ctx context.Context, t *try, entry *models.Activity, effect effect) error {
	return s.Activity.Commit(ctx, t.shop, func(tx *activity.Tx) error {
		if err := t.settle(tx, map[string]any{"status": models.DeliveryDone}); err != nil {
			return err
		}
		if effect != nil {
			if err := effect(tx); err != nil {
				return err
			}
		}
		entry.Attempts = t.Tries()
		return t.record(tx, entry, "")
	})
}

// settle ends the try, if it is still ours.
func (t *try) settle(tx *activity.Tx, values map[string]any) error {
	res := tx.DB.Model(&models.Delivery{}).
		Where("id = ? AND shop_id = ? AND status = ? AND attempts = ?", t.ID, t.ShopID, models.DeliveryProcessing, t.Attempts).
		Updates(values)
	if res.Error != nil {
		return fmt.Errorf("save delivery: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errLost
	}
	return nil
}

// record writes the delivery's entry, or brings the one of an earlier try up to date.
func (t *try) record(tx *activity.Tx, entry *models.Activity, note string) error {
	known, err := tx.Exists(t.ID)
	if err != nil {
		return err
	}
	if known {
		return tx.Update(t.ID, note, func(e *models.Activity) {
			e.Status, e.Summary = entry.Status, entry.Summary
			e.EntityType, e.EntityID = entry.EntityType, entry.EntityID
			e.EntityTitle, e.EntityURL = entry.EntityTitle, entry.EntityURL
			e.CauseID, e.Changes, e.Evaluations, e.Metadata = entry.CauseID, entry.Changes, entry.Evaluations, entry.Metadata
			e.ErrorCode, e.ErrorMessage, e.ErrorStack = entry.ErrorCode, entry.ErrorMessage, entry.ErrorStack
			e.Attempts = entry.Attempts
		})
	}
	entry.ID = t.ID
	entry.OccurredAt = t.ReceivedAt
	entry.Type = models.Webhook
	entry.ActorType = models.ActorExternal
	if t.source == nil {
		entry.Action, entry.ActorID, entry.ActorName = activity.WebhookReceived, &shopifyActor, shopifyName
	} else {
		entry.ActorID, entry.ActorName = &t.source.ID, t.source.Name
		if err := countReceived(tx, t.source, t.ReceivedAt); err != nil {
			return err
		}
	}
	entry.History = []models.StatusChange{
		{Status: models.Pending, At: t.ReceivedAt},
		{Status: models.InProgress, At: t.began},
		{Status: entry.Status, At: models.Now()},
	}
	if note != "" {
		entry.History[2].Note = &note
	}
	return tx.Record(entry)
}

// shopifyActor is Shopify's id as an actor. Who at Shopify's end did it, a webhook does not tell.
var shopifyActor = "shopify"

const shopifyName = "Shopify"

// sourceOf returns who sent a delivery, connected still or not, or nil where it was Shopify.
func (s *Service) sourceOf(ctx context.Context, d *models.Delivery) (*models.Source, error) {
	if d.SourceID == nil {
		return nil, nil
	}
	var source models.Source
	if err := s.DB.WithContext(ctx).Where("id = ? AND shop_id = ?", *d.SourceID, d.ShopID).Take(&source).Error; err != nil {
		return nil, fmt.Errorf("load source: %w", err)
	}
	return &source, nil
}

// countReceived counts a webhook of a source with its entry, so that each counts once.
func countReceived(tx *activity.Tx, source *models.Source, at time.Time) error {
	err := tx.DB.Model(&models.Source{}).Where("id = ? AND shop_id = ?", source.ID, source.ShopID).Updates(map[string]any{
		"received":         gorm.Expr("received + 1"),
		"last_received_at": gorm.Expr("CASE WHEN last_received_at > ? THEN last_received_at ELSE ? END", at, at),
	}).Error
	if err != nil {
		return fmt.Errorf("count a source's webhook: %w", err)
	}
	return nil
}

// noteDuplicates adds to a finished delivery's entry how often its sender has sent it again.
func (s *Service) noteDuplicates(ctx context.Context, d *models.Delivery, shop *models.Shop) error {
	if d.Duplicates <= d.DuplicatesNoted {
		return nil // one that comes from now on has a nudge of its own
	}
	sender := shopifyName
	if source, err := s.sourceOf(ctx, d); err != nil {
		return err
	} else if source != nil {
		sender = source.Name
	}
	return s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var fresh models.Delivery
		err := tx.DB.Where("id = ? AND shop_id = ?", d.ID, shop.ID).Take(&fresh).Error
		if err != nil {
			return fmt.Errorf("load delivery: %w", err)
		}
		open := fresh.Status == models.DeliveryPending || fresh.Status == models.DeliveryProcessing
		if open || fresh.Duplicates <= fresh.DuplicatesNoted {
			return nil
		}
		res := tx.DB.Model(&models.Delivery{}).
			Where("id = ? AND shop_id = ? AND duplicates_noted = ?", d.ID, shop.ID, fresh.DuplicatesNoted).
			Update("duplicates_noted", fresh.Duplicates)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		known, err := tx.Exists(d.ID)
		if err != nil || !known {
			return err
		}
		note := sender + " sent this webhook again. The duplicate was suppressed."
		if n := fresh.Duplicates - fresh.DuplicatesNoted; n > 1 {
			note = fmt.Sprintf("%s sent this webhook %d more times. The duplicates were suppressed.", sender, n)
		}
		return tx.Update(d.ID, note, func(e *models.Activity) {
			e.Metadata = withValue(e.Metadata, "duplicatesSuppressed", fresh.Duplicates)
		})
	})
}

// EnsurePartitions makes the partitions that entries will need.
func (s *Service) EnsurePartitions(ctx context.Context) error {
	return models.EnsurePartitions(ctx, s.DB, models.Now())
}
