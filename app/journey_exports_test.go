package app

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// fetch follows a link as somebody without a session does.
func (j *journey) fetch(link string) (int, http.Header, string) {
	j.Helper()
	req, err := http.NewRequestWithContext(j.Context(), http.MethodGet, link, http.NoBody)
	j.must(err)
	res, err := j.client.Do(req)
	j.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	j.must(err)
	return res.StatusCode, res.Header, string(raw)
}

func TestAnExportIsStartedFollowedAndEnds(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.createProduct(shopA, "Crate")
	j.settled()
	type exported struct {
		ID, Status, URL string
		Rows            int
	}
	var started struct {
		ExportStart struct {
			Export     *exported
			UserErrors []struct {
				Field   []string
				Message string
			}
		}
	}
	start := `mutation($input: ExportInput!) { exportStart(input: $input) { export { id status url rows } userErrors { field message } } }`
	j.data(shopA, start, map[string]any{"input": map[string]any{"columns": []string{"price"}}}, &started)
	if e := started.ExportStart; e.Export != nil || len(e.UserErrors) != 1 || strings.Join(e.UserErrors[0].Field, ".") != "input.columns" {
		t.Fatalf("an unknown column: %+v", e)
	}
	j.data(shopA, start, map[string]any{"input": map[string]any{"columns": []string{"summary", "actorName"}, "bom": true}}, &started)
	e := started.ExportStart.Export
	status, header, file := j.fetch(e.URL)
	if status != http.StatusOK || !strings.HasPrefix(file, "\ufeffsummary,actorName\r\n") || !strings.Contains(file, "Tagtrail installed") ||
		!strings.Contains(header.Get("Content-Disposition"), `filename="corkandcrate-activity-`) {
		t.Fatalf("%d %v: %s", status, header, file)
	}
	var got struct{ Export exported }
	j.data(shopA, `query($id: ID!) { export(id: $id) { id status url rows } }`, map[string]any{"id": e.ID}, &got)
	if got.Export.Status != "COMPLETED" || got.Export.Rows != strings.Count(file, "\r\n")-1 {
		t.Errorf("it came to %+v", got.Export)
	}
	if status, header, again := j.fetch(got.Export.URL); status != http.StatusOK || again != file || header.Get("Content-Length") == "" {
		t.Errorf("again: %d %v %.100s", status, header, again)
	}
	if n := len(j.entries(j.a, "action = ?", activity.ExportDownloaded)); n != 2 {
		t.Errorf("%d downloads are told, want 2", n)
	}
	if status, _, page := j.fetch(strings.Replace(e.URL, "sign=", "sign=x", 1)); status != http.StatusNotFound || !strings.Contains(page, "There is no such file") {
		t.Errorf("a forged link: %d %s", status, page)
	}
	j.must(j.app.DB.Model(&models.Export{}).Where("id = ?", e.ID).Update("expires_at", models.Now()).Error)
	j.must(j.app.Export.Expire(j.Context()))
	if status, _, page := j.fetch(e.URL); status != http.StatusGone || !strings.Contains(page, "no file any more") {
		t.Errorf("a link whose file is gone: %d %s", status, page)
	}
}

func TestSettingsSayWhoIsTold(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	var got struct {
		SettingsUpdate struct {
			Settings *struct {
				NotifyEmails   []string
				NotifyFailures bool
			}
			UserErrors []struct{ Field []string }
		}
	}
	update := `mutation($input: SettingsInput!) { settingsUpdate(input: $input) { settings { notifyEmails notifyFailures } userErrors { field } } }`
	for _, wrong := range []map[string]any{{"notifyFailures": true}, {"notifyEmails": []string{"nobody"}}} {
		j.data(shopA, update, map[string]any{"input": wrong}, &got)
		if len(got.SettingsUpdate.UserErrors) != 1 || got.SettingsUpdate.Settings != nil {
			t.Errorf("%v is taken: %+v", wrong, got.SettingsUpdate)
		}
	}
	j.data(shopA, update, map[string]any{"input": map[string]any{"notifyEmails": []string{"riley@example.com"}, "notifyFailures": true}}, &got)
	if s := got.SettingsUpdate.Settings; s == nil || !s.NotifyFailures || len(s.NotifyEmails) != 1 {
		t.Fatalf("the settings are %+v", got.SettingsUpdate)
	}
	told := j.one(j.a, "action = ? AND actor_name = 'Riley Park'", activity.SettingsChanged)
	if len(told.Changes) != 2 || strings.Contains(string(told.Changes[0].After)+told.Summary, "@") {
		t.Errorf("the entry tells %s %+v", told.Summary, told.Changes)
	}
}
