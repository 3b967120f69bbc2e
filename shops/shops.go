// Package shops knows who installed us: installing, tokens, staff, plan.
package shops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
)

// Billing says how a shop's plan is known.
type Billing string

const (
	// BillingNone gives every shop everything: the operator pays, as with an app made for one merchant.
	BillingNone Billing = "none"
	// BillingShopify gives a shop PRO while it has an active subscription of the app.
	BillingShopify Billing = "shopify"
)

// The default periods of a new shop, in days.
const (
	bodyDays     = 30
	snapshotDays = 90
)

// Service knows every shop.
type Service struct {
	DB       *gorm.DB
	Shopify  *shopify.App
	Sealer   *Sealer
	Activity *activity.Service
	Notify   *notify.Service
	Log      *slog.Logger
	Billing  Billing
	// WebhookURL is where Shopify is told to deliver.
	WebhookURL string
	// AdminURL is where a shop's admin opens, with {handle} or {shop} in it.
	AdminURL string
}

// ErrUnknown says that no such shop is installed.
var ErrUnknown = errors.New("shop is not installed")

// ByDomain returns the shop with that myshopify.com name, installed now or once.
func (s *Service) ByDomain(ctx context.Context, domain string) (*models.Shop, error) {
	var shop models.Shop
	err := s.DB.WithContext(ctx).Where("domain = ?", domain).Take(&shop).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("load shop: %w", err)
	}
	return &shop, nil
}

// ByID returns the shop with that id.
func (s *Service) ByID(ctx context.Context, id int64) (*models.Shop, error) {
	var shop models.Shop
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(&shop).Error; err != nil {
		return nil, fmt.Errorf("load shop %d: %w", id, err)
	}
	return &shop, nil
}

// Client returns a client for the shop's Admin API.
func (s *Service) Client(shop *models.Shop) *shopify.Client {
	return s.Shopify.Client(shop.Domain, func(ctx context.Context, refused string) (string, error) {
		return s.accessToken(ctx, shop.ID, refused)
	})
}

// Session is who is asking: a person of a shop's staff, or a program with an API key.
type Session struct {
	Shop  *models.Shop
	Actor models.Actor
	// Key is the program's key, nil for a person.
	Key *models.APIKey
	// SeesCustomers is whether they may read customers in Shopify, and so customers' personal fields here.
	SeesCustomers bool
}

// Session checks a session token, installs the shop on its first one, and gets to know the person; or it checks an API
// key.
func (s *Service) Session(ctx context.Context, token string) (*Session, error) {
	if strings.HasPrefix(token, keyPrefix) {
		return s.keySession(ctx, token)
	}
	claims, err := s.Shopify.VerifySession(token)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unauthenticated, "The session is not valid. Reload the page.")
	}
	shop, err := s.ByDomain(ctx, claims.Shop)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return nil, err
	}
	if err != nil || !installed(shop) {
		if shop, err = s.installOnce(ctx, claims.Shop, token); err != nil {
			return nil, err
		}
	}
	person, err := s.staff(ctx, shop, claims.UserID, token)
	if err != nil {
		return nil, err
	}
	return &Session{Shop: shop, Actor: person.Actor(), SeesCustomers: person.May("read_customers")}, nil
}

const (
	// askEvery is how long what Shopify said of a person's rights is good for; askAgain is when to ask again after it did
	// not answer.
	askEvery = 24 * time.Hour
	askAgain = 5 * time.Minute
)

// staff returns the person, whose name and rights Shopify tells only with a token of their own.
func (s *Service) staff(ctx context.Context, shop *models.Shop, id, token string) (*models.Staff, error) {
	var known models.Staff
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND id = ?", shop.ID, id).Take(&known).Error
	if err == nil {
		return &known, s.refreshRights(ctx, shop, &known, token)
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("load staff: %w", err)
	}
	now := models.Now()
	person := &models.Staff{ShopID: shop.ID, ID: id, FirstSeenAt: now, AskedAt: &now}
	_, user, err := s.Shopify.ExchangeOnline(ctx, shop.Domain, token)
	if err != nil || user.Name == "" {
		// They stay unknown in this session, and are asked about again in the next one.
		s.Log.Warn("staff member's name not known", "shop", shop.Domain, "err", err)
		person.Name = "Unknown staff member"
		return person, nil
	}
	person.Name, person.Scopes = user.Name, user.Scopes
	return person, s.greet(ctx, shop, person)
}

// refreshRights asks Shopify once a day what the person may do. Of several sessions that begin at once, one asks.
func (s *Service) refreshRights(ctx context.Context, shop *models.Shop, person *models.Staff, token string) error {
	now := models.Now()
	if person.AskedAt != nil && now.Sub(*person.AskedAt) < askEvery {
		return nil
	}
	row := s.DB.WithContext(ctx).Model(&models.Staff{}).Where("shop_id = ? AND id = ?", shop.ID, person.ID)
	res := row.Session(&gorm.Session{}).Where("asked_at IS NULL OR asked_at <= ?", now.Add(-askEvery)).
		Update("asked_at", now.Add(askAgain-askEvery))
	if res.Error != nil {
		return fmt.Errorf("save staff: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	_, user, err := s.Shopify.ExchangeOnline(ctx, shop.Domain, token)
	if err != nil {
		s.Log.Warn("staff member's rights not refreshed", "shop", shop.Domain, "err", err)
		return nil
	}
	person.Scopes, person.AskedAt = user.Scopes, &now
	if err := row.Session(&gorm.Session{}).Select("Scopes", "AskedAt").Updates(person).Error; err != nil {
		return fmt.Errorf("save staff: %w", err)
	}
	return nil
}

func (s *Service) greet(ctx context.Context, shop *models.Shop, person *models.Staff) error {
	return s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := tx.DB.Save(person).Error; err != nil {
			return fmt.Errorf("save staff: %w", err)
		}
		at := person.FirstSeenAt
		return tx.Record(&models.Activity{
			ID:         models.DerivedID(at, shop.Domain, "staff "+person.ID),
			OccurredAt: at,
			Type:       models.SystemEvent,
			Action:     activity.StaffFirstSeen,
			Status:     models.Success,
			Summary:    person.Name + " opened Tagtrail for the first time",
			ActorType:  models.ActorStaff,
			ActorID:    &person.ID,
			ActorName:  person.Name,
		})
	})
}
