package reach_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/streaming/pkg/httpstream"
	httpspdy "k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/check/reach"
)

const protocol = "portforward.k8s.io"

// apiServer forwards ports of the pod shop/web as an API server and a kubelet
// do, over WebSockets or only over SPDY.
type apiServer struct {
	backend string
	old     bool
	asked   []string
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked = append(a.asked, r.Method+" "+r.URL.Path)
	if r.URL.Path != "/api/v1/namespaces/shop/pods/web/portforward" {
		http.NotFound(w, r)
		return
	}
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		if a.old {
			http.Error(w, "only SPDY", http.StatusBadRequest)
			return
		}
		websocket.Server{
			Handshake: func(c *websocket.Config, _ *http.Request) error {
				c.Protocol = []string{"SPDY/3.1+" + protocol}
				return nil
			},
			Handler: func(ws *websocket.Conn) {
				ws.PayloadType = websocket.BinaryFrame
				streams := make(chan httpstream.Stream, 4)
				conn, err := httpspdy.NewServerConnection(ws, accept(streams))
				if err == nil {
					a.forward(conn, streams)
				}
			},
		}.ServeHTTP(w, r)
		return
	}
	if _, err := httpstream.Handshake(r, w, []string{protocol}); err != nil {
		return
	}
	streams := make(chan httpstream.Stream, 4)
	if conn := httpspdy.NewResponseUpgrader().UpgradeResponse(w, r, accept(streams)); conn != nil {
		a.forward(conn, streams)
	}
}

func accept(streams chan httpstream.Stream) httpstream.NewStreamHandler {
	return func(s httpstream.Stream, sent <-chan struct{}) error {
		go func() { <-sent; streams <- s }()
		return nil
	}
}

// forward connects the data stream, or says on the other one why it cannot.
func (a *apiServer) forward(conn httpstream.Connection, streams chan httpstream.Stream) {
	defer func() { _ = conn.Close() }()
	var data, trouble httpstream.Stream
	for data == nil || trouble == nil {
		select {
		case s := <-streams:
			if s.Headers().Get(corev1.StreamType) == corev1.StreamTypeError {
				trouble = s
			} else {
				data = s
			}
		case <-conn.CloseChan():
			return
		}
	}
	out, err := net.Dial("tcp", a.backend)
	if err != nil || data.Headers().Get(corev1.PortHeader) != "8000" {
		_, _ = fmt.Fprintf(trouble, "failed to connect to localhost:%s inside namespace", data.Headers().Get(corev1.PortHeader))
		_, _ = trouble.Close(), data.Close()
		<-conn.CloseChan()
		return
	}
	go func() {
		_, _ = io.Copy(out, data)
		_ = out.Close()
	}()
	_, _ = io.Copy(data, out)
	_, _ = trouble.Close(), data.Close()
	<-conn.CloseChan()
}

// pod is shop/web, with changes.
func pod(changes ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "uid"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Ports: []corev1.ContainerPort{
			{Name: "dns", ContainerPort: 53, Protocol: corev1.ProtocolUDP}, {Name: "web", ContainerPort: 8000}, {Name: "admin", ContainerPort: 9000},
		}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.1.2.3", Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

func forwarding(t *testing.T, a *apiServer) *reach.Reach {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	r, err := reach.New(reach.Options{Pods: apitest.From(fake.NewClientset()), Config: &rest.Config{Host: server.URL}, By: reach.PortForward})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get asks over a connection of the target's.
func get(t *testing.T, r *reach.Reach, port string) (string, error) {
	t.Helper()
	target, err := r.Target(t.Context(), pod(), port)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return target.Dial(ctx)
	}}}
	answer, err := client.Get("http://pod/")
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func TestPortForward(t *testing.T) {
	page := strings.Repeat("a page longer than one frame ", 10_000)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) }))
	t.Cleanup(backend.Close)
	for _, old := range []bool{false, true} {
		a := &apiServer{backend: backend.Listener.Addr().String(), old: old}
		r := forwarding(t, a)
		if got, err := get(t, r, ""); err != nil || got != page {
			t.Errorf("only SPDY %v: %d bytes of %d, %v (asked %v)", old, len(got), len(page), err, a.asked)
		}
		if _, err := get(t, r, "admin"); err == nil || !strings.Contains(err.Error(), "the node says: failed to connect to localhost:9000") {
			t.Errorf("only SPDY %v: a closed port gives %v", old, err)
		}
	}
}

// A connection that answers nothing honours its deadline, and ends with the play.
func TestForwardedConnections(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	r := forwarding(t, &apiServer{backend: listener.Addr().String()})
	playing, end := context.WithCancel(t.Context())
	target, err := r.Target(playing, pod(), "web")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || !os.IsTimeout(err) {
		t.Errorf("after the deadline: %v", err)
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	end()
	if n, err := far.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the pod's side reads %d, %v after the play", n, err)
	}
	if _, err := target.Dial(t.Context()); err == nil {
		t.Error("a play that is over connects")
	}
}

func TestForwardRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"may not create pods/portforward","reason":"Forbidden","code":403}`)
	}))
	t.Cleanup(server.Close)
	r, err := reach.New(reach.Options{Pods: apitest.From(fake.NewClientset()), Config: &rest.Config{Host: server.URL}, By: reach.PortForward})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, r, ""); err == nil || !strings.Contains(err.Error(), "may not create pods/portforward") {
		t.Errorf("got %v", err)
	}
}
