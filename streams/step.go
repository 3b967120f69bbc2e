package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
)

const (
	// taskTime is how long one task begins new attempts. With the last of them it ends before the queue ends it.
	taskTime = 10 * time.Second
	// lease is when a task counts as lost with its worker. It is longer than a task may take.
	lease      = 40 * time.Second
	sweepLimit = 1000
)

// waits are the pauses after failures in a row; the last one is that of all further ones.
var waits = []time.Duration{
	5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour,
}

// errLost says that the lease ended and another worker has the stream, or that somebody changed it.
var errLost = errors.New("another worker has the stream")

// run is one task's work on a stream.
type run struct {
	*Service
	shop   *models.Shop
	stream *models.Stream
	filter *activity.Filter
	// until is when no new attempt is begun.
	until time.Time
}

// Deliver sends what waits in a stream, for a while. One that another worker has is left alone.
//
// An event is at any time in exactly one place: in the queue, in the open message, or delivered. It goes from one to
// the next in one transaction, and becomes delivered only after its receiver has said so. So none is lost; one whose
// receipt was not heard or not kept is sent again, in the same message.
func (s *Service) Deliver(ctx context.Context, id string) error {
	r, err := s.claim(ctx, id)
	if err != nil || r == nil {
		return err
	}
	err = r.work(ctx)
	if errors.Is(err, errLost) || errors.Is(err, context.Canceled) {
		return nil // who has it goes on, or the sweep finds it when its lease is over
	}
	return err
}

// Sweep nudges the workers about every stream that has something to send and is due.
func (s *Service) Sweep(ctx context.Context) error {
	var due []models.Stream
	// The streams with a queue are found by jumping from one to the next on the index.
	err := s.DB.WithContext(ctx).Raw(`WITH RECURSIVE queued (id) AS (
			SELECT (SELECT stream_id FROM stream_items ORDER BY stream_id LIMIT 1)
			UNION ALL
			SELECT (SELECT stream_id FROM stream_items WHERE stream_id > queued.id ORDER BY stream_id LIMIT 1) FROM queued WHERE queued.id IS NOT NULL
		) SELECT id, shop_id, steps FROM streams WHERE enabled AND due_at <= ? AND (replay_from IS NOT NULL
			OR id IN (SELECT id FROM queued WHERE id IS NOT NULL)
			OR id IN (SELECT stream_id FROM stream_messages WHERE delivered_at IS NULL))
		ORDER BY due_at LIMIT ?`, models.Now(), sweepLimit).Scan(&due).Error
	if err != nil {
		return fmt.Errorf("find streams that are due: %w", err)
	}
	for i := range due {
		s.nudge(&due[i], time.Time{})
	}
	return nil
}

// Reclaim makes the streams due that were worked on when this process stopped. Only a process that works alone may say so.
func (s *Service) Reclaim(ctx context.Context) error {
	err := s.DB.WithContext(ctx).Model(&models.Stream{}).Where("working").
		Updates(map[string]any{"due_at": models.Now(), "working": false}).Error
	if err != nil {
		return fmt.Errorf("reclaim streams: %w", err)
	}
	return nil
}

func (s *Service) nudge(stream *models.Stream, at time.Time) {
	s.Queue.NudgeAt(queue.DeliverStream{ID: stream.ID, Step: stream.Steps, Shop: stream.ShopID}, at)
}

func (s *Service) claim(ctx context.Context, id string) (*run, error) {
	now := models.Now()
	res := s.DB.WithContext(ctx).Model(&models.Stream{}).Where("id = ? AND enabled AND due_at <= ?", id, now).
		Updates(map[string]any{"steps": gorm.Expr("steps + 1"), "due_at": now.Add(lease), "working": true})
	if res.Error != nil {
		return nil, fmt.Errorf("claim stream: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	r := &run{Service: s, stream: &models.Stream{}, until: now.Add(taskTime)}
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(r.stream).Error; err != nil {
		return nil, fmt.Errorf("load stream: %w", err)
	}
	var err error
	if r.shop, err = s.Shops.ByID(ctx, r.stream.ShopID); err != nil {
		return nil, err
	}
	return r, r.read()
}

// read reads what the row says to send.
func (r *run) read() error {
	r.filter = &activity.Filter{}
	if err := json.Unmarshal(r.stream.Filter, r.filter); err != nil {
		return fmt.Errorf("read filter of stream: %w", err)
	}
	return nil
}

// work makes messages and sends them, one after the other.
func (r *run) work(ctx context.Context) error {
	if r.shop.UninstalledAt != nil {
		return r.disable(ctx, "Tagtrail is not installed in the shop any more")
	}
	for {
		message, err := r.open(ctx)
		if err != nil {
			return err
		}
		if message == nil {
			more, err := r.fill(ctx)
			if err != nil {
				return err
			}
			if !more {
				return r.rest(ctx)
			}
			if !time.Now().Before(r.until) {
				return r.pause(ctx)
			}
			continue
		}
		ok, err := r.send(ctx, message)
		if err != nil || !ok {
			return err
		}
		if !time.Now().Before(r.until) {
			return r.pause(ctx)
		}
	}
}

// open returns the message that is being sent, or nil.
func (r *run) open(ctx context.Context) (*models.StreamMessage, error) {
	var open []models.StreamMessage
	err := r.DB.WithContext(ctx).Where("stream_id = ? AND delivered_at IS NULL", r.stream.ID).Find(&open).Error
	if err != nil {
		return nil, fmt.Errorf("load message: %w", err)
	}
	if len(open) == 0 {
		return nil, nil
	}
	return &open[0], nil
}

// commit does something in a transaction that counts only while the stream is this task's, and reads the row anew.
func (r *run) commit(ctx context.Context, do func(tx *activity.Tx) error) error {
	return r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		var fresh models.Stream
		err := locked(tx.DB).Where("id = ? AND steps = ? AND deleted_at IS NULL", r.stream.ID, r.stream.Steps).Take(&fresh).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return errLost
		}
		if err != nil {
			return fmt.Errorf("lock stream: %w", err)
		}
		r.stream = &fresh
		if err := r.read(); err != nil {
			return err
		}
		return do(tx)
	})
}

// save keeps columns of the row.
func (r *run) save(tx *gorm.DB, columns ...string) error {
	err := tx.Model(&models.Stream{}).Where("id = ? AND steps = ?", r.stream.ID, r.stream.Steps).
		Select(columns).Updates(r.stream).Error
	if err != nil {
		return fmt.Errorf("save stream: %w", err)
	}
	return nil
}

// rest ends the task when there is nothing to send.
func (r *run) rest(ctx context.Context) error {
	return r.commit(ctx, func(tx *activity.Tx) error { return r.dueAt(tx.DB, models.Now()) })
}

// pause ends the task when its time is over, and asks for the next one.
func (r *run) pause(ctx context.Context) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	r.nudge(r.stream, time.Time{})
	return nil
}

func (r *run) dueAt(tx *gorm.DB, at time.Time) error {
	r.stream.DueAt, r.stream.Working = at, false
	return r.save(tx, "DueAt", "Working")
}

// disable ends a stream that cannot go on.
func (r *run) disable(ctx context.Context, because string) error {
	return r.commit(ctx, func(tx *activity.Tx) error { return r.disableIn(tx, because) })
}

func (r *run) disableIn(tx *activity.Tx, because string) error {
	now := models.Now()
	r.stream.Enabled, r.stream.DisabledAt, r.stream.DisabledBecause = false, &now, &because
	if err := r.save(tx.DB, "Enabled", "DisabledAt", "DisabledBecause"); err != nil {
		return err
	}
	if err := r.dueAt(tx.DB, now); err != nil {
		return err
	}
	if err := r.mailDisabled(tx, because); err != nil {
		return err
	}
	return tx.Record(disabledEntry(r.stream, activity.System(), because))
}

// mailDisabled tells the people of the shop that nothing more is sent.
func (r *run) mailDisabled(tx *activity.Tx, because string) error {
	if len(r.shop.NotifyEmails) == 0 || r.shop.UninstalledAt != nil {
		return nil
	}
	letter := &mail.Letter{
		Heading: "Stream " + r.stream.Name + " is disabled",
		Paragraphs: []string{
			"Tagtrail sends it nothing more. " + because + ".",
			"Once its receiver answers again, enable it under Settings: it can be sent what was written meanwhile.",
		},
		Facts:  []mail.Fact{{Name: "Address", Value: r.stream.URL}},
		Button: &mail.Button{Text: "Open Settings", URL: r.Notify.PageURL(r.shop, "/settings")},
		Why:    "You get this because your address is among those that Tagtrail tells of what happens, under Settings.",
	}
	name := fmt.Sprintf("stream %s disabled at step %d", r.stream.ID, r.stream.Steps)
	_, err := r.Notify.Post(tx.DB, r.shop, name, r.shop.NotifyEmails, false, "["+r.shop.Name+"] "+letter.Heading, letter)
	return err
}

func compress(raw []byte) []byte { return s2.Encode(nil, raw) }

func expand(body []byte) ([]byte, error) {
	raw, err := s2.Decode(nil, body)
	if err != nil {
		return nil, fmt.Errorf("open body of message: %w", err)
	}
	return raw, nil
}
