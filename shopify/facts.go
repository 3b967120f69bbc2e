package shopify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CustomerFacts is what rules ask of a customer. Since API 2025-01 no webhook carries the tags, the spend, the number
// of orders or the marketing consent.
type CustomerFacts struct {
	ID             string
	DisplayName    string
	FirstName      string
	LastName       string
	Email          string
	VerifiedEmail  bool
	EmailMarketing string // SUBSCRIBED, NOT_SUBSCRIBED, UNSUBSCRIBED, PENDING, INVALID; "" without an e-mail address
	State          string // ENABLED, DISABLED, INVITED, DECLINED
	Tags           []string
	AmountSpent    string // decimal, in Currency
	Currency       string // ISO 4217
	NumberOfOrders int64
	LastOrderID    string     // "" where there is none, or none that the app may see
	LastOrderAt    *time.Time // nil likewise: orders older than 60 days need the scope read_all_orders
	City           string     // of the default address, like what follows
	Province       string
	ProvinceCode   string
	Country        string
	CountryCode    string // ISO 3166-1, two letters
	Zip            string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// AcceptsMarketing tells whether the customer has subscribed to marketing by e-mail.
func (f CustomerFacts) AcceptsMarketing() bool { return f.EmailMarketing == "SUBSCRIBED" }

// OrderFacts is what rules ask of an order beyond its webhook.
type OrderFacts struct {
	ID             string
	Name           string // such as #1001
	Tags           []string
	RiskLevel      string         // the highest of the assessments: HIGH, MEDIUM, LOW, PENDING or NONE
	Recommendation string         // ACCEPT, INVESTIGATE, CANCEL or NONE
	Customer       *CustomerFacts // nil where the order has none
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// bigint is Shopify's UnsignedInt64, which comes as a string so that no float rounds it. null is 0.
type bigint int64

func (b *bigint) UnmarshalJSON(raw []byte) error {
	if isNull(raw) {
		*b = 0
		return nil
	}
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		return fmt.Errorf("read a 64-bit number: %w", err)
	}
	*b = bigint(n)
	return nil
}

var _ json.Unmarshaler = (*bigint)(nil)

type customerWire struct {
	ID             string    `json:"id"`
	DisplayName    string    `json:"displayName"`
	FirstName      string    `json:"firstName"`
	LastName       string    `json:"lastName"`
	VerifiedEmail  bool      `json:"verifiedEmail"`
	State          string    `json:"state"`
	Tags           []string  `json:"tags"`
	NumberOfOrders bigint    `json:"numberOfOrders"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
	AmountSpent    struct {
		Amount       string `json:"amount"`
		CurrencyCode string `json:"currencyCode"`
	} `json:"amountSpent"`
	LastOrder *struct {
		ID        string    `json:"id"`
		CreatedAt time.Time `json:"createdAt"`
	} `json:"lastOrder"`
	DefaultEmailAddress struct {
		EmailAddress   string `json:"emailAddress"`
		MarketingState string `json:"marketingState"`
	} `json:"defaultEmailAddress"`
	DefaultAddress struct {
		City          string `json:"city"`
		Province      string `json:"province"`
		ProvinceCode  string `json:"provinceCode"`
		Country       string `json:"country"`
		CountryCodeV2 string `json:"countryCodeV2"`
		Zip           string `json:"zip"`
	} `json:"defaultAddress"`
}

type customerData struct {
	Customer *customerWire `json:"customer"`
}

type orderData struct {
	Order *struct {
		ID        string    `json:"id"`
		Name      string    `json:"name"`
		Tags      []string  `json:"tags"`
		CreatedAt time.Time `json:"createdAt"`
		UpdatedAt time.Time `json:"updatedAt"`
		Risk      struct {
			Recommendation string `json:"recommendation"`
			Assessments    []struct {
				RiskLevel string `json:"riskLevel"`
			} `json:"assessments"`
		} `json:"risk"`
		Customer *customerWire `json:"customer"`
	} `json:"order"`
}

var (
	customerOperation = operation[idVars, customerData]{name: "Customer", cost: 5}
	orderOperation    = operation[idVars, orderData]{name: "Order", cost: 9}
)

// Customer reads a customer. A customer that does not exist is an *Error of kind Gone.
//
// An app without approval for protected customer data gets an *Error of kind AccessDenied together with the facts,
// which then lack what Field of the error names, and perhaps more: they are for a caller that needs none of it.
func (c *Client) Customer(ctx context.Context, id string) (CustomerFacts, Cost, error) {
	data, cost, err := customerOperation.run(ctx, c, idVars{ID: id})
	switch {
	case data.Customer != nil && (err == nil || KindOf(err) == AccessDenied):
		return data.Customer.facts(), cost, err
	case err == nil:
		err = c.gone(customerOperation.name)
	}
	return CustomerFacts{}, cost, err
}

// Order reads an order's risk together with its customer. A missing order and denied access are as with Customer; an
// error of access to the customer as a whole leaves Customer nil.
func (c *Client) Order(ctx context.Context, id string) (OrderFacts, Cost, error) {
	data, cost, err := orderOperation.run(ctx, c, idVars{ID: id})
	if err != nil && (KindOf(err) != AccessDenied || data.Order == nil) {
		return OrderFacts{}, cost, err
	}
	if data.Order == nil {
		return OrderFacts{}, cost, c.gone(orderOperation.name)
	}
	o := data.Order
	facts := OrderFacts{
		ID:             o.ID,
		Name:           o.Name,
		Tags:           o.Tags,
		RiskLevel:      "NONE",
		Recommendation: o.Risk.Recommendation,
		CreatedAt:      o.CreatedAt.UTC(),
		UpdatedAt:      o.UpdatedAt.UTC(),
	}
	for _, a := range o.Risk.Assessments {
		if riskRank(a.RiskLevel) > riskRank(facts.RiskLevel) {
			facts.RiskLevel = a.RiskLevel
		}
	}
	if o.Customer != nil {
		customer := o.Customer.facts()
		facts.Customer = &customer
	}
	return facts, cost, err
}

func riskRank(level string) int {
	switch level {
	case "HIGH":
		return 4
	case "MEDIUM":
		return 3
	case "LOW":
		return 2
	case "PENDING":
		return 1
	}
	return 0
}

func (w *customerWire) facts() CustomerFacts {
	f := CustomerFacts{
		ID:             w.ID,
		DisplayName:    w.DisplayName,
		FirstName:      w.FirstName,
		LastName:       w.LastName,
		Email:          w.DefaultEmailAddress.EmailAddress,
		VerifiedEmail:  w.VerifiedEmail,
		EmailMarketing: w.DefaultEmailAddress.MarketingState,
		State:          w.State,
		Tags:           w.Tags,
		AmountSpent:    w.AmountSpent.Amount,
		Currency:       w.AmountSpent.CurrencyCode,
		NumberOfOrders: int64(w.NumberOfOrders),
		City:           w.DefaultAddress.City,
		Province:       w.DefaultAddress.Province,
		ProvinceCode:   w.DefaultAddress.ProvinceCode,
		Country:        w.DefaultAddress.Country,
		CountryCode:    w.DefaultAddress.CountryCodeV2,
		Zip:            w.DefaultAddress.Zip,
		CreatedAt:      w.CreatedAt.UTC(),
		UpdatedAt:      w.UpdatedAt.UTC(),
	}
	if w.LastOrder != nil {
		at := w.LastOrder.CreatedAt.UTC()
		f.LastOrderID, f.LastOrderAt = w.LastOrder.ID, &at
	}
	return f
}

type lineTypesData struct {
	Order *struct {
		ID        string `json:"id"`
		LineItems struct {
			Nodes []struct {
				Product *struct {
					ProductType string `json:"productType"`
				} `json:"product"`
			} `json:"nodes"`
		} `json:"lineItems"`
	} `json:"order"`
}

var lineTypesOperation = operation[idVars, lineTypesData]{name: "OrderLineTypes", cost: 1 + 2*pageLines}

// pageLines is what a page of 250 lines costs, about: Shopify counts the square root of a page.
const pageLines = 18

// OrderLineTypes returns the product types of an order's first 250 lines, each once. A line whose product is deleted
// has none.
func (c *Client) OrderLineTypes(ctx context.Context, id string) ([]string, Cost, error) {
	data, cost, err := lineTypesOperation.run(ctx, c, idVars{ID: id})
	if err != nil {
		return nil, cost, err
	}
	if data.Order == nil {
		return nil, cost, c.gone(lineTypesOperation.name)
	}
	var types []string
	for _, line := range data.Order.LineItems.Nodes {
		if line.Product != nil && line.Product.ProductType != "" && !slices.Contains(types, line.Product.ProductType) {
			types = append(types, line.Product.ProductType)
		}
	}
	return types, cost, nil
}
