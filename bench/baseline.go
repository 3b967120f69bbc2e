package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/webhooks"
)

// insertSQL is what a straightforward program does with a webhook: one row, once. The body is kept as it came.
const insertSQL = `INSERT INTO deliveries
	(id, shop_id, webhook_id, event_id, topic, api_version, triggered_at, received_at, body, status, attempts, due_at,
	 duplicates, duplicates_noted, last_duplicate_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
	ON CONFLICT (shop_id, webhook_id) DO NOTHING`

// insert commits one row.
type insert func(ctx context.Context, args ...any) error

func insertPostgres(pool *pgxpool.Pool) insert {
	return func(ctx context.Context, args ...any) error {
		_, err := pool.Exec(ctx, insertSQL, args...)
		return err
	}
}

func insertSQLite(statement *sql.Stmt) insert {
	return func(ctx context.Context, args ...any) error {
		_, err := statement.ExecContext(ctx, args...)
		return err
	}
}

func (in insert) row(ctx context.Context, shop int64, webhookID, eventID, topic, version, triggered string, raw []byte) error {
	now := time.Now().UTC()
	at, err := time.Parse(time.RFC3339Nano, triggered)
	if err != nil {
		at = now
	}
	return in(ctx, models.NewID(now), shop, webhookID, eventID, topic, version, at, now, raw, "PENDING", 0, now, 0, 0, nil)
}

// bareHandler verifies the signature and does the INSERT, and nothing else: no duplicates counted, no nudge sent.
func bareHandler(in insert, shop int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/shopify", func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhooks.MaxBody))
		if err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		given, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Shopify-Hmac-Sha256"))
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(raw)
		if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
			http.Error(w, "bad signature", http.StatusUnauthorized)
			return
		}
		h := r.Header
		err = in.row(r.Context(), shop, h.Get("X-Shopify-Webhook-Id"), h.Get("X-Shopify-Event-Id"), h.Get("X-Shopify-Topic"),
			h.Get("X-Shopify-Api-Version"), h.Get("X-Shopify-Triggered-At"), raw)
		if err != nil {
			http.Error(w, "not kept", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux
}

// inserter is a sender that does the INSERT alone, without HTTP.
type inserter struct {
	insert insert
	shop   int64
}

func (i inserter) send(ctx context.Context, b *body) error {
	return i.insert.row(ctx, i.shop, uuid.NewString(), uuid.NewString(), "orders/create", "2026-10",
		time.Now().UTC().Format(time.RFC3339Nano), b.raw)
}

func (inserter) close() {}
