package models

import "time"

// SnapshotOutcome is what became of one intended change.
type SnapshotOutcome string

// The outcomes of a snapshot.
const (
	SnapshotPending   SnapshotOutcome = "PENDING"
	SnapshotSucceeded SnapshotOutcome = "SUCCEEDED"
	SnapshotFailed    SnapshotOutcome = "FAILED"
	// SnapshotAgain has failed and is to be planned anew: somebody asked for another try.
	SnapshotAgain SnapshotOutcome = "AGAIN"
	// SnapshotUnchanged had nothing to change.
	SnapshotUnchanged SnapshotOutcome = "UNCHANGED"
	// SnapshotSkipped was not tried: the operation was cancelled before.
	SnapshotSkipped SnapshotOutcome = "SKIPPED"
	// SnapshotConflict was written, or may have been, while somebody else changed the record: whose change is whose
	// cannot be told. Nothing of it is taken back that may be theirs.
	SnapshotConflict SnapshotOutcome = "CONFLICT"
)

// Snapshot is one intended change to the tags of one record: what was there before, what it adds and removes, and,
// once written, what was there after. It is committed before anything is written to the shop.
type Snapshot struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	// CauseID is the entry that led to it, and with RuleID and ResourceID makes it unique.
	CauseID       string
	RuleID        *string
	RuleVersion   *int
	RuleName      string
	ResourceID    string
	ResourceType  ResourceType
	ResourceTitle string

	Before  Tags
	Adds    Tags
	Removes Tags
	After   Tags

	Outcome      SnapshotOutcome
	ErrorCode    *string
	ErrorMessage *string
	Cost         int
	// SentAt is set before an operation's write is sent: from then on Shopify may have it.
	SentAt *time.Time
	// BulkID is the bulk operation in which it is under way, and BulkLine its line there, from 0.
	BulkID   *string
	BulkLine int
	// Seen is the tags as they were read before the latest write; Before is as they were before the first one.
	Seen Tags
	// Added and Removed are what an operation changed of the record, over all tries.
	Added   Tags
	Removed Tags
	// ReadAtVersion is the record's own time of change when Before was read.
	ReadAtVersion *time.Time
	// Attempts counts the tries of an operation's item.
	Attempts int
	// ResourceUpdatedAt is the record's own time of change after our write: the mark of our echo.
	ResourceUpdatedAt *time.Time
	// CreatedAt is when it was last intended. The id carries when it first was, and so does its entry.
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// FirstAt returns when the change was intended for the first time, to the millisecond.
func (s *Snapshot) FirstAt() time.Time {
	at, ok := IDTime(s.ID)
	if !ok {
		return s.CreatedAt // every id of ours carries its time
	}
	return at
}

// EntryID returns the id of the entry that tells of the change, however often it is tried.
func (s *Snapshot) EntryID() string { return DerivedID(s.FirstAt(), s.ID, "entry") }

// TagOwner says which rule put a tag on a record. A tag that is not here is somebody else's.
type TagOwner struct {
	ShopID     int64  `gorm:"primaryKey;autoIncrement:false"`
	ResourceID string `gorm:"primaryKey"`
	// TagKey is the tag in the form that makes it that tag; Tag is its spelling.
	TagKey     string `gorm:"primaryKey"`
	Tag        string
	RuleID     string
	ActivityID string
	Since      time.Time
}
