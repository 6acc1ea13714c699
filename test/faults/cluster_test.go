package faults_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
)

// gap is a way between two servers that can be cut.
type gap struct {
	l       net.Listener
	backend string
	mu      sync.Mutex
	cut     bool
	conns   []net.Conn
	ended   sync.WaitGroup
}

// newGap leads to the address.
func newGap(t testing.TB, backend string) *gap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gap{l: l, backend: backend}
	g.ended.Go(g.accept)
	t.Cleanup(func() {
		_ = l.Close()
		g.set(true)
		g.ended.Wait()
	})
	return g
}

func (g *gap) accept() {
	for {
		c, err := g.l.Accept()
		if err != nil {
			return
		}
		b, err := net.DialTimeout("tcp", g.backend, time.Second)
		if err != nil {
			_ = c.Close()
			continue
		}
		g.mu.Lock()
		g.conns = append(g.conns, c, b)
		if g.cut {
			_, _ = c.Close(), b.Close()
		}
		g.mu.Unlock()
		pump := func(to, from net.Conn) {
			_, _ = io.Copy(to, from)
			_, _ = to.Close(), from.Close()
		}
		g.ended.Go(func() { pump(b, c) })
		g.ended.Go(func() { pump(c, b) })
	}
}

// set cuts the way, or lets pass again.
func (g *gap) set(cut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cut = cut
	if cut {
		for _, c := range g.conns {
			_ = c.Close()
		}
		g.conns = nil
	}
}

// three is a cluster of three servers. gaps[i][j] is the way from i to j, i < j:
// no two servers know another one.
type three struct {
	servers [3]*server.Server
	gaps    [3][3]*gap
}

func startThree(t testing.TB) *three {
	t.Helper()
	c := &three{}
	// The last one knows nobody, the first one both others.
	for i := 2; i >= 0; i-- {
		opts := &server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, SyncAlways: true,
			JetStream: true, StoreDir: t.TempDir(), JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 28,
			Cluster: server.ClusterOpts{
				Name: "three", Host: "127.0.0.1", Port: server.RANDOM_PORT, NoAdvertise: true, PoolSize: -1,
				// What servers tell each other leads nowhere, so that the gaps are the only ways.
				Advertise: "127.0.0.1:" + strconv.Itoa(1+i),
			},
		}
		if i == 2 {
			// A server that is part of a cluster wants to know another one.
			opts.Routes = []*url.URL{{Scheme: "nats", Host: opts.Cluster.Advertise}}
		}
		for j := i + 1; j < 3; j++ {
			c.gaps[i][j] = newGap(t, c.servers[j].ClusterAddr().String())
			opts.Routes = append(opts.Routes, &url.URL{Scheme: "nats", Host: c.gaps[i][j].l.Addr().String()})
		}
		ns, err := server.NewServer(opts)
		if err != nil {
			t.Fatal(err)
		}
		go ns.Start()
		t.Cleanup(func() {
			ns.Shutdown()
			ns.WaitForShutdown()
		})
		if !ns.ReadyForConnections(patience) {
			t.Fatal("a server is not ready")
		}
		c.servers[i] = ns
	}
	return c
}

// cutOff separates one server from the two others, or joins it again.
func (c *three) cutOff(i int, cut bool) {
	for j := range 3 {
		if j != i {
			c.gaps[min(i, j)][max(i, j)].set(cut)
		}
	}
}

// leader is the server that leads the stream, -1 if none does.
func (c *three) leader() int {
	for i, ns := range c.servers {
		if ns.JetStreamIsStreamLeader("$G", nats.StreamName) {
			return i
		}
	}
	return -1
}

func TestOneOfThreeCutOff(t *testing.T) {
	for name, tt := range map[string]struct {
		order int
		fault string
		own   bool
	}{
		"leader": {90, "one of three servers is cut off: the one that leads the stream (3 replicas)", false},
		"own":    {91, "one of three servers is cut off: the one that undog is connected to", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startThree(t)
			urls := make([]string, 3)
			for i, ns := range c.servers {
				urls[i] = ns.ClientURL()
			}
			makeStream(t, urls)
			cut := c.leader()
			undog := (cut + 1) % 3
			if tt.own {
				undog = cut
			}
			s := newScene(t, nats.Options{URL: urls[undog], Timeout: time.Second}, urls[(cut+2)%3])
			s.undo("before", 4)
			s.until("the first events told", func() bool {
				s.sub.read()
				return s.sub.has(s.mem.Owed())
			})
			c.cutOff(cut, true)
			d := s.undo("app", 24)
			want := s.mem.Owed()
			if tt.own {
				s.until("tries that fail", func() bool { return s.now.outbox.Stats().Retried > 3 })
			} else {
				s.until("everything told by the two others", func() bool {
					s.sub.read()
					return s.sub.has(want)
				})
			}
			c.cutOff(cut, false)
			s.told(tt.order, tt.fault, d)
			if strings.Contains(s.log.String(), "the stream lost") {
				t.Error("a loss was told of, and there was none")
			}
		})
	}
}

// undogOn is the server that undog is connected to.
func (c *three) undogOn(t testing.TB) int {
	t.Helper()
	for i, ns := range c.servers {
		clients, err := ns.Connz(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range clients.Conns {
			if one.Name == "undog" {
				return i
			}
		}
	}
	t.Fatal("undog is connected to none of the servers")
	return -1
}

// A server that is cut off from its cluster answers pings: undog, which knows
// of others, leaves it.
func TestCutOffServerIsLeft(t *testing.T) {
	t.Parallel()
	c := startThree(t)
	urls := make([]string, 3)
	for i, ns := range c.servers {
		urls[i] = ns.ClientURL()
	}
	makeStream(t, urls)
	all := strings.Join(urls, ",")
	s := newScene(t, nats.Options{URL: all, Timeout: time.Second}, all)
	s.undo("before", 4)
	s.until("the first events told", func() bool {
		s.sub.read()
		return s.sub.has(s.mem.Owed())
	})
	cut := c.undogOn(t)
	s.sub.lose()
	s.readers = urls[(cut+1)%3]
	c.cutOff(cut, true)
	d := s.undo("app", 24)
	s.told(92, "one of three servers is cut off for good, and undog, which has the URLs of all, is connected to it", d)
	if now := c.undogOn(t); now == cut {
		t.Error("undog is connected to the server that is cut off")
	}
	c.cutOff(cut, false)
	if strings.Contains(s.log.String(), "the stream lost") {
		t.Error("a loss was told of, and there was none")
	}
}

// makeStream makes the stream with three replicas as soon as the servers can.
func makeStream(t testing.TB, urls []string) {
	t.Helper()
	conn, err := natsgo.Connect(strings.Join(urls, ","))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cfg := jetstream.StreamConfig{Name: nats.StreamName, Subjects: []string{"undog.v1.event.>"}, Storage: jetstream.FileStorage, Replicas: 3, Duplicates: 10 * time.Minute}
	for {
		// The first tries come before the servers have chosen a leader, and are not answered.
		trying, stop := context.WithTimeout(ctx, 2*time.Second)
		_, err = js.CreateStream(trying, cfg)
		stop()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("make the stream: %v", err)
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
