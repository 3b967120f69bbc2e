package export

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/sheet"
)

// writeAtOnce is how many bytes are gathered before they are written.
const writeAtOnce = 256 << 10

// writer writes rows in a format.
type writer struct {
	to      io.Writer
	columns []*activity.Column
	// keys are the columns' names as a line of JSON has them.
	keys  []string
	row   func(w *writer, cells [][]byte)
	buf   []byte
	bytes int
	rows  int
}

// newWriter begins a file, or goes on with one.
func newWriter(row *models.Export, to io.Writer, begins bool) *writer {
	w := &writer{to: to, columns: columnsNamed(row.Columns), row: (*writer).csv, buf: make([]byte, 0, writeAtOnce+writeAtOnce/4)}
	if row.Format == models.ExportJSONL {
		w.row = (*writer).json
		for i, c := range w.columns {
			separator := ","
			if i == 0 {
				separator = "{"
			}
			w.keys = append(w.keys, separator+`"`+c.Name+`":`)
		}
		return w
	}
	if !begins {
		return w
	}
	if row.BOM {
		w.buf = append(w.buf, sheet.BOM...)
	}
	for i, c := range w.columns {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, c.Name...)
	}
	w.buf = append(w.buf, "\r\n"...)
	return w
}

func (w *writer) write(cells [][]byte) error {
	w.row(w, cells)
	w.rows++
	if len(w.buf) < writeAtOnce {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	n, err := w.to.Write(w.buf)
	w.bytes += n
	w.buf = w.buf[:0]
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

func (w *writer) csv(cells [][]byte) {
	for i, cell := range cells {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = sheet.AppendCell(w.buf, cell)
	}
	w.buf = append(w.buf, "\r\n"...)
}

func (w *writer) json(cells [][]byte) {
	for i, cell := range cells {
		w.buf = append(w.buf, w.keys[i]...)
		switch {
		case cell == nil:
			w.buf = append(w.buf, "null"...)
		case w.columns[i].Kind == activity.ColumnText:
			w.buf = appendText(w.buf, cell)
		default:
			w.buf = append(w.buf, cell...)
		}
	}
	w.buf = append(w.buf, "}\n"...)
}

// appendText appends a string of JSON. Most have nothing in them that is written otherwise.
func appendText(to, text []byte) []byte {
	for _, c := range text {
		if c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(string(text)) //nolint:errchkjson // a string
			return append(to, quoted...)
		}
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"')
}
