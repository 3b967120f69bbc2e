package app

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/models"
)

var update = flag.Bool("update", false, "write the stories' answers down as they are now")

// TestStories asks what each folder of testdata/stories asks, one query after the other in one shop with a short
// history, and compares the answers. A line "#> name = path" before a query keeps a value of the answer before it, to
// be used as $name; "#> as smalltable" asks as the other shop.
func TestStories(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/stories/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			j := setup(t, options{})
			j.history()
			text, err := os.ReadFile(filepath.Join(dir, "query.graphql"))
			j.must(err)
			got := j.tell(string(text))
			path := filepath.Join(dir, "want.json")
			if *update {
				j.must(os.WriteFile(path, got, 0o600))
				return
			}
			want, err := os.ReadFile(path)
			j.must(err)
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// history is what the stories are told about: five entries of an order, each with its own time.
func (j *journey) history() {
	j.Helper()
	start := models.Now().Add(-patience)
	kind, id, title := "Order", "gid://shopify/Order/1042", "#1042"
	rule := "019aa0e0-0000-7000-8000-000000000001"
	for i, e := range []models.Activity{
		{Type: models.Webhook, Action: "WEBHOOK_RECEIVED", Status: models.Success, Summary: "first", ActorType: models.ActorExternal, ActorName: "Shopify"},
		{Type: models.BackgroundJob, Action: "SMART_TAG_APPLIED", Status: models.Success, Summary: "second", ActorType: models.ActorRule, ActorName: "VIP", ActorID: &rule, RuleID: &rule},
		{Type: models.Webhook, Action: "WEBHOOK_RECEIVED", Status: models.Warning, Summary: "third", ActorType: models.ActorExternal, ActorName: "Shopify"},
		{Type: models.BackgroundJob, Action: "TAG_CLEANUP", Status: models.Failed, Summary: "fourth", ActorType: models.ActorSystem, ActorName: "Tagtrail"},
		{Type: models.UserAction, Action: "BULK_TAG_UPDATE", Status: models.InProgress, Summary: "fifth", ActorType: models.ActorStaff, ActorName: "Riley Park"},
	} {
		e.OccurredAt = start.AddDate(0, 0, i-4)
		if i < 3 {
			e.EntityType, e.EntityID, e.EntityTitle = &kind, &id, &title
		}
		j.must(j.app.Activity.Record(j.Context(), j.a, &e))
		other := e
		other.ID, other.Summary = "", "of the other shop"
		j.must(j.app.Activity.Record(j.Context(), j.b, &other))
	}
}

var storyLine = regexp.MustCompile(`(?m)^#> *(.*)$`)

// tell asks the queries of a story, which are parted by lines of dashes, and returns the answers.
func (j *journey) tell(story string) []byte {
	j.Helper()
	var answers []json.RawMessage
	kept := map[string]string{}
	var last any
	for _, part := range strings.Split(story, "\n# ---\n") {
		shop := shopA
		for _, order := range storyLine.FindAllStringSubmatch(part, -1) {
			name, path, keeps := strings.Cut(order[1], " = ")
			switch {
			case keeps:
				kept[name] = fmt.Sprint(dig(last, path))
			case order[1] == "as smalltable":
				shop = shopB
			default:
				j.Fatalf("what does %q mean?", order[0])
			}
		}
		query := storyLine.ReplaceAllString(part, "")
		for name, value := range kept {
			query = strings.ReplaceAll(query, "$"+name, value)
		}
		r := j.ask(shop, query, nil)
		last = nil
		j.must(json.Unmarshal(r.body, &last))
		answers = append(answers, r.body)
	}
	raw, err := json.Marshal(answers)
	j.must(err)
	var pretty any
	j.must(json.Unmarshal([]byte(normal(string(raw))), &pretty))
	out, err := json.MarshalIndent(pretty, "", "  ")
	j.must(err)
	return append(out, '\n')
}

func dig(value any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		}
	}
	return value
}

var changing = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"id", regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)},
	{"time", regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)},
	{"cursor", regexp.MustCompile(`\bA[A-Za-z0-9_-]{38}\b|\beyJ[A-Za-z0-9_-]{30,}`)},
}

// normal names what differs from run to run in the order in which it comes: id 1, time 1, cursor 1.
func normal(text string) string {
	for _, c := range changing {
		names := map[string]string{}
		text = c.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if names[found] == "" {
				names[found] = fmt.Sprintf("%s %d", c.name, len(names)+1)
			}
			return names[found]
		})
	}
	return text
}
