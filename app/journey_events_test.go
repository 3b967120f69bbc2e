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

// stream posts a query and asks for events.
func (j *journey) stream(ctx context.Context, shop, query string) *http.Response {
	j.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	j.must(err)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.url+"/graphql", bytes.NewReader(body))
	j.must(err)
	req.Header = http.Header{
		"Authorization": {"Bearer " + j.session(shop)},
		"Accept":        {"text/event-stream"},
		"Content-Type":  {"application/json"},
	}
	res, err := http.DefaultClient.Do(req)
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
	product := j.createProduct(shopA, "Gamay of the stream")
	watching.until(j, product)
	j.settled()
	began := time.Now()
	j.stop()
	for range watching.lines {
	}
	if took := time.Since(began); took > j.config.stopAfter() {
		t.Errorf("the server stopped after %v", took)
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
