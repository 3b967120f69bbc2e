package models

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
	"time"
)

// Kind is what tells entries apart when they are counted.
type Kind struct {
	Type       ActivityType
	Action     string
	Categories int16
	Status     ActivityStatus
	ActorType  ActorType
	// ActorID and EntityType are empty where there is none.
	ActorID    string
	ActorName  string
	EntityType string
}

// Grain is how long a bucket of the counts is.
type Grain string

// The grains. The last one has one bucket, for all time, at the Unix epoch.
const (
	GrainHour Grain = "h"
	GrainDay  Grain = "d"
	GrainAll  Grain = "a"
)

// ActivityRollup is where the counts of a shop stand. Who changes the counts holds its row locked.
type ActivityRollup struct {
	ShopID int64 `gorm:"primaryKey;autoIncrement:false"`
	// Zone is the time zone that the hours and days are of.
	Zone string
	// Kinds is how many kinds the shop has; they are numbered from 1.
	Kinds int
}

// ActivityKind gives a kind of entry that a shop has the number that the counts know it by.
type ActivityKind struct {
	ShopID int64 `gorm:"primaryKey;autoIncrement:false"`
	Number int   `gorm:"primaryKey;autoIncrement:false"`
	Kind   `gorm:"embedded"`
}

// ActivityBucket is how many entries of each kind a shop has in an hour, in a day, or at all.
type ActivityBucket struct {
	ShopID int64     `gorm:"primaryKey;autoIncrement:false"`
	Grain  Grain     `gorm:"primaryKey"`
	At     time.Time `gorm:"primaryKey"`
	Counts Counts
}

// ActivityDelta is a change of the counts that is not in them yet. The database writes it with the entries.
type ActivityDelta struct {
	ID      int64 `gorm:"primaryKey"`
	ShopID  int64
	Quarter time.Time
	Kind    `gorm:"embedded"`
	Entries int64
}

// TableName gives the plural, which is taken for one already.
func (ActivityDelta) TableName() string { return "activity_deltas" }

// Counts are numbers of kinds, each with a number of entries, packed: an hour of a busy shop has hundreds of them.
// The kinds ascend, each is kept as the difference to the one before; both numbers are varints.
type Counts []byte

// PackCounts packs what is not zero.
func PackCounts(entries map[int]int64) Counts {
	var packed Counts
	last := 0
	for _, kind := range slices.Sorted(maps.Keys(entries)) {
		if entries[kind] == 0 {
			continue
		}
		packed = binary.AppendUvarint(packed, uint64(kind-last))
		packed = binary.AppendVarint(packed, entries[kind])
		last = kind
	}
	return packed
}

// All yields each kind's number and its number of entries.
func (c Counts) All() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		kind := 0
		for rest := c; len(rest) > 0; {
			step, n := binary.Uvarint(rest)
			entries, m := binary.Varint(rest[max(n, 0):])
			if n <= 0 || m <= 0 {
				return // cut short; verifying the counts finds it
			}
			kind += int(step)
			if !yield(kind, entries) {
				return
			}
			rest = rest[n+m:]
		}
	}
}
