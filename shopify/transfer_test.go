package shopify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// storage is a server of files, for a client without a shop.
func storage(t *testing.T, h http.HandlerFunc) (*shopify.Client, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	app := &shopify.App{BaseURL: "http://127.0.0.1:1/{shop}", Idle: 100 * time.Millisecond}
	return app.Client(shop, token("")), server.URL + "/results/1?Signature=hidden-signature"
}

func resultLine(n int, padding string) string {
	return fmt.Sprintf(`{"data":{"tagsAdd":{"node":{"__typename":"Product","id":"gid:\/\/shopify\/Product\/%d","title":"%s","tags":[],"updatedAt":"2026-11-21T12:00:00Z"},"userErrors":[]}},"__lineNumber":%d}`+"\n", n, padding, n)
}

// lines reads a result and returns the numbers of its lines.
func lines(ctx context.Context, c *shopify.Client, url string) (got []int, err error) {
	err = c.Results(ctx, url, func(r shopify.BulkResult) error {
		got = append(got, r.Line)
		return nil
	})
	return got, err
}

func TestDownloadThatStandsStillIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{"before its answer": "", "within its answer": resultLine(0, "")} {
		c, url := storage(t, func(w http.ResponseWriter, r *http.Request) {
			if sent != "" {
				fmt.Fprint(w, sent)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		got, err := lines(t.Context(), c, url)
		if shopify.KindOf(err) != shopify.Unavailable || len(got) != strings.Count(sent, "\n") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestDownloadMayTakeLongAsLongAsItMoves(t *testing.T) {
	t.Parallel()
	const parts = 30
	c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) {
		ticks := time.NewTicker(10 * time.Millisecond)
		defer ticks.Stop()
		for n := range parts {
			<-ticks.C
			fmt.Fprint(w, resultLine(n, ""))
			w.(http.Flusher).Flush()
		}
	})
	began := time.Now()
	got, err := lines(t.Context(), c, url)
	if err != nil || len(got) != parts || time.Since(began) < 200*time.Millisecond {
		t.Errorf("%d lines after %s, %v", len(got), time.Since(began), err)
	}
}

func TestDownloadWaitsForWhoReadsIt(t *testing.T) {
	t.Parallel()
	file := strings.Repeat(resultLine(0, strings.Repeat("x", 1000)), 2000)
	c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, file) })
	n := 0
	err := c.Results(t.Context(), url, func(shopify.BulkResult) error {
		if n++; n == 100 {
			<-time.After(250 * time.Millisecond) // more than may pass without a byte
		}
		return nil
	})
	if err != nil || n != 2000 {
		t.Errorf("%d lines, %v", n, err)
	}
}

func TestDownloadThatBreaksOffCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	file := resultLine(0, "") + resultLine(1, "") + resultLine(2, "")
	for cut := 1; cut < len(file); cut += 37 {
		c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(file)))
			fmt.Fprint(w, file[:cut])
		})
		got, err := lines(t.Context(), c, url)
		if shopify.KindOf(err) != shopify.Unavailable || len(got) != strings.Count(file[:cut], "\n") {
			t.Fatalf("cut after %d bytes: lines %v, %v", cut, got, err)
		}
		if strings.Contains(err.Error(), "hidden-signature") || strings.Contains(err.Error(), "/results/") {
			t.Fatalf("the error tells the address: %v", err)
		}
	}
}

func TestFileThatEndsWithoutALineBreakIsWhole(t *testing.T) {
	t.Parallel()
	c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, resultLine(1, "")+"\n"+strings.TrimSuffix(resultLine(0, ""), "\n"))
	})
	if got, err := lines(t.Context(), c, url); err != nil || !slices.Equal(got, []int{1, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestLineMayBeLongButNotEndless(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 700_000)
	c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, resultLine(0, long), resultLine(1, ""))
		for range 1000 {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				return
			}
		}
	})
	n := 0
	err := c.Results(t.Context(), url, func(r shopify.BulkResult) error {
		if n == 0 && r.Owner.Title != long {
			t.Errorf("a title of %d bytes", len(r.Owner.Title))
		}
		n++
		return nil
	})
	if n != 2 || shopify.KindOf(err) != shopify.Protocol || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%d lines, %v", n, err)
	}
}

func TestWhatIsNoResultIsNotTakenForOne(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", `{"data":null}`, `{"data":{},"__lineNumber":-1}`, `[]`, `{"__lineNumber":"x"}`} {
		c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, body) })
		if got, err := lines(t.Context(), c, url); shopify.KindOf(err) != shopify.Protocol || got != nil {
			t.Errorf("%s: %v, %v", body, got, err)
		}
		err := c.Owners(t.Context(), url, func(int, shopify.TagOwner) error { return errors.New("called") })
		if shopify.KindOf(err) != shopify.Protocol {
			t.Errorf("%s: as records: %v", body, err)
		}
	}
	// A line that has neither data nor errors is one that nobody can call a success.
	c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"data":{"tagsAdd":null},"__lineNumber":0}`)
	})
	err := c.Results(t.Context(), url, func(r shopify.BulkResult) error {
		if r.Err == nil || r.Err.Kind != shopify.Protocol {
			t.Errorf("got %+v", r)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestStorageErrorsHaveTheirKind(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]shopify.Kind{
		503: shopify.Unavailable,
		500: shopify.Unavailable,
		429: shopify.Unavailable,
		404: shopify.Gone,
		403: shopify.Invalid,
		302: shopify.Protocol,
	} {
		c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(status)
			fmt.Fprint(w, "<Error><Code>SomeCode</Code><Details>hidden-signature</Details></Error>")
		})
		_, err := lines(t.Context(), c, url)
		e, ok := errors.AsType[*shopify.Error](err)
		if !ok || e.Kind != want || e.Code != "SomeCode" || e.Status != status || e.Shop != shop || strings.Contains(e.Error(), "hidden") {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestWhoReadsAResultCanStopIt(t *testing.T) {
	t.Parallel()
	c, url := storage(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, resultLine(0, ""), resultLine(1, "")) })
	enough := errors.New("enough")
	n := 0
	err := c.Results(t.Context(), url, func(shopify.BulkResult) error {
		n++
		return enough
	})
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d lines, %v", n, err)
	}
}

func TestNoAccessTokenGoesToTheStorage(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	var calls, leaks atomic.Int64
	app := *s.app
	app.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "/__storage/") {
			calls.Add(1)
			for name, values := range r.Header {
				if strings.Contains(strings.Join(values, " "), "shpat_") || name == "X-Shopify-Access-Token" || name == "Authorization" {
					leaks.Add(1)
				}
			}
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	s.client = app.Client(shop, s.token)
	product := s.one(t, "Product")
	b, _, err := s.client.BulkTags(t.Context(), true, s.upload(t, []string{product.ID}, "x"), "")
	if err != nil {
		t.Fatal(err)
	}
	s.results(t, s.ended(t, b.ID).URL)
	if calls.Load() != 2 || leaks.Load() != 0 {
		t.Errorf("%d calls, %d tokens", calls.Load(), leaks.Load())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUploadHasTheSizeThatWasSaid(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	file := shopify.TagsLine("gid://shopify/Product/1", []string{"x"})
	size := int64(len(file))
	broken := errors.New("row is gone")
	for name, try := range map[string]struct {
		size int64
		body io.Reader
	}{
		"shorter":   {size + 1, bytes.NewReader(file)},
		"longer":    {size - 1, bytes.NewReader(file)},
		"broken":    {size, io.MultiReader(bytes.NewReader(file[:3]), failing{broken})},
		"empty":     {0, strings.NewReader("")},
		"too large": {shopify.MaxBulkFile + 1, bytes.NewReader(file)},
	} {
		path, _, err := s.client.Upload(t.Context(), "tags.jsonl", try.size, try.body)
		if err == nil || path != "" || errors.Is(err, broken) != (name == "broken") || shopify.KindOf(err) == shopify.Unavailable {
			t.Errorf("%s: %q, %v", name, path, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestUploadThatIsRefusedCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	if err := s.SetFaults(simulator.Fault{Name: "upload_refused", Times: 1}); err != nil {
		t.Fatal(err)
	}
	file := shopify.TagsLine("gid://shopify/Product/1", []string{"x"})
	_, _, err := s.client.Upload(t.Context(), "tags.jsonl", int64(len(file)), bytes.NewReader(file))
	if e, ok := errors.AsType[*shopify.Error](err); !ok || e.Kind != shopify.Unavailable || e.Operation != "StagedUpload" || strings.Contains(e.Error(), "http") {
		t.Errorf("got %v", err)
	}
	if _, _, err := s.client.Upload(t.Context(), "tags.jsonl", int64(len(file)), bytes.NewReader(file)); err != nil {
		t.Error(err)
	}
}

// TestUploadThatStandsStillIsGivenUp has a storage that takes the form and never answers.
func TestUploadThatStandsStillIsGivenUp(t *testing.T) {
	t.Parallel()
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hung.Close)
	w := serve(t, always(200, `{"data":{"stagedUploadsCreate":{"stagedTargets":[{"url":"`+hung.URL+`/","parameters":[{"name":"key","value":"tmp/1"}]}],"userErrors":[]}}}`))
	w.app.Idle = 50 * time.Millisecond
	path, _, err := w.client().Upload(t.Context(), "tags.jsonl", 3, strings.NewReader("{}\n"))
	if shopify.KindOf(err) != shopify.Unavailable || path != "" {
		t.Errorf("%q, %v", path, err)
	}
}

func TestRefusedFilesAreNoStart(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	_, _, err := s.client.BulkTags(t.Context(), true, "tmp/1/bulk/none/tags.jsonl", "operation-1")
	if e, ok := errors.AsType[*shopify.Error](err); !ok || e.Kind != shopify.Invalid || e.Code != "NO_SUCH_FILE" {
		t.Errorf("a file that is missing: %v", err)
	}
	for code, want := range map[string]shopify.Kind{
		"INTERNAL_FILE_SERVER_ERROR": shopify.Unavailable,
		"INVALID_STAGED_UPLOAD_FILE": shopify.Invalid,
		"INVALID_MUTATION":           shopify.Invalid,
		"LIMIT_REACHED":              shopify.Busy,
	} {
		w := serve(t, always(200, `{"data":{"bulkOperationRunMutation":{"bulkOperation":null,"userErrors":[{"field":null,"message":"No, ada@example.com","code":"`+code+`"}]}}}`))
		_, _, err := w.client().BulkTags(t.Context(), true, "tmp/1", "operation-1")
		e, ok := errors.AsType[*shopify.Error](err)
		if !ok || e.Kind != want || e.Code != code || e.Waits() == e.RetryAt.IsZero() || strings.Contains(e.Error(), "ada@") {
			t.Errorf("%s: got %v", code, err)
		}
	}
	if _, _, err := s.client.BulkTags(t.Context(), true, "tmp/1", "operation\n1"); shopify.KindOf(err) != shopify.Invalid {
		t.Errorf("an identifier of two lines: %v", err)
	}
}

func TestTroubleWithAResultIsToldByItsKind(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	b, _, err := s.client.BulkQueryTags(t.Context(), "Product", "")
	if err != nil {
		t.Fatal(err)
	}
	url := s.ended(t, b.ID).URL
	var first []string
	for fault, want := range map[string]shopify.Kind{
		"bulk_result_unreachable": shopify.Unavailable,
		"bulk_result_cut":         shopify.Unavailable,
		"bulk_result_expired":     shopify.Gone,
	} {
		s.ClearFaults()
		if err := s.SetFaults(simulator.Fault{Name: fault, Times: 1}); err != nil {
			t.Fatal(err)
		}
		seen := map[int]string{}
		read := func() error {
			return s.client.Owners(t.Context(), url, func(line int, o shopify.TagOwner) error {
				if had, ok := seen[line]; ok && had != o.ID {
					t.Errorf("%s: line %d was %s and is %s", fault, line, had, o.ID)
				}
				seen[line] = o.ID
				return nil
			})
		}
		if err := read(); shopify.KindOf(err) != want {
			t.Errorf("%s: got %v", fault, err)
		}
		if half := len(seen); (half > 0) != (fault == "bulk_result_cut") {
			t.Errorf("%s: %d lines", fault, half)
		}
		if err := read(); err != nil || len(seen) != 30 {
			t.Errorf("after %s: %d lines, %v", fault, len(seen), err)
		}
		first = append(first, seen[0])
	}
	if len(slices.Compact(first)) != 1 {
		t.Errorf("the first line is %v", first)
	}
}

func TestFailedOperationShowsItsPartialResult(t *testing.T) {
	t.Parallel()
	s := simulate(t, simulator.Options{})
	if err := s.SetFaults(simulator.Fault{Name: "bulk_fails", Times: 1}); err != nil {
		t.Fatal(err)
	}
	products := s.all(t, "Product")
	b, _, err := s.client.BulkTags(t.Context(), true, s.upload(t, ids(products), "half"), "operation-1")
	if err != nil {
		t.Fatal(err)
	}
	b = s.ended(t, b.ID)
	if b.Status != shopify.BulkFailed || b.ErrorCode != "INTERNAL_SERVER_ERROR" || b.URL != "" || len(s.results(t, b.PartialURL)) != 15 {
		t.Errorf("got %+v", b)
	}
}

func TestTagsLineIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, tags := range [][]string{{}, {"a"}, {`"quoted" \ slash/`, "Été & <b>", "line\nbreak", "\u2028", "tab\t"}} {
		line := shopify.TagsLine("gid://shopify/Product/1", tags)
		if n := bytes.IndexByte(line, '\n'); n != len(line)-1 {
			t.Errorf("%q has %d bytes before its first line break", line, n)
		}
		var got struct {
			ID   string
			Tags []string
		}
		if err := json.Unmarshal(line, &got); err != nil || got.ID != "gid://shopify/Product/1" || !slices.Equal(got.Tags, tags) || got.Tags == nil {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
}

// TestMemoryDoesNotGrowWithTheFile sends 100 MB and reads 40. It is not parallel, so that the memory is its own.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) { //nolint:paralleltest // it measures the memory of the whole process
	line := shopify.TagsLine("gid://shopify/Product/1", []string{strings.Repeat("x", 200)})
	count := shopify.MaxBulkFile / len(line)
	size := int64(count * len(line))
	var taken atomic.Int64
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			n, _ := io.Copy(io.Discard, r.Body)
			taken.Store(n)
			w.WriteHeader(http.StatusCreated)
			return
		}
		result := []byte(resultLine(7, strings.Repeat("x", 200)))
		for sent := 0; sent < 40<<20; sent += len(result) {
			if _, err := w.Write(result); err != nil {
				return
			}
		}
	}))
	defer files.Close()
	w := serve(t, always(200, `{"data":{"stagedUploadsCreate":{"stagedTargets":[{"url":"`+files.URL+`/","parameters":[{"name":"key","value":"tmp/1"}]}],"userErrors":[]}}}`))
	peak := watchHeap()
	if _, _, err := w.client().Upload(t.Context(), "tags.jsonl", size, &repeated{line: line, left: count}); err != nil || taken.Load() < size {
		t.Fatalf("%d of %d bytes, %v", taken.Load(), size, err)
	}
	n := 0
	err := w.client().Results(t.Context(), files.URL, func(shopify.BulkResult) error {
		n++
		return nil
	})
	if err != nil || n < 50_000 {
		t.Fatalf("%d lines, %v", n, err)
	}
	grown := peak()
	if grown > 16<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

// repeated is a file of equal lines that is never in memory.
type repeated struct {
	line []byte
	left int
	rest []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.rest, r.left = r.line, r.left-1
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// watchHeap returns a function that tells by how much the heap has grown at most, in bytes.
func watchHeap() func() uint64 {
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		ticks := time.NewTicker(5 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-stop:
				done <- most - min(most, before.HeapAlloc)
				return
			case <-ticks.C:
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-done
	}
}
