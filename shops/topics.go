package shops

import (
	"slices"
	"strings"
)

// wanted is a topic that we ask Shopify for, and the scopes of which it takes one.
type wanted struct {
	topic  string
	scopes []string
}

// topics is every webhook that we ask Shopify for. What a shop's scopes do not allow is left out there, and asked for
// once they do.
var topics = []wanted{
	{"orders/create", []string{"read_orders"}},
	{"orders/updated", []string{"read_orders"}},
	{"orders/delete", []string{"read_orders"}},
	{"orders/paid", []string{"read_orders"}},
	{"orders/cancelled", []string{"read_orders"}},
	{"orders/fulfilled", []string{"read_orders"}},
	{"orders/partially_fulfilled", []string{"read_orders"}},
	{"orders/edited", []string{"read_orders"}},
	{"order_transactions/create", []string{"read_orders"}},
	{"refunds/create", []string{"read_orders"}},
	{"fulfillments/create", []string{"read_fulfillments"}},
	{"fulfillments/update", []string{"read_fulfillments"}},

	{"customers/create", []string{"read_customers"}},
	{"customers/update", []string{"read_customers"}},
	{"customers/delete", []string{"read_customers"}},
	{"customers/enable", []string{"read_customers"}},
	{"customers/disable", []string{"read_customers"}},
	{"customers/merge", []string{"read_customer_merge"}},
	{"customer.tags_added", []string{"read_customers"}},
	{"customer.tags_removed", []string{"read_customers"}},

	{"products/create", []string{"read_products"}},
	{"products/update", []string{"read_products"}},
	{"products/delete", []string{"read_products"}},
	{"inventory_items/update", []string{"read_inventory", "read_products"}},
	{"inventory_levels/update", []string{"read_inventory"}},

	{"app/uninstalled", nil},
	{"app/scopes_update", nil},
	{"app_subscriptions/update", nil},
	{"bulk_operations/finish", nil},
	{"shop/update", nil},
}

// topicsFor returns the topics that the scopes allow. A scope to write is one to read, too.
func topicsFor(scopes string) []string {
	granted := strings.Split(scopes, ",")
	has := func(scope string) bool {
		return slices.Contains(granted, scope) || slices.Contains(granted, strings.Replace(scope, "read_", "write_", 1))
	}
	var names []string
	for _, w := range topics {
		if len(w.scopes) == 0 || slices.ContainsFunc(w.scopes, has) {
			names = append(names, w.topic)
		}
	}
	return names
}
