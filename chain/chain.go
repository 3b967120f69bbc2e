// Package chain makes the log verifiable: what is done to entries goes into a chain of signed blocks, against which the
// log is held.
package chain

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shops"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Service is the chain of every shop.
type Service struct {
	DB  *gorm.DB
	Key *activity.Key
	// Files is where checkpoints are.
	Files *blob.Bucket
	// Now tells the time; nil is the clock.
	Now func() time.Time
	// Eager seals what waits without gathering more.
	Eager bool
	// DayLinks is how many links a day may have to be verified at once, and not by the hour; 0 is 200,000.
	DayLinks int64
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return models.Now()
}

// always is a time before every entry.
var always = time.Unix(0, 0).UTC()

const (
	keyID    = 1
	keyOwner = "the chain of the log"
	// comesOfAge is how long after the first start entries may be written without links, by processes of an older
	// version that are on their way out.
	comesOfAge = time.Hour
)

// OpenKey returns the installation's key. The first time, it makes the secret, and begins the chains of the shops whose
// logs are older than it. A secret that is sealed with a key that was replaced is sealed anew.
func OpenKey(ctx context.Context, db *gorm.DB, sealer *shops.Sealer) (*activity.Key, error) {
	key, err := openKey(ctx, db, sealer)
	if err != nil {
		return nil, fmt.Errorf("open the key of the log's chain: %w", err)
	}
	return key, nil
}

func openKey(ctx context.Context, db *gorm.DB, sealer *shops.Sealer) (*activity.Key, error) {
	row, err := loadKey(db.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if row == nil {
		if row, err = makeKey(ctx, db, sealer); err != nil {
			return nil, err
		}
	}
	secret, err := sealer.Open(keyOwner, row.Secret)
	if err != nil {
		return nil, err
	}
	if !sealer.Current(row.Secret) {
		sealed, err := sealer.Seal(keyOwner, secret)
		if err != nil {
			return nil, err
		}
		if err := db.WithContext(ctx).Model(&models.ChainKey{}).Where("id = ?", keyID).Update("secret", sealed).Error; err != nil {
			return nil, err
		}
	}
	if len(secret) != 32 {
		return nil, fmt.Errorf("it has %d bytes", len(secret))
	}
	return activity.NewKey([32]byte([]byte(secret))), nil
}

func loadKey(db *gorm.DB) (*models.ChainKey, error) {
	var rows []models.ChainKey
	if err := db.Where("id = ?", keyID).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

func makeKey(ctx context.Context, db *gorm.DB, sealer *shops.Sealer) (row *models.ChainKey, err error) {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, err
	}
	sealed, err := sealer.Seal(keyOwner, string(secret[:]))
	if err != nil {
		return nil, err
	}
	now := models.Now()
	err = models.InTx(ctx, db, func(tx *gorm.DB) error {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&models.ChainKey{ID: keyID, Secret: sealed, CreatedAt: now})
		if made.Error != nil {
			return made.Error
		}
		if made.RowsAffected == 1 {
			if err := beginAll(tx, activity.NewKey(secret), now); err != nil {
				return err
			}
		}
		row, err = loadKey(tx) // another process may have been faster
		return err
	})
	return row, err
}

// beginAll begins the chains of the shops that are there. Their logs are covered from a while after now.
func beginAll(tx *gorm.DB, key *activity.Key, now time.Time) error {
	var ids []int64
	if err := tx.Model(&models.Shop{}).Order("id").Pluck("id", &ids).Error; err != nil {
		return err
	}
	var begun int64
	if err := tx.Model(&models.ChainBlock{}).Count(&begun).Error; err != nil || begun > 0 || len(ids) == 0 {
		return err // with the key gone, what there is cannot be gone on with: verifying tells of it
	}
	blocks := make([]*models.ChainBlock, len(ids))
	for i, id := range ids {
		c := &chained{shop: id, head: models.ChainBlock{CoversFrom: now.Add(comesOfAge), TrimmedBefore: always}}
		blocks[i] = c.add(key, newContent(now), now)
	}
	return tx.CreateInBatches(blocks, 50).Error
}
