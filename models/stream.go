package models

import (
	"encoding/json"
	"time"
)

// Stream is where a shop's entries are sent as they are written.
type Stream struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	Name   string
	URL    string `gorm:"column:url"`
	// Filter is an activity.Filter.
	Filter json.RawMessage `gorm:"serializer:json"`
	// Secret and OldSecret are sealed. The old one signs beside the other until its time is over.
	Secret         []byte
	OldSecret      []byte
	OldSecretUntil *time.Time
	// Enabled has the database put entries into its queue, and the workers send them.
	Enabled         bool
	DisabledAt      *time.Time
	DisabledBecause *string

	// FailingSince is when the failures in a row began, Attempts how many there were.
	FailingSince *time.Time
	Attempts     int
	// Delivered counts the events that were taken.
	Delivered     int
	LastSuccessAt *time.Time
	LastFailureAt *time.Time
	LastFailure   *string

	// Steps counts the tasks that were begun: a task that comes back late writes nothing.
	Steps int
	// DueAt is when the next task may begin; while one runs, when it counts as lost.
	DueAt   time.Time
	Working bool

	Replay `gorm:"embedded"`

	ActorType ActorType
	ActorID   *string
	ActorName string
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt *time.Time
}

// Replay is what of the log is sent again: From <= occurredAt < To. Nothing is where From is nil.
type Replay struct {
	From *time.Time `gorm:"column:replay_from"`
	To   *time.Time `gorm:"column:replay_to"`
	// After is the last item of the queue that goes before it.
	After *int64 `gorm:"column:replay_after"`
	// Horizon is the transaction that all have to be past before it begins; nil until it is known.
	Horizon *int64 `gorm:"column:replay_horizon"`
	// SentAt and SentID are how far it came.
	SentAt *time.Time `gorm:"column:replay_at"`
	SentID *string    `gorm:"column:replay_id"`
}

// CreatedBy returns who made the stream.
func (s *Stream) CreatedBy() *Actor {
	return &Actor{Type: s.ActorType, ID: s.ActorID, Name: s.ActorName}
}

// StreamItem is an entry that waits to be sent. The database writes it with the entry.
type StreamItem struct {
	ID         int64 `gorm:"primaryKey"`
	StreamID   string
	ShopID     int64
	ActivityID string
	Event      string
	At         time.Time
}

// StreamMessage is what is sent at once, the same with each attempt.
type StreamMessage struct {
	ID       string `gorm:"primaryKey"`
	StreamID string
	ShopID   int64
	// Body is compressed.
	Body           []byte
	Events         int
	ActivityIDs    []string `gorm:"column:activity_ids;serializer:json"`
	CreatedAt      time.Time
	DeliveredAt    *time.Time
	Attempts       int
	ResponseStatus *int
	ResponseType   *string
	ResponseBody   *string
	Milliseconds   int64
}
