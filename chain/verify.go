package chain

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// What is the kind of a finding.
type What string

// The kinds of findings.
const (
	// Changed, Removed and PutIn are about entries of the log; PutBack is an entry as it was earlier.
	Changed What = "changed"
	Removed What = "removed"
	PutIn   What = "put in"
	PutBack What = "put back"
	// Repeated is a link that is there twice, Forged one that is not of the program's making.
	Repeated What = "repeated"
	Forged   What = "forged"
	// Broken is the chain itself, Cut a chain that is shorter than a checkpoint says.
	Broken What = "broken"
	Cut    What = "cut"
)

// Finding is something that is not as the program left it.
type Finding struct {
	What What
	// ID is the entry's, empty where it is about the chain; At is when the entry was, or the block.
	ID string
	At time.Time
	// Text says what it is, for people.
	Text string
}

// Report is what verifying came to.
type Report struct {
	// Entries are those that were held against the chain, From and To when the first and the last of them were.
	Entries  int64
	From, To time.Time
	// NotCovered are entries from before the chain began.
	NotCovered int64
	Blocks     int64
	Links      int64
	// Redacted and Left count what the chain says was redacted, and left the log because its time was over.
	Redacted, Left int64
	Checkpoints    int
	Findings       int64
}

// Options narrow and widen what is verified.
type Options struct {
	// Since leaves out entries from before.
	Since time.Time
	// Checkpoints are more of them, which somebody kept.
	Checkpoints []Checkpoint
}

// verification is one run over a shop's log.
type verification struct {
	*Service
	shop   *models.Shop
	report Report
	tell   func(Finding)
	// trimmed is before which days links may be gone, covers from when on every entry has one.
	trimmed, covers time.Time
	// drops are what left with partitions, with how many of those are not accounted for yet.
	drops    map[drop]int64
	repeated map[drop]bool
	// forged are the links that wait and were told of.
	forged map[string]bool
	// unsound says that there are blocks that cannot be believed.
	unsound bool
}

// Verify holds a shop's log against its chain, and the chain against its checkpoints. It tells of each finding. The
// server may run meanwhile.
func (s *Service) Verify(ctx context.Context, shop *models.Shop, o Options, tell func(Finding)) (*Report, error) {
	v := s.verification(shop, tell)
	head, err := v.headers(ctx, header{})
	if err != nil {
		return nil, fmt.Errorf("verify the chain of %s: %w", shop.Domain, err)
	}
	if err := v.checkpoints(ctx, o.Checkpoints); err != nil {
		return nil, fmt.Errorf("verify the checkpoints of %s: %w", shop.Domain, err)
	}
	if err := v.windows(ctx, o.Since, time.Time{}); err != nil {
		return nil, fmt.Errorf("verify the log of %s: %w", shop.Domain, err)
	}
	if _, err := v.headers(ctx, head); err != nil { // what was added meanwhile
		return nil, fmt.Errorf("verify the chain of %s: %w", shop.Domain, err)
	}
	return &v.report, nil
}

func (s *Service) verification(shop *models.Shop, tell func(Finding)) *verification {
	return &verification{
		Service:  s,
		shop:     shop,
		tell:     tell,
		trimmed:  always,
		covers:   always,
		drops:    map[drop]int64{},
		repeated: map[drop]bool{},
		forged:   map[string]bool{},
	}
}

func (v *verification) found(what What, at time.Time, id, format string, args ...any) {
	v.report.Findings++
	v.tell(Finding{What: what, ID: id, At: at, Text: fmt.Sprintf(format, args...)})
}

func (v *verification) foundEntry(what What, id uuid.UUID, format string, args ...any) {
	l := activity.Link{ID: id}
	v.found(what, l.At(), id.String(), format, args...)
}

// windows holds the log against the chain, from since to before, window by window; zero times are no bounds.
func (v *verification) windows(ctx context.Context, since, before time.Time) error {
	cursor := time.Time{}
	if !since.IsZero() {
		cursor = dayOf(since)
	}
	for {
		day, ok, err := v.nextDay(ctx, cursor)
		if err != nil || !ok || (!before.IsZero() && !day.Before(before)) {
			return err
		}
		to, err := v.span(ctx, day, before)
		if err != nil {
			return err
		}
		length := to.Sub(day)
		if length == 0 {
			to, length = day.AddDate(0, 0, 1), time.Hour
		}
		for from := day; from.Before(to); from = from.Add(length) {
			if err := v.window(ctx, from, from.Add(length)); err != nil {
				return err
			}
		}
		cursor = to
	}
}

// nextDay finds the next day, from a time on, that has entries or links.
func (v *verification) nextDay(ctx context.Context, from time.Time) (time.Time, bool, error) {
	var next time.Time
	could := func(day time.Time) {
		if !day.Before(from) && (next.IsZero() || day.Before(next)) {
			next = day
		}
	}
	var rows []models.Activity
	db := v.DB.WithContext(ctx)
	query := db.Select("occurred_at").Where("shop_id = ?", v.shop.ID).Order("occurred_at, id").Limit(1)
	if !from.IsZero() {
		query = query.Where("occurred_at >= ?", from)
	}
	if err := query.Find(&rows).Error; err != nil {
		return from, false, err
	}
	if len(rows) > 0 {
		could(dayOf(rows[0].OccurredAt))
	}
	var blocks []models.ChainBlock
	err := db.Select("day").Where("shop_id = ? AND links IS NOT NULL AND day >= ?", v.shop.ID, from).Order("day, number").Limit(1).Find(&blocks).Error
	if err != nil {
		return from, false, err
	}
	if len(blocks) > 0 {
		could(blocks[0].Day.UTC())
	}
	err = v.pending(db, func(_ time.Time, l *activity.Link) { could(dayOf(l.At())) })
	return next, !next.IsZero(), err
}

const (
	// dayLinks is how many links are compared at once, where nothing else is said, and spanDays over how many days.
	dayLinks = 200_000
	spanDays = 31
)

// span finds up to where a day is compared at once with those that follow, which most shops' days may be; day itself says
// that even that one has too many links.
func (v *verification) span(ctx context.Context, day, before time.Time) (time.Time, error) {
	end := day.AddDate(0, 0, spanDays)
	if !before.IsZero() && before.Before(end) {
		end = before
	}
	var days []struct {
		Day   time.Time
		Links int64
	}
	err := v.DB.WithContext(ctx).Model(&models.ChainBlock{}).Select("day", "sum(recorded + updated + redacted + gone) AS links").
		Where("shop_id = ? AND day >= ? AND day < ? AND links IS NOT NULL", v.shop.ID, day, end).Group("day").Order("day").Scan(&days).Error
	if err != nil {
		return day, err
	}
	to, room := day, cmp.Or(v.DayLinks, dayLinks)
	for _, d := range days {
		if room -= d.Links; room < 0 || !d.Day.Equal(to) {
			break
		}
		to = to.AddDate(0, 0, 1)
	}
	if len(days) == 0 || !days[0].Day.Equal(day) { // entries alone
		to = day.AddDate(0, 0, 1)
	}
	return to, nil
}
