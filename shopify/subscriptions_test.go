package shopify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tagtrail/tagtrail/shopify"
)

const hookURI = "https://tagtrail.example/webhooks/shopify"

// subscribed answers lists of two pages, and every change with the same payload.
func subscribed(payload string) func(int, call, http.ResponseWriter) {
	return func(_ int, c call, w http.ResponseWriter) {
		vars := c.body["variables"].(map[string]any)
		switch query := c.body["query"].(string); {
		case strings.Contains(query, "webhookSubscriptionCreate"):
			_, _ = fmt.Fprintf(w, `{"data":{"webhookSubscriptionCreate":%s}}`, payload)
		case strings.Contains(query, "webhookSubscriptionUpdate"):
			_, _ = fmt.Fprintf(w, `{"data":{"webhookSubscriptionUpdate":%s}}`, payload)
		case vars["after"] == nil:
			_, _ = fmt.Fprintf(w, `{"data":{"webhookSubscriptions":{"nodes":[
				{"id":"gid://shopify/WebhookSubscription/1","topic":"ORDERS_CREATE","uri":"https://old.example","format":"JSON"},
				{"id":"gid://shopify/WebhookSubscription/2","topic":"PRODUCTS_UPDATE","uri":%q,"format":"XML"}],
				"pageInfo":{"hasNextPage":true,"endCursor":"two"}}}}`, hookURI)
		default:
			_, _ = fmt.Fprintf(w, `{"data":{"webhookSubscriptions":{"nodes":[
				{"id":"gid://shopify/WebhookSubscription/3","topic":"CUSTOMER_TAGS_ADDED","uri":%q,"format":"JSON"}],
				"pageInfo":{"hasNextPage":false,"endCursor":"three"}}}}`, hookURI)
		}
	}
}

const hookMade = `{"webhookSubscription":{"id":"gid://shopify/WebhookSubscription/9"},"userErrors":[]}`

func TestOnlyWhatIsMissingOrWrongIsSubscribedTo(t *testing.T) {
	t.Parallel()
	w := serve(t, subscribed(hookMade))
	err := w.client().EnsureWebhooks(t.Context(), hookURI,
		[]string{"orders/create", "products/update", "customer.tags_added", "bulk_operations/finish"})
	if err != nil {
		t.Fatal(err)
	}
	var sent []any
	for _, c := range w.all() {
		sent = append(sent, c.body["variables"])
	}
	hook := map[string]any{"uri": hookURI, "format": "JSON"}
	if diff := cmp.Diff([]any{
		map[string]any{"first": 100.0},
		map[string]any{"first": 100.0, "after": "two"},
		map[string]any{"id": "gid://shopify/WebhookSubscription/1", "webhookSubscription": hook},
		map[string]any{"id": "gid://shopify/WebhookSubscription/2", "webhookSubscription": hook},
		map[string]any{"topic": "BULK_OPERATIONS_FINISH", "webhookSubscription": hook},
	}, sent); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedSubscriptionIsAnErrorUnlessItIsThere(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]shopify.Kind{
		`{"webhookSubscription":null,"userErrors":[{"field":["webhookSubscription","callbackUrl"],
			"message":"Address for this topic has already been taken"}]}`: "",
		`{"webhookSubscription":null,"userErrors":[{"field":["webhookSubscription","callbackUrl"],
			"message":"Address protocol http:// is not supported"}]}`: shopify.UserError,
		`{"webhookSubscription":null,"userErrors":[]}`: shopify.Protocol,
		`null`: shopify.Protocol,
	} {
		for _, topic := range []string{"orders/create", "orders/paid"} {
			w := serve(t, subscribed(payload))
			if err := w.client().EnsureWebhooks(t.Context(), hookURI, []string{topic}); shopify.KindOf(err) != want {
				t.Errorf("%s: got %v, want %q", payload, err, want)
			}
		}
	}
}
