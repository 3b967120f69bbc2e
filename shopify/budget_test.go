package shopify_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"github.com/tagtrail/tagtrail/shopify"
)

// clock is a time that only the test moves.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(noon.UnixMilli())
	return c
}

// redisFor is a Redis of the test's own: embedded, or the real one that TAGTRAIL_TEST_REDIS_URL names.
func redisFor(t *testing.T) redis.UniversalClient {
	t.Helper()
	options := &redis.Options{}
	if url := os.Getenv("TAGTRAIL_TEST_REDIS_URL"); url != "" {
		parsed, err := redis.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		options = parsed
	} else {
		options.Addr = miniredis.RunT(t).Addr()
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// processes returns budgets that share nothing but Redis, as those of several processes do.
func processes(t *testing.T, c *clock, n int) []*shopify.Budget {
	t.Helper()
	client, prefix := redisFor(t), uuid.NewString()+":"
	list := make([]*shopify.Budget, n)
	for i := range list {
		// A slow machine must not look like a Redis that is down.
		list[i] = &shopify.Budget{Redis: client, Prefix: prefix, Patience: time.Minute}
		if c != nil {
			list[i].Now = c.now
		}
	}
	return list
}

func standard(available float64) shopify.ThrottleStatus {
	return shopify.ThrottleStatus{MaximumAvailable: 2000, CurrentlyAvailable: available, RestoreRate: 100}
}

func reserve(t *testing.T, b *shopify.Budget, cost, floor int) {
	t.Helper()
	if at, ok := b.Reserve(t.Context(), shop, cost, floor); !ok {
		t.Fatalf("no %d points until %s", cost, at)
	}
}

func TestProcessesShareOneBucketForAShop(t *testing.T) {
	t.Parallel()
	c := newClock()
	both := processes(t, c, 2)
	reserve(t, both[0], 1500, 0)
	at, ok := both[1].Reserve(t.Context(), shop, 800, 0)
	if ok {
		t.Fatal("the second process got points that the first one has")
	}
	if want := c.now().Add(3 * time.Second); !at.Equal(want) { // 300 points are missing, 100 come back in a second
		t.Errorf("retry at %s, want %s", at, want)
	}
	if _, ok := both[1].Reserve(t.Context(), "smalltable.myshopify.com", 800, 0); !ok {
		t.Error("another shop's bucket is not this one's")
	}
	c.advance(3 * time.Second)
	reserve(t, both[1], 800, 0)
}

func TestThePaceIsWhatShopifyLastSaidAndWhatHasComeBackSince(t *testing.T) {
	t.Parallel()
	c := newClock()
	both := processes(t, c, 2)
	want := func(available, rate float64) {
		t.Helper()
		if a, r := both[1].Pace(t.Context(), shop); a != available || r != rate {
			t.Errorf("%v points and %v a second, want %v and %v", a, r, available, rate)
		}
	}
	want(2000, 100)
	reserve(t, both[0], 1500, 0)
	want(500, 100)
	both[0].Settle(t.Context(), shop, 1500, 1500, shopify.ThrottleStatus{MaximumAvailable: 20000, CurrentlyAvailable: 18500, RestoreRate: 1000})
	want(18500, 1000)
	c.advance(time.Second)
	want(19500, 1000)
	c.advance(time.Minute)
	want(20000, 1000)
}

func TestThoseWhoWaitGetTurns(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := processes(t, c, 1)[0]
	reserve(t, b, 2000, 0)
	for i := range 5 {
		at, ok := b.Reserve(t.Context(), shop, 10, 0)
		if want := c.now().Add(time.Duration(i+1) * 100 * time.Millisecond); ok || !at.Equal(want) {
			t.Errorf("waiter %d: %s, want %s", i, at, want)
		}
	}
}

func TestConcurrentReserversNeverOverspend(t *testing.T) {
	t.Parallel()
	all := processes(t, newClock(), 4)
	var granted atomic.Int64
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			for range 10 {
				if _, ok := all[i%4].Reserve(t.Context(), shop, 10, 0); ok {
					granted.Add(10)
				}
			}
		})
	}
	wait.Wait()
	if granted.Load() != 2000 {
		t.Errorf("granted %d points of 2000", granted.Load())
	}
}

func TestBucketIsAsLargeAsShopifySays(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := processes(t, c, 1)[0]
	reserve(t, b, 10, 0)
	b.Settle(t.Context(), shop, 10, 10, shopify.ThrottleStatus{MaximumAvailable: 20000, CurrentlyAvailable: 19990, RestoreRate: 1000})
	reserve(t, b, 19990, 0)
	at, ok := b.Reserve(t.Context(), shop, 500, 0)
	if want := c.now().Add(500 * time.Millisecond); ok || !at.Equal(want) {
		t.Errorf("retry at %s, want %s", at, want)
	}
}

func TestBucketLearnsWhatOthersTook(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := processes(t, c, 1)[0]
	reserve(t, b, 10, 0)
	b.Settle(t.Context(), shop, 10, 10, standard(50))
	if _, ok := b.Reserve(t.Context(), shop, 51, 0); ok {
		t.Error("granted more than Shopify has")
	}
	reserve(t, b, 50, 0)
}

func TestWhatWasReservedAndNotSpentComesBack(t *testing.T) {
	t.Parallel()
	b := processes(t, newClock(), 1)[0]
	reserve(t, b, 1000, 0)
	reserve(t, b, 1000, 0)
	b.Settle(t.Context(), shop, 1000, 20, standard(1980-1000))
	reserve(t, b, 980, 0)
	if _, ok := b.Reserve(t.Context(), shop, 1, 0); ok {
		t.Error("more came back than was left over")
	}
}

func TestLateAnswerDoesNotRefillTheBucket(t *testing.T) {
	t.Parallel()
	b := processes(t, newClock(), 1)[0]
	reserve(t, b, 10, 0)
	reserve(t, b, 1900, 0)
	b.Settle(t.Context(), shop, 1900, 1900, standard(90))
	b.Settle(t.Context(), shop, 10, 10, standard(1990)) // written before the other, arrived after it
	if _, ok := b.Reserve(t.Context(), shop, 91, 0); ok {
		t.Error("granted points that are spent")
	}
	reserve(t, b, 90, 0)
}

func TestBackgroundWorkLeavesItsFloor(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := processes(t, c, 1)[0]
	reserve(t, b, 1500, 400)
	at, ok := b.Reserve(t.Context(), shop, 150, 400)
	if want := c.now().Add(500 * time.Millisecond); ok || !at.Equal(want) {
		t.Errorf("retry at %s, want %s", at, want)
	}
	reserve(t, b, 500, 0)
	c.advance(time.Minute)
	reserve(t, b, 10, 5000) // a floor above the bucket is met by a full one
}

func TestClockThatGoesBackRestoresNothingTwice(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := processes(t, c, 1)[0]
	reserve(t, b, 2000, 0)
	c.advance(time.Second)
	reserve(t, b, 100, 0)
	c.advance(-time.Second)
	_, early := b.Reserve(t.Context(), shop, 10, 0)
	c.advance(time.Second)
	_, again := b.Reserve(t.Context(), shop, 10, 0)
	if early || again {
		t.Error("the same second restored points twice")
	}
}

func TestBudgetUsesTheClockOfRedisByDefault(t *testing.T) {
	t.Parallel()
	both := processes(t, nil, 2)
	reserve(t, both[0], 1000, 0)
	reserve(t, both[1], 1000, 0)
	at, ok := both[0].Reserve(t.Context(), shop, 1000, 0)
	if wait := time.Until(at); ok || wait <= 0 || wait > 11*time.Second {
		t.Errorf("granted %v, wait %s", ok, wait)
	}
}

func TestWithoutRedisCallsGoAhead(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]*shopify.Budget{
		"no budget":   nil,
		"no client":   {},
		"refused":     {Redis: clientAt(t, "127.0.0.1:1")},
		"never reply": {Redis: clientAt(t, silent(t))},
	} {
		start := time.Now()
		for range 20 {
			reserve(t, b, 1000, 0)
			b.Settle(t.Context(), shop, 1000, 1, standard(1999))
		}
		// One wait of 200 ms, then Redis is left alone for a while; go-redis alone would take 3 s for each.
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func clientAt(t *testing.T, address string) redis.UniversalClient {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: address})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// silent accepts connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// TestGrantedCallsAreNeverThrottled holds our copy against a bucket kept as Shopify describes its own.
func TestGrantedCallsAreNeverThrottled(t *testing.T) {
	t.Parallel()
	client := redisFor(t)
	rapid.Check(t, func(r *rapid.T) {
		c := newClock()
		prefix := uuid.NewString() + ":"
		both := make([]*shopify.Budget, 2)
		for i := range both {
			both[i] = &shopify.Budget{
				Redis:    client,
				Prefix:   prefix,
				Now:      c.now,
				Patience: time.Minute,
			}
		}
		maximum := float64(rapid.SampledFrom([]int{2000, 4000, 20000}).Draw(r, "maximum"))
		rate := maximum / 20
		truth, flying := maximum, []int{}
		r.Repeat(map[string]func(*rapid.T){
			"wait": func(r *rapid.T) {
				ms := rapid.IntRange(1, 5000).Draw(r, "ms")
				c.advance(time.Duration(ms) * time.Millisecond)
				truth = min(maximum, truth+rate*float64(ms)/1000)
			},
			"ask": func(r *rapid.T) {
				cost := rapid.IntRange(1, 1000).Draw(r, "cost")
				if _, ok := rapid.SampledFrom(both).Draw(r, "process").Reserve(t.Context(), shop, cost, 0); !ok {
					return
				}
				if truth += 0.01; truth < float64(cost) { // our copy counts in thousandths
					r.Fatalf("granted %d of %.3f", cost, truth)
				}
				truth -= float64(cost)
				flying = append(flying, cost)
			},
			"answer": func(r *rapid.T) {
				if len(flying) == 0 {
					return
				}
				i := rapid.IntRange(0, len(flying)-1).Draw(r, "which")
				cost := flying[i]
				flying = append(flying[:i:i], flying[i+1:]...)
				spent := rapid.IntRange(0, cost).Draw(r, "spent")
				truth = min(maximum, truth+float64(cost-spent))
				rapid.SampledFrom(both).Draw(r, "process").Settle(t.Context(), shop, cost, spent, shopify.ThrottleStatus{
					MaximumAvailable:   maximum,
					CurrentlyAvailable: truth,
					RestoreRate:        rate,
				})
			},
		})
	})
}

func TestClientsOfTwoProcessesStayWithinOneBucket(t *testing.T) {
	t.Parallel()
	c := newClock()
	budgets := processes(t, c, 2)
	w := serve(t, always(200, `{"data":{"tagsAdd":{"node":{"__typename":"Product","id":"gid://shopify/Product/1",
		"title":"Rioja","tags":["VIP"],"updatedAt":"2026-11-21T12:00:00Z"},"userErrors":[]}},"extensions":{"cost":{
		"requestedQueryCost":10,"actualQueryCost":10,"throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":5,
		"restoreRate":100}}}}`))
	first, second := *w.app, *w.app
	first.Budget, second.Budget = budgets[0], budgets[1]
	_, cost, err := first.Client(shop, token("")).TagsAdd(t.Context(), "gid://shopify/Product/1", []string{"VIP"})
	if err != nil || cost != (shopify.Cost{Requested: 10, Actual: 10}) {
		t.Fatalf("cost %+v, %v", cost, err)
	}
	_, _, err = second.Client(shop, token("")).TagsAdd(t.Context(), "gid://shopify/Product/1", []string{"VIP"})
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok || !e.Waits() || !e.Temporary() || !e.RetryAt.Equal(c.now().Add(50*time.Millisecond)) {
		t.Errorf("got %v", err)
	}
	if n := len(w.all()); n != 1 {
		t.Errorf("%d calls reached Shopify, want 1", n)
	}
}

func TestThrottledCallGivesItsPointsBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := processes(t, c, 1)[0]
	w := serve(t, func(n int, _ call, w http.ResponseWriter) {
		_, _ = fmt.Fprint(w, `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{
			"requestedQueryCost":10,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":2000,
			"currentlyAvailable":7,"restoreRate":100}}}}`)
	})
	w.app.Budget = b
	_, _, err := w.client().TagsAdd(t.Context(), "gid://shopify/Product/1", []string{"VIP"})
	if e, ok := errors.AsType[*shopify.Error](err); !ok || e.Kind != shopify.Throttled || !e.RetryAt.Equal(noon.Add(30*time.Millisecond)) {
		t.Fatalf("got %v", err)
	}
	reserve(t, b, 7, 0)
	if _, ok := b.Reserve(t.Context(), shop, 1, 0); ok {
		t.Error("our copy has more than Shopify's")
	}
}

func TestReservationsLearnWhatAnOperationCosts(t *testing.T) {
	t.Parallel()
	b := processes(t, newClock(), 1)[0]
	w := serve(t, always(200, `{"data":{"products":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}},
		"extensions":{"cost":{"requestedQueryCost":18,"actualQueryCost":2,"throttleStatus":{"maximumAvailable":2000,
		"currentlyAvailable":40,"restoreRate":100}}}}`))
	w.app.Budget = b
	for range 3 { // each gets 18 of the 40 points, where a page of 250 would be taken for 252
		if _, _, err := w.client().Search(t.Context(), shopify.SearchInput{Type: "Product", First: 250}); err != nil {
			t.Fatal(err)
		}
	}
}
