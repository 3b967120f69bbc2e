package activity_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
)

// recorder is a shop whose log a program with an API key writes to.
type recorder struct {
	*testing.T
	s    *activity.Service
	shop *models.Shop
	key  models.Actor
}

func setupRecorder(t *testing.T) *recorder {
	t.Helper()
	db := modelstest.Open(t)
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	hub := live.New(rdb, "recorder", slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		hub.Close()
		_ = rdb.Close()
	})
	id := models.NewID(models.Now())
	return &recorder{
		T:    t,
		s:    &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{}), AdminURL: "https://admin.example/{handle}"},
		shop: modelstest.Shop(t, db, "cellar.myshopify.com", models.PlanPro),
		key:  models.Actor{Type: models.ActorAPI, ID: &id, Name: "Back office"},
	}
}

func (r *recorder) record(input *activity.Outside) (*activity.Entry, error) {
	r.Helper()
	return r.s.RecordOutside(r.Context(), r.shop, r.key, input)
}

func (r *recorder) count(model any) int64 {
	r.Helper()
	var n int64
	if err := r.s.DB.Model(model).Where("shop_id = ?", r.shop.ID).Count(&n).Error; err != nil {
		r.Fatal(err)
	}
	return n
}

// released is an input that is right.
func released(key string) *activity.Outside {
	input := &activity.Outside{Type: models.UserAction, Action: "RELEASE_CREATED", Summary: "Release created · Spring 2026 Reds"}
	if key != "" {
		input.IdempotencyKey = &key
	}
	return input
}

func TestOutsideUnderOneKeyIsOneEntry(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	first, err := r.record(released("a"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.record(released("a"))
	if err != nil || again.ID != first.ID || r.count(&models.Activity{}) != 1 {
		t.Errorf("the same key led to %v, %v; %d entries", again, err, r.count(&models.Activity{}))
	}
	other := released("a")
	other.Summary = "Release created · Autumn 2026 Whites"
	refused, err := r.record(other)
	f, ok := fault.As(err)
	if refused != nil || !ok || f.Problems[0].Code != "IDEMPOTENCY_CONFLICT" || !slices.Equal(f.Problems[0].Field, []string{"idempotencyKey"}) {
		t.Errorf("the same key with other content: %v, %v", refused, err)
	}
	if _, err := r.record(released("")); err != nil || r.count(&models.Activity{}) != 2 {
		t.Errorf("without a key: %v", err)
	}
}

func TestOutsideCallsAtOnceUnderOneKeyRecordOnce(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	const callers, keys = 8, 5
	ids := make([][]string, callers)
	var calling sync.WaitGroup
	for i := range callers {
		calling.Go(func() {
			inputs := make([]*activity.Outside, keys)
			for k := range inputs {
				inputs[k] = released(fmt.Sprint((k + i) % keys)) // each in another order: they must not lock each other out
			}
			entries, err := r.s.RecordOutsideBatch(t.Context(), r.shop, r.key, inputs)
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
				return
			}
			for k, e := range entries {
				ids[i] = append(ids[i], fmt.Sprint((k+i)%keys, " ", e.ID))
			}
		})
	}
	calling.Wait()
	if n := r.count(&models.Activity{}); n != keys {
		t.Errorf("%d entries for %d keys", n, keys)
	}
	for i := range ids {
		slices.Sort(ids[i])
		if diff := cmp.Diff(ids[0], ids[i]); diff != "" {
			t.Errorf("caller %d got other entries:\n%s", i, diff)
		}
	}
}

func TestOutsideKeysEndAfterADay(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	first, err := r.record(released("old"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.record(released("fresh")); err != nil {
		t.Fatal(err)
	}
	age := r.s.DB.Model(&models.RecordedKey{}).Where("key = 'old'").Update("recorded_at", models.Now().Add(-24*time.Hour))
	if age.Error != nil {
		t.Fatal(age.Error)
	}
	second, err := r.record(released("old"))
	if err != nil || second.ID == first.ID {
		t.Errorf("a key of yesterday still leads to its entry: %v", err)
	}
	if again, err := r.record(released("old")); err != nil || again.ID != second.ID {
		t.Errorf("the key does not lead to its new entry: %v", err)
	}
	age = r.s.DB.Model(&models.RecordedKey{}).Where("key = 'old'").Update("recorded_at", models.Now().Add(-24*time.Hour))
	if age.Error != nil {
		t.Fatal(age.Error)
	}
	for range 2 { // the second time there is nothing to do, and nothing to tell
		if err := r.s.ForgetKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var told []models.Activity
	if err := r.s.DB.Where("action = 'CLEAN_UP'").Find(&told).Error; err != nil || len(told) != 1 {
		t.Fatalf("%d entries tell of the clean-up, %v", len(told), err)
	}
	if told[0].Type != models.SystemEvent || !strings.Contains(string(told[0].Metadata), "1") || r.count(&models.RecordedKey{}) != 1 {
		t.Errorf("told %+v; %d keys are left", told[0], r.count(&models.RecordedKey{}))
	}
}

func TestOutsideBatchRefusesOneAndRecordsTheOthersInOrder(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	inputs := make([]*activity.Outside, 500)
	for i := range inputs {
		inputs[i] = released(fmt.Sprint("key ", i))
		inputs[i].Summary = fmt.Sprintf("%03d", i)
	}
	inputs[7].Action = "release created"
	inputs[9] = inputs[8] // the same input twice is one entry
	entries, err := r.s.RecordOutsideBatch(t.Context(), r.shop, r.key, inputs)
	f, ok := fault.As(err)
	if !ok || len(f.Problems) != 1 || !slices.Equal(f.Problems[0].Field, []string{"7", "action"}) {
		t.Fatalf("refused with %+v", err)
	}
	if len(entries) != 500 || entries[7] != nil || entries[8].ID != entries[9].ID || r.count(&models.Activity{}) != 498 {
		t.Fatalf("%d entries answered, %d recorded", len(entries), r.count(&models.Activity{}))
	}
	list, err := r.s.List(t.Context(), r.shop, nil, models.Page{Reverse: true})
	if err != nil {
		t.Fatal(err)
	}
	var summaries []string
	for _, e := range list.Entries {
		summaries = append(summaries, e.Summary)
	}
	if !slices.IsSorted(summaries) {
		t.Errorf("not in the order of the inputs: %v", summaries)
	}
	tooMany, err := r.s.RecordOutsideBatch(t.Context(), r.shop, r.key, make([]*activity.Outside, 501))
	if !fault.Is(err, fault.Invalid) || len(tooMany) != 0 {
		t.Errorf("501 at once: %d, %v", len(tooMany), err)
	}
}

func TestOutsideSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	deep := json.RawMessage(strings.Repeat("[", 25) + strings.Repeat("]", 25))
	text := func(s string) *string { return &s }
	at := func(d time.Duration) *time.Time { t := models.Now().Add(d); return &t }
	for name, test := range map[string]struct {
		spoil func(*activity.Outside)
		field string
	}{
		"no summary":             {func(o *activity.Outside) { o.Summary = " " }, "summary"},
		"long summary":           {func(o *activity.Outside) { o.Summary = strings.Repeat("ä", 501) }, "summary"},
		"zero byte":              {func(o *activity.Outside) { o.Summary = "a\x00b" }, "summary"},
		"two lines":              {func(o *activity.Outside) { o.Summary = "a\nb" }, "summary"},
		"not UTF-8":              {func(o *activity.Outside) { o.Summary = "a\xffb" }, "summary"},
		"small letters":          {func(o *activity.Outside) { o.Action = "release" }, "action"},
		"Tagtrail's own action":  {func(o *activity.Outside) { o.Action = "RULE_DELETED" }, "action"},
		"long key":               {func(o *activity.Outside) { o.IdempotencyKey = text(strings.Repeat("k", 256)) }, "idempotencyKey"},
		"too long ago":           {func(o *activity.Outside) { o.OccurredAt = at(-31 * 24 * time.Hour) }, "occurredAt"},
		"in the future":          {func(o *activity.Outside) { o.OccurredAt = at(time.Hour) }, "occurredAt"},
		"nameless actor":         {func(o *activity.Outside) { o.Actor = &activity.OutsideActor{Type: models.ActorStaff} }, "actor name"},
		"entity without id":      {func(o *activity.Outside) { o.Entity = &activity.OutsideEntity{Type: "Release", Title: "x"} }, "entity id"},
		"script as address":      {withURL("javascript:alert(1)"), "entity url"},
		"address without a host": {withURL("https:///x"), "entity url"},
		"metadata is a list":     {withMetadata(`[1]`), "metadata"},
		"metadata is large":      {withMetadata(`{"a":"` + strings.Repeat("x", 64<<10) + `"}`), "metadata"},
		"metadata has a zero":    {withMetadata(`{"a\u0000":1}`), "metadata"},
		"metadata claims":        {withMetadata(`{"recordedBy":{"name":"Riley Park"}}`), "metadata recordedBy"},
		"a huge number":          {withMetadata(`{"a":1e9999}`), "metadata"},
		"a tiny number":          {withMetadata(`{"a":1e-9999}`), "metadata"},
		"a number of many digits": {
			withMetadata(`{"a":` + strings.Repeat("9", 101) + `}`), "metadata",
		},
		"deep value": {func(o *activity.Outside) { o.Changes = []activity.OutsideChange{{Field: "f", After: deep}} }, "changes 0 after"},
		"many changes": {func(o *activity.Outside) {
			o.Changes = make([]activity.OutsideChange, 101)
		}, "changes"},
		"error and success": {func(o *activity.Outside) { o.Error = &activity.OutsideError{Code: "X", Message: "m"} }, "status"},
		"error without code": {func(o *activity.Outside) {
			o.Status, o.Error = models.Failed, &activity.OutsideError{Message: "m"}
		}, "error code"},
	} {
		input := released("")
		test.spoil(input)
		entry, err := r.record(input)
		f, ok := fault.As(err)
		if entry != nil || !ok || len(f.Problems) != 1 || strings.Join(f.Problems[0].Field, " ") != test.field {
			t.Errorf("%s: %v, %+v, want a problem at %s", name, entry, err, test.field)
		}
	}
	if n := r.count(&models.Activity{}); n != 0 {
		t.Errorf("%d entries were recorded all the same", n)
	}
}

func withURL(url string) func(*activity.Outside) {
	return func(o *activity.Outside) {
		o.Entity = &activity.OutsideEntity{Type: "Release", ID: "1", Title: "x", URL: &url}
	}
}

func withMetadata(raw string) func(*activity.Outside) {
	return func(o *activity.Outside) { o.Metadata = json.RawMessage(raw) }
}

func TestOutsideActorIsNeverTakenForOneOfOurs(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	id := "90000001" // a real staff member's
	for _, claimed := range []models.ActorType{models.ActorStaff, models.ActorSystem, models.ActorRule, models.ActorAPI, models.ActorExternal} {
		input := released("")
		input.Actor = &activity.OutsideActor{Type: claimed, ID: &id, Name: "Riley Park"}
		e, err := r.record(input)
		if err != nil {
			t.Fatal(err)
		}
		var metadata struct {
			RecordedBy struct{ Type, ID, Name, As string }
		}
		if err := json.Unmarshal(e.Metadata, &metadata); err != nil {
			t.Fatal(err)
		}
		by := metadata.RecordedBy
		if e.ActorType != models.ActorExternal || *e.ActorID == id || !strings.HasPrefix(*e.ActorID, *r.key.ID) || e.ActorName != "Riley Park" {
			t.Errorf("claimed as %s: shown as %s %s %s", claimed, e.ActorType, *e.ActorID, e.ActorName)
		}
		if by.Type != "API" || by.ID != *r.key.ID || by.Name != "Back office" || by.As != string(claimed) {
			t.Errorf("recorded by %+v", by)
		}
	}
	e, err := r.record(released(""))
	if err != nil || e.ActorType != models.ActorAPI || *e.ActorID != *r.key.ID {
		t.Errorf("nobody named: %+v, %v", e, err)
	}
}

func TestOutsideShopifyRecordOpensInTheAdmin(t *testing.T) {
	t.Parallel()
	r := setupRecorder(t)
	input := released("")
	input.Entity = &activity.OutsideEntity{Type: "Order", ID: "gid://shopify/Order/1042", Title: "#1042"}
	input.Categories = []models.ActivityCategory{models.CategoryMetafields}
	e, err := r.record(input)
	if err != nil {
		t.Fatal(err)
	}
	if url := e.Entity().URL; url == nil || *url != "https://admin.example/cellar/orders/1042" {
		t.Errorf("opens at %v", url)
	}
	if got := e.CategoryNames(); !slices.Equal(got, []models.ActivityCategory{models.CategoryMetafields}) {
		t.Errorf("in the tabs %v", got)
	}
}
