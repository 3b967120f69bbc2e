// Package shopify is the door to Shopify: it verifies what Shopify sends us and asks Shopify what we need to know.
package shopify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// APIVersion is the Admin API version every operation is written for. An answer in another version is an error of
// kind Version.
const APIVersion = "2026-10"

const (
	// callTimeout is how long a call may take when App.HTTP is not given. Shopify itself gives up after 10 s.
	callTimeout = 10 * time.Second
	// maxBody bounds what we read of an answer, in bytes after decompression.
	maxBody = 20 << 20
)

// shopPattern is what Shopify's own libraries accept as a shop's permanent domain.
var shopPattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9\-_]*\.myshopify\.com$`)

// App is our app as Shopify knows it: its credentials, and how to reach shops. The zero value of every optional field
// works.
type App struct {
	ClientID string
	// Secret verifies and authenticates; OldSecret, if set, also verifies while a rotation is under way (up to an hour).
	Secret    string
	OldSecret string
	// BaseURL is where a shop's Admin lives, with {shop} for its domain. Empty is "https://{shop}".
	BaseURL string
	// HTTP makes the calls. Nil is a client with a timeout of 10 s. Redirects are never followed: a redirect would carry
	// the access token to another host.
	HTTP *http.Client
	// Budget is the cost bucket shared with other processes. Nil is none.
	Budget *Budget
	// Idle is how long an upload or a download may stand still before it is given up. 0 is 30 s.
	Idle time.Duration
	// Version is our own, for the User-Agent.
	Version string
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
}

// Client returns a client for one shop, which asks token for the access token of every call.
func (a *App) Client(shop string, token TokenSource) *Client {
	return &Client{app: a, shop: shop, token: token}
}

func (a *App) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// address returns a URL of the shop's Admin. It refuses what is not a shop, so that no credential goes elsewhere.
func (a *App) address(shop, path string) (string, error) {
	if !shopPattern.MatchString(shop) {
		return "", &Error{Kind: Invalid, Message: "not a myshopify.com domain"}
	}
	base := cmp.Or(a.BaseURL, "https://{shop}")
	return strings.TrimSuffix(strings.ReplaceAll(base, "{shop}", shop), "/") + path, nil
}

func (a *App) client() *http.Client {
	c := http.Client{Timeout: callTimeout}
	if a.HTTP != nil {
		c = *a.HTTP
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// reply is an HTTP answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// post sends JSON and reads the answer, whatever its status. Its errors are *Error.
func (a *App) post(ctx context.Context, url, accessToken string, body []byte) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return reply{}, &Error{Kind: Invalid, Message: "address of the Admin API", Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Tagtrail/"+cmp.Or(a.Version, "dev"))
	if accessToken != "" {
		req.Header.Set("X-Shopify-Access-Token", accessToken)
	}
	resp, err := a.client().Do(req)
	if err != nil {
		return reply{}, &Error{Kind: Unavailable, Message: "no answer", Err: err}
	}
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode, header: resp.Header}
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return r, &Error{Kind: Unavailable, Message: "answer broke off", Status: r.status, RequestID: r.requestID(), Err: err}
	}
	if len(r.body) > maxBody {
		return r, &Error{Kind: Protocol, Message: "answer is too large", Status: r.status, RequestID: r.requestID()}
	}
	return r, nil
}

func (r reply) requestID() string { return r.header.Get("X-Request-Id") }

// label names the operation and the shop in an error that was made without knowing them.
func label(err error, operation, shop string) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Operation, e.Shop = cmp.Or(e.Operation, operation), cmp.Or(e.Shop, shop)
	}
	return err
}
