package activity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Interval is how long a point of a series is, in the shop's time zone.
type Interval string

// The intervals.
const (
	Hour Interval = "HOUR"
	Day  Interval = "DAY"
)

// Stats is how many entries match a filter, in several ways.
type Stats struct {
	Total      Count
	ByCategory []CategoryCount
	ByStatus   []StatusCount
	ByType     []TypeCount
	ByActor    []ActorCount
	Series     []SeriesPoint
	// CountedSince is set where the filter is too wide to be counted whole.
	CountedSince *time.Time
	Problems     []fault.Problem
}

// CategoryCount is how many entries are in a tab.
type CategoryCount struct {
	Category models.ActivityCategory
	Count    int
}

// StatusCount is how many entries have a status.
type StatusCount struct {
	Status models.ActivityStatus
	Count  int
}

// TypeCount is how many entries are of a type.
type TypeCount struct {
	Type  models.ActivityType
	Count int
}

// ActorCount is how many entries somebody caused.
type ActorCount struct {
	Actor models.Actor
	Count int
}

// SeriesPoint is how many entries there are in an hour or a day, by status.
type SeriesPoint struct {
	At     time.Time
	Counts []StatusCount
}

// maxPoints is how many points a series has at most, and maxActors how many actors are told.
const (
	maxPoints = 1_000
	maxActors = 50
)

// Stats counts what matches the filter, exactly where the counts know all that the filter asks for. Otherwise it
// counts the newest entries that match, at most CountCap.
//
// The series begins where the filter does, or with the oldest entry; without a beginning of its own it has the newest
// points where there would be too many. It ends where the filter does, or now.
func (s *Service) Stats(ctx context.Context, shop *models.Shop, filter *Filter, interval Interval) (*Stats, error) {
	understood, problems, err := s.resolve(ctx, shop, filter)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return &Stats{Problems: problems}, nil
	}
	t := &tally{filter: understood, interval: interval, known: &s.kinds, kinds: map[models.Kind]int64{}}
	err = models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		if err := t.begin(tx, shop.ID, shop.Timezone); err != nil {
			return err
		}
		if err := t.layOut(models.Now()); err != nil {
			return err
		}
		if t.exact {
			return t.count()
		}
		return t.sample(s)
	})
	if problem, ok := fault.As(err); ok && len(problem.Problems) > 0 {
		return &Stats{Problems: problem.Problems}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("count activities: %w", err)
	}
	return t.stats(), nil
}

// stats puts together what was counted.
func (t *tally) stats() *Stats {
	result := &Stats{CountedSince: t.since}
	var statuses byStatus
	types := map[models.ActivityType]int64{}
	categories := map[int16]int64{}
	actors := map[actorKey]*ActorCount{}
	var total int64
	for kind, entries := range t.kinds {
		total += entries
		statuses[placeOf(kind.Status)] += entries
		types[kind.Type] += entries
		categories[kind.Categories] += entries
		t.countActor(actors, kind, entries)
	}
	result.Total = Count{Count: int(total), Capped: t.since != nil}
	for i, category := range categoryBits {
		count := CategoryCount{Category: category}
		for bits, entries := range categories {
			if bits&(1<<i) != 0 {
				count.Count += int(entries)
			}
		}
		result.ByCategory = append(result.ByCategory, count)
	}
	result.ByStatus = countsOf(&statuses)
	for _, kind := range []models.ActivityType{models.UserAction, models.BackgroundJob, models.Webhook, models.SystemEvent} {
		if types[kind] != 0 {
			result.ByType = append(result.ByType, TypeCount{kind, int(types[kind])})
		}
	}
	result.ByActor = busiest(actors)
	for _, at := range t.points {
		result.Series = append(result.Series, SeriesPoint{At: at, Counts: countsOf(t.series[at])})
	}
	return result
}

// countsOf lists the statuses that there are, in the order of their progress.
func countsOf(entries *byStatus) []StatusCount {
	counts := []StatusCount{}
	for i, status := range progress {
		if entries[i] != 0 {
			counts = append(counts, StatusCount{status, int(entries[i])})
		}
	}
	return counts
}

// others is the name of the actors that the counts had no room for.
const others = "Others"

// actorKey tells actors apart: by their id, or by their name where they have none.
type actorKey struct {
	kind     models.ActorType
	id, name string
}

func (t *tally) countActor(actors map[actorKey]*ActorCount, kind models.Kind, entries int64) {
	key := actorKey{kind: kind.ActorType, id: kind.ActorID}
	if key.id == "" {
		key.name = kind.ActorName
	}
	if isCoarse(kind) {
		key.name = others
	}
	count := actors[key]
	if count == nil {
		count = &ActorCount{Actor: models.Actor{Type: kind.ActorType, Name: cmp.Or(key.name, t.names[key])}}
		if key.id != "" {
			count.Actor.ID = &key.id
		}
		actors[key] = count
	}
	count.Count += int(entries)
}

func busiest(actors map[actorKey]*ActorCount) []ActorCount {
	counts := []ActorCount{}
	for _, count := range actors {
		if count.Count != 0 {
			counts = append(counts, *count)
		}
	}
	slices.SortFunc(counts, func(a, b ActorCount) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Actor.Name, b.Actor.Name), cmp.Compare(a.Actor.Type, b.Actor.Type))
	})
	return counts[:min(len(counts), maxActors)]
}
