package app

import (
	"testing"

	"github.com/tagtrail/tagtrail/models"
)

// TestSettingsAreChangedWithinThePlanAndWrittenDown changes how long things are kept, as the page does.
func TestSettingsAreChangedWithinThePlanAndWrittenDown(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	type problem struct{ Field []string }
	type answer struct {
		SettingsUpdate struct {
			Settings   *struct{ RetentionDays, ArchiveDays *int }
			UserErrors []problem
		}
	}
	update := func(input map[string]any) answer {
		t.Helper()
		var got answer
		j.data(shopA, `mutation($input: SettingsInput!) { settingsUpdate(input: $input) { settings { retentionDays archiveDays } userErrors { field } } }`,
			map[string]any{"input": input}, &got)
		return got
	}
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Updates(map[string]any{"plan": "PRO", "retention_days": 730}).Error)
	got := update(map[string]any{"retentionDays": 14, "archiveEnabled": true, "archiveDays": 1000})
	if s := got.SettingsUpdate.Settings; s == nil || *s.RetentionDays != 14 || *s.ArchiveDays != 1000 {
		t.Fatalf("got %+v", got)
	}
	entry := j.one(j.a, "action = 'SETTINGS_CHANGED' AND actor_type = 'STAFF'")
	if entry.Summary != "Settings changed: archiveDays, archiveEnabled, retentionDays" {
		t.Errorf("written down: %s", entry.Summary)
	}
	var shop models.Shop
	j.must(j.app.DB.Where("id = ?", j.a.ID).Take(&shop).Error)
	if shop.ClassSince == nil || *shop.ClassBefore != models.ClassLong || shop.ClassAt(shop.ClassSince.Add(-1)) != models.ClassLong ||
		shop.ClassAt(*shop.ClassSince) != models.ClassShort {
		t.Errorf("its class: %+v", shop)
	}
	for _, wrong := range []map[string]any{{"retentionDays": 0}, {"retentionDays": 731}, {"webhookBodyDays": 0}, {"snapshotDays": 1000}, {"archiveDays": 14}} {
		if got := update(wrong); len(got.SettingsUpdate.UserErrors) != 1 {
			t.Errorf("%v: %+v", wrong, got)
		}
	}
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Updates(map[string]any{"plan": "FREE", "retention_days": 30, "archive_enabled": false}).Error)
	for _, wrong := range []map[string]any{{"retentionDays": 31}, {"archiveEnabled": true}} {
		if got := update(wrong); len(got.SettingsUpdate.UserErrors) != 1 {
			t.Errorf("%v on FREE: %+v", wrong, got)
		}
	}
}
