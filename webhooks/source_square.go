package webhooks

import "github.com/tagtrail/tagtrail/models"

// squareEvent reads an event of Square.
func squareEvent(name string, body doc) told {
	object := body.in("data", "object")
	switch name {
	case "payment.created", "payment.updated":
		return squarePayment(name, object.in("payment"))
	case "refund.created", "refund.updated":
		return squareRefund(name, object.in("refund"))
	case "inventory.count.updated":
		return squareStock(object.list("inventory_counts"))
	case "catalog.version.updated":
		return told{action: "CATALOG_UPDATED", summary: "Square's catalogue changed", values: map[string]string{
			"changedAt": object.text("catalog_version", "updated_at"),
		}}
	case "order.created", "order.updated", "order.fulfillment.updated":
		return squareOrder(name, body, object)
	case "customer.created", "customer.updated", "customer.deleted":
		return squareCustomer(name, body, object.in("customer"))
	}
	kind, id := body.text("data", "type"), body.text("data", "id")
	if kind == "" {
		return told{}
	}
	return told{about: thing{kind: kind, id: id, title: id}}
}

func squareMoney(money doc) string {
	return amount(money.text("amount"), money.text("currency"), decimalsOf)
}

func withOf(sum string) map[string]string {
	if sum == "" {
		return map[string]string{"of": ""}
	}
	return map[string]string{"of": "of " + sum}
}

// squarePayment tells of a payment by its status: Square has one event for all that happens to it.
func squarePayment(name string, payment doc) told {
	sum, id, status := squareMoney(payment.in("amount_money")), payment.text("id"), payment.text("status")
	words := map[string]phrase{
		"APPROVED":  {"PAYMENT_AUTHORIZED", "Payment {of} approved", ""},
		"PENDING":   {"PAYMENT_PENDING", "Payment {of} pending", ""},
		"COMPLETED": {"PAYMENT_SUCCEEDED", "Payment {of} succeeded", ""},
		"CANCELED":  {"PAYMENT_CANCELLED", "Payment {of} cancelled", ""},
		"FAILED":    {"PAYMENT_FAILED", "Payment {of} failed", "PAYMENT_FAILED"},
	}[status]
	if words.action == "" {
		words = phrase{actionOf(name), "Payment {of} changed", ""}
	}
	event := told{
		action:  words.action,
		summary: fill(words.sentence, withOf(sum)),
		about:   thing{kind: "Payment", id: id, title: id, url: payment.text("receipt_url")},
		code:    words.code,
		values:  map[string]string{"amount": sum, "squareStatus": status, "squareOrder": payment.text("order_id")},
	}
	if refunded := squareMoney(payment.in("refunded_money")); refunded != "" {
		event.values["refunded"] = refunded
	}
	if words.code != "" {
		event.message = squareTrouble(payment.list("card_details", "errors"))
	}
	return event
}

func squareTrouble(errors []doc) string {
	for _, e := range errors {
		if why := e.text("detail"); why != "" {
			return "Square says: " + why
		}
		if why := e.text("code"); why != "" {
			return "Square says: " + why
		}
	}
	return "Square does not say why. Open it in Square's dashboard."
}

// squareRefund is about the payment that is given back.
func squareRefund(name string, refund doc) told {
	sum, payment, status := squareMoney(refund.in("amount_money")), refund.text("payment_id"), refund.text("status")
	event := told{
		action:  actionOf(name),
		summary: fill("Refund {of} "+map[string]string{"COMPLETED": "completed", "PENDING": "pending", "REJECTED": "rejected", "FAILED": "failed"}[status], withOf(sum)),
		about:   thing{kind: "Payment", id: payment, title: payment},
		values:  map[string]string{"amount": sum, "squareStatus": status, "squareRefund": refund.text("id"), "reason": refund.text("reason")},
	}
	if status == "FAILED" || status == "REJECTED" {
		event.action, event.code = "REFUND_FAILED", "REFUND_FAILED"
		event.message = "Square did not give the money back. Open the refund in Square's dashboard."
	}
	return event
}

// squareStock tells of counts, each with the place it was counted in.
func squareStock(counts []doc) told {
	event := told{action: "STOCK_UPDATED", summary: "Stock counted"}
	for _, count := range counts {
		if len(event.changes) == maxChanges {
			break
		}
		field := count.text("state") + " of " + count.text("catalog_object_id") + " at " + count.text("location_id")
		event.changes = append(event.changes, models.FieldChange{Field: field, After: keepable(count["quantity"])})
	}
	if len(counts) == 1 {
		id, quantity := counts[0].text("catalog_object_id"), counts[0].text("quantity")
		event.about = thing{kind: "Catalog item", id: id, title: id}
		event.summary = "Stock of " + id + " is " + quantity
		event.values = map[string]string{"location": counts[0].text("location_id"), "countedAt": counts[0].text("calculated_at")}
	}
	return event
}

// squareOrder is told by name; the order itself is not in the event.
func squareOrder(name string, body, object doc) told {
	var order doc
	for _, member := range []string{"order_created", "order_updated", "order_fulfillment_updated"} {
		if found := object.in(member); len(found) > 0 {
			order = found
		}
	}
	id := order.text("order_id")
	if id == "" {
		id = body.text("data", "id")
	}
	event := told{
		action:  actionOf(name),
		summary: "Order " + id + " " + map[string]string{"order.created": "created", "order.updated": "updated", "order.fulfillment.updated": "fulfillment changed"}[name],
		about:   thing{kind: "Order", id: id, title: id},
		values:  map[string]string{"squareStatus": order.text("state"), "location": order.text("location_id")},
	}
	for _, update := range order.list("fulfillment_update") {
		event.changes = append(event.changes, models.FieldChange{
			Field: "fulfillment", Before: keepable(update["old_state"]), After: keepable(update["new_state"]),
		})
	}
	return event
}

func squareCustomer(name string, body, customer doc) told {
	id := body.text("data", "id")
	title := fill(customer.text("given_name")+" "+customer.text("family_name"), nil)
	if title == "" {
		title = id
	}
	verb := map[string]string{"customer.created": "created", "customer.updated": "updated", "customer.deleted": "deleted"}[name]
	return told{action: actionOf(name), summary: "Customer " + title + " " + verb, about: thing{kind: "Customer", id: id, title: title}}
}
