package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

const (
	// redisEnv names the variable with the address of a Redis that tests may share.
	redisEnv = "TAGTRAIL_TEST_REDIS_URL"
	// patience is how long a test waits for something that has to happen. It is far more than it takes.
	patience = 3 * time.Minute
	testKey  = "client"
	testHush = "a secret of the tests"

	shopA = "corkandcrate.myshopify.com"
	shopB = "smalltable.myshopify.com"
)

// options say what a test needs other than the usual. The zero value is the whole app with both shops installed.
type options struct {
	// retries is WEBHOOK_RETRY_SECONDS.
	retries string
	// environment is ENVIRONMENT.
	environment string
	// log gets the app's own log.
	log io.Writer
	// wire stands between the app and Shopify.
	wire http.RoundTripper
	// timeout is how long the app waits for Shopify.
	timeout time.Duration
	// notInstalled leaves the shops without the app.
	notInstalled bool
	// stopped leaves the app unserved, until start.
	stopped bool
	// publicOnly leaves STREAMS_ALLOW_PRIVATE off: receivers of tests are on this machine.
	publicOnly bool
	// redis is where Redis is, other than where the tests have it.
	redis string
}

// journey is the whole app beside a simulated Shopify, on databases of its own.
type journey struct {
	*testing.T
	app      *App
	sim      *simulator.Simulator
	config   *Config
	url      string
	simURL   string
	listener net.Listener
	client   *http.Client
	stop     func()
	// a and b are the two shops.
	a, b *models.Shop
}

func setup(t *testing.T, o options) *journey {
	t.Helper()
	j := &journey{T: t, stop: func() {}, client: &http.Client{Transport: &http.Transport{}}}
	j.listen("127.0.0.1:0")
	j.sim = simulator.New(simulator.Options{
		Shops:        demoShops(),
		ClientID:     testKey,
		ClientSecret: testHush,
		AppURL:       j.url,
		Products:     20,
		Customers:    20,
		Orders:       20,
		Bucket:       50_000,
		Restore:      5_000,
		RetryWaits:   []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, time.Second, time.Second, 2 * time.Second, 5 * time.Second},
		IndexLag:     -1,
	})
	shopify := httptest.NewServer(j.sim)
	j.simURL = shopify.URL
	t.Cleanup(func() {
		j.sim.Close()
		shopify.Close()
	})
	j.configure(o)
	j.open(o)
	// The simulator's deliveries end before the app does.
	t.Cleanup(func() { j.stop() })
	if !o.notInstalled {
		j.a, j.b = j.install(shopA), j.install(shopB)
	}
	return j
}

func (j *journey) listen(address string) {
	j.Helper()
	listener, err := net.Listen("tcp", address)
	j.must(err)
	j.listener, j.url = listener, "http://"+listener.Addr().String()
}

func (j *journey) configure(o options) {
	j.Helper()
	key := make([]byte, 32)
	_, err := rand.Read(key)
	j.must(err)
	j.config, err = parseConfig(map[string]string{
		"APP_URL":               j.url,
		"DATABASE_URL":          modelstest.Address(j.T),
		"FILES_URL":             "file:" + j.TempDir(),
		"REDIS_URL":             cmp.Or(o.redis, os.Getenv(redisEnv)),
		"REDIS_PREFIX":          "test-" + rand.Text(),
		"SHOPIFY_CLIENT_ID":     testKey,
		"SHOPIFY_CLIENT_SECRET": testHush,
		"SHOPIFY_URL":           j.simURL + "/{shop}",
		"SHOPIFY_ADMIN_URL":     "https://admin.example/{handle}",
		"ENCRYPTION_KEYS":       "test:" + base64.StdEncoding.EncodeToString(key),
		"BILLING":               "shopify",
		"WORKER_CONCURRENCY":    "16",
		"WEBHOOK_RETRY_SECONDS": cmp.Or(o.retries, "0,0,1,1,1,1,1"),
		"ENVIRONMENT":           cmp.Or(o.environment, "production"),
		"STOP_SECONDS":          "20",
		"STREAMS_ALLOW_PRIVATE": strconv.FormatBool(!o.publicOnly),
	})
	j.must(err)
}

// open wires the app and, unless it is to stay stopped, serves it.
func (j *journey) open(o options) {
	j.Helper()
	log := slog.New(slog.DiscardHandler)
	if o.log != nil {
		log = slog.New(slog.NewTextHandler(o.log, nil))
	}
	a, err := New(context.Background(), j.config, log)
	j.must(err)
	a.Shops.Shopify.HTTP = &http.Client{Timeout: cmp.Or(o.timeout, 5*time.Second), Transport: o.wire}
	j.app = a
	j.stop = func() { a.Close(); _ = j.listener.Close() }
	if !o.stopped {
		j.start()
	}
}

// start serves the app and does its work, until stop.
func (j *journey) start() {
	j.Helper()
	a, listener := j.app, j.listener
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- a.Serve(ctx, listener) }()
	running := 1
	if !j.config.embedded() {
		running++
		go func() { ended <- a.Work(ctx) }()
	}
	j.stop = func() {
		// A server that stops waits for connections on which nothing was asked yet.
		j.client.CloseIdleConnections()
		cancel()
		for range running {
			if err := <-ended; err != nil {
				j.Errorf("the app ended with: %v", err)
			}
		}
		a.Close()
		j.stop = func() {}
	}
}

// restart ends the app and begins it again, at the same address and on the same databases.
func (j *journey) restart(o options) {
	j.Helper()
	address := j.listener.Addr().String()
	j.stop()
	j.listen(address)
	j.open(o)
}

func (j *journey) install(domain string) *models.Shop {
	j.Helper()
	shop, err := j.app.Shops.Install(j.Context(), j.session(domain))
	j.must(err)
	return shop
}

func (j *journey) session(domain string) string {
	j.Helper()
	token, err := j.sim.SessionToken(domain, "")
	j.must(err)
	return token
}

func (j *journey) must(err error) {
	j.Helper()
	if err != nil {
		j.Fatal(err)
	}
}

// waitFor returns once the condition holds.
func (j *journey) waitFor(what string, holds func() bool) {
	j.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			j.Fatalf("waited in vain: %s\n%s", what, j.openDeliveries())
		}
	}
}

func (j *journey) openDeliveries() string {
	var open []models.Delivery
	_ = j.app.DB.Where("status <> ? OR duplicates > duplicates_noted", models.DeliveryDone).Limit(10).Find(&open).Error
	var b strings.Builder
	for _, d := range open {
		fmt.Fprintf(&b, "%s %s, tried %d times, due %v, repeated %d times, %d noted, last %v\n",
			d.Topic, d.Status, d.Attempts, d.DueAt, d.Duplicates, d.DuplicatesNoted, d.LastDuplicateAt)
	}
	return b.String()
}

// settled returns once every webhook has arrived and is worked off, also those that the work itself led to.
func (j *journey) settled() {
	j.Helper()
	ctx, cancel := context.WithTimeout(j.Context(), patience)
	defer cancel()
	state := func() (all, open int64) {
		j.must(j.sim.WaitIdle(ctx))
		j.must(j.app.DB.Model(&models.Delivery{}).Count(&all).Error)
		j.must(j.app.DB.Model(&models.Delivery{}).
			Where("status IN ? OR (status = ? AND duplicates > duplicates_noted)",
				[]models.DeliveryStatus{models.DeliveryPending, models.DeliveryProcessing}, models.DeliveryDone).
			Count(&open).Error)
		return all, open
	}
	j.waitFor("every delivery is worked off", func() bool {
		all, open := state()
		if open > 0 {
			return false
		}
		again, open := state()
		return again == all && open == 0
	})
}

// rule saves a rule of the shop.
func (j *journey) rule(shop *models.Shop, def models.RuleDefinition) *models.Rule {
	j.Helper()
	if def.Triggers == nil {
		def.Triggers = []models.Trigger{models.Created, models.Updated}
	}
	actor := models.Actor{Type: models.ActorStaff, Name: "Riley Park"}
	rule, err := j.app.Rules.Create(j.Context(), shop, actor, def)
	j.must(err)
	return rule
}

// when is one condition.
func when(field string, operator models.Operator, values ...string) models.ConditionGroup {
	return models.ConditionGroup{
		Match:      models.MatchAll,
		Conditions: []models.Condition{{Field: field, Operator: operator, Values: values}},
	}
}

// deliver sends a webhook by hand and returns the statuses it was answered with.
func (j *journey) deliver(d simulator.Delivery) []int {
	j.Helper()
	statuses, err := j.sim.Deliver(j.Context(), d)
	j.must(err)
	return statuses
}

// admin asks the shop's Admin API as another app does, and returns the answer's data.
func (j *journey) admin(shop, query string, variables map[string]any) map[string]any {
	j.Helper()
	var answer struct {
		Data   map[string]any
		Errors json.RawMessage
	}
	raw := j.post(j.simURL+"/"+shop+"/admin/api/"+simulator.APIVersion+"/graphql.json", query, variables,
		http.Header{"X-Shopify-Access-Token": {"sim-admin"}}).body
	j.must(json.Unmarshal(raw, &answer))
	if answer.Errors != nil {
		j.Fatalf("Admin API: %s", answer.Errors)
	}
	return answer.Data
}

// reply is an answer over HTTP.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (j *journey) post(url, query string, variables any, header http.Header) reply {
	j.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	j.must(err)
	return j.send(url, body, header)
}

func (j *journey) send(url string, body []byte, header http.Header) reply {
	j.Helper()
	req, err := http.NewRequestWithContext(j.Context(), http.MethodPost, url, bytes.NewReader(body))
	j.must(err)
	req.Header = header
	req.Header.Set("Content-Type", "application/json")
	res, err := j.client.Do(req)
	j.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	j.must(err)
	return reply{res.StatusCode, res.Header, raw}
}

// ask asks the app's GraphQL API as a person of the shop's staff.
func (j *journey) ask(shop, query string, variables map[string]any) reply {
	j.Helper()
	return j.post(j.url+"/graphql", query, variables, http.Header{"Authorization": {"Bearer " + j.session(shop)}})
}

// data asks likewise and reads the answer's data, which must come without errors.
func (j *journey) data(shop, query string, variables map[string]any, into any) {
	j.Helper()
	r := j.ask(shop, query, variables)
	var answer struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal(r.body, &answer); err != nil || answer.Errors != nil {
		j.Fatalf("%d %s", r.status, r.body)
	}
	j.must(json.Unmarshal(answer.Data, into))
}

// entries returns the shop's entries, oldest first, that a further condition keeps.
func (j *journey) entries(shop *models.Shop, where string, args ...any) []models.Activity {
	j.Helper()
	var found []models.Activity
	j.must(j.app.DB.Where("shop_id = ?", shop.ID).Where(where, args...).Order("occurred_at, id").Find(&found).Error)
	return found
}

// one returns the only such entry.
func (j *journey) one(shop *models.Shop, where string, args ...any) models.Activity {
	j.Helper()
	found := j.entries(shop, where, args...)
	if len(found) != 1 {
		j.Fatalf("%d entries where %s %v, want 1", len(found), where, args)
	}
	return found[0]
}

// writes returns the calls that changed tags in the shop, in order.
func (j *journey) writes(shop string) []simulator.LogEntry {
	var calls []simulator.LogEntry
	for _, e := range j.sim.Log() {
		ours := e.Kind == "graphql" && e.Shop == shop && e.App != "sim-admin"
		if ours && (slices.Contains(e.Fields, "tagsAdd") || slices.Contains(e.Fields, "tagsRemove")) {
			calls = append(calls, e)
		}
	}
	return calls
}

// tagsOf returns a record's tags before and after what the entry tells of.
func tagsOf(entry models.Activity) (before, after []string) {
	for _, c := range entry.Changes {
		if c.Field == "tags" {
			_ = json.Unmarshal(c.Before, &before)
			_ = json.Unmarshal(c.After, &after)
		}
	}
	return before, after
}

func metadata(entry models.Activity) map[string]any {
	var values map[string]any
	_ = json.Unmarshal(entry.Metadata, &values)
	return values
}

func ptr[T any](v T) *T { return &v }
