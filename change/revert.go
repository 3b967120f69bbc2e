package change

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// The codes of why something cannot be taken back.
const (
	PlanRequired    = "PLAN_REQUIRED"
	SnapshotsGone   = "SNAPSHOTS_GONE"
	NothingToRevert = "NOTHING_TO_REVERT"
	StillRunning    = "STILL_RUNNING"
	AlreadyReverted = "ALREADY_REVERTED"
)

// Revert starts an operation that takes back all or part of what was changed. It is for the PRO plan.
func (s *Service) Revert(ctx context.Context, shop *models.Shop, actor models.Actor, in RevertInput) (*Operation, error) {
	if err := installed(shop); err != nil {
		return nil, err
	}
	t, problems, err := s.target(ctx, shop, in)
	if err != nil {
		return nil, err
	}
	if problem := planProblem(shop); problem != nil {
		problems = append([]fault.Problem{*problem}, problems...)
	}
	if len(problems) > 0 {
		return nil, fault.Problems(problems)
	}
	now := models.Now()
	op := &models.Operation{
		ID:        models.NewID(now),
		ShopID:    shop.ID,
		Kind:      models.Revert,
		Status:    models.OperationQueued,
		Resource:  t.resource,
		Label:     t.label,
		Chosen:    t.chosen,
		ActorType: actor.Type,
		ActorID:   actor.ID,
		ActorName: actor.Name,
		RevertOf:  t.in.OperationID,
		DueAt:     now,
		CreatedAt: now,
	}
	if op.Input, err = encode(Input{Kind: models.Revert, Resource: t.resource, Note: in.Note}); err != nil {
		return nil, err
	}
	if op.Revert, err = encode(t.in); err != nil {
		return nil, err
	}
	estimate, err := s.estimate(ctx, shop, &Input{Kind: models.Revert, Resource: t.resource}, &found{count: t.records, exact: true})
	if err != nil {
		return nil, err
	}
	op.Bulk = estimate.Bulk
	if op.Estimate, err = encode(estimate); err != nil {
		return nil, err
	}
	if err := s.enter(ctx, shop, op, func(tx *activity.Tx) error { return noteRevert(tx, op, t) }); err != nil {
		return nil, err
	}
	return s.Get(ctx, shop, op.ID)
}

// noteRevert tells the entry of what is taken back who does so.
func noteRevert(tx *activity.Tx, op *models.Operation, t *target) error {
	id := t.in.ActivityID
	if t.in.OperationID != nil {
		id = t.in.OperationID
	}
	if id == nil {
		return nil // what a rule did has no entry of its own
	}
	known, err := tx.Exists(*id)
	if err != nil || !known {
		return err // it has left the log
	}
	note := "Taken back by " + op.ActorName
	if len(t.in.ItemIDs) > 0 {
		note = "Taken back in part by " + op.ActorName
	}
	var broken error
	err = tx.Update(*id, note, func(e *models.Activity) {
		var told struct {
			RevertedBy []string `json:"revertedBy"`
		}
		_ = json.Unmarshal(e.Metadata, &told) // who wrote something else there, has it replaced
		e.Metadata, broken = withValues(e.Metadata, map[string]any{"revertedBy": append(told.RevertedBy, op.ID)})
	})
	if broken != nil {
		return broken
	}
	return err
}

// target is what a revert takes back.
type target struct {
	in       RevertInput
	resource models.ResourceType
	label    string
	chosen   string
	records  int
	// of is the operation, where it is one.
	of *models.Operation
	// snapshotID is what one entry tells of.
	snapshotID string
}

func problem(code, message string, path ...string) fault.Problem {
	return fault.Problem{Field: path, Code: code, Message: message}
}

func planProblem(shop *models.Shop) *fault.Problem {
	if shop.Plan == models.PlanPro {
		return nil
	}
	p := problem(PlanRequired, "Taking changes back is part of the PRO plan. Upgrade to use it.")
	return &p
}

// target finds what is to be taken back, and says what is wrong with that. Problems of the plan are not among them.
func (s *Service) target(ctx context.Context, shop *models.Shop, in RevertInput) (*target, []fault.Problem, error) {
	if in.Mode == "" {
		in.Mode = models.KeepLaterEdits
	}
	if problems := checkRevert(&in); len(problems) > 0 {
		return nil, problems, nil
	}
	if in.ActivityID != nil {
		entry, err := s.Activity.Get(ctx, shop.ID, *in.ActivityID)
		if err != nil {
			return nil, nil, err
		}
		if entry.OperationID != nil && *entry.OperationID == entry.ID {
			in.OperationID, in.ActivityID = entry.OperationID, nil
		}
	}
	t := &target{in: in}
	if in.OperationID != nil {
		return s.targetOperation(ctx, shop, t)
	}
	return s.targetSnapshots(ctx, shop, t)
}

func checkRevert(in *RevertInput) []fault.Problem {
	c := &checker{}
	ways := 0
	for _, given := range []struct {
		id   *string
		name string
	}{{in.OperationID, "operationId"}, {in.ActivityID, "activityId"}, {in.RuleID, "ruleId"}} {
		if given.id == nil {
			continue
		}
		ways++
		if _, ok := models.IDTime(*given.id); !ok {
			c.wrong(fmt.Sprintf("%q is not an id of ours.", *given.id), given.name)
		}
	}
	if ways != 1 {
		c.wrong("Say what to take back: one operation, one entry or one rule.")
	}
	if len(in.ItemIDs) > 0 && in.OperationID == nil {
		c.wrong("Say of which operation these items are.", "operationId")
	}
	if len(in.ItemIDs) > maxIDs {
		c.wrong(fmt.Sprintf("Choose at most %d items, or the whole operation.", maxIDs), "itemIds")
	}
	for _, id := range in.ItemIDs {
		if uuid.Validate(id) != nil {
			c.wrong(fmt.Sprintf("%q is not an id of ours.", id), "itemIds")
		}
	}
	if (in.From != nil || in.To != nil) && in.RuleID == nil {
		c.wrong("A window of time goes with a rule only.", "from")
	}
	if in.From != nil && in.To != nil && !in.From.Before(*in.To) {
		c.wrong("The window ends before it begins.", "to")
	}
	if in.Note != nil {
		c.text(*in.Note, maxNote, "The note", "note")
	}
	return c.problems
}

// changedItems narrows to an operation's items that have something to be taken back.
func changedItems(shop int64, op string, ids []string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		db = db.Where("shop_id = ? AND cause_id = ? AND (added <> '[]' OR removed <> '[]')", shop, op)
		if len(ids) > 0 {
			db = db.Where("id IN ?", ids)
		}
		return db
	}
}

func (s *Service) targetOperation(ctx context.Context, shop *models.Shop, t *target) (*target, []fault.Problem, error) {
	op, err := s.row(ctx, shop, *t.in.OperationID)
	if err != nil {
		return nil, nil, err
	}
	t.of, t.resource = op, op.Resource
	t.label, t.chosen = "Take back: "+op.Label, op.Chosen
	refusals, err := s.refusals(ctx, shop, []*models.Operation{op})
	if err != nil {
		return nil, nil, err
	}
	if p := refusals[op.ID]; p != nil && (len(t.in.ItemIDs) == 0 || p.Code != AlreadyReverted) {
		return t, []fault.Problem{*p}, nil
	}
	var n int64
	err = s.DB.WithContext(ctx).Model(&models.Snapshot{}).Scopes(changedItems(shop.ID, op.ID, t.in.ItemIDs)).Count(&n).Error
	if err != nil {
		return nil, nil, fmt.Errorf("count items: %w", err)
	}
	t.records = int(n)
	if n == 0 {
		return t, []fault.Problem{problem(NothingToRevert, "It changed nothing, so there is nothing to take back.")}, nil
	}
	if len(t.in.ItemIDs) > 0 {
		t.chosen = counted(t.records, "chosen record")
	}
	return t, nil, nil
}

// ruleSnapshots narrows to what a rule wrote in the window, or to what one entry tells of.
func (t *target) ruleSnapshots(shop int64) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		db = db.Where("shop_id = ? AND outcome = ?", shop, models.SnapshotSucceeded)
		if t.in.RuleID == nil {
			return db.Where("id = ?", t.snapshotID)
		}
		db = db.Where("rule_id = ?", *t.in.RuleID)
		if t.in.From != nil {
			db = db.Where("finished_at >= ?", *t.in.From)
		}
		if t.in.To != nil {
			db = db.Where("finished_at < ?", *t.in.To)
		}
		return db
	}
}

func (s *Service) targetSnapshots(ctx context.Context, shop *models.Shop, t *target) (*target, []fault.Problem, error) {
	t.snapshotID = uuid.Nil.String()
	nothing := []fault.Problem{problem(NothingToRevert, "No tags were changed there, so there is nothing to take back.")}
	if t.in.ActivityID != nil {
		entry, err := s.Activity.Get(ctx, shop.ID, *t.in.ActivityID)
		if err != nil {
			return nil, nil, err
		}
		if snapshotOf(entry) == "" {
			return t, nothing, nil
		}
		t.snapshotID = snapshotOf(entry)
		refusal, err := s.entryRefusal(ctx, shop, entry)
		if err != nil {
			return nil, nil, err
		}
		if refusal != nil {
			return t, []fault.Problem{*refusal}, nil
		}
	}
	var one models.Snapshot
	query := s.DB.WithContext(ctx).Model(&models.Snapshot{}).Scopes(t.ruleSnapshots(shop.ID))
	var n int64
	if err := query.Session(&gorm.Session{}).Distinct("resource_id").Count(&n).Error; err != nil {
		return nil, nil, fmt.Errorf("count snapshots: %w", err)
	}
	if n == 0 {
		return t, nothing, nil
	}
	if err := query.Session(&gorm.Session{}).Order("finished_at DESC").Limit(1).Find(&one).Error; err != nil {
		return nil, nil, fmt.Errorf("load snapshot: %w", err)
	}
	if ends := snapshotsEnd(shop, *one.FinishedAt); models.Now().After(ends) {
		return t, []fault.Problem{*goneSince(shop, ends)}, nil
	}
	t.resource, t.records = one.ResourceType, int(n)
	t.label = "Take back what the rule " + one.RuleName + " did"
	t.chosen = counted(t.records, "record")
	if t.in.ActivityID != nil {
		t.label = "Take back: " + Describe(one.Adds, one.Removes)
		t.chosen = Named(one.ResourceType, one.ResourceTitle)
	}
	return t, nil, nil
}

func snapshotsEnd(shop *models.Shop, at time.Time) time.Time {
	return at.AddDate(0, 0, shop.SnapshotDays)
}

func goneSince(shop *models.Shop, ends time.Time) *fault.Problem {
	p := problem(SnapshotsGone, fmt.Sprintf("What the tags were before is kept for %s. It ended on %s.", counted(shop.SnapshotDays, "day"), ends.In(shop.Zone()).Format("2 Jan 2006")))
	return &p
}

// collectSnapshots makes items of the records that a revert is about.
func (r *run) collectSnapshots(ctx context.Context) (*part, error) {
	in := r.revert.in
	if in.OperationID != nil {
		return r.collectItems(ctx)
	}
	t := &target{in: in, snapshotID: uuid.Nil.String()}
	if in.ActivityID != nil {
		entry, err := r.Activity.Get(ctx, r.shop.ID, *in.ActivityID)
		if err != nil {
			return nil, err
		}
		t.snapshotID = snapshotOf(entry)
	}
	query := r.DB.WithContext(ctx).Model(&models.Snapshot{}).Scopes(t.ruleSnapshots(r.shop.ID))
	if r.op.Cursor != nil {
		query = query.Where("resource_id > ?", *r.op.Cursor)
	}
	var rows []models.Snapshot
	err := query.Select("resource_id, MAX(resource_title) AS resource_title").Group("resource_id").Order("resource_id").
		Limit(collectBatch).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	return r.partOf(rows, func(last *models.Snapshot) string { return last.ResourceID }), nil
}

func (r *run) collectItems(ctx context.Context) (*part, error) {
	query := r.DB.WithContext(ctx).Model(&models.Snapshot{}).
		Scopes(changedItems(r.shop.ID, *r.revert.in.OperationID, r.revert.in.ItemIDs))
	if r.op.Cursor != nil {
		query = query.Where("id > ?", *r.op.Cursor)
	}
	var rows []models.Snapshot
	if err := query.Order("id").Limit(collectBatch).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	return r.partOf(rows, func(last *models.Snapshot) string { return last.ID }), nil
}

func (r *run) partOf(rows []models.Snapshot, cursor func(last *models.Snapshot) string) *part {
	p := &part{items: make([]models.Snapshot, len(rows)), last: len(rows) < collectBatch}
	for i := range rows {
		row := &rows[i]
		p.items[i] = r.item(row.ResourceID, row.ResourceTitle, row.After)
		p.cursor = cursor(row)
	}
	return p
}

// snapshotOf returns the snapshot that an entry tells of, or "".
func snapshotOf(entry *activity.Entry) string {
	if entry.Action != activity.SmartTagApplied || !slices.Contains([]models.ActivityType{models.BackgroundJob}, entry.Type) {
		return ""
	}
	var told struct {
		SnapshotID string `json:"snapshotId"`
	}
	if json.Unmarshal(entry.Metadata, &told) != nil || uuid.Validate(told.SnapshotID) != nil {
		return ""
	}
	return told.SnapshotID
}
