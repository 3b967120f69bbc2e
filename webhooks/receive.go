// Package webhooks takes what Shopify and other sources send, keeps it, and acts on it.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/privacy"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shops"
	"gorm.io/gorm"
)

// MaxBody bounds a webhook's body, in bytes. Shopify names no limit; the largest orders seen are far below it.
const MaxBody = 4 << 20

// Service receives and processes webhooks.
type Service struct {
	DB       *gorm.DB
	Shops    *shops.Service
	Rules    *rules.Service
	Change   *change.Service
	Activity *activity.Service
	Privacy  *privacy.Service
	Queue    *queue.Queue
	Log      *slog.Logger
	// Waits are the pauses between the tries of a delivery that fails. One more try than pauses, and it has failed.
	Waits []time.Duration
	// SourcesURL is where sources other than Shopify send, each behind its id.
	SourcesURL string

	inbox    inbox
	refusals refusals
	shopIDs  sync.Map // domain to id, which never changes
	compiled compiledRules
}

// Rejection says that a webhook was not taken, and with which status Shopify is told so.
type Rejection struct {
	Status int
	Reason string
}

// Error implements error.
func (r *Rejection) Error() string { return r.Reason }

// Receive keeps a webhook. When it returns nil the row is committed: the webhook may be acknowledged. A webhook that
// is there already is counted as a duplicate.
func (s *Service) Receive(ctx context.Context, header http.Header, raw []byte) error {
	delivery, err := s.Shops.Shopify.VerifyWebhook(header, raw)
	var missing *shopify.HeaderError
	switch {
	case errors.As(err, &missing):
		return &Rejection{http.StatusBadRequest, missing.Error()}
	case errors.Is(err, shopify.ErrBadSignature):
		return &Rejection{http.StatusUnauthorized, "The signature does not fit the body."}
	case err != nil:
		return err
	}
	shop, err := s.shopID(ctx, delivery.Shop)
	if errors.Is(err, shops.ErrUnknown) {
		return &Rejection{http.StatusNotFound, "The shop has not installed Tagtrail."}
	}
	if err != nil {
		return err
	}
	now := models.Now()
	triggered := delivery.TriggeredAt.UTC().Truncate(time.Microsecond)
	if delivery.TriggeredAt.IsZero() || triggered.After(now.Add(time.Minute)) {
		triggered = now // a time to come would make all later webhooks about the record look old
	}
	row := &models.Delivery{
		ID:          models.NewID(now),
		ShopID:      shop,
		WebhookID:   delivery.WebhookID,
		EventID:     delivery.EventID,
		Topic:       delivery.Topic,
		APIVersion:  delivery.APIVersion,
		TriggeredAt: triggered,
		ReceivedAt:  now,
		Body:        compress(raw),
		Status:      models.DeliveryPending,
		DueAt:       now,
	}
	if err := s.inbox.put(ctx, row); err == nil || !s.moved(ctx, delivery.Shop, shop) {
		return err
	}
	return s.Receive(ctx, header, raw)
}

// moved reports whether a shop has another id than was thought, or none any more: it was erased, and maybe installed
// again since.
func (s *Service) moved(ctx context.Context, domain string, id int64) bool {
	s.shopIDs.Delete(domain)
	now, err := s.shopID(ctx, domain)
	return errors.Is(err, shops.ErrUnknown) || err == nil && now != id
}

func (s *Service) shopID(ctx context.Context, domain string) (int64, error) {
	if id, ok := s.shopIDs.Load(domain); ok {
		return id.(int64), nil //nolint:forcetypeassert // only int64 is ever stored
	}
	shop, err := s.Shops.ByDomain(ctx, domain)
	if err != nil {
		return 0, err
	}
	s.shopIDs.Store(domain, shop.ID)
	return shop.ID, nil
}

func compress(raw []byte) []byte { return s2.Encode(nil, raw) }

// Body returns the webhook's body as it came.
func Body(d *models.Delivery) ([]byte, error) {
	size, err := s2.DecodedLen(d.Body)
	if err != nil || size > MaxBody {
		return nil, fmt.Errorf("open body of delivery %s: %d bytes, %w", d.ID, size, s2.ErrCorrupt)
	}
	raw, err := s2.Decode(nil, d.Body)
	if err != nil {
		return nil, fmt.Errorf("open body of delivery %s: %w", d.ID, err)
	}
	return raw, nil
}

const (
	// batch is how many rows go into one statement.
	batch = 64
	// putTimeout bounds one statement. Shopify waits five seconds for an answer.
	putTimeout = 4 * time.Second
)

// inbox writes what arrives together in one statement: while one commits, the next gathers.
type inbox struct {
	rows chan *row
	done sync.WaitGroup
	stop context.CancelFunc
}

type row struct {
	delivery *models.Delivery
	err      chan error
}

// Start begins to take webhooks. Stop ends it, after what was taken is written.
func (s *Service) Start() {
	ctx, stop := context.WithCancel(context.Background())
	s.inbox.rows, s.inbox.stop = make(chan *row, batch), stop
	writers := 1 // SQLite has one
	if models.IsPostgres(s.DB) {
		writers = 8
	}
	for range writers {
		s.inbox.done.Go(func() { s.write(ctx) })
	}
	s.inbox.done.Go(func() { s.noteRefusals(ctx) })
}

// Stop stops taking webhooks. The server has to be stopped before.
func (s *Service) Stop() {
	s.inbox.stop()
	s.inbox.done.Wait()
}

func (in *inbox) put(ctx context.Context, d *models.Delivery) error {
	r := &row{d, make(chan error, 1)}
	select {
	case in.rows <- r:
	case <-ctx.Done():
		return fmt.Errorf("keep webhook: %w", ctx.Err())
	}
	select {
	case err := <-r.err:
		return err
	case <-ctx.Done():
		return fmt.Errorf("keep webhook: %w", ctx.Err())
	}
}

func (s *Service) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-s.inbox.rows:
			s.flush(gather(first, s.inbox.rows))
		}
	}
}

func gather(first *row, more <-chan *row) []*row {
	rows := []*row{first}
	for len(rows) < batch {
		select {
		case r := <-more:
			rows = append(rows, r)
		default:
			return rows
		}
	}
	return rows
}

// flush writes the rows together and, should that fail, each alone: one that the database refuses must not take the
// others with it.
func (s *Service) flush(rows []*row) {
	err := s.insert(rows)
	if err != nil && len(rows) > 1 {
		for _, r := range rows {
			r.err <- s.insert([]*row{r})
		}
		return
	}
	for _, r := range rows {
		r.err <- err
	}
}

// insert commits the rows and nudges the workers. A row that is there already counts one duplicate more.
func (s *Service) insert(rows []*row) error {
	ctx, cancel := context.WithTimeout(context.Background(), putTimeout)
	defer cancel()
	keep := keepSQLite
	if models.IsPostgres(s.DB) {
		keep = keepPostgres
	}
	found, err := keep(ctx, s.DB, distinct(rows))
	if err != nil {
		return err
	}
	for _, k := range found {
		s.nudge(k.shop, k.id, k.attempts, time.Time{})
	}
	return nil
}

// kept is a row that is committed: a new one, or the one that was there before its duplicate.
type kept struct {
	id       string
	shop     int64
	attempts int
}

func (s *Service) nudge(shop int64, id string, attempts int, at time.Time) {
	s.Queue.NudgeAt(queue.ProcessWebhook{ID: id, Shop: shop, Attempt: attempts}, at)
}

// distinct folds rows that are the same delivery into one: a statement may touch a row once.
func distinct(rows []*row) []*models.Delivery {
	type key struct {
		shop    int64
		webhook string
	}
	seen := make(map[key]*models.Delivery, len(rows))
	deliveries := make([]*models.Delivery, 0, len(rows))
	for _, r := range rows {
		k := key{r.delivery.ShopID, r.delivery.WebhookID}
		if first, ok := seen[k]; ok {
			first.Duplicates++
			first.LastDuplicateAt = &r.delivery.ReceivedAt
			continue
		}
		seen[k] = r.delivery
		deliveries = append(deliveries, r.delivery)
	}
	return deliveries
}
