package chain

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

var errStopped = errors.New("stopped here by the test")

// stopper stops sealing at one of its statements. Once one has failed, all do: the process is gone.
type stopper struct {
	mu         sync.Mutex
	step, stop int
	struck     bool
}

func (s *stopper) arm(stop int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.stop, s.struck = 0, stop, false
}

func (s *stopper) strikes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == 0 {
		return false
	}
	s.step++
	s.struck = s.struck || s.step >= s.stop
	return s.struck
}

func (s *stopper) watch(db *gorm.DB) error {
	step := func(db *gorm.DB) {
		if s.strikes() {
			_ = db.AddError(errStopped)
		}
	}
	const name = "test:stop"
	callbacks := db.Callback()
	return errors.Join(
		callbacks.Query().Before("gorm:query").Register(name, step),
		callbacks.Create().Before("gorm:create").Register(name, step),
		callbacks.Update().Before("gorm:update").Register(name, step),
		callbacks.Delete().Before("gorm:delete").Register(name, step),
		callbacks.Raw().Before("gorm:raw").Register(name, step),
		callbacks.Row().Before("gorm:row").Register(name, step),
	)
}

// TestSealingAndTrimmingMayBeStoppedAtAnyStatement stops them at the first statement, at the second, and so on to the
// last. Nothing is lost, nothing is in the chain twice, and the log is intact all the time.
func TestSealingAndTrimmingMayBeStoppedAtAnyStatement(t *testing.T) {
	t.Parallel()
	n := setup(t)
	s := &stopper{}
	n.must(s.watch(n.DB))
	for stop := 1; ; stop++ {
		shop := n.shop()
		n.record(shop, n.at.AddDate(0, 0, -6), n.at.AddDate(0, 0, -5), n.at)
		n.seal()
		_, err := n.log.Remove(n.DB, activity.Over{Shop: shop.ID, To: n.at.AddDate(0, 0, -4), OpenTo: n.at}, 10)
		n.must(err)
		n.record(shop, n.at)
		n.at = n.at.Add(checkpointAfter)
		s.arm(stop)
		ctx := context.WithoutCancel(n.ctx)
		_ = errors.Join(n.Seal(ctx), n.Checkpoints(ctx), n.Trim(ctx))
		struck := s.struck
		s.arm(0)
		n.intact(shop)
		n.at = n.at.Add(checkpointAfter) // who wrote the checkpoint may have gone before it was there
		n.must(errors.Join(n.Seal(ctx), n.Checkpoints(ctx), n.Trim(ctx)))
		var waiting int64
		n.must(n.DB.Model(&models.ChainPending{}).Where("shop_id = ?", shop.ID).Count(&waiting).Error)
		if r := n.intact(shop); r.Entries != 2 || r.Links != 6 || waiting != 0 || r.Checkpoints != 1 {
			t.Fatalf("stopped at statement %d: %d wait, %+v", stop, waiting, r)
		}
		for _, table := range tampered { // the next one has as many statements
			n.exec("DELETE FROM " + table)
		}
		if !struck {
			if stop < 15 {
				t.Errorf("there are only %d statements", stop)
			}
			return
		}
	}
}
