package simulator

// transactionPayload is a payment of the order as order_transactions/create carries it.
func (st *store) transactionPayload(a action, o *order) any {
	gateway := "manual"
	if len(o.gateways) > 0 {
		gateway = o.gateways[0]
	}
	id := o.id + 5
	unsettled := map[string]any{"amount": "0.00", "currency": o.currency}
	return map[string]any{
		"id": id, "order_id": o.id, "kind": "sale", "gateway": gateway, "status": "success", "message": nil,
		"created_at": st.localTime(a.at), "test": o.test, "authorization": nil, "location_id": nil, "user_id": nil,
		"parent_id": nil, "processed_at": st.localTime(a.at), "device_id": nil, "error_code": nil, "source_name": o.source,
		"payment_details": nil, "receipt": map[string]any{}, "amount": o.total().String(), "currency": o.currency,
		"payment_id":             o.name + ".1",
		"total_unsettled_set":    map[string]any{"presentment_money": unsettled, "shop_money": unsettled},
		"manual_payment_gateway": gateway == "manual", "amount_rounding": nil,
		"admin_graphql_api_id": gid("OrderTransaction", id),
	}
}

// fulfillmentPayload is the order's shipment as fulfillments/create carries it.
func (st *store) fulfillmentPayload(o *order) any {
	shipments := st.fulfillments(o)
	if len(shipments) == 0 {
		return nil
	}
	p, _ := shipments[0].(map[string]any)
	p["email"], p["destination"] = nullable(o.email), addressPayload(o.shipTo)
	lines, _ := p["line_items"].([]any)
	for _, line := range lines {
		l, _ := line.(map[string]any)
		for _, name := range []string{"attributed_staffs", "sales_line_item_group_id", "current_quantity"} {
			delete(l, name) // a shipment's lines do without
		}
	}
	return p
}

// levelPayload is a variant's stock as inventory_levels/update carries it: of the shop's one place.
func (st *store) levelPayload(a action, v *variant) any {
	place := st.id + 1
	return map[string]any{
		"inventory_item_id": v.inventoryItem, "location_id": place, "available": v.quantity, "updated_at": st.localTime(a.at),
		"admin_graphql_api_id": gid("InventoryLevel", place) + "?inventory_item_id=" + itoa(v.inventoryItem),
	}
}

// stockChanged sends the new count.
func (st *store) stockChanged(a action, v *variant) {
	st.emit(a, "inventory_levels/update", func() any { return st.levelPayload(a, v) })
}
