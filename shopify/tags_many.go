package shopify

import "context"

// maxIDs is how many records Shopify takes in one list of ids.
const maxIDs = 250

type idsVars struct {
	IDs []string `json:"ids,omitempty"`
}

type tagsManyData struct {
	Nodes []*ownerWire `json:"nodes"`
}

// Each record costs a point.
var tagsManyOperation = operation[idsVars, tagsManyData]{name: "TagsMany"}

// TagsMany reads up to 250 records at once. It returns one entry for each id, in the order given: nil for what does not
// exist.
func (c *Client) TagsMany(ctx context.Context, ids []string) ([]*TagOwner, Cost, error) {
	o := tagsManyOperation
	if len(ids) == 0 {
		return nil, Cost{}, nil
	}
	if len(ids) > maxIDs {
		return nil, Cost{}, &Error{Kind: Invalid, Operation: o.name, Shop: c.shop, Message: "more than 250 ids given"}
	}
	o.cost = len(ids)
	data, cost, err := o.run(ctx, c, idsVars{IDs: ids})
	if err != nil {
		return nil, cost, err
	}
	if len(data.Nodes) != len(ids) {
		return nil, cost, c.lacks(o.name, "some of the records")
	}
	owners := make([]*TagOwner, len(ids))
	for i, node := range data.Nodes {
		if node == nil {
			continue
		}
		owner := node.owner()
		if owner.UpdatedAt.IsZero() {
			return nil, cost, &Error{Kind: Invalid, Operation: o.name, Shop: c.shop, Message: owner.Type + " is not handled"}
		}
		owners[i] = &owner
	}
	return owners, cost, nil
}

type countVars struct {
	Query string `json:"query,omitempty"`
}

type countWire struct {
	Count     int    `json:"count"`
	Precision string `json:"precision"`
}

// Each count has one of the three.
type countData struct {
	Products  *countWire `json:"productsCount"`
	Orders    *countWire `json:"ordersCount"`
	Customers *countWire `json:"customersCount"`
}

// The counts ask for no limit: Shopify's own is 10,000.
var (
	countProductsOperation  = operation[countVars, countData]{name: "CountProducts", cost: 1}
	countOrdersOperation    = operation[countVars, countData]{name: "CountOrders", cost: 1}
	countCustomersOperation = operation[countVars, countData]{name: "CountCustomers", cost: 1}
)

// Count returns how many records of a type a search finds, and whether that is exact: if not, there are at least as
// many. Terms that Shopify does not understand are an *Error of kind SearchWarning, as with Search.
func (c *Client) Count(ctx context.Context, kind, query string) (count int, exact bool, cost Cost, err error) {
	var o operation[countVars, countData]
	switch kind {
	case "Product":
		o = countProductsOperation
	case "Order":
		o = countOrdersOperation
	case "Customer":
		o = countCustomersOperation
	default:
		return 0, false, Cost{}, &Error{Kind: Invalid, Operation: "Count", Shop: c.shop, Message: "cannot count this type of record"}
	}
	data, cost, err := o.run(ctx, c, countVars{Query: query})
	if err != nil {
		return 0, false, cost, err
	}
	for _, found := range []*countWire{data.Products, data.Orders, data.Customers} {
		if found != nil {
			return found.Count, found.Precision == "EXACT", cost, nil
		}
	}
	return 0, false, cost, c.lacks(o.name, "the count")
}
