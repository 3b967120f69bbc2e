package shopify

import (
	"cmp"
	"context"
	_ "embed" // for the scripts
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// budgetPatience is how long a call waits for Redis where Budget.Patience is not given.
	budgetPatience = 200 * time.Millisecond
	// budgetPause is how long Redis is left alone after it did not answer.
	budgetPause = time.Second
	// budgetMemory is how long a shop's size is remembered, in seconds. A bucket that is idle is full.
	budgetMemory = 24 * 60 * 60
)

// ThrottleStatus is Shopify's own account of a shop's cost bucket, in points and points per second.
type ThrottleStatus struct {
	MaximumAvailable   float64 `json:"maximumAvailable"`
	CurrentlyAvailable float64 `json:"currentlyAvailable"`
	RestoreRate        float64 `json:"restoreRate"`
}

// Budget keeps a copy of each shop's cost bucket in Redis, so that all processes together stay within it. A shop that
// was not heard of starts with 2000 points and 100 a second, which is what Shopify's Standard plan has; every answer
// corrects that. Without Redis calls go ahead, and Shopify itself refuses what is too much. A nil Budget is none.
//
// A Redis client with ContextTimeoutEnabled gives up as soon as we do; another one leaves a goroutine to its timeouts.
type Budget struct {
	Redis  redis.UniversalClient
	Prefix string // of every key
	// Now is the clock. Nil is the clock of Redis, which is the same for all processes.
	Now func() time.Time
	// Patience is how long a call waits for Redis before it goes without it. 0 is 200 ms.
	Patience time.Duration

	pausedUntil atomic.Int64 // ms since 1970
	learned     sync.Map     // costKey -> int, what Shopify really requests for an operation
}

// costKey is an operation and what we take it to cost, which tells apart the sizes of its page.
type costKey struct {
	operation string
	declared  int
}

//go:embed budget_reserve.lua
var reserveSource string

//go:embed budget_settle.lua
var settleSource string

var (
	reserveScript = redis.NewScript(reserveSource)
	settleScript  = redis.NewScript(settleSource)
)

// Reserve takes cost points out of the shop's bucket if floor points stay in it. If not, it says when to ask again;
// those who wait are given turns one after the other, so that they do not all come back at once. It never sleeps.
func (b *Budget) Reserve(ctx context.Context, shop string, cost, floor int) (retryAt time.Time, ok bool) {
	wait, err := b.eval(ctx, reserveScript, shop, cost, max(floor, 0))
	if err != nil || wait <= 0 {
		return time.Time{}, true
	}
	return b.now().Add(time.Duration(wait) * time.Millisecond), false
}

// Settle gives back what was reserved and not spent, and corrects the bucket by what Shopify said in the answer.
func (b *Budget) Settle(ctx context.Context, shop string, reserved, spent int, s ThrottleStatus) {
	if s.MaximumAvailable <= 0 || s.RestoreRate <= 0 {
		return
	}
	// The call is over and has to be accounted for, also if nobody waits for its result any more. Without Redis there is
	// nothing to correct.
	_, _ = b.eval(context.WithoutCancel(ctx), settleScript, shop,
		reserved, spent, s.CurrentlyAvailable, s.MaximumAvailable, s.RestoreRate)
}

// cost is what to reserve for an operation: what Shopify requested for it the last time, or else what we take it to be.
func (b *Budget) cost(operation string, declared int) int {
	if b != nil {
		if known, ok := b.learned.Load(costKey{operation, declared}); ok {
			return known.(int) //nolint:forcetypeassert // only int is ever stored
		}
	}
	return declared
}

func (b *Budget) learn(operation string, declared, requested int) {
	if b != nil && requested > 0 {
		b.learned.Store(costKey{operation, declared}, requested)
	}
}

func (b *Budget) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

type scriptResult struct {
	value int64
	err   error
}

// eval runs a script on the shop's key for as long as our patience lasts. The goroutine is for clients that heed only
// their own timeouts, which then end it.
func (b *Budget) eval(ctx context.Context, script *redis.Script, shop string, args ...any) (int64, error) {
	if b == nil || b.Redis == nil || time.Now().UnixMilli() < b.pausedUntil.Load() {
		return 0, nil
	}
	var clock int64
	if b.Now != nil {
		clock = b.Now().UnixMilli()
	}
	args = append([]any{clock, budgetMemory}, args...)
	// One key, and its hash tag is the shop, so that it lies in one slot of a Redis Cluster.
	keys := []string{b.key(shop)}
	done := make(chan scriptResult, 1)
	limited, cancel := context.WithTimeout(ctx, cmp.Or(b.Patience, budgetPatience))
	defer cancel()
	go func() {
		v, err := script.Run(limited, b.Redis, keys, args...).Int64()
		done <- scriptResult{v, err}
	}()
	var r scriptResult
	select {
	case r = <-done:
	case <-limited.Done():
		r.err = limited.Err()
	}
	if r.err != nil && ctx.Err() == nil {
		b.pausedUntil.Store(time.Now().Add(budgetPause).UnixMilli())
	}
	return r.value, r.err
}
