package models

import "time"

// CleanUp is the clean-up of one shop, night after night: the run that is under way, or when the next one is due.
type CleanUp struct {
	ShopID int64 `gorm:"primaryKey;autoIncrement:false"`
	// RunID is the run that is under way, which is also its entry's id, and BeganAt when it began: what was over then
	// leaves in it.
	RunID   *string
	BeganAt *time.Time
	// Phase is what the run is at, and Cursor how far that came.
	Phase  string
	Cursor *string
	// Removed is what left in it.
	Removed Removed `gorm:"serializer:json"`
	// KeptBecause is why something that is over had to stay.
	KeptBecause *string
	// Dropped is how many entries left with their partition and are not in an entry yet.
	Dropped     int64
	DroppedFrom *time.Time
	DroppedTo   *time.Time
	// Steps counts the tasks that were begun: a task that comes back late writes nothing.
	Steps int
	// Attempts counts the failures in a row.
	Attempts int
	// DueAt is when the next task may begin; while one runs, when it counts as lost.
	DueAt time.Time
	// LastAt is when a run last ended.
	LastAt *time.Time
}

// Removed is what left, by kind.
type Removed map[Kept]Span

// Kept is a kind of thing that is kept for a time.
type Kept string

// What is kept for a time.
const (
	KeptEntries    Kept = "entries"
	KeptBodies     Kept = "webhookBodies"
	KeptSnapshots  Kept = "snapshots"
	KeptDeliveries Kept = "deliveries"
	KeptOperations Kept = "operations"
	KeptArchive    Kept = "archiveFiles"
)

// Span is a number of things and when the first and the last of them were.
type Span struct {
	Count int64     `json:"count"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// Add takes more things of a kind into account.
func (r Removed) Add(kind Kept, more Span) {
	if more.Count == 0 {
		return
	}
	sum := r[kind]
	if sum.Count == 0 || more.From.Before(sum.From) {
		sum.From = more.From.UTC()
	}
	if sum.Count == 0 || more.To.After(sum.To) {
		sum.To = more.To.UTC()
	}
	sum.Count += more.Count
	r[kind] = sum
}

// PartState is how far a file of the archive and the entries in it have come.
type PartState string

// The states of a file of the archive.
const (
	// PartWritten is whole and verified; its entries are in the log, too.
	PartWritten PartState = "WRITTEN"
	// PartLeaving has its entries removed from the log.
	PartLeaving PartState = "LEAVING"
	// PartLeft alone has its entries.
	PartLeft PartState = "LEFT"
	// PartPurging is being removed.
	PartPurging PartState = "PURGING"
)

// ArchivePart is a file of the archive: entries of a day of a shop.
type ArchivePart struct {
	ShopID int64 `gorm:"primaryKey;autoIncrement:false"`
	// Day is the midnight in UTC at which it begins.
	Day time.Time `gorm:"primaryKey"`
	// Part counts from 1.
	Part    int `gorm:"primaryKey;autoIncrement:false"`
	State   PartState
	Entries int
	Bytes   int64
	SHA256  string `gorm:"column:sha256"`
	// Fingerprint is the sum of when the entries last changed, each in microseconds modulo FingerprintModulus.
	Fingerprint int64
	FirstAt     time.Time
	FirstID     string
	LastAt      time.Time
	LastID      string
	WrittenAt   time.Time
	// Generation counts how often the file was written anew, without what told of somebody.
	Generation int
}

// FingerprintModulus keeps the sums of fingerprints small.
const FingerprintModulus = 1_000_000_007
