package models

import "time"

// Kind is what tells entries apart when they are counted.
type Kind struct {
	Type       ActivityType
	Action     string
	Categories int16
	Status     ActivityStatus
	ActorType  ActorType
	// ActorID and EntityType are empty where there is none.
	ActorID    string
	EntityType string
}

// Grain is how long a bucket of the counts is.
type Grain string

// The grains. The last one has one bucket, for all time.
const (
	GrainHour Grain = "h"
	GrainDay  Grain = "d"
	GrainAll  Grain = "a"
)

// ActivityCount is how many entries of a kind there are in an hour or a day of the shop's time zone, or at all.
type ActivityCount struct {
	ShopID         int64
	Grain          Grain
	Bucket         time.Time
	RetentionClass int16
	Kind           `gorm:"embedded"`
	// ActorName is the actor's last known name.
	ActorName string
	Entries   int64
}

// ActivityDelta is a change of the counts that is not in them yet. The database writes it with the entries.
type ActivityDelta struct {
	ID             int64 `gorm:"primaryKey"`
	ShopID         int64
	Quarter        time.Time
	RetentionClass int16
	Kind           `gorm:"embedded"`
	ActorName      string
	Entries        int64
}

// ActivityZone is the time zone that a shop's counts were made in.
type ActivityZone struct {
	ShopID    int64 `gorm:"primaryKey;autoIncrement:false"`
	Zone      string
	RebuiltAt time.Time
}

// TableName gives the plural, which is taken for one already.
func (ActivityDelta) TableName() string { return "activity_deltas" }
