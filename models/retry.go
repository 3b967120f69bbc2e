package models

import (
	"encoding/json"
	"time"
)

// RetryJob is work over many failures of one cause, which goes on in short tasks. Its id is its entry's.
type RetryJob struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	// Code is the cause, and Filter narrows the failures, as the log's own filter does.
	Code      string
	Filter    json.RawMessage `gorm:"serializer:json"`
	ActorName string
	// Cursor is how far the walk over the failures came, and Walked that it came to the end.
	Cursor *string
	Walked bool
	// Total is how many deliveries were taken up, and Done how many of them the entry says are worked off.
	Total int
	Done  int
	// Steps counts the tasks that were begun: a task that comes back late writes nothing.
	Steps int
	// DueAt is when the next task may begin; while one runs, when it counts as lost.
	DueAt      time.Time
	CreatedAt  time.Time
	FinishedAt *time.Time
}
