package events_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
)

// serve runs a server at an address until it is told to stop.
func serve(t *testing.T, listen, dir string) (url string, stop func()) {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Listen: listen, StoreDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s.ClientURL(), func() {
		if err := s.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
	}
}

// connected is a client that publishes.
func connected(t *testing.T, url string) *nats.Client {
	t.Helper()
	c, err := nats.Connect(nats.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// lines hands out what is written, line by line.
func lines(t *testing.T) (io.Writer, func() string) {
	t.Helper()
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	context.AfterFunc(within(t), func() { _ = r.CloseWithError(errors.New("too late")) })
	b := bufio.NewReader(r)
	return w, func() string {
		t.Helper()
		line, err := b.ReadString('\n')
		if err != nil {
			t.Fatalf("after %q: %v", line, err)
		}
		return line
	}
}

// One who follows is told that the server went away, and misses nothing.
func TestFollowSurvivesTheServer(t *testing.T) {
	dir := t.TempDir()
	url, stop := serve(t, "127.0.0.1:0", dir)
	publish(t, connected(t, url), example())
	out, next := lines(t)
	told, say := lines(t)
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- events.Run(ctx, events.Options{URL: url, Follow: true, Output: events.JSON, Out: out, Err: told})
	}()
	expect := func(id string) {
		t.Helper()
		if e, err := notify.Decode([]byte(next())); err != nil || e.ID != id {
			t.Fatalf("got event %q, error %v, want %s", e.ID, err, id)
		}
	}
	expect("id-1")
	stop()
	if line := say(); !strings.Contains(line, "disconnected from the NATS server") {
		t.Errorf("told %q", line)
	}
	url, stop = serve(t, strings.TrimPrefix(url, "nats://"), dir)
	defer stop()
	if line := say(); !strings.Contains(line, "connected to the NATS server again") {
		t.Errorf("told %q", line)
	}
	e := example()
	e.ID = "id-2"
	publish(t, connected(t, url), e)
	expect("id-2")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// stuck takes the first event, stops the server and takes no more.
type stuck struct{ stop func() }

func (s *stuck) Write(b []byte) (int, error) {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	return len(b), nil
}

// Without following, half of the stream is an error.
func TestEndOfTheServerIsAnError(t *testing.T) {
	url, stop := serve(t, "127.0.0.1:0", t.TempDir())
	c := connected(t, url)
	for _, id := range many(2000) {
		e := example()
		e.ID = id
		publish(t, c, e)
	}
	err := events.Run(within(t), events.Options{URL: url, Output: events.JSON, Out: &stuck{stop}})
	if err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("got error %v, want one that says what happened", err)
	}
}

func many(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "id-" + strconv.Itoa(i)
	}
	return ids
}
