package activity

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Outside is something that happened outside, as its recorder tells it.
type Outside struct {
	IdempotencyKey *string
	OccurredAt     *time.Time
	Type           models.ActivityType
	Action         string
	Categories     []models.ActivityCategory
	Status         models.ActivityStatus
	Summary        string
	Actor          *OutsideActor
	Entity         *OutsideEntity
	Changes        []OutsideChange
	Metadata       json.RawMessage
	Error          *OutsideError
}

// OutsideActor is who did it.
type OutsideActor struct {
	Type models.ActorType
	ID   *string
	Name string
}

// OutsideEntity is the record that it is about.
type OutsideEntity struct {
	Type  string
	ID    string
	Title string
	URL   *string
}

// OutsideChange is one field before and after.
type OutsideChange struct {
	Field  string
	Before json.RawMessage
	After  json.RawMessage
}

// OutsideError is what went wrong.
type OutsideError struct {
	Code    string
	Message string
	Stack   *string
}

// keyLife is how long an idempotency key leads to its first entry.
const keyLife = 24 * time.Hour

// keyConflict is the code of a key that was used for something else.
const keyConflict = "IDEMPOTENCY_CONFLICT"

// RecordOutside records something that happened outside, for whoever tells of it. Under a key that was used already it
// returns the entry that was recorded then. What is wrong with the input is a fault.
func (s *Service) RecordOutside(ctx context.Context, shop *models.Shop, recorder models.Actor, input *Outside) (*Entry, error) {
	entries, problems, err := s.recordOutside(ctx, shop, recorder, []*Outside{input})
	if err != nil {
		return nil, err
	}
	for i := range problems {
		problems[i].Field = problems[i].Field[1:] // there is one input: its number says nothing
	}
	return entries[0], fault.Problems(problems)
}

// RecordOutsideBatch records several, each by itself: one that is wrong stops no other. The entries are in the order of
// the inputs, nil where one was refused; the error then is a fault whose paths begin with the input's number.
func (s *Service) RecordOutsideBatch(ctx context.Context, shop *models.Shop, recorder models.Actor, inputs []*Outside) ([]*Entry, error) {
	if len(inputs) > maxInputs {
		return []*Entry{}, fault.New(fault.Invalid, "There are %d entries; send at most %d at a time.", len(inputs), maxInputs)
	}
	entries, problems, err := s.recordOutside(ctx, shop, recorder, inputs)
	if err != nil {
		return nil, err
	}
	return entries, fault.Problems(problems)
}

// recording is one input on its way into the log.
type recording struct {
	number  string
	key     string
	content []byte
	entry   *models.Activity
	// recorded is the id of the entry that it led to: its own, or the one that its key led to before.
	recorded string
}

func (s *Service) recordOutside(ctx context.Context, shop *models.Shop, recorder models.Actor, inputs []*Outside) ([]*Entry, []fault.Problem, error) {
	now := models.Now()
	var problems []fault.Problem
	recordings := make([]*recording, len(inputs))
	for i, input := range inputs {
		number := strconv.Itoa(i)
		found := input.check(now)
		for _, p := range found {
			p.Field = append([]string{number}, p.Field...)
			problems = append(problems, p)
		}
		if len(found) > 0 {
			continue
		}
		content, err := input.content()
		if err != nil {
			return nil, nil, err
		}
		r := &recording{number: number, content: content, entry: s.outsideEntry(shop, recorder, input, now)}
		if input.IdempotencyKey != nil {
			r.key = *input.IdempotencyKey
		}
		recordings[i] = r
	}
	accepted := slices.DeleteFunc(slices.Clone(recordings), func(r *recording) bool { return r == nil })
	inOrder(accepted)
	var conflicts []fault.Problem
	err := s.Commit(ctx, shop, func(tx *Tx) error {
		var err error
		conflicts, err = tx.recordOnce(accepted, now)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	entries, err := s.recorded(ctx, shop.ID, recordings)
	return entries, append(problems, conflicts...), err
}

// content is what two inputs under one key have to share.
func (o *Outside) content() ([]byte, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode what is to be recorded: %w", err)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// outsideEntry makes the entry. Only who recorded it is known for sure: somebody whom a recorder names is somebody
// outside, never one of the shop's staff, a rule or Tagtrail, and the entry says who named them.
func (s *Service) outsideEntry(shop *models.Shop, recorder models.Actor, o *Outside, now time.Time) *models.Activity {
	e := &models.Activity{
		OccurredAt: now,
		Type:       o.Type,
		Action:     o.Action,
		Categories: bitsOf(o.Categories),
		Status:     cmp.Or(o.Status, models.Success),
		Summary:    o.Summary,
		ActorType:  recorder.Type,
		ActorID:    recorder.ID,
		ActorName:  recorder.Name,
		Metadata:   objectOf(o.Metadata),
	}
	if o.OccurredAt != nil && o.OccurredAt.Before(now) {
		e.OccurredAt = *o.OccurredAt
	}
	if a := o.Actor; a != nil {
		id := valueOf(recorder.ID) + "/" + cmp.Or(valueOf(a.ID), a.Name)
		e.ActorType, e.ActorID, e.ActorName = models.ActorExternal, &id, a.Name
		e.Metadata = withMember(e.Metadata, recordedBy, map[string]any{
			"type": recorder.Type, "id": recorder.ID, "name": recorder.Name, "as": a.Type,
		})
	}
	if o.Entity != nil {
		e.EntityType, e.EntityID, e.EntityTitle = &o.Entity.Type, &o.Entity.ID, &o.Entity.Title
		if e.EntityURL = o.Entity.URL; e.EntityURL == nil {
			e.EntityURL = shop.RecordURL(s.AdminURL, o.Entity.ID)
		}
	}
	for _, c := range o.Changes {
		e.Changes = append(e.Changes, models.FieldChange{Field: c.Field, Before: unlessNull(c.Before), After: unlessNull(c.After)})
	}
	if o.Error != nil {
		e.ErrorCode, e.ErrorMessage, e.ErrorStack = &o.Error.Code, &o.Error.Message, o.Error.Stack
	}
	return e
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

func unlessNull(raw json.RawMessage) json.RawMessage {
	if isNull(raw) {
		return nil
	}
	return raw
}

func objectOf(raw json.RawMessage) json.RawMessage {
	if isNull(raw) {
		return json.RawMessage("{}")
	}
	return raw
}

// withMember adds a member to a JSON object, whose other members stay byte for byte.
func withMember(object json.RawMessage, name string, value any) json.RawMessage {
	members := map[string]json.RawMessage{}
	added, err := json.Marshal(value)
	if err != nil || json.Unmarshal(object, &members) != nil {
		return object // it was checked to be an object, and texts always encode
	}
	members[name] = added
	merged, err := json.Marshal(members)
	if err != nil {
		return object
	}
	return merged
}

// inOrder gives the entries ids that keep the order of the inputs where their times are the same.
func inOrder(recordings []*recording) {
	sameTime := map[time.Time][]*recording{}
	for _, r := range recordings {
		at := r.entry.OccurredAt.UTC().Truncate(time.Millisecond)
		sameTime[at] = append(sameTime[at], r)
	}
	for at, group := range sameTime {
		ids := make([]string, len(group))
		for i := range ids {
			ids[i] = models.NewID(at)
		}
		slices.Sort(ids)
		for i, r := range group {
			r.entry.ID = ids[i]
		}
	}
}

// recordOnce writes the entries whose key is free and finds the ones that the other keys led to. A key and its entry
// are committed together; who comes with the same key meanwhile waits for that.
func (t *Tx) recordOnce(recordings []*recording, now time.Time) ([]fault.Problem, error) {
	holders := map[string]*models.RecordedKey{}
	for _, r := range recordings {
		if r.key != "" && holders[r.key] == nil {
			holders[r.key] = &models.RecordedKey{ShopID: t.shop.ID, Key: r.key, ActivityID: r.entry.ID, Content: r.content, RecordedAt: now}
		}
	}
	if err := t.claim(holders, now); err != nil {
		return nil, err
	}
	var fresh []*models.Activity
	var conflicts []fault.Problem
	for _, r := range recordings {
		holder := holders[r.key]
		switch {
		case holder == nil || holder.ActivityID == r.entry.ID:
			fresh = append(fresh, r.entry)
			r.recorded = r.entry.ID
		case bytes.Equal(holder.Content, r.content):
			r.recorded = holder.ActivityID
		default:
			conflicts = append(conflicts, fault.Problem{
				Field:   []string{r.number, "idempotencyKey"},
				Code:    keyConflict,
				Message: fmt.Sprintf("The key %q was used within the last 24 hours for another entry. Give each entry its own key.", r.key),
			})
		}
	}
	return conflicts, t.Record(fresh...)
}

// claim writes the keys down, unless they are taken, and replaces each with what holds it now. The keys are claimed in
// order, so that two batches with the same keys wait for each other only one way round.
func (t *Tx) claim(holders map[string]*models.RecordedKey, now time.Time) error {
	rows := make([]*models.RecordedKey, 0, len(holders))
	for _, row := range holders {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *models.RecordedKey) int { return cmp.Compare(a.Key, b.Key) })
	unlessTaken := clause.OnConflict{
		Columns:   []clause.Column{{Name: "shop_id"}, {Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"activity_id", "content", "recorded_at"}),
		Where:     clause.Where{Exprs: []clause.Expression{gorm.Expr("recorded_keys.recorded_at <= ?", now.Add(-keyLife))}},
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		if err := t.DB.Clauses(unlessTaken).Create(&some).Error; err != nil {
			return fmt.Errorf("claim idempotency keys: %w", err)
		}
		keys := make([]string, len(some))
		for i, row := range some {
			keys[i] = row.Key
		}
		var held []*models.RecordedKey
		if err := t.DB.Where("shop_id = ? AND key IN ?", t.shop.ID, keys).Find(&held).Error; err != nil {
			return fmt.Errorf("load idempotency keys: %w", err)
		}
		for _, row := range held {
			holders[row.Key] = row
		}
	}
	return nil
}

// recorded returns the entries that the recordings led to, nil where one was refused.
func (s *Service) recorded(ctx context.Context, shop int64, recordings []*recording) ([]*Entry, error) {
	var rows []models.Activity
	var earlier []string
	for _, r := range recordings {
		switch {
		case r == nil || r.recorded == "":
		case r.recorded == r.entry.ID:
			rows = append(rows, *r.entry)
		default:
			earlier = append(earlier, r.recorded)
		}
	}
	known := map[string]bool{}
	for _, row := range rows {
		known[row.ID] = true
	}
	earlier = slices.DeleteFunc(earlier, func(id string) bool { return known[id] })
	if len(earlier) > 0 {
		first, err := (&page{db: s.DB, shop: shop}).byIDs(ctx, earlier, light...)
		if err != nil {
			return nil, fmt.Errorf("load what was recorded: %w", err)
		}
		rows = append(rows, first...)
	}
	byID := map[string]*Entry{}
	for _, e := range s.entries(rows) {
		byID[e.ID] = e
	}
	entries := make([]*Entry, len(recordings))
	for i, r := range recordings {
		if r != nil {
			entries[i] = byID[r.recorded]
		}
	}
	return entries, nil
}

// forgetAtOnce bounds how many keys one transaction forgets.
const forgetAtOnce = 10_000

// ForgetKeys removes the idempotency keys whose time is over. Each step is an entry of the shop's log.
func (s *Service) ForgetKeys(ctx context.Context) error {
	over := models.Now().Add(-keyLife)
	for {
		var row models.RecordedKey
		err := s.DB.WithContext(ctx).Where("recorded_at <= ?", over).Order("recorded_at").Limit(1).Find(&row).Error
		if err != nil {
			return fmt.Errorf("find old idempotency keys: %w", err)
		}
		if row.Key == "" {
			return nil
		}
		var shop models.Shop
		if err := s.DB.WithContext(ctx).Where("id = ?", row.ShopID).Take(&shop).Error; err != nil {
			return fmt.Errorf("load shop %d: %w", row.ShopID, err)
		}
		if err := s.Commit(ctx, &shop, func(tx *Tx) error { return tx.forgetKeys(over) }); err != nil {
			return err
		}
	}
}

func (t *Tx) forgetKeys(over time.Time) error {
	old := t.DB.Model(&models.RecordedKey{}).Select("key").
		Where("shop_id = ? AND recorded_at <= ?", t.shop.ID, over).Limit(forgetAtOnce)
	res := t.DB.Where("shop_id = ? AND recorded_at <= ? AND key IN (?)", t.shop.ID, over, old).Delete(&models.RecordedKey{})
	if res.Error != nil {
		return fmt.Errorf("forget idempotency keys: %w", res.Error)
	}
	if res.RowsAffected == 0 || t.shop.UninstalledAt != nil {
		return nil // another worker was faster, or nobody reads this log
	}
	return t.Record(&models.Activity{
		Type:      models.SystemEvent,
		Action:    CleanUp,
		Status:    models.Success,
		Summary:   fmt.Sprintf("Clean-up: %d idempotency keys older than 24 hours removed", res.RowsAffected),
		ActorType: models.ActorSystem,
		ActorName: System().Name,
		Metadata:  withMember(json.RawMessage("{}"), "recordsProcessed", res.RowsAffected),
	})
}
