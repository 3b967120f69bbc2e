package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shops"
	"gorm.io/gorm"
)

// Exchange is a webhook: what was sent and what was answered.
type Exchange struct {
	Sender      string
	Topic       string
	WebhookID   string
	TriggeredAt time.Time
	ReceivedAt  time.Time
	Attempts    int
	Duplicates  int
	NextTryAt   *time.Time
	Response    *Message

	s        *Service
	viewer   *shops.Session
	delivery *models.Delivery
	source   *models.Source
}

// Message is one side of an exchange over HTTP, without secrets.
type Message struct {
	Status   *int
	Headers  json.RawMessage
	Body     string
	Bytes    int
	Redacted []string
}

// received is a delivery, without its body, and who sent it where that was not Shopify.
type received struct {
	delivery models.Delivery
	source   *models.Source
}

// Exchange returns the webhook that an entry tells of, or nil. Those of entries that were read together are read
// together, too, but for their bodies.
func (s *Service) Exchange(ctx context.Context, viewer *shops.Session, entry *activity.Entry) (*Exchange, error) {
	if entry.Type != models.Webhook {
		return nil, nil
	}
	found, err := entry.Beside("delivery", func(entries []*activity.Entry) (map[string]any, error) {
		return s.received(ctx, viewer.Shop.ID, activity.IDs(entries))
	})
	if err != nil {
		return nil, err
	}
	r, ok := found.(*received)
	if !ok {
		return nil, nil // a recorder outside told of it, or it has left
	}
	d := &r.delivery
	x := &Exchange{
		Sender:      "Shopify",
		Topic:       d.Topic,
		WebhookID:   d.WebhookID,
		TriggeredAt: d.TriggeredAt,
		ReceivedAt:  d.ReceivedAt,
		Attempts:    d.Tries(),
		Duplicates:  d.Duplicates,
		Response:    acknowledgement(),
		s:           s,
		viewer:      viewer,
		delivery:    d,
		source:      r.source,
	}
	if d.SourceID != nil {
		x.Sender = "A source that was disconnected"
		x.WebhookID = strings.TrimPrefix(d.WebhookID, *d.SourceID+":")
	}
	if r.source != nil {
		x.Sender = r.source.Name
	}
	if d.Status == models.DeliveryPending || d.Status == models.DeliveryProcessing {
		x.NextTryAt = &d.DueAt
	}
	return x, nil
}

// received reads deliveries by id.
func (s *Service) received(ctx context.Context, shop int64, ids []string) (map[string]any, error) {
	var rows []models.Delivery
	err := s.DB.WithContext(ctx).Omit("body").Where("shop_id = ? AND id IN ?", shop, ids).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load deliveries: %w", err)
	}
	var sourceIDs []string
	for _, d := range rows {
		if d.SourceID != nil {
			sourceIDs = append(sourceIDs, *d.SourceID)
		}
	}
	var sources []models.Source
	if len(sourceIDs) > 0 {
		if err := s.DB.WithContext(ctx).Where("shop_id = ? AND id IN ?", shop, sourceIDs).Find(&sources).Error; err != nil {
			return nil, fmt.Errorf("load sources: %w", err)
		}
	}
	found := make(map[string]any, len(rows))
	for _, d := range rows {
		r := &received{delivery: d}
		for i := range sources {
			if d.SourceID != nil && sources[i].ID == *d.SourceID {
				r.source = &sources[i]
			}
		}
		found[d.ID] = r
	}
	return found, nil
}

// acknowledgement is what every webhook that was kept is answered with: nothing else is in the log.
func acknowledgement() *Message {
	status, body := http.StatusOK, "ok\n"
	return &Message{
		Status:   &status,
		Headers:  encoded(map[string]string{"Content-Type": "text/plain; charset=utf-8"}),
		Body:     body,
		Bytes:    len(body),
		Redacted: []string{},
	}
}

// Request returns what was sent, or nil once its time is over.
func (x *Exchange) Request(ctx context.Context) (*Message, error) {
	var d models.Delivery
	err := x.s.DB.WithContext(ctx).Select("id", "body").Where("id = ? AND shop_id = ?", x.delivery.ID, x.delivery.ShopID).Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && len(d.Body) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load body of delivery: %w", err)
	}
	raw, err := Body(&d)
	if err != nil {
		return nil, err
	}
	aboutPerson := strings.HasPrefix(x.Topic, "customers/") || strings.HasPrefix(x.Topic, "customer.")
	text, paths := redact(raw, aboutPerson, x.viewer.SeesCustomers)
	return &Message{Headers: encoded(x.headers()), Body: text, Bytes: len(raw), Redacted: paths}, nil
}

// headers are the ones that matter, as they are known: what was signed is kept, the signature is not.
func (x *Exchange) headers() map[string]string {
	d := x.delivery
	if d.SourceID != nil {
		headers := map[string]string{"Content-Type": "application/json"}
		if x.source != nil {
			headers[signatureHeaders[x.source.Kind]] = hidden
		}
		return headers
	}
	headers := map[string]string{
		"X-Shopify-Topic":        d.Topic,
		"X-Shopify-Shop-Domain":  x.viewer.Shop.Domain,
		"X-Shopify-Webhook-Id":   d.WebhookID,
		"X-Shopify-Api-Version":  d.APIVersion,
		"X-Shopify-Triggered-At": d.TriggeredAt.Format(time.RFC3339Nano),
		"X-Shopify-Hmac-Sha256":  hidden,
	}
	if d.EventID != "" {
		headers["X-Shopify-Event-Id"] = d.EventID
	}
	return headers
}

// signatureHeaders are where sources put their signatures.
var signatureHeaders = map[models.SourceKind]string{
	models.SourceStripe:   "Stripe-Signature",
	models.SourceSquare:   "X-Square-Hmacsha256-Signature",
	models.SourceStandard: "Webhook-Signature",
}
