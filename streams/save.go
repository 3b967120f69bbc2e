package streams

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	maxStreams = 10
	maxName    = 100
	// margin is how much earlier than the disabling of a stream what it missed begins: an entry's time may be that of what
	// led to it.
	margin = time.Hour
)

// Input is a stream to make or to change.
type Input struct {
	Name   string
	URL    string
	Filter *activity.Filter
}

// check returns the filter as it is kept, or what is wrong.
func (s *Service) check(ctx context.Context, shop *models.Shop, in *Input) (json.RawMessage, error) {
	in.Name, in.URL = strings.TrimSpace(in.Name), strings.TrimSpace(in.URL)
	var problems []fault.Problem
	wrong := func(field, message string) {
		problems = append(problems, fault.Problem{Field: []string{field}, Code: string(fault.Invalid), Message: message})
	}
	switch {
	case in.Name == "":
		wrong("name", "Give it a name, such as Data warehouse: its deliveries are shown under it.")
	case utf8.RuneCountInString(in.Name) > maxName:
		wrong("name", fmt.Sprintf("A name has at most %d characters.", maxName))
	case !utf8.ValidString(in.Name) || strings.ContainsFunc(in.Name, unicode.IsControl):
		wrong("name", "A name is one line, without control characters.")
	}
	if trouble := s.Sender.addressTrouble(in.URL); trouble != "" {
		wrong("url", trouble)
	}
	filter := activity.Filter{}
	if in.Filter != nil {
		filter = *in.Filter
	}
	if trouble := datesIn(&filter); trouble {
		wrong("filter", "Leave the dates out: a stream sends what is written from now on. To send what was written before, replay it.")
	}
	if err := fault.Problems(problems); err != nil {
		return nil, err
	}
	if err := s.Activity.CheckFilter(ctx, shop, &filter); err != nil {
		return nil, err
	}
	return encoded(filter), nil
}

// datesIn reports whether the filter bounds the time.
func datesIn(filter *activity.Filter) bool {
	if filter.From != nil || filter.To != nil {
		return true
	}
	if filter.Search == nil {
		return false
	}
	search, _ := activity.ParseSearch(*filter.Search)
	return search.Since != nil || search.Until != nil
}

// Create makes a stream, which sends what is written from now on. Its secret is returned this once.
func (s *Service) Create(ctx context.Context, shop *models.Shop, by models.Actor, in Input) (*Stream, string, error) {
	filter, err := s.check(ctx, shop, &in)
	if err != nil {
		return nil, "", err
	}
	secret, err := newSecret()
	if err != nil {
		return nil, "", err
	}
	now := models.Now()
	row := models.Stream{
		ID:        models.NewID(now),
		ShopID:    shop.ID,
		Name:      in.Name,
		URL:       in.URL,
		Filter:    filter,
		Enabled:   true,
		DueAt:     now,
		ActorType: by.Type,
		ActorID:   by.ID,
		ActorName: by.Name,
		CreatedAt: now,
		UpdatedAt: now,
	}
	if row.Secret, err = s.Shops.Sealer.Seal(sealOwner(row.ID), secret); err != nil {
		return nil, "", err
	}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := room(tx.DB, shop.ID); err != nil {
			return err
		}
		if err := tx.DB.Create(&row).Error; err != nil {
			return fmt.Errorf("save stream: %w", err)
		}
		return tx.Record(told(&row, by, activity.IntegrationConnected, "Stream "+row.Name+" made", []models.FieldChange{
			{Field: "name", After: encoded(row.Name)},
			{Field: "url", After: encoded(row.URL)},
			{Field: "filter", After: row.Filter},
		}))
	})
	if err != nil {
		return nil, "", err
	}
	return &Stream{row, s}, secret, nil
}

// room refuses one stream too many. The shop's row is locked, so that two who make one are counted one after the other.
func room(tx *gorm.DB, shop int64) error {
	err := tx.Model(&models.Shop{}).Where("id = ?", shop).Update("id", shop).Error
	if err != nil {
		return fmt.Errorf("lock shop: %w", err)
	}
	var count int64
	if err := tx.Model(&models.Stream{}).Where("shop_id = ? AND deleted_at IS NULL", shop).Count(&count).Error; err != nil {
		return fmt.Errorf("count streams: %w", err)
	}
	if count >= maxStreams {
		return fault.New(fault.Invalid, "There are %d streams already. Delete one that is not used any more.", count)
	}
	return nil
}

// changing changes a row and returns which columns it changed, none where it did not, and the entry that tells of it.
type changing func(tx *gorm.DB, row *models.Stream) (columns []string, entry *models.Activity, err error)

// change changes a stream of the shop. What a worker is doing with it at the moment no longer counts: an event that it
// is just sending is sent again.
func (s *Service) change(ctx context.Context, shop *models.Shop, id string, do changing) (*Stream, error) {
	var row *models.Stream
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		var err error
		if row, err = ofShop(locked(tx.DB), shop.ID, id); err != nil {
			return err
		}
		columns, entry, err := do(tx.DB, row)
		if err != nil || len(columns) == 0 {
			return err
		}
		row.UpdatedAt = models.Now()
		// A worker that has lost it says nothing more: the next one may begin.
		row.Steps, row.DueAt, row.Working = row.Steps+1, row.UpdatedAt, false
		err = tx.DB.Model(&models.Stream{}).Where("id = ?", row.ID).
			Select(append(columns, "UpdatedAt", "Steps", "DueAt", "Working")).Updates(row).Error
		if err != nil {
			return fmt.Errorf("save stream: %w", err)
		}
		return tx.Record(entry) // after the row: a stream that has ended takes no more
	})
	if err != nil {
		return nil, err
	}
	return &Stream{*row, s}, nil
}

// locked has the rows that are read stay as they are until the transaction ends. SQLite's writer is alone anyway.
func locked(tx *gorm.DB) *gorm.DB {
	if !models.IsPostgres(tx) {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// Update changes where a stream sends, and what.
func (s *Service) Update(ctx context.Context, shop *models.Shop, by models.Actor, id string, in Input) (*Stream, error) {
	filter, err := s.check(ctx, shop, &in)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, shop, id, func(_ *gorm.DB, row *models.Stream) ([]string, *models.Activity, error) {
		var changes []models.FieldChange
		changed := func(field string, before, after json.RawMessage) {
			if string(before) != string(after) {
				changes = append(changes, models.FieldChange{Field: field, Before: before, After: after})
			}
		}
		changed("name", encoded(row.Name), encoded(in.Name))
		changed("url", encoded(row.URL), encoded(in.URL))
		changed("filter", compact(row.Filter), filter)
		if len(changes) == 0 {
			return nil, nil, nil
		}
		row.Name, row.URL, row.Filter = in.Name, in.URL, filter
		return []string{"Name", "URL", "Filter"}, told(row, by, activity.SettingsChanged, "Settings of stream "+row.Name+" changed", changes), nil
	})
}

// compact is a filter as encoded writes it: the database may have written it otherwise.
func compact(raw json.RawMessage) json.RawMessage {
	var filter activity.Filter
	if err := json.Unmarshal(raw, &filter); err != nil {
		return raw
	}
	return encoded(filter)
}

// Delete ends a stream, with what waits in it. Its deliveries stay in the log.
func (s *Service) Delete(ctx context.Context, shop *models.Shop, by models.Actor, id string) error {
	_, err := s.change(ctx, shop, id, func(tx *gorm.DB, row *models.Stream) ([]string, *models.Activity, error) {
		if err := tx.Where("stream_id = ?", id).Delete(&models.StreamItem{}).Error; err != nil {
			return nil, nil, fmt.Errorf("empty the queue: %w", err)
		}
		err := tx.Where("stream_id = ? AND delivered_at IS NULL", id).Delete(&models.StreamMessage{}).Error
		if err != nil {
			return nil, nil, fmt.Errorf("drop the open message: %w", err)
		}
		now := models.Now()
		row.Enabled, row.DeletedAt, row.Secret, row.OldSecret = false, &now, []byte{}, nil
		return []string{"Enabled", "DeletedAt", "Secret", "OldSecret"},
			told(row, by, activity.IntegrationDisconnected, "Stream "+row.Name+" deleted", []models.FieldChange{
				{Field: "name", Before: encoded(row.Name)},
				{Field: "url", Before: encoded(row.URL)},
				{Field: "filter", Before: compact(row.Filter)},
			}), nil
	})
	return err
}

// SetEnabled stops a stream or lets it go on. What waited goes out first, then what was written while it was stopped,
// as a replay; without catchUp that is left out.
func (s *Service) SetEnabled(ctx context.Context, shop *models.Shop, by models.Actor, id string, enabled, catchUp bool) (*Stream, error) {
	return s.change(ctx, shop, id, func(tx *gorm.DB, row *models.Stream) ([]string, *models.Activity, error) {
		if row.Enabled == enabled {
			return nil, nil, nil
		}
		now := models.Now()
		columns := slices.Concat([]string{"Enabled", "DisabledAt", "DisabledBecause", "FailingSince", "Attempts"}, replayColumns)
		if !enabled {
			because := by.Name + " disabled it"
			row.Enabled, row.DisabledAt, row.DisabledBecause = false, &now, &because
			return columns, disabledEntry(row, by, because), nil
		}
		if catchUp && row.DisabledAt != nil {
			if err := replay(tx, row, row.DisabledAt.Add(-margin), now); err != nil {
				return nil, nil, err
			}
		}
		row.Enabled, row.DisabledAt, row.DisabledBecause, row.FailingSince, row.Attempts = true, nil, nil, nil, 0
		return columns, told(row, by, activity.StreamEnabled, "Stream "+row.Name+" enabled", nil), nil
	})
}

// Replay sends what was written from a time on once more. What waits already goes out first.
func (s *Service) Replay(ctx context.Context, shop *models.Shop, by models.Actor, id string, from time.Time) (*Stream, error) {
	now := models.Now()
	if from.After(now.Add(skew)) {
		return nil, fault.New(fault.Invalid, "That time is still to come. Choose one in the past.")
	}
	return s.change(ctx, shop, id, func(tx *gorm.DB, row *models.Stream) ([]string, *models.Activity, error) {
		if !row.Enabled {
			return nil, nil, fault.New(fault.Invalid, "This stream is disabled. Enable it first.")
		}
		if err := replay(tx, row, from.UTC(), now); err != nil {
			return nil, nil, err
		}
		summary := fmt.Sprintf("Stream %s replayed from %s", row.Name, from.UTC().Format(time.RFC3339))
		return replayColumns, told(row, by, activity.StreamReplayed, summary, nil), nil
	})
}

// replay has the row replay the log up to now, after what waits. What is left of another replay is part of it.
func replay(tx *gorm.DB, row *models.Stream, from, now time.Time) error {
	for _, left := range []*time.Time{row.Replay.SentAt, row.Replay.From} {
		if left != nil {
			if left.Before(from) {
				from = *left
			}
			break
		}
	}
	var last int64
	err := tx.Model(&models.StreamItem{}).Where("stream_id = ?", row.ID).Select("coalesce(max(id), 0)").Scan(&last).Error
	if err != nil {
		return fmt.Errorf("find the end of the queue: %w", err)
	}
	// Entries' times are cut to the millisecond.
	from = from.UTC().Truncate(time.Millisecond)
	to := now.Add(skew)
	row.Replay = models.Replay{From: &from, To: &to, After: &last}
	return nil
}

// RotateSecret gives a stream another secret, which is returned this once. The old one signs beside it for a day.
func (s *Service) RotateSecret(ctx context.Context, shop *models.Shop, by models.Actor, id string) (*Stream, string, error) {
	secret, err := newSecret()
	if err != nil {
		return nil, "", err
	}
	stream, err := s.change(ctx, shop, id, func(_ *gorm.DB, row *models.Stream) ([]string, *models.Activity, error) {
		until := models.Now().Add(rotation)
		row.OldSecret, row.OldSecretUntil = row.Secret, &until
		if row.Secret, err = s.Shops.Sealer.Seal(sealOwner(row.ID), secret); err != nil {
			return nil, nil, err
		}
		changes := []models.FieldChange{{Field: "secret", Before: encoded("set"), After: encoded("set anew")}}
		return []string{"Secret", "OldSecret", "OldSecretUntil"},
			told(row, by, activity.SettingsChanged, "Secret of stream "+row.Name+" replaced", changes), nil
	})
	return stream, secret, err
}

func told(row *models.Stream, by models.Actor, action, summary string, changes []models.FieldChange) *models.Activity {
	kind, title := "Stream", row.Name
	return &models.Activity{
		Type:        models.UserAction,
		Action:      action,
		Status:      models.Success,
		Summary:     summary,
		ActorType:   by.Type,
		ActorID:     by.ID,
		ActorName:   by.Name,
		EntityType:  &kind,
		EntityID:    &row.ID,
		EntityTitle: &title,
		Changes:     changes,
	}
}

// disabledEntry tells that a stream sends nothing more. What the system disabled has failed: somebody has to look at it.
func disabledEntry(row *models.Stream, by models.Actor, because string) *models.Activity {
	e := told(row, by, activity.StreamDisabled, "Stream "+row.Name+" disabled", nil)
	if by.Type == models.ActorSystem {
		code := activity.CodeStreamFailing
		e.Type, e.Status, e.ErrorCode, e.ErrorMessage = models.SystemEvent, models.Failed, &code, &because
	}
	return e
}
