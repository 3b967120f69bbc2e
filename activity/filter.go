package activity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Filter narrows the log. Every field that is set must hold; an empty list is no narrowing. Its JSON is that of the
// API's ActivityFilter.
type Filter struct {
	Categories  []models.ActivityCategory `json:"categories,omitempty"`
	Types       []models.ActivityType     `json:"types,omitempty"`
	Statuses    []models.ActivityStatus   `json:"statuses,omitempty"`
	Actions     []string                  `json:"actions,omitempty"`
	ActorIDs    []string                  `json:"actorIds,omitempty"`
	EntityTypes []string                  `json:"entityTypes,omitempty"`
	EntityID    *string                   `json:"entityId,omitempty"`
	RuleID      *string                   `json:"ruleId,omitempty"`
	OperationID *string                   `json:"operationId,omitempty"`
	// From and To are half-open: From <= occurredAt < To.
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
	// Search is words and qualifiers; search.go has the grammar.
	Search *string `json:"search,omitempty"`

	causeID string
	found   found
}

// found is what a search came to once its names were looked up, as far as the other fields of the filter cannot say
// it. A nil list is no narrowing.
type found struct {
	// nothing is set where no entry can match: a name that nobody has, or two values that exclude each other.
	nothing bool
	// tabs are bits; an entry is in one of these besides those of Categories.
	tabs int16
	// ids, entities, rules, operations, tags and errors are alternatives.
	ids        []string
	entities   []string
	rules      []string
	operations []string
	tags       []string
	errors     []string
	// words are all in the summary.
	words  []string
	actors *actors
}

// actors are those whom a search names: their ids, and the names for those who have none.
type actors struct {
	ids   []string
	names []string
}

// empty reports whether the search came to nothing that the filter's own fields cannot say.
func (f *found) empty() bool {
	return !f.nothing && f.tabs == 0 && f.ids == nil && f.entities == nil && f.rules == nil && f.operations == nil &&
		f.tags == nil && f.errors == nil && f.words == nil && f.actors == nil
}

// conditions are joined by AND.
type conditions struct {
	sql  []string
	args []any
}

func (c *conditions) and(sql string, args ...any) {
	c.sql = append(c.sql, sql)
	c.args = append(c.args, args...)
}

func (c *conditions) String() string {
	if len(c.sql) == 0 {
		return "1 = 1"
	}
	return strings.Join(c.sql, " AND ")
}

// among adds that the column has one of the values, if there are any.
func among[T ~string](c *conditions, column string, values []T) {
	if len(values) > 0 {
		c.and(column+" IN ?", values)
	}
}

// aside returns a column in a form that no index has. Which index is used is decided in paths.go, from what the
// counts know; a condition that only drops rows must not lead the database to another.
func aside(postgres bool, column string) string {
	if !postgres {
		return "+activities." + column
	}
	switch column {
	case "id", "rule_id", "operation_id", "cause_id":
		return "(activities." + column + "::text)"
	default:
		return "(activities." + column + " || '')"
	}
}

// apply narrows a query on activities. No index serves the conditions that it adds, apart from those on the time.
func (f *Filter) apply(db *gorm.DB) *gorm.DB {
	c := f.where(models.IsPostgres(db), byTime)
	if f.From != nil {
		c.and("activities.occurred_at >= ?", f.From.UTC())
	}
	if f.To != nil {
		c.and("activities.occurred_at < ?", f.To.UTC())
	}
	return db.Where(c.String(), c.args...)
}

// where is every condition but those on the time, and the one that the keys of a way are for.
func (f *Filter) where(postgres bool, along way) *conditions {
	c := &conditions{}
	column := func(name string) string { return aside(postgres, name) }
	if f.found.nothing {
		c.and("1 = 0")
	}
	for _, tabs := range []int16{bitsOf(f.Categories), f.found.tabs} {
		if tabs != 0 {
			c.and("activities.categories & " + strconv.Itoa(int(tabs)) + " <> 0")
		}
	}
	among(c, column("type"), f.Types)
	among(c, column("status"), f.Statuses)
	among(c, column("action"), f.Actions)
	among(c, column("entity_type"), f.EntityTypes)
	for _, one := range []struct {
		way    way
		values []string
	}{{byActor, f.ActorIDs}, {byEntity, f.entityIDs()}, {byRule, f.ruleIDs()}, {byOperation, f.operationIDs()}, {byError, f.found.errors}} {
		if one.way != along {
			among(c, column(equals[one.way][0]), one.values)
		}
	}
	if f.causeID != "" && along != byCause {
		c.and(column("cause_id")+" = ?", f.causeID)
	}
	f.found.where(c, column, likes(postgres))
	return c
}

func (f *found) where(c *conditions, column func(string) string, like string) {
	among(c, column("id"), f.ids)
	for _, word := range f.words {
		c.and(column("summary")+like, pattern(word))
	}
	if f.actors != nil {
		args := []any{f.actors.ids}
		for _, name := range f.actors.names {
			args = append(args, pattern(name))
		}
		named := strings.Repeat(" OR activities.actor_name"+like, len(f.actors.names))
		c.and("("+column("actor_id")+" IN ? OR activities.actor_id IS NULL AND (1 = 0"+named+"))", args...)
	}
	if len(f.tags) > 0 {
		// Counted rather than looked for by EXISTS, which the planner may turn into a join of its own choice.
		c.and(`(SELECT count(*) FROM activity_tags AS tagged WHERE tagged.shop_id = activities.shop_id AND tagged.tag_key IN ?
			AND tagged.occurred_at = activities.occurred_at AND tagged.activity_id = activities.id) > 0`, f.tags)
	}
}

// likes is the operator that ignores case. SQLite's LIKE ignores that of ASCII letters only.
func likes(postgres bool) string {
	if postgres {
		return " ILIKE ?"
	}
	return ` LIKE ? ESCAPE '\'`
}

var wildcards = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// pattern is what a text that holds the word is like.
func pattern(word string) string { return "%" + wildcards.Replace(word) + "%" }

func (f *Filter) entityIDs() []string { return either(f.EntityID, f.found.entities) }

func (f *Filter) ruleIDs() []string { return either(f.RuleID, f.found.rules) }

func (f *Filter) operationIDs() []string { return either(f.OperationID, f.found.operations) }

// either is the filter's own value where it has one. What the search found has been cut down to it by then.
func either(own *string, found []string) []string {
	if own != nil {
		return []string{*own}
	}
	return found
}

// check refuses a filter that cannot match for a reason that the caller should hear.
func (f *Filter) check() error {
	if f.From != nil && f.To != nil && !f.From.Before(*f.To) {
		return fault.New(fault.Invalid, "The end of the date range must be after its start.")
	}
	texts := slices.Concat(f.Actions, f.ActorIDs, f.EntityTypes)
	if f.EntityID != nil {
		texts = append(texts, *f.EntityID)
	}
	for _, text := range texts {
		if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
			return fault.New(fault.Invalid, "The filter has a zero byte or broken text in it, which no entry can have.")
		}
	}
	if f.RuleID != nil {
		if _, ok := models.IDTime(*f.RuleID); !ok {
			return fault.New(fault.Invalid, "ruleId %q is not the id of a rule.", *f.RuleID)
		}
	}
	if f.OperationID != nil {
		if _, ok := models.IDTime(*f.OperationID); !ok {
			return fault.New(fault.Invalid, "operationId %q is not the id of an operation.", *f.OperationID)
		}
	}
	return nil
}

// canonical returns an id as the databases write it.
func canonical(id string) string {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return id
	}
	return parsed.String()
}

// scope names the list, so that a cursor of another one is refused. It has the search as it was written, so that the
// cursors of since:7d stay good while time goes by.
func (f *Filter) scope(shop int64, reverse bool) (string, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("encode filter: %w", err)
	}
	return fmt.Sprintf("activities %d %v %s %s", shop, reverse, f.causeID, raw), nil
}
