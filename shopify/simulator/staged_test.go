package simulator

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestTheStorageRefusesWhatWasNotSigned(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{Products: 1})
	for name, change := range map[string]func(names *[]string, values map[string]string){
		"a changed key":  func(_ *[]string, v map[string]string) { v["key"] += "x" },
		"a changed type": func(_ *[]string, v map[string]string) { v["Content-Type"] = "text/plain" },
		"a missing policy": func(n *[]string, _ map[string]string) {
			*n = slices.DeleteFunc(*n, func(s string) bool { return s == "policy" })
		},
		"the file first":         func(n *[]string, _ map[string]string) { *n = append([]string{"file"}, (*n)[:9]...) },
		"no file":                func(n *[]string, _ map[string]string) { *n = (*n)[:9] },
		"a parameter after file": func(n *[]string, _ map[string]string) { (*n)[8], (*n)[9] = (*n)[9], (*n)[8] },
	} {
		_, staged := l.stage("POST", "vars.jsonl")
		if status, _ := l.post(staged, "{}\n", change); status/100 != 4 {
			t.Errorf("%s: %d", name, status)
		}
	}
	_, staged := l.stage("POST", "vars.jsonl")
	if err := l.SetFaults(Fault{Name: "upload_refused", Times: 1}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{503, 201} {
		if status, _ := l.post(staged, "{}\n", nil); status != want {
			t.Errorf("upload_refused: %d, want %d", status, want)
		}
	}
	address := l.url + resultPath + "deadbeef?Expires=9999999999&Signature=x"
	if status, _ := l.get(address); status != 404 {
		t.Errorf("an unknown result: %d", status)
	}
	l.waitBulk(l.runQuery("{ products { edges { node { id } } } }", false))
	key := l.shop.bulks.list[0].key
	for query, want := range map[string]int{
		"?Expires=9999999999&Signature=" + signatureOf(key, "9999999999"): 200,
		"?Expires=1000000000&Signature=" + signatureOf(key, "1000000000"): 400,
		"?Expires=9999999999&Signature=" + signatureOf(key, "1000000000"): 403,
	} {
		if status, _ := l.get(l.url + resultPath + key + query); status != want {
			t.Errorf("%s: %d, want %d", query, status, want)
		}
	}
	req, _ := http.NewRequest(http.MethodGet, address, nil)
	req.Header.Set("X-Shopify-Access-Token", otherApp)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode != 400 || !strings.Contains(string(text), "InvalidArgument") {
		t.Errorf("a token that leaked: %d %s", res.StatusCode, text)
	}
}

func TestAFileOverAHundredMegabytesIsRefused(t *testing.T) {
	t.Parallel()
	l := setup(t, Options{})
	key, staged := l.stage("PUT", "vars.jsonl")
	run := func() any {
		t.Helper()
		a := l.gql(runMutationDoc, map[string]any{"m": tagDoc, "p": key})
		return dig(a.Data, "bulkOperationRunMutation", "userErrors", 0, "message")
	}
	size := int64(maxBulkFile + 2*maxFrame)
	req, _ := http.NewRequest(http.MethodPut, dig(staged.Data, "stagedUploadsCreate", "stagedTargets", 0, "url").(string), io.LimitReader(endless{}, size))
	req.ContentLength = size
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	const want = "The input file size exceeds the maximum allowed size of 100 MB."
	file := l.shop.uploads[key]
	if file.size != size || len(file.body) != 0 {
		t.Errorf("%d bytes arrived, %d are kept", file.size, len(file.body))
	}
	for size, want := range map[int64]any{size: want, 100<<20 + 1: want, 100 << 20: nil} {
		file.size = size
		if got := run(); got != want {
			t.Errorf("%d bytes: %v", size, got)
		}
	}
}

// endless is line breaks: a file of blank lines does nothing.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}
