package models

import "strings"

// adminPages are the folders of the Shopify admin, by the type in a global id.
var adminPages = map[string]string{"Order": "orders", "Customer": "customers", "Product": "products"}

// RecordURL returns where a record opens in the Shopify admin, whose address has {handle} or {shop} in it, or nil
// where it has no page of its own.
func (s *Shop) RecordURL(admin, gid string) *string {
	rest, ours := strings.CutPrefix(gid, "gid://shopify/")
	kind, id, whole := strings.Cut(rest, "/")
	page, known := adminPages[kind]
	if !ours || !whole || !known {
		return nil
	}
	url := s.AdminURL(admin) + "/" + page + "/" + id
	return &url
}

// AdminURL returns where the shop's admin opens.
func (s *Shop) AdminURL(admin string) string {
	return strings.NewReplacer(
		"{shop}", s.Domain,
		"{handle}", strings.TrimSuffix(s.Domain, ".myshopify.com"),
	).Replace(admin)
}
