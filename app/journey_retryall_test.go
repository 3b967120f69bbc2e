package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"github.com/tagtrail/tagtrail/stops"
)

// failureGroup is a group of failures as the API tells of it.
type failureGroup struct {
	Code, Message    string
	Count, Retryable int
	Latest           struct{ ID string }
}

func (j *journey) failures(shop, filter string) []failureGroup {
	j.Helper()
	var got struct{ ActivityFailures []failureGroup }
	j.data(shop, `{ activityFailures`+filter+` { code message count retryable latestAt latest { id } } }`, nil, &got)
	return got.ActivityFailures
}

func (j *journey) retryAll(shop, code, filter string) retryAnswer {
	j.Helper()
	var got struct{ ActivityRetryAll retryAnswer }
	j.data(shop, fmt.Sprintf(`mutation { activityRetryAll(code: %q%s) { activity { id status retryable } userErrors { message } } }`, code, filter), nil, &got)
	return got.ActivityRetryAll
}

// failedProducts returns products whose webhooks have failed for good.
func (j *journey) failedProducts(count int) []string {
	j.Helper()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	var products []string
	for i := range count {
		products = append(products, j.createProduct(shopA, fmt.Sprintf("Gamay %d", i)))
	}
	j.settled()
	j.sim.ClearFaults()
	return products
}

func (j *journey) jobEnded(id string) models.Activity {
	j.Helper()
	j.waitFor("the retry is over", func() bool { return j.one(j.a, "id = ?", id).Status.Final() })
	return j.one(j.a, "id = ?", id)
}

func TestFailuresAreGroupedByCause(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "0"})
	j.seenRule()
	j.failedProducts(3)
	j.deliver(raw("products/update", `{"id": 7, "title": `))
	j.must(j.sim.SetFaults(simulator.Fault{Name: "user_error", Times: 2, Shop: shopA, Operation: "tagsAdd"}))
	last := j.createProduct(shopA, "Syrah")
	j.settled()
	groups := j.failures(shopA, "")
	var got []string
	for _, g := range groups {
		got = append(got, fmt.Sprintf("%s %d %d", g.Code, g.Count, g.Retryable))
		if g.Message == "" {
			t.Errorf("%s says nothing", g.Code)
		}
	}
	// What was refused is told by the webhook's warning and by the tag's entry.
	if want := []string{"NETWORK 3 3", "INVALID_DATA 2 2", "INVALID_BODY 1 0"}; !slices.Equal(got, want) {
		t.Errorf("the groups are %q, want %q", got, want)
	}
	newest := j.one(j.a, "action = 'SMART_TAG_APPLIED' AND status = 'FAILED'")
	if groups[1].Latest.ID != newest.ID || *newest.EntityID != last {
		t.Errorf("the newest that was refused is %s", groups[1].Latest.ID)
	}
	if few := j.failures(shopA, fmt.Sprintf("(filter: {entityId: %q})", last)); len(few) != 1 || few[0].Code != "INVALID_DATA" {
		t.Errorf("of one record: %+v", few)
	}
	if none := j.failures(shopA, "(filter: {statuses: [SUCCESS]})"); len(none) != 0 {
		t.Errorf("of what succeeded: %+v", none)
	}
	if other := j.failures(shopB, ""); len(other) != 0 {
		t.Errorf("of the other shop: %+v", other)
	}
}

func TestAllFailuresOfACauseAreDoneAgainByAJob(t *testing.T) {
	t.Parallel()
	// One of them cannot be written to until it is mended.
	var stuck atomic.Pointer[string]
	j := setup(t, options{retries: "0", wire: wire(func(body string) error {
		if id := stuck.Load(); id != nil && strings.Contains(body, "mutation TagsAdd") && strings.Contains(body, *id) {
			return stops.Err
		}
		return nil
	})})
	j.seenRule()
	products := j.failedProducts(12)
	stuck.Store(&products[0])
	a := j.retryAll(shopA, "NETWORK", "")
	if a.refusal() != "" || a.Activity.Status != "IN_PROGRESS" {
		t.Fatalf("answered %+v", a)
	}
	job := j.jobEnded(a.Activity.ID)
	if m := metadata(job); m["total"] != 12.0 || m["done"] != 12.0 || m["failed"] != 1.0 || m["code"] != "NETWORK" {
		t.Errorf("the job counts %v", m)
	}
	if job.Status != models.Warning || job.ActorName != "Riley Park" || job.Type != models.BackgroundJob {
		t.Errorf("the job's entry: %s by %s", job.Status, job.ActorName)
	}
	if completed := j.one(j.a, "action = 'JOB_COMPLETED' AND cause_id = ?", job.ID); completed.Status != models.Warning {
		t.Errorf("it was completed as %s", completed.Status)
	}
	stuck.Store(nil)
	if a = j.retryAll(shopA, "NETWORK", ""); a.refusal() != "" {
		t.Fatalf("answered %+v", a)
	}
	if job := j.jobEnded(a.Activity.ID); job.Status != models.Success || metadata(job)["total"] != 1.0 {
		t.Errorf("the second job: %s %v", job.Status, metadata(job))
	}
	j.settled()
	for _, product := range products {
		j.wantTags(shopA, product, "seen")
	}
	if a := j.retryAll(shopA, "NETWORK", ""); a.refusal() == "" {
		t.Errorf("with nothing left: %+v", a)
	}
	j.deliver(raw("products/update", `{"id": 7, "title": `))
	j.settled()
	if a := j.retryAll(shopA, "INVALID_BODY", ""); a.refusal() == "" {
		t.Errorf("of what cannot be retried: %+v", a)
	}
}

func TestTwoJobsDoNothingTwice(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "0"})
	j.seenRule()
	products := j.failedProducts(8)
	first, second := j.retryAll(shopA, "NETWORK", ""), j.retryAll(shopA, "NETWORK", fmt.Sprintf(", filter: {entityId: %q}", products[0]))
	total := 0.0
	for _, a := range []retryAnswer{first, second} {
		if a.refusal() != "" {
			continue // the other has done it all by then
		}
		n, _ := metadata(j.jobEnded(a.Activity.ID))["total"].(float64)
		total += n
	}
	j.settled()
	if total != 8 {
		t.Errorf("the jobs took up %v deliveries, want 8", total)
	}
	succeeded := 0
	for _, e := range j.writes(shopA) {
		if e.Status == 200 {
			succeeded++
		}
	}
	if succeeded != 8 {
		t.Errorf("%d writes succeeded, want one for each product", succeeded)
	}
}

// TestARetryOfAllMayBeStoppedAtAnyStep stops a job, and the deliveries it takes up, at their first step, at the second,
// and so on, and then lets the sweep find what is left. Whatever the step, each tag is written once.
func TestARetryOfAllMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"before the step", "with its time cut short"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, how := &stops.Stopper{}, stoppings[name]
			j := setup(t, options{stopped: true, wire: &calls{s, http.DefaultTransport, how.after}})
			j.seenRule()
			j.must(stops.Statements(j.app.DB, s.Step))
			stops.Each(t, 40, func(step int) bool { return j.retryAllStopped(s, step, how.way) })
		})
	}
}

// failedDelivery returns a product whose webhook has failed for good, and the webhook's delivery.
func (j *journey) failedDelivery(title string) (product, delivery string) {
	j.Helper()
	product = j.createProduct(shopA, title)
	now := models.Now()
	d := models.Delivery{
		ID:          models.NewID(now),
		ShopID:      j.a.ID,
		WebhookID:   product,
		Topic:       "products/create",
		TriggeredAt: now,
		ReceivedAt:  now,
		Body:        s2.Encode(nil, fmt.Appendf(nil, `{"admin_graphql_api_id": %q, "title": %q, "tags": ""}`, product, title)),
		Status:      models.DeliveryPending,
		DueAt:       now,
	}
	j.must(j.app.DB.Create(&d).Error)
	j.app.Webhooks.Waits = nil // the first try is the last
	j.must(j.app.Webhooks.Process(j.Context(), d.ID))
	return product, d.ID
}

// retryAllStopped fails two products and has them retried, stopped at the step. It reports whether it came to that
// step at all.
func (j *journey) retryAllStopped(s *stops.Stopper, step int, way stops.Way) bool {
	j.Helper()
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	products, deliveries := [2]string{}, [2]string{}
	for i := range products {
		products[i], deliveries[i] = j.failedDelivery("Gamay")
	}
	j.sim.ClearFaults()
	j.app.Webhooks.Waits = make([]time.Duration, 20)
	before := len(j.writes(shopA))

	actor := models.Actor{Type: models.ActorStaff, Name: "Riley Park"}
	var entry *activity.Entry
	var err error
	struck := s.Run(j.Context(), step, way, func(ctx context.Context) {
		if entry, err = j.app.Webhooks.RetryAll(ctx, j.a, actor, "NETWORK", nil); err == nil {
			j.workOff(ctx, s, deliveries[:])
		}
	})
	if err != nil {
		if !struck {
			j.Fatal(err)
		}
		entry, err = j.app.Webhooks.RetryAll(j.Context(), j.a, actor, "NETWORK", nil)
		j.must(err)
	}
	j.workOff(j.Context(), s, deliveries[:])
	for _, product := range products {
		j.wantTags(shopA, product, "seen")
	}
	if calls := j.writes(shopA)[before:]; len(calls) != 2 {
		j.Errorf("stopped at step %d: %d writes", step, len(calls))
	}
	for _, id := range deliveries {
		told := j.entries(j.a, "id = ? OR cause_id = ?", id, id)
		if len(told) != 2 || told[0].Status != models.Success || told[1].Status != models.Success {
			j.Errorf("stopped at step %d: the entries are %+v", step, told)
		}
	}
	j.one(j.a, "id = ?", entry.ID)
	// A job whose answer was lost may have taken them up already.
	taken := 0
	for _, e := range j.entries(j.a, "action = 'RETRY'") {
		n, _ := metadata(e)["total"].(float64)
		taken += int(n)
		j.one(j.a, "action = 'JOB_COMPLETED' AND cause_id = ?", e.ID)
		if e.Status != models.Success {
			j.Errorf("stopped at step %d: a job ended %s", step, e.Status)
		}
	}
	if taken != 2*step {
		j.Errorf("stopped at step %d: the jobs have taken up %d deliveries, want %d", step, taken, 2*step)
	}
	return struck
}

// workOff does what is due until nothing is open, or it was stopped. What was stopped is due again: the time of its lease
// passes.
func (j *journey) workOff(ctx context.Context, s *stops.Stopper, deliveries []string) {
	j.Helper()
	for range 60 {
		if s.Struck() {
			return
		}
		db := j.app.DB.WithContext(stops.Unwatched(j.Context()))
		var jobs []string
		j.must(db.Model(&models.RetryJob{}).Where("finished_at IS NULL").Pluck("id", &jobs).Error)
		var open int64
		j.must(db.Model(&models.Delivery{}).Where("status IN ('PENDING', 'PROCESSING')").Count(&open).Error)
		if len(jobs) == 0 && open == 0 {
			return
		}
		now := models.Now()
		j.must(db.Model(&models.RetryJob{}).Where("finished_at IS NULL").Update("due_at", now).Error)
		j.must(db.Model(&models.Delivery{}).Where("status IN ('PENDING', 'PROCESSING')").Update("due_at", now).Error)
		j.must(db.Where("1 = 1").Delete(&models.Lock{}).Error)
		for _, id := range jobs {
			_ = j.app.Webhooks.WorkOff(ctx, id) // what is stopped here is found again
		}
		for _, id := range deliveries {
			_ = j.app.Webhooks.Process(ctx, id) // likewise
		}
	}
	j.Fatal("it never ended")
}
