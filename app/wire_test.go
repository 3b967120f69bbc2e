package app

import (
	"bytes"
	"io"
	"net/http"
)

// wire sees each request to Shopify before it goes out, and can keep it back with an error.
type wire func(body string) error

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	if err := w(string(body)); err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultTransport.RoundTrip(r)
}
