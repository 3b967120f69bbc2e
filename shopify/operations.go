package shopify

import "embed"

// An operation is the file of its name in this folder. A test holds the files and the structs to Shopify's schema.
//
//go:embed operations/*.graphql
var operationFiles embed.FS

// operation is one thing we ask Shopify: V goes out as its variables, D comes back as its data. A V never writes null:
// to Shopify an absent input means "leave it", and null means "wipe it".
type operation[V, D any] struct {
	name string
	// cost is what Shopify will reserve for it, in points: an object 1, a connection 2 and its objects, a mutation 10.
	// It only has to be near: the first answer tells.
	cost int
}

func (o operation[V, D]) text() string {
	text, err := operationFiles.ReadFile("operations/" + o.name + ".graphql")
	if err != nil {
		panic(err) // embedded, and named in this package only
	}
	return string(text)
}

// pageCost is the most that a connection of that many nodes costs.
func pageCost(first int) int { return 2 + first }

type none struct{}

type idVars struct {
	ID string `json:"id"`
}

type userErrorWire struct {
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

type pageInfoWire struct {
	HasNextPage bool   `json:"hasNextPage"`
	EndCursor   string `json:"endCursor"`
}
