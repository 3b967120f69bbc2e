package models

import (
	"encoding/json"
	"time"
)

// ActorType is who did something.
type ActorType string

// The kinds of actor.
const (
	ActorStaff    ActorType = "STAFF"
	ActorSystem   ActorType = "SYSTEM"
	ActorExternal ActorType = "EXTERNAL"
	ActorRule     ActorType = "RULE"
	ActorAPI      ActorType = "API"
)

// Actor is who did something. Who is not known is never guessed.
type Actor struct {
	Type ActorType
	ID   *string
	Name string
}

// ActivityType is what kind of event an entry tells of.
type ActivityType string

// The types of entry.
const (
	UserAction    ActivityType = "USER_ACTION"
	BackgroundJob ActivityType = "BACKGROUND_JOB"
	Webhook       ActivityType = "WEBHOOK"
	SystemEvent   ActivityType = "SYSTEM_EVENT"
)

// ActivityStatus is how far what an entry tells of has come.
type ActivityStatus string

// The statuses.
const (
	Pending    ActivityStatus = "PENDING"
	InProgress ActivityStatus = "IN_PROGRESS"
	Success    ActivityStatus = "SUCCESS"
	Warning    ActivityStatus = "WARNING"
	Failed     ActivityStatus = "FAILED"
)

// Final reports whether nothing more will come of it by itself.
func (s ActivityStatus) Final() bool { return s != Pending && s != InProgress }

// ActivityCategory is a tab of the page.
type ActivityCategory string

// The tabs.
const (
	CategoryTags           ActivityCategory = "TAGS"
	CategoryBulkOperations ActivityCategory = "BULK_OPERATIONS"
	CategoryMetafields     ActivityCategory = "METAFIELDS"
	CategoryDataCleaning   ActivityCategory = "DATA_CLEANING"
	CategorySystem         ActivityCategory = "SYSTEM"
)

// FieldChange is one field before and after.
type FieldChange struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// StatusChange is a status and when an entry took it.
type StatusChange struct {
	Status ActivityStatus `json:"status"`
	At     time.Time      `json:"at"`
	Note   *string        `json:"note,omitempty"`
}

// Activity is one entry of the log. It is append-only apart from its status and outcome.
type Activity struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	// RetentionClass is how long the shop keeps entries; on Postgres it names the partition.
	RetentionClass int16
	OccurredAt     time.Time
	UpdatedAt      time.Time
	Type           ActivityType
	Action         string
	// Categories is a bit for each tab, in the order of the constants.
	Categories int16
	Status     ActivityStatus
	Summary    string

	ActorType ActorType
	ActorID   *string
	ActorName string

	EntityType  *string
	EntityID    *string
	EntityTitle *string
	EntityURL   *string

	RuleID      *string
	RuleVersion *int
	CauseID     *string
	// OperationID is the operation that it is part of.
	OperationID *string

	Changes     []FieldChange   `gorm:"serializer:json"`
	Evaluations []Evaluation    `gorm:"serializer:json"`
	History     []StatusChange  `gorm:"serializer:json"`
	Metadata    json.RawMessage `gorm:"serializer:json"`

	ErrorCode    *string
	ErrorMessage *string
	ErrorStack   *string
	Attempts     int
}

// ActivityTag says that an entry put a tag on a record or took it off.
type ActivityTag struct {
	ShopID     int64     `gorm:"primaryKey;autoIncrement:false"`
	TagKey     string    `gorm:"primaryKey"`
	OccurredAt time.Time `gorm:"primaryKey"`
	ActivityID string    `gorm:"primaryKey"`
}

// SavedView is a filter of the log that a person keeps under a name.
type SavedView struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	Name   string
	// Shared views are seen by the whole staff, others by who saved them.
	Shared    bool
	Filter    json.RawMessage `gorm:"serializer:json"`
	ActorType ActorType
	ActorID   *string
	ActorName string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// CreatedBy returns who saved the view.
func (v *SavedView) CreatedBy() *Actor {
	return &Actor{Type: v.ActorType, ID: v.ActorID, Name: v.ActorName}
}
