package blob_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/blob"
)

func TestAFileAppearsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "not", "there yet")
	bucket, err := blob.Open(t.Context(), "file:"+folder)
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()

	writing, giveUp := context.WithCancel(t.Context())
	w, err := bucket.NewWriter(writing, "shop/half.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "half"); err != nil {
		t.Fatal(err)
	}
	giveUp()
	if err := w.Close(); err == nil {
		t.Error("closing after giving up succeeds")
	}
	if err := bucket.WriteAll(t.Context(), "shop/whole.csv", []byte("whole"), nil); err != nil {
		t.Fatal(err)
	}

	entries, err := os.ReadDir(filepath.Join(folder, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "whole.csv" {
		t.Errorf("the folder has %v, want whole.csv alone", entries)
	}
	if _, err := bucket.ReadAll(t.Context(), "shop/half.csv"); !blob.IsMissing(err) {
		t.Errorf("reading half a file: %v, want that it is missing", err)
	}
}

func TestWhatWasLeftByTheKilledIsRemoved(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	bucket, err := blob.Open(t.Context(), "file:"+folder)
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	now := time.Now()
	for name, age := range map[string]time.Duration{
		"archive/7/day.zst": 48 * time.Hour, "archive/7/day.zst.17a.tmp": 2 * time.Hour, "archive/7/next.zst.17b.tmp": time.Minute,
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, now, now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if err := blob.Tidy(t.Context(), bucket, now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range []string{"archive/7/day.zst", "archive/7/day.zst.17a.tmp", "archive/7/next.zst.17b.tmp"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			left = append(left, name)
		}
	}
	if want := []string{"archive/7/day.zst", "archive/7/next.zst.17b.tmp"}; !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}

func TestAnUnknownStoreIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := blob.Open(t.Context(), "ftp://example.com/files"); err == nil {
		t.Error("ftp is taken")
	}
}
