package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// dropLock is the key of the Postgres lock that lets one process at a time let partitions leave.
	dropLock = 0x7461677473
	// lockWait bounds how long the lock on a class is waited for. Whoever writes queues up behind it for as long.
	lockWait = 20 * time.Millisecond
	// lockPause and lockTries are how often it is tried: readers come and go.
	lockPause = 50 * time.Millisecond
	lockTries = 200
)

// partition is a part of the log that leaves as a whole.
type partition struct {
	name     string
	class    int16
	from, to time.Time
}

// DropPartitions lets the partitions leave in which everything is over, for every shop that has an entry there, and in
// the archive where the shop has one. SQLite has none. It returns their names.
func (s *Service) DropPartitions(ctx context.Context) ([]string, error) {
	if !models.IsPostgres(s.DB) {
		return nil, nil
	}
	var dropped []string
	for _, class := range []int16{models.ClassShort, models.ClassLong} {
		all, err := s.partitions(ctx, class)
		if err != nil {
			return dropped, err
		}
		for _, p := range all {
			if p.to.After(s.now().AddDate(0, 0, -int(class))) {
				break // entries may still come into this one and all that follow
			}
			gone, err := s.drop(ctx, p)
			if err != nil {
				return dropped, fmt.Errorf("drop partition %s: %w", p.name, err)
			}
			if gone {
				dropped = append(dropped, p.name)
			}
		}
	}
	return dropped, nil
}

// DropOver is DropPartitions as a chore.
func (s *Service) DropOver(ctx context.Context) error {
	_, err := s.DropPartitions(ctx)
	return err
}

// partitions lists those of a class, the oldest first, without the one that holds the rest.
func (s *Service) partitions(ctx context.Context, class int16) ([]partition, error) {
	parent := fmt.Sprintf("activities_%d", class)
	var names []string
	err := s.DB.WithContext(ctx).Raw(`SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
		WHERE inhparent = to_regclass(?) ORDER BY relname`, parent).Scan(&names).Error
	if err != nil {
		return nil, fmt.Errorf("list partitions: %w", err)
	}
	var all []partition
	for _, name := range names {
		text := strings.TrimPrefix(name, parent+"_")
		p := partition{name: name, class: class}
		if day, err := time.Parse("20060102", text); err == nil {
			p.from, p.to = day, day.AddDate(0, 0, 1)
		} else if month, err := time.Parse("200601", text); err == nil {
			p.from, p.to = month, month.AddDate(0, 1, 0)
		} else {
			continue
		}
		all = append(all, p)
	}
	return all, nil
}

// drop lets a partition leave, if all of it may. Only its own rows are locked while they are counted; the class is
// locked when all is ready, for as long as it takes to forget a name.
func (s *Service) drop(ctx context.Context, p partition) (gone bool, err error) {
	err = models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		var alone bool
		if err := tx.Raw("SELECT pg_try_advisory_xact_lock(?)", dropLock).Scan(&alone).Error; err != nil || !alone {
			return err
		}
		shops, err := shopsIn(tx, p)
		if err != nil {
			return err
		}
		if !s.over(shops, p) {
			return nil
		}
		if err := waitAtMost(tx, time.Second); err != nil {
			return err
		}
		// Nothing is written into it from here on. It is read all the same.
		if err := tx.Exec("LOCK TABLE " + p.name + " IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
			return err
		}
		var entries map[int64]int64
		if shops, entries, err = countedIn(tx, p); err != nil {
			return err
		}
		if !s.over(shops, p) {
			return nil
		}
		archived, err := allArchived(tx, p, shops)
		if err != nil || !archived {
			return err
		}
		if err := s.Activity.Forget(tx, entries, p.class, p.from, p.to); err != nil {
			return err
		}
		if err := noteDropped(tx, p, entries, quietTimes(shops, s.now())); err != nil {
			return err
		}
		gone = true
		return detach(ctx, tx, p)
	})
	if lockTimedOut(err) {
		return false, nil // somebody reads it for long; the next time finds it
	}
	return gone && err == nil, err
}

// shopsIn reads the shops that have entries in a partition. It jumps from shop to shop on the index.
func shopsIn(tx *gorm.DB, p partition) ([]models.Shop, error) {
	var shops []models.Shop
	err := tx.Raw(`WITH RECURSIVE found (id) AS (
			SELECT min(shop_id) FROM ` + p.name + `
			UNION ALL
			SELECT (SELECT min(shop_id) FROM ` + p.name + ` WHERE shop_id > found.id) FROM found WHERE id IS NOT NULL
		) SELECT shops.* FROM shops JOIN found ON found.id = shops.id ORDER BY shops.id`).Scan(&shops).Error
	if err != nil {
		return nil, fmt.Errorf("find the shops in it: %w", err)
	}
	return shops, nil
}

// countedIn reads the shops that have entries in a partition, and how many each has.
func countedIn(tx *gorm.DB, p partition) ([]models.Shop, map[int64]int64, error) {
	var rows []struct {
		models.Shop `gorm:"embedded"`
		Entries     int64
	}
	err := tx.Raw(`SELECT shops.*, entries FROM shops JOIN (SELECT shop_id, count(*) AS entries FROM ` + p.name + ` GROUP BY shop_id) AS found
		ON found.shop_id = shops.id ORDER BY shops.id`).Scan(&rows).Error
	if err != nil {
		return nil, nil, fmt.Errorf("count what is in it: %w", err)
	}
	shops, entries := make([]models.Shop, len(rows)), make(map[int64]int64, len(rows))
	for i := range rows {
		shops[i] = rows[i].Shop
		entries[rows[i].ID] = rows[i].Entries
	}
	return shops, entries, nil
}

// over reports whether every entry of the partition is over.
func (s *Service) over(shops []models.Shop, p partition) bool {
	now := s.now()
	return !slices.ContainsFunc(shops, func(shop models.Shop) bool { return s.periodsOf(&shop, now).entries.Before(p.to) })
}

// allArchived reports whether the archive has every entry of the partition as it is, of the shops that have one.
func allArchived(tx *gorm.DB, p partition, shops []models.Shop) (bool, error) {
	var archiving []int64
	for _, shop := range shops {
		if shop.ArchiveEnabled {
			archiving = append(archiving, shop.ID)
		}
	}
	if len(archiving) == 0 {
		return true, nil
	}
	type sum struct {
		ShopID      int64
		Day         time.Time
		Entries     int64
		Fingerprint int64
	}
	var inLog, inArchive []sum
	err := tx.Raw(`SELECT shop_id, date_bin('1 day', occurred_at, 'epoch') AS day, count(*) AS entries, sum(`+fingerprintSQL(tx)+`)::bigint AS fingerprint
		FROM activities WHERE retention_class = ? AND occurred_at >= ? AND occurred_at < ? AND shop_id IN ? GROUP BY 1, 2`,
		p.class, p.from, p.to, archiving).Scan(&inLog).Error
	if err != nil {
		return false, fmt.Errorf("sum up the entries: %w", err)
	}
	err = tx.Model(&models.ArchivePart{}).Select("shop_id", "day", "sum(entries) AS entries", "sum(fingerprint)::bigint AS fingerprint").
		Where("shop_id IN ? AND day >= ? AND day < ? AND state = ?", archiving, p.from, p.to, models.PartWritten).Group("shop_id, day").Scan(&inArchive).Error
	if err != nil {
		return false, fmt.Errorf("sum up the archive: %w", err)
	}
	kept := map[string]sum{}
	key := func(s sum) string { return fmt.Sprint(s.ShopID, s.Day.Unix()) }
	for _, a := range inArchive {
		kept[key(a)] = a
	}
	for _, l := range inLog {
		if a := kept[key(l)]; a.Entries != l.Entries || a.Fingerprint != l.Fingerprint {
			return false, nil
		}
	}
	return true, nil
}

// noteDropped keeps how many entries of each shop leave, for the entry of the shop's next clean-up, and that the archive
// alone has them where it has them.
func noteDropped(tx *gorm.DB, p partition, entries map[int64]int64, due map[int64]time.Time) error {
	rows := make([]models.CleanUp, 0, len(entries))
	shops := make([]int64, 0, len(entries))
	for shop, n := range entries {
		rows = append(rows, models.CleanUp{
			ShopID:      shop,
			Removed:     models.Removed{},
			Dropped:     n,
			DroppedFrom: &p.from,
			DroppedTo:   &p.to,
			DueAt:       due[shop],
		})
		shops = append(shops, shop)
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b models.CleanUp) int { return int(a.ShopID - b.ShopID) })
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "shop_id"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "dropped"}, Value: gorm.Expr("clean_ups.dropped + excluded.dropped")},
			{Column: clause.Column{Name: "dropped_from"}, Value: gorm.Expr("least(clean_ups.dropped_from, excluded.dropped_from)")},
			{Column: clause.Column{Name: "dropped_to"}, Value: gorm.Expr("greatest(clean_ups.dropped_to, excluded.dropped_to)")},
		},
	}).CreateInBatches(&rows, 500).Error
	if err != nil {
		return fmt.Errorf("note what leaves: %w", err)
	}
	err = tx.Model(&models.ArchivePart{}).
		Where("shop_id IN ? AND day >= ? AND day < ? AND state = ?", shops, p.from, p.to, models.PartWritten).
		Update("state", models.PartLeft).Error
	if err != nil {
		return fmt.Errorf("note what the archive alone has: %w", err)
	}
	return nil
}

func quietTimes(shops []models.Shop, now time.Time) map[int64]time.Time {
	due := make(map[int64]time.Time, len(shops))
	for i := range shops {
		due[shops[i].ID] = quietTime(&shops[i], now)
	}
	return due
}

// detach takes the partition out of its class and drops it. Each try waits a moment only, so that nobody waits long
// behind it; what was counted before stays, for it is the transaction's own.
func detach(ctx context.Context, tx *gorm.DB, p partition) error {
	if err := waitAtMost(tx, lockWait); err != nil {
		return err
	}
	const try = "detach"
	for n := 1; ; n++ {
		if err := tx.SavePoint(try).Error; err != nil {
			return err
		}
		err := tx.Exec(fmt.Sprintf("ALTER TABLE activities_%d DETACH PARTITION %s", p.class, p.name)).Error
		if err == nil {
			return tx.Exec("DROP TABLE " + p.name).Error
		}
		if !lockTimedOut(err) || n == lockTries {
			return err
		}
		if err := tx.RollbackTo(try).Error; err != nil {
			return err
		}
		if !pause(ctx, lockPause) {
			return ctx.Err()
		}
	}
}

func waitAtMost(tx *gorm.DB, wait time.Duration) error {
	return tx.Exec(fmt.Sprintf("SET LOCAL lock_timeout = '%dms'", wait.Milliseconds())).Error
}

// lockTimedOut reports whether a lock was not to be had in time, or only by two waiting for each other.
func lockTimedOut(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == "55P03" || refused.Code == "40P01")
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
