package shops

import (
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

const (
	// refreshEarly is how long before its end a token is replaced, as Shopify's own library does.
	refreshEarly = 5 * time.Minute
	// refreshLease bounds how long one process may be busy with replacing a shop's token.
	refreshLease = 30 * time.Second
	// otherRefreshes is when to come back while another process replaces the token.
	otherRefreshes = 500 * time.Millisecond
)

func (s *Service) seal(shop *models.Shop, token shopify.Token) error {
	access, err := s.Sealer.Seal(shop.Domain+" access", token.AccessToken)
	if err != nil {
		return err
	}
	shop.AccessToken, shop.RefreshToken = access, nil
	shop.TokenExpiresAt, shop.RefreshExpiresAt = instant(token.ExpiresAt), instant(token.RefreshExpiresAt)
	if token.RefreshToken == "" {
		return nil
	}
	shop.RefreshToken, err = s.Sealer.Seal(shop.Domain+" refresh", token.RefreshToken)
	return err
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

// accessToken returns the shop's token, a new one if it is about to end or is the one that Shopify refused.
func (s *Service) accessToken(ctx context.Context, id int64, refused string) (string, error) {
	shop, token, err := s.openToken(ctx, id)
	if err != nil {
		return "", err
	}
	if usable(shop, token, refused) {
		return token, nil
	}
	owner := models.NewID(models.Now())
	locked, err := models.Acquire(ctx, s.DB, id, "token", owner, refreshLease)
	if err != nil {
		return "", err
	}
	if !locked {
		if refused == "" && shop.TokenExpiresAt.After(models.Now()) {
			return token, nil // it is good for a while yet
		}
		return "", &shopify.Error{
			Kind:    shopify.Throttled,
			Shop:    shop.Domain,
			Message: "another process is replacing the access token",
			RetryAt: models.Now().Add(otherRefreshes),
		}
	}
	token, err = s.refreshToken(ctx, id, refused)
	if releaseErr := models.Release(ctx, s.DB, id, "token", owner); err == nil {
		err = releaseErr
	}
	return token, err
}

func (s *Service) openToken(ctx context.Context, id int64) (*models.Shop, string, error) {
	shop, err := s.ByID(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if shop.AccessToken == nil {
		return nil, "", &shopify.Error{Kind: shopify.Unauthorized, Shop: shop.Domain, Message: "the app is not installed"}
	}
	token, err := s.Sealer.Open(shop.Domain+" access", shop.AccessToken)
	return shop, token, err
}

func usable(shop *models.Shop, token, refused string) bool {
	if token == refused {
		return false
	}
	return shop.TokenExpiresAt == nil || models.Now().Before(shop.TokenExpiresAt.Add(-refreshEarly))
}

// refreshToken runs with the lock: it looks again, since another process may have done it.
func (s *Service) refreshToken(ctx context.Context, id int64, refused string) (string, error) {
	shop, token, err := s.openToken(ctx, id)
	if err != nil {
		return "", err
	}
	if usable(shop, token, refused) {
		return token, nil
	}
	if shop.RefreshToken == nil {
		return token, nil // a token that never ends cannot be replaced: Shopify's answer to it stands
	}
	refresh, err := s.Sealer.Open(shop.Domain+" refresh", shop.RefreshToken)
	if err != nil {
		return "", err
	}
	fresh, err := s.Shopify.Refresh(ctx, shop.Domain, refresh)
	if err != nil {
		return "", err
	}
	if err := s.seal(shop, fresh); err != nil {
		return "", err
	}
	// The old refresh token stays good until the new one is used, so a crash before this line loses nothing.
	err = s.DB.WithContext(ctx).Model(&models.Shop{}).Where("id = ?", id).
		Select("AccessToken", "TokenExpiresAt", "RefreshToken", "RefreshExpiresAt").Updates(shop).Error
	if err != nil {
		return "", fmt.Errorf("save token: %w", err)
	}
	return fresh.AccessToken, nil
}
