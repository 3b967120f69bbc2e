package export

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// numbers reads the summaries of a CSV file that has no other column.
func numbers(t testing.TB, file string) []string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) == 0 || rows[0][0] != "summary" {
		t.Fatalf("%v: %q", err, file)
	}
	found := []string{}
	for _, row := range rows[1:] {
		found = append(found, row[0])
	}
	return found
}

// downTo is what an export of so many entries has, the newest first.
func downTo(n int) []string {
	want := make([]string, n)
	for i := range want {
		want[i] = strconv.Itoa(n - 1 - i)
	}
	return want
}

var webhooksOnly = &activity.Filter{Types: []models.ActivityType{models.Webhook}}

func TestASmallExportIsWrittenWhileItIsSentAndKept(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.record(shop, 30, nil)
	e := o.start(shop, Input{Filter: webhooksOnly, Columns: []string{"summary"}})
	if e.Status != models.ExportQueued || e.URL() == nil || *e.TotalRows != 30 {
		t.Fatalf("it is %+v, with the link %v", e.Export, e.URL())
	}
	file, err := o.follow(t.Context(), e)
	o.must(err)
	if got := numbers(t, file); !slices.Equal(got, downTo(30)) {
		t.Errorf("the file has %q", got)
	}
	e = o.get(shop, e.ID)
	if e.Status != models.ExportCompleted || e.Rows != 30 || *e.Length() != len(file) || len(o.keys()) != 1 {
		t.Errorf("it came to %+v, files %q", e.Export, o.keys())
	}
	again, err := o.follow(t.Context(), e)
	if err != nil || again != file {
		t.Errorf("the second time it is %q, %v", again, err)
	}
	var told []models.Activity
	o.must(o.DB.Where("shop_id = ? AND action IN ?", shop.ID, []string{activity.Exported, activity.ExportDownloaded}).Order("occurred_at, id").Find(&told).Error)
	if len(told) != 3 || told[0].Status != models.Success || told[0].ActorName != "Riley Park" {
		t.Fatalf("the entries are %+v", told)
	}
	for _, d := range told[1:] {
		if d.ActorType != models.ActorExternal || !strings.Contains(d.Summary, "30 entries") || !strings.Contains(string(d.Metadata), "Riley Park") {
			t.Errorf("a download is told as %+v", d)
		}
	}
}

func TestALargeExportIsMadeInPartsThatAreOneFile(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.PartRows = 7
	shop := o.shop()
	o.record(shop, 30, nil)
	for format, read := range map[models.ExportFormat]func(string) []string{
		models.ExportCSV: func(file string) []string { return numbers(t, file) },
		models.ExportJSONL: func(file string) []string {
			found := []string{}
			for line := range strings.Lines(file) {
				var row struct{ Summary string }
				o.must(json.Unmarshal([]byte(line), &row))
				found = append(found, row.Summary)
			}
			return found
		},
	} {
		e := o.start(shop, Input{Filter: webhooksOnly, Columns: []string{"summary"}, Format: format, BOM: ptr(false)})
		o.asJob(e)
		// What comes later is not in it, and what changes is told as it was.
		o.record(shop, 3, func(_ int, a *models.Activity) { a.OccurredAt = models.Now().Add(-time.Hour) })
		e = o.work(t.Context(), shop, e.ID)
		if e.Status != models.ExportCompleted || len(e.Parts) != 5 || e.Rows != 30 || *e.TotalRows != 30 {
			t.Fatalf("%s came to %+v", format, e.Export)
		}
		file, err := o.follow(t.Context(), e)
		o.must(err)
		if got := read(file); !slices.Equal(got, downTo(30)) {
			t.Errorf("the %s file has %q", format, got)
		}
		o.must(o.DB.Where("summary IN ('0', '1', '2') AND occurred_at > ?", models.Now().Add(-30*time.Hour)).
			Where("shop_id = ? AND occurred_at < ?", shop.ID, models.Now().Add(-30*time.Minute)).Delete(&models.Activity{}).Error)
	}
}

func TestAFileBeginsAsItWasAskedFor(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.record(shop, 1, func(_ int, e *models.Activity) { e.Summary = `=SUM(A1) "x"` })
	e := o.start(shop, Input{Filter: webhooksOnly, Columns: []string{"summary", "attempts"}, BOM: ptr(true)})
	file, err := o.follow(t.Context(), e)
	o.must(err)
	if want := "\ufeffsummary,attempts\r\n\"'=SUM(A1) \"\"x\"\"\",0\r\n"; file != want {
		t.Errorf("the file is %q, want %q", file, want)
	}
	e = o.start(shop, Input{Filter: &activity.Filter{Search: ptr("nothing alike")}, Columns: []string{"summary"}})
	if file, err = o.follow(t.Context(), e); err != nil || file != "summary\r\n" {
		t.Errorf("an empty file is %q, %v", file, err)
	}
}

func TestWhatIsWrongIsToldByField(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	for name, in := range map[string]Input{
		"columns": {Columns: []string{"summary", "price"}},
		"email":   {Email: ptr("nobody\r\nBcc: x@example.com")},
		"bom":     {Format: models.ExportJSONL, BOM: ptr(true)},
		"filter":  {Filter: &activity.Filter{Search: ptr("status:foo")}},
	} {
		_, err := o.Start(t.Context(), shop, riley, in)
		f, ok := fault.As(err)
		if !ok || len(f.Problems) != 1 || f.Problems[0].Field[0] != name {
			t.Errorf("%s: %v", name, err)
		}
		if name == "columns" && !strings.Contains(f.Message, "occurredAt, type, action") {
			t.Errorf("it does not say which columns there are: %s", f.Message)
		}
	}
}

func TestALinkThatEndedOrIsNotOursIsRefusedAndTheFileLeaves(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop, other := o.shop(), o.shop()
	o.record(shop, 3, nil)
	e := o.start(shop, Input{Columns: []string{"summary"}})
	if _, err := o.follow(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e = o.get(shop, e.ID)
	at, _ := url.Parse(*e.URL())
	forged := at.Query()
	forged.Set("for", "Somebody else")
	later := at.Query()
	later.Set("expires", strconv.FormatInt(time.Now().Add(1000*time.Hour).Unix(), 10))
	for name, query := range map[string]url.Values{"none": {}, "forged": forged, "longer": later} {
		if _, err := o.Open(t.Context(), e.ID, query); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.Get(t.Context(), other, riley, e.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another shop has it: %v", err)
	}
	_, err := o.Renew(t.Context(), shop, riley, e.ID)
	o.must(err)

	over := models.Now().Add(-time.Second)
	ended := *e
	ended.ExpiresAt = &over
	old, _ := url.Parse(o.link(&e.Export, "Riley Park", over))
	if _, err := o.Open(t.Context(), e.ID, old.Query()); !fault.Is(err, fault.Gone) {
		t.Errorf("a link that has ended: %v", err)
	}
	o.must(o.Expire(t.Context()))
	if len(o.keys()) != 1 {
		t.Fatal("the file left before its time")
	}
	o.must(o.DB.Model(&models.Export{}).Where("id = ?", e.ID).Update("expires_at", over).Error)
	if _, err := o.Open(t.Context(), e.ID, at.Query()); !fault.Is(err, fault.Gone) {
		t.Errorf("before the file leaves: %v", err)
	}
	o.must(o.Expire(t.Context()))
	e = o.get(shop, e.ID)
	if e.Status != models.ExportExpired || len(o.keys()) != 0 || e.URL() != nil || e.Renewable() {
		t.Errorf("it is %+v, files %q", e.Export, o.keys())
	}
	if _, err := o.Renew(t.Context(), shop, riley, e.ID); !fault.Is(err, fault.Invalid) {
		t.Errorf("what is gone can be renewed: %v", err)
	}
	if _, err := o.Open(t.Context(), e.ID, at.Query()); !fault.Is(err, fault.Gone) {
		t.Errorf("after the file left: %v", err)
	}
}

func TestACancelledExportLeavesNothing(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.PartRows = 5
	shop := o.shop()
	o.record(shop, 30, nil)
	e := o.start(shop, Input{Columns: []string{"summary"}})
	o.asJob(e)
	o.must(o.WorkOn(t.Context(), e.ID))
	if e = o.get(shop, e.ID); e.Status != models.ExportRunning || e.URL() != nil || len(o.keys()) != 1 {
		t.Fatalf("after a part it is %+v with the link %v", e.Export, e.URL())
	}
	e, err := o.Cancel(t.Context(), shop, riley, e.ID)
	o.must(err)
	o.must(o.WorkOn(t.Context(), e.ID))
	o.must(o.DB.Model(&models.Export{}).Where("id = ?", e.ID).Update("due_at", models.Now().Add(-time.Second)).Error)
	o.must(o.Expire(t.Context()))
	if e.Status != models.ExportCancelled || len(o.keys()) != 0 {
		t.Errorf("it is %s, files %q", e.Status, o.keys())
	}
	if _, err := o.Cancel(t.Context(), shop, riley, e.ID); !fault.Is(err, fault.Invalid) {
		t.Errorf("it can be cancelled twice: %v", err)
	}
}

func TestAReaderWhoGoesAwayLeavesNothingAndTheNextGetsAll(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.record(shop, 30, nil)
	e := o.start(shop, Input{Filter: webhooksOnly, Columns: []string{"summary"}})
	at, _ := url.Parse(*e.URL())
	file, err := o.Open(t.Context(), e.ID, at.Query())
	o.must(err)
	if err := file.Download(t.Context(), "", broken{}); err == nil {
		t.Fatal("nobody read it, and that is no error")
	}
	if e = o.get(shop, e.ID); e.Status.Ended() || len(o.keys()) != 0 {
		t.Fatalf("it is %s, files %q", e.Status, o.keys())
	}
	got, err := o.follow(t.Context(), e)
	if err != nil || len(numbers(t, got)) != 30 {
		t.Errorf("the next one gets %q, %v", got, err)
	}
}

type broken struct{}

// Write implements io.Writer.
func (broken) Write([]byte) (int, error) { return 0, errors.New("gone away") }

func TestTwoWhoFollowALinkAtOnceBothGetTheWholeFile(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.record(shop, 200, nil)
	e := o.start(shop, Input{Filter: webhooksOnly, Columns: []string{"summary"}})
	got := make(chan string)
	for range 4 {
		go func() {
			file, err := o.follow(context.Background(), e)
			if err != nil {
				file = err.Error()
			}
			got <- file
		}()
	}
	for range 4 {
		if file := <-got; !slices.Equal(numbers(t, file), downTo(200)) {
			t.Errorf("one got %.100q", file)
		}
	}
}

func TestTheLinkIsMailedWhenTheFileIsThere(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	o.record(shop, 3, nil)
	e := o.start(shop, Input{Columns: []string{"summary"}, Email: ptr("riley@example.com")})
	e = o.work(t.Context(), shop, e.ID)
	var mails []models.Mail
	o.must(o.DB.Where("shop_id = ?", shop.ID).Find(&mails).Error)
	if len(mails) != 1 || mails[0].Once || mails[0].Recipients[0] != "riley@example.com" {
		t.Fatalf("the mails are %+v", mails)
	}
	_, link, _ := strings.Cut(mails[0].Plain, "Download:\n")
	link, _, _ = strings.Cut(link, "\n")
	at, err := url.Parse(link)
	o.must(err)
	if _, err := o.Open(t.Context(), e.ID, at.Query()); err != nil {
		t.Errorf("the link %s does not open: %v", link, err)
	}
}

func TestAShopHasOnlySoManyExportsUnderWay(t *testing.T) {
	t.Parallel()
	o := setup(t)
	shop := o.shop()
	for range mostAtOnce {
		o.start(shop, Input{})
	}
	if _, err := o.Start(t.Context(), shop, riley, Input{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("one more is let in: %v", err)
	}
	o.start(o.shop(), Input{})
}

func TestSelectedSaysWhichEntries(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC)
	for want, f := range map[string]activity.Filter{
		"All entries": {},
		"rule:VIP · Failed, in progress · since 1 Nov 2026 05:00 UTC": {
			Search: ptr("rule:VIP"), Statuses: []models.ActivityStatus{models.Failed, models.InProgress}, From: &from,
		},
	} {
		raw, err := json.Marshal(f)
		if got := selected(raw, time.UTC); err != nil || got != want {
			t.Errorf("%s is told as %q", raw, got)
		}
	}
	raw := json.RawMessage(`{"from": "2026-11-01T04:00:00Z"}`)
	if got := selected(raw, time.FixedZone("EDT", -4*3600)); got != "Since 1 Nov 2026 00:00 EDT" {
		t.Errorf("the shop's midnight is told as %q", got)
	}
	if got := fmt.Sprint(entries(1), entries(1234567)); got != "1 entry1,234,567 entries" && got != "1 entry 1,234,567 entries" {
		t.Errorf("numbers are told as %q", got)
	}
}
