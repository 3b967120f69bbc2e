package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/stops"
	"github.com/tagtrail/tagtrail/streams"
)

// madeStream is a stream as the person saw it who made it.
type madeStream struct{ ID, Secret string }

func (j *journey) stream(shop, name, url string, filter any) madeStream {
	j.Helper()
	var got struct {
		StreamCreate struct {
			Stream     *struct{ ID string }
			Secret     string
			UserErrors []struct{ Message string }
		}
	}
	j.data(shop, `mutation ($input: StreamInput!) { streamCreate(input: $input) { stream { id } secret userErrors { message } } }`,
		map[string]any{"input": map[string]any{"name": name, "url": url, "filter": filter}}, &got)
	if got.StreamCreate.Stream == nil {
		j.Fatalf("no stream: %+v", got.StreamCreate.UserErrors)
	}
	return madeStream{got.StreamCreate.Stream.ID, got.StreamCreate.Secret}
}

// collector is a receiver that keeps what it took, in order, each message once.
type collector struct {
	*httptest.Server
	secret   atomic.Pointer[string]
	mu       sync.Mutex
	ids      []string
	messages map[string]int
	events   []collected
	forged   int
}

type collected struct {
	Type     string
	Activity struct{ ID, Action, Summary string }
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{messages: map[string]int{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP implements http.Handler.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if !c.take(r.Header, raw) {
		http.Error(w, "wrong signature", http.StatusUnauthorized)
	}
}

func (c *collector) take(header http.Header, raw []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if secret := c.secret.Load(); secret != nil {
		verifier, err := standardwebhooks.NewWebhook(*secret)
		if err != nil || verifier.Verify(raw, header) != nil {
			c.forged++
			return false
		}
	}
	var m struct{ Data struct{ Events []collected } }
	if json.Unmarshal(raw, &m) != nil {
		return false
	}
	id := header.Get("webhook-id")
	c.messages[id]++
	if c.messages[id] == 1 {
		c.ids = append(c.ids, id)
		c.events = append(c.events, m.Data.Events...)
	}
	return true
}

func (c *collector) summaries(action string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []string{}
	for _, e := range c.events {
		if e.Activity.Action == action && e.Type == "activity.recorded" {
			list = append(list, e.Activity.Summary)
		}
	}
	return list
}

func (j *journey) jot(shop *models.Shop, summary string) {
	j.Helper()
	j.must(j.app.Activity.Record(j.Context(), shop, &models.Activity{Type: models.UserAction, Action: "TOLD", Status: models.Success,
		Summary: summary, ActorType: models.ActorSystem, ActorName: "Tagtrail"}))
}

func TestWhatHappensInAShopReachesItsStreams(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	all, tags := collect(t), collect(t)
	first := j.stream(shopA, "Everything", all.URL, nil)
	all.secret.Store(&first.Secret)
	second := j.stream(shopA, "Tags", tags.URL, map[string]any{"categories": []string{"TAGS"}})
	tags.secret.Store(&second.Secret)
	j.rule(j.a, models.RuleDefinition{Name: "VIP", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "1"), AddTags: []string{"VIP"}})
	j.createOrder(shopA, "9.00", nil)
	j.createOrder(shopB, "9.00", nil)
	j.settled()
	j.waitFor("the tag is told", func() bool { return len(tags.summaries("SMART_TAG_APPLIED")) == 1 })
	j.waitFor("the webhook is told", func() bool { return len(all.summaries("WEBHOOK_RECEIVED")) > 0 })
	if tags.forged+all.forged > 0 {
		t.Errorf("%d signatures are wrong", tags.forged+all.forged)
	}
	var got struct {
		Streams []struct {
			Name                string
			Enabled, Failing    bool
			Delivered           int
			LastSuccessAt       *time.Time
			Filter              activity.Filter
			Waiting             struct{ Count int }
			CreatedBy           struct{ Name string }
			Replaying           bool
			LastFailure, Secret *string
		}
	}
	j.waitFor("the receipts are kept", func() bool {
		var open int64
		j.must(j.app.DB.Model(&models.Stream{}).Where("delivered = 0").Count(&open).Error)
		return open == 0
	})
	j.data(shopA, `{ streams { name enabled failing delivered lastSuccessAt filter waiting { count } createdBy { name } replaying lastFailure } }`, nil, &got)
	s := got.Streams
	if len(s) != 2 || s[0].Name != "Tags" || s[0].Delivered == 0 || s[0].LastSuccessAt == nil || !s[0].Enabled || s[0].Failing ||
		!slices.Equal(s[0].Filter.Categories, []models.ActivityCategory{models.CategoryTags}) || s[0].CreatedBy.Name != "Riley Park" {
		t.Errorf("streams %+v", s)
	}
	var test struct {
		StreamTest struct{ Result struct{ Delivered bool } }
	}
	j.data(shopA, `mutation ($id: ID!) { streamTest(id: $id) { result { delivered } userErrors { message } } }`, map[string]any{"id": first.ID}, &test)
	if !test.StreamTest.Result.Delivered {
		t.Error("the test is not delivered")
	}
}

func TestASlowReceiverHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	for i := range 9 {
		j.stream(shopA, fmt.Sprint("Slow ", i), slow.URL, nil)
	}
	quick, ofB := collect(t), collect(t)
	j.stream(shopA, "Quick", quick.URL, nil)
	j.stream(shopB, "Of B", ofB.URL, nil)
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprint("entry ", i))
		j.jot(j.a, want[i])
		j.jot(j.b, want[i])
	}
	began := time.Now()
	j.rule(j.a, models.RuleDefinition{Name: "VIP", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "1"), AddTags: []string{"VIP"}})
	j.createOrder(shopA, "9.00", nil)
	j.settled()
	j.waitFor("the quick ones have everything", func() bool {
		return slices.Equal(quick.summaries("TOLD"), want) && slices.Equal(ofB.summaries("TOLD"), want)
	})
	if took := time.Since(began); took > time.Minute {
		t.Errorf("beside nine slow receivers it took %v", took)
	}
}

func TestAStreamIsRefusedWhatLiesInsideUnlessItIsAllowed(t *testing.T) {
	t.Parallel()
	j := setup(t, options{publicOnly: true, stopped: true})
	_, _, err := j.app.Streams.Create(t.Context(), j.a, riley, streamTo("https://127.0.0.1/"))
	if err == nil || !strings.Contains(err.Error(), "private network") {
		t.Errorf("answered %v", err)
	}
}

// TestADeliveryMayBeStoppedAtAnyStep stops a delivery at its first statement or call, at the second, and so on to the
// last, and then lets it go on. Whatever the step, every event arrives, and for the first time in order; a message that
// comes again is the same message; the log has each delivery once.
func TestADeliveryMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for name, how := range stoppings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stops.Stopper{}
			j := setup(t, options{stopped: true})
			to := collect(t)
			made, secret, err := j.app.Streams.Create(t.Context(), j.a, riley, streamTo(to.URL))
			j.must(err)
			to.secret.Store(&secret)
			j.app.Streams.Sender.HTTP.Transport = &calls{s, http.DefaultTransport, how.after}
			j.must(stops.Statements(j.app.DB, s.Step))
			quiet := stops.Unwatched(t.Context())
			var want []string
			stops.Each(t, 15, func(step int) bool {
				for range 2 {
					want = append(want, fmt.Sprintf("entry %d", len(want)))
					j.must(j.app.Activity.Record(quiet, j.a, &models.Activity{Type: models.UserAction, Action: "TOLD", Status: models.Success,
						Summary: want[len(want)-1], ActorType: models.ActorSystem, ActorName: "Tagtrail"}))
				}
				if step%2 == 0 { // every second time there is a replay to do besides
					_, err := j.app.Streams.Replay(quiet, j.a, riley, made.ID, models.Now().Add(-time.Minute))
					j.must(err)
				}
				struck := j.deliverStopped(quiet, s, step, how.way, made.ID)
				if got := to.summaries("TOLD"); !slices.Equal(got, want) {
					t.Fatalf("stopped at step %d: got %q, want %q", step, got, want)
				}
				return struck
			})
			j.wantDeliveries(quiet, to)
		})
	}
}

// deliverStopped delivers, stopped at the step, until nothing waits. It reports whether it came to that step.
func (j *journey) deliverStopped(quiet context.Context, s *stops.Stopper, step int, way stops.Way, id string) bool {
	j.Helper()
	struck := s.Run(j.Context(), step, way, func(ctx context.Context) { _ = j.app.Streams.Deliver(ctx, id) })
	// On Postgres a replay waits for whatever else is being written on that server.
	j.waitFor(fmt.Sprintf("all is sent, stopped at step %d", step), func() bool {
		var row models.Stream
		var left int64
		db := j.app.DB.WithContext(quiet)
		j.must(db.Where("id = ?", id).Take(&row).Error)
		j.must(db.Raw("SELECT (SELECT count(*) FROM stream_items) + (SELECT count(*) FROM stream_messages WHERE delivered_at IS NULL)").Scan(&left).Error)
		if left == 0 && row.Replay.From == nil {
			return true
		}
		j.must(db.Model(&models.Stream{}).Where("id = ?", id).Update("due_at", models.Now().Add(-time.Second)).Error)
		j.must(j.app.Streams.Deliver(quiet, id))
		return false
	})
	return struck
}

// wantDeliveries holds the log to what the receiver took.
func (j *journey) wantDeliveries(quiet context.Context, to *collector) {
	j.Helper()
	var entries []models.Activity
	j.must(j.app.DB.WithContext(quiet).Where("shop_id = ? AND action = 'STREAM_DELIVERED'", j.a.ID).Order("id").Find(&entries).Error)
	var ids []string
	for _, e := range entries {
		if e.Status != models.Success {
			j.Errorf("delivery %s is %s in the log", e.ID, e.Status)
		}
		ids = append(ids, e.ID)
	}
	got := slices.Clone(to.ids)
	slices.Sort(got)
	slices.Sort(ids)
	if !slices.Equal(got, ids) {
		j.Error(errors.New("the log has other deliveries than the receiver"), len(ids), len(got))
	}
}

func streamTo(url string) streams.Input { return streams.Input{Name: "Warehouse", URL: url} }
