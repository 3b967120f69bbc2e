package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

func (s *settings) benchPostgres(ctx context.Context) (err error) {
	server, err := models.Open(ctx, s.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(server)) }()
	name := s.keep
	if name == "" {
		name = fmt.Sprintf("bench_log_%d", time.Now().UnixNano())
		defer func() { err = errors.Join(err, server.Exec("DROP DATABASE "+name+" WITH (FORCE)").Error) }()
	}
	var kept int64
	if err := server.Raw("SELECT count(*) FROM pg_database WHERE datname = ?", name).Scan(&kept).Error; err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if kept == 0 {
		if err := server.Exec("CREATE DATABASE " + name).Error; err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
	}
	address, err := url.Parse(s.Database)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	address.Path = "/" + name
	pool, err := pgxpool.New(ctx, address.String())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer pool.Close()
	return s.bench(ctx, address.String(), s.postgres, postgresReader(pool))
}

func (s *settings) benchSQLite(ctx context.Context) error {
	path := s.file
	if path == "" {
		dir, err := os.MkdirTemp("", "tagtrail-bench-log-")
		if err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "log.db")
	}
	pool, err := openSQLite(path)
	if err != nil {
		return err
	}
	defer pool.Close()
	return s.bench(ctx, "sqlite:"+path, s.sqlite, sqliteReader(pool))
}

// bench fills the database at the address and measures it. read is how the plain program reads it.
func (s *settings) bench(ctx context.Context, address string, entries int, read reader) error {
	db, err := models.Open(ctx, address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	shops, err := s.kept(ctx, db)
	if err == nil && len(shops) == 0 {
		shops, err = s.fill(ctx, db, entries)
	}
	if err == nil && !s.justWrite {
		err = s.measure(ctx, db, address, shops, entries, read)
	}
	if err == nil && s.only == "" {
		err = s.write(ctx, db, shops[0], address)
	}
	return errors.Join(err, models.Close(db))
}

// kept are the shops of a database that an earlier run filled; none if it is new.
func (s *settings) kept(ctx context.Context, db *gorm.DB) ([]*models.Shop, error) {
	if !db.Migrator().HasTable(&models.Shop{}) {
		return nil, nil
	}
	if _, err := models.Migrate(ctx, db); err != nil {
		return nil, err
	}
	var shops []*models.Shop
	if err := db.WithContext(ctx).Order("id").Find(&shops).Error; err != nil {
		return nil, fmt.Errorf("read the shops: %w", err)
	}
	return shops, nil
}

// fill makes the schema as the program makes it, and the log. The indexes are made after the rows, and the counts from
// the log, which takes a third of the time.
func (s *settings) fill(ctx context.Context, db *gorm.DB, entries int) ([]*models.Shop, error) {
	if _, err := models.Migrate(ctx, db); err != nil {
		return nil, err
	}
	shops, err := s.makeShops(db)
	if err != nil {
		return nil, err
	}
	again, err := dropIndexes(db)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	log := &seed.Log{Shops: shops, Count: entries, Days: days, Until: seed.Until(), Seed: 1, Key: activity.NewKey([32]byte{})}
	if err := log.Write(ctx, db); err != nil {
		return nil, err
	}
	written := time.Since(began)
	for _, sql := range again {
		if err := db.WithContext(ctx).Exec(sql).Error; err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	indexed := time.Since(began)
	ledger := &activity.Service{DB: db}
	for _, shop := range shops {
		if err := ledger.Rebuild(ctx, shop.ID); err != nil {
			return nil, err
		}
	}
	fmt.Printf("%s: %d entries over %d days made up and written in %.0f s, indexed in %.0f s, counted for %d shops in %.0f s.\n\n",
		db.Name(), entries, days, written.Seconds(), (indexed - written).Seconds(), len(shops), (time.Since(began) - indexed).Seconds())
	return shops, nil
}

func (s *settings) makeShops(db *gorm.DB) ([]*models.Shop, error) {
	now := models.Now()
	shops := make([]*models.Shop, s.shops+1)
	for i := range shops {
		shops[i] = &models.Shop{
			Domain:      fmt.Sprintf("shop-%d.myshopify.com", i),
			GID:         fmt.Sprintf("gid://shopify/Shop/%d", i),
			Name:        fmt.Sprint("Shop ", i),
			Plan:        models.PlanFree,
			Timezone:    "America/Toronto",
			Currency:    "CAD",
			Settings:    models.Settings{RetentionDays: int(models.ClassShort), WebhookBodyDays: 30, SnapshotDays: 90},
			WebhooksAt:  &now,
			InstalledAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		}
	}
	if err := db.CreateInBatches(shops, 200).Error; err != nil {
		return nil, fmt.Errorf("make shops: %w", err)
	}
	person := &models.Staff{ShopID: shops[0].ID, ID: userID, Name: "Riley Park", FirstSeenAt: now, AskedAt: &now}
	if err := db.Create(person).Error; err != nil {
		return nil, fmt.Errorf("make the person: %w", err)
	}
	return shops, nil
}

// dropIndexes drops the log's indexes but the primary key, and stops its triggers. It returns how to undo that.
func dropIndexes(db *gorm.DB) ([]string, error) {
	if !models.IsPostgres(db) {
		return []string{"ANALYZE"}, nil
	}
	var found []struct{ Indexname, Indexdef string }
	err := db.Raw("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'activities' AND indexname NOT LIKE '%_pkey'").
		Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read indexes: %w", err)
	}
	undo := []string{"SET maintenance_work_mem = '512MB'"}
	for _, index := range found {
		if err := db.Exec("DROP INDEX " + index.Indexname).Error; err != nil {
			return nil, fmt.Errorf("drop index: %w", err)
		}
		undo = append(undo, strings.Replace(index.Indexdef, " ON ONLY ", " ON ", 1))
	}
	if err := db.Exec("ALTER TABLE activities DISABLE TRIGGER USER").Error; err != nil {
		return nil, fmt.Errorf("stop triggers: %w", err)
	}
	return append(undo, "ALTER TABLE activities ENABLE TRIGGER USER", "VACUUM ANALYZE"), nil
}
