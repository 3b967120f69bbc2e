package retention

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
)

// writer puts entries into a file of the archive. Nothing of it is to be seen until it is closed.
type writer struct {
	manifest Manifest
	name     string
	file     io.WriteCloser
	hash     hash.Hash
	zip      *zstd.Encoder
	lines    *json.Encoder
	stop     context.CancelFunc
}

// create begins a file. Either close or abandon ends it.
func (s *Service) create(ctx context.Context, shop string, day time.Time, part, generation int) (*writer, error) {
	ctx, stop := context.WithCancel(ctx)
	w := &writer{name: fileName(shop, day, part, generation), hash: sha256.New(), stop: stop}
	w.manifest = Manifest{Version: formatVersion, Shop: shop, Day: day.Format(time.DateOnly), Part: part, File: path.Base(w.name) + dataEnding}
	file, err := s.Files.NewWriter(ctx, w.name+dataEnding, nil)
	if err != nil {
		stop()
		return nil, fmt.Errorf("begin a file of the archive: %w", err)
	}
	w.file = file
	// With one goroutine, the same entries are the same bytes.
	w.zip, err = zstd.NewWriter(io.MultiWriter(w.file, w.hash, count{&w.manifest.Bytes}), zstd.WithEncoderConcurrency(1))
	if err != nil {
		w.abandon()
		return nil, fmt.Errorf("begin a file of the archive: %w", err)
	}
	w.lines = json.NewEncoder(w.zip)
	w.lines.SetEscapeHTML(false)
	return w, nil
}

type count struct{ n *int64 }

func (c count) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return len(p), nil
}

func (w *writer) put(e *models.Activity) error {
	if err := w.lines.Encode(lineOf(e)); err != nil {
		return fmt.Errorf("write to a file of the archive: %w", err)
	}
	m := &w.manifest
	m.add(e)
	return nil
}

// add takes an entry into account.
func (m *Manifest) add(e *models.Activity) {
	if m.Entries == 0 {
		m.FirstAt, m.FirstID = e.OccurredAt.UTC(), e.ID
	}
	m.LastAt, m.LastID = e.OccurredAt.UTC(), e.ID
	m.Entries++
	m.Fingerprint += fingerprint(e.UpdatedAt)
}

// close makes the file appear, whole.
func (w *writer) close() error {
	if err := w.zip.Close(); err != nil {
		w.abandon()
		return fmt.Errorf("end a file of the archive: %w", err)
	}
	w.manifest.SHA256 = hex.EncodeToString(w.hash.Sum(nil))
	err := w.file.Close()
	w.stop()
	if err != nil {
		return fmt.Errorf("end a file of the archive: %w", err)
	}
	return nil
}

// abandon leaves nothing of the file.
func (w *writer) abandon() {
	w.stop()
	_ = w.file.Close() // it was stopped, and says so
}

// putManifest writes a file's manifest beside it.
func (s *Service) putManifest(ctx context.Context, name string, m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if err := s.Files.WriteAll(ctx, name+manifestEnd, append(raw, '\n'), nil); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

func (s *Service) getManifest(ctx context.Context, key string) (Manifest, error) {
	var m Manifest
	raw, err := s.Files.ReadAll(ctx, key)
	if err != nil {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	if m.Version != formatVersion {
		return m, fmt.Errorf("the manifest has version %d, and this program knows %d", m.Version, formatVersion)
	}
	return m, nil
}

// maxLine bounds the line of one entry, in bytes.
const maxLine = 64 << 20

// read hands over each entry of a file, until take says that it has enough, and returns what was in the file as far
// as it was read.
func (s *Service) read(ctx context.Context, name string, shop int64, take func(e *models.Activity) (more bool, err error)) (m Manifest, err error) {
	file, err := s.Files.NewReader(ctx, name+dataEnding, nil)
	if err != nil {
		return m, fmt.Errorf("open a file of the archive: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	bytes := io.TeeReader(file, io.MultiWriter(sum, count{&m.Bytes}))
	unzip, err := zstd.NewReader(bytes, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return m, fmt.Errorf("read a file of the archive: %w", err)
	}
	defer unzip.Close()
	scanner := bufio.NewScanner(unzip)
	scanner.Buffer(make([]byte, 1<<16), maxLine)
	for scanner.Scan() {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			return m, fmt.Errorf("read line %d of a file of the archive: %w", m.Entries+1, err)
		}
		e := l.entry(shop)
		m.add(&e)
		if more, err := take(&e); err != nil || !more {
			return m, err
		}
	}
	if err := scanner.Err(); err != nil {
		return m, fmt.Errorf("read a file of the archive: %w", err)
	}
	if _, err := io.Copy(io.Discard, bytes); err != nil {
		return m, fmt.Errorf("read a file of the archive: %w", err)
	}
	m.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return m, nil
}

// errBroken says that a file of the archive is not what its manifest says.
var errBroken = errors.New("the file is not what its manifest says")

// verify reads a file back and compares it with its manifest.
func (s *Service) verify(ctx context.Context, name string) (Manifest, error) {
	want, err := s.getManifest(ctx, name+manifestEnd)
	if err != nil {
		return want, err
	}
	got, err := s.read(ctx, name, 0, func(*models.Activity) (bool, error) { return true, nil })
	if blob.IsMissing(err) {
		return want, fmt.Errorf("%w: there is none", errBroken)
	}
	if err != nil {
		return want, fmt.Errorf("%w: %w", errBroken, err)
	}
	got.Version, got.Shop, got.Day, got.Part, got.File = want.Version, want.Shop, want.Day, want.Part, want.File
	if got != want {
		return want, errBroken
	}
	return want, nil
}
