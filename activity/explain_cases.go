package activity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// unknownActor is who did something at Shopify's end: a webhook does not tell.
func unknownActor() *models.Actor { return &models.Actor{Type: models.ActorExternal, Name: "Unknown"} }

// unfinished explains work that is still to be done: the newest webhook waits, or it has failed.
func (c *record) unfinished(verdict *verdictOf) *Explanation {
	if len(c.webhooks) == 0 {
		return nil
	}
	newest := c.webhooks[0]
	if verdict != nil && verdict.entry.OccurredAt.After(newest.OccurredAt) {
		return nil
	}
	why := ""
	if newest.ErrorMessage != nil {
		why = " " + *newest.ErrorMessage
	}
	e := &Explanation{Outcome: Waiting, At: &newest.OccurredAt, Activity: newest}
	switch {
	case !newest.Status.Final():
		e.Message = "The webhook of " + c.time(newest.OccurredAt) + " is still being worked on." + why
	case newest.Status == models.Failed:
		e.Message = "The work on the webhook of " + c.time(newest.OccurredAt) + " has failed, so the rule has not acted." + why
		if newest.Retryable() {
			e.Message += " You can retry it from its entry."
		}
	default:
		return nil
	}
	return e
}

// applied explains a write that put tags on: they are there, as far as we know, or somebody took them off again.
func (c *record) applied(ctx context.Context, rule *models.Rule, write *models.Snapshot) (*Explanation, error) {
	e, err := c.fromWrite(ctx, rule, write, Applied)
	if err != nil {
		return nil, err
	}
	e.Message = "The rule acted on " + c.time(*write.FinishedAt) + ": " + effect(write) + "."
	for _, removed := range []func(context.Context, *Explanation, *models.Snapshot) (bool, error){c.removedByUs, c.removedByOthers} {
		if done, err := removed(ctx, e, write); err != nil || done {
			return e, err
		}
	}
	for _, tag := range write.Adds {
		o, ok := c.owned[models.TagKey(tag)]
		if ok && o.RuleID != rule.ID {
			e.Message += " The tag " + tag + " was put there again by another rule on " + c.time(o.Since) + "."
		}
		if ok {
			return e, nil
		}
	}
	if c.known != nil && c.known.DeletedAt != nil {
		e.Message += " The record was deleted on " + c.time(*c.known.DeletedAt) + "."
		return e, nil
	}
	e.Outcome, e.RemovedBy = RemovedLater, unknownActor()
	e.Message += " The tag is gone since; when, and who took it off, the log does not tell."
	return e, nil
}

// fromWrite begins the explanation of a write of ours, with the verdict that led to it.
func (c *record) fromWrite(ctx context.Context, rule *models.Rule, write *models.Snapshot, outcome string) (*Explanation, error) {
	entry, err := c.entryOf(ctx, write)
	if err != nil {
		return nil, fmt.Errorf("load the entry of a write: %w", err)
	}
	e := &Explanation{Outcome: outcome, At: &write.CreatedAt, Activity: entry}
	if write.FinishedAt != nil {
		e.At = write.FinishedAt
	}
	for _, v := range c.verdicts[rule.ID] {
		if v.entry.ID == write.CauseID {
			e.Evaluation = v.verdict
		}
	}
	if e.Evaluation != nil || entry == nil {
		return e, nil
	}
	verdicts, err := entry.Evaluated(ctx)
	for _, v := range verdicts {
		if v.RuleID == rule.ID {
			e.Evaluation = v
		}
	}
	return e, err
}

// ofWrite explains by our last write for the rule, which put no tag on.
func (c *record) ofWrite(ctx context.Context, rule *models.Rule, write *models.Snapshot) (*Explanation, error) {
	e, err := c.fromWrite(ctx, rule, write, Applied)
	if err != nil {
		return nil, err
	}
	switch {
	case write.Outcome == models.SnapshotFailed:
		e.Outcome = Refused
		e.Message = "The rule wanted to act on " + c.time(*e.At) + ", but could not. " + said(write.ErrorMessage)
	case write.Outcome != models.SnapshotSucceeded:
		e.Outcome = Waiting
		e.Message = "The change of tags is being worked on."
	case e.Evaluation != nil && e.Evaluation.Evaluation.Outcome == models.OutcomeNotMatched:
		e.Outcome = NotMatched
		e.Message = c.falseCondition(&e.Evaluation.Evaluation) + " So the rule took off again what it had put there: " + effect(write) + "."
	default:
		e.Message = "The rule acted on " + c.time(*e.At) + ": " + effect(write) + "."
	}
	return e, nil
}

// removedByUs tells of a later write of ours that took off what the write had put on.
func (c *record) removedByUs(ctx context.Context, e *Explanation, write *models.Snapshot) (bool, error) {
	for i := range c.writes {
		later := &c.writes[i]
		if later.Outcome != models.SnapshotSucceeded || !later.CreatedAt.After(write.CreatedAt) || !overlap(later.Removes, write.Adds) {
			continue
		}
		entry, err := c.entryOf(ctx, later)
		if err != nil {
			return false, fmt.Errorf("load the entry of a write: %w", err)
		}
		e.Outcome, e.At, e.Activity = RemovedLater, later.FinishedAt, entry
		by, actor := "The rule "+later.RuleName, models.Actor{Type: models.ActorRule, ID: later.RuleID, Name: later.RuleName}
		if later.RuleID == nil {
			by, actor = "An operation", System()
		}
		e.RemovedBy = &actor
		e.Message += " " + by + " took it off on " + c.time(*later.FinishedAt) + "."
		return true, nil
	}
	return false, nil
}

// removedByOthers tells of a later entry in which the tags went. Who it was at Shopify's end is not guessed.
func (c *record) removedByOthers(_ context.Context, e *Explanation, write *models.Snapshot) (bool, error) {
	for _, entry := range c.entries {
		before, after := entry.tagChange()
		if !entry.OccurredAt.After(*write.FinishedAt) || entry.echoes() || !overlap(before.Without(after...), write.Adds) {
			continue
		}
		e.Outcome, e.At, e.Activity, e.RemovedBy = RemovedLater, &entry.OccurredAt, entry, unknownActor()
		who := "somebody in Shopify, a person or another app: its webhooks do not tell who"
		if entry.Type != models.Webhook {
			e.RemovedBy = entry.Actor()
			who = e.RemovedBy.Name
		}
		e.Message += " It was taken off on " + c.time(entry.OccurredAt) + " by " + who + "."
		return true, nil
	}
	return false, nil
}

func overlap(a, b models.Tags) bool { return len(a.Without(b...)) < len(a) }

// unseen explains a rule that has never looked at the record, as far as the log reaches back.
func (c *record) unseen(rule *models.Rule) *Explanation {
	e := &Explanation{Outcome: NoWebhook}
	kind := kindOf(c.resource)
	switch {
	case len(c.webhooks) > 0 && c.webhooks[0].OccurredAt.Before(rule.CreatedAt):
		newest := c.webhooks[0]
		e.At, e.Activity = &newest.OccurredAt, newest
		e.Message = "No webhook about this record has come since the rule was made on " + c.time(rule.CreatedAt) + "; the newest came on " + c.time(newest.OccurredAt) + "." + changeIt
	case len(c.webhooks) > 0:
		newest := c.webhooks[0]
		e.At, e.Activity = &newest.OccurredAt, newest
		e.Message = "The rules did not look at the webhook of " + c.time(newest.OccurredAt) + ". " + said(newest.ErrorMessage)
	case c.queued > 0:
		e.Outcome = Waiting
		e.Message = fmt.Sprintf("Nothing is known of this record yet, but %d webhooks about this kind of record wait to be worked on. Look again in a minute.", c.queued)
	default:
		e.Message = "No webhook about this record has come since Tagtrail was connected on " + c.time(c.shop.InstalledAt) +
			fmt.Sprintf(", or it came more than %d days ago and has left the log.", c.shop.RetentionDays) +
			" Check that the record belongs to this shop, and that it was created or changed since then." + changeIt
	}
	if c.known != nil && c.known.DeletedAt != nil {
		e.Message += " The " + strings.ToLower(kind) + " was deleted on " + c.time(*c.known.DeletedAt) + "."
	}
	if c.shop.UninstalledAt != nil {
		e.Message += " Tagtrail is not installed in the shop since " + c.time(*c.shop.UninstalledAt) + ", so nothing comes."
	}
	return e
}

const changeIt = " Change something on the record in Shopify, and the rule looks at it."

// ofVerdict explains by the newest verdict on the rule, which led to no write.
func (c *record) ofVerdict(rule *models.Rule, v verdictOf) *Explanation {
	e := &Explanation{At: &v.entry.OccurredAt, Evaluation: v.verdict, Activity: v.entry}
	e.Outcome, e.Message = c.words(rule, v)
	evaluation := &v.verdict.Evaluation
	switch {
	case evaluation.Version == rule.Version || e.Outcome == Paused:
	case !rule.Enabled:
		e.Outcome = Disabled
		e.Message = "The rule is switched off since " + c.time(rule.UpdatedAt) + ". Before: " + e.Message
		return e
	case e.Outcome == Disabled:
		e.Message += " It was saved anew on " + c.time(rule.UpdatedAt) + ", and no webhook has come since." + changeIt
		return e
	default:
		e.Outcome = NoWebhook
		e.Message = "No webhook about this record has come since the rule was changed on " + c.time(rule.UpdatedAt) + "." + changeIt + " Before: " + e.Message
		return e
	}
	twice := v.entry == c.webhooks[0] && v.entry.told().DuplicatesSuppressed > 0
	if twice && (e.Outcome == NotMatched || e.Outcome == Unchanged || e.Outcome == OtherTrigger || e.Outcome == Outranked) {
		e.Outcome = Duplicate
		e.Message = "Shopify sent the webhook of " + c.time(v.entry.OccurredAt) + " again. Each is worked on once, so the duplicate was suppressed. The first time: " + e.Message
	}
	return e
}

// time tells a time in the shop's zone.
func (c *record) time(at time.Time) string {
	return at.In(c.shop.Zone()).Format("2 Jan 2006, 15:04:05")
}
