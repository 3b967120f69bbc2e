package streams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Sent is what an entry of a delivery tells of: both sides of it, as they were last.
type Sent struct {
	Events         int
	Attempts       int
	Milliseconds   int
	ResponseStatus *int
	ResponseType   *string
	ResponseBody   *string

	s       *Service
	message *models.StreamMessage
}

// Sent returns the message that an entry tells of, or nil: there is none of a test, and none whose time is over. Those
// of entries that were read together are read together, but for their bodies.
func (s *Service) Sent(ctx context.Context, entry *activity.Entry) (*Sent, error) {
	if entry.Action != activity.StreamDelivered {
		return nil, nil
	}
	found, err := entry.Beside("sent", func(entries []*activity.Entry) (map[string]any, error) {
		var rows []models.StreamMessage
		err := s.DB.WithContext(ctx).Omit("body", "activity_ids").Where("shop_id = ? AND id IN ?", entry.ShopID, activity.IDs(entries)).
			Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("load messages: %w", err)
		}
		byID := make(map[string]any, len(rows))
		for i := range rows {
			byID[rows[i].ID] = &rows[i]
		}
		return byID, nil
	})
	if err != nil {
		return nil, err
	}
	m, ok := found.(*models.StreamMessage)
	if !ok {
		return nil, nil
	}
	return &Sent{
		Events:         m.Events,
		Attempts:       m.Attempts,
		Milliseconds:   int(m.Milliseconds),
		ResponseStatus: m.ResponseStatus,
		ResponseType:   m.ResponseType,
		ResponseBody:   m.ResponseBody,
		s:              s,
		message:        m,
	}, nil
}

// Request returns the body that was sent, indented, or nil once its time is over or it was erased.
func (m *Sent) Request(ctx context.Context) (*string, error) {
	var row models.StreamMessage
	err := m.s.DB.WithContext(ctx).Select("id", "body").Where("id = ? AND shop_id = ?", m.message.ID, m.message.ShopID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load body of message: %w", err)
	}
	if len(row.Body) == 0 {
		return nil, nil // what it told of somebody was to be erased
	}
	raw, err := expand(row.Body)
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("indent body of message: %w", err)
	}
	text := indented.String()
	return &text, nil
}
