package shopify

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"
)

const (
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	grantRefresh  = "refresh_token"
	typeSession   = "urn:ietf:params:oauth:token-type:id_token"
	typeOffline   = "urn:shopify:params:oauth:token-type:offline-access-token"
	typeOnline    = "urn:shopify:params:oauth:token-type:online-access-token"
)

// Token is access to a shop's Admin API. It must be sealed before it is stored, and never logged.
type Token struct {
	AccessToken  string
	Scope        string // granted scopes, joined by commas
	RefreshToken string
	// ExpiresAt is when the access token ends, RefreshExpiresAt when the refresh token does. Zero: never.
	ExpiresAt        time.Time
	RefreshExpiresAt time.Time
}

// String keeps tokens out of log lines and error messages.
func (Token) String() string { return "[token]" }

// GoString does the same for %#v.
func (Token) GoString() string { return "[token]" }

// LogValue does the same for slog.
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// User is the staff member behind an online token.
type User struct {
	ID     string
	Name   string
	Email  string
	Scopes string // what they may do of what the app may, joined by commas
}

// ExchangeOffline trades a session token for an expiring token of the app itself, which works while nobody looks.
func (a *App) ExchangeOffline(ctx context.Context, shop, sessionToken string) (Token, error) {
	t, _, err := a.grant(ctx, "ExchangeOffline", shop, tokenRequest{
		GrantType:          grantExchange,
		SubjectToken:       sessionToken,
		SubjectTokenType:   typeSession,
		RequestedTokenType: typeOffline,
		Expiring:           "1",
	})
	return t, err
}

// ExchangeOnline trades a session token for a token of the staff member who looks, and tells who that is.
func (a *App) ExchangeOnline(ctx context.Context, shop, sessionToken string) (Token, User, error) {
	return a.grant(ctx, "ExchangeOnline", shop, tokenRequest{
		GrantType:          grantExchange,
		SubjectToken:       sessionToken,
		SubjectTokenType:   typeSession,
		RequestedTokenType: typeOnline,
	})
}

// Refresh trades a refresh token for the next token. The answer's refresh token replaces the old one, which stays good
// until the new one is used: store the answer before using it.
func (a *App) Refresh(ctx context.Context, shop, refreshToken string) (Token, error) {
	t, _, err := a.grant(ctx, "Refresh", shop, tokenRequest{
		GrantType:    grantRefresh,
		RefreshToken: refreshToken,
	})
	return t, err
}

type tokenRequest struct {
	ClientID           string `json:"client_id"`
	ClientSecret       string `json:"client_secret"`
	GrantType          string `json:"grant_type"`
	SubjectToken       string `json:"subject_token,omitempty"`
	SubjectTokenType   string `json:"subject_token_type,omitempty"`
	RequestedTokenType string `json:"requested_token_type,omitempty"`
	Expiring           string `json:"expiring,omitempty"`
	RefreshToken       string `json:"refresh_token,omitempty"`
}

type tokenAnswer struct {
	AccessToken      string  `json:"access_token"`
	Scope            string  `json:"scope"`
	ExpiresIn        seconds `json:"expires_in"`
	RefreshToken     string  `json:"refresh_token"`
	RefreshExpiresIn seconds `json:"refresh_token_expires_in"`
	User             struct {
		ID        json.Number `json:"id"`
		FirstName string      `json:"first_name"`
		LastName  string      `json:"last_name"`
		Email     string      `json:"email"`
	} `json:"associated_user"`
	UserScope string `json:"associated_user_scope"`
	Error     string `json:"error"`
}

// seconds is a life time; 0 is no end.
type seconds int64

func (s seconds) after(t time.Time) time.Time {
	if s <= 0 {
		return time.Time{}
	}
	return t.Add(time.Duration(s) * time.Second).UTC()
}

func (a *App) grant(ctx context.Context, operation, shop string, ask tokenRequest) (Token, User, error) {
	t, u, err := a.askToken(ctx, shop, ask)
	return t, u, label(err, operation, shop)
}

func (a *App) askToken(ctx context.Context, shop string, ask tokenRequest) (Token, User, error) {
	url, err := a.address(shop, "/admin/oauth/access_token")
	if err != nil {
		return Token{}, User{}, err
	}
	ask.ClientID, ask.ClientSecret = a.ClientID, a.Secret
	body, err := json.Marshal(ask)
	if err != nil {
		return Token{}, User{}, fmt.Errorf("write token request: %w", err)
	}
	// The life is counted from before the call: early is safe, late is a refused call.
	asked := a.now()
	r, err := a.post(ctx, url, "", body)
	if err != nil {
		return Token{}, User{}, err
	}
	var answer tokenAnswer
	bad := json.Unmarshal(r.body, &answer)
	if r.status != 200 {
		return Token{}, User{}, tokenRefusal(r, answer.Error, asked)
	}
	if bad != nil || answer.AccessToken == "" {
		return Token{}, User{}, &Error{Kind: Protocol, Message: "answer is not a token", Status: r.status, RequestID: r.requestID()}
	}
	u := answer.User
	return Token{
			AccessToken:      answer.AccessToken,
			Scope:            answer.Scope,
			RefreshToken:     answer.RefreshToken,
			ExpiresAt:        answer.ExpiresIn.after(asked),
			RefreshExpiresAt: answer.RefreshExpiresIn.after(asked),
		}, User{
			ID:     u.ID.String(),
			Name:   strings.TrimSpace(u.FirstName + " " + u.LastName),
			Email:  u.Email,
			Scopes: strings.ReplaceAll(answer.UserScope, " ", ""),
		}, nil
}

var oauthCode = regexp.MustCompile(`^[a-z_]{1,64}$`)

// tokenRefusal keeps only the code of the answer: its description may repeat the token.
func tokenRefusal(r reply, code string, now time.Time) error {
	e := statusError(r, now)
	e.Message = "token request refused"
	if oauthCode.MatchString(code) {
		e.Code = code
	}
	// All three are answered 400 or 401, and mean that somebody has to open the app again.
	switch e.Code {
	case "invalid_subject_token", "invalid_grant", "invalid_client":
		e.Kind = Unauthorized
	}
	return e
}
