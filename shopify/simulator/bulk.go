package simulator

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// bulkAtOnce is how many operations of one kind an app may have under way in a shop.
	bulkAtOnce = 5
	// maxBulkDocument is the most bytes of a document that is run in bulk.
	maxBulkDocument = 65_535
	// maxBulkFile is the most bytes of an uploaded file of variables.
	maxBulkFile = 100 << 20
	// resultLife is how long a result file can be had.
	resultLife = 7 * 24 * time.Hour
)

// bulkOperation is a query or a mutation that runs by itself. The store's lock guards it, apart from work, which is
// held by whoever moves it on.
type bulkOperation struct {
	id         int64
	st         *store
	app        string
	kind       string // QUERY or MUTATION
	status     string
	errorCode  string
	document   string // as it was given
	identifier string
	grouped    bool

	created, completed time.Time
	objects, roots     int64
	key                string // names its result file
	result             bytes.Buffer
	children           bytes.Buffer // lines that come after all the others
	noPartial          bool         // nothing is kept of what was done before it ended early

	doc   *ast.QueryDocument
	op    *ast.OperationDefinition
	items []bulkItem // what is left to do, in the order in which it is done
	next  int
	dies  int // it fails when that many items are done; -1 never
	input []byte

	work sync.Mutex
	over chan struct{} // closed when it has ended
}

// bulkItem is one record of a query's result, or one line of a mutation's file.
type bulkItem struct {
	field    *ast.Field
	node     any
	line     int // counted from 0, as __lineNumber is
	from, to int // its place in the input
}

func (b *bulkOperation) recordID() int64 { return b.id }
func (b *bulkOperation) gid() string     { return gid("BulkOperation", b.id) }

func (b *bulkOperation) ended() bool {
	return slices.Contains([]string{"COMPLETED", "FAILED", "CANCELED", "EXPIRED"}, b.status)
}

// rootField is what the operation runs: bulkOperationRunQuery or bulkOperationRunMutation.
func (b *bulkOperation) rootField() string {
	if b.kind == "QUERY" {
		return "bulkOperationRunQuery"
	}
	return "bulkOperationRunMutation"
}

// BulkState is what a bulk operation has come to.
type BulkState struct {
	ID     string `json:"id"`
	Type   string `json:"type"` // QUERY or MUTATION
	Status string `json:"status"`
	// Done of Total records or lines are processed. Total is known once it runs.
	Done  int `json:"done"`
	Total int `json:"total"`
	// ClientIdentifier is what the app gave with it.
	ClientIdentifier string `json:"clientIdentifier,omitempty"`
}

// Bulks returns the bulk operations of a shop, oldest first.
func (s *Simulator) Bulks(shop string) []BulkState {
	st := s.shop(shop)
	if st == nil {
		return nil
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	out := []BulkState{}
	for _, b := range st.bulks.list {
		out = append(out, BulkState{
			ID:               b.gid(),
			Type:             b.kind,
			Status:           b.status,
			Done:             b.next,
			Total:            len(b.items),
			ClientIdentifier: b.identifier,
		})
	}
	return out
}

// HoldBulk stops the progress of bulk operations until it is called with false. When it returns, none moves, and a new
// one stays CREATED.
func (s *Simulator) HoldBulk(hold bool) { s.bulk.hold(hold) }

// StepBulk moves one operation on by that many lines, whether they are held or not, and returns when that is done. The
// operation runs then, and 0 lines do no more than that; it ends when it is moved on beyond its last line, or by -1. The
// id "" is every operation of the shop that has not ended.
func (s *Simulator) StepBulk(shop, id string, lines int) error {
	var found []*bulkOperation
	if st := s.shop(shop); st != nil {
		st.mu.RLock()
		for _, b := range st.bulks.list {
			if id == "" && !b.ended() || id == b.gid() {
				found = append(found, b)
			}
		}
		st.mu.RUnlock()
	}
	if len(found) == 0 {
		return fmt.Errorf("no bulk operation %q to move on in shop %q", id, shop)
	}
	for _, b := range found {
		b.advance(lines)
	}
	return nil
}

// WaitBulk returns when the operation has ended.
func (s *Simulator) WaitBulk(ctx context.Context, shop, id string) error {
	st := s.shop(shop)
	if st == nil {
		return fmt.Errorf("no shop %q", shop)
	}
	st.mu.RLock()
	_, n, _ := splitGID(id)
	b := st.bulks.byID[n]
	st.mu.RUnlock()
	if b == nil {
		return fmt.Errorf("no bulk operation %q", id)
	}
	select {
	case <-b.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bulkRunner moves operations on, each in a goroutine of its own.
type bulkRunner struct {
	sim *Simulator
	wg  sync.WaitGroup
	// The methods of their names. Called by them, the table of fields would need itself to be made.
	advance     func(b *bulkOperation, lines int) bool
	unsupported func(x *execution, parent string, set ast.SelectionSet) *gqlError

	mu     sync.Mutex
	closed bool

	pace sync.RWMutex // held for reading while lines are processed
	held bool
	free chan struct{} // closed while nothing is held
}

func newBulkRunner(s *Simulator) *bulkRunner {
	free := make(chan struct{})
	close(free)
	return &bulkRunner{
		sim:         s,
		advance:     (*bulkOperation).advance,
		unsupported: (*execution).unsupported,
		free:        free,
	}
}

func (r *bulkRunner) hold(hold bool) {
	r.pace.Lock()
	defer r.pace.Unlock()
	if hold == r.held {
		return
	}
	r.held = hold
	if hold {
		r.free = make(chan struct{})
	} else {
		close(r.free)
	}
}

func (r *bulkRunner) wait() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.wg.Wait()
}

// start lets an operation run. The store is locked.
func (r *bulkRunner) start(b *bulkOperation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.sim.ctx.Err() != nil {
		return
	}
	r.wg.Add(1)
	go r.run(b)
}

const (
	// bulkTick is how often an operation with a rate moves on.
	bulkTick = 20 * time.Millisecond
	// bulkBatch is how many lines one without a rate does before it looks whether it is held.
	bulkBatch = 50
)

func (r *bulkRunner) run(b *bulkOperation) {
	defer r.wg.Done()
	lines, began, done := bulkBatch, time.Now(), 0
	rate := r.sim.opts.BulkRate
	ticker := time.NewTicker(bulkTick)
	defer ticker.Stop()
	for {
		if rate > 0 {
			select {
			case now := <-ticker.C:
				lines = int(now.Sub(began).Seconds()*rate) - done
			case <-r.sim.ctx.Done():
				return
			}
		}
		waited, ended := r.move(b, lines)
		if ended || r.sim.ctx.Err() != nil {
			return
		}
		done += lines
		if waited {
			began, done = time.Now(), 0
		}
	}
}

// move processes some lines as soon as nothing is held, and says whether it had to wait for that.
func (r *bulkRunner) move(b *bulkOperation, lines int) (waited, ended bool) {
	for {
		r.pace.RLock()
		if !r.held {
			defer r.pace.RUnlock()
			return waited, r.advance(b, max(lines, 0)) || r.finishDue(b)
		}
		free := r.free
		r.pace.RUnlock()
		waited = true
		select {
		case <-free:
		case <-r.sim.ctx.Done():
			return waited, false
		}
	}
}

// finishDue ends an operation that has nothing left to do.
func (r *bulkRunner) finishDue(b *bulkOperation) bool {
	b.st.mu.RLock()
	due := b.next == len(b.items)
	b.st.mu.RUnlock()
	return due && r.advance(b, 1)
}

// advance moves on by that many lines, or to the end where it is negative. It tells whether the operation has ended.
func (b *bulkOperation) advance(lines int) bool {
	b.work.Lock()
	defer b.work.Unlock()
	b.begin()
	for n := 0; (lines < 0 || n < lines) && b.st.sim.ctx.Err() == nil; n++ {
		if !b.step() {
			return true
		}
	}
	b.st.mu.RLock()
	defer b.st.mu.RUnlock()
	return b.ended()
}

// begin turns a new operation into one that runs, and finds out what it has to do.
func (b *bulkOperation) begin() {
	b.st.mu.Lock()
	defer b.st.mu.Unlock()
	if b.status != "CREATED" {
		return
	}
	b.status = "RUNNING"
	if b.kind == "QUERY" {
		b.planQuery()
	} else {
		b.planMutation()
	}
	faults := b.st.sim.faults
	if faults.strikes("bulk_fails", b.st.Domain, b.rootField()) {
		b.dies = len(b.items) / 2
		b.noPartial = faults.strikes("bulk_partial_lost", b.st.Domain, b.rootField())
	}
}

// step processes one line, or ends the operation. It is false when there is nothing more to do. The store is free
// between two steps, for all others to change it.
func (b *bulkOperation) step() bool {
	b.st.mu.Lock()
	defer b.st.mu.Unlock()
	switch {
	case b.ended():
		return false
	case b.status == "CANCELING":
		b.noPartial = b.st.sim.faults.strikes("bulk_partial_lost", b.st.Domain, b.rootField())
		b.finish("CANCELED", "")
		return false
	case b.next == b.dies:
		b.finish("FAILED", "INTERNAL_SERVER_ERROR")
		return false
	case b.next == len(b.items):
		b.finish("COMPLETED", "")
		return false
	}
	item := b.items[b.next]
	b.next++
	if b.kind == "QUERY" {
		b.queryItem(item)
	} else {
		b.mutationLine(item)
	}
	return true
}

func (b *bulkOperation) finish(status, errorCode string) {
	a := b.st.newAction()
	b.status, b.errorCode, b.completed = status, errorCode, a.at
	b.result.Write(b.children.Bytes())
	b.children.Reset()
	b.input = nil
	close(b.over)
	b.st.emitTo(b.app, a, "bulk_operations/finish", func() any {
		return map[string]any{
			"admin_graphql_api_id": b.gid(),
			"completed_at":         b.st.localTime(b.completed),
			"created_at":           b.st.localTime(b.created),
			"error_code":           nullable(strings.ToLower(b.errorCode)),
			"status":               strings.ToLower(b.status),
			"type":                 strings.ToLower(b.kind),
		}
	})
}

// write appends a line to a file as Shopify does: with every slash escaped.
func writeLine(to *bytes.Buffer, line object) {
	raw, err := line.MarshalJSON()
	if err != nil {
		raw = []byte(`{"errors":[{"message":"` + err.Error() + `"}]}`)
	}
	to.Write(bytes.ReplaceAll(raw, []byte("/"), []byte(`\/`)))
	to.WriteByte('\n')
}

// listBulks is what the control API shows: every operation, by shop.
func (s *Simulator) listBulks() any {
	out := map[string]any{}
	for _, st := range s.shops {
		out[st.Domain] = s.Bulks(st.Domain)
	}
	return out
}

func (s *Simulator) controlStep(body []byte) (any, error) {
	var in struct {
		Shop, ID string
		Lines    int
	}
	if err := readControl(body, &in); err != nil {
		return nil, err
	}
	if err := s.StepBulk(in.Shop, in.ID, in.Lines); err != nil {
		return nil, err
	}
	return s.Bulks(in.Shop), nil
}
