package streams

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

func TestEntriesArriveSignedAndInOrder(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop, other := h.shop(), h.shop()
	to := receive(t)
	h.record(shop, "before")
	id, secret := h.stream(shop, to.URL, nil)
	h.record(other, "another shop's")
	var want []string
	for i := range 250 {
		want = append(want, fmt.Sprintf("entry %d", i))
		h.record(shop, want[i])
	}
	h.deliver(id)
	got := to.summaries()
	if got[0] != "Stream Warehouse made" || !slices.Equal(got[1:], want) {
		t.Fatalf("got %d events: %.10q", len(got), got)
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	h.must(err)
	for _, m := range to.taken() {
		if err := verifier.Verify(m.body, m.header); err != nil {
			t.Errorf("the library of the scheme refuses it: %v", err)
		}
		if m.Type != "activity.batch" || m.Data.Shop != shop.Domain || m.Data.Stream != id || m.header.Get("Content-Type") != "application/json" {
			t.Errorf("message %s of %s, %v", m.Type, m.Data.Shop, m.header)
		}
	}
	if n := len(to.taken()); n != 3 {
		t.Errorf("%d messages for 251 events", n)
	}
	row := h.row(id)
	if row.Delivered != 251 || row.LastSuccessAt == nil || row.Working {
		t.Errorf("the row says %+v", row)
	}
}

func TestADeliveryIsInTheLogAndInNoStream(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, secret := h.stream(shop, to.URL, nil)
	h.deliver(id)
	h.deliver(id)
	if len(to.taken()) != 1 || h.waiting(id) != 0 {
		t.Fatalf("%d messages, %d events wait: a delivery is streamed", len(to.taken()), h.waiting(id))
	}
	var e models.Activity
	h.must(h.DB.Where("shop_id = ? AND action = 'STREAM_DELIVERED'", shop.ID).Take(&e).Error)
	if e.Type != models.Webhook || e.Status != models.Success || *e.EntityID != id || e.ID != to.taken()[0].header.Get("webhook-id") ||
		e.Summary != "1 entry sent to Warehouse" || strings.Contains(string(e.Metadata), strings.TrimPrefix(secret, "whsec_")) {
		t.Errorf("entry %+v %s", e, e.Metadata)
	}
	read, err := h.Activity.Get(t.Context(), shop.ID, e.ID)
	h.must(err)
	sent, err := h.Sent(t.Context(), read)
	h.must(err)
	request, err := sent.Request(t.Context())
	if err != nil || sent.Events != 1 || sent.Attempts != 1 || *sent.ResponseStatus != 200 || !strings.Contains(*request, "Stream Warehouse made") {
		t.Errorf("sent %+v: %v", sent, err)
	}
	h.must(h.DB.Model(&models.StreamMessage{}).Where("id = ?", e.ID).Update("created_at", models.Now().AddDate(0, 0, -31)).Error)
	h.must(h.Forget(t.Context()))
	read, err = h.Activity.Get(t.Context(), shop.ID, e.ID)
	h.must(err)
	if sent, err := h.Sent(t.Context(), read); sent != nil || err != nil {
		t.Errorf("after 31 days it is still kept: %v", err)
	}
	_, err = h.Replay(t.Context(), shop, riley, id, time.Now().Add(-time.Hour))
	h.must(err)
	h.deliver(id)
	for _, e := range to.events() {
		if e.Activity.Action == activity.StreamDelivered {
			t.Error("a replay sends a delivery")
		}
	}
}

func TestAStreamSendsWhatItsFilterMatchesAtThatTime(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	search := `status:failed "the vintage"`
	id, _ := h.stream(shop, to.URL, &activity.Filter{Search: &search})
	h.record(shop, "Nobody asked for the vintage")
	failing := sketch("Tasting of the vintage")
	failing.Status = models.Pending
	h.must(h.Activity.Record(t.Context(), shop, failing))
	h.deliver(id)
	if got := to.summaries(); len(got) > 0 {
		t.Fatalf("sent %q", got)
	}
	h.must(h.Activity.Commit(t.Context(), shop, func(tx *activity.Tx) error {
		return tx.Update(failing.ID, "", func(e *models.Activity) { e.Status = models.Failed })
	}))
	h.deliver(id)
	got := to.events()
	if len(got) != 1 || got[0].Type != updated || got[0].Activity.ID != failing.ID || got[0].Activity.Status != models.Failed || len(got[0].Activity.History) != 2 {
		t.Errorf("sent %+v", got)
	}
}

func TestAReplayGoesBetweenWhatWaitedAndWhatIsNew(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	base := models.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for i := range 150 {
		e := sketch(fmt.Sprintf("old %d", i))
		e.OccurredAt = base.Add(time.Duration(i) * time.Second)
		h.must(h.Activity.Record(t.Context(), shop, e))
	}
	id, _ := h.stream(shop, to.URL, &activity.Filter{Actions: []string{"TOLD"}})
	h.record(shop, "waits")
	_, err := h.Replay(t.Context(), shop, riley, id, base.Add(20*time.Second))
	h.must(err)
	h.record(shop, "new")
	h.deliver(id)
	want := []string{"waits"}
	for i := 20; i < 150; i++ {
		want = append(want, fmt.Sprintf("old %d", i))
	}
	// What waited and what is new is in the log, too.
	want = append(want, "waits", "new", "new")
	if got := to.summaries(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if kinds := to.events(); kinds[1].Type != replayed || kinds[len(kinds)-1].Type != recorded {
		t.Errorf("types %s and %s", kinds[1].Type, kinds[len(kinds)-1].Type)
	}
}

func TestAStreamThatWasDisabledCatchesUp(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, _ := h.stream(shop, to.URL, &activity.Filter{Actions: []string{"TOLD"}})
	h.record(shop, "waited")
	_, err := h.SetEnabled(t.Context(), shop, riley, id, false, true)
	h.must(err)
	h.record(shop, "meanwhile")
	h.must(h.Deliver(t.Context(), id))
	if got := to.summaries(); len(got) > 0 {
		t.Errorf("disabled, it sends %q", got)
	}
	_, err = h.SetEnabled(t.Context(), shop, riley, id, true, true)
	h.must(err)
	h.record(shop, "after")
	h.deliver(id)
	// The catching up begins early, and may send twice.
	if got := to.summaries(); got[0] != "waited" || !slices.Contains(got, "meanwhile") || got[len(got)-1] != "after" {
		t.Errorf("got %q", got)
	}
}

func TestTheOldSecretSignsBesideTheNewOneForADay(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, first := h.stream(shop, to.URL, nil)
	_, second, err := h.RotateSecret(t.Context(), shop, riley, id)
	h.must(err)
	h.deliver(id)
	verified := func(secret string) bool {
		verifier, err := standardwebhooks.NewWebhook(secret)
		h.must(err)
		m := to.taken()[len(to.taken())-1]
		return verifier.Verify(m.body, m.header) == nil
	}
	if first == second || !verified(first) || !verified(second) {
		t.Error("one of the two does not verify")
	}
	h.must(h.DB.Model(&models.Stream{}).Where("id = ?", id).Update("old_secret_until", models.Now()).Error)
	h.record(shop, "a day later")
	h.deliver(id)
	if verified(first) || !verified(second) {
		t.Error("after a day the old secret still signs, or the new one does not")
	}
	row := h.row(id)
	if strings.Contains(string(row.Secret)+string(row.OldSecret), "whsec_") {
		t.Error("a secret is kept in the open")
	}
}

func TestAStreamThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	h.Sender = NewSender(false, "Tagtrail/test")
	since, from := "since:7d", time.Now()
	for field, in := range map[string]Input{
		"name":   {Name: " ", URL: "https://example.com"},
		"url":    {Name: "x", URL: "http://example.com"},
		"filter": {Name: "x", URL: "https://example.com", Filter: &activity.Filter{From: &from}},
	} {
		_, _, err := h.Create(t.Context(), shop, riley, in)
		if f, ok := fault.As(err); !ok || len(f.Problems) != 1 || f.Problems[0].Field[0] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, _, err := h.Create(t.Context(), shop, riley, Input{Name: "x", URL: "https://example.com", Filter: &activity.Filter{Search: &since}}); err == nil {
		t.Error("a search with a date is taken")
	}
	for _, url := range []string{
		"", "example.com", "ftp://example.com", "https://", "https://user:word@example.com", "https://example.com/#x", "https://127.0.0.1",
		"https://[::1]/", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data", "https://localhost/", "https://[::ffff:10.0.0.1]/",
	} {
		if h.Sender.addressTrouble(url) == "" {
			t.Errorf("%q is taken", url)
		}
	}
	for range maxStreams {
		h.stream(shop, "https://example.com/hook", nil)
	}
	if _, _, err := h.Create(t.Context(), shop, riley, Input{Name: "x", URL: "https://example.com"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("one more than %d: %v", maxStreams, err)
	}
}

func TestAnotherShopsStreamIsUnknown(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop, other := h.shop(), h.shop()
	to := receive(t)
	id, _ := h.stream(shop, to.URL, nil)
	_, updated := h.Update(t.Context(), other, riley, id, Input{Name: "x", URL: to.URL})
	_, enabled := h.SetEnabled(t.Context(), other, riley, id, false, true)
	_, replayed := h.Replay(t.Context(), other, riley, id, time.Now().Add(-time.Hour))
	_, _, rotated := h.RotateSecret(t.Context(), other, riley, id)
	_, tested := h.Test(t.Context(), other, id)
	for _, err := range []error{updated, enabled, replayed, rotated, tested, h.Delete(t.Context(), other, riley, id), h.Delete(t.Context(), shop, riley, "x")} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("answered %v", err)
		}
	}
	if list, err := h.List(t.Context(), other.ID); err != nil || len(list) > 0 {
		t.Errorf("it lists %v, %v", list, err)
	}
}

func TestADeletedStreamLeavesNothingButItsEntries(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	to.answer = func(w http.ResponseWriter, _ *http.Request, _ message) bool {
		w.WriteHeader(http.StatusInternalServerError)
		return false
	}
	id, _ := h.stream(shop, to.URL, nil)
	h.must(h.Deliver(t.Context(), id)) // leaves an open message
	h.record(shop, "waits")
	h.must(h.Delete(t.Context(), shop, riley, id))
	h.record(shop, "after")
	var left int64
	h.must(h.DB.Raw("SELECT (SELECT count(*) FROM stream_items) + (SELECT count(*) FROM stream_messages)").Scan(&left).Error)
	if row := h.row(id); left > 0 || len(row.Secret) > 0 || row.Enabled {
		t.Errorf("%d rows are left, the secret has %d bytes", left, len(row.Secret))
	}
}

func TestATestIsSentAtOnceAndLogged(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, _ := h.stream(shop, to.URL, nil)
	result, err := h.Test(t.Context(), shop, id)
	h.must(err)
	if got := to.taken(); !result.Delivered || *result.Status != 200 || len(got) != 1 || got[0].Type != typeTest || got[0].Data.Events == nil {
		t.Errorf("result %+v", result)
	}
	to.answer = func(w http.ResponseWriter, _ *http.Request, _ message) bool {
		http.Error(w, "no such hook", http.StatusNotFound)
		return false
	}
	result, err = h.Test(t.Context(), shop, id)
	h.must(err)
	if result.Delivered || *result.Status != 404 || result.Message != "It answered 404." || !strings.Contains(result.Body, "no such hook") {
		t.Errorf("result %+v", result)
	}
	var entries int64
	h.must(h.DB.Model(&models.Activity{}).Where("shop_id = ? AND action = 'STREAM_DELIVERED'", shop.ID).Count(&entries).Error)
	if entries != 2 || h.row(id).FailingSince != nil {
		t.Errorf("%d entries, failing since %v", entries, h.row(id).FailingSince)
	}
}

// TestWhatMovesToAnotherClassIsNoNews changes how long a shop keeps its entries. They move, and no stream takes them for
// new or changed.
func TestWhatMovesToAnotherClassIsNoNews(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	id, _ := h.stream(shop, to.URL, nil)
	h.record(shop, "short")
	h.deliver(id)
	before := to.summaries()
	settings := shop.Settings
	if settings.RetentionDays = 400; shop.RetentionClass() == models.ClassLong {
		settings.RetentionDays = 7
	}
	shop.Keep(settings, models.Now())
	h.must(h.DB.Save(shop).Error)
	h.must(h.Activity.Commit(t.Context(), shop, func(tx *activity.Tx) error {
		_, err := h.Activity.Move(tx.DB, shop, 100)
		return err
	}))
	var moved int64
	h.must(h.DB.Model(&models.Activity{}).Where("shop_id = ? AND retention_class = ?", shop.ID, shop.RetentionClass()).Count(&moved).Error)
	if n := h.waiting(id); n != 0 || moved < 2 {
		t.Errorf("%d entries have moved, %d wait to be sent", moved, n)
	}
	h.record(shop, "later")
	h.deliver(id)
	if got := to.summaries(); !slices.Equal(got, append(before, "later")) {
		t.Errorf("got %q", got)
	}
}
