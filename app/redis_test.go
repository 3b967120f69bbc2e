package app

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/tagtrail/tagtrail/models"
)

func TestARedisClusterServesAsRedis(t *testing.T) {
	t.Parallel()
	node := miniredis.RunT(t) // it answers as the only node of a cluster
	j := setup(t, options{redis: "redis://" + node.Addr() + "?addr=" + node.Addr()})
	j.tagAndWatch()
	if len(node.Keys()) == 0 {
		t.Error("the cluster was left aside")
	}
}

func TestSentinelsLeadToThePrimary(t *testing.T) {
	t.Parallel()
	primary := miniredis.RunT(t)
	j := setup(t, options{redis: "redis://" + sentinel(t, primary) + "?master_name=shops"})
	j.tagAndWatch()
	if len(primary.Keys()) == 0 {
		t.Error("the primary was left aside")
	}
}

// tagAndWatch has an order tagged and sees the entry come live: tasks, budgets and live messages all work.
func (j *journey) tagAndWatch() {
	j.Helper()
	j.rule(j.a, models.RuleDefinition{Name: "All", Resource: models.Order, Enabled: true,
		When: when("total_price", models.Greater, "0"), AddTags: []string{"seen"}})
	live := j.subscribe(shopA, "subscription { activityChanged { action entity { id } } }")
	live.begun(j, shopA)
	order := j.createOrder(shopA, "12.00", nil)
	j.settled()
	live.until(j, order)
	live.close()
	j.one(j.a, "action = 'SMART_TAG_APPLIED' AND entity_id = ?", order)
}

// sentinel starts a server that knows, as a Sentinel does, where the primary "shops" is. It returns its address.
func sentinel(t *testing.T, primary *miniredis.Miniredis) string {
	t.Helper()
	s, err := server.NewServer("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	answer := func(c *server.Peer, _ string, args []string) {
		switch {
		case len(args) == 2 && strings.EqualFold(args[0], "get-master-addr-by-name") && args[1] == "shops":
			c.WriteStrings([]string{primary.Host(), primary.Port()})
		default:
			c.WriteLen(0)
		}
	}
	for name, handle := range map[string]server.Cmd{
		"SENTINEL": answer,
		"HELLO":    func(c *server.Peer, _ string, _ []string) { c.WriteError("ERR unknown command 'HELLO'") },
		"PING":     func(c *server.Peer, _ string, _ []string) { c.WriteInline("PONG") },
		"CLIENT":   func(c *server.Peer, _ string, _ []string) { c.WriteOK() },
		"SUBSCRIBE": func(c *server.Peer, _ string, args []string) {
			c.WritePushLen(3)
			c.WriteBulk("subscribe")
			c.WriteBulk(args[0])
			c.WriteInt(1)
		},
	} {
		if err := s.Register(name, handle); err != nil {
			t.Fatal(err)
		}
	}
	return s.Addr().String()
}
