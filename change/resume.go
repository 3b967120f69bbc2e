package change

import (
	"slices"
	"time"

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
	e := evidenceOf(p, j.now.Tags, j.now.UpdatedAt)
	switch {
	case e.asBefore:
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
	code, message := CodeEditedMeanwhile, "Somebody else changed the record while Shopify's answer to our own change was lost. A revert takes back only what is certainly ours."
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

func evidenceOf(p *models.Snapshot, now models.Tags, updated time.Time) evidence {
	todo := intent{adds: p.Adds, removes: p.Removes}
	var e evidence
	e.asBefore = true
	visible := false // something of it is there as intended
	var touched models.Tags
	for _, tag := range slices.Concat(p.Removes, p.Adds) {
		touched = touched.With(tag)
	}
	for _, tag := range touched {
		was, is := spelling(p.Seen, tag), spelling(now, tag)
		comes := spelling(p.Adds, tag)
		e.asBefore = e.asBefore && was == is
		if was != is && (is == comes || is == "" && was != "") {
			visible = true
		}
	}
	if e.asBefore {
		return e
	}
	e.theirs = updated.After(p.SentAt.Add(sentLately)) || !alone(todo, p.Seen, now)
	for _, tag := range touched {
		was, is := spelling(p.Seen, tag), spelling(now, tag)
		comes := spelling(p.Adds, tag)
		if was != "" && is != was {
			e.gone.removed = append(e.gone.removed, was)
			e.ours.removed = append(e.ours.removed, was)
		}
		if is != "" && is != was {
			e.ours.added = append(e.ours.added, is)
		}
		if was != "" && is == was && p.Removes.Has(tag) {
			e.rest.removes = append(e.rest.removes, is)
		}
		if comes == "" || is != "" && is != was || is == comes {
			continue // there is nothing to come, or it has come
		}
		// A tag between two spellings is put on in any case. Another is undone by somebody, if the rest is to be seen.
		if was != "" || !e.theirs || !visible || removesFirst(todo, p.Seen) {
			e.rest.adds = append(e.rest.adds, comes)
		}
	}
	return e
}

// alone reports whether the calls of the intent, as far as they came, make of the tags before those that are there now.
func alone(todo intent, before, now models.Tags) bool {
	state := slices.Clone(before)
	for _, c := range todo.calls(before) {
		if c.add {
			for _, tag := range c.tags {
				state = state.With(tag)
			}
		} else {
			state = slices.DeleteFunc(slices.Clone(state), func(tag string) bool { return slices.Contains(c.tags, tag) })
		}
		if slices.Equal(spelled(state, before), spelled(now, before)) {
			return true
		}
	}
	return false
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

// removesFirst reports whether the intent's first call takes tags off.
func removesFirst(todo intent, before models.Tags) bool {
	calls := todo.calls(before)
	return len(calls) > 0 && !calls[0].add
}
