package simulator

import (
	"math"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxQueryCost is the most that one request may ask for, whatever the bucket holds.
const maxQueryCost = 1000

// Costs follow the recorded answers: a scalar is free, an object costs 1, a mutation 10 with
// the first objects of its payload included, and a connection 2 plus the square root of its
// size for each item (first: 1 -> 3, first: 10 -> 6 or, with an object in each item, 10).
const (
	objectCost     = 1
	mutationCost   = 10
	connectionCost = 2
)

func pageWeight(n int) int { return int(math.Ceil(math.Sqrt(float64(max(n, 1))))) }

// coster computes what a request asks for, before it runs.
type coster struct {
	doc  *ast.QueryDocument
	vars map[string]any
}

func (c *coster) operation(op *ast.OperationDefinition) int {
	sum := 0
	for _, f := range c.rootFields(op.SelectionSet) {
		if op.Operation == ast.Mutation {
			sum += mutationCost + c.payload(f)
			continue
		}
		sum += c.field(f)
	}
	return sum
}

func (c *coster) rootFields(set ast.SelectionSet) []*ast.Field {
	var out []*ast.Field
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			out = append(out, s)
		case *ast.InlineFragment:
			out = append(out, c.rootFields(s.SelectionSet)...)
		case *ast.FragmentSpread:
			out = append(out, c.rootFields(s.Definition.SelectionSet)...)
		}
	}
	return out
}

// payload is what lies below the objects that a mutation returns.
func (c *coster) payload(f *ast.Field) int {
	sum := 0
	for _, x := range c.rootFields(f.SelectionSet) {
		if x.Definition != nil && len(x.SelectionSet) > 0 {
			sum += c.children(x.Definition.Type.Name(), x.SelectionSet)
		}
	}
	return sum
}

func (c *coster) field(f *ast.Field) int {
	if f.Definition == nil || len(f.SelectionSet) == 0 {
		return 0
	}
	name := f.Definition.Type.Name()
	if isConnection(name) {
		return connectionCost + pageWeight(c.size(f))*c.item(f)
	}
	times := 1
	if f.Name == "nodes" && f.ObjectDefinition != nil && f.ObjectDefinition.Name == "QueryRoot" {
		ids, _ := f.ArgumentMap(c.vars)["ids"].([]any)
		times = max(len(ids), 1)
	}
	return times * (objectCost + c.children(name, f.SelectionSet))
}

func isConnection(typ string) bool { return strings.HasSuffix(typ, "Connection") }

func (c *coster) size(f *ast.Field) int {
	args := f.ArgumentMap(c.vars)
	for _, k := range []string{"first", "last"} {
		if n, ok := args[k].(int64); ok {
			return int(n)
		}
	}
	return 1
}

// item is what one item of a page costs: a node is an object, an edge is not.
func (c *coster) item(f *ast.Field) int {
	sum := 0
	for _, x := range c.rootFields(f.SelectionSet) {
		switch {
		case x.Definition == nil:
		case x.Name == "nodes" && len(x.SelectionSet) > 0:
			sum += objectCost + c.children(x.Definition.Type.Name(), x.SelectionSet)
		case x.Name == "edges":
			for _, e := range c.rootFields(x.SelectionSet) {
				sum += c.field(e)
			}
		}
	}
	return sum
}

// children sums a selection. Of the fragments on different types only the dearest counts,
// because a value has one type.
func (c *coster) children(parent string, set ast.SelectionSet) int {
	abstract := adminSchema().Types[parent] != nil && adminSchema().Types[parent].IsAbstractType()
	sum := 0
	byType := map[string]int{}
	add := func(on string, inner ast.SelectionSet) {
		if on == "" {
			on = parent
		}
		n := c.children(on, inner)
		if def := adminSchema().Types[on]; abstract && def != nil && def.Kind == ast.Object {
			byType[on] += n
			return
		}
		sum += n
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			sum += c.field(s)
		case *ast.InlineFragment:
			add(s.TypeCondition, s.SelectionSet)
		case *ast.FragmentSpread:
			add(s.Definition.TypeCondition, s.Definition.SelectionSet)
		}
	}
	dearest := 0
	for _, n := range byType {
		dearest = max(dearest, n)
	}
	return sum + dearest
}

// bucket is one app's budget in one shop: it leaks all the time, a request fills it.
type bucket struct {
	available float64
	at        time.Time
}

type buckets struct {
	mu           sync.Mutex
	max, restore float64
	byKey        map[string]*bucket
}

func newBuckets(limit, restore float64) *buckets {
	return &buckets{max: limit, restore: restore, byKey: map[string]*bucket{}}
}

// take holds the requested cost, or says that the bucket has too little.
func (b *buckets) take(key string, cost float64, now time.Time) (available float64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.refill(key, now)
	if k.available < cost {
		return k.available, false
	}
	k.available -= cost
	return k.available, true
}

// give returns what a request did not use.
func (b *buckets) give(key string, cost float64, now time.Time) float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.refill(key, now)
	k.available = min(b.max, k.available+cost)
	return k.available
}

func (b *buckets) refill(key string, now time.Time) *bucket {
	k := b.byKey[key]
	if k == nil {
		k = &bucket{available: b.max, at: now}
		b.byKey[key] = k
	}
	if passed := now.Sub(k.at).Seconds(); passed > 0 {
		k.available = min(b.max, k.available+passed*b.restore)
		k.at = now
	}
	return k
}

// costExtension is extensions.cost; actual is nil where the request was refused.
func (b *buckets) costExtension(requested int, actual any, available float64) object {
	return object{
		{"requestedQueryCost", requested},
		{"actualQueryCost", actual},
		{"throttleStatus", object{
			{"maximumAvailable", int(b.max)},
			{"currentlyAvailable", int(available)},
			{"restoreRate", int(b.restore)},
		}},
	}
}
