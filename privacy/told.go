package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// redacted ends the request.
func (r *run) redacted(ctx context.Context) (bool, error) {
	return false, r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		err := tx.DB.Model(&models.Delivery{}).Where("id = ? AND shop_id = ?", row.ID, row.ShopID).Update("body", []byte{}).Error
		if err != nil {
			return fmt.Errorf("empty the request's own body: %w", err)
		}
		return r.end(tx, row, func(e *models.Activity) {
			e.Status, e.Summary = models.Success, "Customer data erased: "+told(row.Counts)
			e.Metadata = withValues(e.Metadata, map[string]any{"erased": row.Counts})
			if n := row.Counts[countRules]; n > 0 {
				code := activity.CodeStillNamed
				message := fmt.Sprintf("%s of your own %s the customer: rules, saved views or streams. Tagtrail does not change them by itself; look through them.",
					counted(n, "text", "texts"), names(n))
				e.Status, e.ErrorCode, e.ErrorMessage = models.Warning, &code, &message
			}
		})
	})
}

func names(n int64) string {
	if n == 1 {
		return "names"
	}
	return "name"
}

// words are what may be done, in the order in which people are told.
var words = []struct{ kind, one, many string }{
	{countEntries, "entry", "entries"},
	{countBodies, "webhook body", "webhook bodies"},
	{countSnapshots, "snapshot", "snapshots"},
	{countItems, "operation item", "operation items"},
	{countMessages, "message to a stream", "messages to streams"},
	{countTexts, "other text", "other texts"},
	{countArchived, "archived entry", "archived entries"},
}

// nothingKept is told where nothing was done.
const nothingKept = "nothing was kept"

// told says in words what was done.
func told(counts map[string]int64) string {
	var parts []string
	for _, w := range words {
		if n := counts[w.kind]; n > 0 {
			parts = append(parts, counted(n, w.one, w.many))
		}
	}
	if len(parts) == 0 {
		return nothingKept
	}
	return strings.Join(parts, ", ")
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// withValues adds values to an object; an object that cannot be read is replaced.
func withValues(raw json.RawMessage, values map[string]any) json.RawMessage {
	object := map[string]any{}
	_ = json.Unmarshal(raw, &object) // only our own objects come here
	for name, value := range values {
		object[name] = value
	}
	merged, err := json.Marshal(object)
	if err != nil {
		return raw
	}
	return merged
}
