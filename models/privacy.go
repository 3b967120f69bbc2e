package models

import (
	"encoding/json"
	"time"
)

// PrivacyKind is what Shopify asks for on behalf of a person or a shop.
type PrivacyKind string

// The kinds of privacy requests.
const (
	// DataRequest wants what is kept of a customer, to be handed over by the merchant.
	DataRequest PrivacyKind = "DATA_REQUEST"
	// CustomerRedact wants what is kept of a customer erased.
	CustomerRedact PrivacyKind = "CUSTOMER_REDACT"
	// ShopRedact wants a shop that has left erased.
	ShopRedact PrivacyKind = "SHOP_REDACT"
)

// PrivacyRequest is such a request, carried out in short tasks. Its id is the delivery's that asked, and so its entry's.
type PrivacyRequest struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	Kind   PrivacyKind
	// CustomerID and OrderIDs are the global ids of whom it is about, and Person what they are known by, as
	// privacy.Person. All are emptied when it is done.
	CustomerID *string
	OrderIDs   []string        `gorm:"column:order_ids;serializer:json"`
	Person     json.RawMessage `gorm:"serializer:json"`
	// Phase is what it is at, and Cursor how far that came.
	Phase  string
	Cursor *string
	// Counts is what was done, by kind.
	Counts map[string]int64 `gorm:"serializer:json"`
	// Parts are the files of what was gathered, one after the other.
	Parts []ExportPart `gorm:"serializer:json"`
	// Steps counts the tasks that were begun: a task that comes back late writes nothing.
	Steps int
	// Attempts counts the failures in a row, and LastError is the last of them.
	Attempts  int
	LastError *string
	// DueAt is when the next task may begin; while one runs, when it counts as lost.
	DueAt      time.Time
	ReceivedAt time.Time
	// ActBy is by when Shopify wants it done.
	ActBy      time.Time
	FinishedAt *time.Time
}
