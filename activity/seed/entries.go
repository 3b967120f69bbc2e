package seed

import (
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// chain makes something that happened and what it led to.
func (g *maker) chain(at time.Time) []*models.Activity {
	shop, b := g.shop()
	switch n := g.r.IntN(10_000); {
	case n < 7_600:
		return g.webhook(shop, b, at)
	case n < 8_300:
		return g.person(shop, b, at)
	case n < 8_900:
		return g.job(shop, at, "Sync the products")
	case n < 9_330:
		return g.payment(shop, b, at)
	case n < 9_750:
		return g.warehouse(shop, b, at)
	case n < 9_960:
		return g.bulk(shop, b, at)
	case n < 9_975:
		return g.cleanup(shop, at)
	default:
		return g.system(shop, at)
	}
}

// entry makes an entry that has what every entry has.
func (g *maker) entry(shop *models.Shop, at time.Time, kind models.ActivityType, action string, tabs int16) *models.Activity {
	g.made++
	took := time.Duration(5+g.r.IntN(900)) * time.Millisecond
	e := &models.Activity{
		ID:             models.DerivedID(at, fmt.Sprint(shop.Domain, g.log.Seed), fmt.Sprint(g.made)),
		ShopID:         shop.ID,
		RetentionClass: shop.ClassAt(at),
		OccurredAt:     at,
		UpdatedAt:      at.Add(took),
		Type:           kind,
		Action:         action,
		Categories:     tabs,
		Status:         models.Success,
		ActorType:      models.ActorSystem,
		ActorName:      activity.System().Name,
		Changes:        []models.FieldChange{},
		Evaluations:    []models.Evaluation{},
		Metadata:       object(`{"durationMs":%d}`, took.Milliseconds()),
		Attempts:       1,
	}
	g.outcome(e)
	return e
}

// troubles are why things fail, in the words of the program.
var troubles = []struct{ code, message string }{
	{"NETWORK", "Shopify did not answer. Tagtrail tries again by itself."},
	{"THROTTLED", "Shopify asked us to slow down for longer than we waited. Try again later."},
	{"INVALID_DATA", "Shopify refused the tag: it is longer than 40 characters. Shorten it in the rule."},
	{"MISSING_PERMISSION", "Tagtrail may not change customers in this shop. Open Tagtrail in the admin to grant it."},
	{"RESOURCE_DELETED", "The record is gone from the shop. There is nothing left to do."},
}

// outcome draws how it ended, and writes its history.
func (g *maker) outcome(e *models.Activity) {
	switch n := g.r.IntN(10_000); {
	case n < 9_560:
	case n < 9_770:
		e.Status = models.Warning
		code, message := "PARTIAL", "Some of it was done already by somebody else."
		e.ErrorCode, e.ErrorMessage = &code, &message
	case n < 9_985:
		e.Status = models.Failed
		trouble := troubles[min(g.r.IntN(len(troubles)), g.r.IntN(len(troubles)))]
		e.ErrorCode, e.ErrorMessage = &trouble.code, &trouble.message
		e.Attempts = 1 + g.r.IntN(8)
		if g.often(500) {
			stack := "goroutine 1 [running]:\nchange.(*Service).write\n\tchange/write.go:88\nchange.(*Service).Apply\n\tchange/change.go:141\n"
			e.ErrorStack = &stack
		}
	case n < 9_997:
		e.Status = models.Pending
	default:
		e.Status = models.InProgress
	}
	e.History = []models.StatusChange{{Status: models.Pending, At: e.OccurredAt}}
	if e.Status != models.Pending {
		e.History = append(e.History, models.StatusChange{Status: e.Status, At: e.UpdatedAt})
	}
}

// follows says what led to an entry.
func follows(e, cause *models.Activity) *models.Activity {
	e.CauseID = &cause.ID
	return e
}

// by says who did it.
func by(e *models.Activity, kind models.ActorType, id, name string) {
	e.ActorType, e.ActorID, e.ActorName = kind, &id, name
}

func (g *maker) later(at time.Time, most time.Duration) time.Time {
	return at.Add(time.Duration(20+g.r.Int64N(most.Milliseconds())) * time.Millisecond)
}

// webhook is something that Shopify tells of. In a third of the cases a rule applies, and often the change of it
// comes back as a webhook of its own.
func (g *maker) webhook(shop *models.Shop, b *business, at time.Time) []*models.Activity {
	thing, topic, verb := g.order(b), "orders/updated", "updated"
	switch n := g.r.IntN(100); {
	case n < 12:
		topic, verb = "orders/create", "created"
	case n < 25:
		thing, topic = g.customer(), "customers/update"
	case n < 28:
		thing, topic, verb = g.customer(), "customers/create", "created"
	case n < 45:
		thing, topic = g.product(), "products/update"
	}
	cause := g.told(shop, b, at, thing, topic, verb)
	chain := []*models.Activity{cause}
	if !g.often(3400) {
		return chain
	}
	applied := b.rules[int(g.actors.Uint64())+g.r.IntN(len(b.rules)-11)]
	before := []string{one(g, otherTags), one(g, otherTags)}
	after := append(slices.Clone(before), applied.tag)
	e := follows(g.entry(shop, g.later(at, time.Second), models.BackgroundJob, activity.SmartTagApplied, 1), cause)
	by(e, models.ActorRule, applied.id, applied.name)
	thing.about(e, shop)
	e.Summary = "Tag " + applied.tag + " added · " + thing.named()
	e.RuleID, e.RuleVersion = &applied.id, &applied.version
	if e.Status != models.Failed {
		e.Changes = []models.FieldChange{{Field: "tags", Before: list(before), After: list(after)}}
	} else {
		e.Summary = "Could not change tags · " + thing.named()
	}
	e.Evaluations = []models.Evaluation{g.verdict(applied, true)}
	e.Metadata = object(`{"cost":10,"durationMs":%d,"snapshotId":%q}`, 40+g.r.IntN(400), models.DerivedID(e.OccurredAt, e.ID, "snapshot"))
	chain = append(chain, e)
	if g.often(5000) {
		echo := follows(g.told(shop, b, g.later(e.OccurredAt, 3*time.Second), thing, topic, verb), e)
		echo.Summary += " (our own change came back)"
		chain = append(chain, echo)
	}
	return chain
}

// told is a webhook of Shopify's, with the rules that were looked at.
func (g *maker) told(shop *models.Shop, b *business, at time.Time, thing record, topic, verb string) *models.Activity {
	e := g.entry(shop, at, models.Webhook, activity.WebhookReceived, 16)
	by(e, models.ActorExternal, "shopify", "Shopify")
	thing.about(e, shop)
	e.Summary = thing.named() + " " + verb
	if thing.kind != "Order" {
		e.Summary = thing.kind + " " + e.Summary
	}
	for i := range 1 + g.r.IntN(3) {
		e.Evaluations = append(e.Evaluations, g.verdict(b.rules[(i*7+g.r.IntN(3))%len(b.rules)], false))
	}
	e.Metadata = object(`{"topic":%q,"webhookId":%q,"apiVersion":"2026-10","triggeredAt":%q,"bodyBytes":%d,"durationMs":%d}`,
		topic, models.DerivedID(at, e.ID, "webhook"), at.Format(time.RFC3339Nano), 2000+g.r.IntN(9000), 5+g.r.IntN(60))
	return e
}

func (g *maker) verdict(r rule, matched bool) models.Evaluation {
	actual, hint := fmt.Sprintf("%d.%02d", g.r.IntN(400), g.r.IntN(100)), "The value is less than what the rule asks for."
	condition := models.ConditionResult{
		Field:    r.field,
		Operator: models.Greater,
		Expected: []string{"500"},
		Actual:   []string{actual},
		Passed:   matched,
	}
	v := models.Evaluation{RuleID: r.id, Name: r.name, Version: r.version, Matched: matched, Outcome: models.OutcomeNotMatched}
	if matched {
		v.Outcome, v.AddTags = models.OutcomeMatched, []string{r.tag}
	} else {
		condition.Hint = &hint
	}
	v.Conditions = []models.ConditionResult{condition}
	return v
}

// someone draws who of the staff does something: a few do most.
func (g *maker) someone(e *models.Activity) {
	n := int(g.actors.Uint64())
	by(e, models.ActorStaff, fmt.Sprint(90_000_001+n), staff[n])
}

// person is something that one of the staff did.
func (g *maker) person(shop *models.Shop, b *business, at time.Time) []*models.Activity {
	e := g.entry(shop, at, models.UserAction, activity.COGSUpdated, 4)
	switch n := g.r.IntN(100); {
	case n < 45:
		thing, cost := g.product(), 4+g.r.IntN(60)
		thing.about(e, shop)
		e.Summary = "Unit cost changed · " + thing.title
		e.Changes = []models.FieldChange{{Field: "unitCost", Before: object(`"%d.00"`, cost), After: object(`"%d.50"`, cost)}}
	case n < 75:
		thing := g.product()
		e.Action = activity.MetafieldUpdated
		if n < 52 {
			e.Action = activity.MetafieldCreated
		}
		thing.about(e, shop)
		e.Summary = "Metafield custom.region set · " + thing.title
		e.Changes = []models.FieldChange{{Field: "custom.region", After: object(`"Region %d"`, g.r.IntN(40))}}
	default:
		r := one(g, b.rules)
		e.Action, e.Categories = one(g, []string{activity.RuleUpdated, activity.RuleEnabled, activity.RuleDisabled}), 0
		record{"Rule", r.id, r.name}.about(e, shop)
		e.Summary = "Rule updated · " + r.name
		e.Changes = []models.FieldChange{{Field: "priority", Before: object("%d", n%9), After: object("%d", n%7)}}
	}
	g.someone(e)
	return []*models.Activity{e}
}

// job is work that begins and ends.
func (g *maker) job(shop *models.Shop, at time.Time, name string) []*models.Activity {
	queued := g.entry(shop, at, models.BackgroundJob, activity.JobQueued, 16)
	queued.Summary = "Job queued · " + name
	done := follows(g.entry(shop, g.later(at, 90*time.Second), models.BackgroundJob, activity.JobCompleted, 16), queued)
	done.Summary = "Job completed · " + name
	done.Metadata = object(`{"processed":%d,"durationMs":%d}`, g.r.IntN(2000), done.OccurredAt.Sub(at).Milliseconds())
	return []*models.Activity{queued, done}
}

// bulk is an operation over many records that one of the staff starts.
func (g *maker) bulk(shop *models.Shop, b *business, at time.Time) []*models.Activity {
	tag := one(g, b.rules).tag
	e := g.entry(shop, at, models.UserAction, activity.BulkTagUpdate, 3)
	if g.often(3000) {
		e.Action, e.Categories = activity.BulkOperation, 2
	}
	e.OperationID = &e.ID
	processed := 10 + g.r.IntN(5000)
	e.Summary = fmt.Sprintf("Tag %s added to %d products", tag, processed)
	e.Metadata = object(`{"processed":%d,"cost":%d,"query":"vendor:%s"}`, processed, processed*10, one(g, makers))
	g.someone(e)
	chain := []*models.Activity{e}
	for _, part := range g.job(shop, g.later(at, time.Second), e.Summary) {
		part.OperationID = &e.ID
		chain = append(chain, follows(part, e))
	}
	return chain
}

// payment is an event of Stripe.
func (g *maker) payment(shop *models.Shop, b *business, at time.Time) []*models.Activity {
	thing := g.order(b)
	e := g.entry(shop, at, models.Webhook, "PAYMENT_SUCCEEDED", 0)
	e.Summary = "Payment succeeded · " + thing.named()
	if e.Status == models.Failed || g.often(300) {
		e.Action, e.Summary = "PAYMENT_FAILED", "Payment failed · "+thing.named()
	}
	by(e, models.ActorExternal, "stripe", "Stripe")
	thing.about(e, shop)
	e.Metadata = object(`{"event":"evt_%x","amount":%d,"currency":"cad"}`, g.r.Uint64(), 500+g.r.IntN(90_000))
	return []*models.Activity{e}
}

// warehouse is what a program of the shop's own records, by an API key.
func (g *maker) warehouse(shop *models.Shop, b *business, at time.Time) []*models.Activity {
	thing := g.order(b)
	e := g.entry(shop, at, models.BackgroundJob, one(g, []string{"SHIPMENT_CREATED", "SHIPMENT_CREATED", "STOCK_ADJUSTED", "RELEASE_PROMOTED"}), 0)
	by(e, models.ActorAPI, b.key, "Warehouse")
	thing.about(e, shop)
	e.Summary = "Shipment created · " + thing.named()
	e.Changes = []models.FieldChange{{Field: "status", Before: object(`"PENDING"`), After: object(`"SHIPPED"`)}}
	return []*models.Activity{e}
}

// cleanup is rare.
func (g *maker) cleanup(shop *models.Shop, at time.Time) []*models.Activity {
	e := g.entry(shop, at, models.BackgroundJob, activity.TagCleanup, 9)
	e.Summary = fmt.Sprintf("Tags cleaned up · %d spellings made one", 2+g.r.IntN(5))
	if g.often(3000) {
		e.Action, e.Categories, e.Summary = activity.DataCleanup, 8, "White space removed from 12 titles"
	}
	return []*models.Activity{e}
}

// system is Tagtrail's own.
func (g *maker) system(shop *models.Shop, at time.Time) []*models.Activity {
	e := g.entry(shop, at, models.SystemEvent, "SETTINGS_CHANGED", 16)
	e.Summary = "Settings changed"
	e.Changes = []models.FieldChange{{Field: "retentionDays", Before: object("30"), After: object("%d", 10+g.r.IntN(20))}}
	if g.often(3000) {
		e.Action, e.Summary = activity.StaffFirstSeen, one(g, staff)+" opened Tagtrail for the first time"
	}
	g.someone(e)
	return []*models.Activity{e}
}
