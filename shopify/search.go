package shopify

import "context"

// SearchInput says what to search, in Shopify's own search syntax.
type SearchInput struct {
	Type  string // Product, Order or Customer
	Query string // "" finds everything
	First int    // 1 to 250
	After string // EndCursor of the page before; "" for the first page
	// SortKey is one of Shopify's sort keys of the type, such as UPDATED_AT; "" is Shopify's default. A search for a
	// range is fast only when it is sorted by that field.
	SortKey string
	Reverse bool
}

// SearchPage is a page of what was found. Shopify's index lags behind changes: read a record itself to be sure of it.
type SearchPage struct {
	Owners    []TagOwner
	EndCursor string
	HasNext   bool
}

type searchVars struct {
	Query   string `json:"query,omitempty"`
	First   int    `json:"first"`
	After   string `json:"after,omitempty"`
	SortKey string `json:"sortKey,omitempty"`
	Reverse bool   `json:"reverse,omitempty"`
}

type ownersWire struct {
	Nodes    []ownerWire  `json:"nodes"`
	PageInfo pageInfoWire `json:"pageInfo"`
}

// Each search has one of the three. The fields of an owner that its type lacks stay empty.
type searchData struct {
	Products  *ownersWire `json:"products"`
	Orders    *ownersWire `json:"orders"`
	Customers *ownersWire `json:"customers"`
}

var (
	searchProductsOperation  = operation[searchVars, searchData]{name: "SearchProducts"}
	searchOrdersOperation    = operation[searchVars, searchData]{name: "SearchOrders"}
	searchCustomersOperation = operation[searchVars, searchData]{name: "SearchCustomers"}
)

// Search returns a page of records. Shopify leaves terms that it does not understand out of a search, and so returns
// too much: any such term is an *Error of kind SearchWarning that names it.
func (c *Client) Search(ctx context.Context, in SearchInput) (SearchPage, Cost, error) {
	var o operation[searchVars, searchData]
	switch in.Type {
	case "Product":
		o = searchProductsOperation
	case "Order":
		o = searchOrdersOperation
	case "Customer":
		o = searchCustomersOperation
	default:
		return SearchPage{}, Cost{}, &Error{Kind: Invalid, Operation: "Search", Shop: c.shop, Message: "cannot search this type of record"}
	}
	o.cost = pageCost(in.First)
	data, cost, err := o.run(ctx, c, searchVars{
		Query:   in.Query,
		First:   in.First,
		After:   in.After,
		SortKey: in.SortKey,
		Reverse: in.Reverse,
	})
	if err != nil {
		return SearchPage{}, cost, err
	}
	for _, found := range []*ownersWire{data.Products, data.Orders, data.Customers} {
		if found == nil {
			continue
		}
		page := SearchPage{
			Owners:    make([]TagOwner, len(found.Nodes)),
			EndCursor: found.PageInfo.EndCursor,
			HasNext:   found.PageInfo.HasNextPage,
		}
		for i := range found.Nodes {
			page.Owners[i] = found.Nodes[i].owner()
		}
		return page, cost, nil
	}
	return SearchPage{}, cost, &Error{Kind: Protocol, Operation: o.name, Shop: c.shop, Message: "answer lacks the page", Status: 200}
}
