// Package sheet writes CSV (RFC 4180) that a spreadsheet opens as it was meant.
package sheet

import "bytes"

// BOM begins a file: by it spreadsheets know UTF-8.
const BOM = "\ufeff"

// special are the bytes for which a cell stands in quotes. Some spreadsheets separate by semicolons or tabs.
const special = "\",;\t\r\n"

// Harmless keeps a spreadsheet from running a cell as a formula (OWASP, "CSV injection"): an apostrophe before it makes
// it text.
func Harmless(cell string) string {
	if cell != "" && runs(cell[0]) {
		return "'" + cell
	}
	return cell
}

func runs(first byte) bool {
	switch first {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return true
	}
	return false
}

// AppendCell appends a cell, harmless, and in quotes where it has to be.
func AppendCell(to, cell []byte) []byte {
	if len(cell) == 0 {
		return to
	}
	guarded := runs(cell[0])
	if !bytes.ContainsAny(cell, special) && cell[0] != ' ' {
		if guarded {
			to = append(to, '\'')
		}
		return append(to, cell...)
	}
	to = append(to, '"')
	if guarded {
		to = append(to, '\'')
	}
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		to = append(append(to, cell[:i+1]...), '"')
		cell = cell[i+1:]
	}
	return append(append(to, cell...), '"')
}
