package chain

import (
	"context"
	"errors"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/stops"
)

// TestSealingAndTrimmingMayBeStoppedAtAnyStatement stops them at the first statement, at the second, and so on to the
// last. Nothing is lost, nothing is in the chain twice, and the log is intact all the time.
func TestSealingAndTrimmingMayBeStoppedAtAnyStatement(t *testing.T) {
	t.Parallel()
	n, s := setup(t), &stops.Stopper{}
	n.must(stops.Statements(n.DB, s.Step))
	stops.Each(t, 15, func(step int) bool {
		shop := n.shop()
		n.record(shop, n.at.AddDate(0, 0, -6), n.at.AddDate(0, 0, -5), n.at)
		n.seal()
		_, err := n.log.Remove(n.DB, activity.Over{Shop: shop.ID, To: n.at.AddDate(0, 0, -4), OpenTo: n.at}, 10)
		n.must(err)
		n.record(shop, n.at)
		n.at = n.at.Add(checkpointAfter)
		ctx := context.WithoutCancel(n.ctx)
		struck := s.Run(ctx, step, stops.Killed, func(ctx context.Context) {
			_ = errors.Join(n.Seal(ctx), n.Checkpoints(ctx), n.Trim(ctx))
		})
		n.intact(shop)
		n.at = n.at.Add(checkpointAfter) // who wrote the checkpoint may have gone before it was there
		n.must(errors.Join(n.Seal(ctx), n.Checkpoints(ctx), n.Trim(ctx)))
		var waiting int64
		n.must(n.DB.Model(&models.ChainPending{}).Where("shop_id = ?", shop.ID).Count(&waiting).Error)
		if r := n.intact(shop); r.Entries != 2 || r.Links != 6 || waiting != 0 || r.Checkpoints != 1 {
			t.Fatalf("stopped at statement %d: %d wait, %+v", step, waiting, r)
		}
		for _, table := range tampered { // the next one has as many statements
			n.exec("DELETE FROM " + table)
		}
		return struck
	})
}
