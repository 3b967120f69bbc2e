package shops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// installLease bounds how long one session may be busy with installing a shop, and installWait is how often the others
	// look whether it is done.
	installLease = 30 * time.Second
	installWait  = 100 * time.Millisecond
)

// installed reports whether nothing is left to do for a shop that has the app.
func installed(shop *models.Shop) bool { return shop.UninstalledAt == nil && shop.WebhooksAt != nil }

// installOnce installs a shop for one session at a time. A page asks for several things at once when it is opened first,
// and of the tokens that a shop was given only the last one is good.
func (s *Service) installOnce(ctx context.Context, domain, sessionToken string) (*models.Shop, error) {
	// The shop has no id yet.
	const nobody = 0
	name, owner := "install "+domain, models.NewID(models.Now())
	for {
		locked, err := models.Acquire(ctx, s.DB, nobody, name, owner, installLease)
		if err != nil {
			return nil, err
		}
		if locked {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(installWait):
		}
	}
	shop, err := s.ByDomain(ctx, domain)
	if errors.Is(err, ErrUnknown) || err == nil && !installed(shop) {
		shop, err = s.install(ctx, domain, sessionToken)
	}
	if releaseErr := models.Release(context.WithoutCancel(ctx), s.DB, nobody, name, owner); err == nil {
		err = releaseErr
	}
	return shop, err
}

// Install installs the shop that a session token is for, also where it was installed before.
func (s *Service) Install(ctx context.Context, sessionToken string) (*models.Shop, error) {
	claims, err := s.Shopify.VerifySession(sessionToken)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unauthenticated, "The session is not valid. Reload the page.")
	}
	return s.install(ctx, claims.Shop, sessionToken)
}

// install exchanges a session token for the shop's own token, writes the shop down and asks for its webhooks. Each
// step may be run again: what a crash leaves is taken up by the next session, or by Refresh.
func (s *Service) install(ctx context.Context, domain, sessionToken string) (*models.Shop, error) {
	token, err := s.Shopify.ExchangeOffline(ctx, domain, sessionToken)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Shopify did not let Tagtrail into the shop. Reload the page; if it stays so, install the app again.")
	}
	client := s.Shopify.Client(domain, func(context.Context, string) (string, error) { return token.AccessToken, nil })
	info, _, err := client.Shop(ctx)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Shopify did not answer. Reload the page in a minute.")
	}
	shop, err := s.save(ctx, domain, info, token)
	if err != nil {
		return nil, err
	}
	if err := s.subscribe(ctx, shop); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Shopify did not take our webhooks. Reload the page in a minute.")
	}
	return shop, nil
}

// save writes the shop with its tokens, and the entry that tells of it.
func (s *Service) save(ctx context.Context, domain string, info shopify.ShopInfo, token shopify.Token) (*models.Shop, error) {
	now := models.Now()
	shop := &models.Shop{
		Domain:      domain,
		Settings:    models.Settings{RetentionDays: int(models.ClassShort), WebhookBodyDays: bodyDays, SnapshotDays: snapshotDays},
		InstalledAt: now,
	}
	s.describe(shop, info)
	if shop.Plan == models.PlanPro {
		shop.RetentionDays = int(models.ClassLong)
	}
	if err := s.seal(shop, token); err != nil {
		return nil, err
	}
	err := models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "domain"}},
			DoUpdates: clause.AssignmentColumns([]string{
				"gid", "name", "plan", "timezone", "currency", "scopes", "access_token", "token_expires_at",
				"refresh_token", "refresh_expires_at", "installed_at", "uninstalled_at", "webhooks_at", "updated_at",
			}),
		}).Create(shop).Error
	})
	if err != nil {
		return nil, fmt.Errorf("save shop: %w", err)
	}
	if shop, err = s.ByDomain(ctx, domain); err != nil { // an update does not tell the id on every database
		return nil, err
	}
	entry := &models.Activity{
		ID:         models.DerivedID(shop.InstalledAt, domain, "install"),
		OccurredAt: shop.InstalledAt,
		Type:       models.SystemEvent,
		Action:     activity.AppInstalled,
		Status:     models.Success,
		Summary:    "Tagtrail installed",
		ActorType:  models.ActorSystem,
		ActorName:  activity.System().Name,
	}
	return shop, s.Activity.Record(ctx, shop, entry)
}

func (s *Service) describe(shop *models.Shop, info shopify.ShopInfo) {
	shop.GID = info.ID
	shop.Name = info.Name
	shop.Timezone = info.Timezone
	shop.Currency = info.Currency
	shop.Scopes = strings.Join(info.Scopes, ",")
	shop.Plan = models.PlanPro
	if s.Billing == BillingShopify && len(info.Subscriptions) == 0 {
		shop.Plan = models.PlanFree
	}
}

func (s *Service) subscribe(ctx context.Context, shop *models.Shop) error {
	if err := s.Client(shop).EnsureWebhooks(ctx, s.WebhookURL, topicsFor(shop.Scopes)); err != nil {
		return fmt.Errorf("ask for webhooks: %w", err)
	}
	now := models.Now()
	shop.WebhooksAt = &now
	err := s.DB.WithContext(ctx).Model(&models.Shop{}).Where("id = ?", shop.ID).Update("webhooks_at", now).Error
	if err != nil {
		return fmt.Errorf("save shop: %w", err)
	}
	return nil
}

// RefreshAll looks again at every installed shop: its name, time zone and plan, and that its webhooks are there,
// which Shopify deletes after enough failures.
func (s *Service) RefreshAll(ctx context.Context) error {
	var ids []int64
	err := s.DB.WithContext(ctx).Model(&models.Shop{}).Where("uninstalled_at IS NULL").Order("id").Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("list shops: %w", err)
	}
	var failed []error
	for _, id := range ids {
		if err := s.refresh(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("refresh shop %d: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) refresh(ctx context.Context, id int64) error {
	shop, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	info, _, err := s.Client(shop).Shop(ctx)
	if err != nil {
		return err
	}
	s.describe(shop, info)
	if err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error { return s.noteChanges(tx, shop) }); err != nil {
		return err
	}
	return s.subscribe(ctx, shop)
}

// noteChanges saves what Shopify says of the shop, with an entry for what is new. Workers that ask at once take turns.
func (s *Service) noteChanges(tx *activity.Tx, shop *models.Shop) error {
	known, err := lockShop(tx, shop.ID)
	if err != nil {
		return err
	}
	kept := within(shop.Plan, known, models.Now())
	changes := settingChanges(described(known), described(shop))
	changes = append(changes, settingChanges(shownSettings(known.Settings), shownSettings(kept))...)
	if len(changes) == 0 || known.UninstalledAt != nil {
		return nil
	}
	ends := kept.ShortenedAt != nil && known.ShortenedAt == nil
	if err := keep(tx, known, kept); err != nil {
		return err
	}
	err = tx.DB.Model(&models.Shop{}).Where("id = ?", shop.ID).
		Select("GID", "Name", "Timezone", "Currency", "Scopes", "Plan").Updates(shop).Error
	if err != nil {
		return fmt.Errorf("save shop: %w", err)
	}
	entry := &models.Activity{
		Type:      models.SystemEvent,
		Action:    activity.SettingsChanged,
		Status:    models.Success,
		Summary:   "Settings of the shop changed: " + fieldNames(changes),
		Changes:   changes,
		ActorType: models.ActorExternal, // who did it there, Shopify does not tell
		ActorID:   &shopifyActor,
		ActorName: "Shopify",
	}
	if ends {
		code, message := activity.CodePlanEnded, fmt.Sprintf("The shop has no PRO plan any more. From %s on, entries are kept for %d days; until then nothing changes. Choose the plan again to keep them, or export them before.",
			kept.ShortenedAt.In(shop.Zone()).Format("2 Jan 2006"), models.ClassShort)
		entry.Status, entry.ErrorCode, entry.ErrorMessage = models.Warning, &code, &message
		if err := s.mailShortened(tx, shop, kept); err != nil {
			return err
		}
	}
	return tx.Record(entry)
}

// shopifyActor is Shopify's id as an actor, the same as of its webhooks.
var shopifyActor = "shopify"

func described(shop *models.Shop) map[string]string {
	return map[string]string{
		"id": shop.GID, "name": shop.Name, "timezone": shop.Timezone, "currency": shop.Currency, "scopes": shop.Scopes,
		"plan": string(shop.Plan),
	}
}

// Uninstall forgets a shop's tokens. Its log stays until its time is over.
func (s *Service) Uninstall(tx *activity.Tx, shop *models.Shop, at time.Time, cause string) error {
	// A shop that was installed again meanwhile stays: the delivery tells of the time before.
	res := tx.DB.Model(&models.Shop{}).
		Where("id = ? AND uninstalled_at IS NULL AND installed_at <= ?", shop.ID, at).
		Updates(map[string]any{
			"uninstalled_at": at, "access_token": nil, "refresh_token": nil, "token_expires_at": nil,
			"refresh_expires_at": nil, "webhooks_at": nil,
		})
	if res.Error != nil {
		return fmt.Errorf("save shop: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	at = at.Truncate(time.Millisecond)
	return tx.Record(&models.Activity{
		ID:         models.DerivedID(at, cause, "uninstall"),
		OccurredAt: at,
		Type:       models.SystemEvent,
		Action:     activity.AppUninstalled,
		Status:     models.Success,
		Summary:    "Tagtrail uninstalled",
		ActorType:  models.ActorSystem,
		ActorName:  activity.System().Name,
		CauseID:    &cause,
	})
}
