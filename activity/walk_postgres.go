package activity

import (
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"
)

// keyedPostgres walks an index once for each key and merges the walks. The keys are joined LATERAL, so that one walk is
// planned however many there are, and planned without knowing the keys: what the database takes for common or rare
// does not change the way. Any number of keys is the same text.
func (w *walker) keyedPostgres(p path, at span, wanted int) (string, []any) {
	width := len(p.keys[0])
	lists, names, args := make([]string, width), make([]string, width), []any{}
	for i := range width {
		column := make(textArray, len(p.keys))
		for j, key := range p.keys {
			column[j] = key[i]
			if p.way == byWords {
				column[j] = pattern(key[i])
			}
		}
		lists[i], names[i] = "?::text[]", "k"+strconv.Itoa(i)
		args = append(args, column)
	}
	walk := w.indexed(p, at, wanted)
	args = append(args, walk.args...)
	distinct := ""
	if p.way == byTag && len(p.keys) > 1 {
		distinct = "DISTINCT ON (a.occurred_at, a.id) "
	}
	sql := "SELECT " + distinct + "a.* FROM unnest(" + strings.Join(lists, ", ") + ") AS keys (" + strings.Join(names, ", ") +
		") CROSS JOIN LATERAL (" + walk.sql[0] + ") AS a" + w.order("a", "id") + limit(wanted)
	return sql, args
}

// equals are the columns that the keys of a way are for.
var equals = map[way][]string{
	byAction:    {"action", "status"},
	byActor:     {"actor_id"},
	byRule:      {"rule_id"},
	byEntity:    {"entity_id"},
	byOperation: {"operation_id"},
	byCause:     {"cause_id"},
	byError:     {"error_code"},
}

// indexed is the walk for one key, whose values are columns k0, k1 and so on. Its text is the first of sql.
func (w *walker) indexed(p path, at span, wanted int) *conditions {
	filter := w.filter.where(true, p.way)
	if p.way == byTag {
		return w.taggedPostgres(at, wanted, filter)
	}
	c := w.bounds(at, "activities", "id")
	ending := w.order("activities", "id") + limit(wanted)
	if p.way == byWords {
		for i := range p.keys[0] {
			c.and("activities.summary ILIKE keys.k" + strconv.Itoa(i))
		}
		// The order comes last, outside: the fence keeps the database from walking by time instead.
		ending = " OFFSET 0"
	}
	for i, column := range equals[p.way] {
		key := "keys.k" + strconv.Itoa(i)
		if strings.HasSuffix(aside(true, column), "::text)") {
			key += "::uuid"
		}
		c.and("activities." + column + " = " + key)
	}
	c.and(filter.String(), filter.args...)
	return &conditions{sql: []string{"SELECT " + w.selected() + " FROM activities WHERE " + c.String() + ending}, args: c.args}
}

// taggedPostgres looks up the entries that bear a tag one by one, in the order in which the tag has them.
func (w *walker) taggedPostgres(at span, wanted int, filter *conditions) *conditions {
	tags := w.bounds(at, "activity_tags", "activity_id")
	entry := &conditions{}
	entry.and("activities.shop_id = ?", w.shop)
	w.class(entry)
	sql := "SELECT e.* FROM (SELECT occurred_at, activity_id FROM activity_tags WHERE activity_tags.tag_key = keys.k0 AND " +
		tags.String() + w.order("activity_tags", "activity_id") + " OFFSET 0) AS t CROSS JOIN LATERAL (SELECT " + w.selected() +
		" FROM activities WHERE " + entry.String() + " AND activities.occurred_at = t.occurred_at AND activities.id = t.activity_id AND " +
		filter.String() + " LIMIT 1) AS e" + w.order("t", "activity_id") + limit(wanted)
	return &conditions{sql: []string{sql}, args: slices.Concat(tags.args, entry.args, filter.args)}
}

// textArray is a list that is passed as one value.
type textArray []string

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Value writes the list as Postgres reads it.
func (a textArray) Value() (driver.Value, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, text := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + quoted.Replace(text) + `"`)
	}
	b.WriteByte('}')
	return b.String(), nil
}
