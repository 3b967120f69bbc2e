package streams

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// skew is how far the clock of one process may be before that of another, and how far ahead of ours a recorder outside
// may say that something happened.
const skew = 2 * time.Minute

// batch is a message that is being put together.
type batch struct {
	events []json.RawMessage
	ids    []string
	bytes  int
}

// add adds an event, unless the message is full.
func (b *batch) add(ctx context.Context, kind string, e *activity.Entry) (bool, error) {
	raw, err := encodeEvent(ctx, kind, e)
	if err != nil {
		return false, err
	}
	if len(b.events) > 0 && b.bytes+len(raw) > maxBytes {
		return false, nil
	}
	b.events, b.ids, b.bytes = append(b.events, raw), append(b.ids, e.ID), b.bytes+len(raw)
	return true, nil
}

// fill makes the next message, or comes closer to it, and reports whether there is more to do now. First goes what
// waited when a replay was asked for, then the replay, then what was written since.
func (r *run) fill(ctx context.Context) (more bool, err error) {
	if !r.stream.Enabled {
		return false, nil
	}
	if more, err = r.fillFromQueue(ctx); more || err != nil || r.stream.Replay.From == nil {
		return more, err
	}
	past, err := r.pastHorizon(ctx)
	if err != nil || !past {
		return false, err
	}
	return true, r.fillFromLog(ctx)
}

// fillFromQueue takes what comes first in the queue.
func (r *run) fillFromQueue(ctx context.Context) (bool, error) {
	query := r.DB.WithContext(ctx).Where("stream_id = ?", r.stream.ID)
	if r.stream.Replay.From != nil {
		query = query.Where("id <= ?", r.stream.Replay.After)
	}
	var items []models.StreamItem
	if err := query.Order("id").Limit(maxEvents).Find(&items).Error; err != nil {
		return false, fmt.Errorf("load queue: %w", err)
	}
	if len(items) == 0 {
		return false, nil
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ActivityID
	}
	entries, err := r.Activity.Matching(ctx, r.shop, r.filter, ids)
	if err != nil {
		return false, err
	}
	var b batch
	taken := make([]int64, 0, len(items))
	for _, item := range items {
		// One that the filter does not match, or that has left the log, is taken out of the queue and not sent.
		if e := entries[item.ActivityID]; e != nil {
			fits, err := b.add(ctx, item.Event, e)
			if err != nil {
				return false, err
			}
			if !fits {
				break
			}
		}
		taken = append(taken, item.ID)
	}
	return true, r.commit(ctx, func(tx *activity.Tx) error {
		if err := tx.DB.Where("stream_id = ? AND id IN ?", r.stream.ID, taken).Delete(&models.StreamItem{}).Error; err != nil {
			return fmt.Errorf("take out of the queue: %w", err)
		}
		return r.put(tx.DB, &b)
	})
}

// put keeps a message, to be sent until it is taken.
func (r *run) put(tx *gorm.DB, b *batch) error {
	if len(b.events) == 0 {
		return nil
	}
	now := models.Now()
	body, err := encodeMessage(typeBatch, r.shop, r.stream, now, b.events)
	if err != nil {
		return err
	}
	message := &models.StreamMessage{
		ID:          models.NewID(now),
		StreamID:    r.stream.ID,
		ShopID:      r.shop.ID,
		Body:        compress(body),
		Events:      len(b.events),
		ActivityIDs: b.ids,
		CreatedAt:   now,
	}
	if err := tx.Create(message).Error; err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	return nil
}

// pastHorizon reports whether the log has all that the queue has not. What was being written while the queue was not
// yet filled may be in neither: a replay waits until all such transactions have ended. A transaction that has its
// number sees, when its trigger runs, whatever was committed before: so those that get one later are in the queue.
func (r *run) pastHorizon(ctx context.Context) (bool, error) {
	if !models.IsPostgres(r.DB) {
		return true, nil // SQLite has one writer at a time
	}
	var now struct{ Oldest, Next int64 }
	err := r.DB.WithContext(ctx).Raw(`SELECT pg_snapshot_xmin(snapshot)::text::bigint AS oldest, pg_snapshot_xmax(snapshot)::text::bigint AS next
		FROM pg_current_snapshot() AS snapshot`).Scan(&now).Error
	if err != nil {
		return false, fmt.Errorf("look for transactions in progress: %w", err)
	}
	if horizon := r.stream.Replay.Horizon; horizon != nil {
		return now.Oldest >= *horizon, nil
	}
	err = r.commit(ctx, func(tx *activity.Tx) error {
		r.stream.Replay.Horizon = &now.Next
		return r.save(tx.DB, "replay_horizon")
	})
	return err == nil && now.Oldest >= now.Next, err
}

// fillFromLog takes the next part of a replay, or ends it.
func (r *run) fillFromLog(ctx context.Context) error {
	replay := r.stream.Replay
	filter := *r.filter
	filter.From, filter.To = replay.From, replay.To
	var behind *models.Position
	if replay.SentAt != nil {
		behind = &models.Position{At: *replay.SentAt, ID: *replay.SentID}
	}
	entries, err := r.Activity.Onward(ctx, r.shop, &filter, behind, maxEvents)
	if err != nil {
		return err
	}
	var b batch
	last := -1
	for i, e := range entries {
		if e.Action != activity.StreamDelivered {
			fits, err := b.add(ctx, replayed, e)
			if err != nil {
				return err
			}
			if !fits {
				break
			}
		}
		last = i
	}
	over := len(entries) < maxEvents && last == len(entries)-1
	return r.commit(ctx, func(tx *activity.Tx) error {
		r.stream.Replay = models.Replay{}
		if !over {
			replay.SentAt, replay.SentID = &entries[last].OccurredAt, &entries[last].ID
			replay.After = new(int64) // what waited is sent; on SQLite an empty queue's numbers begin anew
			r.stream.Replay = replay
		}
		if err := r.save(tx.DB, replayColumns...); err != nil {
			return err
		}
		return r.put(tx.DB, &b)
	})
}

var replayColumns = []string{"replay_from", "replay_to", "replay_after", "replay_horizon", "replay_at", "replay_id"}
