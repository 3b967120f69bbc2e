package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tagtrail/tagtrail/graph"
	"gorm.io/gorm"
)

// failure is the first error of a GraphQL answer.
type failure struct {
	Message    string
	Extensions struct{ Code, Reference string }
}

func (r reply) failure(j *journey) failure {
	j.Helper()
	var answer struct{ Errors []failure }
	if err := json.Unmarshal(r.body, &answer); err != nil || len(answer.Errors) == 0 {
		j.Fatalf("no error: %d %s", r.status, r.body)
	}
	return answer.Errors[0]
}

// lines is a log that several goroutines write.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestAnInnerFailureShowsAReferenceAndNoInnerWords(t *testing.T) {
	t.Parallel()
	log := &lines{}
	j := setup(t, options{log: log})
	j.data(shopA, `{ shop { domain } }`, nil, &struct{}{})
	const inner = "the disk of rack seven is full"
	j.must(j.app.DB.Callback().Query().Before("gorm:query").Register("test:fail", func(db *gorm.DB) {
		if db.Statement.Table == "rules" || strings.Contains(fmt.Sprintf("%T", db.Statement.Dest), "models.Rule") {
			_ = db.AddError(fmt.Errorf("%s", inner))
		}
	}))
	r := j.ask(shopA, `{ rules { nodes { id } } }`, nil)
	f := r.failure(j)
	if f.Extensions.Code != "INTERNAL" || f.Extensions.Reference == "" || strings.Contains(string(r.body), "rack seven") {
		t.Errorf("shown: %s", r.body)
	}
	if said := log.String(); !strings.Contains(said, f.Extensions.Reference) || !strings.Contains(said, inner) {
		t.Errorf("the log does not tell of reference %s:\n%s", f.Extensions.Reference, said)
	}
}

func TestQueriesThatAskForTooMuchAreRefused(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	deep := strings.Repeat("cause { ", 20) + "id" + strings.Repeat(" }", 20)
	dear := `effects(first: 250) { nodes { effects(first: 250) { nodes { id } } } }`
	for name, query := range map[string]string{
		"depth":              `{ activities(first: 1) { nodes { ` + deep + ` } } }`,
		"depth in fragments": `{ activities(first: 1) { nodes { ...A } } } fragment A on Activity { ` + deep + ` }`,
		"complexity":         `{ activities(first: 250) { nodes { ` + dear + ` } } }`,
		"aliases":            `{ ` + strings.Repeat("a", 1) + manyAliases(400) + ` }`,
	} {
		if f := j.ask(shopA, query, nil).failure(j); f.Extensions.Code != "TOO_COMPLEX" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	var page struct{}
	j.data(shopA, `{ activities(first: 250) { nodes { id occurredAt summary status actor { name } entity { title } rule { name }
		changes { field before after } history { status at note } error { code message } } pageInfo { endCursor } } }`, nil, &page)
}

func manyAliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ": activities(first: 250) { nodes { id } } b%d", i)
	}
	return b.String() + ": shop { domain }"
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	r := j.ask(shopA, `{ shop { domain } }`, map[string]any{"filler": strings.Repeat("x", graph.MaxBody)})
	if r.status/100 == 2 && strings.Contains(string(r.body), shopA) {
		t.Errorf("answered %d %s", r.status, r.body)
	}
	if strings.Contains(string(r.body), `"INTERNAL"`) {
		t.Errorf("the caller's mistake is called ours: %s", r.body)
	}
}

func TestIntrospectionIsForDevelopment(t *testing.T) {
	t.Parallel()
	const query = `{ __schema { queryType { name } } }`
	production, development := setup(t, options{}), setup(t, options{environment: "development"})
	if r := production.ask(shopA, query, nil); strings.Contains(string(r.body), `"Query"`) {
		t.Errorf("production tells: %s", r.body)
	}
	if r := development.ask(shopA, query, nil); !strings.Contains(string(r.body), `"Query"`) {
		t.Errorf("development does not tell: %s", r.body)
	}
}

func TestTextThatNoDatabaseKeepsIsTheCallersMistake(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	rule := func(name string) string {
		return `ruleCreate(input: {name: "` + name + `", resource: ORDER, triggers: [CREATED], addTags: ["a"],
			when: {conditions: [{field: "note", operator: EQUALS, values: ["x"]}]}}) { rule { name } userErrors { field message code } }`
	}
	for name, query := range map[string]string{
		"a rule's name":  `mutation { ` + rule(`a\u0000b`) + ` }`,
		"a rule's id":    `{ rule(id: "\u0000") { id } }`,
		"an entry's id":  `{ activity(id: "\u0000") { id } }`,
		"an entity's id": `{ activities(filter: {entityId: "a\u0000"}) { nodes { id } } }`,
		"an action":      `{ activities(filter: {actions: ["a\u0000"]}) { nodes { id } } }`,
		"a search":       `{ rules(filter: {search: "a\u0000"}) { nodes { id } } }`,
		"a body":         `mutation { ruleTest(input: {payload: {id: 1, note: "\u0000"}, rule: {name: "a", resource: ORDER, triggers: [CREATED], addTags: ["a"], when: {conditions: [{field: "note", operator: EQUALS, values: ["x"]}]}}}) { matched userErrors { message } } }`,
	} {
		r := j.ask(shopA, query, nil)
		if r.status != http.StatusOK || strings.Contains(string(r.body), `"INTERNAL"`) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}
