package shopify

import (
	"context"
	"strings"
)

// subscriptionsPage is how many subscriptions are listed at once; an app has a few dozen at most.
const subscriptionsPage = 100

type webhookListVars struct {
	First int    `json:"first"`
	After string `json:"after,omitempty"`
}

type webhookInput struct {
	URI    string `json:"uri,omitempty"`
	Format string `json:"format,omitempty"`
}

type webhookCreateVars struct {
	Topic        string       `json:"topic"`
	Subscription webhookInput `json:"webhookSubscription"`
}

type webhookUpdateVars struct {
	ID           string       `json:"id"`
	Subscription webhookInput `json:"webhookSubscription"`
}

type subscriptionWire struct {
	ID     string `json:"id"`
	Topic  string `json:"topic"`
	URI    string `json:"uri"`
	Format string `json:"format"`
}

type webhooksData struct {
	Page *struct {
		Nodes    []subscriptionWire `json:"nodes"`
		PageInfo pageInfoWire       `json:"pageInfo"`
	} `json:"webhookSubscriptions"`
}

type subscriptionPayload struct {
	Subscription *struct {
		ID string `json:"id"`
	} `json:"webhookSubscription"`
	UserErrors []userErrorWire `json:"userErrors"`
}

type webhookCreateData struct {
	Payload *subscriptionPayload `json:"webhookSubscriptionCreate"`
}

type webhookUpdateData struct {
	Payload *subscriptionPayload `json:"webhookSubscriptionUpdate"`
}

var (
	webhooksOperation      = operation[webhookListVars, webhooksData]{name: "Webhooks", cost: pageCost(subscriptionsPage)}
	webhookCreateOperation = operation[webhookCreateVars, webhookCreateData]{name: "WebhookCreate", cost: 10}
	webhookUpdateOperation = operation[webhookUpdateVars, webhookUpdateData]{name: "WebhookUpdate", cost: 10}
)

// EnsureWebhooks makes Shopify deliver the topics, given as they stand in a delivery's header ("orders/create",
// "customer.tags_added"), to uri. What is there already is left alone, what points elsewhere is turned to uri, and
// other topics are not touched. It can be called again at any time, also after an error half way.
//
// Only subscriptions that the app made itself are seen here, not those of its TOML file; the privacy topics can only
// be had through that file.
func (c *Client) EnsureWebhooks(ctx context.Context, uri string, topics []string) error {
	have, err := c.subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		if err := c.ensureWebhook(ctx, uri, topicEnum(topic), have); err != nil {
			return err
		}
	}
	return nil
}

// topicEnum writes a header's topic as the API does.
func topicEnum(topic string) string {
	return strings.ToUpper(strings.NewReplacer("/", "_", ".", "_").Replace(topic))
}

func (c *Client) subscriptions(ctx context.Context) (map[string][]subscriptionWire, error) {
	have := map[string][]subscriptionWire{}
	vars := webhookListVars{First: subscriptionsPage}
	for {
		data, _, err := webhooksOperation.run(ctx, c, vars)
		if err != nil {
			return nil, err
		}
		if data.Page == nil {
			return nil, &Error{Kind: Protocol, Operation: webhooksOperation.name, Shop: c.shop, Message: "answer lacks the page", Status: 200}
		}
		for _, s := range data.Page.Nodes {
			have[s.Topic] = append(have[s.Topic], s)
		}
		next := data.Page.PageInfo
		if !next.HasNextPage || next.EndCursor == vars.After {
			return have, nil
		}
		vars.After = next.EndCursor
	}
}

func (c *Client) ensureWebhook(ctx context.Context, uri, topic string, have map[string][]subscriptionWire) error {
	want := webhookInput{URI: uri, Format: "JSON"}
	for _, s := range have[topic] {
		if s.URI == want.URI && s.Format == want.Format {
			return nil
		}
	}
	// A topic that is named twice is made once.
	made := subscriptionWire{Topic: topic, URI: want.URI, Format: want.Format}
	if len(have[topic]) > 0 {
		old := have[topic][0]
		data, _, err := webhookUpdateOperation.run(ctx, c, webhookUpdateVars{ID: old.ID, Subscription: want})
		if err != nil {
			return err
		}
		have[topic] = append(have[topic], made)
		return c.subscribed(webhookUpdateOperation.name, data.Payload)
	}
	data, _, err := webhookCreateOperation.run(ctx, c, webhookCreateVars{Topic: topic, Subscription: want})
	if err != nil {
		return err
	}
	have[topic] = append(have[topic], made)
	return c.subscribed(webhookCreateOperation.name, data.Payload)
}

func (c *Client) subscribed(operation string, p *subscriptionPayload) error {
	if p == nil {
		return &Error{Kind: Protocol, Operation: operation, Shop: c.shop, Message: "answer lacks the change", Status: 200}
	}
	for _, u := range p.UserErrors {
		// Another process was faster: the subscription is there.
		if strings.HasSuffix(u.Message, "for this topic has already been taken") {
			return nil
		}
	}
	if err := c.userErrors(operation, p.UserErrors); err != nil {
		return err
	}
	if p.Subscription == nil {
		return &Error{Kind: Protocol, Operation: operation, Shop: c.shop, Message: "answer lacks the change", Status: 200}
	}
	return nil
}
