package change

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/models"
)

const (
	// maxTags is how many tags Shopify lets a record have.
	maxTags = 250
	// maxTagLength and maxOrderTagLength are how long Shopify lets a tag be, in characters.
	maxTagLength      = 255
	maxOrderTagLength = 40
)

// TagLength returns how long a tag of that kind of record may be, in characters.
func TagLength(resource models.ResourceType) int {
	if resource == models.Order {
		return maxOrderTagLength
	}
	return maxTagLength
}

// intent is what is to be done to one record. A tag that is in both lists, but for its spelling, is spelled anew.
type intent struct {
	adds models.Tags
	// removes are spelled as on the record: orders give up a tag only so.
	removes models.Tags
	// refusal says why Shopify would refuse it; nothing is sent then.
	refusal string
}

func (i intent) empty() bool { return len(i.adds) == 0 && len(i.removes) == 0 }

// planOf says what an operation does to a record that has these tags. The same tags always come to the same plan.
func planOf(in *Input, tags models.Tags) intent {
	var wanted intent
	switch in.Kind {
	case models.TagAdd:
		for _, tag := range in.Tags {
			if !tags.Has(tag) {
				wanted.adds = wanted.adds.With(tag)
			}
		}
	case models.TagRemove:
		for _, tag := range tags {
			if models.Tags(in.Tags).Has(tag) {
				wanted.removes = append(wanted.removes, tag)
			}
		}
	case models.TagReplace, models.TagMerge:
		wanted = exchange(tags, func(tag string) ([]string, bool) {
			return []string{*in.ReplaceWith}, models.Tags(in.Tags).Has(tag)
		})
	case models.TagCleanup:
		wanted = exchange(tags, func(tag string) ([]string, bool) { return cleaned(in.Clean, tag) })
	case models.DataCleanup:
		wanted = exchange(tags, func(tag string) ([]string, bool) {
			mended := mendTag(tag)
			return mended, !slices.Equal(mended, []string{tag})
		})
	case models.TagScan, models.Revert:
	}
	wanted.refusal = refusalOf(in.Resource, tags, wanted)
	return wanted
}

// cleaned returns what a tag becomes in a clean-up. Spellings are told apart there.
func cleaned(list []Cleaning, tag string) ([]string, bool) {
	for _, c := range list {
		if !slices.Contains(c.Tags, tag) {
			continue
		}
		if c.ReplaceWith == nil {
			return nil, true
		}
		return []string{*c.ReplaceWith}, true
	}
	return nil, false
}

// exchange takes tags off and puts others in their place. What would be put on and is there already stays as it is
// spelled; a tag that would be replaced by itself stays.
func exchange(tags models.Tags, by func(tag string) ([]string, bool)) intent {
	var wanted intent
	var kept, comes models.Tags
	for _, tag := range tags {
		others, goes := by(tag)
		stays := slices.ContainsFunc(others, func(other string) bool { return models.CleanTag(other) == tag })
		if goes && !stays {
			wanted.removes = append(wanted.removes, tag)
		} else {
			kept = append(kept, tag)
		}
		if goes {
			for _, other := range others {
				comes = comes.With(other)
			}
		}
	}
	for _, tag := range comes {
		if !kept.Has(tag) {
			wanted.adds = wanted.adds.With(tag)
		}
	}
	return wanted
}

// refusalOf says which of Shopify's limits a change would break, and what to do, or "".
func refusalOf(resource models.ResourceType, tags models.Tags, wanted intent) string {
	longest := TagLength(resource)
	for _, tag := range wanted.adds {
		switch n := utf8.RuneCountInString(tag); {
		case strings.TrimSpace(tag) == "":
			return "A tag cannot be empty. Choose another one."
		case strings.Contains(tag, ","):
			return fmt.Sprintf("A tag cannot have a comma in it, as %q has. Leave it out.", tag)
		case n > longest:
			return fmt.Sprintf("The tag %q has %d characters; Shopify allows %d on %s. Choose a shorter one.", tag, n, longest, plural(resource))
		}
	}
	if n := len(tags) - len(wanted.removes) + len(wanted.adds); len(wanted.adds) > 0 && n > maxTags {
		return fmt.Sprintf("It would have %d tags; Shopify allows %d. Take off some of its tags first.", n, maxTags)
	}
	return ""
}

// after returns the tags as they will be.
func (i intent) after(tags models.Tags) models.Tags {
	result := models.Tags{}
	for _, tag := range tags {
		if !slices.Contains(i.removes, tag) {
			result = append(result, tag)
		}
	}
	for _, tag := range i.adds {
		result = result.With(tag)
	}
	return result
}

// call is one call to Shopify.
type call struct {
	add  bool
	tags models.Tags
}

// calls puts what is to be done into an order in which a refusal loses nothing: adding comes first, where there is room
// and the tag is not there in another spelling.
func (i intent) calls(tags models.Tags) []call {
	respelled, fresh := models.Tags{}, models.Tags{}
	for _, tag := range i.adds {
		if i.removes.Has(tag) {
			respelled = append(respelled, tag)
		} else {
			fresh = append(fresh, tag)
		}
	}
	if len(tags)+len(fresh) > maxTags {
		fresh, respelled = nil, i.adds
	}
	var list []call
	for _, c := range []call{{true, fresh}, {false, i.removes}, {true, respelled}} {
		if len(c.tags) > 0 {
			list = append(list, c)
		}
	}
	return list
}

func plural(resource models.ResourceType) string { return strings.ToLower(string(resource)) + "s" }
