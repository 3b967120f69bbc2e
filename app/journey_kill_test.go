package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"gorm.io/gorm"
)

// childEnv makes the test program run the app instead of the tests: a process that can be killed.
const childEnv = "TAGTRAIL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	if err := runChild(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runChild serves and works in one process, with everything from the environment.
func runChild(ctx context.Context) error {
	config, err := ReadConfig()
	if err != nil {
		return err
	}
	a, err := New(ctx, config, config.NewLogger(os.Stderr))
	if err != nil {
		return err
	}
	defer a.Close()
	listener, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return err
	}
	worked := make(chan error, 1)
	go func() { worked <- a.Work(ctx) }()
	return errors.Join(a.Serve(ctx, listener), <-worked)
}

const (
	// Each product is changed once, which Shopify tells of, and then tagged by us, which it tells of again.
	killProducts   = 1000
	killDeliveries = 2 * killProducts
	kills          = 5
	flushes        = 2
)

// victim is the app in a process of its own, which is killed and started again.
type victim struct {
	tb      testing.TB
	env     []string
	address string
	cmd     *exec.Cmd
	output  bytes.Buffer
}

func (v *victim) start() {
	v.tb.Helper()
	v.cmd = exec.Command(os.Args[0])
	v.cmd.Env = append(os.Environ(), v.env...)
	v.cmd.Stdout, v.cmd.Stderr = &v.output, &v.output
	if err := v.cmd.Start(); err != nil {
		v.tb.Fatal(err)
	}
	waitUntil(v.tb, 30*time.Second, "the process answers", func() bool {
		resp, err := http.Get("http://" + v.address + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // SIGKILL: nothing of it runs any more
	_ = v.cmd.Wait()
}

func waitUntil(tb testing.TB, limit time.Duration, what string, done func() bool) {
	tb.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			tb.Fatalf("waited %v in vain until %s", limit, what)
		case <-tick.C:
		}
	}
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	db, address := modelstest.OpenAt(t)
	redisURL, flush := killRedis(t)
	port := freeAddress(t)
	sim := simulator.New(simulator.Options{
		Shops:        demoShops()[:1],
		ClientID:     "kill",
		ClientSecret: "kill-secret",
		AppURL:       "http://" + port,
		Products:     killProducts,
		Customers:    -1,
		Orders:       -1,
		Bucket:       1e6,
		Restore:      1e6,
		RetryWaits:   slices.Repeat([]time.Duration{500 * time.Millisecond}, 200),
	})
	t.Cleanup(sim.Close)
	shopify := httptest.NewServer(sim)
	t.Cleanup(shopify.Close)
	v := &victim{tb: t, address: port, env: []string{
		childEnv + "=1", "LISTEN=" + port, "APP_URL=http://" + port, "DATABASE_URL=" + address, "REDIS_URL=" + redisURL,
		"FILES_URL=file:" + t.TempDir(),
		"REDIS_PREFIX=kill-" + uuid.NewString(), "SHOPIFY_CLIENT_ID=kill", "SHOPIFY_CLIENT_SECRET=kill-secret",
		"SHOPIFY_URL=" + shopify.URL + "/{shop}", "ENCRYPTION_KEYS=1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"WEBHOOK_RETRY_SECONDS=1,1,1,1,1,1,1", "LOG_LEVEL=error",
	}}
	v.start()
	t.Cleanup(func() {
		if t.Failed() {
			_ = v.cmd.Process.Signal(syscall.SIGQUIT) // it says what it was doing
			_ = v.cmd.Wait()
		}
		v.kill()
		if t.Failed() {
			var rows []models.Delivery
			_ = db.Omit("body").Where("status <> 'DONE'").Limit(5).Find(&rows).Error
			t.Logf("open %d, tagged %d, kept %d; some that are not done: %+v", open(t, db), tagged(t, db), kept(t, db), rows)
			t.Logf("the process said:\n%s", tail(v.output.String(), 200_000))
		}
	})
	shop := demoShops()[0].Domain
	v.ask(sim, shop, `{ shop { id } }`, nil)
	v.ask(sim, shop, `mutation($i: RuleInput!) { ruleCreate(input: $i) { userErrors { message } } }`, map[string]any{"i": map[string]any{
		"name": "Seen", "resource": "PRODUCT", "triggers": []string{"UPDATED"}, "addTags": []string{"seen"},
		"when": map[string]any{"conditions": []any{map[string]any{"field": "title", "operator": "STARTS_WITH", "values": []string{"Changed"}}}},
	}})

	changed := make(chan error, 1)
	go func() { changed <- changeProducts(shopify.URL, shop) }()
	disturb(t, v, db, flush)
	if err := <-changed; err != nil {
		t.Fatal(err)
	}
	waitUntil(t, 3*time.Minute, "every product has its tag and every delivery is done", func() bool {
		return open(t, db) == 0 && tagged(t, db) == killProducts
	})
	idle, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := sim.WaitIdle(idle); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, time.Minute, "the last echoes are done", func() bool { return open(t, db) == 0 })
	checkNothingLost(t, db, sim)
}

// disturb kills the process and empties Redis while deliveries come in.
func disturb(t *testing.T, v *victim, db *gorm.DB, flush func()) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("disturbances by seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	type blow struct {
		after int
		do    func()
	}
	var blows []blow
	for range kills {
		blows = append(blows, blow{random.IntN(killDeliveries * 9 / 10), func() { v.kill(); v.start() }})
	}
	for range flushes {
		blows = append(blows, blow{random.IntN(killDeliveries * 9 / 10), flush})
	}
	slices.SortFunc(blows, func(a, b blow) int { return a.after - b.after })
	for _, b := range blows {
		waitUntil(t, 3*time.Minute, fmt.Sprintf("%d deliveries are kept", b.after), func() bool { return kept(t, db) >= b.after })
		b.do()
	}
}

func checkNothingLost(t *testing.T, db *gorm.DB, sim *simulator.Simulator) {
	t.Helper()
	acknowledged, writes := map[string]bool{}, map[string]int{}
	for _, e := range sim.Log() {
		if e.Kind == "delivery" && e.Status == http.StatusOK {
			acknowledged[e.WebhookID] = true
		}
		if slices.Contains(e.Fields, "tagsAdd") && e.Status == http.StatusOK {
			writes[fmt.Sprint(e.Variables["id"])]++
		}
	}
	var done []string
	if err := db.Model(&models.Delivery{}).Where("status = ?", models.DeliveryDone).Pluck("webhook_id", &done).Error; err != nil {
		t.Fatal(err)
	}
	for _, id := range done {
		delete(acknowledged, id)
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged deliveries were not processed", len(acknowledged))
	}
	if len(done) < killDeliveries {
		t.Errorf("%d deliveries, want at least %d", len(done), killDeliveries)
	}
	if len(writes) != killProducts {
		t.Errorf("%d products were written to, want %d", len(writes), killProducts)
	}
	for id, n := range writes {
		if n != 1 {
			t.Errorf("the tag of %s was written %d times", id, n)
		}
	}
	if entries := count(t, db, "action = ?", activity.WebhookReceived); entries != len(done) {
		t.Errorf("%d webhook entries for %d deliveries", entries, len(done))
	}
	if entries := tagged(t, db); entries != killProducts {
		t.Errorf("%d tag entries, want %d", entries, killProducts)
	}
	if bad := count(t, db, "status <> ?", models.Success); bad != 0 {
		t.Errorf("%d entries are not a success", bad)
	}
}

func count(t *testing.T, db *gorm.DB, where string, args ...any) int {
	t.Helper()
	var n int64
	if err := db.Model(&models.Activity{}).Where(where, args...).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func tagged(t *testing.T, db *gorm.DB) int {
	return count(t, db, "action = ?", activity.SmartTagApplied)
}

func deliveries(t *testing.T, db *gorm.DB, where string) int {
	t.Helper()
	var n int64
	if err := db.Model(&models.Delivery{}).Where(where).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func open(t *testing.T, db *gorm.DB) int {
	return deliveries(t, db, "status IN ('PENDING', 'PROCESSING')")
}

func kept(t *testing.T, db *gorm.DB) int { return deliveries(t, db, "1 = 1") }

// killRedis returns a Redis that outlives the process, and how to empty it.
func killRedis(t *testing.T) (string, func()) {
	t.Helper()
	address := os.Getenv("TAGTRAIL_TEST_REDIS_URL")
	if address == "" {
		embedded, err := startRedis()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(embedded.stop)
		return "redis://" + embedded.Addr(), embedded.FlushAll
	}
	// A database of its own: emptying it must not disturb the other tests.
	address = strings.TrimSuffix(address, "/") + "/9"
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return address, func() {
		if err := client.FlushDB(context.Background()).Err(); err != nil {
			t.Error(err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// changeProducts is another app that changes every product once.
func changeProducts(base, shop string) error {
	ids, err := productIDs(base, shop)
	if err != nil {
		return err
	}
	work := make(chan string)
	errs := make([]error, 8)
	var workers sync.WaitGroup
	for i := range errs {
		workers.Go(func() {
			for id := range work {
				_, err := otherApp(base, shop, `mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }`,
					map[string]any{"p": map[string]any{"id": id, "title": "Changed " + id}})
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	for _, id := range ids {
		work <- id
	}
	close(work)
	workers.Wait()
	return errors.Join(errs...)
}

func productIDs(base, shop string) ([]string, error) {
	var ids []string
	after := any(nil)
	for {
		data, err := otherApp(base, shop, `query($a: String) { products(first: 250, after: $a) { nodes { id } pageInfo { hasNextPage endCursor } } }`, map[string]any{"a": after})
		if err != nil {
			return nil, err
		}
		var page struct {
			Products struct {
				Nodes    []struct{ ID string }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return nil, err
		}
		for _, n := range page.Products.Nodes {
			ids = append(ids, n.ID)
		}
		if !page.Products.PageInfo.HasNextPage {
			return ids, nil
		}
		after = page.Products.PageInfo.EndCursor
	}
}

// otherApp calls a shop's Admin API as another app does.
func otherApp(base, shop, query string, variables map[string]any) (json.RawMessage, error) {
	return post(base+"/"+shop+"/admin/api/2026-10/graphql.json", map[string]string{"X-Shopify-Access-Token": "sim-admin"}, query, variables)
}

// ask calls our own API as a member of staff.
func (v *victim) ask(sim *simulator.Simulator, shop, query string, variables map[string]any) {
	v.tb.Helper()
	token, err := sim.SessionToken(shop, "")
	if err != nil {
		v.tb.Fatal(err)
	}
	if _, err := post("http://"+v.address+"/graphql", map[string]string{"Authorization": "Bearer " + token}, query, variables); err != nil {
		v.tb.Fatal(err)
	}
}

func post(url string, header map[string]string, query string, variables map[string]any) (json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("HTTP %d: %s", resp.StatusCode, tail(string(raw), 500))
	}
	if len(answer.Errors) > 0 || bytes.Contains(answer.Data, []byte(`"message"`)) {
		return nil, fmt.Errorf("refused: %s %s", answer.Errors, answer.Data)
	}
	return answer.Data, nil
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
