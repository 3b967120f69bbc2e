package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify"
)

// work does what the topic asks for. It returns the entry as it will be once the effect is committed with it.
func (s *Service) work(ctx context.Context, t *try) (*models.Activity, effect, error) {
	if t.source != nil {
		return s.fromSource(t)
	}
	entry := s.entryOf(t)
	t.entry = entry
	if !json.Valid(t.body) {
		return failedEntry(entry, activity.CodeInvalidBody, "The body is not valid JSON, although Shopify signed it. Nothing was done. Tell Shopify's support the webhook id in the details."), nil, nil
	}
	switch t.topic.kind {
	case changed:
		return s.recordChanged(ctx, t, entry)
	case tagged:
		return s.customerTagged(ctx, t, entry)
	case deleted:
		return s.recordDeleted(ctx, t, entry)
	case uninstalled:
		return entry, func(tx *activity.Tx) error {
			return s.Shops.Uninstall(tx, t.shop, t.TriggeredAt, t.ID)
		}, nil
	case asked:
		return s.privacyAsked(t, entry)
	case unknown:
		return warn(entry, "UNKNOWN_TOPIC", fmt.Sprintf("Tagtrail does not know the topic %q. It was kept, nothing was done.", t.Topic)), nil, nil
	case noted:
	}
	return s.writeDown(ctx, t, entry)
}

// entryOf returns the entry of a delivery before anything is known of its record.
func (s *Service) entryOf(t *try) *models.Activity {
	values := map[string]any{
		"topic":       t.Topic,
		"webhookId":   t.senderID(),
		"apiVersion":  t.APIVersion,
		"triggeredAt": t.TriggeredAt.Format(time.RFC3339Nano),
		"bodyBytes":   len(t.body),
		"durationMs":  models.Now().Sub(t.began).Milliseconds(),
	}
	if t.EventID != "" {
		values["eventId"] = t.EventID
	}
	entry := &models.Activity{
		Status:  models.Success,
		Summary: t.topic.noun + " " + t.topic.verb,
	}
	for name, value := range values {
		entry.Metadata = withValue(entry.Metadata, name, value)
	}
	return entry
}

// senderID is the delivery's id as its sender wrote it.
func (t *try) senderID() string {
	if t.source == nil {
		return t.WebhookID
	}
	return strings.TrimPrefix(t.WebhookID, t.source.ID+":")
}

// withValue returns the object with one more value in it.
func withValue(object json.RawMessage, name string, value any) json.RawMessage {
	values := map[string]json.RawMessage{}
	if len(object) > 0 {
		if err := json.Unmarshal(object, &values); err != nil {
			values = map[string]json.RawMessage{} // only our own objects come here
		}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return object
	}
	values[name] = raw
	merged, err := json.Marshal(values)
	if err != nil {
		return object
	}
	return merged
}

func warn(entry *models.Activity, code, message string) *models.Activity {
	entry.Status = models.Warning
	entry.ErrorCode, entry.ErrorMessage = &code, &message
	return entry
}

func failedEntry(entry *models.Activity, code, message string) *models.Activity {
	entry = warn(entry, code, message)
	entry.Status = models.Failed
	return entry
}

// about says which record an entry is about.
func (s *Service) about(t *try, entry *models.Activity, id, title string) {
	kind := change.KindName(t.topic.resource)
	entry.EntityType, entry.EntityID = &kind, &id
	entry.EntityTitle = &title
	entry.EntityURL = s.Shops.RecordURL(t.shop, id)
	entry.Summary = change.Named(t.topic.resource, title) + " " + t.topic.verb
	if t.topic.resource != models.Order {
		entry.Summary = t.topic.noun + " " + entry.Summary
	}
}

// recordChanged lets the rules look at a record that was created or updated.
func (s *Service) recordChanged(ctx context.Context, t *try, entry *models.Activity) (*models.Activity, effect, error) {
	facts, err := rules.FromPayload(t.topic.resource, t.body)
	if err != nil || facts.ID == "" {
		return failedEntry(entry, activity.CodeInvalidBody, "The body does not say which record it is about. Nothing was done."), nil, nil //nolint:nilerr // the entry says so
	}
	s.about(t, entry, facts.ID, facts.Title)
	before, err := s.heard(ctx, t, &facts)
	if err != nil {
		return nil, nil, err
	}
	if before.newer != nil {
		// This delivery was overtaken. The rules look at what is true now, for the trigger of this one.
		facts = *before.newer
		entry.Metadata = withValue(entry.Metadata, "overtaken", true)
	} else {
		entry.Changes = differences(before.older, &facts)
	}
	if err := s.echo(ctx, t, entry, &facts); err != nil {
		return nil, nil, err
	}
	return s.judge(ctx, t, entry, &facts)
}

// customerTagged lets the rules look at a customer whose tags changed. The webhook carries nothing but the tags.
func (s *Service) customerTagged(ctx context.Context, t *try, entry *models.Activity) (*models.Activity, effect, error) {
	var payload struct {
		CustomerID string   `json:"customerId"`
		Tags       []string `json:"tags"`
	}
	if err := json.Unmarshal(t.body, &payload); err != nil || payload.CustomerID == "" {
		return failedEntry(entry, activity.CodeInvalidBody, "The body does not say which customer it is about. Nothing was done."), nil, nil //nolint:nilerr // the entry says so
	}
	payload.CustomerID = storable(payload.CustomerID)
	for i, tag := range payload.Tags {
		payload.Tags[i] = storable(tag)
	}
	title, err := s.titleOf(ctx, t, payload.CustomerID)
	if err != nil {
		return nil, nil, err
	}
	s.about(t, entry, payload.CustomerID, title)
	adds, removes := models.Tags(payload.Tags), models.Tags(nil)
	if t.Topic == "customer.tags_removed" {
		adds, removes = removes, adds
	}
	entry.Summary = change.Describe(adds, removes) + " · " + title
	entry.Changes = tagChanges(removes, adds)
	facts, err := rules.FromPayload(models.Customer, t.body)
	if err != nil {
		return nil, nil, err
	}
	facts.Title = title
	if err := s.echoOfTags(ctx, t, entry, payload.CustomerID, adds, removes); err != nil {
		return nil, nil, err
	}
	return s.judge(ctx, t, entry, &facts)
}

// judge evaluates every rule and applies what follows.
func (s *Service) judge(ctx context.Context, t *try, entry *models.Activity, facts *rules.Facts) (*models.Activity, effect, error) {
	found, err := s.Rules.For(ctx, t.ShopID, t.topic.resource)
	if err != nil {
		return nil, nil, err
	}
	if t.shop.UninstalledAt != nil {
		warn(entry, activity.CodeUninstalled, "The app was uninstalled, so the rules did not look at this record.")
		return entry, both(s.forgetGone(t, facts), s.giveUp(t, *entry.ErrorCode, *entry.ErrorMessage)), nil
	}
	if len(found) == 0 {
		return entry, both(s.forgetGone(t, facts), s.giveUp(t, activity.CodeRuleGone, "The rule that asked for the change is gone.")), nil
	}
	if err := s.fillIn(ctx, t, found, facts); err != nil {
		if shopify.KindOf(err) != shopify.Gone {
			return nil, nil, err
		}
		warn(entry, activity.CodeResourceDeleted, "The record was deleted before the rules could look at it.")
		return entry, s.giveUp(t, *entry.ErrorCode, *entry.ErrorMessage), nil
	}
	forget := s.forgetGone(t, facts)
	s.titled(t, entry, facts)
	candidates := s.evaluate(t, found, facts)
	result, err := s.apply(ctx, t, facts, candidates)
	if shopify.KindOf(err) == shopify.Gone {
		entry.Evaluations = evaluationsOf(candidates)
		return warn(entry, activity.CodeResourceDeleted, "The record was deleted before its tags could be changed."), forget, nil
	}
	if err != nil {
		return nil, nil, err
	}
	t.cost += result.Cost
	entry.Evaluations = result.Evaluations
	entry.Metadata = withValue(entry.Metadata, "cost", t.cost)
	verdict(entry, result)
	return entry, forget, nil
}

// giveUp ends what an earlier try intended, where the work ends without it.
func (s *Service) giveUp(t *try, code, message string) effect {
	return func(tx *activity.Tx) error { return s.Change.GiveUp(tx, t.shop, t.ID, code, message) }
}

func both(first, second effect) effect {
	if first == nil {
		return second
	}
	return func(tx *activity.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		return second(tx)
	}
}

// titled gives an entry the title that was read, where webhooks tell none.
func (s *Service) titled(t *try, entry *models.Activity, facts *rules.Facts) {
	if facts.Title == *entry.EntityTitle || facts.Title == "" {
		return
	}
	entry.Summary = strings.Replace(entry.Summary, *entry.EntityTitle, facts.Title, 1)
	title := facts.Title
	entry.EntityTitle = &title
}

// apply hands the rules to change, if they want anything that is not so already.
func (s *Service) apply(ctx context.Context, t *try, facts *rules.Facts, candidates []rules.Candidate) (*change.Result, error) {
	begun, err := s.Change.Begun(ctx, t.shop, t.ID)
	if err != nil {
		return nil, err
	}
	if facts.TagsKnown && !begun {
		owned, err := s.Change.Owned(ctx, t.shop, facts.ID)
		if err != nil {
			return nil, err
		}
		if planned := rules.Plan(candidates, facts.Tags, owned); planned.Empty() {
			return &change.Result{Evaluations: planned.Evaluations, Refused: planned.Refused}, nil
		}
	}
	return s.Change.Apply(ctx, change.Request{
		Shop:       t.shop,
		ResourceID: facts.ID,
		Resource:   t.topic.resource,
		CauseID:    t.ID,
		Again:      t.EarlierAttempts > 0,
		Candidates: candidates,
	})
}

// verdict makes the entry a warning where not everything that was wanted was done.
func verdict(entry *models.Activity, result *change.Result) {
	for _, e := range result.Evaluations {
		if e.Outcome == models.OutcomeError {
			warn(entry, activity.CodeRuleError, fmt.Sprintf("The rule %s could not be decided: a value it asks for could not be read.", e.Name))
		}
	}
	if len(result.Refused) > 0 {
		warn(entry, activity.CodeTagLimit, fmt.Sprintf("The tag %s was not added: %s", result.Refused[0].Tag, result.Refused[0].Reason))
	}
	if len(result.Paused) > 0 {
		warn(entry, "RULE_PAUSED", fmt.Sprintf("The rule %s was paused: it changed this record too often.", result.Paused[0]))
	}
	if failed := result.Failed(); len(failed) > 0 {
		warn(entry, *failed[0].ErrorCode, *failed[0].ErrorMessage)
	}
}

func evaluationsOf(candidates []rules.Candidate) []models.Evaluation {
	evaluations := make([]models.Evaluation, len(candidates))
	for i, c := range candidates {
		evaluations[i] = c.Evaluation
	}
	return evaluations
}

// recordDeleted remembers that a record is gone, and under which title it was known.
func (s *Service) recordDeleted(ctx context.Context, t *try, entry *models.Activity) (*models.Activity, effect, error) {
	id, err := deletedID(t)
	if err != nil {
		return failedEntry(entry, activity.CodeInvalidBody, "The body does not say which record it is about. Nothing was done."), nil, nil //nolint:nilerr // the entry says so
	}
	title, err := s.titleOf(ctx, t, id)
	if err != nil {
		return nil, nil, err
	}
	s.about(t, entry, id, title)
	entry.EntityURL = nil
	return entry, func(tx *activity.Tx) error { return markDeleted(tx, t, id, title) }, nil
}

// deletedID returns the record's global id. Ids are 64-bit numbers and are never read as floats.
func deletedID(t *try) (string, error) {
	var payload struct {
		ID      json.Number `json:"id"`
		GraphQL string      `json:"admin_graphql_api_id"`
	}
	decoder := json.NewDecoder(bytes.NewReader(t.body))
	decoder.UseNumber()
	if err := decoder.Decode(&payload); err != nil {
		return "", fmt.Errorf("read deleted record: %w", err)
	}
	if payload.GraphQL != "" {
		return storable(payload.GraphQL), nil
	}
	if payload.ID == "" {
		return "", errors.New("read deleted record: it has no id")
	}
	return "gid://shopify/" + change.KindName(t.topic.resource) + "/" + payload.ID.String(), nil
}

// storable takes out of a text the one character that no database keeps.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "") }
