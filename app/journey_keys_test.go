package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// key makes an API key as a person of the staff does, and returns it with its id.
func (j *journey) key(shop, name string, scopes ...string) (id, secret string) {
	j.Helper()
	var got struct {
		APIKeyCreate struct {
			APIKey     *struct{ ID string }
			Key        string
			UserErrors []struct{ Message string }
		}
	}
	j.data(shop, `mutation ($input: APIKeyInput!) { apiKeyCreate(input: $input) { apiKey { id } key userErrors { message } } }`,
		map[string]any{"input": map[string]any{"name": name, "scopes": scopes}}, &got)
	if got.APIKeyCreate.APIKey == nil {
		j.Fatalf("no key: %+v", got)
	}
	return got.APIKeyCreate.APIKey.ID, got.APIKeyCreate.Key
}

// askWith asks as a program with an API key.
func (j *journey) askWith(key, query string, variables map[string]any) reply {
	j.Helper()
	return j.post(j.url+"/graphql", query, variables, http.Header{"Authorization": {"Bearer " + key}})
}

const recordOne = `mutation ($input: ActivityRecordInput!) { activityRecord(input: $input) {
	activity { id type action status summary actor { type id name } entity { type id title url } categories metadata }
	userErrors { field code message } } }`

func release() map[string]any {
	return map[string]any{
		"type": "USER_ACTION", "action": "RELEASE_CREATED", "summary": "Release created · Spring 2026 Reds", "idempotencyKey": "r1",
		"entity": map[string]any{"type": "Release", "id": "42", "title": "Spring 2026 Reds", "url": "https://cellar.example/releases/42"},
	}
}

func TestAProgramRecordsWithItsKeyUntilThatIsRevoked(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	j := setup(t, options{log: &log})
	id, key := j.key(shopA, "Wine club", "RECORD")
	r := j.askWith(key, recordOne, map[string]any{"input": release()})
	var got struct {
		Data struct {
			ActivityRecord struct {
				Activity struct {
					ID    string
					Actor struct{ Type, ID, Name string }
				}
			}
		}
	}
	j.must(json.Unmarshal(r.body, &got))
	recorded := got.Data.ActivityRecord.Activity
	if r.status != http.StatusOK || recorded.Actor.Type != "API" || recorded.Actor.ID != id || recorded.Actor.Name != "Wine club" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if again := j.askWith(key, recordOne, map[string]any{"input": release()}); !strings.Contains(string(again.body), recorded.ID) {
		t.Errorf("the same key of the caller led to %s", again.body)
	}
	entry := j.one(j.a, "action = 'RELEASE_CREATED'")
	if entry.ID != recorded.ID || *entry.EntityID != "42" {
		t.Errorf("recorded %+v", entry)
	}
	var row models.APIKey
	j.must(j.app.DB.Where("id = ?", id).Take(&row).Error)
	used := row.LastUsedAt
	if used == nil || row.Ending != key[len(key)-4:] || bytes.Contains(row.Hash, []byte(key)) {
		t.Errorf("the key is kept as %+v", row)
	}
	j.askWith(key, "{ shop { me { name } } }", nil)
	j.must(j.app.DB.Where("id = ?", id).Take(&row).Error)
	if !row.LastUsedAt.Equal(*used) {
		t.Error("each request writes the key's last use; once a minute is enough")
	}
	var revoked struct {
		APIKeyRevoke struct {
			APIKey struct{ RevokedAt *time.Time }
		}
	}
	j.data(shopA, `mutation ($id: ID!) { apiKeyRevoke(id: $id) { apiKey { revokedAt } userErrors { message } } }`, map[string]any{"id": id}, &revoked)
	if revoked.APIKeyRevoke.APIKey.RevokedAt == nil {
		t.Error("the key was not revoked")
	}
	if r := j.askWith(key, recordOne, map[string]any{"input": release()}); r.status != http.StatusUnauthorized {
		t.Errorf("a revoked key was answered %d %s", r.status, r.body)
	}
	for action, verb := range map[string]string{"API_KEY_CREATED": "created", "API_KEY_REVOKED": "revoked"} {
		e := j.one(j.a, "action = ?", action)
		if e.Type != models.UserAction || e.ActorType != models.ActorStaff || *e.EntityID != id || e.Summary != "API key Wine club "+verb {
			t.Errorf("%s: %+v", action, e)
		}
	}
	all := j.entries(j.a, "1 = 1")
	j.stop()
	for _, e := range all {
		if raw, err := json.Marshal(e); err != nil || bytes.Contains(raw, []byte(key)) {
			t.Errorf("the key is in the log: %s, %v", raw, err)
		}
	}
	if strings.Contains(log.String(), key) {
		t.Error("the key is in the server's log")
	}
}

func TestAKeyMayDoWhatItsScopesSayAndNothingElse(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	_, recorder := j.key(shopA, "Recorder", "RECORD")
	_, reader := j.key(shopA, "Reader", "READ")
	const list = `{ activities(first: 1) { nodes { id } } }`
	for _, test := range []struct{ name, key, query, missing string }{
		{"a recorder asks for the shop", recorder, "{ shop { name me { type } } }", ""},
		{"a recorder reads", recorder, list, "lacks the scope READ"},
		{"a reader reads", reader, list, ""},
		{"a reader asks for the type", reader, "{ __typename }", ""},
		{"a reader reads rules", reader, "{ rules(first: 1) { nodes { id } } }", ""},
		{"a reader reads through a fragment what is the staff's", reader, "{ ...f } fragment f on Query { k: apiKeys { id } }", "no API key may"},
		{"a reader records", reader, `mutation { activityRecord(input: {type: USER_ACTION, action: "A", summary: "s"}) { activity { id } } }`, "lacks the scope RECORD"},
		{"a reader makes a key", reader, `mutation { apiKeyCreate(input: {name: "x", scopes: [READ]}) { key } }`, "no API key may"},
		{"a reader deletes a rule after reading", reader, `mutation { ruleDelete(id: "x") { deletedId } }`, "no API key may"},
		{"a recorder asks for the sources", recorder, "{ sources { id } }", "no API key may"},
	} {
		r := j.askWith(test.key, test.query, nil)
		var answer struct {
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		j.must(json.Unmarshal(r.body, &answer))
		switch {
		case test.missing == "":
			if len(answer.Errors) > 0 {
				t.Errorf("%s: %s", test.name, r.body)
			}
		case len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != "FORBIDDEN" || !strings.Contains(answer.Errors[0].Message, test.missing):
			t.Errorf("%s: %s", test.name, r.body)
		}
	}
	for _, wrong := range []string{"ttk_", "ttk_" + strings.Repeat("a", 38), recorder[:len(recorder)-1] + "!", strings.ToLower(recorder)} {
		if r := j.askWith(wrong, "{ shop { name } }", nil); r.status != http.StatusUnauthorized {
			t.Errorf("%s was answered %d", wrong, r.status)
		}
	}
	if found := j.entries(j.a, "action = 'A'"); len(found) > 0 {
		t.Error("a refused mutation recorded something")
	}
}

func TestAKeyReadsItsOwnShopAlone(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	order := j.createOrder(shopA, "77.00", nil)
	j.settled()
	_, key := j.key(shopB, "Reader", "READ")
	entry := j.one(j.a, "entity_id = ? AND summary LIKE '%created'", order)
	for _, query := range []string{`{ activities(first: 100) { nodes { id } } }`, `{ activity(id: "` + entry.ID + `") { id summary } }`} {
		if r := j.askWith(key, query, nil); strings.Contains(string(r.body), order) || strings.Contains(string(r.body), entry.Summary) {
			t.Errorf("%s shows another shop's entry: %s", query, r.body)
		}
	}
}

func TestWhatAKeyWatchesEndsWhenItIsRevoked(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	id, key := j.key(shopA, "Watcher", "READ")
	watching := j.subscribeWith(key, changes)
	defer watching.stop()
	watching.begun(j, shopA)
	_, err := j.app.Shops.RevokeKey(context.Background(), j.a, models.Actor{Type: models.ActorStaff, Name: "Riley Park"}, id)
	j.must(err)
	product := j.createProduct(shopA, "Not for you")
	j.settled()
	if seen := watching.ended(j); strings.Contains(seen, product) || strings.Contains(seen, "Watcher revoked") {
		t.Errorf("a revoked key was shown %s", seen)
	}
}

// ended returns all that the subscription said, once the server has ended it.
func (e *events) ended(j *journey) string {
	j.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		select {
		case line, open := <-e.lines:
			if !open {
				return e.seen.String()
			}
			e.seen.WriteString(line + "\n")
		case <-deadline.C:
			j.Fatalf("the stream did not end:\n%s", e.seen.String())
		}
	}
}

func TestKeysThatAreWrongAreNotMade(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	for _, input := range []map[string]any{
		{"name": " ", "scopes": []string{"READ"}},
		{"name": strings.Repeat("n", 101), "scopes": []string{"READ"}},
		{"name": "two\nlines", "scopes": []string{"READ"}},
		{"name": "n", "scopes": []string{}},
	} {
		var got struct {
			APIKeyCreate struct {
				Key        *string
				UserErrors []struct{ Field []string }
			}
		}
		j.data(shopA, `mutation ($input: APIKeyInput!) { apiKeyCreate(input: $input) { key userErrors { field } } }`, map[string]any{"input": input}, &got)
		if got.APIKeyCreate.Key != nil || len(got.APIKeyCreate.UserErrors) != 1 {
			t.Errorf("%v: %+v", input, got.APIKeyCreate)
		}
	}
	keys, err := j.app.Shops.Keys(t.Context(), j.a.ID)
	if err != nil || len(keys) != 0 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

func TestABatchOverHTTPTellsWhichInputWasWrong(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	_, key := j.key(shopA, "Sync", "RECORD")
	inputs := []map[string]any{release(), {"type": "BACKGROUND_JOB", "action": "bad", "summary": "x"}, release()}
	inputs[2]["idempotencyKey"] = "r2"
	r := j.askWith(key, `mutation ($inputs: [ActivityRecordInput!]!) { activityRecordBatch(inputs: $inputs) { activities { id } userErrors { field code } } }`,
		map[string]any{"inputs": inputs})
	var got struct {
		Data struct {
			ActivityRecordBatch struct {
				Activities []*struct{ ID string }
				UserErrors []struct {
					Field []string
					Code  string
				}
			}
		}
	}
	j.must(json.Unmarshal(r.body, &got))
	batch := got.Data.ActivityRecordBatch
	if len(batch.Activities) != 3 || batch.Activities[0] == nil || batch.Activities[1] != nil || batch.Activities[2] == nil {
		t.Fatalf("%s", r.body)
	}
	if len(batch.UserErrors) != 1 || !slices.Equal(batch.UserErrors[0].Field, []string{"inputs", "1", "action"}) {
		t.Errorf("%+v", batch.UserErrors)
	}
}
