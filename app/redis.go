package app

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
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

// openRedis returns a client for the Redis that the address names: the primary that Sentinels know where it gives a
// master_name, a Cluster where it gives further nodes as addr, and a single Redis otherwise.
func openRedis(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	switch query := u.Query(); {
	case query.Has("master_name"):
		options, err := redis.ParseFailoverURL(address)
		if err != nil {
			return nil, err
		}
		options.ContextTimeoutEnabled = true
		return redis.NewFailoverClient(options), nil
	case query.Has("addr"):
		options, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, err
		}
		options.ContextTimeoutEnabled = true
		return redis.NewClusterClient(options), nil
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	options.ContextTimeoutEnabled = true
	return redis.NewClient(options), nil
}
