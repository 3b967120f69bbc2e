package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// The limits of a rule.
const (
	maxName       = 255
	maxPriority   = 10_000
	maxConditions = 100
	maxDepth      = 5
	maxValues     = 500
	maxPattern    = 1000
	maxRuleTags   = MaxTags
)

// Validate returns everything that is wrong with a rule, each with the path of the input field it is about. A rule
// without any condition is right: it matches every record.
func Validate(def models.RuleDefinition) []fault.Problem {
	v := validation{table: tableOf(def.Resource), resource: def.Resource}
	v.name(def.Name)
	v.resourceKind()
	v.triggers(def.Triggers)
	v.group(&def.When, []string{"when"}, 1)
	if v.conditions > maxConditions {
		v.add([]string{"when"}, "A rule may have at most %d conditions; this one has %d.", maxConditions, v.conditions)
	}
	v.actions(&def)
	if def.Priority < 0 || def.Priority > maxPriority {
		v.add([]string{"priority"}, "The priority must be between 0 and %d.", maxPriority)
	}
	return v.problems
}

type validation struct {
	table      *table
	resource   models.ResourceType
	conditions int
	problems   []fault.Problem
}

func (v *validation) add(path []string, format string, args ...any) {
	v.problems = append(v.problems, fault.Problem{
		Field:   path,
		Code:    string(fault.Invalid),
		Message: fmt.Sprintf(format, args...),
	})
}

// at returns a path with more steps, without writing into the one given.
func at(path []string, steps ...string) []string { return append(slices.Clip(path), steps...) }

func (v *validation) name(name string) {
	switch {
	case strings.TrimSpace(name) == "":
		v.add([]string{"name"}, "Give the rule a name.")
	case utf8.RuneCountInString(name) > maxName:
		v.add([]string{"name"}, "The name may have at most %d characters.", maxName)
	case strings.ContainsRune(name, 0) || !utf8.ValidString(name):
		v.add([]string{"name"}, "The name has characters that cannot be kept.")
	}
}

func (v *validation) resourceKind() {
	switch {
	case v.resource == models.Variant:
		v.add([]string{"resource"}, "Rules about variants are not available yet: make it about products.")
	case v.table == nil:
		v.add([]string{"resource"}, "A rule is about orders, customers or products.")
	}
}

func (v *validation) triggers(triggers []models.Trigger) {
	if len(triggers) == 0 {
		v.add([]string{"triggers"}, "Say when the rule is looked at: when a record is created, when it changes, or both.")
	}
	for i, trigger := range triggers {
		path := []string{"triggers", strconv.Itoa(i)}
		switch trigger {
		case models.Created, models.Updated:
		case models.Scheduled:
			v.add(path, "Schedules are not available yet: use CREATED or UPDATED.")
		default:
			v.add(path, "“%s” is not a trigger: use CREATED or UPDATED.", shorten(string(trigger), 40))
		}
	}
}

func (v *validation) group(g *models.ConditionGroup, path []string, depth int) {
	if depth > maxDepth {
		v.add(path, "Groups may nest at most %d deep.", maxDepth)
		return
	}
	if g.Match != "" && g.Match != models.MatchAll && g.Match != models.MatchAny {
		v.add(at(path, "match"), "Conditions are joined by ALL or ANY.")
	}
	if depth > 1 && len(g.Conditions) == 0 && len(g.Groups) == 0 {
		v.add(path, "This group is empty, so it holds for every record: give it a condition or take it out.")
	}
	for i := range g.Conditions {
		v.conditions++
		// The count is told; going through thousands of conditions would only tell the same again.
		if v.conditions <= maxConditions {
			v.condition(&g.Conditions[i], at(path, "conditions", strconv.Itoa(i)))
		}
	}
	for i := range g.Groups {
		v.group(&g.Groups[i], at(path, "groups", strconv.Itoa(i)), depth+1)
	}
}

func (v *validation) condition(c *models.Condition, path []string) {
	if v.table == nil {
		return
	}
	i, ok := v.table.index[c.Field]
	if !ok {
		v.add(at(path, "field"), "%s", unknownField(v.table, c.Field))
		return
	}
	for _, problem := range checkOperands(&v.table.fields[i], v.table.traits[i], *c) {
		v.add(at(path, problem.part), "%s", problem.message)
	}
}

func (v *validation) actions(def *models.RuleDefinition) {
	if len(def.AddTags) == 0 && len(def.RemoveTags) == 0 {
		v.add([]string{"addTags"}, "The rule does nothing: give it a tag to add or to remove.")
	}
	adds := map[string]bool{}
	for i, tag := range def.AddTags {
		v.tag(tag, []string{"addTags", strconv.Itoa(i)})
		adds[models.TagKey(tag)] = true
	}
	for i, tag := range def.RemoveTags {
		path := []string{"removeTags", strconv.Itoa(i)}
		v.tag(tag, path)
		if key := models.TagKey(tag); key != "" && adds[key] {
			v.add(path, "“%s” is added by the same rule: it cannot be both.", shorten(tag, 80))
		}
	}
	if len(def.AddTags) > maxRuleTags {
		v.add([]string{"addTags"}, "A rule may add at most %d tags.", maxRuleTags)
	}
	if len(def.RemoveTags) > maxRuleTags {
		v.add([]string{"removeTags"}, "A rule may remove at most %d tags.", maxRuleTags)
	}
}

func (v *validation) tag(tag string, path []string) {
	if models.CleanTag(tag) == "" {
		v.add(path, "The tag is empty.")
		return
	}
	if strings.Contains(tag, ",") {
		v.add(path, "A tag cannot hold a comma: Shopify would make several tags of it.")
	}
	if strings.ContainsRune(tag, 0) || !utf8.ValidString(tag) {
		v.add(path, "The tag has characters that cannot be kept.")
	}
	t := parseTemplate(tag)
	if t.problem != "" {
		v.add(path, "%s", t.problem)
		return
	}
	limit := tagLimit(v.resource)
	if length := utf8.RuneCountInString(models.CleanTag(t.fixedText())); length > limit {
		v.add(path, "The tag has %d characters; %s", length, limitText(v.resource, limit))
	}
	if v.table == nil {
		return
	}
	for _, p := range t.parts {
		if p.field == "" {
			continue
		}
		if _, ok := v.table.index[p.field]; !ok {
			v.add(path, "%s", unknownField(v.table, p.field))
		}
	}
}

func limitText(resource models.ResourceType, limit int) string {
	if resource == models.Order {
		return fmt.Sprintf("Shopify allows %d on an order.", limit)
	}
	return fmt.Sprintf("Shopify allows %d.", limit)
}

// unknownField says that there is no such field, and names those that may have been meant.
func unknownField(t *table, name string) string {
	names := make([]string, len(t.fields))
	for i := range t.fields {
		names[i] = t.fields[i].Name
	}
	text := fmt.Sprintf("There is no field “%s” here.", shorten(name, 80))
	if near := nearest(name, names); len(near) > 0 {
		return text + " Did you mean " + strings.Join(near, " or ") + "?"
	}
	return text
}
