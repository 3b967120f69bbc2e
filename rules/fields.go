// Package rules decides which tags a record gets: what a rule may ask about, whether it holds, and what follows.
package rules

import (
	"strings"

	"github.com/tagtrail/tagtrail/models"
)

// FieldType is what kind of values a field has.
type FieldType string

// The types of field.
const (
	Text       FieldType = "TEXT"
	Number     FieldType = "NUMBER"
	Money      FieldType = "MONEY"
	Date       FieldType = "DATE"
	Boolean    FieldType = "BOOLEAN"
	TextList   FieldType = "TEXT_LIST"
	NumberList FieldType = "NUMBER_LIST"
	MoneyList  FieldType = "MONEY_LIST"
)

// Field is something a condition may ask about a record.
type Field struct {
	// Name is what conditions and templates call it, such as line_items.sku.
	Name string
	// Label is its name for people.
	Label string
	Type  FieldType
	// Operators are those that suit the type.
	Operators []models.Operator
	// Queried is true where webhooks do not carry the field, so that it has to be read.
	Queried bool
	// Choices are the values it can have, where Shopify has a fixed list of them.
	Choices []string
}

// kind is how the values of a field are compared.
type kind uint8

const (
	kindText kind = iota
	kindTag
	kindNumber
	kindDate
	kindBoolean
)

// trait is what the package itself has to know of a field, beyond what it tells others.
type trait struct {
	kind kind
	list bool
	// twin is the index of the list field over all variants where this one looks at the first only, else -1.
	twin int
	// source is the index of the date that this number of days is counted from, else -1.
	source int
}

// table holds the fields of one kind of record. The values of a record are kept in the order of its fields.
type table struct {
	fields []Field
	traits []trait
	index  map[string]int
}

// The tables are built once and never written again.
var (
	orderTable    = newTable(orderFields())
	customerTable = newTable(customerFields())
	productTable  = newTable(productFields())
)

// Fields returns what a rule about the resource may ask, in the order to show it. The slice is shared: it must not be
// written to. Variants have no fields yet.
func Fields(resource models.ResourceType) []Field {
	if t := tableOf(resource); t != nil {
		return t.fields
	}
	return nil
}

// LookupField returns the resource's field with that name.
func LookupField(resource models.ResourceType, name string) (Field, bool) {
	t := tableOf(resource)
	if t == nil {
		return Field{}, false
	}
	i, ok := t.index[name]
	if !ok {
		return Field{}, false
	}
	return t.fields[i], true
}

func tableOf(resource models.ResourceType) *table {
	switch resource {
	case models.Order:
		return orderTable
	case models.Customer:
		return customerTable
	case models.Product:
		return productTable
	default:
		return nil
	}
}

func newTable(fields []Field) *table {
	t := &table{fields: fields, traits: make([]trait, len(fields)), index: make(map[string]int, len(fields))}
	for i := range fields {
		fields[i].Operators = operatorsOf(fields[i].Type)
		t.index[fields[i].Name] = i
	}
	for i, field := range fields {
		one := trait{kind: kindOf(field), list: isList(field.Type), twin: -1, source: -1}
		if base, ok := strings.CutSuffix(field.Name, ".first"); ok {
			one.twin = t.index["variants."+base]
		}
		if field.Name == daysSinceLastOrder {
			one.source = t.index[lastOrderAt]
		}
		t.traits[i] = one
	}
	return t
}

func kindOf(field Field) kind {
	switch field.Type {
	case Number, Money, NumberList, MoneyList:
		return kindNumber
	case Date:
		return kindDate
	case Boolean:
		return kindBoolean
	default:
		if field.Name == fieldTags || field.Name == customerTags {
			return kindTag
		}
		return kindText
	}
}

func isList(t FieldType) bool { return t == TextList || t == NumberList || t == MoneyList }

func operatorsOf(t FieldType) []models.Operator {
	switch t {
	case Number, Money:
		return []models.Operator{models.Equals, models.NotEquals, models.Greater, models.Less, models.Between, models.In,
			models.NotIn, models.IsEmpty, models.IsNotEmpty}
	case NumberList, MoneyList:
		return []models.Operator{models.Contains, models.NotContains, models.Equals, models.NotEquals, models.Greater,
			models.Less, models.Between, models.In, models.NotIn, models.IsEmpty, models.IsNotEmpty}
	case Date:
		return []models.Operator{models.OlderThan, models.NewerThan, models.WithinLast, models.Equals, models.NotEquals,
			models.Greater, models.Less, models.Between, models.IsEmpty, models.IsNotEmpty}
	case Boolean:
		return []models.Operator{models.Equals, models.NotEquals, models.IsEmpty, models.IsNotEmpty}
	case TextList:
		return []models.Operator{models.Contains, models.NotContains, models.Equals, models.NotEquals, models.StartsWith,
			models.EndsWith, models.In, models.NotIn, models.IsEmpty, models.IsNotEmpty, models.Matches}
	default:
		return []models.Operator{models.Equals, models.NotEquals, models.Contains, models.NotContains, models.StartsWith,
			models.EndsWith, models.In, models.NotIn, models.IsEmpty, models.IsNotEmpty, models.Matches}
	}
}
