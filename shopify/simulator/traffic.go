package simulator

import (
	"math/rand/v2"
	"sync"
	"time"
)

// traffic is a day in the shops: people order, staff pay, pack, price and tag.
type traffic struct {
	sim *Simulator
	wg  sync.WaitGroup

	mu   sync.Mutex
	on   bool
	stop chan struct{}
	rng  *rand.Rand
}

func newTraffic(s *Simulator) *traffic {
	return &traffic{sim: s, rng: rand.New(rand.NewPCG(s.opts.Seed, 0x7a))}
}

func (t *traffic) set(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on == t.on || on && t.sim.ctx.Err() != nil {
		return
	}
	t.on = on
	if !on {
		close(t.stop)
		return
	}
	t.stop = make(chan struct{})
	t.wg.Add(1)
	go t.run(t.stop)
}

func (t *traffic) running() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.on
}

func (t *traffic) wait() {
	t.set(false)
	t.wg.Wait()
}

func (t *traffic) run(stop chan struct{}) {
	defer t.wg.Done()
	for {
		timer := time.NewTimer(t.gap())
		select {
		case <-stop:
			timer.Stop()
			return
		case <-t.sim.ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			t.event()
		}
	}
}

// gap is random around the mean, as arrivals in a shop are.
func (t *traffic) gap() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Duration(min(t.rng.ExpFloat64(), 5) * float64(t.sim.opts.TrafficEvery))
}

// event is one thing that happens in one of the shops.
func (t *traffic) event() {
	t.mu.Lock()
	st := pick(t.rng, t.sim.shops)
	what := t.rng.IntN(100)
	t.mu.Unlock()
	st.mu.Lock()
	defer st.mu.Unlock()
	a := st.newAction()
	switch {
	case what < 40:
		st.liveOrder(a)
	case what < 55:
		st.liveProgress(a)
	case what < 75:
		st.liveProduct(a)
	case what < 88:
		st.liveCustomer(a)
	default:
		st.liveTags(a)
	}
}

func (st *store) liveOrder(a action) {
	var who *customer
	if st.rng.IntN(4) == 0 {
		who = st.makeCustomer(100_000 + len(st.customers.list))
		st.addCustomer(a, who)
	}
	o := st.makeOrder(who)
	if o == nil {
		return
	}
	st.addOrder(a, o)
	for _, l := range o.lines {
		if l.variant != nil && l.variant.quantity >= l.quantity {
			l.variant.oldCount = l.variant.quantity
			l.variant.quantity -= l.quantity
			st.productChanged(a, l.variant.product)
			st.stockChanged(a, l.variant)
		}
	}
}

// liveProgress pays, packs or cancels a recent order.
func (st *store) liveProgress(a action) {
	recent := st.orders.list[max(0, len(st.orders.list)-60):]
	if len(recent) == 0 {
		return
	}
	o := pick(st.rng, recent)
	switch {
	case !o.canceled.IsZero() || o.fulfillment == "FULFILLED":
	case o.financial == "PENDING":
		st.payOrder(a, o)
	case st.rng.IntN(15) == 0:
		st.cancelOrder(a, o, "CUSTOMER")
	default:
		st.fulfillOrder(a, o)
	}
}

func (st *store) liveProduct(a action) {
	if len(st.products.list) == 0 {
		return
	}
	p := pick(st.rng, st.products.list)
	if len(p.variants) == 0 {
		return
	}
	v := pick(st.rng, p.variants)
	v.updated = a.at
	switch st.rng.IntN(3) {
	case 0:
		v.compareAt, v.price = v.price, v.price*9/10
	default:
		v.oldCount = v.quantity
		v.quantity = st.rng.IntN(140)
		st.stockChanged(a, v)
	}
	st.productChanged(a, p)
}

func (st *store) liveCustomer(a action) {
	if len(st.customers.list) == 0 {
		return
	}
	c := pick(st.rng, st.customers.list)
	switch st.rng.IntN(3) {
	case 0:
		c.note = "Called about a delivery."
	case 1:
		c.marketing = "SUBSCRIBED"
	default:
		moved := *c.makeHome(st)
		c.addresses = append([]*address{&moved}, c.addresses...)
	}
	st.customerChanged(a, c)
}

func (c *customer) makeHome(st *store) *address {
	p := pick(st.rng, places())
	return &address{
		id: st.sim.ids.take(), first: c.first, last: c.last, line1: itoa(int64(1+st.rng.IntN(200))) + " " + pick(st.rng, streets),
		city: p.city, zip: p.zip, province: p.province, provinceCode: p.provinceCode, country: p.country, code: p.code,
	}
}

// liveTags is a member of staff who tags by hand.
func (st *store) liveTags(a action) {
	switch n := st.rng.IntN(3); {
	case n == 0 && len(st.products.list) > 0:
		p := pick(st.rng, st.products.list)
		st.setTags(a, p, uniteTags(p.tags, []string{pick(st.rng, []string{"staff-pick", "low-stock-check", "seasonal"})}))
	case n == 1 && len(st.customers.list) > 0:
		c := pick(st.rng, st.customers.list)
		st.setTags(a, c, uniteTags(c.tags, st.customerSpelling([]string{pick(st.rng, customerTags)})))
	case len(st.orders.list) > 0:
		o := st.orders.list[len(st.orders.list)-1-st.rng.IntN(min(60, len(st.orders.list)))]
		st.setTags(a, o, uniteTags(o.tags, []string{pick(st.rng, orderTags)}))
	}
}
