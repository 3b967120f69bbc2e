package activity

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
)

func (l *ledger) tagRows(shop *models.Shop) []models.ActivityTag {
	l.Helper()
	var rows []models.ActivityTag
	l.must(l.DB.Where("shop_id = ?", shop.ID).Order("occurred_at, activity_id, tag_key").Find(&rows).Error)
	return rows
}

func TestTheMigrationKeepsTheTagsThatEntriesHad(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	for i, changes := range [][]models.FieldChange{
		tagChange(nil, []string{"VIP", " wine   club "}),
		tagChange([]string{"Sale", "vip"}, []string{"VIP"}),
		tagChange([]string{"a"}, []string{"A "}),
		append(tagChange([]string{"x"}, nil), tagChange([]string{}, []string{"X"})...),
		{{Field: "tags", Before: encoded("vip"), After: encoded(map[string]any{"a": 1})}},
		{{Field: "title", Before: encoded([]string{"not a tag"})}},
		{{Field: "tags"}},
		nil,
	} {
		l.record(shop, &models.Activity{OccurredAt: base.Add(time.Duration(i) * time.Hour), Changes: changes})
	}
	want := l.tagRows(shop)
	if len(want) != 4 {
		t.Fatalf("tags %v", want)
	}
	l.must(l.DB.Where("shop_id = ?", shop.ID).Delete(&models.ActivityTag{}).Error)
	text, err := os.ReadFile("../models/migrations/0005_finding." + l.DB.Name() + ".sql")
	l.must(err)
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if strings.Contains(statement, "INTO activity_tags") {
			l.must(l.DB.Exec(statement).Error)
		}
	}
	if diff := cmp.Diff(want, l.tagRows(shop)); diff != "" {
		t.Errorf("written (-) and migrated (+):\n%s", diff)
	}
}
