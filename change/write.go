package change

import (
	"context"
	"errors"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// writer writes the difference between what is intended and what is there.
type writer struct {
	client *shopify.Client
	id     string
	// now is the record as Shopify last said that it is.
	now  shopify.TagOwner
	cost int
}

// write does all snapshots in one call for what goes and one for what comes. Where Shopify refuses that, each
// snapshot is tried alone, so that one bad tag does not take the others with it. Errors that ask for another try
// are returned; refusals are kept in the snapshots.
func (w *writer) write(ctx context.Context, pending []*models.Snapshot) error {
	err := w.difference(ctx, pending)
	if !refused(err) {
		if err == nil {
			w.settle(pending)
		}
		return err
	}
	for _, p := range pending {
		one := []*models.Snapshot{p}
		switch err := w.difference(ctx, one); {
		case refused(err):
			refuse(p, err)
		case err != nil:
			return err
		default:
			w.settle(one)
		}
	}
	return nil
}

// difference writes what is missing. A tag that is there already is not written again, so a second run after a lost
// answer does nothing. Removing comes first: it makes room.
func (w *writer) difference(ctx context.Context, pending []*models.Snapshot) error {
	var adds, removes models.Tags
	for _, p := range pending {
		for _, tag := range p.Adds {
			if !models.Tags(w.now.Tags).Has(tag) {
				adds = adds.With(tag)
			}
		}
		// Orders give up a tag only under the spelling that they have.
		for _, tag := range w.now.Tags {
			if p.Removes.Has(tag) {
				removes = removes.With(tag)
			}
		}
	}
	if err := w.call(ctx, w.client.TagsRemove, removes); err != nil {
		return err
	}
	return w.call(ctx, w.client.TagsAdd, adds)
}

func (w *writer) call(ctx context.Context, mutation func(context.Context, string, []string) (shopify.TagOwner, shopify.Cost, error), tags models.Tags) error {
	if len(tags) == 0 {
		return nil
	}
	owner, cost, err := mutation(ctx, w.id, tags)
	w.cost += cost.Actual
	if err != nil {
		return err
	}
	w.now = owner
	return nil
}

// settle reads back: Shopify answered with the tags as they are now.
func (w *writer) settle(pending []*models.Snapshot) {
	tags := models.Tags(w.now.Tags)
	for _, p := range pending {
		p.Outcome = models.SnapshotSucceeded
		missing, left := p.Adds.Without(tags...), intersection(p.Removes, tags)
		if len(missing) > 0 {
			fail(p, activity.CodeNotKept, "Shopify accepted the change but did not keep "+list(missing)+".")
		}
		if len(left) > 0 {
			fail(p, activity.CodeNotKept, "Shopify accepted the change but still has "+list(left)+".")
		}
	}
}

func intersection(a, b models.Tags) models.Tags { return a.Without(a.Without(b...)...) }

func list(tags models.Tags) string { return strings.Join(tags, ", ") }

// refused reports whether Shopify said no to the values: another try would hear the same.
func refused(err error) bool {
	switch shopify.KindOf(err) {
	case shopify.UserError, shopify.Invalid, shopify.Gone, shopify.AccessDenied:
		return true
	default:
		return false
	}
}

func refuse(p *models.Snapshot, err error) {
	var e *shopify.Error
	if !errors.As(err, &e) {
		return // refused is true only for errors of Shopify
	}
	switch e.Kind {
	case shopify.Gone:
		fail(p, activity.CodeResourceDeleted, "The record was deleted before the tags could be changed.")
	case shopify.AccessDenied:
		fail(p, activity.CodePermissionMissing, "Tagtrail may not change this kind of record. Open Tagtrail in the Shopify admin and approve the permissions it asks for.")
	default:
		fail(p, activity.CodeInvalidData, "Shopify refused the tags: "+e.Message+". Change the tags of the rule.")
	}
}

func fail(p *models.Snapshot, code, message string) {
	p.Outcome = models.SnapshotFailed
	p.ErrorCode, p.ErrorMessage = &code, &message
}
