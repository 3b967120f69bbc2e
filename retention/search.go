package retention

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

const (
	// searchTime is how long one call of a search begins to read another file, and searchPage how many entries it returns.
	searchTime = 2 * time.Second
	searchPage = 50
)

// Search is what one call found in the archive: a file after the other is read, the newest day first.
type Search struct {
	Entries []*activity.Entry
	// Cursor is where the next call goes on; nil when all was read.
	Cursor *string
	// Searched of Files files have been read by now, with those of earlier calls, back to SearchedTo.
	Searched   int
	Files      int
	SearchedTo *time.Time
	// Problems are what is wrong with the filter.
	Problems []fault.Problem
}

// place is where a search stands: in that file, behind so many matches.
type place struct {
	day  time.Time
	part int
	skip int
}

func (p place) String() string { return fmt.Sprintf("%d.%d.%d", p.day.Unix(), p.part, p.skip) }

func parsePlace(cursor string) (place, error) {
	var numbers []int64
	for text := range strings.SplitSeq(cursor, ".") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			break
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != 3 || numbers[2] < 0 {
		return place{}, fault.New(fault.Invalid, "The cursor is not one of the archive's.")
	}
	return place{time.Unix(numbers[0], 0).UTC(), int(numbers[1]), int(numbers[2])}, nil
}

// Search goes on with a search of the archive, of entries that have left the log, for about two seconds. It begins
// where after is nil.
func (s *Service) Search(ctx context.Context, shop *models.Shop, filter *activity.Filter, after *string) (*Search, error) {
	matches, problems, err := s.Activity.Matcher(ctx, shop, filter)
	if err != nil || len(problems) > 0 {
		return &Search{Problems: problems, Entries: []*activity.Entry{}}, err
	}
	from := place{part: 1 << 30, day: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if after != nil {
		if from, err = parsePlace(*after); err != nil {
			return nil, err
		}
	}
	parts, err := s.searched(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	found := &Search{Files: len(parts)}
	var rows []models.Activity
	until := time.Now().Add(searchTime)
	for i, p := range parts {
		if p.Day.After(from.day) || p.Day.Equal(from.day) && p.Part > from.part {
			found.Searched++
			continue
		}
		skip := 0
		if p.Day.Equal(from.day) && p.Part == from.part {
			skip = from.skip
		}
		if i > found.Searched || len(rows) > 0 || found.SearchedTo != nil {
			if len(rows) >= searchPage || !time.Now().Before(until) {
				cursor := place{p.Day, p.Part, skip}.String()
				found.Cursor = &cursor
				break
			}
		}
		more, err := s.matching(ctx, shop, p, matches)
		if err != nil {
			return nil, err
		}
		more = more[min(skip, len(more)):]
		if room := searchPage - len(rows); len(more) > room {
			cursor := place{p.Day, p.Part, skip + room}.String()
			found.Cursor = &cursor
			rows = append(rows, more[:room]...)
			break
		}
		rows = append(rows, more...)
		found.Searched++
		found.SearchedTo = &parts[i].Day
	}
	found.Entries = s.Activity.Archived(rows)
	return found, nil
}

// searched are the files that may have what the filter matches, the newest first, whose entries have left the log.
func (s *Service) searched(ctx context.Context, shop *models.Shop, filter *activity.Filter) ([]models.ArchivePart, error) {
	query := s.DB.WithContext(ctx).Where("shop_id = ? AND state = ?", shop.ID, models.PartLeft)
	if filter != nil && filter.From != nil {
		query = query.Where("last_at >= ?", filter.From.UTC())
	}
	if filter != nil && filter.To != nil {
		query = query.Where("first_at < ?", filter.To.UTC())
	}
	var parts []models.ArchivePart
	if err := query.Order("day DESC, part DESC").Find(&parts).Error; err != nil {
		return nil, fmt.Errorf("list the files of the archive: %w", err)
	}
	return parts, nil
}

// matching reads a file and returns the entries that match, the newest first.
func (s *Service) matching(ctx context.Context, shop *models.Shop, p models.ArchivePart, matches func(*models.Activity) bool) ([]models.Activity, error) {
	var rows []models.Activity
	_, err := s.read(ctx, nameOf(shop.Domain, &p), shop.ID, func(e *models.Activity) (bool, error) {
		if matches(e) {
			rows = append(rows, *e)
		}
		return true, nil
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The archive of %s cannot be read. Whoever runs this server finds out more with: tagtrail archive verify", p.Day.Format("2 Jan 2006"))
	}
	slices.Reverse(rows)
	return rows, nil
}

// Part is a file of the archive, as it is listed.
type Part struct {
	models.ArchivePart
	Name string
}

// Parts lists the files of a shop's archive, the oldest first.
func (s *Service) Parts(ctx context.Context, shop *models.Shop) ([]Part, error) {
	var rows []models.ArchivePart
	if err := s.DB.WithContext(ctx).Where("shop_id = ?", shop.ID).Order("day, part").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the files of the archive: %w", err)
	}
	parts := make([]Part, len(rows))
	for i, row := range rows {
		parts[i] = Part{row, nameOf(shop.Domain, &row) + dataEnding}
	}
	return parts, nil
}

// Verify reads every file of a shop's archive and hands over each with what is wrong with it, or nil.
func (s *Service) Verify(ctx context.Context, shop *models.Shop, told func(p Part, wrong error)) error {
	parts, err := s.Parts(ctx, shop)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.State == models.PartPurging {
			continue
		}
		m, err := s.verify(ctx, strings.TrimSuffix(p.Name, dataEnding))
		if err == nil && (m.SHA256 != p.SHA256 || m.Entries != p.Entries) {
			err = errBroken
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		told(p, err)
	}
	return nil
}

// Storage is what is kept of a shop, by kind, and what leaves next.
type Storage struct {
	Kinds []*StoredKind
	// CleanUpAt is when the next clean-up begins, and CleanedUpAt when one last ended.
	CleanUpAt, CleanedUpAt *time.Time
	// ArchiveBytes is what the archive takes, and ArchiveEntries how many entries it alone has.
	ArchiveBytes   float64
	ArchiveEntries int
}

// StoredKind is what is kept of one kind.
type StoredKind struct {
	Kind string
	// Count is at most activity.CountCap, and Capped where there are more, but for entries.
	Count  int
	Capped bool
	// Oldest is when the oldest was, and LeavesAt when it is over.
	Oldest, LeavesAt *time.Time
	Days             *int
}

// Storage looks at what is kept of the shop.
func (s *Service) Storage(ctx context.Context, shop *models.Shop) (*Storage, error) {
	st := &Storage{}
	err := models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		entries, err := s.storedEntries(ctx, tx, shop)
		if err != nil {
			return err
		}
		st.Kinds = append(st.Kinds, entries)
		for _, k := range []struct {
			kind   models.Kept
			days   *int
			query  *gorm.DB
			column string
		}{
			{models.KeptBodies, &shop.WebhookBodyDays, tx.Model(&models.Delivery{}).Where("shop_id = ? AND length(body) > 0", shop.ID), "received_at"},
			{models.KeptSnapshots, &shop.SnapshotDays, tx.Model(&models.Snapshot{}).Where("shop_id = ?", shop.ID), "created_at"},
			{models.KeptOperations, &shop.RetentionDays, tx.Model(&models.Operation{}).Where("shop_id = ?", shop.ID), "created_at"},
			{models.KeptArchive, shop.ArchiveDays, tx.Model(&models.ArchivePart{}).Where("shop_id = ?", shop.ID), "day"},
		} {
			stored, err := storedOf(k.kind, k.days, k.query, k.column)
			if err != nil {
				return err
			}
			st.Kinds = append(st.Kinds, stored)
		}
		return st.more(tx, shop)
	})
	if err != nil {
		return nil, fmt.Errorf("look at the storage: %w", err)
	}
	return st, nil
}

func (s *Service) storedEntries(ctx context.Context, tx *gorm.DB, shop *models.Shop) (*StoredKind, error) {
	stats, err := s.Activity.Stats(ctx, shop, &activity.Filter{}, activity.Day)
	if err != nil {
		return nil, err
	}
	k := &StoredKind{Kind: string(models.KeptEntries), Count: stats.Total.Count, Capped: stats.Total.Capped, Days: &shop.RetentionDays}
	oldest, ok, err := s.Activity.Oldest(tx, shop.ID)
	if err != nil || !ok {
		return k, err
	}
	k.leaves(oldest)
	return k, nil
}

func (k *StoredKind) leaves(oldest time.Time) {
	k.Oldest = &oldest
	if k.Days != nil {
		at := oldest.AddDate(0, 0, *k.Days)
		k.LeavesAt = &at
	}
}

// storedOf counts no further than a page needs, along the index that has the age.
func storedOf(kind models.Kept, days *int, query *gorm.DB, column string) (*StoredKind, error) {
	k := &StoredKind{Kind: string(kind), Days: days}
	var some []struct{ At time.Time }
	if err := query.Session(&gorm.Session{}).Select(column + " AS at").Order(column).Limit(activity.CountCap + 1).Scan(&some).Error; err != nil {
		return nil, fmt.Errorf("count %s: %w", kind, err)
	}
	k.Count, k.Capped = min(len(some), activity.CountCap), len(some) > activity.CountCap
	if len(some) > 0 {
		k.leaves(some[0].At.UTC())
	}
	return k, nil
}

func (st *Storage) more(tx *gorm.DB, shop *models.Shop) error {
	var sums struct{ Bytes, Entries int64 }
	err := tx.Model(&models.ArchivePart{}).Where("shop_id = ?", shop.ID).
		Select("coalesce(sum(bytes), 0) AS bytes, coalesce(sum(CASE state WHEN 'LEFT' THEN entries ELSE 0 END), 0) AS entries").Scan(&sums).Error
	if err != nil {
		return fmt.Errorf("sum up the archive: %w", err)
	}
	st.ArchiveBytes, st.ArchiveEntries = float64(sums.Bytes), int(sums.Entries)
	var row models.CleanUp
	found := tx.Where("shop_id = ?", shop.ID).Limit(1).Find(&row)
	if found.RowsAffected > 0 {
		st.CleanUpAt, st.CleanedUpAt = &row.DueAt, row.LastAt
	}
	return found.Error
}
