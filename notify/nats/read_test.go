package nats_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// owed is what a cluster says happened.
type owed struct {
	mu  sync.Mutex
	all []policy.Transition
}

func (o *owed) add(ts ...policy.Transition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, ts...)
}

func (o *owed) get() []policy.Transition {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

// pastWindow returns when the stream no longer recognises ids that it got
// before the call.
func pastWindow(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	probes := 0
	probe := func() bool {
		ack, err := js.Publish(within(t), "undog.v1.event.other.shop.deployment.web.rollback.done", nil, jetstream.WithMsgID("probe"))
		if err != nil {
			t.Fatal(err)
		}
		if !ack.Duplicate {
			probes++
		}
		return probes == 2
	}
	eventually(t, "the end of the duplicate window", probe)
}

// The window in which the server recognises ids is over, the server and undog
// are started again: nothing is published twice.
func TestReconcileBeyondTheDuplicateWindow(t *testing.T) {
	dir := t.TempDir()
	opts := nats.Options{Duplicates: 100 * time.Millisecond, Cluster: "demo"}
	all := &owed{}
	all.add(transition("web", 0), transition("web", 1))

	s, stop := serve(t, embedded.Options{StoreDir: dir})
	opts.InProcess = s
	c := connect(t, opts)
	o := run(t, outbox.Options{Publisher: c, Reconnected: c.Reconnected(), Owed: all.get, Known: c.Known})
	eventually(t, "all events published", func() bool { return o.Stats().Published == 2 })
	pastWindow(t, bare(t, s))
	c.Close()
	stop()

	s, _ = serve(t, embedded.Options{StoreDir: dir})
	opts.InProcess = s
	c = connect(t, opts)
	all.add(transition("web", 2))
	o = run(t, outbox.Options{Publisher: c, Reconnected: c.Reconnected(), Owed: all.get, Known: c.Known})
	eventually(t, "a reconciliation", func() bool { return !o.Stats().LastReconciled.IsZero() })
	if err := o.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	js := bare(t, s)
	if got := stored(t, js); !slices.Equal(got, []string{"web-0", "web-1", "probe", "probe", "web-2"}) {
		t.Errorf("stored %v", got)
	}
	// The server alone would have taken it twice.
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, js); len(got) != 6 || c.Duplicates() != 0 {
		t.Errorf("the duplicate window was not over: stored %v", got)
	}
}

func TestKnownReadsOneClusterSinceAMoment(t *testing.T) {
	c, js := online(t, nats.Options{Cluster: "demo"})
	early, err := c.Known(within(t), time.Unix(0, 0))
	if err != nil || early("web-0") {
		t.Fatalf("an empty stream knows web-0, or error %v", err)
	}
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Fatal(err)
	}
	m, err := js.Stream(within(t), nats.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	first := m.CachedInfo().State.LastTime
	if err := c.Publish(within(t), event("web", 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(within(t), "undog.v1.event.other.shop.deployment.web.rollback.done", nil, jetstream.WithMsgID("foreign")); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		since time.Time
		want  map[string]bool
	}{
		"all":   {time.Unix(0, 0), map[string]bool{"web-0": true, "web-1": true, "foreign": false, "": false}},
		"later": {first.Add(1), map[string]bool{"web-0": false, "web-1": true}},
		"none":  {first.Add(time.Hour), map[string]bool{"web-0": false, "web-1": false}},
	} {
		known, err := c.Known(within(t), tc.since)
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range tc.want {
			if known(id) != want {
				t.Errorf("%s: known(%q) = %v", name, id, !want)
			}
		}
	}
}

func TestKnownFailsRatherThanForgets(t *testing.T) {
	s, stop := serve(t, embedded.Options{Listen: "127.0.0.1:0"})
	c := connect(t, nats.Options{URL: s.ClientURL()})
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Fatal(err)
	}
	stop()
	eventually(t, "the disconnect", func() bool { return !c.Status().Connected })
	if known, err := c.Known(within(t), time.Unix(0, 0)); err == nil || known != nil {
		t.Error("without a server it knows everything")
	}
}

// collect reads ids until it has so many.
func collect(t *testing.T, c *nats.Client, opts nats.TailOptions, n int) []string {
	t.Helper()
	var got []string
	enough := errors.New("enough")
	err := c.Tail(within(t), opts, func(r nats.Received) error {
		if got = append(got, r.ID); len(got) == n {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return got
}

func TestTailSelects(t *testing.T) {
	c, js := online(t, nats.Options{})
	other := event("web", 1)
	other.ID, other.Data.Workload.Namespace = "other", "stock"
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(within(t), "undog.v1.event.demo.shop.deployment.web.verdict.bad", []byte("junk")); err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(within(t), nats.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	moment := s.CachedInfo().State.LastTime
	for _, e := range []notify.Event{event("a.b", 0), other} {
		if err := c.Publish(within(t), e); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		opts nats.TailOptions
		want []string
	}{
		"all":       {nats.TailOptions{}, []string{"web-0", "a.b-0", "other"}},
		"namespace": {nats.TailOptions{Namespace: "stock"}, []string{"other"}},
		"workload":  {nats.TailOptions{Namespace: "shop", Workload: "a.b"}, []string{"a.b-0"}},
		"cluster":   {nats.TailOptions{Cluster: "elsewhere"}, nil},
		"since":     {nats.TailOptions{Since: moment.Add(1)}, []string{"a.b-0", "other"}},
		"sequence":  {nats.TailOptions{StartSeq: 4}, []string{"other"}},
		"new":       {nats.TailOptions{New: true}, nil},
	} {
		if got := collect(t, c, tc.opts, -1); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
	if err := c.Tail(within(t), nats.TailOptions{New: true, StartSeq: 1}, nil); err == nil || !strings.Contains(err.Error(), "exclude each other") {
		t.Errorf("got error %v", err)
	}
	if err := c.Tail(within(t), nats.TailOptions{Namespace: "*"}, nil); err == nil || !strings.Contains(err.Error(), `namespace "*"`) {
		t.Errorf("got error %v", err)
	}
}

func TestTailWithoutAStream(t *testing.T) {
	c, _ := online(t, nats.Options{})
	if err := c.Tail(within(t), nats.TailOptions{}, nil); !errors.Is(err, jetstream.ErrStreamNotFound) || !strings.Contains(err.Error(), "undog run") {
		t.Errorf("got error %v", err)
	}
}

func TestTailFollowsAcrossARestart(t *testing.T) {
	dir := t.TempDir()
	s, stop := serve(t, embedded.Options{Listen: "127.0.0.1:0", StoreDir: dir})
	url := s.ClientURL()
	c := connect(t, nats.Options{URL: url})
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	got, done := make(chan string, 9), make(chan error, 1)
	go func() {
		done <- c.Tail(ctx, nats.TailOptions{Follow: true}, func(r nats.Received) error {
			got <- r.ID
			return nil
		})
	}()
	receive := func(want string) {
		t.Helper()
		select {
		case id := <-got:
			if id != want {
				t.Fatalf("got %s, want %s", id, want)
			}
		case err := <-done:
			t.Fatalf("tail ended: %v", err)
		case <-within(t).Done():
			t.Fatalf("%s did not arrive", want)
		}
	}
	receive("web-0")
	stop()
	eventually(t, "the disconnect", func() bool { return !c.Status().Connected })
	serve(t, embedded.Options{Listen: strings.TrimPrefix(url, "nats://"), StoreDir: dir})
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(within(t), event("web", 1)); err != nil {
		t.Fatal(err)
	}
	receive("web-1")
	cancel()
	if err := <-done; err != nil {
		t.Errorf("got error %v when it was asked to end", err)
	}
}
