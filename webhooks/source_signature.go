package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// refusal is why a webhook of a source is not taken. It says nothing that its sender wrote.
type refusal string

func (r refusal) Error() string { return string(r) }

const (
	unsigned   refusal = "The signature is missing or cannot be read."
	wronglyBy  refusal = "The signature does not fit the body and the secret."
	tooOld     refusal = "The signature's time is further from ours than the source allows."
	secretless refusal = "Its secret is not saved here yet, so nobody can tell whether it is the source's own."
	staleSent  refusal = "The event is older than its sender's last try would be, or from the future."
)

// squareRetries is how long Square sends an event again: a retry has the event's first time.
const squareRetries = 72 * time.Hour

// signed is a webhook as its headers and its sender sent it.
type signed struct {
	kind models.SourceKind
	// secret is what the sender and we share; url is where the sender was told to send.
	secret, url string
	header      http.Header
	raw         []byte
	tolerance   time.Duration
	now         time.Time
}

// verify returns the refusal of a webhook that was not signed by the source, or at another time.
func (s *signed) verify() error {
	switch s.kind {
	case models.SourceStripe:
		return s.verifyStripe()
	case models.SourceSquare:
		return s.verifySquare()
	default:
		return s.verifyStandard()
	}
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// near reports whether a time in seconds since 1970 is near enough to ours.
func (s *signed) near(seconds string) error {
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || unix < 0 {
		return unsigned
	}
	if distance := s.now.Sub(time.Unix(unix, 0)).Abs(); distance > s.tolerance {
		return tooOld
	}
	return nil
}

// verifyStripe reads "t=SECONDS,v1=HEX[,v1=HEX]": the HMAC of "SECONDS.BODY" with the endpoint's secret as it stands.
// While a secret is replaced there are several; one that fits is enough. Other schemes than v1 are not for us.
// https://docs.stripe.com/webhooks/signature
func (s *signed) verifyStripe() error {
	at, signatures := parseStripe(s.header.Get("Stripe-Signature"))
	if at == "" || len(signatures) == 0 {
		return unsigned
	}
	want := mac([]byte(s.secret), at, ".", string(s.raw))
	if !anyEqual(want, signatures) {
		return wronglyBy
	}
	return s.near(at)
}

func parseStripe(header string) (at string, signatures [][]byte) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1":
			if raw, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, raw)
			}
		}
	}
	return at, signatures
}

// anyEqual compares in constant time, and with all of them whatever the first comparison says.
func anyEqual(want []byte, given [][]byte) bool {
	ok := false
	for _, g := range given {
		if hmac.Equal(want, g) {
			ok = true
		}
	}
	return ok
}

// verifySquare checks the HMAC of the notification URL and the body. Square signs no time, so a copy of an old webhook
// has a good signature: the inbox knows it by its event id. Where the event says when it was made, it must not be from
// the future, and not older than Square's last retry.
// https://developer.squareup.com/docs/webhooks/step3validate
func (s *signed) verifySquare() error {
	given, err := base64.StdEncoding.DecodeString(s.header.Get("X-Square-Hmacsha256-Signature"))
	if err != nil || len(given) == 0 {
		return unsigned
	}
	if !hmac.Equal(mac([]byte(s.secret), s.url, string(s.raw)), given) {
		return wronglyBy
	}
	var event struct {
		CreatedAt time.Time `json:"created_at"`
	}
	if json.Unmarshal(s.raw, &event) != nil || event.CreatedAt.IsZero() {
		return nil //nolint:nilerr // what it says is read later; it says no time
	}
	if event.CreatedAt.After(s.now.Add(s.tolerance)) || event.CreatedAt.Before(s.now.Add(-squareRetries-s.tolerance)) {
		return staleSent
	}
	return nil
}

// verifyStandard checks the HMAC of "ID.SECONDS.BODY" against "v1,BASE64", of which there may be several with spaces
// between them. Other versions than v1 are not for us.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func (s *signed) verifyStandard() error {
	id, at := s.header.Get("Webhook-Id"), s.header.Get("Webhook-Timestamp")
	signatures := parseStandard(s.header.Get("Webhook-Signature"))
	if id == "" || at == "" || len(signatures) == 0 {
		return unsigned
	}
	key, err := standardKey(s.secret)
	if err != nil {
		return wronglyBy
	}
	if !anyEqual(mac(key, id, ".", at, ".", string(s.raw)), signatures) {
		return wronglyBy
	}
	return s.near(at)
}

func parseStandard(header string) [][]byte {
	var signatures [][]byte
	for part := range strings.FieldsSeq(header) {
		version, encoded, _ := strings.Cut(part, ",")
		if raw, err := base64.StdEncoding.DecodeString(encoded); version == "v1" && err == nil && len(raw) > 0 {
			signatures = append(signatures, raw)
		}
	}
	return signatures
}

// standardKey reads a secret of the scheme: base64, with or without its prefix.
func standardKey(secret string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
}
