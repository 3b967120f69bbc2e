package activity

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// tally is entries being counted: what a filter matches, by kind and, with an interval, over time. It reads in one
// snapshot: an entry is in the counts, or in a delta, and never in both.
type tally struct {
	filter *Filter
	// interval is how long the points of the series are; without one there is no series.
	interval Interval
	known    *knownKinds

	tx       *gorm.DB
	shop     int64
	calendar *calendar
	// numbers are the kinds that the filter matches, by their numbers in the counts; nil for the others.
	numbers []*numbered
	names   map[actorKey]string
	// exact says that the counts know all that the filter asks for.
	exact bool
	// points are the starts of the series' hours or days; end is where the last one ends.
	points []time.Time
	end    time.Time

	kinds  map[models.Kind]int64
	series map[time.Time]*byStatus
	// since is set where not all that matched was counted.
	since *time.Time
}

// numbered is a kind that the filter matches, with the place of its status.
type numbered struct {
	models.Kind
	status int
}

// progress is the statuses in the order of their progress.
var progress = [...]models.ActivityStatus{models.Pending, models.InProgress, models.Success, models.Warning, models.Failed}

// byStatus is how many entries have each status, in the order of progress.
type byStatus [len(progress)]int64

func placeOf(status models.ActivityStatus) int { return slices.Index(progress[:], status) }

// begin reads where the shop's counts stand. The zone is for a shop that has none yet.
func (t *tally) begin(tx *gorm.DB, shop int64, zone string) error {
	kinds, rollup, err := t.known.kindsOf(tx, shop)
	if err != nil {
		return err
	}
	t.tx, t.shop, t.calendar = tx, shop, calendarOf(cmp.Or(rollup.Zone, zone))
	t.numbers, t.names = make([]*numbered, len(kinds)+1), map[actorKey]string{}
	t.exact = t.filter.counted()
	if !t.exact {
		return nil
	}
	for i, kind := range kinds {
		t.name(kind)
		if isCoarse(kind) && t.filter.fine() {
			t.exact = false
		}
		if t.filter.matches(kind) {
			t.numbers[i+1] = &numbered{kind, placeOf(kind.Status)}
		}
	}
	return nil
}

// name remembers what an actor is called now: kinds come in the order in which they were first seen.
func (t *tally) name(kind models.Kind) {
	if kind.ActorID != "" {
		t.names[actorKey{kind: kind.ActorType, id: kind.ActorID}] = kind.ActorName
	}
}

// counted reports whether the counts know all that the filter asks for.
func (f *Filter) counted() bool {
	return f.EntityID == nil && f.RuleID == nil && f.OperationID == nil && f.found.empty() && f.causeID == ""
}

// fine reports whether the filter asks for what the counts leave out of the kinds that they have no room for.
func (f *Filter) fine() bool {
	return len(f.Actions)+len(f.ActorIDs)+len(f.EntityTypes) > 0
}

// matches reports whether the filter matches entries of that kind, whenever they are.
func (f *Filter) matches(kind models.Kind) bool {
	bits := bitsOf(f.Categories)
	return (bits == 0 || kind.Categories&bits != 0) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, kind.Type)) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, kind.Status)) &&
		(len(f.Actions) == 0 || slices.Contains(f.Actions, kind.Action)) &&
		(len(f.ActorIDs) == 0 || slices.Contains(f.ActorIDs, kind.ActorID)) &&
		(len(f.EntityTypes) == 0 || slices.Contains(f.EntityTypes, kind.EntityType))
}

// layOut finds the points of the series.
func (t *tally) layOut(now time.Time) error {
	if t.interval == "" {
		return nil
	}
	t.series = map[time.Time]*byStatus{}
	t.end = now
	if t.filter.To != nil {
		t.end = t.filter.To.UTC()
	}
	start, err := t.start()
	if err != nil || start.IsZero() {
		return err
	}
	for at := t.point(start); at.Before(t.end); at = t.next(at) {
		if len(t.points) == maxPoints {
			return fault.Field(fmt.Sprintf("That range has more than %d points. Ask for days instead of hours, or for a shorter range.", maxPoints),
				"filter", "from")
		}
		t.points = append(t.points, at)
		t.series[at] = &byStatus{}
	}
	return nil
}

// start returns where the series starts, or the zero time where there is nothing to show.
func (t *tally) start() (time.Time, error) {
	if t.filter.From != nil {
		return t.filter.From.UTC(), nil
	}
	var oldest []struct{ At time.Time }
	err := t.tx.Raw(`SELECT at FROM (SELECT at FROM activity_buckets WHERE shop_id = @shop AND grain = 'd' ORDER BY at LIMIT 1) AS counted
		UNION ALL SELECT quarter FROM (SELECT quarter FROM activity_deltas WHERE shop_id = @shop ORDER BY quarter LIMIT 1) AS waiting`,
		map[string]any{"shop": t.shop}).Scan(&oldest).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("find the oldest entry: %w", err)
	}
	var start time.Time
	for _, o := range oldest {
		if start.IsZero() || o.At.Before(start) {
			start = o.At
		}
	}
	earliest := t.end.Add(-(maxPoints - 1) * time.Hour)
	if t.interval == Day {
		earliest = t.end.AddDate(0, 0, 2-maxPoints)
	}
	if !start.IsZero() && start.Before(earliest) {
		start = earliest
	}
	return start, nil
}

// point returns the start of the point that at is in, and next that of the one after.
func (t *tally) point(at time.Time) time.Time {
	if t.interval == Day {
		return t.calendar.day(at)
	}
	return t.calendar.hour(at)
}

func (t *tally) next(at time.Time) time.Time {
	if t.interval == Day {
		return t.calendar.nextDay(at)
	}
	return t.calendar.nextHour(at)
}

// add counts entries of a kind that the filter matches.
func (t *tally) add(at time.Time, kind models.Kind, entries int64) {
	t.kinds[kind] += entries
	if t.interval == "" {
		return
	}
	if point := t.series[t.point(at)]; point != nil {
		point[placeOf(kind.Status)] += entries
	}
}

// The ends of time, as far as the log goes.
var (
	always  = time.Unix(0, 0).AddDate(-1000, 0, 0).UTC()
	forever = time.Unix(0, 0).AddDate(5000, 0, 0).UTC()
)

// count counts the filter's range: whole days and hours from the counts and the deltas, the rest, which is less than
// an hour at either end, from the log itself.
func (t *tally) count() error {
	from, to := always, forever
	first, last := always, forever
	if t.filter.From != nil {
		from = t.filter.From.UTC()
		if first = t.calendar.hour(from); first.Before(from) {
			first = t.calendar.nextHour(from)
		}
	}
	if t.filter.To != nil {
		to = t.filter.To.UTC()
		last = t.calendar.hour(to)
	}
	if !first.Before(last) {
		return t.countLog(from, to)
	}
	if err := t.countLog(from, first); err != nil {
		return err
	}
	if err := t.countLog(last, to); err != nil {
		return err
	}
	if err := t.countDeltas(first, last); err != nil {
		return err
	}
	return t.countBuckets(first, last)
}

// countBuckets counts whole hours from the counts: by days as far as possible.
func (t *tally) countBuckets(from, to time.Time) error {
	if from.Equal(always) && to.Equal(forever) && t.interval == "" {
		return t.countGrain(models.GrainAll, from, to)
	}
	first, last := from, to
	if !from.Equal(always) {
		if first = t.calendar.day(from); first.Before(from) {
			first = t.calendar.nextDay(from)
		}
	}
	if t.interval == Hour && len(t.points) > 0 && t.points[0].Before(last) {
		last = t.points[0]
	}
	if !last.Equal(forever) {
		last = t.calendar.day(last)
	}
	if !first.Before(last) {
		return t.countGrain(models.GrainHour, from, to)
	}
	if err := t.countGrain(models.GrainHour, from, first); err != nil {
		return err
	}
	if err := t.countGrain(models.GrainDay, first, last); err != nil {
		return err
	}
	return t.countGrain(models.GrainHour, last, to)
}

func (t *tally) countGrain(grain models.Grain, from, to time.Time) error {
	if !from.Before(to) {
		return nil
	}
	var buckets []models.ActivityBucket
	err := t.tx.Where("shop_id = ? AND grain = ? AND at >= ? AND at < ?", t.shop, grain, from, to).Find(&buckets).Error
	if err != nil {
		return fmt.Errorf("load counts: %w", err)
	}
	sums := make([]int64, len(t.numbers))
	for _, b := range buckets {
		var point *byStatus
		switch {
		case t.interval == Hour && grain == models.GrainHour:
			point = t.series[b.At.UTC()]
		case t.interval != "":
			point = t.series[t.point(b.At)]
		}
		for number, entries := range b.Counts.All() {
			if number >= len(t.numbers) || t.numbers[number] == nil {
				continue
			}
			sums[number] += entries
			if point != nil {
				point[t.numbers[number].status] += entries
			}
		}
	}
	for number, entries := range sums {
		if entries != 0 {
			t.kinds[t.numbers[number].Kind] += entries
		}
	}
	return nil
}

func (t *tally) countDeltas(from, to time.Time) error {
	var deltas []models.ActivityDelta
	err := t.tx.Where("shop_id = ? AND quarter >= ? AND quarter < ?", t.shop, from, to).Find(&deltas).Error
	if err != nil {
		return fmt.Errorf("load deltas: %w", err)
	}
	for _, d := range deltas {
		t.name(d.Kind)
		if t.filter.matches(d.Kind) {
			t.add(d.Quarter, d.Kind, d.Entries)
		}
	}
	return nil
}

func (t *tally) countLog(from, to time.Time) error {
	if !from.Before(to) {
		return nil
	}
	query := quarters(t.tx).Where("shop_id = ? AND occurred_at >= ? AND occurred_at < ?", t.shop, from, to)
	return eachQuarter(t.tx, query, func(q *quarterCount) {
		if t.filter.matches(q.Kind) {
			t.add(q.at(), q.Kind, q.Entries)
		}
	})
}

// sample counts the newest entries that match.
func (t *tally) sample(s *Service) error {
	walker, paths, err := s.prepare(t.tx, t.shop, t.filter, CountCap+1)
	if err != nil {
		return err
	}
	walker.columns = []string{"occurred_at", "id", "type", "action", "categories", "status", "actor_type", "actor_id", "actor_name"}
	rows, err := walker.page(paths)
	if err != nil {
		return fmt.Errorf("count the newest entries: %w", err)
	}
	if len(rows) > CountCap {
		rows = rows[:CountCap]
		t.since = &rows[CountCap-1].OccurredAt
	}
	for _, row := range slices.Backward(rows) {
		kind := models.Kind{ // without its class, which nobody asks for here
			Type:       row.Type,
			Action:     row.Action,
			Categories: row.Categories,
			Status:     row.Status,
			ActorType:  row.ActorType,
			ActorName:  row.ActorName,
		}
		if row.ActorID != nil {
			kind.ActorID = *row.ActorID
		}
		t.name(kind)
		t.add(row.OccurredAt, kind, 1)
	}
	return nil
}
