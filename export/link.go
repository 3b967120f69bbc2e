package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/links"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// link returns the address of an export's file. It says for whom it was made.
func (s *Service) link(row *models.Export, madeFor string, ends time.Time) string {
	query := s.Key.Sign(file(row.ID, madeFor), ends)
	query.Set("for", madeFor)
	return s.URL + "/" + row.ID + "?" + query.Encode()
}

func file(id, madeFor string) links.Purpose {
	return func(ends int64) string { return fmt.Sprintf("export %s until %d for %s", id, ends, madeFor) }
}

// File is what a link leads to.
type File struct {
	Name string
	Type string
	// Bytes is how long it is; -1 where it is written while it is sent.
	Bytes int

	s       *Service
	shop    *models.Shop
	row     *models.Export
	madeFor string
}

// Open checks a link. One that is not ours is a fault NOT_FOUND, one that is over a fault GONE.
func (s *Service) Open(ctx context.Context, id string, query url.Values) (*File, error) {
	madeFor := query.Get("for")
	err := s.Key.Check(file(id, madeFor), query)
	if errors.Is(err, links.ErrOver) {
		return nil, fault.New(fault.Gone, "This link has ended. Links to exports are good for seven days. Open Exports in Tagtrail for a new one, or export again.")
	}
	if err != nil {
		return nil, fault.New(fault.NotFound, "There is no such file. Check that the link is whole.")
	}
	f := &File{s: s, row: &models.Export{}, shop: &models.Shop{}, madeFor: madeFor}
	err = s.DB.WithContext(ctx).Where("id = ?", id).Take(f.row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fault.New(fault.Gone, "This export is gone.")
	}
	if err != nil {
		return nil, fmt.Errorf("load export: %w", err)
	}
	if err := s.DB.WithContext(ctx).Where("id = ?", f.row.ShopID).Take(f.shop).Error; err != nil {
		return nil, fmt.Errorf("load shop: %w", err)
	}
	if !(&Export{Export: *f.row}).available(models.Now()) || f.shop.UninstalledAt != nil {
		if f.row.Status == models.ExportExpired && f.row.ErrorMessage != nil {
			return nil, fault.New(fault.Gone, "%s", *f.row.ErrorMessage)
		}
		return nil, fault.New(fault.Gone, "This export has no file any more. Open Exports in Tagtrail and export again.")
	}
	f.Type, f.Bytes = contentType(f.row.Format), f.row.Bytes
	if f.row.Status != models.ExportCompleted {
		f.Bytes = -1
	}
	handle := strings.TrimSuffix(f.shop.Domain, ".myshopify.com")
	f.Name = fmt.Sprintf("%s-activity-%s.%s", handle, f.row.CreatedAt.Format("2006-01-02"), strings.ToLower(string(f.row.Format)))
	return f, nil
}

// Download writes the file, after an entry that says so.
func (f *File) Download(ctx context.Context, userAgent string, to io.Writer) error {
	if err := f.record(ctx, userAgent); err != nil {
		return err
	}
	if f.row.Status == models.ExportCompleted {
		return f.send(ctx, to)
	}
	return f.stream(ctx, to)
}

// record tells of a download. Who has a link is not known; for whom it was made is.
func (f *File) record(ctx context.Context, userAgent string) error {
	if len(userAgent) > 200 {
		userAgent = userAgent[:200]
	}
	metadata, err := json.Marshal(map[string]any{
		"exportId":    f.row.ID,
		"linkMadeFor": f.madeFor,
		"userAgent":   strings.ToValidUTF8(userAgent, ""),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	rows := f.row.Rows
	if f.row.TotalRows != nil {
		rows = *f.row.TotalRows
	}
	return f.s.Activity.Record(ctx, f.shop, &models.Activity{
		Type:      models.UserAction,
		Action:    activity.ExportDownloaded,
		Status:    models.Success,
		Summary:   fmt.Sprintf("Export of %s downloaded by the link made for %s", entries(rows), f.madeFor),
		ActorType: models.ActorExternal,
		ActorName: "Whoever has the link",
		CauseID:   &f.row.ID,
		Metadata:  metadata,
	})
}

// send sends what is in the store.
func (f *File) send(ctx context.Context, to io.Writer) error {
	for _, part := range f.row.Parts {
		if err := f.sendPart(ctx, part.Name, to); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) sendPart(ctx context.Context, name string, to io.Writer) error {
	r, err := f.s.Files.NewReader(ctx, name, nil)
	if err != nil {
		return fmt.Errorf("open part of export: %w", err)
	}
	defer r.Close()
	if _, err := io.Copy(to, r); err != nil {
		return fmt.Errorf("send part of export: %w", err)
	}
	return nil
}

// stream writes the file while it is sent, and keeps it for the next who follows the link. Where a worker, or another
// who follows the link, is making it just now, it is written for this one alone.
func (f *File) stream(ctx context.Context, to io.Writer) error {
	now := models.Now()
	r, err := f.s.claim(ctx, f.row.ID, func(db *gorm.DB) *gorm.DB { return db.Where("NOT working OR due_at <= ?", now) })
	if err != nil {
		return err
	}
	if r != nil && len(r.row.Parts) == 0 {
		err := r.part(ctx, to)
		if err != nil && !errors.Is(err, errLost) {
			return errors.Join(err, r.rest(ctx))
		}
		return nil // if it was lost, then after the last byte was sent
	}
	if r != nil {
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
	alone := &run{Service: f.s, shop: f.shop, row: f.row, published: time.Now().Add(time.Hour)}
	alone.row.CursorAt = nil
	if err := json.Unmarshal(f.row.Filter, &alone.filter); err != nil {
		return fmt.Errorf("read filter of export: %w", err)
	}
	_, err = alone.fill(ctx, newWriter(f.row, to, true))
	return err
}

// rest leaves the export to a worker: who followed the link went away.
func (r *run) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	at := models.Now().Add(graceForDirect)
	if err := r.mine(r.DB.WithContext(ctx)).Updates(map[string]any{"working": false, "due_at": at}).Error; err != nil {
		return fmt.Errorf("save export: %w", err)
	}
	return nil
}
