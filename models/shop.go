package models

import "time"

// Plan is what a shop has subscribed to.
type Plan string

// The plans.
const (
	PlanFree Plan = "FREE"
	PlanPro  Plan = "PRO"
)

// Shop is who installed us.
type Shop struct {
	ID int64 `gorm:"primaryKey"`
	// Domain is the myshopify.com name.
	Domain   string
	GID      string `gorm:"column:gid"`
	Name     string
	Plan     Plan
	Timezone string
	Currency string

	// AccessToken and RefreshToken are sealed.
	AccessToken      []byte
	TokenExpiresAt   *time.Time
	RefreshToken     []byte
	RefreshExpiresAt *time.Time
	Scopes           string

	RetentionDays   int
	WebhookBodyDays int
	SnapshotDays    int

	InstalledAt   time.Time
	UninstalledAt *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// RetentionClass is the class that the shop's entries belong to: how many days they are kept at most.
func (s *Shop) RetentionClass() int16 {
	if s.RetentionDays <= int(ClassShort) {
		return ClassShort
	}
	return ClassLong
}

// Staff is a person of a shop's staff, known since their first visit.
type Staff struct {
	ShopID      int64  `gorm:"primaryKey;autoIncrement:false"`
	ID          string `gorm:"primaryKey"`
	Name        string
	FirstSeenAt time.Time
}

// TableName is staff in the singular: it has no plural.
func (Staff) TableName() string { return "staff" }

// Actor returns the person as an actor.
func (s *Staff) Actor() Actor { return Actor{Type: ActorStaff, ID: &s.ID, Name: s.Name} }
