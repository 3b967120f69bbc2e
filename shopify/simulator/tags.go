package simulator

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// taggable is what carries tags. Search sees a change only after the index lag,
// as it does at Shopify, so the set before is kept beside the new one.
type taggable struct {
	tags    []string
	indexed []string
	changed time.Time
}

func (t *taggable) tagging() *taggable { return t }

// searched returns the tags as the search index knows them.
func (t *taggable) searched(now time.Time, lag time.Duration) []string {
	if !t.changed.IsZero() && now.Sub(t.changed) < lag {
		return t.indexed
	}
	return t.tags
}

func (t *taggable) replace(tags []string, now time.Time, lag time.Duration) {
	t.indexed = t.searched(now, lag)
	t.tags, t.changed = tags, now
}

type tagOwner interface {
	record
	tagging() *taggable
	gid() string
}

// tagOwner finds a record that can have tags by its global id, or returns nil.
func (st *store) tagOwner(id string) tagOwner {
	kind, n, ok := splitGID(id)
	if !ok {
		return nil
	}
	switch kind {
	case "Product":
		return orNil(st.products.byID[n])
	case "Customer":
		return orNil(st.customers.byID[n])
	case "Order":
		return orNil(st.orders.byID[n])
	case "DraftOrder":
		return orNil(st.drafts.byID[n])
	case "Article":
		return orNil(st.articles.byID[n])
	}
	return nil
}

func orNil[T interface {
	comparable
	tagOwner
}](v T) tagOwner {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// tagKey is a tag's identity: case and the amount of white space do not count.
func tagKey(tag string) string { return strings.ToLower(strings.Join(strings.Fields(tag), " ")) }

// splitTags trims, splits at commas and leaves out what is empty: a tag cannot hold a comma.
func splitTags(in []string) []string {
	var out []string
	for _, s := range in {
		for _, t := range strings.Split(s, ",") {
			if t = strings.TrimSpace(t); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

// uniteTags adds tags to a set: the first spelling stays, the result is sorted without case.
func uniteTags(have, add []string) []string {
	seen := map[string]bool{}
	out := make([]string, 0, len(have)+len(add))
	for _, t := range slices.Concat(have, add) {
		if k := tagKey(t); !seen[k] {
			seen[k] = true
			out = append(out, t)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return strings.ToLower(out[i]) < strings.ToLower(out[j]) })
	return out
}

// withoutTags takes tags out of a set. As recorded, orders, draft orders and articles are
// strict about case when removing ("red" leaves "Red"), customers are not. Of products
// nothing is recorded; they are taken to be like customers.
func withoutTags(have, remove []string, strict bool) []string {
	key := tagKey
	if strict {
		key = func(t string) string { return t }
	}
	gone := map[string]bool{}
	for _, t := range remove {
		gone[key(t)] = true
	}
	out := []string{}
	for _, t := range have {
		if !gone[key(t)] {
			out = append(out, t)
		}
	}
	return out
}

// customerSpelling replaces each tag by the spelling that the shop's customers know it by.
func (st *store) customerSpelling(tags []string) []string {
	out := make([]string, len(tags))
	for i, t := range tags {
		k := tagKey(t)
		if st.spellings[k] == "" {
			st.spellings[k] = t
		}
		out[i] = st.spellings[k]
	}
	return out
}

const (
	maxTags        = 250
	maxTagLength   = 255
	maxOrderLength = 40
)

// tagTrouble is what Shopify answers to a set of tags that it refuses, or nil.
func tagTrouble(kind string, tags []string) *userError {
	long := maxTagLength
	if kind == "Order" || kind == "DraftOrder" {
		long = maxOrderLength
	}
	for _, t := range tags {
		if len([]rune(t)) <= long {
			continue
		}
		switch kind {
		case "Customer":
			return &userError{field: []string{"tags"}, message: "Tags is too long (maximum is 255 characters)"}
		case "Order", "DraftOrder":
			return &userError{field: []string{"tags"}, message: "Title Tag exceeds the maximum length of 40 characters"}
		}
		return &userError{field: []string{"tags"}, message: kind + " tags is invalid"}
	}
	if len(tags) > maxTags {
		if kind == "Customer" {
			return &userError{field: []string{"tags"}, message: "Tags cannot be more than 250"}
		}
		return &userError{field: []string{"tags"}, message: kind + " tags is invalid"}
	}
	return nil
}

// setTags gives an owner a new set and tells the world where that changed something.
func (st *store) setTags(a action, o tagOwner, tags []string) {
	before := o.tagging().tags
	if slices.Equal(before, tags) {
		return
	}
	o.tagging().replace(tags, a.at, st.sim.opts.IndexLag)
	switch v := o.(type) {
	case *product:
		st.productChanged(a, v)
	case *order:
		st.orderChanged(a, v)
	case *customer:
		st.customerTagsChanged(a, v, before)
	case *draftOrder:
		v.updated = a.at
	case *article:
		v.updated = a.at
	}
}

func (st *store) customerTagsChanged(a action, c *customer, before []string) {
	st.customerChanged(a, c)
	if added := withoutTags(c.tags, before, false); len(added) > 0 {
		st.emit(a, "customer.tags_added", func() any { return tagsPayload(c, added, a) })
	}
	if removed := withoutTags(before, c.tags, false); len(removed) > 0 {
		st.emit(a, "customer.tags_removed", func() any { return tagsPayload(c, removed, a) })
	}
}

func tagsPayload(c *customer, tags []string, a action) any {
	return map[string]any{
		"customerId": c.gid(),
		"tags":       tags,
		"occurredAt": a.at.Format("2006-01-02T15:04:05.000Z"),
	}
}
