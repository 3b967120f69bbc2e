package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/activity/seed"
	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Seed makes up entries of a shop's log.
type Seed struct {
	Shop   string `required:"" help:"The shop, by its myshopify.com name."`
	Count  int    `default:"100000" help:"How many entries."`
	Days   int    `default:"30" help:"Over how many days until now they are spread."`
	Seed   uint64 `default:"1" help:"Where chance begins: another number makes other entries."`
	Create bool   `help:"Make the shop where it is not there."`
}

// Run writes the entries and brings the counts up to date.
func (s Seed) Run(ctx context.Context, out io.Writer) error {
	if s.Count < 1 || s.Days < 1 {
		return errors.New("--count and --days must be 1 or more")
	}
	return withMigrated(ctx, func(db *gorm.DB) error {
		key, err := chainKey(ctx, db)
		if err != nil {
			return err
		}
		shop, err := s.shop(ctx, db)
		if err != nil {
			return err
		}
		log := &seed.Log{Shops: []*models.Shop{shop}, Count: s.Count, Days: s.Days, Until: seed.Until(), Seed: s.Seed, Key: key}
		began := time.Now()
		if err := log.Write(ctx, db); err != nil {
			if errors.Is(err, gorm.ErrDuplicatedKey) {
				return fmt.Errorf("these entries are there already, give another --seed: %w", err)
			}
			return err
		}
		took := time.Since(began)
		fmt.Fprintf(out, "%d entries written in %.1f s: %.0f a second.\n", s.Count, took.Seconds(), float64(s.Count)/took.Seconds())
		began = time.Now()
		if err := (&activity.Service{DB: db}).Fold(ctx); err != nil {
			return err
		}
		fmt.Fprintf(out, "Counted in %.1f s.\n", time.Since(began).Seconds())
		began = time.Now()
		if err := (&chain.Service{DB: db, Key: key, Eager: true}).Seal(ctx); err != nil {
			return err
		}
		fmt.Fprintf(out, "Chained in %.1f s.\n", time.Since(began).Seconds())
		return nil
	})
}

func (s Seed) shop(ctx context.Context, db *gorm.DB) (*models.Shop, error) {
	var shops []*models.Shop
	if err := db.WithContext(ctx).Where("domain = ?", s.Shop).Find(&shops).Error; err != nil {
		return nil, fmt.Errorf("load shop: %w", err)
	}
	if len(shops) > 0 {
		return shops[0], nil
	}
	if !s.Create {
		return nil, fmt.Errorf("there is no shop %s in this database: install Tagtrail there, or add --create to make its row", s.Shop)
	}
	shop := &models.Shop{
		Domain:   s.Shop,
		GID:      "gid://shopify/Shop/1",
		Name:     s.Shop,
		Plan:     models.PlanFree,
		Timezone: "UTC",
		Currency: "USD",
		Settings: models.Settings{RetentionDays: int(models.ClassShort), WebhookBodyDays: 30, SnapshotDays: 90},
		// Long ago and always the same: the ids of what is made up follow from it.
		InstalledAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if err := db.WithContext(ctx).Create(shop).Error; err != nil {
		return nil, fmt.Errorf("make the shop: %w", err)
	}
	return shop, nil
}
