package change

import (
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// sentLately is how long after it was sent a write may reach Shopify at the latest. A record that was changed later was
// changed by somebody else.
const sentLately = time.Minute

// resume looks at an item that was sent by a task that never heard the answer, and decides by the record as it is now
// what became of it. It reports whether the item is to be planned anew; otherwise it is settled, or its rest is to be
// sent. In doubt nobody loses a tag: a tag that is there is not claimed to be ours, so that a revert leaves it; a tag
// that is gone is, so that a revert puts it back.
func (r *run) resume(j *job) bool {
	p := j.item
	e := evidenceOf(p, j.now.Tags, j.now.UpdatedAt, r.revert != nil)
	switch {
	case e.asBefore:
		if !slices.Equal(sorted(p.Seen), sorted(j.now.Tags)) {
			conflict(p) // it was not written, or written and undone: that cannot be told
		}
		p.SentAt = nil
		return true
	case e.theirs:
		conflict(p)
		e.gone.foldInto(p)
	default:
		e.ours.foldInto(p)
	}
	at := j.now.UpdatedAt
	p.ResourceUpdatedAt, p.After = &at, j.now.Tags
	if e.rest.empty() {
		p.SentAt = nil
		settle(p)
		return false
	}
	j.todo, j.sends = e.rest, true
	return true
}

// conflict marks an item of which somebody else changed the record at the same time. It is settled as that.
func conflict(p *models.Snapshot) {
	code, message := activity.CodeEditedMeanwhile, "Somebody else changed the record while Shopify's answer to our own change was lost. A revert takes back only what is certainly ours."
	p.ErrorCode, p.ErrorMessage = &code, &message
}

// evidence is what a record tells about a write whose answer nobody heard.
type evidence struct {
	// asBefore says that nothing of it is to be seen.
	asBefore bool
	// theirs says that somebody else wrote, too.
	theirs bool
	// ours is what the write did, where it was alone; gone is what may be its doing, where it was not.
	ours, gone effect
	// rest is what of it is still to be done.
	rest intent
}

// evidenceOf compares a record with how it was before the write. A call does all that it is to do or nothing, so what is
// missing of a call of which something is to be seen was undone by somebody else, and stays so. Where nothing of it is to
// be seen, what was to come comes: a tag more is no loss. careful says that a
// tag that is there is left where it may be that somebody else put it back.
func evidenceOf(p *models.Snapshot, now models.Tags, updated time.Time, careful bool) evidence {
	todo := intent{adds: p.Adds, removes: p.Removes}
	calls := todo.calls(p.Seen)
	made := -1
	for i, c := range calls {
		if c.shows(p.Seen, now) {
			made = i
		}
	}
	var e evidence
	if made < 0 && (!careful || len(p.Removes) == 0 || slices.Equal(sorted(p.Seen), sorted(now))) {
		e.asBefore = true
		return e
	}
	alone := aloneUntil(calls, p.Seen, now)
	e.theirs = alone < 0 || updated.After(p.SentAt.Add(sentLately))
	if alone >= 0 {
		made = max(made, alone)
	}
	for i, c := range calls {
		for _, tag := range c.tags {
			was, is := spelling(p.Seen, tag), spelling(now, tag)
			switch {
			case c.add && (is == "" || is == was) && (i > made || e.theirs):
				e.rest.adds = append(e.rest.adds, tag)
			case i > made && !c.add && is == was && (!careful || !e.theirs):
				e.rest.removes = append(e.rest.removes, is)
			case i <= made && c.add && is != "" && is != was:
				e.ours.added = append(e.ours.added, is)
			case i <= made && !c.add && is != was:
				e.ours.removed = append(e.ours.removed, was)
				e.gone.removed = append(e.gone.removed, was)
			}
		}
	}
	return e
}

// shows reports whether something of a call is to be seen.
func (c call) shows(before, now models.Tags) bool {
	return slices.ContainsFunc(c.tags, func(tag string) bool {
		was, is := spelling(before, tag), spelling(now, tag)
		return was != is && (!c.add || is != "")
	})
}

// aloneUntil returns up to which of the calls exactly these make of the tags before those that are there now, or -1 where
// that is none.
func aloneUntil(calls []call, before, now models.Tags) int {
	state := slices.Clone(before)
	for i, c := range calls {
		state = c.on(state)
		if slices.Equal(spelled(state, before), spelled(now, before)) {
			return i
		}
	}
	return -1
}

// spelled returns tags in a form that can be compared: those that are new count in any spelling, for a shop's customers
// all spell a tag as the first of them does.
func spelled(tags, before models.Tags) []string {
	list := make([]string, len(tags))
	for i, tag := range tags {
		if list[i] = tag; spelling(before, tag) == "" {
			list[i] = models.TagKey(tag)
		}
	}
	slices.Sort(list)
	return list
}

// Wrote reports whether tags are as one of the calls for an operation's item left them.
func Wrote(p *models.Snapshot, tags models.Tags) bool {
	if p.After != nil && p.Outcome != models.SnapshotPending && tags.Equal(p.After) {
		return true
	}
	state := slices.Clone(p.Seen)
	for _, c := range (intent{adds: p.Adds, removes: p.Removes}).calls(p.Seen) {
		if state = c.on(state); tags.Equal(state) {
			return true
		}
	}
	return false
}

// on returns the tags as the call leaves them.
func (c call) on(tags models.Tags) models.Tags {
	if !c.add {
		return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(c.tags, tag) })
	}
	state := slices.Clone(tags)
	for _, tag := range c.tags {
		state = state.With(tag)
	}
	return state
}
