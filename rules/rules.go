package rules

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// maxRules is how many rules a shop may have: every one is looked at for every webhook.
const maxRules = 500

// Service saves rules and keeps their versions.
type Service struct {
	DB       *gorm.DB
	Activity *activity.Service
}

// Filter narrows the rules.
type Filter struct {
	Resource *models.ResourceType
	Enabled  *bool
	Search   *string
}

// List is a page of rules.
type List struct {
	Rules           []*models.Rule
	HasNextPage     bool
	HasPreviousPage bool
}

// Get returns one rule of the shop.
func (s *Service) Get(ctx context.Context, shop int64, id string) (*models.Rule, error) {
	return get(s.DB.WithContext(ctx), shop, id)
}

func get(db *gorm.DB, shop int64, id string) (*models.Rule, error) {
	missing := fault.New(fault.NotFound, "This shop has no rule with the id %s.", id)
	if _, ok := models.IDTime(id); !ok {
		return nil, missing
	}
	var rule models.Rule
	err := db.Where("shop_id = ? AND id = ? AND deleted_at IS NULL", shop, id).Take(&rule).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, fmt.Errorf("load rule: %w", err)
	}
	return &rule, nil
}

// For returns every rule about a kind of record, in the order in which they decide.
func (s *Service) For(ctx context.Context, shop int64, resource models.ResourceType) ([]models.Rule, error) {
	var found []models.Rule
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND resource = ? AND deleted_at IS NULL", shop, resource).
		Order("priority, id").Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	return found, nil
}

// List returns a page of the shop's rules, by priority, then by name.
func (s *Service) List(ctx context.Context, shop int64, filter *Filter, page models.Page) (*List, error) {
	limit := models.DefaultPage
	if page.First != nil {
		limit = *page.First
	}
	if limit < 1 || limit > models.MaxPage {
		return nil, fault.New(fault.Invalid, "first must be between 1 and %d.", models.MaxPage)
	}
	if filter != nil && filter.Search != nil && strings.ContainsRune(*filter.Search, 0) {
		return nil, fault.New(fault.Invalid, "The search has a zero byte in it, which no name can have.")
	}
	query := s.DB.WithContext(ctx).Where("shop_id = ? AND deleted_at IS NULL", shop)
	query = narrow(query, filter)
	if page.After != nil {
		from, err := parsePlace(*page.After)
		if err != nil {
			return nil, err
		}
		query = query.Where("(priority, name, id) > (?, ?, ?)", from.Priority, from.Name, from.ID)
	}
	var found []*models.Rule
	if err := query.Order("priority, name, id").Limit(limit + 1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	list := &List{Rules: found, HasPreviousPage: page.After != nil}
	if len(found) > limit {
		list.Rules, list.HasNextPage = found[:limit], true
	}
	return list, nil
}

func narrow(query *gorm.DB, filter *Filter) *gorm.DB {
	if filter == nil {
		return query
	}
	if filter.Resource != nil {
		query = query.Where("resource = ?", *filter.Resource)
	}
	if filter.Enabled != nil {
		query = query.Where("enabled = ?", *filter.Enabled)
	}
	if filter.Search != nil && strings.TrimSpace(*filter.Search) != "" {
		like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(strings.TrimSpace(*filter.Search)))
		query = query.Where(`lower(name) LIKE ? ESCAPE '\'`, "%"+like+"%")
	}
	return query
}

// place is a rule's place in the list.
type place struct {
	Priority int
	Name     string
	ID       string
}

func cursor(rule *models.Rule) string {
	raw, err := json.Marshal(place{rule.Priority, rule.Name, rule.ID})
	if err != nil {
		return "" // a number and two texts always encode
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parsePlace(cursor string) (place, error) {
	var p place
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if _, ok := models.IDTime(p.ID); err != nil || !ok {
		return p, fault.New(fault.Invalid, "after is not a cursor of ours. Use a cursor from an earlier page.")
	}
	return p, nil
}

// Versions returns every version of a rule, newest first.
func (s *Service) Versions(ctx context.Context, rule *models.Rule) ([]*models.RuleVersion, error) {
	var versions []*models.RuleVersion
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND rule_id = ?", rule.ShopID, rule.ID).
		Order("version DESC").Find(&versions).Error
	if err != nil {
		return nil, fmt.Errorf("load rule versions: %w", err)
	}
	return versions, nil
}

// Edge is a rule and its cursor.
type Edge struct {
	Cursor string
	Node   *models.Rule
}

// Edges returns the rules with their cursors.
func (l *List) Edges() []*Edge {
	edges := make([]*Edge, len(l.Rules))
	for i, rule := range l.Rules {
		edges[i] = &Edge{Cursor: cursor(rule), Node: rule}
	}
	return edges
}

// PageInfo returns where the page stands.
func (l *List) PageInfo() *models.PageInfo {
	info := &models.PageInfo{HasNextPage: l.HasNextPage, HasPreviousPage: l.HasPreviousPage}
	if n := len(l.Rules); n > 0 {
		start, end := cursor(l.Rules[0]), cursor(l.Rules[n-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}
