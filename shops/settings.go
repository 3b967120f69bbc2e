package shops

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm/clause"
)

// maxNotified is how many addresses a shop may have told.
const maxNotified = 10

// SettingsInput is what somebody changes of a shop's settings; nil is left as it is.
type SettingsInput struct {
	NotifyEmails   []string
	NotifyFailures *bool
	NotifyDigest   *bool
}

// UpdateSettings changes a shop's settings, with an entry that says what they were. Addresses are not told of in the
// log, but how many there are.
func (s *Service) UpdateSettings(ctx context.Context, shop *models.Shop, actor models.Actor, in SettingsInput) (*models.Settings, error) {
	emails, err := checkEmails(in.NotifyEmails)
	if err != nil {
		return nil, err
	}
	var changed models.Shop
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		query := tx.DB
		if models.IsPostgres(query) {
			query = query.Clauses(clause.Locking{Strength: "NO KEY UPDATE"})
		}
		if err := query.Where("id = ?", shop.ID).Take(&changed).Error; err != nil {
			return fmt.Errorf("load shop: %w", err)
		}
		before := changed.Settings
		if in.NotifyEmails != nil {
			changed.NotifyEmails = emails
		}
		if in.NotifyFailures != nil {
			changed.NotifyFailures = *in.NotifyFailures
		}
		if in.NotifyDigest != nil {
			if *in.NotifyDigest && !changed.NotifyDigest {
				now := models.Now()
				changed.DigestSince = &now
			}
			changed.NotifyDigest = *in.NotifyDigest
		}
		if (changed.NotifyFailures || changed.NotifyDigest) && len(changed.NotifyEmails) == 0 {
			return fault.Field("Say first to which addresses.", "notifyEmails")
		}
		changes := notifyChanges(&before, &changed.Settings)
		if len(changes) == 0 {
			return nil
		}
		err := tx.DB.Model(&changed).Select("NotifyEmails", "NotifyFailures", "NotifyDigest", "DigestSince").Updates(&changed).Error
		if err != nil {
			return fmt.Errorf("save settings: %w", err)
		}
		return tx.Record(&models.Activity{
			Type:      models.SystemEvent,
			Action:    activity.SettingsChanged,
			Status:    models.Success,
			Summary:   "Settings of the shop changed: " + fieldNames(changes),
			Changes:   changes,
			ActorType: actor.Type,
			ActorID:   actor.ID,
			ActorName: actor.Name,
		})
	})
	if err != nil {
		return nil, err
	}
	return &changed.Settings, nil
}

func checkEmails(emails []string) ([]string, error) {
	kept := []string{}
	for _, email := range emails {
		email = strings.TrimSpace(email)
		if email == "" || slices.Contains(kept, email) {
			continue
		}
		if !mail.CheckAddress(email) {
			return nil, fault.Field(fmt.Sprintf("%q is not an e-mail address.", email), "notifyEmails")
		}
		kept = append(kept, email)
	}
	if len(kept) > maxNotified {
		return nil, fault.Field(fmt.Sprintf("At most %d addresses can be told.", maxNotified), "notifyEmails")
	}
	return kept, nil
}

func notifyChanges(before, after *models.Settings) []models.FieldChange {
	var changes []models.FieldChange
	change := func(field string, was, is any) {
		from, errFrom := json.Marshal(was)
		to, errTo := json.Marshal(is)
		if errFrom == nil && errTo == nil {
			changes = append(changes, models.FieldChange{Field: field, Before: from, After: to})
		}
	}
	if !slices.Equal(before.NotifyEmails, after.NotifyEmails) {
		change("notifyEmails", addresses(before.NotifyEmails), addresses(after.NotifyEmails))
	}
	if before.NotifyFailures != after.NotifyFailures {
		change("notifyFailures", before.NotifyFailures, after.NotifyFailures)
	}
	if before.NotifyDigest != after.NotifyDigest {
		change("notifyDigest", before.NotifyDigest, after.NotifyDigest)
	}
	return changes
}

func addresses(emails []string) string {
	if len(emails) == 1 {
		return "1 address"
	}
	return fmt.Sprintf("%d addresses", len(emails))
}
