package activity

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// heard keeps the statements that were sent.
type heard struct {
	logger.Interface
	mu         sync.Mutex
	statements []string
}

func (h *heard) LogMode(logger.LogLevel) logger.Interface { return h }

func (h *heard) Trace(_ context.Context, _ time.Time, fc func() (string, int64), _ error) {
	sql, _ := fc()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.statements = append(h.statements, sql)
}

// chains writes so many entries, each caused by another and evaluated by two rules, one of which caused it.
func (l *ledger) chains(shop *models.Shop, n int) []models.Rule {
	l.Helper()
	var rules []models.Rule
	for _, name := range []string{"VIP", "Sale"} {
		rule := models.Rule{ID: models.NewID(base), ShopID: shop.ID, Version: 1, CreatedAt: base, UpdatedAt: base}
		rule.RuleDefinition = models.RuleDefinition{Name: name, Resource: models.Order, Triggers: []models.Trigger{models.Created},
			AddTags: []string{"vip"}, RemoveTags: []string{}}
		l.must(l.DB.Create(&rule).Error)
		l.must(l.DB.Create(&models.RuleVersion{ShopID: shop.ID, RuleID: rule.ID, Version: 1, Definition: rule.RuleDefinition,
			ActorType: models.ActorStaff, ActorName: "Riley", CreatedAt: base}).Error)
		rules = append(rules, rule)
	}
	for i := range n {
		at := base.Add(time.Duration(i) * time.Minute)
		cause := models.NewID(at)
		l.record(shop,
			&models.Activity{ID: cause, OccurredAt: at, Status: models.Success},
			&models.Activity{
				OccurredAt:   at.Add(time.Second),
				Status:       models.Failed,
				ErrorCode:    ptr("INTERNAL"),
				ErrorStack:   ptr("main.go:1"),
				CauseID:      &cause,
				RuleID:       &rules[i%2].ID,
				RuleVersion:  ptr(1),
				Evaluations:  []models.Evaluation{{RuleID: rules[0].ID, Version: 1}, {RuleID: rules[1].ID, Version: 1}, {Name: "unsaved"}},
				ErrorMessage: ptr("It broke."),
			})
	}
	return rules
}

// whole reads everything of an entry that the API shows, and fails where something is missing.
func whole(t *testing.T, e *Entry) {
	t.Helper()
	ctx := t.Context()
	e.Retryable()
	e.CategoryNames()
	failure, err := e.Failure(ctx)
	if err != nil || failure == nil || failure.Stack == nil {
		t.Fatalf("failure %+v, %v", failure, err)
	}
	cause, err := e.Cause(ctx)
	if err != nil || cause == nil {
		t.Fatalf("cause %v, %v", cause, err)
	}
	if _, err := cause.Evaluated(ctx); err != nil {
		t.Fatal(err)
	}
	rule, err := e.Rule(ctx)
	if err != nil || rule == nil || rule.ID != *e.RuleID {
		t.Fatalf("rule %v, %v", rule, err)
	}
	version, err := e.RuleAsItWas(ctx)
	if err != nil || version == nil || version.RuleID != *e.RuleID {
		t.Fatalf("rule version %v, %v", version, err)
	}
	verdicts, err := e.Evaluated(ctx)
	if err != nil || len(verdicts) != 3 {
		t.Fatalf("evaluations %v, %v", verdicts, err)
	}
	for _, v := range verdicts {
		rule, err := v.Rule(ctx)
		if err != nil || (rule == nil) != (v.RuleID == "") || rule != nil && rule.ID != v.RuleID {
			t.Fatalf("rule of the evaluation %+v: %v, %v", v, rule, err)
		}
	}
}

func TestAPageTakesAsManyStatementsAsAnEntry(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	l.chains(shop, 20)
	counting := func(size int, nodes func(*List) []*Entry) []string {
		h := &heard{Interface: logger.Discard}
		s := &Service{DB: l.DB.Session(&gorm.Session{Logger: h}), Live: l.Live}
		list, err := s.List(t.Context(), shop, &Filter{Statuses: []models.ActivityStatus{models.Failed}}, models.Page{First: &size})
		l.must(err)
		entries := nodes(list)
		if len(entries) != size {
			t.Fatalf("%d entries, want %d", len(entries), size)
		}
		for _, e := range entries {
			whole(t, e)
		}
		return h.statements
	}
	byNodes := func(list *List) []*Entry { return list.Entries }
	byEdges := func(list *List) []*Entry {
		var entries []*Entry
		for _, e := range list.Edges() {
			entries = append(entries, e.Node)
		}
		return entries
	}
	for name, path := range map[string]func(*List) []*Entry{"nodes": byNodes, "edges": byEdges} {
		// How to walk, where the counts stand, the counts, what is not in them yet, and the entries; the rest of the
		// entries, their causes, rules and versions; the rest of the causes, the rules of the evaluations.
		one, twenty := counting(1, path), counting(20, path)
		if len(one) != len(twenty) || len(twenty) > 11 {
			t.Errorf("%s: %d statements for one entry, %d for twenty:\n%s", name, len(one), len(twenty), strings.Join(twenty, "\n"))
		}
	}
}

func TestEntriesAreReadByTheirIDsThroughTheKey(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop, other := l.shop(), l.shop()
	l.chains(shop, 3)
	l.chains(other, 1)
	list, err := l.List(t.Context(), shop, nil, models.Page{})
	l.must(err)
	p := &page{db: l.DB, shop: shop.ID}
	rows, err := p.byIDs(t.Context(), append(idsOfList(list), models.NewID(base), "not an id"), light...)
	l.must(err)
	if len(rows) != 6 {
		t.Errorf("%d entries, want 6", len(rows))
	}
	rows, err = p.byIDs(t.Context(), nil, light...)
	if err != nil || len(rows) != 0 {
		t.Errorf("no ids gave %v, %v", rows, err)
	}
	p.shop = other.ID
	rows, err = p.byIDs(t.Context(), idsOfList(list), light...)
	if err != nil || len(rows) != 0 {
		t.Errorf("another shop's ids gave %v, %v", rows, err)
	}
}
