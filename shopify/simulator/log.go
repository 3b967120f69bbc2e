package simulator

import (
	"sync"
	"time"
)

// LogEntry is one request that the simulator got, or one delivery that it made.
// Kind is graphql, token or delivery; storage is an upload or a download, edit a change that EditTags made.
type LogEntry struct {
	At         time.Time      `json:"at"`
	Kind       string         `json:"kind"`
	Shop       string         `json:"shop"`
	App        string         `json:"app,omitempty"`
	Operation  string         `json:"operation,omitempty"`
	Fields     []string       `json:"fields,omitempty"`
	Variables  map[string]any `json:"variables,omitempty"`
	Grant      string         `json:"grant,omitempty"`
	Status     int            `json:"status"`
	Cost       float64        `json:"cost,omitempty"`
	Errors     []string       `json:"errors,omitempty"`
	Fault      string         `json:"fault,omitempty"`
	Topic      string         `json:"topic,omitempty"`
	WebhookID  string         `json:"webhookId,omitempty"`
	EventID    string         `json:"eventId,omitempty"`
	Attempt    int            `json:"attempt,omitempty"`
	DurationMS float64        `json:"durationMs,omitempty"`
}

// requestLog keeps the newest entries in a ring, so that a long run does not grow without end.
type requestLog struct {
	mu    sync.Mutex
	limit int
	ring  []LogEntry
	next  int
}

func newRequestLog(limit int) *requestLog { return &requestLog{limit: limit} }

func (l *requestLog) add(e LogEntry) {
	if e.At.IsZero() {
		e.At = time.Now().UTC()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < l.limit {
		l.ring = append(l.ring, e)
		return
	}
	l.ring[l.next] = e
	l.next = (l.next + 1) % l.limit
}

func (l *requestLog) all() []LogEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]LogEntry, 0, len(l.ring))
	out = append(out, l.ring[l.next:]...)
	return append(out, l.ring[:l.next]...)
}
