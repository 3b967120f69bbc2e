package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
)

const maxRequestBytes = 10 << 20

type graphRequest struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`

	base string // address that the request came to
}

// serveGraphQL is the Admin API of one shop: each request is validated against Shopify's
// schema, costed, throttled and answered from the store.
func (s *Simulator) serveGraphQL(w http.ResponseWriter, r *http.Request, st *store) {
	began := time.Now()
	w.Header().Set("X-Shopify-API-Version", APIVersion)
	w.Header().Set("X-Request-Id", uuid.NewString())
	entry := LogEntry{At: began.UTC(), Kind: "graphql", Shop: st.Domain, Status: http.StatusOK}
	defer func() {
		entry.DurationMS = float64(time.Since(began).Microseconds()) / 1000
		s.requests.add(entry)
	}()
	answer := func(status int, body any) {
		entry.Status = status
		writeJSON(w, status, body)
	}
	if r.Method != http.MethodPost {
		answer(http.StatusNotFound, map[string]any{"errors": "Not Found"})
		return
	}
	entry.App = s.tokens.valid(st.Domain, r.Header.Get("X-Shopify-Access-Token"), s.opts.ClientID, began)
	if entry.App == "" {
		answer(http.StatusUnauthorized, unauthorizedBody)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if err != nil {
		answer(http.StatusRequestEntityTooLarge, map[string]any{"errors": "Request Entity Too Large"})
		return
	}
	req, err := decodeRequest(raw)
	if err != nil {
		answer(http.StatusBadRequest, map[string]any{"errors": map[string]any{"query": "Required parameter missing or invalid"}})
		return
	}
	req.base = baseOf(r)
	entry.Variables, entry.Operation = req.Variables, req.OperationName
	entry.Fields = rootFieldsOf(req)
	if s.httpFault(w, r, st, &entry) {
		return
	}
	body := s.answerGraphQL(st, req, &entry, r.Header.Get("Shopify-Search-Query-Debug") == "1")
	if s.strike("lost_answer", st, &entry) {
		entry.Status = 0
		hangUp(w)
		return
	}
	writeJSON(w, http.StatusOK, body)
}

var unauthorizedBody = map[string]any{
	"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)",
}

// decodeRequest keeps numbers as they were written: an id is never a float.
func decodeRequest(raw []byte) (graphRequest, error) {
	var req graphRequest
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	err := dec.Decode(&req)
	return req, err
}

func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// httpFault answers with a fault that lies below GraphQL, and tells whether it did.
func (s *Simulator) httpFault(w http.ResponseWriter, r *http.Request, st *store, entry *LogEntry) bool {
	strike := func(name string) bool { return s.strike(name, st, entry) }
	switch {
	case strike("unauthorized"):
		entry.Status = http.StatusUnauthorized
		writeJSON(w, entry.Status, unauthorizedBody)
	case strike("frozen"):
		entry.Status = http.StatusPaymentRequired
		writeJSON(w, entry.Status, map[string]any{"errors": "Unavailable Shop"})
	case strike("5xx"):
		entry.Status = http.StatusBadGateway
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(entry.Status)
		io.WriteString(w, "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>")
	case strike("timeout"):
		entry.Status = 0
		s.holdUntilGone(r)
		hangUp(w)
	default:
		return false
	}
	return true
}

// strike asks for a fault at this request and notes it.
func (s *Simulator) strike(name string, st *store, entry *LogEntry) bool {
	app := ""
	if entry.App == otherApp {
		app = otherApp
	}
	if !s.faults.strikesApp(app, name, st.Domain, entry.Fields...) {
		return false
	}
	entry.Fault = name
	return true
}

// holdUntilGone keeps a request waiting until its client gives up, at most half a minute.
func (s *Simulator) holdUntilGone(r *http.Request) {
	timer := time.NewTimer(30 * time.Second)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-s.ctx.Done():
	case <-timer.C:
	}
}

// hangUp drops the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// refusalOf is an answer without data.
func (e *LogEntry) refusalOf(errs []*gqlError, extensions object) object {
	for _, x := range errs {
		e.Errors = append(e.Errors, x.message)
	}
	out := object{{"errors", errs}}
	if extensions != nil {
		out = append(out, pair{"extensions", extensions})
	}
	return out
}

func (s *Simulator) answerGraphQL(st *store, req graphRequest, entry *LogEntry, debug bool) object {
	doc, errs := parse(req.Query)
	if errs != nil {
		return entry.refusalOf(errs, nil)
	}
	op, e := pickOperation(doc, req.OperationName)
	if e != nil {
		return entry.refusalOf([]*gqlError{e}, nil)
	}
	setDefault(&entry.Operation, op.Name)
	vars, errs := coerceVariables(op, req.Variables)
	if errs != nil {
		return entry.refusalOf(errs, nil)
	}
	x := &execution{
		st:     st,
		app:    entry.App,
		doc:    doc,
		vars:   vars,
		action: st.newAction(),
		debug:  debug,
		base:   req.base,
	}
	requested := (&coster{doc, vars}).operation(op)
	if refused := s.admit(x, op, requested, entry); refused != nil {
		return refused
	}
	data, actual := s.execute(x, op, entry)
	actual = min(actual, requested)
	available := s.buckets.give(entry.budget(), float64(requested-actual), time.Now())
	entry.Cost = float64(actual)
	extensions := object{{"cost", s.buckets.costExtension(requested, actual, available)}}
	if len(x.search) > 0 {
		extensions = append(extensions, pair{"search", x.search})
	}
	var out object
	if len(x.errs) > 0 {
		out = entry.refusalOf(x.errs, nil)
	}
	return append(out, pair{"data", data}, pair{"extensions", extensions})
}

// budget names the bucket of the app in the shop.
func (e *LogEntry) budget() string { return e.App + " " + e.Shop }

// admit takes the requested cost from the bucket, or returns the answer of a request that
// is not run: too dear, too long, not supported or throttled.
func (s *Simulator) admit(x *execution, op *ast.OperationDefinition, requested int, entry *LogEntry) object {
	now := time.Now()
	refuse := func(e *gqlError, available float64) object {
		return entry.refusalOf([]*gqlError{e}, object{{"cost", s.buckets.costExtension(requested, nil, available)}})
	}
	available, _ := s.buckets.take(entry.budget(), 0, now)
	if requested > maxQueryCost {
		return refuse(tooDear(requested), available)
	}
	if e := tooMany(op, x.vars); e != nil {
		// Refused, and paid for: the recorded bucket is lower by the requested cost.
		available, _ = s.buckets.take(entry.budget(), float64(requested), now)
		return refuse(e, available)
	}
	if e := x.unsupported(rootType(op), op.SelectionSet); e != nil {
		return entry.refusalOf([]*gqlError{e}, nil)
	}
	if s.strike("throttle", x.st, entry) {
		return refuse(throttled(), 0)
	}
	if available, ok := s.buckets.take(entry.budget(), float64(requested), now); !ok {
		return refuse(throttled(), available)
	}
	return nil
}

func (s *Simulator) execute(x *execution, op *ast.OperationDefinition, entry *LogEntry) (any, int) {
	if op.Operation != ast.Mutation {
		x.st.mu.RLock()
		defer x.st.mu.RUnlock()
		return x.operation(op)
	}
	x.refuse = s.strike("user_error", x.st, entry)
	x.st.mu.Lock()
	defer x.st.mu.Unlock()
	x.action = x.st.newAction()
	return x.operation(op)
}

func rootType(op *ast.OperationDefinition) string {
	if op.Operation == ast.Mutation {
		return "Mutation"
	}
	return "QueryRoot"
}

func pickOperation(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, *gqlError) {
	if name != "" {
		if op := doc.Operations.ForName(name); op != nil {
			return op, nil
		}
		return nil, &gqlError{message: "No operation named \"" + name + "\"", code: "BAD_REQUEST"}
	}
	if len(doc.Operations) > 1 {
		return nil, &gqlError{message: "An operation name is required", code: "BAD_REQUEST"}
	}
	return doc.Operations[0], nil
}

// rootFieldsOf reads the names of the top-level fields for the log and the faults; what
// cannot be parsed has none.
func rootFieldsOf(req graphRequest) []string {
	doc, errs := parse(req.Query)
	if errs != nil {
		return nil
	}
	op, e := pickOperation(doc, req.OperationName)
	if e != nil {
		return nil
	}
	var out []string
	for _, f := range (&coster{doc: doc}).rootFields(op.SelectionSet) {
		out = append(out, f.Name)
	}
	return out
}

func throttled() *gqlError {
	return &gqlError{
		message: "Throttled",
		code:    "THROTTLED",
		more:    map[string]any{"documentation": "https://shopify.dev/api/usage/rate-limits"},
	}
}

func tooDear(requested int) *gqlError {
	return &gqlError{
		message: "Query cost is " + itoa(int64(requested)) + ", which exceeds the single query max cost limit (1000).\n\n" +
			"See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of a query is calculated.\n\n" +
			"To query larger amounts of data with fewer limits, bulk operations should be used instead.\n" +
			"See https://shopify.dev/tutorials/perform-bulk-operations-with-admin-api for usage details.\n",
		code: "MAX_COST_EXCEEDED",
		more: map[string]any{
			"cost":          requested,
			"maxCost":       maxQueryCost,
			"documentation": "https://shopify.dev/api/usage/rate-limits",
		},
	}
}

// maxInputSize bounds every array in an argument.
const maxInputSize = 250

func tooMany(op *ast.OperationDefinition, vars map[string]any) *gqlError {
	for _, f := range (&coster{}).rootFields(op.SelectionSet) {
		args := f.ArgumentMap(vars)
		var names []string
		for k := range args {
			names = append(names, k)
		}
		slices.Sort(names)
		for _, k := range names {
			if path, n := longArray(args[k], []any{f.Alias, k}); n > 0 {
				return &gqlError{
					message: "The input array size of " + itoa(int64(n)) + " is greater than the maximum allowed of 250.",
					at:      f.Position,
					path:    path,
					code:    "MAX_INPUT_SIZE_EXCEEDED",
				}
			}
		}
	}
	return nil
}

func longArray(v any, path []any) ([]any, int) {
	switch v := v.(type) {
	case []any:
		if len(v) > maxInputSize {
			return path, len(v)
		}
		for i, x := range v {
			if p, n := longArray(x, append(path[:len(path):len(path)], i)); n > 0 {
				return p, n
			}
		}
	case map[string]any:
		for k, x := range v {
			if p, n := longArray(x, append(path[:len(path):len(path)], k)); n > 0 {
				return p, n
			}
		}
	}
	return nil, 0
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(raw)
}
