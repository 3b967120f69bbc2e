package simulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// otherApp is a second app with access to every shop: edits that are not ours come from it.
const otherApp = "sim-admin"

const (
	accessTokenLife  = time.Hour
	refreshTokenLife = 90 * 24 * time.Hour
	sessionTokenLife = time.Minute
)

type accessToken struct {
	value   string
	shop    string
	online  bool
	expires time.Time // zero: never
}

type refreshToken struct {
	value   string
	shop    string
	expires time.Time
	// parent is the token that this one was issued for. It ends when this one is first used,
	// so that a client which lost the answer to a refresh can ask again.
	parent string
}

// tokens holds what was issued. sim-admin needs none.
type tokens struct {
	mu      sync.Mutex
	access  map[string]*accessToken
	refresh map[string]*refreshToken
}

func newTokens() *tokens {
	return &tokens{access: map[string]*accessToken{}, refresh: map[string]*refreshToken{}}
}

// issue makes an access token. A new expiring offline token ends the earlier ones: Shopify
// keeps one active for an app and a shop.
func (t *tokens) issue(shop string, online bool, life time.Duration, now time.Time) *accessToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := &accessToken{value: "shpat_" + randomHex(16), shop: shop, online: online}
	if online {
		a.value = "shpua_" + randomHex(16)
	}
	if life > 0 {
		a.expires = now.Add(life)
		for k, old := range t.access {
			if old.shop == shop && !online && !old.online && !old.expires.IsZero() {
				delete(t.access, k)
			}
		}
	}
	t.access[a.value] = a
	return a
}

func (t *tokens) issueRefresh(shop, parent string, now time.Time) *refreshToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &refreshToken{
		value:   "shprt_" + randomHex(16),
		shop:    shop,
		expires: now.Add(refreshTokenLife),
		parent:  parent,
	}
	t.refresh[r.value] = r
	return r
}

// useRefresh accepts a refresh token and ends its parent and its siblings.
func (t *tokens) useRefresh(shop, value string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.refresh[value]
	if r == nil || r.shop != shop || now.After(r.expires) {
		return errors.New("the refresh token is not active")
	}
	delete(t.refresh, r.parent)
	for k, other := range t.refresh {
		if other.shop == shop && k != value && other.parent == r.parent && r.parent != "" {
			delete(t.refresh, k)
		}
	}
	return nil
}

// valid tells whose token it is: the app's client id, sim-admin, or "" where it is not valid.
func (t *tokens) valid(shop, value, clientID string, now time.Time) string {
	if value == otherApp {
		return otherApp
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.access[value]
	if a == nil || a.shop != shop || !a.expires.IsZero() && !now.Before(a.expires) {
		return ""
	}
	return clientID
}

// revoke ends every token of a shop, as an uninstall does.
func (t *tokens) revoke(shop string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, a := range t.access {
		if a.shop == shop {
			delete(t.access, k)
		}
	}
	for k, r := range t.refresh {
		if r.shop == shop {
			delete(t.refresh, k)
		}
	}
}

// ExpireTokens ends the access tokens of a shop at once, as an hour of waiting would;
// refresh tokens stay valid.
func (s *Simulator) ExpireTokens(shop string) {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	for k, a := range s.tokens.access {
		if a.shop == shop && !a.expires.IsZero() {
			delete(s.tokens.access, k)
		}
	}
}

type sessionClaims struct {
	Iss  string `json:"iss"`
	Dest string `json:"dest"`
	Aud  string `json:"aud"`
	Sub  string `json:"sub"`
	Exp  int64  `json:"exp"`
	Nbf  int64  `json:"nbf"`
	Iat  int64  `json:"iat"`
	Jti  string `json:"jti"`
	Sid  string `json:"sid"`
	Sig  string `json:"sig"`
}

func (s *Simulator) mintSessionToken(st *store, who Staff, now time.Time) string {
	c := sessionClaims{
		Iss:  "https://" + st.Domain + "/admin",
		Dest: "https://" + st.Domain,
		Aud:  s.opts.ClientID,
		Sub:  who.ID,
		Exp:  now.Add(sessionTokenLife).Unix(),
		Nbf:  now.Unix(),
		Iat:  now.Unix(),
		Jti:  uuid.NewString(),
		Sid:  uuid.NewSHA1(uuid.NameSpaceURL, []byte(st.Domain+"/"+who.ID)).String(),
	}
	c.Sig = hex.EncodeToString(macOf([]byte(c.Jti+c.Sid), s.opts.ClientSecret))
	body, _ := json.Marshal(c)
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	unsigned := head + "." + base64.RawURLEncoding.EncodeToString(body)
	return unsigned + "." + base64.RawURLEncoding.EncodeToString(macOf([]byte(unsigned), s.opts.ClientSecret))
}

// readSessionToken checks signature, audience, life and shop, as the token endpoint must.
func (s *Simulator) readSessionToken(st *store, token string, now time.Time) (sessionClaims, error) {
	var c sessionClaims
	var head struct{ Alg string }
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errors.New("not a JWT")
	}
	if decodePart(parts[0], &head) != nil || head.Alg != "HS256" {
		return c, errors.New("not signed with HS256")
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(sig, macOf([]byte(parts[0]+"."+parts[1]), s.opts.ClientSecret)) {
		return c, errors.New("signature does not match")
	}
	if err := decodePart(parts[1], &c); err != nil {
		return c, errors.New("claims are not JSON")
	}
	switch {
	case c.Aud != s.opts.ClientID:
		return c, errors.New("audience is another app")
	case now.Unix() >= c.Exp:
		return c, errors.New("expired")
	case c.Dest != "https://"+st.Domain || c.Iss != c.Dest+"/admin":
		return c, errors.New("issued for another shop")
	}
	return c, nil
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func macOf(body []byte, secret string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return m.Sum(nil)
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
