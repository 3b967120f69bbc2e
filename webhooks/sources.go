package webhooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

const (
	maxSources    = 50
	maxSourceName = 100
	maxSecret     = 255
	// minStandardKey is the least that the Standard Webhooks scheme asks of a key, in bytes.
	minStandardKey = 24
	minTolerance   = 30
	maxTolerance   = 3600
)

// SourceInput is a source to connect or to change.
type SourceInput struct {
	ID               *string
	Kind             models.SourceKind
	Name             string
	Secret           *string
	ToleranceSeconds int
}

// Sources returns the shop's sources, the newest first.
func (s *Service) Sources(ctx context.Context, shop int64) ([]*models.Source, error) {
	var sources []*models.Source
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND deleted_at IS NULL", shop).Order("created_at DESC, id DESC").Find(&sources).Error
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return sources, nil
}

// SourceURL returns where a source is to send its webhooks.
func (s *Service) SourceURL(source *models.Source) string { return s.SourcesURL + "/" + source.ID }

// SaveSource connects a source, or changes one.
func (s *Service) SaveSource(ctx context.Context, shop *models.Shop, actor models.Actor, input SourceInput) (*models.Source, error) {
	input.Name = strings.TrimSpace(input.Name)
	if err := fault.Problems(input.check()); err != nil {
		return nil, err
	}
	if input.ID == nil {
		return s.connect(ctx, shop, actor, input)
	}
	return s.changeSource(ctx, shop, actor, input)
}

func (in *SourceInput) check() []fault.Problem {
	var problems []fault.Problem
	wrong := func(field, message string) {
		problems = append(problems, fault.Problem{Field: []string{field}, Code: string(fault.Invalid), Message: message})
	}
	switch {
	case in.Name == "":
		wrong("name", "Give it a name, such as Stripe: its entries are shown under it.")
	case utf8.RuneCountInString(in.Name) > maxSourceName:
		wrong("name", fmt.Sprintf("A name has at most %d characters.", maxSourceName))
	case !utf8.ValidString(in.Name) || strings.ContainsFunc(in.Name, unicode.IsControl):
		wrong("name", "A name is one line, without control characters.")
	}
	if in.ToleranceSeconds < minTolerance || in.ToleranceSeconds > maxTolerance {
		wrong("toleranceSeconds", fmt.Sprintf("The tolerance is between %d and %d seconds.", minTolerance, maxTolerance))
	}
	if in.Secret != nil {
		if trouble := secretTrouble(in.Kind, *in.Secret); trouble != "" {
			wrong("secret", trouble)
		}
	}
	return problems
}

// secretTrouble says why this cannot be the secret, or nothing.
func secretTrouble(kind models.SourceKind, secret string) string {
	if secret == "" || len(secret) > maxSecret || strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "The secret is what the sender shows for this webhook, without spaces."
	}
	switch kind {
	case models.SourceStripe:
		if !strings.HasPrefix(secret, "whsec_") {
			return "Stripe's signing secret begins with whsec_. It is on the page of the webhook endpoint; an API key is something else."
		}
	case models.SourceStandard:
		if key, err := standardKey(secret); err != nil || len(key) < minStandardKey {
			return "The secret of the Standard Webhooks scheme is whsec_ and at least 24 bytes in base64."
		}
	case models.SourceSquare:
	}
	return ""
}

func sealOwner(id string) string { return "source " + id }

func (s *Service) connect(ctx context.Context, shop *models.Shop, actor models.Actor, input SourceInput) (*models.Source, error) {
	now := models.Now()
	source := &models.Source{
		ID:               models.NewID(now),
		ShopID:           shop.ID,
		Kind:             input.Kind,
		Name:             input.Name,
		ToleranceSeconds: input.ToleranceSeconds,
		ActorType:        actor.Type,
		ActorID:          actor.ID,
		ActorName:        actor.Name,
		CreatedAt:        now,
		UpdatedAt:        now,
	}
	var err error
	source.Secret = []byte{}
	if input.Secret != nil {
		if source.Secret, err = s.Shops.Sealer.Seal(sealOwner(source.ID), *input.Secret); err != nil {
			return nil, err
		}
	}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var count int64
		if err := tx.DB.Model(&models.Source{}).Where("shop_id = ? AND deleted_at IS NULL", shop.ID).Count(&count).Error; err != nil {
			return fmt.Errorf("count sources: %w", err)
		}
		if count >= maxSources {
			return fault.New(fault.Invalid, "There are %d sources already. Disconnect one that is not used any more.", count)
		}
		if err := tx.DB.Create(source).Error; err != nil {
			return fmt.Errorf("save source: %w", err)
		}
		return tx.Record(sourceEntry(source, actor, activity.IntegrationConnected, source.Name+" connected", []models.FieldChange{
			{Field: "name", After: encoded(source.Name)},
			{Field: "kind", After: encoded(source.Kind)},
			{Field: "toleranceSeconds", After: encoded(source.ToleranceSeconds)},
		}))
	})
	if err != nil {
		return nil, err
	}
	return source, nil
}

func sourceEntry(source *models.Source, actor models.Actor, action, summary string, changes []models.FieldChange) *models.Activity {
	kind := "Integration"
	return &models.Activity{
		Type:        models.UserAction,
		Action:      action,
		Status:      models.Success,
		Summary:     summary,
		ActorType:   actor.Type,
		ActorID:     actor.ID,
		ActorName:   actor.Name,
		EntityType:  &kind,
		EntityID:    &source.ID,
		EntityTitle: &source.Name,
		Changes:     changes,
	}
}

// ofShop reads a source of the shop that is connected.
func ofShop(tx *gorm.DB, shop int64, id string) (*models.Source, error) {
	unknown := fault.New(fault.NotFound, "This shop has no source with the id %s.", id)
	if _, ok := models.IDTime(id); !ok {
		return nil, unknown
	}
	var source models.Source
	err := tx.Where("id = ? AND shop_id = ? AND deleted_at IS NULL", id, shop).Take(&source).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, fmt.Errorf("load source: %w", err)
	}
	return &source, nil
}

func (s *Service) changeSource(ctx context.Context, shop *models.Shop, actor models.Actor, input SourceInput) (*models.Source, error) {
	var source *models.Source
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var err error
		if source, err = ofShop(tx.DB, shop.ID, *input.ID); err != nil {
			return err
		}
		if source.Kind != input.Kind {
			return fault.Field("How a source signs cannot be changed. Disconnect it and connect another one.", "kind")
		}
		var changes []models.FieldChange
		if source.Name != input.Name {
			changes = append(changes, models.FieldChange{Field: "name", Before: encoded(source.Name), After: encoded(input.Name)})
		}
		if source.ToleranceSeconds != input.ToleranceSeconds {
			changes = append(changes, models.FieldChange{
				Field: "toleranceSeconds", Before: encoded(source.ToleranceSeconds), After: encoded(input.ToleranceSeconds),
			})
		}
		if input.Secret != nil {
			change := models.FieldChange{Field: "secret", Before: encoded("set"), After: encoded("set anew")}
			if source.NeedsSecret() {
				change.Before, change.After = nil, encoded("set")
			}
			changes = append(changes, change)
			if source.Secret, err = s.Shops.Sealer.Seal(sealOwner(source.ID), *input.Secret); err != nil {
				return err
			}
		}
		if len(changes) == 0 {
			return nil
		}
		source.Name, source.ToleranceSeconds, source.UpdatedAt = input.Name, input.ToleranceSeconds, models.Now()
		err = tx.DB.Model(&models.Source{}).Where("id = ? AND shop_id = ?", source.ID, shop.ID).
			Select("Name", "ToleranceSeconds", "Secret", "UpdatedAt").Updates(source).Error
		if err != nil {
			return fmt.Errorf("save source: %w", err)
		}
		return tx.Record(sourceEntry(source, actor, activity.SettingsChanged, "Settings of "+source.Name+" changed", changes))
	})
	if err != nil {
		return nil, err
	}
	return source, nil
}

// DeleteSource disconnects a source. Its row stays without the secret: what it sent is still being worked off.
func (s *Service) DeleteSource(ctx context.Context, shop *models.Shop, actor models.Actor, id string) error {
	return s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		source, err := ofShop(tx.DB, shop.ID, id)
		if err != nil {
			return err
		}
		res := tx.DB.Model(&models.Source{}).Where("id = ? AND shop_id = ? AND deleted_at IS NULL", id, shop.ID).
			Updates(map[string]any{"deleted_at": models.Now(), "secret": []byte{}})
		if res.Error != nil {
			return fmt.Errorf("disconnect source: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return nil // somebody else was faster
		}
		return tx.Record(sourceEntry(source, actor, activity.IntegrationDisconnected, source.Name+" disconnected", []models.FieldChange{
			{Field: "name", Before: encoded(source.Name)},
			{Field: "kind", Before: encoded(source.Kind)},
			{Field: "toleranceSeconds", Before: encoded(source.ToleranceSeconds)},
		}))
	})
}

// ReceiveFrom keeps a webhook of a source, as Receive does for Shopify's.
func (s *Service) ReceiveFrom(ctx context.Context, id string, header http.Header, raw []byte) error {
	source, err := s.connected(ctx, id)
	if err != nil {
		return err
	}
	if source.NeedsSecret() {
		s.refuse(ctx, source, secretless)
		return &Rejection{http.StatusUnauthorized, secretless.Error()}
	}
	secret, err := s.Shops.Sealer.Open(sealOwner(source.ID), source.Secret)
	if err != nil {
		return err
	}
	now := models.Now()
	sent := signed{
		kind:      source.Kind,
		secret:    secret,
		url:       s.SourceURL(source),
		header:    header,
		raw:       raw,
		tolerance: time.Duration(source.ToleranceSeconds) * time.Second,
		now:       now,
	}
	if err := sent.verify(); err != nil {
		s.refuse(ctx, source, err)
		return &Rejection{http.StatusUnauthorized, err.Error()}
	}
	e := sent.envelope()
	return s.inbox.put(ctx, &models.Delivery{
		ID:          models.NewID(now),
		ShopID:      source.ShopID,
		WebhookID:   source.ID + ":" + e.id,
		EventID:     e.act,
		Topic:       e.name,
		APIVersion:  e.version,
		TriggeredAt: e.at,
		ReceivedAt:  now,
		Body:        compress(raw),
		Status:      models.DeliveryPending,
		DueAt:       now,
		SourceID:    &source.ID,
	})
}

// connected returns a source that may send: it is connected, and its shop has the app.
func (s *Service) connected(ctx context.Context, id string) (*models.Source, error) {
	unknown := &Rejection{http.StatusNotFound, "Nothing is connected here."}
	if _, ok := models.IDTime(id); !ok {
		return nil, unknown
	}
	var source models.Source
	err := s.DB.WithContext(ctx).Where("id = ? AND deleted_at IS NULL", id).Take(&source).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, fmt.Errorf("load source: %w", err)
	}
	shop, err := s.Shops.ByID(ctx, source.ShopID)
	if err != nil {
		return nil, err
	}
	if shop.UninstalledAt != nil {
		return nil, unknown
	}
	return &source, nil
}

// envelope is what every event says of itself, whoever sent it.
type envelope struct {
	// id is the same when the event is sent again; act is shared by the events that one act caused.
	id, act string
	// name is what the sender calls the event.
	name    string
	version string
	at      time.Time
}

var printable = regexp.MustCompile(`^[!-~]{1,255}$`)

// envelope reads the event that was signed. What is not fit to keep is left out: an event is never lost for that.
func (s *signed) envelope() envelope {
	body, _ := parse(s.raw) // a body that is not JSON is kept all the same; its entry says so
	e := envelope{name: body.text("type")}
	switch s.kind {
	case models.SourceStripe:
		e.id, e.version, e.act = body.text("id"), body.text("api_version"), body.text("request", "id")
		if seconds, err := strconv.ParseInt(body.text("created"), 10, 64); err == nil {
			e.at = time.Unix(seconds, 0)
		}
	case models.SourceSquare:
		e.id = body.text("event_id")
		e.at, _ = time.Parse(time.RFC3339Nano, body.text("created_at"))
	default:
		e.id = s.header.Get("Webhook-Id")
		e.at, _ = time.Parse(time.RFC3339Nano, body.text("timestamp"))
	}
	if !printable.MatchString(e.id) {
		sum := sha256.Sum256(s.raw) // without an id, the same body is the same event
		e.id = "sha256-" + hex.EncodeToString(sum[:])
	}
	if !printable.MatchString(e.name) {
		e.name = "unknown"
	}
	if !printable.MatchString(e.version) {
		e.version = ""
	}
	if !printable.MatchString(e.act) {
		e.act = ""
	}
	if e.at = e.at.UTC().Truncate(time.Microsecond); e.at.Year() < 2000 || e.at.After(s.now) {
		e.at = s.now
	}
	return e
}
