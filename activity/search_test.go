package activity

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
)

const anID = "0198c0de-0000-7000-8000-000000000001"

func TestASearchIsWordsAndQualifiers(t *testing.T) {
	t.Parallel()
	days := func(n int) *Moment { return &Moment{Days: n} }
	for text, want := range map[string]Search{
		"":                                 {},
		"  \t ":                            {},
		"order updated":                    {Words: []string{"order", "updated"}},
		`"order updated" now`:              {Words: []string{"order updated", "now"}},
		"#10":                              {Words: []string{"#10"}},
		`"a b"`:                            {Words: []string{"a b"}},
		"größe":                            {Words: []string{"größe"}},
		`say\"so`:                          {Words: []string{`say\"so`}},
		`"say \"so\" \\ \n"`:               {Words: []string{`say "so" \ \n`}},
		`pipe5"`:                           {Words: []string{`pipe5"`}},
		"https://example.com/a?b=c":        {Words: []string{"https://example.com/a?b=c"}},
		"at 12:30":                         {Words: []string{"12:30"}},
		"Note: timeout":                    {Words: []string{"Note:", "timeout"}},
		`"status:failed"`:                  {Words: []string{"status:failed"}},
		"STATUS:Failed status:in-progress": {Statuses: []models.ActivityStatus{models.Failed, models.InProgress}},
		`status:"in progress"`:             {Statuses: []models.ActivityStatus{models.InProgress}},
		"type:webhook category:bulk_operations": {
			Types: []models.ActivityType{models.Webhook}, Categories: []models.ActivityCategory{models.CategoryBulkOperations},
		},
		`rule:VIP status:failed actor:riley order:#1042 tag:"Wine  Club" action:cogs_updated since:7d id:` + anID: {
			Rules: []string{"VIP"}, Statuses: []models.ActivityStatus{models.Failed}, Actors: []string{"riley"}, Orders: []string{"#1042"},
			Tags: []string{"wine club"}, Actions: []string{"cogs_updated"}, Since: days(7), IDs: []string{anID},
		},
		"customer:\"Jane Doe\" product:Riesling entity:order": {
			Customers: []string{"Jane Doe"}, Products: []string{"Riesling"}, Entities: []string{"order"},
		},
		strings.ToUpper(anID):              {IDs: []string{anID}},
		"gid://shopify/Order/1":            {Entities: []string{"gid://shopify/Order/1"}},
		"entity:gid://shopify/Order/1":     {Entities: []string{"gid://shopify/Order/1"}},
		"operation:" + anID + " error:net": {Operations: []string{anID}, Errors: []string{"net"}},
		"since:2w until:24H":               {Since: days(14), Until: &Moment{Ago: 24 * time.Hour}},
		"since:30m before:2026-11-01":      {Since: &Moment{Ago: 30 * time.Minute}, Until: &Moment{Date: "2026-11-01"}},
		"since:yesterday until:Today":      {Since: &Moment{Day: ptr(-1)}, Until: &Moment{Day: ptr(0), Whole: true}},
		"since:2026-11-01T09:30 until:2026-11-02": {
			Since: &Moment{Clock: "2026-11-01T09:30"}, Until: &Moment{Date: "2026-11-02", Whole: true},
		},
		`action:"a:b"`: {Actions: []string{"a:b"}},
		"action:a:b":   {Actions: []string{"a:b"}},
	} {
		text = strings.TrimPrefix(text, "at ")
		got, problems := ParseSearch(text)
		if len(problems) > 0 {
			t.Errorf("%s: %v", text, problems)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: want (-) got (+):\n%s", text, diff)
		}
	}
}

func TestWhatIsWrongWithASearchIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`größe "open`:              "The quote at character 7 is never closed",
		`tag:"Sale`:                "The quote at character 5 is never closed",
		`tag:"Sale\"`:              "The quote at character 5 is never closed",
		"vip colour:red":           "At character 5: colour: is not a qualifier. Those that there are: action, actor, before,",
		"status:foo":               `At character 8: "foo" is not a status. Those that there are: pending, in_progress, success, warning, failed.`,
		"type:x":                   `At character 6: "x" is not a type`,
		"category:x":               "tags, bulk_operations, metafields, data_cleaning, system",
		"vip since:xyz":            `At character 11: "xyz" is not a time. Write 30m`,
		"since:2026-02-30":         "is not a time",
		"since:999999w":            "more than ten years",
		"since:1d since:2d":        "has such a time already",
		"before:1d until:2d":       "has such a time already",
		"id:12":                    `"12" is not the id of an entry`,
		"operation:12":             `"12" is not the id of an operation`,
		"status:":                  "At character 8: status: needs a value after it, such as status:failed",
		"rule: VIP":                "At character 6: rule: needs a value",
		`tag:""`:                   "tag: needs a value",
		"ab":                       `At character 1: "ab" is too short to look for`,
		"---":                      "is too short",
		`""`:                       "is too short",
		"a\x00b":                   "zero byte",
		"\xff":                     "broken text",
		strings.Repeat("é", 501):   "The search has 501 characters; at most 500",
		strings.Repeat("abc ", 41): "The search has 41 parts; at most 40",
	} {
		_, problems := ParseSearch(text)
		if len(problems) != 1 || !strings.Contains(problems[0].Message, want) || !slices.Equal(problems[0].Field, []string{"filter", "search"}) {
			t.Errorf("%q: %v, want ...%s...", text, problems, want)
		}
	}
	if _, problems := ParseSearch("status:foo x ok:1"); len(problems) != 3 {
		t.Errorf("of three mistakes are told: %v", problems)
	}
	for name := range qualifiers {
		if _, problems := ParseSearch(examples[name]); len(problems) > 0 || !strings.HasPrefix(examples[name], name+":") {
			t.Errorf("the example of %s: is %q: %v", name, examples[name], problems)
		}
	}
}

func TestDaysInASearchAreTheShops(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.UTC()
	}
	for _, c := range []struct{ zone, now, qualifier, want string }{
		// Toronto puts its clocks forward on 8 March 2026 at 2:00 and back on 1 November at 2:00.
		{"America/Toronto", "2026-03-08T12:00:00-04:00", "since:today", "2026-03-08T00:00:00-05:00"},
		{"America/Toronto", "2026-03-08T12:00:00-04:00", "until:today", "2026-03-09T00:00:00-04:00"},
		{"America/Toronto", "2026-03-08T12:00:00-04:00", "since:1d", "2026-03-07T12:00:00-05:00"},
		{"America/Toronto", "2026-03-08T12:00:00-04:00", "since:24h", "2026-03-07T11:00:00-05:00"},
		{"America/Toronto", "2026-11-01T23:30:00-05:00", "since:today", "2026-11-01T00:00:00-04:00"},
		{"America/Toronto", "2026-11-02T00:30:00-05:00", "since:yesterday", "2026-11-01T00:00:00-04:00"},
		{"America/Toronto", "2026-11-02T00:30:00-05:00", "until:yesterday", "2026-11-02T00:00:00-05:00"},
		{"America/Toronto", "2026-11-22T00:30:00-05:00", "since:2w", "2026-11-08T00:30:00-05:00"},
		{"America/Toronto", "2026-11-22T00:30:00-05:00", "before:2026-11-01", "2026-11-01T00:00:00-04:00"},
		{"America/Toronto", "2026-11-22T00:30:00-05:00", "until:2026-11-01", "2026-11-02T00:00:00-05:00"},
		{"America/Toronto", "2026-11-22T00:30:00-05:00", "since:2026-11-05T09:30", "2026-11-05T09:30:00-05:00"},
		{"America/Toronto", "2026-11-22T00:30:00-05:00", "since:2026-11-05T09:30:00Z", "2026-11-05T09:30:00Z"},
		{"Asia/Tokyo", "2026-11-21T15:30:00Z", "since:today", "2026-11-22T00:00:00+09:00"},
		// Santiago skips the hour after midnight on 6 September 2026.
		{"America/Santiago", "2026-09-06T12:00:00-03:00", "since:today", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-09-06T12:00:00-03:00", "until:yesterday", "2026-09-06T01:00:00-03:00"},
		// In Havana the hour after midnight comes twice on 1 November 2026.
		{"America/Havana", "2026-11-01T12:00:00-05:00", "since:today", "2026-11-01T00:00:00-04:00"},
		{"Nowhere/Known", "2026-11-21T15:30:00Z", "since:today", "2026-11-21T00:00:00Z"},
	} {
		s, problems := ParseSearch(c.qualifier)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", c.qualifier, problems)
		}
		moment := s.Since
		if moment == nil {
			moment = s.Until
		}
		if got := moment.In(at(c.now), (&models.Shop{Timezone: c.zone}).Zone()); !got.Equal(at(c.want)) {
			t.Errorf("%s in %s at %s: %s, want %s", c.qualifier, c.zone, c.now, got.In((&models.Shop{Timezone: c.zone}).Zone()), c.want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for name := range examples {
		f.Add(examples[name])
	}
	for _, text := range []string{
		`rule:VIP status:failed actor:riley order:#1042 tag:"Sale" since:7d`, `"a \"b\" c`, `tag:"`, ":", `"\`, "https://a:b", "status:",
		"since:999999w", "é:é", "\xff", anID, "a\u0301:b", "until:2026-02-29", `x"y" "z"w`,
	} {
		f.Add(text)
	}
	now := time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s, problems := ParseSearch(text)
		for _, p := range problems {
			if p.Message == "" || !utf8.ValidString(p.Message) || len(p.Field) != 2 {
				t.Errorf("%q: problem %+v", text, p)
			}
		}
		if len(problems) > 0 {
			return
		}
		for _, word := range s.Words {
			// What is looked for stands in the text, apart from what quotes escape, and an index finds it.
			if !findable(word) || !strings.Contains(text, word) && !strings.Contains(text, `\`) {
				t.Errorf("%q: word %q", text, word)
			}
			if escaped := pattern(word); strings.Count(escaped, `\`) != strings.Count(word, `\`)*2+strings.Count(word, "%")+strings.Count(word, "_") {
				t.Errorf("%q: pattern %q", word, escaped)
			}
		}
		for _, m := range []*Moment{s.Since, s.Until} {
			if m != nil {
				if at := m.In(now, (&models.Shop{Timezone: "America/Havana"}).Zone()); at.Location() != time.UTC {
					t.Errorf("%q: %v is not UTC", text, at)
				}
			}
		}
		again, problems := ParseSearch("  " + text + "\t")
		if len(problems) == 0 && cmp.Diff(s, again) != "" {
			t.Errorf("%q: white space around it changes it", text)
		}
	})
}
