package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
)

const secret = "bench-secret"

// bodies are orders as Shopify sends them, cut to about 5 KB the way that a subscription's includeFields cuts them.
// They differ in their ids, and each is signed.
type body struct {
	raw       []byte
	signature string
}

const (
	sampleOrder = "rules/testdata/webhooks/2024-01_orders_3.json"
	bodyCount   = 64
)

// left are the parts of the sample that includeFields would leave out.
var left = []string{
	"fulfillments", "billing_address", "client_details", "payment_terms", "total_shipping_price_set",
	"subtotal_price_set", "total_discounts_set", "total_tax_set", "current_total_tax_set", "current_total_discounts_set",
	"current_subtotal_price_set", "total_line_items_price_set",
}

func makeBodies() ([]body, error) {
	raw, err := os.ReadFile(sampleOrder)
	if err != nil {
		return nil, fmt.Errorf("read the sample; run it in the project's folder: %w", err)
	}
	var order map[string]json.RawMessage
	if err := json.Unmarshal(raw, &order); err != nil {
		return nil, fmt.Errorf("read the sample: %w", err)
	}
	for _, name := range left {
		delete(order, name)
	}
	bodies := make([]body, bodyCount)
	for i := range bodies {
		id := 5_500_000_000_000 + i
		order["id"] = json.RawMessage(fmt.Sprint(id))
		order["admin_graphql_api_id"] = json.RawMessage(fmt.Sprintf(`"gid://shopify/Order/%d"`, id))
		order["token"] = json.RawMessage(fmt.Sprintf("%q", uuid.NewString()))
		text, err := json.Marshal(order)
		if err != nil {
			return nil, fmt.Errorf("write a body: %w", err)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(text)
		bodies[i] = body{raw: text, signature: base64.StdEncoding.EncodeToString(mac.Sum(nil))}
	}
	return bodies, nil
}

// sender hands one delivery over and returns once it is acknowledged.
type sender interface {
	send(ctx context.Context, b *body) error
	close()
}

// caller sends over one connection that is kept alive. It is thinner than net/http's client, so that the programs
// have more of the cores.
type caller struct {
	conn   net.Conn
	answer *bufio.Reader
	buffer []byte
	domain string
}

func dial(address, domain string) (sender, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &caller{conn: conn, answer: bufio.NewReader(conn), domain: domain}, nil
}

func (c *caller) send(_ context.Context, b *body) error {
	c.buffer = fmt.Appendf(c.buffer[:0], "POST /webhooks/shopify HTTP/1.1\r\nHost: tagtrail.test\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nUser-Agent: Shopify-Captain-Hook\r\nAccept: */*\r\n"+
		"X-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: %s\r\nX-Shopify-Shop-Domain: %s\r\n"+
		"X-Shopify-API-Version: 2026-10\r\nX-Shopify-Webhook-Id: %s\r\nX-Shopify-Event-Id: %s\r\n"+
		"X-Shopify-Triggered-At: %s\r\n\r\n",
		len(b.raw), b.signature, c.domain, uuid.NewString(), uuid.NewString(), time.Now().UTC().Format(time.RFC3339Nano))
	c.buffer = append(c.buffer, b.raw...)
	if _, err := c.conn.Write(c.buffer); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	answer, err := http.ReadResponse(c.answer, nil)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if closeErr := answer.Body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s", answer.Status)
	}
	return err
}

func (c *caller) close() { _ = c.conn.Close() }

// leg is what one turn of one program measured.
type leg struct {
	acknowledged int
	perSecond    float64
	p50, p99     time.Duration
	// cpu is this process's CPU time for each delivery: the program's and the sender's.
	cpu time.Duration
}

// drive sends from so many connections at once, each as fast as it is answered.
func drive(ctx context.Context, connections int, length time.Duration, bodies []body, connect func() (sender, error)) (leg, error) {
	senders := make([]sender, connections)
	for i := range senders {
		var err error
		if senders[i], err = connect(); err != nil {
			return leg{}, err
		}
		defer senders[i].close()
	}
	times := make([][]time.Duration, connections)
	errs := make(chan error, connections)
	var (
		next    atomic.Int64
		running sync.WaitGroup
	)
	began, before := time.Now(), cpuTime()
	for i, s := range senders {
		running.Go(func() {
			for time.Since(began) < length && ctx.Err() == nil {
				b := &bodies[next.Add(1)%int64(len(bodies))]
				sent := time.Now()
				if err := s.send(ctx, b); err != nil {
					errs <- err
					return
				}
				times[i] = append(times[i], time.Since(sent))
			}
		})
	}
	running.Wait()
	took, used := time.Since(began), cpuTime()-before
	select {
	case err := <-errs:
		return leg{}, err
	default:
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	if len(all) == 0 {
		return leg{}, fmt.Errorf("nothing was acknowledged in %v", took)
	}
	return leg{
		acknowledged: len(all),
		perSecond:    float64(len(all)) / took.Seconds(),
		p50:          all[len(all)/2],
		p99:          all[len(all)*99/100],
		cpu:          used / time.Duration(len(all)),
	}, nil
}

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
