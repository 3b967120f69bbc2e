package shopify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/shopify"
)

var raw = []byte(`{"id":820982911946154508,"note":"grüß"}`)

func signature(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func delivery(key string) http.Header {
	h := http.Header{}
	h.Set("X-Shopify-Topic", "orders/create")
	h.Set("X-Shopify-Hmac-Sha256", signature(key, raw))
	h.Set("X-Shopify-Shop-Domain", "CorkAndCrate.myshopify.com")
	h.Set("X-Shopify-API-Version", "2026-10")
	h.Set("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")
	h.Set("X-Shopify-Event-Id", "98880550-7158-44d4-b7cd-2c97c8a091b5")
	h.Set("X-Shopify-Triggered-At", "2026-11-21T12:00:00.123456789Z")
	h.Set("X-Shopify-Name", "orders-new")
	return h
}

func TestWebhookSignedWithEitherSecretIsRead(t *testing.T) {
	t.Parallel()
	app := &shopify.App{Secret: "new", OldSecret: "old"}
	want := shopify.Delivery{
		Topic:       "orders/create",
		Shop:        shop,
		WebhookID:   "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
		EventID:     "98880550-7158-44d4-b7cd-2c97c8a091b5",
		APIVersion:  "2026-10",
		Name:        "orders-new",
		TriggeredAt: time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC),
	}
	for _, key := range []string{"new", "old"} {
		got, err := app.VerifyWebhook(delivery(key), raw)
		if err != nil {
			t.Fatalf("secret %q: %v", key, err)
		}
		if got != want {
			t.Errorf("secret %q: got %+v, want %+v", key, got, want)
		}
	}
}

func TestWebhookThatWeDidNotSignForIsRefused(t *testing.T) {
	t.Parallel()
	app := &shopify.App{Secret: "new", OldSecret: "old"}
	tampered := append([]byte(nil), raw...)
	tampered[10]++
	notBase64 := delivery("new")
	notBase64.Set("X-Shopify-Hmac-Sha256", "invalid!")
	for name, try := range map[string]struct {
		app    *shopify.App
		header http.Header
		body   []byte
	}{
		"tampered body":            {app, delivery("new"), tampered},
		"empty body":               {app, delivery("new"), nil},
		"another secret":           {app, delivery("other"), raw},
		"empty key, no old secret": {&shopify.App{Secret: "new"}, delivery(""), raw},
		"no secret at all":         {&shopify.App{}, delivery(""), raw},
		"not base64":               {app, notBase64, raw},
	} {
		if got, err := try.app.VerifyWebhook(try.header, try.body); !errors.Is(err, shopify.ErrBadSignature) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestWebhookNeedsItsFiveHeaders(t *testing.T) {
	t.Parallel()
	app := &shopify.App{Secret: secret}
	for _, name := range []string{
		"X-Shopify-Topic",
		"X-Shopify-Hmac-Sha256",
		"X-Shopify-Shop-Domain",
		"X-Shopify-Api-Version",
		"X-Shopify-Webhook-Id",
	} {
		h := delivery(secret)
		h.Del(name)
		var missing *shopify.HeaderError
		if _, err := app.VerifyWebhook(h, raw); !errors.As(err, &missing) || missing.Name != name {
			t.Errorf("without %s: got %v", name, err)
		}
	}
}

func TestWebhookHeaderThatIsMalformedIsNamed(t *testing.T) {
	t.Parallel()
	app := &shopify.App{Secret: secret}
	for _, try := range [][2]string{
		{"X-Shopify-Shop-Domain", "evil.example.com"},
		{"X-Shopify-Shop-Domain", "shop.myshopify.com.evil.example"},
		{"X-Shopify-Shop-Domain", "a/b.myshopify.com"},
		{"X-Shopify-Shop-Domain", "shop.myshopify.com\n"},
		{"X-Shopify-Topic", "orders"},
		{"X-Shopify-Topic", "orders/create; drop"},
		{"X-Shopify-Api-Version", "latest"},
		{"X-Shopify-Webhook-Id", "with space"},
	} {
		h := delivery(secret)
		h.Set(try[0], try[1])
		var bad *shopify.HeaderError
		if _, err := app.VerifyWebhook(h, raw); !errors.As(err, &bad) || bad.Name != try[0] {
			t.Errorf("%s: %q: got %v", try[0], try[1], err)
		}
	}
}

func TestWebhookHeadersAreReadInAnyCase(t *testing.T) {
	t.Parallel()
	app := &shopify.App{Secret: secret}
	shouted := http.Header{
		"x-shopify-topic":       {"orders/create"},
		"X-SHOPIFY-HMAC-SHA256": {signature(secret, raw)},
		"x-Shopify-shop-Domain": {shop},
		"X-Shopify-API-Version": {"2026-10"},
		"x-shopify-webhook-id":  {"1"},
	}
	if _, err := app.VerifyWebhook(shouted, raw); err != nil {
		t.Error(err)
	}
}

func TestWebhookWithoutAReadableTimeIsKept(t *testing.T) {
	t.Parallel()
	app := &shopify.App{Secret: secret}
	h := delivery(secret)
	h.Set("X-Shopify-Triggered-At", "yesterday")
	h.Del("X-Shopify-Event-Id")
	got, err := app.VerifyWebhook(h, raw)
	if err != nil || !got.TriggeredAt.IsZero() || got.EventID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}
