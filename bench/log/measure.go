package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/app"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

const (
	userID       = "90000001"
	clientID     = "bench"
	clientSecret = "bench-secret"
	// warmUps is how often each question is asked before it counts: also a prepared statement takes a few runs to
	// settle on its plan.
	warmUps = 12
)

// measure asks each question of Tagtrail and of the plain program by turns.
func (s *settings) measure(ctx context.Context, db *gorm.DB, address string, shops []*models.Shop, entries int, read reader) error {
	config, err := s.config(address)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, config, config.NewLogger(os.Stderr))
	if err != nil {
		return err
	}
	defer a.Close()
	w := &world{shop: shops[0].ID, read: read}
	if err := w.look(ctx, db, a.Activity, shops[0]); err != nil {
		return err
	}
	questions := w.questions()
	ours, plain := httptest.NewServer(a.Server.Handler()), httptest.NewServer(plainHandler(read, questions))
	defer ours.Close()
	defer plain.Close()
	asker := &asker{ours: ours.URL + "/graphql", plain: plain.URL, client: &http.Client{}, domain: shops[0].Domain}
	fmt.Printf("### %s, %d entries, asked by a shop that has half of them (ms)\n\n", db.Name(), entries)
	fmt.Println("| question | rows | p50 | p99 | limit | plain p50 | plain p99 | p50 / plain | runs | |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---|")
	for i, q := range questions {
		if !strings.Contains(q.name, s.only) {
			continue
		}
		r, err := s.answer(ctx, asker, i, q)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		r.print(q)
	}
	fmt.Println()
	return nil
}

// config is the program's own, read as the program reads it.
func (s *settings) config(address string) (*app.Config, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	for name, value := range map[string]string{
		"APP_URL":               "http://tagtrail.test",
		"DATABASE_URL":          address,
		"FILES_URL":             "file:" + filepath.Join(os.TempDir(), "tagtrail-bench"),
		"REDIS_URL":             s.Redis,
		"REDIS_PREFIX":          "bench_log",
		"SHOPIFY_CLIENT_ID":     clientID,
		"SHOPIFY_CLIENT_SECRET": clientSecret,
		"ENCRYPTION_KEYS":       "1:" + base64.StdEncoding.EncodeToString(key),
		"LOG_LEVEL":             "error",
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("set %s: %w", name, err)
		}
	}
	return app.ReadConfig()
}

// look finds what the questions are about.
func (w *world) look(ctx context.Context, db *gorm.DB, ledger *activity.Service, shop *models.Shop) error {
	var last, tagged, bulk, failed models.Activity
	of := func(into *models.Activity, where string) error {
		return db.WithContext(ctx).Where("shop_id = ?", shop.ID).Where(where).Order("occurred_at DESC").Limit(1).Take(into).Error
	}
	err := errors.Join(
		of(&last, "entity_type = 'Order'"),
		of(&tagged, "action = 'SMART_TAG_APPLIED' AND status = 'SUCCESS'"),
		of(&bulk, "operation_id IS NOT NULL"),
		of(&failed, "type = 'USER_ACTION' AND actor_type = 'STAFF'"),
	)
	if err != nil {
		return fmt.Errorf("find what to ask about: %w", err)
	}
	w.now = last.OccurredAt.Add(time.Millisecond).UTC()
	w.rule, w.order, w.operation, w.person, w.detail = *tagged.RuleID, *last.EntityID, *bulk.OperationID, *failed.ActorID, tagged
	first := 1
	list, err := ledger.List(ctx, shop, nil, models.Page{First: &first})
	if err != nil {
		return err
	}
	for i := range 211 { // more places than runs, so that none is asked for twice
		part := (i*97 + 13) % 211
		at := w.now.Add(-time.Duration(part) * (days - 1) * 24 * time.Hour / 211).Truncate(time.Millisecond)
		position := models.Position{At: at, ID: models.NewID(at)}
		w.depths = append(w.depths, position)
		w.cursors = append(w.cursors, list.Cursor(&activity.Entry{Activity: models.Activity{OccurredAt: at, ID: position.ID}}))
	}
	return nil
}

// asker asks over HTTP, one question at a time, on a connection that stays open.
type asker struct {
	ours, plain, domain string
	client              *http.Client
}

// token is a session token as Shopify signs it.
func (a *asker) token() (string, error) {
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": "https://" + a.domain + "/admin", "dest": "https://" + a.domain, "aud": clientID, "sub": userID,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(clientSecret))
}

func (a *asker) askOurs(ctx context.Context, q *question, run int) ([]byte, time.Duration, error) {
	body, err := json.Marshal(map[string]any{"query": q.query, "variables": q.variables(run)})
	if err != nil {
		return nil, 0, fmt.Errorf("encode the question: %w", err)
	}
	token, err := a.token()
	if err != nil {
		return nil, 0, fmt.Errorf("sign the session: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.ours, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	return a.send(request)
}

func (a *asker) askPlain(ctx context.Context, number, run int) ([]byte, time.Duration, error) {
	url := fmt.Sprintf("%s/?question=%d&run=%d", a.plain, number, run)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	return a.send(request)
}

func (a *asker) send(request *http.Request) ([]byte, time.Duration, error) {
	began := time.Now()
	response, err := a.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	took := time.Since(began)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s: %.300s", response.Status, raw)
	}
	return raw, took, err
}

// result is what was measured of one question.
type result struct {
	rows        int
	ours, plain []time.Duration
	notes       []string
}

// answer asks both programs, by turns, after a warm-up in which their answers are compared.
func (s *settings) answer(ctx context.Context, a *asker, number int, q *question) (*result, error) {
	r := &result{}
	for run := range warmUps {
		ours, _, err := a.askOurs(ctx, q, run)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		plain, _, err := a.askPlain(ctx, number, run)
		if err != nil {
			return nil, fmt.Errorf("plain: %w", err)
		}
		if run == 0 {
			if err := r.compare(ours, plain); err != nil {
				return nil, err
			}
		}
		if time.Since(began) > s.patience/10 {
			break
		}
	}
	var spentOurs, spentPlain time.Duration
	for run := range s.runs {
		if spentOurs < s.patience {
			_, took, err := a.askOurs(ctx, q, run)
			if err != nil {
				return nil, err
			}
			r.ours = append(r.ours, took)
			spentOurs += took
		}
		if spentPlain < s.patience {
			_, took, err := a.askPlain(ctx, number, run)
			if err != nil {
				return nil, fmt.Errorf("plain: %w", err)
			}
			r.plain = append(r.plain, took)
			spentPlain += took
		}
	}
	return r, ctx.Err()
}

// compare refuses to measure programs that do not say the same.
func (r *result) compare(ours, plain []byte) error {
	var answer struct {
		Data struct {
			Activities *struct {
				Nodes      []struct{ ID string }
				TotalCount *struct{ Count int64 }
				UserErrors []struct{ Message string }
			}
			ActivityStats *struct {
				Total      struct{ Count int64 }
				UserErrors []struct{ Message string }
			}
			Activity *struct{ ID string }
		}
		Errors json.RawMessage
	}
	var want plainAnswer
	if err := errors.Join(json.Unmarshal(ours, &answer), json.Unmarshal(plain, &want)); err != nil || answer.Errors != nil {
		return fmt.Errorf("the answer is %.500s (%w)", ours, err)
	}
	var total int64
	for _, n := range want.Numbers {
		total += n.Count
	}
	var ids, wanted []string
	for _, row := range want.Rows {
		wanted = append(wanted, row.ID)
	}
	switch d := answer.Data; {
	case d.Activities != nil && d.Activities.TotalCount != nil:
		if got := d.Activities.TotalCount.Count; got != min(total, 10_000) {
			return fmt.Errorf("we count %d, the plain program %d", got, total)
		}
	case d.Activities != nil:
		for _, node := range d.Activities.Nodes {
			ids = append(ids, node.ID)
		}
		r.rows = len(ids)
		if !slices.Equal(ids, wanted) || len(d.Activities.UserErrors) > 0 {
			return fmt.Errorf("we answer %v, the plain program %v", ids, wanted)
		}
	case d.ActivityStats != nil:
		r.rows = len(want.Numbers)
		if got := d.ActivityStats.Total.Count; got != total {
			return fmt.Errorf("we count %d, the plain program %d", got, total)
		}
	case d.Activity == nil || d.Activity.ID != wanted[0]:
		return fmt.Errorf("the answer is %.300s", ours)
	}
	return nil
}

func percentile(times []time.Duration, part int) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[min(len(sorted)-1, len(sorted)*part/100)]) / float64(time.Millisecond)
}

func (r *result) print(q *question) {
	p50, p99 := percentile(r.ours, 50), percentile(r.ours, 99)
	plain50, plain99 := percentile(r.plain, 50), percentile(r.plain, 99)
	if p99 > q.limit {
		r.notes = append(r.notes, "over the limit")
	}
	if p50 > 3*plain50 {
		r.notes = append(r.notes, "over 3 x plain")
	}
	runs := fmt.Sprint(len(r.ours))
	if len(r.plain) != len(r.ours) {
		runs += fmt.Sprintf(", plain %d", len(r.plain))
	}
	fmt.Printf("| %s | %d | %.1f | %.1f | %.0f | %.1f | %.1f | %.2f | %s | %s |\n", q.name, r.rows, p50, p99, q.limit, plain50, plain99,
		p50/plain50, runs, strings.Join(r.notes, ", "))
}
