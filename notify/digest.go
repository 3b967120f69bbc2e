package notify

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
)

const (
	digestHour = 8
	// shownActors is how many of those who did most a digest names.
	shownActors = 5
)

// Digests writes the mail of the week to every shop that wants it: on Mondays at eight, in the shop's own time. It has
// the week's name, so it is written once, whoever looks and however often.
func (s *Service) Digests(ctx context.Context) error {
	return s.digests(ctx, models.Now())
}

func (s *Service) digests(ctx context.Context, now time.Time) error {
	var shops []models.Shop
	err := s.DB.WithContext(ctx).Where("notify_digest AND uninstalled_at IS NULL").Order("id").Find(&shops).Error
	if err != nil {
		return fmt.Errorf("find shops that want a digest: %w", err)
	}
	for i := range shops {
		if err := s.digest(ctx, &shops[i], now); err != nil {
			return fmt.Errorf("write the digest of shop %d: %w", shops[i].ID, err)
		}
	}
	return nil
}

// lastMonday is when the digest was due last.
func lastMonday(shop *models.Shop, now time.Time) time.Time {
	local := now.In(shop.Zone())
	back := (int(local.Weekday()) + 6) % 7
	due := time.Date(local.Year(), local.Month(), local.Day()-back, digestHour, 0, 0, 0, local.Location())
	if due.After(now) {
		due = due.AddDate(0, 0, -7)
	}
	return due
}

func (s *Service) digest(ctx context.Context, shop *models.Shop, now time.Time) error {
	due := lastMonday(shop, now)
	if len(shop.NotifyEmails) == 0 || shop.DigestSince == nil || shop.DigestSince.After(due) {
		return nil
	}
	name := "digest " + due.Format(time.DateOnly)
	var written int64
	err := s.DB.WithContext(ctx).Model(&models.Mail{}).Where("shop_id = ? AND name = ?", shop.ID, name).Count(&written).Error
	if err != nil || written > 0 {
		return err
	}
	letter, err := s.week(ctx, shop, due.AddDate(0, 0, -7), due)
	if err != nil {
		return err
	}
	_, err = s.Post(s.DB.WithContext(ctx), shop, name, shop.NotifyEmails, true, "["+shop.Name+"] "+letter.Heading, letter)
	return err
}

// week tells what happened in a week.
func (s *Service) week(ctx context.Context, shop *models.Shop, from, to time.Time) (*mail.Letter, error) {
	filter := &activity.Filter{From: &from, To: &to}
	stats, err := s.Activity.Stats(ctx, shop, filter, activity.Day)
	if err != nil {
		return nil, err
	}
	letter := &mail.Letter{
		Heading: "Your week in Tagtrail: " + from.Format("2 January") + " to " + to.AddDate(0, 0, -1).Format("2 January"),
		Button:  &mail.Button{Text: "Open the log", URL: s.PageURL(shop, "/")},
		Why:     "You get this because the weekly digest is switched on under Settings in Tagtrail. Switch it off there.",
	}
	counts := map[models.ActivityStatus]int{}
	all := 0
	for _, c := range stats.ByStatus {
		counts[c.Status] = c.Count
		all += c.Count
	}
	if all == 0 {
		letter.Paragraphs = []string{"Nothing happened that Tagtrail knows of: no webhook came, no rule acted and nobody changed anything in bulk. If that surprises you, open the log and see whether the app is still connected."}
		return letter, nil
	}
	letter.Facts = []mail.Fact{
		{Name: "Entries", Value: number(all)},
		{Name: "Success", Value: number(counts[models.Success])},
		{Name: "Warning", Value: number(counts[models.Warning])},
		{Name: "Failed", Value: number(counts[models.Failed])},
	}
	if failed, err := s.failed(ctx, shop, filter); err != nil {
		return nil, err
	} else if len(failed.Items) > 0 {
		letter.Sections = append(letter.Sections, failed)
	}
	busy := mail.Section{Heading: "Who did most"}
	for _, a := range stats.ByActor {
		if len(busy.Items) == shownActors {
			break
		}
		busy.Items = append(busy.Items, mail.Item{Title: a.Actor.Name, Count: number(a.Count)})
	}
	if len(busy.Items) > 0 {
		letter.Sections = append(letter.Sections, busy)
	}
	return letter, nil
}

func (s *Service) failed(ctx context.Context, shop *models.Shop, filter *activity.Filter) (mail.Section, error) {
	section := mail.Section{Heading: "What went wrong"}
	groups, err := s.Activity.Failures(ctx, shop, filter)
	if err != nil {
		return section, err
	}
	for _, g := range groups {
		if len(section.Items) == shownCauses {
			break
		}
		section.Items = append(section.Items, mail.Item{
			Title: cmp.Or(g.Message, causeWords(g.Code)),
			Count: number(g.Count),
			More:  "Last: " + g.Latest.Summary,
			URL:   s.PageURL(shop, "/activity/"+g.Latest.ID),
		})
	}
	return section, nil
}
