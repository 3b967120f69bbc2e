package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// chaos stands between the app and a simulated Shopify in the same process. It lets calls go wrong, kills the worker,
// and lets others edit records meanwhile.
type chaos struct {
	mu     sync.Mutex
	w      *world
	sim    *simulator.Simulator
	random *rand.Rand
	// wild says whether anything goes wrong at all.
	wild bool
	// dead is a killed worker, to which nothing answers; kill ends its context.
	dead bool
	kill context.CancelFunc
}

var errDead = errors.New("killed by the test")

// RoundTrip implements http.RoundTripper.
func (c *chaos) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return nil, errDead
	}
	raw := []byte{}
	if r.Body != nil {
		var err error
		if raw, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	var call struct {
		Query     string
		Variables struct {
			ID   string
			Tags []string
		}
	}
	_ = json.Unmarshal(raw, &call)
	writes := strings.HasPrefix(call.Query, "mutation Tags")
	answer := func() *http.Response {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(raw))
		again.RequestURI = r.URL.RequestURI()
		recorder := httptest.NewRecorder()
		c.sim.ServeHTTP(recorder, again)
		return recorder.Result()
	}
	if !c.wild {
		return answer(), nil
	}
	switch c.random.IntN(120) {
	case 0:
		return throttled(10), nil
	case 1:
		// Longer than the task lasts.
		return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	case 2:
		if writes { // what stands behind the gateway may have done it
			c.w.inDoubt(call.Variables.ID)
		}
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	case 3, 4:
		_ = answer()
		if writes {
			c.w.inDoubt(call.Variables.ID)
		}
		return nil, errors.New("the answer is lost")
	case 5:
		if writes {
			c.w.inDoubt(call.Variables.ID)
		}
		return nil, errors.New("the request is lost")
	case 6:
		if writes && c.random.IntN(4) == 0 {
			return refusedTags(call.Query), nil
		}
	case 7:
		c.die()
		return nil, errDead
	case 8:
		_ = answer()
		c.die()
		return nil, errDead
	}
	if writes && c.random.IntN(12) == 0 {
		// Between our read and our write others touch other tags: the same change by both, a moment apart, cannot be told
		// apart by anybody.
		c.w.editWith(call.Variables.ID, theirTags)
	}
	return answer(), nil
}

// die kills the worker. Whatever it was about to hear or to keep is in doubt.
func (c *chaos) die() {
	c.dead = true
	c.kill()
	for id := range c.w.without {
		c.w.doubt[id], c.w.lost[id] = true, true
	}
}

func throttled(requested int) *http.Response {
	body := fmt.Sprintf(`{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":%d,`+
		`"actualQueryCost":null,"throttleStatus":{"maximumAvailable":50000,"currentlyAvailable":9,"restoreRate":50000}}}}`, requested)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Shopify-Api-Version": {simulator.APIVersion}}, Body: io.NopCloser(strings.NewReader(body))}
}

func refusedTags(query string) *http.Response {
	field := "tagsAdd"
	if strings.Contains(query, "tagsRemove") {
		field = "tagsRemove"
	}
	body := fmt.Sprintf(`{"data":{%q:{"node":null,"userErrors":[{"field":["tags"],"message":"Product tags is invalid"}]}}}`, field)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Shopify-Api-Version": {simulator.APIVersion}}, Body: io.NopCloser(strings.NewReader(body))}
}

// statement lets the worker die before a statement.
func (c *chaos) statement() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wild && !c.dead && c.random.IntN(150) == 0 {
		c.die()
	}
	if c.dead {
		return errDead
	}
	return nil
}
