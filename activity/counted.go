package activity

import (
	"context"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// counted returns how many of the shop's entries match the filter, where the counts can tell.
func (s *Service) counted(ctx context.Context, shop int64, filter *Filter) (count int64, known bool, err error) {
	if !filter.counted() {
		return 0, false, nil
	}
	t := &tally{filter: filter, kinds: map[models.Kind]int64{}}
	err = models.InSnapshot(ctx, s.DB, func(tx *gorm.DB) error {
		if err := t.begin(tx, shop, "UTC"); err != nil || !t.exact {
			return err
		}
		return t.count()
	})
	if err != nil {
		return 0, false, fmt.Errorf("count activities: %w", err)
	}
	for _, entries := range t.kinds {
		count += entries
	}
	return count, t.exact, nil
}
