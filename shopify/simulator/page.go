package simulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// page is one page of a connection.
type page struct {
	items            []any
	cursors          []string
	hasNext, hasPrev bool
}

type edge struct {
	node   any
	cursor string
}

// sortKey is what a list is sorted by; ids break ties.
type sortKey struct {
	num  int64
	text string
}

func (k sortKey) compare(o sortKey) int {
	switch {
	case k.num < o.num:
		return -1
	case k.num > o.num:
		return 1
	}
	return strings.Compare(k.text, o.text)
}

type cursor struct {
	LastID    int64  `json:"last_id"`
	LastValue string `json:"last_value"`
}

func (k sortKey) cursor(id int64) string {
	raw, _ := json.Marshal(cursor{LastID: id, LastValue: strconv.FormatInt(k.num, 10) + "|" + k.text})
	return base64.StdEncoding.EncodeToString(raw)
}

func readCursor(s string) (sortKey, int64, error) {
	var c cursor
	raw, err := base64.StdEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	num, text, found := strings.Cut(c.LastValue, "|")
	n, nerr := strconv.ParseInt(num, 10, 64)
	if err != nil || nerr != nil || !found {
		return sortKey{}, 0, badRequest("Invalid cursor for current pagination sort.")
	}
	return sortKey{num: n, text: text}, c.LastID, nil
}

func badRequest(message string) *gqlError { return &gqlError{message: message, code: "BAD_REQUEST"} }

// paginate cuts a page out of records that are sorted by key and id.
func paginate[T record](c *call, list []T, key func(T) sortKey) (*page, error) {
	reverse, _ := c.args["reverse"].(bool)
	sort.SliceStable(list, func(i, j int) bool {
		n := key(list[i]).compare(key(list[j]))
		if n == 0 {
			return (list[i].recordID() < list[j].recordID()) != reverse
		}
		return (n < 0) != reverse
	})
	from, to := 0, len(list)
	for _, name := range []string{"after", "before"} {
		s, ok := c.args[name].(string)
		if !ok {
			continue
		}
		k, id, err := readCursor(s)
		if err != nil {
			return nil, err
		}
		at := sort.Search(len(list), func(i int) bool {
			n := key(list[i]).compare(k)
			if n == 0 {
				n = compareIDs(list[i].recordID(), id)
			}
			if reverse {
				n = -n
			}
			return n > 0 || n == 0 && name == "before"
		})
		if name == "after" {
			from = at
		} else {
			to = max(at, from)
		}
	}
	first, last, err := pageSize(c)
	if err != nil {
		return nil, err
	}
	p := &page{items: []any{}, hasPrev: from > 0, hasNext: to < len(list)}
	if first >= 0 && to-from > first {
		to, p.hasNext = from+first, true
	}
	if last >= 0 && to-from > last {
		from, p.hasPrev = to-last, true
	}
	for _, r := range list[from:to] {
		p.items = append(p.items, r)
		p.cursors = append(p.cursors, key(r).cursor(r.recordID()))
	}
	return p, nil
}

func compareIDs(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// maxPage is the most items of one page.
const maxPage = 250

// pageSize reads first and last; -1 is not given. One of them must be.
func pageSize(c *call) (first, last int, err error) {
	first, last = -1, -1
	if c.x.bulk {
		return first, last, nil // a bulk query has no pages
	}
	for name, into := range map[string]*int{"first": &first, "last": &last} {
		n, ok := c.args[name].(int64)
		if !ok {
			continue
		}
		if n < 0 {
			return 0, 0, badRequest(name + " must be zero or more")
		}
		if n > maxPage {
			return 0, 0, badRequest(fmt.Sprintf("%s cannot exceed %d", name, maxPage))
		}
		*into = int(n)
	}
	if first < 0 && last < 0 {
		return 0, 0, badRequest("you must provide one of first or last")
	}
	if first >= 0 && last >= 0 {
		return 0, 0, badRequest("providing both first and last is not supported")
	}
	return first, last, nil
}

// slicePage is a page over a short list that has its own order.
func slicePage[T record](c *call, list []T) (*page, error) {
	place := map[int64]int64{}
	for i, r := range list {
		place[r.recordID()] = int64(i)
	}
	return paginate(c, append([]T{}, list...), func(r T) sortKey { return sortKey{num: place[r.recordID()]} })
}

func connectionFields() fields {
	return fields{
		"nodes": prop(func(p *page) any { return p.items }),
		"edges": prop(func(p *page) any {
			out := make([]any, len(p.items))
			for i := range p.items {
				out[i] = edge{p.items[i], p.cursors[i]}
			}
			return out
		}),
		"pageInfo": prop(func(p *page) any {
			info := map[string]any{"hasNextPage": p.hasNext, "hasPreviousPage": p.hasPrev}
			if n := len(p.cursors); n > 0 {
				info["startCursor"], info["endCursor"] = p.cursors[0], p.cursors[n-1]
			}
			return value{data: info}
		}),
	}
}

func edgeFields() fields {
	return fields{
		"node":   prop(func(e edge) any { return e.node }),
		"cursor": prop(func(e edge) any { return e.cursor }),
	}
}
