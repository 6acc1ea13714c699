package hold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

const (
	// headerTimeout bounds how long a client may take to say what it wants.
	headerTimeout = 10 * time.Second
	// maxBody is more than an API server accepts.
	maxBody = 8 << 20
)

// When says at which moment a gate holds a request.
type When int

// The moments.
const (
	// Before holds a request that the server has not seen.
	Before When = iota
	// After holds the server's reply: what was asked for is done.
	After
)

// API is a reverse proxy on a loopback address before an API server. It speaks
// plain HTTP and acts with the credentials that it was given, so that its own
// clients need none.
type API struct {
	url       string
	server    *http.Server
	transport http.RoundTripper
	serving   sync.WaitGroup
	requests  sync.WaitGroup

	mu    sync.Mutex
	gates []apiGate
	// underWay are the requests that can be broken off.
	underWay map[*http.Request]context.CancelFunc
	// streams are the watches that can be frozen.
	streams map[*stream]struct{}
	closed  bool
}

type apiGate struct {
	*Gate
	match func(*http.Request) bool
	when  When
	// expires says that what was held is not forwarded.
	expires bool
}

// NewAPI starts a proxy; Close ends it.
func NewAPI(config *rest.Config) (*API, error) {
	target, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	a := &API{url: "http://" + listener.Addr().String(), transport: transport, underWay: map[*http.Request]context.CancelFunc{}, streams: map[*stream]struct{}{}}
	a.server = &http.Server{
		Handler: a.whole(&httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host})
				r.Out.Host = ""
			},
			Transport: a,
			// A watch is an answer that never ends.
			FlushInterval: -1,
			ErrorHandler:  hangUp,
			// A client that was killed is what the proxy is for.
			ErrorLog: log.New(io.Discard, "", 0),
		}),
		ReadHeaderTimeout: headerTimeout,
	}
	a.serving.Go(func() { _ = a.server.Serve(listener) })
	return a, nil
}

// ErrHangUp is for the transport of the configuration: its client's connection
// is broken without an answer.
var ErrHangUp = errors.New("hang up")

// hangUp answers a request that failed.
func hangUp(w http.ResponseWriter, _ *http.Request, err error) {
	if errors.Is(err, ErrHangUp) {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusBadGateway)
}

// whole passes on requests that have arrived with their whole body: only then
// does the server notice that the client of one that is held has gone. It lets
// Close wait for the requests under way.
func (a *API) whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.begin() {
			return
		}
		defer a.requests.Done()
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if len(body) > 0 {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		r, done := a.enter(r)
		defer done()
		next.ServeHTTP(w, r)
	})
}

// begin counts a request that Close waits for; false means that Close was first.
func (a *API) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.requests.Add(1)
	}
	return !a.closed
}

// URL is where clients connect.
func (a *API) URL() string { return a.url }

// Kubeconfig writes a kubeconfig that leads to the proxy into the folder, and
// returns its path.
func (a *API) Kubeconfig(dir string) (string, error) {
	const name = "proxy"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: a.url}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	path := filepath.Join(dir, "proxy.kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", errors.Join(fmt.Errorf("write kubeconfig of the proxy: %w", err), os.Remove(path))
	}
	return path, nil
}

// Gate holds the requests that match, as the client sent them, until the gate
// is released. match may be called from several goroutines.
func (a *API) Gate(match func(*http.Request) bool, when When) *Gate {
	g := newGate()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gates = append(a.gates, apiGate{Gate: g, match: match, when: when})
	return g
}

// RoundTrip implements http.RoundTripper for the proxy itself. A request whose
// client has gone while it was held is not forwarded.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := a.pass(r, Before); err != nil {
		if errors.Is(err, errExpired) {
			return gone(r), nil
		}
		return nil, err
	}
	resp, err := a.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := a.pass(r, After); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	if isWatch(r) {
		resp.Body = a.stream(r.Context(), resp.Body)
	}
	return resp, nil
}

func (a *API) pass(r *http.Request, when When) error {
	a.mu.Lock()
	gates := a.gates
	a.mu.Unlock()
	for _, g := range gates {
		if g.when != when || !g.match(r) {
			continue
		}
		held := !g.isOpen()
		if err := g.pass(r.Context()); err != nil {
			return fmt.Errorf("hold %s %s: %w", r.Method, r.URL.Path, err)
		}
		if held && g.expires {
			return errExpired
		}
	}
	return nil
}

// Close breaks every connection and waits for the requests that were held.
func (a *API) Close() error {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	err := a.server.Close()
	a.serving.Wait()
	a.requests.Wait()
	if err != nil {
		return fmt.Errorf("stop proxy: %w", err)
	}
	return nil
}
