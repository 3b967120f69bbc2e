package shopify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tagtrail/tagtrail/shopify"
)

const product = "gid://shopify/Product/1"

func ask(t *testing.T, w *wire) *shopify.Error {
	t.Helper()
	_, _, err := w.client().Tags(t.Context(), product)
	var e *shopify.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if e.Shop != shop || e.Operation != "Tags" {
		t.Errorf("error is of %q at %q", e.Operation, e.Shop)
	}
	return e
}

func TestRecordedErrorsAreSorted(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/observed-toplevel-errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded map[string]struct{ Response json.RawMessage }
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded) < 20 {
		t.Fatalf("only %d recorded answers", len(recorded))
	}
	special := map[string]shopify.Kind{
		"ACCESS_DENIED":         shopify.AccessDenied,
		"INTERNAL_SERVER_ERROR": shopify.Unavailable,
	}
	for code, answer := range recorded {
		want, ok := special[code]
		if !ok {
			want = shopify.Invalid
		}
		e := ask(t, serve(t, always(200, string(answer.Response))))
		// An answer may hold several errors; the first of those that rank alike is taken.
		if e.Kind != want || (e.Code != code && code != "variableNotUsed") || e.Message == "" || e.Temporary() != (want == shopify.Unavailable) {
			t.Errorf("%s: got %v", code, e)
		}
		if code == "INTERNAL_SERVER_ERROR" && e.RequestID != "65a6c3a3-4cbf-4f3f-9eef-e2a95594ad00-1782085581" {
			t.Errorf("%s: request id %q", code, e.RequestID)
		}
	}
}

func TestThrottleSaysWhenThereWillBeEnough(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		cost string
		want time.Duration
	}{
		"deficit": {`{"requestedQueryCost":252,"actualQueryCost":null,"throttleStatus":
			{"maximumAvailable":2000,"currentlyAvailable":2,"restoreRate":100}}`, 2500 * time.Millisecond},
		"no deficit": {`{"requestedQueryCost":1,"throttleStatus":{"currentlyAvailable":5,"restoreRate":100}}`, time.Second},
		"no cost":    {`null`, time.Second},
	} {
		e := ask(t, serve(t, always(200, `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],
			"extensions":{"cost":`+try.cost+`}}`)))
		if !e.Waits() || !e.RetryAt.Equal(noon.Add(try.want)) {
			t.Errorf("%s: %v, retry at %s", name, e, e.RetryAt)
		}
	}
}

func TestStatusesAreSorted(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]shopify.Kind{
		302: shopify.Protocol,
		400: shopify.Invalid,
		401: shopify.Unauthorized,
		402: shopify.Frozen,
		403: shopify.Forbidden,
		404: shopify.NotFound,
		423: shopify.Locked,
		429: shopify.Throttled,
		430: shopify.Forbidden,
		500: shopify.Unavailable,
		502: shopify.Unavailable,
		503: shopify.Unavailable,
		504: shopify.Unavailable,
		530: shopify.Unavailable,
		540: shopify.Unavailable,
	} {
		e := ask(t, serve(t, func(_ int, _ call, w http.ResponseWriter) {
			w.Header().Set("X-Request-Id", "r-1")
			w.Header().Set("Retry-After", "2.5")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, `{"errors":"Not for riley@example.com or shpat_0123"}`)
		}))
		if e.Kind != want || e.Status != status || e.RequestID != "r-1" {
			t.Errorf("%d: got %v", status, e)
		}
		if e.Temporary() != e.RetryAt.Equal(noon.Add(2500*time.Millisecond)) {
			t.Errorf("%d: retry at %s", status, e.RetryAt)
		}
		if s := e.Error(); strings.Contains(s, "riley") || strings.Contains(s, "shpat") || !strings.Contains(s, "Not for [hidden] or [hidden]") {
			t.Errorf("%d: says %s", status, s)
		}
	}
}

func TestErrorsOfEveryShapeAreRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]shopify.Kind{
		`{"errors":"Shop is not available"}`:                                     shopify.Invalid,
		`{"errors":{"query":"Required parameter missing or invalid"}}`:           shopify.Invalid,
		`{"errors":[{"message":"Throttled"}]}`:                                   shopify.Throttled,
		`{"errors":[{"message":"x","extensions":{"code":"SHOP_INACTIVE"}}]}`:     shopify.Frozen,
		`{"errors":[{"message":"x","extensions":{"code":"MAX_COST_EXCEEDED"}}]}`: shopify.Invalid,
		`{"data":null}`:                      shopify.Protocol,
		`{}`:                                 shopify.Protocol,
		`[]`:                                 shopify.Protocol,
		`<html>maintenance</html>`:           shopify.Protocol,
		`{"data":{"node":{"id":17}}}`:        shopify.Protocol,
		`{"data":{"node":{"id":"gid`:         shopify.Protocol,
		`{"data":{"node":null},"errors":[]}`: shopify.Gone,
		`{"data":{"node":{"__typename":"Article","id":"gid://shopify/Article/1"}}}`:                                              shopify.Invalid,
		`{"errors":[{"message":"a","extensions":{"code":"ACCESS_DENIED"}},{"message":"b","extensions":{"code":"THROTTLED"}}]}`:   shopify.Throttled,
		`{"errors":[{"message":"a","extensions":{"code":"ACCESS_DENIED"}},{"message":"b","extensions":{"code":"BAD_REQUEST"}}]}`: shopify.Invalid,
	} {
		if e := ask(t, serve(t, always(200, body))); e.Kind != want {
			t.Errorf("%s: got %v, want %s", body, e, want)
		}
	}
}

func TestDataBesideAnErrorIsNotTheAnswer(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{"data":{"node":{"__typename":"Product","id":"gid://shopify/Product/1","title":"Rioja",
		"tags":[],"updatedAt":"2026-11-21T12:00:00Z"}},"errors":[{"message":"Access denied for tags field.",
		"path":["node","tags"],"extensions":{"code":"ACCESS_DENIED"}}]}`))
	owner, _, err := w.client().Tags(t.Context(), product)
	if shopify.KindOf(err) != shopify.AccessDenied || owner.ID != "" {
		t.Errorf("got %+v, %v", owner, err)
	}
}

func TestAnswerOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	e := ask(t, serve(t, func(_ int, _ call, w http.ResponseWriter) {
		w.Header().Set("X-Shopify-API-Version", "2027-01")
		_, _ = fmt.Fprint(w, `{"data":{"node":null}}`)
	}))
	if e.Kind != shopify.Version || !strings.Contains(e.Message, "2027-01") {
		t.Errorf("got %v", e)
	}
}

func TestSearchWithAnIgnoredTermIsAnError(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{"data":{"products":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}},
		"extensions":{"search":[{"path":["products"],"query":"colour:red","parsed":{"field":"colour","match_all":"red"},
		"warnings":[{"field":"colour","message":"Invalid search field for this query.","code":"invalid_field"}]}]}}`))
	_, _, err := w.client().Search(t.Context(), shopify.SearchInput{Type: "Product", Query: "colour:red", First: 10})
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok || e.Kind != shopify.SearchWarning || !cmp.Equal(e.Field, []string{"colour"}) || e.Code != "invalid_field" {
		t.Errorf("got %v", err)
	}
}

func TestUnansweredCallIsTemporary(t *testing.T) {
	t.Parallel()
	w := serve(t, func(int, call, http.ResponseWriter) { panic(http.ErrAbortHandler) })
	if e := ask(t, w); !e.Temporary() || e.Waits() || e.Unwrap() == nil {
		t.Errorf("got %v", e)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := w.client().Shop(stopped); shopify.KindOf(err) != shopify.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAnswerWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	e := ask(t, serve(t, func(_ int, _ call, w http.ResponseWriter) {
		block := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	if e.Kind != shopify.Protocol {
		t.Errorf("got %v", e)
	}
}

func TestTokenDoesNotFollowARedirect(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the call was repeated elsewhere")
	}))
	t.Cleanup(elsewhere.Close)
	e := ask(t, serve(t, func(_ int, _ call, w http.ResponseWriter) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	if e.Kind != shopify.Protocol {
		t.Errorf("got %v", e)
	}
}

func TestCallCarriesTokenAndName(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{"data":{"node":null}}`))
	w.app.Version = "1.2.3"
	ask(t, w)
	c := w.all()[0]
	if want := "/" + shop + "/admin/api/2026-10/graphql.json"; c.path != want {
		t.Errorf("asked %s, want %s", c.path, want)
	}
	if c.header.Get("X-Shopify-Access-Token") != "shpat_one" || c.header.Get("User-Agent") != "Tagtrail/1.2.3" {
		t.Errorf("headers %v", c.header)
	}
	if diff := cmp.Diff(map[string]any{"id": product}, c.body["variables"]); diff != "" {
		t.Error(diff)
	}
}

func TestUserErrorsNameFieldAndReason(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]shopify.Error{
		`{"field":["tags"],"message":"Product tags is invalid"}`:        {Kind: shopify.UserError, Field: []string{"tags"}, Message: "Product tags is invalid"},
		`{"field":["tags"],"message":"A"},{"field":null,"message":"B"}`: {Kind: shopify.UserError, Field: []string{"tags"}, Message: "A; B"},
		`{"field":["id"],"message":"Product does not exist"}`:           {Kind: shopify.Gone, Field: []string{"id"}, Message: "Product does not exist"},
	} {
		for _, name := range []string{"tagsAdd", "tagsRemove"} {
			w := serve(t, always(200, `{"data":{"`+name+`":{"node":null,"userErrors":[`+body+`]}}}`))
			change := w.client().TagsAdd
			if name == "tagsRemove" {
				change = w.client().TagsRemove
			}
			_, _, err := change(t.Context(), product, []string{"VIP"})
			e, ok := errors.AsType[*shopify.Error](err)
			if !ok || e.Kind != want.Kind || e.Message != want.Message || !cmp.Equal(e.Field, want.Field) {
				t.Errorf("%s: got %v", body, err)
			}
		}
	}
}

func TestNoTagsAreNotSent(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{}`))
	_, _, err := w.client().TagsAdd(t.Context(), product, nil)
	_, _, err2 := w.client().TagsRemove(t.Context(), product, []string{})
	if shopify.KindOf(err) != shopify.Invalid || shopify.KindOf(err2) != shopify.Invalid || len(w.all()) != 0 {
		t.Errorf("got %v and %v, %d calls", err, err2, len(w.all()))
	}
}

const customerAnswer = `{"id":"gid://shopify/Customer/7","displayName":"Ada L","firstName":"Ada","lastName":null,
	"verifiedEmail":true,"state":"ENABLED","tags":["VIP"],"numberOfOrders":"9007199254740993","createdAt":
	"2024-01-02T03:04:05+02:00","updatedAt":"2026-11-21T11:00:00Z","amountSpent":{"amount":"1234.50","currencyCode":"EUR"},
	"lastOrder":{"id":"gid://shopify/Order/9","createdAt":"2026-11-20T10:00:00Z"},"defaultEmailAddress":%s,
	"defaultAddress":{"city":"Graz","province":null,"provinceCode":null,"country":"Austria","countryCodeV2":"AT","zip":"8010"}}`

func TestCustomerFactsAreWhatWebhooksLack(t *testing.T) {
	t.Parallel()
	email := `{"emailAddress":"ada@example.com","marketingState":"SUBSCRIBED"}`
	w := serve(t, always(200, `{"data":{"customer":`+fmt.Sprintf(customerAnswer, email)+`}}`))
	got, _, err := w.client().Customer(t.Context(), "gid://shopify/Customer/7")
	if err != nil {
		t.Fatal(err)
	}
	last := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	want := shopify.CustomerFacts{
		ID:             "gid://shopify/Customer/7",
		DisplayName:    "Ada L",
		FirstName:      "Ada",
		Email:          "ada@example.com",
		VerifiedEmail:  true,
		EmailMarketing: "SUBSCRIBED",
		State:          "ENABLED",
		Tags:           []string{"VIP"},
		AmountSpent:    "1234.50",
		Currency:       "EUR",
		NumberOfOrders: 9007199254740993,
		LastOrderID:    "gid://shopify/Order/9",
		LastOrderAt:    &last,
		City:           "Graz",
		Country:        "Austria",
		CountryCode:    "AT",
		Zip:            "8010",
		CreatedAt:      time.Date(2024, 1, 2, 1, 4, 5, 0, time.UTC),
		UpdatedAt:      time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !got.AcceptsMarketing() {
		t.Error("a subscribed customer accepts marketing")
	}
}

func TestDeniedFieldsComeWithTheRestAndTheError(t *testing.T) {
	t.Parallel()
	denied := `"errors":[{"message":"This app is not approved to access the field.","path":["customer","defaultEmailAddress"],
		"extensions":{"code":"ACCESS_DENIED"}}]`
	customer := fmt.Sprintf(customerAnswer, "null")
	w := serve(t, always(200, `{"data":{"customer":`+customer+`},`+denied+`}`))
	got, _, err := w.client().Customer(t.Context(), "gid://shopify/Customer/7")
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok || e.Kind != shopify.AccessDenied || !cmp.Equal(e.Field, []string{"customer", "defaultEmailAddress"}) {
		t.Fatalf("got %v", err)
	}
	if got.Tags[0] != "VIP" || got.Email != "" {
		t.Errorf("got %+v", got)
	}
	w = serve(t, always(200, `{"data":{"customer":null},`+denied+`}`))
	if got, _, err := w.client().Customer(t.Context(), "gid://shopify/Customer/7"); shopify.KindOf(err) != shopify.AccessDenied || got.ID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOrderTakesItsHighestRisk(t *testing.T) {
	t.Parallel()
	for levels, want := range map[string]string{
		``:                        "NONE",
		`{"riskLevel":"PENDING"}`: "PENDING",
		`{"riskLevel":"LOW"},{"riskLevel":"HIGH"},{"riskLevel":"MEDIUM"}`:  "HIGH",
		`{"riskLevel":"NONE"},{"riskLevel":"LOW"},{"riskLevel":"PENDING"}`: "LOW",
	} {
		w := serve(t, always(200, `{"data":{"order":{"id":"gid://shopify/Order/1","name":"#1001","tags":[],
			"createdAt":"2026-11-21T11:00:00Z","updatedAt":"2026-11-21T11:00:00Z","customer":null,
			"risk":{"recommendation":"ACCEPT","assessments":[`+levels+`]}}}}`))
		got, _, err := w.client().Order(t.Context(), "gid://shopify/Order/1")
		if err != nil || got.RiskLevel != want || got.Customer != nil || got.Name != "#1001" {
			t.Errorf("%s: got %+v, %v", levels, got, err)
		}
	}
}

func TestMissingRecordIsGone(t *testing.T) {
	t.Parallel()
	w := serve(t, always(200, `{"data":{"customer":null,"order":null,"node":null}}`))
	c := w.client()
	_, _, customer := c.Customer(t.Context(), "gid://shopify/Customer/7")
	_, _, order := c.Order(t.Context(), "gid://shopify/Order/7")
	_, _, tags := c.Tags(t.Context(), product)
	for _, err := range []error{customer, order, tags} {
		if shopify.KindOf(err) != shopify.Gone {
			t.Errorf("got %v", err)
		}
	}
}
