package activity

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// A list is walked in the order of its time along one of the indexes. Which one is not left to the database's guesses:
// the counts say exactly which kinds of entries a shop has and how many, and they are read in the same snapshot as the
// entries (docs/adr/0009).

// way is a way to walk the log.
type way string

// The ways. Each but the first is an index with a walk for each of its keys, merged.
const (
	byTime      way = "time"
	byAction    way = "action"
	byActor     way = "actor"
	byRule      way = "rule"
	byEntity    way = "entity"
	byOperation way = "operation"
	byCause     way = "cause"
	byError     way = "error"
	byTag       way = "tag"
	byWords     way = "words"
	byIDs       way = "ids"
)

const (
	// maxWalks is how many walks are merged at most.
	maxWalks = 64
	// fewRows is how many entries may be read in vain without a thought.
	fewRows = 2000
	// slack is how many times the rows that are expected a walk by time may read before another way is taken: entries
	// of a kind may lie anywhere in time.
	slack = 4
	// probed is how many entries are looked through for a word before the index of words is asked.
	probed = 2000
)

// path is a way with its keys: for each walk the values of the way's columns.
type path struct {
	way  way
	keys [][]string
	// domain is how many entries lie on it, likely how many of these may match, as far as the counts know (0 is
	// unknown), and n how many are wanted.
	domain, likely int64
	n              int
	// budget is how many entries a walk by time may read; 0 is no limit.
	budget int
	// others are the paths to choose from besides one by words.
	others []path
}

// kind is what the counts know of the entries that share a class, an action and a status.
type kind struct {
	RetentionClass int16
	Action         string
	Status         string
	Entries        int64
	// Matching counts those that the filter may match, Acting those of the actors that it names, and Ruled those that
	// the rules that it names acted in; RuledMatching may match and are of these rules.
	Matching      int64
	Acting        int64
	Ruled         int64
	RuledMatching int64
}

// catalog is what the counts know of a shop's entries.
type catalog struct {
	kinds                                           []kind
	entries, matching, acting, ruled, ruledMatching int64
	classes                                         []int16
	// coarse says that some kinds are known without their action, actor and type of record.
	coarse         bool
	oldest, newest time.Time
}

// The walks are to go along the index that was chosen for them, in its order, and to stop when the page is full.
// Whatever Postgres takes for rare it would rather collect and sort; so a list turns that off for the rest of its
// transaction.
const walkOnlySQL = `SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
	set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)`

// readCatalog takes the census of the shop and puts the conditions of the filter to it, as far as the counts know what
// they ask for.
func (s *Service) readCatalog(tx *gorm.DB, shop int64, f *Filter) (*catalog, error) {
	if models.IsPostgres(tx) {
		if err := tx.Exec(walkOnlySQL).Error; err != nil {
			return nil, fmt.Errorf("prepare to walk: %w", err)
		}
	}
	census, err := s.census(tx, shop)
	if err != nil {
		return nil, err
	}
	c := &catalog{coarse: census.coarse, oldest: census.from, newest: census.to}
	index := map[kind]int{}
	actors, rules := f.ActorIDs, f.ruleIDs()
	if len(actors) == 0 && f.found.actors != nil {
		actors = f.found.actors.ids
	}
	among := func(values []string, value string) bool { return len(values) == 0 || slices.Contains(values, value) }
	for counted, entries := range census.entries {
		if entries <= 0 {
			continue
		}
		key := kind{RetentionClass: counted.RetentionClass, Action: counted.Action, Status: string(counted.Status)}
		i, ok := index[key]
		if !ok {
			i = len(c.kinds)
			index[key] = i
			c.kinds = append(c.kinds, key)
		}
		k := &c.kinds[i]
		k.Entries += entries
		matching, ruled := f.mayMatch(counted), counted.ActorType == models.ActorRule && among(rules, counted.ActorID)
		if matching {
			k.Matching += entries
		}
		if among(actors, counted.ActorID) {
			k.Acting += entries
		}
		if ruled {
			k.Ruled += entries
		}
		if ruled && matching {
			k.RuledMatching += entries
		}
	}
	for _, k := range c.kinds {
		c.entries += k.Entries
		c.matching += k.Matching
		c.acting += k.Acting
		c.ruled += k.Ruled
		c.ruledMatching += k.RuledMatching
		if !slices.Contains(c.classes, k.RetentionClass) {
			c.classes = append(c.classes, k.RetentionClass)
		}
	}
	slices.Sort(c.classes)
	return c, nil
}

// mayMatch reports whether entries of that kind may match the filter, as far as a kind tells.
func (f *Filter) mayMatch(k models.Kind) bool {
	switch {
	case f.found.nothing || f.found.tabs != 0 && k.Categories&f.found.tabs == 0:
		return false
	case isCoarse(k): // it stands for any action, actor and type of record
		f = &Filter{Categories: f.Categories, Types: f.Types, Statuses: f.Statuses}
	case f.found.actors != nil && k.ActorID != "" && !slices.Contains(f.found.actors.ids, k.ActorID):
		return false
	}
	return f.matches(k)
}

// plan returns the paths to a page of n entries. A path with a budget is tried first and followed by one without: its
// entries count only if they fill the page. No path leads to a filter that nothing can match.
func plan(f *Filter, c *catalog, n int) []path {
	everything := path{way: byTime, domain: c.entries, likely: c.likely(f), n: n}
	narrow, known := narrowPath(f)
	switch {
	case c.matching == 0:
		return nil
	case known:
		return []path{narrow}
	case len(f.where(false, byTime).sql) == 0:
		return []path{everything}
	}
	paths := countedPaths(f, c, n)
	if len(f.found.words) > 0 || len(f.found.tags) > 0 {
		return searchPaths(f, c, append([]path{everything}, paths...))
	}
	paths = append(paths, everything)
	slices.SortStableFunc(paths, func(a, b path) int { return cmp.Compare(a.rows(), b.rows()) })
	best := paths[0]
	budget := slack * (int(best.rows()) + n)
	if best.way != byTime || len(paths) == 1 || int64(budget) >= best.domain {
		return paths[:1]
	}
	best.budget = budget
	return []path{best, paths[1]}
}

// narrowPath is the path to what few entries have in common: their ids, a cause, an operation, a record, an error.
func narrowPath(f *Filter) (path, bool) {
	for _, p := range []path{
		{way: byIDs, keys: single(f.found.ids)},
		{way: byCause, keys: single([]string{f.causeID})},
		{way: byOperation, keys: single(f.operationIDs())},
		{way: byEntity, keys: single(f.entityIDs())},
		{way: byError, keys: single(f.found.errors)},
	} {
		if n := len(p.keys); n > 0 && n <= maxWalks {
			return p, true
		}
	}
	return path{}, false
}

// likely is how many entries match, as far as the counts know: what a rule did is counted by its actor, the rule.
func (c *catalog) likely(f *Filter) int64 {
	if len(f.ruleIDs()) > 0 {
		return max(1, c.ruledMatching)
	}
	return c.matching
}

// countedPaths are the paths of which the counts know how many entries lie on them.
func countedPaths(f *Filter, c *catalog, n int) []path {
	var paths []path
	likely := c.likely(f)
	if rules := f.ruleIDs(); len(rules) > 0 && len(rules) <= maxWalks {
		paths = append(paths, path{way: byRule, keys: single(rules), domain: c.ruled, likely: c.ruledMatching, n: n})
	}
	if ids := f.ActorIDs; len(ids) > 0 && len(ids) <= maxWalks {
		paths = append(paths, path{way: byActor, keys: single(ids), domain: c.acting, likely: likely, n: n})
	}
	pairs := map[[2]string]int64{}
	matching := map[[2]string]int64{}
	for _, k := range c.kinds {
		pair := [2]string{k.Action, k.Status}
		pairs[pair] += k.Entries
		matching[pair] += k.Matching
	}
	p := path{way: byAction, likely: likely, n: n}
	for pair, entries := range pairs {
		if matching[pair] > 0 {
			p.keys = append(p.keys, pair[:])
			p.domain += entries
		}
	}
	if len(p.keys) > 0 && len(p.keys) <= maxWalks && !c.coarse {
		slices.SortFunc(p.keys, slices.Compare)
		paths = append(paths, p)
	}
	return paths
}

// searchPaths are the paths where words or tags are looked for. How many entries have those is not counted. So what
// is few without them is looked through; else the newest entries are looked through for a word, where a common one is
// found, and tell how common it is.
func searchPaths(f *Filter, c *catalog, counted []path) []path {
	fewest := slices.MinFunc(counted, func(a, b path) int { return cmp.Compare(a.domain, b.domain) })
	if fewest.domain <= fewRows && fewest.way != byRule {
		fewest.likely = 0
		return []path{fewest}
	}
	if tags := f.found.tags; len(tags) > 0 {
		return []path{{way: byTag, keys: single(tags)}}
	}
	return []path{
		{way: byTime, domain: c.entries, likely: c.entries, n: probed, budget: probed},
		{way: byWords, keys: [][]string{f.found.words}, others: counted},
	}
}

// choose takes the cheapest path by words, or one of the others, once it is known that of the newest entries that were
// probed so many hold the words, and so many match the filter.
func (p path) choose(c *catalog, n, holding, matching int) path {
	entries := float64(c.entries)
	density := func(count int) float64 { return max(float64(count), 0.5) / probed }
	p.n, p.likely = n, c.entries*int64(matching)/probed
	// An index of words has no order in time: all that a day holds is read to find its newest, each at another place.
	days := max(1, c.newest.Sub(c.oldest).Hours()/24)
	words := entries * density(holding)
	best, cost := p, 3*min(words, max(words/days, 2*float64(n)*density(holding)/density(matching)))
	for _, other := range p.others {
		other.n, other.likely = n, int64(float64(other.likely)*density(holding))
		if other.way == byTime {
			other.likely = int64(entries * density(matching))
		}
		if rows := other.rows(); rows < cost && other.domain > 0 {
			best, cost = other, rows
		}
	}
	return best
}

// rows is how many entries are read for a page, if they lie evenly in time: at most all that lie on the path, and at
// least one look for each walk.
func (p path) rows() float64 {
	read := float64(p.n) * float64(p.domain) / float64(max(1, p.likely))
	return min(float64(p.domain), read) + float64(len(p.keys))
}

// single makes a key of each value that is there.
func single(values []string) [][]string {
	keys := make([][]string, 0, len(values))
	for _, v := range slices.Compact(slices.Sorted(slices.Values(values))) {
		if v != "" {
			keys = append(keys, []string{v})
		}
	}
	return keys
}
