package activity

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// The grammar of a search. Terms are parted by white space, and all of them must hold:
//
//	search    = { word | quoted | qualifier }
//	qualifier = name ":" ( word | quoted )
//	quoted    = `"` { any character; `\"` and `\\` for the two that end it } `"`
//
//   - A word is looked for in the summary, whatever its case, anywhere in it. It needs three letters or digits in a
//     row, counting a space or sign beside them: `#10` and "a b" do, `10` does not. Quotes keep words together.
//   - Several of one qualifier are alternatives; different qualifiers must all hold.
//   - A colon makes a qualifier only after a name of letters and before a value, so 12:30, https://example.com and
//     "Note: timeout" are words. Quotes make a word of anything.
//   - The id of an entry alone finds that entry, and the global id of a record what happened to it.

const (
	maxSearch = 500
	maxTerms  = 40
)

// Search is a search text that is understood as far as that goes without looking anything up.
type Search struct {
	Words      []string
	Types      []models.ActivityType
	Statuses   []models.ActivityStatus
	Categories []models.ActivityCategory
	Actions    []string
	// IDs are of entries, Operations of operations.
	IDs        []string
	Operations []string
	// Rules and Actors are names, parts of names, or ids.
	Rules  []string
	Actors []string
	// Entities are types of records or ids of records.
	Entities []string
	// Orders, Customers and Products are titles or ids.
	Orders    []string
	Customers []string
	Products  []string
	Tags      []string
	Errors    []string
	// Since and Until bound the time: Since <= occurredAt < Until.
	Since *Moment
	Until *Moment
}

// term is one part of a search text.
type term struct {
	// at is where it begins, in characters from 1; valueAt is where its value does.
	at, valueAt int
	qualifier   string
	value       string
}

// ParseSearch reads a search text. What is wrong with it is told with the character where it is wrong.
func ParseSearch(text string) (*Search, []fault.Problem) {
	s := &Search{}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return s, []fault.Problem{searchProblem("The search has a zero byte or broken text in it, which no entry can have.")}
	}
	if n := utf8.RuneCountInString(text); n > maxSearch {
		return s, []fault.Problem{searchProblem("The search has %d characters; at most %d can be looked for.", n, maxSearch)}
	}
	terms, problem := split(text)
	if problem != nil {
		return s, []fault.Problem{*problem}
	}
	if len(terms) > maxTerms {
		return s, []fault.Problem{searchProblem("The search has %d parts; at most %d can be looked for.", len(terms), maxTerms)}
	}
	var problems []fault.Problem
	for _, t := range terms {
		if p := s.add(t); p != nil {
			problems = append(problems, *p)
		}
	}
	return s, problems
}

func searchProblem(format string, args ...any) fault.Problem {
	return fault.Problem{Field: []string{"filter", "search"}, Code: string(fault.Invalid), Message: fmt.Sprintf(format, args...)}
}

// split cuts the text into terms.
func split(text string) ([]term, *fault.Problem) {
	runes := []rune(text)
	var terms []term
	for i := 0; i < len(runes); {
		if unicode.IsSpace(runes[i]) {
			i++
			continue
		}
		t := term{at: i + 1}
		if name, after := qualifier(runes, i); name != "" {
			t.qualifier, i = name, after
		}
		t.valueAt = i + 1
		if i == len(runes) || runes[i] != '"' {
			end := i
			for end < len(runes) && !unicode.IsSpace(runes[end]) {
				end++
			}
			t.value, i = string(runes[i:end]), end
		} else {
			value, after, ok := unquote(runes, i)
			if !ok {
				p := searchProblem("The quote at character %d is never closed. Close it, or write \\\" for a quote that is meant.", i+1)
				return nil, &p
			}
			t.value, i = value, after
		}
		terms = append(terms, t)
	}
	return terms, nil
}

// qualifier returns the name of the qualifier that begins at i and where its value begins, or no name. A known name
// with nothing after it is one that somebody has not finished; an unknown one is a word.
func qualifier(runes []rune, i int) (name string, after int) {
	end := i
	for end < len(runes) && (unicode.IsLetter(runes[end]) || runes[end] == '_') {
		end++
	}
	if end == i || end == len(runes) || runes[end] != ':' {
		return "", i
	}
	name, after = strings.ToLower(string(runes[i:end])), end+1
	switch {
	case after == len(runes) || unicode.IsSpace(runes[after]):
		if qualifiers[name] == nil {
			return "", i
		}
	case strings.HasPrefix(string(runes[after:min(after+2, len(runes))]), "//"):
		return "", i
	}
	return name, after
}

// unquote returns the text in the quotes that begin at i and where it goes on after them.
func unquote(runes []rune, i int) (text string, after int, ok bool) {
	var b strings.Builder
	for i++; i < len(runes); i++ {
		switch {
		case runes[i] == '"':
			return b.String(), i + 1, true
		case runes[i] == '\\' && i+1 < len(runes) && (runes[i+1] == '"' || runes[i+1] == '\\'):
			i++
		}
		b.WriteRune(runes[i])
	}
	return "", i, false
}

// add adds a term to the search, or says what is wrong with it.
func (s *Search) add(t term) *fault.Problem {
	var wrong string
	at := t.valueAt
	switch take := qualifiers[t.qualifier]; {
	case t.qualifier == "":
		wrong = s.addWord(t.value)
	case take == nil:
		at = t.at
		wrong = fmt.Sprintf("%s: is not a qualifier. Those that there are: %s. To look for the text itself, put it in quotes.",
			t.qualifier, strings.Join(qualifierNames(), ", "))
	case strings.TrimSpace(t.value) == "":
		wrong = t.qualifier + ": needs a value after it, such as " + examples[t.qualifier] + "."
	default:
		wrong = take(s, strings.TrimSpace(t.value))
	}
	if wrong == "" {
		return nil
	}
	p := searchProblem("At character %d: %s", at, wrong)
	return &p
}

func (s *Search) addWord(word string) string {
	switch {
	case isID(word):
		s.IDs = append(s.IDs, canonical(word))
	case strings.HasPrefix(word, "gid://"):
		s.Entities = append(s.Entities, word)
	case !findable(word):
		return fmt.Sprintf("%q is too short to look for. A word needs three letters or digits; short ones can be put in quotes together, such as \"VIP 12\".", word)
	default:
		s.Words = append(s.Words, word)
	}
	return ""
}

func isID(text string) bool {
	_, ok := models.IDTime(text)
	return ok && len(text) == len(uuid.Nil.String())
}

// findable reports whether the word has three characters in a row that an index of trigrams knows: letters and
// digits, of which the two before and the one after may be signs or spaces.
func findable(word string) bool {
	runes := []rune(word)
	for i := 0; i < len(runes); {
		if !unicode.IsLetter(runes[i]) && !unicode.IsDigit(runes[i]) {
			i++
			continue
		}
		end := i
		for end < len(runes) && (unicode.IsLetter(runes[end]) || unicode.IsDigit(runes[end])) {
			end++
		}
		known := end - i
		if i > 0 {
			known += 2
		}
		if end < len(runes) {
			known++
		}
		if known >= 3 && len(runes) >= 3 {
			return true
		}
		i = end
	}
	return false
}

// qualifierNames are the qualifiers that there are.
func qualifierNames() []string {
	names := make([]string, 0, len(qualifiers))
	for name := range qualifiers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
