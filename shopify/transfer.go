package shopify

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

const (
	// transferIdle is how long a transfer may stand still where App.Idle is not given.
	transferIdle = 30 * time.Second
	// maxLine bounds a line of a result file, in bytes. A record with as many and as long tags as may be has less than
	// 600 kB, escapes included.
	maxLine = 4 << 20
)

var errIdle = errors.New("nothing moved for too long")

// transfer is an upload or a download. It is ended by standing still, never by taking long: the time that our own side
// needs between two reads does not count.
type transfer struct {
	idle   time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func (a *App) transfer(ctx context.Context) (context.Context, *transfer) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := &transfer{idle: cmp.Or(a.Idle, transferIdle), cancel: cancel}
	t.timer = time.AfterFunc(t.idle, func() { cancel(errIdle) })
	return ctx, t
}

func (t *transfer) end() {
	t.timer.Stop()
	t.cancel(nil)
}

func (t *transfer) moves()  { t.timer.Reset(t.idle) }
func (t *transfer) pauses() { t.timer.Stop() }

// fetched reads what is downloaded: the other side has to be quick.
type fetched struct {
	*transfer
	from io.Reader
}

func (f fetched) Read(p []byte) (int, error) {
	f.moves()
	n, err := f.from.Read(p)
	f.pauses()
	return n, err
}

// storage makes a call to where Shopify keeps files. It is another company's host, so no access token goes there, and
// its addresses are signed, so no error names them.
func (a *App) storage(ctx context.Context, t *transfer, req *http.Request) (*http.Response, error) {
	client := a.client()
	client.Timeout = 0
	req.Header.Set("User-Agent", "Tagtrail/"+cmp.Or(a.Version, "dev"))
	resp, err := client.Do(req)
	if err != nil {
		return nil, &Error{Kind: Unavailable, Message: "no answer from the storage", Err: withoutURL(ctx, err)}
	}
	t.pauses()
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, storageError(resp, a.now())
}

// withoutURL takes the address out of an error, and says that a transfer stood still where that ended it.
func withoutURL(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errIdle) {
		return errIdle
	}
	if inner, ok := errors.AsType[*url.Error](err); ok {
		return inner.Err
	}
	return err
}

// storageCode finds the code in what the storage answers. The rest of it repeats what was signed.
var storageCode = regexp.MustCompile(`<Code>([A-Za-z]{1,60})</Code>`)

func storageError(resp *http.Response, now time.Time) *Error {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, 16<<10)) // as much as there is of it
	e := &Error{Message: "the storage answered " + http.StatusText(resp.StatusCode), Status: resp.StatusCode}
	if found := storageCode.FindSubmatch(raw); found != nil {
		e.Code = string(found[1])
	}
	switch s := resp.StatusCode; {
	case s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout:
		e.Kind = Unavailable
		if wait, ok := retryAfter(resp.Header, now); ok {
			e.RetryAt = now.Add(wait)
		}
	case s == http.StatusNotFound, s == http.StatusGone, e.Code == "ExpiredToken":
		e.Kind, e.Message = Gone, "the file does not exist any more"
	case s >= 400:
		e.Kind = Invalid
	default:
		e.Kind = Protocol // a redirect, which we do not follow
	}
	return e
}

// download streams a file line by line; n counts from 0. Lines that are empty are left out, and counted.
func (c *Client) download(ctx context.Context, operation, address string, fn func(n int, line []byte) error) error {
	ctx, t := c.app.transfer(ctx)
	defer t.end()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return &Error{Kind: Invalid, Operation: operation, Shop: c.shop, Message: "address of the file"}
	}
	resp, err := c.app.storage(ctx, t, req)
	if err != nil {
		return label(err, operation, c.shop)
	}
	defer resp.Body.Close()
	in := bufio.NewReaderSize(fetched{t, resp.Body}, 64<<10)
	for n := 0; ; n++ {
		line, err := readLine(in)
		if errors.Is(err, errLongLine) {
			return &Error{Kind: Protocol, Operation: operation, Shop: c.shop, Message: "a line of the file is too long", Err: err}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return &Error{
				Kind:      Unavailable,
				Operation: operation,
				Shop:      c.shop,
				Message:   "the file broke off",
				Err:       withoutURL(ctx, err),
			}
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := fn(n, line); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

var errLongLine = errors.New("more than 4 MB in a line")

// readLine returns a line, which is good until the next call. Half a line comes only with io.EOF: what a connection that
// broke off leaves is dropped.
func readLine(in *bufio.Reader) ([]byte, error) {
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(long)+len(part) > maxLine {
			return nil, errLongLine
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			long = append(long, part...)
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case long != nil:
			part = append(long, part...)
		}
		return part, err
	}
}
