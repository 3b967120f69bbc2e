package mail

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
)

// Letter is what a mail says, before it is laid out.
type Letter struct {
	// Shop is whom it is about, Heading what it says in a line.
	Shop    string
	Heading string
	// Paragraphs come first, then Facts, then Items under their own heading, then the button.
	Paragraphs []string
	Facts      []Fact
	Sections   []Section
	Button     *Button
	// Why says why it comes and how it ends.
	Why string
}

// Fact is a name and a value.
type Fact struct{ Name, Value string }

// Section is a list under a heading.
type Section struct {
	Heading string
	Items   []Item
}

// Item is a line of a list, with more about it below.
type Item struct {
	Title string
	Count string
	More  string
	URL   string
}

// Button is a link that stands out.
type Button struct{ Text, URL string }

//go:embed letter.html
var htmlLetter string

//go:embed letter.txt
var plainLetter string

var (
	htmlTemplate  = template.Must(template.New("letter").Parse(htmlLetter))
	plainTemplate = texttemplate.Must(texttemplate.New("letter").Funcs(texttemplate.FuncMap{"wrap": wrap}).Parse(plainLetter))
)

// Lay lays a letter out for who reads text and for who reads HTML.
func (l *Letter) Lay() (plain, html string, err error) {
	var asText, asHTML strings.Builder
	if err := plainTemplate.Execute(&asText, l); err != nil {
		return "", "", fmt.Errorf("lay out letter: %w", err)
	}
	if err := htmlTemplate.Execute(&asHTML, l); err != nil {
		return "", "", fmt.Errorf("lay out letter: %w", err)
	}
	return asText.String(), asHTML.String(), nil
}

// lineWidth is how long a line of a text is at most, in bytes; a word that is longer stays whole.
const lineWidth = 72

// wrap breaks a text into lines, with an indent for each.
func wrap(indent, text string) string {
	var b strings.Builder
	width := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case width == 0:
			b.WriteString(indent)
			width = len(indent)
		case width+1+len(word) > lineWidth:
			b.WriteString("\n" + indent)
			width = len(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += len(word)
	}
	return b.String()
}
