// Package seed makes up the log of busy shops: the same entries whenever it is asked for them, in the proportions that
// a real shop's have. What it is for is measuring and testing.
package seed

import (
	"iter"
	"math/rand/v2"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// Log is a log to make up.
type Log struct {
	// Shops are whose entries it has. The first one of several has half of them, the others the rest.
	Shops []*models.Shop
	Count int
	// The entries are spread over so many days up to Until, as the hours of work are.
	Days  int
	Until time.Time
	// Seed is where chance begins: the same seed makes the same entries.
	Seed uint64
	// Key makes the links of the chain. Entries are written with it only.
	Key *activity.Key
}

// hours is how much happens in an hour of the day, on a scale of its own.
var hours = [24]int{3, 2, 2, 2, 2, 3, 6, 12, 20, 28, 31, 30, 26, 28, 31, 30, 27, 22, 18, 16, 15, 12, 8, 5}

// weekend is the part of a weekday's work that is done on a day of the weekend, in percent.
const weekend = 45

// Entries yields the entries, by and large in the order of their times: what an entry led to follows it.
func (l *Log) Entries() iter.Seq[*models.Activity] {
	return func(yield func(*models.Activity) bool) {
		g := newMaker(l)
		start := l.Until.UTC().Truncate(time.Hour).AddDate(0, 0, -l.Days)
		slots := l.Days * 24
		all := 0
		for slot := range slots {
			all += g.weight(start, slot)
		}
		seen, made := 0, 0
		for slot := range slots {
			seen += g.weight(start, slot)
			due := int(int64(l.Count) * int64(seen) / int64(all))
			if !g.hour(start.Add(time.Duration(slot)*time.Hour), due-made, yield) {
				return
			}
			made = due
		}
	}
}

// weight is how much happens in the slot. The hours are those of the first shop.
func (g *maker) weight(start time.Time, slot int) int {
	at := start.Add(time.Duration(slot) * time.Hour).In(g.zone)
	w := hours[at.Hour()] * 100
	if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
		w = w * weekend / 100
	}
	return w
}

// hour yields so many entries in the hour from start.
func (g *maker) hour(start time.Time, count int, yield func(*models.Activity) bool) bool {
	for made := 0; made < count; {
		at := start.Add(time.Duration(made) * time.Hour / time.Duration(count))
		at = at.Add(time.Duration(g.r.Int64N(int64(time.Hour)/int64(count) + 1))).Truncate(time.Millisecond)
		chain := g.chain(at)
		for _, entry := range chain[:min(len(chain), count-made)] {
			if !yield(entry) {
				return false
			}
			made++
		}
	}
	return true
}

// maker makes entries up.
type maker struct {
	log   *Log
	r     *rand.Rand
	zone  *time.Location
	shops map[*models.Shop]*business
	// made numbers the entries; their ids are made of it.
	made int

	orders, records, actors *rand.Zipf
}

// business is what a shop has.
type business struct {
	// orders is how many orders it has so far.
	orders int64
	rules  []rule
	key    string
}

func newMaker(l *Log) *maker {
	r := rand.New(rand.NewPCG(l.Seed, 0x7461677472)) //nolint:gosec // it is to be the same each time
	g := &maker{
		log:     l,
		r:       r,
		zone:    time.UTC,
		shops:   map[*models.Shop]*business{},
		orders:  rand.NewZipf(r, 1.3, 20, 50_000),
		records: rand.NewZipf(r, 1.1, 50, 20_000),
		actors:  rand.NewZipf(r, 1.2, 2, 11),
	}
	if zone, err := time.LoadLocation(l.Shops[0].Timezone); err == nil {
		g.zone = zone
	}
	return g
}

// shop draws a shop.
func (g *maker) shop() (*models.Shop, *business) {
	shop := g.log.Shops[0]
	if others := g.log.Shops[1:]; len(others) > 0 && g.r.IntN(2) == 0 {
		shop = others[g.r.IntN(len(others))]
	}
	b := g.shops[shop]
	if b == nil {
		b = &business{orders: 1000, rules: rulesOf(shop), key: models.DerivedID(shop.InstalledAt, shop.Domain, "key")}
		g.shops[shop] = b
	}
	return shop, b
}

// one draws one of the values.
func one[T any](g *maker, values []T) T { return values[g.r.IntN(len(values))] }

// often reports true so many times in 10,000.
func (g *maker) often(times int) bool { return g.r.IntN(10_000) < times }
