package rules

// Names that the package's own code speaks of.
const (
	fieldTags          = "tags"
	customerTags       = "customer.tags"
	lastOrderAt        = "last_order_at"
	daysSinceLastOrder = "days_since_last_order"
)

// orderFields are the fields of an order. Amounts are in the shop's currency, the weight in grams. Webhooks have not
// carried the customer's tags, spend and order count since API 2025-01, and never the lines' product types or the risk.
// A null fulfillment status means that nothing was fulfilled, so it reads "unfulfilled".
func orderFields() []Field {
	return []Field{
		{Name: "total_price", Label: "Total price", Type: Money},
		{Name: "subtotal_price", Label: "Subtotal", Type: Money},
		{Name: "total_discounts", Label: "Total discounts", Type: Money},
		{Name: "total_shipping", Label: "Shipping price", Type: Money},
		{Name: "total_tax", Label: "Total tax", Type: Money},
		{Name: "current_total_price", Label: "Total price after edits and refunds", Type: Money},
		{Name: "currency", Label: "Currency", Type: Text},
		{Name: "payment_gateway", Label: "Payment gateway", Type: TextList},
		{Name: "financial_status", Label: "Financial status", Type: Text, Choices: []string{"authorized", "expired", "paid",
			"partially_paid", "partially_refunded", "pending", "refunded", "voided"}},
		{Name: "fulfillment_status", Label: "Fulfillment status", Type: Text,
			Choices: []string{"fulfilled", "partial", "restocked", unfulfilled}},
		{Name: "risk_level", Label: "Risk level", Type: Text, Queried: true,
			Choices: []string{"high", "low", "medium", "none", "pending"}},
		{Name: "total_weight", Label: "Total weight in grams", Type: Number},
		{Name: "shipping_method", Label: "Shipping method", Type: TextList},
		{Name: "shipping_city", Label: "Shipping city", Type: Text},
		{Name: "shipping_country", Label: "Shipping country", Type: Text},
		{Name: "shipping_province", Label: "Shipping province", Type: Text},
		{Name: "shipping_zip", Label: "Shipping postal code", Type: Text},
		{Name: "billing_country", Label: "Billing country", Type: Text},
		{Name: "source", Label: "Source", Type: Text},
		{Name: "discount_code", Label: "Discount code", Type: TextList},
		{Name: "landing_site", Label: "Landing site", Type: Text},
		{Name: "referring_site", Label: "Referring site", Type: Text},
		{Name: "line_items.sku", Label: "SKU of any line", Type: TextList},
		{Name: "line_items.vendor", Label: "Vendor of any line", Type: TextList},
		{Name: "line_items.name", Label: "Name of any line, with its variant", Type: TextList},
		{Name: "line_items.title", Label: "Product title of any line", Type: TextList},
		{Name: "line_items.type", Label: "Product type of any line", Type: TextList, Queried: true},
		{Name: "line_items.quantity", Label: "Quantity of any line", Type: NumberList},
		{Name: "line_items.price", Label: "Price of any line", Type: MoneyList},
		{Name: "line_count", Label: "Number of lines", Type: Number},
		{Name: "item_count", Label: "Number of items", Type: Number},
		{Name: "customer.order_count", Label: "Customer's order count", Type: Number, Queried: true},
		{Name: "customer.total_spent", Label: "Customer's total spent", Type: Money, Queried: true},
		{Name: customerTags, Label: "Customer's tags", Type: TextList, Queried: true},
		{Name: "email", Label: "Email", Type: Text},
		{Name: "email_domain", Label: "Email domain", Type: Text},
		{Name: fieldTags, Label: "Tags", Type: TextList},
		{Name: "note", Label: "Note", Type: Text},
		{Name: "name", Label: "Order name", Type: Text},
		{Name: "cancel_reason", Label: "Reason of cancellation", Type: Text,
			Choices: []string{"customer", "declined", "fraud", "inventory", "other", "staff"}},
		{Name: "cancelled_at", Label: "Cancelled", Type: Date},
		{Name: "created_at", Label: "Created", Type: Date},
		{Name: "updated_at", Label: "Updated", Type: Date},
	}
}

// customerFields are the fields of a customer. Tags, spend, orders and consent left the webhooks with API 2025-01.
func customerFields() []Field {
	return []Field{
		{Name: "total_spent", Label: "Total spent", Type: Money, Queried: true},
		{Name: "order_count", Label: "Order count", Type: Number, Queried: true},
		{Name: "state", Label: "Account state", Type: Text, Choices: []string{"declined", "disabled", "enabled", "invited"}},
		{Name: "verified_email", Label: "Email is verified", Type: Boolean},
		{Name: "accepts_marketing", Label: "Accepts email marketing", Type: Boolean, Queried: true},
		{Name: "country", Label: "Country", Type: Text},
		{Name: "province", Label: "Province", Type: Text},
		{Name: "city", Label: "City", Type: Text},
		{Name: "zip", Label: "Postal code", Type: Text},
		{Name: "email", Label: "Email", Type: Text},
		{Name: "email_domain", Label: "Email domain", Type: Text},
		{Name: "first_name", Label: "First name", Type: Text},
		{Name: "last_name", Label: "Last name", Type: Text},
		{Name: "note", Label: "Note", Type: Text},
		{Name: "tax_exempt", Label: "Tax exempt", Type: Boolean},
		{Name: fieldTags, Label: "Tags", Type: TextList, Queried: true},
		{Name: "created_at", Label: "Created", Type: Date},
		{Name: "updated_at", Label: "Updated", Type: Date},
		{Name: lastOrderAt, Label: "Last order", Type: Date, Queried: true},
		{Name: daysSinceLastOrder, Label: "Days since last order", Type: Number, Queried: true},
	}
}

// productFields are the fields of a product. Webhooks carry the first 100 variants in full.
func productFields() []Field {
	return []Field{
		{Name: "title", Label: "Title", Type: Text},
		{Name: "product_type", Label: "Product type", Type: Text},
		{Name: "vendor", Label: "Vendor", Type: Text},
		{Name: "status", Label: "Status", Type: Text, Choices: []string{"active", "archived", "draft", "unlisted"}},
		{Name: fieldTags, Label: "Tags", Type: TextList},
		{Name: "price.first", Label: "Price of the first variant", Type: Money},
		{Name: "price.lowest", Label: "Lowest price", Type: Money},
		{Name: "price.highest", Label: "Highest price", Type: Money},
		{Name: "variants.price", Label: "Price of any variant", Type: MoneyList},
		{Name: "compare_at_price.first", Label: "Compare-at price of the first variant", Type: Money},
		{Name: "compare_at_price.lowest", Label: "Lowest compare-at price", Type: Money},
		{Name: "compare_at_price.highest", Label: "Highest compare-at price", Type: Money},
		{Name: "variants.compare_at_price", Label: "Compare-at price of any variant", Type: MoneyList},
		{Name: "inventory.first", Label: "Inventory of the first variant", Type: Number},
		{Name: "inventory.total", Label: "Total inventory", Type: Number},
		{Name: "variants.inventory", Label: "Inventory of any variant", Type: NumberList},
		{Name: "variants.sku", Label: "SKU of any variant", Type: TextList},
		{Name: "published", Label: "Published to the online store", Type: Boolean},
		{Name: "handle", Label: "Handle", Type: Text},
		{Name: "variant_count", Label: "Number of variants", Type: Number},
		{Name: "created_at", Label: "Created", Type: Date},
		{Name: "updated_at", Label: "Updated", Type: Date},
	}
}
