package simulator

import "time"

// Everything here runs with the store's lock held for writing. Each change, whoever
// makes it, sets updatedAt and sends the webhooks that Shopify would send.

func (st *store) productChanged(a action, p *product) {
	p.updated = a.at
	st.emit(a, "products/update", func() any { return st.productPayload(p) })
}

func (st *store) customerChanged(a action, c *customer) {
	c.updated = a.at
	st.emit(a, "customers/update", func() any { return st.customerPayload(c) })
}

func (st *store) orderChanged(a action, o *order) {
	o.updated = a.at
	st.emit(a, "orders/updated", func() any { return st.orderPayload(o) })
}

func (st *store) addProduct(a action, p *product) {
	p.id, p.created, p.updated = st.sim.ids.take(), a.at, a.at
	p.changed = a.at
	for i, v := range p.variants {
		v.id, v.inventoryItem = st.sim.ids.take(), st.sim.ids.take()
		v.product, v.position, v.created, v.updated = p, i+1, a.at, a.at
	}
	if p.status == "ACTIVE" {
		p.published = a.at
	}
	st.products.put(p)
	st.emit(a, "products/create", func() any { return st.productPayload(p) })
}

func (st *store) deleteProduct(a action, p *product) {
	st.products.remove(p.id)
	st.emit(a, "products/delete", func() any { return map[string]any{"id": p.id} })
}

func (st *store) addCustomer(a action, c *customer) {
	c.id, c.created, c.updated = st.sim.ids.take(), a.at, a.at
	c.changed = a.at
	st.customers.put(c)
	st.emit(a, "customers/create", func() any { return st.customerPayload(c) })
	if len(c.tags) > 0 {
		st.emit(a, "customer.tags_added", func() any { return tagsPayload(c, c.tags, a) })
	}
}

func (st *store) deleteCustomer(a action, c *customer) {
	st.customers.remove(c.id)
	st.emit(a, "customers/delete", func() any {
		return map[string]any{"id": c.id, "tax_exemptions": []any{}, "admin_graphql_api_id": c.gid()}
	})
}

func (st *store) addOrder(a action, o *order) {
	st.number++
	o.id, o.number, o.created, o.updated = st.sim.ids.take(), st.number, a.at, a.at
	o.changed = a.at
	if o.processed.IsZero() {
		o.processed = a.at
	}
	if o.name == "" {
		o.name = "#" + itoa(o.number)
	}
	for _, l := range o.lines {
		l.id = st.sim.ids.take()
	}
	for _, l := range o.shipping {
		l.id = st.sim.ids.take()
	}
	st.orders.put(o)
	st.emit(a, "orders/create", func() any { return st.orderPayload(o) })
	if o.paid() {
		st.emit(a, "orders/paid", func() any { return st.orderPayload(o) })
	}
	if o.fulfillment == "FULFILLED" {
		st.emit(a, "orders/fulfilled", func() any { return st.orderPayload(o) })
	}
	if o.customer != nil {
		o.customer.orders = append(o.customer.orders, o)
		st.purchasingChanged(a, o.customer)
	}
}

func (st *store) purchasingChanged(a action, c *customer) {
	st.emit(a, "customers/purchasing_summary", func() any {
		var last any
		if o := c.lastOrder(); o != nil {
			last = o.gid()
		}
		return map[string]any{
			"customerId":     c.gid(),
			"numberOfOrders": len(c.orders),
			"amountSpent":    map[string]any{"amount": c.spent().String(), "currencyCode": st.Currency},
			"lastOrderId":    last,
			"occurredAt":     a.at.Format("2006-01-02T15:04:05.000Z"),
		}
	})
}

func (st *store) payOrder(a action, o *order) {
	o.financial = "PAID"
	st.orderChanged(a, o)
	st.emit(a, "order_transactions/create", func() any { return st.transactionPayload(a, o) })
	st.emit(a, "orders/paid", func() any { return st.orderPayload(o) })
	if o.customer != nil {
		st.purchasingChanged(a, o.customer)
	}
}

func (st *store) fulfillOrder(a action, o *order) {
	o.fulfillment, o.fulfilled = "FULFILLED", a.at
	st.orderChanged(a, o)
	st.emit(a, "fulfillments/create", func() any { return st.fulfillmentPayload(o) })
	st.emit(a, "orders/fulfilled", func() any { return st.orderPayload(o) })
}

func (st *store) cancelOrder(a action, o *order, reason string) {
	o.canceled, o.cancelReason = a.at, reason
	if o.paid() {
		o.financial = "REFUNDED"
	} else {
		o.financial = "VOIDED"
	}
	st.orderChanged(a, o)
	st.emit(a, "orders/cancelled", func() any { return st.orderPayload(o) })
	if o.customer != nil {
		st.purchasingChanged(a, o.customer)
	}
}

func (st *store) deleteOrder(a action, o *order) {
	st.orders.remove(o.id)
	if c := o.customer; c != nil {
		for i, x := range c.orders {
			if x == o {
				c.orders = append(c.orders[:i:i], c.orders[i+1:]...)
				break
			}
		}
		st.purchasingChanged(a, c)
	}
	st.emit(a, "orders/delete", func() any { return map[string]any{"id": o.id} })
}

func (st *store) localTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(st.location).Format(time.RFC3339)
}
