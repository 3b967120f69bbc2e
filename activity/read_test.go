package activity

import (
	"slices"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"pgregory.net/rapid"
)

// readIDs reads the log in bulk, a new reading after every so many entries.
func (l *ledger) readIDs(t fataler, shop *models.Shop, r Reading, size int) []string {
	found := []string{}
	r.Columns = append(slices.Clone(r.Columns), ColumnNamed("id"))
	for {
		read := 0
		err := l.Read(l.Context(), shop, r, func(row *Row) error {
			found = append(found, string(row.Cells[len(row.Cells)-1]))
			if read++; read == size {
				var err error
				if r.After, err = row.Position(); err != nil {
					return err
				}
				return ErrEnough
			}
			return nil
		})
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		if read < size {
			return found
		}
	}
}

func TestAReadingIsWhatThePagesShow(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.world()
	rapid.Check(t, func(rt *rapid.T) {
		l.clear(shop)
		var entries []*models.Activity
		for range rapid.IntRange(0, 25).Draw(rt, "entries") {
			entries = append(entries, someEntry(rt))
		}
		l.record(shop, entries...)
		q := someQuestion(rt)
		want := l.pages(rt, shop, &q.filter, 250, false, false, nil)
		r := Reading{Filter: &q.filter, AsOf: models.Now().Add(time.Hour), atOnce: rapid.IntRange(1, 30).Draw(rt, "at once")}
		got := l.readIDs(rt, shop, r, rapid.IntRange(1, 30).Draw(rt, "size"))
		if !slices.Equal(got, want) {
			rt.Fatalf("read %q, the pages show %q", got, want)
		}
	})
}

func TestAReadingIsOfItsMoment(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	failing := &models.Activity{Status: models.Pending, Summary: "fails later"}
	l.record(shop, failing, &models.Activity{Summary: "stays"})
	moment := models.Now()
	l.record(shop, &models.Activity{Summary: "written down later", OccurredAt: moment.Add(-time.Hour)})
	l.must(l.Commit(t.Context(), shop, func(tx *Tx) error {
		return tx.Update(failing.ID, "", func(e *models.Activity) {
			e.Status, e.ErrorCode = models.Failed, ptr("NETWORK")
		})
	}))
	read := func(f *Filter) []string {
		var got []string
		names := []*Column{ColumnNamed("status"), ColumnNamed("errorCode"), ColumnNamed("summary")}
		l.must(l.Read(t.Context(), shop, Reading{Filter: f, AsOf: moment, Columns: names}, func(row *Row) error {
			line := ""
			for _, cell := range row.Cells {
				line += string(cell) + "|"
			}
			got = append(got, line)
			return nil
		}))
		slices.Sort(got)
		return got
	}
	if got := read(nil); !slices.Equal(got, []string{"PENDING||fails later|", "SUCCESS||stays|"}) {
		t.Errorf("read %q", got)
	}
	if got := read(&Filter{Statuses: []models.ActivityStatus{models.Failed}}); len(got) != 0 {
		t.Errorf("what failed since was read as failed: %q", got)
	}
}

func TestEveryColumnIsReadAsTheAPITellsIt(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	at := time.Date(2026, 11, 21, 22, 0, 0, 120_000_000, time.UTC)
	e := sketch(&models.Activity{
		OccurredAt: at, Summary: `=a "quoted", line` + "\n🍷", EntityType: ptr("Order"), EntityID: ptr("gid://shopify/Order/1"),
		Changes: tagChange(nil, []string{"a"}), Attempts: 3, RuleID: ptr(models.NewID(at)), RuleVersion: ptr(2),
	})
	l.record(shop, e)
	want := map[string]string{
		"occurredAt": "2026-11-21T22:00:00.12Z", "summary": e.Summary, "entityType": "Order", "entityId": "gid://shopify/Order/1",
		"attempts": "3", "ruleId": *e.RuleID, "ruleVersion": "2", "id": e.ID, "categories": `["SYSTEM"]`, "type": "WEBHOOK",
	}
	err := l.Read(t.Context(), shop, Reading{AsOf: models.Now(), Columns: Columns()}, func(row *Row) error {
		for i, c := range Columns() {
			cell := string(row.Cells[i])
			if value, ok := want[c.Name]; ok && cell != value {
				t.Errorf("%s is %q, want %q", c.Name, cell, value)
			}
			if c.Name == "errorCode" && row.Cells[i] != nil {
				t.Errorf("what is not there is %q", cell)
			}
		}
		return nil
	})
	l.must(err)
}
