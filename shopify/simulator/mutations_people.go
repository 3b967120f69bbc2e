package simulator

import (
	"strings"
	"time"
)

const maxNote = 5000

func (in input) customerTrouble(st *store, own *customer) []userError {
	var errs []userError
	at := func(field, message string) { errs = append(errs, userError{field: []string{field}, message: message}) }
	if len([]rune(in.str("note"))) > maxNote {
		at("note", "Note is too long (maximum is 5000 characters)")
	}
	if email := in.str("email"); email != "" {
		if name, host, ok := strings.Cut(email, "@"); !ok || name == "" || !strings.Contains(host, ".") {
			at("email", "Email is invalid")
		}
		for _, c := range st.customers.list {
			if c != own && strings.EqualFold(c.email, email) {
				at("email", "Email has already been taken")
				break
			}
		}
	}
	if tags, has := in.tags(); has {
		if e := tagTrouble("Customer", tags); e != nil {
			errs = append(errs, *e)
		}
	}
	return errs
}

func (in input) intoCustomer(c *customer, st *store) {
	in.text("firstName", &c.first)
	in.text("lastName", &c.last)
	in.text("email", &c.email)
	in.text("phone", &c.phone)
	in.text("note", &c.note)
	if l := in.str("locale"); l != "" {
		c.locale = l
	}
	if v, ok := in["taxExempt"].(bool); ok {
		c.taxExempt = v
	}
	if m := in.child("emailMarketingConsent").str("marketingState"); m != "" {
		c.marketing = m
	}
	if _, has := in["addresses"]; has {
		c.addresses = nil
		for _, a := range in.list("addresses") {
			c.addresses = append(c.addresses, a.address(st, c.first, c.last))
		}
	}
}

func (in input) address(st *store, first, last string) *address {
	if in == nil {
		return nil
	}
	a := &address{id: st.sim.ids.take(), first: first, last: last}
	in.text("firstName", &a.first)
	in.text("lastName", &a.last)
	in.text("company", &a.company)
	in.text("address1", &a.line1)
	in.text("address2", &a.line2)
	in.text("city", &a.city)
	in.text("zip", &a.zip)
	in.text("phone", &a.phone)
	in.text("province", &a.province)
	in.text("provinceCode", &a.provinceCode)
	in.text("country", &a.country)
	in.text("countryCode", &a.code)
	completePlace(a)
	return a
}

var customerInputsRefused = []string{"metafields", "smsMarketingConsent", "whatsAppMarketingConsent", "taxExemptions", "multipassIdentifier"}

func customerCreate(c *call) (any, error) {
	in := c.input("input")
	if err := refusedFields(in, customerInputsRefused...); err != nil {
		return nil, err
	}
	if errs := in.customerTrouble(c.st, nil); len(errs) > 0 {
		return payload("customer", nil, errs...), nil
	}
	who := &customer{state: "DISABLED", locale: "en", marketing: "NOT_SUBSCRIBED", verified: true}
	in.intoCustomer(who, c.st)
	if who.name() == "" {
		return payload("customer", nil, userError{message: "A name, phone number, or email address must be present"}), nil
	}
	tags, _ := in.tags()
	who.tags = uniteTags(nil, c.st.customerSpelling(tags))
	c.st.addCustomer(c.x.action, who)
	return payload("customer", who), nil
}

func customerUpdate(c *call) (any, error) {
	in := c.input("input")
	if err := refusedFields(in, customerInputsRefused...); err != nil {
		return nil, err
	}
	_, id, _ := splitGID(in.str("id"))
	who := c.st.customers.byID[id]
	if who == nil {
		return payload("customer", nil, userError{field: []string{"id"}, message: "Customer does not exist"}), nil
	}
	if errs := in.customerTrouble(c.st, who); len(errs) > 0 {
		return payload("customer", nil, errs...), nil
	}
	changed := *who
	in.intoCustomer(&changed, c.st)
	if changed.name() == "" {
		return payload("customer", nil, userError{message: "A name, phone number, or email address must be present"}), nil
	}
	*who = changed
	before := who.tags
	if tags, has := in.tags(); has {
		who.replace(uniteTags(nil, c.st.customerSpelling(tags)), c.x.now(), c.st.sim.opts.IndexLag)
	}
	c.st.customerTagsChanged(c.x.action, who, before)
	return payload("customer", who), nil
}

func customerDelete(c *call) (any, error) {
	_, id, _ := splitGID(c.input("input").str("id"))
	who := c.st.customers.byID[id]
	if who == nil {
		return payload("deletedCustomerId", nil, userError{field: []string{"id"}, message: "Customer can't be found"}), nil
	}
	if len(who.orders) > 0 {
		return payload("deletedCustomerId", nil, userError{
			field: []string{"id"}, message: "Customer can’t be deleted because they have associated orders",
		}), nil
	}
	c.st.deleteCustomer(c.x.action, who)
	return payload("deletedCustomerId", who.gid()), nil
}

func orderByID(c *call, id string) (*order, userError) {
	_, n, _ := splitGID(id)
	return c.st.orders.byID[n], userError{field: []string{"id"}, message: "Order does not exist"}
}

func orderUpdate(c *call) (any, error) {
	in := c.input("input")
	if err := refusedFields(in, "metafields", "localizationExtensions", "localizedFields"); err != nil {
		return nil, err
	}
	o, missing := orderByID(c, in.str("id"))
	if o == nil {
		return payload("order", nil, missing), nil
	}
	if len(in) == 1 {
		return payload("order", nil, userError{message: "No valid update parameters have been provided"}), nil
	}
	tags, hasTags := in.tags()
	if e := tagTrouble("Order", tags); hasTags && e != nil {
		return payload("order", nil, *e), nil
	}
	in.text("email", &o.email)
	in.text("phone", &o.phone)
	in.text("note", &o.note)
	in.text("poNumber", &o.poNumber)
	if a := in.child("shippingAddress"); a != nil {
		o.shipTo = a.address(c.st, "", "")
	}
	if _, has := in["customAttributes"]; has {
		o.attributes = in.attributes("customAttributes")
	}
	if hasTags {
		o.replace(tags, c.x.now(), c.st.sim.opts.IndexLag)
	}
	c.st.orderChanged(c.x.action, o)
	return payload("order", o), nil
}

func (in input) attributes(name string) [][2]string {
	var out [][2]string
	for _, a := range in.list(name) {
		out = append(out, [2]string{a.str("key"), a.str("value")})
	}
	return out
}

func orderDelete(c *call) (any, error) {
	id, _ := c.args["orderId"].(string)
	o, _ := orderByID(c, id)
	if o == nil {
		return payload("deletedId", nil, userError{field: []string{"orderId"}, message: "Order does not exist", code: "NOT_FOUND"}), nil
	}
	c.st.deleteOrder(c.x.action, o)
	return payload("deletedId", o.gid()), nil
}

func orderMarkAsPaid(c *call) (any, error) {
	o, missing := orderByID(c, c.input("input").str("id"))
	if o == nil {
		return payload("order", nil, missing), nil
	}
	if o.financial != "PENDING" || !o.canceled.IsZero() {
		return payload("order", o, userError{field: []string{"id"}, message: "Order cannot be marked as paid."}), nil
	}
	c.st.payOrder(c.x.action, o)
	return payload("order", o), nil
}

func orderCancel(c *call) (any, error) {
	id, _ := c.args["orderId"].(string)
	o, _ := orderByID(c, id)
	refused := func(e userError) (any, error) {
		return payload("job", nil, e), nil
	}
	if o == nil {
		return refused(userError{field: []string{"orderId"}, message: "Order does not exist", code: "NOT_FOUND"})
	}
	if !o.canceled.IsZero() {
		return refused(userError{field: []string{"orderId"}, message: "Order has already been cancelled", code: "INVALID"})
	}
	reason, _ := c.args["reason"].(string)
	c.st.cancelOrder(c.x.action, o, reason)
	return payload("job", value{data: map[string]any{"id": gid("Job", c.st.sim.ids.take()), "done": true}}), nil
}

func orderClose(shut bool) resolver {
	return func(c *call) (any, error) {
		o, missing := orderByID(c, c.input("input").str("id"))
		if o == nil {
			return payload("order", nil, missing), nil
		}
		o.closed = time.Time{}
		if shut {
			o.closed = c.x.now()
		}
		c.st.orderChanged(c.x.action, o)
		return payload("order", o), nil
	}
}
