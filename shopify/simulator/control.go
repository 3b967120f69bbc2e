package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
)

// serveControl is the control API under /__sim: for tools, tests and the admin frame.
func (s *Simulator) serveControl(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "*")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/__sim/")
	if file, ok := strings.CutPrefix(name, "assets/"); ok {
		serveAsset(w, r, file)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBytes))
	if err != nil {
		controlError(w, err)
		return
	}
	answer, err := s.control(r.Context(), r.Method+" "+name, body)
	switch {
	case errors.Is(err, errNoControl):
		writeJSON(w, http.StatusNotFound, map[string]any{"error": err.Error()})
	case err != nil:
		controlError(w, err)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

var errNoControl = errors.New("no such control: GET shops config log faults bulk, POST session_token faults deliver traffic uninstall expire_tokens edit bulk bulk_step, DELETE faults")

func controlError(w http.ResponseWriter, err error) {
	writeJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
}

func (s *Simulator) control(ctx context.Context, route string, body []byte) (any, error) {
	switch route {
	case "GET shops":
		return s.listShops(), nil
	case "GET config":
		return map[string]any{"appUrl": s.appAddress(), "clientId": s.opts.ClientID, "traffic": s.traffic.running()}, nil
	case "GET log":
		return s.Log(), nil
	case "GET faults":
		return s.faults.current(), nil
	case "DELETE faults":
		s.faults.clear()
		return s.faults.current(), nil
	case "POST faults":
		return s.controlFaults(body)
	case "POST session_token":
		var in struct {
			Shop  string
			Staff any // an id, as text or number, or a name
		}
		if err := readControl(body, &in); err != nil {
			return nil, err
		}
		staff := ""
		if in.Staff != nil {
			staff = fmt.Sprint(in.Staff)
		}
		token, err := s.SessionToken(in.Shop, staff)
		return map[string]any{"token": token}, err
	case "POST deliver":
		var in Delivery
		if err := readControl(body, &in); err != nil {
			return nil, err
		}
		return s.Deliver(ctx, in)
	case "POST traffic":
		var in struct{ On bool }
		if err := readControl(body, &in); err != nil {
			return nil, err
		}
		s.SetTraffic(in.On)
		return map[string]any{"on": in.On}, nil
	case "POST uninstall", "POST expire_tokens":
		var in struct{ Shop string }
		if err := readControl(body, &in); err != nil {
			return nil, err
		}
		if route == "POST expire_tokens" {
			s.ExpireTokens(in.Shop)
			return map[string]any{"shop": in.Shop}, nil
		}
		return map[string]any{"shop": in.Shop}, s.Uninstall(in.Shop)
	}
	return s.controlWork(route, body)
}

// controlWork is the part of the control API that moves bulk operations and edits records.
func (s *Simulator) controlWork(route string, body []byte) (any, error) {
	switch route {
	case "GET bulk":
		return s.listBulks(), nil
	case "POST bulk":
		var in struct{ Hold bool }
		if err := readControl(body, &in); err != nil {
			return nil, err
		}
		s.HoldBulk(in.Hold)
		return map[string]any{"hold": in.Hold}, nil
	case "POST bulk_step":
		return s.controlStep(body)
	case "POST edit":
		var in Edit
		if err := readControl(body, &in); err != nil {
			return nil, err
		}
		tags, err := s.EditTags(in)
		return map[string]any{"tags": tags}, err
	}
	return nil, errNoControl
}

func readControl(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("the body is not the JSON object that was expected: %w", err)
	}
	return nil
}

func (s *Simulator) listShops() any {
	out := []any{}
	for _, st := range s.shops {
		staff := []any{}
		for _, p := range st.Staff {
			staff = append(staff, map[string]any{"id": p.ID, "name": p.Name})
		}
		out = append(out, map[string]any{"shop": st.Domain, "plan": st.Plan, "name": st.Name, "staff": staff})
	}
	return out
}

func (s *Simulator) controlFaults(body []byte) (any, error) {
	var list []Fault
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		body = append(append([]byte{'['}, trimmed...), ']')
	}
	if err := readControl(body, &list); err != nil {
		return nil, err
	}
	if err := s.faults.add(list...); err != nil {
		return nil, err
	}
	return s.faults.current(), nil
}

// Delivery is a webhook that a test sends by hand. Payload is sent byte for byte as given.
type Delivery struct {
	Shop    string          `json:"shop"`
	Topic   string          `json:"topic"`
	Payload json.RawMessage `json:"payload"`
	// Raw is the body where it is not to be JSON.
	Raw *string `json:"raw"`
	// Times sends the same webhook, with the same id, more than once; 0 is once.
	Times       int       `json:"times"`
	WebhookID   string    `json:"webhookId"`
	EventID     string    `json:"eventId"`
	TriggeredAt time.Time `json:"triggeredAt"`
	// Headers replaces headers, null removes one.
	Headers map[string]*string `json:"headers"`
	// Secret signs instead of the app's own.
	Secret string `json:"secret"`
}

// Deliver sends a webhook now, without retry, and returns the statuses it got; 0 is no
// answer. It goes where the app subscribed to the topic, or else to /webhooks/shopify.
func (s *Simulator) Deliver(ctx context.Context, in Delivery) ([]int, error) {
	st := s.shop(in.Shop)
	if st == nil {
		if in.Shop == "" {
			return nil, errors.New("shop is missing")
		}
		// A shop that nobody knows can still be named: the app must answer that, too.
		st = &store{Shop: Shop{Domain: in.Shop}, sim: s}
	}
	if in.Topic == "" {
		return nil, errors.New("topic is missing")
	}
	d := &delivery{
		store:     st,
		url:       s.deliveryAddress(st, in.Topic),
		topic:     in.Topic,
		webhookID: in.WebhookID,
		eventID:   in.EventID,
		triggered: in.TriggeredAt,
		body:      []byte(in.Payload),
		secret:    in.Secret,
		headers:   in.Headers,
	}
	if d.url == "" {
		return nil, errors.New("nobody knows where the app listens: no subscription to this topic and no app URL")
	}
	setDefault(&d.webhookID, uuid.NewString())
	setDefault(&d.eventID, uuid.NewString())
	setDefault(&d.secret, s.opts.ClientSecret)
	if d.triggered.IsZero() {
		d.triggered = time.Now().UTC()
	}
	if in.Raw != nil {
		d.body = []byte(*in.Raw)
	}
	statuses := []int{}
	for range max(in.Times, 1) {
		d.attempt++
		statuses = append(statuses, s.outbox.send(ctx, d))
	}
	return statuses, nil
}

func (s *Simulator) deliveryAddress(st *store, topic string) string {
	st.mu.RLock()
	defer st.mu.RUnlock()
	for _, sub := range st.subs {
		if sub.header == topic && sub.app == s.opts.ClientID {
			return sub.uri
		}
	}
	if app := s.appAddress(); app != "" {
		return app + "/webhooks/shopify"
	}
	return ""
}

// serveAsset serves the stand-ins and the admin frame. The app's page loads them from
// another origin, so everyone may.
func serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	raw, err := assets.ReadFile(path.Join("assets", path.Clean("/"+name)))
	if err != nil {
		writeJSON(w, http.StatusNotFound, map[string]any{"error": "no such file"})
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) {
	case ".js", ".mjs":
		kind = "text/javascript; charset=utf-8"
	case ".woff2":
		kind = "font/woff2"
	case "":
		kind = "text/plain; charset=utf-8"
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
}
