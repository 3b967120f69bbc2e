package activity

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

var (
	riley = models.Actor{Type: models.ActorStaff, ID: ptr("7"), Name: "Riley Park"}
	sam   = models.Actor{Type: models.ActorStaff, ID: ptr("8"), Name: "Sam"}
	// someone is of the staff, but Shopify did not say who.
	someone = models.Actor{Type: models.ActorStaff, Name: "Staff"}
)

func (l *ledger) wantViews(shop *models.Shop, actor models.Actor, want ...string) {
	l.Helper()
	views, err := l.Views(l.Context(), shop.ID, actor)
	l.must(err)
	names := []string{}
	for _, v := range views {
		names = append(names, v.Name)
	}
	if diff := cmp.Diff(want, names); diff != "" {
		l.Errorf("%s sees: want (-) got (+):\n%s", actor.Name, diff)
	}
}

func (l *ledger) wantProblem(err error, field, words string) {
	l.Helper()
	f, ok := fault.As(err)
	if !ok || len(f.Problems) != 1 || strings.Join(f.Problems[0].Field, ".") != field || !strings.Contains(f.Problems[0].Message, words) {
		l.Errorf("error %v, want a problem of %s: ...%s...", err, field, words)
	}
}

func TestAViewIsSeenByWhoSavedItUnlessItIsShared(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop, other := l.shop(), l.shop()
	ctx := t.Context()
	private, err := l.SaveView(ctx, shop, riley, ViewInput{Name: " mine ", Filter: Filter{Statuses: []models.ActivityStatus{models.Failed}}})
	l.must(err)
	shared, err := l.SaveView(ctx, shop, riley, ViewInput{Name: "Failures", Shared: true})
	l.must(err)
	l.wantViews(shop, riley, "Failures", "mine")
	l.wantViews(shop, sam, "Failures")
	l.wantViews(shop, someone, "Failures")
	l.wantViews(other, riley, []string{}...)

	_, err = l.SaveView(ctx, shop, sam, ViewInput{ID: &private.ID, Name: "taken", Shared: true})
	l.wantProblem(err, "id", "no saved view")
	_, err = l.SaveView(ctx, other, riley, ViewInput{ID: &shared.ID, Name: "taken", Shared: true})
	l.wantProblem(err, "id", "no saved view")
	l.wantProblem(l.DeleteView(ctx, shop, sam, private.ID), "id", "no saved view")
	l.wantProblem(l.DeleteView(ctx, other, riley, shared.ID), "id", "no saved view")
	l.wantProblem(l.DeleteView(ctx, shop, riley, "not an id"), "id", "no saved view")

	changed, err := l.SaveView(ctx, shop, sam, ViewInput{ID: &shared.ID, Name: "All failures", Shared: true})
	l.must(err)
	if *changed.ActorID != *riley.ID || !changed.CreatedAt.Equal(shared.CreatedAt) {
		t.Errorf("Sam's change made it %+v", changed)
	}
	_, err = l.SaveView(ctx, shop, sam, ViewInput{ID: &shared.ID, Name: "All failures"})
	l.wantProblem(err, "shared", "who saved")
	l.wantViews(shop, riley, "All failures", "mine")
	l.must(l.DeleteView(ctx, shop, sam, shared.ID))
	l.must(l.DeleteView(ctx, shop, riley, private.ID))
	l.wantViews(shop, riley, []string{}...)
}

func TestAViewKeepsItsFilterInTheFormOfTheAPI(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	view, err := l.SaveView(t.Context(), shop, riley, ViewInput{Name: "v", Filter: Filter{
		ActorIDs: []string{"7"}, EntityID: ptr("gid://shopify/Order/1"), From: &base, Search: ptr("since:7d vip"),
	}})
	l.must(err)
	views, err := l.Views(t.Context(), shop.ID, riley)
	l.must(err)
	const want = `{"actorIds":["7"],"entityId":"gid://shopify/Order/1","from":"2026-11-01T05:00:00Z","search":"since:7d vip"}`
	for _, v := range []*models.SavedView{view, views[0]} {
		var got, wanted any
		l.must(json.Unmarshal(v.Filter, &got))
		l.must(json.Unmarshal([]byte(want), &wanted))
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("filter %s", v.Filter)
		}
	}
}

func TestAViewThatCannotBeUsedIsRefused(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	for name, c := range map[string]struct {
		actor models.Actor
		input ViewInput
		field string
		words string
	}{
		"no name":      {riley, ViewInput{Name: "  "}, "name", "between 1 and 100"},
		"a long name":  {riley, ViewInput{Name: strings.Repeat("ö", 101)}, "name", "between 1 and 100"},
		"a search":     {riley, ViewInput{Name: "v", Filter: Filter{Search: ptr(`tag:"Sale`)}}, "filter.search", "never closed"},
		"a date range": {riley, ViewInput{Name: "v", Filter: Filter{From: &base, To: &base}}, "filter", "end of the date range"},
		"no owner":     {someone, ViewInput{Name: "v"}, "shared", "does not know who you are"},
	} {
		_, err := l.SaveView(t.Context(), shop, c.actor, c.input)
		t.Log(name)
		l.wantProblem(err, c.field, c.words)
	}
	_, err := l.SaveView(t.Context(), shop, riley, ViewInput{Name: strings.Repeat("ö", 100)})
	l.must(err)
}

func TestAShopHasTwoHundredViewsAtMost(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := l.shop()
	for i := range maxViews {
		_, err := l.SaveView(t.Context(), shop, riley, ViewInput{Name: fmt.Sprint(i)})
		l.must(err)
	}
	_, err := l.SaveView(t.Context(), shop, sam, ViewInput{Name: "one more"})
	l.wantProblem(err, "name", "200 saved views")
	_, err = l.SaveView(t.Context(), l.shop(), sam, ViewInput{Name: "one more"})
	l.must(err)
}
