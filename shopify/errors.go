package shopify

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Kind sorts what can go wrong by what to do about it.
type Kind string

// The kinds of errors.
const (
	Throttled     Kind = "throttled"      // the shop's cost bucket is empty: come back at RetryAt
	Busy          Kind = "busy"           // as many bulk operations run as may: come back at RetryAt
	Unavailable   Kind = "unavailable"    // no answer, or a 5xx: come back later
	Unauthorized  Kind = "unauthorized"   // the token is not valid, not even a fresh one
	Frozen        Kind = "frozen"         // the shop is frozen or inactive
	Forbidden     Kind = "forbidden"      // Shopify refuses to talk to us about this shop
	NotFound      Kind = "not_found"      // there is no such shop
	Locked        Kind = "locked"         // the shop is locked
	AccessDenied  Kind = "access_denied"  // a scope or an approval is missing
	UserError     Kind = "user_error"     // Shopify refused the values of a change
	Gone          Kind = "gone"           // the record does not exist (any more)
	Invalid       Kind = "invalid"        // what we sent is wrong
	SearchWarning Kind = "search_warning" // part of a search was ignored, so its results mean nothing
	Version       Kind = "version"        // another API version answered
	Protocol      Kind = "protocol"       // the answer cannot be understood
)

// Error is what Shopify answered instead of what we asked for. It carries no token and no e-mail address.
type Error struct {
	Kind      Kind
	Operation string // name of the operation, such as TagsAdd
	Shop      string
	Code      string   // Shopify's code, such as THROTTLED
	Message   string   // Shopify's words, with tokens and e-mail addresses blacked out
	Field     []string // input field of a user error, searched field of a search warning, path of a nulled field
	Status    int      // HTTP status, 0 when there was no answer
	RetryAt   time.Time
	RequestID string // Shopify's id of the request, for its support
	Err       error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("shopify")
	if e.Operation != "" {
		b.WriteString(" " + e.Operation)
	}
	b.WriteString(": " + string(e.Kind))
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if len(e.Field) > 0 {
		b.WriteString(" [" + strings.Join(e.Field, ".") + "]")
	}
	if e.Code != "" {
		b.WriteString(" (" + e.Code + ")")
	}
	if e.Status != 0 && e.Status != 200 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if e.Err != nil {
		b.WriteString(": " + redact(e.Err.Error()))
	}
	return b.String()
}

// Unwrap returns what lies beneath, such as a network error.
func (e *Error) Unwrap() error { return e.Err }

// Temporary tells whether the same call may work later.
func (e *Error) Temporary() bool { return e.Waits() || e.Kind == Unavailable }

// Waits tells whether the call only has to wait for its turn: nothing failed, and no attempt is used up.
func (e *Error) Waits() bool { return e.Kind == Throttled || e.Kind == Busy }

// KindOf returns the kind of the *Error in err's tree, or "" where there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// secrets are the things that must not reach a log line: e-mail addresses, Shopify's tokens, and signed tokens.
var secrets = regexp.MustCompile(`[^\s@"'<>(),;:]+@[^\s@"'<>(),;:]+\.[A-Za-z]{2,}|\bshp[a-z]{2,4}_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]*`)

// redact blacks out secrets and bounds the length; Shopify repeats what it was sent in many of its messages.
func redact(s string) string {
	const most = 500
	s = secrets.ReplaceAllString(s, "[hidden]")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
