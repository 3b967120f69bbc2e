package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// Facts is what is known of one record. A field that its payload lacked is unknown, which is not the same as empty.
// Facts may be read by several goroutines at once, but not while Set is called. A copy shares the values.
type Facts struct {
	Resource models.ResourceType
	// ID is the record's global id, such as gid://shopify/Order/1.
	ID string
	// Title names the record for people: an order's name, a product's title, a customer's name or address.
	Title string
	// UpdatedAt is when Shopify last changed the record; zero where the payload does not say.
	UpdatedAt time.Time
	// Tags are the record's own tags, and mean nothing unless TagsKnown is true.
	Tags      models.Tags
	TagsKnown bool

	table  *table
	values []fact
}

// fact is the value of one field, prepared for comparing.
type fact struct {
	known bool
	// texts are the values as they are, keys as they are compared. A field with two spellings of one value, such as a
	// country, has both.
	texts   []string
	keys    []string
	numbers []number
	times   []moment
	// shown is what evaluations tell of the value: shortened, as they are kept for years.
	shown []string
	// note is said with every condition on the field, flaw with those that fail on it.
	note string
	flaw *string
}

type number struct {
	value decimal.Decimal
	ok    bool
}

const (
	maxShown     = 20
	maxShownText = 200
)

// FromPayload reads a webhook's body. What it lacks stays unknown, and a value of the wrong type counts as lacking.
func FromPayload(resource models.ResourceType, body []byte) (Facts, error) {
	t := tableOf(resource)
	if t == nil {
		return Facts{}, fault.New(fault.Invalid, "Rules about %s are not available yet.", strings.ToLower(string(resource)))
	}
	facts := Facts{Resource: resource, table: t, values: make([]fact, len(t.fields))}
	var err error
	switch resource {
	case models.Order:
		err = facts.fromOrder(body)
	case models.Customer:
		err = facts.fromCustomer(body)
	default:
		err = facts.fromProduct(body)
	}
	if err != nil {
		return Facts{}, err
	}
	if facts.ID == "" {
		return Facts{}, fault.New(fault.Invalid, "The payload has no id.")
	}
	return facts, nil
}

// Set fills a field that the payload lacked, or replaces its value. No values means that the field is empty. It
// reports whether the resource has such a field.
func (f *Facts) Set(name string, values ...string) bool {
	if f.table == nil {
		return false
	}
	i, ok := f.table.index[name]
	if !ok {
		return false
	}
	f.values[i] = newFact(f.table.traits[i].kind, values)
	if name == fieldTags {
		f.Tags, f.TagsKnown = nil, true
		for _, tag := range values {
			f.Tags = f.Tags.With(tag)
		}
	}
	return true
}

// Values returns the field's values as they are, and whether they are known at all.
func (f *Facts) Values(name string) (values []string, known bool) {
	if f.table == nil {
		return nil, false
	}
	i, ok := f.table.index[name]
	if !ok {
		return nil, false
	}
	return f.values[i].texts, f.values[i].known
}

// Needs returns the queried fields that enabled rules about the record use, in a condition or a tag's template, and
// that are not known yet: what has to be read before these rules can be evaluated. Days since the last order are
// counted from last_order_at, so that is what is named for them.
func Needs(defs []models.RuleDefinition, facts Facts) []string {
	var names []string
	need := func(name string) {
		if facts.table == nil {
			return
		}
		i, ok := facts.table.index[name]
		if !ok {
			return
		}
		if source := facts.table.traits[i].source; source >= 0 && !facts.values[i].known {
			i = source
		}
		field := &facts.table.fields[i]
		if field.Queried && !facts.values[i].known && !slices.Contains(names, field.Name) {
			names = append(names, field.Name)
		}
	}
	for i := range defs {
		if !defs[i].Enabled || defs[i].Resource != facts.Resource {
			continue
		}
		needsOf(&defs[i].When, need)
		for _, tags := range [][]string{defs[i].AddTags, defs[i].RemoveTags} {
			for _, tag := range tags {
				for _, part := range parseTemplate(tag).parts {
					need(part.field)
				}
			}
		}
	}
	return names
}

func needsOf(group *models.ConditionGroup, need func(string)) {
	for i := range group.Conditions {
		need(group.Conditions[i].Field)
	}
	for i := range group.Groups {
		needsOf(&group.Groups[i], need)
	}
}

// newFact prepares values for comparing. Those that are nothing but white space are no values.
func newFact(k kind, values []string) fact {
	f := fact{known: true}
	for _, value := range values {
		if strings.TrimSpace(value) == "" {
			continue
		}
		if k == kindTag {
			value = models.CleanTag(value)
		}
		f.texts = append(f.texts, value)
	}
	switch k {
	case kindNumber:
		f.readNumbers()
	case kindDate:
		for _, text := range f.texts {
			// What is no date stays the zero time, which no condition holds for.
			at, _ := parseMoment(text)
			f.times = append(f.times, at)
		}
	default:
		f.keys = make([]string, len(f.texts))
		for i, text := range f.texts {
			if k == kindTag {
				f.keys[i] = models.TagKey(text)
			} else {
				f.keys[i] = fold(text)
			}
		}
	}
	f.shown = shownOf(f.texts)
	if len(f.texts) > maxShown {
		f.note = fmt.Sprintf("The first %d of %d values are shown; all of them were looked at.", maxShown, len(f.texts))
	}
	return f
}

func (f *fact) readNumbers() {
	f.numbers = make([]number, len(f.texts))
	some := false
	for i, text := range f.texts {
		value, err := parseNumber(text)
		f.numbers[i] = number{value: value, ok: err == nil}
		some = some || err == nil
	}
	if !some && len(f.texts) > 0 {
		flaw := "The record's value is no number: " + numberProblem(shorten(f.texts[0], maxShownText))
		f.flaw = &flaw
	}
}

func shownOf(texts []string) []string {
	shown := texts[:min(len(texts), maxShown):min(len(texts), maxShown)]
	for i, text := range shown {
		if len(text) > maxShownText {
			if &shown[0] == &texts[0] {
				shown = slices.Clone(shown)
			}
			shown[i] = shorten(text, maxShownText)
		}
	}
	return shown
}

// scalar is a value of a payload as text, whatever type it came as: Shopify writes the same amount as a string in one
// place and as a number in another.
type scalar struct {
	known bool
	text  string
}

// UnmarshalJSON implements json.Unmarshaler. It never fails: an object or a list counts as no value at all.
func (s *scalar) UnmarshalJSON(raw []byte) error {
	*s = scalar{known: true}
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[':
		s.known = false
	case raw[0] == '"' && plain(raw[1:len(raw)-1]):
		s.text = string(raw[1 : len(raw)-1])
	case raw[0] == '"':
		if err := json.Unmarshal(raw, &s.text); err != nil {
			return err
		}
		// No database keeps this character in text.
		s.text = strings.ReplaceAll(s.text, "\x00", "")
	case string(raw) != "null":
		s.text = string(raw)
	}
	return nil
}

// plain reports whether the inside of a JSON string says what it means: no escapes, and nothing to check as UTF-8.
func plain(raw []byte) bool {
	for _, c := range raw {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// tagList is tags as webhooks carry them: joined by commas, or a list.
type tagList struct {
	known bool
	tags  models.Tags
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *tagList) UnmarshalJSON(raw []byte) error {
	var joined scalar
	if err := joined.UnmarshalJSON(raw); err != nil {
		return err
	}
	if joined.known {
		*t = tagList{known: true, tags: models.ParseTags(joined.text)}
		return nil
	}
	var items []scalar
	if err := lenient(json.Unmarshal(raw, &items)); err != nil {
		return err
	}
	t.known = items != nil
	for _, item := range items {
		t.tags = t.tags.With(item.text)
	}
	return nil
}

// decode reads a body into a payload struct. Only a body that is no JSON object is an error.
func decode(body []byte, into any) error {
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return fault.New(fault.Invalid, "The payload is not a JSON object.")
	}
	if err := lenient(json.Unmarshal(body, into)); err != nil {
		return fault.Wrap(err, fault.Invalid, "The payload is not valid JSON.")
	}
	return nil
}

// lenient drops the complaint about a value of the wrong type: the decoder has skipped that value and read the rest.
func lenient(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return nil
	}
	return err
}

// put fills a field from a payload's value where the payload has it.
func (f *Facts) put(name string, value scalar) {
	if value.known {
		f.Set(name, value.text)
	}
}

// putEach fills a list field with one value of each item. A list that the payload lacks is nil.
func putEach[T any](f *Facts, name string, items []T, value func(*T) string) {
	if items == nil {
		return
	}
	values := make([]string, len(items))
	for i := range items {
		values[i] = value(&items[i])
	}
	f.Set(name, values...)
}

// putPlace fills a field with both spellings of a country or province, the code first: a person may type either.
func (f *Facts) putPlace(name string, spellings ...scalar) {
	known := false
	var texts, keys []string
	for _, spelling := range spellings {
		known = known || spelling.known
		if key := fold(spelling.text); key != "" && !slices.Contains(keys, key) {
			texts, keys = append(texts, spelling.text), append(keys, key)
		}
	}
	if known {
		f.Set(name, texts...)
	}
}

// putEmail fills the address and its domain.
func (f *Facts) putEmail(email scalar) {
	f.put("email", email)
	if !email.known {
		return
	}
	domain := ""
	if at := strings.LastIndexByte(email.text, '@'); at >= 0 {
		domain = email.text[at+1:]
	}
	f.Set("email_domain", domain)
}

// putUpdated fills updated_at and keeps it for ordering.
func (f *Facts) putUpdated(at scalar) {
	f.put("updated_at", at)
	if m, err := parseMoment(at.text); err == nil {
		f.UpdatedAt = m.at
	}
}

func (f *Facts) putTags(tags tagList) {
	if tags.known {
		f.Set(fieldTags, tags.tags...)
	}
}

// globalID returns the record's global id: the one in the payload where it is one, else one made of the number. Some
// senders put something else there, and some numbers were rounded on their way.
func globalID(kind string, gid, id scalar) string {
	prefix := "gid://shopify/" + kind + "/"
	if rest, ok := strings.CutPrefix(gid.text, prefix); ok {
		rest, _, _ = strings.Cut(rest, "?")
		if _, err := strconv.ParseInt(rest, 10, 64); err == nil {
			return prefix + rest
		}
	}
	if number, err := strconv.ParseInt(id.text, 10, 64); err == nil && number > 0 {
		return prefix + strconv.FormatInt(number, 10)
	}
	return ""
}

// idNumber returns the number at the end of a global id, for a title where there is no better one.
func idNumber(gid string) string { return "#" + gid[strings.LastIndexByte(gid, '/')+1:] }

// title returns the first text that says something, on one line and short enough for a list.
func title(texts ...string) string {
	for _, text := range texts {
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			return shorten(text, maxShownText)
		}
	}
	return ""
}
