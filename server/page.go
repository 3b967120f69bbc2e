package server

import (
	"encoding/json"
	"html"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/tagtrail/tagtrail/fault"
)

// Page is what the page needs to know of where it runs.
type Page struct {
	ClientID     string
	AppBridgeURL string
	PolarisURL   string
	// FrameAncestors may embed the page, besides the shop itself.
	FrameAncestors string
}

// ShopifyAncestors are the addresses of Shopify that embed apps.
const ShopifyAncestors = "https://admin.shopify.com https://*.spin.dev https://admin.myshopify.io https://admin.shop.dev"

var shopDomain = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-_]*\.myshopify\.com$`)

// page serves the one document of the page for every address of it: the page itself looks at the path.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	index, err := fs.ReadFile(s.Files, "index.html")
	if err != nil {
		reply(w, http.StatusNotFound, "The page is not built. Run: make build")
		return
	}
	ancestors := s.Page.FrameAncestors
	if shop := r.URL.Query().Get("shop"); shopDomain.MatchString(shop) {
		ancestors = "https://" + shop + " " + ancestors
	}
	document := strings.NewReplacer(
		"%SHOPIFY_API_KEY%", html.EscapeString(s.Page.ClientID),
		"%APP_BRIDGE_URL%", html.EscapeString(s.Page.AppBridgeURL),
		"%POLARIS_URL%", html.EscapeString(s.Page.PolarisURL),
	).Replace(string(index))
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "frame-ancestors "+ancestors+";")
	header.Set("Link", "<"+s.Page.AppBridgeURL+">; rel=preload; as=script, <"+s.Page.PolarisURL+">; rel=preload; as=script")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "origin-when-cross-origin")
	_, _ = w.Write([]byte(document))
}

// cached lets browsers keep the assets for good: their names change with their content.
func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// refuse answers in the form of a GraphQL error.
func refuse(w http.ResponseWriter, status int, code fault.Code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"data": nil,
		"errors": []any{
			map[string]any{"message": message, "extensions": map[string]any{"code": code}},
		},
	})
}
