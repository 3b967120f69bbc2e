package simulator

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

func bulkRunQuery(c *call) (any, error) {
	text, _ := c.args["query"].(string)
	refuse := func(messages ...string) (any, error) {
		var errs []userError
		for _, m := range messages {
			errs = append(errs, userError{field: []string{"query"}, message: m, code: "INVALID"})
		}
		return payload("bulkOperation", nil, errs...), nil
	}
	if len(text) > maxBulkDocument {
		return refuse("Query is too large (" + itoa(int64(len(text))) + " bytes; maximum is 65535 bytes)")
	}
	_, op, trouble := bulkDocument(text)
	switch {
	case trouble != "":
		return refuse("Invalid bulk query: " + trouble)
	case op.Operation != ast.Query:
		return refuse("Invalid operation type. Only `query` operations are supported.")
	}
	doc, errs := parse(text)
	if errs != nil {
		return refuse("Invalid bulk query: " + errs[0].message)
	}
	op = doc.Operations[0]
	if found := queryTrouble(doc, op); len(found) > 0 {
		return refuse(found...)
	}
	x := &execution{st: c.st, app: c.x.app, doc: doc, bulk: true}
	if e := c.st.sim.bulk.unsupported(x, "QueryRoot", op.SelectionSet); e != nil {
		return nil, e
	}
	if e := bulkUnsupported(op.SelectionSet); e != nil {
		return nil, e
	}
	grouped, _ := c.args["groupObjects"].(bool)
	return c.newBulk("QUERY", &bulkOperation{
		document: text,
		doc:      doc,
		op:       op,
		grouped:  grouped,
	})
}

// bulkDocument reads a document without holding it against the schema. What is wrong with it comes in Shopify's words:
// where a document ends too early they name its last token.
func bulkDocument(text string) (*ast.QueryDocument, *ast.OperationDefinition, string) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err == nil && len(doc.Operations) > 0 {
		return doc, doc.Operations[0], ""
	}
	if err != nil && !strings.Contains(err.Error(), "<EOF>") {
		return nil, nil, parseError(err).message
	}
	message := "syntax error, unexpected end of file"
	if at := lastToken(text); at != nil {
		message += " at [" + itoa(int64(at.Line)) + ", " + itoa(int64(at.Column)) + "]"
	}
	return nil, nil, message
}

func lastToken(text string) *ast.Position {
	var last *ast.Position
	lex := lexer.New(&ast.Source{Input: text})
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return last
		}
		if token.Kind != lexer.Comment {
			at := token.Pos
			last = &at
		}
	}
}

// bulkShape is what the rules for bulk queries count and look for.
type bulkShape struct {
	doc         *ast.QueryDocument
	connections int
	depth       int
	viaNodes    []string
	withoutID   []string
	withinList  bool
}

// queryTrouble says what Shopify has against a bulk query, in the order in which it was recorded to say so.
func queryTrouble(doc *ast.QueryDocument, op *ast.OperationDefinition) []string {
	var out []string
	for _, f := range (&coster{doc: doc}).rootFields(op.SelectionSet) {
		if f.Name == "node" || f.Name == "nodes" {
			out = append(out, "Bulk queries cannot contain a top level `"+f.Name+"` field.")
		}
	}
	s := &bulkShape{doc: doc}
	s.walk(op.SelectionSet, 0, false)
	switch {
	case s.connections == 0:
		out = append(out, "Bulk queries must contain at least one connection.")
	case len(s.viaNodes) > 0:
		out = append(out, "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: '"+
			s.viaNodes[0]+" { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: '"+
			strings.Join(s.viaNodes, "', '")+"'.")
	case s.connections > 5:
		out = append(out, "Bulk queries cannot contain more than 5 connections.")
	case s.depth > 2:
		out = append(out, "Bulk queries cannot contain connections with a nesting depth greater than 2.")
	case s.withinList:
		out = append(out, "Queries that contain a connection field within a list field are not currently supported.")
	case len(s.withoutID) > 0:
		out = append(out, "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': "+
			strings.Join(s.withoutID, ", ")+".")
	}
	return out
}

func (s *bulkShape) walk(set ast.SelectionSet, depth int, inList bool) {
	for _, f := range (&coster{doc: s.doc}).rootFields(set) {
		if f.Definition == nil || len(f.SelectionSet) == 0 {
			continue
		}
		if !isConnection(f.Definition.Type.Name()) {
			s.walk(f.SelectionSet, depth, inList || f.Definition.Type.Elem != nil)
			continue
		}
		s.connections++
		s.depth = max(s.depth, depth)
		s.withinList = s.withinList || inList
		for _, below := range (&coster{doc: s.doc}).rootFields(f.SelectionSet) {
			if below.Name == "nodes" {
				s.viaNodes = append(s.viaNodes, f.Name)
			}
		}
		node := nodeOf(s.doc, f)
		if s.nests(node) && !s.selectsID(node) {
			s.withoutID = append(s.withoutID, f.Name)
		}
		s.walk(node, depth+1, false)
	}
}

// nests tells whether a selection holds a connection, however deep.
func (s *bulkShape) nests(set ast.SelectionSet) bool {
	inner := &bulkShape{doc: s.doc}
	inner.walk(set, 0, false)
	return inner.connections > 0
}

func (s *bulkShape) selectsID(set ast.SelectionSet) bool {
	for _, f := range (&coster{doc: s.doc}).rootFields(set) {
		if f.Name == "id" && f.Alias == "id" {
			return true
		}
	}
	return false
}

// nodeOf is what a connection selects of each of its nodes.
func nodeOf(doc *ast.QueryDocument, f *ast.Field) ast.SelectionSet {
	var out ast.SelectionSet
	c := &coster{doc: doc}
	for _, e := range c.rootFields(f.SelectionSet) {
		if e.Name != "edges" {
			continue
		}
		for _, n := range c.rootFields(e.SelectionSet) {
			if n.Name == "node" {
				out = append(out, n.SelectionSet...)
			}
		}
	}
	return out
}

// bulkUnsupported refuses what Shopify runs in bulk and the simulator does not.
func bulkUnsupported(set ast.SelectionSet) *gqlError {
	for _, s := range set {
		f, ok := s.(*ast.Field)
		if !ok || !isConnection(f.Definition.Type.Name()) || f.Definition.Type.Name() == "StringConnection" {
			return &gqlError{
				message: "The simulator supports only connections of objects at the top of a bulk query",
				code:    "SIMULATOR_UNSUPPORTED",
			}
		}
	}
	return nil
}

// execution is the one that reads the store as it is now. Bulk connections have no pages.
func (b *bulkOperation) execution() *execution {
	return &execution{
		st:     b.st,
		app:    b.app,
		doc:    b.doc,
		vars:   map[string]any{},
		action: b.st.newAction(),
		bulk:   true,
	}
}

// planQuery lists the records that are found at the beginning; each is read when its turn comes.
func (b *bulkOperation) planQuery() {
	x := b.execution()
	for _, f := range (&coster{doc: b.doc}).rootFields(b.op.SelectionSet) {
		p, err := x.connection("QueryRoot", value{}, f)
		if err != nil {
			b.st.sim.log.Warn("bulk query", "shop", b.st.Domain, "error", err)
			continue
		}
		for _, node := range p.items {
			b.items = append(b.items, bulkItem{field: f, node: node})
		}
	}
}

func (x *execution) connection(typ string, parent any, f *ast.Field) (*page, error) {
	c := &call{
		x:      x,
		st:     x.st,
		parent: parent,
		args:   x.arguments(f),
		field:  f,
		path:   []any{f.Alias},
	}
	got, err := resolvers()[typ][f.Name](c)
	if err != nil {
		return nil, err
	}
	return got.(*page), nil
}

// queryItem writes a record that is still there, and what lies below it.
func (b *bulkOperation) queryItem(item bulkItem) {
	if o, ok := item.node.(tagOwner); ok && b.st.tagOwner(o.gid()) == nil {
		return // deleted since
	}
	b.roots++
	b.node(b.execution(), item.field, item.node, "")
}

// node writes one line, and one for each child: right below it where the app asked for groups, and else at the end of
// the file.
func (b *bulkOperation) node(x *execution, f *ast.Field, v any, parent string) {
	typ := strings.TrimSuffix(f.Definition.Type.Name(), "Connection")
	var order []string
	grouped := map[string][]*ast.Field{}
	x.collect(typ, nodeOf(x.doc, f), &order, grouped)
	line := object{}
	var below []*ast.Field
	id := ""
	for _, name := range order {
		fs := grouped[name]
		switch {
		case fs[0].Name == "__typename":
			line = append(line, pair{name, typ})
			continue
		case isConnection(fs[0].Definition.Type.Name()):
			below = append(below, fs[0])
			continue
		}
		got, _, _ := x.field(typ, v, fs, []any{name})
		line = append(line, pair{name, got})
		if name == "id" {
			id, _ = got.(string)
		}
	}
	to := &b.result
	if parent != "" {
		line = append(line, pair{"__parentId", parent})
		if !b.grouped {
			to = &b.children
		}
	}
	writeLine(to, line)
	b.objects++
	for _, child := range below {
		p, err := x.connection(typ, v, child)
		if err != nil {
			continue
		}
		for _, node := range p.items {
			b.node(x, child, node, id)
		}
	}
}
