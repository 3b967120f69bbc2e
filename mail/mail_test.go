package mail_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/mail"
)

var letter = mail.Letter{
	Shop: "Cork & <Crate>", Heading: "3 failures since Monday 09:12",
	Paragraphs: []string{"Something failed, and here is a sentence that is long enough to be broken into two lines of a text mail."},
	Facts:      []mail.Fact{{Name: "Entries", Value: "1,234"}},
	Sections: []mail.Section{{Heading: "By cause", Items: []mail.Item{
		{Title: "Shopify asked us to slow down.", Count: "2", More: "Last: Tag VIP on #1042", URL: "https://admin.example/a?x=1&y=2"},
	}}},
	Button: &mail.Button{Text: "See what failed", URL: "https://admin.example/failures"},
	Why:    "You get this because failures are switched on under Settings.",
}

func TestALetterSaysTheSameInTextAndHTML(t *testing.T) {
	t.Parallel()
	plain, html, err := letter.Lay()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"3 failures since Monday 09:12", "1,234", "By cause", "Tag VIP on #1042", "https://admin.example/failures", "You get this because"} {
		if !strings.Contains(plain, text) || !strings.Contains(html, text) {
			t.Errorf("%q is not in both:\n%s\n%s", text, plain, html)
		}
	}
	if strings.Contains(html, "<Crate>") || !strings.Contains(plain, "Cork & <Crate>") {
		t.Error("HTML is taken for markup, or text is escaped")
	}
	for line := range strings.Lines(plain) {
		if len(line) > 80 {
			t.Errorf("a line is too long: %q", line)
		}
	}
}

func TestWithoutAServerTheLogTellsOfAMailButNotOfAddresses(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	folder := filepath.Join(t.TempDir(), "mail")
	for _, s := range []mail.Sender{{Folder: folder}, {}} {
		s.From, s.Log = "Tagtrail <t@example.com>", slog.New(slog.NewTextHandler(&log, nil))
		err := s.Send(t.Context(), &mail.Message{ID: "id", To: []string{"riley@example.com"}, Subject: "Ready", Plain: "Text", HTML: "<p>HTML</p>", Date: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(log.String(), "@example.com") || strings.Count(log.String(), "Ready") != 2 {
		t.Errorf("the log says\n%s", &log)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	if len(files) != 2 {
		t.Fatalf("the files are %q", files)
	}
	kept, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(kept), "To: <riley@example.com>") {
		t.Errorf("%v: %s", err, kept)
	}
}

func TestAnAddressOfAServerIsRead(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"smtp://mail.example.com": true, "smtps://u:p@mail.example.com:465": true, "smtp://localhost:1025?tls=none": true,
		"http://mail.example.com": false, "smtp://": false, "smtp://x?tls=maybe": false, "mail.example.com:25": false,
	} {
		_, err := mail.ParseServer(address)
		if (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
	for address, good := range map[string]bool{
		"a@example.com": true, "a@localhost": false, "A <a@example.com>": false, "a@example.com\r\nBcc: b@example.com": false, "": false,
	} {
		if mail.CheckAddress(address) != good {
			t.Errorf("%q: %v", address, !good)
		}
	}
}
