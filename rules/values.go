package rules

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold returns the text as it is compared: without case, and with each accented letter spelled in one way.
func fold(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return cases.Fold().String(norm.NFC.String(text))
		}
	}
	return strings.ToLower(text)
}

// maxDigits bounds a number's length: far beyond any price, and short enough to compare at once.
const maxDigits = 40

var errNotNumber = errors.New("is not a number")

// parseNumber reads a decimal number. Exponents are refused: nobody types them, and a huge one takes the memory away.
func parseNumber(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxDigits || strings.Trim(text, "+-.0123456789") != "" {
		return decimal.Decimal{}, errNotNumber
	}
	number, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, errNotNumber
	}
	// With the same scale on both sides, comparing takes no memory.
	number, _ = decimal.RescalePair(number, decimal.New(0, -6))
	return number, nil
}

// numberProblem says what is wrong with text that should be a number, in words for the person who typed it.
func numberProblem(text string) string {
	trimmed := strings.TrimSpace(text)
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(",'’_ \u00a0\u202f", r) {
			return -1
		}
		return r
	}, trimmed)
	if plain != trimmed {
		if _, err := parseNumber(plain); err == nil {
			return fmt.Sprintf("“%s” has separators: write plain digits and a point for decimals, such as 1000 or 9.95.", text)
		}
	}
	if bare := strings.Trim(trimmed, "$€£¥% "); bare != trimmed {
		if _, err := parseNumber(bare); err == nil {
			return fmt.Sprintf("“%s” has a sign with it: write “%s”.", text, bare)
		}
	}
	return fmt.Sprintf("“%s” is not a number.", text)
}

// moment is a date as a person gives it: an instant, or a whole day whose bounds depend on the time zone.
type moment struct {
	at    time.Time
	whole bool
}

// dateLayouts are the spellings that Shopify's APIs and older webhooks use.
var dateLayouts = []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700"}

func parseMoment(text string) (moment, error) {
	text = strings.TrimSpace(text)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return moment{at: day, whole: true}, nil
	}
	for _, layout := range dateLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return moment{at: at}, nil
		}
	}
	return moment{}, fmt.Errorf("%q is not a date", text)
}

// span returns the first and the last instant of the moment. A whole day is a day in the time zone.
func (m moment) span(zone *time.Location) (first, last time.Time) {
	if !m.whole {
		return m.at, m.at
	}
	year, month, day := m.at.Date()
	first = time.Date(year, month, day, 0, 0, 0, 0, zone)
	return first, time.Date(year, month, day+1, 0, 0, 0, 0, zone).Add(-time.Nanosecond)
}

// parseBoolean reads true or false in any case.
func parseBoolean(text string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return true, true
	case "false":
		return false, true
	default:
		return false, false
	}
}

// shorten returns the text with at most limit characters, and an ellipsis where it was longer.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	count := 0
	for i := range text {
		if count == limit {
			return text[:i] + "…"
		}
		count++
	}
	return text
}
