package shopify_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tagtrail/tagtrail/shopify"
)

func verifier() *shopify.App {
	return &shopify.App{ClientID: "client", Secret: "new", OldSecret: "old", Now: func() time.Time { return noon }}
}

func claims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss":  "https://corkandcrate.myshopify.com/admin",
		"dest": "https://corkandcrate.myshopify.com",
		"aud":  "client",
		"sub":  "42",
		"exp":  noon.Add(time.Minute).Unix(),
		"nbf":  noon.Unix(),
		"iat":  noon.Unix(),
		"jti":  "f8912129-1af6-4cad-9ca3-76b0f7621087",
		"sid":  "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
	}
}

func signed(t *testing.T, method jwt.SigningMethod, key any, c jwt.MapClaims) string {
	t.Helper()
	s, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSessionTokenSignedWithEitherSecretIsRead(t *testing.T) {
	t.Parallel()
	want := shopify.Session{
		Shop:      shop,
		UserID:    "42",
		SessionID: "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
		IssuedAt:  noon,
		ExpiresAt: noon.Add(time.Minute),
	}
	for _, key := range []string{"new", "old"} {
		got, err := verifier().VerifySession(signed(t, jwt.SigningMethodHS256, []byte(key), claims()))
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestSessionTokenWithAWrongClaimIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(jwt.MapClaims){
		"expired":                  func(c jwt.MapClaims) { c["exp"] = noon.Add(-11 * time.Second).Unix() },
		"without expiry":           func(c jwt.MapClaims) { delete(c, "exp") },
		"not valid yet":            func(c jwt.MapClaims) { c["nbf"] = noon.Add(11 * time.Second).Unix() },
		"without nbf":              func(c jwt.MapClaims) { delete(c, "nbf") },
		"issued in the future":     func(c jwt.MapClaims) { c["iat"] = noon.Add(11 * time.Second).Unix() },
		"without iat":              func(c jwt.MapClaims) { delete(c, "iat") },
		"of another app":           func(c jwt.MapClaims) { c["aud"] = "other" },
		"without audience":         func(c jwt.MapClaims) { delete(c, "aud") },
		"without user":             func(c jwt.MapClaims) { delete(c, "sub") },
		"two shops":                func(c jwt.MapClaims) { c["dest"] = "https://smalltable.myshopify.com" },
		"without destination":      func(c jwt.MapClaims) { delete(c, "dest") },
		"without issuer":           func(c jwt.MapClaims) { delete(c, "iss") },
		"issuer is not an admin":   func(c jwt.MapClaims) { c["iss"] = "https://corkandcrate.myshopify.com/other" },
		"destination has a path":   func(c jwt.MapClaims) { c["dest"] = "https://corkandcrate.myshopify.com/admin" },
		"plain http":               func(c jwt.MapClaims) { c["dest"] = "http://corkandcrate.myshopify.com" },
		"not a shop":               bothHosts("evil.example.com"),
		"not a shop, but looks so": bothHosts("shop.myshopify.com.evil.example"),
		"a port":                   bothHosts("shop.myshopify.com:8080"),
		"a user before the host":   bothHosts("a.myshopify.com@evil.example"),
	} {
		c := claims()
		change(c)
		got, err := verifier().VerifySession(signed(t, jwt.SigningMethodHS256, []byte("new"), c))
		if !errors.Is(err, shopify.ErrSession) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func bothHosts(host string) func(jwt.MapClaims) {
	return func(c jwt.MapClaims) { c["iss"], c["dest"] = "https://"+host+"/admin", "https://"+host }
}

func TestSessionTokenOfAnotherAlgorithmOrKeyIsRefused(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := signed(t, jwt.SigningMethodHS256, []byte("new"), claims())
	for name, token := range map[string]string{
		"none":            signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims()),
		"RS256":           signed(t, jwt.SigningMethodRS256, private, claims()),
		"HS512":           signed(t, jwt.SigningMethodHS512, []byte("new"), claims()),
		"another key":     signed(t, jwt.SigningMethodHS256, []byte("other"), claims()),
		"empty key":       signed(t, jwt.SigningMethodHS256, []byte(""), claims()),
		"no signature":    good[:strings.LastIndex(good, ".")+1],
		"nothing":         "",
		"not a token":     "one.two.three",
		"too long":        strings.Repeat("a", 9<<10),
		"another payload": swapPayload(t, good),
	} {
		if got, err := verifier().VerifySession(token); !errors.Is(err, shopify.ErrSession) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func swapPayload(t *testing.T, token string) string {
	t.Helper()
	c := claims()
	c["sub"] = "1"
	a, b := strings.Split(token, "."), strings.Split(signed(t, jwt.SigningMethodHS256, []byte("other"), c), ".")
	return a[0] + "." + b[1] + "." + a[2]
}

func TestSessionTokenToleratesTenSecondsOfClockDifference(t *testing.T) {
	t.Parallel()
	c := claims()
	c["exp"] = noon.Add(-9 * time.Second).Unix()
	if _, err := verifier().VerifySession(signed(t, jwt.SigningMethodHS256, []byte("new"), c)); err != nil {
		t.Error(err)
	}
	c = claims()
	c["nbf"], c["iat"] = noon.Add(9*time.Second).Unix(), noon.Add(9*time.Second).Unix()
	if _, err := verifier().VerifySession(signed(t, jwt.SigningMethodHS256, []byte("new"), c)); err != nil {
		t.Error(err)
	}
}

func TestAppWithoutCredentialsTrustsNoSessionToken(t *testing.T) {
	t.Parallel()
	c := claims()
	c["aud"] = ""
	app := &shopify.App{Now: func() time.Time { return noon }}
	if _, err := app.VerifySession(signed(t, jwt.SigningMethodHS256, []byte(""), c)); !errors.Is(err, shopify.ErrSession) {
		t.Errorf("got %v", err)
	}
}
