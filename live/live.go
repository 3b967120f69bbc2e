// Package live says "this row changed" to whoever watches, in this process and in the others.
package live

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Message names a row that changed. It carries no data: who watches reads the row.
type Message struct {
	// Kind is the kind of row, such as activity.
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

const (
	// buffer is how many messages a watcher may be behind. One more and it is dropped; it reads again.
	buffer         = 256
	publishTimeout = 2 * time.Second
)

// Hub carries messages through Redis.
type Hub struct {
	rdb     redis.UniversalClient
	prefix  string
	log     *slog.Logger
	stop    context.CancelFunc
	done    sync.WaitGroup
	publish chan envelope
	// ready is closed when Redis has the subscription.
	ready chan struct{}

	mu       sync.Mutex
	watchers map[int64]map[*Watch]struct{}
}

type envelope struct {
	shop    int64
	message Message
}

// Watch is one watcher's view of a shop. C is closed when it fell behind or the hub stopped.
type Watch struct {
	C    <-chan Message
	c    chan Message
	hub  *Hub
	shop int64
}

// New starts a hub whose channels begin with the prefix. Close stops it.
func New(rdb redis.UniversalClient, prefix string, log *slog.Logger) *Hub {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		rdb:      rdb,
		prefix:   prefix + ":live:",
		log:      log,
		stop:     stop,
		publish:  make(chan envelope, 4*buffer),
		ready:    make(chan struct{}),
		watchers: map[int64]map[*Watch]struct{}{},
	}
	h.done.Go(func() { h.receive(ctx) })
	h.done.Go(func() { h.send(ctx) })
	return h
}

// Close drops every watcher and stops.
func (h *Hub) Close() {
	h.stop()
	h.done.Wait()
	h.DropAll()
}

// Publish tells every process's watchers of the shop. It never waits and never fails: who watches reads again.
func (h *Hub) Publish(shop int64, m Message) {
	select {
	case h.publish <- envelope{shop, m}:
	default:
	}
}

// Watch begins to watch a shop, once the hub is connected. Watch first, then read, and nothing is missed. Stop
// ends it.
func (h *Hub) Watch(ctx context.Context, shop int64) (*Watch, error) {
	select {
	case <-h.ready:
	case <-ctx.Done():
		return nil, fmt.Errorf("watch shop: %w", ctx.Err())
	}
	c := make(chan Message, buffer)
	w := &Watch{C: c, c: c, hub: h, shop: shop}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers[shop] == nil {
		h.watchers[shop] = map[*Watch]struct{}{}
	}
	h.watchers[shop][w] = struct{}{}
	return w, nil
}

// Stop ends the watch. It may be called more than once.
func (w *Watch) Stop() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	w.hub.drop(w)
}

func (h *Hub) drop(w *Watch) {
	if _, watching := h.watchers[w.shop][w]; !watching {
		return
	}
	delete(h.watchers[w.shop], w)
	if len(h.watchers[w.shop]) == 0 {
		delete(h.watchers, w.shop)
	}
	close(w.c)
}

func (h *Hub) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-h.publish:
			if err := h.sendOne(ctx, e); err != nil && ctx.Err() == nil {
				h.log.Warn("live message not sent", "err", err)
			}
		}
	}
}

func (h *Hub) sendOne(ctx context.Context, e envelope) error {
	payload, err := json.Marshal(e.message)
	if err != nil {
		return fmt.Errorf("encode live message: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	return h.rdb.Publish(ctx, h.prefix+strconv.FormatInt(e.shop, 10), payload).Err()
}

// receive hands on what arrives. go-redis connects again by itself; what was said meanwhile is lost, so every
// watcher is dropped when it has connected again, and reads.
func (h *Hub) receive(ctx context.Context) {
	pubsub := h.rdb.PSubscribe(ctx, h.prefix+"*")
	// Receive waits for Redis and does not look at ctx meanwhile.
	context.AfterFunc(ctx, func() { _ = pubsub.Close() })
	subscribed := false
	for {
		received, err := pubsub.Receive(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.log.Warn("live connection lost; connecting again", "err", err)
			if !pause(ctx, time.Second) {
				return
			}
			continue
		}
		switch m := received.(type) {
		case *redis.Subscription:
			if subscribed {
				h.DropAll()
			} else {
				subscribed = true
				close(h.ready)
			}
		case *redis.Message:
			h.deliver(m)
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// DropAll drops every watcher, here; each begins again and reads.
func (h *Hub) DropAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, shop := range h.watchers {
		for w := range shop {
			h.drop(w)
		}
	}
}

func (h *Hub) deliver(received *redis.Message) {
	shop, err := strconv.ParseInt(strings.TrimPrefix(received.Channel, h.prefix), 10, 64)
	if err != nil {
		return
	}
	var m Message
	if err := json.Unmarshal([]byte(received.Payload), &m); err != nil {
		h.log.Warn("live message not understood", "err", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.watchers[shop] {
		select {
		case w.c <- m:
		default:
			h.drop(w)
		}
	}
}
