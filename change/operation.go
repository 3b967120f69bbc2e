package change

import (
	"encoding/json"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// Kind is the kind of live message that names an operation.
const Kind = "operation"

// Input is what an operation does, and to which records.
type Input struct {
	Kind        models.OperationKind `json:"kind"`
	Resource    models.ResourceType  `json:"resource"`
	Selection   Selection            `json:"selection"`
	Tags        []string             `json:"tags,omitempty"`
	ReplaceWith *string              `json:"replaceWith,omitempty"`
	Clean       []Cleaning           `json:"clean,omitempty"`
	Note        *string              `json:"note,omitempty"`
}

// Selection says which records: exactly one of a search, ids, a file, or all.
type Selection struct {
	// Records is how many records a file names.
	Records int `json:"records,omitempty"`

	Query *string  `json:"query,omitempty"`
	IDs   []string `json:"ids,omitempty"`
	CSV   *string  `json:"csv,omitempty"`
	All   bool     `json:"all,omitempty"`
}

// Cleaning says what becomes of some spellings of a tag.
type Cleaning struct {
	Tags        []string `json:"tags"`
	ReplaceWith *string  `json:"replaceWith,omitempty"`
}

// RevertInput says what to take back: an operation or some of its items, an entry, or what a rule did in a window.
type RevertInput struct {
	OperationID *string           `json:"operationId,omitempty"`
	ItemIDs     []string          `json:"itemIds,omitempty"`
	ActivityID  *string           `json:"activityId,omitempty"`
	RuleID      *string           `json:"ruleId,omitempty"`
	From        *time.Time        `json:"from,omitempty"`
	To          *time.Time        `json:"to,omitempty"`
	Mode        models.RevertMode `json:"mode"`
	Note        *string           `json:"note,omitempty"`
}

// Operation is an operation as it is read. Operations that were read together look up what they refer to together.
type Operation struct {
	models.Operation
	input Input
	page  *operations
}

// Progress is how far an operation has come.
type Progress struct {
	Total, Pending, Succeeded, Unchanged, Failed, Skipped, Conflicts int
	PerSecond                                                        float64
	SecondsLeft                                                      *int
	WaitingFor                                                       *string
}

// Cause is why some items failed.
type Cause struct {
	Code    string
	Message string
	Count   int
}

// Item is one record of an operation.
type Item struct {
	ID         string
	ResourceID string
	Title      string
	URL        *string
	Outcome    models.SnapshotOutcome
	Before     json.RawMessage
	After      json.RawMessage
	Added      []string
	Removed    []string
	Error      *activity.Failure
}

// ItemList is a page of items.
type ItemList struct {
	Items    []*Item
	Edges    []*ItemEdge
	PageInfo *models.PageInfo
}

// ItemEdge is an item and its cursor.
type ItemEdge struct {
	Cursor string
	Node   *Item
}

// OperationList is a page of operations.
type OperationList struct {
	Operations []*Operation
	Edges      []*OperationEdge
	PageInfo   *models.PageInfo
}

// OperationEdge is an operation and its cursor.
type OperationEdge struct {
	Cursor string
	Node   *Operation
}

// OperationFilter narrows the operations.
type OperationFilter struct {
	Kinds    []models.OperationKind
	Statuses []models.OperationStatus
}

// Preview is what a change would do.
type Preview struct {
	Total            int
	Exact            bool
	Looked           int
	WouldChange      int
	Unchanged        int
	Refused          int
	SecondsEstimated *int
	Bulk             bool
	Sample           []*PreviewItem
	Problems         []*fault.Problem
}

// PreviewItem is what a change would do to one record.
type PreviewItem struct {
	ResourceID string
	Title      string
	Before     json.RawMessage
	After      json.RawMessage
	Refusal    *string
}

// CSVSelection is what a CSV file selects.
type CSVSelection struct {
	Columns []*CSVColumn
	Records int
	Errors  []*CSVError
}

// CSVColumn is a column of a CSV file and what it is taken for.
type CSVColumn struct {
	Name   string
	UsedAs *string
}

// CSVError is a line of a CSV file that is wrong.
type CSVError struct {
	Line    int
	Message string
}

// RevertPreview is what a revert would do.
type RevertPreview struct {
	Total, Looked, WouldRestore, AlreadyRestored, Drifted, Gone int
	Sample                                                      []*RevertPreviewItem
	Problems                                                    []*fault.Problem
}

// RevertPreviewItem is what a revert would do to one record.
type RevertPreviewItem struct {
	ResourceID string
	Title      string
	Now        json.RawMessage
	After      json.RawMessage
	State      string
}

// TagScan is what the last scan of a kind of record found.
type TagScan struct {
	Operation *Operation
	Tags      int
	Findings  []*Finding
}

// FindingKind is what is wrong with tags.
type FindingKind string

// The kinds of findings.
const (
	Spellings  FindingKind = "SPELLINGS"
	TooLong    FindingKind = "TOO_LONG"
	WhiteSpace FindingKind = "WHITE_SPACE"
	Malformed  FindingKind = "MALFORMED"
	Orphaned   FindingKind = "ORPHANED"
)

// Finding is tags that something is wrong with.
type Finding struct {
	Kind       FindingKind
	Tags       []*TagCount
	Suggestion *string
}

// TagCount is a tag and how many records have it.
type TagCount struct {
	Tag        string
	Records    int
	ResourceID string
}
