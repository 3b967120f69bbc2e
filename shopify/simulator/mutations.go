package simulator

import (
	"regexp"
	"strings"
	"time"
)

func mutationFields() fields {
	return fields{
		"tagsAdd":                   changeTags("node", true),
		"tagsRemove":                changeTags("node", false),
		"productCreate":             productCreate,
		"productUpdate":             productUpdate,
		"productDelete":             productDelete,
		"productVariantsBulkUpdate": variantsUpdate,
		"customerCreate":            customerCreate,
		"customerUpdate":            customerUpdate,
		"customerDelete":            customerDelete,
		"orderCreate":               orderCreate,
		"orderUpdate":               orderUpdate,
		"orderDelete":               orderDelete,
		"orderMarkAsPaid":           orderMarkAsPaid,
		"orderCancel":               orderCancel,
		"orderClose":                orderClose(true),
		"orderOpen":                 orderClose(false),
		"webhookSubscriptionCreate": subscriptionCreate,
		"webhookSubscriptionUpdate": subscriptionUpdate,
		"webhookSubscriptionDelete": subscriptionDelete,
		"bulkOperationRunQuery":     bulkRunQuery,
		"bulkOperationRunMutation":  bulkRunMutation,
		"bulkOperationCancel":       bulkCancel,
		"stagedUploadsCreate":       stagedUploadsCreate,
	}
}

// input is an argument's fields. A field that is absent is left alone, null empties it.
type input map[string]any

func (c *call) input(names ...string) input {
	for _, n := range names {
		if m, ok := c.args[n].(map[string]any); ok {
			return m
		}
	}
	return nil
}

func (in input) text(name string, into *string) bool {
	v, has := in[name]
	if !has {
		return false
	}
	*into, _ = v.(string)
	return true
}

func (in input) str(name string) string {
	s, _ := in[name].(string)
	return s
}

func (in input) child(name string) input {
	m, _ := in[name].(map[string]any)
	return m
}

func (in input) list(name string) []input {
	all, _ := in[name].([]any)
	var out []input
	for _, v := range all {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// tags reads a list of tags; has is false where the input does not speak of tags.
func (in input) tags() (tags []string, has bool) {
	v, has := in["tags"]
	return uniteTags(nil, splitTags(stringsOf(v))), has
}

func stringsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// refusedFields are inputs that the simulator cannot keep: they are refused by name, so
// that a test does not take silence for success.
func refusedFields(in input, names ...string) error {
	for _, n := range names {
		if v, has := in[n]; has && v != nil {
			return &gqlError{
				message: "The simulator does not support the input field '" + n + "' yet",
				code:    "SIMULATOR_UNSUPPORTED",
				more:    map[string]any{"fieldName": n},
			}
		}
	}
	return nil
}

var taggableKinds = map[string]bool{"Product": true, "Customer": true, "Order": true, "DraftOrder": true, "Article": true}

func changeTags(name string, add bool) resolver {
	return func(c *call) (any, error) {
		id, _ := c.args["id"].(string)
		kind, _, ok := splitGID(id)
		if !ok || !taggableKinds[kind] {
			return nil, invalidID()
		}
		o := c.st.tagOwner(id)
		if o == nil {
			return payload(name, nil, userError{field: []string{"id"}, message: kind + " does not exist"}), nil
		}
		asked := splitTags(stringsOf(c.args["tags"]))
		have := o.tagging().tags
		if !add {
			strict := kind != "Customer" && kind != "Product"
			c.st.setTags(c.x.action, o, withoutTags(have, asked, strict))
			return payload(name, o), nil
		}
		if e := tagTrouble(kind, asked); e != nil {
			return payload(name, o, *e), nil
		}
		if kind == "Customer" {
			asked = c.st.customerSpelling(asked)
		}
		tags := uniteTags(have, asked)
		if e := tagTrouble(kind, tags); e != nil {
			return payload(name, o, *e), nil
		}
		c.st.setTags(c.x.action, o, tags)
		return payload(name, o), nil
	}
}

var notInHandle = regexp.MustCompile(`[^a-z0-9]+`)

func handleOf(title string) string {
	return strings.Trim(notInHandle.ReplaceAllString(strings.ToLower(title), "-"), "-")
}

// freeHandle makes a handle unique by a number at its end, as Shopify does.
func (st *store) freeHandle(want string, own int64) string {
	taken := map[string]bool{}
	for _, p := range st.products.list {
		if p.id != own {
			taken[p.handle] = true
		}
	}
	h := want
	for n := 1; taken[h]; n++ {
		h = want + "-" + itoa(int64(n))
	}
	return h
}

var productInputsRefused = []string{"metafields", "collectionsToJoin", "collectionsToLeave", "category", "combinedListingRole", "claimOwnership", "productOptions"}

func (in input) intoProduct(p *product) {
	in.text("title", &p.title)
	in.text("vendor", &p.vendor)
	in.text("productType", &p.kind)
	in.text("descriptionHtml", &p.html)
	in.text("templateSuffix", &p.template)
	if s := in.str("status"); s != "" {
		p.status = s
	}
}

func productCreate(c *call) (any, error) {
	in := c.input("product", "input")
	if err := refusedFields(in, productInputsRefused...); err != nil {
		return nil, err
	}
	p := &product{status: "ACTIVE", vendor: c.st.Name}
	in.intoProduct(p)
	if strings.TrimSpace(p.title) == "" {
		return payload("product", nil, userError{field: []string{"title"}, message: "Title can't be blank"}), nil
	}
	tags, _ := in.tags()
	if e := tagTrouble("Product", tags); e != nil {
		return payload("product", nil, *e), nil
	}
	handle := handleOf(p.title)
	in.text("handle", &handle)
	p.handle, p.tags = c.st.freeHandle(handle, 0), tags
	p.variants = []*variant{{title: "Default Title", optionName: "Title"}}
	c.st.addProduct(c.x.action, p)
	return payload("product", p), nil
}

func productUpdate(c *call) (any, error) {
	in := c.input("product", "input")
	if err := refusedFields(in, productInputsRefused...); err != nil {
		return nil, err
	}
	_, id, _ := splitGID(in.str("id"))
	if who := c.input("identifier"); id == 0 && who != nil {
		_, id, _ = splitGID(who.str("id"))
	}
	p := c.st.products.byID[id]
	if p == nil {
		return payload("product", nil, userError{field: []string{"id"}, message: "Product does not exist"}), nil
	}
	tags, hasTags := in.tags()
	if e := tagTrouble("Product", tags); hasTags && e != nil {
		return payload("product", p, *e), nil
	}
	if t, has := in["title"].(string); has && strings.TrimSpace(t) == "" {
		return payload("product", p, userError{field: []string{"title"}, message: "Title can't be blank"}), nil
	}
	wasPublished := p.status == "ACTIVE"
	in.intoProduct(p)
	if p.status == "ACTIVE" && !wasPublished && p.published.IsZero() {
		p.published = c.x.now()
	}
	if h := in.str("handle"); h != "" {
		p.handle = c.st.freeHandle(h, p.id)
	}
	if hasTags {
		p.replace(tags, c.x.now(), c.st.sim.opts.IndexLag)
	}
	c.st.productChanged(c.x.action, p)
	return payload("product", p), nil
}

func productDelete(c *call) (any, error) {
	_, id, _ := splitGID(c.input("input").str("id"))
	p := c.st.products.byID[id]
	if p == nil {
		return payload("deletedProductId", nil, userError{field: []string{"id"}, message: "Product does not exist"}), nil
	}
	c.st.deleteProduct(c.x.action, p)
	return payload("deletedProductId", p.gid()), nil
}

func variantsUpdate(c *call) (any, error) {
	id, _ := c.args["productId"].(string)
	_, n, _ := splitGID(id)
	p := c.st.products.byID[n]
	if p == nil {
		return payload("product", nil, userError{field: []string{"productId"}, message: "Product does not exist", code: "PRODUCT_DOES_NOT_EXIST"}), nil
	}
	var ins []input
	list, _ := c.args["variants"].([]any)
	for _, v := range list {
		ins = append(ins, v.(map[string]any))
	}
	var changed []*variant
	for i, in := range ins {
		if err := refusedFields(in, "metafields", "optionValues", "mediaId", "mediaSrc", "inventoryQuantities", "quantityAdjustments", "unitPriceMeasurement"); err != nil {
			return nil, err
		}
		_, vid, _ := splitGID(in.str("id"))
		var found *variant
		for _, v := range p.variants {
			if v.id == vid {
				found = v
			}
		}
		if found == nil {
			return payload("product", nil, userError{
				field: []string{"variants", itoa(int64(i)), "id"}, message: "Product variant does not exist", code: "PRODUCT_VARIANT_DOES_NOT_EXIST",
			}), nil
		}
		changed = append(changed, found)
	}
	for i, v := range changed {
		ins[i].intoVariant(v)
		v.updated = c.x.now()
	}
	c.st.productChanged(c.x.action, p)
	out := payload("product", p)
	out.data["productVariants"] = listOf(changed)
	return out, nil
}

func (in input) intoVariant(v *variant) {
	if m, ok := parseMoney(in.str("price")); ok {
		v.price = m
	}
	if raw, has := in["compareAtPrice"]; has {
		text, _ := raw.(string)
		v.compareAt, _ = parseMoney(text)
	}
	in.text("barcode", &v.barcode)
	if item := in.child("inventoryItem"); item != nil {
		item.text("sku", &v.sku)
		if raw, has := item["cost"]; has {
			text, _ := raw.(string)
			v.cost, _ = parseMoney(text)
		}
	}
}

func subscriptionCreate(c *call) (any, error) {
	now := c.x.now()
	topic, _ := c.args["topic"].(string)
	s := &subscription{app: c.x.app, topic: topic, header: topicHeaders()[topic], format: "JSON", created: now}
	if err := c.input("webhookSubscription").intoSubscription(s); err != nil {
		return nil, err
	}
	if errs := c.st.subscriptionTrouble(s, 0); len(errs) > 0 {
		return payload("webhookSubscription", nil, errs...), nil
	}
	s.id, s.updated = c.st.sim.ids.take(), now
	c.st.subs = append(c.st.subs[:len(c.st.subs):len(c.st.subs)], s)
	return payload("webhookSubscription", s), nil
}

func (in input) intoSubscription(s *subscription) error {
	if err := refusedFields(in, "filter", "metafields", "metafieldNamespaces"); err != nil {
		return err
	}
	if !in.text("uri", &s.uri) {
		in.text("callbackUrl", &s.uri)
	}
	in.text("name", &s.name)
	if f := in.str("format"); f != "" {
		s.format = f
	}
	if v, has := in["includeFields"]; has {
		s.includeFields = stringsOf(v)
	}
	return nil
}

func subscriptionUpdate(c *call) (any, error) {
	id, _ := c.args["id"].(string)
	_, n, _ := splitGID(id)
	old := c.st.subscriptionByID(c.x.app, n)
	if old == nil {
		return payload("webhookSubscription", nil, userError{field: []string{"id"}, message: "Webhook subscription does not exist"}), nil
	}
	changed := *old
	if err := c.input("webhookSubscription").intoSubscription(&changed); err != nil {
		return nil, err
	}
	if errs := c.st.subscriptionTrouble(&changed, n); len(errs) > 0 {
		return payload("webhookSubscription", nil, errs...), nil
	}
	changed.updated = c.x.now().Truncate(time.Second)
	// A new value, because deliveries on their way read the old one without the lock.
	next := append([]*subscription{}, c.st.subs...)
	for i, s := range next {
		if s == old {
			next[i] = &changed
		}
	}
	c.st.subs = next
	return payload("webhookSubscription", &changed), nil
}

func subscriptionDelete(c *call) (any, error) {
	id, _ := c.args["id"].(string)
	_, n, _ := splitGID(id)
	if c.st.subscriptionByID(c.x.app, n) == nil {
		return payload("deletedWebhookSubscriptionId", nil, userError{field: []string{"id"}, message: "Webhook subscription does not exist"}), nil
	}
	c.st.removeSubscription(n)
	return payload("deletedWebhookSubscriptionId", id), nil
}
