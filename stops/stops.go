// Package stops lets tests stop the program at each of its steps: at the first, at the second, and so on to the last.
package stops

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Err is what a step says at which the program was stopped.
var Err = errors.New("stopped here by the test")

// Way is what happens where a run is stopped.
type Way int

const (
	// Killed lets no step happen any more: the process is gone.
	Killed Way = iota
	// Failed fails that step alone.
	Failed
	// Asked fails that step, and ends the run's context with it: the worker was asked to stop.
	Asked
)

// Stopper stops a run at one of its steps. What a step is, its user says: who makes one calls Step, as Statements and
// Files do.
type Stopper struct {
	mu sync.Mutex
	// step counts; stop is the step to stop at, 0 for none.
	step, stop int
	way        Way
	cancel     context.CancelFunc
	struck     bool
}

// Run does the work, which is stopped at the step, and reports whether it came to that step. 0 stops nowhere.
func (s *Stopper) Run(ctx context.Context, step int, way Way, work func(ctx context.Context)) (struck bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.arm(step, way, cancel)
	defer s.arm(0, Killed, nil)
	work(ctx)
	return s.Struck()
}

func (s *Stopper) arm(stop int, way Way, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.stop, s.way, s.cancel, s.struck = 0, stop, way, cancel, false
}

// Step counts a step of the run that is under way, and fails where that is stopped.
func (s *Stopper) Step() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step++
	if s.stop == 0 || s.step < s.stop || s.step > s.stop && s.way != Killed {
		return nil
	}
	s.struck = true
	if s.way == Asked {
		s.cancel()
	}
	return Err
}

// Struck reports whether the run that is under way has been stopped.
func (s *Stopper) Struck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck
}

// Each stops a run at its first step, at its second, and so on until it does not come to that step any more. The test
// fails where that is before it was stopped so often: something is not watched.
func Each(tb testing.TB, least int, stopAt func(step int) (struck bool)) {
	tb.Helper()
	steps := 0
	for stopAt(steps + 1) {
		steps++
	}
	tb.Logf("stopped %d times", steps)
	if steps < least {
		tb.Errorf("it was stopped %d times, want %d at least", steps, least)
	}
}

// unwatched marks what is no step.
type unwatched struct{}

// Unwatched returns a context whose statements and calls are no steps: those of the test itself.
func Unwatched(ctx context.Context) context.Context {
	return context.WithValue(ctx, unwatched{}, true)
}

func isUnwatched(ctx context.Context) bool { return ctx.Value(unwatched{}) != nil }
