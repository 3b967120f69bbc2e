package rules

import (
	"strconv"

	"github.com/shopspring/decimal"
)

const unfulfilled = "unfulfilled"

type orderPayload struct {
	ID                scalar                `json:"id"`
	GID               scalar                `json:"admin_graphql_api_id"`
	Name              scalar                `json:"name"`
	OrderNumber       scalar                `json:"order_number"`
	Email             scalar                `json:"email"`
	ContactEmail      scalar                `json:"contact_email"`
	TotalPrice        scalar                `json:"total_price"`
	SubtotalPrice     scalar                `json:"subtotal_price"`
	TotalDiscounts    scalar                `json:"total_discounts"`
	TotalTax          scalar                `json:"total_tax"`
	TotalShipping     moneySet              `json:"total_shipping_price_set"`
	CurrentTotalPrice scalar                `json:"current_total_price"`
	Currency          scalar                `json:"currency"`
	Gateways          []scalar              `json:"payment_gateway_names"`
	Gateway           scalar                `json:"gateway"`
	FinancialStatus   scalar                `json:"financial_status"`
	FulfillmentStatus scalar                `json:"fulfillment_status"`
	TotalWeight       scalar                `json:"total_weight"`
	ShippingLines     []shippingPayload     `json:"shipping_lines"`
	ShippingAddress   *addressPayload       `json:"shipping_address"`
	BillingAddress    *addressPayload       `json:"billing_address"`
	Source            scalar                `json:"source_name"`
	DiscountCodes     []discountPayload     `json:"discount_codes"`
	LandingSite       scalar                `json:"landing_site"`
	ReferringSite     scalar                `json:"referring_site"`
	Lines             []linePayload         `json:"line_items"`
	Customer          *orderCustomerPayload `json:"customer"`
	Tags              tagList               `json:"tags"`
	Note              scalar                `json:"note"`
	CancelReason      scalar                `json:"cancel_reason"`
	CancelledAt       scalar                `json:"cancelled_at"`
	CreatedAt         scalar                `json:"created_at"`
	UpdatedAt         scalar                `json:"updated_at"`
	Edit              struct {
		OrderID scalar `json:"order_id"`
	} `json:"order_edit"`
}

type moneySet struct {
	Shop struct {
		Amount scalar `json:"amount"`
	} `json:"shop_money"`
}

type shippingPayload struct {
	Title   scalar `json:"title"`
	Removed scalar `json:"is_removed"`
}

type discountPayload struct {
	Code scalar `json:"code"`
}

type addressPayload struct {
	City         scalar `json:"city"`
	Zip          scalar `json:"zip"`
	Country      scalar `json:"country"`
	CountryCode  scalar `json:"country_code"`
	CountryName  scalar `json:"country_name"`
	Province     scalar `json:"province"`
	ProvinceCode scalar `json:"province_code"`
}

type linePayload struct {
	SKU      scalar `json:"sku"`
	Vendor   scalar `json:"vendor"`
	Name     scalar `json:"name"`
	Title    scalar `json:"title"`
	Quantity scalar `json:"quantity"`
	Price    scalar `json:"price"`
}

// orderCustomerPayload is the customer inside an order. Only webhooks of API versions before 2025-01 fill it.
type orderCustomerPayload struct {
	Tags       tagList `json:"tags"`
	TotalSpent scalar  `json:"total_spent"`
	OrderCount scalar  `json:"orders_count"`
}

func (f *Facts) fromOrder(body []byte) error {
	var p orderPayload
	if err := decode(body, &p); err != nil {
		return err
	}
	f.ID = globalID("Order", p.GID, p.ID)
	if f.ID == "" {
		f.ID = globalID("Order", scalar{}, p.Edit.OrderID)
	}
	if f.ID == "" {
		return nil
	}
	number := ""
	if p.OrderNumber.text != "" {
		number = "#" + p.OrderNumber.text
	}
	f.Title = title(p.Name.text, number, idNumber(f.ID))

	f.put("name", p.Name)
	f.put("total_price", p.TotalPrice)
	f.put("subtotal_price", p.SubtotalPrice)
	f.put("total_discounts", p.TotalDiscounts)
	f.put("total_shipping", p.TotalShipping.Shop.Amount)
	f.put("total_tax", p.TotalTax)
	f.put("current_total_price", p.CurrentTotalPrice)
	f.put("currency", p.Currency)
	f.put("financial_status", p.FinancialStatus)
	if p.FulfillmentStatus.known && p.FulfillmentStatus.text == "" {
		p.FulfillmentStatus.text = unfulfilled
	}
	f.put("fulfillment_status", p.FulfillmentStatus)
	f.put("total_weight", p.TotalWeight)
	f.put("source", p.Source)
	f.put("landing_site", p.LandingSite)
	f.put("referring_site", p.ReferringSite)
	f.put("note", p.Note)
	f.put("cancel_reason", p.CancelReason)
	f.put("cancelled_at", p.CancelledAt)
	f.put("created_at", p.CreatedAt)
	f.putUpdated(p.UpdatedAt)
	f.putTags(p.Tags)
	if p.Email.text == "" && p.ContactEmail.known {
		p.Email = p.ContactEmail
	}
	f.putEmail(p.Email)
	if p.Gateways != nil {
		putEach(f, "payment_gateway", p.Gateways, func(s *scalar) string { return s.text })
	} else {
		f.put("payment_gateway", p.Gateway)
	}
	f.fromOrderLists(&p)
	f.fromOrderPeople(&p)
	return nil
}

func (f *Facts) fromOrderLists(p *orderPayload) {
	putEach(f, "discount_code", p.DiscountCodes, func(d *discountPayload) string { return d.Code.text })
	putEach(f, "shipping_method", p.ShippingLines, func(s *shippingPayload) string {
		if s.Removed.text == "true" {
			return ""
		}
		return s.Title.text
	})
	putEach(f, "line_items.sku", p.Lines, func(l *linePayload) string { return l.SKU.text })
	putEach(f, "line_items.vendor", p.Lines, func(l *linePayload) string { return l.Vendor.text })
	putEach(f, "line_items.name", p.Lines, func(l *linePayload) string { return l.Name.text })
	putEach(f, "line_items.title", p.Lines, func(l *linePayload) string { return l.Title.text })
	putEach(f, "line_items.quantity", p.Lines, func(l *linePayload) string { return l.Quantity.text })
	putEach(f, "line_items.price", p.Lines, func(l *linePayload) string { return l.Price.text })
	if p.Lines == nil {
		return
	}
	f.Set("line_count", strconv.Itoa(len(p.Lines)))
	items := decimal.Zero
	for i := range p.Lines {
		if quantity, err := parseNumber(p.Lines[i].Quantity.text); err == nil {
			items = items.Add(quantity)
		}
	}
	f.Set("item_count", items.String())
}

// fromOrderPeople fills what hangs on addresses and the customer. Shopify leaves these out of an order that has none,
// such as a sale at the counter, so in a whole order an absent one is empty; whole is one that has its lines.
func (f *Facts) fromOrderPeople(p *orderPayload) {
	if p.Lines != nil {
		if p.ShippingAddress == nil {
			p.ShippingAddress = emptyAddress()
		}
		if p.BillingAddress == nil {
			p.BillingAddress = emptyAddress()
		}
		if p.Customer == nil {
			none := scalar{known: true}
			p.Customer = &orderCustomerPayload{Tags: tagList{known: true}, TotalSpent: none, OrderCount: none}
		}
	}
	if to := p.ShippingAddress; to != nil {
		f.put("shipping_city", to.City)
		f.put("shipping_zip", to.Zip)
		f.putPlace("shipping_country", to.CountryCode, to.Country, to.CountryName)
		f.putPlace("shipping_province", to.ProvinceCode, to.Province)
	}
	if to := p.BillingAddress; to != nil {
		f.putPlace("billing_country", to.CountryCode, to.Country, to.CountryName)
	}
	if who := p.Customer; who != nil {
		f.put("customer.total_spent", who.TotalSpent)
		f.put("customer.order_count", who.OrderCount)
		if who.Tags.known {
			f.Set(customerTags, who.Tags.tags...)
		}
	}
}

// emptyAddress is the address of a record that has none, and says so.
func emptyAddress() *addressPayload {
	none := scalar{known: true}
	return &addressPayload{
		City:         none,
		Zip:          none,
		Country:      none,
		CountryCode:  none,
		CountryName:  none,
		Province:     none,
		ProvinceCode: none,
	}
}
