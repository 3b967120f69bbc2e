package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// sample is a payload as Shopify publishes it, or as it was delivered once.
type sample struct {
	name, topic, version string
	body                 []byte
}

func (s sample) webhookID() string { return "sample-" + strings.ReplaceAll(s.name, " ", "-") }

// realTopics are the topics that a real delivery about a kind of record may have come with.
var realTopics = map[string][]string{
	"products":        {"products/create", "products/update"},
	"orders":          {"orders/create", "orders/updated", "orders/paid"},
	"customers":       {"customers/create", "customers/update"},
	"fulfillments":    {"fulfillments/create", "fulfillments/update"},
	"inventory_items": {"inventory_items/update"},
	"refunds":         {"refunds/create"},
}

// samples returns every sample, the end of the app's stay last.
func samples(t *testing.T) []sample {
	t.Helper()
	var all, last []sample
	paths, err := filepath.Glob("testdata/webhooks*/*.json")
	if err != nil || len(paths) < 42 {
		t.Fatalf("%d samples, %v", len(paths), err)
	}
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if filepath.Base(filepath.Dir(path)) == "webhooks" {
			s := sample{name, strings.ReplaceAll(name, "__", "/"), simulator.APIVersion, body}
			if s.topic == "app/uninstalled" {
				last = append(last, s)
			} else {
				all = append(all, s)
			}
			continue
		}
		version, rest, _ := strings.Cut(name, "_")
		kind := rest[:strings.LastIndex(rest, "_")]
		if realTopics[kind] == nil {
			t.Fatalf("%s: no topic is known for it", name)
		}
		for _, topic := range realTopics[kind] {
			all = append(all, sample{name + " as " + topic, topic, version, body})
		}
	}
	return append(all, last...)
}

// judged are the topics that rules look at.
var judged = []string{
	"orders/create", "orders/updated", "customers/create", "customers/update", "customer.tags_added",
	"customer.tags_removed", "products/create", "products/update",
}

// deliverSamples delivers every sample, and checks the entry of each against what its topic should lead to.
func deliverSamples(t *testing.T, j *journey, want func(topic string) (models.ActivityStatus, string)) {
	t.Helper()
	all := samples(t)
	for _, s := range all {
		if s.topic == "app/uninstalled" {
			j.settled() // not before the others are worked off
		}
		statuses := j.deliver(simulator.Delivery{
			Shop:      shopA,
			Topic:     s.topic,
			WebhookID: s.webhookID(),
			Payload:   s.body,
			Headers:   map[string]*string{"X-Shopify-API-Version": &s.version},
		})
		if !slices.Equal(statuses, []int{200}) {
			t.Errorf("%s: answered %v", s.name, statuses)
		}
	}
	j.settled()
	j.waitFor("what was asked about people is done", func() bool {
		var open int64
		j.must(j.app.DB.Model(&models.PrivacyRequest{}).Where("finished_at IS NULL").Count(&open).Error)
		return open == 0
	})
	for _, s := range all {
		status, code := want(s.topic)
		j.wantEnd(s, status, code)
	}
	var shop models.Shop
	j.must(j.app.DB.Where("id = ?", j.a.ID).Take(&shop).Error)
	if shop.UninstalledAt == nil || shop.AccessToken != nil {
		t.Error("app/uninstalled did not end our access to the shop")
	}
	if calls := j.writes(shopA); len(calls) > 0 {
		t.Errorf("%d writes for records that do not exist", len(calls))
	}
}

// wantEnd checks how a sample ended.
func (j *journey) wantEnd(s sample, wantStatus models.ActivityStatus, wantCode string) {
	j.Helper()
	var d models.Delivery
	j.must(j.app.DB.Where("shop_id = ? AND webhook_id = ?", j.a.ID, s.webhookID()).Take(&d).Error)
	entry := j.one(j.a, "id = ?", d.ID)
	code, message := "", ""
	if entry.ErrorCode != nil && entry.ErrorMessage != nil {
		code, message = *entry.ErrorCode, *entry.ErrorMessage
	}
	if entry.Status != wantStatus || code != wantCode || (code != "") != (message != "") {
		j.Errorf("%s: %s %s (%s), want %s %s", s.name, entry.Status, code, message, wantStatus, wantCode)
	}
	if d.Status != models.DeliveryDone || d.Attempts != 1 || entry.Attempts != 1 {
		j.Errorf("%s: %s after %d tries, its entry says %d", s.name, d.Status, d.Attempts, entry.Attempts)
	}
	if strings.TrimSpace(entry.Summary) == "" || slices.Contains(judged, s.topic) && entry.EntityID == nil {
		j.Errorf("%s: the entry does not say what it is about: %+v", s.name, entry)
	}
}

func expected(topic string) (models.ActivityStatus, string) {
	switch topic {
	case "customers/data_request":
		return models.Warning, "HAND_OVER"
	case "shop/redact":
		return models.Warning, "INSTALLED_AGAIN"
	case "customers/merge":
		return models.Warning, "MERGE_FAILED" // the sample is of one that failed
	}
	return models.Success, ""
}

func TestEverySampleEndsInAnEntryWithoutRules(t *testing.T) {
	t.Parallel()
	deliverSamples(t, setup(t, options{}), expected)
}

// whenDeleted expects that the record was found to be gone: no sample's record is in the simulated shop.
func whenDeleted(topic string) (models.ActivityStatus, string) {
	if slices.Contains(judged, topic) {
		return models.Warning, "RESOURCE_DELETED"
	}
	return expected(topic)
}

func TestEverySampleEndsInAnEntryWithRulesThatMatch(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	for resource, field := range map[models.ResourceType]string{
		models.Order: "created_at", models.Customer: "created_at", models.Product: "title",
	} {
		j.rule(j.a, models.RuleDefinition{Name: "Always", Resource: resource, Enabled: true,
			When: when(field, models.IsNotEmpty), AddTags: []string{"seen"}})
	}
	deliverSamples(t, j, whenDeleted)
}

func TestEverySampleEndsInAnEntryWithRulesThatAskShopify(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	for resource, field := range map[models.ResourceType]string{
		models.Order: "risk_level", models.Customer: "total_spent", models.Product: "title",
	} {
		j.rule(j.a, models.RuleDefinition{Name: "Asks", Resource: resource, Enabled: true,
			When: when(field, models.IsNotEmpty), AddTags: []string{"seen"}})
	}
	deliverSamples(t, j, whenDeleted)
}

func TestAWebhookThatComesThreeTimesIsActedOnOnce(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.rule(j.a, models.RuleDefinition{Name: "Any", Resource: models.Product, Enabled: true,
		When: when("title", models.IsNotEmpty), AddTags: []string{"seen"}})
	product := j.createProduct(shopA, "Gamay")
	j.settled()
	before := len(j.writes(shopA))
	j.untag(shopA, product, "seen")
	j.settled()
	if after := len(j.writes(shopA)); before != 1 || after != 2 {
		t.Fatalf("%d writes, then %d", before, after)
	}
	var sent models.Delivery
	j.must(j.app.DB.Where("shop_id = ? AND topic = 'products/create'", j.a.ID).Take(&sent).Error)
	var count int64
	j.must(j.app.DB.Model(&models.Activity{}).Where("shop_id = ?", j.a.ID).Count(&count).Error)
	body := `{"id": 1, "title": "not looked at", "tags": ""}`
	statuses := j.deliver(simulator.Delivery{
		Shop: shopA, Topic: sent.Topic, WebhookID: sent.WebhookID, Payload: []byte(body), Times: 3,
	})
	if !slices.Equal(statuses, []int{200, 200, 200}) {
		t.Errorf("answered %v", statuses)
	}
	j.settled()
	entry := j.one(j.a, "id = ?", sent.ID)
	if metadata(entry)["duplicatesSuppressed"] != 3.0 {
		t.Errorf("metadata %s", entry.Metadata)
	}
	notes := 0
	for _, step := range entry.History {
		if step.Note != nil && strings.Contains(*step.Note, "suppressed") {
			notes++
		}
	}
	if notes == 0 {
		t.Errorf("the history does not tell of the duplicates: %+v", entry.History)
	}
	var now int64
	j.must(j.app.DB.Model(&models.Activity{}).Where("shop_id = ?", j.a.ID).Count(&now).Error)
	if now != count || len(j.writes(shopA)) != 2 {
		t.Errorf("the duplicates led to %d entries and %d writes", now-count, len(j.writes(shopA))-2)
	}
}

func TestThreeAtOnceAreOneEntry(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	statuses := j.deliver(simulator.Delivery{
		Shop: shopA, Topic: "products/create", Payload: []byte(`{"id": 7, "title": "Gamay", "tags": ""}`), Times: 3,
	})
	if !slices.Equal(statuses, []int{200, 200, 200}) {
		t.Errorf("answered %v", statuses)
	}
	j.settled()
	entry := j.one(j.a, "action = 'WEBHOOK_RECEIVED'")
	if entry.Attempts != 1 || metadata(entry)["duplicatesSuppressed"] != 2.0 {
		t.Errorf("after %d tries: %s", entry.Attempts, entry.Metadata)
	}
}
