package shopify

import (
	"context"
	"encoding/json"
	"errors"
)

// BulkResult is what became of one line of a bulk mutation's file.
type BulkResult struct {
	Line int // counted from 0, whatever the order of the results
	// Owner is the record as it is after the change. It may be nil, and beside an error it is the unchanged record.
	Owner *TagOwner
	Err   *Error // why the line changed nothing; its kind is Gone where there is no such record
}

// Owners streams the result of BulkQueryTags: fn gets each record, with the number of its line. A result that cannot be
// had to its end is an *Error of kind Unavailable: begin again from the top, and leave out the lines that are done. One
// that has expired is of kind Gone. An error of fn ends it and is returned.
func (c *Client) Owners(ctx context.Context, url string, fn func(line int, o TagOwner) error) error {
	const name = "Owners"
	return c.download(ctx, name, url, func(n int, raw []byte) error {
		var w ownerWire
		if err := json.Unmarshal(raw, &w); err != nil {
			return &Error{Kind: Protocol, Operation: name, Shop: c.shop, Message: "a line of the result is not JSON", Err: err}
		}
		if w.ID == "" || w.Typename == "" {
			return &Error{Kind: Protocol, Operation: name, Shop: c.shop, Message: "a line of the result is no record"}
		}
		return fn(n, w.owner())
	})
}

type resultWire struct {
	Data *struct {
		Add    *tagsPayload `json:"tagsAdd"`
		Remove *tagsPayload `json:"tagsRemove"`
	} `json:"data"`
	Errors json.RawMessage `json:"errors"`
	Line   *int            `json:"__lineNumber"`
}

// Results streams the result of BulkTags, in Shopify's order, which is not that of the file. Errors are as with Owners.
// That an operation is completed, or that this returns nil, says nothing about its lines: each has its own Err.
func (c *Client) Results(ctx context.Context, url string, fn func(BulkResult) error) error {
	const name = "Results"
	return c.download(ctx, name, url, func(_ int, raw []byte) error {
		var w resultWire
		if err := json.Unmarshal(raw, &w); err != nil {
			return &Error{Kind: Protocol, Operation: name, Shop: c.shop, Message: "a line of the result is not JSON", Err: err}
		}
		if w.Line == nil || *w.Line < 0 {
			return &Error{Kind: Protocol, Operation: name, Shop: c.shop, Message: "a line of the result has no number"}
		}
		r := BulkResult{Line: *w.Line}
		r.Owner, r.Err = c.lineResult(w)
		return fn(r)
	})
}

// lineResult reads the answer to one line. It is a GraphQL answer of its own.
func (c *Client) lineResult(w resultWire) (*TagOwner, *Error) {
	operation := "Results" // an error without data does not say which of the two it was
	var p *tagsPayload
	switch {
	case w.Data == nil:
	case w.Data.Add != nil:
		operation, p = tagsAddOperation.name, w.Data.Add
	case w.Data.Remove != nil:
		operation, p = tagsRemoveOperation.name, w.Data.Remove
	}
	var owner *TagOwner
	if p != nil && p.Node != nil {
		o := p.Node.owner()
		owner = &o
	}
	err := topErrors(reply{status: 200}, answer{Errors: w.Errors}, c.app.now())
	if err == nil {
		_, err = c.tagged(operation, p)
	}
	if err == nil {
		return owner, nil
	}
	e, ok := errors.AsType[*Error](label(err, operation, c.shop))
	if !ok {
		e = &Error{Kind: Protocol, Operation: operation, Shop: c.shop, Err: err}
	}
	return owner, e
}
