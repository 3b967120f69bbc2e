package models_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
)

// TestTheServersLogHasNoValuesOfQueries runs queries that go well, find nothing, are wrong, and are given up.
func TestTheServersLogHasNoValuesOfQueries(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	db, err := models.Open(t.Context(), modelstest.Address(t), slog.New(slog.NewTextHandler(&written, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = models.Close(db) }()
	if _, err := models.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var shop models.Shop
	if db.Where("domain = ?", "ada@example.com").Find(&shop).Error != nil || db.Where("domain = ?", "ada@example.com").Take(&shop).Error == nil {
		t.Fatal("the queries do not end as they should")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if db.WithContext(gone).Where("domain = ?", "ada@example.com").Find(&shop).Error == nil {
		t.Fatal("nobody gave the query up")
	}
	if written.Len() > 0 {
		t.Errorf("queries that went well, found nothing or were given up are told of: %s", &written)
	}
	if db.Where("no_such_column = ?", "ada@example.com").Find(&shop).Error == nil {
		t.Fatal("there is such a column")
	}
	if said := written.String(); !strings.Contains(said, "no_such_column = ") || strings.Contains(said, "ada@") {
		t.Errorf("of a query that is wrong it says: %s", said)
	}
}
