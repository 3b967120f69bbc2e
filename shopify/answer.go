package shopify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultWait is for a throttle that does not say when to come back.
const defaultWait = time.Second

// searchReport is Shopify's account of how it read a search. A term with a warning was left out of it.
type searchReport struct {
	Query    string `json:"query"`
	Warnings []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
		Code    string `json:"code"`
	} `json:"warnings"`
}

type topError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code      string `json:"code"`
		RequestID string `json:"requestId"`
	} `json:"extensions"`
}

// readAnswer reads a GraphQL answer whole: its status, version, errors and search warnings. Where it returns an error
// the answer may still come with it.
func readAnswer(r reply, now time.Time) (*answer, error) {
	if r.status != http.StatusOK {
		return nil, statusError(r, now)
	}
	if v := r.header.Get("X-Shopify-Api-Version"); v != "" && v != APIVersion {
		return nil, &Error{
			Kind:      Version,
			Message:   fmt.Sprintf("asked for %s, was answered in %s", APIVersion, redact(v)),
			Status:    r.status,
			RequestID: r.requestID(),
		}
	}
	var a answer
	if err := json.Unmarshal(r.body, &a); err != nil {
		return nil, &Error{Kind: Protocol, Message: "answer is not JSON", Status: r.status, RequestID: r.requestID(), Err: err}
	}
	if err := topErrors(r, a, now); err != nil {
		return &a, err
	}
	if err := searchWarnings(r, a); err != nil {
		return &a, err
	}
	if isNull(a.Data) {
		return &a, &Error{Kind: Protocol, Message: "answer has neither data nor errors", Status: r.status, RequestID: r.requestID()}
	}
	return &a, nil
}

// searchWarnings names every field that was left out of the search: what was found is not what was asked for.
func searchWarnings(r reply, a answer) error {
	var e *Error
	for _, s := range a.Extensions.Search {
		for _, w := range s.Warnings {
			if e == nil {
				e = &Error{
					Kind:      SearchWarning,
					Code:      w.Code,
					Message:   redact(w.Message),
					Status:    r.status,
					RequestID: r.requestID(),
				}
			}
			e.Field = append(e.Field, redact(w.Field))
		}
	}
	if e == nil {
		return nil // an *Error that is nil would be an error that is not
	}
	return e
}

// topErrors turns the answer's errors into the one that decides what to do. Data beside errors has holes in it.
func topErrors(r reply, a answer, now time.Time) error {
	if isNull(a.Errors) {
		return nil
	}
	var list []topError
	if json.Unmarshal(a.Errors, &list) != nil {
		// Some errors come as one string or as an object, as with other statuses.
		list = []topError{{Message: plainMessage(a.Errors)}}
	}
	if len(list) == 0 {
		return nil
	}
	first := slices.MinFunc(list, func(x, y topError) int { return rank(kindOfCode(x)) - rank(kindOfCode(y)) })
	e := &Error{
		Kind:      kindOfCode(first),
		Code:      first.Extensions.Code,
		Message:   redact(first.Message),
		Status:    r.status,
		RequestID: first.Extensions.RequestID,
	}
	if e.RequestID == "" {
		e.RequestID = r.requestID()
	}
	for _, p := range first.Path {
		e.Field = append(e.Field, fmt.Sprint(p))
	}
	if e.Kind == Throttled {
		e.RetryAt = now.Add(deficit(a.Extensions.Cost))
	}
	return e
}

// rank puts first what says that nothing was done, and last what may have left a hole in an otherwise whole answer.
func rank(k Kind) int {
	return slices.Index([]Kind{Throttled, Unavailable, Frozen, Invalid, AccessDenied}, k)
}

// kindOfCode sorts Shopify's codes. Those it does not name are about the request: a field, an argument, a value.
func kindOfCode(e topError) Kind {
	switch e.Extensions.Code {
	case "THROTTLED":
		return Throttled
	case "INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE":
		return Unavailable
	case "SHOP_INACTIVE":
		return Frozen
	case "ACCESS_DENIED":
		return AccessDenied
	case "":
		if strings.EqualFold(e.Message, "Throttled") {
			return Throttled
		}
	}
	return Invalid
}

// deficit is how long the bucket takes to hold what was requested.
func deficit(c *costReport) time.Duration {
	if c == nil || c.Throttle.RestoreRate <= 0 {
		return defaultWait
	}
	missing := c.Requested - c.Throttle.CurrentlyAvailable
	if missing <= 0 {
		return defaultWait
	}
	return time.Duration(missing / c.Throttle.RestoreRate * float64(time.Second))
}

// statusError reads an answer whose status is not 200.
func statusError(r reply, now time.Time) *Error {
	e := &Error{Status: r.status, RequestID: r.requestID(), Kind: kindOfStatus(r.status), Message: statusMessage(r)}
	if !e.Temporary() {
		return e
	}
	if wait, ok := retryAfter(r.header, now); ok {
		e.RetryAt = now.Add(wait)
	} else if e.Kind == Throttled {
		e.RetryAt = now.Add(defaultWait)
	}
	return e
}

func kindOfStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusPaymentRequired:
		return Frozen
	case http.StatusForbidden, 430: // 430: Shopify takes the request for an attack
		return Forbidden
	case http.StatusNotFound:
		return NotFound
	case http.StatusRequestTimeout:
		return Unavailable
	case http.StatusLocked:
		return Locked
	case http.StatusTooManyRequests:
		return Throttled
	}
	switch {
	case status >= 500: // among them Shopify's own 530 and 540
		return Unavailable
	case status >= 400:
		return Invalid
	}
	return Protocol
}

func statusMessage(r reply) string {
	var body struct {
		Errors json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(r.body, &body) == nil && !isNull(body.Errors) {
		return plainMessage(body.Errors)
	}
	return http.StatusText(r.status)
}

// plainMessage reads the errors of an answer that is not GraphQL: a string, a list, or messages by field.
func plainMessage(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return redact(s)
	}
	var list []topError
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		return redact(list[0].Message)
	}
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return ""
	}
	return redact(out.String())
}

// retryAfter reads seconds, which Shopify writes with a fraction, or a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s >= 0 && s <= 86400 {
		return time.Duration(s * float64(time.Second)), true
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now), true
	}
	return 0, false
}
