package shops

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm/clause"
)

// The longest periods, in days. What is to be kept for longer than a retention class goes into the archive.
const (
	maxBodyDays     = 90
	maxSnapshotDays = 365
	maxArchiveDays  = 3650
)

// graceDays is how long a shop that falls back to the FREE plan keeps its settings: a payment may have failed, and what
// leaves the log does not come back.
const graceDays = 14

// planRequired is the code of a setting that another plan has.
const planRequired = "PLAN_REQUIRED"

// SettingsInput is what to change of a shop's settings. What is nil stays as it is.
type SettingsInput struct {
	RetentionDays   *int
	WebhookBodyDays *int
	SnapshotDays    *int
	ArchiveEnabled  *bool
	// ArchiveDays is how old entries in the archive may be; 0 keeps them for good.
	ArchiveDays *int
	// NotifyEmails are who is told by mail, of what fails and of each week.
	NotifyEmails   []string
	NotifyFailures *bool
	NotifyDigest   *bool
}

// UpdateSettings changes how long the shop's things are kept, and writes down who did.
func (s *Service) UpdateSettings(ctx context.Context, shop *models.Shop, actor models.Actor, in SettingsInput) (*models.Settings, error) {
	var kept models.Settings
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		known, err := lockShop(tx, shop.ID)
		if err != nil {
			return err
		}
		if kept, err = in.told(in.onto(known.Settings)); err != nil {
			return err
		}
		if err := checkSettings(known, kept); err != nil {
			return err
		}
		if !exceed(known.Plan, kept) {
			kept.ShortenedAt = nil
		}
		changes := settingChanges(shownSettings(known.Settings), shownSettings(kept))
		if len(changes) == 0 {
			return nil
		}
		if err := keep(tx, known, kept); err != nil {
			return err
		}
		return tx.Record(&models.Activity{
			Type:      models.UserAction,
			Action:    activity.SettingsChanged,
			Status:    models.Success,
			Summary:   "Settings changed: " + fieldNames(changes),
			Changes:   changes,
			ActorType: actor.Type,
			ActorID:   actor.ID,
			ActorName: actor.Name,
		})
	})
	if err != nil {
		return nil, err
	}
	return &kept, nil
}

func lockShop(tx *activity.Tx, id int64) (*models.Shop, error) {
	query := tx.DB
	if models.IsPostgres(query) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var known models.Shop
	if err := query.Where("id = ?", id).Take(&known).Error; err != nil {
		return nil, fmt.Errorf("load shop %d: %w", id, err)
	}
	return &known, nil
}

// keep saves other settings of a shop, and when its entries change their class where they do.
func keep(tx *activity.Tx, known *models.Shop, settings models.Settings) error {
	known.Keep(settings, models.Now())
	err := tx.DB.Model(&models.Shop{}).Where("id = ?", known.ID).
		Select("RetentionDays", "WebhookBodyDays", "SnapshotDays", "ArchiveEnabled", "ArchiveDays", "ShortenedAt", "ClassBefore",
			"ClassSince", "NotifyEmails", "NotifyFailures", "NotifyDigest", "DigestSince").Updates(known).Error
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

func (in SettingsInput) onto(s models.Settings) models.Settings {
	for _, days := range []struct{ to, from *int }{
		{&s.RetentionDays, in.RetentionDays}, {&s.WebhookBodyDays, in.WebhookBodyDays}, {&s.SnapshotDays, in.SnapshotDays},
	} {
		if days.from != nil {
			*days.to = *days.from
		}
	}
	if in.ArchiveEnabled != nil {
		s.ArchiveEnabled = *in.ArchiveEnabled
	}
	if in.ArchiveDays != nil {
		s.ArchiveDays = in.ArchiveDays
		if *in.ArchiveDays == 0 {
			s.ArchiveDays = nil
		}
	}
	return s
}

func checkSettings(known *models.Shop, s models.Settings) error {
	plan := known.Plan
	var problems []fault.Problem
	wrong := func(field, code, format string, args ...any) {
		problems = append(problems, fault.Problem{Field: []string{field}, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	between := func(field, what string, days, most int) {
		if days < 1 || days > most {
			wrong(field, string(fault.Invalid), "%s are kept for 1 to %d days.", what, most)
		}
	}
	if plan == models.PlanFree && s.RetentionDays != int(models.ClassShort) && s.RetentionDays != known.RetentionDays {
		wrong("retentionDays", planRequired, "On the FREE plan entries are kept for %d days. Upgrade to choose.", models.ClassShort)
	} else {
		between("retentionDays", "Entries", s.RetentionDays, int(models.ClassLong))
	}
	between("webhookBodyDays", "Webhook bodies", s.WebhookBodyDays, maxBodyDays)
	between("snapshotDays", "Snapshots", s.SnapshotDays, maxSnapshotDays)
	if plan == models.PlanFree && s.ArchiveEnabled && !known.ArchiveEnabled {
		wrong("archiveEnabled", planRequired, "The archive is part of the PRO plan. Upgrade to use it.")
	}
	if d := s.ArchiveDays; d != nil && (*d <= s.RetentionDays || *d > maxArchiveDays) {
		wrong("archiveDays", string(fault.Invalid), "The archive keeps entries for longer than the log, which is %d days, and for %d days at most, or for good.",
			s.RetentionDays, maxArchiveDays)
	}
	return fault.Problems(problems)
}

// exceed reports whether settings keep more than the plan does.
func exceed(plan models.Plan, s models.Settings) bool {
	return plan == models.PlanFree && (s.RetentionDays > int(models.ClassShort) || s.ArchiveEnabled)
}

// within returns the settings as the plan allows them now. A shop that upgrades gets the longer period of the new plan;
// one that falls back keeps its settings for some days.
func within(plan models.Plan, known *models.Shop, now time.Time) models.Settings {
	s := known.Settings
	if plan == models.PlanFree {
		s.RetentionDays = max(s.RetentionDays, int(models.ClassShort))
	}
	switch {
	case plan == models.PlanPro && known.Plan == models.PlanFree && s.ShortenedAt == nil:
		s.RetentionDays = int(models.ClassLong)
	case !exceed(plan, s):
		s.ShortenedAt = nil
	case s.ShortenedAt == nil:
		until := now.AddDate(0, 0, graceDays)
		s.ShortenedAt = &until
	case !now.Before(*s.ShortenedAt):
		s.RetentionDays, s.ArchiveEnabled, s.ShortenedAt = int(models.ClassShort), false, nil
	}
	return s
}

// mailShortened tells the people of the shop what leaves when, once it has fallen back to the FREE plan.
func (s *Service) mailShortened(tx *activity.Tx, shop *models.Shop, kept models.Settings) error {
	if len(kept.NotifyEmails) == 0 {
		return nil
	}
	on := kept.ShortenedAt.In(shop.Zone()).Format("2 January 2006")
	letter := &mail.Letter{
		Heading: fmt.Sprintf("From %s on, entries are kept for %d days", on, models.ClassShort),
		Paragraphs: []string{
			"The shop has no PRO plan any more. Until then everything stays as it is; in the night after that, entries that are older leave for good.",
			"Choose the plan again to keep them, or export them before.",
		},
		Facts:  []mail.Fact{{Name: "Kept now for", Value: fmt.Sprintf("%d days", kept.RetentionDays)}},
		Button: &mail.Button{Text: "Open Settings", URL: s.Notify.PageURL(shop, "/settings")},
		Why:    "You get this because your address is among those that Tagtrail tells of what happens, under Settings.",
	}
	name := "shortened at " + kept.ShortenedAt.Format(time.RFC3339Nano)
	_, err := s.Notify.Post(tx.DB, shop, name, kept.NotifyEmails, false, "["+shop.Name+"] "+letter.Heading, letter)
	return err
}

func shownSettings(s models.Settings) map[string]string {
	archive := "for good"
	if s.ArchiveDays != nil {
		archive = strconv.Itoa(*s.ArchiveDays)
	}
	shortened := ""
	if s.ShortenedAt != nil {
		shortened = s.ShortenedAt.UTC().Format(time.RFC3339)
	}
	return map[string]string{
		"retentionDays":   strconv.Itoa(s.RetentionDays),
		"webhookBodyDays": strconv.Itoa(s.WebhookBodyDays),
		"snapshotDays":    strconv.Itoa(s.SnapshotDays),
		"archiveEnabled":  strconv.FormatBool(s.ArchiveEnabled),
		"archiveDays":     archive,
		"shortenedAt":     shortened,
		"notifyEmails":    addresses(s.NotifyEmails),
		"notifyFailures":  strconv.FormatBool(s.NotifyFailures),
		"notifyDigest":    strconv.FormatBool(s.NotifyDigest),
	}
}
