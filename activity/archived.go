package activity

import (
	"context"
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// Archived returns entries of the shop that have left the log as if they had been read, all together.
func (s *Service) Archived(rows []models.Activity) []*Entry {
	for i := range rows {
		fillIn(&rows[i])
	}
	entries := s.entries(rows)
	for _, e := range entries {
		e.page.heavy.once.Do(func() {
			e.page.heavy.rows = make(map[string]*models.Activity, len(rows))
			for i := range rows {
				e.page.heavy.rows[rows[i].ID] = &rows[i]
			}
		})
	}
	return entries
}

// Matcher returns what tells whether an entry that has left the log matches the filter. A name in the filter's search is
// looked up as the log knows it now. Problems are what is wrong with the search.
func (s *Service) Matcher(ctx context.Context, shop *models.Shop, filter *Filter) (func(*models.Activity) bool, []fault.Problem, error) {
	f, problems, err := s.resolve(ctx, shop, filter)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	return f.matchesRow, nil, nil
}

// matchesRow is where, but for an entry at hand.
func (f *Filter) matchesRow(e *models.Activity) bool {
	kind := models.Kind{Type: e.Type, Action: e.Action, Categories: e.Categories, Status: e.Status, ActorID: valueOf(e.ActorID), EntityType: valueOf(e.EntityType)}
	if f.found.nothing || !f.matches(kind) ||
		f.From != nil && e.OccurredAt.Before(*f.From) || f.To != nil && !e.OccurredAt.Before(*f.To) {
		return false
	}
	for _, one := range []struct {
		values []string
		value  *string
	}{
		{f.entityIDs(), e.EntityID}, {f.ruleIDs(), e.RuleID}, {f.operationIDs(), e.OperationID},
		{f.found.errors, e.ErrorCode}, {f.found.ids, &e.ID},
	} {
		if len(one.values) > 0 && (one.value == nil || !slices.Contains(one.values, *one.value)) {
			return false
		}
	}
	return (f.causeID == "" || valueOf(e.CauseID) == f.causeID) && f.found.matchesRow(e)
}

func (f *found) matchesRow(e *models.Activity) bool {
	if f.tabs != 0 && e.Categories&f.tabs == 0 {
		return false
	}
	summary := strings.ToLower(e.Summary)
	for _, word := range f.words {
		if !strings.Contains(summary, strings.ToLower(word)) {
			return false
		}
	}
	if len(f.tags) > 0 && !slices.ContainsFunc(changedTags(e.Changes), func(key string) bool { return slices.Contains(f.tags, key) }) {
		return false
	}
	if f.actors == nil {
		return true
	}
	if e.ActorID != nil {
		return slices.Contains(f.actors.ids, *e.ActorID)
	}
	return slices.ContainsFunc(f.actors.names, func(name string) bool {
		return strings.Contains(strings.ToLower(e.ActorName), strings.ToLower(name))
	})
}
