package shopify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// BulkStatus is how far a bulk operation has come.
type BulkStatus string

// The statuses of bulk operations. The last four are final.
const (
	BulkCreated   BulkStatus = "CREATED"
	BulkRunning   BulkStatus = "RUNNING"
	BulkCanceling BulkStatus = "CANCELING"
	BulkCompleted BulkStatus = "COMPLETED" // every line was processed, which does not mean that each was a success
	BulkFailed    BulkStatus = "FAILED"
	BulkCanceled  BulkStatus = "CANCELED"
	BulkExpired   BulkStatus = "EXPIRED"
)

// busyWait is when to ask again for a place among the bulk operations that may run at once. One takes seconds at least.
const busyWait = 5 * time.Second

// Bulk is a bulk operation: a query or a mutation that Shopify runs by itself, and whose result is a file.
type Bulk struct {
	ID          string
	Status      BulkStatus
	ErrorCode   string // ACCESS_DENIED, INTERNAL_SERVER_ERROR or TIMEOUT, where it failed
	ObjectCount int64  // lines of the result so far
	FileSize    int64  // bytes of the result, once it is completed
	URL         string // the result; "" until it is completed, and where there is none
	PartialURL  string // the result of one that ended early; "" where there is none
	CreatedAt   time.Time
	CompletedAt *time.Time
	// ClientIdentifier is what BulkTags was given, for the operations that this client started.
	ClientIdentifier string
}

// Ended tells whether the operation has come to its end, whichever.
func (b *Bulk) Ended() bool {
	return slices.Contains([]BulkStatus{BulkCompleted, BulkFailed, BulkCanceled, BulkExpired}, b.Status)
}

type bulkWire struct {
	ID             string     `json:"id"`
	Status         BulkStatus `json:"status"`
	Type           string     `json:"type"`
	ErrorCode      string     `json:"errorCode"`
	CreatedAt      time.Time  `json:"createdAt"`
	CompletedAt    time.Time  `json:"completedAt"` // zero for null
	ObjectCount    bigint     `json:"objectCount"`
	FileSize       bigint     `json:"fileSize"` // 0 for null
	URL            string     `json:"url"`
	PartialDataURL string     `json:"partialDataUrl"`
	Query          string     `json:"query"`
}

type codedErrorWire struct {
	Field   []string `json:"field"`
	Message string   `json:"message"`
	Code    string   `json:"code"`
}

type bulkPayload struct {
	BulkOperation *bulkWire        `json:"bulkOperation"`
	UserErrors    []codedErrorWire `json:"userErrors"`
}

type bulkQueryVars struct {
	Query string `json:"query"`
}

type bulkQueryData struct {
	Payload *bulkPayload `json:"bulkOperationRunQuery"`
}

type bulkMutationVars struct {
	Mutation         string `json:"mutation"`
	StagedUploadPath string `json:"stagedUploadPath"`
	ClientIdentifier string `json:"clientIdentifier,omitempty"`
}

type bulkMutationData struct {
	Payload *bulkPayload `json:"bulkOperationRunMutation"`
}

type bulkData struct {
	BulkOperation *bulkWire `json:"bulkOperation"`
}

type bulkCancelData struct {
	Payload *struct {
		BulkOperation *bulkWire       `json:"bulkOperation"`
		UserErrors    []userErrorWire `json:"userErrors"`
	} `json:"bulkOperationCancel"`
}

type bulkListVars struct {
	Query string `json:"query,omitempty"`
	First int    `json:"first"`
	After string `json:"after,omitempty"`
}

type bulkListData struct {
	BulkOperations struct {
		Nodes    []bulkWire   `json:"nodes"`
		PageInfo pageInfoWire `json:"pageInfo"`
	} `json:"bulkOperations"`
}

// bulkPage is how many operations a page of Bulks has.
const bulkPage = 50

var (
	bulkQueryOperation    = operation[bulkQueryVars, bulkQueryData]{name: "BulkQuery", cost: 10}
	bulkMutationOperation = operation[bulkMutationVars, bulkMutationData]{name: "BulkMutation", cost: 10}
	bulkOperation         = operation[idVars, bulkData]{name: "Bulk", cost: 1}
	bulkCancelOperation   = operation[idVars, bulkCancelData]{name: "BulkCancel", cost: 10}
	bulkListOperation     = operation[bulkListVars, bulkListData]{name: "Bulks", cost: 10}
)

// BulkQueryTags starts a bulk query for the tags of all records of a type (Product, Order or Customer) that a search
// finds; "" finds all. Shopify does not say which terms of the search it left out: ask Count before, with the same one.
// When as many operations run as may, the error is of kind Busy.
func (c *Client) BulkQueryTags(ctx context.Context, kind, query string) (*Bulk, Cost, error) {
	text := bulkTagsQuery(kind, query)
	if text == "" {
		return nil, Cost{}, &Error{Kind: Invalid, Operation: bulkQueryOperation.name, Shop: c.shop, Message: "cannot query this type of record"}
	}
	data, cost, err := bulkQueryOperation.run(ctx, c, bulkQueryVars{Query: text})
	if err != nil {
		return nil, cost, err
	}
	b, err := c.started(bulkQueryOperation.name, data.Payload)
	return b, cost, err
}

// bulkTagsQuery is the document that Shopify runs. It takes no variables, so the search stands in it.
func bulkTagsQuery(kind, query string) string {
	var root, title string
	switch kind {
	case "Product":
		root, title = "products", "title"
	case "Order":
		root, title = "orders", "name"
	case "Customer":
		root, title = "customers", "displayName"
	default:
		return ""
	}
	if query != "" {
		root += "(query: " + graphString(query) + ")"
	}
	return "{ " + root + " { edges { node { __typename id " + title + " tags updatedAt } } } }"
}

// graphString writes a string as GraphQL does, which is how JSON does it.
func graphString(s string) string {
	raw, err := json.Marshal(strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		panic(err) // a string can always be written
	}
	return string(raw)
}

// identifierMark begins the comment that carries a client identifier. Shopify returns the document as it was given, and
// not the identifier itself.
const identifierMark = "# id: "

// BulkTags starts a bulk mutation over an uploaded file of TagsLine: tagsAdd, or tagsRemove. Each line of its result
// carries the record as it is after the change. clientIdentifier (10 to 255 characters, no line breaks) comes back in
// Bulk, so that an operation whose start was not answered can be found. When as many operations run as may, the error is
// of kind Busy.
func (c *Client) BulkTags(ctx context.Context, add bool, stagedPath, clientIdentifier string) (*Bulk, Cost, error) {
	if strings.ContainsAny(clientIdentifier, "\r\n") {
		return nil, Cost{}, &Error{Kind: Invalid, Operation: bulkMutationOperation.name, Shop: c.shop, Message: "identifier has several lines"}
	}
	text := tagsRemoveOperation.text()
	if add {
		text = tagsAddOperation.text()
	}
	if clientIdentifier != "" {
		text = identifierMark + clientIdentifier + "\n" + text
	}
	data, cost, err := bulkMutationOperation.run(ctx, c, bulkMutationVars{
		Mutation:         text,
		StagedUploadPath: stagedPath,
		ClientIdentifier: clientIdentifier,
	})
	if err != nil {
		return nil, cost, err
	}
	b, err := c.started(bulkMutationOperation.name, data.Payload)
	return b, cost, err
}

// Bulk reads how far a bulk operation has come. One that is not this app's is an *Error of kind Gone.
func (c *Client) Bulk(ctx context.Context, id string) (*Bulk, Cost, error) {
	data, cost, err := bulkOperation.run(ctx, c, idVars{ID: id})
	if err == nil && data.BulkOperation == nil {
		err = c.gone(bulkOperation.name)
	}
	if err != nil {
		return nil, cost, err
	}
	return data.BulkOperation.bulk(), cost, nil
}

// BulkCancel asks for a bulk operation to be stopped, and returns it as it is then: CANCELING for a while, or as it ended
// if it was over already.
func (c *Client) BulkCancel(ctx context.Context, id string) (*Bulk, Cost, error) {
	data, cost, err := bulkCancelOperation.run(ctx, c, idVars{ID: id})
	if err != nil {
		return nil, cost, err
	}
	p := data.Payload
	if p == nil {
		return nil, cost, c.lacks(bulkCancelOperation.name, "the cancellation")
	}
	if p.BulkOperation != nil {
		b := p.BulkOperation.bulk()
		if len(p.UserErrors) == 0 || b.Ended() || b.Status == BulkCanceling {
			return b, cost, nil
		}
	}
	if err := c.userErrors(bulkCancelOperation.name, p.UserErrors); err != nil {
		return nil, cost, err
	}
	return nil, cost, c.lacks(bulkCancelOperation.name, "the operation")
}

// Bulks lists the bulk mutations, or else the bulk queries, that this app began at a time or later, newest first.
func (c *Client) Bulks(ctx context.Context, mutations bool, since time.Time) ([]*Bulk, Cost, error) {
	kind := "QUERY"
	if mutations {
		kind = "MUTATION"
	}
	since = since.UTC().Truncate(time.Second) // Shopify's times have no more
	vars := bulkListVars{
		Query: fmt.Sprintf("operation_type:%s created_at:>='%s'", strings.ToLower(kind), since.Format(time.RFC3339)),
		First: bulkPage,
	}
	var total Cost
	var found []*Bulk
	for {
		data, cost, err := bulkListOperation.run(ctx, c, vars)
		total.Requested += cost.Requested
		total.Actual += cost.Actual
		if err != nil {
			return nil, total, err
		}
		for i := range data.BulkOperations.Nodes {
			w := &data.BulkOperations.Nodes[i]
			if w.Type == kind && !w.CreatedAt.Before(since) {
				found = append(found, w.bulk())
			}
		}
		page := data.BulkOperations.PageInfo
		if !page.HasNextPage || page.EndCursor == "" {
			return found, total, nil
		}
		vars.After = page.EndCursor
	}
}

// started reads the payload of both starts.
func (c *Client) started(operation string, p *bulkPayload) (*Bulk, error) {
	if p == nil {
		return nil, c.lacks(operation, "the start")
	}
	if err := c.codedErrors(operation, p.UserErrors); err != nil {
		return nil, err
	}
	if p.BulkOperation == nil {
		return nil, c.lacks(operation, "the operation")
	}
	return p.BulkOperation.bulk(), nil
}

// codedErrors makes one error of user errors with codes. They are about the operation as a whole, never about a record.
func (c *Client) codedErrors(operation string, list []codedErrorWire) error {
	if len(list) == 0 {
		return nil
	}
	e := &Error{
		Kind:      Invalid,
		Operation: operation,
		Shop:      c.shop,
		Code:      list[0].Code,
		Field:     list[0].Field,
		Status:    200,
	}
	words := make([]string, len(list))
	for i, u := range list {
		words[i] = u.Message
	}
	e.Message = redact(strings.Join(words, "; "))
	switch e.Code {
	case "OPERATION_IN_PROGRESS", "LIMIT_REACHED":
		e.Kind, e.RetryAt = Busy, c.app.now().Add(busyWait)
	case "INTERNAL_FILE_SERVER_ERROR":
		e.Kind = Unavailable
	}
	return e
}

func (c *Client) lacks(operation, what string) error {
	return &Error{Kind: Protocol, Operation: operation, Shop: c.shop, Message: "answer lacks " + what, Status: 200}
}

func (w *bulkWire) bulk() *Bulk {
	b := &Bulk{
		ID:          w.ID,
		Status:      w.Status,
		ErrorCode:   w.ErrorCode,
		ObjectCount: int64(w.ObjectCount),
		FileSize:    int64(w.FileSize),
		URL:         w.URL,
		PartialURL:  w.PartialDataURL,
		CreatedAt:   w.CreatedAt.UTC(),
	}
	if !w.CompletedAt.IsZero() {
		at := w.CompletedAt.UTC()
		b.CompletedAt = &at
	}
	if rest, ok := strings.CutPrefix(w.Query, identifierMark); ok {
		b.ClientIdentifier, _, _ = strings.Cut(rest, "\n")
	}
	return b
}
