package change

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"github.com/tagtrail/tagtrail/models"
)

// mendTag returns what a tag becomes in a clean-up of data: itself where nothing is wrong with it, several where it
// holds several, none where nothing is left of it.
func mendTag(tag string) []string {
	text := tag
	// What was escaped twice is unescaped twice; each round makes it shorter.
	for plain := unescape(text); plain != text; plain = unescape(text) {
		text = plain
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != zeroWidthJoiner, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	var mended models.Tags
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' || r == ',' }) {
		mended = mended.With(trimTag(part))
	}
	return mended
}

// entity is a character as HTML writes it. Without the semicolon it may be meant: Black&White.
var entity = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});`)

func unescape(text string) string { return entity.ReplaceAllStringFunc(text, html.UnescapeString) }

// zeroWidthJoiner is invisible, too, but some scripts and pictures are another sign without it.
const zeroWidthJoiner = '\u200d'

const (
	// separators say nothing at the ends of a tag. What may be meant there, such as # and +, is none.
	separators = " -_/\\:·•–—"
	meaningful = "#+&%!?@$€£"
)

// wrapping are the pairs in which a tag is sometimes wrapped as a whole.
var wrapping = [][2]string{{`"`, `"`}, {`'`, `'`}, {"“", "”"}, {"‘", "’"}, {"«", "»"}, {"`", "`"}, {"[", "]"}, {"(", ")"}, {"{", "}"}, {"<", ">"}}

// trimTag takes off what does not belong to a tag at its ends, until nothing more comes off.
func trimTag(text string) string {
	for {
		before := text
		text = strings.Trim(strings.Join(strings.Fields(text), " "), separators)
		for _, pair := range wrapping {
			inner, opened := strings.CutPrefix(text, pair[0])
			inner, closed := strings.CutSuffix(inner, pair[1])
			if opened && closed && !strings.Contains(inner, pair[0]) {
				text = inner
			}
		}
		if text == before {
			break
		}
	}
	if strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || strings.ContainsRune(meaningful, r)
	}) < 0 {
		return "" // nothing but punctuation
	}
	return text
}

// fold returns what is left of a tag without case, white space and punctuation: what several spellings have in common.
func fold(tag string) string {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || strings.ContainsRune(meaningful, r) {
			return unicode.ToLower(r)
		}
		return -1
	}, tag)
	return folded
}
