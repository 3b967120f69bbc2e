package activity

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// form is how a column's value becomes bytes that are the same whichever database had it.
type form byte

const (
	asIs form = iota
	asID
	asTime
	asJSON
)

// canonColumns are the columns of an entry that its digest covers, in the order in which it takes them: all but the
// retention class, between which entries move. A column that is added goes to the end, and may be null: what is null is
// left out, so that the digests of entries from before stay.
var canonColumns = []struct {
	name string
	form form
}{
	{"id", asID}, {"shop_id", asIs}, {"occurred_at", asTime}, {"updated_at", asTime}, {"type", asIs}, {"action", asIs},
	{"categories", asIs}, {"status", asIs}, {"summary", asIs}, {"actor_type", asIs}, {"actor_id", asIs}, {"actor_name", asIs},
	{"entity_type", asIs}, {"entity_id", asIs}, {"entity_title", asIs}, {"entity_url", asIs}, {"rule_id", asID},
	{"rule_version", asIs}, {"cause_id", asID}, {"operation_id", asID}, {"changes", asJSON}, {"evaluations", asJSON},
	{"history", asJSON}, {"metadata", asJSON}, {"error_code", asIs}, {"error_message", asIs}, {"error_stack", asIs},
	{"attempts", asIs},
}

// DigestColumns are the columns that DigestCells takes, in their order: the id is the first of them.
func DigestColumns() []string {
	names := make([]string, len(canonColumns))
	for i, c := range canonColumns {
		names[i] = c.name
	}
	return names
}

// canon appends the canonical form of an entry's cells: for each that is not null the column's number, the length and
// the bytes.
func canon(to []byte, cells [][]byte) []byte {
	var value []byte
	for i, cell := range cells {
		if cell == nil {
			continue
		}
		value = canonValue(value[:0], canonColumns[i].form, cell)
		to = binary.AppendUvarint(to, uint64(i+1))
		to = appendSized(to, value)
	}
	return to
}

func appendSized[T string | []byte](to []byte, value T) []byte {
	to = binary.AppendUvarint(to, uint64(len(value)))
	return append(to, value...)
}

// Values that are not what their column holds are marked and taken as they are.
const (
	plain   = 'p'
	foreign = 'x'
)

func canonValue(to []byte, f form, cell []byte) []byte {
	switch f {
	case asID:
		if id, err := uuid.ParseBytes(cell); err == nil {
			return append(append(to, plain), id[:]...)
		}
	case asTime:
		if at, err := time.Parse(time.RFC3339Nano, string(cell)); err == nil {
			return binary.AppendVarint(append(to, plain), at.UnixMicro())
		}
	case asJSON:
		if value, err := parseJSON(cell); err == nil {
			return canonJSON(append(to, plain), value)
		}
	case asIs:
		return append(to, cell...)
	}
	return append(append(to, foreign), cell...)
}

func parseJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind the value")
	}
	return value, nil
}

// canonJSON appends a value so that whatever Postgres's jsonb makes of it is the same: it sorts keys, keeps the last of
// those that are there twice, and writes numbers as decimals.
func canonJSON(to []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(to, 'n')
	case bool:
		return strconv.AppendBool(to, v)
	case json.Number:
		return appendSized(append(to, '#'), canonNumber(string(v)))
	case string:
		return appendSized(append(to, 's'), v)
	case []any:
		to = binary.AppendUvarint(append(to, '['), uint64(len(v)))
		for _, element := range v {
			to = canonJSON(to, element)
		}
		return to
	case map[string]any:
		to = binary.AppendUvarint(append(to, '{'), uint64(len(v)))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			to = canonJSON(appendSized(to, key), v[key])
		}
		return to
	}
	return to
}

// canonNumber brings a JSON number into the form D E X S P: the digits D without zeros around them, times ten to the
// power X, of which so many digits P are shown behind the point. 1e2 and 100 are 1E2S0, 1.10 is 11E-1S2.
func canonNumber(text string) string {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(rest), "e")
	exponent := 0
	if power != "" {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return text // no database takes it for a number
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shown := max(0, len(fraction)-exponent)
	exponent -= len(fraction)
	digits := strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	switch {
	case trimmed == "":
		return "0S" + strconv.Itoa(shown)
	case negative:
		trimmed = "-" + trimmed
	}
	return trimmed + "E" + strconv.Itoa(exponent) + "S" + strconv.Itoa(shown)
}
