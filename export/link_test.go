package export

import (
	"errors"
	"net/url"
	"testing"

	"github.com/tagtrail/tagtrail/links"
)

func TestALinkThatWasMadeBeforeStaysGoodForItsExportAlone(t *testing.T) {
	t.Parallel()
	const id = "019a3f00-0000-7000-8000-000000000002"
	key := links.Key("a key")
	made := url.Values{"expires": {"4102444800"}, "sign": {"fWhYhDp3PfQAt19TmyjbY8t-H0eb8U65aTLErSUD_QQ"}, "for": {"Riley Park"}}
	if err := key.Check(file(id, "Riley Park"), made); err != nil {
		t.Errorf("one that somebody has: %v", err)
	}
	if err := key.Check(file(id, "Alex"), made); !errors.Is(err, links.ErrForeign) {
		t.Errorf("for somebody else: %v", err)
	}
	// It is made with the same key, for the failed items of the operation with that id.
	ofFailed := url.Values{"expires": {"4102444800"}, "sign": {"RzWYj9keJc2--wq2FPM1yTMfpyVOjC9RMyBdObihFIk"}, "shop": {"7"}}
	if err := key.Check(file("019a3f00-0000-7000-8000-000000000001", ""), ofFailed); !errors.Is(err, links.ErrForeign) {
		t.Errorf("a link to failed items: %v", err)
	}
}
