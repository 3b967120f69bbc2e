package activity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// The outcomes of an explanation.
const (
	NoWebhook    = "NO_WEBHOOK"
	Duplicate    = "DUPLICATE"
	Disabled     = "DISABLED"
	OtherTrigger = "OTHER_TRIGGER"
	NotMatched   = "NOT_MATCHED"
	Outranked    = "OUTRANKED"
	Unchanged    = "UNCHANGED"
	Refused      = "REFUSED"
	Applied      = "APPLIED"
	RemovedLater = "REMOVED_LATER"
	Paused       = "PAUSED"
	Waiting      = "PENDING"
)

const (
	// explainEntries is how many of a record's newest entries an explanation looks at, and explainWrites how many of our
	// newest writes to it.
	explainEntries = 200
	explainWrites  = 200
	// explainRead is how many entries' verdicts are read at once: a shop may have hundreds of rules.
	explainRead = 10
)

// Explanation is why a rule did or did not act on a record.
type Explanation struct {
	Rule       *models.Rule
	Outcome    string
	Message    string
	At         *time.Time
	Evaluation *Verdict
	Activity   *Entry
	RemovedBy  *models.Actor
}

// Explain says of each rule about the record's kind, or of one, why it did or did not act on the record. It looks at
// the record's newest entries and writes, not at all of its history.
func (s *Service) Explain(ctx context.Context, shop *models.Shop, resourceID string, ruleID *string) ([]*Explanation, error) {
	resource, err := resourceOf(resourceID)
	if err != nil {
		return nil, err
	}
	rules, err := s.rulesToExplain(ctx, shop.ID, resource, ruleID)
	if err != nil {
		return nil, err
	}
	c := &record{s: s, shop: shop, id: resourceID, resource: resource}
	if err := c.load(ctx, rules); err != nil {
		return nil, err
	}
	explanations := make([]*Explanation, len(rules))
	for i := range rules {
		e, err := c.explain(ctx, &rules[i])
		if err != nil {
			return nil, err
		}
		e.Rule = &rules[i]
		if rules[i].DeletedAt != nil {
			e.Message = "The rule was deleted on " + c.time(*rules[i].DeletedAt) + ". " + e.Message
		}
		explanations[i] = e
	}
	return explanations, nil
}

// resourceOf returns which kind of record an id is about.
func resourceOf(id string) (models.ResourceType, error) {
	for _, resource := range []models.ResourceType{models.Order, models.Customer, models.Product} {
		prefix := "gid://shopify/" + kindOf(resource) + "/"
		if rest, ok := strings.CutPrefix(id, prefix); ok && rest != "" && !strings.ContainsRune(rest, 0) {
			return resource, nil
		}
	}
	return "", fault.New(fault.Invalid, "%q is not the id of an order, a customer or a product, such as gid://shopify/Order/1042.", id)
}

func (s *Service) rulesToExplain(ctx context.Context, shop int64, resource models.ResourceType, id *string) ([]models.Rule, error) {
	var rules []models.Rule
	query := s.DB.WithContext(ctx).Where("shop_id = ?", shop)
	if id == nil {
		query = query.Where("resource = ? AND deleted_at IS NULL", resource)
	} else {
		missing := fault.New(fault.NotFound, "This shop has no rule with the id %s.", *id)
		if _, ok := models.IDTime(*id); !ok {
			return nil, missing
		}
		query = query.Where("id = ?", *id)
	}
	if err := query.Order("priority, id").Find(&rules).Error; err != nil {
		return nil, fmt.Errorf("load rules to explain: %w", err)
	}
	switch {
	case id != nil && len(rules) == 0:
		return nil, fault.New(fault.NotFound, "This shop has no rule with the id %s.", *id)
	case id != nil && rules[0].Resource != resource:
		return nil, fault.New(fault.Invalid, "The rule is about another kind of record: it looks at %ss.", strings.ToLower(string(rules[0].Resource)))
	}
	return rules, nil
}

// record is what is known of the record that is explained.
type record struct {
	s        *Service
	shop     *models.Shop
	id       string
	resource models.ResourceType

	known *Resource
	// entries are the newest about the record, the newest first; webhooks are those of them that told something new.
	entries  []*Entry
	webhooks []*Entry
	// verdicts are what the entries made of each rule, the newest first.
	verdicts map[string][]verdictOf
	// writes are our writes to the record, the newest first.
	writes []models.Snapshot
	owned  map[string]models.TagOwner
	// queued is how many webhooks about this kind of record wait for their first try.
	queued int64
}

// verdictOf is a verdict and the entry that tells of it.
type verdictOf struct {
	verdict *Verdict
	entry   *Entry
}

func (c *record) load(ctx context.Context, rules []models.Rule) error {
	db := c.s.DB.WithContext(ctx)
	var err error
	if c.known, err = c.s.Resource(ctx, c.shop.ID, c.id); err != nil {
		return err
	}
	var rows []models.Activity
	err = db.Select(light).Where("shop_id = ? AND entity_type = ? AND entity_id = ?", c.shop.ID, kindOf(c.resource), c.id).
		Order("occurred_at DESC, id DESC").Limit(explainEntries).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("load activities to explain: %w", err)
	}
	c.entries = c.s.entries(rows)
	for _, e := range c.entries {
		if e.Type == models.Webhook && e.DeliveryID() != "" && !e.echoes() {
			c.webhooks = append(c.webhooks, e)
		}
	}
	err = db.Where("shop_id = ? AND resource_id = ?", c.shop.ID, c.id).
		Order("created_at DESC, id DESC").Limit(explainWrites).Find(&c.writes).Error
	if err != nil {
		return fmt.Errorf("load writes to explain: %w", err)
	}
	var owners []models.TagOwner
	if err := db.Where("shop_id = ? AND resource_id = ?", c.shop.ID, c.id).Find(&owners).Error; err != nil {
		return fmt.Errorf("load tag owners to explain: %w", err)
	}
	c.owned = make(map[string]models.TagOwner, len(owners))
	for _, o := range owners {
		c.owned[o.TagKey] = o
	}
	if err := c.judge(ctx, rules); err != nil {
		return err
	}
	if len(c.webhooks) > 0 {
		return nil
	}
	err = db.Model(&models.Delivery{}).
		Where("shop_id = ? AND source_id IS NULL AND status IN ('PENDING', 'PROCESSING') AND topic LIKE ?", c.shop.ID, strings.ToLower(string(c.resource))+"%").
		Where("due_at <= ?", models.Now().Add(time.Minute)).Limit(CountCap).Count(&c.queued).Error
	if err != nil {
		return fmt.Errorf("count webhooks that wait: %w", err)
	}
	return nil
}

// judge reads what the entries made of the rules, the newest first, until each rule has a verdict that is its own: not
// only that it is about another trigger.
func (c *record) judge(ctx context.Context, rules []models.Rule) error {
	c.verdicts = map[string][]verdictOf{}
	open := map[string]bool{}
	for _, r := range rules {
		open[r.ID] = true
	}
	for from := 0; from < len(c.webhooks) && len(open) > 0; from += explainRead {
		some := c.webhooks[from:min(from+explainRead, len(c.webhooks))]
		rows, err := (&page{db: c.s.DB, shop: c.shop.ID}).byIDs(ctx, idsOf(some), "id", "evaluations")
		if err != nil {
			return fmt.Errorf("load verdicts to explain: %w", err)
		}
		for _, e := range some {
			at := slices.IndexFunc(rows, func(row models.Activity) bool { return row.ID == e.ID })
			if at < 0 {
				continue // it left the log meanwhile
			}
			for _, v := range Verdicts(c.s.DB, c.shop.ID, rows[at].Evaluations) {
				c.verdicts[v.RuleID] = append(c.verdicts[v.RuleID], verdictOf{v, e})
				if v.Evaluation.Outcome != models.OutcomeOtherTrigger {
					delete(open, v.RuleID)
				}
			}
		}
	}
	return nil
}

// explain decides between what the newest webhook, our last write and the newest verdict say of the rule.
func (c *record) explain(ctx context.Context, rule *models.Rule) (*Explanation, error) {
	verdict := c.verdictOf(rule.ID)
	write := c.writeOf(rule.ID)
	if write != nil && write.Outcome == models.SnapshotSucceeded && len(write.Adds) > 0 {
		return c.applied(ctx, rule, write)
	}
	if e := c.unfinished(verdict); e != nil {
		return e, nil
	}
	if write != nil && (verdict == nil || !verdict.entry.OccurredAt.After(write.FirstAt()) || verdict.entry.ID == write.CauseID) {
		return c.ofWrite(ctx, rule, write)
	}
	if verdict == nil {
		return c.unseen(rule), nil
	}
	return c.ofVerdict(rule, *verdict), nil
}

// verdictOf returns the newest verdict on a rule that is its own, or else the newest.
func (c *record) verdictOf(rule string) *verdictOf {
	all := c.verdicts[rule]
	for i := range all {
		if all[i].verdict.Evaluation.Outcome != models.OutcomeOtherTrigger {
			return &all[i]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

func (c *record) writeOf(rule string) *models.Snapshot {
	for i := range c.writes {
		if id := c.writes[i].RuleID; id != nil && *id == rule {
			return &c.writes[i]
		}
	}
	return nil
}

// entryOf returns the entry that tells of a write of ours, or nil where it left the log.
func (c *record) entryOf(ctx context.Context, write *models.Snapshot) (*Entry, error) {
	id := write.EntryID()
	for _, e := range c.entries {
		if e.ID == id {
			return e, nil
		}
	}
	rows, err := (&page{db: c.s.DB, shop: c.shop.ID}).byIDs(ctx, []string{id}, light...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return c.s.entries(rows)[0], nil
}
