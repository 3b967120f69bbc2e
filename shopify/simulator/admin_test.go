package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAMistakeInADocumentIsAnsweredInShopifysWords(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	for _, c := range []struct{ query, code, message string }{
		{"mutation WebPixelStatus { webPixelCreate(webPixel: {settings: \"{}\"}) { webPixel { status } } }", "undefinedField", "Field 'status' doesn't exist on type 'WebPixel'"},
		{"query { product { id } }", "missingRequiredArguments", "Field 'product' is missing required arguments: id"},
		{"query { product(id: null) { id } }", "argumentLiteralsIncompatible", "Argument 'id' on Field 'product' has an invalid value (null). Expected type 'ID!'."},
		{"query($id: ID!) { product(id: $id) { id } }", "INVALID_VARIABLE", "Variable $id of type ID! was provided invalid value"},
		{"query Q { shop }", "selectionMismatch", "Field must have selections (field 'shop' returns Shop but has no selections. Did you mean 'shop { ... }'?)"},
		{"query Q($a: Int) { shop { id } }", "variableNotUsed", "Variable $a is declared by Q but not used"},
		{"query Q { shop { id ... on ShippingPackage { id } } }", "undefinedType", "No such type ShippingPackage, so it can't be a fragment condition"},
		{"query Q { shop { id @idempotents } }", "undefinedDirective", "Directive @idempotents is not defined"},
		{"mutation M { orderUpdate(input: {note: \"x\"}) { order { id } } }", "missingRequiredInputObjectAttribute", "Argument 'id' on InputObject 'OrderInput' is required. Expected type ID!"},
		{"mutation M { orderUpdate(input: {id: \"gid://shopify/Order/1\", tag: \"x\"}) { order { id } } }", "argumentNotAccepted", "InputObject 'OrderInput' doesn't accept argument 'tag'"},
		{"mutation M { tagsAdd(id: \"gid://shopify/Product/1\", tags: [\"a\"]", "PARSE_ERROR", ""},
		{"query($i: String!) { product(id: $i) { id } }", "variableMismatch", "Type mismatch on variable $i and argument id (String! / ID!)"},
		{"{ products { nodes { id } } }", "BAD_REQUEST", "you must provide one of first or last"},
		{"{ products(first: 1) { nodes { metafields(first: 1) { nodes { id } } } } }", "SIMULATOR_UNSUPPORTED", "The simulator does not support the field 'metafields' on type 'Product' yet"},
	} {
		a := l.gql(c.query, nil)
		if a.status != 200 || a.code() != c.code || c.message != "" && a.message() != c.message {
			t.Errorf("%s\n got %d %s: %s\nwant %s: %s", c.query, a.status, a.code(), a.message(), c.code, c.message)
		}
	}
}

func TestAnInvalidVariableListsItsProblems(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	a := l.gql("mutation($in: CustomerInput!) { customerCreate(input: $in) { customer { id } } }", map[string]any{
		"in": map[string]any{"email": 5, "nickname": "x"},
	})
	want := "Variable $in of type CustomerInput! was provided invalid value for email (Could not coerce value 5 to String), nickname (Field is not defined on CustomerInput)"
	if a.message() != want {
		t.Errorf("got  %s\nwant %s", a.message(), want)
	}
	a = l.gql("query($id: ID!) { product(id: $id) { id } }", map[string]any{"id": "123"})
	if got := dig(a.Errors, 0, "extensions", "problems", 0, "explanation"); got != "Invalid global id '123'" {
		t.Errorf("a plain number as id: %v", got)
	}
}

func TestCostsFollowTheRecordedOnes(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 3})
	for query, want := range map[string]float64{
		"{ shop { id name } }": 1,
		"{ customers(first: 1, query: \"email:a@b.example\") { nodes { id } } }":      3,
		"{ products(first: 1) { nodes { id title status } } }":                        3,
		"{ products(first: 10) { nodes { id } pageInfo { hasNextPage endCursor } } }": 6,
		"{ products(first: 10) { nodes { id seo { title } } } }":                      10,
		"{ shop { id plan { publicDisplayName } } productsCount { count } }":          3,
	} {
		if got := l.gql(query, nil).Extensions.Cost.RequestedQueryCost; got != want {
			t.Errorf("%s costs %v, want %v", query, got, want)
		}
	}
}

func TestAnEmptyBucketThrottlesAndRefills(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Bucket: 25, Restore: 0.000001})
	l.place("gid://shopify/Product/7", nil, "Cork")
	vars := map[string]any{"id": "gid://shopify/Product/7", "tags": []string{"a"}}
	for range 2 {
		if a := l.gql(addTags, vars); a.Errors != nil {
			t.Fatal(a.Errors)
		}
	}
	a := l.gql(addTags, vars)
	if a.status != 200 || a.code() != "THROTTLED" || a.Data != nil || a.Extensions.Cost.ActualQueryCost != nil {
		t.Errorf("the third is answered %d %s %v", a.status, a.code(), a.Data)
	}
	if got := a.Extensions.Cost.ThrottleStatus.CurrentlyAvailable; got != 5 {
		t.Errorf("available is %v, want 5", got)
	}
	// Another app has its own bucket.
	if a := l.asApp().gql(addTags, vars); a.Errors != nil {
		t.Errorf("the other app is throttled, too: %v", a.Errors)
	}
	b := newBuckets(100, 10)
	now := time.Now()
	b.take("k", 100, now)
	if _, ok := b.take("k", 50, now.Add(4*time.Second)); ok {
		t.Error("40 points were enough for 50")
	}
	if left, ok := b.take("k", 50, now.Add(5*time.Second)); !ok || left > 1 {
		t.Errorf("after 5 s: %v %v", left, ok)
	}
}

func TestAQueryOverTheMaximumIsRefusedBeforeItRuns(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	a := l.gql("{ products(first: 250) { nodes { variants(first: 250) { nodes { product { variants(first: 250) { nodes { id } } } } } } } }", nil)
	if a.code() != "MAX_COST_EXCEEDED" || a.Data != nil || dig(a.Errors, 0, "extensions", "maxCost") != 1000.0 {
		t.Errorf("answered %v", a.Errors)
	}
}

func TestABadTokenIsUnauthorized(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	other := l.shops[1]
	foreign := l.tokens.issue(other.Domain, false, time.Hour, time.Now()).value
	expired := l.tokens.issue(l.shop.Domain, false, time.Nanosecond, time.Now().Add(-time.Hour)).value
	for _, token := range []string{"", "shpat_nope", foreign, expired} {
		l.token = token
		a := l.gql("{ shop { id } }", nil)
		if a.status != 401 || a.Errors != "[API] Invalid API key or access token (unrecognized login or wrong password)" {
			t.Errorf("token %q: %d %v", token, a.status, a.Errors)
		}
	}
}

func TestAnOtherVersionFallsForwardAndSaysSo(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	a, err := l.send("/"+l.shop.Domain+"/admin/api/2024-01/graphql.json", []byte(`{"query":"{ shop { id } }"}`))
	if err != nil || a.status != 200 || a.header.Get("X-Shopify-API-Version") != "2026-10" {
		t.Errorf("%v %d %q", err, a.status, a.header.Get("X-Shopify-API-Version"))
	}
}

func TestNoShopShowsAnothersRecords(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 2, Customers: 2, Orders: 2})
	theirs := l.shops[1].products.list[0].gid()
	a := l.gql("query($id: ID!) { product(id: $id) { id } node(id: $id) { id } }", map[string]any{"id": theirs})
	if dig(a.Data, "product") != nil || dig(a.Data, "node") != nil {
		t.Errorf("got %v", a.Data)
	}
}

// searchLab is a store of five products with known values.
func searchLab(t *testing.T) *lab {
	l := setup(t, Options{})
	for i, p := range []struct {
		title, vendor, status string
		price                 money
		tags                  []string
	}{
		{"Pinot Noir Reserve", "Aubrac", "ACTIVE", 1900, []string{"red", "Dry"}},
		{"Riesling Kabinett", "Lindhof", "ACTIVE", 1500, []string{"white"}},
		{"Brut Nature", "Verrier", "DRAFT", 4200, []string{"sparkling", "gift box"}},
		{"Syrah: Old Vines", "Aubrac", "ARCHIVED", 2900, []string{"red"}},
		{"Olive Oil", "Sella", "ACTIVE", 990, nil},
	} {
		l.place(gid("Product", int64(i+1)), p.tags, p.title)
		x := l.shop.products.byID[int64(i+1)]
		x.vendor, x.status = p.vendor, p.status
		x.created = time.Date(2026, 1, i+1, 12, 0, 0, 0, time.UTC)
		x.variants = []*variant{{id: 100 + x.id, product: x, title: "Default Title", price: p.price, quantity: i}}
	}
	return l
}

func TestSearchSyntax(t *testing.T) {
	t.Parallel()
	l := searchLab(t)
	for query, want := range map[string]string{
		"":                                       "1 2 3 4 5",
		"tag:red":                                "1 4",
		"tag:RED vendor:aubrac status:active":    "1",
		"tag:red OR tag:white":                   "1 2 4",
		"status:active tag:red OR tag:white":     "1 2",
		"-tag:red":                               "2 3 5",
		"NOT tag:red AND NOT status:draft":       "2 5",
		"tag_not:red":                            "2 3 5",
		"price:>19":                              "3 4",
		"price:>=19 price:<30":                   "1 4",
		"created_at:>2026-01-03":                 "3 4 5",
		"created_at:2026-01-03":                  "3",
		"created_at:<='2026-01-02T12:00:00Z'":    "1 2",
		"title:ries*":                            "2",
		"vines":                                  "4",
		"title:\"old vines\"":                    "4",
		"(vendor:sella OR vendor:lindhof) -id:2": "5",
		"tag:'gift box'":                         "3",
		"tag:*":                                  "1 2 3 4",
		"status:active,draft":                    "1 2 3 5",
		"inventory_total:0":                      "1",
		"id:>=4":                                 "4 5",
		"syrah\\: old":                           "4",
	} {
		a := l.gql("query($q: String) { products(first: 50, query: $q) { nodes { id } } }", map[string]any{"q": query})
		var ids []string
		nodes, _ := dig(a.Data, "products", "nodes").([]any)
		for _, n := range nodes {
			ids = append(ids, strings.TrimPrefix(dig(n, "id").(string), "gid://shopify/Product/"))
		}
		if got := strings.Join(ids, " "); got != want || len(a.Extensions.Search) != 0 {
			t.Errorf("%s\n got %s %v\nwant %s", query, got, a.Extensions.Search, want)
		}
	}
}

func TestAnUnknownSearchFieldFindsEverythingAndWarns(t *testing.T) {
	t.Parallel()
	l := searchLab(t)
	a := l.gql(`{ productsCount(query: "tga:red") { count } products(first: 9, query: "tga:red") { nodes { id } } }`, nil)
	if dig(a.Data, "productsCount", "count") != 5.0 {
		t.Errorf("found %v", a.Data)
	}
	want := []any{map[string]any{"field": "tga", "message": "Invalid search field for this query.", "code": "invalid_field"}}
	if len(a.Extensions.Search) != 2 || !cmp.Equal(a.Extensions.Search[0]["warnings"], any(want)) {
		t.Errorf("extensions.search is %v", a.Extensions.Search)
	}
}

func TestPagesJoinToTheWholeList(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 57})
	for _, order := range []string{"TITLE", "ID", "VENDOR", "CREATED_AT"} {
		for _, reverse := range []bool{false, true} {
			seen := map[any]bool{}
			var after any
			for {
				a := l.gql("query($after: String, $r: Boolean, $k: ProductSortKeys) { products(first: 10, after: $after, reverse: $r, sortKey: $k) { nodes { id } pageInfo { hasNextPage endCursor } } }",
					map[string]any{"after": after, "r": reverse, "k": order})
				nodes, _ := dig(a.Data, "products", "nodes").([]any)
				for _, n := range nodes {
					seen[dig(n, "id")] = true
				}
				after = dig(a.Data, "products", "pageInfo", "endCursor")
				if dig(a.Data, "products", "pageInfo", "hasNextPage") != true {
					break
				}
			}
			if len(seen) != 57 {
				t.Errorf("by %s, reverse %v: %d of 57", order, reverse, len(seen))
			}
		}
	}
}

func TestAnOrderCountsToItsCustomer(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	a := l.gql(`mutation { orderCreate(order: {
		lineItems: [{title: "Cork", quantity: 2, priceSet: {shopMoney: {amount: "10.50", currencyCode: USD}}}],
		shippingLines: [{title: "Standard", priceSet: {shopMoney: {amount: "4", currencyCode: USD}}}],
		discountCode: {itemPercentageDiscountCode: {code: "TEN", percentage: 10}},
		customer: {toUpsert: {email: "ada@example.com", firstName: "Ada"}}, shippingAddress: {city: "Paris", countryCode: FR}, tags: ["b", "A"]
	}) { order { id name tags discountCode totalPriceSet { shopMoney { amount } } shippingAddress { country countryCodeV2 }
		customer { displayName numberOfOrders amountSpent { amount currencyCode } lastOrder { name } } } userErrors { field message } } }`, nil)
	got := dig(a.Data, "orderCreate", "order")
	if got == nil {
		t.Fatal(a.Errors, a.Data)
	}
	delete(got.(map[string]any), "id")
	want := map[string]any{
		"name": "#1001", "tags": []any{"A", "b"}, "discountCode": "TEN",
		"totalPriceSet":   map[string]any{"shopMoney": map[string]any{"amount": "22.9"}},
		"shippingAddress": map[string]any{"country": "France", "countryCodeV2": "FR"},
		"customer": map[string]any{
			"displayName": "Ada", "numberOfOrders": "1", "lastOrder": map[string]any{"name": "#1001"},
			"amountSpent": map[string]any{"amount": "22.9", "currencyCode": "USD"},
		},
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestOrderTagsEndAtFortyCharacters(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	l.place("gid://shopify/Order/9", []any{"a"}, "#9")
	l.place("gid://shopify/Product/9", []any{"a"}, "Cork")
	long := strings.Repeat("x", 41)
	const doc = "mutation($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { userErrors { message } } }"
	a := l.gql(doc, map[string]any{"id": "gid://shopify/Order/9", "t": []string{long}})
	if dig(a.Data, "tagsAdd", "userErrors", 0, "message") != "Title Tag exceeds the maximum length of 40 characters" {
		t.Errorf("order: %v", a.Data)
	}
	if a = l.gql(doc, map[string]any{"id": "gid://shopify/Product/9", "t": []string{long}}); dig(a.Data, "tagsAdd", "userErrors", 0) != nil {
		t.Errorf("product: %v", a.Data)
	}
	if got := l.Tags(l.shop.Domain, "gid://shopify/Order/9"); !cmp.Equal(got, []string{"a"}) {
		t.Errorf("the refused order has tags %v", got)
	}
}

func TestTheSameSeedMakesTheSameStore(t *testing.T) {
	t.Parallel()
	o := Options{Seed: 7, Products: 50, Customers: 50, Orders: 100}
	if diff := cmp.Diff(snapshot(t, o), snapshot(t, o)); diff != "" {
		t.Error(diff)
	}
	o2 := o
	o2.Seed = 8
	if cmp.Equal(snapshot(t, o), snapshot(t, o2)) {
		t.Error("another seed made the same store")
	}
}

func snapshot(t *testing.T, o Options) []string {
	t.Helper()
	s := New(o)
	defer s.Close()
	var out []string
	for _, st := range s.shops {
		for _, p := range st.products.list {
			out = append(out, fmt.Sprint(p.gid(), p.title, p.tags, p.stock()))
		}
		for _, c := range st.customers.list {
			out = append(out, fmt.Sprint(c.gid(), c.email, c.tags, c.spent()))
		}
		for _, x := range st.orders.list {
			out = append(out, fmt.Sprint(x.gid(), x.name, x.total(), x.tags, x.risk, x.customer.id))
		}
	}
	return out
}

func TestTheDefaultStoreIsBuiltQuickly(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	defer s.Close()
	for _, st := range s.shops {
		if len(st.products.list) != 2000 || len(st.customers.list) != 5000 || len(st.orders.list) != 10000 {
			t.Errorf("%s has %d products, %d customers, %d orders", st.Domain, len(st.products.list), len(st.customers.list), len(st.orders.list))
		}
	}
}

func TestFaultsHappenAsOftenAsAsked(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{}).asApp()
	l.place("gid://shopify/Product/7", []any{"a"}, "Cork")
	vars := map[string]any{"id": "gid://shopify/Product/7", "tags": []string{"b"}}
	for _, c := range []struct {
		name   string
		status int
		code   string
	}{{"throttle", 200, "THROTTLED"}, {"5xx", 502, ""}, {"unauthorized", 401, ""}, {"frozen", 402, ""}} {
		must(t, l.SetFaults(Fault{Name: c.name, Times: 1, Operation: "tagsAdd"}))
		if a := l.gql("{ shop { id } }", nil); a.status != 200 || a.Errors != nil {
			t.Errorf("%s hit another operation: %d %v", c.name, a.status, a.Errors)
		}
		if a := l.gql(addTags, vars); a.status != c.status || a.code() != c.code {
			t.Errorf("%s: %d %v", c.name, a.status, a.Errors)
		}
		if got := l.Tags(l.shop.Domain, "gid://shopify/Product/7"); len(got) != 1 {
			t.Errorf("%s wrote %v", c.name, got)
		}
	}
	must(t, l.SetFaults(Fault{Name: "user_error", Times: 1}))
	if a := l.gql(addTags, vars); dig(a.Data, "tagsAdd", "userErrors", 0, "message") == nil {
		t.Errorf("user_error: %v", a.Data)
	}
	if got := l.Tags(l.shop.Domain, "gid://shopify/Product/7"); len(got) != 1 {
		t.Errorf("user_error wrote %v", got)
	}
	must(t, l.SetFaults(Fault{Name: "lost_answer", Times: 1}))
	if _, err := l.try(addTags, vars); err == nil {
		t.Error("lost_answer answered")
	}
	if got := l.Tags(l.shop.Domain, "gid://shopify/Product/7"); len(got) != 2 {
		t.Errorf("lost_answer did not write: %v", got)
	}
	if a := l.gql(addTags, vars); a.Errors != nil {
		t.Errorf("faults did not end: %v", a.Errors)
	}
}

func TestATimeoutHoldsTheAnswerUntilTheClientGivesUp(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{}).asApp()
	must(t, l.SetFaults(Fault{Name: "timeout", Times: 1}))
	client := &http.Client{Timeout: 50 * time.Millisecond}
	req, _ := http.NewRequest(http.MethodPost, l.url+"/"+l.shop.Domain+"/admin/api/2026-10/graphql.json", strings.NewReader(`{"query":"{ shop { id } }"}`))
	req.Header.Set("X-Shopify-Access-Token", l.token)
	if _, err := client.Do(req); err == nil {
		t.Error("it was answered")
	}
}

func TestAnUnknownFaultNamesTheKnownOnes(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	var out map[string]string
	if code := l.control(http.MethodPost, "faults", map[string]any{"name": "gremlin"}, &out); code != 400 || !strings.Contains(out["error"], "webhook_doubled") {
		t.Errorf("%d %v", code, out)
	}
	var list []Fault
	l.control(http.MethodPost, "faults", []map[string]any{{"name": "throttle", "rate": 0.1}, {"name": "5xx"}}, &list)
	if len(list) != 2 || *list[0].Rate != 0.1 {
		t.Errorf("faults are %+v", list)
	}
	if l.control(http.MethodDelete, "faults", nil, &list); len(list) != 0 {
		t.Errorf("after DELETE: %+v", list)
	}
}

func TestARefusedMutationStillHasItsWholePayload(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	a := l.gql(`mutation { productCreate(product: {title: " "}) { product { id } shop { name } userErrors { field message } } }`, nil)
	if a.Errors != nil || dig(a.Data, "productCreate", "userErrors", 0, "message") != "Title can't be blank" || dig(a.Data, "productCreate", "shop", "name") == nil {
		t.Errorf("%v %v", a.Data, a.Errors)
	}
	a = l.gql(`mutation { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER, restock: false) { job { id } orderCancelUserErrors { code message } } }`, nil)
	if dig(a.Data, "orderCancel", "orderCancelUserErrors", 0, "code") != "NOT_FOUND" {
		t.Errorf("%v %v", a.Data, a.Errors)
	}
}

func TestLiveOrdersMoveThroughTheirLife(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	l := setup(t, Options{})
	l.subscribe(map[string]any{"uri": b.URL}, "ORDERS_PAID", "ORDERS_CANCELLED", "ORDERS_UPDATED")
	l.place("gid://shopify/Order/9", nil, "#9")
	l.shop.orders.byID[9].financial = "PENDING"
	const id = `"gid://shopify/Order/9"`
	l.gql("mutation { orderMarkAsPaid(input: {id: "+id+"}) { order { id } } }", nil)
	if a := l.gql("mutation { orderMarkAsPaid(input: {id: "+id+"}) { userErrors { message } } }", nil); dig(a.Data, "orderMarkAsPaid", "userErrors", 0, "message") != "Order cannot be marked as paid." {
		t.Errorf("paid twice: %v", a.Data)
	}
	l.gql("mutation { orderCancel(orderId: "+id+", reason: CUSTOMER, restock: true) { job { id } } }", nil)
	l.idle()
	count := map[string]int{}
	for _, g := range b.all() {
		count[g.topic]++
	}
	if count["orders/paid"] != 1 || count["orders/cancelled"] != 1 || count["orders/updated"] != 2 {
		t.Errorf("topics are %v", count)
	}
}
