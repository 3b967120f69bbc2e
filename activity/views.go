package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	maxViewName = 100
	maxViews    = 200
)

// ViewInput is a view to save.
type ViewInput struct {
	ID     *string
	Name   string
	Shared bool
	Filter Filter
}

// Views returns a person's own views and the shared ones, by name.
func (s *Service) Views(ctx context.Context, shop int64, actor models.Actor) ([]*models.SavedView, error) {
	views := []*models.SavedView{}
	if err := s.DB.WithContext(ctx).Scopes(seenBy(shop, actor)).Find(&views).Error; err != nil {
		return nil, fmt.Errorf("load saved views: %w", err)
	}
	slices.SortStableFunc(views, func(a, b *models.SavedView) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return views, nil
}

// seenBy finds the shared views and a person's own. Who is not known has none of their own.
func seenBy(shop int64, actor models.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if actor.ID == nil {
			return db.Where("shop_id = ? AND shared = ?", shop, true).Order("name, id")
		}
		return db.Where("shop_id = ? AND (shared = ? OR actor_type = ? AND actor_id = ?)", shop, true, actor.Type, *actor.ID).
			Order("name, id")
	}
}

// SaveView saves a new view, or an own or shared one anew. Who saved it first stays its owner.
func (s *Service) SaveView(ctx context.Context, shop *models.Shop, actor models.Actor, input ViewInput) (*models.SavedView, error) {
	filter, err := s.checkView(ctx, shop, actor, &input)
	if err != nil {
		return nil, err
	}
	var view *models.SavedView
	err = models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		view, err = viewFor(tx, shop, actor, input.ID)
		if err != nil {
			return err
		}
		if !input.Shared && (actor.ID == nil || view.ActorType != actor.Type || view.ActorID == nil || *view.ActorID != *actor.ID) {
			return fault.Field("Only who saved a view can make it private.", "shared")
		}
		view.Name, view.Shared, view.Filter, view.UpdatedAt = input.Name, input.Shared, filter, models.Now()
		if err := tx.Save(view).Error; err != nil {
			return fmt.Errorf("save view: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return view, nil
}

// checkView trims the name and returns the filter as it is kept.
func (s *Service) checkView(ctx context.Context, shop *models.Shop, actor models.Actor, input *ViewInput) (json.RawMessage, error) {
	input.Name = strings.TrimSpace(input.Name)
	var problems []fault.Problem
	problem := func(message string, path ...string) {
		problems = append(problems, fault.Problem{Field: path, Code: string(fault.Invalid), Message: message})
	}
	switch n := utf8.RuneCountInString(input.Name); {
	case n == 0 || n > maxViewName:
		problem(fmt.Sprintf("The name must have between 1 and %d characters.", maxViewName), "name")
	case strings.ContainsRune(input.Name, 0) || !utf8.ValidString(input.Name):
		problem("The name has a zero byte or broken text in it.", "name")
	}
	if !input.Shared && actor.ID == nil {
		problem("Tagtrail does not know who you are, so it can only keep views that the whole staff sees.", "shared")
	}
	switch _, wrong, err := s.resolve(ctx, shop, &input.Filter); {
	case err == nil:
		problems = append(problems, wrong...)
	case fault.Is(err, fault.Invalid):
		f, _ := fault.As(err)
		problem(f.Message, "filter")
	default:
		return nil, err
	}
	if err := fault.Problems(problems); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(input.Filter)
	if err != nil {
		return nil, fmt.Errorf("encode filter: %w", err)
	}
	return raw, nil
}

// viewFor returns the view to change, or a new one where there is room for it. The shop's row is locked, so that two
// who save at once do not both take the last place.
func viewFor(tx *gorm.DB, shop *models.Shop, actor models.Actor, id *string) (*models.SavedView, error) {
	if id != nil {
		return ownView(tx, shop.ID, actor, *id)
	}
	query := tx.Select("id")
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	if err := query.Take(&models.Shop{}, shop.ID).Error; err != nil {
		return nil, fmt.Errorf("lock shop: %w", err)
	}
	var have int64
	if err := tx.Model(&models.SavedView{}).Where("shop_id = ?", shop.ID).Count(&have).Error; err != nil {
		return nil, fmt.Errorf("count saved views: %w", err)
	}
	if have >= maxViews {
		return nil, fault.Field(fmt.Sprintf("The shop has %d saved views, which is the most it can have. Delete one first.", maxViews), "name")
	}
	now := models.Now()
	return &models.SavedView{
		ID:        models.NewID(now),
		ShopID:    shop.ID,
		ActorType: actor.Type,
		ActorID:   actor.ID,
		ActorName: actor.Name,
		CreatedAt: now,
	}, nil
}

func ownView(tx *gorm.DB, shop int64, actor models.Actor, id string) (*models.SavedView, error) {
	missing := fault.Field(fmt.Sprintf("There is no saved view with the id %s that you may change.", id), "id")
	if !isID(id) {
		return nil, missing
	}
	var view models.SavedView
	err := tx.Scopes(seenBy(shop, actor)).Where("id = ?", canonical(id)).Take(&view).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, fmt.Errorf("load saved view: %w", err)
	}
	return &view, nil
}

// DeleteView deletes an own or a shared view.
func (s *Service) DeleteView(ctx context.Context, shop *models.Shop, actor models.Actor, id string) error {
	return models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		view, err := ownView(tx, shop.ID, actor, id)
		if err != nil {
			return err
		}
		if err := tx.Where("shop_id = ?", shop.ID).Delete(view).Error; err != nil {
			return fmt.Errorf("delete saved view: %w", err)
		}
		return nil
	})
}
