package shopify_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/shopify"
)

const (
	shop   = "corkandcrate.myshopify.com"
	secret = "hush"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// call is a request as it arrived.
type call struct {
	path   string
	header http.Header
	body   map[string]any
	raw    string
}

// wire is a server that keeps every call and answers with a function.
type wire struct {
	app   *shopify.App
	mu    sync.Mutex
	calls []call
}

func (w *wire) all() []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]call(nil), w.calls...)
}

func serve(t *testing.T, answer func(n int, c call, w http.ResponseWriter)) *wire {
	t.Helper()
	s := &wire{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		c := call{path: r.URL.Path, header: r.Header, raw: string(raw)}
		if err := json.Unmarshal(raw, &c.body); err != nil {
			t.Errorf("request is not JSON: %v", err)
		}
		s.mu.Lock()
		s.calls = append(s.calls, c)
		n := len(s.calls)
		s.mu.Unlock()
		w.Header().Set("X-Shopify-API-Version", shopify.APIVersion)
		w.Header().Set("Content-Type", "application/json")
		answer(n, c, w)
	}))
	t.Cleanup(server.Close)
	s.app = &shopify.App{
		ClientID: "client",
		Secret:   secret,
		BaseURL:  server.URL + "/{shop}",
		HTTP:     server.Client(),
		Now:      func() time.Time { return noon },
	}
	return s
}

// always answers every call with the same body.
func always(status int, body string) func(int, call, http.ResponseWriter) {
	return func(_ int, _ call, w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func token(string) shopify.TokenSource {
	return func(context.Context, string) (string, error) { return "shpat_one", nil }
}

func (w *wire) client() *shopify.Client { return w.app.Client(shop, token("")) }
