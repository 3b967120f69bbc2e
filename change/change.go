// Package change is the only writer to a shop's goods. It keeps the before, writes the difference, and keeps the
// outcome.
package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/links"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shopify"
	"github.com/tagtrail/tagtrail/shops"
	"gorm.io/gorm"
)

const (
	// recordLease bounds how long one change may hold a record. It is longer than a task may take.
	recordLease = 40 * time.Second
	// busyWait is when to come back to a record that somebody else is changing.
	busyWait = 200 * time.Millisecond
)

// Service writes to shops.
type Service struct {
	DB       *gorm.DB
	Shops    *shops.Service
	Activity *activity.Service
	Queue    *queue.Queue
	Live     *live.Hub
	// FileKey signs links to files; without it there are none. FileURL is where they begin.
	FileKey links.Key
	FileURL string
	// Batch is how many items of an operation are done together; 0 is the default.
	Batch int
	// BulkLines is how many records a bulk mutation changes; 0 is the default.
	BulkLines int
	// Way is whether operations go by bulk operations, whatever takes longer; nil is as it is estimated.
	Way *bool
}

// Wait says that the work cannot go on now, through nobody's fault, and when to come back.
type Wait struct {
	At     time.Time
	Reason string
}

// Error implements error.
func (w *Wait) Error() string { return w.Reason }

// Request is what rules ask of one record.
type Request struct {
	Shop       *models.Shop
	ResourceID string
	Resource   models.ResourceType
	// CauseID is the entry that led to it. The same cause changes a record once for each rule, however often it is applied.
	CauseID string
	// Again says that somebody asked for another try after the work had ended: a rule that came to no write then, may now.
	Again      bool
	Candidates []rules.Candidate
}

// Result is what became of a request.
type Result struct {
	// Evaluations are the rules' verdicts after priorities, limits and pauses.
	Evaluations []models.Evaluation
	Snapshots   []models.Snapshot
	Refused     []rules.RefusedTag
	Paused      []string
	// Cost is what Shopify charged, in points.
	Cost int
}

// Failed returns the snapshots that Shopify refused.
func (r *Result) Failed() []models.Snapshot {
	var failed []models.Snapshot
	for _, s := range r.Snapshots {
		if s.Outcome == models.SnapshotFailed {
			failed = append(failed, s)
		}
	}
	return failed
}

// Apply brings the record's tags to what the rules want. It may be stopped between any two lines and run again: what
// was intended is read from the snapshots, what was done from the record itself. An error asks for another try.
func (s *Service) Apply(ctx context.Context, r Request) (*Result, error) {
	lock := "record " + r.ResourceID
	locked, err := models.Acquire(ctx, s.DB, r.Shop.ID, lock, r.CauseID, recordLease)
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, &Wait{At: models.Now().Add(busyWait), Reason: "Another change to this record is under way."}
	}
	result, err := s.apply(ctx, r)
	// The lock is given back also when ctx has ended; it would end by itself, but others wait for it.
	release := models.Release(context.WithoutCancel(ctx), s.DB, r.Shop.ID, lock, r.CauseID)
	return result, errors.Join(err, release)
}

func (s *Service) apply(ctx context.Context, r Request) (*Result, error) {
	client := s.Shops.Client(r.Shop)
	result := &Result{}
	var err error
	if result.Snapshots, err = s.intended(ctx, r); err != nil {
		return nil, err
	}
	// What an earlier run has begun is brought to its end as it was intended: Shopify may have it already. What was
	// refused, and is to be tried again, is planned anew: the rules and the record may be others now.
	pending := withOutcome(result.Snapshots, models.SnapshotPending)
	again := r.Again || len(withOutcome(result.Snapshots, models.SnapshotAgain)) > 0
	planned := len(pending) > 0 || len(result.Snapshots) > 0 && !again
	if planned {
		for _, c := range r.Candidates {
			result.Evaluations = append(result.Evaluations, c.Evaluation)
		}
		if len(pending) == 0 {
			return result, nil // an earlier run did it all
		}
	}
	owner, cost, err := client.Tags(ctx, r.ResourceID)
	result.Cost += cost.Actual
	if err != nil {
		return s.unread(ctx, r, result, err)
	}
	if !planned {
		if err := s.intend(ctx, r, owner, result); err != nil {
			return nil, err
		}
	}
	if pending = withOutcome(result.Snapshots, models.SnapshotPending); len(pending) == 0 {
		return result, nil
	}
	w := writer{client: client, id: r.ResourceID, now: owner}
	err = w.write(ctx, pending)
	result.Cost += w.cost
	if err != nil {
		return nil, err
	}
	for _, p := range pending {
		p.Cost = w.cost / len(pending)
	}
	return result, s.finish(ctx, r, result, w.now)
}

// unread ends what was intended for a record that is gone. Any other error asks for another try.
func (s *Service) unread(ctx context.Context, r Request, result *Result, err error) (*Result, error) {
	open := withOutcome(result.Snapshots, models.SnapshotPending, models.SnapshotAgain)
	if shopify.KindOf(err) != shopify.Gone || len(open) == 0 {
		return nil, err
	}
	for _, p := range open {
		refuse(p, err)
	}
	return result, s.finish(ctx, r, result, shopify.TagOwner{})
}

// intended returns the snapshots of an earlier, stopped run.
func (s *Service) intended(ctx context.Context, r Request) ([]models.Snapshot, error) {
	var snapshots []models.Snapshot
	err := s.DB.WithContext(ctx).
		Where("shop_id = ? AND cause_id = ? AND resource_id = ?", r.Shop.ID, r.CauseID, r.ResourceID).
		Order("id").Find(&snapshots).Error
	if err != nil {
		return nil, fmt.Errorf("load snapshots: %w", err)
	}
	return snapshots, nil
}

func withOutcome(snapshots []models.Snapshot, outcomes ...models.SnapshotOutcome) []*models.Snapshot {
	var found []*models.Snapshot
	for i := range snapshots {
		if slices.Contains(outcomes, snapshots[i].Outcome) {
			found = append(found, &snapshots[i])
		}
	}
	return found
}

// intend plans against the record as it is now and commits the snapshots, before anything is written. A rule whose
// change was made by this cause already is asked no more: what others did to it since stays.
func (s *Service) intend(ctx context.Context, r Request, owner shopify.TagOwner, result *Result) error {
	owned, err := s.Owned(ctx, r.Shop, r.ResourceID)
	if err != nil {
		return err
	}
	planned, err := s.plan(ctx, r, owner, owned, result)
	if err != nil {
		return err
	}
	result.Evaluations, result.Refused = planned.Evaluations, planned.Refused
	fresh := snapshotsOf(r, owner, planned)
	if again := withOutcome(result.Snapshots, models.SnapshotAgain); len(again) > 0 {
		if fresh, err = s.replan(ctx, r, owner, again, fresh); err != nil {
			return err
		}
		result.Snapshots = slices.DeleteFunc(result.Snapshots, func(p models.Snapshot) bool { return p.Outcome == models.SnapshotAgain })
	} else if len(fresh) > 0 {
		if err := s.DB.WithContext(ctx).Create(&fresh).Error; err != nil {
			return fmt.Errorf("keep the before: %w", err)
		}
	}
	result.Snapshots = append(result.Snapshots, fresh...)
	return nil
}

func snapshotsOf(r Request, owner shopify.TagOwner, planned *rules.Planned) []models.Snapshot {
	names := map[string]string{}
	for _, e := range planned.Evaluations {
		names[e.RuleID] = e.Name
	}
	now := models.Now()
	snapshots := make([]models.Snapshot, len(planned.Effects))
	for i, effect := range planned.Effects {
		snapshots[i] = models.Snapshot{
			ID:            models.DerivedID(now, r.CauseID, r.ResourceID+" "+effect.RuleID),
			ShopID:        r.Shop.ID,
			CauseID:       r.CauseID,
			RuleID:        &effect.RuleID,
			RuleVersion:   &effect.Version,
			RuleName:      names[effect.RuleID],
			ResourceID:    r.ResourceID,
			ResourceType:  r.Resource,
			ResourceTitle: owner.Title,
			Before:        owner.Tags,
			Adds:          effect.Add,
			Removes:       effect.Remove,
			Outcome:       models.SnapshotPending,
			CreatedAt:     now,
		}
	}
	return snapshots
}

// Begun reports whether a cause has led to changes already: an earlier run was stopped.
func (s *Service) Begun(ctx context.Context, shop *models.Shop, causeID string) (bool, error) {
	var count int64
	err := s.DB.WithContext(ctx).Model(&models.Snapshot{}).Where("shop_id = ? AND cause_id = ?", shop.ID, causeID).Count(&count).Error
	if err != nil {
		return false, fmt.Errorf("count snapshots: %w", err)
	}
	return count > 0, nil
}

// Owned returns which rule put each of a record's tags there, by models.TagKey. A tag that was about to be put there
// when a run was stopped counts: Shopify may have it already, and nobody will ask again about this record.
func (s *Service) Owned(ctx context.Context, shop *models.Shop, resourceID string) (map[string]string, error) {
	var pending []models.Snapshot
	err := s.DB.WithContext(ctx).Select("id", "rule_id", "adds").
		Where("shop_id = ? AND resource_id = ? AND outcome = ?", shop.ID, resourceID, models.SnapshotPending).
		Order("id").Find(&pending).Error
	if err != nil {
		return nil, fmt.Errorf("load pending snapshots: %w", err)
	}
	var rows []models.TagOwner
	err = s.DB.WithContext(ctx).Where("shop_id = ? AND resource_id = ?", shop.ID, resourceID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load tag owners: %w", err)
	}
	owned := make(map[string]string, len(rows))
	for _, p := range pending {
		for _, tag := range p.Adds {
			if p.RuleID != nil {
				owned[models.TagKey(tag)] = *p.RuleID
			}
		}
	}
	for _, row := range rows {
		owned[row.TagKey] = row.RuleID
	}
	return owned, nil
}

// plan plans, pausing rules that have changed this record too often, until what is left may be done.
func (s *Service) plan(ctx context.Context, r Request, owner shopify.TagOwner, owned map[string]string, result *Result) (*rules.Planned, error) {
	done := map[string]bool{}
	for _, p := range withOutcome(result.Snapshots, models.SnapshotSucceeded) {
		if p.RuleID != nil {
			done[*p.RuleID] = true
		}
	}
	candidates := append([]rules.Candidate(nil), r.Candidates...)
	for {
		planned := rules.Plan(candidates, owner.Tags, owned)
		planned.Effects = slices.DeleteFunc(planned.Effects, func(e rules.Effects) bool { return done[e.RuleID] })
		paused, err := s.pauseFighters(ctx, r, owner.Title, planned.Effects)
		if err != nil {
			return nil, err
		}
		if len(paused) == 0 {
			return &planned, nil
		}
		for i := range candidates {
			if id := candidates[i].Evaluation.RuleID; paused[id] {
				candidates[i].Evaluation.Outcome = models.OutcomePaused
				result.Paused = append(result.Paused, candidates[i].Evaluation.Name)
			}
		}
	}
}
