package blob_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

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

func TestAnUnknownStoreIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := blob.Open(t.Context(), "ftp://example.com/files"); err == nil {
		t.Error("ftp is taken")
	}
}
