// Package blob keeps files, in a folder or at a cloud's: exports and the archive.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// Bucket is where files are. A file appears whole, when its writer is closed, or not at all: ending the context that
// the writer was made with, before it is closed, leaves nothing.
type Bucket = blob.Bucket

// Open opens the store that an address names: file:FOLDER, which is made where it is missing, s3://BUCKET,
// gs://BUCKET or azblob://CONTAINER where clouds is in the program, with the settings and credentials that each takes from its URL and environment.
func Open(ctx context.Context, address string) (*Bucket, error) {
	folder, ok := strings.CutPrefix(address, "file:")
	if !ok {
		bucket, err := blob.OpenBucket(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("open the store of files: %w", err)
		}
		return bucket, nil
	}
	folder = filepath.Clean(strings.TrimPrefix(folder, "//"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	// Beside its place a file is renamed within one disk, and so appears whole.
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return bucket, nil
}

// Tidy removes what was left in a folder by processes that were killed while they wrote, before a time: a file has a
// name that ends in .tmp until it is whole. At the clouds nothing is left.
func Tidy(ctx context.Context, b *Bucket, before time.Time) error {
	var folder os.FileInfo
	if !b.As(&folder) {
		return nil
	}
	all := b.List(nil)
	for {
		file, err := all.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		if !strings.HasSuffix(file.Key, ".tmp") || !file.ModTime.Before(before) {
			continue
		}
		if err := b.Delete(ctx, file.Key); err != nil && !IsMissing(err) {
			return fmt.Errorf("remove %s: %w", file.Key, err)
		}
	}
}

// IsMissing reports whether err says that there is no such file.
func IsMissing(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

type (
	// WriterOptions are the options of a bucket's NewWriter.
	WriterOptions = blob.WriterOptions
	// ListOptions are the options of a bucket's List.
	ListOptions = blob.ListOptions
)
