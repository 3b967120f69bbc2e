package privacy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/activity"
)

const (
	// leastWord is how long a word is at least that is looked for, in characters, and leastDigits how many digits a phone
	// number has.
	leastWord   = 3
	leastDigits = 7
	// nationalDigits are the last digits of a phone number, which stay the same with and without the country's code.
	nationalDigits = 9
	// mostWords bounds what a person is known by.
	mostWords = 500
)

// Person is what somebody is known by.
type Person struct {
	// Customer and Orders are global ids.
	Customer string   `json:"customer,omitempty"`
	Orders   []string `json:"orders,omitempty"`
	// Emails and Phones are theirs alone, and so are Names, but for those in Shared: somebody else in the shop is called
	// so, too.
	Emails []string `json:"emails,omitempty"`
	Phones []string `json:"phones,omitempty"`
	Names  []string `json:"names,omitempty"`
	Shared []string `json:"shared,omitempty"`
	// Words are their address and the like: they tell of them only in what is about them.
	Words []string `json:"words,omitempty"`
}

// records are the global ids of the person's records.
func (p *Person) records() []string {
	records := slices.Clone(p.Orders)
	if p.Customer != "" {
		records = append([]string{p.Customer}, records...)
	}
	return records
}

// learn adds a text to a list, unless it is there or too short to tell of anybody.
func learn(list *[]string, text string) {
	text = strings.Join(strings.Fields(text), " ")
	known := slices.ContainsFunc(*list, func(have string) bool { return strings.EqualFold(have, text) })
	if utf8.RuneCountInString(text) < leastWord || known || len(*list) >= mostWords || text == activity.Erased {
		return
	}
	*list = append(*list, text)
}

// marks finds what a person is known by in texts.
type marks struct {
	// surely are theirs alone; all are those and what tells of them only in what is about them.
	surely, all *finder
}

func (p *Person) marks() *marks {
	alone := &finder{}
	for _, text := range p.Emails {
		alone.add(text, isInEmail)
	}
	for _, text := range p.Phones {
		alone.addPhone(text)
	}
	for _, text := range p.Names {
		if !p.shares(text) {
			alone.add(text, isInWord)
		}
	}
	all := &finder{words: slices.Clone(alone.words), phones: alone.phones, digits: alone.digits}
	for _, text := range slices.Concat(p.Names, p.Words) {
		all.add(text, isInWord)
	}
	return &marks{alone.ready(), all.ready()}
}

// shares reports whether a name may mean somebody else: one that another customer has, and one that is a single word.
func (p *Person) shares(name string) bool {
	return !strings.Contains(name, " ") || slices.ContainsFunc(p.Shared, func(s string) bool { return strings.EqualFold(s, name) })
}

func (m *marks) without(text string, surely bool) string {
	if surely {
		return m.all.without(text)
	}
	return m.surely.without(text)
}

// finder finds words, whatever their case, and phone numbers, however they are written.
type finder struct {
	words  []word
	phones []*regexp.Regexp
	digits []string
}

type word struct {
	text string
	// quoted is the text as it is in JSON, where that is another.
	quoted  string
	pattern *regexp.Regexp
	// inside reports whether a character beside it makes it a part of a longer word.
	inside func(rune) bool
}

func (f *finder) add(text string, inside func(rune) bool) {
	if utf8.RuneCountInString(text) < leastWord {
		return
	}
	pattern := `(?i)` + strings.Join(strings.Fields(regexp.QuoteMeta(text)), `\s+`)
	w := word{text: strings.ToLower(text), pattern: regexp.MustCompile(pattern), inside: inside}
	if raw, err := json.Marshal(w.text); err == nil {
		w.quoted = string(raw[1 : len(raw)-1])
	}
	f.words = append(f.words, w)
}

// between is what may part the digits of a phone number.
const between = `[\s().\-/\x{a0}]*`

func (f *finder) addPhone(text string) {
	digits := digitsOf(text)
	if len(digits) < leastDigits {
		return
	}
	last := digits[max(0, len(digits)-nationalDigits):]
	pattern := `\+?\(?(?:[0-9]` + between + `){0,5}` + strings.Join(strings.Split(last, ""), between)
	f.phones = append(f.phones, regexp.MustCompile(pattern))
	f.digits = append(f.digits, last)
}

// ready puts the longest first: a part of one must not be found in it before.
func (f *finder) ready() *finder {
	slices.SortStableFunc(f.words, func(a, b word) int { return len(b.text) - len(a.text) })
	return f
}

// in reports whether a text may have one of them; it need not be whole words. It is quick.
func (f *finder) in(text string) bool {
	lower := strings.ToLower(text)
	for _, w := range f.words {
		first, _, _ := strings.Cut(w.text, " ")
		if strings.Contains(lower, first) && (strings.Contains(lower, w.text) || strings.Contains(lower, w.quoted) || w.pattern.MatchString(text)) {
			return true
		}
	}
	return f.dialled(text)
}

func (f *finder) dialled(text string) bool {
	if len(f.digits) == 0 {
		return false
	}
	digits := digitsOf(text)
	return slices.ContainsFunc(f.digits, func(phone string) bool { return strings.Contains(digits, phone) })
}

// has reports whether a text has one of them.
func (f *finder) has(text string) bool { return f.in(text) && f.without(text) != text }

func (f *finder) without(text string) string {
	if text == "" || !f.in(text) {
		return text
	}
	for _, w := range f.words {
		text = replaced(text, w.pattern, w.inside)
	}
	if f.dialled(text) {
		for _, pattern := range f.phones {
			text = replaced(text, pattern, unicode.IsDigit)
		}
	}
	return text
}

// replaced replaces what a pattern finds, unless it is a part of something longer.
func replaced(text string, pattern *regexp.Regexp, inside func(rune) bool) string {
	var out strings.Builder
	rest, before := text, rune(-1)
	for {
		at := pattern.FindStringIndex(rest)
		if at == nil {
			break
		}
		if at[0] > 0 {
			before, _ = utf8.DecodeLastRuneInString(rest[:at[0]])
		}
		after, _ := utf8.DecodeRuneInString(rest[at[1]:])
		if before >= 0 && inside(before) || at[1] < len(rest) && inside(after) && !ends(rest[at[1]:], inside) {
			// Whatever of it is a word of its own begins later.
			_, size := utf8.DecodeRuneInString(rest[at[0]:])
			out.WriteString(rest[:at[0]+size])
			before, _ = utf8.DecodeRuneInString(rest[at[0]:])
			rest = rest[at[0]+size:]
			continue
		}
		out.WriteString(rest[:at[0]])
		out.WriteString(activity.Erased)
		rest, before = rest[at[1]:], -1
	}
	if out.Len() == 0 {
		return text
	}
	out.WriteString(rest)
	return out.String()
}

// ends reports whether what follows a word is the end of a sentence: a full stop is in an address only before more of it.
func ends(rest string, inside func(rune) bool) bool {
	first, size := utf8.DecodeRuneInString(rest)
	next, more := utf8.DecodeRuneInString(rest[size:])
	return first == '.' && (more == 0 || !inside(next))
}

func isInWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

func isInEmail(c rune) bool { return isInWord(c) || strings.ContainsRune("._%+-", c) }

func digitsOf(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, text)
}

// gid is the global id of a number.
func gid(kind string, number json.Number) string {
	return fmt.Sprintf("gid://shopify/%s/%s", kind, number)
}
