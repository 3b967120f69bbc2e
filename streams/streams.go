// Package streams sends a shop's entries to other systems as they are written: signed, in order, at least once.
package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/shops"
	"gorm.io/gorm"
)

// Service is the streams of every shop.
type Service struct {
	DB       *gorm.DB
	Activity *activity.Service
	Shops    *shops.Service
	Notify   *notify.Service
	Queue    *queue.Queue
	Sender   *Sender
	// GiveUpAfter is how long a receiver may fail before its stream is disabled.
	GiveUpAfter time.Duration
}

// waitingCap is where counting what waits stops.
const waitingCap = 10_000

// Stream is a stream as it is shown.
type Stream struct {
	models.Stream
	s *Service
}

// ActivityFilter returns what it sends, in the form of the API's ActivityFilter.
func (s *Stream) ActivityFilter() json.RawMessage { return s.Filter }

// Failing reports whether its last attempt failed.
func (s *Stream) Failing() bool { return s.FailingSince != nil }

// NextTryAt returns when it is tried again after a failure, or nil.
func (s *Stream) NextTryAt() *time.Time {
	if !s.Failing() || !s.Enabled {
		return nil
	}
	return &s.DueAt
}

// Replaying reports whether a part of the log is being sent again.
func (s *Stream) Replaying() bool { return s.Replay.From != nil }

// Waiting returns how many events wait to be sent. Some of them may be none that its filter matches.
func (s *Stream) Waiting(ctx context.Context) (*activity.Count, error) {
	var waiting int64
	err := s.s.DB.WithContext(ctx).Raw(`SELECT (SELECT count(*) FROM (SELECT 1 FROM stream_items WHERE stream_id = @id LIMIT @cap) AS queued) +
		coalesce((SELECT events FROM stream_messages WHERE stream_id = @id AND delivered_at IS NULL), 0)`,
		map[string]any{"id": s.ID, "cap": waitingCap + 1}).Scan(&waiting).Error
	if err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	return &activity.Count{Count: int(min(waiting, waitingCap)), Capped: waiting > waitingCap}, nil
}

// WaitingSince returns when the first of what waits was written, or nil.
func (s *Stream) WaitingSince(ctx context.Context) (*time.Time, error) {
	var open []models.StreamMessage
	err := s.s.DB.WithContext(ctx).Select("id", "created_at").Where("stream_id = ? AND delivered_at IS NULL", s.ID).Find(&open).Error
	if err != nil {
		return nil, fmt.Errorf("find what is being sent: %w", err)
	}
	if len(open) > 0 {
		return &open[0].CreatedAt, nil
	}
	var first []models.StreamItem
	err = s.s.DB.WithContext(ctx).Select("id", "at").Where("stream_id = ?", s.ID).Order("id").Limit(1).Find(&first).Error
	if err != nil {
		return nil, fmt.Errorf("find what waits: %w", err)
	}
	if len(first) > 0 {
		return &first[0].At, nil
	}
	return nil, nil
}

// List returns the shop's streams, the newest first.
func (s *Service) List(ctx context.Context, shop int64) ([]*Stream, error) {
	var rows []models.Stream
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND deleted_at IS NULL", shop).Order("created_at DESC, id DESC").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	streams := make([]*Stream, len(rows))
	for i, row := range rows {
		streams[i] = &Stream{row, s}
	}
	return streams, nil
}

// ofShop reads a stream of the shop.
func ofShop(tx *gorm.DB, shop int64, id string) (*models.Stream, error) {
	unknown := fault.New(fault.NotFound, "This shop has no stream with the id %s.", id)
	if _, ok := models.IDTime(id); !ok {
		return nil, unknown
	}
	var stream models.Stream
	err := tx.Where("id = ? AND shop_id = ? AND deleted_at IS NULL", id, shop).Take(&stream).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, fmt.Errorf("load stream: %w", err)
	}
	return &stream, nil
}

func encoded(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", value, err)) // texts, numbers and filters
	}
	return raw
}
