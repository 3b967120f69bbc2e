package simulator

import (
	"math"
	"strconv"
	"time"
)

var orderInputsRefused = []string{"metafields", "companyLocationId", "taxLines", "fulfillment"}

func orderCreate(c *call) (any, error) {
	in := c.input("order")
	if err := refusedFields(in, orderInputsRefused...); err != nil {
		return nil, err
	}
	o := &order{
		currency:    c.st.Currency,
		financial:   "PAID",
		fulfillment: "UNFULFILLED",
		source:      "580111",
		risk:        "LOW",
		gateways:    []string{"manual"},
	}
	if e := in.intoOrder(c, o); e != nil {
		return payload("order", nil, *e), nil
	}
	if e := in.intoLines(c, o); e != nil {
		return payload("order", nil, *e), nil
	}
	if e := in.intoOrderCustomer(c, o); e != nil {
		return payload("order", nil, *e), nil
	}
	in.intoDiscount(o)
	c.st.addOrder(c.x.action, o)
	return payload("order", o), nil
}

func invalidOrder(message string, field ...string) *userError {
	return &userError{field: append([]string{"order"}, field...), message: message, code: "INVALID"}
}

func (in input) intoOrder(c *call, o *order) *userError {
	in.text("email", &o.email)
	in.text("phone", &o.phone)
	in.text("note", &o.note)
	in.text("name", &o.name)
	in.text("poNumber", &o.poNumber)
	in.text("sourceName", &o.source)
	in.text("referringSite", &o.referrer)
	if s := in.str("currency"); s != "" {
		o.currency = s
	}
	if s := in.str("financialStatus"); s != "" {
		o.financial = s
	}
	switch in.str("fulfillmentStatus") {
	case "FULFILLED":
		o.fulfillment, o.fulfilled = "FULFILLED", c.x.now()
	case "PARTIAL":
		o.fulfillment = "PARTIALLY_FULFILLED"
	case "RESTOCKED":
		o.fulfillment = "RESTOCKED"
	}
	o.test, _ = in["test"].(bool)
	o.marketing, _ = in["buyerAcceptsMarketing"].(bool)
	o.attributes = in.attributes("customAttributes")
	o.shipTo = in.child("shippingAddress").address(c.st, "", "")
	o.billTo = in.child("billingAddress").address(c.st, "", "")
	for name, into := range map[string]*time.Time{"processedAt": &o.processed, "closedAt": &o.closed} {
		if t, err := time.Parse(time.RFC3339, in.str(name)); err == nil {
			*into = t.UTC()
		}
	}
	if o.processed.After(c.x.now().Add(time.Minute)) {
		return &userError{field: []string{"order", "processedAt"}, message: "Processed at must not be in the future", code: "PROCESSED_AT_INVALID"}
	}
	if list := in.list("transactions"); len(list) > 0 {
		o.gateways = nil
		for _, t := range list {
			g := "manual"
			if t.str("gateway") != "" {
				g = t.str("gateway")
			}
			o.gateways = append(o.gateways, g)
		}
	}
	tags, _ := in.tags()
	if e := tagTrouble("Order", tags); e != nil {
		e.field = []string{"order", "tags"}
		e.code = "INVALID"
		return e
	}
	o.tags = tags
	return nil
}

func (in input) money(name string) (money, bool) {
	set := in.child(name)
	if set == nil {
		return 0, false
	}
	return parseMoney(set.child("shopMoney").str("amount"))
}

func (in input) intoLines(c *call, o *order) *userError {
	lines := in.list("lineItems")
	if len(lines) == 0 {
		return invalidOrder("Line items must have at least one line item", "lineItems")
	}
	for i, l := range lines {
		at := strconv.Itoa(i)
		quantity, _ := l["quantity"].(int64)
		if quantity < 1 {
			return invalidOrder("Quantity must be greater than 0", "lineItems", at, "quantity")
		}
		item := &lineItem{quantity: int(quantity), shippable: true}
		if v, has := l["requiresShipping"].(bool); has {
			item.shippable = v
		}
		if id := l.str("variantId"); id != "" {
			_, n, _ := splitGID(id)
			v := c.st.variantByID(n)
			if v == nil {
				return invalidOrder("Product variant does not exist", "lineItems", at, "variantId")
			}
			item.fill(v)
		}
		if id := l.str("productId"); id != "" {
			_, item.productID, _ = splitGID(id)
		}
		l.text("title", &item.title)
		l.text("sku", &item.sku)
		l.text("vendor", &item.vendor)
		l.text("variantTitle", &item.variantTitle)
		if m, ok := l.money("priceSet"); ok {
			item.price = m
		}
		if w := l.child("weight"); w != nil {
			kilos, _ := w["value"].(float64)
			item.grams = int(math.Round(kilos * map[string]float64{"KILOGRAMS": 1000, "GRAMS": 1, "POUNDS": 453.592, "OUNCES": 28.3495}[w.str("unit")]))
		}
		if item.title == "" {
			return invalidOrder("Title can't be blank", "lineItems", at, "title")
		}
		o.lines = append(o.lines, item)
	}
	for _, s := range in.list("shippingLines") {
		m, _ := s.money("priceSet")
		o.shipping = append(o.shipping, &shippingLine{title: s.str("title"), code: s.str("code"), price: m})
	}
	return nil
}

// fill takes over what the variant knows.
func (l *lineItem) fill(v *variant) {
	l.variant, l.productID, l.title = v, v.product.id, v.product.title
	l.sku, l.vendor, l.price, l.grams = v.sku, v.product.vendor, v.price, v.grams
	if v.title != "Default Title" {
		l.variantTitle = v.title
	}
}

func (in input) intoOrderCustomer(c *call, o *order) *userError {
	id := in.str("customerId")
	who := in.child("customer")
	associate, upsert := who.child("toAssociate"), who.child("toUpsert")
	if id == "" {
		id = associate.str("id")
	}
	if id == "" {
		id = upsert.str("id")
	}
	email := associate.str("email")
	if email == "" {
		email = upsert.str("email")
	}
	if id != "" {
		_, n, _ := splitGID(id)
		o.customer = c.st.customers.byID[n]
	} else if email != "" {
		o.customer = c.st.customerByEmail(email)
	}
	switch {
	case o.customer == nil && (id != "" || associate != nil):
		return invalidOrder("Customer does not exist", "customer")
	case o.customer == nil && upsert == nil && o.email != "":
		o.customer = c.st.customerByEmail(o.email)
	case o.customer == nil && upsert != nil:
		n := &customer{state: "DISABLED", locale: "en", marketing: "NOT_SUBSCRIBED", verified: true}
		upsert.intoCustomer(n, c.st)
		tags, _ := upsert.tags()
		n.tags = uniteTags(nil, c.st.customerSpelling(tags))
		c.st.addCustomer(c.x.action, n)
		o.customer = n
	}
	if o.email == "" && o.customer != nil {
		o.email = o.customer.email
	}
	return nil
}

func (st *store) customerByEmail(email string) *customer {
	for _, c := range st.customers.list {
		if equalText(c.email, email) {
			return c
		}
	}
	return nil
}

func (in input) intoDiscount(o *order) {
	d := in.child("discountCode")
	if f := d.child("itemFixedDiscountCode"); f != nil {
		o.discountCode = f.str("code")
		o.discount, _ = f.money("amountSet")
	}
	if p := d.child("itemPercentageDiscountCode"); p != nil {
		o.discountCode = p.str("code")
		percent, _ := p["percentage"].(float64)
		o.discount = money(math.Round(float64(o.lineTotal()) * percent / 100))
	}
	o.discount = min(o.discount, o.lineTotal())
	o.spreadDiscount()
}

// spreadDiscount shares the order's discount among its lines by their price.
func (o *order) spreadDiscount() {
	total, left := o.lineTotal(), o.discount
	if total == 0 || left == 0 {
		return
	}
	for i, l := range o.lines {
		share := o.discount * l.price * money(l.quantity) / total
		if i == len(o.lines)-1 {
			share = left
		}
		l.discount = share
		left -= share
	}
}
