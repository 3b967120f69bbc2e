package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
)

// problems returns what is wrong, each as path: message.
func problems(def models.RuleDefinition) []string {
	var found []string
	for _, problem := range rules.Validate(def) {
		found = append(found, strings.Join(problem.Field, ".")+": "+problem.Message)
	}
	return found
}

// wantProblem checks that exactly one problem is found, at the path and with the words.
func wantProblem(t *testing.T, def models.RuleDefinition, path, words string) {
	t.Helper()
	found := problems(def)
	if len(found) != 1 || !strings.HasPrefix(found[0], path+": ") || !strings.Contains(found[0], words) {
		t.Errorf("want one problem at %s with %q, got %q", path, words, found)
	}
}

func TestMistakesInAConditionAreNamedWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		condition models.Condition
		part      string
		words     string
	}{
		{condition("totl_price", models.Greater, "1"), "field", "Did you mean total_price"},
		{condition("price", models.Greater, "1"), "field", "total_price"},
		{condition("zzzzzzzz", models.Equals, "1"), "field", "no field “zzzzzzzz”"},
		{condition(strings.Repeat("x", 100_000), models.Equals, "1"), "field", "no field"},
		{condition("total_price", models.Contains, "1"), "operator", "does not suit it"},
		{condition("note", models.Greater, "1"), "operator", "Note is text"},
		{condition("created_at", models.In, "2026-01-01"), "operator", "is a date"},
		{condition("note", "LIKE", "x"), "operator", "LIKE"},
		{condition("note", models.Equals), "values", "takes one value; there are 0"},
		{condition("note", models.Equals, "a", "b"), "values", "there are 2"},
		{condition("note", models.IsEmpty, "a"), "values", "takes no value"},
		{condition("note", models.In), "values", "one value or more"},
		{condition("total_price", models.Between, "1"), "values", "takes two values"},
		{condition("total_price", models.Between, "2", "1"), "values", "lower bound first"},
		{condition("created_at", models.Between, "2026-02-01", "2026-01-01"), "values", "lower bound first"},
		{condition("total_price", models.Greater, "a lot"), "values", "not a number"},
		{condition("total_price", models.Greater, "1,000"), "values", "separators"},
		{condition("total_price", models.Greater, "1 000.50"), "values", "separators"},
		{condition("total_price", models.Greater, "$10"), "values", "write “10”"},
		{condition("total_price", models.Greater, "1e999999999"), "values", "not a number"},
		{condition("total_price", models.Greater, strings.Repeat("9", 50)), "values", "not a number"},
		{condition("created_at", models.Greater, "31.01.2026"), "values", "not a date"},
		{condition("created_at", models.OlderThan, "1.5"), "values", "not a number of days"},
		{condition("created_at", models.OlderThan, "0"), "values", "not a number of days"},
		{condition("created_at", models.WithinLast, "99999999999999999999"), "values", "not a number of days"},
		{condition("financial_status", models.Equals, "payed"), "values", "partially_paid"},
		{condition("financial_status", models.NotIn, "payed"), "values", "Use one of"},
		{condition("note", models.Matches, "a(b"), "values", "at character 2: missing closing )"},
		{condition("note", models.Matches, "é[(]a)b"), "values", "at character 6: unexpected )"},
		{condition("note", models.Matches, "ab**"), "values", "at character 3: invalid nested repetition"},
		{condition("note", models.Matches, `ab\`), "values", "at character 3: trailing backslash"},
		{condition("note", models.Matches, "abc[z-a]"), "values", "at character 5"},
		{condition("note", models.Matches, strings.Repeat("a", 1001)), "values", "at most 1000"},
		{condition("note", models.Contains, "  "), "values", "IS_EMPTY"},
		{condition("note", models.Contains, "a\x00"), "values", "cannot be kept"},
		{condition("tags", models.Contains, "a, b"), "values", "comma"},
	} {
		wantProblem(t, rule(models.Order, c.condition), "when.conditions.0."+c.part, c.words)
	}
	wantProblem(t, rule(models.Customer, condition("verified_email", models.Equals, "yes")), "when.conditions.0.values", "true nor false")
}

func TestPathsLeadIntoNestedGroups(t *testing.T) {
	t.Parallel()
	def := rule(models.Order, condition("note", models.IsEmpty))
	good := models.ConditionGroup{Conditions: []models.Condition{condition("note", models.IsEmpty)}}
	bad := models.ConditionGroup{Match: models.MatchAny, Conditions: []models.Condition{condition("note", models.IsEmpty), condition("note", "IS")}}
	def.When.Groups = []models.ConditionGroup{good, bad}
	wantProblem(t, def, "when.groups.1.conditions.1.operator", "IS")

	def.When.Groups = []models.ConditionGroup{good, {}}
	wantProblem(t, def, "when.groups.1", "holds for every record")

	def.When.Groups = []models.ConditionGroup{{Match: "SOME", Conditions: good.Conditions}}
	wantProblem(t, def, "when.groups.0.match", "ALL or ANY")
}

func TestMistakesOutsideTheConditionsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change func(*models.RuleDefinition)
		path   string
		words  string
	}{
		{func(d *models.RuleDefinition) { d.Name = " " }, "name", "Give the rule a name"},
		{func(d *models.RuleDefinition) { d.Name = strings.Repeat("é", 256) }, "name", "at most 255"},
		{func(d *models.RuleDefinition) { d.Triggers = nil }, "triggers", "when the rule is looked at"},
		{func(d *models.RuleDefinition) { d.Triggers[1] = models.Scheduled }, "triggers.1", "not available yet"},
		{func(d *models.RuleDefinition) { d.Triggers[0] = "DELETED" }, "triggers.0", "not a trigger"},
		{func(d *models.RuleDefinition) { d.Resource = models.Variant }, "resource", "not available yet"},
		{func(d *models.RuleDefinition) { d.Resource = "DRAFT" }, "resource", "orders, customers or products"},
		{func(d *models.RuleDefinition) { d.AddTags = nil }, "addTags", "does nothing"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = "  " }, "addTags.0", "empty"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = strings.Repeat("é", 41) }, "addTags.0", "41 characters; Shopify allows 40 on an order"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = strings.Repeat("x", 41) + "{{note}}" }, "addTags.0", "41 characters"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = "a,b" }, "addTags.0", "comma"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = "{{shiping_country}}" }, "addTags.0", "Did you mean shipping_country"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = "x{{note" }, "addTags.0", "close it"},
		{func(d *models.RuleDefinition) { d.AddTags[0] = "x{{ }}" }, "addTags.0", "without a field's name"},
		{func(d *models.RuleDefinition) { d.RemoveTags = []string{"b", " ADDED "} }, "removeTags.1", "cannot be both"},
		{func(d *models.RuleDefinition) { d.Priority = -1 }, "priority", "between 0 and 10000"},
		{func(d *models.RuleDefinition) { d.Priority = 10_001 }, "priority", "between 0 and 10000"},
		{func(d *models.RuleDefinition) {
			d.When.Conditions = slices.Repeat([]models.Condition{condition("note", models.IsEmpty)}, 101)
		}, "when", "at most 100 conditions; this one has 101"},
		{func(d *models.RuleDefinition) {
			leaf := models.ConditionGroup{Conditions: []models.Condition{condition("note", models.IsEmpty)}}
			for range 5 {
				leaf = models.ConditionGroup{Groups: []models.ConditionGroup{leaf}}
			}
			d.When = leaf
		}, "when.groups.0.groups.0.groups.0.groups.0.groups.0", "at most 5 deep"},
	} {
		def := rule(models.Order)
		c.change(&def)
		wantProblem(t, def, c.path, c.words)
	}
	def := rule(models.Product)
	def.AddTags = []string{strings.Repeat("x", 255)}
	if found := problems(def); found != nil {
		t.Errorf("255 characters on a product: %q", found)
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	t.Parallel()
	def := models.RuleDefinition{
		Resource:   models.Order,
		When:       models.ConditionGroup{Conditions: []models.Condition{condition("a", "B"), condition("total_price", models.In, "x", "y")}},
		RemoveTags: []string{"", "a,b"},
		Priority:   -1,
	}
	if found := problems(def); len(found) != 8 {
		t.Errorf("got %d problems: %q", len(found), found)
	}
}

func TestFieldsAreDescribedForPeopleAndProgramsAlike(t *testing.T) {
	t.Parallel()
	for _, resource := range []models.ResourceType{models.Order, models.Customer, models.Product} {
		names, labels := map[string]bool{}, map[string]bool{}
		for _, field := range rules.Fields(resource) {
			found, ok := rules.LookupField(resource, field.Name)
			if !ok || found.Label != field.Label || field.Label == "" || len(field.Operators) == 0 {
				t.Errorf("%s %s is not whole", resource, field.Name)
			}
			if names[field.Name] || labels[field.Label] || strings.ToLower(field.Name) != field.Name {
				t.Errorf("%s %s is there twice or badly spelled", resource, field.Name)
			}
			names[field.Name], labels[field.Label] = true, true
		}
	}
	if rules.Fields(models.Variant) != nil {
		t.Error("variants have fields")
	}
	for resource, names := range map[models.ResourceType][]string{
		models.Order:    {"customer.tags", "customer.total_spent", "customer.order_count", "risk_level", "line_items.type"},
		models.Customer: {"total_spent", "order_count", "accepts_marketing", "tags", "last_order_at", "days_since_last_order"},
		models.Product:  nil,
	} {
		var queried []string
		for _, field := range rules.Fields(resource) {
			if field.Queried {
				queried = append(queried, field.Name)
			}
		}
		slices.Sort(queried)
		slices.Sort(names)
		if !slices.Equal(queried, names) {
			t.Errorf("%s reads %q", resource, queried)
		}
	}
}

func TestLookingUpAFieldTakesNoMemory(t *testing.T) { //nolint:paralleltest // allocations are counted for the whole process
	if allocs := testing.AllocsPerRun(100, func() {
		rules.LookupField(models.Order, "line_items.sku")
		rules.Fields(models.Product)
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
