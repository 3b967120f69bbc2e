package streams

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// forgetAtOnce bounds the rows of one statement.
const forgetAtOnce = 500

// Forget drops the bodies of delivered messages whose time is over: the shop keeps webhooks' bodies so many days.
func (s *Service) Forget(ctx context.Context) error {
	var shops []models.Shop
	err := s.DB.WithContext(ctx).Select("id", "webhook_body_days").
		Where("EXISTS (SELECT 1 FROM stream_messages WHERE shop_id = shops.id)").Find(&shops).Error
	if err != nil {
		return fmt.Errorf("find shops with messages: %w", err)
	}
	for _, shop := range shops {
		before := models.Now().Add(-time.Duration(shop.WebhookBodyDays) * 24 * time.Hour)
		for {
			some := s.DB.Model(&models.StreamMessage{}).Select("id").
				Where("shop_id = ? AND created_at < ? AND delivered_at IS NOT NULL", shop.ID, before).Limit(forgetAtOnce)
			res := s.DB.WithContext(ctx).Where("id IN (?)", some).Delete(&models.StreamMessage{})
			if res.Error != nil {
				return fmt.Errorf("forget messages: %w", res.Error)
			}
			if res.RowsAffected < forgetAtOnce {
				break
			}
		}
	}
	return nil
}
