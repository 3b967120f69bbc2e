// Package blobtest lets tests stop at any call to a store of files.
package blobtest

import (
	"context"
	"errors"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
)

// ErrStopped is what a call says that was stopped.
var ErrStopped = errors.New("the store was stopped here by the test")

// Stopping returns a store whose files are in another one. Each call asks first whether it is to be stopped.
func Stopping(in *blob.Bucket, strikes func() bool) *blob.Bucket {
	return blob.NewBucket(store{in, strikes})
}

// store is a store of files whose calls can be stopped; the files are in another one.
type store struct {
	in      *blob.Bucket
	strikes func() bool
}

func (b store) stopped() error {
	if b.strikes() {
		return ErrStopped
	}
	return nil
}

func (b store) ErrorCode(err error) gcerrors.ErrorCode { return gcerrors.Code(err) }
func (b store) As(any) bool                            { return false }
func (b store) ErrorAs(error, any) bool                { return false }
func (b store) Close() error                           { return nil }

func (b store) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	if err := b.stopped(); err != nil {
		return nil, err
	}
	a, err := b.in.Attributes(ctx, key)
	if err != nil {
		return nil, err
	}
	return &driver.Attributes{Size: a.Size, ModTime: a.ModTime, ContentType: a.ContentType}, nil
}

func (b store) ListPaged(ctx context.Context, o *driver.ListOptions) (*driver.ListPage, error) {
	page := &driver.ListPage{}
	all := b.in.List(&blob.ListOptions{Prefix: o.Prefix})
	for {
		object, err := all.Next(ctx)
		if errors.Is(err, io.EOF) {
			return page, nil
		}
		if err != nil {
			return nil, err
		}
		page.Objects = append(page.Objects, &driver.ListObject{Key: object.Key, Size: object.Size, ModTime: object.ModTime})
	}
}

// reader is a file that is read.
type reader struct{ *blob.Reader }

func (r reader) Attributes() *driver.ReaderAttributes {
	return &driver.ReaderAttributes{Size: r.Size(), ModTime: r.ModTime(), ContentType: r.ContentType()}
}
func (r reader) As(any) bool { return false }

func (b store) NewRangeReader(ctx context.Context, key string, offset, length int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	if err := b.stopped(); err != nil {
		return nil, err
	}
	r, err := b.in.NewRangeReader(ctx, key, offset, length, nil)
	if err != nil {
		return nil, err
	}
	return reader{r}, nil
}

// file is a file that is written. Stopped before it is closed, nothing of it appears.
type file struct {
	*blob.Writer
	b     store
	abort context.CancelFunc
}

func (f file) Close() error {
	defer f.abort()
	if err := f.b.stopped(); err != nil {
		f.abort()
		_ = f.Writer.Close()
		return err
	}
	if err := f.Writer.Close(); err != nil {
		return err
	}
	return f.b.stopped() // it is there, and nobody is told
}

func (b store) NewTypedWriter(ctx context.Context, key, contentType string, _ *driver.WriterOptions) (driver.Writer, error) {
	if err := b.stopped(); err != nil {
		return nil, err
	}
	ctx, abort := context.WithCancel(ctx)
	w, err := b.in.NewWriter(ctx, key, &blob.WriterOptions{ContentType: contentType})
	if err != nil {
		abort()
		return nil, err
	}
	return file{w, b, abort}, nil
}

func (b store) Copy(ctx context.Context, dst, src string, _ *driver.CopyOptions) error {
	return b.in.Copy(ctx, dst, src, nil)
}

func (b store) Delete(ctx context.Context, key string, _ *driver.DeleteOptions) error {
	if err := b.stopped(); err != nil {
		return err
	}
	return b.in.Delete(ctx, key)
}

func (b store) SignedURL(context.Context, string, *driver.SignedURLOptions) (string, error) {
	return "", ErrStopped // nobody asks
}
