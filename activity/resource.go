package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// maxOrigins is how many of a record's newest entries are looked at for who put its tags there.
const maxOrigins = 500

// Resource is a record of the shop as the log knows it.
type Resource struct {
	ID        string
	Type      string
	Title     string
	ChangedAt *time.Time
	DeletedAt *time.Time
	// DeliveryID is the newest delivery about it, or "".
	DeliveryID string
}

// NewResource returns what is known of a record that webhooks told of.
func NewResource(row *models.Resource) *Resource {
	return &Resource{
		ID:         row.ID,
		Type:       kindOf(row.Type),
		Title:      row.Title,
		ChangedAt:  &row.ChangedAt,
		DeletedAt:  row.DeletedAt,
		DeliveryID: row.DeliveryID,
	}
}

// kindOf returns the type of a record as entries name it.
func kindOf(resource models.ResourceType) string {
	return string(resource[:1]) + strings.ToLower(string(resource[1:]))
}

// Resource returns a record, or nil where nothing was ever heard of it.
func (s *Service) Resource(ctx context.Context, shop int64, id string) (*Resource, error) {
	if strings.ContainsRune(id, 0) {
		return nil, nil // no record can have it
	}
	var row models.Resource
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND id = ?", shop, id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load resource: %w", err)
	}
	return NewResource(&row), nil
}

// TagOrigin is where a tag on a record comes from.
type TagOrigin struct {
	Tag      string
	By       *models.Actor
	At       *time.Time
	Activity *Entry
}

// Origins returns the tags of a record with who put each of them there, as far as the log reaches back: the newest
// entry in which the tag came, or else the one that tells of the record's creation. The record had the tags at that
// time; what the log tells of since is taken into account.
func (s *Service) Origins(ctx context.Context, shop int64, r *Resource, tags models.Tags, at time.Time) ([]*TagOrigin, error) {
	var rows []models.Activity
	err := s.DB.WithContext(ctx).Select(light).
		Where("shop_id = ? AND entity_type = ? AND entity_id = ?", shop, r.Type, r.ID).
		Order("occurred_at DESC, id DESC").Limit(maxOrigins).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load activities of resource: %w", err)
	}
	// The entry that caused an echo says more than the echo.
	entries := slices.DeleteFunc(s.entries(rows), (*Entry).echoes)
	for _, e := range slices.Backward(entries) {
		if before, after := e.tagChange(); e.OccurredAt.After(at) {
			tags = tags.Without(before.Without(after...)...)
			for _, tag := range after {
				tags = tags.With(tag)
			}
		}
	}
	origins := make([]*TagOrigin, len(tags))
	for i, tag := range tags {
		origins[i] = &TagOrigin{Tag: tag}
	}
	for _, e := range entries {
		before, after := e.tagChange()
		for _, o := range origins {
			if o.Activity == nil && (after.Has(o.Tag) && !before.Has(o.Tag) || e.creates()) {
				o.By, o.At, o.Activity = e.Actor(), &e.OccurredAt, e
			}
		}
	}
	return origins, s.owners(ctx, shop, r, origins)
}

// owners fills in from whom we know that they put a tag there, where the entry has left the log.
func (s *Service) owners(ctx context.Context, shop int64, r *Resource, origins []*TagOrigin) error {
	missing := slices.ContainsFunc(origins, func(o *TagOrigin) bool { return o.Activity == nil })
	if !missing {
		return nil
	}
	var owned []models.TagOwner
	if err := s.DB.WithContext(ctx).Where("shop_id = ? AND resource_id = ?", shop, r.ID).Find(&owned).Error; err != nil {
		return fmt.Errorf("load tag owners: %w", err)
	}
	ids := make([]string, len(owned))
	for i, o := range owned {
		ids[i] = o.RuleID
	}
	var rules []models.Rule
	if err := s.DB.WithContext(ctx).Select("id", "name").Where("shop_id = ? AND id IN ?", shop, ids).Find(&rules).Error; err != nil {
		return fmt.Errorf("load rules of tags: %w", err)
	}
	for _, origin := range origins {
		for _, o := range owned {
			if origin.Activity != nil || o.TagKey != models.TagKey(origin.Tag) {
				continue
			}
			for i := range rules {
				if rules[i].ID == o.RuleID {
					origin.By = &models.Actor{Type: models.ActorRule, ID: &rules[i].ID, Name: rules[i].Name}
					origin.At = &o.Since
				}
			}
		}
	}
	return nil
}

// tagChange returns the record's tags before and after what the entry tells of.
func (e *Entry) tagChange() (before, after models.Tags) {
	for _, c := range e.Changes {
		if c.Field != "tags" {
			continue
		}
		var was, is []string
		if json.Unmarshal(c.Before, &was) == nil {
			before = was
		}
		if json.Unmarshal(c.After, &is) == nil {
			after = is
		}
	}
	return before, after
}

// told is what Tagtrail's own entries say in their metadata.
type told struct {
	Topic                string `json:"topic"`
	Echo                 bool   `json:"echo"`
	DuplicatesSuppressed int    `json:"duplicatesSuppressed"`
}

func (e *Entry) told() told {
	var t told
	if e.Type != models.Webhook || json.Unmarshal(e.Metadata, &t) != nil {
		return told{} // somebody else's metadata says nothing of this
	}
	return t
}

// echoes reports whether the entry tells of our own change coming back.
func (e *Entry) echoes() bool { return e.told().Echo }

// creates reports whether the entry tells of the creation of its record: what was on it then, came with it.
func (e *Entry) creates() bool { return strings.HasSuffix(e.told().Topic, "/create") }
