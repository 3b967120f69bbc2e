package simulator

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// deliveryTimeout is the time that Shopify waits for the whole answer.
	deliveryTimeout = 5 * time.Second
	// deliveriesAtOnce bounds the deliveries in flight.
	deliveriesAtOnce = 16
)

// shopifyRetryWaits are eight tries after the first, spread over four hours.
func shopifyRetryWaits() []time.Duration {
	return []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
		20 * time.Minute, 40 * time.Minute, time.Hour, 102 * time.Minute,
	}
}

// delivery is one webhook on its way. A retry is the same delivery: same body, same webhook id.
type delivery struct {
	store     *store
	sub       *subscription // nil: sent by the control API
	url       string
	topic     string
	webhookID string
	eventID   string
	triggered time.Time
	body      []byte
	secret    string
	name      string
	headers   map[string]*string
	attempt   int
	due       time.Time
	seq       int
	fault     string
}

type deliveryHeap []*delivery

func (h deliveryHeap) Len() int { return len(h) }
func (h deliveryHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].seq < h[j].seq
	}
	return h[i].due.Before(h[j].due)
}
func (h deliveryHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *deliveryHeap) Push(x any)   { *h = append(*h, x.(*delivery)) }
func (h *deliveryHeap) Pop() any {
	old := *h
	d := old[len(old)-1]
	*h = old[:len(old)-1]
	return d
}

// outbox sends webhooks. One goroutine owns the schedule; each delivery has its own, bounded.
type outbox struct {
	sim    *Simulator
	client *http.Client
	slots  chan struct{}
	wake   chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	started bool
	closed  bool
	queue   deliveryHeap
	seq     int
	flying  int
	idle    chan struct{} // closed when nothing is pending or in flight
}

func newOutbox(s *Simulator) *outbox {
	idle := make(chan struct{})
	close(idle)
	return &outbox{
		sim: s,
		client: &http.Client{
			Timeout: deliveryTimeout,
			// A redirect counts as a failure, so it is never followed.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{MaxIdleConnsPerHost: deliveriesAtOnce},
		},
		slots: make(chan struct{}, deliveriesAtOnce),
		wake:  make(chan struct{}, 1),
		idle:  idle,
	}
}

func (b *outbox) add(ds ...*delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.sim.ctx.Err() != nil {
		return
	}
	for _, d := range ds {
		b.seq++
		d.seq = b.seq
		heap.Push(&b.queue, d)
	}
	b.busy()
	if !b.started {
		b.started = true
		b.wg.Add(1)
		go b.run()
	}
	b.nudge()
}

func (b *outbox) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// busy and settle keep idle true to what is pending; both run with the lock held.
func (b *outbox) busy() {
	select {
	case <-b.idle:
		b.idle = make(chan struct{})
	default:
	}
}

func (b *outbox) settle() {
	if len(b.queue) > 0 || b.flying > 0 {
		return
	}
	select {
	case <-b.idle:
	default:
		close(b.idle)
	}
}

func (b *outbox) run() {
	defer b.wg.Done()
	for {
		wait := b.launchDue()
		timer := time.NewTimer(wait)
		select {
		case <-b.sim.ctx.Done():
			timer.Stop()
			return
		case <-b.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// launchDue starts what is due and returns how long to wait for the next.
func (b *outbox) launchDue() time.Duration {
	for {
		b.mu.Lock()
		if len(b.queue) == 0 {
			b.mu.Unlock()
			return time.Hour
		}
		if wait := time.Until(b.queue[0].due); wait > 0 {
			b.mu.Unlock()
			return wait
		}
		d := heap.Pop(&b.queue).(*delivery)
		b.flying++
		b.mu.Unlock()
		select {
		case b.slots <- struct{}{}:
		case <-b.sim.ctx.Done():
			return time.Hour
		}
		b.wg.Add(1)
		go func() {
			defer b.wg.Done()
			b.attempt(d)
			<-b.slots
		}()
	}
}

func (b *outbox) attempt(d *delivery) {
	d.attempt++
	status := b.send(b.sim.ctx, d)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying--
	if status/100 != 2 && b.sim.ctx.Err() == nil && d.sub != nil {
		b.failed(d)
	}
	b.settle()
}

// failed schedules the next try, or gives up as Shopify does: a subscription that was made
// through the API is deleted after a whole schedule of failures.
func (b *outbox) failed(d *delivery) {
	waits := b.sim.opts.RetryWaits
	if d.attempt <= len(waits) {
		d.due = time.Now().Add(waits[d.attempt-1])
		heap.Push(&b.queue, d)
		b.nudge()
		return
	}
	b.wg.Add(1)
	b.flying++
	go func() {
		defer b.wg.Done()
		d.store.mu.Lock()
		d.store.removeSubscription(d.sub.id)
		d.store.mu.Unlock()
		b.sim.log.Warn("webhook subscription deleted after its last retry failed", "shop", d.store.Domain, "topic", d.topic)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.flying--
		b.settle()
	}()
}

// send makes one HTTP call and returns its status; 0 is no answer.
func (b *outbox) send(ctx context.Context, d *delivery) int {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url, bytes.NewReader(d.body))
	status := 0
	if err == nil {
		d.sign(req)
		var res *http.Response
		if res, err = b.client.Do(req); err == nil {
			io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
			res.Body.Close()
			status = res.StatusCode
		}
	}
	entry := LogEntry{
		At: began.UTC(), Kind: "delivery", Shop: d.store.Domain, Topic: d.topic, WebhookID: d.webhookID,
		EventID: d.eventID, Attempt: d.attempt, Status: status, Fault: d.fault,
		DurationMS: float64(time.Since(began).Microseconds()) / 1000,
	}
	if err != nil {
		entry.Errors = []string{err.Error()}
	}
	b.sim.requests.add(entry)
	return status
}

func (d *delivery) sign(req *http.Request) {
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Shopify-Captain-Hook")
	h.Set("X-Shopify-Topic", d.topic)
	h.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(macOf(d.body, d.secret)))
	h.Set("X-Shopify-Shop-Domain", d.store.Domain)
	h.Set("X-Shopify-API-Version", APIVersion)
	h.Set("X-Shopify-Webhook-Id", d.webhookID)
	h.Set("X-Shopify-Event-Id", d.eventID)
	h.Set("X-Shopify-Triggered-At", d.triggered.UTC().Format("2006-01-02T15:04:05.000000000Z"))
	if d.name != "" {
		h.Set("X-Shopify-Name", d.name)
	}
	for k, v := range d.headers {
		if v == nil {
			h.Del(k)
		} else {
			h.Set(k, *v)
		}
	}
}

func (b *outbox) waitIdle(ctx context.Context) error {
	b.mu.Lock()
	idle := b.idle
	b.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *outbox) wait() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.wg.Wait()
	b.client.CloseIdleConnections()
}

// emit sends a topic to everyone who subscribed to it. The payload is written now, while
// the store is locked: what is delivered later shows the record as it was.
func (st *store) emit(a action, topic string, payload func() any) { st.emitTo("", a, topic, payload) }

// emitTo is emit to the subscriptions of one app, for what no other may know; "" is every app.
func (st *store) emitTo(app string, a action, topic string, payload func() any) {
	var body []byte
	var out []*delivery
	for _, sub := range st.subs {
		if sub.header != topic || app != "" && sub.app != app {
			continue
		}
		if body == nil {
			body, _ = json.Marshal(payload())
		}
		sent := body
		if len(sub.includeFields) > 0 {
			sent = onlyFields(body, sub.includeFields)
		}
		d := &delivery{
			store:     st,
			sub:       sub,
			url:       sub.uri,
			topic:     topic,
			webhookID: uuid.NewString(),
			eventID:   a.eventID,
			triggered: a.at,
			body:      sent,
			secret:    st.sim.secretOf(sub.app),
			name:      sub.name,
			due:       time.Now(),
		}
		out = append(out, st.sim.mishandle(d)...)
	}
	if len(out) > 0 {
		st.sim.outbox.add(out...)
	}
}

// mishandle applies the webhook faults that are on: none, one or two deliveries come out.
func (s *Simulator) mishandle(d *delivery) []*delivery {
	shop := d.store.Domain
	if s.faults.strikes("webhook_lost", shop, d.topic) {
		s.requests.add(LogEntry{
			Kind: "delivery", Shop: shop, Topic: d.topic, WebhookID: d.webhookID, EventID: d.eventID, Fault: "webhook_lost",
		})
		return nil
	}
	if s.faults.strikes("webhook_late", shop, d.topic) {
		d.due, d.fault = d.due.Add(3*time.Second), "webhook_late"
	}
	if s.faults.strikes("webhook_disordered", shop, d.topic) {
		// Held back long enough for what happened after it to arrive first.
		d.due, d.fault = d.due.Add(500*time.Millisecond), "webhook_disordered"
	}
	if s.faults.strikes("webhook_doubled", shop, d.topic) {
		again := *d
		d.fault, again.fault = "webhook_doubled", "webhook_doubled"
		return []*delivery{d, &again}
	}
	return []*delivery{d}
}

func (s *Simulator) secretOf(app string) string {
	if app == otherApp {
		return otherApp
	}
	return s.opts.ClientSecret
}
