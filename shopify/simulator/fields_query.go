package simulator

import (
	"slices"
	"strings"
	"time"
)

func invalidID() error { return &gqlError{message: "invalid id", code: "RESOURCE_NOT_FOUND"} }

// byID resolves a field that takes the id of one type: a malformed id or another type's is
// an error, an unknown one is null.
func byID(kind string, find func(st *store, id int64) any) resolver {
	return func(c *call) (any, error) {
		id, _ := c.args["id"].(string)
		got, n, ok := splitGID(id)
		if !ok || got != kind {
			return nil, invalidID()
		}
		return find(c.st, n), nil
	}
}

func queryFields() fields {
	return fields{
		"shop":                   func(c *call) (any, error) { return c.st, nil },
		"node":                   func(c *call) (any, error) { return c.node(c.args["id"]) },
		"nodes":                  func(c *call) (any, error) { return c.nodes() },
		"currentAppInstallation": func(c *call) (any, error) { return installation{c.st, c.x.app}, nil },
		"publicApiVersions": func(*call) (any, error) {
			return []any{value{data: map[string]any{"handle": APIVersion, "displayName": APIVersion, "supported": true}}}, nil
		},
		"product":              byID("Product", func(st *store, id int64) any { return st.products.byID[id] }),
		"customer":             byID("Customer", func(st *store, id int64) any { return st.customers.byID[id] }),
		"order":                byID("Order", func(st *store, id int64) any { return st.orders.byID[id] }),
		"draftOrder":           byID("DraftOrder", func(st *store, id int64) any { return st.drafts.byID[id] }),
		"article":              byID("Article", func(st *store, id int64) any { return st.articles.byID[id] }),
		"productVariant":       byID("ProductVariant", func(st *store, id int64) any { return st.variantByID(id) }),
		"products":             func(c *call) (any, error) { return listPage(c, c.st.products.list, c.st.productCatalog()) },
		"customers":            func(c *call) (any, error) { return listPage(c, c.st.customers.list, c.st.customerCatalog()) },
		"orders":               func(c *call) (any, error) { return listPage(c, c.st.orders.list, c.st.orderCatalog()) },
		"productsCount":        func(c *call) (any, error) { return listCount(c, c.st.products.list, c.st.productCatalog()) },
		"customersCount":       func(c *call) (any, error) { return listCount(c, c.st.customers.list, c.st.customerCatalog()) },
		"ordersCount":          func(c *call) (any, error) { return listCount(c, c.st.orders.list, c.st.orderCatalog()) },
		"productTags":          func(c *call) (any, error) { return tagList(c, c.st.products.list) },
		"bulkOperation":        bulkByID,
		"bulkOperations":       bulkList,
		"currentBulkOperation": currentBulk,
		"webhookSubscription":  byIDOfApp(func(c *call, id int64) any { return c.st.subscriptionByID(c.x.app, id) }),
		"webhookSubscriptions": func(c *call) (any, error) { return c.subscriptions() },
		"webhookSubscriptionsCount": func(c *call) (any, error) {
			n := 0
			for _, s := range c.st.subs {
				if s.app == c.x.app {
					n++
				}
			}
			return value{data: map[string]any{"count": n, "precision": "EXACT"}}, nil
		},
	}
}

func byIDOfApp(find func(c *call, id int64) any) resolver {
	return func(c *call) (any, error) {
		id, _ := c.args["id"].(string)
		kind, n, ok := splitGID(id)
		if !ok || kind != "WebhookSubscription" {
			return nil, invalidID()
		}
		return find(c, n), nil
	}
}

func (st *store) variantByID(id int64) *variant {
	// A variant's id comes after its product's: search from the last product before it.
	for i := len(st.products.list) - 1; i >= 0; i-- {
		if st.products.list[i].id > id {
			continue
		}
		for _, v := range st.products.list[i].variants {
			if v.id == id {
				return v
			}
		}
	}
	return nil
}

func (c *call) node(arg any) (any, error) {
	id, _ := arg.(string)
	kind, n, ok := splitGID(id)
	if !ok {
		return nil, invalidID()
	}
	if o := c.st.tagOwner(id); o != nil {
		return o, nil
	}
	switch kind {
	case "ProductVariant":
		return c.st.variantByID(n), nil
	case "Shop":
		if n == c.st.id {
			return c.st, nil
		}
	case "WebhookSubscription":
		return c.st.subscriptionByID(c.x.app, n), nil
	case "BulkOperation":
		return c.ownBulk(n), nil
	case "LineItem":
		for _, o := range c.st.orders.list {
			for _, l := range o.lines {
				if l.id == n {
					return l, nil
				}
			}
		}
	case "Product", "Customer", "Order", "DraftOrder", "Article":
	default:
		if adminSchema().Types[kind] == nil {
			return nil, invalidID()
		}
	}
	return nil, nil
}

func (c *call) nodes() (any, error) {
	ids, _ := c.args["ids"].([]any)
	out := make([]any, len(ids))
	for i, id := range ids {
		n, err := c.node(id)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

func (s *subscription) recordID() int64 { return s.id }

func (c *call) subscriptions() (any, error) {
	topics, _ := c.args["topics"].([]any)
	uri, _ := c.args["uri"].(string)
	var list []*subscription
	for _, s := range c.st.subs {
		if s.app != c.x.app || uri != "" && s.uri != uri {
			continue
		}
		if len(topics) > 0 && !slices.Contains(topics, any(s.topic)) {
			continue
		}
		list = append(list, s)
	}
	return slicePage(c, list)
}

func subscriptionFields() fields {
	return fields{
		"id":                  prop(func(s *subscription) any { return gid("WebhookSubscription", s.id) }),
		"legacyResourceId":    prop(func(s *subscription) any { return itoa(s.id) }),
		"topic":               prop(func(s *subscription) any { return s.topic }),
		"uri":                 prop(func(s *subscription) any { return s.uri }),
		"callbackUrl":         prop(func(s *subscription) any { return s.uri }),
		"format":              prop(func(s *subscription) any { return s.format }),
		"name":                prop(func(s *subscription) any { return nullable(s.name) }),
		"filter":              prop(func(s *subscription) any { return nullable(s.filter) }),
		"includeFields":       prop(func(s *subscription) any { return texts(s.includeFields) }),
		"metafieldNamespaces": prop(func(*subscription) any { return []any{} }),
		"createdAt":           prop(func(s *subscription) any { return graphTime(s.created) }),
		"updatedAt":           prop(func(s *subscription) any { return graphTime(s.updated) }),
		"endpoint": prop(func(s *subscription) any {
			return value{typ: "WebhookHttpEndpoint", data: map[string]any{"callbackUrl": s.uri}}
		}),
		"apiVersion": prop(func(*subscription) any {
			return value{data: map[string]any{"handle": APIVersion, "displayName": APIVersion, "supported": true}}
		}),
	}
}

func shopFields() fields {
	owner := func(st *store) string { return st.Staff[0].Email }
	return fields{
		"id":                           prop(func(st *store) any { return gid("Shop", st.id) }),
		"name":                         prop(func(st *store) any { return st.Name }),
		"myshopifyDomain":              prop(func(st *store) any { return st.Domain }),
		"email":                        prop(func(st *store) any { return owner(st) }),
		"contactEmail":                 prop(func(st *store) any { return owner(st) }),
		"shopOwnerName":                prop(func(st *store) any { return st.Staff[0].Name }),
		"ianaTimezone":                 prop(func(st *store) any { return st.location.String() }),
		"timezoneAbbreviation":         prop(func(st *store) any { return time.Now().In(st.location).Format("MST") }),
		"timezoneOffset":               prop(func(st *store) any { return time.Now().In(st.location).Format("-0700") }),
		"timezoneOffsetMinutes":        prop(func(st *store) any { _, s := time.Now().In(st.location).Zone(); return s / 60 }),
		"currencyCode":                 prop(func(st *store) any { return st.Currency }),
		"url":                          prop(func(st *store) any { return "https://" + st.Domain }),
		"createdAt":                    prop(func(st *store) any { return graphTime(st.created) }),
		"updatedAt":                    prop(func(st *store) any { return graphTime(st.created) }),
		"weightUnit":                   prop(func(*store) any { return "KILOGRAMS" }),
		"unitSystem":                   prop(func(*store) any { return "METRIC_SYSTEM" }),
		"taxesIncluded":                prop(func(*store) any { return true }),
		"orderNumberFormatPrefix":      prop(func(*store) any { return "#" }),
		"orderNumberFormatSuffix":      prop(func(*store) any { return "" }),
		"enabledPresentmentCurrencies": prop(func(st *store) any { return []any{st.Currency} }),
		"primaryDomain": prop(func(st *store) any {
			return value{data: map[string]any{
				"id": gid("Domain", st.id+2), "host": st.Domain, "url": "https://" + st.Domain, "sslEnabled": true,
			}}
		}),
		"plan": prop(func(*store) any {
			return value{data: map[string]any{
				"displayName": "Basic", "publicDisplayName": "Basic", "partnerDevelopment": false, "shopifyPlus": false,
			}}
		}),
		"customerTags": func(c *call) (any, error) { return tagList(c, c.st.customers.list) },
		"orderTags":    func(c *call) (any, error) { return tagList(c, c.st.orders.list) },
		"productTags":  func(c *call) (any, error) { return tagList(c, c.st.products.list) },
	}
}

// installation is an app in a shop.
type installation struct {
	st  *store
	app string
}

func installationFields() fields {
	return fields{
		"id":        prop(func(i installation) any { return gid("AppInstallation", i.st.id+5) }),
		"launchUrl": prop(func(i installation) any { return "https://" + i.st.Domain + "/admin/apps/tagtrail" }),
		"app": prop(func(i installation) any {
			return value{data: map[string]any{
				"id": gid("App", 580112), "title": "Tagtrail", "handle": "tagtrail", "apiKey": i.st.sim.opts.ClientID, "embedded": true,
			}}
		}),
		"accessScopes": prop(func(installation) any {
			out := []any{}
			for _, s := range strings.Split(appScopes, ",") {
				out = append(out, value{data: map[string]any{"handle": s, "description": s}})
				if read, ok := strings.CutPrefix(s, "write_"); ok {
					out = append(out, value{data: map[string]any{"handle": "read_" + read, "description": "read_" + read}})
				}
			}
			return out
		}),
		"activeSubscriptions": prop(func(i installation) any {
			if i.st.Plan != "PRO" || i.app == otherApp {
				return []any{}
			}
			return []any{value{data: map[string]any{
				"id": gid("AppSubscription", i.st.id+6), "name": "Pro", "status": "ACTIVE", "test": true, "trialDays": 0,
				"createdAt": graphTime(i.st.created), "returnUrl": "https://" + i.st.Domain + "/admin/apps/tagtrail",
			}}}
		}),
	}
}
