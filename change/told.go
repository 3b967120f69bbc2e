package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// actionOf is the action of an operation's entry.
func actionOf(kind models.OperationKind) string {
	switch kind {
	case models.TagCleanup:
		return activity.TagCleanup
	case models.DataCleanup:
		return activity.DataCleanup
	case models.Revert, models.TagScan:
		return activity.BulkOperation
	default:
		return activity.BulkTagUpdate
	}
}

// entryOfOperation tells of an operation as its row says.
func entryOfOperation(op *models.Operation) (*models.Activity, error) {
	metadata, err := encode(operationMetadata(op, nil))
	if err != nil {
		return nil, err
	}
	started := "Started by " + op.ActorName
	entry := &models.Activity{
		ID:          op.ID,
		ShopID:      op.ShopID,
		OccurredAt:  op.CreatedAt,
		Type:        models.BackgroundJob,
		Action:      actionOf(op.Kind),
		Status:      models.Pending,
		Summary:     op.Label + " · " + op.Chosen,
		ActorType:   op.ActorType,
		ActorID:     op.ActorID,
		ActorName:   op.ActorName,
		CauseID:     op.RevertOf,
		OperationID: &op.ID,
		History:     []models.StatusChange{{Status: models.Pending, At: op.CreatedAt, Note: &started}},
		Metadata:    metadata,
	}
	if op.ActorType == models.ActorStaff {
		entry.Type = models.UserAction
	}
	return entry, nil
}

// operationMetadata is what an operation's entry says in numbers.
func operationMetadata(op *models.Operation, causes []*Cause) map[string]any {
	values := map[string]any{
		"kind": op.Kind, "records": op.Total, "changed": op.Succeeded, "unchanged": op.Unchanged, "failed": op.Failed,
		"skipped": op.Skipped, "conflicts": op.Conflicts, "cost": op.Cost, "bulk": op.Bulk,
	}
	if len(op.Estimate) > 0 && string(op.Estimate) != "null" {
		values["estimate"] = op.Estimate
	}
	if op.RevertOf != nil {
		values["revertOf"] = *op.RevertOf
	}
	if len(causes) > 0 {
		values["causes"] = causes
	}
	if op.StartedAt != nil && op.FinishedAt != nil {
		values["durationMs"] = op.FinishedAt.Sub(*op.StartedAt).Milliseconds()
	}
	return values
}

// withValues adds to an entry's metadata, and leaves what else is there.
func withValues(metadata json.RawMessage, more map[string]any) (json.RawMessage, error) {
	values := map[string]any{}
	if len(metadata) > 0 {
		if err := json.Unmarshal(metadata, &values); err != nil {
			return nil, fmt.Errorf("read metadata: %w", err)
		}
	}
	maps.Copy(values, more)
	return encode(values)
}

// end closes an operation of which nothing is left to be done.
func (r *run) end(ctx context.Context) error {
	causes, err := r.causes(ctx, r.shop.ID, r.op.ID)
	if err != nil {
		return err
	}
	to := models.OperationCompleted
	o := r.op
	switch {
	case o.Status == models.OperationCancelling:
		to = models.OperationCancelled
	case o.Failed+o.Skipped+o.Conflicts == 0:
	case o.Succeeded+o.Unchanged+o.Conflicts == 0:
		to = models.OperationFailed
	default:
		to = models.OperationWarned
	}
	code, message := outcomeWords(o, to, causes)
	return r.close(ctx, to, code, message, causes)
}

// fail ends an operation that cannot be done, as a whole. What is written stays, and can be taken back; what is not can
// be tried again.
func (r *run) fail(ctx context.Context, code, message string) error {
	if err := r.failOpen(ctx, code, message); err != nil {
		return err
	}
	causes, err := r.causes(ctx, r.shop.ID, r.op.ID)
	if err != nil {
		return err
	}
	return r.close(ctx, models.OperationFailed, &code, &message, causes)
}

// outcomeWords says what an operation came to, where that is not all of it.
func outcomeWords(o *models.Operation, to models.OperationStatus, causes []*Cause) (code, message *string) {
	if to == models.OperationCompleted {
		return nil, nil
	}
	var parts []string
	for _, part := range []struct {
		n     int
		words string
	}{
		{o.Failed, "failed"}, {o.Skipped, "not tried"}, {o.Conflicts, "changed by somebody else at the same time"},
	} {
		if part.n > 0 {
			parts = append(parts, thousands(part.n)+" "+part.words)
		}
	}
	c := activity.CodeOperationIncomplete
	text := fmt.Sprintf("Of %s, %s.", counted(o.Total, "record"), strings.Join(parts, ", "))
	if len(parts) == 0 {
		text = "Nothing was left to be stopped."
	}
	if to == models.OperationCancelled {
		c = activity.CodeOperationCancelled
		text = "It was stopped. " + text + " What is written stays, and can be taken back."
	}
	for i, cause := range causes {
		if i == 3 {
			break
		}
		text += fmt.Sprintf(" %s: %s", counted(cause.Count, "record"), cause.Message)
	}
	return &c, &text
}

// close ends an operation with its entry and the one that says so.
func (r *run) close(ctx context.Context, to models.OperationStatus, code, message *string, causes []*Cause) error {
	now := models.Now()
	from := r.op.Status
	r.op.WaitingFor = nil
	r.op.Working, r.op.DueAt = false, now
	err := r.commit(ctx, func(tx *activity.Tx) error {
		res := tx.DB.Model(&models.Operation{}).Where("id = ? AND steps = ? AND status = ?", r.op.ID, r.op.Steps, from).
			Updates(map[string]any{"status": to, "finished_at": now, "error_code": code, "error_message": message})
		if res.Error != nil {
			return fmt.Errorf("end operation: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			r.op.Working, r.op.DueAt = true, now.Add(operationLease)
			return r.save(tx.DB) // it was cancelled at the last moment
		}
		r.op.FinishedAt, r.op.Status = &now, to
		return r.tellEnd(tx, to, code, message, causes)
	})
	return err
}

// tellEnd brings the operation's entry up to date and records that it is over.
func (r *run) tellEnd(tx *activity.Tx, to models.OperationStatus, code, message *string, causes []*Cause) error {
	o := r.op
	status := map[models.OperationStatus]models.ActivityStatus{
		models.OperationCompleted: models.Success,
		models.OperationWarned:    models.Warning,
		models.OperationCancelled: models.Warning,
		models.OperationFailed:    models.Failed,
	}[to]
	metadata := operationMetadata(o, causes)
	known, err := tx.Exists(o.ID)
	if err != nil {
		return err
	}
	if known {
		var broken error
		err = tx.Update(o.ID, "", func(e *models.Activity) {
			e.Status, e.ErrorCode, e.ErrorMessage = status, code, message
			e.Attempts = o.Attempts
			e.Metadata, broken = withValues(e.Metadata, metadata)
		})
		if err := errors.Join(err, broken); err != nil {
			return err
		}
	}
	raw, err := encode(metadata)
	if err != nil {
		return err
	}
	words := map[models.OperationStatus]string{
		models.OperationCompleted: "Finished", models.OperationWarned: "Finished with warnings",
		models.OperationCancelled: "Stopped", models.OperationFailed: "Failed",
	}[to]
	return tx.Record(&models.Activity{
		// An operation that is tried again ends again.
		ID:           models.DerivedID(*o.FinishedAt, o.ID, "completed"),
		OccurredAt:   *o.FinishedAt,
		Type:         models.BackgroundJob,
		Action:       activity.JobCompleted,
		Status:       status,
		Summary:      words + " · " + o.Label + " · " + counted(o.Succeeded, "record") + " changed",
		ActorType:    models.ActorSystem,
		ActorName:    activity.System().Name,
		CauseID:      &o.ID,
		OperationID:  &o.ID,
		Metadata:     raw,
		ErrorCode:    code,
		ErrorMessage: message,
	})
}
