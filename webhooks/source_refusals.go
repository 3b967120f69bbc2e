package webhooks

import (
	"context"
	"sync"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// refusalsEvery is how often refusals of one source are written at most. Anybody can send what is refused: it must not
// be a way to make us write.
const refusalsEvery = 10 * time.Second

// refusals counts what was refused until it is written. What a killed process had not written is not counted.
type refusals struct {
	mu      sync.Mutex
	waiting map[string]*refused
	written map[string]time.Time
}

type refused struct {
	count int
	last  time.Time
	why   string
}

// add counts one refusal and returns the count that is to be written now, or nil.
func (r *refusals) add(source, why string, now time.Time) *refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		r.waiting, r.written = map[string]*refused{}, map[string]time.Time{}
	}
	tally := r.waiting[source]
	if tally == nil {
		tally = &refused{}
		r.waiting[source] = tally
	}
	tally.count++
	tally.last, tally.why = now, why
	if now.Sub(r.written[source]) < refusalsEvery {
		return nil
	}
	r.written[source] = now
	delete(r.waiting, source)
	return tally
}

// take returns everything that waits.
func (r *refusals) take(now time.Time) map[string]*refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.waiting
	r.waiting = nil
	if all != nil {
		r.waiting = map[string]*refused{}
	}
	for source := range all {
		r.written[source] = now
	}
	return all
}

// refuse counts a refusal on the source.
func (s *Service) refuse(ctx context.Context, source *models.Source, why error) {
	if tally := s.refusals.add(source.ID, why.Error(), models.Now()); tally != nil {
		s.writeRefusals(ctx, source.ID, tally)
	}
}

func (s *Service) writeRefusals(ctx context.Context, source string, tally *refused) {
	err := s.DB.WithContext(ctx).Model(&models.Source{}).Where("id = ?", source).Updates(map[string]any{
		"refused":         gorm.Expr("refused + ?", tally.count),
		"last_refused_at": tally.last,
		"last_refusal":    tally.why,
	}).Error
	if err != nil {
		s.Log.WarnContext(ctx, "refusals not counted", "source", source, "count", tally.count, "err", err)
	}
}

// noteRefusals writes what waits, every now and then and at the end.
func (s *Service) noteRefusals(ctx context.Context) {
	ticker := time.NewTicker(refusalsEvery)
	defer ticker.Stop()
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case <-ticker.C:
		}
		for source, tally := range s.refusals.take(models.Now()) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putTimeout)
			s.writeRefusals(ctx, source, tally)
			cancel()
		}
	}
}
