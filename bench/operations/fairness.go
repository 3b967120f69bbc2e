package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"github.com/tagtrail/tagtrail/shopify/simulator"
	"gorm.io/gorm"
)

const (
	// idleWebhooks is how many webhooks the other shop gets while nothing else is to be done.
	idleWebhooks = 400
	// mostWebhooks bounds how many it gets while the operation runs.
	mostWebhooks = 5000
)

// times are when a product's webhook was sent and when its tag arrived at Shopify.
type times struct{ sent, tagged time.Time }

// watch sees the tags of one shop arrive at Shopify.
type watch struct {
	path string
	mu   sync.Mutex
	seen map[string]*times
	open int
}

// tap notes when Shopify has answered a tagsAdd.
func (o *watch) tap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, o.path) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
		var asked struct {
			Query     string
			Variables struct{ ID string }
		}
		if json.Unmarshal(body, &asked) == nil && strings.Contains(asked.Query, "tagsAdd") {
			o.tagged(asked.Variables.ID)
		}
	})
}

func (o *watch) tagged(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.seen[id]; t != nil && t.tagged.IsZero() {
		t.tagged = time.Now()
		o.open--
	}
}

func (o *watch) sent(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[id] = &times{sent: time.Now()}
	o.open++
}

// waits is how long each of these took, in ms, the shortest first. One whose tag never came is an error.
func (o *watch) waits(list []product) ([]float64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]float64, len(list))
	for i, p := range list {
		t := o.seen[p.ID]
		if t == nil || t.tagged.IsZero() {
			return nil, fmt.Errorf("%s got no tag", p.ID)
		}
		all[i] = float64(t.tagged.Sub(t.sent)) / float64(time.Millisecond)
	}
	slices.Sort(all)
	return all, nil
}

// slow is in which seconds those were sent that took longer than limit, in ms, and how many in each.
func (o *watch) slow(list []product, began time.Time, limit float64) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	in := map[int]int{}
	for _, p := range list {
		if t := o.seen[p.ID]; float64(t.tagged.Sub(t.sent))/float64(time.Millisecond) > limit {
			in[int(t.sent.Sub(began).Seconds())]++
		}
	}
	seconds := make([]string, 0, len(in))
	for _, second := range slices.Sorted(maps.Keys(in)) {
		seconds = append(seconds, fmt.Sprintf("%d s: %d", second, in[second]))
	}
	return strings.Join(seconds, ", ")
}

// settled waits until every webhook has led to its tag.
func (o *watch) settled(ctx context.Context) error {
	const patience = time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		o.mu.Lock()
		open := o.open
		o.mu.Unlock()
		if open == 0 {
			return nil
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("%d webhooks led to no tag: %w", open, err)
		}
	}
}

// benchFairness measures how long a shop's webhook takes to lead to a tag, while nothing else is to be done and while an
// operation of another shop runs and its echoes come.
func (s *settings) benchFairness(ctx context.Context) (err error) {
	other := &watch{path: "/" + domain(1) + "/", seen: map[string]*times{}}
	w, err := s.build(ctx, store{
		shops:    2,
		products: max(s.items, idleWebhooks+mostWebhooks),
		bucket:   plenty,
		restore:  plenty,
		bulkPS:   s.fairRate(),
		echoes:   true,
		tap:      other.tap,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	list, err := w.products(ctx, w.shops[1], idleWebhooks+mostWebhooks)
	if err != nil {
		return err
	}
	if err := w.tagAll(ctx, w.shops[1]); err != nil {
		return err
	}
	if err := w.work(1); err != nil {
		return err
	}
	idle, busy := list[:idleWebhooks], list[idleWebhooks:]
	n, err := s.send(ctx, w, other, idle, func() (bool, error) { return false, nil })
	if err != nil {
		return err
	}
	quiet, err := other.waits(idle[:n])
	if err != nil {
		return err
	}
	return s.disturb(ctx, w, other, busy, quiet)
}

// fairRate spreads the echoes over at least as long as it takes to see what they do.
func (s *settings) fairRate() float64 { return max(float64(s.items)/100, 100) }

func (w *world) tagAll(ctx context.Context, shop *models.Shop) error {
	_, err := w.app.Rules.Create(ctx, shop, models.Actor{Type: models.ActorSystem, Name: "bench"}, models.RuleDefinition{
		Name:     "Seen",
		Resource: models.Product,
		Triggers: []models.Trigger{models.Updated},
		When: models.ConditionGroup{Match: models.MatchAll, Conditions: []models.Condition{
			{Field: "vendor", Operator: models.Equals, Values: []string{"bench"}},
		}},
		AddTags: []string{"seen"},
		Enabled: true,
	})
	return err
}

// send lets a product change, so many a second, until the list or something else ends. It returns how many.
func (s *settings) send(ctx context.Context, w *world, o *watch, list []product, over func() (bool, error)) (int, error) {
	ticker := time.NewTicker(time.Second / time.Duration(s.perSecond))
	defer ticker.Stop()
	for i, p := range list {
		select {
		case <-ctx.Done():
			return i, ctx.Err()
		case <-ticker.C:
		}
		if i%s.perSecond == 0 {
			if end, err := over(); end || err != nil {
				return i, errors.Join(err, o.settled(ctx))
			}
		}
		body, err := changed(p)
		if err != nil {
			return i, err
		}
		o.sent(p.ID)
		statuses, err := w.sim.Deliver(ctx, simulator.Delivery{Shop: w.shops[1].Domain, Topic: "products/update", Payload: body})
		if err != nil {
			return i, err
		}
		if statuses[0] != http.StatusOK {
			return i, fmt.Errorf("a webhook was answered with %d", statuses[0])
		}
	}
	return len(list), o.settled(ctx)
}

// changed is the webhook that says that a product has changed, as far as the rule looks at it.
func changed(p product) (json.RawMessage, error) {
	number, err := strconv.ParseInt(p.ID[strings.LastIndexByte(p.ID, '/')+1:], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read id: %w", err)
	}
	return json.Marshal(map[string]any{
		"id":                   number,
		"admin_graphql_api_id": p.ID,
		"title":                p.Title,
		"vendor":               "bench",
		"tags":                 "",
		"status":               "active",
		"updated_at":           time.Now().Format(time.RFC3339),
	})
}

// disturb does the same while the operation runs, until its last echo is worked off.
func (s *settings) disturb(ctx context.Context, w *world, o *watch, list []product, quiet []float64) error {
	items := max(s.items, idleWebhooks+mostWebhooks)
	began := time.Now()
	id, err := w.operate(ctx, w.shops[0], true, change.Selection{All: true}, "bench")
	if err != nil {
		return err
	}
	var longest int64
	var worked float64
	n, err := s.send(ctx, w, o, list, func() (bool, error) {
		waiting, err := nudgesIn(ctx, w.app.Redis, queue.LaneNames(w.app.Config.RedisPrefix))
		if err != nil {
			return true, err
		}
		longest = max(longest, waiting)
		done, err := echoes(w.app.DB.WithContext(ctx), w.shops[0])
		worked = float64(done)
		return done >= int64(items), err
	})
	if err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	op, err := w.ended(ctx, id, items)
	if err != nil {
		return err
	}
	loud, err := o.waits(list[:n])
	if err != nil {
		return err
	}
	bulks, err := bulksOf(w.app.DB, id)
	if err != nil {
		return err
	}
	fmt.Printf("### From webhook to tag in one shop, %d webhooks a second, one worker, while another shop's operation changes %d products\n\n", s.perSecond, items)
	fmt.Println("| | webhooks | p50 ms | p99 ms | most ms |\n|---|---:|---:|---:|---:|")
	printWaits("nothing else to do", quiet)
	printWaits("operation and its echoes", loud)
	fmt.Printf("| ratio | | %.1f x | %.1f x | |\n\n", at(loud, 50)/at(quiet, 50), at(loud, 99)/at(quiet, 99))
	fmt.Printf("Those that took more than twice the idle p99, by the second in which they were sent: %s.\n\n",
		cmp.Or(o.slow(list[:n], began, 2*at(quiet, 99)), "none"))
	fmt.Printf("The operation took %.0f s (%d of Shopify's bulk operations, each %.0f lines a second). %.0f of its echoes were worked off in %.0f s, "+
		"%.0f a second; at most %d tasks waited. Load average at the end %s.\n\n",
		took(op), bulks, s.fairRate(), worked, seconds, worked/seconds, longest, loadAverage())
	return nil
}

// echoes is how many of a shop's webhooks of products are worked off.
func echoes(db *gorm.DB, shop *models.Shop) (int64, error) {
	var n int64
	err := db.Model(&models.Delivery{}).Where("shop_id = ? AND topic = ? AND status = ?", shop.ID, "products/update", models.DeliveryDone).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count echoes: %w", err)
	}
	return n, nil
}

func printWaits(what string, sorted []float64) {
	fmt.Printf("| %s | %d | %.0f | %.0f | %.0f |\n", what, len(sorted), at(sorted, 50), at(sorted, 99), sorted[len(sorted)-1])
}

// at is the value below which so many percent lie.
func at(sorted []float64, percent int) float64 { return sorted[(len(sorted)-1)*percent/100] }
