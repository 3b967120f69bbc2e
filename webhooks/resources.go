package webhooks

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
)

const (
	// maxResources is how many records one search returns.
	maxResources = 50
	// askTimeout is how long a search waits for Shopify: what we know ourselves is shown without it.
	askTimeout = 3 * time.Second
	// leastID is from where on a bare number is looked for as an id, too: Shopify's ids are longer than order numbers.
	leastID = 1_000_000
)

var (
	gidPattern    = regexp.MustCompile(`^(?i:gid://shopify/(order|customer|product)/([0-9]{1,19}))$`)
	numberPattern = regexp.MustCompile(`^#?[0-9]{1,19}$`)
)

// taggable are the kinds of record that rules are about.
var taggable = []models.ResourceType{models.Order, models.Customer, models.Product}

// Resources finds records by how their name begins, by number or by id: those that webhooks told of, then by number or
// id the one that only Shopify knows. Shopify is asked where we know nothing; when it does not answer, that is all.
func (s *Service) Resources(ctx context.Context, shop *models.Shop, search string, kind *models.ResourceType, first int) ([]*activity.Resource, error) {
	if first < 1 || first > maxResources {
		return nil, fault.New(fault.Invalid, "first must be between 1 and %d.", maxResources)
	}
	search = strings.TrimSpace(storable(search))
	if search == "" {
		return []*activity.Resource{}, nil
	}
	kinds := taggable
	if kind != nil {
		kinds = []models.ResourceType{*kind}
	}
	ids := idsOf(search, kinds)
	rows, err := s.known(ctx, shop.ID, search, kinds, ids, first)
	if err != nil {
		return nil, err
	}
	found := make([]*activity.Resource, len(rows))
	for i := range rows {
		found[i] = activity.NewResource(&rows[i])
	}
	if len(found) == 0 && shop.UninstalledAt == nil {
		if only := s.knownToShopify(ctx, shop, search, kinds, ids); only != nil {
			found = append(found, only)
		}
	}
	return found, nil
}

// idsOf returns the global ids that a search may mean.
func idsOf(search string, kinds []models.ResourceType) []string {
	number := search
	if parts := gidPattern.FindStringSubmatch(search); parts != nil {
		kind := models.ResourceType(strings.ToUpper(parts[1]))
		for _, k := range kinds {
			if k == kind {
				return []string{"gid://shopify/" + change.KindName(kind) + "/" + parts[2]}
			}
		}
		return nil
	}
	if !numberPattern.MatchString(number) || strings.HasPrefix(number, "#") || len(number) < len(fmt.Sprint(leastID)) {
		return nil
	}
	ids := make([]string, len(kinds))
	for i, kind := range kinds {
		ids[i] = "gid://shopify/" + change.KindName(kind) + "/" + number
	}
	return ids
}

// known returns the records that webhooks told of: by id, or by how their titles begin, in the order of the titles.
func (s *Service) known(ctx context.Context, shop int64, search string, kinds []models.ResourceType, ids []string, first int) ([]models.Resource, error) {
	var rows []models.Resource
	if len(ids) > 0 {
		err := s.DB.WithContext(ctx).Where("shop_id = ? AND id IN ?", shop, ids).Order("type, id").Find(&rows).Error
		if err != nil || len(rows) > 0 {
			return rows, wrapped(err)
		}
	}
	// A walk of its own for each kind: so each reads as many rows of the index as are wanted, and no more.
	for _, kind := range kinds {
		for _, prefix := range prefixes(search, kind) {
			var some []models.Resource
			err := s.DB.WithContext(ctx).Where("shop_id = ? AND type = ?", shop, kind).Scopes(titled(prefix)).
				Limit(first - len(rows)).Find(&some).Error
			if err != nil {
				return nil, wrapped(err)
			}
			if rows = append(rows, some...); len(rows) >= first {
				return rows, nil
			}
		}
	}
	return rows, nil
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("find resources: %w", err)
}

// prefixes are how a title may begin: an order's number is known by people without its sign.
func prefixes(search string, kind models.ResourceType) []string {
	if kind == models.Order && numberPattern.MatchString(search) && !strings.HasPrefix(search, "#") {
		return []string{"#" + search, search}
	}
	return []string{search}
}

// titled narrows to titles that begin so and orders by them, in the case that the database folds. The range is one that
// the index knows: on Postgres by its pattern operators, whatever the collation; SQLite compares bytes.
func titled(prefix string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		last := prefix + "\U0010FFFF"
		if models.IsPostgres(db) {
			return db.Where("lower(title) ~>=~ lower(?) AND lower(title) ~<~ lower(?)", prefix, last).Order("lower(title) USING ~<~, id")
		}
		return db.Where("lower(title) >= lower(?) AND lower(title) < lower(?)", prefix, last).Order("lower(title), id")
	}
}

// knownToShopify asks Shopify for a record of which no webhook told yet, or returns nil.
func (s *Service) knownToShopify(ctx context.Context, shop *models.Shop, search string, kinds []models.ResourceType, ids []string) *activity.Resource {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client := s.Shops.Client(shop)
	for _, id := range ids {
		owner, _, err := client.Tags(ctx, id)
		if err == nil {
			return unheard(owner)
		}
		if shopify.KindOf(err) != shopify.Gone {
			s.Log.WarnContext(ctx, "record not looked up at Shopify", "shop", shop.Domain, "err", err)
			return nil
		}
	}
	if len(ids) > 0 || kinds[0] != models.Order || !numberPattern.MatchString(search) {
		return nil
	}
	page, _, err := client.Search(ctx, shopify.SearchInput{Type: "Order", Query: "name:" + strings.TrimPrefix(search, "#"), First: 1})
	if err != nil {
		s.Log.WarnContext(ctx, "order not looked up at Shopify", "shop", shop.Domain, "err", err)
		return nil
	}
	if len(page.Owners) == 0 {
		return nil
	}
	return unheard(page.Owners[0])
}

func unheard(owner shopify.TagOwner) *activity.Resource {
	return &activity.Resource{ID: owner.ID, Type: owner.Type, Title: owner.Title}
}

// RecordURL returns where a record opens in the Shopify admin, or nil once it is deleted.
func (s *Service) RecordURL(shop *models.Shop, r *activity.Resource) *string {
	if r.DeletedAt != nil {
		return nil
	}
	return s.Shops.RecordURL(shop, r.ID)
}

// Tags returns the tags that a record had when it was last heard of, with who put them there.
func (s *Service) Tags(ctx context.Context, shop *models.Shop, r *activity.Resource) ([]*activity.TagOrigin, error) {
	if r.DeliveryID == "" {
		return []*activity.TagOrigin{}, nil
	}
	tags, at, err := s.lastTags(ctx, shop.ID, r)
	if err != nil {
		return nil, err
	}
	return s.Activity.Origins(ctx, shop.ID, r, tags, at)
}

// lastTags returns a record's tags as the newer of two tells them, its last webhook or our last write to it, and when
// they were so. A customer's webhooks do not tell them.
func (s *Service) lastTags(ctx context.Context, shop int64, r *activity.Resource) (models.Tags, time.Time, error) {
	var last models.Snapshot
	err := s.DB.WithContext(ctx).
		Where("shop_id = ? AND resource_id = ? AND outcome = ?", shop, r.ID, models.SnapshotSucceeded).
		Order("created_at DESC, id DESC").Limit(1).Find(&last).Error
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("load last write: %w", err)
	}
	facts, err := s.factsOf(ctx, shop, r.DeliveryID, models.ResourceType(strings.ToUpper(r.Type)))
	if err != nil {
		return nil, time.Time{}, err
	}
	if facts != nil && facts.TagsKnown && (last.FinishedAt == nil || r.ChangedAt.After(*last.FinishedAt)) {
		return facts.Tags, *r.ChangedAt, nil
	}
	if last.FinishedAt == nil {
		return nil, time.Time{}, nil
	}
	return last.After, *last.FinishedAt, nil
}
