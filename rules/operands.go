package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/models"
)

// maxDays is the longest time the operators about days look back: a hundred years.
const maxDays = 36_500

// operandProblem is something wrong with a condition: which part of it, and what.
type operandProblem struct {
	part    string
	message string
}

// checkOperands returns what is wrong with a condition's operator and values, given its field.
func checkOperands(field *Field, tr trait, c models.Condition) []operandProblem {
	if !slices.Contains(field.Operators, c.Operator) {
		return []operandProblem{{
			part: "operator",
			message: fmt.Sprintf("%s is %s: %s does not suit it. Use one of %s.", field.Label, typeText(field.Type),
				shorten(string(c.Operator), 40), operatorList(field.Operators)),
		}}
	}
	if message := checkCount(c.Operator, len(c.Values)); message != "" {
		return []operandProblem{{part: "values", message: message}}
	}
	var problems []operandProblem
	for _, value := range c.Values {
		if message := checkValue(field, tr, c.Operator, value); message != "" {
			problems = append(problems, operandProblem{part: "values", message: message})
		}
	}
	if len(problems) == 0 && c.Operator == models.Between && upsideDown(tr, c.Values) {
		problems = append(problems, operandProblem{
			part:    "values",
			message: fmt.Sprintf("“%s” comes after “%s”: give the lower bound first.", c.Values[0], c.Values[1]),
		})
	}
	return problems
}

// checkCount says what is wrong with the number of values.
func checkCount(operator models.Operator, count int) string {
	switch operator {
	case models.IsEmpty, models.IsNotEmpty:
		if count > 0 {
			return fmt.Sprintf("%s takes no value.", operator)
		}
	case models.Between:
		if count != 2 {
			return fmt.Sprintf("BETWEEN takes two values, the lower and the upper bound; there are %d.", count)
		}
	case models.In, models.NotIn:
		if count == 0 {
			return fmt.Sprintf("%s takes one value or more.", operator)
		}
		if count > maxValues {
			return fmt.Sprintf("%s takes at most %d values; there are %d.", operator, maxValues, count)
		}
	default:
		if count != 1 {
			return fmt.Sprintf("%s takes one value; there are %d.", operator, count)
		}
	}
	return ""
}

// checkValue says what is wrong with one value.
func checkValue(field *Field, tr trait, operator models.Operator, value string) string {
	if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
		return "The value has characters that cannot be kept."
	}
	switch {
	case operator == models.Matches:
		return checkPattern(value)
	case isDays(operator):
		if days, err := strconv.Atoi(strings.TrimSpace(value)); err != nil || days < 1 || days > maxDays {
			return fmt.Sprintf("“%s” is not a number of days: give a whole number from 1 to %d.", shorten(value, 80), maxDays)
		}
	case tr.kind == kindNumber:
		if _, err := parseNumber(value); err != nil {
			return numberProblem(shorten(value, 80))
		}
	case tr.kind == kindDate:
		if _, err := parseMoment(value); err != nil {
			return fmt.Sprintf("“%s” is not a date: write it like 2026-01-31 or 2026-01-31T18:00:00Z.", shorten(value, 80))
		}
	case tr.kind == kindBoolean:
		if _, ok := parseBoolean(value); !ok {
			return fmt.Sprintf("“%s” is neither true nor false.", shorten(value, 80))
		}
	default:
		return checkText(field, tr, operator, value)
	}
	return ""
}

func checkText(field *Field, tr trait, operator models.Operator, value string) string {
	if strings.TrimSpace(value) == "" {
		return "The value is empty: use IS_EMPTY or IS_NOT_EMPTY."
	}
	if tr.kind == kindTag && strings.Contains(value, ",") {
		return fmt.Sprintf("“%s” has a comma, which no tag has: give each tag as a value of its own, with IN.", shorten(value, 80))
	}
	if test, _ := positive(operator); len(field.Choices) == 0 || test != models.Equals && test != models.In {
		return ""
	}
	for _, choice := range field.Choices {
		if fold(choice) == fold(value) {
			return ""
		}
	}
	return fmt.Sprintf("“%s” is not a value that %s can have. Use one of %s.", shorten(value, 80), field.Name,
		strings.Join(field.Choices, ", "))
}

func checkPattern(pattern string) string {
	if pattern == "" {
		return "The regular expression is empty."
	}
	if len(pattern) > maxPattern {
		return fmt.Sprintf("A regular expression may have at most %d bytes.", maxPattern)
	}
	if _, err := compilePattern(pattern); err != nil {
		message := err.Error()
		return strings.ToUpper(message[:1]) + message[1:] + "."
	}
	return ""
}

// upsideDown reports whether the bounds are in the wrong order.
func upsideDown(tr trait, values []string) bool {
	if tr.kind == kindDate {
		from, _ := parseMoment(values[0])
		to, _ := parseMoment(values[1])
		return from.at.After(to.at) && from.whole == to.whole
	}
	from, _ := parseNumber(values[0])
	to, _ := parseNumber(values[1])
	return from.GreaterThan(to)
}

func typeText(t FieldType) string {
	switch t {
	case Number:
		return "a number"
	case Money:
		return "an amount of money"
	case Date:
		return "a date"
	case Boolean:
		return "true or false"
	case TextList:
		return "a list of texts"
	case NumberList:
		return "a list of numbers"
	case MoneyList:
		return "a list of amounts"
	default:
		return "text"
	}
}

func operatorList(operators []models.Operator) string {
	names := make([]string, len(operators))
	for i, operator := range operators {
		names[i] = string(operator)
	}
	return strings.Join(names, ", ")
}
