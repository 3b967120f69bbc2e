package rules_test

import (
	"fmt"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

// hundredRules are rules as shops have them: two to four conditions, of all kinds; about one in ten matches.
func hundredRules(b *testing.B) []*rules.Compiled {
	b.Helper()
	compiled := make([]*rules.Compiled, 0, 100)
	for i := range 100 {
		def := rule(models.Order,
			condition("total_price", models.Greater, fmt.Sprint(i*5)),
			condition("shipping_country", models.In, "US", "Canada", fmt.Sprintf("C%d", i)),
		)
		switch i % 5 {
		case 0:
			def.When.Conditions = append(def.When.Conditions, condition("tags", models.Contains, fmt.Sprintf("tag%d", i)))
		case 1:
			def.When.Conditions = append(def.When.Conditions, condition("line_items.sku", models.StartsWith, fmt.Sprintf("SKU%d", i)),
				condition("created_at", models.OlderThan, "30"))
		case 2:
			def.When.Conditions = append(def.When.Conditions, condition("email", models.Matches, `@(example|shop)\.(com|org)$`))
		case 3:
			def.When.Groups = []models.ConditionGroup{{Match: models.MatchAny, Conditions: []models.Condition{
				condition("line_items.price", models.Less, fmt.Sprint(i)), condition("financial_status", models.NotEquals, "paid")}}}
		}
		def.AddTags = []string{fmt.Sprintf("bench-%d", i)}
		if i%10 == 0 {
			def.AddTags = []string{"country-{{shipping_country}}"}
		}
		one, err := rules.Compile(def)
		if err != nil {
			b.Fatal(err)
		}
		compiled = append(compiled, one)
	}
	return compiled
}

// BenchmarkEvaluate100Rules is what a webhook about an order costs once its body has been read.
func BenchmarkEvaluate100Rules(b *testing.B) {
	compiled := hundredRules(b)
	for _, file := range []string{"orders__create.json", "2024-01_orders_1.json"} {
		facts, err := rules.FromPayload(models.Order, sample(b, file))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file, func(b *testing.B) {
			b.ReportAllocs()
			matched := 0
			for b.Loop() {
				for _, one := range compiled {
					if e := one.Evaluate(models.Created, &facts, now); e.Matched {
						matched++
					}
				}
			}
			b.ReportMetric(float64(matched)/float64(b.N), "matched/op")
		})
	}
}

// BenchmarkFromPayload is what reading a body of 15 KB costs.
func BenchmarkFromPayload(b *testing.B) {
	body := sample(b, "orders__create.json")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rules.FromPayload(models.Order, body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlan100Rules is what deciding about the tags of one order costs.
func BenchmarkPlan100Rules(b *testing.B) {
	facts, err := rules.FromPayload(models.Order, sample(b, "orders__create.json"))
	if err != nil {
		b.Fatal(err)
	}
	candidates := make([]rules.Candidate, 100)
	for i := range candidates {
		def := rule(models.Order, condition("total_price", models.Greater, fmt.Sprint(i*5)))
		def.AddTags = []string{fmt.Sprintf("bench-%d", i)}
		candidates[i] = rules.Candidate{Definition: def, Evaluation: rules.Evaluate(def, models.Created, &facts, now)}
		candidates[i].Evaluation.RuleID = fmt.Sprint(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		rules.Plan(candidates, facts.Tags, nil)
	}
}
