package activity

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zones are those whose clocks do something of their own.
var zones = []string{
	"UTC", "America/Toronto", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo",
	"Pacific/Apia", "Atlantic/Azores", "America/Havana", "Pacific/Chatham", "Asia/Gaza", "America/Asuncion",
}

func TestADayHasTheHoursThatItsClockHas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, date string
		starts     string
		long       time.Duration
		hours      int
	}{
		{"America/Toronto", "2026-11-01", "2026-11-01T04:00:00Z", 25 * time.Hour, 25},
		{"America/Toronto", "2026-03-08", "2026-03-08T05:00:00Z", 23 * time.Hour, 23},
		{"Asia/Kolkata", "2026-11-01", "2026-10-31T18:30:00Z", 24 * time.Hour, 24},
		{"Asia/Kathmandu", "2026-11-01", "2026-10-31T18:15:00Z", 24 * time.Hour, 24},
		// Clocks go back by half an hour: the hour from 1 to 2, and then half of it again.
		{"Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24*time.Hour + 30*time.Minute, 25},
		{"Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", 23*time.Hour + 30*time.Minute, 24},
		// There is no midnight, and there are two.
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23 * time.Hour, 23},
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25 * time.Hour, 25},
		// There was no such day: the one before it is followed by the one after.
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 24 * time.Hour, 24},
	} {
		c := calendarOf(test.zone)
		noon, err := time.ParseInLocation("2006-01-02 15", test.date+" 12", c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start := c.day(noon)
		if got := start.Format(time.RFC3339); got != test.starts {
			t.Errorf("%s: %s starts at %s, want %s", test.zone, test.date, got, test.starts)
		}
		end := c.nextDay(noon)
		if got := end.Sub(start); got != test.long {
			t.Errorf("%s: %s is %v long, want %v", test.zone, test.date, got, test.long)
		}
		hours := 0
		for at := start; at.Before(end); at = c.nextHour(at) {
			hours++
		}
		if hours != test.hours {
			t.Errorf("%s: %s has %d hours, want %d", test.zone, test.date, hours, test.hours)
		}
	}
}

// TestHoursAndDaysFollowEachOtherWithoutGap holds at any time in any of the zones, also long ago, when clocks were set
// by the sun.
func TestHoursAndDaysFollowEachOtherWithoutGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := calendarOf(rapid.SampledFrom(zones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(-3_000_000_000, 4_000_000_000).Draw(t, "at"), 0).UTC()
		for name, part := range map[string]struct{ start, next func(time.Time) time.Time }{
			"hour": {c.hour, c.nextHour},
			"day":  {c.day, c.nextDay},
		} {
			start, next := part.start(at), part.next(at)
			if start.After(at) || !next.After(at) {
				t.Fatalf("%v is not in its %s, from %v to %v", at, name, start, next)
			}
			if !start.Equal(start.Truncate(quarter)) {
				t.Fatalf("the %s of %v starts at %v", name, at, start)
			}
			for inside := start; inside.Before(next); inside = inside.Add(quarter) {
				if got := part.start(inside); !got.Equal(start) {
					t.Fatalf("%v is in the %s from %v, not in that from %v", inside, name, got, start)
				}
			}
			if got := part.start(next); !got.Equal(next) {
				t.Fatalf("the %s after %v starts at %v, not %v", name, at, got, next)
			}
		}
		if day := c.day(at); !c.hour(day).Equal(day) {
			t.Fatalf("the day %v begins within the hour from %v", day, c.hour(day))
		}
	})
}
