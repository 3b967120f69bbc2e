package streams

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const (
	// sendTimeout bounds one attempt, from the look-up of the name to the end of the answer.
	sendTimeout = 8 * time.Second
	// maxAnswer is how much of an answer is read and kept.
	maxAnswer = 4 << 10
	// maxAnswerHeader bounds an answer's headers.
	maxAnswerHeader = 32 << 10
	// maxAsked is the longest pause that a receiver may ask for.
	maxAsked = time.Hour
)

// Sender posts messages to strangers.
type Sender struct {
	// AllowPrivate lets addresses in private networks, and those without TLS, be sent to.
	AllowPrivate bool
	// UserAgent says who sends.
	UserAgent string
	HTTP      *http.Client
}

// NewSender returns a sender that follows no redirect, uses no proxy, and looks at each address before it dials it.
func NewSender(allowPrivate bool, userAgent string) *Sender {
	s := &Sender{AllowPrivate: allowPrivate, UserAgent: userAgent}
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second, Control: s.control}
	s.HTTP = &http.Client{
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    5 * time.Second,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           200,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: maxAnswerHeader,
		},
	}
	return s
}

// answer is what came of an attempt. Status is 0 where no answer came.
type answer struct {
	Status int
	Type   string
	Body   string
	Took   time.Duration
	// Failure says in words what went wrong, and is empty where the receiver took the message.
	Failure string
	// Gone says that the receiver wants nothing more.
	Gone bool
	// Wait is the pause that the receiver asked for.
	Wait time.Duration
}

// post makes one attempt. A receiver has taken a message when it has read the whole of it and answered 2xx, and its
// answer did not break off. The error is for what is not the receiver's doing: then nothing is known.
func (s *Sender) post(ctx context.Context, url string, headers map[string]string, body []byte) (*answer, error) {
	began := time.Now()
	var taken atomic.Int64
	counted := func() (io.ReadCloser, error) {
		taken.Store(0)
		return io.NopCloser(&counter{bytes.NewReader(body), &taken}), nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	// GetBody lets a connection that was closed while it was idle be made anew.
	req.ContentLength, req.GetBody = int64(len(body)), counted
	if req.Body, err = counted(); err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", s.UserAgent)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	a := &answer{}
	res, err := s.HTTP.Do(req)
	if err == nil {
		err = a.read(res)
	}
	a.Took = time.Since(began)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err() // this process stops
		}
		a.Failure = failureOf(err)
		return a, nil
	}
	a.judge(res, taken.Load() == int64(len(body)))
	return a, nil
}

// counter counts what is read.
type counter struct {
	io.Reader
	n *atomic.Int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// read reads the beginning of the answer. The rest is not waited for.
func (a *answer) read(res *http.Response) error {
	defer res.Body.Close()
	a.Status = res.StatusCode
	a.Type = clean(res.Header.Get("Content-Type"), 200)
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	a.Body = clean(string(raw), maxAnswer)
	return err
}

func (a *answer) judge(res *http.Response, whole bool) {
	switch {
	case a.Status >= 200 && a.Status < 300 && !whole:
		a.Failure = fmt.Sprintf("It answered %d before it had read the message", a.Status)
	case a.Status >= 200 && a.Status < 300:
	case a.Status >= 300 && a.Status < 400:
		a.Failure = fmt.Sprintf("It answered %d, a redirect, which is not followed", a.Status)
	default:
		a.Failure = fmt.Sprintf("It answered %d", a.Status)
		a.Gone = a.Status == http.StatusGone
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
			a.Wait = min(time.Duration(min(seconds, 1_000_000))*time.Second, maxAsked)
		}
	}
}

// failureOf says in words why no whole answer came.
func failureOf(err error) string {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var network net.Error
	var name *net.DNSError
	switch {
	case errors.Is(err, errPrivate):
		return "Its name leads into a private network, which entries are not sent to"
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "Its certificate is not right: " + clean(unwrapped(err), 200)
	case errors.As(err, &name):
		return "Its name was not found"
	case errors.As(err, &network) && network.Timeout():
		return fmt.Sprintf("It did not answer within %d seconds", int(sendTimeout.Seconds()))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "It broke the connection off"
	default:
		return "It could not be reached: " + clean(unwrapped(err), 200)
	}
}

// unwrapped is the innermost error's text, without the address that the outer ones repeat.
func unwrapped(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

// clean makes a stranger's text fit to keep.
func clean(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	for len(text) > limit {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
