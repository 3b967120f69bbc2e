package simulator

func orderFields() fields {
	return merge(taggedFields[*order](), orderAmountFields(), orderAddressFields(), orderDetailFields(), fields{
		"name":                     prop(func(o *order) any { return o.name }),
		"number":                   prop(func(o *order) any { return o.number }),
		"email":                    prop(func(o *order) any { return nullable(o.email) }),
		"phone":                    prop(func(o *order) any { return nullable(o.phone) }),
		"note":                     prop(func(o *order) any { return nullable(o.note) }),
		"poNumber":                 prop(func(o *order) any { return nullable(o.poNumber) }),
		"confirmed":                prop(func(*order) any { return true }),
		"test":                     prop(func(o *order) any { return o.test }),
		"closed":                   prop(func(o *order) any { return !o.closed.IsZero() }),
		"closedAt":                 prop(func(o *order) any { return graphTime(o.closed) }),
		"cancelledAt":              prop(func(o *order) any { return graphTime(o.canceled) }),
		"cancelReason":             prop(func(o *order) any { return nullable(o.cancelReason) }),
		"createdAt":                prop(func(o *order) any { return graphTime(o.created) }),
		"updatedAt":                prop(func(o *order) any { return graphTime(o.updated) }),
		"processedAt":              prop(func(o *order) any { return graphTime(o.processed) }),
		"currencyCode":             prop(func(o *order) any { return o.currency }),
		"presentmentCurrencyCode":  prop(func(o *order) any { return o.currency }),
		"confirmationNumber":       prop(func(o *order) any { return confirmation(o.id) }),
		"displayFinancialStatus":   prop(func(o *order) any { return o.financial }),
		"displayFulfillmentStatus": prop(func(o *order) any { return o.fulfillment }),
		"fullyPaid":                prop(func(o *order) any { return o.financial == "PAID" }),
		"unpaid":                   prop(func(o *order) any { return !o.paid() }),
		"edited":                   prop(func(*order) any { return false }),
		"requiresShipping":         prop(func(o *order) any { return len(o.shipping) > 0 }),
		"canMarkAsPaid":            prop(func(o *order) any { return o.financial == "PENDING" }),
		"paymentGatewayNames":      prop(func(o *order) any { return texts(o.gateways) }),
		"sourceName":               prop(func(o *order) any { return nullable(o.source) }),
		"landingPageUrl":           prop(func(o *order) any { return nullable(o.landing) }),
		"referrerUrl":              prop(func(o *order) any { return nullable(o.referrer) }),
		"discountCode":             prop(func(o *order) any { return nullable(o.discountCode) }),
		"discountCodes":            prop(func(o *order) any { return codesOf(o) }),
		"customer":                 prop(func(o *order) any { return o.customer }),
		"customerAcceptsMarketing": prop(func(o *order) any { return o.marketing }),
		"customerLocale":           prop(func(*order) any { return "en" }),
		"taxesIncluded":            prop(func(*order) any { return true }),
		"taxExempt":                prop(func(*order) any { return false }),
		"totalWeight":              prop(func(o *order) any { return itoa(int64(o.grams())) }),
		"currentTotalWeight":       prop(func(o *order) any { return itoa(int64(o.grams())) }),
		"subtotalLineItemsQuantity": prop(func(o *order) any {
			n := 0
			for _, l := range o.lines {
				n += l.quantity
			}
			return n
		}),
		"customAttributes": prop(func(o *order) any {
			out := []any{}
			for _, kv := range o.attributes {
				out = append(out, value{data: map[string]any{"key": kv[0], "value": kv[1]}})
			}
			return out
		}),
	})
}

func orderDetailFields() fields {
	return fields{
		"risk":      prop(func(o *order) any { return riskSummary(o) }),
		"riskLevel": prop(func(o *order) any { return o.risk }),
		"lineItems": func(c *call) (any, error) { return slicePage(c, c.parent.(*order).lines) },
		"shippingLine": prop(func(o *order) any {
			if len(o.shipping) == 0 {
				return nil
			}
			return shippingItem{o, o.shipping[0]}
		}),
		"shippingLines": func(c *call) (any, error) {
			var list []shippingItem
			for _, l := range c.parent.(*order).shipping {
				list = append(list, shippingItem{c.parent.(*order), l})
			}
			return slicePage(c, list)
		},
	}
}

func orderAmountFields() fields {
	bag := func(get func(*order) money) resolver {
		return prop(func(o *order) any { return moneyBag(get(o), o.currency) })
	}
	amount := func(get func(*order) money) resolver {
		return prop(func(o *order) any { return get(o).String() })
	}
	total, sub := (*order).total, (*order).subtotal
	ship, left := (*order).shippingTotal, (*order).outstanding
	discount := func(o *order) money { return o.discount }
	none := func(*order) money { return 0 }
	received := func(o *order) money {
		if o.paid() {
			return o.total()
		}
		return 0
	}
	return fields{
		"totalPrice":               amount(total),
		"totalPriceSet":            bag(total),
		"currentTotalPriceSet":     bag(total),
		"originalTotalPriceSet":    bag(total),
		"subtotalPrice":            amount(sub),
		"subtotalPriceSet":         bag(sub),
		"currentSubtotalPriceSet":  bag(sub),
		"totalDiscounts":           amount(discount),
		"totalDiscountsSet":        bag(discount),
		"currentTotalDiscountsSet": bag(discount),
		"totalShippingPriceSet":    bag(ship),
		"currentShippingPriceSet":  bag(ship),
		"totalOutstandingSet":      bag(left),
		"totalReceivedSet":         bag(received),
		"totalTax":                 amount(none),
		"totalTaxSet":              bag(none),
		"currentTotalTaxSet":       bag(none),
		"totalTipReceivedSet":      bag(func(o *order) money { return o.tip }),
	}
}

func orderAddressFields() fields {
	return fields{
		"shippingAddress": prop(func(o *order) any { return o.shipTo }),
		"billingAddress":  prop(func(o *order) any { return o.billTo }),
		"displayAddress":  prop(func(o *order) any { return o.shipTo }),
		"billingAddressMatchesShippingAddress": prop(func(o *order) any {
			return o.shipTo == nil && o.billTo == nil || o.shipTo != nil && o.billTo != nil && *o.shipTo == *o.billTo
		}),
	}
}

func codesOf(o *order) []any {
	if o.discountCode == "" {
		return []any{}
	}
	return []any{o.discountCode}
}

func riskSummary(o *order) value {
	advice := map[string]string{"LOW": "ACCEPT", "MEDIUM": "INVESTIGATE", "HIGH": "CANCEL"}[o.risk]
	assessments := []any{value{data: map[string]any{"riskLevel": o.risk}}}
	if advice == "" {
		advice, assessments = "NONE", []any{}
	}
	return value{data: map[string]any{"recommendation": advice, "assessments": assessments}}
}

func (l *lineItem) recordID() int64 { return l.id }

func lineItemFields() fields {
	bag := func(get func(*lineItem) money) resolver {
		return func(c *call) (any, error) { return moneyBag(get(c.parent.(*lineItem)), c.st.Currency), nil }
	}
	whole := func(l *lineItem) money { return l.price * money(l.quantity) }
	return fields{
		"id":                   prop(func(l *lineItem) any { return gid("LineItem", l.id) }),
		"title":                prop(func(l *lineItem) any { return l.title }),
		"variantTitle":         prop(func(l *lineItem) any { return nullable(l.variantTitle) }),
		"sku":                  prop(func(l *lineItem) any { return nullable(l.sku) }),
		"vendor":               prop(func(l *lineItem) any { return nullable(l.vendor) }),
		"quantity":             prop(func(l *lineItem) any { return l.quantity }),
		"currentQuantity":      prop(func(l *lineItem) any { return l.quantity }),
		"requiresShipping":     prop(func(l *lineItem) any { return l.shippable }),
		"isGiftCard":           prop(func(*lineItem) any { return false }),
		"taxable":              prop(func(*lineItem) any { return true }),
		"variant":              prop(func(l *lineItem) any { return l.variant }),
		"product":              func(c *call) (any, error) { return c.st.products.byID[c.parent.(*lineItem).productID], nil },
		"originalUnitPriceSet": bag(func(l *lineItem) money { return l.price }),
		"originalTotalSet":     bag(whole),
		"discountedTotalSet":   bag(func(l *lineItem) money { return whole(l) - l.discount }),
		"totalDiscountSet":     bag(func(l *lineItem) money { return l.discount }),
		"name": prop(func(l *lineItem) any {
			if l.variantTitle == "" {
				return l.title
			}
			return l.title + " - " + l.variantTitle
		}),
	}
}

// shippingItem is a shipping line with the order that knows its currency.
type shippingItem struct {
	order *order
	*shippingLine
}

func (s shippingItem) recordID() int64 { return s.id }

func shippingLineFields() fields {
	bag := prop(func(s shippingItem) any { return moneyBag(s.price, s.order.currency) })
	return fields{
		"id":                        prop(func(s shippingItem) any { return gid("ShippingLine", s.id) }),
		"title":                     prop(func(s shippingItem) any { return s.title }),
		"code":                      prop(func(s shippingItem) any { return nullable(s.code) }),
		"source":                    prop(func(shippingItem) any { return "shopify" }),
		"custom":                    prop(func(shippingItem) any { return false }),
		"isRemoved":                 prop(func(shippingItem) any { return false }),
		"originalPriceSet":          bag,
		"discountedPriceSet":        bag,
		"currentDiscountedPriceSet": bag,
	}
}
