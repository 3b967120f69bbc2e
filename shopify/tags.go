package shopify

import (
	"context"
	"slices"
	"strings"
	"time"
)

// TagOwner is a record that has tags.
type TagOwner struct {
	ID        string // gid://shopify/Product/1
	Type      string // Product, Order or Customer
	Title     string // a product's title, an order's name, a customer's display name
	Tags      []string
	UpdatedAt time.Time
}

type tagVars struct {
	ID   string   `json:"id"`
	Tags []string `json:"tags,omitempty"`
}

type ownerWire struct {
	Typename    string    `json:"__typename"`
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Name        string    `json:"name"`
	DisplayName string    `json:"displayName"`
	Tags        []string  `json:"tags"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

type tagsData struct {
	Node *ownerWire `json:"node"`
}

type tagsPayload struct {
	Node       *ownerWire      `json:"node"`
	UserErrors []userErrorWire `json:"userErrors"`
}

type tagsAddData struct {
	Payload *tagsPayload `json:"tagsAdd"`
}

type tagsRemoveData struct {
	Payload *tagsPayload `json:"tagsRemove"`
}

var (
	tagsOperation       = operation[idVars, tagsData]{name: "Tags", cost: 1}
	tagsAddOperation    = operation[tagVars, tagsAddData]{name: "TagsAdd", cost: 10}
	tagsRemoveOperation = operation[tagVars, tagsRemoveData]{name: "TagsRemove", cost: 10}
)

// Tags reads the tags of a product, an order or a customer. A record that does not exist is an *Error of kind Gone.
func (c *Client) Tags(ctx context.Context, id string) (TagOwner, Cost, error) {
	data, cost, err := tagsOperation.run(ctx, c, idVars{ID: id})
	if err != nil {
		return TagOwner{}, cost, err
	}
	if data.Node == nil {
		return TagOwner{}, cost, c.gone(tagsOperation.name)
	}
	owner := data.Node.owner()
	if owner.UpdatedAt.IsZero() {
		return TagOwner{}, cost, &Error{Kind: Invalid, Operation: tagsOperation.name, Shop: c.shop, Message: owner.Type + " is not handled"}
	}
	return owner, cost, nil
}

// TagsAdd adds tags and returns the record as it is then. Shopify does not say which of them are new: read before. A
// tag with a comma becomes several.
func (c *Client) TagsAdd(ctx context.Context, id string, tags []string) (TagOwner, Cost, error) {
	if len(tags) == 0 {
		return TagOwner{}, Cost{}, c.noTags(tagsAddOperation.name)
	}
	data, cost, err := tagsAddOperation.run(ctx, c, tagVars{ID: id, Tags: tags})
	if err != nil {
		return TagOwner{}, cost, err
	}
	owner, err := c.tagged(tagsAddOperation.name, data.Payload)
	return owner, cost, err
}

// TagsRemove removes tags and returns the record as it is then. Pass them spelled as they were read: orders keep a tag
// that differs in case only, and say nothing about it, where products and customers remove it.
func (c *Client) TagsRemove(ctx context.Context, id string, tags []string) (TagOwner, Cost, error) {
	if len(tags) == 0 {
		return TagOwner{}, Cost{}, c.noTags(tagsRemoveOperation.name)
	}
	data, cost, err := tagsRemoveOperation.run(ctx, c, tagVars{ID: id, Tags: tags})
	if err != nil {
		return TagOwner{}, cost, err
	}
	owner, err := c.tagged(tagsRemoveOperation.name, data.Payload)
	return owner, cost, err
}

// tagged reads the payload of both mutations. Shopify returns the unchanged record beside a user error.
func (c *Client) tagged(operation string, p *tagsPayload) (TagOwner, error) {
	if p == nil {
		return TagOwner{}, &Error{Kind: Protocol, Operation: operation, Shop: c.shop, Message: "answer lacks the change", Status: 200}
	}
	if err := c.userErrors(operation, p.UserErrors); err != nil {
		return TagOwner{}, err
	}
	if p.Node == nil {
		return TagOwner{}, c.gone(operation)
	}
	return p.Node.owner(), nil
}

func (w *ownerWire) owner() TagOwner {
	title := w.Title
	switch w.Typename {
	case "Order":
		title = w.Name
	case "Customer":
		title = w.DisplayName
	}
	return TagOwner{
		ID:        w.ID,
		Type:      w.Typename,
		Title:     title,
		Tags:      w.Tags,
		UpdatedAt: w.UpdatedAt.UTC(),
	}
}

// userErrors makes one error of a payload's user errors: the first one's field, and everybody's words.
func (c *Client) userErrors(operation string, list []userErrorWire) error {
	if len(list) == 0 {
		return nil
	}
	e := &Error{Kind: UserError, Operation: operation, Shop: c.shop, Field: list[0].Field, Status: 200}
	words := make([]string, len(list))
	for i, u := range list {
		words[i] = u.Message
		// User errors of these mutations have no code; this is how Shopify says that there is no such record.
		if slices.Equal(u.Field, []string{"id"}) && strings.HasSuffix(u.Message, "does not exist") {
			e.Kind, e.Field = Gone, u.Field
		}
	}
	e.Message = redact(strings.Join(words, "; "))
	return e
}

func (c *Client) gone(operation string) error {
	return &Error{Kind: Gone, Operation: operation, Shop: c.shop, Message: "the record does not exist", Status: 200}
}

func (c *Client) noTags(operation string) error {
	return &Error{Kind: Invalid, Operation: operation, Shop: c.shop, Message: "no tags given"}
}
