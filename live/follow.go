package live

import "context"

// Follow sends what read returns, and again whenever the row of that kind with that id has changed, until it is over, ctx
// ends, read fails or the watcher falls behind. Then the channel is closed.
func Follow[T any](ctx context.Context, h *Hub, shop int64, row Message, read func(ctx context.Context) (T, error), over func(T) bool) (<-chan T, error) {
	watch, err := h.Watch(ctx, shop)
	if err != nil {
		return nil, err
	}
	out := make(chan T)
	go func() {
		defer close(out)
		defer watch.Stop()
		for {
			now, err := read(ctx)
			if err != nil {
				return // who still watches begins again and hears why
			}
			select {
			case out <- now:
			case <-ctx.Done():
				return
			}
			if over(now) || !watch.until(ctx, row) {
				return
			}
		}
	}()
	return out, nil
}

// until waits for a message, and reports false where it will not come any more.
func (w *Watch) until(ctx context.Context, sought Message) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case message, ok := <-w.C:
			if !ok {
				return false
			}
			if message == sought {
				return true
			}
		}
	}
}
