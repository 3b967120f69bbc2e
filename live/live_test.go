package live_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/live"
)

func setup(t *testing.T) (*miniredis.Miniredis, func() *live.Hub) {
	t.Helper()
	server := miniredis.RunT(t)
	return server, func() *live.Hub {
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		hub := live.New(client, "test", slog.New(slog.DiscardHandler))
		t.Cleanup(func() {
			hub.Close()
			_ = client.Close()
		})
		return hub
	}
}

func watch(t *testing.T, hub *live.Hub, shop int64) *live.Watch {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	w, err := hub.Watch(ctx, shop)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func next(t *testing.T, w *live.Watch) (live.Message, bool) {
	t.Helper()
	select {
	case m, ok := <-w.C:
		return m, ok
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		return live.Message{}, false
	}
}

func TestAMessageReachesTheShopsWatchersInEveryProcessAndNobodyElse(t *testing.T) {
	t.Parallel()
	_, start := setup(t)
	one, two := start(), start()
	here, there, other := watch(t, one, 1), watch(t, two, 1), watch(t, two, 2)
	one.Publish(1, live.Message{Kind: "activity", ID: "a"})
	one.Publish(2, live.Message{Kind: "activity", ID: "b"})
	for _, w := range []*live.Watch{here, there} {
		if m, ok := next(t, w); !ok || m.ID != "a" {
			t.Errorf("got %+v, %v", m, ok)
		}
	}
	if m, ok := next(t, other); !ok || m.ID != "b" {
		t.Errorf("the other shop got %+v, %v", m, ok)
	}
}

func TestASlowReaderIsDroppedAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	_, start := setup(t)
	hub := start()
	slow, quick := watch(t, hub, 1), watch(t, hub, 1)
	const many = 400 // more than a watcher may be behind, and few enough for the sender
	for i := range many {
		hub.Publish(1, live.Message{Kind: "activity", ID: strconv.Itoa(i)})
		if m, ok := next(t, quick); !ok || m.ID != strconv.Itoa(i) {
			t.Fatalf("the quick one got %+v, %v", m, ok)
		}
	}
	read := 0
	for range slow.C {
		read++ // ends because the channel is closed
	}
	if read >= many {
		t.Errorf("the slow reader was kept for all %d messages", read)
	}
	slow.Stop() // also after it was dropped
	quick.Stop()
	if _, ok := <-quick.C; ok {
		t.Error("a stopped watch goes on")
	}
}

func TestClosingTheHubEndsItsWatches(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	hub := live.New(client, "test", slog.New(slog.DiscardHandler))
	w := watch(t, hub, 1)
	hub.Close()
	if _, ok := next(t, w); ok {
		t.Error("the watch goes on after the hub is closed")
	}
}

func TestWhoFollowsARowReadsItAgainUntilItIsOver(t *testing.T) {
	t.Parallel()
	_, start := setup(t)
	hub := start()
	row := live.Message{Kind: "export", ID: "a"}
	follow := func(ctx context.Context, last int) <-chan int {
		read := 0
		rows, err := live.Follow(ctx, hub, 1, row,
			func(context.Context) (int, error) { read++; return read, nil },
			func(n int) bool { return n == last })
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	wantNext := func(rows <-chan int, want int) {
		t.Helper()
		select {
		case got := <-rows: // 0 once it is closed
			if got != want {
				t.Fatalf("got %d, want %d", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	rows := follow(ctx, 9)
	wantNext(rows, 1)
	hub.Publish(1, live.Message{Kind: "export", ID: "b"})
	hub.Publish(1, live.Message{Kind: "operation", ID: "a"})
	hub.Publish(1, row)
	wantNext(rows, 2)
	hub.DropAll()
	wantNext(rows, 0)

	rows = follow(ctx, 2)
	wantNext(rows, 1)
	hub.Publish(1, row)
	wantNext(rows, 2)
	wantNext(rows, 0)

	gone, leave := context.WithCancel(ctx)
	rows = follow(gone, 9)
	wantNext(rows, 1)
	leave()
	wantNext(rows, 0)
}
