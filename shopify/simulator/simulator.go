// Package simulator is a Shopify store in memory: its Admin API, webhooks, tokens and admin frame.
package simulator

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// APIVersion is the only version of the Admin API that is served; others fall forward to it.
const APIVersion = "2026-10"

//go:embed all:assets
var assets embed.FS

// Options says what store to simulate. The zero value is a store that works.
type Options struct {
	// Shops defaults to one shop on the plan PRO and one on FREE.
	Shops []Shop
	// ClientID and ClientSecret are the credentials of the app under test.
	ClientID, ClientSecret string
	// AppURL is where the app listens; SetAppURL may give it later.
	AppURL string
	// Products, Customers and Orders are counts for each shop: 0 is the default
	// (2000, 5000, 10000), -1 is none.
	Products, Customers, Orders int
	// Seed decides every random choice: the same seed makes the same store.
	Seed uint64
	// Bucket and Restore are points and points per second; 0 is Shopify's 2000 and 100.
	Bucket, Restore float64
	// RetryWaits is the schedule of webhook retries; nil is eight over four hours.
	RetryWaits []time.Duration
	// TrafficEvery is the mean gap between two events of live traffic; 0 is two seconds.
	TrafficEvery time.Duration
	// IndexLag is how long a tag search lags behind a write; 0 is two seconds, negative is no lag.
	IndexLag time.Duration
	// BulkRate is how many lines of a bulk operation are processed in a second; 0 is as many as can be.
	BulkRate float64
	// Log receives one line for what a person watching would want to know; nil is silence.
	Log *slog.Logger
}

// Shop is one store. Plan is PRO or FREE and shows as an app subscription.
type Shop struct {
	Domain, Name, Plan, Timezone, Currency string
	Staff                                  []Staff
}

// Staff is a person who can open the admin.
type Staff struct {
	ID, Name, Email string
	// Scopes is what they may do of what the app may, joined by commas; "" is all of it.
	Scopes string
}

// Simulator serves a Shopify of its own. It is an http.Handler; Close it when done.
type Simulator struct {
	opts  Options
	log   *slog.Logger
	shops []*store

	urlMu  sync.RWMutex
	appURL string

	tokens   *tokens
	buckets  *buckets
	faults   *faults
	requests *requestLog
	outbox   *outbox
	traffic  *traffic
	bulk     *bulkRunner
	ids      *idSource

	ctx    context.Context
	cancel context.CancelFunc
}

// New builds the stores. It starts no goroutine: deliveries and traffic do, when first needed.
func New(o Options) *Simulator {
	o = o.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Simulator{
		opts:     o,
		log:      o.Log,
		appURL:   strings.TrimRight(o.AppURL, "/"),
		tokens:   newTokens(),
		buckets:  newBuckets(o.Bucket, o.Restore),
		faults:   newFaults(rand.New(rand.NewPCG(o.Seed, 0xfa))),
		requests: newRequestLog(100_000),
		ids:      &idSource{next: firstID},
		ctx:      ctx,
		cancel:   cancel,
	}
	s.outbox = newOutbox(s)
	s.traffic = newTraffic(s)
	s.bulk = newBulkRunner(s)
	for i, shop := range o.Shops {
		s.shops = append(s.shops, newStore(s, shop, i))
	}
	return s
}

func (o Options) withDefaults() Options {
	if len(o.Shops) == 0 {
		o.Shops = defaultShops()
	}
	setDefault(&o.ClientID, "tagtrail-demo-client-id")
	setDefault(&o.ClientSecret, "tagtrail-demo-client-secret")
	setDefault(&o.Bucket, 2000)
	setDefault(&o.Restore, 100)
	setDefault(&o.TrafficEvery, 2*time.Second)
	setDefault(&o.IndexLag, 2*time.Second)
	o.Products = countOr(o.Products, 2000)
	o.Customers = countOr(o.Customers, 5000)
	o.Orders = countOr(o.Orders, 10000)
	if o.RetryWaits == nil {
		o.RetryWaits = shopifyRetryWaits()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

func countOr(n, def int) int {
	switch {
	case n == 0:
		return def
	case n < 0:
		return 0
	}
	return n
}

func defaultShops() []Shop {
	return []Shop{
		{
			Domain:   "corkandcrate.myshopify.com",
			Name:     "Cork & Crate",
			Plan:     "PRO",
			Timezone: "America/New_York",
			Currency: "USD",
			Staff: []Staff{
				{ID: "90210001", Name: "Riley Park", Email: "riley@corkandcrate.example"},
				{ID: "90210002", Name: "Amara Diallo", Email: "amara@corkandcrate.example"},
				{ID: "90210003", Name: "Jonas Weber", Email: "jonas@corkandcrate.example"},
			},
		},
		{
			Domain:   "smalltable.myshopify.com",
			Name:     "Small Table Provisions",
			Plan:     "FREE",
			Timezone: "Europe/Berlin",
			Currency: "EUR",
			Staff: []Staff{
				{ID: "90220001", Name: "Mina Okafor", Email: "mina@smalltable.example"},
				{ID: "90220002", Name: "Theo Lindqvist", Email: "theo@smalltable.example"},
				{ID: "90220003", Name: "Carla Reyes", Email: "carla@smalltable.example"},
			},
		},
	}
}

// SetAppURL says where the app under test listens, without a path.
func (s *Simulator) SetAppURL(url string) {
	s.urlMu.Lock()
	defer s.urlMu.Unlock()
	s.appURL = strings.TrimRight(url, "/")
}

func (s *Simulator) appAddress() string {
	s.urlMu.RLock()
	defer s.urlMu.RUnlock()
	return s.appURL
}

// SetTraffic starts or pauses the live traffic of every shop.
func (s *Simulator) SetTraffic(on bool) { s.traffic.set(on) }

// Close stops traffic, bulk operations and deliveries, cancels what is in flight, and waits.
func (s *Simulator) Close() {
	s.cancel()
	s.traffic.wait()
	s.bulk.wait()
	s.outbox.wait()
}

// WaitIdle returns when no webhook delivery is pending or in flight.
func (s *Simulator) WaitIdle(ctx context.Context) error { return s.outbox.waitIdle(ctx) }

// Tags returns the tags that a record has now, or nil where the shop has no such record.
func (s *Simulator) Tags(shop, gid string) []string {
	st := s.shop(shop)
	if st == nil {
		return nil
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	if o := st.tagOwner(gid); o != nil {
		return append([]string{}, o.tagging().tags...)
	}
	return nil
}

// Log returns what the simulator was asked and what it sent, oldest first.
func (s *Simulator) Log() []LogEntry { return s.requests.all() }

// SetFaults adds faults to those that are on. An unknown name is an error that lists the known.
func (s *Simulator) SetFaults(list ...Fault) error { return s.faults.add(list...) }

// ClearFaults switches every fault off.
func (s *Simulator) ClearFaults() { s.faults.clear() }

// SessionToken returns a token as App Bridge would give it to the named member of staff
// (an id or a name; "" is the first), valid for 60 seconds.
func (s *Simulator) SessionToken(shop, staff string) (string, error) {
	st := s.shop(shop)
	if st == nil {
		return "", fmt.Errorf("no shop %q; there are: %s", shop, strings.Join(s.domains(), ", "))
	}
	who, err := st.staffMember(staff)
	if err != nil {
		return "", err
	}
	return s.mintSessionToken(st, who, time.Now()), nil
}

// Uninstall removes the app from a shop: its tokens and subscriptions end, and app/uninstalled is sent.
func (s *Simulator) Uninstall(shop string) error {
	st := s.shop(shop)
	if st == nil {
		return errors.New("no such shop")
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.emit(st.newAction(), "app/uninstalled", func() any { return st.shopPayload() })
	st.removeSubscriptionsOf(s.opts.ClientID)
	s.tokens.revoke(st.Domain)
	return nil
}

func (s *Simulator) shop(domain string) *store {
	for _, st := range s.shops {
		if strings.EqualFold(st.Domain, domain) {
			return st
		}
	}
	return nil
}

func (s *Simulator) domains() []string {
	var out []string
	for _, st := range s.shops {
		out = append(out, st.Domain)
	}
	return out
}

// ServeHTTP answers the Admin API, the token endpoint, the control API and the admin frame.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/":
		http.Redirect(w, r, "/"+s.shops[0].Domain+"/admin/apps/tagtrail", http.StatusFound)
	case strings.HasPrefix(r.URL.Path, storagePath):
		s.serveStorage(w, r)
	case parts[0] == "__sim":
		s.serveControl(w, r)
	case len(parts) >= 2 && parts[1] == "admin" && s.shop(parts[0]) != nil:
		s.serveAdmin(w, r, s.shop(parts[0]), parts[2:])
	default:
		writeJSON(w, http.StatusNotFound, map[string]any{"errors": "Not Found"})
	}
}

func (s *Simulator) serveAdmin(w http.ResponseWriter, r *http.Request, st *store, rest []string) {
	switch {
	case len(rest) == 3 && rest[0] == "api" && rest[2] == "graphql.json":
		s.serveGraphQL(w, r, st)
	case len(rest) == 2 && rest[0] == "oauth" && rest[1] == "access_token":
		s.serveAccessToken(w, r, st)
	case len(rest) > 0 && (rest[0] == "api" || rest[0] == "oauth"):
		writeJSON(w, http.StatusNotFound, map[string]any{"errors": "Not Found"})
	default:
		serveAsset(w, r, "admin.html")
	}
}
