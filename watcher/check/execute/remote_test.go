package execute_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/rest"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"github.com/undog-dev/undog/watcher/check/execute"
)

// server speaks as an API server does that passes commands on to a node.
type server struct {
	t *testing.T
	// old has no WebSockets.
	old bool
	// command does what the container would.
	command func(out, stderr io.Writer) metav1.Status
	// refuse answers instead.
	refuse func(http.ResponseWriter)
	// streams is how many commands were run, over which protocol.
	mu      sync.Mutex
	streams []string
	query   string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	socket := wsstream.IsWebSocketRequest(r)
	switch {
	case r.URL.Path != "/api/v1/namespaces/shop/pods/new/exec":
		http.NotFound(w, r)
	case s.refuse != nil:
		s.refuse(w)
	case socket && s.old:
		http.Error(w, "upgrade to SPDY, please", http.StatusBadRequest)
	case socket:
		s.note("websocket", r)
		s.overWebSocket(w, r)
	default:
		s.note("spdy", r)
		s.overSPDY(w, r)
	}
}

func (s *server) note(protocol string, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams, s.query = append(s.streams, protocol), r.URL.RawQuery
}

func (s *server) overWebSocket(w http.ResponseWriter, r *http.Request) {
	conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{
		remotecommand.StreamProtocolV5Name: {Binary: true, Channels: []wsstream.ChannelType{
			wsstream.IgnoreChannel, wsstream.WriteChannel, wsstream.WriteChannel, wsstream.WriteChannel,
		}},
	})
	_, streams, err := conn.Open(w, r)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = streams[remotecommand.StreamStdOut].Write(nil)
	s.run(streams[remotecommand.StreamStdOut], streams[remotecommand.StreamStdErr], streams[remotecommand.StreamErr])
}

func (s *server) overSPDY(w http.ResponseWriter, r *http.Request) {
	if _, err := httpstream.Handshake(r, w, []string{remotecommand.StreamProtocolV4Name}); err != nil {
		s.t.Error(err)
		return
	}
	opened := make(chan httpstream.Stream, 3)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(stream httpstream.Stream, _ <-chan struct{}) error {
		opened <- stream
		return nil
	})
	if conn == nil {
		return
	}
	defer func() { _ = conn.Close() }()
	streams := map[string]httpstream.Stream{}
	for range 3 {
		select {
		case stream := <-opened:
			streams[stream.Headers().Get(corev1.StreamType)] = stream
		case <-conn.CloseChan():
			return
		}
	}
	s.run(streams[corev1.StreamTypeStdout], streams[corev1.StreamTypeStderr], streams[corev1.StreamTypeError])
	for _, stream := range streams {
		_ = stream.Close()
	}
	<-conn.CloseChan()
}

func (s *server) run(out, stderr, status io.Writer) {
	raw, err := json.Marshal(s.command(out, stderr))
	if err != nil {
		s.t.Error(err)
	}
	_, _ = status.Write(raw)
}

func exits(code string) metav1.Status {
	return metav1.Status{
		Status: metav1.StatusFailure, Reason: remotecommand.NonZeroExitCodeReason,
		Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: remotecommand.ExitCodeCauseType, Message: code}}},
	}
}

func over(t *testing.T, s *server) *execute.Remote {
	t.Helper()
	s.t = t
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	r, err := execute.Over(&rest.Config{Host: h.URL})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var command = execute.Command{Namespace: "shop", Pod: "new", Container: "app", Args: []string{"/selftest", "a b"}}

// TestRemote runs commands against a server that speaks the real protocols.
func TestRemote(t *testing.T) {
	status := func(code int32, reason metav1.StatusReason) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			raw, _ := json.Marshal(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: reason, Code: code, Message: "no"})
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(int(code))
			_, _ = w.Write(raw)
		}
	}
	for name, tt := range map[string]struct {
		server *server
		code   int
		out    string
		err    error
		// told is in an error of the node.
		told string
	}{
		"well": {server: &server{command: func(out, _ io.Writer) metav1.Status {
			_, _ = io.WriteString(out, "out")
			return metav1.Status{Status: metav1.StatusSuccess}
		}}, out: "out"},
		"exit code": {server: &server{command: func(_, stderr io.Writer) metav1.Status {
			_, _ = io.WriteString(stderr, "err")
			return exits("42")
		}}, code: 42, out: "err"},
		"not there": {server: &server{command: func(io.Writer, io.Writer) metav1.Status {
			return metav1.Status{Status: metav1.StatusFailure, Message: "executable file not found in $PATH"}
		}}, told: "executable file not found in $PATH"},
		"a code that is none": {server: &server{command: func(io.Writer, io.Writer) metav1.Status { return exits("many") }}, told: "invalid exit code"},
		"forbidden":           {server: &server{refuse: status(http.StatusForbidden, metav1.StatusReasonForbidden)}, err: execute.ErrForbidden},
		"API server is busy":  {server: &server{refuse: status(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable)}, err: execute.ErrUnavailable},
		"no such container": {server: &server{refuse: func(w http.ResponseWriter) {
			http.Error(w, `container not found ("app")`, http.StatusNotFound)
		}}, told: `container not found ("app")`},
		"breaks off": {server: &server{refuse: func(http.ResponseWriter) { panic(http.ErrAbortHandler) }}, err: execute.ErrUnavailable},
	} {
		for _, old := range []bool{false, true} {
			t.Run(name+map[bool]string{true: " over SPDY", false: ""}[old], func(t *testing.T) {
				tt.server.old, tt.server.streams = old, nil
				var out locked
				code, err := over(t, tt.server).Run(t.Context(), command, &out)
				if code != tt.code || out.String() != tt.out {
					t.Errorf("got code %d and %q, want %d and %q", code, out.String(), tt.code, tt.out)
				}
				switch {
				case tt.err != nil && !errors.Is(err, tt.err), tt.err == nil && tt.told == "" && err != nil:
					t.Errorf("got error %v, want %v", err, tt.err)
				case tt.told != "" && (err == nil || !strings.Contains(err.Error(), tt.told) || errors.Is(err, execute.ErrUnavailable) || errors.Is(err, execute.ErrForbidden)):
					t.Errorf("got error %v, want the node's %q", err, tt.told)
				}
				if tt.server.refuse == nil {
					want := map[bool]string{true: "spdy", false: "websocket"}[old]
					if len(tt.server.streams) != 1 || tt.server.streams[0] != want {
						t.Errorf("ran over %v, want once over %s", tt.server.streams, want)
					}
					if tt.server.query != "command=%2Fselftest&command=a+b&container=app&stderr=true&stdout=true" {
						t.Errorf("asked for %s", tt.server.query)
					}
				}
			})
		}
	}
}

// TestRemoteEndsWithItsContext has a command that never stops writing.
func TestRemoteEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{command: func(out, _ io.Writer) metav1.Status {
		for line := bytes.Repeat([]byte("y"), 8<<10); ; {
			if _, err := out.Write(line); err != nil {
				return metav1.Status{}
			}
		}
	}}
	var out locked
	out.seen = func(n int) {
		if n > 1<<20 {
			cancel()
		}
	}
	if _, err := over(t, s).Run(ctx, command, &out); err == nil {
		t.Error("no error")
	}
}

// locked is a buffer for two streams.
type locked struct {
	mu   sync.Mutex
	n    int
	b    bytes.Buffer
	seen func(int)
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n += len(p)
	if l.seen != nil {
		l.seen(l.n)
		return len(p), nil
	}
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
