package streams

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// send makes one attempt to deliver the message, outside of any transaction, and keeps what came of it. It reports
// whether the receiver took it.
func (r *run) send(ctx context.Context, message *models.StreamMessage) (bool, error) {
	body, err := expand(message.Body)
	if err != nil {
		return false, err
	}
	a, err := r.attempt(ctx, r.stream, message.ID, body)
	if err != nil {
		return false, err
	}
	message.Attempts++
	message.ResponseStatus, message.ResponseType, message.ResponseBody = nil, nil, nil
	if a.Status != 0 {
		message.ResponseStatus, message.ResponseType, message.ResponseBody = &a.Status, &a.Type, &a.Body
	}
	message.Milliseconds = a.Took.Milliseconds()
	// What the receiver did is kept also when the task's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if a.Failure == "" {
		return true, r.delivered(ctx, message, len(body))
	}
	return false, r.failed(ctx, message, a, len(body))
}

// goodbye is how long a task that ends may take to say so.
const goodbye = 5 * time.Second

// attempt signs and sends a message. Each attempt is signed anew: its time is the attempt's.
func (s *Service) attempt(ctx context.Context, stream *models.Stream, id string, body []byte) (*answer, error) {
	now := models.Now()
	secrets, err := s.secrets(stream, now)
	if err != nil {
		return nil, err
	}
	headers, err := sign(secrets, id, now, body)
	if err != nil {
		return nil, err
	}
	return s.Sender.post(ctx, stream.URL, headers, body)
}

// delivered keeps that the receiver took the message.
func (r *run) delivered(ctx context.Context, message *models.StreamMessage, size int) error {
	return r.commit(ctx, func(tx *activity.Tx) error {
		now := models.Now()
		message.DeliveredAt = &now
		if err := keepAttempt(tx, message); err != nil {
			return err
		}
		r.stream.Delivered += message.Events
		r.stream.Attempts, r.stream.FailingSince, r.stream.LastSuccessAt = 0, nil, &now
		if err := r.save(tx.DB, "Delivered", "Attempts", "FailingSince", "LastSuccessAt"); err != nil {
			return err
		}
		return enter(tx, r.stream, message, size, models.Success, "")
	})
}

// failed keeps why the receiver did not take the message, and when it is tried again.
func (r *run) failed(ctx context.Context, message *models.StreamMessage, a *answer, size int) error {
	err := r.commit(ctx, func(tx *activity.Tx) error {
		if err := keepAttempt(tx, message); err != nil {
			return err
		}
		now := models.Now()
		pause := max(waits[min(r.stream.Attempts, len(waits)-1)], a.Wait)
		r.stream.Attempts++
		r.stream.LastFailureAt, r.stream.LastFailure = &now, &a.Failure
		if r.stream.FailingSince == nil {
			r.stream.FailingSince = &now
		}
		if err := r.save(tx.DB, "Attempts", "FailingSince", "LastFailureAt", "LastFailure"); err != nil {
			return err
		}
		because := ""
		switch {
		case !r.stream.Enabled: // somebody disabled it meanwhile
		case a.Gone:
			because = "Its receiver answered 410: it wants nothing more"
		case now.Sub(*r.stream.FailingSince) >= r.GiveUpAfter:
			because = fmt.Sprintf("Its receiver has failed since %s. %s", r.stream.FailingSince.Format(time.RFC3339), a.Failure)
		}
		if because == "" {
			if err := r.dueAt(tx.DB, now.Add(pause)); err != nil {
				return err
			}
			return enter(tx, r.stream, message, size, models.Pending, a.Failure)
		}
		if err := r.disableIn(tx, because); err != nil {
			return err
		}
		return enter(tx, r.stream, message, size, models.Failed, a.Failure)
	})
	if err != nil {
		return err
	}
	if r.stream.Enabled {
		r.nudge(r.stream, r.stream.DueAt)
	}
	return nil
}

func keepAttempt(tx *activity.Tx, message *models.StreamMessage) error {
	err := tx.DB.Model(&models.StreamMessage{}).Where("id = ?", message.ID).
		Select("Attempts", "ResponseStatus", "ResponseType", "ResponseBody", "Milliseconds", "DeliveredAt").Updates(message).Error
	if err != nil {
		return fmt.Errorf("keep attempt: %w", err)
	}
	return nil
}

// enter writes the message's entry, or how it goes on.
func enter(tx *activity.Tx, stream *models.Stream, message *models.StreamMessage, size int, status models.ActivityStatus, failure string) error {
	note := ""
	if failure != "" {
		note = fmt.Sprintf("Attempt %d: %s", message.Attempts, failure)
	}
	kind := "Stream"
	say := func(e *models.Activity) {
		e.Status, e.Attempts = status, message.Attempts
		e.Metadata = encoded(map[string]any{
			"messageId":    message.ID,
			"url":          stream.URL,
			"events":       message.Events,
			"activityIds":  message.ActivityIDs,
			"bytes":        size,
			"status":       message.ResponseStatus,
			"milliseconds": message.Milliseconds,
		})
		e.ErrorCode, e.ErrorMessage = nil, nil
		if failure != "" {
			code := activity.CodeStreamFailing
			e.ErrorCode, e.ErrorMessage = &code, &failure
		}
	}
	known, err := tx.Exists(message.ID)
	if err != nil {
		return err
	}
	if known {
		return tx.Update(message.ID, note, say)
	}
	at, _ := models.IDTime(message.ID)
	e := &models.Activity{
		ID:          message.ID,
		OccurredAt:  at,
		Type:        models.Webhook,
		Action:      activity.StreamDelivered,
		Summary:     fmt.Sprintf("%s to %s", amount(message.Events), stream.Name),
		ActorType:   models.ActorSystem,
		ActorName:   activity.System().Name,
		EntityType:  &kind,
		EntityID:    &stream.ID,
		EntityTitle: &stream.Name,
	}
	say(e)
	if note != "" {
		e.History = []models.StatusChange{{Status: status, At: models.Now(), Note: &note}}
	}
	return tx.Record(e)
}

func amount(events int) string {
	switch events {
	case 0:
		return "Test sent"
	case 1:
		return "1 entry sent"
	default:
		return fmt.Sprintf("%d entries sent", events)
	}
}
