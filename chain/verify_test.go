package chain

import (
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

func TestALogIsIntactWhateverTheProgramDidToIt(t *testing.T) {
	t.Parallel()
	n := setup(t)
	shop := n.shop()
	ids := n.record(shop, n.at, n.at.AddDate(0, 0, -1), n.at.AddDate(0, 0, -3), n.at.Add(-time.Hour))
	if r := n.intact(shop); r.Entries != 4 || r.Blocks != 0 {
		t.Fatalf("before sealing: %+v", r)
	}
	n.update(shop, ids[0])
	n.seal()
	n.intact(shop)
	n.update(shop, ids[0])
	n.redact(shop, ids[3])
	n.intact(shop)
	n.seal()
	gone, err := n.log.Remove(n.DB, activity.Over{Shop: shop.ID, To: n.at.AddDate(0, 0, -2), OpenTo: n.at}, 10)
	n.must(err)
	n.intact(shop)
	n.seal()
	n.must(n.Checkpoints(n.ctx))
	r := n.intact(shop)
	if gone.Count != 1 || r.Entries != 3 || r.Redacted != 1 || r.Left != 1 || r.Checkpoints != 1 || r.Links != 8 || r.NotCovered != 0 {
		t.Errorf("%d left, %+v", gone.Count, r)
	}
}

func TestASecondRecordOfAnEntryLeavesItsLinkAlone(t *testing.T) {
	t.Parallel()
	n := setup(t)
	shop := n.shop()
	first, second := n.entry(n.at), n.entry(n.at)
	second.ID = models.NewID(n.at)
	first.ID = second.ID
	other := n.entry(n.at.Add(time.Second))
	n.commit(shop, func(tx *activity.Tx) error { return tx.Record(first) })
	n.commit(shop, func(tx *activity.Tx) error { return tx.Record(second, other, other) })
	n.commit(shop, func(tx *activity.Tx) error { return tx.Record(first) })
	if r := n.intact(shop); r.Entries != 2 {
		t.Errorf("%+v", r)
	}
	n.seal()
	if r := n.intact(shop); r.Links != 2 {
		t.Errorf("%d links of 2 entries", r.Links)
	}
}

func TestEntriesFromBeforeTheChainAreNotCovered(t *testing.T) {
	t.Parallel()
	n := setup(t)
	shop := n.shop()
	old := n.record(shop, n.at.AddDate(0, 0, -2), n.at.AddDate(0, 0, -2))
	n.exec("DELETE FROM chain_pending")
	n.must(beginAll(n.DB, n.Key, n.at.AddDate(0, 0, -1)))
	n.record(shop, n.at)
	n.update(shop, old[0])
	n.seal()
	if r := n.intact(shop); r.NotCovered != 1 || r.Entries != 3 {
		t.Errorf("%+v", r)
	}
	n.exec("UPDATE activities SET summary = 'x' WHERE id = ?", old[0])
	if found, _ := n.verify(shop); len(found) != 1 || found[0].What != Changed || found[0].ID != old[0] {
		t.Errorf("found %+v", found)
	}
}

func TestTrimmingLetsGoOfTheLinksOfDaysThatLeft(t *testing.T) {
	t.Parallel()
	n := setup(t)
	shop := n.shop()
	days := 12
	for day := days; day > 0; day-- {
		n.record(shop, n.at.AddDate(0, 0, -day), n.at.AddDate(0, 0, -day))
		n.seal()
	}
	over := activity.Over{Shop: shop.ID, To: n.at.AddDate(0, 0, -2), OpenTo: n.at}
	for range 4 {
		_, err := n.log.Remove(n.DB, over, 6)
		n.must(err)
	}
	n.must(n.Trim(n.ctx)) // what waits says that they left
	n.seal()
	n.intact(shop)
	n.must(n.Trim(n.ctx))
	r := n.intact(shop)
	var kept int64
	n.must(n.DB.Model(&models.ChainBlock{}).Where("links IS NOT NULL").Count(&kept).Error)
	if kept != 2 || r.Entries != 4 {
		t.Errorf("%d blocks have links, %+v", kept, r)
	}
	late := n.record(shop, n.at.AddDate(0, 0, -9)) // it tells of something long past
	n.seal()
	n.must(n.Trim(n.ctx))
	n.update(shop, late[0])
	n.intact(shop)
	n.exec("DELETE FROM activities WHERE id = ?", late[0])
	n.must(n.Trim(n.ctx))
	if found, _ := n.verify(shop); len(found) != 1 || found[0].What != Removed {
		t.Errorf("found %+v", found)
	}
}

func TestACheckpointThatTheChainDoesNotKnowIsKept(t *testing.T) {
	t.Parallel()
	n := setup(t)
	shop := n.shop()
	n.record(shop, n.at)
	n.seal()
	n.must(n.Checkpoints(n.ctx))
	n.exec("DELETE FROM chain_blocks")
	n.exec("DELETE FROM activities")
	n.at = n.at.Add(time.Hour)
	n.record(shop, n.at)
	n.seal()
	n.must(n.Checkpoints(n.ctx))
	n.at = n.at.Add(time.Hour)
	n.record(shop, n.at)
	n.seal()
	n.must(n.Checkpoints(n.ctx))
	found, r := n.verify(shop)
	if r.Checkpoints != 2 || len(found) != 1 || found[0].What != Cut {
		t.Errorf("%+v, found %+v", r, found)
	}
}

func TestLinksWaitForOthersAWhile(t *testing.T) {
	t.Parallel()
	n := setup(t)
	n.Eager = false
	shop := n.shop()
	n.at = models.Now()
	n.record(shop, n.at)
	n.seal()
	if r := n.intact(shop); r.Blocks != 0 {
		t.Errorf("%+v", r)
	}
	n.at = n.at.Add(sealAfter + time.Second)
	n.seal()
	if r := n.intact(shop); r.Blocks != 1 {
		t.Errorf("%+v", r)
	}
}
