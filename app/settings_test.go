package app

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// setting is one setting with its default.
type setting struct{ Name, Default string }

func settingsOfConfig(t *testing.T) []setting {
	t.Helper()
	var settings []setting
	config := reflect.TypeFor[Config]()
	for i := range config.NumField() {
		tag := config.Field(i).Tag
		if name := tag.Get("env"); name != "" {
			settings = append(settings, setting{name, tag.Get("envDefault")})
		}
	}
	if len(settings) == 0 {
		t.Fatal("Config names no settings")
	}
	return settings
}

func houseFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return string(text)
}

// TestSettingsStandInTheExample holds .env.example to Config: each setting once, in the order of the struct, with its
// default. What has a default stands there commented out, so that copying the file changes nothing.
func TestSettingsStandInTheExample(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`(?m)^(?:# ?)?([A-Z][A-Z0-9_]*)=(.*)$`)
	var listed []setting
	for _, match := range line.FindAllStringSubmatch(houseFile(t, "../.env.example"), -1) {
		if !slices.Contains(composeSettings, match[1]) {
			listed = append(listed, setting{match[1], match[2]})
		}
	}
	if diff := cmp.Diff(settingsOfConfig(t), listed); diff != "" {
		t.Errorf(".env.example does not list the settings of Config (-Config +file):\n%s", diff)
	}
}

// composeSettings are read by docker-compose.yml alone.
var composeSettings = []string{"POSTGRES_PASSWORD", "TAGTRAIL_PORT", "MAIL_PORT"}

// TestSettingsStandInTheReadme does the same for the table of the README.
func TestSettingsStandInTheReadme(t *testing.T) {
	t.Parallel()
	row := regexp.MustCompile("(?m)^\\| `([A-Z][A-Z0-9_]*)` \\| ([^|]*) \\| ([^|]*) \\|$")
	var listed []setting
	for _, match := range row.FindAllStringSubmatch(houseFile(t, "../README.md"), -1) {
		preset := strings.Trim(strings.TrimSpace(match[2]), "`")
		if preset == "required" || preset == "none" && match[1] != "BILLING" {
			preset = ""
		}
		if strings.TrimSpace(match[3]) == "" {
			t.Errorf("the README does not say what %s means", match[1])
		}
		listed = append(listed, setting{match[1], preset})
	}
	if diff := cmp.Diff(settingsOfConfig(t), listed); diff != "" {
		t.Errorf("the README does not list the settings of Config (-Config +README):\n%s", diff)
	}
}

// TestSettingsThatAreRequiredAreSaidToBe compares the README with what an empty environment is told.
func TestSettingsThatAreRequiredAreSaidToBe(t *testing.T) {
	t.Parallel()
	_, err := parseConfig(map[string]string{})
	if err == nil {
		t.Fatal("an empty environment is taken")
	}
	complaint := regexp.MustCompile(`(?m)^  - ([A-Z][A-Z0-9_]*) is not set`)
	var asked []string
	for _, match := range complaint.FindAllStringSubmatch(err.Error(), -1) {
		asked = append(asked, match[1])
	}
	row := regexp.MustCompile("(?m)^\\| `([A-Z][A-Z0-9_]*)` \\| required \\|")
	var promised []string
	for _, match := range row.FindAllStringSubmatch(houseFile(t, "../README.md"), -1) {
		promised = append(promised, match[1])
	}
	slices.Sort(asked)
	slices.Sort(promised)
	if diff := cmp.Diff(asked, promised); diff != "" {
		t.Errorf("the README does not say what is required (-asked for +README):\n%s", diff)
	}
}
