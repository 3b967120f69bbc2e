package shopify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tagtrail/tagtrail/shopify"
)

const offlineAnswer = `{"access_token":"shpat_a","scope":"read_orders,write_orders","expires_in":3600,
	"refresh_token":"shprt_b","refresh_token_expires_in":7776000}`

func TestOfflineExchangeAsksForATokenThatExpires(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, offlineAnswer))
	got, err := w.app.ExchangeOffline(t.Context(), shop, "the.session.token")
	if err != nil {
		t.Fatal(err)
	}
	want := shopify.Token{
		AccessToken:      "shpat_a",
		Scope:            "read_orders,write_orders",
		RefreshToken:     "shprt_b",
		ExpiresAt:        noon.Add(time.Hour),
		RefreshExpiresAt: noon.Add(90 * 24 * time.Hour),
	}
	if got != want {
		t.Error("got another token than the answer's")
	}
	sent := w.all()[0]
	if want := "/" + shop + "/admin/oauth/access_token"; sent.path != want {
		t.Errorf("asked %s, want %s", sent.path, want)
	}
	if diff := cmp.Diff(map[string]any{
		"client_id":            "client",
		"client_secret":        secret,
		"grant_type":           "urn:ietf:params:oauth:grant-type:token-exchange",
		"subject_token":        "the.session.token",
		"subject_token_type":   "urn:ietf:params:oauth:token-type:id_token",
		"requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
		"expiring":             "1",
	}, sent.body); diff != "" {
		t.Error(diff)
	}
}

func TestOnlineExchangeTellsWhoLooks(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{"access_token":"shpat_a","scope":"read_orders","expires_in":86399,
		"associated_user_scope":"read_orders","associated_user":{"id":90253714189541635,"first_name":"Riley",
		"last_name":"Park","email":"riley@example.com","account_owner":true}}`))
	token, user, err := w.app.ExchangeOnline(t.Context(), shop, "the.session.token")
	if err != nil {
		t.Fatal(err)
	}
	if want := (shopify.User{ID: "90253714189541635", Name: "Riley Park", Email: "riley@example.com", Scopes: "read_orders"}); user != want {
		t.Errorf("got %+v, want %+v", user, want)
	}
	if token.RefreshToken != "" || !token.RefreshExpiresAt.IsZero() || !token.ExpiresAt.Equal(noon.Add(86399*time.Second)) {
		t.Error("token's ends are wrong")
	}
	sent := w.all()[0].body
	if sent["requested_token_type"] != "urn:shopify:params:oauth:token-type:online-access-token" {
		t.Errorf("asked for %v", sent["requested_token_type"])
	}
	if _, ok := sent["expiring"]; ok {
		t.Error("expiring is only for offline tokens")
	}
}

func TestRefreshSendsTheRefreshTokenAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, offlineAnswer))
	if _, err := w.app.Refresh(t.Context(), shop, "shprt_old"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{
		"client_id":     "client",
		"client_secret": secret,
		"grant_type":    "refresh_token",
		"refresh_token": "shprt_old",
	}, w.all()[0].body); diff != "" {
		t.Error(diff)
	}
}

func TestTokenWithoutExpiryNeverExpires(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{"access_token":"shpat_a","scope":"read_orders"}`))
	got, err := w.app.ExchangeOffline(t.Context(), shop, "the.session.token")
	if err != nil || !got.ExpiresAt.IsZero() || !got.RefreshExpiresAt.IsZero() {
		t.Errorf("expires %v, refresh expires %v, %v", got.ExpiresAt, got.RefreshExpiresAt, err)
	}
}

func TestTokenRefusalsAreSorted(t *testing.T) {
	t.Parallel()
	for _, try := range []struct {
		status int
		body   string
		kind   shopify.Kind
		code   string
	}{
		{400, `{"error":"invalid_subject_token","error_description":"bad eyJa.eyJb.c"}`, shopify.Unauthorized, "invalid_subject_token"},
		{400, `{"error":"invalid_grant"}`, shopify.Unauthorized, "invalid_grant"},
		{401, `{"error":"invalid_client"}`, shopify.Unauthorized, "invalid_client"},
		{400, `{"error":"invalid_request"}`, shopify.Invalid, "invalid_request"},
		{400, `{"error":"your token is shpat_secret"}`, shopify.Invalid, ""},
		{404, `<html>no shop</html>`, shopify.NotFound, ""},
		{402, ``, shopify.Frozen, ""},
		{500, ``, shopify.Unavailable, ""},
		{200, `{}`, shopify.Protocol, ""},
		{200, `<html>`, shopify.Protocol, ""},
	} {
		w := serve(t, always(try.status, try.body))
		_, err := w.app.Refresh(t.Context(), shop, "shprt_mine")
		var e *shopify.Error
		if !errors.As(err, &e) || e.Kind != try.kind || e.Code != try.code || e.Operation != "Refresh" || e.Shop != shop {
			t.Errorf("%d %s: got %v", try.status, try.body, err)
			continue
		}
		for _, leak := range []string{"shpat_secret", "eyJa", "shprt_mine", secret} {
			if strings.Contains(err.Error(), leak) {
				t.Errorf("%d: error carries a secret", try.status)
			}
		}
	}
}

func TestCredentialsAreOnlySentToShops(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, offlineAnswer))
	for _, shop := range []string{"", "evil.example.com", "a.myshopify.com/../x", "a.myshopify.com@evil.example"} {
		if _, err := w.app.Refresh(t.Context(), shop, "shprt_mine"); shopify.KindOf(err) != shopify.Invalid {
			t.Errorf("%q: got %v", shop, err)
		}
		if _, _, err := w.app.Client(shop, token("")).Shop(t.Context()); shopify.KindOf(err) != shopify.Invalid {
			t.Errorf("%q: got %v", shop, err)
		}
	}
	if n := len(w.all()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestTokensStayOutOfWhatIsPrinted(t *testing.T) {
	t.Parallel()
	token := shopify.Token{AccessToken: "shpat_a", RefreshToken: "shprt_b"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("token", "token", token)
	for _, s := range []string{fmt.Sprint(token), fmt.Sprintf("%+v %#v", token, token), log.String()} {
		if strings.Contains(s, "shp") {
			t.Errorf("printed %s", s)
		}
	}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	w := serve(t, func(_ int, c call, w http.ResponseWriter) {
		if c.header.Get("X-Shopify-Access-Token") != "fresh" {
			w.WriteHeader(401)
			_, _ = fmt.Fprint(w, `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"node": nil}})
	})
	for _, try := range []struct {
		fresh string
		calls int
		kind  shopify.Kind
	}{
		{"fresh", 2, shopify.Gone},         // accepted: the answer is read
		{"wrong", 2, shopify.Unauthorized}, // refused again: no third time
		{"stale", 1, shopify.Unauthorized}, // nothing fresh: no second time
	} {
		before := len(w.all())
		var asked []string
		source := func(_ context.Context, refused string) (string, error) {
			asked = append(asked, refused)
			if refused != "" {
				return try.fresh, nil
			}
			return "stale", nil
		}
		_, _, err := w.app.Client(shop, source).Tags(t.Context(), "gid://shopify/Product/1")
		if shopify.KindOf(err) != try.kind || len(w.all())-before != try.calls {
			t.Errorf("%s: %d calls, %v", try.fresh, len(w.all())-before, err)
		}
		if diff := cmp.Diff([]string{"", "stale"}, asked); diff != "" {
			t.Error(diff)
		}
	}
}

func TestErrorOfTheTokenSourceIsPassedOn(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{}`))
	cause := errors.New("no token")
	c := w.app.Client(shop, func(context.Context, string) (string, error) { return "", cause })
	if _, _, err := c.Shop(t.Context()); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if n := len(w.all()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}
