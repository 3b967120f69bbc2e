package change

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

// TestEveryRecordedRefusalHasWords walks what Shopify was recorded to say to the mutations that operations make. The
// words that are left for what nobody knows do not count.
func TestEveryRecordedRefusalHasWords(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/usererrors.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) < 4 || cells[0] == "root" {
			continue
		}
		n++
		for _, resource := range []models.ResourceType{models.Order, models.Customer, models.Product} {
			e := &shopify.Error{Kind: shopify.UserError, Message: cells[3]}
			code, message := causeOf(resource, e)
			if strings.HasPrefix(message, "Shopify refused the change: ") {
				t.Errorf("%s says %q, and there are no words for it", cells[0], cells[3])
			}
			if code == "" || strings.Contains(message, "gid://") {
				t.Errorf("%s %q is told as %s %q", cells[0], cells[3], code, message)
			}
			var p models.Snapshot
			if !refused(e) {
				t.Errorf("%s %q would be tried again for ever", cells[0], cells[3])
			}
			if fail(&p, code, message); p.Outcome != models.SnapshotFailed {
				t.Errorf("%s %q counts as %s", cells[0], cells[3], p.Outcome)
			}
		}
	}
	if err := lines.Err(); err != nil || n < 30 {
		t.Fatalf("%d refusals were read: %v", n, err)
	}
	for said, code := range map[string]string{
		"Customer does not exist":                                                                    activity.CodeResourceDeleted,
		"Tags cannot be more than 250":                                                               activity.CodeTagLimit,
		"Title Tag exceeds the maximum length of 40 characters":                                      activity.CodeInvalidData,
		"Product tags is invalid":                                                                    activity.CodeInvalidData,
		"The input array size of 251 is greater than the maximum allowed of 250.":                    activity.CodeInvalidData,
		"A bulk mutation operation for this app and shop is already in progress: gid://shopify/B/1.": activity.CodeRateLimit,
	} {
		if got, _ := refusalOfShopify(models.Order, said); got != code {
			t.Errorf("%q is told as %s, want %s", said, got, code)
		}
	}
}
