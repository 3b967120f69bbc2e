package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// needles are what Ada is known by. What is left of them anywhere is found in lower case, and without what parts digits.
var needles = []string{"ada quill", "ada.quill@example.org", "17 needle lane", "n1 7qx", "2079460958"}

// anywhere finds the needles in all that the database and the store of files have, whoever's it is, by the database's own
// catalogue: so what a table that is yet to come keeps is found, too.
func (j *journey) anywhere() []string {
	j.Helper()
	tables, err := j.app.DB.Migrator().GetTables()
	j.must(err)
	var found []string
	look := func(where string, raw []byte) {
		text := strings.ToLower(string(raw))
		bare := strings.NewReplacer(" ", "", "-", "", "+", "", "(", "", ")", "").Replace(text)
		for _, needle := range needles {
			if strings.Contains(text, needle) || strings.Contains(bare, needle) {
				found = append(found, where+" has "+needle)
			}
		}
	}
	for _, table := range tables {
		var rows []map[string]any
		if err := j.app.DB.Table(table).Find(&rows).Error; err != nil {
			j.Fatalf("read %s: %v", table, err)
		}
		for _, row := range rows {
			for column, value := range row {
				raw := fmt.Appendf(nil, "%s", value)
				look(table+"."+column, raw)
				if open, err := s2.Decode(nil, raw); err == nil {
					look(table+"."+column+" (compressed)", open)
				}
			}
		}
	}
	files := j.app.Files.List(nil)
	for {
		file, err := files.Next(j.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		j.must(err)
		raw, err := j.app.Files.ReadAll(j.Context(), file.Key)
		j.must(err)
		if strings.HasSuffix(file.Key, ".zst") {
			unzip, err := zstd.NewReader(nil)
			j.must(err)
			raw, err = unzip.DecodeAll(raw, nil)
			j.must(err)
		}
		look("file "+file.Key, raw)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// adas is what is kept of Ada, and beside her of Bob.
type adas struct {
	ada, bob                string
	listed, unlisted, bobs  string
	operation, direct, told string
	rule                    *models.Rule
	receiver                *collector
}

func number(gid string) json.Number { return json.Number(gid[strings.LastIndex(gid, "/")+1:]) }

// live has Ada and Bob do what customers do, and what follows from it be written down.
func (j *journey) live() *adas {
	j.Helper()
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Updates(map[string]any{
		"archive_enabled": true, "notify_failures": true, "notify_emails": `["ops@example.com"]`, "retention_days": 30,
	}).Error)
	var err error
	j.a, err = j.app.Shops.ByID(j.Context(), j.a.ID)
	j.must(err)
	l := &adas{receiver: collect(j.T)}
	j.stream(shopA, "Elsewhere", l.receiver.URL, map[string]any{})
	l.rule = j.rule(j.a, models.RuleDefinition{Name: "Londoners", Resource: models.Customer, When: when("city", models.Equals, "London"), AddTags: []string{"london"}, Enabled: true})
	j.rule(j.a, models.RuleDefinition{Name: "By mail", Resource: models.Order, When: when("email", models.Contains, "@example.org"), AddTags: []string{"org"}, Enabled: true})
	person := func(first, last, email, phone, street, zip string) string {
		return j.created(shopA, "customerCreate", "customer", `mutation($in: CustomerInput!) {
			customerCreate(input: $in) { customer { id } userErrors { message } } }`, map[string]any{
			"firstName": first, "lastName": last, "email": email, "phone": phone,
			"addresses": []any{map[string]any{"address1": street, "city": "London", "zip": zip, "countryCode": "GB"}},
		})
	}
	l.ada = person("Ada", "Quill", "Ada.Quill@example.org", "+442079460958", "17 Needle Lane", "N1 7QX")
	l.bob = person("Bob", "Marrow", "bob@example.org", "+442079460111", "3 Other Road", "E2 8AA")
	order := func(customer, email, street, zip string) string {
		return j.createOrder(shopA, "40.00", map[string]any{
			"customer": map[string]any{"toAssociate": map[string]any{"id": customer}}, "email": email, "note": "Ring at " + street,
			"shippingAddress": map[string]any{"firstName": "Ada", "lastName": "Quill", "address1": street, "city": "London", "zip": zip, "countryCode": "GB"},
		})
	}
	l.listed, l.unlisted = order(l.ada, "ada.quill@example.org", "17 Needle Lane", "N1 7QX"), order(l.ada, "ada.quill@example.org", "17 Needle Lane", "N1 7QX")
	l.bobs = j.createOrder(shopA, "12.00", map[string]any{"customer": map[string]any{"toAssociate": map[string]any{"id": l.bob}}, "email": "bob@example.org"})
	j.settled()
	op := j.operate(j.a, change.Input{Kind: models.TagAdd, Resource: models.Customer, Selection: change.Selection{IDs: []string{l.ada, l.bob}}, Tags: []string{"guest"}})
	l.operation = op.ID
	j.settled()
	j.tellOfAda(l)
	j.waitFor("the receiver has it all", func() bool { return len(l.receiver.summaries("REFUNDED")) == 1 })
	return l
}

// tellOfAda has others tell of Ada, old entries be archived and files be made.
func (j *journey) tellOfAda(l *adas) {
	j.Helper()
	code := "REFUSED"
	message := "ada.quill@example.org was refused"
	old := models.Now().AddDate(0, 0, -40)
	write := func(e *models.Activity) {
		e.Type, e.Status, e.ActorType = models.UserAction, models.Failed, models.ActorExternal
		e.ErrorCode, e.ErrorMessage = &code, &message
		j.must(j.app.Activity.Record(j.Context(), j.a, e))
	}
	told := &models.Activity{
		Action: "REFUNDED", Summary: "Refund for Ada  Quill <ada.quill@example.org>, call (020) 7946-0958", ActorName: "ada.quill@example.org",
		Metadata: json.RawMessage(`{"buyer": "ADA QUILL", "phones": ["+44 20 7946 0958"], "amount": 3}`),
		Changes:  []models.FieldChange{{Field: "tags", Before: json.RawMessage(`[]`), After: json.RawMessage(`["for ada.quill@example.org", "kept"]`)}},
	}
	write(told)
	l.told = told.ID
	kind, title := "Customer", "Ada Quill"
	write(&models.Activity{Action: "OLD", OccurredAt: old, Summary: "Customer Ada Quill visited", ActorName: "Somebody", EntityType: &kind, EntityID: &l.ada, EntityTitle: &title})
	write(&models.Activity{Action: "OLD", OccurredAt: old.Add(time.Minute), Summary: "Something else of bob@example.org", ActorName: "Somebody"})
	j.must(j.app.Retention.CleanUp(j.Context(), j.a))
	e, err := j.app.Export.Start(j.Context(), j.a, riley, export.Input{})
	j.must(err)
	if status, _, file := j.fetch(*e.URL()); status != 200 || !strings.Contains(file, "Ada Quill") {
		j.Fatalf("the export has not what it should: %d", status)
	}
	l.direct = e.ID
	_, err = j.app.Notify.Post(j.app.DB, j.a, "of Ada", []string{"ops@example.com"}, false, "Ada Quill was refused", &mail.Letter{Heading: "Ada Quill", Why: "A test"})
	j.must(err)
}

// ask delivers a privacy webhook about Ada, and waits until it is done.
func (j *journey) askFor(topic string, payload map[string]any) models.Activity {
	j.Helper()
	raw, err := json.Marshal(payload)
	j.must(err)
	id := fmt.Sprintf("privacy-%s-%d", topic, time.Now().UnixNano())
	j.deliver(simulator.Delivery{Shop: shopA, Topic: topic, Payload: raw, WebhookID: id, Times: 2})
	var d models.Delivery
	j.waitFor("it is done", func() bool {
		if j.app.DB.Where("webhook_id = ?", id).Limit(1).Find(&d).RowsAffected == 0 || d.Status != models.DeliveryDone {
			return false
		}
		var open int64
		j.must(j.app.DB.Model(&models.PrivacyRequest{}).Where("finished_at IS NULL").Count(&open).Error)
		return open == 0
	})
	return j.one(j.a, "id = ?", d.ID)
}

func ofAda(l *adas, orders string) map[string]any {
	return map[string]any{
		"shop_domain": shopA, orders: []json.Number{number(l.listed)},
		"customer": map[string]any{"id": number(l.ada), "email": "ada.quill@example.org", "phone": "+442079460958"},
	}
}

// bobIs is all that is kept about Bob.
func (j *journey) bobIs(l *adas) map[string]any { return j.keptOf(l.bob, l.bobs) }

// keptOf is all that is kept about records.
func (j *journey) keptOf(records ...string) map[string]any {
	j.Helper()
	var entries []models.Activity
	j.must(j.app.DB.Where("shop_id = ? AND entity_id IN ?", j.a.ID, records).Order("id").Find(&entries).Error)
	var snapshots []models.Snapshot
	j.must(j.app.DB.Where("shop_id = ? AND resource_id IN ?", j.a.ID, records).Order("id").Find(&snapshots).Error)
	ids := activityIDs(entries)
	var bodies []models.Delivery
	j.must(j.app.DB.Select("id", "body").Where("id IN ?", ids).Order("id").Find(&bodies).Error)
	return map[string]any{"entries": entries, "snapshots": snapshots, "bodies": bodies}
}

func activityIDs(entries []models.Activity) []string {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].ID
	}
	return ids
}

func TestWhatIsKeptOfACustomerIsGivenOutAndErased(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	l := j.live()
	if found := j.anywhere(); len(found) < 20 {
		t.Fatalf("the test keeps too little of Ada: %q", found)
	}
	bob, other := j.bobIs(l), j.rowsOf(j.b)

	asked := j.askFor("customers/data_request", ofAda(l, "orders_requested"))
	if asked.Status != models.Warning || *asked.ErrorCode != "HAND_OVER" || strings.Contains(strings.ToLower(string(asked.Metadata)+asked.Summary), "quill") {
		t.Fatalf("it is told as %+v", asked)
	}
	e, err := j.app.Export.Get(j.Context(), j.a, riley, asked.ID)
	j.must(err)
	_, _, file := j.fetch(*e.URL())
	for _, kind := range []string{`"kind":"request"`, `"kind":"entry"`, `"kind":"webhook"`, `"kind":"snapshot"`, "visited", "Refund for Ada", "17 Needle Lane"} {
		if !strings.Contains(file, kind) {
			t.Errorf("the file has no %s", kind)
		}
	}
	if strings.Contains(file, "3 Other Road") {
		t.Error("the file tells of somebody else")
	}
	for line := range strings.Lines(file) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("a line is not JSON: %s", line)
		}
	}

	done := j.askFor("customers/redact", ofAda(l, "orders_to_redact"))
	if done.Status != models.Success || !strings.Contains(done.Summary, "erased: ") {
		t.Errorf("it is told as %s: %s", done.Status, done.Summary)
	}
	j.waitFor("the receiver is told anew", func() bool {
		var waiting int64
		j.must(j.app.DB.Model(&models.StreamItem{}).Count(&waiting).Error)
		var open int64
		j.must(j.app.DB.Model(&models.StreamMessage{}).Where("delivered_at IS NULL").Count(&open).Error)
		return waiting+open == 0
	})
	if found := j.anywhere(); len(found) > 0 {
		t.Fatalf("left of Ada:\n%s", strings.Join(found, "\n"))
	}
	if diff := cmp.Diff(bob, j.bobIs(l)); diff != "" {
		t.Errorf("what is kept of Bob changed:\n%s", diff)
	}
	j.wantUntouched(j.b, other)
	j.wantErased(l, e)
}

// wantErased looks at what is left of entries, files and counts.
func (j *journey) wantErased(l *adas, given *export.Export) {
	j.Helper()
	told := j.one(j.a, "id = ?", l.told)
	if told.Summary != "Refund for [erased] <[erased]>, call [erased]" || told.ActorName != activity.Erased ||
		string(told.History[len(told.History)-1].Status) != string(told.Status) || told.History[len(told.History)-1].Note == nil {
		j.Errorf("it reads %+v", told)
	}
	if m := metadata(told); m["buyer"] != activity.Erased || m["amount"] != 3.0 {
		j.Errorf("its metadata are %v", m)
	}
	for search, want := range map[string]int{"Quill": 0, "tag:kept": 1, `"for ada"`: 0, `tag:"for ada.quill@example.org"`: 0, "entity:" + l.ada: -1} {
		list, err := j.app.Activity.List(j.Context(), j.a, &activity.Filter{Search: &search}, models.Page{})
		j.must(err)
		if n := len(list.Entries); want >= 0 && n != want || want < 0 && n == 0 {
			j.Errorf("%s finds %d entries", search, n)
		}
	}
	for _, id := range []string{l.direct, given.ID} {
		e, err := j.app.Export.Get(j.Context(), j.a, riley, id)
		j.must(err)
		if e.Status != models.ExportExpired || e.Error() == nil {
			j.Errorf("an export from before is %s", e.Status)
		}
	}
	if status, _, page := j.fetch(*given.URL()); status != 410 || !strings.Contains(page, "was erased") {
		j.Errorf("its link says %d %s", status, page)
	}
	j.must(j.app.Retention.Verify(j.Context(), j.a, func(p retention.Part, wrong error) {
		if wrong != nil {
			j.Errorf("%s: %v", p.Name, wrong)
		}
	}))
	j.seal()
	if found, report := j.tampered(j.a); len(found) > 0 || report.Redacted == 0 {
		j.Errorf("the chain tells of it as %+v, and found %+v", report, found)
	}
	var items []models.Snapshot
	j.must(j.app.DB.Where("cause_id = ?", l.operation).Order("resource_title").Find(&items).Error)
	if len(items) != 2 || items[1].ResourceTitle != activity.Erased && items[0].ResourceTitle != activity.Erased {
		j.Errorf("the operation's items are %+v", items)
	}
	j.must(j.app.Activity.Fold(j.Context()))
	before, err := j.app.Activity.Stats(j.Context(), j.a, &activity.Filter{}, activity.Day)
	j.must(err)
	j.must(j.app.Activity.Rebuild(j.Context(), j.a.ID))
	after, err := j.app.Activity.Stats(j.Context(), j.a, &activity.Filter{}, activity.Day)
	j.must(err)
	if before.Total != after.Total {
		j.Errorf("the counts are %+v, and counted anew %+v", before.Total, after.Total)
	}
}

// askForShop has Shopify ask for a shop to be erased, as it does two days after it left.
func (j *journey) askForShop(domain string) {
	j.Helper()
	j.deliver(simulator.Delivery{Shop: domain, Topic: "shop/redact", Payload: json.RawMessage(fmt.Sprintf(`{"shop_id": 1, "shop_domain": %q}`, domain))})
}

func TestAShopThatLeftIsErasedAndBeginsAnew(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.live()
	j.key(shopA, "A key", "READ")
	j.data(shopA, `mutation { savedViewSave(input: {name: "Mine", filter: {}, shared: true}) { userErrors { message } } }`, nil, &struct{}{})
	other := j.rowsOf(j.b)
	gone := j.a
	j.sim.Uninstall(shopA)
	j.waitFor("the app is uninstalled", func() bool {
		shop, err := j.app.Shops.ByID(j.Context(), gone.ID)
		return err == nil && shop.UninstalledAt != nil
	})
	j.askForShop(shopA)
	j.waitFor("the shop is gone", func() bool {
		var n int64
		j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", gone.ID).Count(&n).Error)
		return n == 0
	})
	if found := j.anywhere(); len(found) > 0 {
		t.Errorf("left of Ada:\n%s", strings.Join(found, "\n"))
	}
	j.wantNothingOf(gone)
	j.wantUntouched(j.b, other)
	var row models.PrivacyRequest
	j.must(j.app.DB.Where("shop_id = ?", gone.ID).Take(&row).Error)
	if row.FinishedAt == nil || row.Counts["activities"] == 0 || row.Counts["deliveries"] == 0 || row.Counts["files"] == 0 || row.LastError != nil {
		t.Errorf("what stays is %+v", row)
	}
	// What Shopify still sends is told that there is no such shop; installed again, it begins clean.
	if got := j.deliver(simulator.Delivery{Shop: shopA, Topic: "shop/redact", Payload: json.RawMessage(`{}`)}); slices.Contains(got, 200) {
		t.Errorf("a webhook to a shop that is gone is answered %v", got)
	}
	j.a = j.install(shopA)
	if j.a.ID == gone.ID {
		t.Error("it has its old id")
	}
	j.createProduct(shopA, "New")
	j.settled()
	if entries := j.entries(j.a, "entity_title = ?", "New"); len(entries) == 0 {
		t.Error("its webhooks do not arrive")
	}
}

// wantNothingOf holds every table and the store of files to having nothing of a shop but the request to erase it.
func (j *journey) wantNothingOf(shop *models.Shop) {
	j.Helper()
	for table, rows := range j.rowsOf(shop) {
		if n := len(rows); n > 0 && table != "privacy_requests" || n > 1 {
			j.Errorf("%d rows of the shop are in %s: %.200s", n, table, rows[0])
		}
	}
	for _, table := range []string{"activity_rollups", "activity_kinds", "activity_buckets", "activity_deltas"} {
		var n int64
		j.must(j.app.DB.Table(table).Where("shop_id = ?", shop.ID).Count(&n).Error)
		if n > 0 {
			j.Errorf("%d rows of the shop are in %s", n, table)
		}
	}
	files := j.app.Files.List(nil)
	for {
		file, err := files.Next(j.Context())
		if errors.Is(err, io.EOF) {
			return
		}
		j.must(err)
		if strings.Contains(file.Key, shop.Domain) || strings.Contains(file.Key, fmt.Sprintf("exports/%d/", shop.ID)) {
			j.Errorf("the file %s is there", file.Key)
		}
	}
}

func TestAShopThatHasTheAppIsNotErased(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	before := len(j.entries(j.a, "true"))
	j.askForShop(shopA)
	j.settled()
	e := j.one(j.a, "status = ?", models.Warning)
	if *e.ErrorCode != "INSTALLED_AGAIN" || len(j.entries(j.a, "true")) != before+1 {
		t.Errorf("it is told as %+v", e)
	}
	// It comes back while it is erased.
	j.sim.Uninstall(shopA)
	j.waitFor("the app is uninstalled", func() bool {
		shop, err := j.app.Shops.ByID(j.Context(), j.a.ID)
		return err == nil && shop.UninstalledAt != nil
	})
	row := &models.PrivacyRequest{
		ID: e.ID, ShopID: j.a.ID, Kind: models.ShopRedact, OrderIDs: []string{}, Person: json.RawMessage("{}"), Phase: "tables", Counts: map[string]int64{"activities": 3},
		DueAt: models.Now().Add(time.Hour), ReceivedAt: models.Now(), ActBy: models.Now(), Parts: []models.ExportPart{},
	}
	j.must(j.app.DB.Create(row).Error)
	j.install(shopA)
	j.must(j.app.DB.Model(row).Update("due_at", models.Now()).Error)
	j.must(j.app.Privacy.WorkOn(j.Context(), row.ID))
	if e = j.one(j.a, "id = ?", e.ID); e.Summary != "Shop data not erased" || len(j.entries(j.a, "true")) <= before {
		t.Errorf("it is told as %+v", e)
	}
}

func TestRequestsThatNameNobodyWeKnow(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	l := j.live()
	bob, other := j.bobIs(l), j.rowsOf(j.b)
	ada := j.keptOf(l.ada, l.listed, l.unlisted)
	for name, payload := range map[string]map[string]any{
		"unknown":         {"customer": map[string]any{"id": 99887766, "email": "nobody@example.net", "phone": nil}, "orders_to_redact": []int{1}},
		"without address": {"customer": map[string]any{"id": 99887767}, "orders_to_redact": []int{}},
	} {
		if e := j.askFor("customers/redact", payload); e.Status != models.Success || e.Summary != "Customer data erased: nothing was kept" {
			t.Errorf("%s: it is told as %s: %s", name, e.Status, e.Summary)
		}
	}
	if e := j.askFor("customers/redact", map[string]any{"shop_domain": shopA}); e.Status != models.Failed {
		t.Errorf("one that names nobody is told as %+v", e)
	}
	// The ids of another shop's records are nobody's here.
	raw, err := json.Marshal(ofAda(l, "orders_to_redact"))
	j.must(err)
	j.deliver(simulator.Delivery{Shop: shopB, Topic: "customers/redact", Payload: raw})
	j.waitFor("it is done", func() bool {
		var done int64
		j.must(j.app.DB.Model(&models.PrivacyRequest{}).Where("shop_id = ? AND finished_at IS NOT NULL", j.b.ID).Count(&done).Error)
		return done == 1
	})
	if diff := cmp.Diff(ada, j.keptOf(l.ada, l.listed, l.unlisted)); diff != "" {
		t.Errorf("what is kept of Ada changed:\n%s", diff)
	}
	if diff := cmp.Diff(bob, j.bobIs(l)); diff != "" {
		t.Errorf("what is kept of Bob changed:\n%s", diff)
	}
	for table, rows := range j.rowsOf(j.b) {
		if table == "deliveries" || strings.HasPrefix(table, "activities") || table == "privacy_requests" || table == "clean_ups" {
			continue
		}
		if diff := cmp.Diff(other[table], rows); diff != "" {
			t.Errorf("%s of the other shop changed: %s", table, diff)
		}
	}
	// Without an address the records lead to her, and what they say to the rest.
	asked := ofAda(l, "orders_to_redact")
	asked["customer"] = map[string]any{"id": number(l.ada)}
	if e := j.askFor("customers/redact", asked); e.Status != models.Success {
		t.Errorf("it is told as %+v", e)
	}
	if e := j.askFor("customers/redact", asked); e.Summary != "Customer data erased: nothing was kept" {
		t.Errorf("the second time it is told as %s", e.Summary)
	}
	if found := j.anywhere(); len(found) > 0 {
		t.Errorf("left of Ada:\n%s", strings.Join(found, "\n"))
	}
}
