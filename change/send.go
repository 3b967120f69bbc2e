package change

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// callsAtOnce is how many calls of one task are under way at once. The shop's budget is the real limit.
const callsAtOnce = 16

// send writes each job's difference.
func (r *run) send(ctx context.Context, jobs []*job) {
	var costs sync.Mutex
	work := make(chan *job)
	var senders sync.WaitGroup
	for range min(callsAtOnce, len(jobs)) {
		senders.Go(func() {
			for j := range work {
				before := j.item.Cost
				r.write(ctx, j)
				costs.Lock()
				r.op.Cost += j.item.Cost - before
				costs.Unlock()
			}
		})
	}
	for _, j := range jobs {
		work <- j
	}
	close(work)
	senders.Wait()
}

// write makes the calls of one job, in an order in which a refusal loses nothing, and says in the item what came of
// them.
func (r *run) write(ctx context.Context, j *job) {
	p := j.item
	calls := j.todo.calls(j.now.Tags)
	for i, c := range calls {
		before := models.Tags(j.now.Tags)
		err := r.call(ctx, j, c)
		if err == nil {
			took := effectOf(before, j.now.Tags, c)
			took.foldInto(p)
			continue
		}
		// What was taken off to make room for another spelling must not stay off.
		open := takenOff(calls[:i], calls[i:])
		switch {
		case refused(err):
			code, message := causeOf(p.ResourceType, err)
			if shopify.KindOf(err) != shopify.Gone && len(open) > 0 {
				if back := r.putBack(ctx, j, open); back != nil {
					j.err = back
					return // it stays begun, so that the next task looks at it
				}
			}
			fail(p, code, message)
			p.SentAt = nil
		case certainlyNotDone(err):
			j.err = err
			if len(open) == 0 {
				p.SentAt = nil // the next task plans anew
			}
		default:
			j.err = err // Shopify may have it: the next task looks
		}
		p.After = j.now.Tags
		return
	}
	r.readBack(j)
}

// call makes one call and waits its turn for it. A call whose earlier ones have left the record between two spellings
// waits as long as the task may last.
func (r *run) call(ctx context.Context, j *job, c call) error {
	return r.patient(ctx, func() error {
		mutation := r.client.TagsRemove
		if c.add {
			mutation = r.client.TagsAdd
		}
		owner, cost, err := mutation(ctx, j.item.ResourceID, c.tags)
		j.item.Cost += cost.Actual
		if err == nil {
			j.now = owner
			at := owner.UpdatedAt
			j.item.ResourceUpdatedAt = &at
		}
		return err
	})
}

// putBack puts on again what was taken off for nothing.
func (r *run) putBack(ctx context.Context, j *job, tags models.Tags) error {
	before := models.Tags(j.now.Tags)
	c := call{add: true, tags: tags}
	if err := r.call(ctx, j, c); err != nil {
		return err
	}
	took := effectOf(before, j.now.Tags, c)
	took.foldInto(j.item)
	return nil
}

// takenOff returns what the calls that were made took off, if one that was not made was to put something in its place.
func takenOff(made, left []call) models.Tags {
	if !slices.ContainsFunc(left, func(c call) bool { return c.add }) {
		return nil
	}
	var off models.Tags
	for _, c := range made {
		if !c.add {
			off = append(off, c.tags...)
		}
	}
	return off
}

// certainlyNotDone reports whether Shopify refused a call before it did anything.
func certainlyNotDone(err error) bool {
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok {
		return false
	}
	switch e.Kind {
	case shopify.Throttled, shopify.Busy, shopify.Unauthorized, shopify.Frozen, shopify.Forbidden, shopify.NotFound,
		shopify.Locked, shopify.Version:
		return true
	default:
		return false
	}
}

// readBack settles an item whose calls were all answered: Shopify says how the record is now.
func (r *run) readBack(j *job) {
	p := j.item
	p.SentAt = nil
	p.After = j.now.Tags
	settle(p)
	if p.Outcome == models.SnapshotConflict || p.Outcome == models.SnapshotFailed {
		return
	}
	if missing := p.Adds.Without(j.now.Tags...); len(missing) > 0 {
		fail(p, activity.CodeNotKept, "Shopify accepted the change but did not keep "+list(missing)+".")
		return
	}
	for _, tag := range j.todo.removes {
		if slices.Contains(j.now.Tags, tag) {
			fail(p, activity.CodeNotKept, "Shopify accepted the change but still has "+list(models.Tags{tag})+".")
			return
		}
	}
	if p.Outcome == models.SnapshotUnchanged {
		p.Outcome = models.SnapshotSucceeded // done, by somebody else a moment before
	}
}
