package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// appScopes are what the app was granted when it was installed.
const appScopes = "write_orders,write_customers,write_products,write_inventory,read_fulfillments,read_all_orders"

const (
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeIDToken   = "urn:ietf:params:oauth:token-type:id_token"
	typeOffline   = "urn:shopify:params:oauth:token-type:offline-access-token"
	typeOnline    = "urn:shopify:params:oauth:token-type:online-access-token"
)

type oauthError struct {
	status            int
	code, description string
}

func (e *oauthError) Error() string { return e.code }

func (s *Simulator) serveAccessToken(w http.ResponseWriter, r *http.Request, st *store) {
	if r.Method != http.MethodPost {
		writeJSON(w, http.StatusNotFound, map[string]any{"errors": "Not Found"})
		return
	}
	form, err := readForm(r)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": err.Error()})
		return
	}
	entry := LogEntry{Kind: "token", Shop: st.Domain, App: form["client_id"], Grant: form["grant_type"], Status: http.StatusOK}
	answer, err := s.grant(st, form, time.Now())
	var oe *oauthError
	if errors.As(err, &oe) {
		entry.Status, entry.Errors = oe.status, []string{oe.code}
		s.requests.add(entry)
		writeJSON(w, oe.status, map[string]any{"error": oe.code, "error_description": oe.description})
		return
	}
	s.requests.add(entry)
	writeJSON(w, http.StatusOK, answer)
}

func (s *Simulator) grant(st *store, form map[string]string, now time.Time) (map[string]any, error) {
	if s.faults.strikes("5xx", st.Domain, "access_token") {
		return nil, &oauthError{http.StatusInternalServerError, "internal_error", "A fault was switched on."}
	}
	if form["client_id"] != s.opts.ClientID {
		return nil, &oauthError{http.StatusBadRequest, "application_cannot_be_found", "No app has this client id."}
	}
	if form["client_secret"] != s.opts.ClientSecret {
		return nil, &oauthError{http.StatusUnauthorized, "invalid_client", "The client secret does not match."}
	}
	switch form["grant_type"] {
	case grantExchange:
		return s.exchange(st, form, now)
	case "refresh_token":
		if err := s.tokens.useRefresh(st.Domain, form["refresh_token"], now); err != nil {
			return nil, &oauthError{http.StatusUnauthorized, "invalid_request", err.Error()}
		}
		return s.offlineAnswer(st, true, form["refresh_token"], now), nil
	}
	return nil, &oauthError{http.StatusBadRequest, "unsupported_grant_type", "Use token exchange or refresh_token."}
}

func (s *Simulator) exchange(st *store, form map[string]string, now time.Time) (map[string]any, error) {
	expiring := form["expiring"] == "1" || form["expiring"] == "true"
	if form["subject_token_type"] == typeOffline {
		// Moving an old token that never expires to one that does ends the old one.
		if s.tokens.valid(st.Domain, form["subject_token"], s.opts.ClientID, now) != s.opts.ClientID || !expiring {
			return nil, &oauthError{http.StatusBadRequest, "invalid_subject_token", "The offline token is not valid."}
		}
		s.tokens.mu.Lock()
		delete(s.tokens.access, form["subject_token"])
		s.tokens.mu.Unlock()
		return s.offlineAnswer(st, true, "", now), nil
	}
	if form["subject_token_type"] != typeIDToken {
		return nil, &oauthError{http.StatusBadRequest, "invalid_request", "subject_token_type is not known."}
	}
	claims, err := s.readSessionToken(st, form["subject_token"], now)
	if err != nil {
		return nil, &oauthError{http.StatusBadRequest, "invalid_subject_token", "The session token is not valid: " + err.Error() + "."}
	}
	switch form["requested_token_type"] {
	case typeOffline:
		return s.offlineAnswer(st, expiring, "", now), nil
	case typeOnline:
		return s.onlineAnswer(st, claims, now)
	}
	return nil, &oauthError{http.StatusBadRequest, "invalid_requested_token_type", "requested_token_type is not known."}
}

func (s *Simulator) offlineAnswer(st *store, expiring bool, parent string, now time.Time) map[string]any {
	if !expiring {
		a := s.tokens.issue(st.Domain, false, 0, now)
		return map[string]any{"access_token": a.value, "scope": appScopes}
	}
	a := s.tokens.issue(st.Domain, false, accessTokenLife, now)
	r := s.tokens.issueRefresh(st.Domain, parent, now)
	return map[string]any{
		"access_token":             a.value,
		"scope":                    appScopes,
		"expires_in":               int(accessTokenLife.Seconds()),
		"refresh_token":            r.value,
		"refresh_token_expires_in": int(refreshTokenLife.Seconds()),
	}
}

func (s *Simulator) onlineAnswer(st *store, c sessionClaims, now time.Time) (map[string]any, error) {
	who, err := st.staffMember(c.Sub)
	if err != nil {
		return nil, &oauthError{http.StatusBadRequest, "invalid_subject_token", "The user is not staff of this shop."}
	}
	const life = 24 * time.Hour
	a := s.tokens.issue(st.Domain, true, life, now)
	first, last, _ := strings.Cut(who.Name, " ")
	return map[string]any{
		"access_token":          a.value,
		"scope":                 appScopes,
		"expires_in":            int(life.Seconds()) - 1,
		"associated_user_scope": cmp.Or(who.Scopes, appScopes),
		"associated_user": map[string]any{
			"id":             json.Number(who.ID),
			"first_name":     first,
			"last_name":      last,
			"email":          who.Email,
			"email_verified": true,
			"account_owner":  who.ID == st.Staff[0].ID,
			"locale":         "en",
			"collaborator":   false,
		},
	}, nil
}

// readForm reads a body of either kind that the endpoint takes.
func readForm(r *http.Request) (map[string]string, error) {
	out := map[string]string{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		if err := r.ParseForm(); err != nil {
			return nil, fmt.Errorf("read form: %w", err)
		}
		for k := range r.Form {
			out[k] = r.Form.Get(k)
		}
		return out, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, errors.New("the body is not a JSON object")
	}
	for k, v := range body {
		out[k] = fmt.Sprint(v)
	}
	return out, nil
}
