// Package models holds the tables: their columns, how to open and migrate a database, and keyset paging.
package models

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/plugin/dbresolver"
)

// Now returns the time as the databases keep it: UTC, in microseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// NewID returns a UUIDv7 that carries the time, so that the row can be found by its id alone.
func NewID(at time.Time) string {
	id := uuid.New()
	return stamp(id, at).String()
}

// DerivedID returns the id of something that follows from a parent: the same each time it is asked for, so that a
// second run writes the same row again.
func DerivedID(at time.Time, parent, name string) string {
	sum := sha256.Sum256([]byte(parent + "\x00" + name))
	return stamp(uuid.UUID(sum[:16]), at).String()
}

// stamp turns random bytes into a UUIDv7 of that time (RFC 9562, section 5.7).
func stamp(id uuid.UUID, at time.Time) uuid.UUID {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// IDTime returns the millisecond that an id carries, or false when it is not a UUIDv7.
func IDTime(id string) (time.Time, bool) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 {
		return time.Time{}, false
	}
	var ms [8]byte
	copy(ms[2:], parsed[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC(), true
}

// InTx runs f in a transaction, which is the writer's on SQLite.
func InTx(ctx context.Context, db *gorm.DB, f func(tx *gorm.DB) error) error {
	return db.WithContext(ctx).Transaction(f)
}

// InSnapshot runs f in a transaction that only reads and whose statements all see the same moment. On SQLite it does
// not wait for the writer.
func InSnapshot(ctx context.Context, db *gorm.DB, f func(tx *gorm.DB) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if IsPostgres(db) {
		options.Isolation = sql.LevelRepeatableRead
		return db.WithContext(ctx).Transaction(f, options)
	}
	return db.WithContext(ctx).Clauses(dbresolver.Read).Transaction(f, options)
}
