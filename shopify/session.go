package shopify

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ErrSession is in the tree of every error of VerifySession.
var ErrSession = errors.New("shopify: session token refused")

const (
	// clockLeeway is the clock difference that Shopify's own libraries tolerate.
	clockLeeway = 10 * time.Second
	// maxSessionToken is far above the size of a real one, which is about 700 bytes.
	maxSessionToken = 8 << 10
)

// Session is who is looking at the app, as signed by Shopify. It lives for a minute.
type Session struct {
	Shop      string // the myshopify.com domain, in lower case
	UserID    string // of the staff member
	SessionID string // of their login; may be empty
	IssuedAt  time.Time
	ExpiresAt time.Time
}

type sessionClaims struct {
	jwt.RegisteredClaims
	Dest string `json:"dest"`
	SID  string `json:"sid"`
}

// VerifySession checks a session token's signature, algorithm, times, audience, issuer and destination.
func (a *App) VerifySession(token string) (Session, error) {
	if a.ClientID == "" || len(a.secrets()) == 0 {
		return Session{}, fmt.Errorf("%w: the app has no credentials", ErrSession)
	}
	if len(token) > maxSessionToken {
		return Session{}, fmt.Errorf("%w: too long", ErrSession)
	}
	var claims sessionClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithAudience(a.ClientID),
		jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(clockLeeway),
		jwt.WithTimeFunc(a.now),
	)
	if _, err := parser.ParseWithClaims(token, &claims, a.sessionKeys); err != nil {
		return Session{}, fmt.Errorf("%w: %w", ErrSession, err)
	}
	if claims.Subject == "" || claims.IssuedAt == nil {
		return Session{}, fmt.Errorf("%w: sub or iat is missing", ErrSession)
	}
	shop, err := sessionShop(claims.Issuer, claims.Dest)
	if err != nil {
		return Session{}, fmt.Errorf("%w: %w", ErrSession, err)
	}
	return Session{
		Shop:      shop,
		UserID:    claims.Subject,
		SessionID: claims.SID,
		IssuedAt:  claims.IssuedAt.UTC(),
		ExpiresAt: claims.ExpiresAt.UTC(),
	}, nil
}

func (a *App) sessionKeys(*jwt.Token) (any, error) {
	var set jwt.VerificationKeySet
	for _, secret := range a.secrets() {
		set.Keys = append(set.Keys, secret)
	}
	return set, nil
}

// sessionShop returns the one shop that issuer and destination name.
func sessionShop(iss, dest string) (string, error) {
	issuer, err := url.Parse(iss)
	if err != nil || issuer.Scheme != "https" || strings.TrimSuffix(issuer.Path, "/") != "/admin" {
		return "", errors.New("iss is not a shop's admin")
	}
	target, err := url.Parse(dest)
	if err != nil || target.Scheme != "https" || strings.TrimSuffix(target.Path, "/") != "" {
		return "", errors.New("dest is not a shop")
	}
	if !strings.EqualFold(issuer.Host, target.Host) {
		return "", errors.New("iss and dest are different shops")
	}
	if !shopPattern.MatchString(target.Host) {
		return "", errors.New("dest is not a myshopify.com domain")
	}
	return strings.ToLower(target.Host), nil
}
