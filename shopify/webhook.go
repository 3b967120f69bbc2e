package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// ErrBadSignature says that a webhook was not signed with either of our secrets. Shopify expects a 401 for it.
var ErrBadSignature = errors.New("shopify: webhook signature does not match")

// HeaderError says which required header of a webhook is missing or malformed.
type HeaderError struct{ Name string }

func (e *HeaderError) Error() string {
	return "shopify: webhook header " + e.Name + " is missing or malformed"
}

// Delivery is what the headers of a verified webhook say.
type Delivery struct {
	Topic      string // as in the header, such as "orders/create"
	Shop       string // the myshopify.com domain, in lower case
	WebhookID  string // unique to a delivery; its repetitions carry the same one
	EventID    string // shared by all deliveries that one act caused; may be empty
	APIVersion string
	Name       string // of the subscription, where it has one
	// TriggeredAt orders deliveries, which arrive in any order. Zero where Shopify did not say.
	TriggeredAt time.Time
}

var (
	topicPattern   = regexp.MustCompile(`^[a-z0-9_]+([/.][a-z0-9_]+)+$`)
	versionPattern = regexp.MustCompile(`^(\d{4}-\d{2}|unstable)$`)
	idPattern      = regexp.MustCompile(`^[!-~]{1,255}$`)
)

// VerifyWebhook reads the headers of a delivery and checks its signature over the raw body. It returns a *HeaderError
// or ErrBadSignature. A signature that is not even base64 is a bad signature, not a bad header: Shopify's own checks
// send such ones and expect a 401.
func (a *App) VerifyWebhook(h http.Header, raw []byte) (Delivery, error) {
	signature := header(h, "X-Shopify-Hmac-Sha256")
	if signature == "" {
		return Delivery{}, &HeaderError{Name: "X-Shopify-Hmac-Sha256"}
	}
	required := func(name string, pattern *regexp.Regexp) (string, error) {
		value := header(h, name)
		if len(value) > 255 || !pattern.MatchString(value) {
			return "", &HeaderError{Name: name}
		}
		return value, nil
	}
	topic, err := required("X-Shopify-Topic", topicPattern)
	if err != nil {
		return Delivery{}, err
	}
	shop, err := required("X-Shopify-Shop-Domain", shopPattern)
	if err != nil {
		return Delivery{}, err
	}
	version, err := required("X-Shopify-Api-Version", versionPattern)
	if err != nil {
		return Delivery{}, err
	}
	id, err := required("X-Shopify-Webhook-Id", idPattern)
	if err != nil {
		return Delivery{}, err
	}
	if !a.signed(raw, signature) {
		return Delivery{}, ErrBadSignature
	}
	// A time we cannot read is a time we do not know: it never costs us the delivery.
	triggered, _ := time.Parse(time.RFC3339Nano, header(h, "X-Shopify-Triggered-At"))
	return Delivery{
		Topic:       topic,
		Shop:        strings.ToLower(shop),
		WebhookID:   id,
		EventID:     optional(h, "X-Shopify-Event-Id"),
		APIVersion:  version,
		Name:        optional(h, "X-Shopify-Name"),
		TriggeredAt: triggered.UTC(),
	}, nil
}

// signed compares in constant time, and with both secrets whatever the first comparison says.
func (a *App) signed(raw []byte, signature string) bool {
	given, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	ok := false
	for _, secret := range a.secrets() {
		mac := hmac.New(sha256.New, secret)
		mac.Write(raw)
		if hmac.Equal(mac.Sum(nil), given) {
			ok = true
		}
	}
	return ok
}

// secrets leaves empty ones out: anybody can sign with an empty key.
func (a *App) secrets() [][]byte {
	var keys [][]byte
	for _, s := range []string{a.Secret, a.OldSecret} {
		if s != "" {
			keys = append(keys, []byte(s))
		}
	}
	return keys
}

// header reads a header in any case, also from a map that did not come from net/http.
func header(h http.Header, name string) string {
	if v := h.Get(name); v != "" {
		return v
	}
	for k, v := range h {
		if len(v) > 0 && strings.EqualFold(k, name) {
			return v[0]
		}
	}
	return ""
}

// optional returns a header that we keep but do not need, or nothing where it is not fit to keep.
func optional(h http.Header, name string) string {
	if v := header(h, name); idPattern.MatchString(v) {
		return v
	}
	return ""
}
