package change

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/models"
	"pgregory.net/rapid"
)

var someTags = []string{"Red", "red", "RED", "Gold", "gold", "Sale 2025", "sale  2025", "a; b", "&amp;co", "[vip]", "vip", "-new-", "old"}

func drawTags(t *rapid.T, label string) models.Tags {
	var tags models.Tags
	for _, tag := range rapid.SliceOf(rapid.SampledFrom(someTags)).Draw(t, label) {
		if !tags.Has(tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

func drawInput(t *rapid.T) *Input {
	with := rapid.SampledFrom(someTags).Draw(t, "with")
	in := &Input{Resource: models.Product, Tags: drawTags(t, "tags")}
	in.Kind = rapid.SampledFrom([]models.OperationKind{
		models.TagAdd, models.TagRemove, models.TagReplace, models.TagMerge, models.TagCleanup, models.DataCleanup,
	}).Draw(t, "kind")
	switch in.Kind {
	case models.TagReplace, models.TagMerge:
		in.ReplaceWith = &with
	case models.TagCleanup:
		in.Clean = []Cleaning{{Tags: in.Tags, ReplaceWith: &with}}
	}
	return in
}

// Whatever the plan: done once, there is nothing left to do, and only what was asked for is touched.
func TestAPlanThatIsDoneLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in, tags := drawInput(t), drawTags(t, "before")
		wanted := planOf(in, tags)
		if wanted.refusal != "" {
			t.Fatalf("it is refused: %s", wanted.refusal)
		}
		after := wanted.after(tags)
		if again := planOf(in, after); !again.empty() {
			t.Errorf("%s of %q makes %q, and then would add %q and remove %q", in.Kind, tags, after, again.adds, again.removes)
		}
		for _, tag := range wanted.removes {
			if !slices.Contains(tags, tag) {
				t.Errorf("it removes %q, which is not there", tag)
			}
		}
		state := slices.Clone(tags)
		for _, c := range wanted.calls(tags) {
			state = c.on(state)
		}
		if !slices.Equal(sorted(state), sorted(after)) {
			t.Errorf("the calls make %q, want %q", state, after)
		}
	})
}

// The calls never take a tag off before its successor is on, unless it is the same tag or there is no room.
func TestTheCallsLoseNothingWhenTheNextIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in, tags := drawInput(t), drawTags(t, "before")
		wanted := planOf(in, tags)
		calls := wanted.calls(tags)
		for i, c := range calls {
			if c.add || i == 0 && len(calls) == 1 {
				continue
			}
			for _, later := range calls[i+1:] {
				for _, tag := range later.tags {
					if !wanted.removes.Has(tag) {
						t.Errorf("%q comes after the removal of %q", tag, c.tags)
					}
				}
			}
		}
	})
}

func TestWhatIsMendedNeedsNoMending(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tag := rapid.String().Draw(t, "tag")
		for _, mended := range mendTag(tag) {
			if again := mendTag(mended); !slices.Equal(again, []string{mended}) {
				t.Errorf("%q becomes %q, and that %q", tag, mended, again)
			}
			if strings.ContainsAny(mended, ",;|\x00\n") || strings.TrimSpace(mended) != mended || !utf8.ValidString(mended) {
				t.Errorf("%q becomes %q", tag, mended)
			}
		}
	})
	for tag, want := range map[string][]string{
		" sale ": {"sale"}, "sale  2025": {"sale 2025"}, "a;b": {"a", "b"}, "a | b": {"a", "b"}, "&amp;co": {"&co"}, `"vip"`: {"vip"},
		"[vip]": {"vip"}, "-new-": {"new"}, "---": nil, "C#": {"C#"}, "A+": {"A+"}, "Black&White": {"Black&White"}, "zero\u200bwidth": {"zerowidth"}, `12" vinyl`: {`12" vinyl`},
	} {
		if got := mendTag(tag); !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, want %q", tag, got, want)
		}
	}
}

func TestLimitsAreToldBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 41)
	for _, resource := range []models.ResourceType{models.Order, models.Product} {
		refusal := planOf(&Input{Kind: models.TagAdd, Resource: resource, Tags: []string{long}}, nil).refusal
		if (refusal != "") != (resource == models.Order) {
			t.Errorf("41 characters on %s: %q", resource, refusal)
		}
	}
	full := make(models.Tags, maxTags)
	for i := range full {
		full[i] = "t" + strings.Repeat("i", i)
	}
	if planOf(&Input{Kind: models.TagAdd, Resource: models.Product, Tags: []string{"more"}}, full).refusal == "" {
		t.Error("a tag more than 250 is not refused")
	}
	with := "more"
	wanted := planOf(&Input{Kind: models.TagReplace, Resource: models.Product, Tags: []string{"t"}, ReplaceWith: &with}, full)
	if calls := wanted.calls(full); wanted.refusal != "" || len(calls) != 2 || calls[0].add {
		t.Errorf("replacing on a full record makes the calls %+v, refusal %q", calls, wanted.refusal)
	}
}

func TestAFileIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"\ufeffID\n1\n2\n2\n":                2,
		"Title;Product ID\nx;7\n":            1,
		"handle\tprice\nriesling\t9\n\n":     1,
		"gid\n\"gid://shopify/Product/9\"\n": 1,
		"Order ID,Product ID\n5,6\n":         1,
	} {
		if f := readCSV(models.Product, text); f.records != want || len(f.errors) > 0 {
			t.Errorf("%q names %d records, %v", text, f.records, f.errors)
		}
	}
	for text, line := range map[string]int{
		"": 1, "colour\nred\n": 1, "ID\n1\nabc\n": 3, "ID\n1.2E+12\n": 2, "ID\ngid://shopify/Order/1\n": 2, "ID\n\"1\n": 2,
	} {
		if f := readCSV(models.Product, text); len(f.errors) != 1 || f.errors[0].Line != line {
			t.Errorf("%q: %+v, want one error in line %d", text, f.errors, line)
		}
	}
}
