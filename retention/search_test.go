package retention

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

func TestASearchFindsWhatHasLeftNewestFirst(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop, other := k.shop(5, archiving), k.shop(5, archiving)
	var want []string
	for _, days := range []int{20, 15, 9} {
		want = append(want, k.record(shop, days, 45)...)
	}
	k.record(other, 9, 5)
	k.record(shop, 2, 9)
	k.clean(shop)
	k.clean(other)
	slices.Reverse(want)
	var found []string
	calls := 0
	for after := (*string)(nil); ; calls++ {
		page, err := k.Search(k.ctx, shop, nil, after)
		k.must(err)
		found = append(found, activity.IDs(page.Entries)...)
		if len(page.Entries) > searchPage || page.Files != 15 {
			t.Fatalf("a call returned %d entries of %d files", len(page.Entries), page.Files)
		}
		if after = page.Cursor; after == nil {
			if page.Searched != page.Files {
				t.Errorf("it ends after %d of %d files", page.Searched, page.Files)
			}
			break
		}
	}
	if diff := cmp.Diff(want, found); diff != "" || calls < 2 {
		t.Errorf("%d calls: %s", calls, diff)
	}
	failed, err := k.Search(k.ctx, shop, &activity.Filter{Search: ptr("status:failed order"), Statuses: []models.ActivityStatus{models.Failed}}, nil)
	k.must(err)
	if len(failed.Entries) != 45 {
		t.Errorf("%d of 45 failures found", len(failed.Entries))
	}
	history, err := failed.Entries[0].Changed(k.ctx)
	k.must(err)
	if len(history) != 1 || len(failed.Entries[0].History) != 1 {
		t.Errorf("an entry of the archive lost its changes or its history: %+v", failed.Entries[0])
	}
	begin := k.at.AddDate(0, 0, -10)
	recent, err := k.Search(k.ctx, shop, &activity.Filter{From: &begin}, nil)
	k.must(err)
	if recent.Files != 5 || len(recent.Entries) != 45 {
		t.Errorf("within ten days: %d entries of %d files", len(recent.Entries), recent.Files)
	}
	if _, err := k.Search(k.ctx, shop, nil, ptr("nonsense")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a cursor that is none: %v", err)
	}
}

func TestStorageTellsWhatLeavesNext(t *testing.T) {
	t.Parallel()
	k := setup(t)
	shop := k.shop(10, archiving)
	k.record(shop, 13, 8)
	k.record(shop, 4, 5)
	k.clean(shop)
	storage, err := k.Storage(k.ctx, shop)
	k.must(err)
	entries := storage.Kinds[0]
	if entries.Count != 6 || entries.LeavesAt == nil || !entries.LeavesAt.Equal(entries.Oldest.AddDate(0, 0, 10)) {
		t.Errorf("entries: %+v", entries)
	}
	if storage.ArchiveEntries != 8 || storage.ArchiveBytes == 0 || storage.CleanUpAt == nil || storage.CleanedUpAt == nil {
		t.Errorf("storage: %+v", storage)
	}
	over, err := k.Over(k.ctx, shop)
	k.must(err)
	if over[models.KeptEntries] != 0 {
		t.Errorf("over: %v", over)
	}
}
