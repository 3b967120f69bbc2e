package shopify

import (
	"context"
	"strings"
)

// MaxLookup is how many records Lookup finds at once.
const MaxLookup = 50

// lookupPage is how many records a search for so many names may find: a search also finds what only begins alike.
const lookupPage = 250

type lookupWire struct {
	ownerWire
	Handle string `json:"handle"`
	Email  *struct {
		Address string `json:"emailAddress"`
	} `json:"defaultEmailAddress"`
}

type lookupNodes struct {
	Nodes []lookupWire `json:"nodes"`
}

type lookupVars struct {
	Query string `json:"query,omitempty"`
	First int    `json:"first"`
}

// Each search has one of the three.
type lookupData struct {
	Products  *lookupNodes `json:"products"`
	Orders    *lookupNodes `json:"orders"`
	Customers *lookupNodes `json:"customers"`
}

var (
	lookupProductsOperation  = operation[lookupVars, lookupData]{name: "LookupProducts", cost: pageCost(lookupPage)}
	lookupOrdersOperation    = operation[lookupVars, lookupData]{name: "LookupOrders", cost: pageCost(lookupPage)}
	lookupCustomersOperation = operation[lookupVars, lookupData]{name: "LookupCustomers", cost: 2 * pageCost(lookupPage)}
)

// Lookup finds products by their handles, orders by their names and customers by their e-mail addresses, at most
// MaxLookup. It returns one entry for each, in the order given; nil where it finds none that is named exactly so.
func (c *Client) Lookup(ctx context.Context, kind string, names []string) ([]*TagOwner, Cost, error) {
	var o operation[lookupVars, lookupData]
	field := ""
	switch kind {
	case "Product":
		o, field = lookupProductsOperation, "handle"
	case "Order":
		o, field = lookupOrdersOperation, "name"
	case "Customer":
		o, field = lookupCustomersOperation, "email"
	}
	if field == "" || len(names) == 0 || len(names) > MaxLookup {
		return nil, Cost{}, &Error{Kind: Invalid, Operation: "Lookup", Shop: c.shop, Message: "cannot look these up"}
	}
	terms := make([]string, len(names))
	for i, name := range names {
		terms[i] = field + ":" + searchString(name)
	}
	data, cost, err := o.run(ctx, c, lookupVars{Query: strings.Join(terms, " OR "), First: lookupPage})
	if err != nil {
		return nil, cost, err
	}
	byName := map[string]*TagOwner{}
	for _, list := range []*lookupNodes{data.Products, data.Orders, data.Customers} {
		if list == nil {
			continue
		}
		for i := range list.Nodes {
			owner := list.Nodes[i].owner()
			byName[lookupKey(list.Nodes[i].lookedUpBy())] = &owner
		}
	}
	owners := make([]*TagOwner, len(names))
	for i, name := range names {
		owners[i] = byName[lookupKey(name)]
	}
	return owners, cost, nil
}

func (w *lookupWire) lookedUpBy() string {
	switch {
	case w.Typename == "Order":
		return w.Name
	case w.Typename == "Product":
		return w.Handle
	case w.Email != nil:
		return w.Email.Address
	}
	return ""
}

// lookupKey makes names alike that mean the same: case does not count, and an order's # may be left out.
func lookupKey(name string) string { return strings.TrimPrefix(strings.ToLower(name), "#") }

// searchString puts a text between quotes, as Shopify's search wants it.
func searchString(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
