package activity

import (
	"fmt"
	"strings"
)

// commonAbove is how many entries have to hold the words for a walk by time to find them sooner than sorting them all.
const commonAbove = 5000

// keyedSQLite walks an index once for each key and merges the walks. SQLite ends each of them before it merges, so only
// what is left then is read whole.
func (w *walker) keyedSQLite(p path, at span, wanted int) (string, []any) {
	union := " UNION ALL "
	if p.way == byTag {
		union = " UNION " // an entry may bear several of the tags
	}
	walks, args := make([]string, len(p.keys)), []any{}
	for i, key := range p.keys {
		c := w.keySQLite(p, key, at)
		from, table, id := "activities", "activities", "id"
		switch p.way {
		case byTag:
			from, table, id = "activity_tags CROSS JOIN activities", "activity_tags", "activity_id"
		case byWords:
			from = "activity_words CROSS JOIN activities"
		}
		walks[i] = "SELECT * FROM (SELECT activities.rowid AS entry, activities.occurred_at, activities.id FROM " + from + " WHERE " + c.String() + w.order(table, id) + limit(wanted) + ")"
		args = append(args, c.args...)
	}
	order := " ORDER BY occurred_at, id"
	if w.descending {
		order = " ORDER BY occurred_at DESC, id DESC"
	}
	found := "SELECT * FROM (" + strings.Join(walks, union) + ")" + order + limit(wanted)
	return "SELECT " + w.selected() + " FROM (" + found + ") AS found CROSS JOIN activities ON activities.rowid = found.entry" +
		w.order("activities", "id"), args
}

func (w *walker) keySQLite(p path, key []string, at span) *conditions {
	var c *conditions
	switch p.way {
	case byTag:
		c = w.bounds(at, "activity_tags", "activity_id")
		c.and("activity_tags.tag_key = ?", key[0])
		c.and(`activities.shop_id = activity_tags.shop_id AND activities.occurred_at = activity_tags.occurred_at
			AND activities.id = activity_tags.activity_id`)
	case byWords:
		c = w.bounds(at, "activities", "id")
		c.and("activity_words MATCH ? AND activities.rowid = activity_words.rowid", phrases(key))
	default:
		c = w.bounds(at, "activities", "id")
		for i, column := range equals[p.way] {
			c.and("activities."+column+" = ?", key[i])
		}
	}
	filter := w.filter.where(false, p.way)
	c.and(filter.String(), filter.args...)
	return c
}

// phrases asks the index of words for all of them.
func phrases(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = `"` + strings.ReplaceAll(word, `"`, `""`) + `"`
	}
	return strings.Join(quoted, " AND ")
}

// settleSQLite takes the index of words where few entries hold them, in whatever shop; else the shop's entries are
// walked by time.
func (w *walker) settleSQLite(p path) (path, error) {
	var n int
	err := w.tx.Raw("SELECT count(*) FROM (SELECT 1 FROM activity_words WHERE activity_words MATCH ? LIMIT ?)", phrases(p.keys[0]), commonAbove).Scan(&n).Error
	if err != nil {
		return p, fmt.Errorf("look how common the words are: %w", err)
	}
	if n == commonAbove {
		return path{way: byTime}, nil
	}
	return p, nil
}
