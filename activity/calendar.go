package activity

import "time"

// quarter is the finest part of the counts: what every hour and day of every time zone of today is made of.
const quarter = 15 * time.Minute

// calendar is the hours and days of a time zone. All its times are whole quarters of an hour.
type calendar struct {
	zone *time.Location
	// starts remembers when days begin, by their date.
	starts map[time.Time]time.Time
}

// calendarOf returns the calendar of a zone; one that is not known is taken for UTC.
func calendarOf(zone string) *calendar {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	return &calendar{zone: location, starts: map[time.Time]time.Time{}}
}

// hour returns the start of the hour that at is in. Where clocks change by half an hour, an hour of the clock may be
// two: one before the change, one after.
func (c *calendar) hour(at time.Time) time.Time {
	at = at.UTC().Truncate(quarter)
	_, seconds := at.In(c.zone).Zone()
	// Offsets that are no quarters of an hour are of long ago; they are cut to one.
	offset := at.Add(time.Duration(seconds) * time.Second).Truncate(quarter).Sub(at)
	start := at.Add(offset).Truncate(time.Hour).Add(-offset)
	changed, _ := at.In(c.zone).ZoneBounds()
	if changed = changed.Add(quarter - 1).UTC().Truncate(quarter); start.Before(changed) {
		return changed
	}
	return start
}

// nextHour returns the start of the hour after the one that at is in.
func (c *calendar) nextHour(at time.Time) time.Time {
	start := c.hour(at)
	// Nearly always it is an hour later.
	if next := start.Add(time.Hour); c.hour(next).Equal(next) && c.hour(next.Add(-quarter)).Equal(start) {
		return next
	}
	for next := start.Add(quarter); ; next = next.Add(quarter) {
		if !c.hour(next).Equal(start) {
			return next
		}
	}
}

// day returns the start of the day that at is in.
func (c *calendar) day(at time.Time) time.Time {
	at = at.UTC().Truncate(quarter).In(c.zone)
	date := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	if next := c.begins(date.AddDate(0, 0, 1)); !next.After(at) {
		return next // the clocks were put back over midnight
	}
	return c.begins(date)
}

// nextDay returns the start of the day after the one that at is in.
func (c *calendar) nextDay(at time.Time) time.Time {
	start := c.day(at)
	for hours := 20 * time.Hour; ; hours += time.Hour {
		if next := c.day(start.Add(hours)); next.After(start) {
			return next
		}
	}
}

// begins returns the first quarter of an hour that has that date, or a later one: midnight may be there twice, or not
// at all.
func (c *calendar) begins(date time.Time) time.Time {
	if start, ok := c.starts[date]; ok {
		return start
	}
	const mostChanged = 3 * time.Hour
	year, month, day := date.Date()
	start := time.Date(year, month, day, 0, 0, 0, 0, c.zone).Add(-mostChanged).Truncate(quarter)
	for ; ; start = start.Add(quarter) {
		y, m, d := start.In(c.zone).Date()
		if !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(date) {
			break
		}
	}
	start = start.UTC()
	c.starts[date] = start
	return start
}
