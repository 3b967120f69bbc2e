package seed

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

var (
	firstNames = []string{
		"Ada", "Bruno", "Chiara", "Daan", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaia", "Liam", "Mina", "Noor",
		"Otto", "Priya", "Quinn", "Rosa", "Sami", "Tara", "Umar", "Vera", "Wanda", "Xavier", "Yara", "Zoe",
	}
	lastNames = []string{
		"Abbott", "Bianchi", "Castro", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jansen", "Kowalski",
		"Lindqvist", "Moreau", "Nakamura", "Okafor", "Park", "Quist", "Rossi", "Sharma", "Tanaka", "Usman", "Vogel",
	}
	makers = []string{"Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper", "Kestrel", "Larch"}
	goods  = []string{"Riesling", "Pinot Noir", "Olive Oil", "Chardonnay", "Sea Salt", "Rosé", "Honey", "Sparkling Brut", "Vinegar", "Grappa"}
	// rareGoods are what is hardly ever sold: something to search for.
	rareGoods = "Xylograph of the cellar"

	staff = []string{"Riley Park", "Morgan Vogel", "Sam Okafor", "Alex Rossi", "Jamie Lindqvist", "Casey Moreau",
		"Robin Haddad", "Drew Tanaka", "Kim Dubois", "Lou Jansen", "Noa Sharma", "Toni Castro"}
	ruleNames = []string{"VIP orders", "High risk", "International shipping", "Wholesale", "Low stock", "Gift orders",
		"First order", "Repeat buyers", "Large orders", "Express shipping", "Club members", "Backorders", "Press list",
		"Dormant customers", "Local pickup", "Fragile goods", "Discounted", "Tax exempt", "Age check", "Seasonal"}
	ruleTags = []string{"vip", "high-risk", "international", "wholesale", "low-stock", "gift", "first-order", "repeat",
		"large", "express", "club", "backorder", "press", "dormant", "pickup", "fragile", "discounted", "tax-exempt",
		"age-check", "seasonal"}
	ruleFields = []string{"total_price", "risk_level", "shipping_country", "customer_tags", "inventory_total", "note",
		"customer_orders_count", "customer_orders_count", "total_price", "shipping_method", "customer_tags", "line_sku",
		"email_domain", "last_order_date", "shipping_method", "line_type", "discount_code", "customer_tags", "line_type", "created_at"}
	otherTags = []string{"newsletter", "2026", "toronto", "reviewed", "friend of the house", "B2B", "web", "autumn"}
)

// rule is a rule that a shop has.
type rule struct {
	id, name, tag, field string
	version              int
}

func rulesOf(shop *models.Shop) []rule {
	rules := make([]rule, len(ruleNames))
	for i, name := range ruleNames {
		id := models.DerivedID(shop.InstalledAt.Truncate(time.Millisecond), shop.Domain, name)
		rules[i] = rule{id: id, name: name, tag: ruleTags[i], field: ruleFields[i], version: 1 + i%4}
	}
	return rules
}

// record is something in a shop that an entry is about.
type record struct{ kind, id, title string }

func (g *maker) order(b *business) record {
	if g.often(3000) {
		b.orders++
	}
	number := max(1000, b.orders-int64(g.orders.Uint64()))
	return record{"Order", fmt.Sprintf("gid://shopify/Order/%d", 5_500_000_000_000+number), fmt.Sprintf("#%d", number)}
}

func (g *maker) customer() record {
	n := int(g.records.Uint64())
	name := firstNames[n%len(firstNames)] + " " + lastNames[n/len(firstNames)%len(lastNames)]
	return record{"Customer", fmt.Sprintf("gid://shopify/Customer/%d", 7_100_000_000_000+n), name}
}

func (g *maker) product() record {
	if g.r.IntN(50_000) == 0 {
		return record{"Product", "gid://shopify/Product/8300000099999", rareGoods}
	}
	n := int(g.records.Uint64()) % 2_000
	title := makers[n%len(makers)] + " " + goods[n/len(makers)%len(goods)]
	if n >= len(makers)*len(goods) {
		title += fmt.Sprintf(" %d", 2008+n%18)
	}
	return record{"Product", fmt.Sprintf("gid://shopify/Product/%d", 8_300_000_000_000+n), title}
}

// about says which record an entry is about.
func (r record) about(e *models.Activity, shop *models.Shop) {
	places := map[string]string{"Order": "orders", "Customer": "customers", "Product": "products"}
	e.EntityType, e.EntityID, e.EntityTitle = &r.kind, &r.id, &r.title
	if place := places[r.kind]; place != "" {
		url := "https://" + shop.Domain + "/admin/" + place + r.id[len("gid://shopify/"+r.kind):]
		e.EntityURL = &url
	}
}

// named is the record in a summary.
func (r record) named() string {
	if r.kind == "Order" {
		return "Order " + r.title
	}
	return r.title
}

func object(format string, args ...any) json.RawMessage { return fmt.Appendf(nil, format, args...) }

func list(values []string) json.RawMessage {
	raw, err := json.Marshal(values)
	if err != nil {
		return json.RawMessage("[]") // strings always encode
	}
	return raw
}
