package models

import "time"

// Scope is something that an API key may do.
type Scope string

// The scopes.
const (
	// ScopeRecord lets a key write entries of its own.
	ScopeRecord Scope = "RECORD"
	// ScopeRead lets a key read the log.
	ScopeRead Scope = "READ"
)

// APIKey lets a program outside use the API of one shop.
type APIKey struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	Name   string
	// Hash is the SHA-256 of the key, which itself is shown once and not kept.
	Hash []byte
	// Ending is the key's last four characters, by which a person recognises it.
	Ending     string
	Scopes     []Scope `gorm:"serializer:json"`
	ActorType  ActorType
	ActorID    *string
	ActorName  string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// TableName spells the abbreviation as the column names do.
func (APIKey) TableName() string { return "api_keys" }

// CreatedBy returns who made the key.
func (k *APIKey) CreatedBy() *Actor {
	return &Actor{Type: k.ActorType, ID: k.ActorID, Name: k.ActorName}
}

// SourceKind is who signs the webhooks of a source, and how.
type SourceKind string

// The kinds of source.
const (
	SourceStripe   SourceKind = "STRIPE"
	SourceSquare   SourceKind = "SQUARE"
	SourceStandard SourceKind = "STANDARD"
)

// Source is somebody other than Shopify who sends a shop's log signed webhooks.
type Source struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	Kind   SourceKind
	Name   string
	// Secret is sealed; empty until it is known.
	Secret []byte
	// ToleranceSeconds is how far a signature's time may be from ours.
	ToleranceSeconds int
	ActorType        ActorType
	ActorID          *string
	ActorName        string
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Received         int
	LastReceivedAt   *time.Time
	// Refused counts what came with a wrong signature or a wrong time; nothing of it is in the log.
	Refused       int
	LastRefusedAt *time.Time
	LastRefusal   *string
	DeletedAt     *time.Time
}

// CreatedBy returns who connected the source.
func (s *Source) CreatedBy() *Actor {
	return &Actor{Type: s.ActorType, ID: s.ActorID, Name: s.ActorName}
}

// RecordedKey is the key under which an entry was recorded from outside.
type RecordedKey struct {
	ShopID     int64  `gorm:"primaryKey;autoIncrement:false"`
	Key        string `gorm:"primaryKey"`
	ActivityID string
	// Content is the SHA-256 of what was recorded.
	Content    []byte
	RecordedAt time.Time
}

// NeedsSecret reports whether nothing of it can be believed yet: many senders show their secret only once they know the
// address.
func (s *Source) NeedsSecret() bool { return len(s.Secret) == 0 }
