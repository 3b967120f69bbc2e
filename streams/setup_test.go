package streams

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/shops"
)

var riley = models.Actor{Type: models.ActorStaff, Name: "Riley Park"}

// house is a service whose tests each have shops of their own.
type house struct {
	testing.TB
	*Service
	shops atomic.Int64
}

func setup(tb testing.TB) *house {
	tb.Helper()
	log := slog.New(slog.DiscardHandler)
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	hub, nudges := live.New(rdb, uuid.NewString(), log), queue.New(rdb, "test", log)
	tb.Cleanup(func() {
		nudges.Close()
		hub.Close()
		_ = rdb.Close()
	})
	sealer, err := shops.ParseKeys("test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	if err != nil {
		tb.Fatal(err)
	}
	db := modelstest.Open(tb)
	ledger := &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}
	sender := NewSender(true, "Tagtrail/test")
	sender.HTTP.Timeout = 3 * time.Second
	return &house{TB: tb, Service: &Service{
		DB:          db,
		Activity:    ledger,
		Shops:       &shops.Service{DB: db, Sealer: sealer, Activity: ledger},
		Notify:      &notify.Service{DB: db, Activity: ledger, Queue: nudges, AdminURL: "https://admin.test/{shop}", App: "tagtrail", Log: log},
		Queue:       nudges,
		Sender:      sender,
		GiveUpAfter: time.Hour,
	}}
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) shop() *models.Shop {
	h.Helper()
	return modelstest.Shop(h.TB, h.DB, fmt.Sprintf("shop-%d.myshopify.com", h.shops.Add(1)), models.PlanFree)
}

// stream makes a stream to the address and returns its id and its secret.
func (h *house) stream(shop *models.Shop, url string, filter *activity.Filter) (string, string) {
	h.Helper()
	stream, secret, err := h.Create(h.Context(), shop, riley, Input{Name: "Warehouse", URL: url, Filter: filter})
	h.must(err)
	return stream.ID, secret
}

func (h *house) row(id string) *models.Stream {
	h.Helper()
	var row models.Stream
	h.must(h.DB.Where("id = ?", id).Take(&row).Error)
	return &row
}

// record writes an entry with the summary, and returns its id.
func (h *house) record(shop *models.Shop, summary string) string {
	h.Helper()
	e := sketch(summary)
	h.must(h.Activity.Record(h.Context(), shop, e))
	return e.ID
}

func sketch(summary string) *models.Activity {
	return &models.Activity{Type: models.UserAction, Action: "TOLD", Status: models.Success, Summary: summary,
		ActorType: models.ActorSystem, ActorName: "Tagtrail"}
}

// deliver works on the stream until nothing of it waits, as a worker would: each time at once, whatever it waits for.
func (h *house) deliver(id string) {
	h.Helper()
	for range 500 {
		h.must(h.Deliver(h.Context(), id))
		row := h.row(id)
		if !row.Enabled || row.Replay.From == nil && h.waiting(id) == 0 {
			return
		}
		h.due(id)
	}
	h.Fatal("the stream never ends")
}

// due makes the stream due.
func (h *house) due(id string) {
	h.Helper()
	h.must(h.DB.Model(&models.Stream{}).Where("id = ?", id).Update("due_at", models.Now().Add(-time.Second)).Error)
}

func (h *house) waiting(id string) int {
	h.Helper()
	row := &Stream{*h.row(id), h.Service}
	count, err := row.Waiting(h.Context())
	h.must(err)
	return count.Count
}

func (h *house) mails(shop *models.Shop) []models.Mail {
	h.Helper()
	var mails []models.Mail
	h.must(h.DB.Where("shop_id = ?", shop.ID).Order("id").Find(&mails).Error)
	return mails
}

// toldEvent is one event as a receiver got it.
type toldEvent struct {
	Type     string
	Activity struct {
		ID, Summary, Action string
		Status              models.ActivityStatus
		History             []models.StatusChange
	}
}

// receiver is a stranger's server. It keeps what it took.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	messages []message
	// answer answers in place of a plain 200, where it is set, and says whether it took the message.
	answer func(w http.ResponseWriter, r *http.Request, m message) bool
}

type message struct {
	header http.Header
	body   []byte
	Type   string
	Data   struct {
		Shop, Stream string
		Events       []toldEvent
	}
}

func receive(tb testing.TB) *receiver {
	tb.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(r)
	tb.Cleanup(r.Close)
	return r
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	m := message{header: req.Header, body: body}
	if err := json.Unmarshal(body, &m); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	if r.answer != nil && !r.answer(w, req, m) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, m)
}

// events returns all that it took, in order.
func (r *receiver) events() []toldEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []toldEvent
	for _, m := range r.messages {
		events = append(events, m.Data.Events...)
	}
	return events
}

func (r *receiver) summaries() []string {
	var list []string
	for _, e := range r.events() {
		list = append(list, e.Activity.Summary)
	}
	return list
}

func (r *receiver) taken() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.messages...)
}
