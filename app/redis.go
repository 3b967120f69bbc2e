package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redisTick is how often the embedded Redis lets keys grow older. Its own ClockTTL does so at every command, which
// costs more than the command once some thousand tasks wait.
const redisTick = time.Second

// embeddedRedis is a Redis in this process, which forgets everything at the end.
type embeddedRedis struct {
	*miniredis.Miniredis
	cancel context.CancelFunc
	ticks  sync.WaitGroup
}

func startRedis() (*embeddedRedis, error) {
	r := &embeddedRedis{Miniredis: miniredis.NewMiniRedis()}
	if err := r.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	r.ticks.Go(func() { r.age(ctx) })
	return r, nil
}

func (r *embeddedRedis) stop() {
	r.cancel()
	r.ticks.Wait()
	r.Close()
}

func (r *embeddedRedis) age(ctx context.Context) {
	ticker := time.NewTicker(redisTick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.FastForward(redisTick)
		}
	}
}
