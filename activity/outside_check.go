package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// The limits of what is recorded from outside, in characters or, where they say so, in bytes.
const (
	maxInputs        = 500
	maxKey           = 255
	maxSummary       = 500
	maxName          = 255
	maxEntityType    = 64
	maxURL           = 2048
	maxChanges       = 100
	maxField         = 100
	maxValueBytes    = 16 << 10
	maxMetadataBytes = 64 << 10
	maxCode          = 64
	maxMessage       = 2000
	maxStack         = 16 << 10
	maxDepth         = 20
	maxDigits        = 100

	// oldest is how long ago something may have happened; ahead allows for the recorder's clock.
	oldest = 30 * 24 * time.Hour
	ahead  = time.Minute
)

// recordedBy is the member of an entry's metadata that says who recorded it, where they named somebody else as actor.
const recordedBy = "recordedBy"

var actionName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)

// check returns everything that is wrong with the input.
func (o *Outside) check(now time.Time) []fault.Problem {
	c := &checker{}
	if o.IdempotencyKey != nil {
		c.line(*o.IdempotencyKey, maxKey, "idempotencyKey")
	}
	if at := o.OccurredAt; at != nil && (at.Before(now.Add(-oldest)) || at.After(now.Add(ahead))) {
		c.wrong("It must have happened within the last 30 days, and not in the future.", "occurredAt")
	}
	switch {
	case !actionName.MatchString(o.Action):
		c.wrong("An action is made of capital letters, digits and underscores, begins with a letter and has at most 64 characters, such as RELEASE_CREATED.", "action")
	case ownActions[o.Action]:
		c.wrong(o.Action+" is for Tagtrail's own entries. Choose another name.", "action")
	}
	c.line(o.Summary, maxSummary, "summary")
	if o.Actor != nil {
		c.line(o.Actor.Name, maxName, "actor", "name")
		if o.Actor.ID != nil {
			c.line(*o.Actor.ID, maxName, "actor", "id")
		}
	}
	if o.Entity != nil {
		c.entity(o.Entity)
	}
	if len(o.Changes) > maxChanges {
		c.wrong(fmt.Sprintf("There are %d changed fields; at most %d are kept.", len(o.Changes), maxChanges), "changes")
	} else {
		for i, change := range o.Changes {
			at := strconv.Itoa(i)
			c.line(change.Field, maxField, "changes", at, "field")
			c.json(change.Before, maxValueBytes, "changes", at, "before")
			c.json(change.After, maxValueBytes, "changes", at, "after")
		}
	}
	c.metadata(o.Metadata)
	if o.Error != nil {
		c.failure(o)
	}
	return c.problems
}

// checker gathers what is wrong.
type checker struct{ problems []fault.Problem }

func (c *checker) wrong(message string, path ...string) {
	c.problems = append(c.problems, fault.Problem{Field: path, Code: string(fault.Invalid), Message: message})
}

// line wants one line that says something.
func (c *checker) line(value string, limit int, path ...string) {
	switch {
	case !utf8.ValidString(value):
		c.wrong("This is not valid UTF-8.", path...)
	case strings.TrimSpace(value) == "":
		c.wrong("This must not be empty.", path...)
	case utf8.RuneCountInString(value) > limit:
		c.wrong(fmt.Sprintf("This has %d characters; at most %d are kept.", utf8.RuneCountInString(value), limit), path...)
	case strings.ContainsFunc(value, unicode.IsControl):
		c.wrong("This must be one line, without control characters.", path...)
	}
}

// text may have several lines.
func (c *checker) text(value string, limit int, path ...string) {
	switch {
	case !utf8.ValidString(value):
		c.wrong("This is not valid UTF-8.", path...)
	case utf8.RuneCountInString(value) > limit:
		c.wrong(fmt.Sprintf("This has %d characters; at most %d are kept.", utf8.RuneCountInString(value), limit), path...)
	case strings.ContainsRune(value, 0):
		c.wrong("This has a zero byte in it, which cannot be kept.", path...)
	}
}

func (c *checker) entity(e *OutsideEntity) {
	c.line(e.Type, maxEntityType, "entity", "type")
	c.line(e.ID, maxName, "entity", "id")
	c.line(e.Title, maxName, "entity", "title")
	if e.URL == nil {
		return
	}
	c.text(*e.URL, maxURL, "entity", "url")
	u, err := url.Parse(*e.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		c.wrong("This must be an address that begins with https:// or http://.", "entity", "url")
	}
}

func (c *checker) metadata(raw json.RawMessage) {
	if isNull(raw) {
		return
	}
	if raw[0] != '{' {
		c.wrong("Metadata is an object, such as {\"records\": 12}.", "metadata")
		return
	}
	if !c.json(raw, maxMetadataBytes, "metadata") {
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) == nil && members[recordedBy] != nil {
		c.wrong("Tagtrail itself says by whom an entry was recorded. Choose another name.", "metadata", recordedBy)
	}
}

func (c *checker) failure(o *Outside) {
	c.line(o.Error.Code, maxCode, "error", "code")
	c.text(o.Error.Message, maxMessage, "error", "message")
	if o.Error.Stack != nil {
		c.text(*o.Error.Stack, maxStack, "error", "stack")
	}
	if o.Status == models.Success || o.Status == "" {
		c.wrong("What went wrong does not go with SUCCESS. Set the status to WARNING or FAILED.", "status")
	}
}

// json wants a value that both databases keep as it is.
func (c *checker) json(raw json.RawMessage, limit int, path ...string) bool {
	if isNull(raw) {
		return true
	}
	if len(raw) > limit {
		c.wrong(fmt.Sprintf("This has %d bytes; at most %d are kept.", len(raw), limit), path...)
		return false
	}
	if trouble := unstorable(raw); trouble != "" {
		c.wrong(trouble, path...)
		return false
	}
	return true
}

// unstorable says why a JSON value cannot be kept, or nothing.
func unstorable(raw json.RawMessage) string {
	if !utf8.Valid(raw) {
		return "This is not valid UTF-8."
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	depth := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return "This is not valid JSON."
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			if depth > maxDepth {
				return fmt.Sprintf("This is nested deeper than %d levels.", maxDepth)
			}
		case string:
			if strings.ContainsRune(v, 0) {
				return "This has a zero byte in it, which cannot be kept."
			}
		case json.Number:
			if !ordinary(v.String()) {
				return "This has a number in it that is too large or too long. Send it as a text."
			}
		}
	}
}

// ordinary is a number that a float can come near to: Postgres writes out every zero of one like 1e9999.
func ordinary(number string) bool {
	if len(number) > maxDigits {
		return false
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return false
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(number), "e")
	return value != 0 || !strings.ContainsAny(mantissa, "123456789")
}
