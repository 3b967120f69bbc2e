package webhooks

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// told is what an event of a source says, in the words of the log.
type told struct {
	action  string
	summary string
	about   thing
	changes []models.FieldChange
	// code and message say what went wrong, where something did; the entry is a warning then.
	code, message string
	// values are shown with the entry: an amount, a status.
	values map[string]string
}

// thing is the record that an event is about.
type thing struct{ kind, id, title, url string }

// fromSource makes the entry of a webhook that a source sent. Nothing follows from it.
func (s *Service) fromSource(t *try) (*models.Activity, effect, error) {
	entry := s.entryOf(t)
	t.entry = entry
	body, ok := parse(t.body)
	if !ok {
		entry.Action, entry.Summary = actionOf(t.Topic), t.source.Name+" sent something that cannot be read"
		return failedEntry(entry, "INVALID_BODY", "The body is not a JSON object, although the source signed it. Nothing was done."), nil, nil
	}
	var event told
	switch t.source.Kind {
	case models.SourceStripe:
		event = stripeEvent(t.Topic, body)
	case models.SourceSquare:
		event = squareEvent(t.Topic, body)
	default:
		event = standardEvent(t.Topic, body)
	}
	event.into(entry, t.Topic)
	return entry, nil, nil
}

// into writes the event into its entry. What the event did not tell, its own name tells.
func (e *told) into(entry *models.Activity, name string) {
	if entry.Action = e.action; e.action == "" {
		entry.Action = actionOf(name)
	}
	if entry.Summary = e.summary; e.summary == "" {
		entry.Summary = name
		if e.about.title != "" {
			entry.Summary += " · " + e.about.title
		}
	}
	if e.about.id != "" {
		about := e.about
		if about.title == "" {
			about.title = about.id
		}
		entry.EntityType, entry.EntityID, entry.EntityTitle = &about.kind, &about.id, &about.title
		if u, err := url.Parse(about.url); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
			entry.EntityURL = &about.url
		}
	}
	entry.Changes = e.changes
	for key, value := range e.values {
		if value != "" {
			entry.Metadata = withValue(entry.Metadata, key, value)
		}
	}
	if e.code != "" {
		warn(entry, e.code, e.message)
		return
	}
	if failing.MatchString(name) {
		warn(entry, actionOf(name), fmt.Sprintf("The sender reports %s. Look at the record there.", name))
	}
}

// failing is an event whose own name says that something went wrong.
var failing = regexp.MustCompile(`[._-](failed|failure)$`)

var notOfAction = regexp.MustCompile(`[^A-Z0-9]+`)

// actionOf makes an action of a sender's name for an event: payment_intent.succeeded is PAYMENT_INTENT_SUCCEEDED.
func actionOf(name string) string {
	const longest = 64
	action := strings.Trim(notOfAction.ReplaceAllString(strings.ToUpper(name), "_"), "_")
	if len(action) > longest {
		action = strings.TrimRight(action[:longest], "_")
	}
	if action == "" || action[0] < 'A' {
		return "EVENT_" + action
	}
	return action
}

// noDecimals and threeDecimals are the currencies whose smallest unit is not a hundredth (ISO 4217).
var (
	noDecimals = map[string]bool{
		"BIF": true, "CLP": true, "DJF": true, "GNF": true, "ISK": true, "JPY": true, "KMF": true, "KRW": true, "MGA": true,
		"PYG": true, "RWF": true, "UGX": true, "VND": true, "VUV": true, "XAF": true, "XOF": true, "XPF": true,
	}
	threeDecimals = map[string]bool{"BHD": true, "IQD": true, "JOD": true, "KWD": true, "LYD": true, "OMR": true, "TND": true}
)

var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)

// amount writes an amount that is given in the currency's smallest unit, such as 42.00 USD.
func amount(minor, currency string, decimals func(string) int) string {
	currency = strings.ToUpper(currency)
	if !wholeNumber.MatchString(minor) || currency == "" {
		return ""
	}
	sign := ""
	if minor[0] == '-' {
		sign, minor = "-", minor[1:]
	}
	places := decimals(currency)
	if places > 0 {
		for len(minor) <= places {
			minor = "0" + minor
		}
		minor = minor[:len(minor)-places] + "." + minor[len(minor)-places:]
	}
	return sign + minor + " " + currency
}

func decimalsOf(currency string) int {
	switch {
	case noDecimals[currency]:
		return 0
	case threeDecimals[currency]:
		return 3
	}
	return 2
}

// fill puts values into a sentence. A sentence with a value that is not known says nothing in its place.
func fill(sentence string, values map[string]string) string {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.Join(strings.Fields(strings.NewReplacer(pairs...).Replace(sentence)), " ")
}
