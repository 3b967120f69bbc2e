package shopify_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// store is a simulated Shopify with our app in it.
type store struct {
	*simulator.Simulator
	app    *shopify.App
	client *shopify.Client
	token  shopify.TokenSource

	mu         sync.Mutex
	deliveries []shopify.Delivery
}

func simulate(t *testing.T, o simulator.Options) *store {
	t.Helper()
	o.ClientID, o.ClientSecret = "client", secret
	o.Products, o.Customers, o.Orders = 30, 20, 40
	o.IndexLag = -1
	s := &store{Simulator: simulator.New(o)}
	t.Cleanup(s.Close)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.app = &shopify.App{ClientID: "client", Secret: secret, BaseURL: server.URL + "/{shop}"}
	ours := httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(ours.Close)
	s.SetAppURL(ours.URL)
	s.token = s.tokens(t)
	s.client = s.app.Client(shop, s.token)
	return s
}

// tokens installs the app when a token is first asked for, and refreshes the one that is refused.
func (s *store) tokens(t *testing.T) shopify.TokenSource {
	var mu sync.Mutex
	var have shopify.Token
	return func(ctx context.Context, refused string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		var err error
		switch {
		case have.AccessToken == "":
			have, err = s.app.ExchangeOffline(ctx, shop, s.session(t))
		case refused == have.AccessToken:
			have, err = s.app.Refresh(ctx, shop, have.RefreshToken)
		}
		return have.AccessToken, err
	}
}

func (s *store) session(t *testing.T) string {
	t.Helper()
	token, err := s.SessionToken(shop, "")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *store) receive(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d, err := s.app.VerifyWebhook(r.Header, raw)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveries = append(s.deliveries, d)
}

// one returns some record of the type.
func (s *store) one(t *testing.T, typ string) shopify.TagOwner {
	t.Helper()
	page, _, err := s.client.Search(t.Context(), shopify.SearchInput{Type: typ, First: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Owners) != 1 || page.Owners[0].Title == "" || page.Owners[0].Type != typ {
		t.Fatalf("%s: got %+v", typ, page.Owners)
	}
	return page.Owners[0]
}

func TestAppIsInstalledWithTheSessionTokenOfWhoOpensIt(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	session, err := s.app.VerifySession(s.session(t))
	if err != nil {
		t.Fatal(err)
	}
	if session.Shop != shop || session.UserID == "" {
		t.Errorf("session %+v", session)
	}
	offline, err := s.app.ExchangeOffline(t.Context(), shop, s.session(t))
	if err != nil || offline.RefreshToken == "" || offline.ExpiresAt.Before(time.Now()) || offline.RefreshExpiresAt.Before(offline.ExpiresAt) {
		t.Fatalf("expires %s and %s, %v", offline.ExpiresAt, offline.RefreshExpiresAt, err)
	}
	_, user, err := s.app.ExchangeOnline(t.Context(), shop, s.session(t))
	if err != nil || user.ID != session.UserID || user.Name == "" || user.Email == "" {
		t.Errorf("user %+v, %v", user, err)
	}
	next, err := s.app.Refresh(t.Context(), shop, offline.RefreshToken)
	if err != nil || next.AccessToken == offline.AccessToken || next.RefreshToken == offline.RefreshToken {
		t.Errorf("refresh: %v", err)
	}
	if _, err := s.app.ExchangeOffline(t.Context(), shop, "not.a.token"); shopify.KindOf(err) != shopify.Unauthorized {
		t.Errorf("got %v", err)
	}
}

func TestTagsOfEveryOwnerAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	for _, typ := range []string{"Product", "Order", "Customer"} {
		before := s.one(t, typ)
		after, cost, err := s.client.TagsAdd(t.Context(), before.ID, []string{"Trail  Blazer", "second"})
		if err != nil || cost.Requested < 10 {
			t.Fatalf("%s: cost %+v, %v", typ, cost, err)
		}
		if len(after.Tags) != len(before.Tags)+2 || after.Type != typ || after.Title != before.Title {
			t.Errorf("%s: %+v became %+v", typ, before, after)
		}
		read, _, err := s.client.Tags(t.Context(), before.ID)
		if err != nil || !slices.Equal(read.Tags, after.Tags) || !slices.Equal(read.Tags, s.Tags(shop, before.ID)) {
			t.Errorf("%s: read %+v, %v", typ, read, err)
		}
		back, _, err := s.client.TagsRemove(t.Context(), before.ID, []string{"Trail  Blazer", "second"})
		if err != nil || !slices.Equal(back.Tags, before.Tags) {
			t.Errorf("%s: %v became %v, %v", typ, before.Tags, back.Tags, err)
		}
	}
}

// TestOnlyOrdersRemoveTagsByTheirExactSpelling holds what was recorded from Shopify, and what TagsRemove warns of.
func TestOnlyOrdersRemoveTagsByTheirExactSpelling(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	for typ, stays := range map[string]bool{"Product": false, "Order": true, "Customer": false} {
		owner := s.one(t, typ)
		if _, _, err := s.client.TagsAdd(t.Context(), owner.ID, []string{"Red"}); err != nil {
			t.Fatal(err)
		}
		after, _, err := s.client.TagsRemove(t.Context(), owner.ID, []string{"red"})
		if err != nil || slices.Contains(after.Tags, "Red") != stays {
			t.Errorf("%s: got %v, %v", typ, after.Tags, err)
		}
	}
}

func TestChangeOfAMissingRecordIsGone(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	for _, typ := range []string{"Product", "Order", "Customer"} {
		id := "gid://shopify/" + typ + "/999999999999999"
		_, _, add := s.client.TagsAdd(t.Context(), id, []string{"VIP"})
		_, _, remove := s.client.TagsRemove(t.Context(), id, []string{"VIP"})
		_, _, read := s.client.Tags(t.Context(), id)
		for _, err := range []error{add, remove, read} {
			if shopify.KindOf(err) != shopify.Gone {
				t.Errorf("%s: got %v", typ, err)
			}
		}
	}
	if _, _, err := s.client.TagsAdd(t.Context(), "gid://shopify/Shop/1", []string{"VIP"}); shopify.KindOf(err) != shopify.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestOrderTagThatIsTooLongIsAUserError(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	order := s.one(t, "Order")
	_, _, err := s.client.TagsAdd(t.Context(), order.ID, []string{"this tag is longer than the forty letters allowed"})
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok || e.Kind != shopify.UserError || e.Message == "" || e.Temporary() {
		t.Errorf("got %v", err)
	}
}

func TestFactsOfOrdersAndCustomersAreRead(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	order, _, err := s.client.Order(t.Context(), s.one(t, "Order").ID)
	if err != nil || order.Name == "" || order.RiskLevel == "" || order.Customer == nil {
		t.Fatalf("got %+v, %v", order, err)
	}
	customer, _, err := s.client.Customer(t.Context(), order.Customer.ID)
	if err != nil {
		t.Fatal(err)
	}
	if customer.NumberOfOrders < 1 || customer.AmountSpent == "" || customer.Currency == "" || customer.LastOrderAt == nil || customer.Email == "" {
		t.Errorf("got %+v", customer)
	}
	if customer.NumberOfOrders != order.Customer.NumberOfOrders {
		t.Errorf("%d orders by customer, %d by order", customer.NumberOfOrders, order.Customer.NumberOfOrders)
	}
}

func TestShopTellsItsPlanAndScopes(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	info, _, err := s.client.Shop(t.Context())
	if err != nil || info.Domain != shop || info.Name == "" || len(info.Subscriptions) != 1 || len(info.Scopes) == 0 {
		t.Errorf("got %+v, %v", info, err)
	}
	if _, err := time.LoadLocation(info.Timezone); err != nil {
		t.Error(err)
	}
}

func TestSearchPagesThroughEverythingOnce(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	seen := map[string]bool{}
	in := shopify.SearchInput{Type: "Product", First: 7, SortKey: "ID"}
	for more := true; more; {
		page, _, err := s.client.Search(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Owners {
			if seen[o.ID] {
				t.Errorf("%s twice", o.ID)
			}
			seen[o.ID] = true
		}
		in.After, more = page.EndCursor, page.HasNext
	}
	if len(seen) != 30 {
		t.Errorf("found %d of 30", len(seen))
	}
}

func TestSearchFindsWhatIsTagged(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	order := s.one(t, "Order")
	if _, _, err := s.client.TagsAdd(t.Context(), order.ID, []string{"found me"}); err != nil {
		t.Fatal(err)
	}
	page, _, err := s.client.Search(t.Context(), shopify.SearchInput{Type: "Order", Query: `tag:"found me"`, First: 10})
	if err != nil || len(page.Owners) != 1 || page.Owners[0].ID != order.ID {
		t.Errorf("got %+v, %v", page, err)
	}
	_, _, err = s.client.Search(t.Context(), shopify.SearchInput{Type: "Order", Query: "colour:red", First: 10})
	if e, ok := errors.AsType[*shopify.Error](err); !ok || e.Kind != shopify.SearchWarning || !slices.Contains(e.Field, "colour") {
		t.Errorf("got %v", err)
	}
}

func TestWebhooksAreSubscribedToOnceAndArriveSigned(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	ours := httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(ours.Close)
	topics := []string{"products/update", "customer.tags_added", "app/uninstalled"}
	count := func(field string) (n int) {
		for _, e := range s.Log() {
			if slices.Contains(e.Fields, field) {
				n++
			}
		}
		return n
	}
	ensure := func(uri string, created, updated int) {
		t.Helper()
		if err := s.client.EnsureWebhooks(t.Context(), uri, topics); err != nil {
			t.Fatal(err)
		}
		if c, u := count("webhookSubscriptionCreate"), count("webhookSubscriptionUpdate"); c != created || u != updated {
			t.Errorf("%s: %d made and %d changed in all, want %d and %d", uri, c, u, created, updated)
		}
	}
	ensure("https://old.example/webhooks", 3, 0)
	ensure("https://old.example/webhooks", 3, 0)
	ensure(ours.URL, 3, 3)
	ensure(ours.URL, 3, 3)
	topics = append(topics, "orders/create", "orders/create")
	ensure(ours.URL, 4, 3)

	customer := s.one(t, "Customer")
	if _, _, err := s.client.TagsAdd(t.Context(), customer.ID, []string{"greeted"}); err != nil {
		t.Fatal(err)
	}
	if err := s.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.deliveries, func(d shopify.Delivery) bool {
		return d.Topic == "customer.tags_added" && d.Shop == shop && d.WebhookID != "" && !d.TriggeredAt.IsZero()
	}) {
		t.Errorf("got %+v", s.deliveries)
	}
}

func TestExpiredTokenIsRefreshedOnTheWay(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	product := s.one(t, "Product")
	s.ExpireTokens(shop)
	if _, _, err := s.client.TagsAdd(t.Context(), product.ID, []string{"still here"}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(s.Tags(shop, product.ID), "still here") {
		t.Error("the tag is not there")
	}
}

func TestAppThatWasUninstalledIsUnauthorized(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	s.one(t, "Product")
	if err := s.Uninstall(shop); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.client.Shop(t.Context()); shopify.KindOf(err) != shopify.Unauthorized {
		t.Errorf("got %v", err)
	}
}

func TestMishapsHaveTheirKind(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	product := s.one(t, "Product")
	for fault, want := range map[string]shopify.Kind{
		"throttle":    shopify.Throttled,
		"5xx":         shopify.Unavailable,
		"lost_answer": shopify.Unavailable,
		"user_error":  shopify.UserError,
		"frozen":      shopify.Frozen,
	} {
		s.ClearFaults()
		if err := s.SetFaults(simulator.Fault{Name: fault, Operation: "tagsAdd"}); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.client.TagsAdd(t.Context(), product.ID, []string{"x"})
		e, ok := errors.AsType[*shopify.Error](err)
		if !ok || e.Kind != want || e.Waits() != (fault == "throttle") || e.Waits() == e.RetryAt.IsZero() {
			t.Errorf("%s: got %v", fault, err)
		}
	}
	s.ClearFaults()
	if err := s.SetFaults(simulator.Fault{Name: "timeout", Operation: "tagsAdd"}); err != nil {
		t.Fatal(err)
	}
	hasty := *s.app
	hasty.HTTP = &http.Client{Timeout: 50 * time.Millisecond}
	_, _, err := hasty.Client(shop, s.token).TagsAdd(t.Context(), product.ID, []string{"x"})
	if shopify.KindOf(err) != shopify.Unavailable {
		t.Errorf("timeout: got %v", err)
	}
}

// TestBudgetKeepsManyWorkersUnderShopifysLimit has more work than the bucket holds, done by two processes at once.
func TestBudgetKeepsManyWorkersUnderShopifysLimit(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{Bucket: 200, Restore: 10})
	product := s.one(t, "Product")
	budgets := processes(t, nil, 2)
	var refusedByShopify, refusedByUs, done int
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i := range 8 {
		app := *s.app
		app.Budget = budgets[i%2]
		client := app.Client(shop, s.token)
		wait.Go(func() {
			for range 10 {
				_, _, err := client.TagsAdd(t.Context(), product.ID, []string{"busy"})
				e, _ := errors.AsType[*shopify.Error](err)
				mu.Lock()
				switch {
				case err == nil:
					done++
				case e != nil && e.Waits() && e.Status == 0:
					refusedByUs++
				case e != nil && e.Waits():
					refusedByShopify++
				default:
					t.Errorf("got %v", err)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	// The first calls cannot know how small this bucket is; the eight that may be under way then are the most that
	// Shopify ever has to refuse.
	if refusedByShopify > 8 || done < 10 || refusedByUs == 0 {
		t.Errorf("%d done, %d refused by us, %d by Shopify", done, refusedByUs, refusedByShopify)
	}
}
