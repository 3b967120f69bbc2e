package webhooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Retry does the failed work of an entry again and returns the entry. The row, its entry and the changes that were
// refused go back to pending together, so that a click does it once, or not at all.
func (s *Service) Retry(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*activity.Entry, error) {
	entry, err := s.Activity.Get(ctx, shop.ID, id)
	if err != nil {
		return nil, err
	}
	if err := mayRetry(shop, entry); err != nil {
		return nil, err
	}
	delivery := entry.DeliveryID()
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		state, err := s.again(tx, shop, entry, actor.Name, nil)
		if err != nil {
			return err
		}
		return state.fault(entry)
	})
	if err != nil {
		return nil, err
	}
	s.nudge(shop.ID, delivery, 0, time.Time{})
	return s.Activity.Get(ctx, shop.ID, id)
}

// mayRetry says in a fault why an entry's work cannot be done again.
func mayRetry(shop *models.Shop, entry *activity.Entry) error {
	if shop.UninstalledAt != nil {
		return fault.New(fault.Invalid, "Tagtrail is not installed in this shop any more. Install it, then retry.")
	}
	if entry.Retryable() {
		return nil
	}
	failed := entry.Status == models.Failed || entry.Status == models.Warning
	switch {
	case !entry.Status.Final():
		return fault.New(fault.Invalid, "This is being worked on already.")
	case !failed || entry.ErrorCode == nil:
		return fault.New(fault.Invalid, "Nothing failed here, so there is nothing to do again.")
	case entry.DeliveryID() == "":
		return fault.New(fault.Invalid, "Only the work on a webhook, and the change of tags that follows from one, can be done again.")
	}
	if advice := activity.Advice(*entry.ErrorCode); advice != "" {
		return fault.New(fault.Invalid, "Another try would end the same way. %s", advice)
	}
	return fault.New(fault.Invalid, "Another try would end the same way.")
}

// retried is what became of the wish to do a delivery's work again.
type retried int

const (
	// taken is to be worked on again.
	taken retried = iota
	// busy is being worked on, or was asked for by the same job before.
	busy
	// settled did not fail, or does not any more.
	settled
	// gone is not kept any more, or its body is not.
	gone
)

func (r retried) fault(entry *activity.Entry) error {
	switch r {
	case busy:
		return fault.New(fault.Invalid, "This is being worked on already.")
	case settled:
		return fault.New(fault.Invalid, "Nothing failed here, so there is nothing to do again.")
	case gone:
		return fault.New(fault.Invalid, "The webhook of %s is no longer kept, so its work cannot be done again.", entry.OccurredAt.Format(time.DateOnly))
	case taken:
	}
	return nil
}

// again makes the failed work of an entry due, as if it had not been tried. The tries before stay in the row and in the
// history of the entry.
func (s *Service) again(tx *activity.Tx, shop *models.Shop, entry *activity.Entry, by string, job *string) (retried, error) {
	id := entry.DeliveryID()
	d, err := lockDelivery(tx, shop, id)
	switch {
	case err != nil:
		return gone, err
	case d == nil || d.Bytes == 0:
		return gone, nil
	case d.Status != models.DeliveryFailed && d.Status != models.DeliveryDone:
		return busy, nil
	case job != nil && d.JobID != nil && *d.JobID == *job:
		return busy, nil // it has failed again since
	}
	// What was read before the row was locked may be over.
	fresh, err := tx.Get(entry.ID)
	if err != nil {
		return gone, err
	}
	if fresh == nil || !fresh.Retryable() {
		return settled, nil
	}
	values := map[string]any{
		"status": models.DeliveryPending, "attempts": 0, "earlier_attempts": d.Tries(), "due_at": models.Now(),
	}
	if job != nil {
		values["job_id"] = *job
	}
	if err := tx.DB.Model(&models.Delivery{}).Where("id = ? AND shop_id = ?", id, shop.ID).Updates(values).Error; err != nil {
		return gone, fmt.Errorf("save delivery: %w", err)
	}
	note := "Retried by " + by
	if err := s.Change.Again(tx, shop, id, note); err != nil {
		return gone, err
	}
	known, err := tx.Exists(id)
	if err != nil || !known {
		return taken, err // it has left the log; another is written when the work is done
	}
	return taken, tx.Update(id, note, func(e *models.Activity) { e.Status = models.Pending })
}

// keptDelivery is a delivery without its body, and how long that is.
type keptDelivery struct {
	models.Delivery
	Bytes int
}

// lockDelivery reads a delivery that nobody else can change until the transaction ends, or nil where there is none.
func lockDelivery(tx *activity.Tx, shop *models.Shop, id string) (*keptDelivery, error) {
	var d keptDelivery
	query := tx.DB.Model(&models.Delivery{}).Select("id", "status", "attempts", "earlier_attempts", "job_id", "length(body) AS bytes")
	if models.IsPostgres(tx.DB) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	err := query.Where("id = ? AND shop_id = ?", id, shop.ID).Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load delivery: %w", err)
	}
	return &d, nil
}
