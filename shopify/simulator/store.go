package simulator

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// firstID and idStep make ids look like Shopify's: thirteen digits, rising unevenly close together.
const (
	firstID = 8_100_000_000_000
	idStep  = 32_768
)

// idSource gives ids that are unique over all shops, so that one shop's id never names
// another shop's record.
type idSource struct {
	mu   sync.Mutex
	next int64
}

func (s *idSource) take() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next += idStep
	return s.next
}

// store is one shop: everything in it is guarded by mu.
type store struct {
	Shop
	sim      *Simulator
	id       int64
	location *time.Location
	created  time.Time

	mu        sync.RWMutex
	products  table[*product]
	customers table[*customer]
	orders    table[*order]
	drafts    table[*draftOrder]
	articles  table[*article]
	bulks     table[*bulkOperation]
	uploads   map[string]*stagedFile
	subs      []*subscription
	number    int64
	// spellings holds the first spelling of each customer tag: Shopify gives it to every
	// later customer, whatever spelling was asked for.
	spellings map[string]string
	rng       *rand.Rand
}

func newStore(s *Simulator, shop Shop, index int) *store {
	loc, err := time.LoadLocation(shop.Timezone)
	if err != nil {
		loc = time.UTC
	}
	if shop.Currency == "" {
		shop.Currency = "USD"
	}
	if len(shop.Staff) == 0 {
		shop.Staff = []Staff{{ID: strconv.Itoa(90290001 + index*1000), Name: "Shop Owner", Email: "owner@" + shop.Domain}}
	}
	st := &store{
		Shop:      shop,
		sim:       s,
		id:        int64(61_000_000_000 + index*7_919),
		location:  loc,
		created:   time.Date(2021, 3, 1+index, 9, 0, 0, 0, time.UTC),
		number:    1000,
		uploads:   map[string]*stagedFile{},
		spellings: map[string]string{},
		rng:       rand.New(rand.NewPCG(s.opts.Seed, uint64(index)+1)),
	}
	st.seed(s.opts.Products, s.opts.Customers, s.opts.Orders)
	return st
}

func (st *store) staffMember(key string) (Staff, error) {
	if key == "" {
		return st.Staff[0], nil
	}
	var names []string
	for _, p := range st.Staff {
		if p.ID == key || strings.EqualFold(p.Name, key) || gid("StaffMember", atoi(p.ID)) == key {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Staff{}, fmt.Errorf("no staff %q in %s; there are: %s", key, st.Domain, strings.Join(names, ", "))
}

// table keeps records by id and in the order of their ids, which is the order of creation.
type table[T record] struct {
	byID map[int64]T
	list []T
}

type record interface {
	recordID() int64
}

func (t *table[T]) put(r T) {
	if t.byID == nil {
		t.byID = map[int64]T{}
	}
	t.byID[r.recordID()] = r
	t.list = append(t.list, r)
}

func (t *table[T]) remove(id int64) {
	delete(t.byID, id)
	i := sort.Search(len(t.list), func(i int) bool { return t.list[i].recordID() >= id })
	if i < len(t.list) && t.list[i].recordID() == id {
		t.list = append(t.list[:i], t.list[i+1:]...)
	}
}

type product struct {
	id                          int64
	title, handle, vendor, kind string
	html, status                string
	template                    string
	taggable
	variants                    []*variant
	created, updated, published time.Time
}

type variant struct {
	id, inventoryItem   int64
	product             *product
	title, sku, barcode string
	price, compareAt    money // compareAt 0: none
	cost                money
	quantity, oldCount  int
	position, grams     int
	created, updated    time.Time
	optionName          string
}

type address struct {
	id                                    int64
	first, last, company                  string
	line1, line2, city, zip, phone        string
	province, provinceCode, country, code string
}

type customer struct {
	id                        int64
	first, last, email, phone string
	note, state, locale       string
	verified, taxExempt       bool
	marketing                 string // SUBSCRIBED, NOT_SUBSCRIBED, UNSUBSCRIBED
	taggable
	addresses        []*address
	created, updated time.Time
	orders           []*order
}

type order struct {
	id, number       int64
	name             string
	customer         *customer
	email, phone     string
	note             string
	lines            []*lineItem
	shipping         []*shippingLine
	discountCode     string
	discount, tip    money
	gateways         []string
	financial        string // GraphQL spelling: PAID, PENDING ...
	fulfillment      string // UNFULFILLED, FULFILLED ...
	shipTo, billTo   *address
	source, landing  string
	referrer         string
	risk             string // LOW, MEDIUM, HIGH
	currency         string
	marketing, test  bool
	poNumber         string
	processed        time.Time
	closed, canceled time.Time
	cancelReason     string
	attributes       [][2]string
	taggable
	created, updated time.Time
	fulfilled        time.Time
}

type lineItem struct {
	id              int64
	variant         *variant
	productID       int64
	title, sku      string
	variantTitle    string
	vendor          string
	price, discount money
	quantity, grams int
	shippable       bool
}

type shippingLine struct {
	id          int64
	title, code string
	price       money
}

// draftOrder and article exist for their tags only.
type draftOrder struct {
	id   int64
	name string
	taggable
	created, updated time.Time
}

type article struct {
	id     int64
	title  string
	handle string
	taggable
	created, updated time.Time
}

func (p *product) recordID() int64    { return p.id }
func (c *customer) recordID() int64   { return c.id }
func (o *order) recordID() int64      { return o.id }
func (d *draftOrder) recordID() int64 { return d.id }
func (a *article) recordID() int64    { return a.id }

func (p *product) gid() string    { return gid("Product", p.id) }
func (c *customer) gid() string   { return gid("Customer", c.id) }
func (o *order) gid() string      { return gid("Order", o.id) }
func (d *draftOrder) gid() string { return gid("DraftOrder", d.id) }
func (a *article) gid() string    { return gid("Article", a.id) }

func (c *customer) name() string {
	n := strings.TrimSpace(c.first + " " + c.last)
	switch {
	case n != "":
		return n
	case c.email != "":
		return c.email
	}
	return c.phone
}

func (c *customer) spent() money {
	var sum money
	for _, o := range c.orders {
		if o.canceled.IsZero() && o.paid() {
			sum += o.total()
		}
	}
	return sum
}

func (c *customer) lastOrder() *order {
	var last *order
	for _, o := range c.orders {
		if last == nil || o.processed.After(last.processed) {
			last = o
		}
	}
	return last
}

func (c *customer) home() *address {
	if len(c.addresses) == 0 {
		return nil
	}
	return c.addresses[0]
}

func (o *order) paid() bool {
	return o.financial == "PAID" || o.financial == "PARTIALLY_REFUNDED"
}

func (o *order) lineTotal() money {
	var sum money
	for _, l := range o.lines {
		sum += l.price * money(l.quantity)
	}
	return sum
}

func (o *order) subtotal() money { return max(o.lineTotal()-o.discount, 0) }

func (o *order) shippingTotal() money {
	var sum money
	for _, l := range o.shipping {
		sum += l.price
	}
	return sum
}

func (o *order) total() money { return o.subtotal() + o.shippingTotal() + o.tip }

func (o *order) outstanding() money {
	if o.paid() || !o.canceled.IsZero() || o.financial == "VOIDED" || o.financial == "REFUNDED" {
		return 0
	}
	return o.total()
}

func (o *order) grams() int {
	n := 0
	for _, l := range o.lines {
		n += l.grams * l.quantity
	}
	return n
}

func (p *product) stock() int {
	n := 0
	for _, v := range p.variants {
		n += v.quantity
	}
	return n
}

// money is minor units, so that nothing is ever a float.
type money int64

func (m money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%d.%02d", sign, m/100, m%100)
}

// decimal writes an amount as Shopify's Decimal does: one zero is enough.
func (m money) decimal() string { return strings.TrimSuffix(m.String(), "0") }

func parseMoney(s string) (money, bool) {
	s = strings.TrimSpace(s)
	neg := strings.HasPrefix(s, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	frac = (frac + "00")[:2]
	w, err1 := strconv.ParseInt(whole, 10, 60)
	f, err2 := strconv.ParseInt(frac, 10, 60)
	if err1 != nil || err2 != nil {
		return 0, false
	}
	if neg {
		return money(-(w*100 + f)), true
	}
	return money(w*100 + f), true
}

func gid(kind string, id int64) string {
	return "gid://shopify/" + kind + "/" + strconv.FormatInt(id, 10)
}

// splitGID returns the type and number of a global id; ok is false where it is none.
func splitGID(s string) (kind string, id int64, ok bool) {
	rest, found := strings.CutPrefix(s, "gid://shopify/")
	if !found {
		return "", 0, false
	}
	kind, num, found := strings.Cut(rest, "/")
	if !found {
		return "", 0, false
	}
	num, _, _ = strings.Cut(num, "?")
	id, err := strconv.ParseInt(num, 10, 64)
	return kind, id, err == nil && kind != ""
}

func atoi(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// action is one thing that somebody did: all its webhooks share the event id.
type action struct {
	eventID string
	at      time.Time
}

func (st *store) newAction() action {
	return action{eventID: uuid.NewString(), at: time.Now().UTC()}
}
