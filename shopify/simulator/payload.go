package simulator

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// productPayload is the product as products/create and products/update carry it: the first
// hundred variants in full, all of them as ids.
func (st *store) productPayload(p *product) any {
	variants, gids, values := []any{}, []any{}, []any{}
	for i, v := range p.variants {
		if i < 100 {
			variants = append(variants, st.variantPayload(p, v))
		}
		values = append(values, v.title)
		gids = append(gids, map[string]any{
			"admin_graphql_api_id": gid("ProductVariant", v.id),
			"updated_at":           v.updated.Format("2006-01-02T15:04:05.000Z"),
		})
	}
	option := "Title"
	if len(p.variants) > 0 {
		option = p.variants[0].optionName
	}
	return map[string]any{
		"admin_graphql_api_id": p.gid(), "body_html": nullable(p.html), "created_at": st.localTime(p.created),
		"handle": p.handle, "id": p.id, "product_type": p.kind, "published_at": st.localTime(p.published),
		"template_suffix": nullable(p.template), "title": p.title, "updated_at": st.localTime(p.updated), "vendor": p.vendor,
		"status": strings.ToLower(p.status), "published_scope": "global", "tags": strings.Join(p.tags, ", "),
		"variants": variants,
		"options": []any{map[string]any{
			"name": option, "id": p.id + 1, "product_id": p.id, "position": 1, "values": values,
		}},
		"images": []any{}, "image": nil, "media": []any{}, "variant_gids": gids,
		"has_variants_that_requires_components": false, "category": nil,
	}
}

func (st *store) variantPayload(p *product, v *variant) any {
	var compare any
	if v.compareAt > 0 {
		compare = v.compareAt.String()
	}
	return map[string]any{
		"admin_graphql_api_id": gid("ProductVariant", v.id), "barcode": nullable(v.barcode),
		"compare_at_price": compare, "created_at": st.localTime(v.created), "id": v.id,
		"inventory_policy": "deny", "position": v.position, "price": v.price.String(), "product_id": p.id,
		"sku": nullable(v.sku), "taxable": true, "title": v.title, "updated_at": st.localTime(v.updated),
		"option1": v.title, "option2": nil, "option3": nil, "image_id": nil,
		"inventory_item_id": v.inventoryItem, "inventory_quantity": v.quantity, "old_inventory_quantity": v.oldCount,
	}
}

func (st *store) customerPayload(c *customer) any { return st.customerFields(c) }

func (st *store) customerFields(c *customer) map[string]any {
	addresses := []any{}
	for i, a := range c.addresses {
		addresses = append(addresses, customerAddress(c, a, i == 0))
	}
	p := map[string]any{
		"id": c.id, "created_at": st.localTime(c.created), "updated_at": st.localTime(c.updated),
		"first_name": nullable(c.first), "last_name": nullable(c.last), "state": strings.ToLower(c.state),
		"note": nullable(c.note), "verified_email": c.verified, "multipass_identifier": nil,
		"tax_exempt": c.taxExempt, "email": nullable(c.email), "phone": nullable(c.phone), "currency": st.Currency,
		"addresses": addresses, "tax_exemptions": []any{}, "admin_graphql_api_id": c.gid(), "default_address": nil,
	}
	if len(addresses) > 0 {
		p["default_address"] = addresses[0]
	}
	return p
}

func customerAddress(c *customer, a *address, first bool) any {
	return map[string]any{
		"id": a.id, "customer_id": c.id, "first_name": nullable(a.first), "last_name": nullable(a.last),
		"company": nullable(a.company), "address1": nullable(a.line1), "address2": nullable(a.line2),
		"city": nullable(a.city), "province": nullable(a.province), "country": nullable(a.country),
		"zip": nullable(a.zip), "phone": nullable(a.phone), "name": strings.TrimSpace(a.first + " " + a.last),
		"province_code": nullable(a.provinceCode), "country_code": nullable(a.code),
		"country_name": nullable(a.country), "default": first,
	}
}

// shopPayload is the shop as shop/update and app/uninstalled carry it.
func (st *store) shopPayload() any {
	owner := st.Staff[0]
	return map[string]any{
		"id": st.id, "name": st.Name, "email": owner.Email, "domain": st.Domain, "province": "New York",
		"country": "US", "address1": "18 Vine Street", "zip": "10012", "city": "New York", "source": nil,
		"phone": "", "latitude": nil, "longitude": nil, "primary_locale": "en", "address2": nil,
		"created_at": st.localTime(st.created), "updated_at": st.localTime(st.created), "country_code": "US",
		"country_name": "United States", "currency": st.Currency, "customer_email": owner.Email,
		"timezone": st.Timezone, "iana_timezone": st.Timezone, "shop_owner": owner.Name,
		"money_format": "${{amount}}", "money_with_currency_format": "${{amount}} " + st.Currency,
		"weight_unit": "kg", "province_code": "NY", "taxes_included": true, "auto_configure_tax_inclusivity": nil,
		"tax_shipping": nil, "county_taxes": true, "plan_display_name": "Basic", "plan_name": "basic",
		"has_discounts": true, "has_gift_cards": false, "myshopify_domain": st.Domain, "google_apps_domain": nil,
		"google_apps_login_enabled": nil, "money_in_emails_format": "${{amount}}",
		"money_with_currency_in_emails_format": "${{amount}} " + st.Currency, "eligible_for_payments": true,
		"requires_extra_payments_agreement": false, "password_enabled": false, "has_storefront": true,
		"finances": true, "primary_location_id": st.id + 1, "checkout_api_supported": true,
		"multi_location_enabled": true, "setup_required": false, "pre_launch_enabled": false,
		"enabled_presentment_currencies":            []any{st.Currency},
		"marketing_sms_consent_enabled_at_checkout": false, "transactional_sms_disabled": false,
	}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullableID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func texts(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// token is an opaque text that stays the same for the same id.
func token(id int64) string {
	return hex.EncodeToString(macOf([]byte(itoa(id)), "token"))[:32]
}
