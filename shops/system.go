package shops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Start is what a process says of itself when it begins.
type Start struct {
	// Role is what it does, such as worker.
	Role    string
	Version string
	// Settings are as they are shown: a secret is "set".
	Settings map[string]string
	At       time.Time
	// NewCache says that it began with an empty Redis of its own.
	NewCache bool
}

const (
	// together is how near the starts or the stops of processes of one role are to be one: those of a fleet, or of one
	// that cannot stay up.
	together = time.Minute
	// shopsAtOnce bounds the shops that are told in one go.
	shopsAtOnce = 500
)

// announcement is something that every shop's log tells. name makes its id, so that it is told once.
type announcement struct {
	name     string
	at       time.Time
	action   string
	summary  string
	changes  []models.FieldChange
	metadata map[string]any
}

// Started tells the log of every installed shop that a process began, and what changed since its kind last did. The
// row of its role and the entries are committed together, so each change is told once.
func (s *Service) Started(ctx context.Context, start Start) error {
	if start.Settings == nil {
		start.Settings = map[string]string{}
	}
	return models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		last, err := lastRun(tx, start.Role)
		if err != nil {
			return err
		}
		announcements, err := s.sayStart(tx, last, start)
		if err != nil || len(announcements) == 0 {
			return err
		}
		row := &models.Server{Role: start.Role, Version: start.Version, Settings: start.Settings, StartedAt: start.At}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(row).Error; err != nil {
			return fmt.Errorf("save server: %w", err)
		}
		return s.announce(tx, announcements)
	})
}

// lastRun returns how the role last ran, or nil, and keeps others of the role waiting.
func lastRun(tx *gorm.DB, role string) (*models.Server, error) {
	query := tx
	if models.IsPostgres(tx) {
		query = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var last models.Server
	err := query.Where("role = ?", role).Take(&last).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load server: %w", err)
	}
	return &last, nil
}

func (s *Service) sayStart(tx *gorm.DB, last *models.Server, start Start) ([]announcement, error) {
	started := announcement{
		name: "started " + start.Role, at: start.At, action: activity.ServerStarted,
		summary:  fmt.Sprintf("Tagtrail %s started (%s)", start.Version, start.Role),
		metadata: map[string]any{"version": start.Version, "role": start.Role},
	}
	if last == nil {
		migrated, err := migrations(tx, time.Time{})
		return append([]announcement{started}, migrated...), err
	}
	same := last.Version == start.Version && maps.Equal(last.Settings, start.Settings)
	if same && last.StoppedAt == nil && start.At.Sub(last.StartedAt) < together {
		return nil, nil
	}
	if last.StoppedAt == nil {
		started.summary += "; the run before did not end in order, or another still runs"
	}
	if last.Version != start.Version {
		started.changes = []models.FieldChange{{Field: "version", Before: asJSON(last.Version), After: asJSON(start.Version)}}
	}
	all := []announcement{started}
	if changes := settingChanges(last.Settings, start.Settings); len(changes) > 0 {
		all = append(all, announcement{
			name: "settings " + start.Role, at: start.At, action: activity.SettingsChanged, changes: changes,
			summary:  "Settings of the server changed: " + fieldNames(changes),
			metadata: map[string]any{"role": start.Role},
		})
	}
	if start.NewCache {
		all = append(all, announcement{
			name: "cache " + start.Role, at: start.At, action: activity.CacheCleared,
			summary: "The cache started empty: API budgets are counted anew, waiting work is found again by its rows",
		})
	}
	migrated, err := migrations(tx, last.StartedAt)
	return append(all, migrated...), err
}

func settingChanges(before, after map[string]string) []models.FieldChange {
	names := maps.Clone(before)
	if names == nil {
		names = map[string]string{}
	}
	maps.Copy(names, after)
	var changes []models.FieldChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			changes = append(changes, models.FieldChange{Field: name, Before: asJSON(before[name]), After: asJSON(after[name])})
		}
	}
	return changes
}

func fieldNames(changes []models.FieldChange) string {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Field
	}
	return strings.Join(names, ", ")
}

// migrations tells of the steps that were taken since. Whoever tells of the same steps writes the same entry.
func migrations(tx *gorm.DB, since time.Time) ([]announcement, error) {
	var steps []models.Migration
	if err := tx.Where("applied_at > ?", since).Order("version").Find(&steps).Error; err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	if len(steps) == 0 {
		return nil, nil
	}
	names := make([]string, len(steps))
	at := steps[0].AppliedAt
	for i, step := range steps {
		names[i] = fmt.Sprintf("%04d %s", step.Version, step.Name)
		if step.AppliedAt.After(at) {
			at = step.AppliedAt
		}
	}
	return []announcement{{
		name: "migrated " + names[len(names)-1], at: at, action: activity.DatabaseMigrated,
		summary:  "Database brought to " + names[len(names)-1],
		metadata: map[string]any{"steps": names, "recordsProcessed": len(names)},
	}}, nil
}

// Stopped tells that a process ended in order.
func (s *Service) Stopped(ctx context.Context, role string, at time.Time) error {
	return models.InTx(ctx, s.DB, func(tx *gorm.DB) error {
		last, err := lastRun(tx, role)
		if err != nil || last == nil {
			return err
		}
		if last.StoppedAt != nil && at.Sub(*last.StoppedAt) < together {
			return nil
		}
		if err := tx.Model(&models.Server{}).Where("role = ?", role).Update("stopped_at", at).Error; err != nil {
			return fmt.Errorf("save server: %w", err)
		}
		return s.announce(tx, []announcement{{
			name: "stopped " + role, at: at, action: activity.ServerStopped,
			summary:  fmt.Sprintf("Tagtrail %s stopped (%s)", last.Version, role),
			metadata: map[string]any{"version": last.Version, "role": role, "durationMs": at.Sub(last.StartedAt).Milliseconds()},
		}})
	})
}

// announce writes the entries of every shop that has the app, and had it then.
func (s *Service) announce(tx *gorm.DB, announcements []announcement) error {
	var shops []models.Shop
	return tx.Where("uninstalled_at IS NULL").FindInBatches(&shops, shopsAtOnce, func(*gorm.DB, int) error {
		return s.Activity.RecordEverywhere(tx, shops, func(shop *models.Shop) []*models.Activity {
			var entries []*models.Activity
			for _, a := range announcements {
				if a.at.After(shop.InstalledAt) {
					entries = append(entries, a.entry(shop))
				}
			}
			return entries
		})
	}).Error
}

func (a *announcement) entry(shop *models.Shop) *models.Activity {
	at := a.at.Truncate(time.Millisecond)
	e := &models.Activity{
		ID:         models.DerivedID(at, shop.Domain, a.name),
		OccurredAt: at,
		Type:       models.SystemEvent,
		Action:     a.action,
		Status:     models.Success,
		Summary:    a.summary,
		Changes:    a.changes,
		ActorType:  models.ActorSystem,
		ActorName:  activity.System().Name,
	}
	if a.metadata != nil {
		e.Metadata = asJSON(a.metadata)
	}
	return e
}
