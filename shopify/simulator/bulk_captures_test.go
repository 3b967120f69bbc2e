package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alike replaces what two runs never have in common. A null stays a null.
func alike(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if s, ok := x.(string); ok {
				x = alikeText(k, s)
			}
			out[k] = alike(x)
		}
		if name, ok := v["name"].(string); ok && signedParameter(name) {
			out["value"] = "signed"
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = alike(x)
		}
		return out
	}
	return v
}

var (
	stagedKey = regexp.MustCompile(`tmp/\d+/bulk/[0-9a-f-]+/`)
	bulkID    = regexp.MustCompile(`gid://shopify/BulkOperation/\d+`)
)

func signedParameter(name string) bool {
	return strings.HasPrefix(name, "x-goog-") && name != "x-goog-algorithm" || name == "policy"
}

func alikeText(key, s string) string {
	switch key {
	case "createdAt", "completedAt":
		return "a time"
	case "url", "resourceUrl", "partialDataUrl":
		return "an address"
	}
	return bulkID.ReplaceAllString(stagedKey.ReplaceAllString(s, "tmp/1/bulk/uuid/"), "gid://shopify/BulkOperation/1")
}

// sameAlike is same without ids, times and addresses.
func sameAlike(t *testing.T, recorded any, got answer) {
	t.Helper()
	got.Data, _ = alike(toAny(got.Data)).(map[string]any)
	same(t, alike(recorded), got)
}

const stageDoc = `mutation($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
	stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }`

// stage makes a place for a file and returns its key and what was answered.
func (l *lab) stage(method, name string) (string, answer) {
	l.t.Helper()
	a := l.gql(stageDoc, map[string]any{"input": []any{map[string]any{
		"filename": name, "mimeType": "text/jsonl", "resource": "BULK_MUTATION_VARIABLES", "httpMethod": method,
	}}})
	target := dig(a.Data, "stagedUploadsCreate", "stagedTargets", 0)
	for i := range 9 {
		if dig(target, "parameters", i, "name") == "key" {
			return dig(target, "parameters", i, "value").(string), a
		}
	}
	return stagedKey.FindString(fmt.Sprint(dig(target, "url"))) + name, a
}

// post sends a form with the answered parameters, changed as the caller likes, and the file.
func (l *lab) post(a answer, file string, change func(names *[]string, values map[string]string)) (int, string) {
	l.t.Helper()
	target := dig(a.Data, "stagedUploadsCreate", "stagedTargets", 0)
	var names []string
	values := map[string]string{}
	list, _ := dig(target, "parameters").([]any)
	for _, p := range list {
		names = append(names, dig(p, "name").(string))
		values[dig(p, "name").(string)] = dig(p, "value").(string)
	}
	names = append(names, "file")
	values["file"] = file
	if change != nil {
		change(&names, values)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, n := range names {
		if n == "file" {
			part, _ := form.CreateFormFile("file", "vars.jsonl")
			io.WriteString(part, values[n])
			continue
		}
		form.WriteField(n, values[n])
	}
	form.Close()
	res, err := http.Post(dig(target, "url").(string), form.FormDataContentType(), &body)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}

// uploaded stages a file and returns its path.
func (l *lab) uploaded(file string) string {
	l.t.Helper()
	key, a := l.stage("POST", "vars.jsonl")
	if status, body := l.post(a, file, nil); status != 201 {
		l.t.Fatalf("upload: %d %s", status, body)
	}
	return key
}

func (l *lab) get(address any) (int, string) {
	l.t.Helper()
	res, err := http.Get(address.(string))
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// replay sends a recorded request, with variables replaced, and holds the answer against the recorded one.
func (l *lab) replay(one any, vars map[string]any) answer {
	l.t.Helper()
	sent := map[string]any{}
	if recorded, ok := dig(one, "variables").(map[string]any); ok {
		for k, v := range recorded {
			sent[k] = v
		}
	}
	for k, v := range vars {
		sent[k] = v
	}
	a := l.gql(dig(one, "query").(string), sent)
	sameAlike(l.t, dig(one, "response"), a)
	return a
}

func bulkOf(a answer) string {
	for _, payload := range a.Data {
		if id, ok := dig(payload, "bulkOperation", "id").(string); ok {
			return id
		}
	}
	return ""
}

func (l *lab) step(id string, lines int) {
	l.t.Helper()
	if err := l.StepBulk(l.shop.Domain, id, lines); err != nil {
		l.t.Fatal(err)
	}
}

func TestRecordedBulkMutationIsReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "bulk-operation-run-mutation-created-status")
	l := setup(t, Options{})
	l.HoldBulk(true)
	name := dig(c, "setup", "stagedUpload", "variables", "input", 0, "filename").(string)
	staged := l.replay(dig(c, "setup", "stagedUpload"), nil)
	key := stagedKey.FindString(dig(staged.Data, "stagedUploadsCreate", "stagedTargets", 0, "parameters", 3, "value").(string)) + name
	status, body := l.post(staged, dig(c, "setup", "uploadContent").(string), nil)
	etag := regexp.MustCompile(`[0-9a-f]{32}`)
	want := etag.ReplaceAllString(alikeText("", dig(c, "setup", "upload", "body").(string)), "etag")
	if got := etag.ReplaceAllString(alikeText("", body), "etag"); status != 201 || got != want {
		t.Errorf("upload is answered %d\n got %s\nwant %s", status, got, want)
	}
	id := bulkOf(l.replay(dig(c, "success", "run"), map[string]any{"path": key}))
	l.replay(dig(c, "success", "currentAfterRun"), nil)
	_, l.ids.next, _ = splitGID(dig(c, "success", "resultRows", 0, "data", "productCreate", "product", "id").(string))
	l.ids.next -= idStep
	l.step(id, 1)
	l.replay(dig(c, "success", "statusPolls", 0), map[string]any{"id": id})
	l.step(id, -1)
	done := l.replay(dig(c, "success", "statusPolls", 1), map[string]any{"id": id})
	if _, body := l.get(dig(done.Data, "bulkOperation", "url")); body != dig(c, "success", "result", "body") {
		t.Errorf("result\n got %s\nwant %s", body, dig(c, "success", "result", "body"))
	}
	missing, _ := l.stage("POST", "missing.jsonl")
	l.replay(dig(c, "missingUpload", "run"), map[string]any{"path": missing})
}

func TestRecordedEmptyFileIsReproduced(t *testing.T) {
	t.Parallel()
	c := capture(t, "bulk-operation-run-mutation-empty-file")
	l := setup(t, Options{})
	staged := l.replay(dig(c, "setup", "stagedUpload"), nil)
	address := dig(staged.Data, "stagedUploadsCreate", "stagedTargets", 0, "url").(string)
	req, _ := http.NewRequest(http.MethodPut, address, strings.NewReader(""))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("upload is answered %d", res.StatusCode)
	}
	name := dig(c, "setup", "stagedUpload", "variables", "input", 0, "filename").(string)
	l.replay(dig(c, "validation", "run"), map[string]any{"path": stagedKey.FindString(address) + name})
}

// startRecorded starts the recorded operations, which are held, and returns their ids.
func (l *lab) startRecorded(c map[string]any, mutation bool) []string {
	l.t.Helper()
	var ids []string
	for i := range 5 {
		vars := map[string]any{}
		if mutation {
			vars["path"] = l.uploaded(fmt.Sprintf("{\"product\":{\"title\":\"Cork %d\"}}\n", i))
		}
		ids = append(ids, bulkOf(l.replay(dig(c, "successfulRuns", i), vars)))
	}
	return ids
}

func (l *lab) cancelRecorded(c map[string]any, ids []string) {
	l.t.Helper()
	for i, id := range ids {
		one := dig(c, "cancelAttempts", i)
		done := dig(one, "response", "data", "bulkOperationCancel", "bulkOperation", "rootObjectCount").(string)
		if atoi(done) > 0 {
			l.step(id, int(atoi(done)))
		}
		l.replay(one, map[string]any{"id": id})
	}
}

func TestRecordedLimitOfFiveAtOnceIsReproduced(t *testing.T) {
	t.Parallel()
	for name, mutation := range map[string]bool{
		"bulk-operation-run-mutation-concurrency-limit": true,
		"bulk-operation-run-query-concurrency-limit":    false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := capture(t, name)
			l := setup(t, Options{Products: 1500})
			l.t = t
			l.HoldBulk(true)
			ids := l.startRecorded(c, mutation)
			vars := map[string]any{}
			if mutation {
				vars["path"] = l.uploaded("{}\n")
			}
			sixth := l.replay(dig(c, "sixthRun"), vars)
			for _, payload := range sixth.Data {
				if message := dig(payload, "userErrors", 0, "message").(string); !strings.HasSuffix(message, ": "+strings.Join(ids, ", ")+".") {
					t.Errorf("the operations under way are not named: %s", message)
				}
			}
			l.cancelRecorded(c, ids)
		})
	}
}

func TestRecordedMissingFileComesBeforeTheLimit(t *testing.T) {
	t.Parallel()
	c := capture(t, "bulk-operation-run-mutation-no-such-file-precedence")
	l := setup(t, Options{})
	l.HoldBulk(true)
	ids := l.startRecorded(c, true)
	l.replay(dig(c, "missingRun"), nil)
	l.cancelRecorded(c, ids)
}

func TestRecordedRefusalsOfDocumentsAreReproduced(t *testing.T) {
	t.Parallel()
	n := 0
	for _, name := range []string{
		"bulk-operation-run-query-validators",
		"bulk-operation-run-query-user-error-codes",
		"bulk-operation-run-mutation-user-errors",
	} {
		c := capture(t, name)
		for what, one := range dig(c, "validations").(map[string]any) {
			n++
			t.Run(what, func(t *testing.T) {
				t.Parallel()
				l := setup(t, Options{})
				l.t = t
				l.replay(one, nil)
			})
		}
	}
	if n != 13 {
		t.Errorf("replayed %d refusals, want 13", n)
	}
}

// TestRecordedCancelKeepsWhatWasCounted replays a recording of a query that reads fields which the simulator has not: it
// is replaced by one that has them all, and what it counts by what was counted.
func TestRecordedCancelKeepsWhatWasCounted(t *testing.T) {
	t.Parallel()
	c := capture(t, "bulk-operation-cancel-preserves-fields")
	const mine = "{ products { edges { node { id variants { edges { node { id } } } } } } }"
	l := setup(t, Options{Products: 1500})
	l.HoldBulk(true)
	run := withQuery(dig(c, "lifecycle", "run"), mine)
	id := bulkOf(l.replay(run, map[string]any{"query": mine}))
	poll := func(name string, place ...any) answer {
		t.Helper()
		one := withQuery(dig(c, append([]any{"lifecycle", name}, place...)...), mine)
		return l.replay(one, map[string]any{"id": id})
	}
	poll("progressPolls", 0)
	l.step(id, 0)
	poll("progressPolls", 1)
	roots := int(atoi(dig(c, "lifecycle", "preCancelObservation", "response", "data", "bulkOperation", "rootObjectCount").(string)))
	l.step(id, roots)
	b := l.shop.bulks.list[0]
	if b.roots != int64(roots) || b.objects <= b.roots {
		t.Fatalf("%d objects, %d roots", b.objects, b.roots)
	}
	counted, _ := json.Marshal(c)
	text := strings.ReplaceAll(string(counted), `"objectCount":"5033"`, fmt.Sprintf(`"objectCount":"%d"`, b.objects))
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	poll("preCancelObservation")
	poll("cancelAttempt")
	poll("readAfterCancel")
}

// withQuery replaces the document that an operation is recorded to run.
func withQuery(one any, query string) any {
	raw, _ := json.Marshal(one)
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	for _, place := range [][]any{{"bulkOperation"}, {"bulkOperationRunQuery", "bulkOperation"}, {"bulkOperationCancel", "bulkOperation"}} {
		if b, ok := dig(out, append([]any{"response", "data"}, place...)...).(map[string]any); ok {
			b["query"] = query
		}
	}
	return out
}

// TestObservedRefusalsAreReproduced holds answers of which only the errors were kept.
func TestObservedRefusalsAreReproduced(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	path := l.uploaded("{\"product\":{\"title\":\"Cork\"}}\n")
	const tag = "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"
	for _, one := range []struct {
		mutation, identifier string
		field                any
		message, code        string
	}{
		{"query { shop { id } }", "", nil, "Invalid operation type. Only `mutation` operations are supported.", "INVALID_MUTATION"},
		{
			"mutation { a: productDelete(input: {id: \"gid://shopify/Product/1\"}) { deletedProductId } b: productDelete(input: {id: \"gid://shopify/Product/1\"}) { deletedProductId } }",
			"", []any{"mutation"}, "You must specify a single top level mutation.", "",
		},
		{
			"mutation($p: ProductCreateInput!) { productCreate(product: $p) { product { variants(first: 1) { edges { node { id } } } media(first: 1) { edges { node { id } } } } } }",
			"", []any{"mutation"}, "Bulk mutations cannot contain more than 1 connection.", "",
		},
		{"#" + strings.Repeat("x", 65_535), "", []any{"query"}, "is too large (65536 bytes; maximum is 65535 bytes)", "INVALID_MUTATION"},
		{tag, "too short", []any{"clientIdentifier"}, "is too short (minimum is 10 characters)", "INVALID_MUTATION"},
		{tag, strings.Repeat("x", 256), []any{"clientIdentifier"}, "is too long (maximum is 255 characters)", "INVALID_MUTATION"},
	} {
		vars := map[string]any{"m": one.mutation, "p": path}
		if one.identifier != "" {
			vars["c"] = one.identifier
		}
		a := l.gql("mutation($m: String!, $p: String!, $c: String) { bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p, clientIdentifier: $c) { bulkOperation { id } userErrors { field message code } } }", vars)
		var code any
		if one.code != "" {
			code = one.code
		}
		want := map[string]any{"field": one.field, "message": one.message, "code": code}
		if diff := cmp.Diff(any(want), dig(a.Data, "bulkOperationRunMutation", "userErrors", 0)); diff != "" {
			t.Errorf("%.60s: %s %v", one.mutation, diff, a.Errors)
		}
	}
	large := "{ products { edges { node { id } } } } #"
	large += strings.Repeat("x", 65_536-len(large))
	a := l.gql("mutation($q: String!) { bulkOperationRunQuery(query: $q) { userErrors { field message code } } }", map[string]any{"q": large})
	if got := dig(a.Data, "bulkOperationRunQuery", "userErrors", 0, "message"); got != "Query is too large (65536 bytes; maximum is 65535 bytes)" {
		t.Errorf("got %v", got)
	}
}
