package app

import (
	"context"
	"fmt"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// demoShops are the two shops of the demo: one on each plan.
func demoShops() []simulator.Shop {
	return []simulator.Shop{
		{
			Domain:   "corkandcrate.myshopify.com",
			Name:     "Cork & Crate",
			Plan:     "PRO",
			Timezone: "America/Toronto",
			Currency: "CAD",
			Staff: []simulator.Staff{
				{ID: "90000001", Name: "Riley Park", Email: "riley@corkandcrate.example"},
				{ID: "90000002", Name: "Morgan Diaz", Email: "morgan@corkandcrate.example"},
				{ID: "90000003", Name: "Sam Okafor", Email: "sam@corkandcrate.example", Scopes: "write_orders,write_products"},
			},
		},
		{
			Domain:   "smalltable.myshopify.com",
			Name:     "Small Table",
			Plan:     "FREE",
			Timezone: "Europe/Berlin",
			Currency: "EUR",
			Staff: []simulator.Staff{
				{ID: "91000001", Name: "Jule Brandt", Email: "jule@smalltable.example"},
				{ID: "91000002", Name: "Noah Fink", Email: "noah@smalltable.example"},
				{ID: "91000003", Name: "Alex Chen", Email: "alex@smalltable.example"},
			},
		},
	}
}

// exampleRules gives a shop that has no rules a few, so that there is something to watch.
func (a *App) exampleRules(ctx context.Context, shop *models.Shop) error {
	have, err := a.Rules.List(ctx, shop.ID, nil, models.Page{})
	if err != nil || len(have.Rules) > 0 {
		return err
	}
	always := []models.Trigger{models.Created, models.Updated}
	all := func(conditions ...models.Condition) models.ConditionGroup {
		return models.ConditionGroup{Match: models.MatchAll, Conditions: conditions}
	}
	for _, def := range []models.RuleDefinition{
		{
			Name: "VIP orders", Resource: models.Order, Triggers: always, Priority: 10, Enabled: true,
			When:    all(models.Condition{Field: "total_price", Operator: models.Greater, Values: []string{"150"}}),
			AddTags: []string{"VIP"},
		},
		{
			Name: "Ships abroad", Resource: models.Order, Triggers: []models.Trigger{models.Created}, Priority: 20, Enabled: true,
			When: all(models.Condition{Field: "shipping_country", Operator: models.NotEquals, Values: []string{"CA"}},
				models.Condition{Field: "shipping_country", Operator: models.IsNotEmpty}),
			AddTags: []string{"country-{{shipping_country}}"},
		},
		{
			Name: "Returning customer", Resource: models.Order, Triggers: []models.Trigger{models.Created}, Priority: 30, Enabled: true,
			When:    all(models.Condition{Field: "customer.order_count", Operator: models.Greater, Values: []string{"1"}}),
			AddTags: []string{"returning"},
		},
		{
			Name: "Low stock", Resource: models.Product, Triggers: always, Priority: 10, Enabled: true, ResetOnMismatch: true,
			When:    all(models.Condition{Field: "inventory.total", Operator: models.Less, Values: []string{"10"}}),
			AddTags: []string{"low-stock"},
		},
		{
			Name: "Big spender", Resource: models.Customer, Triggers: always, Priority: 10, Enabled: true, ResetOnMismatch: true,
			When:    all(models.Condition{Field: "total_spent", Operator: models.Greater, Values: []string{"500"}}),
			AddTags: []string{"big-spender"},
		},
		{
			Name: "Holiday season", Resource: models.Order, Triggers: []models.Trigger{models.Created}, Priority: 90,
			When:    all(models.Condition{Field: "total_price", Operator: models.Greater, Values: []string{"0"}}),
			AddTags: []string{"holiday"},
		},
	} {
		if _, err := a.Rules.Create(ctx, shop, activity.System(), def); err != nil {
			return fmt.Errorf("make example rule %s: %w", def.Name, err)
		}
	}
	return nil
}
