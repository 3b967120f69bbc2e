package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// lab is a simulator behind a real HTTP server, with what a test asks it.
type lab struct {
	*Simulator
	t     *testing.T
	url   string
	shop  *store
	token string
}

func setup(t *testing.T, o Options) *lab {
	t.Helper()
	for _, n := range []*int{&o.Products, &o.Customers, &o.Orders} {
		if *n == 0 {
			*n = -1
		}
	}
	s := New(o)
	srv := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		srv.Close()
	})
	return &lab{Simulator: s, t: t, url: srv.URL, shop: s.shops[0], token: otherApp}
}

// answer is one HTTP answer of the Admin API, taken apart.
type answer struct {
	status     int
	header     http.Header
	Data       map[string]any
	Errors     any
	Extensions struct {
		Cost struct {
			RequestedQueryCost float64
			ActualQueryCost    *float64
			ThrottleStatus     struct{ MaximumAvailable, CurrentlyAvailable, RestoreRate float64 }
		}
		Search []map[string]any
	}
}

func (l *lab) gql(query string, vars any) answer {
	l.t.Helper()
	a, err := l.try(query, vars)
	if err != nil {
		l.t.Fatalf("ask the Admin API: %v", err)
	}
	return a
}

func (l *lab) try(query string, vars any) (answer, error) {
	body, _ := json.Marshal(map[string]any{"query": query, "variables": vars})
	return l.send("/"+l.shop.Domain+"/admin/api/2026-10/graphql.json", body)
}

func (l *lab) send(path string, body []byte) (answer, error) {
	var a answer
	req, _ := http.NewRequest(http.MethodPost, l.url+path, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Shopify-Access-Token", l.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	a.status, a.header = res.StatusCode, res.Header
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &a); err != nil {
			return a, err
		}
	}
	return a, nil
}

// control calls the control API and decodes its answer.
func (l *lab) control(method, name string, in, out any) int {
	l.t.Helper()
	body, _ := json.Marshal(in)
	req, _ := http.NewRequest(method, l.url+"/__sim/"+name, bytes.NewReader(body))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatalf("call %s: %v", name, err)
	}
	defer res.Body.Close()
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			l.t.Fatalf("read the answer of %s: %v", name, err)
		}
	}
	return res.StatusCode
}

// dig walks into decoded JSON by keys and indexes.
func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a answer) code() string {
	s, _ := dig(a.Errors, 0, "extensions", "code").(string)
	return s
}

func (a answer) message() string {
	s, _ := dig(a.Errors, 0, "message").(string)
	return s
}

// asApp gives the lab the app's own token.
func (l *lab) asApp() *lab {
	l.token = l.tokens.issue(l.shop.Domain, false, time.Hour, time.Now()).value
	return l
}
