// Package retention lets what is over leave: entries with all that belongs to them, into the archive first where a shop
// has one.
package retention

import (
	"context"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
)

const (
	// batchPostgres and batchSQLite are how many rows leave in one transaction. SQLite has one writer, which nobody should
	// wait for.
	batchPostgres = 500
	batchSQLite   = 200
	// grace is how long things stay beyond their time that somebody may be at: a revert that began in time reads its
	// snapshots, and a webhook is sent again by Shopify for two days.
	grace = 24 * time.Hour
	// deliveryDays is how long it is known of a webhook that it came, however short the shop's period is: Shopify sends
	// again for two days, and a sender by Standard Webhooks for about five.
	deliveryDays = 7
	// openDays is how long entries stay that more may come of.
	openDays = 30
)

// Service lets what is over leave.
type Service struct {
	DB       *gorm.DB
	Activity *activity.Service
	Queue    *queue.Queue
	// Files is where the archive is.
	Files *blob.Bucket
	// Batch is how many rows leave at once, and FileEntries how many entries a file of the archive has; 0 is as many as
	// suits the database.
	Batch, FileEntries int
	// Now tells the time; nil is the clock.
	Now func() time.Time
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return models.Now()
}

// unfinished is how old a file that is being written may be; older than that, its writer is gone.
const unfinished = time.Hour

// TidyFiles removes files that were not written to their end. They may tell of people.
func (s *Service) TidyFiles(ctx context.Context) error {
	return blob.Tidy(ctx, s.Files, s.now().Add(-unfinished))
}

func (s *Service) batch() int {
	switch {
	case s.Batch > 0:
		return s.Batch
	case models.IsPostgres(s.DB):
		return batchPostgres
	default:
		return batchSQLite
	}
}

func (s *Service) fileEntries() int {
	if s.FileEntries > 0 {
		return s.FileEntries
	}
	return fileEntries
}

// periods are the times before which a shop's things are over.
type periods struct {
	// entries is when entries are over, and rows when those leave by themselves that did not leave with their partition.
	entries, rows time.Time
	// open is when entries are over that more may come of.
	open       time.Time
	bodies     time.Time
	snapshots  time.Time
	deliveries time.Time
	// files is when those of the archive are over; zero where they are kept.
	files time.Time
}

func (s *Service) periodsOf(shop *models.Shop, now time.Time) periods {
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	p := periods{
		entries:    ago(shop.RetentionDays),
		open:       ago(max(shop.RetentionDays, openDays)),
		bodies:     ago(shop.WebhookBodyDays),
		snapshots:  ago(shop.SnapshotDays).Add(-grace),
		deliveries: ago(max(shop.RetentionDays, deliveryDays)),
	}
	p.rows = p.entries
	if s.byPartition(shop) {
		p.rows = p.entries.Add(-partitionLength(shop.RetentionClass()) - grace)
	}
	if shop.ArchiveDays != nil {
		p.files = ago(*shop.ArchiveDays)
	}
	return p
}

// byPartition reports whether the shop's entries wait for their partition to leave.
func (s *Service) byPartition(shop *models.Shop) bool {
	return models.IsPostgres(s.DB) && shop.LeavesByPartition()
}

// partitionLength is how long a partition of the class is at most.
func partitionLength(class int16) time.Duration {
	if class == models.ClassShort {
		return 24 * time.Hour
	}
	return 31 * 24 * time.Hour
}

func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
