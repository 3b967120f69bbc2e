package activity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Entry is an entry as it is read. Entries that were read together look up what they refer to together.
type Entry struct {
	models.Activity
	page *page
}

// page is what entries that were read together share: each kind of reference is read once for all of them.
type page struct {
	db      *gorm.DB
	shop    int64
	entries []*Entry

	rules    batch[string, *models.Rule]
	versions batch[version, *models.RuleVersion]
	causes   batch[string, *Entry]
	heavy    batch[string, *models.Activity]
	// beside is what each other room keeps about the entries.
	besideMu sync.Mutex
	beside   map[string]*batch[string, any]
	// evaluated are the rules that the entries' evaluations name.
	evaluated batch[string, *models.Rule]
}

type version struct {
	rule   string
	number int
}

// batch is a set of rows that is read when the first of them is asked for.
type batch[K comparable, V any] struct {
	once sync.Once
	rows map[K]V
	err  error
}

func (b *batch[K, V]) get(key K, load func() (map[K]V, error)) (V, error) {
	b.once.Do(func() { b.rows, b.err = load() })
	return b.rows[key], b.err
}

func (s *Service) entries(rows []models.Activity) []*Entry {
	p := &page{db: s.DB, entries: make([]*Entry, len(rows))}
	for i := range rows {
		p.shop = rows[i].ShopID
		p.entries[i] = &Entry{Activity: rows[i], page: p}
	}
	return p.entries
}

// CategoryNames returns the tabs that the entry is in.
func (e *Entry) CategoryNames() []models.ActivityCategory {
	names := []models.ActivityCategory{}
	for i, category := range categoryBits {
		if e.Categories&(1<<i) != 0 {
			names = append(names, category)
		}
	}
	return names
}

// Actor returns who did it.
func (e *Entry) Actor() *models.Actor {
	return &models.Actor{Type: e.ActorType, ID: e.ActorID, Name: e.ActorName}
}

// Entity is the record that an entry is about.
type Entity struct {
	Type  string
	ID    string
	Title string
	URL   *string
}

// Entity returns what it happened to, or nil.
func (e *Entry) Entity() *Entity {
	if e.EntityType == nil || e.EntityID == nil {
		return nil
	}
	entity := &Entity{Type: *e.EntityType, ID: *e.EntityID, Title: *e.EntityID, URL: e.EntityURL}
	if e.EntityTitle != nil {
		entity.Title = *e.EntityTitle
	}
	return entity
}

// Failure is why an entry failed.
type Failure struct {
	Code     string
	Message  string
	Attempts int
	Stack    *string
}

// Failure returns why it failed, or nil.
func (e *Entry) Failure(ctx context.Context) (*Failure, error) {
	if e.ErrorCode == nil {
		return nil, nil
	}
	f := &Failure{Code: *e.ErrorCode, Attempts: e.Attempts}
	if e.ErrorMessage != nil {
		f.Message = *e.ErrorMessage
	}
	heavy, err := e.large(ctx)
	if err != nil {
		return nil, err
	}
	f.Stack = heavy.ErrorStack
	return f, nil
}

// Evaluated returns every rule that was looked at.
func (e *Entry) Evaluated(ctx context.Context) ([]*Verdict, error) {
	heavy, err := e.large(ctx)
	if err != nil {
		return nil, err
	}
	verdicts := verdictsOf(heavy.Evaluations)
	for _, v := range verdicts {
		v.rule = e.page.evaluatedRule
	}
	return verdicts, nil
}

// evaluatedRule returns a rule that an entry of the page evaluated.
func (p *page) evaluatedRule(ctx context.Context, id string) (*models.Rule, error) {
	return p.evaluated.get(id, func() (map[string]*models.Rule, error) {
		var ids []string
		for _, row := range p.heavy.rows {
			for _, e := range row.Evaluations {
				ids = append(ids, e.RuleID)
			}
		}
		return rulesByID(ctx, p.db, p.shop, ids)
	})
}

// Verdict is what a rule made of a record, with a way to the rule as it is now.
type Verdict struct {
	models.Evaluation
	rule func(ctx context.Context, id string) (*models.Rule, error)
}

// Verdicts returns evaluations that look up their rules together.
func Verdicts(db *gorm.DB, shop int64, evaluations []models.Evaluation) []*Verdict {
	shared := &batch[string, *models.Rule]{}
	verdicts := verdictsOf(evaluations)
	for _, v := range verdicts {
		v.rule = func(ctx context.Context, id string) (*models.Rule, error) {
			return shared.get(id, func() (map[string]*models.Rule, error) {
				var ids []string
				for _, e := range evaluations {
					ids = append(ids, e.RuleID)
				}
				return rulesByID(ctx, db, shop, ids)
			})
		}
	}
	return verdicts
}

func verdictsOf(evaluations []models.Evaluation) []*Verdict {
	verdicts := make([]*Verdict, len(evaluations))
	for i, e := range evaluations {
		verdicts[i] = &Verdict{Evaluation: e}
	}
	return verdicts
}

// Outcome returns what came of looking at the rule.
func (v *Verdict) Outcome() string { return string(v.Evaluation.Outcome) }

// Rule returns the rule as it is now, or nil where it is not saved or was deleted since.
func (v *Verdict) Rule(ctx context.Context) (*models.Rule, error) {
	if v.RuleID == "" {
		return nil, nil
	}
	rule, err := v.rule(ctx, v.RuleID)
	if err != nil {
		return nil, fmt.Errorf("load the rules of an evaluation: %w", err)
	}
	return rule, nil
}

// large returns the columns that lists leave out.
func (e *Entry) large(ctx context.Context) (*models.Activity, error) {
	row, err := e.page.heavy.get(e.ID, func() (map[string]*models.Activity, error) {
		rows, err := e.page.byIDs(ctx, idsOf(e.page.entries), "id", "evaluations", "error_stack")
		found := make(map[string]*models.Activity, len(rows))
		for i := range rows {
			found[rows[i].ID] = &rows[i]
		}
		return found, err
	})
	if err != nil {
		return nil, fmt.Errorf("load the rest of the activity: %w", err)
	}
	if row == nil {
		return &models.Activity{}, nil // it left the log meanwhile
	}
	return row, nil
}

// Beside returns what another room keeps about the entry, or nil. It is loaded once for all entries that were read
// together. what tells apart the kinds of things that rooms keep.
func (e *Entry) Beside(what string, load func(entries []*Entry) (map[string]any, error)) (any, error) {
	p := e.page
	p.besideMu.Lock()
	if p.beside == nil {
		p.beside = map[string]*batch[string, any]{}
	}
	kept := p.beside[what]
	if kept == nil {
		kept = &batch[string, any]{}
		p.beside[what] = kept
	}
	p.besideMu.Unlock()
	return kept.get(e.ID, func() (map[string]any, error) { return load(p.entries) })
}

// IDs returns the entries' ids.
func IDs(entries []*Entry) []string { return idsOf(entries) }

func idsOf(entries []*Entry) []string {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}

// byIDs reads entries through the primary key: an id tells its time.
func (p *page) byIDs(ctx context.Context, ids []string, columns ...string) ([]models.Activity, error) {
	pairs, args := pairsOf(ids)
	var rows []models.Activity
	err := p.db.WithContext(ctx).Select(columns).Where("shop_id = ?", p.shop).Where(pairs, args...).Find(&rows).Error
	return rows, err
}

// pairsOf is the condition that finds entries by their ids. Each id goes with its own time: lists of both would be
// tried every one with every other.
func pairsOf(ids []string) (string, []any) {
	var pairs []string
	var args []any
	for _, id := range ids {
		if at, ok := models.IDTime(id); ok {
			pairs = append(pairs, "activities.occurred_at = ? AND activities.id = ?")
			args = append(args, at, id)
		}
	}
	if len(pairs) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(pairs, " OR ") + ")", args
}

// Cause returns the entry that led to this one, or nil.
func (e *Entry) Cause(ctx context.Context) (*Entry, error) {
	if e.CauseID == nil {
		return nil, nil
	}
	cause, err := e.page.causes.get(*e.CauseID, func() (map[string]*Entry, error) {
		var ids []string
		for _, other := range e.page.entries {
			if other.CauseID != nil {
				ids = append(ids, *other.CauseID)
			}
		}
		rows, err := e.page.byIDs(ctx, ids, light...)
		found := make(map[string]*Entry, len(rows))
		for _, entry := range (&Service{DB: e.page.db}).entries(rows) {
			found[entry.ID] = entry
		}
		return found, err
	})
	if err != nil {
		return nil, fmt.Errorf("load the causes of activities: %w", err)
	}
	return cause, nil
}

// Rule returns the rule that caused it, as it is now, or nil.
func (e *Entry) Rule(ctx context.Context) (*models.Rule, error) {
	if e.RuleID == nil {
		return nil, nil
	}
	rule, err := e.page.rules.get(*e.RuleID, func() (map[string]*models.Rule, error) {
		return rulesByID(ctx, e.page.db, e.page.shop, ruleIDs(e.page.entries))
	})
	if err != nil {
		return nil, fmt.Errorf("load the rules of activities: %w", err)
	}
	return rule, nil
}

func ruleIDs(entries []*Entry) []string {
	var ids []string
	for _, e := range entries {
		if e.RuleID != nil {
			ids = append(ids, *e.RuleID)
		}
	}
	return ids
}

func rulesByID(ctx context.Context, db *gorm.DB, shop int64, ids []string) (map[string]*models.Rule, error) {
	found := map[string]*models.Rule{}
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return found, nil
	}
	var rows []models.Rule
	err := db.WithContext(ctx).Where("shop_id = ? AND id IN ? AND deleted_at IS NULL", shop, ids).Find(&rows).Error
	for i := range rows {
		found[rows[i].ID] = &rows[i]
	}
	return found, err
}

// RuleAsItWas returns the version of the rule that ran, or nil.
func (e *Entry) RuleAsItWas(ctx context.Context) (*models.RuleVersion, error) {
	if e.RuleID == nil || e.RuleVersion == nil {
		return nil, nil
	}
	v, err := e.page.versions.get(version{*e.RuleID, *e.RuleVersion}, func() (map[version]*models.RuleVersion, error) {
		var rows []models.RuleVersion
		err := e.page.db.WithContext(ctx).
			Where("shop_id = ? AND rule_id IN ?", e.page.shop, ruleIDs(e.page.entries)).Find(&rows).Error
		found := make(map[version]*models.RuleVersion, len(rows))
		for i := range rows {
			found[version{rows[i].RuleID, rows[i].Version}] = &rows[i]
		}
		return found, err
	})
	if err != nil {
		return nil, fmt.Errorf("load the rule versions of activities: %w", err)
	}
	return v, nil
}
