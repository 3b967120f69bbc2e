package activity

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// maxRecords is how many records a title may name.
const maxRecords = 100

// resolve returns the filter with its search understood: what the search says is in the other fields, and Search is
// left only where they cannot say it all. Problems are what is wrong with the search.
func (s *Service) resolve(ctx context.Context, shop *models.Shop, filter *Filter) (*Filter, []fault.Problem, error) {
	return s.resolveAt(ctx, shop, filter, models.Now())
}

// resolveAt does so for somebody who asked at that time.
func (s *Service) resolveAt(ctx context.Context, shop *models.Shop, filter *Filter, now time.Time) (*Filter, []fault.Problem, error) {
	if filter == nil {
		filter = &Filter{}
	}
	if err := filter.check(); err != nil {
		return nil, nil, err
	}
	f := *filter
	for _, id := range []**string{&f.RuleID, &f.OperationID} {
		if *id != nil {
			written := canonical(**id)
			*id = &written
		}
	}
	if f.Search == nil {
		return &f, nil, nil
	}
	search, problems := ParseSearch(*f.Search)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	r := &resolver{s: s, db: s.DB.WithContext(ctx), shop: shop, filter: &f}
	if err := r.all(search, now); err != nil {
		return nil, nil, fmt.Errorf("look up what the search names: %w", err)
	}
	if f.found.empty() {
		f.Search = nil
	}
	return &f, nil, nil
}

// resolver narrows a filter by a search.
type resolver struct {
	s      *Service
	db     *gorm.DB
	shop   *models.Shop
	filter *Filter
	known  []models.Kind
}

// none notes that nothing can match.
func (r *resolver) none() { r.filter.found.nothing = true }

// narrow cuts what a list allows down to the values. An empty list allows everything.
func narrow[T cmp.Ordered](r *resolver, list *[]T, values []T) {
	if len(*list) > 0 {
		values = slices.DeleteFunc(slices.Clone(values), func(v T) bool { return !slices.Contains(*list, v) })
	}
	if len(values) == 0 {
		r.none()
		return
	}
	slices.Sort(values)
	*list = slices.Compact(values)
}

// narrowOne is narrow for a field that holds one value beside the list of those found.
func (r *resolver) narrowOne(own *string, list *[]string, values []string) {
	if own != nil {
		if !slices.Contains(values, *own) {
			r.none()
		}
		return
	}
	narrow(r, list, values)
}

func (r *resolver) all(s *Search, now time.Time) error {
	f := r.filter
	r.times(s, now)
	f.found.words = s.Words
	if len(s.Types) > 0 {
		narrow(r, &f.Types, s.Types)
	}
	if len(s.Statuses) > 0 {
		narrow(r, &f.Statuses, s.Statuses)
	}
	if len(s.Categories) > 0 {
		f.found.tabs = bitsOf(s.Categories)
		if len(f.Categories) == 0 {
			f.Categories, f.found.tabs = s.Categories, 0
		}
	}
	if len(s.IDs) > 0 {
		narrow(r, &f.found.ids, s.IDs)
	}
	if len(s.Tags) > 0 {
		narrow(r, &f.found.tags, s.Tags)
	}
	if len(s.Operations) > 0 {
		r.narrowOne(f.OperationID, &f.found.operations, s.Operations)
	}
	for _, code := range s.Errors {
		f.found.errors = append(f.found.errors, code, constant(code))
	}
	for _, look := range []func(*Search) error{r.actions, r.rules, r.actors, r.records, r.entities} {
		if err := look(s); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) times(s *Search, now time.Time) {
	f, zone := r.filter, r.shop.Zone()
	if s.Since != nil {
		if at := s.Since.In(now, zone); f.From == nil || at.After(*f.From) {
			f.From = &at
		}
	}
	if s.Until != nil {
		if at := s.Until.In(now, zone); f.To == nil || at.Before(*f.To) {
			f.To = &at
		}
	}
	if f.From != nil && f.To != nil && !f.From.Before(*f.To) {
		r.none()
	}
}

// kinds returns the kinds of entries that the shop has, from the counts.
func (r *resolver) kinds() ([]models.Kind, error) {
	if r.known != nil {
		return r.known, nil
	}
	err := models.InSnapshot(r.db.Statement.Context, r.s.DB, func(tx *gorm.DB) error {
		census, err := r.s.census(tx, r.shop.ID)
		if err != nil {
			return err
		}
		r.known = slices.AppendSeq(make([]models.Kind, 0, len(census.entries)), maps.Keys(census.entries))
		return nil
	})
	return r.known, err
}

// actions finds actions whatever their case. One that the shop has not seen yet is taken for one of our own.
func (r *resolver) actions(s *Search) error {
	if len(s.Actions) == 0 {
		return nil
	}
	kinds, err := r.kinds()
	if err != nil {
		return fmt.Errorf("read actions: %w", err)
	}
	var known, found []string
	for _, k := range kinds {
		known = append(known, k.Action)
	}
	for _, wanted := range s.Actions {
		same := func(action string) bool { return constant(action) == constant(wanted) }
		i := slices.IndexFunc(known, same)
		if i < 0 {
			found = append(found, constant(wanted))
		}
		for ; i >= 0 && i < len(known); i++ {
			if same(known[i]) {
				found = append(found, known[i])
			}
		}
	}
	narrow(r, &r.filter.Actions, found)
	return nil
}

// rules finds rules by their name, also deleted ones, or by their id.
func (r *resolver) rules(s *Search) error {
	if len(s.Rules) == 0 {
		return nil
	}
	var known []models.Rule
	if err := r.db.Select("id", "name").Where("shop_id = ?", r.shop.ID).Find(&known).Error; err != nil {
		return fmt.Errorf("read rules: %w", err)
	}
	found := []string{}
	for _, wanted := range s.Rules {
		if isID(wanted) {
			found = append(found, canonical(wanted))
		}
		for _, rule := range known {
			if holds(rule.Name, wanted) {
				found = append(found, rule.ID)
			}
		}
	}
	r.narrowOne(r.filter.RuleID, &r.filter.found.rules, found)
	return nil
}

func holds(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// actors finds who did something, by name or by id. Who has no id is found by the name in the entry itself.
func (r *resolver) actors(s *Search) error {
	if len(s.Actors) == 0 {
		return nil
	}
	known, err := r.kinds()
	if err != nil {
		return fmt.Errorf("read actors: %w", err)
	}
	found := &actors{names: s.Actors}
	for _, k := range known {
		named := func(wanted string) bool { return k.ActorID == wanted || holds(k.ActorName, wanted) }
		if k.ActorID != "" && slices.ContainsFunc(s.Actors, named) {
			found.ids = append(found.ids, k.ActorID)
		}
	}
	slices.Sort(found.ids)
	found.ids = slices.Compact(found.ids)
	r.filter.found.actors = found
	return nil
}

// records finds orders, customers and products by their title or id.
func (r *resolver) records(s *Search) error {
	for _, group := range []struct {
		resource models.ResourceType
		kind     string
		names    []string
	}{{models.Order, "Order", s.Orders}, {models.Customer, "Customer", s.Customers}, {models.Product, "Product", s.Products}} {
		if len(group.names) == 0 {
			continue
		}
		found := []string{}
		for _, name := range group.names {
			ids, err := r.titled(group.resource, group.kind, name)
			if err != nil {
				return err
			}
			found = append(found, ids...)
		}
		r.narrowOne(r.filter.EntityID, &r.filter.found.entities, found)
	}
	return nil
}

// titled returns the ids of the records that bear a title or an id. An order is found with and without its #.
func (r *resolver) titled(resource models.ResourceType, kind, name string) ([]string, error) {
	if strings.HasPrefix(name, "gid://") {
		return []string{name}, nil
	}
	titles := []string{strings.ToLower(name)}
	if resource == models.Order && !strings.HasPrefix(name, "#") {
		titles = append(titles, "#"+strings.ToLower(name))
	}
	var ids []string
	err := r.db.Model(&models.Resource{}).Where("shop_id = ? AND type = ? AND lower(title) IN ?", r.shop.ID, resource, titles).
		Order("changed_at DESC").Limit(maxRecords).Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	if _, err := strconv.ParseUint(name, 10, 63); err == nil {
		ids = append(ids, "gid://shopify/"+kind+"/"+name)
	}
	return ids, nil
}

// entities takes types of records and ids of records.
func (r *resolver) entities(s *Search) error {
	if len(s.Entities) == 0 {
		return nil
	}
	known, err := r.kinds()
	if err != nil {
		return fmt.Errorf("read entity types: %w", err)
	}
	kinds, ids := []string{}, []string{}
	for _, wanted := range s.Entities {
		before := len(kinds)
		for _, k := range known {
			if k.EntityType != "" && strings.EqualFold(k.EntityType, wanted) {
				kinds = append(kinds, k.EntityType)
			}
		}
		if len(kinds) == before {
			ids = append(ids, wanted)
		}
	}
	if len(kinds) > 0 {
		narrow(r, &r.filter.EntityTypes, kinds)
	}
	if len(ids) > 0 {
		r.narrowOne(r.filter.EntityID, &r.filter.found.entities, ids)
	}
	return nil
}
