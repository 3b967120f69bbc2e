package chain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

// crime is a log that somebody is about to tamper with who can write to the database and has no key.
type crime struct {
	*notary
	shop, other *models.Shop
	ids         []string
	// older are entries as they were before they were updated, left ones that left the log, by the SQL that writes them.
	older, left []row
	// spent is what waited before it was sealed.
	spent []models.ChainPending
	// partition is one that a whole day is in; Postgres has them.
	partition string
}

// row is a row of the log as it was.
type row map[string]any

var tampered = []string{"activities", "chain_pending", "chain_blocks", "chains"}

func scene(t *testing.T) *crime {
	c := &crime{notary: setup(t)}
	c.shop, c.other = c.notary.shop(), c.notary.shop()
	c.record(c.other, c.at, c.at.Add(-time.Hour))
	var gone []string
	for day := 4; day >= 0; day-- {
		at := c.at.AddDate(0, 0, -day)
		ids := c.record(c.shop, at, at.Add(time.Minute), at.Add(time.Hour), at.Add(2*time.Hour))
		ids = append(ids, c.record(c.shop, at.Add(3*time.Hour))...)
		if day == 4 {
			gone = ids
		} else {
			c.ids = append(c.ids, ids...)
		}
		c.must(c.DB.Order("id").Find(&c.spent).Error)
		c.seal()
	}
	for _, id := range c.ids[:6] {
		c.older = append(c.older, c.row(id))
		c.update(c.shop, id)
	}
	c.redact(c.shop, c.ids[8])
	c.must(c.DB.Order("id").Find(&c.spent).Error)
	c.seal()
	for _, id := range gone {
		c.left = append(c.left, c.row(id))
	}
	_, err := c.log.Remove(c.DB, activity.Over{Shop: c.shop.ID, To: c.at.AddDate(0, 0, -4).Add(4 * time.Hour), OpenTo: c.at}, 10)
	c.must(err)
	c.seal()
	c.must(c.Checkpoints(c.ctx))
	c.ids = append(c.ids, c.record(c.shop, c.at.Add(time.Second), c.at.Add(5*time.Second))...)
	c.update(c.shop, c.ids[1])
	c.partition = "activities_30_" + c.at.AddDate(0, 0, -2).Format("20060102")
	for _, table := range tampered {
		c.exec("CREATE TABLE was_" + table + " AS SELECT * FROM " + table)
	}
	return c
}

// undo puts everything back as it was.
func (c *crime) undo() {
	c.Helper()
	for _, table := range tampered {
		c.exec("DELETE FROM " + table)
		columns, err := c.DB.Migrator().ColumnTypes(table)
		c.must(err)
		var names []string
		for _, column := range columns {
			names = append(names, column.Name())
		}
		list, overriding := strings.Join(names, ", "), ""
		if models.IsPostgres(c.DB) {
			overriding = " OVERRIDING SYSTEM VALUE"
		}
		c.exec("INSERT INTO " + table + " (" + list + ")" + overriding + " SELECT " + list + " FROM was_" + table)
	}
	c.exec("DELETE FROM activity_deltas")
}

func (c *crime) row(id string) row {
	c.Helper()
	var rows []map[string]any
	c.must(c.DB.Table("activities").Where("id = ?", id).Find(&rows).Error)
	if len(rows) != 1 {
		c.Fatalf("%d entries have the id %s", len(rows), id)
	}
	return rows[0]
}

// write writes a row anew, in the place of what has its id.
func (c *crime) write(r row) {
	c.Helper()
	c.exec("DELETE FROM activities WHERE id = ?", r["id"])
	c.must(c.DB.Table("activities").Create(map[string]any(maps.Clone(r))).Error)
}

func (c *crime) any() string { return c.ids[c.r.IntN(len(c.ids))] }

func pick[T any](c *crime, from []T) T { return from[c.r.IntN(len(from))] }

// column changes one column of one entry, whichever but the retention class.
func (c *crime) column() string {
	id := c.any()
	r := c.row(id)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(name string) bool { return name == "retention_class" })
	name := pick(c, names)
	var to any
	switch name {
	case "id":
		to = models.NewID(r["occurred_at"].(time.Time))
	case "shop_id":
		to = c.other.ID
	case "occurred_at", "updated_at":
		to = r[name].(time.Time).Add(pick(c, []time.Duration{time.Microsecond, -time.Millisecond, time.Hour}))
	case "rule_id", "cause_id", "operation_id":
		if to = any(uuid.NewString()); r[name] != nil && c.r.IntN(2) == 0 {
			to = nil
		}
	case "categories", "attempts", "rule_version":
		to = 1 + c.r.IntN(30_000)
	case "changes", "evaluations", "history":
		to = c.meddled(fmt.Sprint(r[name]))
	case "metadata":
		to = pick(c, []string{`{}`, `{"n":1.0}`, `{"planted":true}`, strings.Replace(fmt.Sprint(r[name]), "{", `{"planted":1,`, 1), strings.Replace(fmt.Sprint(r[name]), "1.10", "1.11", 1)})
	default:
		switch was := r[name]; {
		case was == nil:
			to = pick(c, []string{"", "planted"})
		default:
			to = pick(c, []string{fmt.Sprint(was) + " ", "planted", "\u202e" + fmt.Sprint(was)})
		}
	}
	c.exec("UPDATE activities SET "+name+" = ? WHERE id = ?", to, id)
	return name
}

// meddled is a list of objects with an element more, or with a key more in its first one.
func (c *crime) meddled(list string) string {
	var elements []map[string]any
	c.must(json.Unmarshal([]byte(list), &elements))
	if len(elements) == 0 || c.r.IntN(2) == 0 {
		elements = append(elements, map[string]any{"field": "planted"})
	} else {
		elements[0]["planted"] = nil
	}
	raw, err := json.Marshal(elements)
	c.must(err)
	return string(raw)
}

func (c *crime) remove() string {
	c.exec("DELETE FROM activities WHERE id = ?", c.any())
	return ""
}

// unlink takes an entry away, and its links out of the blocks and of what waits. With the hash made anew or not.
func (c *crime) unlink() string {
	id := uuid.MustParse(c.any())
	c.exec("DELETE FROM activities WHERE id = ?", id.String())
	without := func(links []byte) (rest []byte, had bool) {
		c.must(activity.ReadLinks(links, func(l *activity.Link) error {
			if l.ID == id {
				had = true
				return nil
			}
			rest = l.Append(rest)
			return nil
		}))
		return rest, had
	}
	anew, touched := c.r.IntN(2) == 0, false
	for _, b := range c.blocks() {
		content, has := &content{}, false
		c.must(readBatches(b.Links, func(at time.Time, mark byte, links []byte) error {
			rest, had := without(links)
			has = has || had
			content.put(at, mark, rest)
			return nil
		}))
		if !has {
			continue
		}
		touched = true
		forger := &chained{shop: b.ShopID, head: models.ChainBlock{Number: b.Number - 1, Hash: b.Previous, CoversFrom: b.CoversFrom, TrimmedBefore: b.TrimmedBefore}}
		content.block = b
		forged := forger.add(activity.NewKey([32]byte{9}), content, b.At)
		if !anew {
			forged.LinksHash, forged.Hash, forged.Signature = b.LinksHash, b.Hash, b.Signature
		}
		c.must(c.DB.Where("shop_id = ? AND number = ?", b.ShopID, b.Number).Save(forged).Error)
	}
	var pending []models.ChainPending
	c.must(c.DB.Find(&pending).Error)
	for _, p := range pending {
		if rest, had := without(p.Links); had {
			c.exec("UPDATE chain_pending SET links = ? WHERE id = ?", rest, p.ID)
			touched = true
		}
	}
	return fmt.Sprint(map[bool]string{true: "hashes anew", false: "hashes kept"}[anew], map[bool]string{false: ", no links"}[touched])
}

func (c *crime) blocks() []models.ChainBlock {
	var blocks []models.ChainBlock
	c.must(c.DB.Where("shop_id = ?", c.shop.ID).Order("number").Find(&blocks).Error)
	return blocks
}

func (c *crime) swap() string {
	i := c.r.IntN(len(c.ids) - 1)
	a, b := c.row(c.ids[i]), c.row(c.ids[i+1+c.r.IntN(len(c.ids)-i-1)])
	for name := range a {
		if name != "id" && name != "shop_id" && name != "occurred_at" && name != "retention_class" {
			a[name], b[name] = b[name], a[name]
		}
	}
	c.write(a)
	c.write(b)
	return ""
}

func (c *crime) insert() string {
	r := c.row(c.any())
	at := r["occurred_at"].(time.Time).Add(pick(c, []time.Duration{0, time.Second, -time.Hour * 24 * 9, time.Hour * 24 * 3}))
	r["id"], r["occurred_at"] = models.NewID(at), at
	c.must(c.DB.Table("activities").Create(map[string]any(maps.Clone(r))).Error)
	return ""
}

func (c *crime) truncate() string {
	ids := slices.Clone(c.ids)
	slices.SortFunc(ids, cmp.Compare)
	for _, id := range ids[len(ids)-1-c.r.IntN(5):] {
		c.exec("DELETE FROM activities WHERE id = ?", id)
	}
	return ""
}

// cut cuts the end off the log and the chain alike.
func (c *crime) cut() string {
	blocks := c.blocks()
	keep := c.r.Int64N(int64(len(blocks)))
	known := map[uuid.UUID]bool{}
	for _, b := range blocks[:keep] {
		c.must(readBlock(&b, func(_ time.Time, l *activity.Link) { known[l.ID] = true }))
	}
	c.exec("DELETE FROM chain_blocks WHERE shop_id = ? AND number > ?", c.shop.ID, keep)
	c.exec("DELETE FROM chain_pending WHERE shop_id = ?", c.shop.ID)
	for _, id := range c.ids {
		if !known[uuid.MustParse(id)] {
			c.exec("DELETE FROM activities WHERE id = ?", id)
		}
	}
	return ""
}

// block harms a block.
func (c *crime) block() string {
	blocks := c.blocks()
	i := c.r.IntN(len(blocks) - 1)
	b, next := blocks[i], blocks[i+1]
	at := func(number int64) string { return fmt.Sprintf("shop_id = %d AND number = %d", c.shop.ID, number) }
	switch c.r.IntN(5) {
	case 0:
		c.exec("DELETE FROM chain_blocks WHERE " + at(b.Number))
		return "deleted"
	case 1:
		c.exec("UPDATE chain_blocks SET number = 0 WHERE " + at(b.Number))
		c.exec("UPDATE chain_blocks SET number = ? WHERE "+at(next.Number), b.Number)
		c.exec("UPDATE chain_blocks SET number = ? WHERE "+at(0), next.Number)
		return "reordered"
	case 2:
		c.exec("UPDATE chain_blocks SET links = NULL WHERE " + at(b.Number))
		return "emptied"
	case 3:
		flip := func(raw []byte) []byte {
			raw = slices.Clone(raw)
			raw[c.r.IntN(len(raw))] ^= 1 << c.r.IntN(8)
			return raw
		}
		name := pick(c, []string{"links", "links_hash", "previous", "hash", "signature"})
		from := map[string][]byte{"links": b.Links, "links_hash": b.LinksHash, "previous": b.Previous, "hash": b.Hash, "signature": b.Signature}
		c.exec("UPDATE chain_blocks SET "+name+" = ? WHERE "+at(b.Number), flip(from[name]))
		return name
	default:
		name := pick(c, []string{"recorded", "updated", "redacted", "gone", "dropped", "refused", "total", "at", "day", "first_at", "last_at", "covers_from", "trimmed_before"})
		var to any = 77
		if slices.Contains([]string{"at", "day", "first_at", "last_at", "covers_from", "trimmed_before"}, name) {
			to = c.at.AddDate(0, 0, 1).Add(time.Microsecond)
		}
		c.exec("UPDATE chain_blocks SET "+name+" = ? WHERE "+at(b.Number), to)
		return name
	}
}

// forge puts links where those of entries wait that were never made for them.
func (c *crime) forge() string {
	id := c.any()
	c.exec("UPDATE activities SET summary = 'forged' WHERE id = ?", id)
	forger := activity.NewKey([32]byte{9})
	l := activity.Link{Kind: activity.LinkUpdated, ID: uuid.MustParse(id), After: forger.DigestCells(c.cells(c.DB, c.shop.ID, id))}
	p := forger.Pending(c.shop.ID, []activity.Link{l})
	if c.r.IntN(2) == 0 {
		p.MAC = pick(c, c.spent).MAC
	}
	c.must(c.DB.Create(p).Error)
	if c.r.IntN(2) == 0 {
		c.seal()
		return "sealed"
	}
	return "waiting"
}

// replay puts links that were of the program's making in again.
func (c *crime) replay() string {
	var mine []models.ChainPending
	for _, p := range c.spent {
		if p.ShopID == c.shop.ID {
			mine = append(mine, p)
		}
	}
	p := pick(c, mine)
	p.ID = 0
	c.must(c.DB.Create(&p).Error)
	if c.r.IntN(2) == 0 {
		c.seal()
		return "sealed"
	}
	return "waiting"
}

func (c *crime) putBack() string {
	c.write(pick(c, c.older))
	return ""
}

func (c *crime) resurrect() string {
	c.must(c.DB.Table("activities").Create(map[string]any(maps.Clone(pick(c, c.left)))).Error)
	return ""
}

// launder changes an entry that the program then changes, too, or removes as over.
func (c *crime) launder() string {
	id := c.any()
	c.exec("UPDATE activities SET actor_name = 'somebody else' WHERE id = ?", id)
	how := "updated"
	if c.r.IntN(2) == 0 {
		c.update(c.shop, id)
	} else {
		how = "left"
		_, err := c.log.Remove(c.DB, activity.Over{Shop: c.shop.ID, To: c.at.AddDate(0, 0, 9), OpenTo: c.at.AddDate(0, 0, 9)}, 100)
		c.must(err)
	}
	if c.r.IntN(2) == 0 {
		c.seal()
	}
	return how
}

// wipe removes the chain.
func (c *crime) wipe() string {
	c.exec("DELETE FROM chain_blocks WHERE shop_id = ?", c.shop.ID)
	c.exec("DELETE FROM chain_pending WHERE shop_id = ?", c.shop.ID)
	c.exec("DELETE FROM chains WHERE shop_id = ?", c.shop.ID)
	return ""
}

// hush takes links away that wait.
func (c *crime) hush() string {
	c.exec("DELETE FROM chain_pending WHERE shop_id = ?", c.shop.ID)
	return ""
}

func TestWhoeverTampersWithTheLogIsFound(t *testing.T) {
	t.Parallel()
	c := scene(t)
	trials := 1_100
	if models.IsPostgres(c.DB) {
		trials = 110
	}
	c.intact(c.shop)
	ways := map[string]func() string{
		"one column changed": c.column, "an entry removed": c.remove, "an entry removed with its links": c.unlink, "two entries swapped": c.swap,
		"an entry put in": c.insert, "the end removed": c.truncate, "the end removed with the chain's": c.cut, "a block harmed": c.block,
		"links forged": c.forge, "links put in again": c.replay, "an earlier state put back": c.putBack, "an entry that left put back": c.resurrect,
		"changed before the program went on": c.launder, "the chain removed": c.wipe, "links taken away that wait": c.hush,
	}
	names := slices.Sorted(maps.Keys(ways))
	found, tried := map[string]int{}, map[string]int{}
	for i := range trials {
		name := names[i%len(names)]
		if i%4 == 0 {
			name = "one column changed" // there are many
		}
		how := ways[name]()
		tried[name]++
		c.DayLinks = 0
		if i%16 == 7 { // each way comes by, by the hour
			c.DayLinks = 1
		}
		what, _ := c.verify(c.shop)
		if len(what) > 0 {
			found[name]++
		} else {
			t.Errorf("trial %d: %s (%s) was not found", i, name, how)
		}
		c.undo()
		if i%100 == 0 {
			c.intact(c.shop)
		}
	}
	for _, name := range names {
		t.Logf("%s: %d of %d found", name, found[name], tried[name])
	}
	c.intact(c.shop)
	c.intact(c.other)
}

func TestAPartitionThatSomebodyDroppedIsFound(t *testing.T) {
	t.Parallel()
	c := scene(t)
	if !models.IsPostgres(c.DB) {
		return // it has none
	}
	c.exec("DROP TABLE " + c.partition)
	if what, _ := c.verify(c.shop); len(what) != 5 || what[0].What != Removed {
		t.Errorf("found %+v", what)
	}
}

func TestAFindingNamesItsEntry(t *testing.T) {
	t.Parallel()
	c := scene(t)
	for what, do := range map[What]func(id string){
		Removed: func(id string) { c.exec("DELETE FROM activities WHERE id = ?", id) },
		Changed: func(id string) { c.exec("UPDATE activities SET metadata = '{}' WHERE id = ?", id) },
		PutBack: func(string) { c.write(c.older[3]) },
	} {
		do(c.ids[3])
		found, _ := c.verify(c.shop)
		if len(found) != 1 || found[0].What != what || found[0].ID != c.ids[3] {
			t.Errorf("%s: found %+v", what, found)
		}
		c.undo()
	}
}
