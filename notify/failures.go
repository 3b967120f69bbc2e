package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// noticeEvery is how often at most a shop is told of one cause.
	noticeEvery = time.Hour
	// marksAtOnce bounds one transaction.
	marksAtOnce = 5_000
	// shownCauses is how many causes a mail names.
	shownCauses = 20
)

// Failures tells every shop that wants to know of what has failed, at most once an hour for each cause.
func (s *Service) Failures(ctx context.Context) error {
	var ids []int64
	err := s.DB.WithContext(ctx).Raw(`SELECT shop_id FROM failure_marks GROUP BY shop_id
		UNION SELECT shop_id FROM failure_notices WHERE pending > 0 AND (mailed_at IS NULL OR mailed_at <= ?)`,
		models.Now().Add(-noticeEvery)).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("find failures to tell of: %w", err)
	}
	for _, id := range ids {
		if err := s.failuresOf(ctx, id); err != nil {
			return fmt.Errorf("tell shop %d of failures: %w", id, err)
		}
	}
	return nil
}

// failuresOf takes the shop's marks into its notices, and writes one mail about those that are due. All of it is one
// transaction: of two workers, the second finds nothing left to tell.
func (s *Service) failuresOf(ctx context.Context, id int64) error {
	return models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		var shop models.Shop
		if err := locked(tx).Where("id = ?", id).Take(&shop).Error; err != nil {
			return fmt.Errorf("load shop: %w", err)
		}
		if err := gather(tx, id); err != nil {
			return err
		}
		now := models.Now()
		var due []models.FailureNotice
		err := tx.Where("shop_id = ? AND pending > 0 AND (mailed_at IS NULL OR mailed_at <= ?)", id, now.Add(-noticeEvery)).
			Order("pending DESC, code").Find(&due).Error
		if err != nil || len(due) == 0 {
			return err
		}
		if shop.NotifyFailures && len(shop.NotifyEmails) > 0 && shop.UninstalledAt == nil {
			if err := s.tellOf(tx, &shop, due, now); err != nil {
				return err
			}
		}
		err = tx.Model(&models.FailureNotice{}).Where("shop_id = ? AND code IN ?", id, codesOf(due)).
			Updates(map[string]any{"pending": 0, "mailed_at": now}).Error
		if err != nil {
			return fmt.Errorf("save notices: %w", err)
		}
		return nil
	})
}

// locked keeps others from the row until the transaction ends.
func locked(tx *gorm.DB) *gorm.DB {
	if models.IsPostgres(tx) {
		return tx.Clauses(clause.Locking{Strength: "NO KEY UPDATE"})
	}
	return tx
}

// gather takes the shop's marks away and adds them to its notices.
func gather(tx *gorm.DB, shop int64) error {
	var marks []models.FailureMark
	some := tx.Model(&models.FailureMark{}).Select("id").Where("shop_id = ?", shop).Order("id").Limit(marksAtOnce)
	if err := tx.Clauses(clause.Returning{}).Where("id IN (?)", some).Delete(&marks).Error; err != nil {
		return fmt.Errorf("take marks: %w", err)
	}
	slices.SortFunc(marks, func(a, b models.FailureMark) int { return cmp.Compare(a.ID, b.ID) })
	byCode := map[string]*models.FailureNotice{}
	for _, m := range marks {
		n := byCode[m.Code]
		if n == nil {
			n = &models.FailureNotice{ShopID: shop, Code: m.Code, Since: m.At}
			byCode[m.Code] = n
		}
		n.Pending++
		n.ActivityID, n.Summary = m.ActivityID, m.Summary
	}
	for _, n := range byCode {
		err := tx.Exec(`INSERT INTO failure_notices (shop_id, code, pending, activity_id, summary, since) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (shop_id, code) DO UPDATE SET pending = failure_notices.pending + excluded.pending,
			activity_id = excluded.activity_id, summary = excluded.summary,
			since = CASE WHEN failure_notices.pending = 0 THEN excluded.since ELSE failure_notices.since END`,
			n.ShopID, n.Code, n.Pending, n.ActivityID, n.Summary, n.Since).Error
		if err != nil {
			return fmt.Errorf("save notice: %w", err)
		}
	}
	return nil
}

func codesOf(notices []models.FailureNotice) []string {
	codes := make([]string, len(notices))
	for i, n := range notices {
		codes[i] = n.Code
	}
	return codes
}

func (s *Service) tellOf(tx *gorm.DB, shop *models.Shop, due []models.FailureNotice, now time.Time) error {
	failures, since := 0, now
	list := mail.Section{Heading: "By cause"}
	for i, n := range due {
		failures += n.Pending
		if n.Since.Before(since) {
			since = n.Since
		}
		if i >= shownCauses {
			continue
		}
		list.Items = append(list.Items, mail.Item{
			Title: causeWords(n.Code),
			Count: number(n.Pending),
			More:  "Last: " + n.Summary,
			URL:   s.PageURL(shop, "/activity/"+n.ActivityID),
		})
	}
	heading := counted(failures, "failure") + " since " + clock(shop, since)
	letter := &mail.Letter{
		Heading:    heading,
		Paragraphs: []string{"Something that Tagtrail was to do has failed. Each cause says what to do about it; what failed can be tried again there."},
		Sections:   []mail.Section{list},
		Button:     &mail.Button{Text: "See what failed", URL: s.PageURL(shop, "/failures")},
		Why:        "You get this because failures are switched on under Settings in Tagtrail. Each cause is mailed at most once an hour. Switch it off there.",
	}
	_, err := s.Post(tx, shop, "failures "+now.Format(time.RFC3339Nano), shop.NotifyEmails, true, "["+shop.Name+"] "+heading, letter)
	return err
}

// causeWords says a cause in words, where there are any.
func causeWords(code string) string {
	if advice := activity.Advice(code); advice != "" {
		return advice
	}
	return code
}

// counted writes "1 failure", "2,000 failures".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// number writes 2,000.
func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// clock writes a time as the shop has it.
func clock(shop *models.Shop, at time.Time) string {
	return at.In(shop.Zone()).Format("Monday 15:04")
}
