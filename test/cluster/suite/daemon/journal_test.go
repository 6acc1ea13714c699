package daemon_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
)

// stream is where the events are kept.
const stream = "UNDOG"

// journal is what the event stream holds, from its beginning on.
type journal struct {
	f *fixture

	mu      sync.Mutex
	events  []notify.Event
	changed chan struct{} // Closed and replaced with every event.
}

// journal reads the stream of a server until the test ends. It waits for undog
// to create the stream.
func (f *fixture) journal(url string) *journal {
	f.t.Helper()
	j := &journal{f: f, changed: make(chan struct{})}
	conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.Timeout(10*time.Second))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		f.t.Fatal(err)
	}
	var consumer jetstream.Consumer
	err = wait.PollUntilContextCancel(f.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		consumer, err = js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{notify.AllSubjects}, DeliverPolicy: jetstream.DeliverAllPolicy,
		})
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		f.t.Fatalf("read stream %s: %v", stream, err)
	}
	reading, err := consumer.Consume(j.received)
	if err != nil {
		f.t.Fatalf("read stream %s: %v", stream, err)
	}
	f.t.Cleanup(reading.Stop)
	return j
}

func (j *journal) received(m jetstream.Msg) {
	event, err := notify.Decode(m.Data())
	if err != nil {
		j.f.t.Errorf("event on %s: %v", m.Subject(), err)
		return
	}
	if m.Headers().Get(nats.MsgIdHdr) != event.ID {
		j.f.t.Errorf("event on %s: message id %q, event id %q", m.Subject(), m.Headers().Get(nats.MsgIdHdr), event.ID)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, event)
	close(j.changed)
	j.changed = make(chan struct{})
}

// kind is noun.verb.
func kind(e notify.Event) string {
	noun, verb, err := e.Kind()
	if err != nil {
		return err.Error()
	}
	return noun + "." + verb
}

// about tells whether an event is of the kind and about a revision of the
// Deployment with the image.
func about(e notify.Event, want, name, tag string) bool {
	return kind(e) == want && e.Data.Workload.Name == name && slices.Contains(e.Data.Revision.Images, image(tag))
}

// await waits for an event about the revision with the image.
func (j *journal) await(kind, name, tag string) notify.Event {
	j.f.t.Helper()
	for {
		j.mu.Lock()
		changed := j.changed
		i := slices.IndexFunc(j.events, func(e notify.Event) bool { return about(e, kind, name, tag) })
		if i >= 0 {
			defer j.mu.Unlock()
			return j.events[i]
		}
		j.mu.Unlock()
		select {
		case <-changed:
		case <-j.f.ctx.Done():
			j.f.t.Fatalf("wait for %s of %s with %s: %v; there were %s", kind, name, tag, j.f.ctx.Err(), j.kinds(name))
		}
	}
}

// told is everything so far.
func (j *journal) told() []notify.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.events)
}

// kinds lists what was told about the Deployment, in order.
func (j *journal) kinds(name string) string {
	var out []string
	for _, e := range j.told() {
		if e.Data.Workload.Name == name {
			out = append(out, kind(e)+"("+strings.Join(e.Data.Revision.Images, ",")+" "+e.Data.Reason+")")
		}
	}
	return strings.Join(out, " ")
}

// count is how often the stream has events of the kind about the Deployment,
// whatever their ids.
func (j *journal) count(want, name string) int {
	n := 0
	for _, e := range j.told() {
		if kind(e) == want && e.Data.Workload.Name == name {
			n++
		}
	}
	return n
}

// want fails unless there are so many events of the kind about the Deployment.
func (j *journal) want(kind, name string, times int) {
	j.f.t.Helper()
	if n := j.count(kind, name); n != times {
		j.f.t.Errorf("stream has %d events %s about %s, want %d: %s", n, kind, name, times, j.kinds(name))
	}
}

// wantOnce fails when an id is in the stream twice.
func (j *journal) wantOnce() {
	j.f.t.Helper()
	seen := map[string]bool{}
	for _, e := range j.told() {
		if seen[e.ID] {
			j.f.t.Errorf("stream has event %s (%s) twice", e.ID, kind(e))
		}
		seen[e.ID] = true
	}
}

// memoryStream makes the stream as undog would never make it.
func (f *fixture) memoryStream(url string) {
	f.t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = js.CreateStream(f.ctx, jetstream.StreamConfig{Name: stream, Subjects: []string{notify.AllSubjects}, Storage: jetstream.MemoryStorage})
	if err != nil {
		f.t.Fatal(err)
	}
}
