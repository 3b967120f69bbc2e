package activity

import (
	"context"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
)

// ByIDs returns the entries with these ids, by id, read together. Those that have left the log are not among them.
func (s *Service) ByIDs(ctx context.Context, shop int64, ids []string) (map[string]*Entry, error) {
	p := &page{db: s.DB, shop: shop}
	rows, err := p.byIDs(ctx, ids, light...)
	if err != nil {
		return nil, fmt.Errorf("load activities: %w", err)
	}
	found := make(map[string]*Entry, len(rows))
	for _, e := range s.entries(rows) {
		found[e.ID] = e
	}
	return found, nil
}

// Unkept returns an entry as if it had been read. It is for what another room knows of an entry that has left the log.
func (s *Service) Unkept(row *models.Activity) *Entry {
	fillIn(row)
	if row.History == nil {
		row.History = []models.StatusChange{}
	}
	row.Categories |= categoriesOf(row.Type, row.Action)
	return s.entries([]models.Activity{*row})[0]
}
