package activity

import (
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// take adds a value to a search, or says what is wrong with it.
type take func(s *Search, value string) string

// qualifiers are those that a search knows.
var qualifiers = map[string]take{
	"type":      func(s *Search, v string) string { return choose(&s.Types, "a type", types, v) },
	"status":    func(s *Search, v string) string { return choose(&s.Statuses, "a status", statuses, v) },
	"category":  func(s *Search, v string) string { return choose(&s.Categories, "a tab", categoryBits, v) },
	"action":    text(func(s *Search) *[]string { return &s.Actions }),
	"rule":      text(func(s *Search) *[]string { return &s.Rules }),
	"actor":     text(func(s *Search) *[]string { return &s.Actors }),
	"entity":    text(func(s *Search) *[]string { return &s.Entities }),
	"order":     text(func(s *Search) *[]string { return &s.Orders }),
	"customer":  text(func(s *Search) *[]string { return &s.Customers }),
	"product":   text(func(s *Search) *[]string { return &s.Products }),
	"error":     text(func(s *Search) *[]string { return &s.Errors }),
	"tag":       takeTag,
	"id":        id(func(s *Search) *[]string { return &s.IDs }, "an entry"),
	"operation": id(func(s *Search) *[]string { return &s.Operations }, "an operation"),
	"since":     bound(func(s *Search) **Moment { return &s.Since }, false),
	"before":    bound(func(s *Search) **Moment { return &s.Until }, false),
	"until":     bound(func(s *Search) **Moment { return &s.Until }, true),
}

// examples show how each qualifier is used.
var examples = map[string]string{
	"type":      "type:webhook",
	"status":    "status:failed",
	"category":  "category:tags",
	"action":    "action:cogs_updated",
	"rule":      "rule:VIP",
	"actor":     `actor:"Riley Park"`,
	"entity":    "entity:order",
	"order":     "order:#1042",
	"customer":  `customer:"Jane Doe"`,
	"product":   "product:Riesling",
	"error":     "error:network",
	"tag":       `tag:"Sale"`,
	"id":        "id:0198c0de-0000-7000-8000-000000000001",
	"operation": "operation:0198c0de-0000-7000-8000-000000000001",
	"since":     "since:7d",
	"before":    "before:2026-11-01",
	"until":     "until:yesterday",
}

var types = []models.ActivityType{models.UserAction, models.BackgroundJob, models.Webhook, models.SystemEvent}

var statuses = []models.ActivityStatus{models.Pending, models.InProgress, models.Success, models.Warning, models.Failed}

// choose takes one of a few values, whatever its case; a dash or a space is as good as the underscore.
func choose[T ~string](into *[]T, what string, known []T, value string) string {
	for _, k := range known {
		if string(k) == constant(value) {
			*into = append(*into, k)
			return ""
		}
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = strings.ToLower(string(k))
	}
	return fmt.Sprintf("%q is not %s. Those that there are: %s.", value, what, strings.Join(names, ", "))
}

// constant writes a value as constants are written: in_progress and In progress are IN_PROGRESS.
func constant(value string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(value))
}

func text(field func(*Search) *[]string) take {
	return func(s *Search, value string) string {
		*field(s) = append(*field(s), value)
		return ""
	}
}

func takeTag(s *Search, value string) string {
	s.Tags = append(s.Tags, models.TagKey(value))
	return ""
}

func id(field func(*Search) *[]string, of string) take {
	return func(s *Search, value string) string {
		if !isID(value) {
			return fmt.Sprintf("%q is not the id of %s.", value, of)
		}
		*field(s) = append(*field(s), canonical(value))
		return ""
	}
}

// bound takes a moment. A search has one beginning and one end: alternatives make no sense there.
func bound(field func(*Search) **Moment, whole bool) take {
	return func(s *Search, value string) string {
		moment, wrong := parseMoment(value, whole)
		if wrong != "" {
			return wrong
		}
		if *field(s) != nil {
			return "the search has such a time already. Leave one out."
		}
		*field(s) = moment
		return ""
	}
}
