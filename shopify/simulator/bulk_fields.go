package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func bulkFields() fields {
	number := func(get func(*bulkOperation) int64) resolver {
		return prop(func(b *bulkOperation) any { return itoa(get(b)) })
	}
	return fields{
		"id":              prop(func(b *bulkOperation) any { return b.gid() }),
		"status":          prop(func(b *bulkOperation) any { return b.status }),
		"type":            prop(func(b *bulkOperation) any { return b.kind }),
		"errorCode":       prop(func(b *bulkOperation) any { return nullable(b.errorCode) }),
		"createdAt":       prop(func(b *bulkOperation) any { return graphTime(b.created) }),
		"completedAt":     prop(func(b *bulkOperation) any { return graphTime(b.completed) }),
		"objectCount":     number(func(b *bulkOperation) int64 { return b.objects }),
		"rootObjectCount": number(func(b *bulkOperation) int64 { return b.roots }),
		"query":           prop(func(b *bulkOperation) any { return b.document }),
		"fileSize": prop(func(b *bulkOperation) any {
			if b.status != "COMPLETED" || b.result.Len() == 0 {
				return nil
			}
			return itoa(int64(b.result.Len()))
		}),
		"url": func(c *call) (any, error) {
			b := c.parent.(*bulkOperation)
			return c.resultAddress(b, b.status == "COMPLETED"), nil
		},
		"partialDataUrl": func(c *call) (any, error) {
			b := c.parent.(*bulkOperation)
			return c.resultAddress(b, b.ended() && b.status != "COMPLETED" && !b.noPartial), nil
		},
	}
}

// resultAddress is where a result file lies: on another host as far as a client can tell, and signed.
func (c *call) resultAddress(b *bulkOperation, there bool) any {
	if !there || b.result.Len() == 0 {
		return nil
	}
	expires := strconv.FormatInt(b.completed.Add(resultLife).Unix(), 10)
	return fmt.Sprintf("%s%s%s?GoogleAccessId=simulator&Expires=%s&Signature=%s",
		c.x.base, resultPath, b.key, expires, signatureOf(b.key, expires))
}

func (st *store) bulkCatalog() catalog[*bulkOperation] {
	type f = searchField[*bulkOperation]
	return catalog[*bulkOperation]{
		text: func(*bulkOperation) []string { return nil },
		fields: map[string]f{
			"id":             {num: oneNum(func(b *bulkOperation) int64 { return b.id })},
			"created_at":     {date: func(b *bulkOperation) time.Time { return b.created }},
			"operation_type": {exact: one(func(b *bulkOperation) string { return b.kind })},
			"status":         {exact: one(func(b *bulkOperation) string { return b.status })},
		},
		sorts: map[string]func(*bulkOperation) sortKey{
			"CREATED_AT":   timeKey(func(b *bulkOperation) time.Time { return b.created }),
			"COMPLETED_AT": timeKey(func(b *bulkOperation) time.Time { return b.completed }),
		},
	}
}

// ownBulks are the operations that the app itself started: it sees no others.
func (c *call) ownBulks() []*bulkOperation {
	var out []*bulkOperation
	for _, b := range c.st.bulks.list {
		if b.app == c.x.app {
			out = append(out, b)
		}
	}
	return out
}

func (c *call) ownBulk(id int64) *bulkOperation {
	if b := c.st.bulks.byID[id]; b != nil && b.app == c.x.app {
		return b
	}
	return nil
}

func bulkByID(c *call) (any, error) {
	id, _ := c.args["id"].(string)
	kind, n, ok := splitGID(id)
	if !ok || kind != "BulkOperation" {
		return nil, invalidID()
	}
	return c.ownBulk(n), nil
}

func bulkList(c *call) (any, error) { return listPage(c, c.ownBulks(), c.st.bulkCatalog()) }

// currentBulk is the newest operation of its type, whether it has ended or not.
func currentBulk(c *call) (any, error) {
	var newest *bulkOperation
	for _, b := range c.ownBulks() {
		if b.kind == c.args["type"] {
			newest = b
		}
	}
	return newest, nil
}

func bulkCancel(c *call) (any, error) {
	id, _ := c.args["id"].(string)
	_, n, _ := splitGID(id)
	b := c.ownBulk(n)
	switch {
	case b == nil:
		return payload("bulkOperation", nil, userError{field: []string{"id"}, message: "Bulk operation does not exist"}), nil
	case b.ended() || b.status == "CANCELING":
		return payload("bulkOperation", b, userError{
			message: "A bulk operation cannot be canceled when it is " + strings.ToLower(b.status),
		}), nil
	}
	b.status = "CANCELING"
	return payload("bulkOperation", b), nil
}

// newBulk makes an operation of a document that was found to be in order, unless there are too many of its kind.
func (c *call) newBulk(kind string, b *bulkOperation) (any, error) {
	var running []string
	for _, other := range c.ownBulks() {
		if other.kind == kind && !other.ended() {
			running = append(running, other.gid())
		}
	}
	if len(running) >= bulkAtOnce {
		return payload("bulkOperation", nil, userError{
			message: fmt.Sprintf("A bulk %s operation for this app and shop is already in progress: %s.",
				strings.ToLower(kind), strings.Join(running, ", ")),
			code: "OPERATION_IN_PROGRESS",
		}), nil
	}
	b.id, b.st, b.app, b.kind = c.st.sim.ids.take(), c.st, c.x.app, kind
	b.status, b.created, b.dies = "CREATED", c.x.now(), -1
	b.key, b.over = randomHex(14), make(chan struct{})
	c.st.bulks.put(b)
	c.st.sim.bulk.start(b)
	// The store is locked until the answer is made, so it shows the operation as it was made.
	return payload("bulkOperation", b), nil
}
