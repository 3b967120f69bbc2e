package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// heardBefore is what earlier deliveries said of a record.
type heardBefore struct {
	older *rules.Facts // the one before this delivery
	newer *rules.Facts // one that overtook this delivery
}

// heard remembers the delivery as the newest about its record, unless a newer one came first: Shopify keeps no order.
func (s *Service) heard(ctx context.Context, t *try, facts *rules.Facts) (heardBefore, error) {
	var known models.Resource
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND id = ?", t.ShopID, facts.ID).Take(&known).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return heardBefore{}, fmt.Errorf("load resource: %w", err)
	}
	if err == nil && known.DeliveryID != t.ID {
		other, err := s.factsOf(ctx, t.ShopID, known.DeliveryID, t.topic.resource)
		if err != nil {
			return heardBefore{}, err
		}
		if other != nil && known.ChangedAt.After(t.TriggeredAt) {
			return heardBefore{newer: other}, nil
		}
		return heardBefore{older: other}, s.remember(ctx, t, facts)
	}
	return heardBefore{}, s.remember(ctx, t, facts)
}

func (s *Service) remember(ctx context.Context, t *try, facts *rules.Facts) error {
	row := models.Resource{
		ShopID:     t.ShopID,
		ID:         facts.ID,
		Type:       t.topic.resource,
		Title:      facts.Title,
		ChangedAt:  t.TriggeredAt,
		DeliveryID: t.ID,
	}
	newer := clause.Where{Exprs: []clause.Expression{gorm.Expr("resources.changed_at <= excluded.changed_at")}}
	err := s.DB.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "shop_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"title", "changed_at", "delivery_id"}),
		Where:     newer,
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("remember resource: %w", err)
	}
	return nil
}

// factsOf reads a delivery's facts again, or nil when its body has left.
func (s *Service) factsOf(ctx context.Context, shop int64, id string, resource models.ResourceType) (*rules.Facts, error) {
	var d models.Delivery
	err := s.DB.WithContext(ctx).Where("id = ? AND shop_id = ?", id, shop).Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && len(d.Body) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load delivery: %w", err)
	}
	body, err := Body(&d)
	if err != nil {
		return nil, err
	}
	facts, err := rules.FromPayload(resource, body)
	if err != nil {
		return nil, nil //nolint:nilerr // it said nothing that could be read then, and says nothing now
	}
	return &facts, nil
}

func (s *Service) titleOf(ctx context.Context, t *try, id string) (string, error) {
	var known models.Resource
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND id = ?", t.ShopID, id).Take(&known).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "#" + id[strings.LastIndex(id, "/")+1:], nil
	}
	if err != nil {
		return "", fmt.Errorf("load resource: %w", err)
	}
	return known.Title, nil
}

func markDeleted(tx *activity.Tx, t *try, id, title string) error {
	row := models.Resource{
		ShopID:     t.ShopID,
		ID:         id,
		Type:       t.topic.resource,
		Title:      title,
		ChangedAt:  t.TriggeredAt,
		DeliveryID: t.ID,
		DeletedAt:  &t.TriggeredAt,
	}
	err := tx.DB.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "shop_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"deleted_at"}),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("remember that the resource is deleted: %w", err)
	}
	err = tx.DB.Where("shop_id = ? AND resource_id = ?", t.ShopID, id).Delete(&models.TagOwner{}).Error
	if err != nil {
		return fmt.Errorf("forget tag owners: %w", err)
	}
	return nil
}

// ownerLag allows for the clocks of Shopify and this machine: a payload that was made this shortly after we put a
// tag on may be from before.
const ownerLag = 2 * time.Second

// forgetGone ends our ownership of tags that somebody else has taken off since.
func (s *Service) forgetGone(t *try, facts *rules.Facts) effect {
	if !facts.TagsKnown {
		return nil
	}
	tags, id := facts.Tags, facts.ID
	return func(tx *activity.Tx) error {
		var owned []models.TagOwner
		err := tx.DB.Where("shop_id = ? AND resource_id = ? AND since < ?", t.ShopID, id, t.TriggeredAt.Add(-ownerLag)).Find(&owned).Error
		if err != nil {
			return fmt.Errorf("load tag owners: %w", err)
		}
		for _, o := range owned {
			if tags.Has(o.Tag) {
				continue
			}
			if err := tx.DB.Delete(&o).Error; err != nil {
				return fmt.Errorf("forget tag owner: %w", err)
			}
		}
		return nil
	}
}

// fillIn reads what the rules ask for and webhooks do not carry.
func (s *Service) fillIn(ctx context.Context, t *try, found []models.Rule, facts *rules.Facts) error {
	defs := make([]models.RuleDefinition, len(found))
	for i := range found {
		defs[i] = found[i].RuleDefinition
	}
	needs := rules.Needs(defs, *facts)
	if t.topic.kind == tagged {
		needs = append(needs, "tags") // the webhook told of nothing else
	}
	cost, err := s.read(ctx, t.shop, facts, needs)
	t.cost += cost
	return err
}

// read fills the facts by query. A value that Shopify may not tell us stays unknown.
func (s *Service) read(ctx context.Context, shop *models.Shop, facts *rules.Facts, needs []string) (int, error) {
	if len(needs) == 0 {
		return 0, nil
	}
	client := s.Shops.Client(shop)
	switch facts.Resource {
	case models.Order:
		return readOrder(ctx, client, facts, needs)
	case models.Customer:
		customer, cost, err := client.Customer(ctx, facts.ID)
		if err != nil && (shopify.KindOf(err) != shopify.AccessDenied || customer.ID == "") {
			return cost.Actual, err
		}
		setCustomer(facts, &customer)
		return cost.Actual, nil
	default:
		return 0, nil
	}
}

// readOrder reads the order with its customer, and its lines' products only where a rule asks for their types.
func readOrder(ctx context.Context, client *shopify.Client, facts *rules.Facts, needs []string) (int, error) {
	const lineTypes = "line_items.type"
	spent := 0
	if slices.Contains(needs, lineTypes) {
		types, cost, err := client.OrderLineTypes(ctx, facts.ID)
		spent += cost.Actual
		if err != nil && shopify.KindOf(err) != shopify.AccessDenied {
			return spent, err
		}
		if err == nil {
			facts.Set(lineTypes, types...)
		}
		if len(needs) == 1 {
			return spent, nil
		}
	}
	order, cost, err := client.Order(ctx, facts.ID)
	spent += cost.Actual
	if err != nil && (shopify.KindOf(err) != shopify.AccessDenied || order.ID == "") {
		return spent, err
	}
	setOrder(facts, &order)
	return spent, nil
}

func setOrder(facts *rules.Facts, o *shopify.OrderFacts) {
	facts.Set("risk_level", strings.ToLower(o.RiskLevel))
	if o.Customer == nil {
		for _, field := range rules.Fields(models.Order) {
			if strings.HasPrefix(field.Name, "customer.") {
				facts.Set(field.Name)
			}
		}
		return
	}
	facts.Set("customer.order_count", strconv.FormatInt(o.Customer.NumberOfOrders, 10))
	facts.Set("customer.tags", o.Customer.Tags...)
	facts.Set("customer.total_spent", o.Customer.AmountSpent)
}

// setCustomer fills every field of a customer: the webhooks about tags carry none of them.
func setCustomer(facts *rules.Facts, c *shopify.CustomerFacts) {
	facts.Tags, facts.TagsKnown = c.Tags, true
	facts.Title = c.DisplayName
	set := func(name string, values ...string) {
		facts.Set(name, slices.DeleteFunc(values, func(v string) bool { return v == "" })...)
	}
	set("tags", c.Tags...)
	set("total_spent", c.AmountSpent)
	set("order_count", strconv.FormatInt(c.NumberOfOrders, 10))
	set("state", strings.ToLower(c.State))
	set("verified_email", strconv.FormatBool(c.VerifiedEmail))
	set("accepts_marketing", strconv.FormatBool(c.AcceptsMarketing()))
	set("first_name", c.FirstName)
	set("last_name", c.LastName)
	set("email", c.Email)
	_, domain, _ := strings.Cut(c.Email, "@")
	set("email_domain", domain)
	set("city", c.City)
	set("country", c.CountryCode, c.Country)
	set("province", c.ProvinceCode, c.Province)
	set("created_at", c.CreatedAt.Format(time.RFC3339))
	set("updated_at", c.UpdatedAt.Format(time.RFC3339))
	if c.LastOrderAt == nil {
		set("last_order_at")
	} else {
		set("last_order_at", c.LastOrderAt.Format(time.RFC3339))
	}
}

// compiledRules keeps rules ready to be evaluated, by version.
type compiledRules struct {
	mu    sync.Mutex
	rules map[string]*rules.Compiled
}

// compiledLimit bounds the memory: at the limit all are forgotten and made again as they are needed.
const compiledLimit = 5000

func (c *compiledRules) get(rule *models.Rule) *rules.Compiled {
	key := rule.ID + " " + strconv.Itoa(rule.Version) + " " + strconv.FormatBool(rule.PausedReason != nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	if ready, ok := c.rules[key]; ok {
		return ready
	}
	if c.rules == nil || len(c.rules) >= compiledLimit {
		c.rules = map[string]*rules.Compiled{}
	}
	c.rules[key] = rules.CompileRule(rule)
	return c.rules[key]
}

func (s *Service) evaluate(t *try, found []models.Rule, facts *rules.Facts) []rules.Candidate {
	now := models.Now().In(t.shop.Zone())
	candidates := make([]rules.Candidate, len(found))
	for i := range found {
		candidates[i] = rules.Candidate{
			Definition: found[i].RuleDefinition,
			Evaluation: s.compiled.get(&found[i]).Evaluate(t.topic.trigger, facts, now),
		}
	}
	return candidates
}

// shown is the fields whose changes an entry tells of. Fields about a person are left out: the log keeps no more of
// customers than it needs.
var shown = map[models.ResourceType][]string{
	models.Order: {
		"tags", "financial_status", "fulfillment_status", "total_price", "subtotal_price", "total_discounts",
		"discount_code", "shipping_method", "line_count", "line_items.sku", "line_items.quantity",
	},
	models.Customer: {"state", "verified_email", "accepts_marketing"},
	models.Product: {
		"title", "product_type", "vendor", "status", "tags", "handle", "price.lowest", "price.highest",
		"compare_at_price.lowest", "inventory.total", "variant_count",
	},
}

// differences compares what two webhooks say of a record.
func differences(before, after *rules.Facts) []models.FieldChange {
	if before == nil {
		return nil
	}
	var changes []models.FieldChange
	for _, name := range shown[after.Resource] {
		was, knownBefore := before.Values(name)
		is, known := after.Values(name)
		if !known || !knownBefore || slices.Equal(was, is) {
			continue
		}
		if name == "tags" {
			changes = append(changes, tagChanges(was, is)...)
			continue
		}
		changes = append(changes, models.FieldChange{Field: name, Before: plain(was), After: plain(is)})
	}
	return changes
}

func tagChanges(before, after models.Tags) []models.FieldChange {
	if before == nil {
		before = models.Tags{}
	}
	if after == nil {
		after = models.Tags{}
	}
	return []models.FieldChange{{Field: "tags", Before: encoded(before), After: encoded(after)}}
}

// plain is a single value by itself, and several as a list.
func plain(values []string) json.RawMessage {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return encoded(values[0])
	default:
		return encoded(values)
	}
}

func encoded(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil // texts and lists of texts always encode
	}
	return raw
}
