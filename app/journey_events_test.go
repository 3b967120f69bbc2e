package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// events is an open subscription.
type events struct {
	lines chan string
	seen  strings.Builder
	stop  context.CancelFunc
}

// subscribe opens a subscription as a person of the shop's staff.
func (j *journey) subscribe(shop, query string) *events {
	j.Helper()
	return j.subscribeWith(j.session(shop), query)
}

// subscribeWith opens a subscription with a session token or an API key.
func (j *journey) subscribeWith(token, query string) *events {
	j.Helper()
	ctx, stop := context.WithCancel(j.Context())
	res := j.streamWith(ctx, token, query)
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		j.Fatalf("subscribe: %d %s", res.StatusCode, kind)
	}
	e := &events{lines: make(chan string, 1000), stop: stop}
	go readLines(res.Body, e.lines)
	return e
}

// begun returns once the subscription tells of what happens in the shop.
func (e *events) begun(j *journey, shop string) {
	j.Helper()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		j.createOrder(shop, "1.00", nil)
		select {
		case line, open := <-e.lines:
			e.seen.WriteString(line + "\n")
			if !open || strings.Contains(line, `"data"`) {
				j.settled()
				return
			}
		case <-ticker.C:
		case <-deadline.C:
			j.Fatal("the subscription never began")
		}
	}
}

// streamWith posts a query with a token and asks for events.
func (j *journey) streamWith(ctx context.Context, token, query string) *http.Response {
	j.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	j.must(err)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.url+"/graphql", bytes.NewReader(body))
	j.must(err)
	req.Header = http.Header{
		"Authorization": {"Bearer " + token},
		"Accept":        {"text/event-stream"},
		"Content-Type":  {"application/json"},
	}
	res, err := j.client.Do(req)
	j.must(err)
	j.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// readLines sends each line of the body, and closes the channel at its end.
func readLines(body io.Reader, lines chan<- string) {
	defer close(lines)
	scanner := bufio.NewScanner(body)
	scanner.Buffer(nil, 4<<20)
	for scanner.Scan() {
		lines <- scanner.Text()
	}
}

// until reads until a line has the text.
func (e *events) until(j *journey, text string) {
	j.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		select {
		case line, open := <-e.lines:
			if !open {
				j.Fatalf("the stream ended before it said %s:\n%s", text, e.seen.String())
			}
			e.seen.WriteString(line + "\n")
			if strings.Contains(line, text) {
				return
			}
		case <-deadline.C:
			j.Fatalf("the stream did not say %s:\n%s", text, e.seen.String())
		}
	}
}

// close ends the subscription and returns all that it said.
func (e *events) close() string {
	e.stop()
	for line := range e.lines {
		e.seen.WriteString(line + "\n")
	}
	return e.seen.String()
}

const changes = `subscription { activityChanged { id status summary entity { id } changes { field before after } } }`

func TestASubscriptionTellsOfANewEntry(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	watching := j.subscribe(shopA, changes)
	watching.begun(j, shopA)
	product := j.createProduct(shopA, "Gamay of the stream")
	watching.until(j, product)
	entry := j.one(j.a, "entity_id = ?", product)
	if said := watching.close(); !strings.Contains(said, entry.ID) || !strings.Contains(said, "event: next") {
		t.Errorf("said:\n%s", said)
	}
}

func TestASubscriptionEndsWhenTheServerStops(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	watching := j.subscribe(shopA, changes)
	watching.begun(j, shopA)
	product := j.createProduct(shopA, "Gamay of the stream")
	watching.until(j, product)
	j.settled()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		j.stop()
	}()
	for range watching.lines { // until the server ends it
	}
	select {
	case <-stopped:
	case <-time.After(patience):
		t.Error("the server did not stop")
	}
}

func TestAnOrdinaryRequestThatAlsoAcceptsEventsGetsAnOrdinaryAnswer(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	r := j.post(j.url+"/graphql", `{ shop { domain } }`, nil, http.Header{
		"Authorization": {"Bearer " + j.session(shopA)},
		"Accept":        {"application/graphql-response+json, application/json, text/event-stream, multipart/mixed"},
	})
	if kind := r.header.Get("Content-Type"); !strings.Contains(kind, "json") || !strings.Contains(string(r.body), shopA) {
		t.Errorf("answered %s: %s", kind, r.body)
	}
}
