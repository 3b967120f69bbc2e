package shops

import "github.com/tagtrail/tagtrail/models"

// RecordURL returns where a record opens in the Shopify admin, or nil where it has no page of its own.
func (s *Service) RecordURL(shop *models.Shop, gid string) *string {
	return shop.RecordURL(s.AdminURL, gid)
}
