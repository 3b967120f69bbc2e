package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// Start begins an operation. What is wrong with the input is a fault that lists it.
func (s *Service) Start(ctx context.Context, shop *models.Shop, actor models.Actor, in Input) (*Operation, error) {
	if err := installed(shop); err != nil {
		return nil, err
	}
	in = normal(in)
	if problems := check(&in); len(problems) > 0 {
		return nil, fault.Problems(problems)
	}
	found, err := s.find(ctx, shop, &in)
	if err != nil {
		return nil, err
	}
	now := models.Now()
	op := &models.Operation{
		ID:        models.NewID(now),
		ShopID:    shop.ID,
		Kind:      in.Kind,
		Status:    models.OperationQueued,
		Resource:  in.Resource,
		Label:     label(&in),
		Chosen:    chosen(&in, found),
		ActorType: actor.Type,
		ActorID:   actor.ID,
		ActorName: actor.Name,
		DueAt:     now,
		CreatedAt: now,
	}
	op.File, in.Selection.CSV = in.Selection.CSV, nil
	if op.File != nil {
		in.Selection.Records = found.count
	}
	if op.Input, err = encode(in); err != nil {
		return nil, err
	}
	estimate, err := s.estimate(ctx, shop, &in, found)
	if err != nil {
		return nil, err
	}
	op.Bulk = estimate.Bulk
	if op.Estimate, err = encode(estimate); err != nil {
		return nil, err
	}
	if err := s.enter(ctx, shop, op, nil); err != nil {
		return nil, err
	}
	return s.Get(ctx, shop, op.ID)
}

func installed(shop *models.Shop) error {
	if shop.UninstalledAt != nil {
		return fault.New(fault.Invalid, "Tagtrail is not installed in this shop any more. Install it first.")
	}
	return nil
}

// enter keeps a new operation with its entry and the one that says that it is queued, and nudges the workers.
func (s *Service) enter(ctx context.Context, shop *models.Shop, op *models.Operation, also func(tx *activity.Tx) error) error {
	queued := &models.Activity{
		ID:          models.DerivedID(op.CreatedAt, op.ID, "queued"),
		OccurredAt:  op.CreatedAt,
		Type:        models.BackgroundJob,
		Action:      activity.JobQueued,
		Status:      models.Success,
		Summary:     "Queued · " + op.Label,
		ActorType:   op.ActorType,
		ActorID:     op.ActorID,
		ActorName:   op.ActorName,
		CauseID:     &op.ID,
		OperationID: &op.ID,
	}
	err := s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := tx.DB.Create(op).Error; err != nil {
			return fmt.Errorf("save operation: %w", err)
		}
		entry, err := entryOfOperation(op)
		if err != nil {
			return err
		}
		if err := tx.Record(entry, queued); err != nil {
			return err
		}
		if also == nil {
			return nil
		}
		return also(tx)
	})
	if err != nil {
		return err
	}
	s.nudgeOperation(op, time.Time{})
	return nil
}

// normal writes tags as Shopify would keep them, each once. A clean-up tells spellings apart, so those stay.
func normal(in Input) Input {
	in.Tags = normalTags(in.Tags)
	if in.ReplaceWith != nil {
		clean := models.CleanTag(*in.ReplaceWith)
		in.ReplaceWith = &clean
	}
	if in.Note != nil && strings.TrimSpace(*in.Note) == "" {
		in.Note = nil
	}
	if in.Selection.Query != nil {
		query := strings.TrimSpace(*in.Selection.Query)
		in.Selection.Query = &query
	}
	return in
}

// normalTags leaves what is wrong as it is, so that check finds it.
func normalTags(tags []string) []string {
	var list models.Tags
	for _, tag := range tags {
		clean := models.CleanTag(tag)
		if clean == "" {
			list = append(list, clean)
		}
		list = list.With(clean)
	}
	return list
}

// found is what an input's selection finds.
type found struct {
	// count is how many records there are; exact says that there are no more.
	count int
	exact bool
	// file is what the file names.
	file *csvFile
}

// find counts the records that are selected. That there are none is a fault, and so is a search that Shopify does not
// understand.
func (s *Service) find(ctx context.Context, shop *models.Shop, in *Input) (*found, error) {
	f := &found{exact: true}
	switch {
	case len(in.Selection.IDs) > 0:
		f.count = len(in.Selection.IDs)
		return f, nil
	case in.Selection.CSV != nil:
		f.file = readCSV(in.Resource, *in.Selection.CSV)
		f.count = f.file.records
		if len(f.file.errors) > 0 {
			first := f.file.errors[0]
			return nil, fault.Field(fmt.Sprintf("Line %d: %s", first.Line, first.Message), "selection", "csv")
		}
		return f, nil
	}
	query := ""
	if in.Selection.Query != nil {
		query = *in.Selection.Query
	}
	var err error
	f.count, f.exact, _, err = s.Shops.Client(shop).Count(ctx, KindName(in.Resource), query)
	if err != nil {
		return nil, asked(in.Resource, err)
	}
	if f.count == 0 {
		return nil, fault.Field("Nothing is found. Choose other records.", "selection", "query")
	}
	return f, nil
}

// asked makes a fault of what a merchant can do something about, where Shopify was asked while they wait.
func asked(resource models.ResourceType, err error) error {
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok {
		return err
	}
	if e.Kind == shopify.SearchWarning || e.Kind == shopify.Invalid {
		return fault.Field(searchWords(e), "selection", "query")
	}
	_, message := causeOf(resource, err)
	if e.Kind == shopify.Throttled {
		message = "Shopify asks us to slow down. Try again in a few seconds."
	}
	return fault.Wrap(err, fault.Unavailable, "%s", message)
}

func encode(value any) (json.RawMessage, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return raw, nil
}

// label says in a line what an operation does.
func label(in *Input) string {
	tags, records := noun(in.Tags)+" "+some(in.Tags), plural(in.Resource)
	switch in.Kind {
	case models.TagAdd:
		return "Add " + tags + " to " + records
	case models.TagRemove:
		return "Remove " + tags + " from " + records
	case models.TagReplace:
		return "Replace " + tags + " by " + *in.ReplaceWith + " on " + records
	case models.TagMerge:
		return "Merge " + tags + " into " + *in.ReplaceWith + " on " + records
	case models.TagCleanup:
		n := 0
		for _, c := range in.Clean {
			n += len(c.Tags)
		}
		return "Clean up " + counted(n, "tag") + " of " + records
	case models.DataCleanup:
		return "Mend the tags of " + records
	default:
		return "Count the tags of " + records
	}
}

// shownTags is how many tags a line names.
const shownTags = 5

func some(tags []string) string {
	if len(tags) <= shownTags {
		return strings.Join(tags, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(tags[:shownTags], ", "), len(tags)-shownTags)
}

// chosen says in a line to which records.
func chosen(in *Input, f *found) string {
	records := plural(in.Resource)
	switch {
	case f.file != nil:
		return counted(f.count, strings.TrimSuffix(records, "s")) + " from a file"
	case len(in.Selection.IDs) > 0:
		return counted(f.count, strings.TrimSuffix(records, "s"))
	case in.Selection.Query == nil || *in.Selection.Query == "":
		return "All " + records
	}
	return *in.Selection.Query
}

// counted writes "1 tag", "2,000 tags".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
