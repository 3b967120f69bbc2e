package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
	"gorm.io/gorm"
)

var errStopped = errors.New("stopped here by the test")

// stopper stops a process at one of its steps: a statement to the database, or a call to the store of files. From then
// on every step fails, as those of a killed process do not happen.
type stopper struct {
	mu         sync.Mutex
	step, stop int
	// cancel ends the run's context instead: the worker is asked to stop.
	cancel context.CancelFunc
	struck bool
}

func (s *stopper) arm(stop int, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.stop, s.cancel, s.struck = 0, stop, cancel, false
}

func (s *stopper) strikes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step++
	if s.stop == 0 || s.step < s.stop {
		return false
	}
	s.struck = true
	if s.cancel != nil {
		s.cancel()
		return s.step == s.stop
	}
	return true
}

func (s *stopper) hasStruck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck
}

// unwatched marks the context of a test's own statements.
type unwatched struct{}

func (s *stopper) watch(db *gorm.DB) error {
	step := func(db *gorm.DB) {
		if db.Statement.Context.Value(unwatched{}) == nil && s.strikes() {
			_ = db.AddError(errStopped)
		}
	}
	const name = "test:stop"
	callbacks := db.Callback()
	return errors.Join(
		callbacks.Query().Before("gorm:query").Register(name, step),
		callbacks.Create().Before("gorm:create").Register(name, step),
		callbacks.Update().Before("gorm:update").Register(name, step),
		callbacks.Delete().Before("gorm:delete").Register(name, step),
		callbacks.Raw().Before("gorm:raw").Register(name, step),
		callbacks.Row().Before("gorm:row").Register(name, step),
	)
}

// shelf is a store of files in memory, each call to which is a step.
type shelf struct {
	driver.Bucket
	s     *stopper
	mu    sync.Mutex
	files map[string][]byte
}

var errMissing = errors.New("no such file")

func (b *shelf) call(ctx context.Context) error {
	if ctx.Value(unwatched{}) == nil && b.s.strikes() {
		return errStopped
	}
	return ctx.Err()
}

// ErrorCode implements driver.Bucket.
func (b *shelf) ErrorCode(err error) gcerrors.ErrorCode {
	if errors.Is(err, errMissing) {
		return gcerrors.NotFound
	}
	return gcerrors.Unknown
}

// ErrorAs implements driver.Bucket.
func (b *shelf) ErrorAs(error, any) bool { return false }

// Close implements driver.Bucket.
func (b *shelf) Close() error { return nil }

// Delete implements driver.Bucket.
func (b *shelf) Delete(ctx context.Context, key string, _ *driver.DeleteOptions) error {
	if err := b.call(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.files[key]; !ok {
		return errMissing
	}
	delete(b.files, key)
	return nil
}

// ListPaged implements driver.Bucket.
func (b *shelf) ListPaged(ctx context.Context, o *driver.ListOptions) (*driver.ListPage, error) {
	if err := b.call(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	page := &driver.ListPage{}
	for key := range b.files {
		if strings.HasPrefix(key, o.Prefix) {
			page.Objects = append(page.Objects, &driver.ListObject{Key: key})
		}
	}
	slices.SortFunc(page.Objects, func(a, b *driver.ListObject) int { return strings.Compare(a.Key, b.Key) })
	return page, nil
}

type shelfReader struct{ io.Reader }

// Close implements driver.Reader.
func (shelfReader) Close() error { return nil }

// Attributes implements driver.Reader.
func (shelfReader) Attributes() *driver.ReaderAttributes { return &driver.ReaderAttributes{} }

// As implements driver.Reader.
func (shelfReader) As(any) bool { return false }

// NewRangeReader implements driver.Bucket.
func (b *shelf) NewRangeReader(ctx context.Context, key string, _, _ int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	if err := b.call(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	file, ok := b.files[key]
	if !ok {
		return nil, errMissing
	}
	return shelfReader{bytes.NewReader(file)}, nil
}

type shelfWriter struct {
	bytes.Buffer
	ctx context.Context
	b   *shelf
	key string
}

// Write implements driver.Writer.
func (w *shelfWriter) Write(p []byte) (int, error) {
	if err := w.b.call(w.ctx); err != nil {
		return 0, err
	}
	return w.Buffer.Write(p)
}

// Close implements driver.Writer: the file appears, and the process may be killed before it hears so.
func (w *shelfWriter) Close() error {
	if err := w.b.call(w.ctx); err != nil {
		return err
	}
	w.b.mu.Lock()
	w.b.files[w.key] = w.Bytes()
	w.b.mu.Unlock()
	return w.b.call(w.ctx)
}

// NewTypedWriter implements driver.Bucket.
func (b *shelf) NewTypedWriter(ctx context.Context, key, _ string, _ *driver.WriterOptions) (driver.Writer, error) {
	if err := b.call(ctx); err != nil {
		return nil, err
	}
	return &shelfWriter{ctx: ctx, b: b, key: key}, nil
}

// TestAnExportMayBeStoppedAtAnyStep stops an export at its first statement or call to the store, at its second, and so on
// to its last, and lets another worker take it up; as a job, and where somebody follows the link to a small one. Whatever
// the step: nothing is offered before it is whole, the file has each row once, it is told of once and mailed once.
func TestAnExportMayBeStoppedAtAnyStep(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct{ direct, cancels bool }{
		"a job, killed":              {},
		"a job, asked to stop":       {cancels: true},
		"a download, killed":         {direct: true},
		"a download, asked to stop ": {direct: true, cancels: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stopper{}
			b := &shelf{s: s, files: map[string][]byte{}}
			o := setupWith(t, blob.NewBucket(b))
			o.PartRows = 6
			shop := o.shop()
			o.record(shop, 15, nil)
			o.must(s.watch(o.DB))
			own := context.WithValue(context.Background(), unwatched{}, true)
			for step := 1; ; step++ {
				if !o.stopped(own, s, shop, step, way.direct, way.cancels) {
					if step < 15 {
						t.Errorf("it has only %d steps", step-1)
					}
					return
				}
			}
		})
	}
}

// stopped makes an export that is stopped at the step, and reports whether it came to that step.
func (o *office) stopped(own context.Context, s *stopper, shop *models.Shop, step int, direct, cancels bool) bool {
	o.Helper()
	in := Input{Filter: webhooksOnly, Columns: []string{"summary"}, Email: ptr("riley@example.com")}
	e, err := o.Start(own, shop, riley, in)
	o.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var onStop context.CancelFunc
	if cancels {
		onStop = cancel
	}
	if direct {
		at, _ := url.Parse(*e.URL())
		s.arm(step, onStop)
		if file, err := o.Open(ctx, e.ID, at.Query()); err == nil {
			var got bytes.Buffer
			if file.Download(ctx, "test", &got) == nil && !slices.Equal(numbers(o.TB, got.String()), downTo(15)) {
				o.Fatalf("stopped at step %d, half a file was sent as a whole: %q", step, got.String())
			}
		}
	} else {
		o.must(o.DB.WithContext(own).Model(&models.Export{}).Where("id = ?", e.ID).Update("direct", false).Error)
		s.arm(step, onStop)
		for range 6 {
			_ = o.WorkOn(ctx, e.ID)
			s.mu.Lock()
			over := s.struck
			s.mu.Unlock()
			if over {
				break
			}
		}
	}
	struck := s.hasStruck()
	s.arm(0, nil)
	now, err := o.Get(own, shop, riley, e.ID)
	o.must(err)
	if !now.Status.Ended() && !direct && now.URL() != nil {
		o.Fatalf("stopped at step %d, an export that is %s is offered", step, now.Status)
	}
	done := o.work(own, shop, e.ID)
	file, err := o.follow(own, done)
	if err != nil || !slices.Equal(numbers(o.TB, file), downTo(15)) || done.Rows != 15 || *done.Length() != len(file) {
		o.Fatalf("stopped at step %d, it came to %+v, %q, %v", step, done.Export, file, err)
	}
	var entries []models.Activity
	o.must(o.DB.WithContext(own).Where("shop_id = ? AND id = ?", shop.ID, e.ID).Find(&entries).Error)
	if len(entries) != 1 || entries[0].Status != models.Success || entries[0].Action != activity.Exported {
		o.Fatalf("stopped at step %d, its entries are %+v", step, entries)
	}
	var mails int64
	o.must(o.DB.WithContext(own).Model(&models.Mail{}).Where("shop_id = ? AND name = ?", shop.ID, "export "+e.ID).Count(&mails).Error)
	if mails != 1 {
		o.Fatalf("stopped at step %d, %d mails are written", step, mails)
	}
	// With its end, everything that was ever written of it leaves, also what was lost.
	o.must(o.DB.WithContext(own).Model(&models.Export{}).Where("id = ?", e.ID).
		Updates(map[string]any{"expires_at": models.Now(), "due_at": models.Now()}).Error)
	o.must(o.Expire(own))
	if keys := o.keysUnwatched(own); len(keys) != 0 {
		o.Fatalf("stopped at step %d, it has left %q", step, keys)
	}
	return struck
}

func (o *office) keysUnwatched(ctx context.Context) []string {
	var keys []string
	for files := o.Files.List(nil); ; {
		file, err := files.Next(ctx)
		if err != nil {
			return keys
		}
		keys = append(keys, file.Key)
	}
}
