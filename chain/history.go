package chain

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
)

// step is something that was done to an entry.
type step struct {
	kind          activity.LinkKind
	before, after activity.Digest
	at            int64
}

// history is all that the chain says of an entry, in order.
type history struct {
	steps []step
	// live is as what the entry is in the log by that. It is one state, but where an entry was recorded once more into
	// another retention class.
	live []activity.Digest
	// gone is as what it left.
	gone []activity.Digest
	seen bool
}

// judge goes over what was done to an entry, and tells of what cannot be.
func (h *history) judge(v *verification, id uuid.UUID) {
	for i, s := range h.steps {
		if slices.Contains(h.steps[:i], s) {
			v.foundEntry(Repeated, id, "the chain says twice what was done to it at %s: a link was put in again", moment(s.at))
			continue
		}
		switch s.kind {
		case activity.LinkRecorded:
			if !slices.Contains(h.live, s.after) {
				h.live = append(h.live, s.after)
			}
		case activity.LinkUpdated, activity.LinkRedacted:
			h.follows(v, id, i)
			h.live = replaced(h.live, s.before, s.after)
		case activity.LinkLeft:
			if !slices.Contains(h.gone, s.before) {
				h.follows(v, id, i)
			}
			h.gone, h.live = append(h.gone, h.live...), nil
		}
	}
}

var done = map[activity.LinkKind]string{
	activity.LinkUpdated:  "Tagtrail updated it",
	activity.LinkRedacted: "it was redacted",
	activity.LinkLeft:     "it left the log",
}

// follows tells of a step that found the entry in another state than the steps before it had left it in.
func (h *history) follows(v *verification, id uuid.UUID, i int) {
	s := &h.steps[i]
	switch {
	case slices.Contains(h.live, s.before):
	case i == 0 && v.beginsLater(id):
	case i == 0:
		v.foundEntry(PutIn, id, "it was put in: the chain does not know it from before %s, at %s", done[s.kind], moment(s.at))
	case h.was(i, s.before):
		v.foundEntry(PutBack, id, "it was put back to an earlier state before %s, at %s", done[s.kind], moment(s.at))
	case len(h.live) == 0:
		v.foundEntry(PutIn, id, "it had left the log, and was put in before %s, at %s", done[s.kind], moment(s.at))
	default:
		v.foundEntry(Changed, id, "it was changed before %s, at %s", done[s.kind], moment(s.at))
	}
}

// was reports whether an earlier step left the entry in the state.
func (h *history) was(before int, state activity.Digest) bool {
	return slices.ContainsFunc(h.steps[:before], func(s step) bool { return s.kind != activity.LinkLeft && s.after == state })
}

func replaced(live []activity.Digest, before, after activity.Digest) []activity.Digest {
	if i := slices.Index(live, before); i >= 0 {
		live[i] = after
		return live
	}
	return []activity.Digest{after}
}

// beginsLater reports whether the chain need not know how an entry began.
func (v *verification) beginsLater(id uuid.UUID) bool {
	l := activity.Link{ID: id}
	return l.At().Before(v.covers) || l.At().Before(v.trimmed)
}

// compare tells of an entry in the log that is not as the chain has it.
func (h *history) compare(v *verification, id uuid.UUID, now activity.Digest) {
	h.seen = true
	switch {
	case slices.Contains(h.live, now):
	case len(h.live) == 0:
		v.foundEntry(PutBack, id, "it was put back: it had left the log")
	case h.was(len(h.steps), now):
		v.foundEntry(PutBack, id, "it was put back to an earlier state")
	default:
		v.foundEntry(Changed, id, "it was changed, after %s", moment(h.steps[len(h.steps)-1].at))
	}
}

func moment(micros int64) string { return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05") }
