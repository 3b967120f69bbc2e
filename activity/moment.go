package activity

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Moment is a time as a search names it: long ago from now, a day of the shop's calendar, or an instant.
type Moment struct {
	// Ago is a number of hours, minutes, days or weeks before now; Days are calendar days, so that a change of the
	// clocks does not move the time of day.
	Ago  time.Duration
	Days int
	// Day is today (0) or a day before it (-1 is yesterday), and Date a written day, YYYY-MM-DD. The moment is its
	// beginning, or its end where Whole is set.
	Day   *int
	Date  string
	Whole bool
	// Clock is a written date and time, in the shop's time zone unless it names another.
	Clock string
}

var (
	ago   = regexp.MustCompile(`^(\d{1,6})([mhdw])$`)
	today = map[string]int{"today": 0, "yesterday": -1}
)

const (
	clockLayout = "2006-01-02T15:04"
	maxAgoDays  = 3660
)

func parseMoment(value string, whole bool) (*Moment, string) {
	if day, ok := today[strings.ToLower(value)]; ok {
		return &Moment{Day: &day, Whole: whole}, ""
	}
	if parts := ago.FindStringSubmatch(strings.ToLower(value)); parts != nil {
		return parseAgo(parts[1], parts[2])
	}
	if _, err := time.Parse(time.DateOnly, value); err == nil {
		return &Moment{Date: value, Whole: whole}, ""
	}
	for _, layout := range []string{clockLayout, time.RFC3339} {
		if at, err := time.Parse(layout, value); err == nil && at.Year() > 0 {
			return &Moment{Clock: value}, ""
		}
	}
	return nil, fmt.Sprintf("%q is not a time. Write 30m, 24h, 7d, 2w, today, yesterday, 2026-11-01 or 2026-11-01T09:30.", value)
}

func parseAgo(number, unit string) (*Moment, string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil, number + " is not a number."
	}
	m := &Moment{}
	switch unit {
	case "m":
		m.Ago = time.Duration(n) * time.Minute
	case "h":
		m.Ago = time.Duration(n) * time.Hour
	case "d":
		m.Days = n
	case "w":
		m.Days = 7 * n
	}
	if m.Days > maxAgoDays || m.Ago > maxAgoDays*24*time.Hour {
		return nil, "that is more than ten years ago, and nothing is kept so long."
	}
	return m, ""
}

// In returns the instant, seen from now in a shop's time zone.
func (m *Moment) In(now time.Time, zone *time.Location) time.Time {
	now = now.In(zone)
	switch {
	case m.Clock != "":
		if at, err := time.Parse(time.RFC3339, m.Clock); err == nil {
			return at.UTC()
		}
		at, _ := time.ParseInLocation(clockLayout, m.Clock, zone) // parseMoment has read it before
		return at.UTC()
	case m.Date != "":
		at, _ := time.Parse(time.DateOnly, m.Date) // likewise
		return m.day(at.Year(), at.Month(), at.Day(), zone)
	case m.Day != nil:
		return m.day(now.Year(), now.Month(), now.Day()+*m.Day, zone)
	default:
		return now.AddDate(0, 0, -m.Days).Add(-m.Ago).UTC()
	}
}

func (m *Moment) day(year int, month time.Month, day int, zone *time.Location) time.Time {
	if m.Whole {
		day++
	}
	return midnight(year, month, day, zone).UTC()
}

// midnight returns when a day begins in a time zone. Where the clocks are put forward at midnight, it begins at one
// o'clock; where they are put back to midnight, it begins at the first of the two.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	want := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day()
	begins, ends := at.ZoneBounds()
	if at.Day() != want {
		return ends // the clocks skipped it
	}
	if begins.IsZero() {
		return at
	}
	_, offset := at.Zone()
	_, before := begins.Add(-time.Nanosecond).Zone()
	first := at.Add(time.Duration(offset-before) * time.Second)
	if first.Before(begins) && first.Day() == want {
		return first
	}
	return at
}
