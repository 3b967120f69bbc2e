package app

import (
	"net/http"
	"sync"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
)

func TestAPageThatIsOpenedFirstInstallsTheShopOnce(t *testing.T) {
	t.Parallel()
	j := setup(t, options{notInstalled: true})
	session := http.Header{"Authorization": {"Bearer " + j.session(shopA)}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r := j.post(j.url+"/graphql", `{ shop { domain } }`, nil, session); r.status != http.StatusOK {
				t.Errorf("a session was answered %d %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	shop, err := j.app.Shops.ByDomain(j.Context(), shopA)
	j.must(err)
	if _, _, err := j.app.Shops.Client(shop).Shop(j.Context()); err != nil {
		t.Errorf("the token that is kept is not good: %v", err)
	}
	if n := len(j.entries(shop, "action = ?", activity.AppInstalled)); n != 1 {
		t.Errorf("%d entries tell that it was installed", n)
	}
}
