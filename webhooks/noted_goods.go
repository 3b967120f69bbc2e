package webhooks

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// payment tells of money that was asked for: what kind of transaction, how much, and whether it went well.
func (s *Service) payment(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	order, err := s.ofOrder(ctx, t, entry, body.text("order_id"))
	if err != nil {
		return err
	}
	kinds := map[string]string{
		"authorization": "Authorization", "capture": "Capture", "void": "Void", "refund": "Refund", "change": "Change",
		"emv_authorization": "Authorization",
	}
	what := kinds[body.text("kind")]
	if what == "" {
		what = "Payment" // a sale
	}
	status := body.text("status")
	outcome := map[string]string{"success": "succeeded", "failure": "failed", "error": "failed", "pending": "is pending"}[status]
	if outcome == "" {
		outcome = "is " + status
	}
	sum := strings.TrimSpace(body.text("amount") + " " + body.text("currency"))
	entry.Summary = fmt.Sprintf("%s of %s for %s %s", what, sum, order, outcome)
	put(entry, "amount", sum)
	put(entry, "gateway", body.text("gateway"))
	put(entry, "transactionId", gidOf("OrderTransaction", body.text("id")))
	put(entry, "transactionStatus", status)
	put(entry, "staffId", body.text("user_id"))
	if status == "failure" || status == "error" {
		why := "The payment provider does not say why."
		if message := body.text("message"); message != "" {
			why = "The payment provider says: " + message
		} else if code := body.text("error_code"); code != "" {
			why = "The payment provider says: " + strings.ReplaceAll(code, "_", " ")
		}
		warn(entry, "PAYMENT_FAILED", why)
	}
	return nil
}

// refund tells what was given back.
func (s *Service) refund(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	order, err := s.ofOrder(ctx, t, entry, body.text("order_id"))
	if err != nil {
		return err
	}
	sum := refunded(body.list("transactions"))
	if sum == "" {
		entry.Summary = "Refund for " + order + ", no money moved"
	} else {
		entry.Summary = "Refund of " + sum + " for " + order
	}
	items := len(body.list("refund_line_items"))
	if items > 0 {
		entry.Summary += fmt.Sprintf(" (%d %s)", items, plural(items, "line"))
	}
	put(entry, "amount", sum)
	put(entry, "reason", body.text("note"))
	put(entry, "refundId", gidOf("Refund", body.text("id")))
	put(entry, "staffId", body.text("user_id"))
	return nil
}

// refunded adds up the refunds that went through. Amounts of several currencies are not one sum.
func refunded(transactions []doc) string {
	sum, currency := new(big.Rat), ""
	for _, transaction := range transactions {
		amount, ok := new(big.Rat).SetString(plainNumber(transaction.text("amount")))
		if !ok || transaction.text("status") == "failure" || transaction.text("status") == "error" {
			continue
		}
		if currency != "" && currency != transaction.text("currency") {
			return ""
		}
		currency = transaction.text("currency")
		sum.Add(sum, amount)
	}
	if sum.Sign() == 0 {
		return ""
	}
	return strings.TrimSpace(sum.FloatString(decimalsOf(currency)) + " " + currency)
}

// plainNumber lets through what is a decimal number of a reasonable length: 1e999999 would take all memory.
func plainNumber(text string) string {
	if len(text) > maxKeptDigits || strings.Trim(text, "-.0123456789") != "" {
		return ""
	}
	return text
}

// fulfillment tells of a shipment: it is about its order.
func (s *Service) fulfillment(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	order, err := s.ofOrder(ctx, t, entry, body.text("order_id"))
	if err != nil {
		return err
	}
	status, shipment := body.text("status"), body.text("shipment_status")
	verb := "updated"
	if t.Topic == "fulfillments/create" {
		verb = "created"
	}
	where := status
	if shipment != "" {
		where = shipment
	}
	entry.Summary = fmt.Sprintf("Fulfillment of %s %s: %s", order, verb, strings.ReplaceAll(where, "_", " "))
	id := gidOf("Fulfillment", body.text("id"))
	put(entry, "fulfillmentId", id)
	put(entry, "trackingCompany", body.text("tracking_company"))
	put(entry, "trackingNumber", body.text("tracking_number"))
	if status == "error" || status == "failure" || shipment == "failure" {
		warn(entry, "FULFILLMENT_FAILED", "The shipment did not go as planned. Open the order in the Shopify admin.")
	}
	return s.compare(ctx, t, entry, id, map[string]string{"status": status, "shipment_status": shipment})
}

// stock tells of a count at one place. The webhook knows neither the product nor why it changed.
func (s *Service) stock(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	item, place := body.text("inventory_item_id"), body.text("location_id")
	if item == "" {
		return nil
	}
	id := gidOf("InventoryItem", item)
	title, err := s.itemTitle(ctx, t, id)
	if err != nil {
		return err
	}
	s.points(t, entry, "InventoryItem", id, title)
	available := body.text("available")
	if err := s.compare(ctx, t, entry, "stock at "+place, map[string]string{"available": available}); err != nil {
		return err
	}
	entry.Summary = "Stock of " + title + " is " + available
	put(entry, "locationId", gidOf("Location", place))
	return nil
}

// inventoryItem tells of an item's cost and of whether it is counted.
func (s *Service) inventoryItem(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	id := gidOf("InventoryItem", body.text("id"))
	if gid := body.text("admin_graphql_api_id"); gid != "" {
		id = gid
	}
	if id == "" {
		return nil
	}
	title := body.text("sku")
	if title == "" {
		title = numberOf(id)
	}
	s.points(t, entry, "InventoryItem", id, title)
	entry.Summary = "Inventory item " + title + " updated"
	return s.compare(ctx, t, entry, id, map[string]string{
		"sku":     body.text("sku"),
		"cost":    body.text("cost"),
		"tracked": fmt.Sprint(body.flag("tracked")),
	})
}

func numberOf(gid string) string { return "#" + gid[strings.LastIndex(gid, "/")+1:] }

// itemTitle is the title under which the item was last spoken of.
func (s *Service) itemTitle(ctx context.Context, t *try, id string) (string, error) {
	state, err := s.stateBefore(ctx, t, "InventoryItem", id, id)
	if err != nil {
		return "", err
	}
	if sku := state["sku"]; sku != "" {
		return sku, nil
	}
	return numberOf(id), nil
}
