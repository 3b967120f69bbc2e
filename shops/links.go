package shops

import (
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// pages are the folders of the Shopify admin, by the type in a global id.
var pages = map[string]string{"Order": "orders", "Customer": "customers", "Product": "products"}

// RecordURL returns where a record opens in the Shopify admin, or nil where it has no page of its own.
func (s *Service) RecordURL(shop *models.Shop, gid string) *string {
	kind, id, ok := strings.Cut(strings.TrimPrefix(gid, "gid://shopify/"), "/")
	page, known := pages[kind]
	if !ok || !known {
		return nil
	}
	base := strings.NewReplacer(
		"{shop}", shop.Domain,
		"{handle}", strings.TrimSuffix(shop.Domain, ".myshopify.com"),
	).Replace(s.AdminURL)
	url := base + "/" + page + "/" + id
	return &url
}
