package change

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

const (
	maxCSVBytes  = 5 << 20
	maxCSVLines  = 100_000
	maxCSVErrors = 100
	maxCSVCell   = 255
)

// csvColumns are the names that a column may have, by what it is taken for, in the order in which they are preferred.
var csvColumns = []struct {
	use   string
	names []string
	only  models.ResourceType
}{
	{"id", []string{"id", "gid", "global id", "admin graphql id", "graphql id", "product id", "order id", "customer id", "shopify id"}, ""},
	{"name", []string{"name", "order", "order name", "order number"}, models.Order},
	{"email", []string{"email", "e-mail", "email address", "customer email"}, models.Customer},
	{"handle", []string{"handle", "product handle", "url handle"}, models.Product},
}

// csvFile is what a file names.
type csvFile struct {
	columns []*CSVColumn
	records int
	errors  []*CSVError
	// use is what the records are named by: id, name, email or handle.
	use string
	// keys are the first of them.
	keys []string
}

// csvKey is what one line names.
type csvKey struct {
	line int
	text string
}

// ReadCSV says what a CSV file would select.
func (s *Service) ReadCSV(_ context.Context, _ *models.Shop, resource models.ResourceType, text string) (*CSVSelection, error) {
	if !slices.Contains([]models.ResourceType{models.Order, models.Customer, models.Product}, resource) {
		return nil, fault.Field("Operations are about orders, customers or products.", "resource")
	}
	f := readCSV(resource, text)
	if f.columns == nil {
		f.columns = []*CSVColumn{}
	}
	if f.errors == nil {
		f.errors = []*CSVError{}
	}
	return &CSVSelection{Columns: f.columns, Records: f.records, Errors: f.errors}, nil
}

// readCSV reads a whole file, and says what is wrong with it.
func readCSV(resource models.ResourceType, text string) *csvFile {
	f := &csvFile{}
	if len(text) > maxCSVBytes {
		f.wrong(1, "The file is larger than 5 MB. Split it.")
		return f
	}
	seen := map[string]bool{}
	header, err := walkCSV(resource, text, func(key csvKey, problem string) bool {
		switch {
		case problem != "":
			f.wrong(key.line, problem)
		case !seen[strings.ToLower(key.text)]:
			seen[strings.ToLower(key.text)] = true
			f.records++
			if len(f.keys) < previewLooks {
				f.keys = append(f.keys, key.text)
			}
		}
		return true
	})
	f.columns, f.use = header.columns, header.use
	if err != "" {
		f.wrong(header.line, err)
	} else if f.records == 0 && len(f.errors) == 0 {
		f.wrong(1, "The file names no records.")
	}
	return f
}

func (f *csvFile) wrong(line int, message string) {
	if len(f.errors) < maxCSVErrors {
		f.errors = append(f.errors, &CSVError{Line: line, Message: message})
	}
}

// csvHeader is the first line of a file.
type csvHeader struct {
	columns []*CSVColumn
	use     string
	index   int
	line    int
}

// walkCSV reads a file line by line. each gets what a line names, or what is wrong with it, and says whether to go on. It
// returns what is wrong with the file as a whole.
func walkCSV(resource models.ResourceType, text string, each func(key csvKey, problem string) bool) (csvHeader, string) {
	h := csvHeader{index: -1, line: 1}
	text = strings.TrimPrefix(text, "\ufeff")
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separatorOf(text)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	names, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return h, "The file is empty."
	}
	if err != nil {
		return h, csvTrouble(err)
	}
	if h.read(resource, names); h.index < 0 {
		return h, fmt.Sprintf("No column says which %s are meant. Name one of them %s.", plural(resource), columnNames(resource))
	}
	for lines := 0; ; lines++ {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return h, ""
		}
		if err != nil {
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				h.line = parse.StartLine
			}
			return h, csvTrouble(err)
		}
		line, _ := reader.FieldPos(0)
		if h.line = line; lines == maxCSVLines {
			return h, "The file has more than 100,000 lines. Split it."
		}
		cell := ""
		if h.index < len(row) {
			cell = strings.TrimSpace(row[h.index])
		}
		if len(row) == 1 && cell == "" {
			continue // an empty line
		}
		key, problem := keyOf(resource, h.use, cell)
		if !each(csvKey{line, key}, problem) {
			return h, ""
		}
	}
}

func csvTrouble(err error) string {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return "The line cannot be read: " + parse.Err.Error() + ". Put a value with a quote or a line break in it between quotes."
	}
	return "The file cannot be read as CSV."
}

// separatorOf finds what separates the columns: what the first line has most of.
func separatorOf(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, r := range []rune{',', ';', '\t'} {
		if n := strings.Count(first, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

// read finds the column that names the records.
func (h *csvHeader) read(resource models.ResourceType, names []string) {
	h.columns = make([]*CSVColumn, len(names))
	for i, name := range names {
		h.columns[i] = &CSVColumn{Name: strings.TrimSpace(strings.ToValidUTF8(name, "\uFFFD"))}
	}
	for _, known := range csvColumns {
		if known.only != "" && known.only != resource {
			continue
		}
		for i, column := range h.columns {
			name := strings.ToLower(strings.Join(strings.FieldsFunc(column.Name, func(r rune) bool { return r == ' ' || r == '_' || r == '.' }), " "))
			other := strings.HasSuffix(name, " id") && slices.Contains([]string{"product id", "order id", "customer id"}, name) &&
				name != strings.ToLower(string(resource))+" id"
			if slices.Contains(known.names, name) && !other {
				h.index, h.use = i, known.use
				use := known.use
				column.UsedAs = &use
				return
			}
		}
	}
}

func columnNames(resource models.ResourceType) string {
	for _, known := range csvColumns {
		if known.only == resource {
			return "ID or " + known.names[0]
		}
	}
	return "ID"
}

// keyOf reads a cell. Numbers become global ids.
func keyOf(resource models.ResourceType, use, cell string) (key, problem string) {
	switch {
	case cell == "":
		return "", "It names no record. Fill in the " + use + ", or leave the line out."
	case len(cell) > maxCSVCell || strings.ContainsAny(cell, "\x00\n\r"):
		return "", "This is no " + use + "."
	case use == "id" && isGID(resource, cell):
		return cell, ""
	case use == "id" && isNumber(strings.TrimPrefix(cell, "'")):
		return gid(resource, strings.TrimPrefix(cell, "'")), ""
	case use == "id" && strings.ContainsAny(cell, "eE") && strings.Contains(cell, "+"):
		return "", fmt.Sprintf("%q is an id that a spreadsheet has rounded. Save the column as text.", cell)
	case use == "id":
		return "", fmt.Sprintf("%q is not the id of %s: write its number, or %s.", cell, article(resource), gid(resource, "1042"))
	case use == "email" && !strings.Contains(cell, "@"):
		return "", "This is no e-mail address."
	}
	return cell, ""
}

// lookAtFile reads the first records that a file names.
func (s *Service) lookAtFile(ctx context.Context, client *shopify.Client, resource models.ResourceType, f *csvFile) ([]*shopify.TagOwner, error) {
	var owners []*shopify.TagOwner
	for some := range slices.Chunk(f.keys, keysAtOnce(f.use)) {
		if f.use != "id" && len(owners) >= previewSample*4 {
			break // each search costs as much as a page
		}
		found, _, err := ownersOf(ctx, client, resource, f.use, some)
		if err != nil {
			return nil, asked(resource, err)
		}
		for _, o := range found {
			if o != nil {
				owners = append(owners, o)
			}
		}
	}
	return owners, nil
}

// keysAtOnce is how many records are looked up together.
func keysAtOnce(use string) int {
	if use == "id" {
		return collectBatch
	}
	return shopify.MaxLookup
}

// ownersOf returns the records that these keys name, in their order; nil for what is not found.
func ownersOf(ctx context.Context, client *shopify.Client, resource models.ResourceType, use string, keys []string) ([]*shopify.TagOwner, shopify.Cost, error) {
	if use == "id" {
		return client.TagsMany(ctx, keys)
	}
	return client.Lookup(ctx, KindName(resource), keys)
}

// collectFile makes items of the next lines of the operation's file. The cursor is how many keys were read.
func (r *run) collectFile(ctx context.Context) (*part, error) {
	skipped, from := 0, r.position()
	var keys []string
	use, most := "", collectBatch
	header, _ := walkCSV(r.op.Resource, *r.op.File, func(key csvKey, problem string) bool {
		if problem != "" {
			return true // the operation would not have been started
		}
		if skipped++; skipped <= from {
			return true
		}
		keys = append(keys, key.text)
		return len(keys) < most
	})
	use = header.use
	p := &part{last: len(keys) < most}
	p.cursor = fmt.Sprint(from + len(keys))
	for some := range slices.Chunk(keys, keysAtOnce(use)) {
		owners, cost, err := ownersOf(ctx, r.client, r.op.Resource, use, some)
		p.cost += cost.Actual
		if err != nil {
			return nil, err
		}
		for i, owner := range owners {
			if owner == nil {
				p.items = append(p.items, r.gone(some[i]))
			} else {
				p.items = append(p.items, r.itemOf(owner))
			}
		}
	}
	return p, nil
}
