package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"gorm.io/gorm"
)

// note makes the entry of a topic from which nothing follows say what happened.
type note func(s *Service, ctx context.Context, t *try, entry *models.Activity, body doc) error

// notes is the topics that have words of their own.
var notes = map[string]note{
	"orders/paid":                (*Service).orderMoved,
	"orders/cancelled":           (*Service).orderMoved,
	"orders/fulfilled":           (*Service).orderMoved,
	"orders/partially_fulfilled": (*Service).orderMoved,
	"orders/edited":              (*Service).orderEdited,
	"order_transactions/create":  (*Service).payment,
	"refunds/create":             (*Service).refund,
	"fulfillments/create":        (*Service).fulfillment,
	"fulfillments/update":        (*Service).fulfillment,
	"inventory_levels/update":    (*Service).stock,
	"inventory_items/update":     (*Service).inventoryItem,
	"customers/enable":           (*Service).customerState,
	"customers/disable":          (*Service).customerState,
	"customers/merge":            (*Service).customersMerged,
	"app_subscriptions/update":   (*Service).subscription,
	"app/scopes_update":          (*Service).scopes,
	"bulk_operations/finish":     (*Service).bulkOperation,
}

// writeDown does so, where the topic has words. A body that says less than was expected leaves the topic's own.
func (s *Service) writeDown(ctx context.Context, t *try, entry *models.Activity) (*models.Activity, effect, error) {
	body, ok := parse(t.body)
	if tell := notes[t.Topic]; tell != nil && ok {
		if err := tell(s, ctx, t, entry, body); err != nil {
			return nil, nil, err
		}
	}
	return entry, nil, nil
}

func gidOf(kind, id string) string {
	if id == "" || strings.HasPrefix(id, "gid://") {
		return id
	}
	return "gid://shopify/" + kind + "/" + id
}

// ofOrder makes the entry one about an order and returns how the order is called.
func (s *Service) ofOrder(ctx context.Context, t *try, entry *models.Activity, id string) (string, error) {
	if id == "" {
		return "an order", nil
	}
	gid := gidOf("Order", id)
	title, err := s.titleOf(ctx, t, gid)
	if err != nil {
		return "", err
	}
	s.points(t, entry, "Order", gid, title)
	return "order " + title, nil
}

func (s *Service) points(t *try, entry *models.Activity, kind, id, title string) {
	entry.EntityType, entry.EntityID, entry.EntityTitle = &kind, &id, &title
	entry.EntityURL = s.Shops.RecordURL(t.shop, id)
}

func put(entry *models.Activity, name, value string) {
	if value != "" {
		entry.Metadata = withValue(entry.Metadata, name, value)
	}
}

// orderMoved tells of a step in an order's life. orders/updated tells rules of the same.
func (s *Service) orderMoved(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	fields := map[string]string{
		"orders/paid": "financial_status", "orders/fulfilled": "fulfillment_status", "orders/partially_fulfilled": "fulfillment_status",
	}
	put(entry, "reason", body.text("cancel_reason"))
	return s.recordMoved(ctx, t, entry, models.Order, fields[t.Topic])
}

// customerState tells that a customer's account was opened or closed.
func (s *Service) customerState(ctx context.Context, t *try, entry *models.Activity, _ doc) error {
	return s.recordMoved(ctx, t, entry, models.Customer, "state")
}

// recordMoved tells of one field of a record, compared with what was heard last.
func (s *Service) recordMoved(ctx context.Context, t *try, entry *models.Activity, resource models.ResourceType, field string) error {
	facts, err := rules.FromPayload(resource, t.body)
	if err != nil || facts.ID == "" {
		return nil //nolint:nilerr // the entry says what the topic's name says
	}
	t.topic.resource = resource
	s.about(t, entry, facts.ID, facts.Title)
	var known models.Resource
	err = s.DB.WithContext(ctx).Where("shop_id = ? AND id = ? AND changed_at <= ?", t.ShopID, facts.ID, t.TriggeredAt).Take(&known).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load resource: %w", err)
	}
	older, err := s.factsOf(ctx, t.ShopID, known.DeliveryID, resource)
	if err != nil {
		return err
	}
	for _, c := range differences(older, &facts) {
		if c.Field == field {
			entry.Changes = []models.FieldChange{c}
		}
	}
	return nil
}

func (s *Service) orderEdited(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	edit := body.in("order_edit")
	order, err := s.ofOrder(ctx, t, entry, edit.text("order_id"))
	if err != nil {
		return err
	}
	var parts []string
	for _, change := range []struct{ list, word string }{{"additions", "added"}, {"removals", "removed"}} {
		if n := len(edit.list("line_items", change.list)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s %s", n, plural(n, "line"), change.word))
		}
	}
	entry.Summary = capital(order) + " edited"
	if len(parts) > 0 {
		entry.Summary += ": " + strings.Join(parts, ", ")
	}
	put(entry, "staffId", edit.text("user_id"))
	put(entry, "reason", edit.text("staff_note"))
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// customersMerged is about the customer who stays.
func (s *Service) customersMerged(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	stays, gone := body.text("admin_graphql_api_customer_kept_id"), body.text("admin_graphql_api_customer_deleted_id")
	if stays == "" {
		return nil
	}
	titles := map[string]string{}
	for _, id := range []string{stays, gone} {
		title, err := s.titleOf(ctx, t, id)
		if err != nil {
			return err
		}
		titles[id] = title
	}
	s.points(t, entry, change.KindName(models.Customer), stays, titles[stays])
	entry.Summary = fmt.Sprintf("Customer %s merged into %s", titles[gone], titles[stays])
	put(entry, "mergedCustomer", gone)
	if body.text("status") == "failed" {
		entry.Summary = fmt.Sprintf("Customer %s could not be merged into %s", titles[gone], titles[stays])
		why := "Shopify does not say why."
		if troubles := body.list("errors"); len(troubles) > 0 {
			why = "Shopify says: " + strings.ReplaceAll(troubles[0].text("field"), "_", " ") + "."
		}
		warn(entry, "MERGE_FAILED", why+" Try it again in the Shopify admin.")
	}
	return nil
}

func (s *Service) subscription(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	subscription := body.in("app_subscription")
	id, name, status := subscription.text("admin_graphql_api_id"), subscription.text("name"), subscription.text("status")
	if id == "" {
		return nil
	}
	s.points(t, entry, "App subscription", id, name)
	entry.Summary = fmt.Sprintf("App subscription %s is %s", name, strings.ToLower(status))
	return s.compare(ctx, t, entry, id, map[string]string{"status": status, "price": subscription.text("price")})
}

func (s *Service) scopes(_ context.Context, _ *try, entry *models.Activity, body doc) error {
	entry.Summary = "The app's permissions changed"
	entry.Changes = []models.FieldChange{{Field: "scopes", Before: keepable(body["previous"]), After: keepable(body["current"])}}
	return nil
}

func (s *Service) bulkOperation(ctx context.Context, t *try, entry *models.Activity, body doc) error {
	id, status := body.text("admin_graphql_api_id"), body.text("status")
	if id == "" {
		return nil
	}
	s.points(t, entry, "Bulk operation", id, "#"+id[strings.LastIndex(id, "/")+1:])
	entry.Summary = fmt.Sprintf("Bulk %s %s", body.text("type"), status)
	put(entry, "status", status)
	// The operation that it is part of goes on at once.
	if err := s.Change.BulkFinished(ctx, t.shop, id); err != nil {
		return err
	}
	if code := body.text("error_code"); code != "" || status == "failed" {
		warn(entry, "BULK_OPERATION_FAILED", "Shopify ended it early: "+strings.ToLower(strings.ReplaceAll(code, "_", " "))+".")
	}
	return nil
}

// statesLooked is how many entries of a record are looked through for what was last said of a part of it.
const statesLooked = 50

// compare keeps what is said of a thing in its entry and tells how that differs from what was said last. A state is a
// handful of names and values; of is the thing's own id, which need not be the entity's.
func (s *Service) compare(ctx context.Context, t *try, entry *models.Activity, of string, state map[string]string) error {
	entry.Metadata = withValue(entry.Metadata, "state", map[string]any{"of": of, "values": state})
	if entry.EntityID == nil || of == "" {
		return nil
	}
	before, err := s.stateBefore(ctx, t, *entry.EntityType, *entry.EntityID, of)
	if err != nil || before == nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(state)) {
		if was := before[name]; was != state[name] {
			entry.Changes = append(entry.Changes, models.FieldChange{Field: name, Before: textOrNone(was), After: textOrNone(state[name])})
		}
	}
	return nil
}

func textOrNone(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return encoded(text)
}

// stateBefore returns what was said of a thing by the newest webhook that is older than this one, or nil.
func (s *Service) stateBefore(ctx context.Context, t *try, kind, entity, of string) (map[string]string, error) {
	var rows []models.Activity
	err := s.DB.WithContext(ctx).Select("id", "metadata").
		Where("shop_id = ? AND entity_type = ? AND entity_id = ? AND type = ? AND id <> ?", t.ShopID, kind, entity, models.Webhook, t.ID).
		Order("occurred_at DESC, id DESC").Limit(statesLooked).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("look for the state before: %w", err)
	}
	var newest time.Time
	var found map[string]string
	for _, row := range rows {
		var m struct {
			TriggeredAt time.Time
			State       struct {
				Of     string
				Values map[string]string
			}
		}
		if json.Unmarshal(row.Metadata, &m) != nil || m.State.Of != of {
			continue
		}
		if m.TriggeredAt.After(newest) && !m.TriggeredAt.After(t.TriggeredAt) {
			newest, found = m.TriggeredAt, m.State.Values
		}
	}
	return found, nil
}
