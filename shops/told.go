package shops

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
)

// maxNotified is how many addresses a shop may have told.
const maxNotified = 10

// told puts onto the settings who is told by mail, and of what.
func (in SettingsInput) told(s models.Settings) (models.Settings, error) {
	if in.NotifyEmails != nil {
		emails, err := checkEmails(in.NotifyEmails)
		if err != nil {
			return s, err
		}
		s.NotifyEmails = emails
	}
	if in.NotifyFailures != nil {
		s.NotifyFailures = *in.NotifyFailures
	}
	if in.NotifyDigest != nil {
		if *in.NotifyDigest && !s.NotifyDigest {
			now := models.Now()
			s.DigestSince = &now
		}
		s.NotifyDigest = *in.NotifyDigest
	}
	if (s.NotifyFailures || s.NotifyDigest) && len(s.NotifyEmails) == 0 {
		return s, fault.Field("Say first to which addresses.", "notifyEmails")
	}
	return s, nil
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

// addresses is how the log tells of addresses: how many, and a mark by which other ones are seen to be others.
func addresses(emails []string) string {
	if len(emails) == 0 {
		return "none"
	}
	sum := sha256.Sum256([]byte(strings.Join(emails, "\n")))
	return fmt.Sprintf("%d (%s)", len(emails), hex.EncodeToString(sum[:3]))
}
