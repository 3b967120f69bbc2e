package chain

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// trimDays is how many days of links are let go in one step.
const trimDays = 7

// Trim lets go of the links about days that no entry is left of, shop by shop. Before, it makes sure that each of their
// entries left as it should. What is let go is said in a signed block, and the blocks stay, without their links.
func (s *Service) Trim(ctx context.Context) error {
	var shops []models.Shop
	err := s.DB.WithContext(ctx).Select("id", "domain").Order("id").
		Where("EXISTS (SELECT 1 FROM chain_blocks WHERE shop_id = shops.id AND links IS NOT NULL)").Find(&shops).Error
	if err != nil {
		return fmt.Errorf("find chains: %w", err)
	}
	for i := range shops {
		for more := true; more; {
			if more, err = s.trimSome(ctx, &shops[i]); err != nil {
				return fmt.Errorf("trim the chain of shop %d: %w", shops[i].ID, err)
			}
		}
	}
	return nil
}

func (s *Service) trimSome(ctx context.Context, shop *models.Shop) (more bool, err error) {
	horizon, err := s.horizon(s.DB.WithContext(ctx), shop.ID)
	if err != nil {
		return false, err
	}
	days, newest, err := s.trimmable(s.DB.WithContext(ctx), shop.ID, horizon)
	if err != nil || len(days) == 0 {
		return false, err
	}
	until := days[len(days)-1].AddDate(0, 0, 1)
	clean := true
	v := s.verification(shop, func(Finding) { clean = false })
	if err := v.bounds(s.DB.WithContext(ctx)); err != nil {
		return false, err
	}
	if err := v.windows(ctx, days[0], until); err != nil || !clean || v.unsound {
		return false, err // verifying tells the operator of it, and what tells of it stays
	}
	err = models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		end, err := lockChain(tx, shop.ID)
		if err != nil || end == nil {
			return err
		}
		if horizon, err = s.horizon(tx, shop.ID); err != nil || horizon.Before(until) {
			return err // something older came in meanwhile
		}
		gone := trimmed(tx.Model(&models.ChainBlock{}), shop.ID, until).Where("number <= ?", newest).Update("links", nil)
		if gone.Error != nil || gone.RowsAffected == 0 {
			return gone.Error
		}
		more = len(days) == trimDays
		if until.After(end.head.TrimmedBefore) {
			end.head.TrimmedBefore = until
		}
		return tx.Create(end.add(s.Key, newContent(s.now()), s.now())).Error
	})
	return more && err == nil, err
}

// horizon is the day before which the shop has no entries.
func (s *Service) horizon(db *gorm.DB, shop int64) (time.Time, error) {
	var oldest []models.Activity
	err := db.Select("occurred_at").Where("shop_id = ?", shop).Order("occurred_at, id").Limit(1).Find(&oldest).Error
	if err != nil || len(oldest) == 0 {
		return dayOf(s.now()), err
	}
	return dayOf(oldest[0].OccurredAt), nil
}

// trimmable returns the first days from before the horizon that have links, and the newest block there is.
func (s *Service) trimmable(db *gorm.DB, shop int64, horizon time.Time) (days []time.Time, newest int64, err error) {
	var blocks []models.ChainBlock
	err = trimmed(db.Model(&models.ChainBlock{}), shop, horizon).Distinct("day").Order("day").Limit(trimDays).Find(&blocks).Error
	if err != nil || len(blocks) == 0 {
		return nil, 0, err
	}
	for i := range blocks {
		days = append(days, blocks[i].Day.UTC())
	}
	err = db.Model(&models.ChainBlock{}).Where("shop_id = ?", shop).Select("max(number)").Scan(&newest).Error
	return days, newest, err
}

// trimmed narrows a query to blocks that have links about nothing but days from before a time.
func trimmed(query *gorm.DB, shop int64, before time.Time) *gorm.DB {
	return query.Where("shop_id = ? AND links IS NOT NULL AND day < ? AND last_at < ?", shop, before, before)
}
