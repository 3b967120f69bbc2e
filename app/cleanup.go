package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/caarlos0/env/v11"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/retention"
	"gorm.io/gorm"
)

// CleanUp removes what is over, now.
type CleanUp struct {
	Shop    string `help:"Only this shop, by its myshopify.com name."`
	DryRun  bool   `help:"Only say what would leave."`
	Compact bool   `help:"SQLite: write the file anew afterwards, so that free space is given back. Nothing else may use it meanwhile."`
}

// Run cleans up one shop after the other. The server may run meanwhile.
func (c CleanUp) Run(ctx context.Context, out io.Writer) error {
	return withKeeper(ctx, func(db *gorm.DB, keeper *retention.Service) error {
		shops, err := shopsNamed(ctx, db, c.Shop)
		if err != nil {
			return err
		}
		if c.DryRun {
			return dryRun(ctx, out, keeper, shops)
		}
		if keeper.Activity.Key, err = chainKey(ctx, db); err != nil {
			return err
		}
		if err := cleanUp(ctx, out, keeper, shops); err != nil {
			return err
		}
		dropped, err := keeper.DropPartitions(ctx)
		for _, name := range dropped {
			fmt.Fprintf(out, "partition %s left\n", name)
		}
		if err == nil && len(dropped) > 0 {
			err = cleanUp(ctx, io.Discard, keeper, shops) // their logs are told of it
		}
		if err == nil && c.Compact {
			err = models.Compact(ctx, db)
		}
		return err
	})
}

func cleanUp(ctx context.Context, out io.Writer, keeper *retention.Service, shops []*models.Shop) error {
	for _, shop := range shops {
		switch err := keeper.CleanUp(ctx, shop); {
		case errors.Is(err, retention.ErrBusy):
			fmt.Fprintf(out, "%s: a worker is at it, or will be in a minute\n", shop.Domain)
		case err != nil:
			return fmt.Errorf("%s: %w", shop.Domain, err)
		default:
			fmt.Fprintf(out, "%s: cleaned up\n", shop.Domain)
		}
	}
	return nil
}

func dryRun(ctx context.Context, out io.Writer, keeper *retention.Service, shops []*models.Shop) error {
	for _, shop := range shops {
		over, err := keeper.Over(ctx, shop)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d entries, %d webhook bodies, %d snapshots, %d received webhooks, %d operations, %d files of the archive are over\n",
			shop.Domain, over[models.KeptEntries], over[models.KeptBodies], over[models.KeptSnapshots], over[models.KeptDeliveries],
			over[models.KeptOperations], over[models.KeptArchive])
	}
	return nil
}

// withKeeper runs f with the database that DATABASE_URL names and the files that FILES_URL does. What happens is told
// to pages that look again, not to those that wait: it needs no Redis.
func withKeeper(ctx context.Context, f func(db *gorm.DB, keeper *retention.Service) error) error {
	var c struct {
		FilesURL string `env:"FILES_URL" envDefault:"file:data/files"`
	}
	if err := env.Parse(&c); err != nil {
		return fmt.Errorf("read FILES_URL: %w", err)
	}
	return withMigrated(ctx, func(db *gorm.DB) error {
		files, err := blob.Open(ctx, c.FilesURL)
		if err != nil {
			return err
		}
		embedded, err := startRedis()
		if err != nil {
			return errors.Join(err, files.Close())
		}
		defer embedded.stop()
		rdb := redis.NewClient(&redis.Options{Addr: embedded.Addr()})
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		hub, work := live.New(rdb, "tagtrail", log), queue.New(rdb, "tagtrail", log)
		keeper := &retention.Service{DB: db, Activity: &activity.Service{DB: db, Live: hub}, Queue: work, Files: files}
		err = f(db, keeper)
		work.Close()
		hub.Close()
		return errors.Join(err, rdb.Close(), files.Close())
	})
}

// shopsNamed returns the shop with that name, or all.
func shopsNamed(ctx context.Context, db *gorm.DB, name string) ([]*models.Shop, error) {
	query := db.WithContext(ctx).Order("id")
	if name != "" {
		query = query.Where("domain = ?", name)
	}
	var shops []*models.Shop
	if err := query.Find(&shops).Error; err != nil {
		return nil, fmt.Errorf("load shops: %w", err)
	}
	if len(shops) == 0 && name != "" {
		return nil, fmt.Errorf("there is no shop %s in this database", name)
	}
	return shops, nil
}

// Archive looks into the archive.
type Archive struct {
	Shop string `help:"Only this shop, by its myshopify.com name."`
}

var errArchiveBroken = errors.New("the archive is not whole")

// Verify reads every file and compares it with its manifest and with what the database knows of it.
func (a Archive) Verify(ctx context.Context, out io.Writer) error {
	broken := false
	err := a.each(ctx, func(keeper *retention.Service, shop *models.Shop) error {
		return keeper.Verify(ctx, shop, func(p retention.Part, wrong error) {
			if wrong != nil {
				broken = true
				fmt.Fprintf(out, "%s: %v\n", p.Name, wrong)
				return
			}
			fmt.Fprintf(out, "%s: whole, %d entries\n", p.Name, p.Entries)
		})
	})
	if err == nil && broken {
		err = errArchiveBroken
	}
	return err
}

// List lists the files.
func (a Archive) List(ctx context.Context, out io.Writer) error {
	return a.each(ctx, func(keeper *retention.Service, shop *models.Shop) error {
		parts, err := keeper.Parts(ctx, shop)
		for _, p := range parts {
			fmt.Fprintf(out, "%s\t%d entries\t%d bytes\t%s\tsha256 %s\n", p.Name, p.Entries, p.Bytes, p.State, p.SHA256)
		}
		return err
	})
}

// ArchiveSearch looks for entries in the archive.
type ArchiveSearch struct {
	Archive
	Search string `arg:"" help:"What to look for, as in the log's own search."`
}

// Run prints what it finds, the newest first.
func (a ArchiveSearch) Run(ctx context.Context, out io.Writer) error {
	return a.each(ctx, func(keeper *retention.Service, shop *models.Shop) error {
		for cursor := (*string)(nil); ; {
			found, err := keeper.Search(ctx, shop, &activity.Filter{Search: &a.Search}, cursor)
			if err != nil {
				return err
			}
			for _, p := range found.Problems {
				return errors.New(p.Message)
			}
			for _, e := range found.Entries {
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", e.OccurredAt.Format("2006-01-02 15:04:05"), e.Action, e.Status, e.ID, e.Summary)
			}
			if cursor = found.Cursor; cursor == nil {
				return nil
			}
		}
	})
}

func (a Archive) each(ctx context.Context, do func(keeper *retention.Service, shop *models.Shop) error) error {
	return withKeeper(ctx, func(db *gorm.DB, keeper *retention.Service) error {
		shops, err := shopsNamed(ctx, db, a.Shop)
		if err != nil {
			return err
		}
		for _, shop := range shops {
			if err := do(keeper, shop); err != nil {
				return fmt.Errorf("%s: %w", shop.Domain, err)
			}
		}
		return nil
	})
}
