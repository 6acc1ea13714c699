package faults_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify/nats"
)

// patience bounds every wait in real time; none should come near it.
const patience = 2 * time.Minute

// scene is a row in real time: undog is connected over the network.
type scene struct {
	t   testing.TB
	mem *memory
	sub *subscriber
	log *syncBuffer
	now *process
	// readers is where the subscriber connects to.
	readers string
}

func newScene(t testing.TB, opts nats.Options, readers string) *scene {
	t.Helper()
	s := &scene{t: t, mem: newMemory(), log: &syncBuffer{}, readers: readers}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	opts.Cluster, opts.Log, opts.ReconnectWait = cluster, log, 50*time.Millisecond
	s.now = startProcess(t, opts, s.mem, log)
	s.mem.attach(s.now.outbox)
	s.sub = newSubscriber(t, func() (*natsgo.Conn, error) {
		return natsgo.Connect(s.readers, natsgo.NoReconnect(), natsgo.Timeout(5*time.Second))
	})
	t.Cleanup(func() {
		s.now.end(t)
		s.sub.lose()
		if t.Failed() {
			t.Logf("the log:\n%s", s.log)
		}
	})
	return s
}

// until polls until the condition holds.
func (s *scene) until(what string, ok func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// undo has n bad releases undone at once.
func (s *scene) undo(prefix string, n int) during {
	before := s.mem.undone
	for i := range n {
		s.mem.rollback(fmt.Sprintf("%s-%d", prefix, i), 1)
	}
	return during{undone: s.mem.undone - before, of: n, late: s.mem.late}
}

// told waits until the subscriber has everything, and adds the row.
func (s *scene) told(order int, fault string, d during) {
	s.t.Helper()
	since := time.Now()
	want := s.mem.Owed()
	s.until("everything told", func() bool {
		s.sub.lose()
		s.sub.read()
		return s.sub.has(want)
	})
	s.sub.wantHealed(want)
	row := count(s.t, s.sub, want)
	row.Order, row.Fault, row.Caught = order, fault, max(time.Since(since).Round(time.Second), time.Second).String()
	row.Undone = fmt.Sprintf("%d of %d, each %s late", d.undone, d.of, d.late.Round(time.Millisecond))
	page.Add(row)
}

func TestServerKilledWhilePublishing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ns := startNATS(t, dir, "")
	s := newScene(t, nats.Options{URL: ns.url}, ns.url)
	d := during{}
	for round := range 4 {
		before := s.now.outbox.Stats().Published
		got := s.undo(fmt.Sprintf("app-%d", round), 100)
		d.undone, d.of, d.late = d.undone+got.undone, d.of+got.of, got.late
		s.until("events under way", func() bool { return s.now.outbox.Stats().Published > before+20 })
		ns.kill()
		ns = startNATS(t, dir, ns.url)
	}
	s.told(12, "the NATS server is killed (SIGKILL) four times while undog publishes", d)
}

// A file that can grow no further fails the writes of the server as a full
// disk does.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := startNATS(t, dir, "")
	s := newScene(t, nats.Options{URL: first.url, Timeout: time.Second}, first.url)
	s.undo("before", 4)
	s.until("the first events told", func() bool {
		s.sub.read()
		return s.sub.has(s.mem.Owed())
	})
	first.stop()
	full := startNATS(t, dir, first.url, childLimit+"="+fmt.Sprint(largest(t, dir)+8<<10))
	d := s.undo("full", 24)
	s.until("a try that failed", func() bool {
		return strings.Contains(s.log.String(), "events wait") && s.now.outbox.Stats().Retried > 2
	})
	full.kill()
	startNATS(t, dir, first.url)
	s.told(52, "the server cannot write to its disk any more, and is started again with room", d)
}

// largest is the size of the largest file under a folder.
func largest(t *testing.T, dir string) int64 {
	t.Helper()
	size := int64(0)
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size = max(size, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func TestLockedOut(t *testing.T) {
	t.Parallel()
	users := func(names ...string) (out []*server.User) {
		for _, name := range names {
			out = append(out, &server.User{Username: name, Password: name})
		}
		return out
	}
	opts := server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 28, SyncAlways: true, Users: users("undog", "reader"),
	}
	running := opts
	ns, err := server.NewServer(&running)
	if err != nil {
		t.Fatal(err)
	}
	go ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(patience) {
		t.Fatal("the server is not ready")
	}
	host := strings.TrimPrefix(ns.ClientURL(), "nats://")
	s := newScene(t, nats.Options{URL: "nats://undog:undog@" + host}, "nats://reader:reader@"+host)
	s.undo("before", 4)
	reload := func(names ...string) {
		next := opts
		next.Users = users(names...)
		if err := ns.ReloadOptions(&next); err != nil {
			t.Fatal(err)
		}
	}
	reload("reader")
	d := s.undo("app", 24)
	s.until("more refusals than end a client that gives up", func() bool {
		return strings.Count(strings.ToLower(s.log.String()), "authorization") > 0 && s.now.outbox.Stats().Retried > 3
	})
	reload("undog", "reader")
	s.told(61, "the server refuses undog's credentials for a while", d)
}
