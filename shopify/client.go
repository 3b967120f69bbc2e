package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// TokenSource returns an access token for the client's shop. refused is "", or the access token that Shopify has just
// answered 401 to, in which case another one is asked for, once.
type TokenSource func(ctx context.Context, refused string) (string, error)

// Client asks one shop. It never sleeps and never retries, apart from once with a fresh token after a 401: what is to
// be tried again, and when, its errors say.
type Client struct {
	// Floor is how many points of the shop's cost bucket calls of this client leave to others.
	Floor int

	app   *App
	shop  string
	token TokenSource
}

// Cost is what a call cost the shop's bucket, in points. Shopify reserves what was requested and charges what is
// actual. Both are 0 where no answer said so.
type Cost struct{ Requested, Actual int }

type request[V any] struct {
	Query     string `json:"query"`
	Variables V      `json:"variables"`
}

// answer is what every GraphQL answer of Shopify looks like.
type answer struct {
	Data       json.RawMessage `json:"data"`
	Errors     json.RawMessage `json:"errors"`
	Extensions struct {
		Cost   *costReport    `json:"cost"`
		Search []searchReport `json:"search"`
	} `json:"extensions"`
}

type costReport struct {
	Requested float64        `json:"requestedQueryCost"`
	Actual    float64        `json:"actualQueryCost"` // null where the call was refused
	Throttle  ThrottleStatus `json:"throttleStatus"`
}

// run sends the operation. Data comes back as far as the answer had any, also beside an error: a caller may use it
// only if it knows which part of it the error is about.
func (o operation[V, D]) run(ctx context.Context, c *Client, vars V) (D, Cost, error) {
	var data D
	body, err := json.Marshal(request[V]{Query: o.text(), Variables: vars})
	if err != nil {
		return data, Cost{}, fmt.Errorf("write %s: %w", o.name, err)
	}
	a, cost, err := c.call(ctx, o.name, o.cost, body)
	if a != nil && !isNull(a.Data) {
		if bad := json.Unmarshal(a.Data, &data); bad != nil && err == nil {
			err = &Error{Kind: Protocol, Message: "data has another shape", Status: 200, Err: bad}
		}
	}
	return data, cost, label(err, o.name, c.shop)
}

// call spends from the bucket, sends, and reads what the answer says about the bucket and about errors.
func (c *Client) call(ctx context.Context, name string, declared int, body []byte) (*answer, Cost, error) {
	url, err := c.app.address(c.shop, "/admin/api/"+APIVersion+"/graphql.json")
	if err != nil {
		return nil, Cost{}, err
	}
	token, err := c.token(ctx, "")
	if err != nil {
		return nil, Cost{}, fmt.Errorf("shopify token: %w", err)
	}
	budget := c.app.Budget
	cost := budget.cost(name, declared)
	if retryAt, ok := budget.Reserve(ctx, c.shop, cost, c.Floor); !ok {
		return nil, Cost{}, &Error{Kind: Throttled, Message: "our own budget for this shop is used up", RetryAt: retryAt}
	}
	r, err := c.send(ctx, url, token, body)
	if err != nil {
		return nil, Cost{}, err
	}
	a, err := readAnswer(r, c.app.now())
	if a == nil || a.Extensions.Cost == nil {
		return a, Cost{}, err
	}
	report := *a.Extensions.Cost
	budget.learn(name, declared, int(report.Requested))
	budget.Settle(ctx, c.shop, cost, int(report.Actual), report.Throttle)
	return a, Cost{Requested: int(report.Requested), Actual: int(report.Actual)}, err
}

// send makes the call, and once more with a fresh token if the first one is refused. A 401 is answered before anything
// is done, so this repeats no change.
func (c *Client) send(ctx context.Context, url, token string, body []byte) (reply, error) {
	r, err := c.app.post(ctx, url, token, body)
	if err != nil || r.status != 401 {
		return r, err
	}
	fresh, err := c.token(ctx, token)
	if err != nil {
		return r, fmt.Errorf("shopify token: %w", err)
	}
	if fresh == token {
		return r, nil
	}
	return c.app.post(ctx, url, fresh, body)
}

func isNull(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}
