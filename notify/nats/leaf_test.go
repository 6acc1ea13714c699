package nats_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/undog-dev/undog/notify/nats"
)

// hubAndPort is a hub as it is shipped, and where leaf nodes connect.
func hubAndPort(t *testing.T) (*server.Server, int) {
	t.Helper()
	var opts *server.Options
	ns := shipped(t, "hub.conf", func(o *server.Options) {
		o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
		opts = o
	})
	return ns, opts.LeafNode.Port
}

// leaf is a cluster's server as it is shipped, a leaf node of the hub behind a
// proxy. An open one lets events through to the hub.
func leaf(t *testing.T, cluster string, port int, open bool) (*server.Server, *proxy) {
	t.Helper()
	p := newProxy(t, fmt.Sprintf("nats://127.0.0.1:%d", port))
	t.Setenv("CLUSTER", cluster)
	t.Setenv("HUB_URL", "nats-leaf://leaf:leaf-pw@"+strings.TrimPrefix(p.url(), "nats://"))
	ns := shipped(t, "leaf.conf", func(o *server.Options) {
		o.LeafNode.ReconnectInterval = 50 * time.Millisecond
		if open {
			o.LeafNode.Remotes[0].DenyImports, o.LeafNode.Remotes[0].DenyExports = nil, nil
		}
	})
	eventually(t, cluster+" is a leaf node", func() bool { return ns.NumLeafNodes() == 1 })
	return ns, p
}

// Two clusters keep their events by themselves, the hub collects both. A leaf
// node that is cut off goes on, and catches up.
func TestHubCollectsTheEventsOfLeafNodes(t *testing.T) {
	hub, port := hubAndPort(t)
	var want []string
	clients := map[string]*nats.Client{}
	var cut *proxy
	for _, cluster := range []string{"east", "west"} {
		ns, p := leaf(t, cluster, port, false)
		clients[cluster] = asUndog(t, ns, "undog", nats.Options{Cluster: cluster})
		cut = p
	}
	publish := func(n int) {
		t.Helper()
		for cluster, c := range clients {
			e := event(cluster, n)
			if err := c.Publish(within(t), e); err != nil {
				t.Fatal(err)
			}
			want = append(want, e.ID)
		}
	}
	publish(0)
	_, js, _ := as(t, hub, "admin")
	if _, err := js.CreateStream(within(t), shippedStream(t, "hub-stream.json")); err != nil {
		t.Fatal(err)
	}
	arrived := func() int { return len(stored(t, js)) }
	eventually(t, "the hub has both", func() bool { return arrived() == 2 })

	cut.pause(true)
	publish(1)
	publish(2)
	eventually(t, "the hub has those of the other cluster", func() bool { return arrived() == len(want)-2 })
	cut.pause(false)
	eventually(t, "the hub has all of them", func() bool { return arrived() >= len(want) })
	got := read(t, asUndog(t, hub, "admin", nats.Options{}))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the hub has %v, want %v", got, want)
	}
}

// Without a store of its own in the cluster undog publishes to the hub's domain
// through the leaf node.
func TestDomainOfTheHub(t *testing.T) {
	hub, port := hubAndPort(t)
	east, _ := leaf(t, "east", port, true)
	c := asUndog(t, east, "undog", nats.Options{Domain: "hub", Cluster: "demo"})
	publishes(t, c, 0)
	if known, err := c.Known(within(t), time.Now().Add(-time.Hour)); err != nil || !known(event("web", 0).ID) {
		t.Errorf("what it published is not known: %v", err)
	}
	_, js, _ := as(t, hub, "admin")
	if got := stored(t, js); !slices.Equal(got, []string{event("web", 0).ID}) {
		t.Errorf("the hub has %v", got)
	}

	nowhere := asUndog(t, east, "undog", nats.Options{Domain: "nowhere"})
	err := nowhere.Ensure(within(t))
	if err == nil || !strings.Contains(err.Error(), "JetStream domain nowhere") || !strings.Contains(err.Error(), "nats.stream.domain") {
		t.Errorf("another domain: %v", err)
	}

	// A stream of the leaf node's own takes the events as well: that is told.
	local := asUndog(t, east, "undog", nats.Options{})
	if err := local.Ensure(within(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "told of the other stream", func() bool {
		err := c.Publish(within(t), event("web", 1))
		return err != nil && strings.Contains(err.Error(), `domain "east" took the event`)
	})
}
