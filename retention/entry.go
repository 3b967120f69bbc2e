package retention

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// kinds are what may leave, in the order in which people are told, with the words for one and for many.
var kinds = []struct {
	kind      models.Kept
	one, many string
}{
	{models.KeptEntries, "entry", "entries"},
	{models.KeptBodies, "webhook body", "webhook bodies"},
	{models.KeptSnapshots, "snapshot", "snapshots"},
	{models.KeptDeliveries, "received webhook", "received webhooks"},
	{models.KeptOperations, "operation", "operations"},
	{models.KeptArchive, "file of the archive", "files of the archive"},
}

// entryOf tells what left, or why something had to stay. A run in which nothing happened has none.
func entryOf(row *models.CleanUp, removed models.Removed, trouble string) *models.Activity {
	if trouble == "" && row.KeptBecause != nil {
		trouble = *row.KeptBecause
	}
	if len(removed) == 0 && trouble == "" {
		return nil
	}
	var parts []string
	total := int64(0)
	for _, k := range kinds {
		if n := removed[k.kind].Count; n > 0 {
			total += n
			parts = append(parts, counted(n, k.one, k.many))
		}
	}
	summary := "Clean-up: nothing was removed"
	if len(parts) > 0 {
		summary = "Clean-up: " + strings.Join(parts, ", ") + " removed, whose time was over"
	}
	metadata, err := json.Marshal(map[string]any{"recordsProcessed": total, "removed": removed})
	if err != nil {
		metadata = nil // numbers and times always encode
	}
	e := &models.Activity{
		ID:         *row.RunID,
		OccurredAt: *row.BeganAt,
		Type:       models.SystemEvent,
		Action:     activity.CleanUp,
		Status:     models.Success,
		Summary:    summary,
		Metadata:   metadata,
		ActorType:  models.ActorSystem,
		ActorName:  activity.System().Name,
	}
	if trouble != "" {
		code := activity.CodeCleanUpIncomplete
		e.Status, e.ErrorCode, e.ErrorMessage = models.Warning, &code, &trouble
	}
	return e
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
