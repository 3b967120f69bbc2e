package webhooks

import (
	"context"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// keepSQLite commits the rows as keepPostgres does.
func keepSQLite(ctx context.Context, db *gorm.DB, deliveries []*models.Delivery) ([]kept, error) {
	err := db.WithContext(ctx).Clauses(
		clause.OnConflict{
			Columns: []clause.Column{{Name: "shop_id"}, {Name: "webhook_id"}},
			DoUpdates: clause.Set{
				{Column: clause.Column{Name: "duplicates"}, Value: gorm.Expr("deliveries.duplicates + 1 + excluded.duplicates")},
				{Column: clause.Column{Name: "last_duplicate_at"}, Value: gorm.Expr("excluded.received_at")},
			},
		},
		clause.Returning{Columns: []clause.Column{{Name: "id"}, {Name: "shop_id"}, {Name: "attempts"}}},
	).Create(&deliveries).Error
	if err != nil {
		return nil, fmt.Errorf("keep webhook: %w", err)
	}
	found := make([]kept, len(deliveries))
	for i, d := range deliveries {
		found[i] = kept{d.ID, d.ShopID, d.Attempts}
	}
	return found, nil
}
