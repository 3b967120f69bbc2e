package webhooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/tagtrail/tagtrail/personal"
)

const (
	// hidden stands for a value that is left out.
	hidden = "[hidden]"
	// shownBytes bounds the text of a body that is shown: a page has no use for more.
	shownBytes = 256 << 10
	// shownDepth bounds how deep a body may be nested; the rest of a deeper one is left out.
	shownDepth = 200
	// pathBytes bounds the paths that are told of, all together.
	pathBytes = 64 << 10
)

var (
	errTooLong = errors.New("the rest is left out: it is too long to be shown")
	errTooDeep = errors.New("the rest is left out: it is nested too deep to be shown")
)

// redact indents a JSON body and leaves out its secrets: by the names of their fields, and by their shape. Customers'
// personal fields are left out unless the viewer sees them. It returns the paths of what was left out. What cannot be
// read is not shown: it cannot be told whether there is a secret in it.
func redact(body []byte, aboutPerson, seesCustomers bool) (text string, paths []string) {
	r := redactor{seesCustomers: seesCustomers, redacted: []string{}}
	r.decoder = json.NewDecoder(strings.NewReader(strings.ToValidUTF8(string(body), "\uFFFD")))
	r.decoder.UseNumber()
	err := r.value("", aboutPerson)
	if err == nil {
		if _, more := r.decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("the rest is left out: it is not JSON")
		}
	} else if !errors.Is(err, errTooLong) && !errors.Is(err, errTooDeep) {
		err = errors.New("the rest is left out: it is not valid JSON")
	}
	if err != nil {
		fmt.Fprintf(&r.out, "\n… %v (%d bytes in all)", err, len(body))
	}
	return r.out.String(), r.redacted
}

// redactor writes a JSON text again, token by token, so that numbers and the order of fields stay as they are.
type redactor struct {
	decoder       *json.Decoder
	seesCustomers bool
	out           strings.Builder
	// path leads to the value that is being written.
	path     []string
	redacted []string
	told     int
}

// value writes the value of a field. One in a list has the name of the list. inPerson says that it is part of what is
// known of a person.
func (r *redactor) value(name string, inPerson bool) error {
	if r.out.Len() > shownBytes {
		return errTooLong
	}
	token, err := r.decoder.Token()
	if err != nil {
		return err
	}
	field := personal.Normal(name)
	delim, composite := token.(json.Delim)
	switch {
	case !composite:
		r.scalar(field, token, inPerson)
		return nil
	case len(r.path) >= shownDepth:
		return errTooDeep
	case isSecret(field) || !r.seesCustomers && personal.Whole(field):
		r.hide()
		return r.skip()
	}
	inPerson = inPerson || personal.Holder(field) || personal.Field(field)
	if delim == '[' {
		return r.list(name, inPerson)
	}
	return r.object(inPerson)
}

func (r *redactor) list(name string, inPerson bool) error {
	r.out.WriteByte('[')
	i := 0
	for ; r.decoder.More(); i++ {
		r.next(i)
		r.path = append(r.path, "["+strconv.Itoa(i)+"]")
		if err := r.value(name, inPerson); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	return r.end(i, ']')
}

func (r *redactor) object(inPerson bool) error {
	r.out.WriteByte('{')
	i := 0
	for ; r.decoder.More(); i++ {
		token, err := r.decoder.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		r.next(i)
		if r.shaped(key) {
			r.write(hidden)
			key = hidden
		} else {
			r.write(key)
		}
		r.out.WriteString(": ")
		r.path = append(r.path, "."+key)
		if err := r.value(key, inPerson); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	return r.end(i, '}')
}

// next begins the line of an element.
func (r *redactor) next(i int) {
	if i > 0 {
		r.out.WriteByte(',')
	}
	r.line(len(r.path) + 1)
}

func (r *redactor) end(elements int, bracket byte) error {
	if _, err := r.decoder.Token(); err != nil {
		return err
	}
	if elements > 0 {
		r.line(len(r.path))
	}
	r.out.WriteByte(bracket)
	return nil
}

func (r *redactor) line(depth int) {
	r.out.WriteByte('\n')
	for range depth {
		r.out.WriteString("  ")
	}
}

// scalar writes a single value, or leaves it out. Truth values and the absence of a value tell nothing.
func (r *redactor) scalar(field string, token json.Token, inPerson bool) {
	text, isText := token.(string)
	_, isNumber := token.(json.Number)
	aboutPerson := personal.Field(field) || personal.Whole(field) || inPerson && !personal.Harmless(field)
	switch {
	case !isText && !isNumber || isText && text == "":
	case isSecret(field), aboutPerson && !r.seesCustomers, isText && r.shaped(text):
		r.hide()
		return
	}
	r.write(token)
}

// shaped reports whether a text has to be left out for what it looks like, whatever it is called.
func (r *redactor) shaped(text string) bool {
	return secretShapes.MatchString(text) || !r.seesCustomers && personalShapes.MatchString(text)
}

func (r *redactor) write(value any) {
	encoder := json.NewEncoder(&trimmed{&r.out})
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a text, a number, a truth value or none always encodes
}

// trimmed leaves out the new line with which an encoder ends.
type trimmed struct{ out *strings.Builder }

func (t *trimmed) Write(p []byte) (int, error) {
	t.out.WriteString(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

func (r *redactor) hide() {
	r.write(hidden)
	path := strings.TrimPrefix(strings.Join(r.path, ""), ".")
	if path == "" {
		path = "$"
	}
	if r.told += len(path); r.told <= pathBytes {
		r.redacted = append(r.redacted, path)
	}
}

// skip passes over the rest of a list or an object that has begun.
func (r *redactor) skip() error {
	for depth := 1; depth > 0; {
		token, err := r.decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
	return nil
}

// secretParts are in the names of fields that are secrets, whoever looks.
var secretParts = []string{
	"token", "secret", "password", "passphrase", "hmac", "signature", "apikey", "accesskey", "privatekey", "authorization",
	"credential", "creditcardnumber", "creditcardbin", "cardnumber", "cvv", "cvc",
}

// secretFields are names of fields that are secrets as a whole: addresses that let in whoever has them, and what
// payment gateways say to each other.
var secretFields = map[string]bool{
	"receipt": true, "orderstatusurl": true, "checkouturl": true, "abandonedcheckouturl": true, "recoveryurl": true,
	"invoiceurl": true, "hostedinvoiceurl": true,
}

func isSecret(field string) bool {
	if secretFields[field] {
		return true
	}
	for _, part := range secretParts {
		if strings.Contains(field, part) {
			return true
		}
	}
	return false
}

// secretShapes are what secrets look like: tokens of Shopify, Stripe, Square and ours, signed tokens, private keys, and
// addresses that carry a key.
var secretShapes = regexp.MustCompile(`\bshp[a-z]{2,4}_\w{6,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(sk|rk)_(live|test)_\w+|\bwhsec_[\w+/=]+` +
	`|\bEAAA[\w-]{20,}|\bttk_\w+|(?i:\bbearer\s+\S+)|-----BEGIN [A-Z ]*PRIVATE KEY|(?i:[?&;](key|token|access_token|api_key|sig|signature|hmac|secret)=)`)

// personalShapes are what e-mail addresses and network addresses look like.
var personalShapes = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[A-Za-z]{2,}|^\d{1,3}(\.\d{1,3}){3}$|^[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){4,7}$`)
