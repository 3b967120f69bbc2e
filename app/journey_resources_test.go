package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// resource is a record as the API tells of it.
type resource struct {
	ID, Type, Title           string
	URL, ChangedAt, DeletedAt *string
	Tags                      []struct {
		Tag      string
		By       *struct{ Type, Name string }
		At       *string
		Activity *struct{ ID string }
	}
}

func (j *journey) search(search, more string) []resource {
	j.Helper()
	var got struct{ Resources []resource }
	j.data(shopA, fmt.Sprintf(`{ resources(search: %q%s) { id type title url changedAt deletedAt } }`, search, more), nil, &got)
	return got.Resources
}

func (j *journey) resource(id string) *resource {
	j.Helper()
	var got struct{ Resource *resource }
	j.data(shopA, fmt.Sprintf(`{ resource(id: %q) { id type title url changedAt deletedAt tags { tag by { type name } at activity { id } } } }`, id), nil, &got)
	return got.Resource
}

func titlesOf(found []resource) []string {
	titles := []string{}
	for _, r := range found {
		titles = append(titles, r.Title)
	}
	return titles
}

func TestRecordsAreFoundByNameNumberAndID(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	order := j.createOrder(shopA, "10.00", map[string]any{"name": "#T1042"})
	numbered := j.createOrder(shopA, "10.00", map[string]any{"name": "#70042"})
	gamay := j.createProduct(shopA, "Gamay Éclair 50%")
	j.createProduct(shopA, "Gamay_2")
	ada := j.createCustomer(shopA, "Ada")
	j.settled()
	for search, want := range map[string][]string{
		"gamay":     {"Gamay Éclair 50%", "Gamay_2"},
		"GAMAY":     {"Gamay Éclair 50%", "Gamay_2"},
		"Gamay É":   {"Gamay Éclair 50%"},
		"gamay_":    {"Gamay_2"},
		"gama%":     {},
		"#t1042":    {"#T1042"},
		"70042":     {"#70042"},
		"#70042":    {"#70042"},
		"ada of":    {"Ada Of the tests"},
		order:       {"#T1042"},
		gamay:       {"Gamay Éclair 50%"},
		"  ":        {},
		"zzz":       {},
		"gid://a/b": {},
	} {
		if got := titlesOf(j.search(search, "")); !sameSet(got, want) {
			t.Errorf("%q finds %q, want %q", search, got, want)
		}
	}
	number := numbered[strings.LastIndex(numbered, "/")+1:]
	if got := j.search(number, ""); len(got) != 1 || got[0].ID != numbered || got[0].Type != "Order" || got[0].URL == nil || got[0].ChangedAt == nil {
		t.Errorf("by its number: %+v", got)
	}
	if got := j.search("a", ", type: CUSTOMER"); len(got) != 1 || got[0].ID != ada {
		t.Errorf("among customers: %+v", got)
	}
	if got := j.search("gamay", ", first: 1"); len(got) != 1 {
		t.Errorf("the first: %+v", got)
	}
	if r := j.ask(shopA, `{ resources(search: "a", first: 51) { id } }`, nil); r.failure(j).Extensions.Code != "INVALID" {
		t.Errorf("too many: %s", r.body)
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestARecordThatOnlyShopifyKnowsIsFoundByNumberAndID(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.settled()
	// The seeded records were there before us.
	var seeded struct{ id, name string }
	nodes, _ := j.admin(shopA, `{ orders(first: 1) { nodes { id name } } }`, nil)["orders"].(map[string]any)["nodes"].([]any)
	first, _ := nodes[0].(map[string]any)
	seeded.id, _ = first["id"].(string)
	seeded.name, _ = first["name"].(string)
	for _, search := range []string{seeded.id, seeded.id[strings.LastIndex(seeded.id, "/")+1:], seeded.name, strings.TrimPrefix(seeded.name, "#")} {
		got := j.search(search, "")
		if len(got) != 1 || got[0].ID != seeded.id || got[0].Title != seeded.name || got[0].ChangedAt != nil {
			t.Errorf("%q finds %+v", search, got)
		}
	}
	if got := j.resource(seeded.id); got != nil {
		t.Errorf("nothing was heard of it: %+v", got)
	}
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA}))
	if got := j.search(seeded.id, ""); len(got) != 0 {
		t.Errorf("while Shopify is away: %+v", got)
	}
}

func TestARecordsTagsSayWhoPutThemThere(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.seenRule()
	product := j.createProduct(shopA, "Gamay", "first")
	j.settled()
	j.tag(shopA, product, "later")
	j.settled()
	r := j.resource(product)
	if r == nil || r.Type != "Product" || r.Title != "Gamay" || r.URL == nil || len(r.Tags) != 3 {
		t.Fatalf("the record: %+v", r)
	}
	created := j.one(j.a, "type = 'WEBHOOK' AND entity_id = ? AND summary LIKE '%created%'", product)
	applied := j.one(j.a, "action = 'SMART_TAG_APPLIED'")
	tagged := j.entries(j.a, "type = 'WEBHOOK' AND entity_id = ?", product)
	want := map[string][2]string{
		"first": {"Shopify", created.ID},
		"seen":  {"Any", applied.ID},
		"later": {"Shopify", tagged[len(tagged)-1].ID},
	}
	for _, tag := range r.Tags {
		if tag.By == nil || tag.Activity == nil || tag.At == nil || want[tag.Tag] != [2]string{tag.By.Name, tag.Activity.ID} {
			t.Errorf("%s is of %+v by %+v", tag.Tag, tag.Activity, tag.By)
		}
	}

	// The log has left, but for what we own.
	j.must(j.app.DB.Where("shop_id = ?", j.a.ID).Delete(&models.Activity{}).Error)
	for _, tag := range j.resource(product).Tags {
		if tag.Activity != nil || (tag.By != nil) != (tag.Tag == "seen") {
			t.Errorf("without the log, %s is by %+v", tag.Tag, tag.By)
		}
	}
}

func TestACustomersTagsAreToldByTheLog(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Welcome", Resource: models.Customer, Enabled: true,
		Triggers: []models.Trigger{models.Created}, When: when("first_name", models.IsNotEmpty), AddTags: []string{"welcome"}})
	ada := j.createCustomer(shopA, "Ada")
	j.settled()
	j.tag(shopA, ada, "club")
	j.tag(shopA, ada, "wrong")
	j.settled()
	j.untag(shopA, ada, "wrong")
	j.settled()
	var tags []string
	for _, tag := range j.resource(ada).Tags {
		tags = append(tags, tag.Tag)
		if tag.By == nil {
			t.Errorf("nobody put %s there", tag.Tag)
		}
	}
	if !sameSet(tags, []string{"welcome", "club"}) {
		t.Errorf("the tags are %q", tags)
	}
}
