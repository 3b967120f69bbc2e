package main

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

const rulesOrder = "rules/testdata/webhooks/orders__create.json"

// hundredRules are rules as shops have them: two to four conditions of all kinds, of which some match.
func hundredRules() ([]models.RuleDefinition, error) {
	is := func(field string, operator models.Operator, values ...string) models.Condition {
		return models.Condition{Field: field, Operator: operator, Values: values}
	}
	defs := make([]models.RuleDefinition, 100)
	for i := range defs {
		when := []models.Condition{is("total_price", models.Greater, fmt.Sprint(4*i)), is("currency", models.In, "USD", "CAD", "EUR")}
		switch i % 4 {
		case 0:
			when = append(when, is("line_items.sku", models.StartsWith, fmt.Sprint("IPOD", i)))
		case 1:
			when = append(when, is("email_domain", models.Equals, "example.com"), is("created_at", models.OlderThan, "7"))
		case 2:
			when = append(when, is("tags", models.NotContains, fmt.Sprint("done-", i)), is("email", models.Matches, `@(shop|example)\.`))
		}
		defs[i] = models.RuleDefinition{
			Name:     fmt.Sprint("Rule ", i),
			Resource: models.Order,
			Triggers: []models.Trigger{models.Created, models.Updated},
			When:     models.ConditionGroup{Match: models.MatchAll, Conditions: when},
			AddTags:  []string{fmt.Sprint("tag-", i)},
			Enabled:  true,
		}
		if problems := rules.Validate(defs[i]); len(problems) > 0 {
			return nil, fmt.Errorf("rule %d: %v", i, problems)
		}
	}
	return defs, nil
}

// benchRules prints what deciding about one order costs: nothing of it reads or writes anything outside.
func benchRules() error {
	raw, err := os.ReadFile(rulesOrder)
	if err != nil {
		return fmt.Errorf("read the sample; run it in the project's folder: %w", err)
	}
	facts, err := rules.FromPayload(models.Order, raw)
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	defs, err := hundredRules()
	if err != nil {
		return err
	}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	compiled := make([]*rules.Compiled, len(defs))
	candidates := make([]rules.Candidate, len(defs))
	matched := 0
	for i, def := range defs {
		if compiled[i], err = rules.Compile(def); err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
		candidates[i] = rules.Candidate{Definition: def, Evaluation: compiled[i].Evaluate(models.Created, &facts, now)}
		if candidates[i].Evaluation.Matched {
			matched++
		}
	}
	t := table{"one order of " + fmt.Sprint(len(raw)) + " bytes", "µs", "allocations", "KB"}.start()
	t.measured("read the order's facts", func() { _, err = rules.FromPayload(models.Order, raw) })
	t.measured(fmt.Sprintf("evaluate 100 rules (%d match), with reasons", matched), func() {
		for _, c := range compiled {
			c.Evaluate(models.Created, &facts, now)
		}
	})
	t.measured("plan what follows from them", func() { rules.Plan(candidates, facts.Tags, nil) })
	t.print()
	return err
}

func (t *tableRows) measured(what string, f func()) {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
	t.row(what, fmt.Sprintf("%.1f", float64(r.NsPerOp())/1000), fmt.Sprint(r.AllocsPerOp()), fmt.Sprintf("%.1f", float64(r.AllocedBytesPerOp())/1024))
}
