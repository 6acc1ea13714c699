package nats_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
)

const (
	webVerdict  = "undog.v1.req.demo.shop.deployment.web.verdict"
	allVerdicts = "undog.v1.req.demo.*.*.*.verdict"
)

// answering runs a service until the test ends, or until stop is called. It
// waits until the service is known to the server.
func answering(t *testing.T, c *nats.Client, s nats.Service) (stop func()) {
	t.Helper()
	if s.Subject == "" {
		s.Subject = allVerdicts
	}
	if s.Refuse == nil {
		s.Refuse = func(reason string) []byte { return []byte(reason) }
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx, s) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// echo answers with a word and the body.
func echo(word string) func(context.Context, string, []byte) []byte {
	return func(_ context.Context, _ string, data []byte) []byte { return []byte(word + " " + string(data)) }
}

// ask repeats a request until somebody listens.
func ask(t *testing.T, c *nats.Client, data string) string {
	t.Helper()
	var answer []byte
	eventually(t, "an answer", func() bool {
		ctx, cancel := context.WithTimeout(within(t), 5*time.Second)
		defer cancel()
		var err error
		answer, err = c.Request(ctx, webVerdict, []byte(data))
		if err != nil && !errors.Is(err, nats.ErrNobody) && !errors.Is(err, nats.ErrNotConnected) && !errors.Is(err, natsgo.ErrDisconnected) {
			t.Fatal(err)
		}
		return err == nil
	})
	return string(answer)
}

func TestServeAnswers(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	c, other := connect(t, nats.Options{InProcess: s}), connect(t, nats.Options{InProcess: s})
	answering(t, c, nats.Service{Handle: func(_ context.Context, subject string, data []byte) []byte {
		return []byte(subject + " " + string(data))
	}})
	if got := ask(t, other, "one"); got != webVerdict+" one" {
		t.Errorf("got %q", got)
	}
}

func TestRequestThatNobodyAnswers(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	c := connect(t, nats.Options{InProcess: s})
	if _, err := c.Request(within(t), webVerdict, nil); !errors.Is(err, nats.ErrNobody) && !errors.Is(err, nats.ErrNotConnected) {
		t.Errorf("got error %v", err)
	}
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Request(within(t), webVerdict, nil); !errors.Is(err, nats.ErrNobody) || !strings.Contains(err.Error(), "nobody listens") {
		t.Errorf("got error %v", err)
	}
	// One that stays silent listens all the same.
	answering(t, c, nats.Service{Active: func() bool { return false }, Handle: echo("silent")})
	ctx, cancel := context.WithTimeout(within(t), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Request(ctx, webVerdict, nil); !errors.Is(err, nats.ErrNobody) {
		t.Errorf("got error %v", err)
	}
}

// Of two undogs the active one answers, and only that one.
func TestOnlyTheActiveOneAnswers(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	var second atomic.Bool
	var handled [2]atomic.Int32
	for i, word := range []string{"first", "second"} {
		answering(t, connect(t, nats.Options{InProcess: s}), nats.Service{
			Active: func() bool { return second.Load() == (i == 1) },
			Handle: func(_ context.Context, _ string, data []byte) []byte {
				handled[i].Add(1)
				return []byte(word + " " + string(data))
			},
		})
	}
	c := connect(t, nats.Options{InProcess: s})
	for range 20 {
		if got := ask(t, c, "a"); got != "first a" {
			t.Errorf("got %q", got)
		}
	}
	before := handled[0].Load()
	if n := handled[1].Load(); n != 0 {
		t.Errorf("the second handled %d requests while the first was active", n)
	}
	second.Store(true)
	if got := ask(t, c, "b"); got != "second b" {
		t.Errorf("got %q", got)
	}
	if n := handled[0].Load() - before; n != 0 {
		t.Errorf("the first handled %d requests after the second became active", n)
	}
}

// The server goes away and comes back: so do the answers.
func TestServeAfterReconnect(t *testing.T) {
	dir := t.TempDir()
	s, stop := serve(t, embedded.Options{Listen: "127.0.0.1:0", StoreDir: dir})
	url := s.ClientURL()
	c, other := connect(t, nats.Options{URL: url}), connect(t, nats.Options{URL: url})
	answering(t, c, nats.Service{Handle: echo("here")})
	if got := ask(t, other, "1"); got != "here 1" {
		t.Errorf("got %q", got)
	}
	stop()
	eventually(t, "both to notice", func() bool { return !c.Status().Connected && !other.Status().Connected })
	serve(t, embedded.Options{Listen: strings.TrimPrefix(url, "nats://"), StoreDir: dir})
	if got := ask(t, other, "2"); got != "here 2" {
		t.Errorf("got %q", got)
	}
}

// It may begin before there is a server.
func TestServeBeforeTheServer(t *testing.T) {
	s, stop := serve(t, embedded.Options{Listen: "127.0.0.1:0"})
	url := s.ClientURL()
	stop()
	c, other := connect(t, nats.Options{URL: url}), connect(t, nats.Options{URL: url})
	answering(t, c, nats.Service{Handle: echo("here")})
	serve(t, embedded.Options{Listen: strings.TrimPrefix(url, "nats://")})
	if got := ask(t, other, "1"); got != "here 1" {
		t.Errorf("got %q", got)
	}
}

// A flood is answered without being held: what does not fit is refused at once.
func TestFloodIsBounded(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	c := connect(t, nats.Options{InProcess: s})
	gate, entered := make(chan struct{}), make(chan struct{}, 1)
	var running, most, handled atomic.Int32
	const queue = 16
	answering(t, c, nats.Service{Queue: queue, Within: patience, Handle: func(_ context.Context, _ string, data []byte) []byte {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		if string(data) == "flood" {
			select {
			case entered <- struct{}{}:
			default:
			}
			<-gate
			handled.Add(1)
		}
		return []byte("handled")
	}})
	ask(t, connect(t, nats.Options{InProcess: s}), "ready")

	nc, err := natsgo.Connect("", natsgo.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	answers := make(chan *natsgo.Msg, 10_001)
	inbox := natsgo.NewInbox()
	if _, err := nc.ChanSubscribe(inbox, answers); err != nil {
		t.Fatal(err)
	}
	const flood = 10_000
	for range flood {
		if err := nc.PublishRequest(webVerdict, inbox, []byte("flood")); err != nil {
			t.Fatal(err)
		}
	}
	counts := map[string]int{}
	take := func() {
		select {
		case m := <-answers:
			counts[string(m.Data)]++
		case <-within(t).Done():
			t.Fatalf("only %v of %d were answered", counts, flood)
		}
	}
	<-entered
	// All but what waits and the one that is being handled.
	for range flood - queue - 1 {
		take()
	}
	close(gate)
	for range queue + 1 {
		take()
	}
	if counts["handled"] != queue+1 || counts[notify.Busy] != flood-queue-1 || int(handled.Load()) != queue+1 || most.Load() != 1 {
		t.Errorf("answers %v, %d handled, %d at a time", counts, handled.Load(), most.Load())
	}
	// Afterwards all is as before.
	if got := ask(t, connect(t, nats.Options{InProcess: s}), "still there?"); got != "handled" {
		t.Errorf("got %q", got)
	}
}

// watched counts how often a service was asked whether it is active: twice for
// a request that was handled, once for one that waits.
type watched struct{ calls atomic.Int32 }

func (w *watched) active() bool {
	w.calls.Add(1)
	return true
}

// What waits when undog ends is refused, not forgotten.
func TestServeRefusesWhatWaitsAtTheEnd(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	c, other := connect(t, nats.Options{InProcess: s}), connect(t, nats.Options{InProcess: s})
	var seen watched
	stop := answering(t, c, nats.Service{Active: seen.active, Within: patience, Handle: func(ctx context.Context, _ string, data []byte) []byte {
		if string(data) == "wait" {
			<-ctx.Done()
		}
		return []byte("handled")
	}})
	ask(t, other, "ready")
	got := make(chan string, 3)
	for range 3 {
		go func() {
			answer, err := other.Request(within(t), webVerdict, []byte("wait"))
			got <- string(answer)
			if err != nil {
				t.Error(err)
			}
		}()
	}
	eventually(t, "one to be handled and two to wait", func() bool { return seen.calls.Load() == 2+2+1+1 })
	stop()
	var answers []string
	for range 3 {
		answers = append(answers, <-got)
	}
	slices.Sort(answers)
	if !slices.Equal(answers, []string{notify.Stopping, notify.Stopping, "handled"}) {
		t.Errorf("answers are %q", answers)
	}
}

// A request that waited longer than it may is refused and not handled.
func TestServeRefusesWhatWaitedTooLong(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	c, other := connect(t, nats.Options{InProcess: s}), connect(t, nats.Options{InProcess: s})
	var seen watched
	var handled atomic.Int32
	gate := make(chan struct{})
	answering(t, c, nats.Service{Active: seen.active, Within: 10 * time.Millisecond, Handle: func(_ context.Context, _ string, data []byte) []byte {
		if string(data) == "wait" {
			handled.Add(1)
			<-gate
		}
		return []byte("handled")
	}})
	// On a busy machine this one may itself wait too long.
	ask(t, other, "ready")
	before := seen.calls.Load()
	request := func(got chan<- string) {
		answer, err := other.Request(within(t), webVerdict, []byte("wait"))
		if err != nil {
			t.Error(err)
		}
		got <- string(answer)
	}
	first, second := make(chan string, 1), make(chan string, 1)
	go request(first)
	eventually(t, "the first to be looked at", func() bool { return seen.calls.Load() == before+2 })
	go request(second)
	eventually(t, "the second to wait", func() bool { return seen.calls.Load() == before+3 })
	expired := time.NewTimer(500 * time.Millisecond)
	defer expired.Stop()
	<-expired.C
	close(gate)
	// The first waited for nobody, unless the machine was busy.
	if got := <-second; got != notify.Busy || handled.Load() > 1 {
		t.Errorf("answer is %q, %d handled", got, handled.Load())
	}
	<-first
}

// Whoever gives no address for the answer is heard.
func TestServeWithoutReplySubject(t *testing.T) {
	s, _ := serve(t, embedded.Options{})
	c := connect(t, nats.Options{InProcess: s})
	heard := make(chan string, 1)
	answering(t, c, nats.Service{Handle: func(_ context.Context, _ string, data []byte) []byte {
		if string(data) != "ready" {
			heard <- string(data)
		}
		return []byte("answer")
	}})
	ask(t, connect(t, nats.Options{InProcess: s}), "ready")
	nc, err := natsgo.Connect("", natsgo.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.Publish(webVerdict, []byte("no reply")); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-heard:
		if got != "no reply" {
			t.Errorf("heard %q", got)
		}
	case <-within(t).Done():
		t.Fatal("not heard")
	}
}

// undog's stream keeps events and no requests; one that captures requests as
// well is not fit, since its acknowledgement races the answer.
func TestStreamCapturesNoRequests(t *testing.T) {
	c, js := online(t, nats.Options{})
	answering(t, c, nats.Service{Handle: func(context.Context, string, []byte) []byte { return []byte(`{"accepted":true,"reason":"Accepted"}`) }})
	if err := c.Publish(within(t), event("web", 1)); err != nil {
		t.Fatal(err)
	}
	if reply, err := notify.DecodeReply([]byte(ask(t, c, "{}"))); err != nil || !reply.Accepted {
		t.Errorf("got %+v, error %v", reply, err)
	}
	if ids := stored(t, js); len(ids) != 1 {
		t.Errorf("the stream holds %v, want the one event", ids)
	}
	wide := fit()
	wide.Subjects = append(wide.Subjects, notify.AllRequests)
	if err := js.DeleteStream(within(t), nats.StreamName); err != nil {
		t.Fatal(err)
	}
	// The server needs a moment to clear the old store away.
	eventually(t, "a wide stream", func() bool {
		_, err := js.CreateStream(within(t), wide)
		return err == nil
	})
	var wrong *nats.StreamError
	if err := c.Ensure(within(t)); !errors.As(err, &wrong) {
		t.Errorf("a stream of %v is taken: %v", wide.Subjects, err)
	}
}

// Somebody else's stream that captures requests is found out, not believed.
func TestStreamThatAnswersIsFoundOut(t *testing.T) {
	c, js := online(t, nats.Options{})
	if _, err := js.CreateStream(within(t), jetstream.StreamConfig{Name: "ALL", Subjects: []string{notify.AllRequests}}); err != nil {
		t.Fatal(err)
	}
	answer, err := c.Request(within(t), webVerdict, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := notify.DecodeReply(answer); err == nil || !strings.Contains(err.Error(), `stream "ALL"`) {
		t.Errorf("got %+v, error %v", reply, err)
	}
}
