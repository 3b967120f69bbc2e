package activity

import (
	"testing"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

func TestAWatcherSeesWhatItsSearchFinds(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop, other := l.world(), l.shop()
	seen, err := l.Watch(t.Context(), shop, &Filter{Search: ptr(`vip status:pending tag:"wine club" rule:orders`)})
	l.must(err)
	match := func() *models.Activity {
		return &models.Activity{
			Status:  models.Pending,
			Summary: "Added VIP",
			RuleID:  &someRules[0],
			Changes: tagChange(nil, []string{"Wine Club"}),
		}
	}
	for _, miss := range []func(*models.Activity){
		func(e *models.Activity) { e.Status = models.Success },
		func(e *models.Activity) { e.Summary = "Added" },
		func(e *models.Activity) { e.RuleID = nil },
		func(e *models.Activity) { e.Changes = tagChange([]string{"wine club"}, []string{"WINE club"}) },
	} {
		e := match()
		miss(e)
		l.record(shop, e)
	}
	l.record(other, match())
	want := match()
	l.record(shop, want)
	if got := <-seen; got == nil || got.ID != want.ID {
		t.Errorf("saw %+v, want %s", got, want.ID)
	}
	_, err = l.Watch(t.Context(), shop, &Filter{Search: ptr("colour:red")})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a search that is wrong: %v", err)
	}
}

func TestTheTagsOfAnEntryFollowItsChanges(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	e := &models.Activity{Changes: tagChange([]string{"Gone", "stays"}, []string{"STAYS", "New  One", "new one"})}
	l.record(shop, e)
	want := func(keys ...string) {
		t.Helper()
		var have []string
		l.must(l.DB.Model(&models.ActivityTag{}).Where("shop_id = ? AND activity_id = ?", shop.ID, e.ID).Order("tag_key").Pluck("tag_key", &have).Error)
		if len(have) != len(keys) {
			t.Fatalf("tags %q, want %q", have, keys)
		}
		for i := range keys {
			if have[i] != keys[i] {
				t.Errorf("tags %q, want %q", have, keys)
			}
		}
	}
	want("gone", "new one")
	// Written again with other changes, the entry stays as it was, and so do its tags.
	again := *e
	again.Changes = tagChange(nil, []string{"other"})
	l.record(shop, &again)
	want("gone", "new one")
	update := func(changes []models.FieldChange) {
		t.Helper()
		l.must(l.Commit(t.Context(), shop, func(tx *Tx) error {
			return tx.Update(e.ID, "", func(entry *models.Activity) { entry.Changes = changes })
		}))
	}
	update(tagChange([]string{"gone"}, []string{"later"}))
	want("gone", "later")
	update([]models.FieldChange{{Field: "tags", Before: encoded("not a list")}, {Field: "title", Before: encoded([]string{"x"})}})
	want()
}
