package webhooks

import (
	"strings"
)

// standardEvent reads an event of a sender that follows the Standard Webhooks scheme: a type, a time and data. What the
// data are, only the sender knows; an id, a title and an address are taken where they have their usual names.
func standardEvent(name string, body doc) told {
	data := body.in("data")
	first, _, _ := strings.Cut(name, ".")
	about := thing{kind: capitalised(first), id: data.text("id"), url: data.text("url")}
	for _, field := range []string{"title", "name", "number"} {
		if title := data.text(field); title != "" {
			about.title = title
			break
		}
	}
	if about.title == "" {
		about.title = about.id
	}
	event := told{about: about, values: map[string]string{"senderStatus": data.text("status")}}
	if why := data.text("error", "message"); why != "" {
		event.code, event.message = actionOf(name), why
	}
	return event
}

// capitalised makes "Stock item" of stock_item.
func capitalised(name string) string {
	words := strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' }), " ")
	if words == "" {
		return "Record"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
