package change

import (
	"errors"
	"net/url"
	"testing"

	"github.com/tagtrail/tagtrail/links"
)

func TestALinkThatWasMadeBeforeStaysGoodForItsFailedItemsAlone(t *testing.T) {
	t.Parallel()
	key := links.Key("a key")
	made := url.Values{"expires": {"4102444800"}, "sign": {"RzWYj9keJc2--wq2FPM1yTMfpyVOjC9RMyBdObihFIk"}, "shop": {"7"}}
	if err := key.Check(failedItems(7, "019a3f00-0000-7000-8000-000000000001"), made); err != nil {
		t.Errorf("one that somebody has: %v", err)
	}
	if err := key.Check(failedItems(8, "019a3f00-0000-7000-8000-000000000001"), made); !errors.Is(err, links.ErrForeign) {
		t.Errorf("for another shop: %v", err)
	}
	// It is made with the same key, for the export with that id.
	ofExport := url.Values{"expires": {"4102444800"}, "sign": {"fWhYhDp3PfQAt19TmyjbY8t-H0eb8U65aTLErSUD_QQ"}, "for": {"Riley Park"}}
	if err := key.Check(failedItems(7, "019a3f00-0000-7000-8000-000000000002"), ofExport); !errors.Is(err, links.ErrForeign) {
		t.Errorf("a link to an export: %v", err)
	}
}
