package rules

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

type productPayload struct {
	ID          scalar           `json:"id"`
	GID         scalar           `json:"admin_graphql_api_id"`
	Title       scalar           `json:"title"`
	ProductType scalar           `json:"product_type"`
	Vendor      scalar           `json:"vendor"`
	Status      scalar           `json:"status"`
	Handle      scalar           `json:"handle"`
	PublishedAt scalar           `json:"published_at"`
	Tags        tagList          `json:"tags"`
	Variants    []variantPayload `json:"variants"`
	VariantGIDs []counted        `json:"variant_gids"`
	VariantIDs  []counted        `json:"variant_ids"`
	CreatedAt   scalar           `json:"created_at"`
	UpdatedAt   scalar           `json:"updated_at"`
}

// counted is an element that is only counted, whatever is in it.
type counted struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (*counted) UnmarshalJSON([]byte) error { return nil }

type variantPayload struct {
	Position       scalar `json:"position"`
	SKU            scalar `json:"sku"`
	Price          scalar `json:"price"`
	CompareAtPrice scalar `json:"compare_at_price"`
	Inventory      scalar `json:"inventory_quantity"`
}

func (f *Facts) fromProduct(body []byte) error {
	var p productPayload
	if err := decode(body, &p); err != nil {
		return err
	}
	if f.ID = globalID("Product", p.GID, p.ID); f.ID == "" {
		return nil
	}
	f.Title = title(p.Title.text, idNumber(f.ID))
	f.put("title", p.Title)
	f.put("product_type", p.ProductType)
	f.put("vendor", p.Vendor)
	f.put("status", p.Status)
	f.put("handle", p.Handle)
	f.put("created_at", p.CreatedAt)
	f.putUpdated(p.UpdatedAt)
	f.putTags(p.Tags)
	if p.PublishedAt.known {
		f.Set("published", boolText(p.PublishedAt.text != ""))
	}
	if p.Variants != nil {
		f.fromVariants(&p)
	}
	return nil
}

// fromVariants fills the fields about variants. Of a product with more than 100, the webhook carries the first 100 in
// full and only counts the rest, so lowest, highest and total are over those it carries, and say so.
func (f *Facts) fromVariants(p *productPayload) {
	variants := p.Variants
	slices.SortStableFunc(variants, func(a, b variantPayload) int { return position(a) - position(b) })
	count := max(len(variants), len(p.VariantGIDs), len(p.VariantIDs))
	f.Set("variant_count", strconv.Itoa(count))

	prices := each(variants, func(v *variantPayload) string { return v.Price.text })
	compareAt := each(variants, func(v *variantPayload) string { return v.CompareAtPrice.text })
	stock := each(variants, func(v *variantPayload) string { return v.Inventory.text })
	f.Set("variants.sku", each(variants, func(v *variantPayload) string { return v.SKU.text })...)
	f.Set("variants.price", prices...)
	f.Set("variants.compare_at_price", compareAt...)
	f.Set("variants.inventory", stock...)
	for name, values := range map[string][]string{"price": prices, "compare_at_price": compareAt} {
		lowest, highest, _ := bounds(values)
		f.Set(name+".first", values[:min(1, len(values))]...)
		f.Set(name+".lowest", lowest)
		f.Set(name+".highest", highest)
	}
	_, _, total := bounds(stock)
	f.Set("inventory.first", stock[:min(1, len(stock))]...)
	f.Set("inventory.total", total)

	if count > len(variants) {
		note := fmt.Sprintf("The webhook carries %d of %d variants: only these were looked at.", len(variants), count)
		for _, name := range []string{"variants.sku", "variants.price", "variants.compare_at_price", "variants.inventory",
			"price.lowest", "price.highest", "compare_at_price.lowest", "compare_at_price.highest", "inventory.total"} {
			f.values[f.table.index[name]].note = note
		}
	}
}

func position(v variantPayload) int {
	at, err := strconv.ParseInt(v.Position.text, 10, 32)
	if err != nil {
		return 0
	}
	return int(at)
}

func each(variants []variantPayload, value func(*variantPayload) string) []string {
	values := make([]string, len(variants))
	for i := range variants {
		values[i] = value(&variants[i])
	}
	return values
}

// bounds returns the least, the greatest and the sum of the values that are numbers; empty where none is.
func bounds(values []string) (lowest, highest, total string) {
	var low, high, sum decimal.Decimal
	for _, text := range values {
		value, err := parseNumber(text)
		if err != nil {
			continue
		}
		if lowest == "" || value.LessThan(low) {
			low, lowest = value, text
		}
		if highest == "" || value.GreaterThan(high) {
			high, highest = value, text
		}
		sum = sum.Add(value)
	}
	if lowest == "" {
		return "", "", ""
	}
	return lowest, highest, sum.String()
}
