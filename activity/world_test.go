package activity

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"pgregory.net/rapid"
)

// The world of the property tests: few values, so that filters meet entries, and among them rare ones, ones that hold
// each other, and such as a careless query would take for wildcards or quotes.
var (
	someActions = []string{WebhookReceived, WebhookReceived, SmartTagApplied, TagCleanup, COGSUpdated, "release.promoted"}
	someWords   = []string{"updated", "Added vip", "#1042", "50% off_sale", `back\slash "quoted"`, "50x off-sale"}
	someTags    = []string{"VIP", "Sale", "wine club", "vip "}
	someRules   = []string{models.DerivedID(time.UnixMilli(1), "rule", "1"), models.DerivedID(time.UnixMilli(1), "rule", "2")}
	someWork    = []string{models.DerivedID(time.UnixMilli(2), "work", "1"), models.DerivedID(time.UnixMilli(2), "work", "2")}
	someRecords = []Entity{
		{Type: "Order", ID: "gid://shopify/Order/1", Title: "#1042"},
		{Type: "Order", ID: "gid://shopify/Order/2", Title: "#1043"},
		{Type: "Customer", ID: "gid://shopify/Customer/1", Title: "Jane Doe"},
		{Type: "Shipment", ID: "1042", Title: "1042"},
	}
	someActors = []models.Actor{
		{Type: models.ActorStaff, ID: ptr("7"), Name: "Riley Park"},
		{Type: models.ActorStaff, ID: ptr("8"), Name: "Sam Riley"},
		{Type: models.ActorRule, ID: &someRules[0], Name: "VIP orders"},
		{Type: models.ActorSystem, Name: "Tagtrail"},
		{Type: models.ActorExternal, Name: "Riley's Couriers"},
	}
	someErrors = []string{"NETWORK", "RATE_LIMIT"}
)

var base = time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC)

func someEntry(t *rapid.T) *models.Activity {
	actor := rapid.SampledFrom(someActors).Draw(t, "actor")
	at := base.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hour")) * 5 * time.Hour).
		Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "ms")) * time.Millisecond)
	e := &models.Activity{
		OccurredAt: at,
		ID:         models.NewID(at),
		Type:       rapid.SampledFrom(types).Draw(t, "type"),
		Action:     rapid.SampledFrom(someActions).Draw(t, "action"),
		Status:     rapid.SampledFrom(statuses).Draw(t, "status"),
		Summary: rapid.SampledFrom(someWords).Draw(t, "summary") + " · " +
			rapid.SampledFrom(someWords).Draw(t, "more summary"),
		ActorType: actor.Type,
		ActorID:   actor.ID,
		ActorName: actor.Name,
	}
	if rapid.Bool().Draw(t, "has record") {
		r := rapid.SampledFrom(someRecords).Draw(t, "record")
		e.EntityType, e.EntityID, e.EntityTitle = &r.Type, &r.ID, &r.Title
	}
	if rapid.Bool().Draw(t, "has rule") {
		e.RuleID = ptr(rapid.SampledFrom(someRules).Draw(t, "rule"))
	}
	if rapid.IntRange(0, 4).Draw(t, "has operation") == 0 {
		e.OperationID = ptr(rapid.SampledFrom(someWork).Draw(t, "operation"))
	}
	if e.Status == models.Failed {
		e.ErrorCode = ptr(rapid.SampledFrom(someErrors).Draw(t, "error"))
	}
	tags := rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 3)
	if rapid.IntRange(0, 2).Draw(t, "has tags") == 0 {
		e.Changes = tagChange(tags.Draw(t, "tags before"), tags.Draw(t, "tags after"))
	}
	return e
}

// question is a filter and what it means.
type question struct {
	filter Filter
	means  []func(*models.Activity) bool
}

func (q *question) matches(e *models.Activity) bool {
	return !slices.ContainsFunc(q.means, func(holds func(*models.Activity) bool) bool { return !holds(e) })
}

func (q *question) want(holds func(*models.Activity) bool) { q.means = append(q.means, holds) }

// some draws a list, empty in two of three cases.
func some[T any](t *rapid.T, name string, values []T) []T {
	if rapid.IntRange(0, 2).Draw(t, "has "+name) != 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(values), 1, 3).Draw(t, name)
}

func one[T any](t *rapid.T, name string, values []T) *T {
	if rapid.IntRange(0, 5).Draw(t, "has "+name) != 0 {
		return nil
	}
	return ptr(rapid.SampledFrom(values).Draw(t, name))
}

func is(have *string, want string) bool { return have != nil && *have == want }

func amongList[T comparable](q *question, values []T, of func(*models.Activity) T) {
	if len(values) > 0 {
		q.want(func(e *models.Activity) bool { return slices.Contains(values, of(e)) })
	}
}

func orEmpty(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func someQuestion(t *rapid.T) *question {
	q := &question{}
	f := &q.filter
	f.Categories = some(t, "tabs", categoryBits)
	if len(f.Categories) > 0 {
		q.want(func(e *models.Activity) bool { return e.Categories&bitsOf(f.Categories) != 0 })
	}
	f.Types = some(t, "types", types)
	amongList(q, f.Types, func(e *models.Activity) models.ActivityType { return e.Type })
	f.Statuses = some(t, "statuses", statuses)
	amongList(q, f.Statuses, func(e *models.Activity) models.ActivityStatus { return e.Status })
	f.Actions = some(t, "actions", append(someActions, "NEVER"))
	amongList(q, f.Actions, func(e *models.Activity) string { return e.Action })
	f.ActorIDs = some(t, "actors", []string{"7", "8", someRules[0], "nobody"})
	amongList(q, f.ActorIDs, func(e *models.Activity) string { return orEmpty(e.ActorID) })
	f.EntityTypes = some(t, "entity types", []string{"Order", "Customer", "Shipment", "order"})
	amongList(q, f.EntityTypes, func(e *models.Activity) string { return orEmpty(e.EntityType) })
	if f.EntityID = one(t, "entity", []string{someRecords[0].ID, someRecords[3].ID}); f.EntityID != nil {
		q.want(func(e *models.Activity) bool { return is(e.EntityID, *f.EntityID) })
	}
	if f.RuleID = one(t, "filter's rule", someRules); f.RuleID != nil {
		q.want(func(e *models.Activity) bool { return is(e.RuleID, *f.RuleID) })
	}
	if f.OperationID = one(t, "filter's operation", someWork); f.OperationID != nil {
		q.want(func(e *models.Activity) bool { return is(e.OperationID, *f.OperationID) })
	}
	from := base.Add(time.Duration(rapid.IntRange(-5, 100).Draw(t, "from")) * time.Hour)
	to := from.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "to")) * time.Hour)
	if rapid.IntRange(0, 2).Draw(t, "has from") == 0 {
		f.From = &from
		q.want(func(e *models.Activity) bool { return !e.OccurredAt.Before(from) })
	}
	if rapid.IntRange(0, 2).Draw(t, "has to") == 0 {
		f.To = &to
		q.want(func(e *models.Activity) bool { return e.OccurredAt.Before(to) })
	}
	q.drawSearch(t)
	return q
}

// searches are qualifiers with what they mean. Those in one list are alternatives.
var searches = map[string]map[string]func(*models.Activity) bool{
	"word": {
		"UPDATED": summary("updated"), `"added vip"`: summary("added vip"), "#1042": summary("#1042"), "50%": summary("50%"),
		"off_sale": summary("off_sale"), `"back\\slash"`: summary(`back\slash`), "off": summary("off"), `h\"q`: summary(`h\"q`),
		`"\"quoted\""`: summary(`"quoted"`), "nowhere": summary("nowhere"),
	},
	"status": {
		"status:failed":      func(e *models.Activity) bool { return e.Status == models.Failed },
		"status:In-Progress": func(e *models.Activity) bool { return e.Status == models.InProgress },
	},
	"type": {"type:webhook": func(e *models.Activity) bool { return e.Type == models.Webhook }},
	"category": {
		"category:tags":   func(e *models.Activity) bool { return e.Categories&1 != 0 },
		"category:system": func(e *models.Activity) bool { return e.Categories&16 != 0 },
	},
	"action": {
		"action:cogs_updated":     func(e *models.Activity) bool { return e.Action == COGSUpdated },
		"action:Release.Promoted": func(e *models.Activity) bool { return e.Action == "release.promoted" },
		"action:never":            func(*models.Activity) bool { return false },
	},
	"actor": {
		"actor:riley":        func(e *models.Activity) bool { return strings.Contains(e.ActorName, "Riley") },
		"actor:8":            func(e *models.Activity) bool { return is(e.ActorID, "8") },
		`actor:"tagTRAIL"`:   func(e *models.Activity) bool { return e.ActorName == "Tagtrail" },
		"actor:nobody-known": func(*models.Activity) bool { return false },
	},
	"rule": {
		"rule:vip":             func(e *models.Activity) bool { return is(e.RuleID, someRules[0]) },
		"rule:" + someRules[1]: func(e *models.Activity) bool { return is(e.RuleID, someRules[1]) },
		"rule:none":            func(*models.Activity) bool { return false },
	},
	"operation": {"operation:" + someWork[0]: func(e *models.Activity) bool { return is(e.OperationID, someWork[0]) }},
	"record": {
		"order:1042":  func(e *models.Activity) bool { return is(e.EntityID, someRecords[0].ID) },
		"order:2":     func(e *models.Activity) bool { return is(e.EntityID, someRecords[1].ID) },
		"order:#1043": func(e *models.Activity) bool { return is(e.EntityID, someRecords[1].ID) },
		"order:9999":  func(*models.Activity) bool { return false },
	},
	"customer": {`customer:"jane doe"`: func(e *models.Activity) bool { return is(e.EntityID, someRecords[2].ID) }},
	"entity": {
		"entity:shipment": func(e *models.Activity) bool { return is(e.EntityType, "Shipment") },
		"entity:ORDER":    func(e *models.Activity) bool { return is(e.EntityType, "Order") },
	},
	"tag": {
		"tag:vip":          tagged("vip"),
		`tag:"Wine  Club"`: tagged("wine club"),
		"tag:never":        tagged("never"),
	},
	"error": {"error:network": func(e *models.Activity) bool { return is(e.ErrorCode, "NETWORK") }},
	"since": {"since:2026-11-03": func(e *models.Activity) bool {
		return !e.OccurredAt.Before(time.Date(2026, 11, 3, 5, 0, 0, 0, time.UTC)) // midnight in Toronto
	}},
	"until": {"until:2026-11-05": func(e *models.Activity) bool {
		return e.OccurredAt.Before(time.Date(2026, 11, 6, 5, 0, 0, 0, time.UTC))
	}},
}

func summary(part string) func(*models.Activity) bool {
	return func(e *models.Activity) bool { return strings.Contains(strings.ToLower(e.Summary), part) }
}

func tagged(key string) func(*models.Activity) bool {
	return func(e *models.Activity) bool {
		for _, c := range e.Changes {
			if tagsOf(c.Before).Has(key) != tagsOf(c.After).Has(key) {
				return true
			}
		}
		return false
	}
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (q *question) drawSearch(t *rapid.T) {
	if rapid.Bool().Draw(t, "no search") {
		return
	}
	var parts []string
	for _, name := range keysOf(searches) {
		if rapid.IntRange(0, 4).Draw(t, "search has "+name) != 0 {
			continue
		}
		most := 2
		if name == "since" || name == "until" {
			most = 1
		}
		values := searches[name]
		chosen := rapid.SliceOfN(rapid.SampledFrom(keysOf(values)), 1, most).Draw(t, "search "+name)
		parts = append(parts, chosen...)
		q.want(func(e *models.Activity) bool {
			one, all := false, true
			for _, c := range chosen {
				one, all = one || values[c](e), all && values[c](e)
			}
			return one && (name != "word" || all)
		})
	}
	if len(parts) > 0 {
		q.filter.Search = ptr(strings.Join(rapid.Permutation(parts).Draw(t, "order of the search"), "  "))
	}
}

// sorted is what a list without pages gives.
func sorted(entries []*models.Activity, q *question) []string {
	found := slices.Clone(entries)
	found = slices.DeleteFunc(found, func(e *models.Activity) bool { return !q.matches(e) })
	slices.SortFunc(found, func(a, b *models.Activity) int {
		return cmp.Or(b.OccurredAt.Compare(a.OccurredAt), strings.Compare(b.ID, a.ID))
	})
	ids := []string{}
	for _, e := range found {
		ids = append(ids, e.ID)
	}
	return ids
}

// pages walks the whole list, forward or backward.
func (l *ledger) pages(t fataler, shop *models.Shop, f *Filter, size int, backward, reverse bool, between func()) []string {
	found := []string{}
	page := models.Page{Reverse: reverse}
	for {
		if backward {
			page.Last = &size
		} else {
			page.First = &size
		}
		list, err := l.List(l.Context(), shop, f, page)
		if err != nil || len(list.Problems) > 0 {
			t.Fatalf("list: %v %v", err, list)
		}
		ids := idsOfList(list)
		if len(ids) > size {
			t.Fatalf("%d entries on a page of %d", len(ids), size)
		}
		info := list.PageInfo()
		if backward {
			found = append(ids, found...)
			if !list.HasPreviousPage {
				return found
			}
			page.Before = info.StartCursor
		} else {
			found = append(found, ids...)
			if !list.HasNextPage {
				return found
			}
			page.After = info.EndCursor
		}
		if between != nil {
			between()
		}
	}
}

type fataler interface{ Fatalf(string, ...any) }

// world is a shop with a rule and records that a search can name.
func (l *ledger) world() *models.Shop {
	l.Helper()
	shop := l.shop()
	l.must(l.DB.Create(&models.Rule{
		ID:        someRules[0],
		ShopID:    shop.ID,
		Version:   1,
		CreatedAt: base,
		UpdatedAt: base,
		DeletedAt: &base,
		RuleDefinition: models.RuleDefinition{
			Name:       "VIP orders",
			Resource:   models.Order,
			Triggers:   []models.Trigger{models.Created},
			AddTags:    []string{"vip"},
			RemoveTags: []string{},
		},
	}).Error)
	for _, r := range someRecords[:3] {
		l.must(l.DB.Create(&models.Resource{
			ShopID:     shop.ID,
			ID:         r.ID,
			Type:       models.ResourceType(strings.ToUpper(r.Type)),
			Title:      r.Title,
			ChangedAt:  base,
			DeliveryID: models.NewID(base),
		}).Error)
	}
	return shop
}

// clear takes every entry of a shop away, and folds what the counts know of them, so that no trial is slower than the
// one before.
func (l *ledger) clear(shop *models.Shop) {
	l.Helper()
	l.must(l.DB.Where("shop_id = ?", shop.ID).Delete(&models.Activity{}).Error)
	l.must(l.DB.Where("shop_id = ?", shop.ID).Delete(&models.ActivityTag{}).Error)
	l.must(l.Fold(l.Context()))
}
