package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

const (
	maxIDs      = 250
	maxCleaning = 1000
	maxNote     = 1000
	maxQuery    = 2000
)

// checker collects what is wrong with an input.
type checker struct{ problems []fault.Problem }

func (c *checker) wrong(message string, path ...string) {
	c.problems = append(c.problems, fault.Problem{Field: path, Code: string(fault.Invalid), Message: message})
}

// check names what is wrong with an input. What the shop alone can tell, such as what a search finds, comes later.
func check(in *Input) []fault.Problem {
	c := &checker{}
	if !slices.Contains([]models.ResourceType{models.Order, models.Customer, models.Product}, in.Resource) {
		c.wrong("Operations are about orders, customers or products.", "resource")
		return c.problems
	}
	c.kind(in)
	c.selection(in)
	if in.Note != nil {
		c.text(*in.Note, maxNote, "The note", "note")
	}
	return c.problems
}

func (c *checker) kind(in *Input) {
	switch in.Kind {
	case models.TagAdd:
		c.tags(in.Tags, in.Resource, "tags")
	case models.TagRemove:
		c.tags(in.Tags, "", "tags")
	case models.TagReplace, models.TagMerge:
		c.tags(in.Tags, "", "tags")
		if in.ReplaceWith == nil {
			c.wrong("Say which tag comes in their place.", "replaceWith")
		} else {
			c.tag(*in.ReplaceWith, in.Resource, "replaceWith")
		}
		if in.ReplaceWith != nil && len(in.Tags) == 1 && in.Tags[0] == *in.ReplaceWith {
			c.wrong("The tag would be replaced by itself. Choose another one.", "replaceWith")
		}
	case models.TagCleanup:
		c.cleaning(in)
	case models.DataCleanup, models.TagScan:
	default:
		c.wrong("This kind of operation is not started this way.", "kind")
	}
	if in.Kind == models.DataCleanup || in.Kind == models.TagScan || in.Kind == models.TagCleanup {
		if len(in.Tags) > 0 {
			c.wrong("This kind of operation takes no tags.", "tags")
		}
	}
	if in.ReplaceWith != nil && in.Kind != models.TagReplace && in.Kind != models.TagMerge {
		c.wrong("This kind of operation replaces nothing.", "replaceWith")
	}
	if len(in.Clean) > 0 && in.Kind != models.TagCleanup {
		c.wrong("Only a clean-up of tags takes these.", "clean")
	}
}

func (c *checker) cleaning(in *Input) {
	if len(in.Clean) == 0 {
		c.wrong("Choose what to clean up.", "clean")
	}
	if len(in.Clean) > maxCleaning {
		c.wrong(fmt.Sprintf("Choose at most %d.", maxCleaning), "clean")
		return
	}
	seen := map[string]bool{}
	for i, clean := range in.Clean {
		at := []string{"clean", strconv.Itoa(i)}
		if len(clean.Tags) == 0 || len(clean.Tags) > maxTags {
			c.wrong(fmt.Sprintf("Name between 1 and %d tags.", maxTags), append(at, "tags")...)
		}
		for _, tag := range clean.Tags {
			if seen[tag] {
				c.wrong(fmt.Sprintf("The tag %q is named twice.", tag), append(at, "tags")...)
			}
			seen[tag] = true
			c.text(tag, 2*maxTagLength, "A tag", append(at, "tags")...)
		}
		if clean.ReplaceWith != nil {
			c.tag(*clean.ReplaceWith, in.Resource, append(at, "replaceWith")...)
		}
	}
}

// tags checks tags; with a kind of record also whether they may be put on it.
func (c *checker) tags(tags []string, resource models.ResourceType, path ...string) {
	if len(tags) == 0 {
		c.wrong("Give at least one tag.", path...)
	}
	if len(tags) > maxTags {
		c.wrong(fmt.Sprintf("Give at most %d tags.", maxTags), path...)
		return
	}
	for i, tag := range tags {
		c.tag(tag, resource, append(slices.Clone(path), strconv.Itoa(i))...)
	}
}

func (c *checker) tag(tag string, resource models.ResourceType, path ...string) {
	longest := maxTagLength
	if resource != "" {
		longest = TagLength(resource)
	}
	switch n := utf8.RuneCountInString(models.CleanTag(tag)); {
	case n == 0:
		c.wrong("A tag cannot be empty.", path...)
	case strings.Contains(tag, ","):
		c.wrong(fmt.Sprintf("A tag cannot have a comma in it, as %q has. Give several tags instead.", tag), path...)
	case n > longest && resource != "":
		c.wrong(fmt.Sprintf("The tag has %d characters; Shopify allows %d on %s.", n, longest, plural(resource)), path...)
	case n > longest:
		c.wrong(fmt.Sprintf("The tag has %d characters; no tag has more than %d.", n, longest), path...)
	default:
		c.text(tag, 2*longest, "A tag", path...)
	}
}

// text checks what no database keeps, and how long it is.
func (c *checker) text(text string, longest int, what string, path ...string) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		c.wrong(what+" has a character in it that cannot be kept. Leave it out.", path...)
	}
	if utf8.RuneCountInString(text) > longest {
		c.wrong(fmt.Sprintf("%s has more than %d characters.", what, longest), path...)
	}
}

func (c *checker) selection(in *Input) {
	s := &in.Selection
	ways := 0
	for _, given := range []bool{s.Query != nil, len(s.IDs) > 0, s.CSV != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0 && !s.All:
		c.wrong("Say which records: by a search, by their ids, by a file, or all of them.", "selection")
	case ways > 1:
		c.wrong("Say which records in one way only: by a search, by their ids or by a file.", "selection")
	case s.All && (len(s.IDs) > 0 || s.CSV != nil):
		c.wrong("Say either all records or some of them.", "selection", "all")
	}
	if s.Query != nil {
		searched := strings.TrimSpace(*s.Query) != ""
		if !searched && !s.All {
			c.wrong("The search is empty. If every record is meant, say so.", "selection", "query")
		}
		if searched && s.All {
			c.wrong("Say either all records or a search.", "selection", "all")
		}
		c.text(*s.Query, maxQuery, "The search", "selection", "query")
	}
	if len(s.IDs) > maxIDs {
		c.wrong(fmt.Sprintf("Give at most %d ids; a file takes more.", maxIDs), "selection", "ids")
		return
	}
	for i, id := range s.IDs {
		if !isGID(in.Resource, id) {
			c.wrong(fmt.Sprintf("%q is not the id of %s, such as %s.", id, article(in.Resource), gid(in.Resource, "1042")), "selection", "ids", strconv.Itoa(i))
		}
	}
}

// gid returns the global id of a record.
func gid(resource models.ResourceType, number string) string {
	return "gid://shopify/" + KindName(resource) + "/" + number
}

func isGID(resource models.ResourceType, id string) bool {
	number, ok := strings.CutPrefix(id, gid(resource, ""))
	return ok && isNumber(number)
}

// isNumber reports whether a text is the number of a record: it fits 64 bits, and is written in one way only.
func isNumber(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

func article(resource models.ResourceType) string {
	if resource == models.Order {
		return "an order"
	}
	return "a " + strings.ToLower(string(resource))
}
