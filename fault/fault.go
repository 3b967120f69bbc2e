// Package fault holds errors written for people: what was wrong, where, and what to do.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what was wrong, for a program.
type Code string

// The codes that a caller may see.
const (
	Invalid         Code = "INVALID"
	NotFound        Code = "NOT_FOUND"
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	// Gone says that there was such a thing, and is no more.
	Gone        Code = "GONE"
	Throttled   Code = "THROTTLED"
	TooComplex  Code = "TOO_COMPLEX"
	Unavailable Code = "UNAVAILABLE"
	Internal    Code = "INTERNAL"
)

// Problem is one thing wrong with what the caller sent.
type Problem struct {
	// Field is the path to the input field, such as when, conditions, 0, values.
	Field   []string
	Code    string
	Message string
}

// Error is a fault. Its message may be read by a merchant; its cause may not.
type Error struct {
	Code    Code
	Message string
	// Problems are set where the input was wrong, one for each field.
	Problems []Problem
	cause    error
}

// New returns a fault with a message for people.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a fault that keeps its cause for the server's own log.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Problems returns a fault that lists what is wrong with an input, or nil when nothing is.
func Problems(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: problems[0].Message, Problems: problems}
}

// Field returns a fault about one input field.
func Field(message string, path ...string) error {
	return Problems([]Problem{{Field: path, Code: string(Invalid), Message: message}})
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(strings.ToLower(string(e.Code)))
	b.WriteString(": ")
	b.WriteString(e.Message)
	if e.cause != nil {
		b.WriteString(": ")
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// As returns the fault in err's chain, if there is one.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is reports whether err is a fault with the code.
func Is(err error, code Code) bool {
	e, ok := As(err)
	return ok && e.Code == code
}
