package streams

import (
	"errors"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// eventAgain is what an entry waits as that is put back into a queue.
const eventAgain = "activity.updated"

// Erase looks at the shop's messages behind one, by id, and takes away the bodies of those that tell of somebody. What
// was delivered keeps its counts. What was not goes back into the queue, so that it is made anew from entries as they are
// now; whoever was sending it begins again. It returns the last message that it looked at, or "" where there are no more,
// and how many it took away.
func (s *Service) Erase(tx *gorm.DB, shop int64, after string, n int, tells func(body []byte) bool) (last string, erased int, err error) {
	var messages []models.StreamMessage
	if err := tx.Where("shop_id = ? AND id > ?", shop, after).Order("id").Limit(n).Find(&messages).Error; err != nil {
		return "", 0, fmt.Errorf("load messages: %w", err)
	}
	for i := range messages {
		m := &messages[i]
		last = m.ID
		told := m.ResponseBody != nil && tells([]byte(*m.ResponseBody))
		if len(m.Body) > 0 {
			body, err := expand(m.Body)
			if err != nil {
				return "", 0, err
			}
			told = told || tells(body)
		}
		if !told {
			continue
		}
		erased++
		if m.DeliveredAt != nil {
			err = tx.Model(&models.StreamMessage{}).Where("id = ? AND shop_id = ?", m.ID, shop).
				Updates(map[string]any{"body": []byte{}, "response_body": nil}).Error
		} else {
			err = takeBack(tx, m)
		}
		if err != nil {
			return "", 0, fmt.Errorf("erase message %s: %w", m.ID, err)
		}
	}
	return last, erased, nil
}

// takeBack puts what a message was to tell back into its stream's queue.
func takeBack(tx *gorm.DB, m *models.StreamMessage) error {
	var stream models.Stream
	err := locked(tx).Where("id = ?", m.StreamID).Take(&stream).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	if err == nil {
		now := models.Now()
		values := map[string]any{"steps": gorm.Expr("steps + 1"), "working": false, "due_at": now}
		if err := tx.Model(&models.Stream{}).Where("id = ?", stream.ID).Updates(values).Error; err != nil {
			return err
		}
		items := make([]models.StreamItem, len(m.ActivityIDs))
		for i, id := range m.ActivityIDs {
			items[i] = models.StreamItem{StreamID: m.StreamID, ShopID: m.ShopID, ActivityID: id, Event: eventAgain, At: now}
		}
		if len(items) > 0 {
			if err := tx.Create(&items).Error; err != nil {
				return err
			}
		}
	}
	return tx.Where("id = ? AND shop_id = ? AND delivered_at IS NULL", m.ID, m.ShopID).Delete(&models.StreamMessage{}).Error
}
