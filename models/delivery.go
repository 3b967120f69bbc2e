package models

import "time"

// DeliveryStatus is how far the work on a delivery has come.
type DeliveryStatus string

// The statuses of a delivery.
const (
	DeliveryPending    DeliveryStatus = "PENDING"
	DeliveryProcessing DeliveryStatus = "PROCESSING"
	DeliveryDone       DeliveryStatus = "DONE"
	DeliveryFailed     DeliveryStatus = "FAILED"
)

// Delivery is a webhook whose sender, Shopify or a source, was told that we have it. Its id is also the id of its entry.
type Delivery struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	// WebhookID is the sender's id of this delivery, behind the source's id where it was not Shopify: the same when it is sent again.
	WebhookID string
	// EventID is shared by all deliveries that one act of somebody caused.
	EventID     string
	Topic       string
	APIVersion  string
	TriggeredAt time.Time
	ReceivedAt  time.Time
	// Body is the raw body, compressed with S2, the quick successor of Snappy.
	Body []byte

	Status DeliveryStatus
	// Attempts counts the tries that were begun, without those that only waited.
	Attempts int
	// DueAt is when the next try may begin; while one runs, when it counts as lost.
	DueAt time.Time
	// Duplicates counts how often it was sent again; DuplicatesNoted, how many of those its entry tells of.
	Duplicates      int
	DuplicatesNoted int
	LastDuplicateAt *time.Time
	// SourceID is who sent it, where it was not Shopify.
	SourceID *string
	// EarlierAttempts are the tries before somebody asked for more; Attempts counts from 0 again then.
	EarlierAttempts int
	// JobID is the job that last asked for more tries.
	JobID *string
}

// Tries is how often the work was begun, with the tries before a retry.
func (d *Delivery) Tries() int { return d.EarlierAttempts + d.Attempts }

// Resource is what we last heard of a record of the shop.
type Resource struct {
	ShopID int64  `gorm:"primaryKey;autoIncrement:false"`
	ID     string `gorm:"primaryKey"`
	Type   ResourceType
	Title  string
	// ChangedAt is when the newest delivery about it was triggered; DeliveryID is that delivery.
	ChangedAt  time.Time
	DeliveryID string
	DeletedAt  *time.Time
}
