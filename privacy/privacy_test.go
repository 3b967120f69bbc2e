package privacy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/models"
)

func TestWhoIsCalledAlikeIsLeftAlone(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.create(&models.Resource{ShopID: shop.ID, ID: "gid://shopify/Customer/7003", Type: models.Customer, Title: "ada Quill", ChangedAt: models.Now(), DeliveryID: uuid.NewString()})
	theirs := &models.Activity{
		Type: models.UserAction, Action: "OTHER", Status: models.Success, Summary: "Customer Ada Quill updated", ActorType: models.ActorSystem, ActorName: "Tagtrail",
		EntityType: ptr("Customer"), EntityID: ptr("gid://shopify/Customer/7003"), EntityTitle: ptr("Ada Quill"),
	}
	o.must(o.Activity.Record(o.ctx, shop, theirs))
	both := &models.Activity{
		Type: models.UserAction, Action: "OTHER", Status: models.Success, Summary: "Ada Quill wrote from ada@example.org", ActorType: models.ActorSystem, ActorName: "Tagtrail",
	}
	o.must(o.Activity.Record(o.ctx, shop, both))
	o.finish(o.asked(shop, "customers/redact").ID)
	for id, want := range map[string]string{theirs.ID: "Customer Ada Quill updated", both.ID: "[erased] wrote from [erased]"} {
		var got models.Activity
		o.must(o.DB.Where("shop_id = ? AND id = ?", shop.ID, id).Take(&got).Error)
		if got.Summary != want {
			t.Errorf("it reads %q, want %q", got.Summary, want)
		}
	}
}

func TestWhatTheMerchantWroteStaysAndIsTold(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	now := models.Now()
	rule := &models.Rule{ID: models.NewID(now), ShopID: shop.ID, Version: 1, CreatedAt: now, UpdatedAt: now, RuleDefinition: models.RuleDefinition{
		Name: "For Ada", Resource: models.Customer, Triggers: []models.Trigger{}, AddTags: []string{}, RemoveTags: []string{},
		When: models.ConditionGroup{Match: models.MatchAll, Conditions: []models.Condition{{Field: "email", Operator: models.Equals, Values: []string{"ada@example.org"}}}},
	}}
	o.create(rule)
	row := o.finish(o.asked(shop, "customers/redact").ID)
	var kept models.Rule
	o.must(o.DB.Where("id = ?", rule.ID).Take(&kept).Error)
	if diff := cmp.Diff(rule.When, kept.When); diff != "" {
		t.Error(diff)
	}
	var own models.Activity
	o.must(o.DB.Where("shop_id = ? AND id = ?", shop.ID, row.ID).Take(&own).Error)
	if own.Status != models.Warning || own.ErrorCode == nil || *own.ErrorCode != activity.CodeStillNamed || strings.Contains(*own.ErrorMessage, "ada") {
		t.Errorf("it is told as %+v", own)
	}
}

func TestAnErasureWaitsForWhatIsInProgress(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	d := o.delivery(shop, "customers/update", `{"id": 7001, "first_name": "Ada", "last_name": "Quill"}`)
	o.must(o.DB.Model(d).Updates(map[string]any{"status": models.DeliveryPending, "due_at": models.Now().Add(time.Hour)}).Error)
	row := o.asked(shop, "customers/redact")
	o.must(o.WorkOn(o.ctx, row.ID))
	var waiting models.PrivacyRequest
	o.must(o.DB.Where("id = ?", row.ID).Take(&waiting).Error)
	if waiting.Phase != "wait" || waiting.FinishedAt != nil || waiting.Attempts != 0 || !waiting.DueAt.After(models.Now()) {
		t.Fatalf("it is %+v", waiting)
	}
	o.must(o.DB.Model(d).Update("status", models.DeliveryFailed).Error) // it may be retried; without its body it cannot
	o.finish(row.ID)
	if found := o.traces(shop); len(found) > 0 {
		t.Errorf("left are %q", found)
	}
}

func TestWhatStreamsHaveNotSentIsMadeAnew(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	var open models.StreamMessage
	o.must(o.DB.Where("shop_id = ? AND delivered_at IS NULL", shop.ID).Take(&open).Error)
	o.must(o.DB.Where("shop_id = ?", shop.ID).Delete(&models.StreamItem{}).Error)
	o.finish(o.asked(shop, "customers/redact").ID)
	var queued []string
	o.must(o.DB.Model(&models.StreamItem{}).Where("shop_id = ? AND activity_id = ? AND event = 'activity.updated'", shop.ID, open.ActivityIDs[0]).Pluck("activity_id", &queued).Error)
	var messages []models.StreamMessage
	o.must(o.DB.Where("shop_id = ?", shop.ID).Find(&messages).Error)
	if len(queued) != 2 || len(messages) != 1 || len(messages[0].Body) > 0 || messages[0].Events != 1 { // once as it was, once as it was redacted
		t.Errorf("queued are %q, messages %+v", queued, messages)
	}
}

func TestAnExportThatIsBeingWrittenEndsWithTheErasure(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	now := models.Now()
	running := &models.Export{
		ID: models.NewID(now), ShopID: shop.ID, Format: models.ExportCSV, Status: models.ExportRunning, Filter: json.RawMessage("{}"), Columns: []string{}, Parts: []models.ExportPart{},
		ActorType: models.ActorStaff, DueAt: now.Add(time.Hour), Working: true, Kept: true, CreatedAt: now,
	}
	o.create(running)
	row := o.asked(shop, "customers/redact")
	for range 3 {
		o.must(o.DB.Model(&models.PrivacyRequest{}).Where("id = ?", row.ID).Update("due_at", now).Error)
		o.must(o.WorkOn(o.ctx, row.ID))
	}
	// Its task has not seen that yet, and writes on.
	o.must(o.store.WriteAll(o.ctx, export.Folder(shop.ID, running.ID)+"000001", []byte("Ada Quill"), nil))
	var ended models.Export
	o.must(o.DB.Where("id = ?", running.ID).Take(&ended).Error)
	if ended.Status != models.ExportFailed || !ended.Kept {
		t.Fatalf("it is %+v", ended)
	}
	o.must(o.DB.Model(&models.Export{}).Where("id = ?", running.ID).Update("due_at", now).Error) // its lease is over
	o.finish(row.ID)
	if keys := o.keys(shop); len(keys) != 2 {
		t.Errorf("the store has %q", keys)
	}
}

func TestADataRequestMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	stopEverywhere(t, "customers/data_request", func(*office, *models.Shop) {}, func(o *office, what string, shop *models.Shop, row *models.PrivacyRequest) {
		var file models.Export
		o.must(o.DB.Where("shop_id = ? AND id = ?", shop.ID, row.ID).Take(&file).Error)
		lines := map[string]int{}
		for _, part := range file.Parts {
			raw, err := o.store.ReadAll(o.ctx, part.Name)
			o.must(err)
			if len(raw) != part.Bytes {
				o.Fatalf("%s: %s has %d bytes, want %d", what, part.Name, len(raw), part.Bytes)
			}
			for line := range strings.Lines(string(raw)) {
				var l struct{ Kind string }
				o.must(json.Unmarshal([]byte(line), &l))
				lines[l.Kind]++
			}
		}
		want := map[string]int{"request": 1, "entry": 7, "webhook": 4, "snapshot": 2}
		if diff := cmp.Diff(want, lines); diff != "" || file.Rows != 14 {
			o.Fatalf("%s: wanted (-) and gathered (+), %d rows: %s", what, file.Rows, diff)
		}
		var mails int64
		o.must(o.DB.Model(&models.Mail{}).Where("shop_id = ? AND name = ?", shop.ID, "data request "+row.ID).Count(&mails).Error)
		if mails != 1 || row.CustomerID != nil {
			o.Fatalf("%s: %d mails, the request %+v", what, mails, row)
		}
		var own models.Activity
		o.must(o.DB.Where("shop_id = ? AND id = ?", shop.ID, row.ID).Take(&own).Error)
		if own.Status != models.Warning || *own.ErrorCode != activity.CodeHandOver {
			o.Fatalf("%s: it is told as %+v", what, own)
		}
	})
}

func TestARequestThatNamesNobodyIsNotOne(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `[]`, `{"customer": {"email": null}, "orders_to_redact": []}`, `{"customer": {"email": "a@"}}x`} {
		if _, err := Asked("customers/redact", []byte(body)); err == nil {
			t.Errorf("%s is taken", body)
		}
	}
	row, err := Asked("customers/redact", []byte(`{"customer": {"id": 7001, "email": "a@b.de\u0000", "phone": ""}, "orders_to_redact": [1, 2]}`))
	if err != nil || fmt.Sprint(row.OrderIDs) != "[gid://shopify/Order/1 gid://shopify/Order/2]" || *row.CustomerID != customerID ||
		!strings.Contains(string(row.Person), `"a@b.de"`) || strings.Contains(string(row.Person), "phones") {
		t.Errorf("it is %+v, %v", row, err)
	}
}

func TestRedactingTwiceChangesNothingMore(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.finish(o.asked(shop, "customers/redact").ID)
	read := func() (all []models.Activity) {
		o.must(o.DB.Where("shop_id = ? AND action = 'SEEN'", shop.ID).Order("id").Find(&all).Error)
		return all
	}
	before := read()
	row := o.finish(o.asked(shop, "customers/redact").ID)
	if diff := cmp.Diff(before, read()); diff != "" || told(row.Counts) != nothingKept {
		t.Errorf("%s: %s", told(row.Counts), diff)
	}
	for _, e := range before {
		if e.EntityID != nil && *e.EntityID == customerID && (*e.EntityTitle != activity.Erased || e.Summary != "Customer [erased] updated") {
			t.Errorf("it reads %q of %q", e.Summary, *e.EntityTitle)
		}
	}
}
