package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
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
	sweepLimit = 200
	// patience is how long a request waits before it looks again for what it has to wait for.
	patience = 5 * time.Second
)

// waits are the pauses after failures in a row; the last one is that of all further ones: a request is never given up.
var waits = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// errLost says that the lease ended and another worker has the request, or that it is done.
var errLost = errors.New("another worker has the request")

// wait says that something has to end first.
type wait struct{ until time.Time }

// Error implements error.
func (w *wait) Error() string { return "something has to end first" }

// run is one task's work on a request.
type run struct {
	*Service
	// shop is nil once it is erased.
	shop   *models.Shop
	row    *models.PrivacyRequest
	person *Person
	marks  *marks
	// until is when no new step is begun; zero is never.
	until time.Time
}

// phase is a part of a run: steps in short transactions, until one says that there is no more.
type phase struct {
	name string
	step func(*run, context.Context) (more bool, err error)
}

func phasesOf(kind models.PrivacyKind) []phase {
	switch kind {
	case models.ShopRedact:
		return shopPhases()
	case models.DataRequest:
		return requestPhases()
	case models.CustomerRedact:
	}
	return redactPhases()
}

// Sweep nudges the workers about requests that are due, whose nudge may be lost.
func (s *Service) Sweep(ctx context.Context) error {
	var due []models.PrivacyRequest
	err := s.DB.WithContext(ctx).Select("id", "shop_id", "steps").Where("finished_at IS NULL AND due_at <= ?", s.now()).
		Order("due_at").Limit(sweepLimit).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find privacy requests that are due: %w", err)
	}
	for i := range due {
		s.Queue.Nudge(queue.WorkOnPrivacy{ID: due[i].ID, Shop: due[i].ShopID, Step: due[i].Steps})
	}
	return nil
}

// Reclaim makes requests due that were worked on when this process stopped. Only a process that works alone may say so.
func (s *Service) Reclaim(ctx context.Context) error {
	err := s.DB.WithContext(ctx).Model(&models.PrivacyRequest{}).Where("finished_at IS NULL").Update("due_at", s.now()).Error
	if err != nil {
		return fmt.Errorf("reclaim privacy requests: %w", err)
	}
	return nil
}

// WorkOn does the next part of a request. One that is not due, or that another worker has, is left alone.
func (s *Service) WorkOn(ctx context.Context, id string) error {
	r, err := s.claim(ctx, id)
	if err != nil || r == nil {
		return err
	}
	r.until = time.Now().Add(taskTime)
	err = r.steps(ctx)
	if err == nil || errors.Is(err, errLost) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	var later *wait
	switch {
	case errors.Is(err, context.Canceled):
		err = r.rest(ctx, r.now(), nil) // the worker stops; another goes on
	case errors.As(err, &later):
		err = r.rest(ctx, later.until, nil)
	default:
		if kept := r.rest(ctx, r.now().Add(waits[min(r.row.Attempts, len(waits)-1)]), err); !errors.Is(kept, errLost) {
			err = errors.Join(err, kept)
		}
	}
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

func (s *Service) claim(ctx context.Context, id string) (*run, error) {
	now := s.now()
	claimed := s.DB.WithContext(ctx).Model(&models.PrivacyRequest{}).Where("id = ? AND finished_at IS NULL AND due_at <= ?", id, now).
		Updates(map[string]any{"steps": gorm.Expr("steps + 1"), "due_at": now.Add(lease)})
	if claimed.Error != nil {
		return nil, fmt.Errorf("claim privacy request: %w", claimed.Error)
	}
	if claimed.RowsAffected == 0 {
		return nil, nil
	}
	r := &run{Service: s, row: &models.PrivacyRequest{}, person: &Person{}}
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(r.row).Error; err != nil {
		return nil, fmt.Errorf("load privacy request: %w", err)
	}
	if err := json.Unmarshal(r.row.Person, r.person); err != nil {
		return nil, fmt.Errorf("read person of request: %w", err)
	}
	r.marks = r.person.marks()
	var shops []models.Shop
	if err := s.DB.WithContext(ctx).Where("id = ?", r.row.ShopID).Find(&shops).Error; err != nil {
		return nil, fmt.Errorf("load shop %d: %w", r.row.ShopID, err)
	}
	if len(shops) > 0 {
		r.shop = &shops[0]
	}
	return r, nil
}

// steps goes on until the request is done, or the task's time is over.
func (r *run) steps(ctx context.Context) error {
	if r.shop == nil {
		return r.gone(ctx) // another request has erased it meanwhile
	}
	phases := phasesOf(r.row.Kind)
	at := slices.IndexFunc(phases, func(p phase) bool { return p.name == r.row.Phase })
	if at < 0 {
		return fmt.Errorf("privacy request %s: there is no phase %q", r.row.ID, r.row.Phase)
	}
	for at < len(phases) {
		if !r.until.IsZero() && !time.Now().Before(r.until) {
			return r.rest(ctx, r.now(), nil)
		}
		more, err := phases[at].step(r, ctx)
		if err != nil {
			return fmt.Errorf("privacy request %s: %s: %w", r.row.ID, r.row.Phase, err)
		}
		if r.row.FinishedAt != nil {
			return nil
		}
		if more {
			continue
		}
		if at++; at < len(phases) {
			r.row.Phase, r.row.Cursor = phases[at].name, nil
		}
	}
	return nil
}

// commit does a step in a transaction that counts only while the request is this task's. What the step says of it in the
// row is kept with it.
func (r *run) commit(ctx context.Context, step func(tx *activity.Tx, row *models.PrivacyRequest) error) error {
	next := *r.row
	err := r.Activity.Commit(ctx, r.shop, func(tx *activity.Tx) error {
		next = *r.row
		next.Counts, next.Parts = maps.Clone(r.row.Counts), slices.Clone(r.row.Parts)
		next.DueAt, next.Attempts, next.LastError = r.now().Add(lease), 0, nil
		if err := r.hold(tx.DB); err != nil {
			return err
		}
		if err := step(tx, &next); err != nil {
			return err
		}
		return r.save(tx.DB, &next)
	})
	if err != nil {
		return err
	}
	r.row = &next
	return nil
}

// hold keeps others from the request until the transaction ends, if it is still this task's.
func (r *run) hold(tx *gorm.DB) error {
	query := tx.Select("id")
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	found := query.Where("id = ? AND steps = ? AND finished_at IS NULL", r.row.ID, r.row.Steps).Limit(1).Find(&[]models.PrivacyRequest{})
	if found.Error != nil {
		return fmt.Errorf("lock privacy request: %w", found.Error)
	}
	if found.RowsAffected == 0 {
		return errLost
	}
	return nil
}

func (r *run) save(tx *gorm.DB, row *models.PrivacyRequest) error {
	saved := tx.Model(&models.PrivacyRequest{}).Where("id = ? AND steps = ? AND finished_at IS NULL", row.ID, row.Steps).
		Select("CustomerID", "OrderIDs", "Person", "Phase", "Cursor", "Counts", "Parts", "Attempts", "LastError", "DueAt", "FinishedAt").Updates(row)
	if saved.Error != nil {
		return fmt.Errorf("save privacy request: %w", saved.Error)
	}
	if saved.RowsAffected == 0 {
		return errLost
	}
	return nil
}

// rest ends the task and says when the next one may begin, and what went wrong if something did.
func (r *run) rest(ctx context.Context, at time.Time, cause error) error {
	row := *r.row
	row.DueAt = at
	if cause != nil {
		// The person's data are none of the reader's business: what databases say of a row stays out.
		why := "It went wrong while it was at: " + row.Phase + ". The server's own log has more."
		row.Attempts++
		row.LastError = &why
	}
	if err := r.save(r.DB.WithContext(ctx), &row); err != nil {
		return err
	}
	r.Queue.NudgeAt(queue.WorkOnPrivacy{ID: row.ID, Shop: row.ShopID, Step: row.Steps}, at)
	return nil
}

// gone ends a request of a shop that is erased.
func (r *run) gone(ctx context.Context) error {
	row := *r.row
	forget(&row, r.now())
	return r.save(r.DB.WithContext(ctx), &row)
}

// forget ends a request, and leaves nothing in it of whom it was about.
func forget(row *models.PrivacyRequest, now time.Time) {
	row.CustomerID, row.OrderIDs, row.Person, row.Cursor, row.Parts = nil, []string{}, json.RawMessage("{}"), nil, []models.ExportPart{}
	row.Phase, row.FinishedAt, row.DueAt = "done", &now, now
}

// end ends a request with its entry, unless that has left the log.
func (r *run) end(tx *activity.Tx, row *models.PrivacyRequest, change func(e *models.Activity)) error {
	forget(row, r.now())
	known, err := tx.Exists(row.ID)
	if err != nil || !known {
		return err
	}
	return tx.Update(row.ID, "", change)
}

// The cursors of phases: a place in the log or in another list that is ordered by time and id, behind the number of the
// record where each has a list of its own.
func placeOf(cursor *string) (of int, behind *models.Position, err error) {
	if cursor == nil {
		return 0, nil, nil
	}
	first, rest, _ := strings.Cut(*cursor, " ")
	if _, err := fmt.Sscan(first, &of); err != nil {
		return 0, nil, fmt.Errorf("read cursor: %w", err)
	}
	if rest == "" {
		return of, nil, nil
	}
	micros, id, _ := strings.Cut(rest, " ")
	var at int64
	if _, err := fmt.Sscan(micros, &at); err != nil {
		return 0, nil, fmt.Errorf("read cursor: %w", err)
	}
	return of, &models.Position{At: time.UnixMicro(at).UTC(), ID: id}, nil
}

func cursorOf(of int, behind *models.Position) *string {
	text := fmt.Sprint(of)
	if behind != nil {
		text = fmt.Sprintf("%d %d %s", of, behind.At.UnixMicro(), behind.ID)
	}
	return &text
}

// behind narrows to rows behind a place in a list by that time and id.
func behind(column string, at *models.Position) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if at != nil {
			db = db.Where(column+" >= ? AND ("+column+", id) > (?, ?)", at.At, at.At, at.ID)
		}
		return db.Order(column + ", id")
	}
}

// afterID is the id to go on behind: the least of all at the beginning.
func afterID(cursor *string) string {
	if cursor == nil {
		return uuid.Nil.String()
	}
	return *cursor
}
