package app

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// relay stands before a server and can be taken away from it.
type relay struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]struct{}
}

func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, target: target, conns: map[net.Conn]struct{}{}}
	go r.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		r.set(true)
	})
	return r
}

func (r *relay) accept() {
	for {
		in, err := r.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.target)
		r.mu.Lock()
		if r.down || err != nil {
			_ = in.Close()
			if err == nil {
				_ = out.Close()
			}
			r.mu.Unlock()
			continue
		}
		r.conns[in], r.conns[out] = struct{}{}, struct{}{}
		r.mu.Unlock()
		pipe := func(to, from net.Conn) {
			_, _ = io.Copy(to, from)
			_, _ = to.Close(), from.Close()
		}
		go pipe(in, out)
		go pipe(out, in)
	}
}

// set takes the server away, or brings it back.
func (r *relay) set(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	if down {
		for conn := range r.conns {
			_ = conn.Close()
		}
		clear(r.conns)
	}
}

func TestWebhooksAreKeptWhileRedisIsAwayAndWorkedOffAfterwards(t *testing.T) {
	t.Parallel()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	way := newRelay(t, server.Addr())
	j := setup(t, options{redis: "redis://" + way.listener.Addr().String()})
	j.rule(j.a, models.RuleDefinition{Name: "Any", Resource: models.Product, Enabled: true,
		When: when("title", models.IsNotEmpty), AddTags: []string{"seen"}})
	before := j.createProduct(shopA, "Before")
	j.settled()
	j.wantTags(shopA, before, "seen")

	way.set(true)
	server.FlushAll()
	var products []string
	for i := range 20 {
		products = append(products, j.createProduct(shopA, fmt.Sprintf("While Redis is away %d", i)))
	}
	j.waitFor("all are kept", func() bool {
		var kept int64
		j.must(j.app.DB.Model(&models.Delivery{}).Where("topic = 'products/create'").Count(&kept).Error)
		return kept == 21
	})
	for _, e := range j.sim.Log() {
		if e.Kind == "delivery" && e.Status != http.StatusOK {
			t.Errorf("%s was answered %d", e.Topic, e.Status)
		}
	}
	way.set(false)
	j.settled()
	for _, product := range products {
		j.wantTags(shopA, product, "seen")
	}
	if applied := j.entries(j.a, "action = 'SMART_TAG_APPLIED'"); len(applied) != 21 {
		t.Errorf("%d entries of the rule, want one for each product", len(applied))
	}
}

func TestAWebhookThatCannotBeKeptIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	pool, err := j.app.DB.DB()
	j.must(err)
	j.settled()
	j.must(pool.Close())
	statuses := j.deliver(simulator.Delivery{Shop: shopA, Topic: "products/update", Payload: []byte(`{"id": 1}`)})
	if !slices.Equal(statuses, []int{http.StatusServiceUnavailable}) {
		t.Errorf("answered %v", statuses)
	}
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
		res, err := j.client.Get(j.url + path)
		j.must(err)
		_ = res.Body.Close()
		if path == "/readyz" && !models.IsPostgres(j.app.DB) {
			continue // SQLite reads on connections of its own, which are not closed
		}
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestWhatWasNotWorkedOffIsAfterARestart(t *testing.T) {
	t.Parallel()
	j := setup(t, options{retries: "600"})
	j.rule(j.a, models.RuleDefinition{Name: "Any", Resource: models.Product, Enabled: true,
		When: when("title", models.IsNotEmpty), AddTags: []string{"seen"}})
	j.must(j.sim.SetFaults(simulator.Fault{Name: "5xx", Shop: shopA, Operation: "tagsAdd"}))
	product := j.createProduct(shopA, "Gamay")
	j.waitFor("the first try has failed", func() bool {
		var failed int64
		j.must(j.app.DB.Model(&models.Delivery{}).Where("status = ? AND attempts = 1", models.DeliveryPending).Count(&failed).Error)
		return failed == 1
	})
	j.sim.ClearFaults()
	// The server stops while the row waits, Redis forgets all, and the time comes.
	j.must(j.app.DB.Model(&models.Delivery{}).Where("status = ?", models.DeliveryPending).Update("due_at", models.Now()).Error)
	j.config.RedisPrefix += "-emptied"
	j.restart(options{})
	j.settled()
	j.wantTags(shopA, product, "seen")
	if calls := j.writes(shopA); len(calls) != 2 {
		t.Errorf("%d writes, want the one that failed and the one that did not", len(calls))
	}
}
