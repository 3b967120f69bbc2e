package models

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the key of the Postgres lock that lets one process migrate at a time.
const migrationLock = 0x7461677472

// Migration is one step that has been taken.
type Migration struct {
	Version   int `gorm:"primaryKey;autoIncrement:false"`
	Name      string
	AppliedAt time.Time
}

// TableName names the table that remembers the steps.
func (Migration) TableName() string { return "schema_migrations" }

type step struct {
	Migration
	sql string
}

// Migrate brings the database to the newest schema and returns the steps that it took. Each runs once, in a
// transaction; processes that start together take turns.
func Migrate(ctx context.Context, db *gorm.DB) ([]Migration, error) {
	steps, err := stepsFor(db.Name())
	if err != nil {
		return nil, err
	}
	if err := createMigrations(ctx, db); err != nil {
		return nil, err
	}
	var taken []Migration
	for _, s := range steps {
		done, err := take(ctx, db, s)
		if err != nil {
			return taken, fmt.Errorf("migration %04d %s: %w", s.Version, s.Name, err)
		}
		if done {
			taken = append(taken, s.Migration)
		}
	}
	if len(taken) > 0 {
		if err := forgetStatements(db); err != nil {
			return taken, err
		}
	}
	return taken, EnsurePartitions(ctx, db, Now())
}

func createMigrations(ctx context.Context, db *gorm.DB) error {
	kind := "TIMESTAMP"
	if IsPostgres(db) {
		kind = "timestamptz"
	}
	err := InTx(ctx, db, func(tx *gorm.DB) error {
		if err := lockMigrations(tx); err != nil {
			return err
		}
		return tx.Exec(`CREATE TABLE IF NOT EXISTS schema_migrations
			(version integer PRIMARY KEY, name text NOT NULL, applied_at ` + kind + ` NOT NULL)`).Error
	})
	if err != nil {
		return fmt.Errorf("create the table of migrations: %w", err)
	}
	return nil
}

func lockMigrations(tx *gorm.DB) error {
	if !IsPostgres(tx) {
		return nil // the transaction has SQLite's only writer
	}
	return tx.Exec("SELECT pg_advisory_xact_lock(?)", migrationLock).Error
}

func take(ctx context.Context, db *gorm.DB, s step) (bool, error) {
	done := false
	err := InTx(ctx, db, func(tx *gorm.DB) error {
		if err := lockMigrations(tx); err != nil {
			return err
		}
		var count int64
		if err := tx.Model(&Migration{}).Where("version = ?", s.Version).Count(&count).Error; err != nil {
			return err
		}
		if count > 0 {
			return nil
		}
		for _, statement := range statements(s.sql) {
			if err := tx.Exec(statement).Error; err != nil {
				return err
			}
		}
		s.AppliedAt = Now()
		done = true
		return tx.Create(&s.Migration).Error
	})
	return done, err
}

// statements splits a file at the semicolons that end a line; the files hold none inside a statement.
func statements(sql string) []string {
	var out []string
	for part := range strings.SplitSeq(sql, ";\n") {
		if strings.TrimSpace(part) != "" {
			out = append(out, part)
		}
	}
	return out
}

func stepsFor(dialect string) ([]step, error) {
	names, err := fs.Glob(migrations, "migrations/*."+dialect+".sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	steps := make([]step, 0, len(names))
	for _, name := range names {
		number, rest, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name must begin with its number", name)
		}
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		title, _, _ := strings.Cut(rest, ".")
		steps = append(steps, step{Migration: Migration{Version: version, Name: title}, sql: string(text)})
	}
	return steps, nil
}

// Migrated reports whether every step has been taken.
func Migrated(ctx context.Context, db *gorm.DB) (bool, error) {
	steps, err := stepsFor(db.Name())
	if err != nil {
		return false, err
	}
	if !db.Migrator().HasTable(&Migration{}) {
		return false, nil
	}
	var count int64
	if err := db.WithContext(ctx).Model(&Migration{}).Count(&count).Error; err != nil {
		return false, fmt.Errorf("count migrations: %w", err)
	}
	return count >= int64(len(steps)), nil
}
