package simulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// goods is one kind of article of a wine and food shop, and what its names are made of.
type goods struct {
	kind     string
	vendors  []string
	names    []string
	styles   []string
	tags     []string
	option   string
	variants []string
	low      int // price range in whole units
	high     int
	grams    int
}

func assortment() []goods {
	return []goods{
		{"Red Wine", []string{"Domaine Aubrac", "Cantina Rovere", "Old Mill Cellars"},
			[]string{"Pinot Noir", "Syrah", "Tempranillo", "Nebbiolo", "Gamay", "Cabernet Franc"},
			[]string{"Reserve", "Old Vines", "Hillside", "Estate", "Single Vineyard"},
			[]string{"red", "dry", "cellar-worthy", "organic"}, "Size", []string{"750 ml", "1.5 l Magnum", "Case of 6"}, 14, 95, 1300},
		{"White Wine", []string{"Weingut Lindhof", "Domaine Aubrac", "Casa Marina"},
			[]string{"Riesling", "Chenin Blanc", "Albariño", "Grüner Veltliner", "Vermentino"},
			[]string{"Kabinett", "Sur Lie", "Coastal", "Estate", "Late Harvest"},
			[]string{"white", "dry", "unoaked", "biodynamic"}, "Size", []string{"750 ml", "Case of 6"}, 12, 60, 1250},
		{"Sparkling", []string{"Maison Verrier", "Cantina Rovere"},
			[]string{"Brut", "Blanc de Blancs", "Rosé Brut", "Pét-Nat", "Crémant"},
			[]string{"Tradition", "Zero Dosage", "Vintage 2019", "Petite Cuvée"},
			[]string{"sparkling", "celebration", "gift"}, "Size", []string{"375 ml", "750 ml"}, 18, 120, 1600},
		{"Olive Oil", []string{"Frantoio Sella", "Finca Oliva"},
			[]string{"Arbequina", "Picual", "Koroneiki", "Taggiasca"},
			[]string{"Early Harvest", "Unfiltered", "Everyday"},
			[]string{"pantry", "vegan", "new-harvest"}, "Size", []string{"250 ml", "500 ml", "3 l Tin"}, 9, 48, 700},
		{"Cheese", []string{"Alpine Dairy Co", "Fromagerie Lune"},
			[]string{"Comté", "Manchego", "Gouda", "Blue", "Tomme"},
			[]string{"12 Months", "24 Months", "Raw Milk", "Cave Aged"},
			[]string{"chilled", "vegetarian"}, "Weight", []string{"200 g", "500 g", "Quarter Wheel"}, 8, 70, 400},
		{"Chocolate", []string{"Cacao & Clay", "Fèvre"},
			[]string{"Dark Bar", "Milk Bar", "Hazelnut Bar", "Truffles"},
			[]string{"70 %", "Sea Salt", "Single Origin Peru", "Orange Peel"},
			[]string{"gift", "vegan", "sweet"}, "Title", []string{"Default Title"}, 5, 32, 120},
		{"Coffee", []string{"North Dock Roasters"},
			[]string{"Ethiopia Guji", "Colombia Huila", "House Espresso", "Kenya Nyeri"},
			[]string{"Washed", "Natural", "Decaf"},
			[]string{"pantry", "fresh-roast"}, "Grind", []string{"Whole Bean", "Filter", "Espresso"}, 11, 26, 300},
		{"Gift Box", []string{"House"},
			[]string{"Picnic Box", "Cheese & Wine Box", "Breakfast Box", "Aperitivo Box"},
			[]string{"for Two", "Deluxe", "Holiday"},
			[]string{"gift", "bundle", "seasonal"}, "Title", []string{"Default Title"}, 45, 180, 3200},
	}
}

var (
	firstNames = strings.Fields("Ada Ben Clara Dev Elena Farid Grace Hugo Iris Jamal Keiko Liam Maya Nadia Oscar Priya Quinn Rosa Sven Tara Uma Victor Wren Ximena Yusuf Zoe")
	lastNames  = strings.Fields("Abbott Becker Castillo Dubois Eriksen Fischer Garcia Hughes Ivanov Jensen Kim Laurent Moreau Novak Owens Patel Rossi Schmidt Tanaka Ueda Varga Walsh Xu Young Zimmer")
	streets    = []string{"Vine Street", "Harbour Road", "Mill Lane", "Orchard Avenue", "Station Road", "Market Square", "Cedar Drive"}
	// Tags of seeded customers are chosen so that they collide with nothing a demo would add.
	customerTags = []string{"newsletter", "club-member", "trade", "local-pickup", "gift-buyer", "no-substitutions"}
	orderTags    = []string{"gift-wrap", "click-and-collect", "phone-order", "fragile"}
	gateways     = []string{"shopify_payments", "shopify_payments", "shopify_payments", "paypal", "manual", "gift_card"}
	sources      = []string{"web", "web", "web", "web", "pos", "shopify_draft_order"}
	referrers    = []string{"", "", "https://www.google.com/", "https://www.instagram.com/", "https://newsletter.example/"}
	landings     = []string{"", "/", "/collections/red-wine", "/collections/gifts?utm_source=newsletter", "/products/house-espresso"}
	codes        = []string{"WELCOME10", "CELLAR15", "FRIENDS"}
)

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// some takes each element with the given chance in a hundred.
func some(rng *rand.Rand, list []string, chance int) []string {
	var out []string
	for _, s := range list {
		if rng.IntN(100) < chance {
			out = append(out, s)
		}
	}
	return uniteTags(nil, out)
}

// seed fills an empty store. Nothing is sent: these records were always there.
func (st *store) seed(products, customers, orders int) {
	midnight := time.Now().UTC().Truncate(24 * time.Hour)
	handles := map[string]int{}
	for i := range products {
		st.seedProduct(midnight, i, products, handles)
	}
	for i := range customers {
		c := st.makeCustomer(i)
		c.id = st.sim.ids.take()
		c.created = midnight.AddDate(0, 0, -900+i*890/max(customers, 1)).Add(time.Duration(st.rng.IntN(80000)) * time.Second)
		c.updated = c.created
		st.customers.put(c)
		st.customerSpelling(c.tags)
	}
	for i := range orders {
		o := st.makeOrder(nil)
		if o == nil {
			break
		}
		o.created = midnight.Add(-time.Duration(orders-i) * 400 * 24 * time.Hour / time.Duration(max(orders, 1)))
		o.processed, o.updated = o.created, o.created
		st.seedOrder(o, midnight)
	}
}

func (st *store) seedProduct(midnight time.Time, i, total int, handles map[string]int) {
	p := st.makeProduct(i)
	p.id = st.sim.ids.take()
	p.created = midnight.AddDate(0, 0, -1000+i*990/max(total, 1)).Add(time.Duration(st.rng.IntN(80000)) * time.Second)
	p.updated = p.created
	if p.status == "ACTIVE" {
		p.published = p.created
	}
	if n := handles[p.handle]; n > 0 {
		handles[p.handle]++
		p.handle += "-" + itoa(int64(n))
	} else {
		handles[p.handle] = 1
	}
	for j, v := range p.variants {
		v.id, v.inventoryItem = st.sim.ids.take(), st.sim.ids.take()
		v.product, v.position, v.created, v.updated = p, j+1, p.created, p.created
	}
	st.products.put(p)
}

func (st *store) seedOrder(o *order, midnight time.Time) {
	st.number++
	o.id, o.number, o.name = st.sim.ids.take(), st.number, "#"+itoa(st.number)
	for _, l := range o.lines {
		l.id = st.sim.ids.take()
	}
	for _, l := range o.shipping {
		l.id = st.sim.ids.take()
	}
	if midnight.Sub(o.created) > 72*time.Hour {
		o.financial, o.fulfillment = "PAID", "FULFILLED"
		o.fulfilled = o.created.Add(30 * time.Hour)
		o.closed, o.updated = o.fulfilled, o.fulfilled
		if st.rng.IntN(50) == 0 {
			o.canceled, o.cancelReason, o.fulfilled = o.created.Add(2*time.Hour), "CUSTOMER", time.Time{}
			o.financial, o.fulfillment = "REFUNDED", "UNFULFILLED"
		}
	}
	st.orders.put(o)
	if o.customer != nil {
		o.customer.orders = append(o.customer.orders, o)
	}
}

func (st *store) makeProduct(i int) *product {
	rng := st.rng
	g := pick(rng, assortment())
	p := &product{
		title:  fmt.Sprintf("%s %s", pick(rng, g.names), pick(rng, g.styles)),
		vendor: pick(rng, g.vendors),
		kind:   g.kind,
		status: "ACTIVE",
	}
	if strings.Contains(g.kind, "Wine") {
		p.title += fmt.Sprintf(" %d", 2015+rng.IntN(10))
	}
	switch rng.IntN(20) {
	case 0:
		p.status = "DRAFT"
	case 1:
		p.status = "ARCHIVED"
	}
	p.handle = handleOf(p.title)
	p.html = "<p>" + p.title + " by " + p.vendor + ".</p>"
	p.tags = some(rng, g.tags, 45)
	base := g.low*100 + rng.IntN((g.high-g.low)*100)
	for j, title := range g.variants {
		price := money(base*(j*j+1)/10*10 - 1)
		v := &variant{
			title:      title,
			optionName: g.option,
			sku:        fmt.Sprintf("%s-%04d-%d", strings.ToUpper(strings.ReplaceAll(g.kind, " ", ""))[:3], i, j+1),
			price:      price,
			cost:       price * money(40+rng.IntN(40)) / 100,
			quantity:   rng.IntN(120),
			grams:      g.grams * (j + 1),
		}
		if rng.IntN(8) == 0 {
			v.quantity = rng.IntN(3)
		}
		if rng.IntN(6) == 0 {
			v.compareAt = price * 120 / 100
		}
		v.oldCount = v.quantity
		p.variants = append(p.variants, v)
	}
	return p
}

func (st *store) makeCustomer(i int) *customer {
	rng := st.rng
	c := &customer{first: pick(rng, firstNames), last: pick(rng, lastNames), state: "DISABLED", locale: "en", verified: rng.IntN(10) > 0}
	c.email = fmt.Sprintf("%s.%s%d@%s", strings.ToLower(c.first), strings.ToLower(c.last), i+1, pick(rng, []string{"example.com", "mail.example", "post.example"}))
	c.marketing = pick(rng, []string{"SUBSCRIBED", "NOT_SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED"})
	if rng.IntN(3) == 0 {
		c.state = "ENABLED"
	}
	if rng.IntN(4) == 0 {
		c.phone = fmt.Sprintf("+1555%07d", i+1)
	}
	c.tags = some(rng, customerTags, 12)
	p := pick(rng, places())
	c.addresses = []*address{{
		id: st.sim.ids.take(), first: c.first, last: c.last, line1: fmt.Sprintf("%d %s", 1+rng.IntN(200), pick(rng, streets)),
		city: p.city, zip: p.zip, province: p.province, provinceCode: p.provinceCode, country: p.country, code: p.code,
	}}
	return c
}

// makeOrder builds an order of a customer, or of any; nil where the store has nothing to sell
// or nobody to buy.
func (st *store) makeOrder(who *customer) *order {
	rng := st.rng
	if len(st.products.list) == 0 || who == nil && len(st.customers.list) == 0 {
		return nil
	}
	if who == nil {
		// Few customers buy often: the square of a random number favours the first ones.
		f := rng.Float64()
		who = st.customers.list[int(f*f*float64(len(st.customers.list)))]
	}
	o := &order{
		customer: who, email: who.email, phone: who.phone, currency: st.Currency,
		financial: "PAID", fulfillment: "UNFULFILLED", source: pick(rng, sources), gateways: []string{pick(rng, gateways)},
		landing: pick(rng, landings), referrer: pick(rng, referrers), marketing: who.marketing == "SUBSCRIBED",
		shipTo: who.home(), billTo: who.home(), risk: "LOW",
	}
	o.tags = some(rng, orderTags, 6)
	switch n := rng.IntN(100); {
	case n < 3:
		o.risk = "HIGH"
	case n < 10:
		o.risk = "MEDIUM"
	}
	if o.gateways[0] == "manual" {
		o.financial = "PENDING"
	}
	if rng.IntN(12) == 0 {
		o.note = "Please leave with the neighbour."
	}
	for range 1 + rng.IntN(4) {
		p := pick(rng, st.products.list)
		l := &lineItem{quantity: 1 + rng.IntN(3), shippable: true}
		l.fill(pick(rng, p.variants))
		o.lines = append(o.lines, l)
	}
	if o.source != "pos" {
		s := &shippingLine{title: "Standard", code: "Standard", price: 690}
		if rng.IntN(5) == 0 {
			s = &shippingLine{title: "Express", code: "Express", price: 1490}
		}
		o.shipping = []*shippingLine{s}
	}
	if rng.IntN(7) == 0 {
		o.discountCode = pick(rng, codes)
		o.discount = o.lineTotal() / 10
		o.spreadDiscount()
	}
	return o
}
