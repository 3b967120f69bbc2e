package change

import (
	"context"
	"fmt"
	"slices"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm"
)

const (
	// previewLooks is how many records a preview reads, and previewSample how many of them it shows.
	previewLooks  = 500
	previewSample = 25
	// revertLooks is the same for the preview of a revert, which reads the records by their ids.
	revertLooks = 1000
)

// Preview says what a change would do. It writes nothing. What is wrong with the input is in its Problems.
func (s *Service) Preview(ctx context.Context, shop *models.Shop, in Input) (*Preview, error) {
	p := &Preview{Sample: []*PreviewItem{}, Problems: []*fault.Problem{}}
	in = normal(in)
	if problems := check(&in); len(problems) > 0 {
		return p.with(fault.Problems(problems))
	}
	f, err := s.find(ctx, shop, &in)
	if err != nil {
		return p.with(err)
	}
	p.Total, p.Exact = f.count, f.exact
	estimate, err := s.estimate(ctx, shop, &in, f)
	if err != nil {
		return nil, err
	}
	seconds := estimate.seconds()
	p.SecondsEstimated, p.Bulk = &seconds, estimate.Bulk
	owners, err := s.look(ctx, shop, &in, f)
	if err != nil {
		return p.with(err)
	}
	var change, stay, refused []*PreviewItem
	for _, owner := range owners {
		item, kind, err := previewOf(&in, owner)
		if err != nil {
			return nil, err
		}
		switch kind {
		case models.SnapshotFailed:
			refused = append(refused, item)
		case models.SnapshotUnchanged:
			stay = append(stay, item)
		default:
			change = append(change, item)
		}
	}
	p.Looked, p.WouldChange, p.Unchanged, p.Refused = len(owners), len(change), len(stay), len(refused)
	// Of both kinds some are shown.
	head := min(len(refused), max(previewSample/2, previewSample-len(change)))
	all := slices.Concat(refused[:head], change, refused[head:], stay)
	p.Sample = append(p.Sample, all[:min(len(all), previewSample)]...)
	return p, nil
}

// with puts what was wrong with the input where the caller looks for it.
func (p *Preview) with(err error) (*Preview, error) {
	f, ok := fault.As(err)
	if !ok || f.Code != fault.Invalid {
		return nil, err
	}
	p.Problems = problemsOf(f)
	return p, nil
}

func problemsOf(f *fault.Error) []*fault.Problem {
	if len(f.Problems) == 0 {
		return []*fault.Problem{{Code: string(f.Code), Message: f.Message}}
	}
	list := make([]*fault.Problem, len(f.Problems))
	for i := range f.Problems {
		list[i] = &f.Problems[i]
	}
	return list
}

func previewOf(in *Input, owner *shopify.TagOwner) (*PreviewItem, models.SnapshotOutcome, error) {
	item := &PreviewItem{ResourceID: owner.ID, Title: Named(in.Resource, owner.Title)}
	wanted := planOf(in, owner.Tags)
	after, kind := wanted.after(owner.Tags), models.SnapshotSucceeded
	switch {
	case wanted.refusal != "":
		item.Refusal = &wanted.refusal
		after, kind = owner.Tags, models.SnapshotFailed
	case wanted.empty():
		kind = models.SnapshotUnchanged
	}
	var err error
	if item.Before, err = encode(listOf(owner.Tags)); err != nil {
		return nil, "", err
	}
	item.After, err = encode(listOf(after))
	return item, kind, err
}

// look reads the first records that are selected.
func (s *Service) look(ctx context.Context, shop *models.Shop, in *Input, f *found) ([]*shopify.TagOwner, error) {
	client := s.Shops.Client(shop)
	ids := in.Selection.IDs
	if f.file != nil {
		return s.lookAtFile(ctx, client, in.Resource, f.file)
	}
	if len(ids) > 0 {
		owners, _, err := client.TagsMany(ctx, ids)
		if err != nil {
			return nil, asked(in.Resource, err)
		}
		return existing(owners), nil
	}
	search := shopify.SearchInput{Type: KindName(in.Resource), First: collectBatch, SortKey: "ID"}
	if in.Selection.Query != nil {
		search.Query = *in.Selection.Query
	}
	var owners []*shopify.TagOwner
	for len(owners) < previewLooks {
		page, _, err := client.Search(ctx, search)
		if err != nil {
			return nil, asked(in.Resource, err)
		}
		for i := range page.Owners {
			owners = append(owners, &page.Owners[i])
		}
		if search.After = page.EndCursor; !page.HasNext {
			break
		}
	}
	return owners, nil
}

func existing(owners []*shopify.TagOwner) []*shopify.TagOwner {
	return slices.DeleteFunc(owners, func(o *shopify.TagOwner) bool { return o == nil })
}

// The states of a record in the preview of a revert.
const (
	stateRestore  = "RESTORE"
	stateRestored = "RESTORED"
	stateDrifted  = "DRIFTED"
	stateGone     = "GONE"
)

// PreviewRevert says what a revert would do. It writes nothing. What is wrong with the input, or why it cannot be taken
// back, is in its Problems.
func (s *Service) PreviewRevert(ctx context.Context, shop *models.Shop, in RevertInput) (*RevertPreview, error) {
	p := &RevertPreview{Sample: []*RevertPreviewItem{}, Problems: []*fault.Problem{}}
	t, problems, err := s.target(ctx, shop, in)
	if err != nil {
		return nil, err
	}
	for i := range problems {
		p.Problems = append(p.Problems, &problems[i])
	}
	if len(problems) > 0 {
		return p, nil
	}
	if problem := planProblem(shop); problem != nil {
		p.Problems = append(p.Problems, problem)
	}
	p.Total = t.records
	plan := &revertPlan{in: t.in}
	if err := s.findFamily(ctx, shop, plan, ""); err != nil {
		return nil, err
	}
	rows, err := s.firstOf(ctx, shop, t)
	if err != nil {
		return nil, err
	}
	var drifted, rest []*RevertPreviewItem
	for some := range slices.Chunk(rows, collectBatch) {
		items, err := s.previewReverts(ctx, shop, t, plan, some, p)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.State == stateDrifted {
				drifted = append(drifted, item)
			} else {
				rest = append(rest, item)
			}
		}
	}
	all := slices.Concat(drifted, rest)
	p.Sample = append(p.Sample, all[:min(len(all), previewSample)]...)
	return p, nil
}

// firstOf returns the first records that a revert would be about.
func (s *Service) firstOf(ctx context.Context, shop *models.Shop, t *target) ([]models.Snapshot, error) {
	query := s.DB.WithContext(ctx).Model(&models.Snapshot{})
	if t.in.OperationID != nil {
		query = query.Scopes(changedItems(shop.ID, *t.in.OperationID, t.in.ItemIDs)).Order("id")
	} else {
		query = query.Select("resource_id, MAX(resource_title) AS resource_title").Scopes(t.ruleSnapshots(shop.ID)).
			Group("resource_id").Order("resource_id")
	}
	var rows []models.Snapshot
	if err := query.Session(&gorm.Session{}).Limit(revertLooks).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	return rows, nil
}

func (s *Service) previewReverts(ctx context.Context, shop *models.Shop, t *target, plan *revertPlan, rows []models.Snapshot, p *RevertPreview) ([]*RevertPreviewItem, error) {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ResourceID
	}
	owners, _, err := s.Shops.Client(shop).TagsMany(ctx, ids)
	if err != nil {
		return nil, asked(t.resource, err)
	}
	if err := plan.read(ctx, s, shop, t.resource, ids); err != nil {
		return nil, err
	}
	items := make([]*RevertPreviewItem, len(rows))
	for i := range rows {
		item := &RevertPreviewItem{ResourceID: ids[i], Title: Named(t.resource, rows[i].ResourceTitle), State: stateGone}
		items[i] = item
		p.Looked++
		if owners[i] == nil {
			p.Gone++
			continue
		}
		item.Title = Named(t.resource, owners[i].Title)
		now := models.Tags(owners[i].Tags)
		wanted := plan.planOf(ids[i], now)
		if item.Now, err = encode(listOf(now)); err != nil {
			return nil, err
		}
		if item.After, err = encode(listOf(wanted.after(now))); err != nil {
			return nil, err
		}
		item.State = stateRestored
		if wanted.empty() {
			p.AlreadyRestored++
		} else {
			p.WouldRestore++
			item.State = stateRestore
		}
		if plan.drifted(ids[i], now) {
			p.Drifted++
			item.State = stateDrifted
		}
	}
	return items, nil
}

// drifted reports whether others have changed a record since: it is not as the last of the changes left it.
func (p *revertPlan) drifted(id string, now models.Tags) bool {
	h := p.records[id]
	if h == nil || h.after == nil {
		return false
	}
	return !slices.Equal(sorted(h.after), sorted(now))
}

func sorted(tags models.Tags) []string { return slices.Sorted(slices.Values(tags)) }
