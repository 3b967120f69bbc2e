package stops

import (
	"context"
	"errors"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
)

// Files returns a store whose files are in another one. It calls step before each call, and once more when a file is
// there and nobody has been told; an error of step is the call's. Once its context has ended every call fails, as those
// to a store behind a network do.
func Files(in *blob.Bucket, step func() error) *blob.Bucket {
	return blob.NewBucket(store{in, step})
}

type store struct {
	in   *blob.Bucket
	step func() error
}

func (b store) call(ctx context.Context) error {
	if !isUnwatched(ctx) {
		if err := b.step(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (b store) ErrorCode(err error) gcerrors.ErrorCode { return gcerrors.Code(err) }
func (b store) As(any) bool                            { return false }
func (b store) ErrorAs(error, any) bool                { return false }
func (b store) Close() error                           { return nil }

func (b store) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	if err := b.call(ctx); err != nil {
		return nil, err
	}
	a, err := b.in.Attributes(ctx, key)
	if err != nil {
		return nil, err
	}
	return &driver.Attributes{Size: a.Size, ModTime: a.ModTime, ContentType: a.ContentType}, nil
}

func (b store) ListPaged(ctx context.Context, o *driver.ListOptions) (*driver.ListPage, error) {
	if err := b.call(ctx); err != nil {
		return nil, err
	}
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
	if err := b.call(ctx); err != nil {
		return nil, err
	}
	r, err := b.in.NewRangeReader(ctx, key, offset, length, nil)
	if err != nil {
		return nil, err
	}
	return reader{r}, nil
}

// file is a file that is written. Stopped before it is closed, nothing of it appears, and nothing is left lying about.
type file struct {
	*blob.Writer
	b     store
	ctx   context.Context
	abort context.CancelFunc
}

func (f file) Write(p []byte) (int, error) {
	if err := f.b.call(f.ctx); err != nil {
		f.giveUp()
		return 0, err
	}
	return f.Writer.Write(p)
}

func (f file) Close() error {
	defer f.abort()
	if err := f.b.call(f.ctx); err != nil {
		f.giveUp()
		return err
	}
	if err := f.Writer.Close(); err != nil {
		return err
	}
	return f.b.call(f.ctx)
}

func (f file) giveUp() {
	f.abort()
	_ = f.Writer.Close()
}

func (b store) NewTypedWriter(ctx context.Context, key, contentType string, _ *driver.WriterOptions) (driver.Writer, error) {
	if err := b.call(ctx); err != nil {
		return nil, err
	}
	ctx, abort := context.WithCancel(ctx)
	w, err := b.in.NewWriter(ctx, key, &blob.WriterOptions{ContentType: contentType})
	if err != nil {
		abort()
		return nil, err
	}
	return file{w, b, ctx, abort}, nil
}

func (b store) Copy(ctx context.Context, dst, src string, _ *driver.CopyOptions) error {
	if err := b.call(ctx); err != nil {
		return err
	}
	return b.in.Copy(ctx, dst, src, nil)
}

func (b store) Delete(ctx context.Context, key string, _ *driver.DeleteOptions) error {
	if err := b.call(ctx); err != nil {
		return err
	}
	return b.in.Delete(ctx, key)
}

func (b store) SignedURL(context.Context, string, *driver.SignedURLOptions) (string, error) {
	return "", errors.New("nobody asks for signed URLs here")
}
