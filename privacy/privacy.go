// Package privacy carries out what Shopify asks on behalf of people: give out, or erase, what is kept of a customer, and
// erase a shop that has left.
package privacy

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/streams"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// actWithin is how long Shopify gives to carry out a request.
const actWithin = 30 * 24 * time.Hour

// Service carries requests out.
type Service struct {
	DB        *gorm.DB
	Activity  *activity.Service
	Retention *retention.Service
	Export    *export.Service
	Streams   *streams.Service
	Notify    *notify.Service
	Queue     *queue.Queue
	// Files is where exports and the archive are.
	Files *blob.Bucket
	Log   *slog.Logger
	// Batch is how many rows are looked at in one step; 0 is as many as suit it.
	Batch int
	// Now tells the time; nil is the clock.
	Now func() time.Time
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return models.Now()
}

// batch is how many rows one step looks at, of the size that suits the kind of row.
func (s *Service) batch(suits int) int {
	if s.Batch > 0 {
		return s.Batch
	}
	return suits
}

// kinds are the topics of requests.
var kinds = map[string]models.PrivacyKind{
	"customers/data_request": models.DataRequest,
	"customers/redact":       models.CustomerRedact,
	"shop/redact":            models.ShopRedact,
}

// ErrUnclear says that a request does not name whom it is about.
var ErrUnclear = errors.New("the request does not say whom it is about")

// Asked reads a request. What it asks for is done once Ask has written it down.
func Asked(topic string, raw []byte) (*models.PrivacyRequest, error) {
	var payload struct {
		Customer struct {
			ID    json.Number `json:"id"`
			Email *string     `json:"email"`
			Phone *string     `json:"phone"`
		} `json:"customer"`
		OrdersRequested []json.Number `json:"orders_requested"`
		OrdersToRedact  []json.Number `json:"orders_to_redact"`
	}
	row := &models.PrivacyRequest{Kind: kinds[topic], OrderIDs: []string{}, Person: json.RawMessage("{}"), Counts: map[string]int64{}, Parts: []models.ExportPart{}}
	if row.Kind == models.ShopRedact {
		return row, nil
	}
	if err := json.Unmarshal(raw, &payload); err != nil {
		return nil, ErrUnclear
	}
	var p Person
	if payload.Customer.ID != "" {
		p.Customer = gid("Customer", payload.Customer.ID)
		row.CustomerID = &p.Customer
	}
	for _, number := range append(payload.OrdersRequested, payload.OrdersToRedact...) {
		if id := gid("Order", number); !slices.Contains(p.Orders, id) {
			p.Orders = append(p.Orders, id)
		}
	}
	row.OrderIDs = append(row.OrderIDs, p.Orders...)
	for _, one := range []struct {
		list *[]string
		text *string
	}{{&p.Emails, payload.Customer.Email}, {&p.Phones, payload.Customer.Phone}} {
		if one.text != nil {
			learn(one.list, strings.ReplaceAll(*one.text, "\x00", ""))
		}
	}
	if len(p.records()) == 0 && len(p.Emails) == 0 && len(p.Phones) == 0 {
		return nil, ErrUnclear
	}
	person, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode person: %w", err)
	}
	row.Person = person
	return row, nil
}

// Ask writes a request down, in the transaction in which its webhook is worked off. One that is there stays as it is.
func (s *Service) Ask(tx *activity.Tx, shop *models.Shop, id string, receivedAt time.Time, row *models.PrivacyRequest) error {
	now := s.now()
	row.ID, row.ShopID = id, shop.ID
	row.DueAt, row.ReceivedAt, row.ActBy = now, receivedAt, DoneBy(receivedAt)
	row.Phase = phasesOf(row.Kind)[0].name
	if err := tx.DB.Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error; err != nil {
		return fmt.Errorf("write privacy request down: %w", err)
	}
	s.Queue.NudgeAt(queue.WorkOnPrivacy{ID: id, Shop: shop.ID}, now.Add(time.Second)) // before the commit the sweep finds it
	return nil
}

// DoneBy is by when what is asked for has to be done.
func DoneBy(receivedAt time.Time) time.Time { return receivedAt.Add(actWithin) }
