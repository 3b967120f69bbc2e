// Package modelstest gives each test a database of its own: SQLite, or Postgres where TAGTRAIL_TEST_DATABASE_URL
// names a server.
package modelstest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// DatabaseEnv names the variable with the address of a Postgres server on which databases may be made.
const DatabaseEnv = "TAGTRAIL_TEST_DATABASE_URL"

// Open returns a migrated database that nobody else uses, and its address. It is gone after the test.
func Open(tb testing.TB) *gorm.DB {
	tb.Helper()
	db, _ := OpenAt(tb)
	return db
}

// OpenAt is Open for tests that hand the database's address to another process.
func OpenAt(tb testing.TB) (*gorm.DB, string) {
	tb.Helper()
	address := Address(tb)
	db, err := models.Open(tb.Context(), address, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatalf("open test database: %v", err)
	}
	tb.Cleanup(func() {
		if err := models.Close(db); err != nil {
			tb.Errorf("close test database: %v", err)
		}
	})
	return db, address
}

// Address returns the address of a migrated database that is gone after the test.
func Address(tb testing.TB) string {
	tb.Helper()
	if server := os.Getenv(DatabaseEnv); server != "" {
		return postgres(tb, server)
	}
	path := filepath.Join(tb.TempDir(), "test.db")
	template, err := sqliteTemplate()
	if err != nil {
		tb.Fatalf("make SQLite template: %v", err)
	}
	if err := os.WriteFile(path, template, 0o600); err != nil {
		tb.Fatalf("copy SQLite template: %v", err)
	}
	return "sqlite:" + path
}

// sqliteTemplate is a migrated database file, made once a process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tagtrail-template-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(address string) error {
	ctx := context.Background()
	db, err := models.Open(ctx, address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = models.Migrate(ctx, db)
	if closeErr := models.Close(db); err == nil {
		err = closeErr
	}
	return err
}

var (
	templateOnce sync.Once
	templateName string
	errTemplate  error
)

// postgres makes a database as a copy of a template, which is made once a process.
func postgres(tb testing.TB, server string) string {
	tb.Helper()
	templateOnce.Do(func() { templateName, errTemplate = postgresTemplate(server) })
	if errTemplate != nil {
		tb.Fatalf("make Postgres template: %v", errTemplate)
	}
	name := databaseName()
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE "+templateName); err != nil {
		tb.Fatalf("copy Postgres template: %v", err)
	}
	tb.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop test database: %v", err)
		}
	})
	return at(server, name)
}

func postgresTemplate(server string) (string, error) {
	name := "template_" + databaseName()
	if err := execute(server, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return name, migrate(at(server, name))
}

func databaseName() string { return "t_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

func at(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // the next use of it fails and says why
	}
	u.Path = "/" + name
	return u.String()
}

func execute(server, sql string) error {
	db, err := models.Open(context.Background(), server, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	err = db.Exec(sql).Error
	if closeErr := models.Close(db); err == nil {
		err = closeErr
	}
	return err
}

// Shop installs a shop in the database and returns it.
func Shop(tb testing.TB, db *gorm.DB, domain string, plan models.Plan) *models.Shop {
	tb.Helper()
	now := models.Now()
	shop := &models.Shop{
		Domain:      domain,
		GID:         "gid://shopify/Shop/1",
		Name:        domain,
		Plan:        plan,
		Timezone:    "America/Toronto",
		Currency:    "CAD",
		Settings:    models.Settings{RetentionDays: int(models.ClassShort), WebhookBodyDays: 30, SnapshotDays: 90},
		InstalledAt: now,
	}
	if plan == models.PlanPro {
		shop.RetentionDays = int(models.ClassLong)
	}
	if err := db.Create(shop).Error; err != nil {
		tb.Fatalf("create shop: %v", err)
	}
	return shop
}
