package shops

import (
	"slices"
	"testing"
)

func TestTopicsAreAskedForWhereTheScopesAllow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scopes  string
		asked   []string
		leftOut []string
	}{
		{"", []string{"app/uninstalled", "bulk_operations/finish"}, []string{"orders/create", "inventory_items/update"}},
		{"write_orders,read_products", []string{"orders/paid", "refunds/create", "inventory_items/update"}, []string{"inventory_levels/update", "fulfillments/create", "customers/merge"}},
		{"read_inventory,read_fulfillments,read_customer_merge", []string{"inventory_levels/update", "fulfillments/update", "customers/merge"}, []string{"products/create"}},
	} {
		got := topicsFor(test.scopes)
		for _, topic := range test.asked {
			if !slices.Contains(got, topic) {
				t.Errorf("with %q, %s is not asked for", test.scopes, topic)
			}
		}
		for _, topic := range test.leftOut {
			if slices.Contains(got, topic) {
				t.Errorf("with %q, %s is asked for, which Shopify refuses", test.scopes, topic)
			}
		}
	}
}
