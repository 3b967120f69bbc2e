package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
)

// maxTestEvents is how many webhooks one test looks at.
const maxTestEvents = 50

// RuleTest asks what a rule would do.
type RuleTest struct {
	RuleID     *string
	Rule       *models.RuleDefinition
	ResourceID *string
	Payload    json.RawMessage
	LastEvents *int
}

// TestResult is what a rule would do to one record.
type TestResult struct {
	ResourceID string
	Title      string
	Evaluation *activity.Verdict
	Before     json.RawMessage
	After      json.RawMessage
}

// TestReport is what a rule would do, record by record.
type TestReport struct {
	Results []*TestResult
	Matched int
}

// TestRule evaluates a rule, saved or not, against records. It writes nothing.
func (s *Service) TestRule(ctx context.Context, shop *models.Shop, test RuleTest) (*TestReport, error) {
	rule, err := s.ruleToTest(ctx, shop, &test)
	if err != nil {
		return nil, err
	}
	records, err := s.recordsToTest(ctx, shop, rule, &test)
	if err != nil {
		return nil, err
	}
	report := &TestReport{}
	compiled := rules.CompileRule(rule)
	for _, facts := range records {
		_, err := s.read(ctx, shop, facts, rules.Needs([]models.RuleDefinition{rule.RuleDefinition}, *facts))
		if err != nil && shopify.KindOf(err) != shopify.Gone {
			return nil, fault.Wrap(err, fault.Unavailable, "Shopify did not tell what the rule asks for. Try again in a minute.")
		}
		result, err := s.testOne(ctx, shop, rule, compiled, facts)
		if err != nil {
			return nil, err
		}
		if result.Evaluation.Matched {
			report.Matched++
		}
		report.Results = append(report.Results, result)
	}
	return report, nil
}

func (s *Service) testOne(ctx context.Context, shop *models.Shop, rule *models.Rule, compiled *rules.Compiled, facts *rules.Facts) (*TestResult, error) {
	owned, err := s.Change.Owned(ctx, shop, facts.ID)
	if err != nil {
		return nil, err
	}
	evaluation := compiled.Evaluate(rule.Triggers[0], facts, models.Now().In(shop.Zone()))
	planned := rules.Plan([]rules.Candidate{{Definition: rule.RuleDefinition, Evaluation: evaluation}}, facts.Tags, owned)
	result := &TestResult{
		ResourceID: facts.ID,
		Title:      facts.Title,
		Evaluation: activity.Verdicts(s.DB, shop.ID, planned.Evaluations)[0],
	}
	if facts.TagsKnown {
		after := facts.Tags.Without(planned.Removes...)
		for _, tag := range planned.Adds {
			after = after.With(tag)
		}
		difference := tagChanges(facts.Tags, after)[0]
		result.Before, result.After = difference.Before, difference.After
	}
	return result, nil
}

// ruleToTest returns the rule as if it were enabled: what it would do is the question.
func (s *Service) ruleToTest(ctx context.Context, shop *models.Shop, test *RuleTest) (*models.Rule, error) {
	var rule *models.Rule
	switch {
	case (test.RuleID == nil) == (test.Rule == nil):
		return nil, fault.Field("Give either a saved rule or one to try, not both.", "ruleId")
	case test.RuleID != nil:
		saved, err := s.Rules.Get(ctx, shop.ID, *test.RuleID)
		if err != nil {
			return nil, err
		}
		rule = saved
	default:
		problems := rules.Validate(*test.Rule)
		for i := range problems {
			problems[i].Field = append([]string{"rule"}, problems[i].Field...)
		}
		if err := fault.Problems(problems); err != nil {
			return nil, err
		}
		rule = &models.Rule{RuleDefinition: *test.Rule}
	}
	rule.Enabled, rule.PausedReason = true, nil
	return rule, nil
}

func (s *Service) recordsToTest(ctx context.Context, shop *models.Shop, rule *models.Rule, test *RuleTest) ([]*rules.Facts, error) {
	given := 0
	for _, set := range []bool{test.ResourceID != nil, len(test.Payload) > 0, test.LastEvents != nil} {
		if set {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, fault.Field("Say what to test against: one record, one webhook's body, or the last webhooks.", "resourceId")
	case test.ResourceID != nil:
		return s.oneRecord(ctx, shop, rule.Resource, *test.ResourceID)
	case test.LastEvents != nil:
		return s.lastRecords(ctx, shop, rule.Resource, *test.LastEvents)
	}
	facts, err := rules.FromPayload(rule.Resource, test.Payload)
	if f, ok := fault.As(err); ok {
		return nil, fault.Field("The body cannot be read as a webhook about this kind of record. "+f.Message, "payload")
	}
	if err != nil {
		return nil, err
	}
	return []*rules.Facts{&facts}, nil
}

// oneRecord returns what the last webhook about a record said.
func (s *Service) oneRecord(ctx context.Context, shop *models.Shop, resource models.ResourceType, id string) ([]*rules.Facts, error) {
	if !strings.HasPrefix(strings.ToLower(id), "gid://shopify/"+strings.ToLower(string(resource))+"/") {
		return nil, fault.Field("The rule is about another kind of record.", "resourceId")
	}
	var known models.Resource
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND id = ?", shop.ID, id).Take(&known).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fault.Field("Tagtrail has not had a webhook about this record yet. Change something on it in Shopify, then test again.", "resourceId")
	}
	if err != nil {
		return nil, fmt.Errorf("load resource: %w", err)
	}
	facts, err := s.factsOf(ctx, shop.ID, known.DeliveryID, resource)
	if err != nil {
		return nil, err
	}
	if facts == nil || facts.ID == "" {
		return nil, fault.Field("The last webhook about this record is no longer kept.", "resourceId")
	}
	return []*rules.Facts{facts}, nil
}

// lastRecords returns what the last webhooks said of the records they were about, each record once.
func (s *Service) lastRecords(ctx context.Context, shop *models.Shop, resource models.ResourceType, count int) ([]*rules.Facts, error) {
	if count < 1 || count > maxTestEvents {
		return nil, fault.Field(fmt.Sprintf("Ask for between 1 and %d webhooks.", maxTestEvents), "lastEvents")
	}
	// The entries find them: they have an index on time, and the inbox is spared one.
	var ids []string
	err := s.DB.WithContext(ctx).Model(&models.Activity{}).
		Where("shop_id = ? AND type = ? AND entity_type = ?", shop.ID, models.Webhook, change.KindName(resource)).
		Order("occurred_at DESC, id DESC").Limit(2*count).Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("find last deliveries: %w", err)
	}
	var last []models.Delivery
	err = s.DB.WithContext(ctx).Where("shop_id = ? AND id IN ? AND source_id IS NULL", shop.ID, ids).Order("received_at DESC, id DESC").Find(&last).Error
	if err != nil {
		return nil, fmt.Errorf("load last deliveries: %w", err)
	}
	var records []*rules.Facts
	seen := map[string]bool{}
	for i := range last {
		if last[i].SourceID != nil || topicOf(last[i].Topic).kind != changed || len(records) == count {
			continue
		}
		body, err := Body(&last[i])
		if err != nil {
			return nil, err
		}
		facts, err := rules.FromPayload(resource, body)
		if err != nil || facts.ID == "" || seen[facts.ID] {
			continue // its own entry says what was wrong with it
		}
		seen[facts.ID] = true
		records = append(records, &facts)
	}
	return records, nil
}
