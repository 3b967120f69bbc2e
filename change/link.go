package change

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/sheet"
)

// failedLink returns the address of an operation's failed items as a file. A link in a page cannot carry the session, so
// it is signed, and ends.
func (s *Service) failedLink(shop int64, id string, ends time.Time) string {
	query := url.Values{
		"shop":    {strconv.FormatInt(shop, 10)},
		"expires": {strconv.FormatInt(ends.Unix(), 10)},
		"sign":    {s.sign(shop, id, ends.Unix())},
	}
	return s.FileURL + "/" + id + "/failed.csv?" + query.Encode()
}

func (s *Service) sign(shop int64, id string, ends int64) string {
	mac := hmac.New(sha256.New, s.FileKey)
	fmt.Fprintf(mac, "failed items of %d %s until %d", shop, id, ends)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// OpenFailedLink checks a link to a file of failed items and returns the shop that it is of. A link that is not ours, or
// is over, is a fault.
func (s *Service) OpenFailedLink(ctx context.Context, id string, query url.Values) (*models.Shop, error) {
	shop, err := strconv.ParseInt(query.Get("shop"), 10, 64)
	ends, badEnd := strconv.ParseInt(query.Get("expires"), 10, 64)
	good := err == nil && badEnd == nil && s.FileKey != nil &&
		hmac.Equal([]byte(query.Get("sign")), []byte(s.sign(shop, id, ends)))
	if !good {
		return nil, fault.New(fault.NotFound, "There is no such file.")
	}
	if time.Now().Unix() >= ends {
		return nil, fault.New(fault.Forbidden, "The link is over. Open the operation in Tagtrail again for a new one.")
	}
	return s.Shops.ByID(ctx, shop)
}

// WriteFailedCSV writes the items of an operation that were not done, as CSV. Memory does not grow with their number.
func (s *Service) WriteFailedCSV(ctx context.Context, shop *models.Shop, id string, w io.Writer) error {
	if _, err := s.row(ctx, shop, id); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"ID", "Title", "Outcome", "Code", "Message", "Tags", "Added", "Removed"}); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	after := ""
	for {
		query := s.DB.WithContext(ctx).Where("shop_id = ? AND cause_id = ? AND outcome IN ?", shop.ID, id,
			[]models.SnapshotOutcome{models.SnapshotFailed, models.SnapshotSkipped, models.SnapshotConflict})
		if after != "" {
			query = query.Where("id > ?", after)
		}
		var rows []models.Snapshot
		if err := query.Order("id").Limit(models.MaxPage).Find(&rows).Error; err != nil {
			return fmt.Errorf("list failed items: %w", err)
		}
		for i := range rows {
			if err := out.Write(csvCells(&rows[i])); err != nil {
				return fmt.Errorf("write file: %w", err)
			}
			after = rows[i].ID
		}
		if len(rows) < models.MaxPage {
			out.Flush()
			return out.Error()
		}
	}
}

func csvCells(p *models.Snapshot) []string {
	cells := []string{p.ResourceID, p.ResourceTitle, string(p.Outcome), "", "", list(p.Before), list(p.Added), list(p.Removed)}
	if p.ErrorCode != nil {
		cells[3] = *p.ErrorCode
	}
	if p.ErrorMessage != nil {
		cells[4] = *p.ErrorMessage
	}
	for i := range cells {
		cells[i] = sheet.Harmless(cells[i])
	}
	return cells
}
