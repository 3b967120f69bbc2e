package simulator

import (
	"encoding/json"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// subscription is a webhook subscription that an app made through the Admin API.
type subscription struct {
	id            int64
	app           string
	topic         string // as the API's enum: ORDERS_CREATE
	header        string // as X-Shopify-Topic: orders/create; "" is never sent
	uri           string
	format        string
	name          string
	filter        string
	includeFields []string
	created       time.Time
	updated       time.Time
}

// topicHeaders are the topics that the simulator sends.
func topicHeaders() map[string]string {
	return map[string]string{
		"PRODUCTS_CREATE": "products/create", "PRODUCTS_UPDATE": "products/update", "PRODUCTS_DELETE": "products/delete",
		"CUSTOMERS_CREATE": "customers/create", "CUSTOMERS_UPDATE": "customers/update", "CUSTOMERS_DELETE": "customers/delete",
		"CUSTOMER_TAGS_ADDED": "customer.tags_added", "CUSTOMER_TAGS_REMOVED": "customer.tags_removed",
		"CUSTOMERS_PURCHASING_SUMMARY": "customers/purchasing_summary",
		"ORDERS_CREATE":                "orders/create", "ORDERS_UPDATED": "orders/updated", "ORDERS_DELETE": "orders/delete",
		"ORDERS_PAID": "orders/paid", "ORDERS_CANCELLED": "orders/cancelled", "ORDERS_FULFILLED": "orders/fulfilled",
		"ORDERS_PARTIALLY_FULFILLED": "orders/partially_fulfilled", "ORDERS_EDITED": "orders/edited",
		"ORDER_TRANSACTIONS_CREATE": "order_transactions/create", "REFUNDS_CREATE": "refunds/create",
		"FULFILLMENTS_CREATE": "fulfillments/create", "FULFILLMENTS_UPDATE": "fulfillments/update",
		"CUSTOMERS_ENABLE": "customers/enable", "CUSTOMERS_DISABLE": "customers/disable", "CUSTOMERS_MERGE": "customers/merge",
		"INVENTORY_ITEMS_UPDATE": "inventory_items/update", "INVENTORY_LEVELS_UPDATE": "inventory_levels/update",
		"APP_SCOPES_UPDATE": "app/scopes_update", "APP_SUBSCRIPTIONS_UPDATE": "app_subscriptions/update",
		"BULK_OPERATIONS_FINISH": "bulk_operations/finish",
		"SHOP_UPDATE":            "shop/update", "APP_UNINSTALLED": "app/uninstalled",
	}
}

func (st *store) subscriptionByID(app string, id int64) *subscription {
	for _, s := range st.subs {
		if s.id == id && s.app == app {
			return s
		}
	}
	return nil
}

func (st *store) removeSubscription(id int64) {
	st.subs = slices.DeleteFunc(slices.Clone(st.subs), func(s *subscription) bool { return s.id == id })
}

func (st *store) removeSubscriptionsOf(app string) {
	st.subs = slices.DeleteFunc(slices.Clone(st.subs), func(s *subscription) bool { return s.app == app })
}

var webhookName = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// addressTrouble is what Shopify answers to an address that it does not deliver to, or "".
// Real Shopify takes only https; plain http is let through to this machine and to the app.
func (s *Simulator) addressTrouble(uri string) string {
	if strings.TrimSpace(uri) == "" {
		return "Address can't be blank"
	}
	if len(uri) > 64<<10 {
		return "Address is too big (maximum is 64 KB)"
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "Address is invalid"
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	local := host == "localhost" || ip != nil && ip.IsLoopback()
	if app := s.appAddress(); app != "" && (uri == app || strings.HasPrefix(uri, app+"/")) {
		local = true
	}
	switch {
	case u.Scheme == "http" && !local, u.Scheme != "http" && u.Scheme != "https":
		return "Address protocol " + u.Scheme + ":// is not supported"
	case strings.HasSuffix(host, ".myshopify.com") || strings.HasSuffix(host, ".shopify.com"):
		return "Address cannot be a Shopify or an internal domain"
	}
	return ""
}

// subscriptionTrouble checks what would be saved; own is the id of the one that is updated.
func (st *store) subscriptionTrouble(n *subscription, own int64) []userError {
	var out []userError
	at := func(field, message string) {
		out = append(out, userError{field: []string{"webhookSubscription", field}, message: message})
	}
	if m := st.sim.addressTrouble(n.uri); m != "" {
		at("callbackUrl", m)
	}
	if n.format == "XML" {
		at("format", "Format 'xml' is invalid for this webhook topic. Allowed formats: json")
	}
	if len(n.name) > 50 {
		at("name", "Name is too long (maximum is 50 characters)")
	}
	if !webhookName.MatchString(n.name) {
		at("name", "Name name field can only contain alphanumeric characters, underscores, and hyphens")
	}
	for _, s := range st.subs {
		if s.id == own || s.app != n.app {
			continue
		}
		if s.topic == n.topic && s.uri == n.uri && s.filter == n.filter {
			at("callbackUrl", "Address for this topic has already been taken")
		}
		if n.name != "" && s.name == n.name && s.topic == n.topic {
			at("name", "Name already exists, no duplicate allowed")
		}
	}
	return out
}

// onlyFields keeps the named fields of a payload; a dot reaches into it, also through lists.
func onlyFields(body []byte, fields []string) []byte {
	var all map[string]any
	if json.Unmarshal(body, &all) != nil {
		return body
	}
	// Numbers are kept as they were written: an id is never a float.
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if dec.Decode(&all) != nil {
		return body
	}
	out := map[string]any{}
	for _, f := range fields {
		copyField(out, all, strings.Split(f, "."))
	}
	kept, _ := json.Marshal(out)
	return kept
}

func copyField(dst, src map[string]any, path []string) {
	v, ok := src[path[0]]
	if !ok {
		return
	}
	if len(path) == 1 {
		dst[path[0]] = v
		return
	}
	switch v := v.(type) {
	case map[string]any:
		into, _ := dst[path[0]].(map[string]any)
		if into == nil {
			into = map[string]any{}
		}
		copyField(into, v, path[1:])
		dst[path[0]] = into
	case []any:
		list, _ := dst[path[0]].([]any)
		if list == nil {
			for range v {
				list = append(list, map[string]any{})
			}
		}
		for i, x := range v {
			if m, ok := x.(map[string]any); ok {
				copyField(list[i].(map[string]any), m, path[1:])
			}
		}
		dst[path[0]] = list
	}
}
