package simulator

import (
	"strings"
	"time"
)

// orderPayload is the order as the orders topics carry it. Its customer has no tags, no spend
// and no order count: no webhook has carried them since API version 2025-01.
func (st *store) orderPayload(o *order) any {
	zero := st.moneySet(o, 0)
	p := map[string]any{
		"id": o.id, "admin_graphql_api_id": o.gid(), "app_id": 580111, "browser_ip": nil,
		"buyer_accepts_marketing": o.marketing, "cancel_reason": nullable(strings.ToLower(o.cancelReason)),
		"cancelled_at": st.localTime(o.canceled), "cart_token": nil, "checkout_token": nil,
		"client_details": nil, "closed_at": st.localTime(o.closed),
		"confirmation_number": confirmation(o.id), "confirmed": true, "contact_email": nullable(o.email),
		"created_at": st.localTime(o.created), "currency": o.currency,
		"current_total_additional_fees_set": nil, "current_total_duties_set": nil,
		"customer_locale": "en", "device_id": nil, "discount_codes": discountCodes(o),
		"duties_included": false, "email": o.email, "estimated_taxes": false,
		"financial_status":   strings.ToLower(o.financial),
		"fulfillment_status": restFulfillment(o.fulfillment),
		"landing_site":       nullable(o.landing), "landing_site_ref": nil, "location_id": nil,
		"merchant_business_entity_id": "MTU0ODM4MDAwOQ", "merchant_of_record_app_id": nil,
		"name": o.name, "note": nullable(o.note), "note_attributes": noteAttributes(o),
		"number": o.number - 1000, "order_number": o.number,
		"order_status_url":                   "https://" + st.Domain + "/" + itoa(st.id) + "/orders/" + token(o.id) + "/authenticate?key=" + token(o.id+1),
		"original_total_additional_fees_set": nil, "original_total_duties_set": nil,
		"payment_gateway_names": texts(o.gateways), "phone": nullable(o.phone),
		"po_number": nullable(o.poNumber), "presentment_currency": o.currency,
		"processed_at": st.localTime(o.processed), "reference": nil, "referring_site": nullable(o.referrer),
		"source_identifier": nil, "source_name": o.source, "source_url": nil,
		"tags": strings.Join(o.tags, ", "), "tax_exempt": false, "tax_lines": []any{}, "taxes_included": true,
		"test": o.test, "token": token(o.id),
		"total_cash_rounding_payment_adjustment_set": zero,
		"total_cash_rounding_refund_adjustment_set":  zero,
		"total_outstanding":                          o.outstanding().String(),
		"total_tip_received":                         o.tip.String(), "total_weight": o.grams(),
		"updated_at": st.localTime(o.updated), "user_id": nil,
		"billing_address": addressPayload(o.billTo), "customer": st.orderCustomer(o),
		"discount_applications": discountApplications(o), "fulfillments": st.fulfillments(o),
		"line_items": st.linePayloads(o), "payment_terms": nil, "refunds": []any{},
		"shipping_address": addressPayload(o.shipTo), "shipping_lines": st.shippingPayloads(o),
		"returns": []any{}, "line_item_groups": []any{},
	}
	st.orderAmounts(p, o)
	return p
}

// orderAmounts adds every amount that comes both as a string and as a set of currencies.
func (st *store) orderAmounts(p map[string]any, o *order) {
	amounts := map[string]money{
		"current_subtotal_price":  o.subtotal(),
		"current_total_discounts": o.discount,
		"current_total_price":     o.total(),
		"current_total_tax":       0,
		"subtotal_price":          o.subtotal(),
		"total_discounts":         o.discount,
		"total_line_items_price":  o.lineTotal(),
		"total_price":             o.total(),
		"total_tax":               0,
	}
	for name, m := range amounts {
		p[name] = m.String()
		p[name+"_set"] = st.moneySet(o, m)
	}
	p["current_shipping_price_set"] = st.moneySet(o, o.shippingTotal())
	p["total_shipping_price_set"] = st.moneySet(o, o.shippingTotal())
}

func (st *store) moneySet(o *order, m money) any {
	one := map[string]any{"amount": m.String(), "currency_code": o.currency}
	return map[string]any{"shop_money": one, "presentment_money": one}
}

func (st *store) orderCustomer(o *order) any {
	c := o.customer
	if c == nil {
		return nil
	}
	p := st.customerFields(c)
	delete(p, "addresses")
	return p
}

func (st *store) linePayloads(o *order) []any {
	out := []any{}
	for _, l := range o.lines {
		open := l.quantity
		var status any
		if o.fulfillment == "FULFILLED" {
			open, status = 0, "fulfilled"
		}
		name := l.title
		if l.variantTitle != "" {
			name += " - " + l.variantTitle
		}
		p := map[string]any{
			"id": l.id, "admin_graphql_api_id": gid("LineItem", l.id), "attributed_staffs": []any{},
			"current_quantity": l.quantity, "fulfillable_quantity": open, "fulfillment_service": "manual",
			"fulfillment_status": status, "gift_card": false, "grams": l.grams, "name": name,
			"price": l.price.String(), "price_set": st.moneySet(o, l.price),
			"product_exists": st.products.byID[l.productID] != nil, "product_id": nullableID(l.productID),
			"properties": []any{}, "quantity": l.quantity, "requires_shipping": l.shippable,
			"sales_line_item_group_id": nil, "sku": nullable(l.sku), "taxable": true, "title": l.title,
			"total_discount": "0.00", "total_discount_set": st.moneySet(o, 0),
			"variant_id": nil, "variant_inventory_management": nil,
			"variant_title": nullable(l.variantTitle), "vendor": nullable(l.vendor),
			"tax_lines": []any{}, "duties": []any{}, "discount_allocations": st.allocations(o, l),
		}
		if l.variant != nil {
			p["variant_id"], p["variant_inventory_management"] = l.variant.id, "shopify"
		}
		out = append(out, p)
	}
	return out
}

func (st *store) allocations(o *order, l *lineItem) []any {
	if l.discount == 0 {
		return []any{}
	}
	return []any{map[string]any{
		"amount": l.discount.String(), "amount_set": st.moneySet(o, l.discount), "discount_application_index": 0,
	}}
}

func (st *store) shippingPayloads(o *order) []any {
	out := []any{}
	for _, l := range o.shipping {
		out = append(out, map[string]any{
			"id": l.id, "carrier_identifier": nil, "code": nullable(l.code),
			"current_discounted_price_set": st.moneySet(o, l.price), "discounted_price": l.price.String(),
			"discounted_price_set": st.moneySet(o, l.price), "is_removed": false, "phone": nil,
			"price": l.price.String(), "price_set": st.moneySet(o, l.price),
			"requested_fulfillment_service_id": nil, "source": "shopify", "title": l.title,
			"tax_lines": []any{}, "discount_allocations": []any{},
		})
	}
	return out
}

func (st *store) fulfillments(o *order) []any {
	if o.fulfilled.IsZero() {
		return []any{}
	}
	id := o.id - 7
	return []any{map[string]any{
		"id": id, "admin_graphql_api_id": gid("Fulfillment", id), "created_at": st.localTime(o.fulfilled),
		"location_id": st.id + 1, "name": o.name + ".1", "order_id": o.id, "origin_address": map[string]any{},
		"receipt": map[string]any{}, "service": "manual", "shipment_status": nil, "status": "success",
		"tracking_company": "UPS", "tracking_number": "1Z" + token(o.id)[:10], "tracking_numbers": []any{"1Z" + token(o.id)[:10]},
		"tracking_url": nil, "tracking_urls": []any{}, "updated_at": st.localTime(o.fulfilled),
		"line_items": st.linePayloads(o),
	}}
}

func discountCodes(o *order) []any {
	if o.discountCode == "" {
		return []any{}
	}
	return []any{map[string]any{"code": o.discountCode, "amount": o.discount.String(), "type": "fixed_amount"}}
}

func discountApplications(o *order) []any {
	if o.discountCode == "" {
		return []any{}
	}
	return []any{map[string]any{
		"target_type": "line_item", "type": "discount_code", "value": o.discount.decimal(),
		"value_type": "fixed_amount", "allocation_method": "across", "target_selection": "all", "code": o.discountCode,
	}}
}

func noteAttributes(o *order) []any {
	out := []any{}
	for _, kv := range o.attributes {
		out = append(out, map[string]any{"name": kv[0], "value": kv[1]})
	}
	return out
}

func restFulfillment(s string) any {
	switch s {
	case "FULFILLED":
		return "fulfilled"
	case "PARTIALLY_FULFILLED":
		return "partial"
	}
	return nil
}

func addressPayload(a *address) any {
	if a == nil {
		return nil
	}
	return map[string]any{
		"first_name": nullable(a.first), "address1": nullable(a.line1), "phone": nullable(a.phone),
		"city": nullable(a.city), "zip": nullable(a.zip), "province": nullable(a.province),
		"country": nullable(a.country), "last_name": nullable(a.last), "address2": nullable(a.line2),
		"company": nullable(a.company), "latitude": nil, "longitude": nil,
		"name": strings.TrimSpace(a.first + " " + a.last), "country_code": nullable(a.code),
		"province_code": nullable(a.provinceCode),
	}
}

func confirmation(id int64) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	out := make([]byte, 9)
	for i := range out {
		out[i] = letters[(id>>(i*3))%int64(len(letters))]
	}
	return string(out)
}

// graphTime is DateTime in GraphQL answers: UTC, whole seconds.
func graphTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
