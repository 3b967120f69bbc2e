package chain

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/shops"
)

func sealer(t *testing.T, keys ...string) *shops.Sealer {
	t.Helper()
	for i, k := range keys {
		keys[i] = k + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(k, 32)))
	}
	s, err := shops.ParseKeys(strings.Join(keys, ","))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheKeyOutlivesTheOneThatSealsIt(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	var public []byte
	for _, keys := range [][]string{{"a"}, {"a"}, {"b", "a"}, {"b"}} {
		key, err := OpenKey(t.Context(), db, sealer(t, keys...))
		if err != nil {
			t.Fatalf("with the keys %q: %v", keys, err)
		}
		if public != nil && !bytes.Equal(public, key.Public()) {
			t.Fatalf("with the keys %q it is another one", keys)
		}
		public = key.Public()
	}
	if _, err := OpenKey(t.Context(), db, sealer(t, "a")); err == nil {
		t.Error("it opens with a key that was replaced")
	}
}

func TestTheFirstStartBeginsTheChainsOfTheShopsThatAreThere(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	old := modelstest.Shop(t, db, "old.myshopify.com", models.PlanFree)
	for range 2 {
		if _, err := OpenKey(t.Context(), db, sealer(t, "a")); err != nil {
			t.Fatal(err)
		}
	}
	var blocks []models.ChainBlock
	if err := db.Find(&blocks).Error; err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 1 || blocks[0].ShopID != old.ID || !blocks[0].CoversFrom.After(blocks[0].At) || blocks[0].Links != nil {
		t.Errorf("blocks: %+v", blocks)
	}
}
