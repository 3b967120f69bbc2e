package app

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
)

// createOrder makes an order of that price as another app does, and returns its id.
func (j *journey) createOrder(shop, price string, more map[string]any) string {
	j.Helper()
	order := map[string]any{
		"lineItems": []any{map[string]any{
			"title":    "Riesling Kabinett",
			"quantity": 1,
			"priceSet": map[string]any{"shopMoney": map[string]any{"amount": price, "currencyCode": "CAD"}},
		}},
		"shippingAddress": map[string]any{"city": "Toronto", "countryCode": "CA", "country": "Canada"},
	}
	for name, value := range more {
		order[name] = value
	}
	return j.created(shop, "orderCreate", "order", `mutation($in: OrderCreateOrderInput!) {
		orderCreate(order: $in) { order { id } userErrors { message } } }`, order)
}

func (j *journey) createProduct(shop, title string, tags ...string) string {
	j.Helper()
	return j.created(shop, "productCreate", "product", `mutation($in: ProductCreateInput!) {
		productCreate(product: $in) { product { id } userErrors { message } } }`,
		map[string]any{"title": title, "tags": tags})
}

func (j *journey) createCustomer(shop, name string, tags ...string) string {
	j.Helper()
	return j.created(shop, "customerCreate", "customer", `mutation($in: CustomerInput!) {
		customerCreate(input: $in) { customer { id } userErrors { message } } }`,
		map[string]any{"firstName": name, "lastName": "Of the tests", "tags": tags})
}

func (j *journey) created(shop, field, record, query string, in map[string]any) string {
	j.Helper()
	return j.written(shop, field, record, query, map[string]any{"in": in})
}

// written runs a mutation of the Admin API that answers with a record, and returns the record's id.
func (j *journey) written(shop, field, record, query string, variables map[string]any) string {
	j.Helper()
	payload, _ := j.admin(shop, query, variables)[field].(map[string]any)
	made, _ := payload[record].(map[string]any)
	id, _ := made["id"].(string)
	if id == "" {
		j.Fatalf("%s: %v", field, payload)
	}
	return id
}

func (j *journey) retitle(shop, id, title string) {
	j.Helper()
	j.created(shop, "productUpdate", "product", `mutation($in: ProductUpdateInput!) {
		productUpdate(product: $in) { product { id } userErrors { message } } }`,
		map[string]any{"id": id, "title": title})
}

// tag puts a tag on a record as another app does; untag takes it off.
func (j *journey) tag(shop, id, tag string) {
	j.Helper()
	j.written(shop, "tagsAdd", "node", `mutation($id: ID!, $tags: [String!]!) {
		tagsAdd(id: $id, tags: $tags) { node { id } userErrors { message } } }`,
		map[string]any{"id": id, "tags": []string{tag}})
}

func (j *journey) untag(shop, id, tag string) {
	j.Helper()
	j.written(shop, "tagsRemove", "node", `mutation($id: ID!, $tags: [String!]!) {
		tagsRemove(id: $id, tags: $tags) { node { id } userErrors { message } } }`,
		map[string]any{"id": id, "tags": []string{tag}})
}

func (j *journey) wantTags(shop, id string, want ...string) {
	j.Helper()
	got := j.sim.Tags(shop, id)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		j.Errorf("%s has the tags %q, want %q", id, got, want)
	}
}

func TestAnOrderIsTaggedAndTheLogSaysWhyAndWhyNot(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	vip := j.rule(j.a, models.RuleDefinition{Name: "VIP", Resource: models.Order, Enabled: true, Priority: 1,
		When: when("total_price", models.Greater, "150"), AddTags: []string{"VIP"}})
	j.rule(j.a, models.RuleDefinition{Name: "Small", Resource: models.Order, Enabled: true, Priority: 2,
		When: when("total_price", models.Less, "20"), AddTags: []string{"small"}})
	j.rule(j.a, models.RuleDefinition{Name: "Off", Resource: models.Order, Priority: 3,
		When: when("total_price", models.Greater, "1"), AddTags: []string{"off"}})
	j.rule(j.a, models.RuleDefinition{Name: "Later", Resource: models.Order, Enabled: true, Priority: 4,
		Triggers: []models.Trigger{models.Updated},
		When:     when("total_price", models.Greater, "10000"), AddTags: []string{"later"}})
	order := j.createOrder(shopA, "200.00", map[string]any{"tags": []string{"by a person"}})
	j.settled()

	j.wantTags(shopA, order, "by a person", "VIP")
	received := j.one(j.a, "action = 'WEBHOOK_RECEIVED' AND entity_id = ? AND summary LIKE '%created%'", order)
	type seen struct {
		Name     string
		Outcome  models.Outcome
		Matched  bool
		Expected []string
		Actual   []string
	}
	var got []seen
	for _, e := range received.Evaluations {
		s := seen{Name: e.Name, Outcome: e.Outcome, Matched: e.Matched}
		if len(e.Conditions) == 1 {
			s.Expected, s.Actual = e.Conditions[0].Expected, e.Conditions[0].Actual
		}
		got = append(got, s)
	}
	want := []seen{
		{"VIP", models.OutcomeMatched, true, []string{"150"}, []string{"200.00"}},
		{"Small", models.OutcomeNotMatched, false, []string{"20"}, []string{"200.00"}},
		{"Off", models.OutcomeDisabled, true, []string{"1"}, []string{"200.00"}},
		{"Later", models.OutcomeOtherTrigger, false, []string{"10000"}, []string{"200.00"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evaluations (-want +got):\n%s", diff)
	}
	if received.Status != models.Success {
		t.Errorf("the webhook's entry is %s: %v", received.Status, received.ErrorMessage)
	}

	applied := j.one(j.a, "action = 'SMART_TAG_APPLIED'")
	if *applied.CauseID != received.ID || *applied.RuleID != vip.ID || applied.ActorName != "VIP" || applied.Status != models.Success {
		t.Errorf("the tag's entry: %+v", applied)
	}
	if before, after := tagsOf(applied); !slices.Equal(before, []string{"by a person"}) || !slices.Equal(after, []string{"by a person", "VIP"}) {
		t.Errorf("before %q, after %q", before, after)
	}
	echo := j.one(j.a, "action = 'WEBHOOK_RECEIVED' AND cause_id = ?", applied.ID)
	if *echo.EntityID != order {
		t.Errorf("the echo is about %s", *echo.EntityID)
	}
	if calls := j.writes(shopA); len(calls) != 1 {
		t.Errorf("%d writes to the shop, want 1: %+v", len(calls), calls)
	}
	j.wantLinks(received.ID, applied.ID, echo.ID)
}

// wantLinks checks that each entry names the next one as its effect, and is named as its cause.
func (j *journey) wantLinks(ids ...string) {
	j.Helper()
	type link struct {
		Activity struct {
			Cause   *struct{ ID string }
			Effects struct{ Nodes []struct{ ID string } }
		}
	}
	for i, id := range ids {
		var got link
		j.data(shopA, `query($id: ID!) { activity(id: $id) { cause { id } effects { nodes { id } } } }`, map[string]any{"id": id}, &got)
		if i > 0 && (got.Activity.Cause == nil || got.Activity.Cause.ID != ids[i-1]) {
			j.Errorf("cause of entry %d is %+v, want %s", i, got.Activity.Cause, ids[i-1])
		}
		effects := got.Activity.Effects.Nodes
		if i < len(ids)-1 && (len(effects) != 1 || effects[0].ID != ids[i+1]) {
			j.Errorf("effects of entry %d are %+v, want %s", i, effects, ids[i+1])
		}
	}
}

func TestACustomerIsTaggedByWhatWebhooksDoNotCarry(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Big spender", Resource: models.Customer, Enabled: true,
		When: when("total_spent", models.Greater, "500"), AddTags: []string{"big-spender"}})
	j.rule(j.a, models.RuleDefinition{Name: "Club", Resource: models.Customer, Enabled: true,
		When: when("tags", models.Contains, "club-member"), AddTags: []string{"wine-letter"}})
	j.rule(j.a, models.RuleDefinition{Name: "Loyal", Resource: models.Order, Enabled: true,
		When: when("customer.tags", models.Contains, "club-member"), AddTags: []string{"loyal"}})
	ada := j.createCustomer(shopA, "Ada")
	ben := j.createCustomer(shopA, "Ben")
	j.settled()
	buys := map[string]any{"customer": map[string]any{"toAssociate": map[string]any{"id": ada}}}
	j.createOrder(shopA, "600.00", buys)
	j.settled()
	j.wantTags(shopA, ada)

	j.tag(shopA, ada, "club-member")
	j.tag(shopA, ben, "club-member")
	j.settled()
	j.wantTags(shopA, ada, "big-spender", "club-member", "wine-letter")
	j.wantTags(shopA, ben, "club-member", "wine-letter")

	order := j.createOrder(shopA, "1.00", buys)
	j.settled()
	j.wantTags(shopA, order, "loyal")
	tagged := j.entries(j.a, "action = 'WEBHOOK_RECEIVED' AND entity_id = ? AND status = 'SUCCESS' AND summary LIKE 'Tag club-member added%'", ada)
	if len(tagged) != 1 || len(tagged[0].Evaluations) != 2 {
		t.Fatalf("entries about the tag that another app put on: %+v", tagged)
	}
	spent := tagged[0].Evaluations[0].Conditions[0]
	if spent.Field != "total_spent" || !slices.Equal(spent.Actual, []string{"600.0"}) {
		t.Errorf("the spend that was read: %+v", spent)
	}
}

func TestResettingTakesOffOnlyWhatTheRulePutOn(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Sale", Resource: models.Product, Enabled: true, ResetOnMismatch: true,
		When: when("title", models.Contains, "sale"), AddTags: []string{"on-sale", "picked"}})
	ours := j.createProduct(shopA, "Gamay sale")
	theirs := j.createProduct(shopA, "Syrah sale", "Picked")
	j.settled()
	j.wantTags(shopA, ours, "on-sale", "picked")
	j.wantTags(shopA, theirs, "on-sale", "Picked")

	j.retitle(shopA, ours, "Gamay")
	j.retitle(shopA, theirs, "Syrah")
	j.settled()
	j.wantTags(shopA, ours)
	j.wantTags(shopA, theirs, "Picked")
	removed := j.one(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ? AND summary LIKE '%removed%'", theirs)
	if _, after := tagsOf(removed); !slices.Equal(after, []string{"Picked"}) {
		t.Errorf("after the reset: %q", after)
	}
}

func TestATagThatAPersonPutBackIsTheirs(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	rule := j.rule(j.a, models.RuleDefinition{Name: "Sale", Resource: models.Product, Enabled: true, ResetOnMismatch: true,
		When: when("title", models.Contains, "sale"), AddTags: []string{"on-sale"}})
	product := j.createProduct(shopA, "Gamay sale")
	j.settled()
	_, err := j.app.Rules.SetEnabled(t.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, rule.ID, false)
	j.must(err)
	// The app cannot tell what was so within two seconds of its own write.
	j.must(j.app.DB.Model(&models.TagOwner{}).Where("shop_id = ?", j.a.ID).Update("since", j.a.InstalledAt.Add(-patience)).Error)
	j.untag(shopA, product, "on-sale")
	j.settled()
	j.tag(shopA, product, "on-sale")
	j.settled()
	_, err = j.app.Rules.SetEnabled(t.Context(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, rule.ID, true)
	j.must(err)
	j.retitle(shopA, product, "Gamay")
	j.settled()
	j.wantTags(shopA, product, "on-sale")
}

func TestRulesRemoveTagsAndFillInValues(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Tidy", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "0"), RemoveTags: []string{"TO check"}})
	j.rule(j.a, models.RuleDefinition{Name: "Country", Resource: models.Order, Enabled: true,
		When: when("shipping_country", models.IsNotEmpty), AddTags: []string{"country-{{shipping_country}}"}})
	order := j.createOrder(shopA, "10.00", map[string]any{"tags": []string{"to check", "fragile"}})
	j.settled()
	j.wantTags(shopA, order, "country-CA", "fragile")
	if applied := j.entries(j.a, "action = 'SMART_TAG_APPLIED'"); len(applied) != 2 {
		t.Errorf("%d entries of rules, want one for each rule", len(applied))
	}
	if calls := j.writes(shopA); len(calls) != 2 {
		t.Errorf("%d writes, want one that removes and one that adds", len(calls))
	}
}

func TestADeletedRecordKeepsItsTitleInTheLog(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	product := j.createProduct(shopA, "Gamay of the tests")
	j.settled()
	j.admin(shopA, `mutation($id: ID!) { productDelete(input: {id: $id}) { deletedProductId userErrors { message } } }`, map[string]any{"id": product})
	j.settled()
	gone := j.one(j.a, "entity_id = ? AND summary LIKE '%deleted%'", product)
	if *gone.EntityTitle != "Gamay of the tests" || gone.EntityURL != nil || gone.Status != models.Success {
		t.Errorf("the entry of the deletion: %+v", gone)
	}
}
