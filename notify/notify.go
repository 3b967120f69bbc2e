// Package notify tells people by mail: what they asked for, what failed, and once a week how things went.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Service writes mail and sends it.
type Service struct {
	DB       *gorm.DB
	Activity *activity.Service
	Queue    *queue.Queue
	Mail     *mail.Sender
	Log      *slog.Logger
	// AdminURL is where a shop's admin opens, with {handle} or {shop} in it, and App is what our page is called there.
	AdminURL string
	App      string
}

const (
	// lease is when whoever sends a mail counts as lost. It is longer than sending takes.
	lease      = time.Minute
	sweepLimit = 200
	// keepFor is how long a mail is kept that was sent or given up: a name is not written twice meanwhile.
	keepFor = 14 * 24 * time.Hour
)

// waits are the pauses after failures. One more failure gives the mail up: about a day has gone by.
var waits = []time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour,
}

// Post writes a mail down, in the transaction of what it tells of; it is sent once that is committed. A name that was
// written before is left alone, and false returned.
func (s *Service) Post(tx *gorm.DB, shop *models.Shop, name string, to []string, once bool, subject string, letter *mail.Letter) (bool, error) {
	letter.Shop = shop.Name
	plain, html, err := letter.Lay()
	if err != nil {
		return false, err
	}
	now := models.Now()
	row := &models.Mail{
		ID:         models.NewID(now),
		ShopID:     shop.ID,
		Name:       name,
		Recipients: to,
		Subject:    subject,
		Plain:      plain,
		HTML:       html,
		Once:       once,
		Status:     models.MailPending,
		DueAt:      now,
		CreatedAt:  now,
	}
	res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
	if res.Error != nil {
		return false, fmt.Errorf("write mail down: %w", res.Error)
	}
	if res.RowsAffected > 0 {
		// Where the nudge comes before the commit, the sweep finds the row.
		s.Queue.NudgeAt(queue.SendMail{ID: row.ID, Shop: shop.ID}, now.Add(time.Second))
	}
	return res.RowsAffected > 0, nil
}

// Send sends a mail that is due. One that was sent, or that somebody else is sending, is left alone.
func (s *Service) Send(ctx context.Context, id string) error {
	row, err := s.claim(ctx, id)
	if err != nil || row == nil {
		return err
	}
	err = s.Mail.Send(ctx, &mail.Message{
		ID: row.ID, To: row.Recipients, Subject: row.Subject, Plain: row.Plain, HTML: row.HTML, Date: row.CreatedAt,
	})
	// What became of it is kept also when the task's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err == nil {
		return s.end(ctx, row, models.MailSent)
	}
	failure, ok := errors.AsType[*mail.Error](err)
	unsure := ok && failure.Unsure && row.Once
	if ok && failure.Lasting || unsure || row.Attempts > len(waits) {
		return s.giveUp(ctx, row, err.Error())
	}
	s.Log.WarnContext(ctx, "mail not sent; it is tried again", "mail", row.ID, "err", err)
	return s.later(ctx, row)
}

// claim takes a mail that is due. One that may go out only once is not taken from somebody who was lost with it: it may
// be sent already.
func (s *Service) claim(ctx context.Context, id string) (*models.Mail, error) {
	now := models.Now()
	var row models.Mail
	err := s.DB.WithContext(ctx).Where("id = ? AND ended_at IS NULL AND due_at <= ?", id, now).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load mail: %w", err)
	}
	if row.Status == models.MailSending && row.Once {
		return nil, s.giveUp(ctx, &row, "whoever sent it was lost before the mail server's answer was kept")
	}
	res := s.DB.WithContext(ctx).Model(&models.Mail{}).Where("id = ? AND ended_at IS NULL AND attempts = ? AND due_at <= ?", id, row.Attempts, now).
		Updates(map[string]any{"status": models.MailSending, "attempts": gorm.Expr("attempts + 1"), "due_at": now.Add(lease)})
	if res.Error != nil {
		return nil, fmt.Errorf("claim mail: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	row.Attempts++
	return &row, nil
}

// end keeps what became of a mail, which nobody has taken over meanwhile. Its text is not needed any more.
func (s *Service) end(ctx context.Context, row *models.Mail, status models.MailStatus) error {
	return ended(s.DB.WithContext(ctx), row, status)
}

func ended(db *gorm.DB, row *models.Mail, status models.MailStatus) error {
	err := db.Model(&models.Mail{}).Where("id = ? AND attempts = ? AND ended_at IS NULL", row.ID, row.Attempts).
		Updates(map[string]any{"status": status, "ended_at": models.Now(), "recipients": "[]", "plain": "", "html": ""}).Error
	if err != nil {
		return fmt.Errorf("save mail: %w", err)
	}
	return nil
}

func (s *Service) later(ctx context.Context, row *models.Mail) error {
	at := models.Now().Add(waits[row.Attempts-1])
	err := s.DB.WithContext(ctx).Model(&models.Mail{}).Where("id = ? AND attempts = ? AND ended_at IS NULL", row.ID, row.Attempts).
		Updates(map[string]any{"status": models.MailPending, "due_at": at}).Error
	if err != nil {
		return fmt.Errorf("save mail: %w", err)
	}
	s.Queue.NudgeAt(queue.SendMail{ID: row.ID, Shop: row.ShopID, Attempt: row.Attempts}, at)
	return nil
}

// giveUp ends a mail that did not go out, or of which that is not known, with an entry: somebody waits for it.
func (s *Service) giveUp(ctx context.Context, row *models.Mail, why string) error {
	var shop models.Shop
	if err := s.DB.WithContext(ctx).Where("id = ?", row.ShopID).Take(&shop).Error; err != nil {
		return fmt.Errorf("load shop: %w", err)
	}
	return s.Activity.Commit(ctx, &shop, func(tx *activity.Tx) error {
		if err := ended(tx.DB, row, models.MailGivenUp); err != nil {
			return err
		}
		now := models.Now().Truncate(time.Millisecond)
		reason := "Tagtrail gave it up: " + why + ". Ask whoever runs the server to look at SMTP_URL."
		code := activity.CodeMail
		return tx.Record(&models.Activity{
			ID:           models.DerivedID(now, row.ID, "given up"),
			OccurredAt:   now,
			Type:         models.SystemEvent,
			Action:       activity.MailGivenUp,
			Status:       models.Warning,
			Summary:      "Mail not sent: " + row.Subject,
			ActorType:    models.ActorSystem,
			ActorName:    activity.System().Name,
			ErrorCode:    &code,
			ErrorMessage: &reason,
			Attempts:     row.Attempts,
		})
	})
}

// Sweep nudges the workers about mail that is due, whose nudge may be lost.
func (s *Service) Sweep(ctx context.Context) error {
	var due []models.Mail
	err := s.DB.WithContext(ctx).Select("id", "shop_id", "attempts").Where("ended_at IS NULL AND due_at <= ?", models.Now()).
		Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find mail that is due: %w", err)
	}
	for _, row := range due {
		s.Queue.Nudge(queue.SendMail{ID: row.ID, Shop: row.ShopID, Attempt: row.Attempts})
	}
	return nil
}

// Forget deletes the rows of mail that ended some time ago.
func (s *Service) Forget(ctx context.Context) error {
	err := s.DB.WithContext(ctx).Where("ended_at <= ?", models.Now().Add(-keepFor)).Delete(&models.Mail{}).Error
	if err != nil {
		return fmt.Errorf("forget mail: %w", err)
	}
	return nil
}

// PageURL is where a page of ours opens in the shop's admin.
func (s *Service) PageURL(shop *models.Shop, path string) string {
	return shop.AdminURL(s.AdminURL) + "/apps/" + s.App + path
}
