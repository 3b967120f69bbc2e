package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// table is one of the smaller tables in which a text may name somebody.
type table struct {
	name string
	// keys tell its rows apart within a shop.
	keys []string
	// texts and objects are its columns: plain ones, and ones with JSON in them.
	texts, objects []string
	// does says what is done with a row that names the person.
	does deed
}

type deed int

const (
	// erase takes the words out.
	erase deed = iota
	// remove takes the row away.
	remove
	// tell leaves it to the merchant, whose own words they are, and tells them.
	tell
)

// tables are those in which names may stand that are not a record's own. docs/adr/0017 says of every column what is done.
var tables = []table{
	{name: "failure_marks", keys: []string{"id"}, texts: []string{"summary"}},
	{name: "failure_notices", keys: []string{"code"}, texts: []string{"summary"}},
	{name: "mails", keys: []string{"id"}, texts: []string{"subject", "plain", "html"}},
	{name: "operations", keys: []string{"id"}, texts: []string{"label", "chosen", "file", "cursor", "waiting_for", "error_message"}, objects: []string{"input", "revert", "estimate"}},
	{name: "exports", keys: []string{"id"}, texts: []string{"error_message"}, objects: []string{"filter"}},
	{name: "retry_jobs", keys: []string{"id"}, objects: []string{"filter"}},
	{name: "sources", keys: []string{"id"}, texts: []string{"last_refusal"}},
	{name: "scanned_tags", keys: []string{"operation_id", "tag"}, texts: []string{"tag"}, does: remove},
	{name: "recorded_keys", keys: []string{"key"}, texts: []string{"key"}, does: remove},
	{name: "rules", keys: []string{"id"}, texts: []string{"name"}, objects: []string{"conditions", "add_tags", "remove_tags"}, does: tell},
	{name: "saved_views", keys: []string{"id"}, texts: []string{"name"}, objects: []string{"filter"}, does: tell},
	{name: "streams", keys: []string{"id"}, texts: []string{"name"}, objects: []string{"filter"}, does: tell},
	{name: "streams", keys: []string{"id"}, texts: []string{"last_failure", "disabled_because"}},
}

// redactTexts goes through the smaller tables. Its cursor is the number of the table and the key behind which to go on.
func (r *run) redactTexts(ctx context.Context) (bool, error) {
	of, after, err := keyOf(r.row.Cursor)
	if err != nil || of >= len(tables) {
		return false, err
	}
	t := tables[of]
	return true, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		found, err := t.next(tx.DB, r.row.ShopID, after, r.batch(atOnce))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			row.Cursor, err = keyCursor(of+1, nil)
			return err
		}
		for _, f := range found {
			if err := r.redactText(tx.DB, row, t, f); err != nil {
				return err
			}
		}
		row.Cursor, err = keyCursor(of, t.key(found[len(found)-1]))
		return err
	})
}

func (r *run) redactText(tx *gorm.DB, row *models.PrivacyRequest, t table, found map[string]any) error {
	others := map[string]any{}
	for _, column := range t.texts {
		if text, ok := found["c_"+column].(string); ok {
			if without := r.marks.surely.without(text); without != text {
				others[column] = without
			}
		}
	}
	for _, column := range t.objects {
		if text, ok := found["c_"+column].(string); ok {
			if without, changed := wiped([]byte(text), r.marks.surely); changed {
				others[column] = asJSON(tx, without)
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	at := tx.Table(t.name).Where("shop_id = ?", r.row.ShopID)
	for i, key := range t.keys {
		at = at.Where(key+" = ?", t.key(found)[i])
	}
	var err error
	switch t.does {
	case tell:
		row.Counts[countRules]++
		return nil
	case remove:
		row.Counts[countTexts]++
		err = at.Delete(nil).Error
	case erase:
		row.Counts[countTexts]++
		err = at.Updates(others).Error
	}
	if err != nil {
		return fmt.Errorf("erase texts of %s: %w", t.name, err)
	}
	return nil
}

// next reads rows behind a key, all as texts.
func (t table) next(tx *gorm.DB, shop int64, after []string, n int) ([]map[string]any, error) {
	var columns []string
	for _, key := range t.keys {
		columns = append(columns, "CAST("+key+" AS text) AS k_"+key)
	}
	for _, list := range [][]string{t.texts, t.objects} {
		for _, column := range list {
			columns = append(columns, "CAST("+column+" AS text) AS c_"+column)
		}
	}
	query := tx.Table(t.name).Select(strings.Join(columns, ", ")).Where("shop_id = ?", shop).Order(strings.Join(t.keys, ", ")).Limit(n)
	if after != nil {
		args := make([]any, len(after))
		for i := range after {
			args[i] = after[i]
		}
		query = query.Where("("+strings.Join(t.keys, ", ")+") > (?"+strings.Repeat(", ?", len(after)-1)+")", args...)
	}
	var found []map[string]any
	if err := query.Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read texts of %s: %w", t.name, err)
	}
	return found, nil
}

func (t table) key(found map[string]any) []string {
	key := make([]string, len(t.keys))
	for i, name := range t.keys {
		key[i] = fmt.Sprint(found["k_"+name])
	}
	return key
}

// textPlace is the cursor of redactTexts.
type textPlace struct {
	Table int      `json:"table"`
	Key   []string `json:"key,omitempty"`
}

func keyOf(cursor *string) (int, []string, error) {
	if cursor == nil {
		return 0, nil, nil
	}
	var at textPlace
	if err := json.Unmarshal([]byte(*cursor), &at); err != nil {
		return 0, nil, fmt.Errorf("read cursor: %w", err)
	}
	return at.Table, at.Key, nil
}

func keyCursor(of int, key []string) (*string, error) {
	raw, err := json.Marshal(textPlace{of, key})
	if err != nil {
		return nil, fmt.Errorf("write cursor: %w", err)
	}
	text := string(raw)
	return &text, nil
}

// asJSON is a value of a column with JSON in it.
func asJSON(tx *gorm.DB, text string) any {
	if models.IsPostgres(tx) {
		return gorm.Expr("CAST(? AS jsonb)", text)
	}
	return text
}

// wiped returns a JSON value without what a finder finds in its texts, and whether there was any.
func wiped(raw []byte, f *finder) (string, bool) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil || !tells(value, f) {
		return "", false
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(wipe(value, f)) != nil {
		return "", false // what was decoded always encodes
	}
	return strings.TrimSpace(out.String()), true
}

func wipe(value any, f *finder) any {
	switch v := value.(type) {
	case string:
		return f.without(v)
	case json.Number:
		if f.has(v.String()) {
			return activity.Erased
		}
	case []any:
		for i := range v {
			v[i] = wipe(v[i], f)
		}
	case map[string]any:
		wipedMap := make(map[string]any, len(v))
		for name, inner := range v {
			wipedMap[f.without(name)] = wipe(inner, f)
		}
		return wipedMap
	}
	return value
}
