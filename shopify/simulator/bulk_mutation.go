package simulator

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

func bulkRunMutation(c *call) (any, error) {
	text, _ := c.args["mutation"].(string)
	refuse := func(e userError) (any, error) { return payload("bulkOperation", nil, e), nil }
	if len(text) > maxBulkDocument {
		return refuse(userError{
			field:   []string{"query"},
			message: "is too large (" + itoa(int64(len(text))) + " bytes; maximum is 65535 bytes)",
			code:    "INVALID_MUTATION",
		})
	}
	doc, op, trouble := mutationTrouble(text)
	if trouble != nil {
		return refuse(*trouble)
	}
	identifier, given := c.args["clientIdentifier"].(string)
	if e := identifierTrouble(identifier); given && e != nil {
		return refuse(*e)
	}
	x := &execution{st: c.st, app: c.x.app, doc: doc}
	if e := c.st.sim.bulk.unsupported(x, "Mutation", op.SelectionSet); e != nil {
		return nil, e
	}
	key, _ := c.args["stagedUploadPath"].(string)
	file := c.st.uploads[key]
	switch {
	case file == nil || !file.arrived:
		return refuse(userError{
			message: "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly for the stagedUploadPath mutation argument.",
			code:    "NO_SUCH_FILE",
		})
	case file.size == 0:
		return refuse(userError{message: "The input file is empty.", code: "INVALID_STAGED_UPLOAD_FILE"})
	case file.size > maxBulkFile:
		return refuse(userError{
			message: "The input file size exceeds the maximum allowed size of 100 MB.",
			code:    "INVALID_STAGED_UPLOAD_FILE",
		})
	}
	return c.newBulk("MUTATION", &bulkOperation{
		document:   text,
		identifier: identifier,
		doc:        doc,
		op:         op,
		input:      file.body,
	})
}

// mutationTrouble is what Shopify answers to a document that it does not run in bulk, or nil.
func mutationTrouble(text string) (*ast.QueryDocument, *ast.OperationDefinition, *userError) {
	invalid := func(message string) (*ast.QueryDocument, *ast.OperationDefinition, *userError) {
		return nil, nil, &userError{message: message, code: "INVALID_MUTATION"}
	}
	refused := func(message string) (*ast.QueryDocument, *ast.OperationDefinition, *userError) {
		return nil, nil, &userError{field: []string{"mutation"}, message: message}
	}
	_, op, trouble := bulkDocument(text)
	switch {
	case trouble != "":
		return invalid("Failed to parse the mutation - " + trouble)
	case op.Operation != ast.Mutation:
		return invalid("Invalid operation type. Only `mutation` operations are supported.")
	}
	doc, errs := parse(text)
	if errs != nil {
		return invalid("Failed to parse the mutation - " + errs[0].message)
	}
	op = doc.Operations[0]
	roots := (&coster{doc: doc}).rootFields(op.SelectionSet)
	if len(roots) != 1 || len(doc.Operations) != 1 {
		return refused("You must specify a single top level mutation.")
	}
	if strings.HasPrefix(roots[0].Name, "bulkOperationRun") {
		return refused("You must use an allowed mutation name.")
	}
	shape := &bulkShape{doc: doc}
	shape.walk(op.SelectionSet, 0, false)
	if shape.connections > 1 {
		return refused("Bulk mutations cannot contain more than 1 connection.")
	}
	return doc, op, nil
}

func identifierTrouble(s string) *userError {
	e := &userError{field: []string{"clientIdentifier"}, code: "INVALID_MUTATION"}
	switch n := len([]rune(s)); {
	case n < 10:
		e.message = "is too short (minimum is 10 characters)"
	case n > 255:
		e.message = "is too long (maximum is 255 characters)"
	default:
		return nil
	}
	return e
}

// planMutation cuts the file into lines and shuffles them: Shopify does not process them one after the other.
func (b *bulkOperation) planMutation() {
	from, line := 0, 0
	for from < len(b.input) {
		to := len(b.input)
		if n := bytes.IndexByte(b.input[from:], '\n'); n >= 0 {
			to = from + n
		}
		if len(bytes.TrimSpace(b.input[from:to])) > 0 {
			b.items = append(b.items, bulkItem{line: line, from: from, to: to})
		}
		from, line = to+1, line+1
	}
	rng := rand.New(rand.NewPCG(b.st.sim.opts.Seed, uint64(len(b.items))))
	rng.Shuffle(len(b.items), func(i, j int) { b.items[i], b.items[j] = b.items[j], b.items[i] })
}

// mutationLine runs the mutation with the variables of one line. What goes wrong stays in the line's result.
func (b *bulkOperation) mutationLine(item bulkItem) {
	out := b.lineResult(b.input[item.from:item.to])
	b.objects++
	b.roots++
	if !b.st.sim.faults.strikes("bulk_line_lost", b.st.Domain, b.rootField(), b.lineField()) {
		writeLine(&b.result, append(out, pair{"__lineNumber", item.line}))
	}
}

// lineField is what each line runs, such as tagsAdd.
func (b *bulkOperation) lineField() string {
	return (&coster{doc: b.doc}).rootFields(b.op.SelectionSet)[0].Name
}

func (b *bulkOperation) lineResult(raw []byte) object {
	failed := func(errs ...*gqlError) object { return object{{"errors", errs}} }
	var given map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&given); err != nil || given == nil || dec.More() {
		return failed(&gqlError{message: "Failed to parse the line as JSON", code: "BAD_REQUEST"})
	}
	vars, errs := coerceVariables(b.op, given)
	if errs != nil {
		return failed(errs...)
	}
	if e := tooMany(b.op, vars); e != nil {
		return failed(e)
	}
	x := b.execution()
	x.vars, x.bulk = vars, false
	faults := b.st.sim.faults
	if faults.strikes("bulk_line_error", b.st.Domain, b.rootField(), b.lineField()) {
		return failed(&gqlError{
			message: "Internal error. Looks like something went wrong on our end.",
			code:    "INTERNAL_SERVER_ERROR",
			more:    map[string]any{"requestId": x.action.eventID},
		})
	}
	x.refuse = faults.strikes("bulk_line_user_error", b.st.Domain, b.rootField(), b.lineField())
	data, _ := x.operation(b.op)
	if len(x.errs) > 0 {
		return object{{"errors", x.errs}, {"data", data}}
	}
	return object{{"data", data}}
}
