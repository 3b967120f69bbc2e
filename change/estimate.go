package change

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

const (
	// pointsEach is what an item costs by single calls: a point to read it, ten to write it. One that is named by its id
	// or by a file is looked up before, for pointsNamed more.
	pointsEach  = 11
	pointsNamed = 1
	// directRate is how many records a second single calls do where the budget is plenty.
	directRate = 50
	// bulkSeconds is what one of Shopify's bulk operations is taken to last before a shop has had one, and bulkRate how
	// many records a second it is taken to do.
	bulkSeconds = 20
	bulkRate    = 100
	// bulkLeast keeps a handful of records out of bulk operations, whatever the budget.
	bulkLeast = 50
	// pastBulks is how many of the shop's earlier bulk operations are looked at.
	pastBulks = 21
)

// Estimate is how long an operation will take, and so which way it takes. It is kept with the operation.
type Estimate struct {
	Records       int     `json:"records"`
	Available     float64 `json:"available"`
	RestoreRate   float64 `json:"restoreRate"`
	DirectSeconds float64 `json:"directSeconds"`
	BulkSeconds   float64 `json:"bulkSeconds"`
	Bulk          bool    `json:"bulk"`
}

// seconds is how long the chosen way takes.
func (e *Estimate) seconds() int {
	s := e.DirectSeconds
	if e.Bulk {
		s = e.BulkSeconds
	}
	return int(s + 0.999)
}

// estimate tells how long the change takes by single calls and by bulk operations.
func (s *Service) estimate(ctx context.Context, shop *models.Shop, in *Input, f *found) (*Estimate, error) {
	e := &Estimate{Records: f.count}
	e.Available, e.RestoreRate = s.Shops.Shopify.Budget.Pace(ctx, shop.Domain)
	points := float64(f.count * pointsFor(in))
	e.DirectSeconds = max((points-max(e.Available-leaveFloor, 0))/e.RestoreRate, float64(f.count)/directRate)
	start, rate, err := s.bulkPace(ctx, shop)
	if err != nil {
		return nil, err
	}
	rounds := 1.0
	if collectsInBulk(in) && in.Kind != models.TagScan {
		rounds = 2 // once to read, once to write
	}
	e.BulkSeconds = rounds*start + float64(f.count)/rate
	e.Bulk = e.BulkSeconds < e.DirectSeconds && f.count >= bulkLeast || !f.exact
	if s.Way != nil {
		e.Bulk = *s.Way
	}
	return e, nil
}

// pointsFor is what a record of the change costs by single calls.
func pointsFor(in *Input) int {
	switch {
	case in.Kind == models.TagScan:
		return 1
	case len(in.Selection.IDs) > 0 || in.Selection.CSV != nil:
		return pointsEach + pointsNamed
	}
	return pointsEach
}

// collectsInBulk reports whether a bulk query can find the records.
func collectsInBulk(in *Input) bool {
	return in.Kind != models.Revert && len(in.Selection.IDs) == 0 && in.Selection.CSV == nil && in.Selection.Records == 0
}

// bulkPace returns how long the shop's bulk operations last that have little to do, in seconds, and how many records a
// second the larger ones do: the medians of the last ones.
func (s *Service) bulkPace(ctx context.Context, shop *models.Shop) (start, rate float64, err error) {
	var rows []models.OperationBulk
	err = s.DB.WithContext(ctx).Where("shop_id = ? AND status = ? AND began_at IS NOT NULL", shop.ID, models.BulkDone).
		Order("created_at DESC").Limit(pastBulks).Find(&rows).Error
	if err != nil {
		return 0, 0, fmt.Errorf("load bulk operations: %w", err)
	}
	var small, rates []float64
	for _, b := range rows {
		seconds := max(b.EndedAt.Sub(*b.BeganAt), 100*time.Millisecond).Seconds()
		if b.Lines < 1000 {
			small = append(small, seconds)
		} else {
			rates = append(rates, float64(b.Lines)/seconds)
		}
	}
	return median(small, bulkSeconds), median(rates, bulkRate), nil
}

func median(list []float64, otherwise float64) float64 {
	if len(list) == 0 {
		return otherwise
	}
	slices.Sort(list)
	return list[len(list)/2]
}
