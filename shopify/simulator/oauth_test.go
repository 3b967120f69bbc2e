package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func (l *lab) tokenCall(form map[string]string) (int, map[string]any) {
	l.t.Helper()
	all := map[string]string{"client_id": l.opts.ClientID, "client_secret": l.opts.ClientSecret}
	for k, v := range form {
		all[k] = v
	}
	body, _ := json.Marshal(all)
	res, err := http.Post(l.url+"/"+l.shop.Domain+"/admin/oauth/access_token", "application/json", bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		l.t.Fatal(err)
	}
	return res.StatusCode, out
}

func (l *lab) exchangeForm(subject string, extra ...string) map[string]string {
	form := map[string]string{
		"grant_type": grantExchange, "subject_token": subject, "subject_token_type": typeIDToken, "requested_token_type": typeOffline,
	}
	for i := 0; i+1 < len(extra); i += 2 {
		form[extra[i]] = extra[i+1]
	}
	return form
}

func TestASessionTokenIsExchangedForAWorkingToken(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	var minted struct{ Token string }
	l.control(http.MethodPost, "session_token", map[string]any{"shop": l.shop.Domain, "staff": "Riley Park"}, &minted)
	code, out := l.tokenCall(l.exchangeForm(minted.Token, "expiring", "1"))
	if code != 200 || out["expires_in"] != 3600.0 || out["refresh_token_expires_in"] != 7776000.0 || out["refresh_token"] == nil {
		t.Fatalf("%d %v", code, out)
	}
	l.token = out["access_token"].(string)
	if a := l.gql("{ currentAppInstallation { activeSubscriptions { name status } } }", nil); dig(a.Data, "currentAppInstallation", "activeSubscriptions", 0, "name") != "Pro" {
		t.Errorf("%d %v %v", a.status, a.Data, a.Errors)
	}
	if code, out = l.tokenCall(l.exchangeForm(minted.Token)); code != 200 || out["expires_in"] != nil {
		t.Errorf("a token without expiring: %d %v", code, out)
	}
	code, out = l.tokenCall(l.exchangeForm(minted.Token, "requested_token_type", typeOnline))
	user, _ := out["associated_user"].(map[string]any)
	if code != 200 || user["first_name"] != "Riley" || user["id"] != 90210001.0 {
		t.Errorf("an online token: %d %v", code, out)
	}
}

func TestABadSubjectTokenIsRefused(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	good, err := l.SessionToken(l.shop.Domain, "")
	must(t, err)
	elsewhere, err := l.SessionToken(l.shops[1].Domain, "")
	must(t, err)
	late := l.mintSessionToken(l.shop, l.shop.Staff[0], time.Now().Add(-2*time.Minute))
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"another shop's": elsewhere, "an expired": late, "a forged": parts[0] + "." + parts[1] + ".AAAA", "no": "",
		"an unsigned": "eyJhbGciOiJub25lIn0." + parts[1] + ".",
	} {
		if code, out := l.tokenCall(l.exchangeForm(token)); code != 400 || out["error"] != "invalid_subject_token" {
			t.Errorf("%s token: %d %v", name, code, out)
		}
	}
	if code, out := l.tokenCall(l.exchangeForm(good, "client_secret", "wrong")); code != 401 || out["error"] != "invalid_client" {
		t.Errorf("a wrong secret: %d %v", code, out)
	}
	if code, _ := l.tokenCall(l.exchangeForm(good, "client_id", "wrong")); code != 400 {
		t.Errorf("a wrong client id: %d", code)
	}
}

func TestARefreshTokenStaysValidUntilTheNewOneIsUsed(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	subject, err := l.SessionToken(l.shop.Domain, "")
	must(t, err)
	_, first := l.tokenCall(l.exchangeForm(subject, "expiring", "1"))
	refresh := func(token any) (int, map[string]any) {
		return l.tokenCall(map[string]string{"grant_type": "refresh_token", "refresh_token": token.(string)})
	}
	code, second := refresh(first["refresh_token"])
	if code != 200 || second["refresh_token"] == first["refresh_token"] {
		t.Fatalf("%d %v", code, second)
	}
	// The answer was lost: asking again with the old one works, and the new access token wins.
	code, again := refresh(first["refresh_token"])
	if code != 200 {
		t.Fatalf("the old token: %d %v", code, again)
	}
	l.token = first["access_token"].(string)
	if a := l.gql("{ shop { id } }", nil); a.status != 401 {
		t.Errorf("an earlier access token still works: %d", a.status)
	}
	if code, _ = refresh(again["refresh_token"]); code != 200 {
		t.Fatalf("the new token: %d", code)
	}
	if code, _ = refresh(first["refresh_token"]); code == 200 {
		t.Error("the old token is valid after the new one was used")
	}
}

func TestUninstallEndsTokensAndSubscriptions(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{})
	l.subscribe(map[string]any{"uri": b.URL}, "APP_UNINSTALLED", "ORDERS_CREATE")
	l.asApp()
	if code := l.control(http.MethodPost, "uninstall", map[string]string{"shop": l.shop.Domain}, nil); code != 200 {
		t.Fatalf("status %d", code)
	}
	l.idle()
	if a := l.gql("{ shop { id } }", nil); a.status != 401 {
		t.Errorf("the token still works: %d", a.status)
	}
	if got := b.all(); len(got) != 1 || got[0].topic != "app/uninstalled" || len(l.shop.subs) != 0 {
		t.Errorf("%d webhooks, %d subscriptions", len(got), len(l.shop.subs))
	}
}

func TestControlListsShopsAndRefusesUnknownStaff(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{AppURL: "http://127.0.0.1:1"})
	var shops []struct {
		Shop, Plan string
		Staff      []struct{ ID, Name string }
	}
	l.control(http.MethodGet, "shops", nil, &shops)
	if len(shops) != 2 || shops[0].Shop != "corkandcrate.myshopify.com" || shops[0].Plan != "PRO" || shops[1].Plan != "FREE" || len(shops[0].Staff) != 3 {
		t.Errorf("shops are %+v", shops)
	}
	var out map[string]any
	if code := l.control(http.MethodPost, "session_token", map[string]any{"shop": l.shop.Domain, "staff": "Nobody"}, &out); code != 400 || !strings.Contains(out["error"].(string), "Riley Park") {
		t.Errorf("%d %v", code, out)
	}
	if code := l.control(http.MethodPost, "session_token", map[string]any{"shop": l.shop.Domain, "staff": 90210002}, &out); code != 200 {
		t.Errorf("a number as id: %d %v", code, out)
	}
	if l.control(http.MethodGet, "config", nil, &out); out["appUrl"] != "http://127.0.0.1:1" || out["traffic"] != false {
		t.Errorf("config is %v", out)
	}
}

func TestTheLogKnowsWhatWasAsked(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{}).asApp()
	l.place("gid://shopify/Product/7", nil, "Cork")
	l.gql("mutation Tagging($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }", map[string]any{"id": "gid://shopify/Product/7", "tags": []string{"x"}})
	var log []LogEntry
	l.control(http.MethodGet, "log", nil, &log)
	e := log[len(log)-1]
	if e.Kind != "graphql" || e.Operation != "Tagging" || e.Fields[0] != "tagsAdd" || e.Cost != 10 || e.Status != 200 || e.App != l.opts.ClientID || e.Shop != l.shop.Domain {
		t.Errorf("entry is %+v", e)
	}
}

func TestTheRingKeepsTheNewest(t *testing.T) {
	t.Parallel()
	r := newRequestLog(3)
	for _, k := range []string{"a", "b", "c", "d", "e"} {
		r.add(LogEntry{Kind: k})
	}
	got := ""
	for _, e := range r.all() {
		got += e.Kind
	}
	if got != "cde" {
		t.Errorf("kept %s", got)
	}
}

func TestFramePagesAndAssetsAreServed(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	for path, kind := range map[string]string{
		"/":                            "text/html",
		"/" + l.shop.Domain + "/admin": "text/html",
		"/" + l.shop.Domain + "/admin/apps/tagtrail/activity": "text/html",
		"/__sim/assets/polaris.js":                            "text/javascript",
		"/__sim/assets/app-bridge.js":                         "text/javascript",
		"/__sim/assets/admin.css":                             "text/css",
	} {
		res, err := http.Get(l.url + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) || res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
	if res, err := http.Get(l.url + "/__sim/assets/../simulator.go"); err != nil || res.StatusCode == 200 {
		t.Error("a file outside the assets was served")
	}
}
