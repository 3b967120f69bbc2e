package models

import (
	"encoding/json"
	"slices"
	"time"
)

// OperationKind is what an operation does to each record.
type OperationKind string

// The kinds of operations.
const (
	TagAdd      OperationKind = "TAG_ADD"
	TagRemove   OperationKind = "TAG_REMOVE"
	TagReplace  OperationKind = "TAG_REPLACE"
	TagMerge    OperationKind = "TAG_MERGE"
	TagCleanup  OperationKind = "TAG_CLEANUP"
	DataCleanup OperationKind = "DATA_CLEANUP"
	// TagScan counts tags and changes nothing.
	TagScan OperationKind = "TAG_SCAN"
	Revert  OperationKind = "REVERT"
)

// OperationStatus is how far an operation has come.
type OperationStatus string

// The statuses of operations.
const (
	OperationQueued     OperationStatus = "QUEUED"
	OperationCollecting OperationStatus = "COLLECTING"
	OperationRunning    OperationStatus = "RUNNING"
	OperationCancelling OperationStatus = "CANCELLING"
	OperationCompleted  OperationStatus = "COMPLETED"
	OperationWarned     OperationStatus = "COMPLETED_WITH_WARNINGS"
	OperationCancelled  OperationStatus = "CANCELLED"
	OperationFailed     OperationStatus = "FAILED"
)

// ended are the statuses in which nothing more is done.
var ended = []OperationStatus{OperationCompleted, OperationWarned, OperationCancelled, OperationFailed}

// Ended reports whether nothing more is done.
func (s OperationStatus) Ended() bool { return slices.Contains(ended, s) }

// RevertMode is what a revert does about what others changed since.
type RevertMode string

// The modes of a revert.
const (
	KeepLaterEdits  RevertMode = "KEEP_LATER_EDITS"
	RestoreSnapshot RevertMode = "RESTORE_SNAPSHOT"
)

// Operation is work over many records of a shop, in short tasks. Its items are the snapshots whose cause it is, and its
// id is its entry's.
type Operation struct {
	ID       string `gorm:"primaryKey"`
	ShopID   int64
	Kind     OperationKind
	Status   OperationStatus
	Resource ResourceType
	// Label says what it does, and Chosen to which records, in words.
	Label  string
	Chosen string
	// Input is what was asked for, as change.Input, without the file.
	Input json.RawMessage `gorm:"serializer:json"`
	// File names the records, until they are read.
	File *string

	ActorType ActorType
	ActorID   *string
	ActorName string

	// RevertOf is the operation that a revert takes back, where it is one; Revert says what exactly, as
	// change.RevertInput.
	RevertOf *string
	Revert   json.RawMessage `gorm:"serializer:json"`

	// Bulk says that Shopify's bulk operations do it; otherwise records are read and written one by one.
	Bulk bool
	// Estimate is what it was estimated to take, as change.Estimate.
	Estimate json.RawMessage `gorm:"serializer:json"`
	// Cursor is how far the collecting came.
	Cursor *string

	ItemCounts `gorm:"embedded"`
	// Cost is what Shopify charged, in points.
	Cost       int
	WaitingFor *string

	ErrorCode    *string
	ErrorMessage *string

	// Steps counts the tasks that were begun: a task that comes back late writes nothing.
	Steps int
	// Attempts counts the failures in a row that are worth another try.
	Attempts int
	// DueAt is when the next task may begin; while one runs, when it counts as lost.
	DueAt time.Time
	// Working says that a task is at it, until DueAt.
	Working bool
	// PaceFrom and PaceDone tell how fast it goes: so many items were done by then.
	PaceFrom *time.Time
	PaceDone int

	CreatedAt  time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
}

// ItemCounts are the items of an operation by what became of them. They are kept in step with the snapshots, in the same
// transactions.
type ItemCounts struct {
	Total     int
	Pending   int
	Succeeded int
	Unchanged int
	Failed    int
	Skipped   int
	Conflicts int
}

// Done is how many items are settled.
func (c *ItemCounts) Done() int { return c.Total - c.Pending }

// CreatedBy returns who started it.
func (o *Operation) CreatedBy() *Actor {
	return &Actor{Type: o.ActorType, ID: o.ActorID, Name: o.ActorName}
}

// BulkStep is what one of Shopify's bulk operations is for.
type BulkStep string

// The steps that bulk operations do.
const (
	BulkCollect BulkStep = "COLLECT"
	BulkAdd     BulkStep = "ADD"
	BulkRemove  BulkStep = "REMOVE"
)

// BulkStatus is how far one of Shopify's bulk operations has come, on our side.
type BulkStatus string

// The statuses of bulk operations.
const (
	// BulkFilling is having its records chosen.
	BulkFilling BulkStatus = "FILLING"
	// BulkPlanned has its records chosen and nothing sent.
	BulkPlanned BulkStatus = "PLANNED"
	// BulkStarting was sent; Shopify's answer is not kept yet.
	BulkStarting BulkStatus = "STARTING"
	BulkRunning  BulkStatus = "RUNNING"
	// BulkReading has ended at Shopify; its result is being read.
	BulkReading BulkStatus = "READING"
	BulkDone    BulkStatus = "DONE"
	// BulkLost gave no result; its records are read one by one to see what became of them.
	BulkLost BulkStatus = "LOST"
)

// OperationBulk is one of Shopify's bulk operations, as part of an operation of ours.
type OperationBulk struct {
	ID          string `gorm:"primaryKey"`
	ShopID      int64
	OperationID string
	Step        BulkStep
	Status      BulkStatus
	// GID is Shopify's id of it.
	GID *string `gorm:"column:gid"`
	// Lines is how many lines a mutation's file or a query's result has, LinesRead how many of the result were read.
	Lines     int
	LinesRead int
	// StagedPath is where the file was uploaded to.
	StagedPath *string
	// BeganAt and EndedAt are when Shopify began and ended it, by Shopify's own clock.
	BeganAt *time.Time
	EndedAt *time.Time
	// Polls counts how often Shopify was asked how far it is, PolledAt is when it last was.
	Polls      int
	PolledAt   *time.Time
	ErrorCode  *string
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// ScannedTag is how often a scan found one spelling of a tag.
type ScannedTag struct {
	ShopID      int64  `gorm:"primaryKey;autoIncrement:false"`
	OperationID string `gorm:"primaryKey"`
	Tag         string `gorm:"primaryKey"`
	// Folded is what is left of it without case, white space and punctuation.
	Folded     string
	Records    int
	ResourceID string
}
