package export

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// selected says in words what a filter leaves, with times as the shop's clocks show them.
func selected(raw json.RawMessage, zone *time.Location) string {
	var f activity.Filter
	if json.Unmarshal(raw, &f) != nil {
		return "Some entries"
	}
	var parts []string
	if f.Search != nil && *f.Search != "" {
		parts = append(parts, *f.Search)
	}
	parts = append(parts, among(f.Categories), among(f.Types), among(f.Statuses), among(f.Actions), among(f.EntityTypes))
	for _, one := range []struct {
		what string
		some bool
	}{
		{"of some people", len(f.ActorIDs) > 0}, {"of one record", f.EntityID != nil},
		{"of one rule", f.RuleID != nil}, {"of one operation", f.OperationID != nil},
	} {
		if one.some {
			parts = append(parts, one.what)
		}
	}
	switch {
	case f.From != nil && f.To != nil:
		parts = append(parts, moment(*f.From, zone)+" to "+moment(*f.To, zone))
	case f.From != nil:
		parts = append(parts, "since "+moment(*f.From, zone))
	case f.To != nil:
		parts = append(parts, "until "+moment(*f.To, zone))
	}
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return "All entries"
	}
	if f.Search == nil || *f.Search == "" {
		kept[0] = strings.ToUpper(kept[0][:1]) + kept[0][1:]
	}
	return strings.Join(kept, " · ")
}

// among writes constants as words: "Failed, in progress".
func among[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = strings.ToLower(strings.ReplaceAll(string(v), "_", " "))
	}
	text := strings.Join(words, ", ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func moment(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2 Jan 2006 15:04 MST")
}

// entries writes "1 entry", "2,000 entries".
func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text + " entries"
}

// size writes a number of bytes for people.
func size(bytes int) string {
	switch {
	case bytes < 10_000:
		return strconv.Itoa(bytes) + " bytes"
	case bytes < 10_000_000:
		return strconv.Itoa(bytes/1000) + " kB"
	default:
		return strconv.Itoa(bytes/1_000_000) + " MB"
	}
}

// formatName is what a format is called.
func formatName(format models.ExportFormat) string {
	if format == models.ExportJSONL {
		return "JSON lines"
	}
	return "CSV"
}
