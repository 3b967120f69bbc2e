// Package server is the door for HTTP: the session, webhooks, the page, health.
package server

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/graph"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/tagtrail/tagtrail/webhooks"
	"gorm.io/gorm"
)

// Server answers HTTP.
type Server struct {
	DB       *gorm.DB
	Shops    *shops.Service
	Webhooks *webhooks.Service
	GraphQL  http.Handler
	// OpenFailed checks a signed link to an operation's failed items, and WriteFailed writes them as CSV.
	OpenFailed  func(ctx context.Context, operation string, query url.Values) (*models.Shop, error)
	WriteFailed func(ctx context.Context, shop *models.Shop, operation string, w io.Writer) error
	Exports     *export.Service
	Files       fs.FS
	Page        Page
	Log         *slog.Logger
	Metrics     *prometheus.Registry

	deliveries *prometheus.CounterVec
}

// Handler returns the routes.
func (s *Server) Handler() http.Handler {
	s.deliveries = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tagtrail_webhooks_received_total",
		Help: "Webhooks received, by the HTTP status they were answered with.",
	}, []string{"status"})
	s.Metrics.MustRegister(s.deliveries)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/shopify", s.webhook(func(r *http.Request, raw []byte) error {
		return s.Webhooks.Receive(r.Context(), r.Header, raw)
	}))
	mux.HandleFunc("POST /webhooks/sources/{id}", s.webhook(func(r *http.Request, raw []byte) error {
		return s.Webhooks.ReceiveFrom(r.Context(), r.PathValue("id"), r.Header, raw)
	}))
	mux.Handle("POST /graphql", s.session(http.MaxBytesHandler(s.GraphQL, graph.MaxBody)))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /operations/{id}/failed.csv", s.failedItems)
	mux.HandleFunc("GET /files/exports/{id}", s.exportFile)
	mux.Handle("GET /assets/", cached(http.FileServerFS(s.Files)))
	mux.HandleFunc("GET /", s.page)
	return s.recovered(mux)
}

// MetricsHandler returns what Prometheus reads. It is served on an address of its own, not to the world.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})
}

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// webhook keeps a webhook and acknowledges it. Its sender sends again what is not answered with 2xx.
func (s *Server) webhook(receive func(*http.Request, []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, reason := http.StatusOK, "ok"
		raw, err := readBody(w, r)
		if err == nil {
			err = receive(r, raw)
		}
		var (
			rejected *webhooks.Rejection
			tooLarge *http.MaxBytesError
		)
		switch {
		case errors.As(err, &tooLarge):
			status, reason = http.StatusRequestEntityTooLarge, "The body is larger than 4 MiB."
		case errors.As(err, &rejected):
			status, reason = rejected.Status, rejected.Reason
		case err != nil:
			status, reason = http.StatusServiceUnavailable, "Not kept. Send it again."
			s.Log.ErrorContext(r.Context(), "webhook not kept", "err", err)
		}
		s.deliveries.WithLabelValues(http.StatusText(status)).Inc()
		reply(w, status, reason)
	}
}

// readAtOnce bounds what is set aside for a body that has not come yet, in bytes.
const readAtOnce = 64 << 10

// readBody reads a webhook's body, at once where its length was told: io.ReadAll would copy it as it grows.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	from := http.MaxBytesReader(w, r.Body, webhooks.MaxBody)
	if r.ContentLength <= 0 || r.ContentLength > readAtOnce {
		return io.ReadAll(from)
	}
	raw := make([]byte, r.ContentLength)
	_, err := io.ReadFull(from, raw)
	return raw, err
}

// session lets through who has a valid session token, and says who it is.
func (s *Server) session(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			refuse(w, http.StatusUnauthorized, fault.Unauthenticated, "No session. Open Tagtrail in the Shopify admin.")
			return
		}
		session, err := s.Shops.Session(r.Context(), token)
		switch f, _ := fault.As(err); {
		case err == nil:
			next.ServeHTTP(w, r.WithContext(graph.WithSession(r.Context(), session)))
		case fault.Is(err, fault.Unauthenticated):
			w.Header().Set("X-Shopify-Retry-Invalid-Session-Request", "1")
			refuse(w, http.StatusUnauthorized, f.Code, f.Message)
		case f != nil:
			s.Log.WarnContext(r.Context(), "session refused", "err", err)
			refuse(w, http.StatusServiceUnavailable, f.Code, f.Message)
		default:
			s.Log.ErrorContext(r.Context(), "session failed", "err", err)
			refuse(w, http.StatusServiceUnavailable, fault.Internal, "Something went wrong. Reload the page in a minute.")
		}
	})
}

const readyTimeout = 2 * time.Second

// ready says whether the database answers. Redis may be away: webhooks are kept all the same.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if done, err := models.Migrated(ctx, s.DB); err != nil || !done {
		s.Log.WarnContext(ctx, "not ready", "migrated", done, "err", err)
		reply(w, http.StatusServiceUnavailable, "The database does not answer, or is not migrated.")
		return
	}
	reply(w, http.StatusOK, "ready")
}

// recovered keeps a panic in one request from ending the others.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // a sentinel that is panicked with as it is
				s.Log.ErrorContext(r.Context(), "request panicked", "path", r.URL.Path, "panic", p)
				reply(w, http.StatusInternalServerError, "Something went wrong.")
			}
		}()
		next.ServeHTTP(w, r)
	})
}
