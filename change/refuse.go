package change

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// refusals says of operations why they cannot be taken back; the plan is another matter. One that can is not in it.
func (s *Service) refusals(ctx context.Context, shop *models.Shop, ops []*models.Operation) (map[string]*fault.Problem, error) {
	ids := make([]string, len(ops))
	for i, op := range ops {
		ids[i] = op.ID
	}
	reverts, err := s.revertTree(ctx, shop, ids)
	if err != nil {
		return nil, err
	}
	unclear := []string{}
	refused := map[string]*fault.Problem{}
	refuse := func(op *models.Operation, code, message string) {
		p := problem(code, message)
		refused[op.ID] = &p
	}
	for _, op := range ops {
		switch {
		case !op.Status.Ended():
			refuse(op, StillRunning, "It still runs. Stop it, or wait until it has ended.")
		case op.Succeeded+op.Failed+op.Conflicts == 0:
			refuse(op, NothingToRevert, "It changed nothing, so there is nothing to take back.")
		case models.Now().After(snapshotsEnd(shop, *op.FinishedAt)):
			refused[op.ID] = goneSince(shop, snapshotsEnd(shop, *op.FinishedAt))
		case running(reverts[op.ID]):
			refuse(op, StillRunning, "It is being taken back already.")
		case undone(reverts, op.ID):
			refuse(op, AlreadyReverted, "It was taken back already. To bring its changes back again, take back the revert.")
		case op.Succeeded+op.Conflicts == 0:
			unclear = append(unclear, op.ID) // some may have failed half way
		}
	}
	changed := map[string]bool{}
	if len(unclear) > 0 {
		var found []string
		err := s.DB.WithContext(ctx).Model(&models.Snapshot{}).
			Where("shop_id = ? AND cause_id IN ? AND (added <> '[]' OR removed <> '[]')", shop.ID, unclear).
			Distinct("cause_id").Pluck("cause_id", &found).Error
		if err != nil {
			return nil, fmt.Errorf("look for changes: %w", err)
		}
		for _, id := range found {
			changed[id] = true
		}
	}
	for _, op := range ops {
		if refused[op.ID] == nil && op.Succeeded+op.Conflicts == 0 && !changed[op.ID] {
			refuse(op, NothingToRevert, "It changed nothing, so there is nothing to take back.")
		}
	}
	return refused, nil
}

// revertTree returns the reverts of operations, and the reverts of these, by what they take back.
func (s *Service) revertTree(ctx context.Context, shop *models.Shop, ids []string) (map[string][]*models.Operation, error) {
	tree := map[string][]*models.Operation{}
	for len(ids) > 0 {
		var rows []*models.Operation
		err := s.DB.WithContext(ctx).Select("id", "status", "revert_of", "revert").
			Where("shop_id = ? AND revert_of IN ?", shop.ID, ids).Order("created_at, id").Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("load reverts: %w", err)
		}
		ids = nil
		for _, row := range rows {
			if tree[row.ID] == nil {
				tree[*row.RevertOf] = append(tree[*row.RevertOf], row)
				ids = append(ids, row.ID)
			}
		}
	}
	return tree, nil
}

func running(reverts []*models.Operation) bool {
	for _, revert := range reverts {
		if !revert.Status.Ended() {
			return true
		}
	}
	return false
}

// undone reports whether a revert of the whole operation has done all it was to do, and was not itself undone.
func undone(tree map[string][]*models.Operation, id string) bool {
	for _, revert := range tree[id] {
		var in RevertInput
		whole := json.Unmarshal(revert.Revert, &in) == nil && len(in.ItemIDs) == 0
		if whole && revert.Status == models.OperationCompleted && !touchedAgain(tree, revert.ID) {
			return true
		}
	}
	return false
}

// touchedAgain reports whether a revert was itself taken back, in part at least.
func touchedAgain(tree map[string][]*models.Operation, id string) bool {
	return len(tree[id]) > 0 && !undone(tree, tree[id][len(tree[id])-1].ID)
}

// reason is what can be said about taking back what an entry tells of.
type reason struct {
	// nothing says that there is nothing to take back.
	nothing bool
	refusal *fault.Problem
}

// Revertible reports whether what an entry tells of can be taken back.
func (s *Service) Revertible(ctx context.Context, shop *models.Shop, entry *activity.Entry) (bool, error) {
	r, err := s.reasonOf(ctx, shop, entry)
	return err == nil && !r.nothing && r.refusal == nil, err
}

// NotRevertible says why it cannot; nil where it can, and where there is nothing to take back.
func (s *Service) NotRevertible(ctx context.Context, shop *models.Shop, entry *activity.Entry) (*string, error) {
	r, err := s.reasonOf(ctx, shop, entry)
	if err != nil || r.nothing || r.refusal == nil {
		return nil, err
	}
	return &r.refusal.Message, nil
}

func (s *Service) reasonOf(ctx context.Context, shop *models.Shop, entry *activity.Entry) (reason, error) {
	if op, err := s.OperationOf(ctx, shop, entry); err != nil {
		return reason{}, err
	} else if op != nil {
		if op.ID != entry.ID || op.Kind == models.TagScan {
			return reason{nothing: true}, nil
		}
		refusal, err := op.refusal(ctx)
		return reason{refusal: refusal}, err
	}
	if snapshotOf(entry) == "" || entry.Status != models.Success {
		return reason{nothing: true}, nil
	}
	refusal, err := s.entryRefusal(ctx, shop, entry)
	if refusal == nil {
		refusal = planProblem(shop)
	}
	return reason{refusal: refusal}, err
}

// OperationOf returns the operation that an entry is about or part of, or nil. Those of entries that were read together
// are read together.
func (s *Service) OperationOf(ctx context.Context, shop *models.Shop, entry *activity.Entry) (*Operation, error) {
	if entry.OperationID == nil {
		return nil, nil
	}
	found, err := entry.Beside("operation", func(entries []*activity.Entry) (map[string]any, error) {
		var ids []string
		for _, e := range entries {
			if e.OperationID != nil {
				ids = append(ids, *e.OperationID)
			}
		}
		list, err := s.operationsWhere(ctx, shop, "id IN ?", ids)
		byID, byEntry := map[string]*Operation{}, map[string]any{}
		for _, o := range list {
			byID[o.ID] = o
		}
		for _, e := range entries {
			if e.OperationID != nil && byID[*e.OperationID] != nil {
				byEntry[e.ID] = byID[*e.OperationID]
			}
		}
		return byEntry, err
	})
	op, _ := found.(*Operation)
	return op, err
}

// entryRefusal says why what a rule did to one record cannot be taken back, or nil; the plan is another matter.
func (s *Service) entryRefusal(ctx context.Context, shop *models.Shop, entry *activity.Entry) (*fault.Problem, error) {
	found, err := entry.Beside("revert", func(entries []*activity.Entry) (map[string]any, error) {
		return s.entryRefusals(ctx, shop, entries)
	})
	p, _ := found.(*fault.Problem)
	return p, err
}

func (s *Service) entryRefusals(ctx context.Context, shop *models.Shop, entries []*activity.Entry) (map[string]any, error) {
	var snapshotIDs []string
	for _, e := range entries {
		if id := snapshotOf(e); id != "" {
			snapshotIDs = append(snapshotIDs, id)
		}
	}
	var kept []models.Snapshot
	err := s.DB.WithContext(ctx).Select("id", "outcome", "finished_at").
		Where("shop_id = ? AND id IN ?", shop.ID, snapshotIDs).Find(&kept).Error
	if err != nil {
		return nil, fmt.Errorf("load snapshots: %w", err)
	}
	byID := map[string]*models.Snapshot{}
	for i := range kept {
		byID[kept[i].ID] = &kept[i]
	}
	reverts, err := s.entryReverts(ctx, shop)
	if err != nil {
		return nil, err
	}
	refused := map[string]any{}
	for _, e := range entries {
		id := snapshotOf(e)
		if id == "" {
			continue
		}
		snapshot := byID[id]
		switch {
		case snapshot == nil && models.Now().Before(snapshotsEnd(shop, e.OccurredAt)):
			p := problem(SnapshotsGone, "What the tags were before was erased with the customer's data.")
			refused[e.ID] = &p
		case snapshot == nil:
			refused[e.ID] = goneSince(shop, snapshotsEnd(shop, e.OccurredAt))
		case snapshot.Outcome != models.SnapshotSucceeded || snapshot.FinishedAt == nil:
			p := problem(NothingToRevert, "Nothing was changed, so there is nothing to take back.")
			refused[e.ID] = &p
		case models.Now().After(snapshotsEnd(shop, *snapshot.FinishedAt)):
			refused[e.ID] = goneSince(shop, snapshotsEnd(shop, *snapshot.FinishedAt))
		case reverts[e.ID] != "":
			p := problem(reverts[e.ID], "It was taken back already. To bring the change back again, take back the revert.")
			if p.Code == StillRunning {
				p.Message = "It is being taken back already."
			}
			refused[e.ID] = &p
		}
	}
	return refused, nil
}

// entryReverts says of entries that were taken back by themselves how far that came.
func (s *Service) entryReverts(ctx context.Context, shop *models.Shop) (map[string]string, error) {
	var ops []*models.Operation
	err := s.DB.WithContext(ctx).Select("id", "status", "revert").
		Where("shop_id = ? AND kind = ? AND revert_of IS NULL", shop.ID, models.Revert).
		Order("created_at DESC").Limit(maxRoots).Find(&ops).Error
	if err != nil {
		return nil, fmt.Errorf("load reverts: %w", err)
	}
	ids := make([]string, len(ops))
	for i, op := range ops {
		ids[i] = op.ID
	}
	tree, err := s.revertTree(ctx, shop, ids)
	if err != nil {
		return nil, err
	}
	state := map[string]string{}
	for _, op := range ops {
		var in RevertInput
		if json.Unmarshal(op.Revert, &in) != nil || in.ActivityID == nil {
			continue
		}
		switch {
		case !op.Status.Ended():
			state[*in.ActivityID] = StillRunning
		case op.Status == models.OperationCompleted && !touchedAgain(tree, op.ID) && state[*in.ActivityID] == "":
			state[*in.ActivityID] = AlreadyReverted
		}
	}
	return state, nil
}
