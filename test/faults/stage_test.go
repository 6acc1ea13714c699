package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/outbox"
)

// stage is where a row is played: a server, undog, and one who listens, in
// virtual time.
type stage struct {
	t    testing.TB
	opts server.Options
	link *link
	mem  *memory
	sub  *subscriber
	log  *syncBuffer
	now  *process
	url  string
	next int
}

// play runs a row in a bubble with a server that has its own store.
func play(t *testing.T, row func(*stage)) {
	t.Helper()
	dir := t.TempDir()
	emptyPools()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{
			t: t, mem: newMemory(), link: &link{wires: map[*wire]struct{}{}}, log: &syncBuffer{}, url: "nats://undog:undog@undog.test",
			opts: server.Options{
				ServerName: "undog", DontListen: true, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true, SyncAlways: true,
				JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 28, DisableJetStreamBanner: true,
				Users: []*server.User{{Username: "undog", Password: "undog"}, {Username: "reader", Password: "reader"}},
			},
		}
		s.sub = newSubscriber(t, s.reader)
		s.up()
		s.start()
		defer func() {
			s.stop()
			s.down()
			if t.Failed() {
				t.Logf("the log:\n%s", s.log)
			}
		}()
		row(s)
	})
}

// emptyPools makes sure that no timer of another bubble is used again: the
// client keeps them in a pool of the whole process. A second collection frees
// what the first one spared. For the same reason no two rows are played at once.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}

// reader connects straight to the server.
func (s *stage) reader() (*natsgo.Conn, error) {
	s.link.mu.Lock()
	ns := s.link.server
	s.link.mu.Unlock()
	if ns == nil {
		return nil, errDown
	}
	return natsgo.Connect("nats://reader:reader@undog.test", natsgo.InProcessServer(ns), natsgo.NoReconnect())
}

// admin does something to JetStream.
func (s *stage) admin(do func(context.Context, jetstream.JetStream) error) {
	s.t.Helper()
	conn, err := s.reader()
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := do(ctx, js); err != nil {
		s.t.Fatal(err)
	}
}

// up starts the server.
func (s *stage) up() {
	s.t.Helper()
	opts := s.opts
	ns, err := server.NewServer(&opts)
	if err != nil {
		s.t.Fatal(err)
	}
	go ns.Start()
	if !ns.ReadyForConnections(time.Minute) {
		s.t.Fatal("the server is not ready")
	}
	s.link.set(func(l *link) { l.server = ns })
}

// down stops it.
func (s *stage) down() {
	var ns *server.Server
	s.link.set(func(l *link) { ns, l.server = l.server, nil })
	if ns == nil {
		return
	}
	s.sub.read()
	s.sub.lose()
	// A stream that the server is about to make while it stops is never closed.
	synctest.Wait()
	ns.Shutdown()
	ns.WaitForShutdown()
	s.link.cut()
}

// reload changes the options of the running server.
func (s *stage) reload(change func(*server.Options)) {
	s.t.Helper()
	change(&s.opts)
	opts := s.opts
	if err := s.link.server.ReloadOptions(&opts); err != nil {
		s.t.Fatal(err)
	}
}

// let lets time pass, and the subscriber read.
func (s *stage) let(d time.Duration) {
	s.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		<-time.After(min(10*time.Second, time.Until(end)))
		s.sub.read()
	}
}

// releases has n bad releases undone, one every so often, each of another Deployment.
func (s *stage) releases(n int, every time.Duration) {
	s.t.Helper()
	for range n {
		s.next++
		s.mem.rollback(fmt.Sprintf("app-%d", s.next), 1)
		s.let(every)
	}
}

// process is one undog: what it knows is lost when it is killed.
type process struct {
	client *nats.Client
	outbox *outbox.Outbox
	cancel context.CancelFunc
	done   chan error
}

// start runs an undog.
func (s *stage) start() {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	s.now = startProcess(s.t, nats.Options{URL: s.url, InProcess: s.link, Cluster: cluster, Log: log}, s.mem, log)
	s.mem.attach(s.now.outbox)
}

func startProcess(t testing.TB, opts nats.Options, mem *memory, log *slog.Logger) *process {
	t.Helper()
	c, err := nats.Connect(opts)
	if err != nil {
		t.Fatal(err)
	}
	o, err := outbox.New(outbox.Options{
		Publisher: c, Cluster: cluster, Owed: mem.Owed, Known: c.Known, Holding: c.Holding, Reconnected: c.Reconnected(), Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{client: c, outbox: o, cancel: cancel, done: make(chan error, 1)}
	go func() { p.done <- o.Run(ctx) }()
	return p
}

// kill ends the undog of now where it stands: its connections break first, so
// that nothing leaves it any more.
func (s *stage) kill() {
	s.t.Helper()
	s.mem.attach(nil)
	s.link.cut()
	s.stop()
}

func (s *stage) stop() {
	s.t.Helper()
	if s.now == nil {
		return
	}
	s.now.end(s.t)
	s.now = nil
}

func (p *process) end(t testing.TB) {
	t.Helper()
	p.cancel()
	if err := <-p.done; err != nil {
		t.Error(err)
	}
	p.client.Close()
}

// syncBuffer is a log that many write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
