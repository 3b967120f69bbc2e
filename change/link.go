package change

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/links"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/sheet"
)

// failedLink returns the address of an operation's failed items as a file.
func (s *Service) failedLink(shop int64, id string, ends time.Time) string {
	query := s.FileKey.Sign(failedItems(shop, id), ends)
	query.Set("shop", strconv.FormatInt(shop, 10))
	return s.FileURL + "/" + id + "/failed.csv?" + query.Encode()
}

func failedItems(shop int64, id string) links.Purpose {
	return func(ends int64) string { return fmt.Sprintf("failed items of %d %s until %d", shop, id, ends) }
}

// OpenFailedLink checks a link to a file of failed items and returns the shop that it is of. A link that is not ours, or
// is over, is a fault.
func (s *Service) OpenFailedLink(ctx context.Context, id string, query url.Values) (*models.Shop, error) {
	shop, err := strconv.ParseInt(query.Get("shop"), 10, 64)
	if err == nil {
		err = s.FileKey.Check(failedItems(shop, id), query)
	}
	if errors.Is(err, links.ErrOver) {
		return nil, fault.New(fault.Forbidden, "The link is over. Open the operation in Tagtrail again for a new one.")
	}
	if err != nil {
		return nil, fault.New(fault.NotFound, "There is no such file.")
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
