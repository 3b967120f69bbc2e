package models

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/fault"
)

const (
	// DefaultPage is how many rows a page has when the caller does not say.
	DefaultPage = 50
	// MaxPage is how many rows a page has at most: Shopify's own limit.
	MaxPage = 250
)

// Page is what a caller asks of a connection.
type Page struct {
	First, Last   *int
	After, Before *string
	// Reverse turns the order of the whole connection around.
	Reverse bool
}

// PageInfo is where a page of a connection stands.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Window is a checked Page: so many rows, before or after a position, walking in one direction.
type Window struct {
	Limit    int
	Backward bool
	Reverse  bool
	From     *Position
}

// Position is a row's place in a list that is ordered by time and id.
type Position struct {
	At time.Time
	ID string
}

const cursorVersion = 1

// Cursor returns the position in an opaque form that is good only within the same list, which scope names.
func (p Position) Cursor(scope string) string {
	raw := make([]byte, 0, 29)
	raw = append(raw, cursorVersion)
	raw = binary.BigEndian.AppendUint64(raw, uint64(p.At.UnixMicro()))
	id, err := uuid.Parse(p.ID)
	if err != nil {
		id = uuid.UUID{} // ids are UUIDs in every table; a cursor on anything else leads to the list's start
	}
	raw = append(raw, id[:]...)
	raw = binary.BigEndian.AppendUint32(raw, scopeSum(scope))
	return base64.RawURLEncoding.EncodeToString(raw)
}

func scopeSum(scope string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(scope))
	return h.Sum32()
}

func parseCursor(cursor, scope, field string) (*Position, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != 29 || raw[0] != cursorVersion {
		return nil, fault.New(fault.Invalid, "%s is not a cursor of ours. Use a cursor from an earlier page.", field)
	}
	if binary.BigEndian.Uint32(raw[25:]) != scopeSum(scope) {
		return nil, fault.New(fault.Invalid, "%s is a cursor of another list. Start again without it after changing the filter.", field)
	}
	return &Position{
		At: time.UnixMicro(int64(binary.BigEndian.Uint64(raw[1:9]))).UTC(),
		ID: uuid.UUID(raw[9:25]).String(),
	}, nil
}

// Window checks what the caller asks for. scope names the list: the shop, the filter and the order.
func (p Page) Window(scope string) (Window, error) {
	w := Window{Limit: DefaultPage, Reverse: p.Reverse}
	if p.First != nil && p.Last != nil {
		return w, fault.New(fault.Invalid, "Give first or last, not both.")
	}
	if p.After != nil && p.Before != nil {
		return w, fault.New(fault.Invalid, "Give after or before, not both.")
	}
	size, name := p.First, "first"
	if p.Last != nil {
		size, name = p.Last, "last"
	}
	w.Backward = p.Last != nil || (p.Before != nil && p.First == nil)
	if size != nil {
		if *size < 1 || *size > MaxPage {
			return w, fault.New(fault.Invalid, "%s must be between 1 and %d.", name, MaxPage)
		}
		w.Limit = *size
	}
	if (p.Before != nil && !w.Backward) || (p.After != nil && w.Backward) {
		return w, fault.New(fault.Invalid, "first goes with after, and last with before.")
	}
	var err error
	switch {
	case p.After != nil:
		w.From, err = parseCursor(*p.After, scope, "after")
	case p.Before != nil:
		w.From, err = parseCursor(*p.Before, scope, "before")
	}
	return w, err
}
