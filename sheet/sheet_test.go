package sheet_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/sheet"
)

func TestACellThatASpreadsheetWouldRunIsText(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":                "",
		"plain":           "plain",
		"=1+1":            "'=1+1",
		"+1":              "'+1",
		"-1":              "'-1",
		"@SUM(A1)":        "'@SUM(A1)",
		"\t=1":            "'\t=1",
		"\r=1":            "'\r=1",
		"\n=1":            "'\n=1",
		"a=1":             "a=1",
		`=HYPERLINK("x")`: `'=HYPERLINK("x")`,
	} {
		if got := sheet.Harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}

func FuzzACellIsReadAsItWasWritten(f *testing.F) {
	for _, cell := range []string{"", "a", `say "hi"`, "a,b", "a\nb", "a\r\nb", "=1", `"`, " a ", "\t", "Grüße 🍷", `="x",1`} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		line := string(sheet.AppendCell(sheet.AppendCell(nil, []byte("first")), nil)) + "," +
			string(sheet.AppendCell(nil, []byte(cell))) + ",last\r\n"
		rows, err := csv.NewReader(strings.NewReader(line)).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		// The reader takes every line break for \n.
		want := strings.ReplaceAll(sheet.Harmless(cell), "\r\n", "\n")
		if len(rows) != 1 || len(rows[0]) != 3 || rows[0][1] != want {
			t.Fatalf("%q is read as %q, want %q", line, rows, want)
		}
	})
}
