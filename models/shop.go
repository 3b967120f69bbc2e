package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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

	Settings `gorm:"embedded"`
	// ClassBefore is the class of entries from before ClassSince; nil where the class never changed.
	ClassBefore *int16
	ClassSince  *time.Time

	// WebhooksAt is when Shopify was last told which webhooks we want; nil until it was.
	WebhooksAt    *time.Time
	InstalledAt   time.Time
	UninstalledAt *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Settings is how long a shop's data is kept, in days, and who is told of what.
type Settings struct {
	RetentionDays   int
	WebhookBodyDays int
	SnapshotDays    int
	// ArchiveEnabled says that entries go into the archive before they leave the log.
	ArchiveEnabled bool
	// ArchiveDays is how old entries in the archive may be; nil keeps them for good.
	ArchiveDays *int
	// ShortenedAt is when they become those of the FREE plan, which the shop has fallen back to; nil where they may stay.
	ShortenedAt *time.Time

	NotifyEmails []string `gorm:"serializer:json"`
	// NotifyFailures asks for a mail when something fails, NotifyDigest for one a week.
	NotifyFailures bool
	NotifyDigest   bool
	// DigestSince is when the digest was asked for.
	DigestSince *time.Time
}

// Key returns the shop's id in the form that the API shows.
func (s *Shop) Key() string { return strconv.FormatInt(s.ID, 10) }

// Zone is the shop's time zone; UTC where this machine does not know the name that Shopify has for it.
func (s *Shop) Zone() *time.Location {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// RetentionClass is the class that the shop's entries belong to: how many days they are kept at most.
func (s *Settings) RetentionClass() int16 {
	if s.RetentionDays <= int(ClassShort) {
		return ClassShort
	}
	return ClassLong
}

// ClassAt is the class that an entry of that time is written into. It follows from the entry alone, so that whoever
// writes it, before or after a change of the period, writes into one place.
func (s *Shop) ClassAt(at time.Time) int16 {
	if s.ClassSince != nil && at.Before(*s.ClassSince) {
		return *s.ClassBefore
	}
	return s.RetentionClass()
}

// LeavesByPartition reports whether entries stay until their partition leaves: only those of shops do that keep entries
// as long as their class.
func (s *Shop) LeavesByPartition() bool { return s.RetentionDays == int(s.RetentionClass()) }

// ClassChangeAfter is how long after a change of class the first entries are written into the new one. Everybody who
// read the shop before the change is done by then.
const ClassChangeAfter = time.Minute

// Keep gives the shop other settings, and its entries from a minute on another class where that follows.
func (s *Shop) Keep(settings Settings, now time.Time) {
	if before := s.RetentionClass(); settings.RetentionClass() != before {
		since := now.Add(ClassChangeAfter)
		s.ClassBefore, s.ClassSince = &before, &since
	}
	s.Settings = settings
}

// Staff is a person of a shop's staff, known since their first visit.
type Staff struct {
	ShopID      int64  `gorm:"primaryKey;autoIncrement:false"`
	ID          string `gorm:"primaryKey"`
	Name        string
	FirstSeenAt time.Time
	// Scopes is what they may do in the shop, as Shopify said at AskedAt.
	Scopes  string
	AskedAt *time.Time
}

// May reports whether Shopify lets the person do what the scope names. Who may write may read.
func (s *Staff) May(scope string) bool {
	granted := strings.Split(s.Scopes, ",")
	what, reads := strings.CutPrefix(scope, "read_")
	return slices.Contains(granted, scope) || reads && slices.Contains(granted, "write_"+what)
}

// TableName is staff in the singular: it has no plural.
func (Staff) TableName() string { return "staff" }

// Actor returns the person as an actor.
func (s *Staff) Actor() Actor { return Actor{Type: ActorStaff, ID: &s.ID, Name: s.Name} }
