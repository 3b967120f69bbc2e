package main

import (
	"bytes"
	"runtime"
	"sync"
	"time"
)

const (
	// sampleEvery is how often the stacks are looked at. One look at a worker's takes about a millisecond.
	sampleEvery = 20 * time.Millisecond
	stackSize   = 4 << 20
	packageName = "tagtrail/change."
)

// phases tell by the methods of change what a task is at. The innermost one on the stack counts.
var phases = map[string]string{
	"(*run).collect": "collect", "(*run).collectBulk": "collect", "(*run).readOwners": "collect", "(*run).ownersOf": "collect",
	"(*run).keepPart": "collect",
	"(*run).fill":     "plan", "(*run).readStale": "plan", "(*run).read": "plan", "(*run).plan": "plan", "(*run).next": "plan",
	"(*run).assign": "snapshot", "(*run).intend": "snapshot", "(*run).filled": "snapshot",
	"(*run).startBulk": "upload", "(*run).upload": "upload",
	"(*run).readResult": "read results", "(*run).readLines": "read results", "(*run).settleLines": "read results",
	"(*run).send": "send", "(*run).keep": "keep",
	"(*run).poll": "poll", "(*run).end": "end", "(*run).work": "other",
}

// spent is how long tasks were at a phase, in seconds, by what they did or waited for.
type spent struct {
	Shopify  float64 `json:"shopify"`
	Database float64 `json:"database"`
	Own      float64 `json:"own"`
}

func (s *spent) sum() float64 { return s.Shopify + s.Database + s.Own }

// sampler looks again and again at what the operations' tasks are at. That tells the time of each phase without a word
// in the program itself, waiting included, which a CPU profile leaves out.
type sampler struct {
	found map[string]*spent
	done  chan struct{}
	over  sync.WaitGroup
}

func startSampler() *sampler {
	s := &sampler{found: map[string]*spent{}, done: make(chan struct{})}
	s.over.Go(s.run)
	return s
}

func (s *sampler) stop() map[string]*spent {
	close(s.done)
	s.over.Wait()
	return s.found
}

func (s *sampler) run() {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	buffer, last := make([]byte, stackSize), time.Now()
	for {
		select {
		case <-s.done:
			return
		case <-ticker.C:
		}
		stacks := buffer[:runtime.Stack(buffer, true)]
		now := time.Now()
		for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
			if bytes.Contains(stack, []byte(packageName+"(*run).work(")) {
				s.count(stack, now.Sub(last).Seconds())
			}
		}
		last = now
	}
}

// count reads a stack from its innermost call on.
func (s *sampler) count(stack []byte, seconds float64) {
	var shopify, database bool
	// Who only wants the processor is not waiting: that is "running" or "runnable".
	head, _, _ := bytes.Cut(stack, []byte("\n"))
	waits := !bytes.Contains(head, []byte("[run"))
	for line := range bytes.Lines(stack) {
		shopify = shopify || bytes.HasPrefix(line, []byte("net/http."))
		database = database || waits && bytes.HasPrefix(line, []byte("database/sql."))
		_, method, ok := bytes.Cut(line, []byte(packageName))
		if !ok {
			continue
		}
		end := bytes.LastIndexByte(method, '(')
		phase, ok := phases[string(method[:max(end, 0)])]
		if !ok {
			continue
		}
		if s.found[phase] == nil {
			s.found[phase] = &spent{}
		}
		switch {
		case shopify || phase == "send": // the calls of a batch are in goroutines of their own
			s.found[phase].Shopify += seconds
		case database:
			s.found[phase].Database += seconds
		default:
			s.found[phase].Own += seconds
		}
		return
	}
}
