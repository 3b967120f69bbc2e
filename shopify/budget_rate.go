package shopify

import (
	"cmp"
	"context"
	"strconv"
)

// standardBucket is how many points a bucket of Shopify's Standard plan holds, and standardRate how many it regains a
// second.
const (
	standardBucket = 2000
	standardRate   = 100
)

// Pace returns how many points are in the shop's bucket and how many it regains a second, as far as Shopify has said;
// otherwise what a full one of the Standard plan has.
func (b *Budget) Pace(ctx context.Context, shop string) (available, rate float64) {
	available, rate = standardBucket, standardRate
	if b == nil || b.Redis == nil {
		return available, rate
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(b.Patience, budgetPatience))
	defer cancel()
	fields, err := b.Redis.HMGet(ctx, b.key(shop), "points", "at", "max", "rate").Result()
	if err != nil {
		return available, rate
	}
	number := func(i int) float64 {
		text, _ := fields[i].(string)
		value, _ := strconv.ParseFloat(text, 64) // 0 is what Shopify has said nothing of
		return value
	}
	if number(3) > 0 {
		rate = number(3)
	}
	if number(2) > 0 {
		available = number(2)
	}
	if at := number(1); at > 0 {
		restored := max(0, float64(b.now().UnixMilli())-at) / 1000 * rate
		available = min(available, number(0)+restored)
	}
	return available, rate
}

func (b *Budget) key(shop string) string { return b.Prefix + "budget:{" + shop + "}" }
