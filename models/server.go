package models

import "time"

// Server is how the processes of one role last ran.
type Server struct {
	// Role is what they do, such as worker.
	Role    string `gorm:"primaryKey"`
	Version string
	// Settings are shown as in the program's own log: a secret is "set".
	Settings  map[string]string `gorm:"serializer:json"`
	StartedAt time.Time
	StoppedAt *time.Time
}
