package webhooks

import (
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// topic is what a webhook topic tells of.
type topic struct {
	// resource is the kind of record that rules are about, or empty.
	resource models.ResourceType
	trigger  models.Trigger
	// noun and verb make the summary: "Order" "created".
	noun, verb string
	kind       topicKind
}

type topicKind int

const (
	// noted topics are written down; nothing follows from them.
	noted topicKind = iota
	// changed topics carry the record; rules look at it.
	changed
	// tagged topics tell that a customer's tags changed; the customer is read.
	tagged
	// deleted topics tell that a record is gone.
	deleted
	// uninstalled ends our access to the shop.
	uninstalled
	// asked topics ask us to give out or erase what we keep.
	asked
	// unknown topics were not asked for.
	unknown
)

// acted is the topics from which something follows.
var acted = map[string]topic{
	"orders/create":         {models.Order, models.Created, "Order", "created", changed},
	"orders/updated":        {models.Order, models.Updated, "Order", "updated", changed},
	"orders/delete":         {models.Order, "", "Order", "deleted", deleted},
	"customers/create":      {models.Customer, models.Created, "Customer", "created", changed},
	"customers/update":      {models.Customer, models.Updated, "Customer", "updated", changed},
	"customers/delete":      {models.Customer, "", "Customer", "deleted", deleted},
	"customer.tags_added":   {models.Customer, models.Updated, "Customer", "tagged", tagged},
	"customer.tags_removed": {models.Customer, models.Updated, "Customer", "untagged", tagged},
	"products/create":       {models.Product, models.Created, "Product", "created", changed},
	"products/update":       {models.Product, models.Updated, "Product", "updated", changed},
	"products/delete":       {models.Product, "", "Product", "deleted", deleted},
	"app/uninstalled":       {"", "", "App", "uninstalled", uninstalled},
	"customers/data_request": {
		"", "", "Customer data", "requested", asked,
	},
	"customers/redact": {"", "", "Customer data", "to be erased", asked},
	"shop/redact":      {"", "", "Shop data", "to be erased", asked},
}

// nouns are the records of Shopify that topics are named after, in the words of the log.
var nouns = map[string]string{
	"app":                 "App",
	"app_subscriptions":   "App subscription",
	"bulk_operations":     "Bulk operation",
	"carts":               "Cart",
	"checkouts":           "Checkout",
	"collections":         "Collection",
	"customer":            "Customer",
	"customers":           "Customer",
	"draft_orders":        "Draft order",
	"fulfillment_orders":  "Fulfillment order",
	"fulfillments":        "Fulfillment",
	"inventory_items":     "Inventory item",
	"inventory_levels":    "Inventory level",
	"locations":           "Location",
	"order_transactions":  "Payment",
	"orders":              "Order",
	"product_listings":    "Product listing",
	"products":            "Product",
	"refunds":             "Refund",
	"returns":             "Return",
	"shop":                "Shop",
	"tender_transactions": "Payment",
	"themes":              "Theme",
	"variants":            "Variant",
}

var verbs = map[string]string{
	"create": "created",
	"update": "updated",
	"delete": "deleted",
	"finish": "finished",
	"merge":  "merged",
	"add":    "added",
	"remove": "removed",
}

// topicOf returns what a topic tells of. One that nobody asked for is unknown, and says its own name.
func topicOf(name string) topic {
	if t, ok := acted[name]; ok {
		return t
	}
	first, rest, ok := strings.Cut(name, "/")
	if !ok {
		first, rest, ok = strings.Cut(name, ".")
	}
	noun, known := nouns[first]
	if !ok || !known || rest == "" {
		return topic{noun: name, verb: "received", kind: unknown}
	}
	verb, known := verbs[rest]
	if !known {
		verb = strings.ReplaceAll(rest, "_", " ")
	}
	return topic{noun: noun, verb: verb, kind: noted}
}
