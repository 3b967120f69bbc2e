package shops

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math/big"
	"slices"
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
	// keyPrefix tells an API key from a session token, and those who look for leaked secrets whose it is.
	keyPrefix = "ttk_"
	// keyRandom and keyChecksum are the digits of a key: 32 digits of 62 are 190 bits.
	keyRandom   = 32
	keyChecksum = 6
	keyEnding   = 4
	// maxKeys bounds the keys of a shop that are not revoked.
	maxKeys = 100
	maxName = 100
	// lastUsedEvery is how exactly a key's last use is known: not every request is a write.
	lastUsedEvery = time.Minute

	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// KeyInput is an API key to make.
type KeyInput struct {
	Name   string
	Scopes []models.Scope
}

// newKey makes a key: random digits, and a checksum by which a mistyped one is known without asking the database.
func newKey() (string, error) {
	text := make([]byte, keyRandom)
	for i := range text {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(digits))))
		if err != nil {
			return "", fmt.Errorf("make API key: %w", err)
		}
		text[i] = digits[n.Int64()]
	}
	return keyPrefix + string(text) + checksum(string(text)), nil
}

func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	out := make([]byte, keyChecksum)
	for i := range out {
		out[len(out)-1-i] = digits[sum%uint32(len(digits))]
		sum /= uint32(len(digits))
	}
	return string(out)
}

// wellFormed reports whether the text may be a key of ours.
func wellFormed(key string) bool {
	text, ours := strings.CutPrefix(key, keyPrefix)
	return ours && len(text) == keyRandom+keyChecksum && checksum(text[:keyRandom]) == text[keyRandom:]
}

func hashOf(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// Keys returns the shop's API keys, the newest first, also revoked ones.
func (s *Service) Keys(ctx context.Context, shop int64) ([]*models.APIKey, error) {
	var keys []*models.APIKey
	err := s.DB.WithContext(ctx).Where("shop_id = ?", shop).Order("created_at DESC, id DESC").Find(&keys).Error
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	return keys, nil
}

// CreateKey makes an API key and returns it with the key itself, which is not kept.
func (s *Service) CreateKey(ctx context.Context, shop *models.Shop, actor models.Actor, input KeyInput) (*models.APIKey, string, error) {
	name, err := nameOf(input.Name)
	if err != nil {
		return nil, "", err
	}
	scopes := slices.Compact(slices.Sorted(slices.Values(input.Scopes)))
	if len(scopes) == 0 {
		return nil, "", fault.Field("Choose at least one thing that the key may do.", "scopes")
	}
	secret, err := newKey()
	if err != nil {
		return nil, "", err
	}
	now := models.Now()
	key := &models.APIKey{
		ID:        models.NewID(now),
		ShopID:    shop.ID,
		Name:      name,
		Hash:      hashOf(secret),
		Ending:    secret[len(secret)-keyEnding:],
		Scopes:    scopes,
		ActorType: actor.Type,
		ActorID:   actor.ID,
		ActorName: actor.Name,
		CreatedAt: now,
	}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var count int64
		if err := tx.DB.Model(&models.APIKey{}).Where("shop_id = ? AND revoked_at IS NULL", shop.ID).Count(&count).Error; err != nil {
			return fmt.Errorf("count API keys: %w", err)
		}
		if count >= maxKeys {
			return fault.New(fault.Invalid, "There are %d API keys already. Revoke one that is not used any more.", count)
		}
		if err := tx.DB.Create(key).Error; err != nil {
			return fmt.Errorf("save API key: %w", err)
		}
		return tx.Record(keyEntry(key, actor, activity.APIKeyCreated, "created", models.FieldChange{Field: "scopes", After: asJSON(scopes)}))
	})
	if err != nil {
		return nil, "", err
	}
	return key, secret, nil
}

// nameOf checks a name that a person chose.
func nameOf(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", fault.Field("Give it a name, so that people know it again in the log.", "name")
	case utf8.RuneCountInString(name) > maxName:
		return "", fault.Field(fmt.Sprintf("A name has at most %d characters.", maxName), "name")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", fault.Field("A name is one line, without control characters.", "name")
	}
	return name, nil
}

func asJSON(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil // texts, numbers and lists of them always encode
	}
	return raw
}

func keyEntry(key *models.APIKey, actor models.Actor, action, verb string, change models.FieldChange) *models.Activity {
	kind := "API key"
	return &models.Activity{
		Type:        models.UserAction,
		Action:      action,
		Status:      models.Success,
		Summary:     "API key " + key.Name + " " + verb,
		ActorType:   actor.Type,
		ActorID:     actor.ID,
		ActorName:   actor.Name,
		EntityType:  &kind,
		EntityID:    &key.ID,
		EntityTitle: &key.Name,
		Changes:     []models.FieldChange{change},
	}
}

// RevokeKey ends an API key. One that is revoked already stays as it is.
func (s *Service) RevokeKey(ctx context.Context, shop *models.Shop, actor models.Actor, id string) (*models.APIKey, error) {
	if _, ok := models.IDTime(id); !ok {
		return nil, unknownKey(id)
	}
	key := &models.APIKey{}
	now := models.Now()
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		res := tx.DB.Model(&models.APIKey{}).Where("id = ? AND shop_id = ? AND revoked_at IS NULL", id, shop.ID).Update("revoked_at", now)
		if res.Error != nil {
			return fmt.Errorf("revoke API key: %w", res.Error)
		}
		err := tx.DB.Where("id = ? AND shop_id = ?", id, shop.ID).Take(key).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return unknownKey(id)
		}
		if err != nil {
			return fmt.Errorf("load API key: %w", err)
		}
		if res.RowsAffected == 0 {
			return nil
		}
		return tx.Record(keyEntry(key, actor, activity.APIKeyRevoked, "revoked", models.FieldChange{Field: "scopes", Before: asJSON(key.Scopes)}))
	})
	if err != nil {
		return nil, err
	}
	return key, nil
}

func unknownKey(id string) error {
	return fault.New(fault.NotFound, "This shop has no API key with the id %s.", id)
}

// keySession lets a program in that has a key.
func (s *Service) keySession(ctx context.Context, secret string) (*Session, error) {
	invalid := fault.New(fault.Unauthenticated, "The API key is not valid. It may have been revoked, or not copied whole.")
	if !wellFormed(secret) {
		return nil, invalid
	}
	var key models.APIKey
	// The hash is looked up, not compared: how long that takes tells nothing of the key.
	err := s.DB.WithContext(ctx).Where("hash = ? AND revoked_at IS NULL", hashOf(secret)).Take(&key).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, invalid
	}
	if err != nil {
		return nil, fmt.Errorf("load API key: %w", err)
	}
	shop, err := s.ByID(ctx, key.ShopID)
	if err != nil {
		return nil, err
	}
	if shop.UninstalledAt != nil {
		return nil, fault.New(fault.Unauthenticated, "The shop of this API key has uninstalled Tagtrail.")
	}
	if err := s.used(ctx, &key); err != nil {
		return nil, err
	}
	return &Session{
		Shop:  shop,
		Actor: models.Actor{Type: models.ActorAPI, ID: &key.ID, Name: key.Name},
		Key:   &key,
	}, nil
}

// used notes the key's last use, once a minute at most.
func (s *Service) used(ctx context.Context, key *models.APIKey) error {
	now := models.Now()
	if key.LastUsedAt != nil && now.Sub(*key.LastUsedAt) < lastUsedEvery {
		return nil
	}
	err := s.DB.WithContext(ctx).Model(&models.APIKey{}).
		Where("id = ? AND shop_id = ? AND (last_used_at IS NULL OR last_used_at <= ?)", key.ID, key.ShopID, now.Add(-lastUsedEvery)).
		Update("last_used_at", now).Error
	if err != nil {
		return fmt.Errorf("note the use of an API key: %w", err)
	}
	return nil
}

// Live reports whether a session may go on: what a program watches ends when its key does.
func (s *Service) Live(ctx context.Context, session *Session) (bool, error) {
	if session.Key == nil {
		return true, nil
	}
	var key models.APIKey
	err := s.DB.WithContext(ctx).Select("id").
		Where("id = ? AND shop_id = ? AND revoked_at IS NULL", session.Key.ID, session.Key.ShopID).Take(&key).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load API key: %w", err)
	}
	return true, nil
}
