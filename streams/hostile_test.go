package streams

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// TestAReceiverThatLiesGetsEverythingInOrder has receivers that misbehave with most messages, each in its own way.
// Whatever they do, each event arrives, in order, in a message with the same id and body each time.
func TestAReceiverThatLiesGetsEverythingInOrder(t *testing.T) {
	t.Parallel()
	inside := receive(t)
	lies := map[string]struct {
		lie  func(w http.ResponseWriter)
		says string
	}{
		"closes": {func(w http.ResponseWriter) { hijack(w).Close() }, "It broke the connection off"},
		"says 200 and breaks off": {func(w http.ResponseWriter) {
			c := hijack(w)
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
			c.Close()
		}, "It broke the connection off"},
		"says 500": {func(w http.ResponseWriter) { http.Error(w, "no", http.StatusInternalServerError) }, "It answered 500"},
		"redirects inside": {func(w http.ResponseWriter) {
			w.Header().Set("Location", inside.URL)
			w.WriteHeader(http.StatusPermanentRedirect)
		}, "It answered 308, a redirect, which is not followed"},
		"answers without end": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadGateway)
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "It answered 502"},
		"has endless headers": {func(w http.ResponseWriter) {
			c := hijack(w)
			defer c.Close()
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := fmt.Fprintf(c, "X-More: %s\r\n", strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, "It could not be reached"},
		"speaks nonsense": {func(w http.ResponseWriter) {
			c := hijack(w)
			fmt.Fprint(c, "220 mail.example ESMTP\r\n\r\n")
			c.Close()
		}, "It could not be reached"},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			shop := h.shop()
			to := receive(t)
			var calls atomic.Int64
			var seen []message
			to.answer = func(w http.ResponseWriter, _ *http.Request, m message) bool {
				seen = append(seen, m)
				if calls.Add(1)%3 != 0 {
					lie.lie(w)
					return false
				}
				return true
			}
			id, _ := h.stream(shop, to.URL, &activity.Filter{Actions: []string{"TOLD"}})
			var want []string
			for i := range 6 {
				want = append(want, fmt.Sprint("entry ", i))
				h.record(shop, want[i])
				h.deliver(id)
			}
			if got := to.summaries(); !slices.Equal(got, want) {
				t.Errorf("got %q", got)
			}
			for i, m := range seen {
				first := seen[i-i%3]
				if m.header.Get("webhook-id") != first.header.Get("webhook-id") || string(m.body) != string(first.body) {
					t.Errorf("attempt %d is another message than the first", i%3)
				}
			}
			if len(inside.taken()) > 0 {
				t.Error("a redirect was followed")
			}
			row := h.row(id)
			if row.LastFailure == nil || !strings.HasPrefix(*row.LastFailure, lie.says) || row.FailingSince != nil {
				t.Errorf("the row says %v", *row.LastFailure)
			}
			var entries []models.Activity
			h.must(h.DB.Where("shop_id = ? AND action = 'STREAM_DELIVERED'", shop.ID).Find(&entries).Error)
			for _, e := range entries {
				if e.Status != models.Success || e.Attempts != 3 || len(e.History) != 3 || e.ErrorCode != nil {
					t.Errorf("entry %+v", e)
				}
			}
		})
	}
}

func hijack(w http.ResponseWriter) net.Conn {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return c
}

func TestAReceiverWithAWrongCertificateGetsNothing(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := &receiver{}
	to.Server = httptest.NewTLSServer(to)
	t.Cleanup(to.Close)
	id, _ := h.stream(shop, to.URL, nil)
	h.must(h.Deliver(t.Context(), id))
	if row := h.row(id); len(to.taken()) > 0 || row.LastFailure == nil || !strings.HasPrefix(*row.LastFailure, "Its certificate is not right") {
		t.Errorf("%d messages, %v", len(to.taken()), *row.LastFailure)
	}
}

func TestAHugeAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	var written atomic.Int64
	to.answer = func(w http.ResponseWriter, _ *http.Request, _ message) bool {
		for range 10_000 {
			n, err := w.Write([]byte(strings.Repeat("é", 32<<10)))
			written.Add(int64(n))
			if err != nil {
				break
			}
		}
		return true
	}
	id, _ := h.stream(shop, to.URL, nil)
	h.deliver(id)
	var m models.StreamMessage
	h.must(h.DB.Where("stream_id = ?", id).Take(&m).Error)
	if m.DeliveredAt == nil || len(*m.ResponseBody) > maxAnswer || len(*m.ResponseBody) < maxAnswer/2 {
		t.Errorf("of %d bytes %d are kept", written.Load(), len(*m.ResponseBody))
	}
}

func TestAnAnswerBeforeTheMessageWasReadIsNone(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 200))
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			defer c.Close() // never reads on
		}
	}()
	id, _ := h.stream(shop, "http://"+listener.Addr().String(), nil)
	big := sketch("big")
	big.Metadata = encoded(map[string]string{"text": strings.Repeat("x", 32<<20)})
	h.must(h.Activity.Record(t.Context(), shop, big))
	h.must(h.Deliver(t.Context(), id))
	h.due(id)
	h.must(h.Deliver(t.Context(), id))
	if row := h.row(id); row.Delivered > 1 || row.LastFailure == nil {
		t.Errorf("%d events count as delivered, %v", row.Delivered, row.LastFailure)
	}
}

func TestPrivateAddressesAreRefusedWhenDialled(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	to := receive(t)
	h.Sender = NewSender(false, "Tagtrail/test")
	_, port, err := net.SplitHostPort(to.Listener.Addr().String())
	h.must(err)
	// As if the name had been public when the stream was made.
	id, _ := h.stream(shop, "https://example.com", nil)
	h.must(h.DB.Model(&models.Stream{}).Where("id = ?", id).Update("url", "http://localhost:"+port).Error)
	h.must(h.Deliver(t.Context(), id))
	if row := h.row(id); len(to.taken()) > 0 || row.LastFailure == nil || *row.LastFailure != "Its name leads into a private network, which entries are not sent to" {
		t.Errorf("%d messages, %v", len(to.taken()), *row.LastFailure)
	}
	for _, private := range []string{
		"127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.1",
		"198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
		"ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1",
		"100::1", "fec0::1", "::127.0.0.1",
	} {
		if public(netip.MustParseAddr(private)) {
			t.Errorf("%s counts as public", private)
		}
	}
	for _, open := range []string{"1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "172.32.0.1", "100.128.0.1"} {
		if !public(netip.MustParseAddr(open)) {
			t.Errorf("%s counts as private", open)
		}
	}
}

func TestAReceiverThatFailsTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	h := setup(t)
	shop := h.shop()
	h.must(h.DB.Model(shop).Update("notify_emails", `["ops@example.com"]`).Error)
	to := receive(t)
	status := http.StatusServiceUnavailable
	to.answer = func(w http.ResponseWriter, _ *http.Request, _ message) bool {
		if status != http.StatusOK {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(status)
		}
		return status == http.StatusOK
	}
	id, _ := h.stream(shop, to.URL, &activity.Filter{Actions: []string{"TOLD"}})
	h.record(shop, "first")
	before := models.Now()
	h.must(h.Deliver(t.Context(), id))
	if row := h.row(id); row.DueAt.Before(before.Add(2*time.Minute)) || row.Attempts != 1 || row.Working {
		t.Errorf("it is due at %v, %v after the start", row.DueAt, row.DueAt.Sub(before))
	}
	h.must(h.Deliver(t.Context(), id)) // not due
	for i := range 12 {
		h.due(id)
		h.must(h.Deliver(t.Context(), id))
		if row := h.row(id); i > 9 && row.DueAt.Before(models.Now().Add(59*time.Minute)) {
			t.Errorf("after %d failures it is due at %v", row.Attempts, row.DueAt)
		}
	}
	h.must(h.DB.Model(&models.Stream{}).Where("id = ?", id).Update("failing_since", models.Now().Add(-h.GiveUpAfter)).Error)
	h.due(id)
	h.must(h.Deliver(t.Context(), id))
	row := h.row(id)
	if row.Enabled || row.DisabledBecause == nil || !strings.Contains(*row.DisabledBecause, "503") {
		t.Fatalf("it goes on: %+v", row)
	}
	var told models.Activity
	h.must(h.DB.Where("shop_id = ? AND action = 'STREAM_DISABLED'", shop.ID).Take(&told).Error)
	if told.Type != models.SystemEvent || told.Status != models.Failed || *told.EntityID != id {
		t.Errorf("entry %+v", told)
	}
	if mails := h.mails(shop); len(mails) != 1 || !strings.Contains(mails[0].Plain, "503") || !strings.Contains(mails[0].HTML, to.URL) {
		t.Errorf("people are told by %+v", mails)
	}
	status = http.StatusOK
	_, err := h.SetEnabled(t.Context(), shop, riley, id, true, true)
	h.must(err)
	h.deliver(id)
	if got := to.summaries(); len(got) == 0 || got[0] != "first" {
		t.Errorf("enabled again it sends %q", got)
	}
	status = http.StatusGone
	h.record(shop, "too much")
	h.must(h.Deliver(t.Context(), id))
	if row := h.row(id); row.Enabled {
		t.Error("410 does not end it")
	}
	if mails := h.mails(shop); len(mails) != 2 {
		t.Errorf("of the second time people are told by %+v", mails)
	}
}
