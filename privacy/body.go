package privacy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/klauspost/compress/s2"
)

// maxBody bounds a body that was kept, in bytes.
const maxBody = 64 << 20

// expand returns what was kept compressed.
func expand(kept []byte) ([]byte, error) {
	size, err := s2.DecodedLen(kept)
	if err != nil || size > maxBody {
		return nil, fmt.Errorf("open a body: %d bytes, %w", size, s2.ErrCorrupt)
	}
	raw, err := s2.Decode(nil, kept)
	if err != nil {
		return nil, fmt.Errorf("open a body: %w", err)
	}
	return raw, nil
}

// body is a webhook's body, to be looked into.
type body struct {
	topic string
	raw   []byte
	// root is nil where it is not JSON.
	root any
}

func read(topic string, raw []byte) *body {
	b := &body{topic: topic, raw: raw}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&b.root) != nil {
		b.root = nil
	}
	return b
}

// names reports whether the body names one of the person's records, or what they alone are known by.
func (b *body) names(p *Person, m *marks) bool {
	return b.about(p.records()) || b.root == nil && m.surely.has(string(b.raw)) || tells(b.root, m.surely)
}

// tells reports whether there is what a finder finds in any text or number of a value.
func tells(value any, f *finder) bool {
	switch v := value.(type) {
	case string:
		return f.has(v)
	case json.Number:
		return f.has(v.String())
	case []any:
		for _, inner := range v {
			if tells(inner, f) {
				return true
			}
		}
	case map[string]any:
		for name, inner := range v {
			if f.has(name) || tells(inner, f) {
				return true
			}
		}
	}
	return false
}

// about reports whether the body names one of the records by its id.
func (b *body) about(records []string) bool {
	wanted := make(map[string]bool, len(records))
	for _, id := range records {
		wanted[id] = true
	}
	kind := ""
	switch {
	case strings.HasPrefix(b.topic, "customer"):
		kind = "Customer"
	case strings.HasPrefix(b.topic, "orders/"):
		kind = "Order"
	}
	return named(b.root, kind, wanted)
}

// named looks for ids: global ones anywhere, and numbers where it is clear of which kind of record they are. kind is that
// of the value itself.
func named(value any, kind string, wanted map[string]bool) bool {
	switch v := value.(type) {
	case string:
		return wanted[v]
	case []any:
		for _, inner := range v {
			if number, ok := inner.(json.Number); ok && wanted[gid(kind, number)] || named(inner, kind, wanted) {
				return true
			}
		}
	case map[string]any:
		for name, inner := range v {
			if number, ok := inner.(json.Number); ok {
				if wanted[gid(numbered[name], number)] || name == "id" && wanted[gid(kind, number)] {
					return true
				}
				continue
			}
			if named(inner, held[name], wanted) {
				return true
			}
		}
	}
	return false
}

// numbered are the fields whose number is the id of a record, and held those that hold records or their numbers.
var (
	numbered = map[string]string{"customer_id": "Customer", "order_id": "Order"}
	held     = map[string]string{
		"customer": "Customer", "order": "Order", "orders": "Order", "orders_to_redact": "Order", "orders_requested": "Order",
	}
)

// teach tells a person what the body says of them: where they are in it, as a customer or in one of their orders.
func (b *body) teach(p *Person) {
	root, ok := b.root.(map[string]any)
	if !ok || !b.about(p.records()) {
		return
	}
	customer := root
	theirs := p.Customer != "" && strings.HasPrefix(b.topic, "customers/") && named(map[string]any{"id": root["id"], "gid": root["admin_graphql_api_id"]}, "Customer", map[string]bool{p.Customer: true})
	if !theirs {
		customer, _ = root["customer"].(map[string]any)
		theirs = p.Customer != "" && named(customer, "Customer", map[string]bool{p.Customer: true})
	}
	if theirs {
		learn(&p.Emails, text(customer, "email"))
		learn(&p.Phones, text(customer, "phone"))
		learn(&p.Names, text(customer, "first_name")+" "+text(customer, "last_name"))
		learn(&p.Words, text(customer, "first_name"))
		learn(&p.Words, text(customer, "last_name"))
		learn(&p.Words, text(customer, "note"))
		p.lives(customer["default_address"], true)
		addresses, _ := customer["addresses"].([]any)
		for _, address := range addresses {
			p.lives(address, true)
		}
	}
	if !strings.HasPrefix(b.topic, "orders/") {
		return
	}
	for _, name := range []string{"email", "contact_email"} {
		learn(&p.Emails, text(root, name))
	}
	learn(&p.Phones, text(root, "phone"))
	learn(&p.Words, text(root, "note"))
	learn(&p.Words, text(root, "browser_ip"))
	// Whom it was sent to may be somebody else.
	p.lives(root["shipping_address"], false)
	p.lives(root["billing_address"], false)
}

// lives tells a person an address: theirs, or one in their order.
func (p *Person) lives(value any, theirs bool) {
	address, ok := value.(map[string]any)
	if !ok {
		return
	}
	names, phones := &p.Words, &p.Words
	if theirs {
		names, phones = &p.Names, &p.Phones
	}
	learn(names, text(address, "name"))
	learn(names, text(address, "first_name")+" "+text(address, "last_name"))
	learn(phones, text(address, "phone"))
	for _, name := range []string{"first_name", "last_name", "address1", "address2", "city", "zip", "company"} {
		learn(&p.Words, text(address, name))
	}
}

func text(object map[string]any, name string) string {
	switch v := object[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
