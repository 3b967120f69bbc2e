package simulator

import (
	"slices"
	"strings"
	"time"
)

// The search syntax: terms are joined by AND unless OR says otherwise, OR binds tighter,
// NOT or a leading - negates, comparators follow the colon, quotes hold phrases and
// a trailing * matches a prefix.

type queryNode struct {
	op   string // and, or, not, term
	kids []*queryNode
	term *term
}

type term struct {
	field, compare, text string
	quoted, prefix       bool
}

// lexSearch cuts a query into words and parentheses. A word keeps its field, its comparator
// and its quotes.
func lexSearch(q string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	escaped := false
	flush := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	for _, r := range q {
		switch {
		case escaped:
			word.WriteRune('\\')
			word.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case quote != 0:
			word.WriteRune(r)
			if r == quote {
				quote = 0
			}
		case (r == '"' || r == '\'') && (word.Len() == 0 || strings.ContainsAny(lastOf(word.String()), ":<>=-")):
			quote = r
			word.WriteRune(r)
		case r == '(' || r == ')':
			flush()
			out = append(out, string(r))
		case r == ' ' || r == '\t' || r == '\n':
			flush()
		default:
			word.WriteRune(r)
		}
	}
	flush()
	return out
}

func lastOf(s string) string { return s[len(s)-1:] }

type searchParser struct {
	tokens []string
	pos    int
}

func parseSearch(q string) *queryNode {
	p := &searchParser{tokens: lexSearch(q)}
	n := p.and()
	for p.pos < len(p.tokens) { // a stray parenthesis is skipped
		p.pos++
		n = join("and", n, p.and())
	}
	return n
}

func join(op string, kids ...*queryNode) *queryNode {
	kids = slices.DeleteFunc(kids, func(k *queryNode) bool { return k == nil })
	switch len(kids) {
	case 0:
		return nil
	case 1:
		return kids[0]
	}
	return &queryNode{op: op, kids: kids}
}

func (p *searchParser) peek() string {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return ""
}

func (p *searchParser) and() *queryNode {
	var kids []*queryNode
	for p.pos < len(p.tokens) && p.peek() != ")" {
		if strings.EqualFold(p.peek(), "AND") {
			p.pos++
			continue
		}
		kids = append(kids, p.or())
	}
	return join("and", kids...)
}

func (p *searchParser) or() *queryNode {
	kids := []*queryNode{p.not()}
	for p.peek() == "OR" || p.peek() == "or" {
		p.pos++
		kids = append(kids, p.not())
	}
	return join("or", kids...)
}

func (p *searchParser) not() *queryNode {
	switch t := p.peek(); {
	case t == "":
		return nil
	case t == "NOT" || t == "not" || t == "-":
		p.pos++
		if n := p.not(); n != nil {
			return &queryNode{op: "not", kids: []*queryNode{n}}
		}
		return nil
	case t == "(":
		p.pos++
		n := p.and()
		if p.peek() == ")" {
			p.pos++
		}
		return n
	case strings.HasPrefix(t, "-") && len(t) > 1:
		p.pos++
		return &queryNode{op: "not", kids: []*queryNode{{op: "term", term: readTerm(t[1:])}}}
	default:
		p.pos++
		return &queryNode{op: "term", term: readTerm(t)}
	}
}

func readTerm(word string) *term {
	t := &term{}
	rest := word
	if i := fieldEnd(word); i > 0 {
		t.field, rest = strings.ToLower(word[:i]), word[i+1:]
	}
	for _, c := range []string{"<=", ">=", "<", ">", "="} {
		if t.field != "" && strings.HasPrefix(rest, c) {
			t.compare, rest = c, rest[len(c):]
			break
		}
	}
	if len(rest) >= 2 && (rest[0] == '"' || rest[0] == '\'') && rest[len(rest)-1] == rest[0] {
		t.quoted, rest = true, rest[1:len(rest)-1]
	}
	if !t.quoted && len(rest) > 1 && strings.HasSuffix(rest, "*") && !strings.HasSuffix(rest, `\*`) {
		t.prefix, rest = true, strings.TrimSuffix(rest, "*")
	}
	t.text = strings.ToLower(unescape(rest))
	return t
}

// fieldEnd is the place of the colon that ends a field's name, or -1.
func fieldEnd(word string) int {
	for i, r := range word {
		switch {
		case r == ':':
			return i
		case r == '_' || r == '.' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
		default:
			return -1
		}
	}
	return -1
}

func unescape(s string) string {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String()
}

// searchField says how a record's field is compared. One of the functions is set.
type searchField[T any] struct {
	words func(T) []string // matched word by word
	exact func(T) []string // matched as a whole
	num   func(T) []int64  // money in minor units, counts, ids
	money bool
	date  func(T) time.Time
	flag  func(T) bool
	not   bool // tag_not
}

// matches compares; known is false where the value cannot be read as the field's kind.
func (f searchField[T]) matches(r T, t *term) (hit, known bool) {
	switch {
	case f.date != nil:
		return matchDate(f.date(r), t)
	case f.num != nil:
		return matchNumbers(f.num(r), t, f.money)
	case f.flag != nil:
		if t.text != "true" && t.text != "false" {
			return false, false
		}
		return f.flag(r) == (t.text == "true"), true
	case f.exact != nil:
		return matchExact(f.exact(r), t) != f.not, true
	}
	return matchWords(f.words(r), t), true
}

func matchExact(have []string, t *term) bool {
	if t.text == "*" && !t.quoted {
		return slices.ContainsFunc(have, func(s string) bool { return s != "" })
	}
	options := []string{t.text}
	if !t.quoted {
		options = strings.Split(t.text, ",")
	}
	for _, h := range have {
		h = strings.ToLower(h)
		for _, o := range options {
			if h == strings.TrimSpace(o) || t.prefix && strings.HasPrefix(h, o) {
				return true
			}
		}
	}
	return false
}

func matchWords(have []string, t *term) bool {
	if t.text == "*" && !t.quoted {
		return slices.ContainsFunc(have, func(s string) bool { return s != "" })
	}
	want := wordsOf(t.text)
	if len(want) == 0 {
		return false
	}
	for _, h := range have {
		words := wordsOf(h)
		for i := range words {
			if startsWith(words[i:], want, t.prefix) {
				return true
			}
		}
	}
	return false
}

func startsWith(words, want []string, prefix bool) bool {
	if len(words) < len(want) {
		return false
	}
	for i, w := range want {
		if words[i] == w || prefix && i == len(want)-1 && strings.HasPrefix(words[i], w) {
			continue
		}
		return false
	}
	return true
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return strings.ContainsRune(" \t\n,.;:!?&/()@#'\"-", r)
	})
}

func matchNumbers(have []int64, t *term, isMoney bool) (bool, bool) {
	if t.text == "*" {
		return len(have) > 0, true
	}
	for _, option := range strings.Split(t.text, ",") {
		var want int64
		if isMoney {
			m, ok := parseMoney(option)
			if !ok {
				return false, false
			}
			want = int64(m)
		} else {
			if _, id, ok := splitGID(option); ok {
				option = itoa(id)
			}
			m, ok := parseMoney(option)
			if !ok {
				return false, false
			}
			want = int64(m) / 100
		}
		if slices.ContainsFunc(have, func(n int64) bool { return compares(compareIDs(n, want), t.compare) }) {
			return true, true
		}
	}
	return false, true
}

func compares(n int, compare string) bool {
	switch compare {
	case "<":
		return n < 0
	case ">":
		return n > 0
	case "<=":
		return n <= 0
	case ">=":
		return n >= 0
	}
	return n == 0
}

func matchDate(have time.Time, t *term) (bool, bool) {
	if t.text == "*" {
		return !have.IsZero(), true
	}
	if t.text == "now" {
		return compares(have.Compare(time.Now()), t.compare), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		want, err := time.Parse(layout, strings.ToUpper(t.text))
		if err != nil {
			continue
		}
		if have.IsZero() {
			return false, true
		}
		if layout == "2006-01-02" && (t.compare == "" || t.compare == "=") {
			return !have.Before(want) && have.Before(want.AddDate(0, 0, 1)), true
		}
		return compares(have.Truncate(time.Second).Compare(want), t.compare), true
	}
	return false, false
}
