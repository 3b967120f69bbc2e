package app

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// signed returns a session token for shop A with some claims other than they should be.
func signed(t *testing.T, secret string, change map[string]any) string {
	t.Helper()
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": "https://" + shopA + "/admin", "dest": "https://" + shopA, "aud": testKey, "sub": "90000001",
		"exp": now.Add(time.Minute).Unix(), "nbf": now.Unix(), "iat": now.Unix(), "jti": "1", "sid": "2",
	}
	maps.Copy(claims, change)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestNobodyAsksWithoutAValidSession(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	const query = `{ shop { domain } }`
	past := time.Now().Add(-time.Hour).Unix()
	if r := j.post(j.url+"/graphql", query, nil, http.Header{"Authorization": {"Bearer " + signed(t, testHush, nil)}}); r.status != http.StatusOK {
		t.Fatalf("a valid session was answered %d %s", r.status, r.body)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"dest": "https://" + shopA}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	j.must(err)
	head, rest, _ := strings.Cut(j.session(shopB), ".")
	for name, header := range map[string]string{
		"no session":            "",
		"another scheme":        "Basic cmlsZXk6aHVzaA==",
		"no token":              "Bearer",
		"an ended session":      "Bearer " + signed(t, testHush, map[string]any{"exp": past, "nbf": past - 60, "iat": past - 60}),
		"one that is to come":   "Bearer " + signed(t, testHush, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}),
		"another secret":        "Bearer " + signed(t, "not ours", nil),
		"another app":           "Bearer " + signed(t, testHush, map[string]any{"aud": "another"}),
		"two shops":             "Bearer " + signed(t, testHush, map[string]any{"dest": "https://" + shopB}),
		"no shop of Shopify":    "Bearer " + signed(t, testHush, map[string]any{"iss": "https://evil.example/admin", "dest": "https://evil.example"}),
		"nobody":                "Bearer " + signed(t, testHush, map[string]any{"sub": ""}),
		"no signature":          "Bearer " + unsigned,
		"a token that was bent": "Bearer " + head + "." + strings.Replace(rest, "e", "f", 1),
	} {
		r := j.post(j.url+"/graphql", query, nil, http.Header{"Authorization": {header}})
		if r.status != http.StatusUnauthorized || !strings.Contains(string(r.body), `"UNAUTHENTICATED"`) || strings.Contains(string(r.body), shopA) {
			t.Errorf("%s: answered %d %s", name, r.status, r.body)
		}
		retry := r.header.Get("X-Shopify-Retry-Invalid-Session-Request")
		if sent := strings.HasPrefix(header, "Bearer "); sent && retry != "1" {
			t.Errorf("%s: App Bridge is not asked to try again", name)
		}
	}
}

func TestTheFirstVisitInstallsTheAppAndItTakesWebhooks(t *testing.T) {
	t.Parallel()
	j := setup(t, options{notInstalled: true})
	var got struct {
		Shop struct {
			Domain, Plan string
			Me           struct{ Type, Name string }
		}
	}
	j.data(shopA, `{ shop { domain plan me { type name } } }`, nil, &got)
	if got.Shop.Domain != shopA || got.Shop.Plan != "PRO" || got.Shop.Me.Name != "Riley Park" || got.Shop.Me.Type != "STAFF" {
		t.Errorf("the first visit: %+v", got)
	}
	j.a = j.shop(shopA)
	if j.a.WebhooksAt == nil || strings.Contains(string(j.a.AccessToken), "shpat") {
		t.Errorf("installed: %+v", j.a)
	}
	j.one(j.a, "action = 'APP_INSTALLED'")
	j.one(j.a, "action = 'STAFF_FIRST_SEEN'")
	product := j.createProduct(shopA, "Gamay")
	j.settled()
	j.one(j.a, "action = 'WEBHOOK_RECEIVED' AND entity_id = ?", product)

	j.data(shopA, `{ shop { domain plan me { type name } } }`, nil, &got)
	j.one(j.a, "action = 'STAFF_FIRST_SEEN'")
}

func (j *journey) shop(domain string) *models.Shop {
	j.Helper()
	shop, err := j.app.Shops.ByDomain(j.Context(), domain)
	j.must(err)
	return shop
}

func TestAnAppThatWasTakenOffCanComeBack(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	rule := j.rule(j.a, models.RuleDefinition{Name: "Any", Resource: models.Product, Enabled: true,
		When: when("title", models.IsNotEmpty), AddTags: []string{"seen"}})
	j.must(j.sim.Uninstall(shopA))
	j.waitFor("the app is uninstalled", func() bool { return j.shop(shopA).UninstalledAt != nil })
	j.settled()
	gone := j.shop(shopA)
	if gone.AccessToken != nil || gone.RefreshToken != nil || gone.WebhooksAt != nil {
		t.Errorf("tokens are left: %+v", gone)
	}
	j.one(j.a, "action = 'APP_UNINSTALLED'")

	j.data(shopA, `{ shop { domain } }`, nil, &struct{}{})
	back := j.shop(shopA)
	if back.ID != j.a.ID || back.UninstalledAt != nil || back.AccessToken == nil || back.WebhooksAt == nil {
		t.Errorf("back again: %+v", back)
	}
	product := j.createProduct(shopA, "Gamay")
	j.settled()
	j.wantTags(shopA, product, "seen")
	if kept, err := j.app.Rules.Get(t.Context(), j.a.ID, rule.ID); err != nil || kept.Name != "Any" {
		t.Errorf("the rule of before: %+v, %v", kept, err)
	}
}

func TestATokenThatEndsMeanwhileIsReplacedOnce(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Any", Resource: models.Product, Enabled: true,
		When: when("title", models.IsNotEmpty), AddTags: []string{"seen"}})
	j.settled()
	j.sim.ExpireTokens(shopA)
	var products []string
	for range 10 {
		products = append(products, j.createProduct(shopA, "Gamay"))
	}
	j.settled()
	for _, product := range products {
		j.wantTags(shopA, product, "seen")
	}
	if n := j.refreshes(); n != 1 {
		t.Errorf("the token was replaced %d times, want once for all who needed it", n)
	}
	for _, e := range j.entries(j.a, "action = 'WEBHOOK_RECEIVED'") {
		if e.Status != models.Success || e.Attempts != 1 {
			t.Errorf("%s: %s after %d tries: %v", e.Summary, e.Status, e.Attempts, e.ErrorMessage)
		}
	}
}

func (j *journey) refreshes() int {
	n := 0
	for _, e := range j.sim.Log() {
		if e.Kind == "token" && strings.Contains(e.Grant, "refresh") {
			n++
		}
	}
	return n
}

func TestManyWhoNeedANewTokenAtOnceGetTheSame(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true})
	soon := models.Now().Add(time.Minute)
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Update("token_expires_at", soon).Error)
	var all sync.WaitGroup
	errs := make(chan error, 20)
	for range 20 {
		all.Go(func() {
			_, _, err := j.app.Shops.Client(j.a).Shop(j.Context())
			for shopify.KindOf(err) == shopify.Throttled {
				// Told to wait for the one who replaces it.
				_, _, err = j.app.Shops.Client(j.a).Shop(j.Context())
			}
			errs <- err
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Errorf("a call failed: %v", err)
		}
	}
	if n := j.refreshes(); n != 1 {
		t.Errorf("the token was replaced %d times", n)
	}
}
