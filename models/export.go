package models

import (
	"encoding/json"
	"slices"
	"time"
)

// ExportFormat is how an export's file is written.
type ExportFormat string

// The formats.
const (
	ExportCSV   ExportFormat = "CSV"
	ExportJSONL ExportFormat = "JSONL"
)

// ExportStatus is how far an export has come.
type ExportStatus string

// The statuses of exports.
const (
	ExportQueued    ExportStatus = "QUEUED"
	ExportRunning   ExportStatus = "RUNNING"
	ExportCompleted ExportStatus = "COMPLETED"
	ExportFailed    ExportStatus = "FAILED"
	ExportCancelled ExportStatus = "CANCELLED"
	// ExportExpired has ended its time; its file is gone.
	ExportExpired ExportStatus = "EXPIRED"
)

// Ended reports whether nothing more is written.
func (s ExportStatus) Ended() bool {
	return !slices.Contains([]ExportStatus{ExportQueued, ExportRunning}, s)
}

// Export is a part of the log as a file, made in short tasks. Its id is its entry's.
type Export struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	Format ExportFormat
	Status ExportStatus
	// Filter is the log's own, as it was asked for.
	Filter json.RawMessage `gorm:"serializer:json"`
	// About is what is in the file, in words, where that is not what the filter says.
	About *string
	// Columns are the names of the columns, in the file's order.
	Columns []string `gorm:"serializer:json"`
	// BOM begins a CSV file with a byte order mark, by which spreadsheets know UTF-8.
	BOM bool `gorm:"column:bom"`
	// Direct says that the file is made for whoever follows the link, while they wait.
	Direct bool
	// Email is who gets a link by mail.
	Email *string

	ActorType ActorType
	ActorID   *string
	ActorName string

	// Rows are those that are written, TotalRows how many there are to be, where that is known.
	Rows      int
	TotalRows *int
	Bytes     int
	// Parts are the file, one after the other.
	Parts []ExportPart `gorm:"serializer:json"`
	// CursorAt and CursorID are the last entry that the parts have.
	CursorAt *time.Time
	CursorID *string

	ErrorCode    *string
	ErrorMessage *string

	// Steps counts the tasks that were begun: a task that comes back late writes nothing.
	Steps int
	// Attempts counts the failures in a row.
	Attempts int
	// DueAt is when the next task may begin; while one runs, when it counts as lost.
	DueAt time.Time
	// Working says that a task is at it, until DueAt.
	Working bool
	// Kept says that the store may have files of it.
	Kept bool

	CreatedAt  time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
	// ExpiresAt is when the link ends, and the file goes.
	ExpiresAt *time.Time
}

// ExportPart is a piece of an export's file.
type ExportPart struct {
	Name  string `json:"name"`
	Rows  int    `json:"rows"`
	Bytes int    `json:"bytes"`
}

// CreatedBy returns who asked for it.
func (e *Export) CreatedBy() *Actor {
	return &Actor{Type: e.ActorType, ID: e.ActorID, Name: e.ActorName}
}
