package activity

import (
	"context"
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// Resource is a record of the shop as the log knows it.
type Resource struct {
	ID        string
	Type      string
	Title     string
	ChangedAt *time.Time
	DeletedAt *time.Time

	shop int64
	s    *Service
}

// TagOrigin is where a tag on a record comes from.
type TagOrigin struct {
	Tag      string
	By       *models.Actor
	At       *time.Time
	Activity *Entry
}

// Tags returns the tags that the record had when it was last heard of, with who put them there.
func (r *Resource) Tags(ctx context.Context) ([]*TagOrigin, error) {
	return nil, errors.New("not built yet")
}

// Resource returns a record, or nil where nothing was ever heard of it.
func (s *Service) Resource(ctx context.Context, shop int64, id string) (*Resource, error) {
	return nil, errors.New("not built yet")
}
