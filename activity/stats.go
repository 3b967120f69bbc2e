package activity

import (
	"context"
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
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

// Stats counts what matches the filter.
func (s *Service) Stats(ctx context.Context, shop *models.Shop, filter *Filter, interval Interval) (*Stats, error) {
	return nil, errors.New("not built yet")
}
