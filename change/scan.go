package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// maxFindings is how many findings are shown, and maxScanned how many different tags are looked at for them.
	maxFindings = 500
	maxScanned  = 200_000
)

// countTags adds the tags of records to what a scan has counted. It is kept with how far the scan came, so that each
// record counts once.
func (r *run) countTags(tx *activity.Tx, items []models.Snapshot) error {
	byTag := map[string]*models.ScannedTag{}
	for i := range items {
		r.op.Total++
		if items[i].Outcome == models.SnapshotFailed {
			r.op.Failed++
			continue
		}
		r.op.Unchanged++
		for _, tag := range items[i].Before {
			if byTag[tag] == nil {
				byTag[tag] = &models.ScannedTag{ShopID: r.shop.ID, OperationID: r.op.ID, Tag: tag, Folded: fold(tag), ResourceID: items[i].ResourceID}
			}
			byTag[tag].Records++
		}
	}
	rows := make([]*models.ScannedTag, 0, len(byTag))
	for _, row := range byTag {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *models.ScannedTag) int { return cmp.Compare(a.Tag, b.Tag) })
	for some := range slices.Chunk(rows, rowsAtOnce) {
		err := tx.DB.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "shop_id"}, {Name: "operation_id"}, {Name: "tag"}},
			DoUpdates: clause.Assignments(map[string]any{"records": gorm.Expr("scanned_tags.records + excluded.records")}),
		}).Create(&some).Error
		if err != nil {
			return fmt.Errorf("count tags: %w", err)
		}
	}
	return nil
}

// LastScan returns what the last scan of a kind of record found, or nil where there was none.
func (s *Service) LastScan(ctx context.Context, shop *models.Shop, resource models.ResourceType) (*TagScan, error) {
	if !slices.Contains([]models.ResourceType{models.Order, models.Customer, models.Product}, resource) {
		return nil, fault.New(fault.Invalid, "Scans are about orders, customers or products.")
	}
	var row models.Operation
	err := s.DB.WithContext(ctx).Omit("file").
		Where("shop_id = ? AND kind = ? AND resource = ?", shop.ID, models.TagScan, resource).
		Order("created_at DESC, id DESC").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load scan: %w", err)
	}
	list, err := s.together(shop, []models.Operation{row})
	if err != nil {
		return nil, err
	}
	scan := &TagScan{Operation: list[0], Findings: []*Finding{}}
	var tags []models.ScannedTag
	err = s.DB.WithContext(ctx).Where("shop_id = ? AND operation_id = ?", shop.ID, row.ID).
		Order("records DESC, tag").Limit(maxScanned).Find(&tags).Error
	if err != nil {
		return nil, fmt.Errorf("load scanned tags: %w", err)
	}
	scan.Tags = len(tags)
	scan.Findings = findingsOf(resource, tags, row.Unchanged)
	return scan, nil
}

// findingsOf says what is wrong with tags, those with most records first.
func findingsOf(resource models.ResourceType, tags []models.ScannedTag, records int) []*Finding {
	findings := []*Finding{}
	bySpelling := map[string][]*TagCount{}
	for i := range tags {
		t := &tags[i]
		count := &TagCount{Tag: t.Tag, Records: t.Records, ResourceID: t.ResourceID}
		if f := findingOf(resource, count); f != nil {
			findings = append(findings, f)
			continue
		}
		if t.Folded != "" {
			bySpelling[t.Folded] = append(bySpelling[t.Folded], count)
		}
	}
	for _, same := range bySpelling {
		if len(same) > 1 {
			best := same[0].Tag // the most frequent: the tags come in that order
			findings = append(findings, &Finding{Kind: Spellings, Tags: same, Suggestion: &best})
		} else if same[0].Records == 1 && records > 1 {
			findings = append(findings, &Finding{Kind: Orphaned, Tags: same})
		}
	}
	slices.SortFunc(findings, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(b.records(), a.records()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Tags[0].Tag, b.Tags[0].Tag))
	})
	return findings[:min(len(findings), maxFindings)]
}

func (f *Finding) records() int {
	n := 0
	for _, t := range f.Tags {
		n += t.Records
	}
	return n
}

// findingOf says what is wrong with one tag by itself, or nil. What it suggests is what a clean-up of data makes of it.
func findingOf(resource models.ResourceType, count *TagCount) *Finding {
	f := &Finding{Tags: []*TagCount{count}}
	mended := mendTag(count.Tag)
	if len(mended) == 1 && mended[0] != "" {
		f.Suggestion = &mended[0]
	}
	switch {
	case utf8.RuneCountInString(count.Tag) > TagLength(resource):
		f.Kind = TooLong
		if f.Suggestion != nil && utf8.RuneCountInString(*f.Suggestion) > TagLength(resource) {
			f.Suggestion = nil
		}
	case len(mended) == 1 && mended[0] == count.Tag:
		return nil
	case len(mended) == 1 && mended[0] == models.CleanTag(count.Tag):
		f.Kind = WhiteSpace
	default:
		f.Kind = Malformed
	}
	return f
}
