package change

import (
	"slices"

	"github.com/tagtrail/tagtrail/models"
)

// effect is what a write changed of a record: the tags that it put on and those that it took off, each as it was
// spelled there. A tag in both was spelled anew.
type effect struct{ added, removed models.Tags }

// effectOf returns what a call did: of what it asked for, that which was otherwise before.
func effectOf(before, after models.Tags, c call) effect {
	var e effect
	for _, tag := range c.tags {
		was, is := spelling(before, tag), spelling(after, tag)
		if c.add && was == "" && is != "" {
			e.added = append(e.added, is)
		}
		if !c.add && was != "" && is == "" {
			e.removed = append(e.removed, was)
		}
	}
	return e
}

// spelling returns how a set spells a tag, or "" where it has none of its spellings.
func spelling(tags models.Tags, tag string) string {
	key := models.TagKey(tag)
	for _, have := range tags {
		if models.TagKey(have) == key {
			return have
		}
	}
	return ""
}

// foldInto adds what was changed to what an item says that it changed before. What was undone again is nothing.
func (e effect) foldInto(p *models.Snapshot) {
	var keys models.Tags
	for _, tag := range slices.Concat(e.removed, e.added) {
		keys = keys.With(tag)
	}
	for _, tag := range keys {
		was := spelling(e.removed, tag)
		if p.Added.Has(tag) || p.Removed.Has(tag) {
			was = spelling(p.Removed, tag)
		}
		is := spelling(e.added, tag)
		p.Added, p.Removed = p.Added.Without(tag), p.Removed.Without(tag)
		if was == is {
			continue
		}
		if is != "" {
			p.Added = append(p.Added, is)
		}
		if was != "" {
			p.Removed = append(p.Removed, was)
		}
	}
}
