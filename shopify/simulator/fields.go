package simulator

import (
	"maps"
	"strings"
	"sync"
)

// resolvers holds every field that the simulator can answer, by type. A type that is not
// here is never returned; a field that is not here is refused by name.
var resolvers = sync.OnceValue(func() map[string]fields {
	all := map[string]fields{
		"QueryRoot":                          queryFields(),
		"Mutation":                           mutationFields(),
		"Product":                            productFields(),
		"ProductVariant":                     variantFields(),
		"InventoryItem":                      inventoryItemFields(),
		"Customer":                           customerFieldSet(),
		"MailingAddress":                     addressFields(),
		"Order":                              orderFields(),
		"LineItem":                           lineItemFields(),
		"ShippingLine":                       shippingLineFields(),
		"Shop":                               shopFields(),
		"AppInstallation":                    installationFields(),
		"WebhookSubscription":                subscriptionFields(),
		"BulkOperation":                      bulkFields(),
		"StagedMediaUploadTarget":            keys("url", "resourceUrl", "parameters"),
		"StagedUploadParameter":              keys("name", "value"),
		"DraftOrder":                         draftOrderFields(),
		"Article":                            articleFields(),
		"MoneyV2":                            keys("amount", "currencyCode"),
		"MoneyBag":                           keys("shopMoney", "presentmentMoney"),
		"Count":                              keys("count", "precision"),
		"PageInfo":                           keys("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"),
		"ShopPlan":                           keys("displayName", "publicDisplayName", "partnerDevelopment", "shopifyPlus"),
		"Domain":                             keys("id", "host", "url", "sslEnabled"),
		"App":                                keys("id", "title", "handle", "apiKey", "embedded"),
		"AppSubscription":                    keys("id", "name", "status", "test", "trialDays", "createdAt", "currentPeriodEnd", "returnUrl"),
		"AccessScope":                        keys("handle", "description"),
		"ApiVersion":                         keys("handle", "displayName", "supported"),
		"OrderRiskSummary":                   keys("recommendation", "assessments"),
		"OrderRiskAssessment":                keys("riskLevel"),
		"CustomerEmailAddress":               keys("emailAddress", "marketingState", "marketingOptInLevel", "marketingUpdatedAt", "validFormat"),
		"CustomerPhoneNumber":                keys("phoneNumber", "marketingState", "marketingUpdatedAt"),
		"CustomerEmailMarketingConsentState": keys("marketingState", "marketingOptInLevel", "consentUpdatedAt"),
		"ProductPriceRangeV2":                keys("minVariantPrice", "maxVariantPrice"),
		"ProductOption":                      keys("id", "name", "position", "values"),
		"SelectedOption":                     keys("name", "value"),
		"SEO":                                keys("title", "description"),
		"Attribute":                          keys("key", "value"),
		"Weight":                             keys("unit", "value"),
		"StaffMember":                        keys("id", "name", "firstName", "lastName", "email", "active", "exists", "isShopOwner", "locale"),
		"WebhookHttpEndpoint":                keys("callbackUrl"),
		"Job":                                keys("id", "done"),
	}
	for _, t := range []string{"UserError", "OrderCreateUserError", "OrderDeleteUserError", "OrderCancelUserError", "ProductVariantsBulkUpdateUserError", "BulkOperationUserError", "BulkMutationUserError"} {
		all[t] = keys("field", "message", "code")
	}
	payloads := map[string][]string{
		"TagsAdd": {"node"}, "TagsRemove": {"node"},
		"ProductCreate": {"product", "shop"}, "ProductUpdate": {"product"}, "ProductDelete": {"deletedProductId", "shop"},
		"ProductVariantsBulkUpdate": {"product", "productVariants"},
		"CustomerCreate":            {"customer"}, "CustomerUpdate": {"customer"}, "CustomerDelete": {"deletedCustomerId", "shop"},
		"OrderCreate": {"order"}, "OrderUpdate": {"order"}, "OrderDelete": {"deletedId"}, "OrderMarkAsPaid": {"order"},
		"OrderCancel": {"job", "orderCancelUserErrors"}, "OrderClose": {"order"}, "OrderOpen": {"order"},
		"WebhookSubscriptionCreate": {"webhookSubscription"}, "WebhookSubscriptionUpdate": {"webhookSubscription"},
		"WebhookSubscriptionDelete": {"deletedWebhookSubscriptionId"},
		"BulkOperationRunQuery":     {"bulkOperation"}, "BulkOperationRunMutation": {"bulkOperation"}, "BulkOperationCancel": {"bulkOperation"},
		"StagedUploadsCreate": {"stagedTargets"},
	}
	for name, own := range payloads {
		f := keys(append(own, "userErrors")...)
		if f["shop"] != nil {
			f["shop"] = func(c *call) (any, error) { return c.st, nil }
		}
		if f["orderCancelUserErrors"] != nil {
			f["orderCancelUserErrors"] = f["userErrors"]
		}
		all[name+"Payload"] = f
	}
	for _, t := range []string{"Product", "ProductVariant", "Customer", "Order", "LineItem", "ShippingLine", "MailingAddress", "WebhookSubscription", "BulkOperation", "String"} {
		all[t+"Connection"], all[t+"Edge"] = connectionFields(), edgeFields()
	}
	return all
})

// merge makes one set of fields of several.
func merge(sets ...fields) fields {
	out := fields{}
	for _, s := range sets {
		maps.Copy(out, s)
	}
	return out
}

func userErrorValue(e userError) value {
	v := map[string]any{"message": e.message, "field": nil, "code": nil}
	if e.field != nil {
		v["field"] = texts(e.field)
	}
	if e.code != "" {
		v["code"] = e.code
	}
	return value{data: v}
}

// payload is what a mutation returns: the changed thing under its name, and what was refused.
func payload(name string, v any, errs ...userError) value {
	list := []any{}
	for _, e := range errs {
		list = append(list, userErrorValue(e))
	}
	return value{data: map[string]any{name: v, "userErrors": list}}
}

func moneyV2(m money, currency string) value {
	return value{data: map[string]any{"amount": m.decimal(), "currencyCode": currency}}
}

func moneyBag(m money, currency string) value {
	one := moneyV2(m, currency)
	return value{data: map[string]any{"shopMoney": one, "presentmentMoney": one}}
}

func listOf[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

func taggedFields[T interface {
	tagOwner
	comparable
}]() fields {
	return fields{
		"id":               prop(func(r T) any { return r.gid() }),
		"legacyResourceId": prop(func(r T) any { return itoa(r.recordID()) }),
		"tags":             prop(func(r T) any { return texts(r.tagging().tags) }),
	}
}

func draftOrderFields() fields {
	return merge(taggedFields[*draftOrder](), fields{
		"name":      prop(func(d *draftOrder) any { return d.name }),
		"createdAt": prop(func(d *draftOrder) any { return graphTime(d.created) }),
		"updatedAt": prop(func(d *draftOrder) any { return graphTime(d.updated) }),
	})
}

func articleFields() fields {
	f := merge(taggedFields[*article](), fields{
		"title":     prop(func(a *article) any { return a.title }),
		"handle":    prop(func(a *article) any { return a.handle }),
		"createdAt": prop(func(a *article) any { return graphTime(a.created) }),
		"updatedAt": prop(func(a *article) any { return graphTime(a.updated) }),
	})
	delete(f, "legacyResourceId") // an Article has none
	return f
}

func productFields() fields {
	return merge(taggedFields[*product](), fields{
		"title":                 prop(func(p *product) any { return p.title }),
		"handle":                prop(func(p *product) any { return p.handle }),
		"vendor":                prop(func(p *product) any { return p.vendor }),
		"productType":           prop(func(p *product) any { return p.kind }),
		"status":                prop(func(p *product) any { return p.status }),
		"descriptionHtml":       prop(func(p *product) any { return p.html }),
		"description":           prop(func(p *product) any { return p.html }),
		"templateSuffix":        prop(func(p *product) any { return nullable(p.template) }),
		"createdAt":             prop(func(p *product) any { return graphTime(p.created) }),
		"updatedAt":             prop(func(p *product) any { return graphTime(p.updated) }),
		"publishedAt":           prop(func(p *product) any { return graphTime(p.published) }),
		"totalInventory":        prop(func(p *product) any { return p.stock() }),
		"tracksInventory":       prop(func(p *product) any { return len(p.variants) > 0 }),
		"isGiftCard":            prop(func(*product) any { return false }),
		"hasOnlyDefaultVariant": prop(func(p *product) any { return len(p.variants) == 1 }),
		"hasOutOfStockVariants": prop(func(p *product) any { return p.soldOut() }),
		"seo":                   prop(func(*product) any { return value{data: map[string]any{}} }),
		"onlineStoreUrl":        prop(func(*product) any { return nil }),
		"variantsCount": prop(func(p *product) any {
			return value{data: map[string]any{"count": len(p.variants), "precision": "EXACT"}}
		}),
		"priceRangeV2": func(c *call) (any, error) {
			p := c.parent.(*product)
			low, high := p.priceRange()
			return value{data: map[string]any{
				"minVariantPrice": moneyV2(low, c.st.Currency), "maxVariantPrice": moneyV2(high, c.st.Currency),
			}}, nil
		},
		"options":  prop(func(p *product) any { return productOptions(p) }),
		"variants": func(c *call) (any, error) { return slicePage(c, c.parent.(*product).variants) },
	})
}

func (p *product) priceRange() (low, high money) {
	for i, v := range p.variants {
		if i == 0 {
			low, high = v.price, v.price
		}
		low, high = min(low, v.price), max(high, v.price)
	}
	return low, high
}

func productOptions(p *product) any {
	name := "Title"
	var values []string
	for _, v := range p.variants {
		name = v.optionName
		values = append(values, v.title)
	}
	return []any{value{data: map[string]any{
		"id": gid("ProductOption", p.id+1), "name": name, "position": 1, "values": texts(values),
	}}}
}

func (v *variant) recordID() int64 { return v.id }

func variantFields() fields {
	return fields{
		"id":                prop(func(v *variant) any { return gid("ProductVariant", v.id) }),
		"legacyResourceId":  prop(func(v *variant) any { return itoa(v.id) }),
		"title":             prop(func(v *variant) any { return v.title }),
		"displayName":       prop(func(v *variant) any { return v.product.title + " - " + v.title }),
		"sku":               prop(func(v *variant) any { return nullable(v.sku) }),
		"barcode":           prop(func(v *variant) any { return nullable(v.barcode) }),
		"price":             prop(func(v *variant) any { return v.price.String() }),
		"compareAtPrice":    prop(func(v *variant) any { return optionalMoney(v.compareAt) }),
		"inventoryQuantity": prop(func(v *variant) any { return v.quantity }),
		"inventoryPolicy":   prop(func(*variant) any { return "DENY" }),
		"position":          prop(func(v *variant) any { return v.position }),
		"taxable":           prop(func(*variant) any { return true }),
		"availableForSale":  prop(func(v *variant) any { return v.quantity > 0 }),
		"createdAt":         prop(func(v *variant) any { return graphTime(v.created) }),
		"updatedAt":         prop(func(v *variant) any { return graphTime(v.updated) }),
		"product":           prop(func(v *variant) any { return v.product }),
		"inventoryItem":     prop(func(v *variant) any { return inventoryItem{v} }),
		"selectedOptions": prop(func(v *variant) any {
			return []any{value{data: map[string]any{"name": v.optionName, "value": v.title}}}
		}),
	}
}

func optionalMoney(m money) any {
	if m == 0 {
		return nil
	}
	return m.String()
}

// inventoryItem is a variant seen as stock.
type inventoryItem struct{ *variant }

func inventoryItemFields() fields {
	return fields{
		"id":               prop(func(i inventoryItem) any { return gid("InventoryItem", i.inventoryItem) }),
		"legacyResourceId": prop(func(i inventoryItem) any { return itoa(i.inventoryItem) }),
		"sku":              prop(func(i inventoryItem) any { return nullable(i.sku) }),
		"tracked":          prop(func(inventoryItem) any { return true }),
		"requiresShipping": prop(func(inventoryItem) any { return true }),
		"createdAt":        prop(func(i inventoryItem) any { return graphTime(i.created) }),
		"updatedAt":        prop(func(i inventoryItem) any { return graphTime(i.updated) }),
		"variant":          prop(func(i inventoryItem) any { return i.variant }),
		"unitCost": func(c *call) (any, error) {
			i := c.parent.(inventoryItem)
			if i.cost == 0 {
				return nil, nil
			}
			return moneyV2(i.cost, c.st.Currency), nil
		},
	}
}

func customerFieldSet() fields {
	return merge(taggedFields[*customer](), fields{
		"firstName":         prop(func(c *customer) any { return nullable(c.first) }),
		"lastName":          prop(func(c *customer) any { return nullable(c.last) }),
		"displayName":       prop(func(c *customer) any { return c.name() }),
		"email":             prop(func(c *customer) any { return nullable(c.email) }),
		"phone":             prop(func(c *customer) any { return nullable(c.phone) }),
		"note":              prop(func(c *customer) any { return nullable(c.note) }),
		"state":             prop(func(c *customer) any { return c.state }),
		"locale":            prop(func(c *customer) any { return c.locale }),
		"verifiedEmail":     prop(func(c *customer) any { return c.verified }),
		"validEmailAddress": prop(func(c *customer) any { return strings.Contains(c.email, "@") }),
		"taxExempt":         prop(func(c *customer) any { return c.taxExempt }),
		"taxExemptions":     prop(func(*customer) any { return []any{} }),
		"dataSaleOptOut":    prop(func(*customer) any { return false }),
		"canDelete":         prop(func(c *customer) any { return len(c.orders) == 0 }),
		"createdAt":         prop(func(c *customer) any { return graphTime(c.created) }),
		"updatedAt":         prop(func(c *customer) any { return graphTime(c.updated) }),
		"numberOfOrders":    prop(func(c *customer) any { return itoa(int64(len(c.orders))) }),
		"amountSpent":       func(c *call) (any, error) { return moneyV2(c.parent.(*customer).spent(), c.st.Currency), nil },
		"lastOrder":         prop(func(c *customer) any { return c.lastOrder() }),
		"defaultAddress":    prop(func(c *customer) any { return c.home() }),
		"addresses":         prop(func(c *customer) any { return listOf(c.addresses) }),
		"addressesV2":       func(c *call) (any, error) { return slicePage(c, c.parent.(*customer).addresses) },
		"orders":            func(c *call) (any, error) { return listPage(c, c.parent.(*customer).orders, c.st.orderCatalog()) },
		"defaultEmailAddress": prop(func(c *customer) any {
			if c.email == "" {
				return nil
			}
			return value{data: map[string]any{
				"emailAddress": c.email, "marketingState": c.marketing, "marketingOptInLevel": "SINGLE_OPT_IN", "validFormat": true,
			}}
		}),
		"defaultPhoneNumber": prop(func(c *customer) any {
			if c.phone == "" {
				return nil
			}
			return value{data: map[string]any{"phoneNumber": c.phone, "marketingState": "NOT_SUBSCRIBED"}}
		}),
		"emailMarketingConsent": prop(func(c *customer) any {
			if c.email == "" {
				return nil
			}
			return value{data: map[string]any{"marketingState": c.marketing, "marketingOptInLevel": "SINGLE_OPT_IN"}}
		}),
	})
}

func (a *address) recordID() int64 { return a.id }

func addressFields() fields {
	text := func(get func(*address) string) resolver {
		return prop(func(a *address) any { return nullable(get(a)) })
	}
	return fields{
		"id":            prop(func(a *address) any { return gid("MailingAddress", a.id) + "?model_name=CustomerAddress" }),
		"firstName":     text(func(a *address) string { return a.first }),
		"lastName":      text(func(a *address) string { return a.last }),
		"name":          text(func(a *address) string { return strings.TrimSpace(a.first + " " + a.last) }),
		"company":       text(func(a *address) string { return a.company }),
		"address1":      text(func(a *address) string { return a.line1 }),
		"address2":      text(func(a *address) string { return a.line2 }),
		"city":          text(func(a *address) string { return a.city }),
		"zip":           text(func(a *address) string { return a.zip }),
		"phone":         text(func(a *address) string { return a.phone }),
		"province":      text(func(a *address) string { return a.province }),
		"provinceCode":  text(func(a *address) string { return a.provinceCode }),
		"country":       text(func(a *address) string { return a.country }),
		"countryCode":   text(func(a *address) string { return a.code }),
		"countryCodeV2": text(func(a *address) string { return a.code }),
		"formattedArea": text(func(a *address) string { return a.city + " " + a.provinceCode + ", " + a.country }),
	}
}
