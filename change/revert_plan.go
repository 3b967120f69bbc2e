package change

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// revertPlan says what a revert does to each record.
type revertPlan struct {
	in RevertInput
	// family are the operations whose changes are undone: what is taken back, its reverts, and theirs. As if the first
	// had never run, nor what followed from it.
	family map[string]bool
	// records is what is known of the records that were loaded last.
	records map[string]*history
}

// history is what happened to one record since the change that is taken back.
type history struct {
	// past are the changes to be undone, the oldest first.
	past []pastChange
	// others are changes by everybody else, the oldest first.
	others []pastChange
	// before is the tags as they were before the first change.
	before models.Tags
	// after is the tags as the last of the changes left them; last is when that was.
	after models.Tags
	last  time.Time
}

type pastChange struct {
	effect
	at time.Time
	// version is the record's own time of change when it was read before the write, where that is known.
	version time.Time
}

// planRevert prepares the revert that a row tells of.
func (s *Service) planRevert(ctx context.Context, shop *models.Shop, op *models.Operation) (*revertPlan, error) {
	p := &revertPlan{}
	if err := json.Unmarshal(op.Revert, &p.in); err != nil {
		return nil, fmt.Errorf("read what to take back: %w", err)
	}
	return p, s.findFamily(ctx, shop, p, op.ID)
}

// findFamily finds the operations whose changes are undone. own is the revert itself, "" for a preview.
func (s *Service) findFamily(ctx context.Context, shop *models.Shop, p *revertPlan, own string) error {
	var roots []string
	if p.in.OperationID != nil {
		roots = append(roots, *p.in.OperationID)
	} else {
		earlier, err := s.revertsOf(ctx, shop, p.in)
		if err != nil {
			return err
		}
		roots = earlier
	}
	if own != "" {
		roots = append(roots, own)
	}
	p.family = map[string]bool{}
	for len(roots) > 0 {
		for _, id := range roots {
			p.family[id] = true
		}
		var next []string
		err := s.DB.WithContext(ctx).Model(&models.Operation{}).Where("shop_id = ? AND revert_of IN ?", shop.ID, roots).
			Order("id").Pluck("id", &next).Error
		if err != nil {
			return fmt.Errorf("find reverts: %w", err)
		}
		roots = slices.DeleteFunc(next, func(id string) bool { return p.family[id] })
	}
	return nil
}

// maxRoots bounds the reverts of rules and entries that are looked through.
const maxRoots = 1000

// revertsOf finds the earlier reverts of the same rule or entry.
func (s *Service) revertsOf(ctx context.Context, shop *models.Shop, in RevertInput) ([]string, error) {
	var ops []models.Operation
	err := s.DB.WithContext(ctx).Select("id", "revert").
		Where("shop_id = ? AND kind = ? AND revert_of IS NULL", shop.ID, models.Revert).
		Order("created_at DESC").Limit(maxRoots).Find(&ops).Error
	if err != nil {
		return nil, fmt.Errorf("find reverts: %w", err)
	}
	var ids []string
	for _, op := range ops {
		var of RevertInput
		if json.Unmarshal(op.Revert, &of) != nil {
			continue
		}
		if same(of.RuleID, in.RuleID) || same(of.ActivityID, in.ActivityID) {
			ids = append(ids, op.ID)
		}
	}
	return ids, nil
}

func same(a, b *string) bool { return a != nil && b != nil && *a == *b }

// load reads what happened to the jobs' records.
func (p *revertPlan) load(ctx context.Context, r *run, jobs []*job) error {
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.item.ResourceID
	}
	return p.read(ctx, r.Service, r.shop, r.op.Resource, ids)
}

func (p *revertPlan) read(ctx context.Context, s *Service, shop *models.Shop, resource models.ResourceType, ids []string) error {
	p.records = make(map[string]*history, len(ids))
	for _, id := range ids {
		p.records[id] = &history{}
	}
	var snapshots []models.Snapshot
	err := s.DB.WithContext(ctx).Where("shop_id = ? AND resource_id IN ?", shop.ID, ids).
		Scopes(p.since).Order("created_at, id").Find(&snapshots).Error
	if err != nil {
		return fmt.Errorf("load snapshots: %w", err)
	}
	var first *time.Time
	for i := range snapshots {
		snapshot := &snapshots[i]
		h := p.records[snapshot.ResourceID]
		change := pastChange{effect: effectOfSnapshot(snapshot), at: changedAt(snapshot)}
		if snapshot.ReadAtVersion != nil {
			change.version = *snapshot.ReadAtVersion
		}
		if snapshot.Outcome == models.SnapshotConflict {
			// What it sent and does not claim may have been done: whoever did the opposite after that, did it themselves.
			h.others = append(h.others, pastChange{
				effect: effect{added: snapshot.Adds.Without(snapshot.Added...), removed: snapshot.Removes.Without(snapshot.Removed...)},
				at:     snapshot.CreatedAt,
			})
		}
		if len(change.added)+len(change.removed) == 0 {
			continue
		}
		if !p.undoes(snapshot) {
			h.others = append(h.others, change)
			continue
		}
		if len(h.past) == 0 {
			h.before = snapshot.Before
		}
		h.past = append(h.past, change)
		if !change.at.Before(h.last) {
			h.after, h.last = snapshot.After, change.at
		}
		if read := snapshot.FirstAt(); first == nil || read.Before(*first) {
			first = &read
		}
	}
	if first != nil {
		if err := p.readLog(ctx, s, shop, resource, ids, *first); err != nil {
			return err
		}
	}
	for _, h := range p.records {
		for _, list := range [][]pastChange{h.past, h.others} {
			slices.SortStableFunc(list, func(a, b pastChange) int { return a.at.Compare(b.at) })
		}
	}
	return nil
}

// since leaves out what happened before anything that may be undone.
func (p *revertPlan) since(db *gorm.DB) *gorm.DB {
	switch {
	case p.in.OperationID != nil:
		if at, ok := models.IDTime(*p.in.OperationID); ok {
			return db.Where("created_at >= ?", at)
		}
	case p.in.From != nil:
		return db.Where("created_at >= ?", p.in.From.Add(-time.Hour)) // it may have been written later than it was intended
	}
	return db
}

// undoes reports whether a snapshot's change is to be undone.
func (p *revertPlan) undoes(snapshot *models.Snapshot) bool {
	return p.family[snapshot.CauseID] && snapshot.RuleID == nil || p.selects(snapshot)
}

// selects reports whether a rule's snapshot is among what is taken back.
func (p *revertPlan) selects(snapshot *models.Snapshot) bool {
	if snapshot.RuleID == nil || snapshot.Outcome != models.SnapshotSucceeded {
		return false
	}
	switch {
	case p.in.RuleID != nil:
		at := *snapshot.FinishedAt
		return *snapshot.RuleID == *p.in.RuleID && (p.in.From == nil || !at.Before(*p.in.From)) && (p.in.To == nil || at.Before(*p.in.To))
	case p.in.ActivityID != nil:
		return snapshot.EntryID() == *p.in.ActivityID
	}
	return false
}

// effectOfSnapshot returns what a snapshot's write changed. A rule's snapshot says what it was to change, which is what
// was otherwise before.
func effectOfSnapshot(p *models.Snapshot) effect {
	if p.RuleID == nil {
		return effect{added: p.Added, removed: p.Removed}
	}
	var e effect
	if p.Outcome != models.SnapshotSucceeded {
		return e
	}
	for _, tag := range p.Adds {
		if spelling(p.Before, tag) == "" {
			e.added = append(e.added, cmp.Or(spelling(p.After, tag), tag))
		}
	}
	for _, tag := range p.Removes {
		if was := spelling(p.Before, tag); was != "" {
			e.removed = append(e.removed, was)
		}
	}
	return e
}

// changedAt returns when a write changed its record, by Shopify's clock where that is known.
func changedAt(p *models.Snapshot) time.Time {
	switch {
	case p.ResourceUpdatedAt != nil:
		return *p.ResourceUpdatedAt
	case p.FinishedAt != nil:
		return *p.FinishedAt
	}
	return p.CreatedAt
}

// longestQuery is how long before we heard of it Shopify may have read a record at the earliest, in a bulk query.
const longestQuery = time.Hour

// readLog adds what the log tells of others' changes to the records.
func (p *revertPlan) readLog(ctx context.Context, s *Service, shop *models.Shop, resource models.ResourceType, ids []string, since time.Time) error {
	var entries []models.Activity
	err := s.DB.WithContext(ctx).Select("id", "occurred_at", "entity_id", "changes", "metadata").
		Where("shop_id = ? AND entity_type = ? AND entity_id IN ? AND occurred_at >= ?", shop.ID, KindName(resource), ids, since.Add(-longestQuery)).
		// What Tagtrail itself wrote, its snapshots tell better.
		Where("action <> ?", activity.SmartTagApplied).
		Order("occurred_at, id").Find(&entries).Error
	if err != nil {
		return fmt.Errorf("load the log of records: %w", err)
	}
	for _, e := range entries {
		var told struct {
			Echo        bool      `json:"echo"`
			TriggeredAt time.Time `json:"triggeredAt"`
		}
		if json.Unmarshal(e.Metadata, &told) != nil || told.Echo {
			continue
		}
		if told.TriggeredAt.IsZero() {
			told.TriggeredAt = e.OccurredAt
		}
		for _, c := range e.Changes {
			var before, after models.Tags
			if c.Field != "tags" || json.Unmarshal(c.Before, (*[]string)(&before)) != nil || json.Unmarshal(c.After, (*[]string)(&after)) != nil {
				continue
			}
			h := p.records[*e.EntityID]
			h.others = append(h.others, pastChange{
				effect: effect{added: after.Without(before...), removed: before.Without(after...)},
				at:     told.TriggeredAt,
			})
		}
	}
	return nil
}

// planOf says what the revert does to a record that has these tags.
func (p *revertPlan) planOf(id string, tags models.Tags) intent {
	h := p.records[id]
	if h == nil || len(h.past) == 0 {
		return intent{}
	}
	want := h.before
	if p.in.Mode != models.RestoreSnapshot {
		want = h.without(tags)
	}
	var wanted intent
	for _, tag := range tags {
		if !slices.Contains(want, tag) {
			wanted.removes = append(wanted.removes, tag)
		}
	}
	for _, tag := range want {
		if !slices.Contains(tags, tag) {
			wanted.adds = append(wanted.adds, tag)
		}
	}
	if n := len(want); len(wanted.adds) > 0 && n > maxTags {
		wanted.refusal = fmt.Sprintf("It would have %d tags; Shopify allows %d. Take off some of its tags first.", n, maxTags)
	}
	return wanted
}

// without returns the tags as they would be if the past changes had not been made and everybody else's had. It undoes
// them, the newest first, for as long as the record is as each of them left it: a tag that is otherwise is somebody
// else's by now.
func (h *history) without(tags models.Tags) models.Tags {
	state := slices.Clone(tags)
	theirs, until := map[string]bool{}, map[string]time.Time{}
	for _, change := range slices.Backward(h.past) {
		var touched models.Tags
		for _, tag := range slices.Concat(change.added, change.removed) {
			touched = touched.With(tag)
		}
		for _, tag := range touched {
			key := models.TagKey(tag)
			was, is := spelling(change.removed, tag), spelling(change.added, tag)
			if theirs[key] || spelling(state, tag) != is ||
				h.forestalled(tag, is != "", change) || h.redone(tag, is != "", change.at, until[key]) {
				theirs[key] = true
				continue
			}
			until[key] = change.at
			state = state.Without(tag)
			if was != "" {
				state = append(state, was)
			}
		}
	}
	return state
}

// forestalled reports whether somebody else did the same to a tag between our reading of the record and our write, which
// changed nothing of it then. Both times are the record's own, which Shopify tells in seconds: what lies between them
// cannot have been read, and was there when we wrote.
func (h *history) forestalled(tag string, added bool, ours pastChange) bool {
	if ours.version.IsZero() {
		return false
	}
	done := false
	for _, o := range h.others {
		at := o.at.Truncate(time.Second)
		if !at.After(ours.version) || at.After(ours.at) {
			continue
		}
		does, undoes := o.added.Has(tag), o.removed.Has(tag)
		if !added {
			does, undoes = undoes, does
		}
		if does || undoes {
			done = does
		}
	}
	return done
}

// redone reports whether somebody else undid a change to a tag and then did the same again, so that it is theirs.
func (h *history) redone(tag string, added bool, from, until time.Time) bool {
	undone := false
	for _, o := range h.others {
		if o.at.Before(from.Truncate(time.Second)) || !until.IsZero() && o.at.After(until) {
			continue
		}
		does, undoes := o.added.Has(tag), o.removed.Has(tag)
		if !added {
			does, undoes = undoes, does
		}
		if undone && does {
			return true
		}
		undone = undone || undoes
	}
	return false
}
