package daemon_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

// shows waits until a path of undog answers with the code and all the texts.
func (f *fixture) shows(undog *daemon.Daemon, path string, code int, texts ...string) {
	f.t.Helper()
	var last string
	err := wait.PollUntilContextCancel(f.ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		got, body, err := undog.Get(ctx, path)
		last = body
		for _, text := range texts {
			if !strings.Contains(body, text) {
				return false, err
			}
		}
		return got == code, err
	})
	if err != nil {
		f.t.Fatalf("wait for %s to be %d with %q: %v; it says\n%s", path, code, texts, err, last)
	}
}

// What undog depends on goes away and comes back: that is told, and is never a
// reason to restart undog.
func TestHealthWithoutNATSAndAPIServer(t *testing.T) {
	f := newFixture(t)
	broker := f.natsProxy(f.natsServer())
	server, kubeconfig := f.proxy()
	undog := f.undog(setup{kubeconfig: kubeconfig, nats: broker.URL()})
	f.shows(undog, "/readyz", http.StatusOK, "ok\n")
	f.shows(undog, "/readyz?verbose", http.StatusOK, "[+]watch ok\n", "[+]nats ok\n", "[+]loop ok\n", "[+]informer-pods ok\n", "readyz check passed\n")

	if err := broker.Down(); err != nil {
		t.Fatal(err)
	}
	f.shows(undog, "/readyz", http.StatusOK, "[~]nats degraded: ")
	f.deploy(app, "1.0", 1)
	f.running(app, "1.0")
	f.release(app, "1.1")
	f.shows(undog, "/readyz", http.StatusOK, "[~]publisher degraded: no progress for ")
	f.shows(undog, "/metrics", http.StatusOK, "undog_stalled{component=\"publisher\"} 1\n", "undog_stalls_total{component=\"publisher\"} 1\n", "undog_nats_connected 0\n")
	f.shows(undog, "/livez", http.StatusOK, "ok\n")
	if err := broker.Up(); err != nil {
		t.Fatal(err)
	}
	f.shows(undog, "/readyz", http.StatusOK, "ok\n")

	watches := server.Stall()
	f.shows(undog, "/readyz", http.StatusOK, "[~]watch degraded: out of contact with the API server since ")
	f.shows(undog, "/livez", http.StatusOK, "ok\n")
	watches.Release()
	f.shows(undog, "/readyz", http.StatusOK, "ok\n")
	f.shows(undog, "/metrics", http.StatusOK, `undog_client_requests_total{code="200",method="GET"} `,
		`undog_informer_relists_total{resource="pods"} `, `undog_stalls_total{component="loop"} 0`)
}
