package retention

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// taskTime is how long one task begins new steps. It ends well before the queue ends it.
	taskTime = 12 * time.Second
	// lease is when a task counts as lost with its worker. It is longer than a task may take.
	lease      = 40 * time.Second
	goodbye    = 5 * time.Second
	sweepLimit = 500
	// quietHour is when a night's run begins, in the shop's time zone; runs of a server's shops begin within an hour.
	quietHour = 3
)

// waits are the pauses after failures in a row. One more failure ends a night's run.
var waits = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// errLost says that the lease ended and another worker has the run.
var errLost = errors.New("another worker has the clean-up")

// run is one task's work on a clean-up.
type run struct {
	*Service
	shop *models.Shop
	row  *models.CleanUp
	periods
	// until is when no new step is begun; zero is never.
	until time.Time
}

// phase is a part of a run: steps in short transactions, until one says that there is no more.
type phase struct {
	name string
	step func(*run, context.Context) (more bool, err error)
}

// The phases that need the store of files.
const (
	phaseArchive = "archive"
	phasePurge   = "purge"
)

// phases come in this order: entries that leave need not be moved, and what belongs to an entry leaves after it.
func phases() []phase {
	return []phase{
		{phaseArchive, (*run).archive},
		{"entries", (*run).removeEntries},
		{"classes", (*run).moveEntries},
		{"tags", (*run).removeTags},
		{"bodies", (*run).removeBodies},
		{"snapshots", (*run).removeSnapshots},
		{"deliveries", (*run).removeDeliveries},
		{"retries", (*run).removeRetries},
		{"operations", (*run).removeOperations},
		{phasePurge, (*run).purge},
		{"space", (*run).giveSpaceBack},
	}
}

// Sweep gives every shop its clean-up, and nudges the workers about those that are due.
func (s *Service) Sweep(ctx context.Context) error {
	var without []models.Shop
	err := s.DB.WithContext(ctx).Select("id", "timezone").
		Where("NOT EXISTS (SELECT 1 FROM clean_ups WHERE shop_id = shops.id)").Limit(sweepLimit).Find(&without).Error
	if err != nil {
		return fmt.Errorf("find shops without a clean-up: %w", err)
	}
	for i := range without {
		if err := s.plan(ctx, &without[i], quietTime(&without[i], s.now())); err != nil {
			return err
		}
	}
	var due []models.CleanUp
	err = s.DB.WithContext(ctx).Select("shop_id", "steps").Where("due_at <= ?", s.now()).Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find clean-ups that are due: %w", err)
	}
	for i := range due {
		s.Queue.Nudge(queue.CleanUpShop{Shop: due[i].ShopID, Step: due[i].Steps})
	}
	return nil
}

// plan gives a shop its clean-up, if it has none.
func (s *Service) plan(ctx context.Context, shop *models.Shop, at time.Time) error {
	row := &models.CleanUp{ShopID: shop.ID, Removed: models.Removed{}, DueAt: at}
	if err := s.DB.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error; err != nil {
		return fmt.Errorf("plan clean-up: %w", err)
	}
	return nil
}

// quietTime is when the shop's next night is: between three and four in the morning.
func quietTime(shop *models.Shop, now time.Time) time.Time {
	zone := shop.Zone()
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), quietHour, int(shop.ID*7%60), 0, 0, zone)
	if !at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()+1, quietHour, int(shop.ID*7%60), 0, 0, zone)
	}
	return at.UTC()
}

// WorkOn does the next part of a shop's clean-up. One that is not due, or that another worker has, is left alone.
func (s *Service) WorkOn(ctx context.Context, shop int64) error {
	r, err := s.claim(ctx, shop)
	if err != nil || r == nil {
		return err
	}
	r.until = time.Now().Add(taskTime)
	return r.work(ctx)
}

func (s *Service) claim(ctx context.Context, shop int64) (*run, error) {
	now := s.now()
	claimed := s.DB.WithContext(ctx).Model(&models.CleanUp{}).Where("shop_id = ? AND due_at <= ?", shop, now).
		Updates(map[string]any{"steps": gorm.Expr("steps + 1"), "due_at": now.Add(lease)})
	if claimed.Error != nil {
		return nil, fmt.Errorf("claim clean-up: %w", claimed.Error)
	}
	if claimed.RowsAffected == 0 {
		return nil, nil
	}
	r := &run{Service: s, shop: &models.Shop{}, row: &models.CleanUp{}}
	if err := s.DB.WithContext(ctx).Where("shop_id = ?", shop).Take(r.row).Error; err != nil {
		return nil, fmt.Errorf("load clean-up: %w", err)
	}
	if err := s.DB.WithContext(ctx).Where("id = ?", shop).Take(r.shop).Error; err != nil {
		return nil, fmt.Errorf("load shop %d: %w", shop, err)
	}
	return r, nil
}

// work goes on until the run has ended, or the task's time is over. What went wrong is kept.
func (r *run) work(ctx context.Context) error {
	err := r.steps(ctx)
	if err == nil || errors.Is(err, errLost) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if errors.Is(err, context.Canceled) {
		return r.rest(ctx, r.now()) // the worker stops; another goes on
	}
	kept := r.failed(ctx)
	if errors.Is(kept, errLost) {
		return nil
	}
	return errors.Join(err, kept)
}

func (r *run) steps(ctx context.Context) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	for _, p := range phases() {
		if r.row.Phase != p.name {
			continue // it was done, or its turn comes
		}
		for more := true; more; {
			if !r.until.IsZero() && !time.Now().Before(r.until) {
				return r.rest(ctx, r.now())
			}
			var err error
			if more, err = p.step(r, ctx); err != nil {
				return fmt.Errorf("clean up %s of shop %d: %w", p.name, r.shop.ID, err)
			}
		}
		r.row.Phase, r.row.Cursor = after(p.name), nil
	}
	return r.end(ctx, "")
}

// after is the phase that follows, or "".
func after(name string) string {
	all := phases()
	for i := range all[:len(all)-1] {
		if all[i].name == name {
			return all[i+1].name
		}
	}
	return ""
}

// begin begins a night's run, or takes up the one that was begun. What is over was over when it began.
func (r *run) begin(ctx context.Context) error {
	if r.row.RunID == nil {
		now := r.now().Truncate(time.Millisecond)
		id := models.NewID(now)
		r.row.RunID, r.row.BeganAt = &id, &now
		r.row.Phase, r.row.Cursor, r.row.KeptBecause, r.row.Removed, r.row.Attempts = phaseArchive, nil, nil, models.Removed{}, 0
		if err := r.commit(ctx, nil); err != nil {
			return err
		}
	}
	r.periods = r.periodsOf(r.shop, *r.row.BeganAt)
	return nil
}

// commit lets a step remove things in a transaction that counts only while the run is this task's. What the step says of
// it in the row is kept with it.
func (r *run) commit(ctx context.Context, step func(tx *gorm.DB, row *models.CleanUp) error) error {
	var next models.CleanUp
	err := models.InTx(ctx, r.DB, func(tx *gorm.DB) error {
		next = *r.row
		next.Removed = maps.Clone(r.row.Removed)
		next.DueAt, next.Attempts = r.now().Add(lease), 0
		if step != nil {
			if err := step(tx, &next); err != nil {
				return err
			}
		}
		return r.save(tx, &next)
	})
	if err != nil {
		return err
	}
	r.row = &next
	return nil
}

// save keeps how far the run came, if it is still this task's.
func (r *run) save(tx *gorm.DB, row *models.CleanUp) error {
	saved := tx.Model(&models.CleanUp{}).Where("shop_id = ? AND steps = ?", row.ShopID, row.Steps).
		Select("RunID", "BeganAt", "Phase", "Cursor", "Removed", "KeptBecause", "Attempts", "DueAt").Updates(row)
	if saved.Error != nil {
		return fmt.Errorf("save clean-up: %w", saved.Error)
	}
	if saved.RowsAffected == 0 {
		return errLost
	}
	return nil
}

// rest ends the task and says when the next one may begin.
func (r *run) rest(ctx context.Context, at time.Time) error {
	row := *r.row
	row.DueAt = at
	if err := r.save(r.DB.WithContext(ctx), &row); err != nil {
		return err
	}
	r.Queue.NudgeAt(queue.CleanUpShop{Shop: r.shop.ID, Step: row.Steps}, at)
	return nil
}

// failed keeps when the next task may begin. After enough failures what needs the archive is left to the next night; when
// something else fails, all that is left is.
func (r *run) failed(ctx context.Context) error {
	if r.row.Attempts < len(waits) {
		wait := waits[r.row.Attempts]
		r.row.Attempts++
		return r.rest(ctx, r.now().Add(wait))
	}
	if r.row.Phase != phaseArchive && r.row.Phase != phasePurge {
		return r.end(ctx, "Something went wrong; the server's own log has it. The next night tries again.")
	}
	trouble := "The archive could not be written or read; the server's own log has more. What belongs into it stays in the log until that is mended."
	r.row.KeptBecause, r.row.Phase, r.row.Cursor, r.row.Attempts = &trouble, after(r.row.Phase), nil, 0
	return r.rest(ctx, r.now())
}

// end writes down what left, if anything did, and plans the next night.
func (r *run) end(ctx context.Context, trouble string) error {
	now := r.now()
	return r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		query := tx.DB
		if models.IsPostgres(query) {
			query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
		}
		var row models.CleanUp
		if err := query.Where("shop_id = ?", r.shop.ID).Take(&row).Error; err != nil {
			return fmt.Errorf("load clean-up: %w", err)
		}
		if row.Steps != r.row.Steps {
			return errLost
		}
		removed := maps.Clone(r.row.Removed)
		if row.Dropped > 0 {
			removed.Add(models.KeptEntries, models.Span{Count: row.Dropped, From: *row.DroppedFrom, To: *row.DroppedTo})
		}
		if entry := entryOf(r.row, removed, trouble); entry != nil {
			if err := tx.Record(entry); err != nil {
				return err
			}
		}
		ended := models.CleanUp{Removed: models.Removed{}, DueAt: quietTime(r.shop, now), LastAt: &now}
		err := tx.DB.Model(&models.CleanUp{}).Where("shop_id = ?", r.shop.ID).
			Select("RunID", "BeganAt", "Phase", "Cursor", "Removed", "KeptBecause", "Dropped", "DroppedFrom", "DroppedTo", "Attempts", "DueAt", "LastAt").
			Updates(&ended).Error
		if err != nil {
			return fmt.Errorf("end clean-up: %w", err)
		}
		return nil
	})
}
