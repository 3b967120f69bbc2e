package webhooks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// DefaultWaits are the pauses between the eight tries of a delivery: about an hour in all.
var DefaultWaits = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 8 * time.Minute, 18 * time.Minute, 30 * time.Minute,
}

// failed keeps what went wrong, and when the next try is. Waiting is not failing: it uses up no try.
func (s *Service) failed(ctx context.Context, t *try, cause error) error {
	if at, why, ok := waiting(cause); ok {
		return s.wait(ctx, t, at, why)
	}
	code, message := explain(cause)
	s.Log.WarnContext(ctx, "delivery failed", "delivery", t.ID, "attempt", t.Attempts, "code", code, "err", cause)
	entry := t.entrySoFar(s)
	entry.Status = models.Pending
	entry.ErrorCode, entry.ErrorMessage = &code, &message
	entry.Attempts = t.Tries()
	var p *panicked
	if errors.As(cause, &p) {
		entry.ErrorStack = &p.stack
	}
	tries := len(s.Waits) + 1
	values := map[string]any{"status": models.DeliveryFailed}
	note := fmt.Sprintf("Try %d of %d failed: %s", t.Tries(), t.EarlierAttempts+tries, message)
	if t.Attempts < tries {
		due := models.Now().Add(s.Waits[t.Attempts-1])
		values = map[string]any{"status": models.DeliveryPending, "due_at": due}
		defer s.nudge(t.ShopID, t.ID, t.Attempts, due)
	} else {
		entry.Status = models.Failed
	}
	err := s.Activity.Commit(ctx, t.shop, func(tx *activity.Tx) error {
		if err := t.settle(tx, values); err != nil {
			return err
		}
		if entry.Status == models.Failed {
			if err := s.Change.GiveUp(tx, t.shop, t.ID, code, message); err != nil {
				return err
			}
		}
		return t.record(tx, entry, note)
	})
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// entrySoFar returns the entry as far as the work came: it tells of the record, if that is known.
func (t *try) entrySoFar(s *Service) *models.Activity {
	if t.entry == nil {
		return s.entryOf(t)
	}
	return t.entry
}

// wait gives the try back.
func (s *Service) wait(ctx context.Context, t *try, at time.Time, why string) error {
	if least := models.Now().Add(minWait); at.Before(least) {
		at = least
	}
	defer s.nudge(t.ShopID, t.ID, t.Attempts-1, at)
	err := s.Activity.Commit(ctx, t.shop, func(tx *activity.Tx) error {
		err := t.settle(tx, map[string]any{
			"status": models.DeliveryPending, "attempts": t.Attempts - 1, "due_at": at.UTC().Truncate(time.Microsecond),
		})
		if err != nil || why == "" {
			return err
		}
		known, err := tx.Exists(t.ID)
		if err != nil || known {
			return err // it says already that it is waiting
		}
		entry := t.entrySoFar(s)
		entry.Status = models.Pending
		entry.Attempts = t.Tries() - 1
		return t.record(tx, entry, why)
	})
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// minWait keeps a nudge from coming before the row says that it is due.
const minWait = 50 * time.Millisecond

// waiting tells whether the work only has to wait, and until when. A short wait for another change to the same
// record is not worth a line in the log.
func waiting(err error) (at time.Time, why string, ok bool) {
	var busy *change.Wait
	if errors.As(err, &busy) {
		return busy.At, "", true
	}
	var e *shopify.Error
	if errors.As(err, &e) && e.Waits() {
		return e.RetryAt, "Waiting for Shopify: the shop's API budget is used up for the moment.", true
	}
	return time.Time{}, "", false
}

// explain names a cause in the merchant's words, with what to do.
func explain(err error) (code, message string) {
	var e *shopify.Error
	if !errors.As(err, &e) {
		return activity.CodeInternal, activity.Advice(activity.CodeInternal)
	}
	switch e.Kind {
	case shopify.Throttled:
		code = activity.CodeRateLimit
	case shopify.Unavailable, shopify.Protocol:
		code = activity.CodeNetwork
	case shopify.Unauthorized:
		code = activity.CodeReauthorize
	case shopify.Frozen, shopify.Locked:
		code = activity.CodeShopFrozen
	case shopify.Forbidden, shopify.NotFound:
		code = activity.CodeShopClosed
	case shopify.AccessDenied:
		code = activity.CodePermissionMissing
	case shopify.Gone:
		code = activity.CodeResourceDeleted
	case shopify.UserError, shopify.Invalid, shopify.SearchWarning:
		return activity.CodeInvalidData, refusedValue(e)
	default:
		code = activity.CodeInternal
	}
	return code, activity.Advice(code)
}

// refusedValue says which value Shopify refused. Its words carry no token and no e-mail address.
func refusedValue(e *shopify.Error) string {
	what := strings.TrimSuffix(e.Message, ".")
	if what == "" {
		what = "it did not say what of it"
	}
	if len(e.Field) > 0 {
		what += " (" + strings.Join(e.Field, ".") + ")"
	}
	return "Shopify refused what Tagtrail asked for: " + what + ". Correct it in the rule or on the record, then retry."
}
