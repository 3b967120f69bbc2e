package models

import (
	"database/sql/driver"
	"time"
)

// ChainKey is the secret that links and blocks are made with, sealed. There is one, with the id 1.
type ChainKey struct {
	ID        int `gorm:"primaryKey;autoIncrement:false"`
	Secret    []byte
	CreatedAt time.Time
}

// ChainPending is what one transaction did to entries of a shop and is in no block yet.
type ChainPending struct {
	ID     int64 `gorm:"primaryKey"`
	ShopID int64
	At     time.Time
	Links  []byte
	// MAC shows that it is of the program's making.
	MAC []byte `gorm:"column:mac"`
}

// TableName gives the plural.
func (ChainPending) TableName() string { return "chain_pending" }

// Chain is a shop that has one. Who adds to it holds the row locked.
type Chain struct {
	ShopID int64 `gorm:"primaryKey;autoIncrement:false"`
	// Checkpoint is the newest block that a file tells of, and CheckpointedAt since when; 0 and the Unix epoch for none.
	Checkpoint     int64
	CheckpointedAt time.Time
}

// ChainBlock is a block of a shop's chain: what was done to entries of one day.
type ChainBlock struct {
	ShopID int64 `gorm:"primaryKey;autoIncrement:false"`
	Number int64 `gorm:"primaryKey;autoIncrement:false"`
	At     time.Time
	// Day is the midnight in UTC at which the day of the entries begins; FirstAt and LastAt bound their times.
	Day     time.Time
	FirstAt time.Time
	LastAt  time.Time
	// CoversFrom is when the chain begins to cover the log; the Unix epoch where it always did.
	CoversFrom time.Time
	// TrimmedBefore is before which days links may have been taken away, all their entries having left the log.
	TrimmedBefore time.Time

	Recorded int
	Updated  int
	Redacted int
	Gone     int
	Dropped  int
	Refused  int
	// Total is how many links there are up to here.
	Total int64
	// Links is nil where they were taken away.
	Links     PackedLinks
	LinksHash []byte
	// Previous is the hash of the block before.
	Previous  []byte
	Hash      []byte
	Signature []byte
}

// PackedLinks are the links of a block; those of a block without any are null.
type PackedLinks []byte

// Value implements driver.Valuer.
func (l PackedLinks) Value() (driver.Value, error) {
	if len(l) == 0 {
		return nil, nil
	}
	return []byte(l), nil
}
