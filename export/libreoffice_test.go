package export

import (
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// TestASpreadsheetOpensAFileRight lets LibreOffice read a file and write what it read. Where it is not installed, that is
// a failure in CI and said elsewhere.
func TestASpreadsheetOpensAFileRight(t *testing.T) {
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("LibreOffice is not installed (soffice was not found)")
		}
		t.Log("not tried: LibreOffice is not installed (soffice was not found)")
		return
	}
	hard := []string{
		`plain`, `say "hi", twice`, "two\nlines", "Grüße aus Zürich 🍷🇳🇿", "=1+1", "+1", "-1", "@SUM(A1)", `=HYPERLINK("http://x","y")`,
		"a;b\tc", " spaces ", "007", "'quoted", "1e5",
	}
	for _, bom := range []bool{false, true} {
		o := setup(t)
		shop := o.shop()
		o.record(shop, len(hard), func(i int, e *models.Activity) { e.Summary = hard[i] })
		file, err := o.follow(t.Context(), o.start(shop, Input{Filter: webhooksOnly, Columns: []string{"summary", "action"}, BOM: &bom}))
		o.must(err)
		folder := t.TempDir()
		o.must(os.WriteFile(filepath.Join(folder, "export.csv"), []byte(file), 0o600))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		// Commas, double quotes, UTF-8, from line 1, the first column as text: what a person chooses for it. Then all
		// cells in quotes as they are shown.
		out, err := exec.CommandContext(ctx, office, "-env:UserInstallation=file://"+folder+"/profile", "--headless",
			"--infilter=CSV:44,34,76,1,1/2", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
			"--outdir", filepath.Join(folder, "out"), filepath.Join(folder, "export.csv")).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		read, err := os.ReadFile(filepath.Join(folder, "out", "export.csv"))
		o.must(err)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(read), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != len(hard)+1 || rows[0][0] != "summary" {
			t.Fatalf("%v: %d rows, %q", err, len(rows), rows)
		}
		for i, row := range rows[1:] {
			want := hard[len(hard)-1-i]
			if strings.ContainsAny(want[:1], "=+-@") {
				want = "'" + want
			}
			if len(row) != 2 || row[0] != want || row[1] != "WEBHOOK_RECEIVED" {
				t.Errorf("bom %v: LibreOffice shows %q, want %q", bom, row, want)
			}
		}
	}
}
