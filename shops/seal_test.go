package shops_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/shops"
)

func key(letter string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
}

func sealer(t *testing.T, keys string) *shops.Sealer {
	t.Helper()
	s, err := shops.ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASealedSecretOpensAfterItsKeyWasReplaced(t *testing.T) {
	t.Parallel()
	sealed, err := sealer(t, "old:"+key("a")).Seal("shop", "secret")
	if err != nil {
		t.Fatal(err)
	}
	rotated := sealer(t, "new:"+key("b")+",old:"+key("a"))
	if got, err := rotated.Open("shop", sealed); err != nil || got != "secret" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if _, err := sealer(t, "new:"+key("b")).Open("shop", sealed); err == nil || !strings.Contains(err.Error(), `"old"`) {
		t.Fatalf("without the key: %v, want an error that names it", err)
	}
}

func TestASealedSecretOpensOnlyForItsOwnerAndUnharmed(t *testing.T) {
	t.Parallel()
	s := sealer(t, "k:"+key("a"))
	sealed, err := s.Seal("one shop", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(sealed), "secret") {
		t.Fatal("the secret can be read")
	}
	if _, err := s.Open("another shop", sealed); err == nil {
		t.Error("another owner can open it")
	}
	for i := range sealed {
		harmed := append([]byte(nil), sealed...)
		harmed[i] ^= 1
		if got, err := s.Open("one shop", harmed); err == nil {
			t.Errorf("with byte %d changed it opens as %q", i, got)
		}
		if got, err := s.Open("one shop", sealed[:i]); err == nil {
			t.Errorf("cut off at %d it opens as %q", i, got)
		}
	}
}

func TestWrongKeysAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"", "nokey", ":" + key("a"), "short:" + base64.StdEncoding.EncodeToString([]byte("short")), "a:" + key("a") + ",a:" + key("b")} {
		if _, err := shops.ParseKeys(keys); err == nil {
			t.Errorf("ParseKeys(%q) took them", keys)
		}
	}
}
