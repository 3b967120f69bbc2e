package app

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shops"
)

func TestAServerThatRestartsSaysSoInEveryShop(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	for _, shop := range []*models.Shop{j.a, j.b} {
		for _, e := range j.entries(shop, "action IN ('SERVER_STARTED', 'SERVER_STOPPED')") {
			if e.OccurredAt.Before(shop.InstalledAt.Truncate(time.Millisecond)) {
				t.Errorf("a shop of %s is told of what was before it: %+v", shop.InstalledAt, e)
			}
		}
	}
	before := models.Now()
	j.config.WorkerConcurrency = 7
	j.restart(options{})
	for _, shop := range []*models.Shop{j.a, j.b} {
		j.waitFor("the start is in the log", func() bool { return len(j.entries(shop, "action = 'SERVER_STARTED' AND occurred_at >= ?", before)) > 0 })
		if len(j.entries(shop, "action = 'SERVER_STOPPED'")) == 0 {
			t.Errorf("%s: the stop is not in the log", shop.Domain)
		}
		j.waitFor("the changed settings are in the log", func() bool { return len(j.entries(shop, "action = 'SETTINGS_CHANGED'")) > 0 })
		for _, e := range j.entries(shop, "action = 'SETTINGS_CHANGED'") {
			raw, err := json.Marshal(e.Changes)
			j.must(err)
			if string(raw) != `[{"field":"WORKER_CONCURRENCY","before":"16","after":"7"}]` || e.Type != models.SystemEvent || e.ActorType != models.ActorSystem {
				t.Errorf("%s: %s", shop.Domain, raw)
			}
		}
	}
	if j.config.embedded() {
		e := j.one(j.a, "action = 'CACHE_CLEARED'")
		if e.Type != models.SystemEvent {
			t.Errorf("%+v", e)
		}
	}
}

func TestAStartIsToldOnceAndNothingOfItTwice(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true, notInstalled: false})
	at := models.Now()
	start := shops.Start{Role: "test", Version: "1", Settings: map[string]string{"LISTEN": ":1", "SECRET": "set"}, At: at}
	j.must(j.app.Shops.Started(t.Context(), start))
	start.At = at.Add(time.Second)
	j.must(j.app.Shops.Started(t.Context(), start)) // another of its fleet, or a process that cannot stay up
	if n := len(j.entries(j.a, "action = 'SERVER_STARTED'")); n != 1 {
		t.Errorf("%d entries tell of one start", n)
	}
	start.At, start.Version, start.Settings = at.Add(2*time.Second), "2", map[string]string{"LISTEN": ":2", "SECRET": "set"}
	j.must(j.app.Shops.Started(t.Context(), start))
	updated := j.one(j.a, "action = 'SERVER_STARTED' AND summary LIKE 'Tagtrail 2%'")
	if len(updated.Changes) != 1 || string(updated.Changes[0].Before) != `"1"` {
		t.Errorf("the new version is told as %+v", updated.Changes)
	}
	changed := j.one(j.a, "action = 'SETTINGS_CHANGED'")
	if changed.Summary != "Settings of the server changed: LISTEN" {
		t.Errorf("told %q", changed.Summary)
	}
	for range 2 {
		j.must(j.app.Shops.Stopped(t.Context(), "test", at.Add(3*time.Second)))
	}
	if e := j.one(j.a, "action = 'SERVER_STOPPED'"); metadata(e)["durationMs"] != 1000.0 {
		t.Errorf("metadata %s", e.Metadata)
	}
}

func TestMigrationsAreToldToTheShopsThatWereThere(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true})
	at := models.Now()
	for _, role := range []string{"one", "other"} {
		j.must(j.app.Shops.Started(t.Context(), shops.Start{Role: role, Version: "1", At: at}))
	}
	if told := j.entries(j.a, "action = 'DATABASE_MIGRATED'"); len(told) > 0 {
		t.Errorf("told of steps from before the shop: %+v", told)
	}
	step := models.Migration{Version: 9998, Name: "of the test", AppliedAt: at.Add(time.Second)}
	j.must(j.app.DB.Create(&step).Error)
	for _, role := range []string{"one", "other"} { // both say so; it is one entry
		j.must(j.app.Shops.Started(t.Context(), shops.Start{Role: role, Version: "2", At: at.Add(2 * time.Second)}))
	}
	e := j.one(j.a, "action = 'DATABASE_MIGRATED'")
	if e.Summary != "Database brought to 9998 of the test" || e.Type != models.SystemEvent || !e.OccurredAt.Equal(step.AppliedAt.Truncate(time.Millisecond)) {
		t.Errorf("%+v", e)
	}
}

func TestShopsThatAreGoneAreToldNothing(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true})
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.b.ID).Update("uninstalled_at", models.Now()).Error)
	j.must(j.app.Shops.Started(t.Context(), shops.Start{Role: "test", Version: "1", At: models.Now()}))
	if len(j.entries(j.a, "action = 'SERVER_STARTED'")) != 1 || len(j.entries(j.b, "action = 'SERVER_STARTED'")) != 0 {
		t.Error("the wrong shops were told")
	}
}

// TestAShopThatFallsBackToFreeKeepsItsLogForAWhile lets a shop's plan end, come back, end again, and stay ended.
func TestAShopThatFallsBackToFreeKeepsItsLogForAWhile(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true})
	set := func(columns map[string]any) {
		t.Helper()
		j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.b.ID).Updates(columns).Error)
	}
	settings := func() models.Settings {
		t.Helper()
		j.must(j.app.Shops.RefreshAll(t.Context()))
		var shop models.Shop
		j.must(j.app.DB.Where("id = ?", j.b.ID).Take(&shop).Error)
		if shop.Plan != models.PlanFree {
			t.Fatalf("the simulator has %s on %s", shop.Domain, shop.Plan)
		}
		return shop.Settings
	}
	const warned = "action = 'SETTINGS_CHANGED' AND error_code = 'PLAN_ENDED'"
	now := models.Now()
	set(map[string]any{"plan": "PRO", "retention_days": 400, "archive_enabled": true, "notify_emails": `["ops@example.com"]`})
	for range 2 {
		s := settings()
		if s.RetentionDays != 400 || !s.ArchiveEnabled || s.ShortenedAt == nil || s.ShortenedAt.Before(now.AddDate(0, 0, 14)) {
			t.Fatalf("it loses what it had at once: %+v", s)
		}
	}
	if told := j.entries(j.b, warned); len(told) != 1 || told[0].Status != models.Warning {
		t.Errorf("people are told by %+v", told)
	}
	var mails []models.Mail
	j.must(j.app.DB.Where("shop_id = ?", j.b.ID).Find(&mails).Error)
	if len(mails) != 1 || !strings.Contains(mails[0].Plain, "400 days") {
		t.Errorf("people are mailed %+v", mails)
	}
	if _, err := j.app.Shops.UpdateSettings(t.Context(), j.b, models.Actor{Type: models.ActorStaff, Name: "Riley"}, shops.SettingsInput{NotifyDigest: new(true)}); err != nil {
		t.Errorf("other settings cannot be changed meanwhile: %v", err)
	}

	set(map[string]any{"shortened_at": now.Add(-time.Second)})
	if s := settings(); s.RetentionDays != 30 || s.ArchiveEnabled || s.ShortenedAt != nil {
		t.Errorf("afterwards it keeps %+v", s)
	}
	if s := settings(); s.RetentionDays != 30 || s.ShortenedAt != nil {
		t.Errorf("it begins anew: %+v", s)
	}
	set(map[string]any{"retention_days": 14})
	if s := settings(); s.RetentionDays != 30 || s.ShortenedAt != nil {
		t.Errorf("where it kept less it is warned of more: %+v", s)
	}
	// A shop that left and came back is FREE from its first moment, with the settings that it had.
	set(map[string]any{"retention_days": 730})
	if s := settings(); s.RetentionDays != 730 || s.ShortenedAt == nil {
		t.Errorf("what was kept before it came back leaves at once: %+v", s)
	}

	// The first shop has the PRO plan at Shopify.
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Updates(map[string]any{"plan": "FREE", "retention_days": 400, "shortened_at": now.Add(time.Hour)}).Error)
	j.must(j.app.Shops.RefreshAll(t.Context()))
	var shop models.Shop
	j.must(j.app.DB.Where("id = ?", j.a.ID).Take(&shop).Error)
	if shop.Plan != models.PlanPro || shop.RetentionDays != 400 || shop.ShortenedAt != nil {
		t.Errorf("with its plan back it keeps %+v", shop.Settings)
	}
}

func TestWhatShopifySaysAnewOfTheShopIsInTheLog(t *testing.T) {
	t.Parallel()
	j := setup(t, options{stopped: true})
	j.must(j.app.DB.Model(&models.Shop{}).Where("id = ?", j.a.ID).Updates(map[string]any{"timezone": "Asia/Tokyo", "plan": "FREE"}).Error)
	for range 2 {
		j.must(j.app.Shops.RefreshAll(t.Context()))
	}
	e := j.one(j.a, "action = 'SETTINGS_CHANGED'")
	raw, err := json.Marshal(e.Changes)
	j.must(err)
	if e.ActorName != "Shopify" || e.Type != models.SystemEvent || !strings.Contains(string(raw), `"before":"Asia/Tokyo"`) {
		t.Errorf("%s %s", e.ActorName, raw)
	}
}
