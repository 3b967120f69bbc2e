package shopify

import (
	"cmp"
	"context"
)

// standardRate is how many points a second Shopify's Standard plan restores.
const standardRate = 100

// RestoreRate returns how many points a second the shop's bucket regains, as Shopify last said, or what the Standard
// plan has where it has said nothing yet.
func (b *Budget) RestoreRate(ctx context.Context, shop string) float64 {
	if b == nil || b.Redis == nil {
		return standardRate
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(b.Patience, budgetPatience))
	defer cancel()
	rate, err := b.Redis.HGet(ctx, b.key(shop), "rate").Float64()
	if err != nil || rate <= 0 {
		return standardRate
	}
	return rate
}

func (b *Budget) key(shop string) string { return b.Prefix + "budget:{" + shop + "}" }
