package hold_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/test/cluster/hold"
)

const patience = 30 * time.Second

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func receive[T any](ctx context.Context, t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-ctx.Done():
		t.Fatalf("wait for %s: %v", what, ctx.Err())
		panic("not reached")
	}
}

// server counts what reaches it, and streams on /watch.
func server(t *testing.T) (proxy *hold.API, reached chan string) {
	t.Helper()
	reached = make(chan string, 16)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		reached <- r.Method + " " + r.URL.Path + " " + string(body)
		_, _ = fmt.Fprintln(w, "one")
		if r.URL.Path == "/watch" {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(upstream.Close)
	proxy, err := hold.NewAPI(&rest.Config{Host: upstream.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return proxy, reached
}

func patch(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, url, strings.NewReader("body"))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "one\n" {
		return fmt.Errorf("reply %q, %w", text, err)
	}
	return nil
}

func isPatch(r *http.Request) bool { return r.Method == http.MethodPatch }

func TestBefore(t *testing.T) {
	ctx := within(t)
	proxy, reached := server(t)
	gate := proxy.Gate(isPatch, hold.Before)
	done := make(chan error, 1)
	go func() { done <- patch(ctx, proxy.URL()+"/a") }()
	receive(ctx, t, "arrival", gate.Arrived())
	if len(reached) > 0 {
		t.Errorf("server was reached by %s while the request was held", <-reached)
	}
	gate.Release()
	if err := receive(ctx, t, "reply", done); err != nil {
		t.Error(err)
	}
	if got := receive(ctx, t, "request", reached); got != "PATCH /a body" {
		t.Errorf("server was reached by %q", got)
	}
	if gate.Count() != 1 {
		t.Errorf("count is %d, want 1", gate.Count())
	}
}

// A request whose client has gone is not made later.
func TestBeforeClientGone(t *testing.T) {
	ctx := within(t)
	proxy, reached := server(t)
	gate := proxy.Gate(isPatch, hold.Before)
	asking, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- patch(asking, proxy.URL()+"/a") }()
	receive(ctx, t, "arrival", gate.Arrived())
	cancel()
	if err := receive(ctx, t, "end", done); !errors.Is(err, context.Canceled) {
		t.Errorf("client got %v, want %v", err, context.Canceled)
	}
	// Close returns when the request that was held has ended.
	if err := proxy.Close(); err != nil {
		t.Error(err)
	}
	gate.Release()
	if len(reached) > 0 {
		t.Errorf("server was reached by %s", <-reached)
	}
}

func TestAfter(t *testing.T) {
	ctx := within(t)
	proxy, reached := server(t)
	gate := proxy.Gate(isPatch, hold.After)
	done := make(chan error, 1)
	go func() { done <- patch(ctx, proxy.URL()+"/a") }()
	receive(ctx, t, "arrival", gate.Arrived())
	receive(ctx, t, "request", reached)
	if len(done) > 0 {
		t.Error("client has the reply that is held")
	}
	gate.Release()
	if err := receive(ctx, t, "reply", done); err != nil {
		t.Error(err)
	}
}

// A watch is passed on as it comes.
func TestStreams(t *testing.T) {
	ctx := within(t)
	proxy, _ := server(t)
	kubeconfig, err := proxy.Kubeconfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil || config.Host != proxy.URL() {
		t.Fatalf("kubeconfig leads to %v, %v", config, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/watch", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	line := make([]byte, 4)
	if _, err := io.ReadFull(resp.Body, line); err != nil || string(line) != "one\n" {
		t.Errorf("read %q, %v", line, err)
	}
}

// broker is a NATS server with a stream for events, and a proxy before it.
func broker(ctx context.Context, t *testing.T) (*hold.NATS, jetstream.Stream) {
	t.Helper()
	server, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
	})
	proxy, err := hold.NewNATS(server.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	stream, err := js(t, server.ClientURL()).CreateStream(ctx, jetstream.StreamConfig{Name: "EVENTS", Subjects: []string{"undog.v1.event.>"}})
	if err != nil {
		t.Fatal(err)
	}
	return proxy, stream
}

func js(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect(url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	client, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// The stream has the event, and the client does not learn of it.
func TestHoldAck(t *testing.T) {
	ctx := within(t)
	proxy, stream := broker(ctx, t)
	gate := proxy.HoldAck("rollback.done")
	client := js(t, proxy.URL())
	if _, err := client.Publish(ctx, "undog.v1.event.c.n.deployment.app.verdict.bad", []byte("first")); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		// A payload that looks like an operation is none.
		_, err := client.Publish(ctx, "undog.v1.event.c.n.deployment.app.rollback.done", []byte("PUB undog.v1.event.x 3\r\nabc\r\n"))
		done <- err
	}()
	receive(ctx, t, "arrival", gate.Arrived())
	if info, err := stream.Info(ctx); err != nil || info.State.Msgs != 2 {
		t.Errorf("stream holds %+v, %v, want 2 events", info, err)
	}
	if len(done) > 0 {
		t.Error("client has the acknowledgement that is held")
	}
	gate.Release()
	if err := receive(ctx, t, "acknowledgement", done); err != nil {
		t.Error(err)
	}
	if gate.Count() != 1 {
		t.Errorf("count is %d, want 1", gate.Count())
	}
}

func TestDownAndUp(t *testing.T) {
	ctx := within(t)
	proxy, _ := broker(ctx, t)
	if err := proxy.Down(); err != nil {
		t.Fatal(err)
	}
	if conn, err := nats.Connect(proxy.URL()); err == nil {
		conn.Close()
		t.Error("a client connects while the proxy is down")
	}
	if err := proxy.Up(); err != nil {
		t.Fatal(err)
	}
	client := js(t, proxy.URL())
	if _, err := client.Publish(ctx, "undog.v1.event.c.n.deployment.app.verdict.bad", nil); err != nil {
		t.Error(err)
	}
	if err := proxy.Down(); err != nil {
		t.Error(err)
	}
	if err := proxy.Up(); err != nil {
		t.Error(err)
	}
	// The client may write to the broken connection before it knows.
	err := errors.New("never tried")
	for err != nil && ctx.Err() == nil {
		trying, cancel := context.WithTimeout(ctx, time.Second)
		_, err = client.Publish(trying, "undog.v1.event.c.n.deployment.app.verdict.good", nil)
		cancel()
	}
	if err != nil {
		t.Error(err)
	}
}

// A stalled watch breaks, and its client is told later that it comes too late;
// what is no watch passes.
func TestStall(t *testing.T) {
	ctx := within(t)
	proxy, reached := server(t)
	watch := func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, proxy.URL()+"/watch?watch=true", http.NoBody)
		if err != nil {
			return nil, err
		}
		return http.DefaultClient.Do(req)
	}
	first, err := watch()
	if err != nil {
		t.Fatal(err)
	}
	receive(ctx, t, "watch", reached)
	gate := proxy.Stall()
	if _, err := io.ReadAll(first.Body); err == nil || ctx.Err() != nil {
		t.Errorf("the watch under way ends with %v, want it broken", err)
	}
	_ = first.Body.Close()
	codes := make(chan int, 1)
	go func() {
		second, err := watch()
		if err != nil {
			t.Error(err)
			codes <- 0
			return
		}
		_ = second.Body.Close()
		codes <- second.StatusCode
	}()
	if err := patch(ctx, proxy.URL()+"/a"); err != nil {
		t.Errorf("what is no watch: %v", err)
	}
	receive(ctx, t, "request", reached)
	receive(ctx, t, "arrival", gate.Arrived())
	gate.Release()
	if code := receive(ctx, t, "answer", codes); code != http.StatusGone {
		t.Errorf("the watch that was held is answered with %d, want %d", code, http.StatusGone)
	}
	third, err := watch()
	if err != nil {
		t.Fatal(err)
	}
	_ = third.Body.Close()
	if third.StatusCode != http.StatusOK {
		t.Errorf("a watch after that is answered with %d", third.StatusCode)
	}
}
