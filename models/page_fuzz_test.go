package models

import (
	"encoding/base64"
	"testing"
	"time"
)

// FuzzCursor takes what anybody may send as a cursor: it is refused, or is a place in that very list.
func FuzzCursor(f *testing.F) {
	at := time.Date(2026, 11, 1, 5, 0, 0, 123_000, time.UTC)
	good := Position{At: at, ID: NewID(at)}.Cursor("list")
	f.Add(good, "list")
	f.Add(good, "another")
	f.Add(good+"A", "list")
	f.Add("", "")
	f.Add("AQ==", "list")
	f.Add(base64.RawURLEncoding.EncodeToString(make([]byte, 29)), "list")
	f.Fuzz(func(t *testing.T, cursor, scope string) {
		p, err := parseCursor(cursor, scope, "after")
		if (p == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", cursor, p, err)
		}
		if err != nil {
			return
		}
		if again, err := parseCursor(p.Cursor(scope), scope, "after"); err != nil || *again != *p {
			t.Errorf("%q is %+v, and comes back as %+v (%v)", cursor, p, again, err)
		}
		if _, err := parseCursor(cursor, scope+"x", "after"); err == nil {
			t.Errorf("%q is good in another list", cursor)
		}
	})
}
