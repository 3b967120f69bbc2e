package simulator

import (
	"sort"
	"strings"
	"time"
)

// catalog says how one kind of record is searched and sorted.
type catalog[T record] struct {
	fields map[string]searchField[T]
	text   func(T) []string // what a term without a field looks at
	sorts  map[string]func(T) sortKey
}

// find returns the records that a query selects. A field that is not known is ignored, so
// that everything matches, and a warning says so: exactly as Shopify does.
func find[T record](c *call, list []T, cat catalog[T]) []T {
	text, _ := c.args["query"].(string)
	out := make([]T, 0, len(list))
	warnings := []any{}
	n := bind(parseSearch(text), cat, list, &warnings)
	for _, r := range list {
		if n == nil || matches(n, cat, r) {
			out = append(out, r)
		}
	}
	if len(warnings) > 0 || c.x.debug && text != "" {
		c.x.search = append(c.x.search, object{
			{"path", []any{c.field.Alias}},
			{"query", text},
			{"parsed", describe(parseSearch(text))},
			{"warnings", warnings},
		})
	}
	return out
}

// bind drops the terms that Shopify would ignore and collects the warnings about them.
func bind[T record](n *queryNode, cat catalog[T], list []T, warnings *[]any) *queryNode {
	if n == nil {
		return nil
	}
	if n.op != "term" {
		kids := make([]*queryNode, len(n.kids))
		for i, k := range n.kids {
			kids[i] = bind(k, cat, list, warnings)
		}
		if n.op == "not" {
			if kids[0] == nil {
				return nil
			}
			return &queryNode{op: "not", kids: kids}
		}
		return join(n.op, kids...)
	}
	if n.term.field == "" {
		return n
	}
	warn := func(message, code string) *queryNode {
		*warnings = append(*warnings, object{{"field", n.term.field}, {"message", message}, {"code", code}})
		return nil
	}
	f, ok := cat.fields[n.term.field]
	if !ok {
		return warn("Invalid search field for this query.", "invalid_field")
	}
	var sample T
	if len(list) > 0 {
		sample = list[0]
	} else {
		return n
	}
	if _, known := f.matches(sample, n.term); !known {
		return warn("Input `"+n.term.text+"` is not an accepted value.", "invalid_value")
	}
	return n
}

func matches[T record](n *queryNode, cat catalog[T], r T) bool {
	switch n.op {
	case "not":
		return !matches(n.kids[0], cat, r)
	case "or":
		for _, k := range n.kids {
			if matches(k, cat, r) {
				return true
			}
		}
		return false
	case "and":
		for _, k := range n.kids {
			if !matches(k, cat, r) {
				return false
			}
		}
		return true
	}
	if n.term.field == "" {
		return matchWords(cat.text(r), n.term)
	}
	hit, _ := cat.fields[n.term.field].matches(r, n.term)
	return hit
}

// describe shows how a query was understood, in the shape of extensions.search[].parsed.
func describe(n *queryNode) any {
	if n == nil {
		return map[string]any{}
	}
	if n.op != "term" {
		var kids []any
		for _, k := range n.kids {
			kids = append(kids, describe(k))
		}
		return map[string]any{n.op: kids}
	}
	if n.term.field == "" {
		return map[string]any{"field": "default", "match_all": n.term.text}
	}
	names := map[string]string{"": "match_all", "=": "match_all", "<": "range_lt", ">": "range_gt", "<=": "range_lte", ">=": "range_gte"}
	return map[string]any{"field": n.term.field, names[n.term.compare]: n.term.text}
}

func listPage[T record](c *call, list []T, cat catalog[T]) (any, error) {
	key, _ := c.args["sortKey"].(string)
	sortBy := cat.sorts[key]
	if sortBy == nil {
		sortBy = func(T) sortKey { return sortKey{} }
	}
	p, err := paginate(c, find(c, list, cat), sortBy)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func listCount[T record](c *call, list []T, cat catalog[T]) (any, error) {
	n := len(find(c, list, cat))
	data := map[string]any{"count": n, "precision": "EXACT"}
	if limit, ok := c.args["limit"].(int64); ok && n > int(limit) {
		data["count"], data["precision"] = limit, "AT_LEAST"
	}
	return value{data: data}, nil
}

func timeKey[T any](f func(T) time.Time) func(T) sortKey {
	return func(r T) sortKey { return sortKey{num: f(r).UnixMicro()} }
}

func textKey[T any](f func(T) string) func(T) sortKey {
	return func(r T) sortKey { return sortKey{text: strings.ToLower(f(r))} }
}

func one[T any](f func(T) string) func(T) []string {
	return func(r T) []string { return []string{f(r)} }
}

func oneNum[T any](f func(T) int64) func(T) []int64 {
	return func(r T) []int64 { return []int64{f(r)} }
}

func (st *store) searchedTags(o tagOwner) []string {
	return o.tagging().searched(time.Now(), st.sim.opts.IndexLag)
}

func (st *store) productCatalog() catalog[*product] {
	type f = searchField[*product]
	tags := func(p *product) []string { return st.searchedTags(p) }
	variants := func(get func(*variant) string) func(*product) []string {
		return func(p *product) []string {
			var out []string
			for _, v := range p.variants {
				out = append(out, get(v))
			}
			return out
		}
	}
	return catalog[*product]{
		text: func(p *product) []string { return append([]string{p.title, p.vendor, p.kind, p.handle}, p.tags...) },
		fields: map[string]f{
			"id":              {num: oneNum(func(p *product) int64 { return p.id })},
			"title":           {words: one(func(p *product) string { return p.title })},
			"vendor":          {exact: one(func(p *product) string { return p.vendor })},
			"product_type":    {exact: one(func(p *product) string { return p.kind })},
			"status":          {exact: one(func(p *product) string { return p.status })},
			"handle":          {exact: one(func(p *product) string { return p.handle })},
			"tag":             {exact: tags},
			"tag_not":         {exact: tags, not: true},
			"sku":             {exact: variants(func(v *variant) string { return v.sku })},
			"barcode":         {exact: variants(func(v *variant) string { return v.barcode })},
			"variant_title":   {words: variants(func(v *variant) string { return v.title })},
			"created_at":      {date: func(p *product) time.Time { return p.created }},
			"updated_at":      {date: func(p *product) time.Time { return p.updated }},
			"published_at":    {date: func(p *product) time.Time { return p.published }},
			"inventory_total": {num: oneNum(func(p *product) int64 { return int64(p.stock()) })},
			"gift_card":       {flag: func(*product) bool { return false }},
			"published_status": {exact: one(func(p *product) string {
				return map[bool]string{true: "unpublished", false: "published"}[p.published.IsZero()]
			})},
			"is_price_reduced":       {flag: (*product).reduced},
			"out_of_stock_somewhere": {flag: (*product).soldOut},
			"price":                  {money: true, num: (*product).prices},
		},
		sorts: map[string]func(*product) sortKey{
			"TITLE":           textKey(func(p *product) string { return p.title }),
			"VENDOR":          textKey(func(p *product) string { return p.vendor }),
			"PRODUCT_TYPE":    textKey(func(p *product) string { return p.kind }),
			"CREATED_AT":      timeKey(func(p *product) time.Time { return p.created }),
			"UPDATED_AT":      timeKey(func(p *product) time.Time { return p.updated }),
			"PUBLISHED_AT":    timeKey(func(p *product) time.Time { return p.published }),
			"INVENTORY_TOTAL": func(p *product) sortKey { return sortKey{num: int64(p.stock())} },
		},
	}
}

func (p *product) prices() []int64 {
	var out []int64
	for _, v := range p.variants {
		out = append(out, int64(v.price))
	}
	return out
}

func (p *product) reduced() bool {
	for _, v := range p.variants {
		if v.compareAt > v.price {
			return true
		}
	}
	return false
}

func (p *product) soldOut() bool {
	for _, v := range p.variants {
		if v.quantity <= 0 {
			return true
		}
	}
	return false
}

func (st *store) customerCatalog() catalog[*customer] {
	type f = searchField[*customer]
	tags := func(c *customer) []string { return st.searchedTags(c) }
	return catalog[*customer]{
		text: func(c *customer) []string { return []string{c.first, c.last, c.email, c.phone} },
		fields: map[string]f{
			"id":                    {num: oneNum(func(c *customer) int64 { return c.id })},
			"email":                 {exact: one(func(c *customer) string { return c.email })},
			"first_name":            {words: one(func(c *customer) string { return c.first })},
			"last_name":             {words: one(func(c *customer) string { return c.last })},
			"phone":                 {exact: one(func(c *customer) string { return c.phone })},
			"state":                 {exact: one(func(c *customer) string { return c.state })},
			"tag":                   {exact: tags},
			"tag_not":               {exact: tags, not: true},
			"orders_count":          {num: oneNum(func(c *customer) int64 { return int64(len(c.orders)) })},
			"total_spent":           {money: true, num: oneNum(func(c *customer) int64 { return int64(c.spent()) })},
			"customer_date":         {date: func(c *customer) time.Time { return c.created }},
			"created_at":            {date: func(c *customer) time.Time { return c.created }},
			"updated_at":            {date: func(c *customer) time.Time { return c.updated }},
			"accepts_marketing":     {flag: func(c *customer) bool { return c.marketing == "SUBSCRIBED" }},
			"email_marketing_state": {exact: one(func(c *customer) string { return c.marketing })},
			"country": {exact: func(c *customer) []string {
				if a := c.home(); a != nil {
					return []string{a.country, a.code}
				}
				return nil
			}},
			"last_order_date": {date: func(c *customer) time.Time {
				if o := c.lastOrder(); o != nil {
					return o.processed
				}
				return time.Time{}
			}},
		},
		sorts: map[string]func(*customer) sortKey{
			"NAME":       textKey(func(c *customer) string { return c.last + " " + c.first }),
			"CREATED_AT": timeKey(func(c *customer) time.Time { return c.created }),
			"UPDATED_AT": timeKey(func(c *customer) time.Time { return c.updated }),
			"LOCATION": textKey(func(c *customer) string {
				if a := c.home(); a != nil {
					return a.country + " " + a.city
				}
				return ""
			}),
		},
	}
}

func (st *store) orderCatalog() catalog[*order] {
	type f = searchField[*order]
	tags := func(o *order) []string { return st.searchedTags(o) }
	return catalog[*order]{
		text: func(o *order) []string { return []string{o.name, o.email, o.customerName()} },
		fields: map[string]f{
			"id":                  {num: oneNum(func(o *order) int64 { return o.id })},
			"name":                {exact: func(o *order) []string { return []string{o.name, strings.TrimPrefix(o.name, "#")} }},
			"email":               {exact: one(func(o *order) string { return o.email })},
			"tag":                 {exact: tags},
			"tag_not":             {exact: tags, not: true},
			"financial_status":    {exact: one(func(o *order) string { return o.financial })},
			"fulfillment_status":  {exact: func(o *order) []string { return fulfillmentWords(o) }},
			"status":              {exact: func(o *order) []string { return statusWords(o) }},
			"created_at":          {date: func(o *order) time.Time { return o.created }},
			"updated_at":          {date: func(o *order) time.Time { return o.updated }},
			"processed_at":        {date: func(o *order) time.Time { return o.processed }},
			"gateway":             {exact: func(o *order) []string { return o.gateways }},
			"source_name":         {exact: one(func(o *order) string { return o.source })},
			"risk_level":          {exact: one(func(o *order) string { return o.risk })},
			"discount_code":       {exact: one(func(o *order) string { return o.discountCode })},
			"po_number":           {exact: one(func(o *order) string { return o.poNumber })},
			"test":                {flag: func(o *order) bool { return o.test }},
			"total_weight":        {num: oneNum(func(o *order) int64 { return int64(o.grams()) })},
			"current_total_price": {money: true, num: oneNum(func(o *order) int64 { return int64(o.total()) })},
			"customer_id": {num: func(o *order) []int64 {
				if o.customer == nil {
					return nil
				}
				return []int64{o.customer.id}
			}},
			"sku": {exact: func(o *order) []string {
				var out []string
				for _, l := range o.lines {
					out = append(out, l.sku)
				}
				return out
			}},
		},
		sorts: map[string]func(*order) sortKey{
			"CREATED_AT":          timeKey(func(o *order) time.Time { return o.created }),
			"UPDATED_AT":          timeKey(func(o *order) time.Time { return o.updated }),
			"PROCESSED_AT":        timeKey(func(o *order) time.Time { return o.processed }),
			"ORDER_NUMBER":        func(o *order) sortKey { return sortKey{num: o.number} },
			"TOTAL_PRICE":         func(o *order) sortKey { return sortKey{num: int64(o.total())} },
			"CURRENT_TOTAL_PRICE": func(o *order) sortKey { return sortKey{num: int64(o.total())} },
			"CUSTOMER_NAME":       textKey(func(o *order) string { return o.customerName() }),
			"FINANCIAL_STATUS":    textKey(func(o *order) string { return o.financial }),
			"FULFILLMENT_STATUS":  textKey(func(o *order) string { return o.fulfillment }),
		},
	}
}

func (o *order) customerName() string {
	if o.customer == nil {
		return ""
	}
	return o.customer.name()
}

func statusWords(o *order) []string {
	switch {
	case !o.canceled.IsZero():
		return []string{"cancelled", "closed"}
	case !o.closed.IsZero():
		return []string{"closed"}
	}
	return []string{"open", "not_closed"}
}

func fulfillmentWords(o *order) []string {
	switch o.fulfillment {
	case "FULFILLED":
		return []string{"fulfilled", "shipped"}
	case "PARTIALLY_FULFILLED":
		return []string{"partial"}
	}
	return []string{"unfulfilled", "unshipped"}
}

// tagList is the connection of all tags in use, for the fields productTags and its like.
func tagList[T tagOwner](c *call, list []T) (any, error) {
	seen := map[string]bool{}
	var names []string
	for _, o := range list {
		for _, t := range o.tagging().tags {
			if k := tagKey(t); !seen[k] {
				seen[k] = true
				names = append(names, t)
			}
		}
	}
	sort.Slice(names, func(i, j int) bool { return strings.ToLower(names[i]) < strings.ToLower(names[j]) })
	p := &page{items: []any{}}
	first, last, err := pageSize(c)
	if err != nil {
		return nil, err
	}
	for i, n := range names {
		if i >= max(first, last) {
			p.hasNext = true
			break
		}
		p.items = append(p.items, n)
		p.cursors = append(p.cursors, sortKey{text: n}.cursor(int64(i)))
	}
	return p, nil
}
