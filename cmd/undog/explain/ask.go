package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
)

const (
	// Header is set on every answer, so that undog is told from whatever else
	// may listen at an address.
	Header = "Undog-Api"
	// Version is the value of Header.
	Version = "v1"

	askWithin = 8 * time.Second
	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 16 << 20
)

// The reasons of a Refusal.
const (
	BadRequest = "BadRequest"
	NotFound   = "NotFound"
	NotWatched = "NotWatched"
	NotSynced  = "NotSynced"
	Busy       = "Busy"
)

// Refusal says why the daemon has no answer.
type Refusal struct {
	Reason  string `json:"reason"`
	Message string `json:"error"`
}

func (r *Refusal) Error() string { return r.Message }

// Code is the HTTP status that goes with the reason.
func (r *Refusal) Code() int {
	switch r.Reason {
	case NotFound, NotWatched:
		return http.StatusNotFound
	case NotSynced, Busy:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// NoDaemonError says that no undog answers at an address, and why.
type NoDaemonError struct{ Server, Why string }

func (e *NoDaemonError) Error() string {
	return fmt.Sprintf("no undog answers at %s (%s)", e.Server, e.Why)
}

// Ask asks the daemon at a URL. The error is a *Refusal when it has no answer
// and a *NoDaemonError when there is none.
func Ask(ctx context.Context, server, namespace, name string) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	u, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("read the address of the daemon: %w", err)
	}
	u = u.JoinPath("v1", "explain")
	u.RawQuery = url.Values{"namespace": {namespace}, "name": {name}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", server, err)
	}
	// Through a proxy the loopback address would be the proxy's.
	client := http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return nil, &NoDaemonError{server, cause(err)}
	}
	defer func() { _ = res.Body.Close() }()
	if res.Header.Get(Header) != Version {
		return nil, &NoDaemonError{server, "what answers is something else, or an undog of another version"}
	}
	a, err := read(res)
	if err != nil {
		return nil, err
	}
	a.Source = "judged by the undog at " + server
	return a, nil
}

func read(res *http.Response) (*Answer, error) {
	body := json.NewDecoder(io.LimitReader(res.Body, maxAnswer))
	if res.StatusCode != http.StatusOK {
		refusal := &Refusal{}
		if err := body.Decode(refusal); err != nil {
			return nil, fmt.Errorf("read the daemon's answer %s: %w", res.Status, err)
		}
		return nil, refusal
	}
	a := &Answer{}
	if err := body.Decode(a); err != nil {
		return nil, fmt.Errorf("read the daemon's answer: %w", err)
	}
	return a, nil
}

// cause is the part of a network error that people look for.
func cause(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &op):
		return op.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %s", askWithin)
	}
	return err.Error()
}

// Server is the URL of a daemon that listens at an address. One that listens
// everywhere is asked on this machine. It fails where the address says nothing.
func Server(addr string) (string, error) {
	if strings.Contains(addr, "://") {
		u, err := url.Parse(addr)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return "", fmt.Errorf("%q is not the address of a daemon; write it as in http://127.0.0.1:8080", Printable(addr))
		}
		return strings.TrimSuffix(addr, "/"), nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" || port == "0" {
		return "", fmt.Errorf("%q does not say where a daemon listens; write it as in http://127.0.0.1:8080", Printable(addr))
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// Printable is a text of a request as it may be repeated.
func Printable(s string) string { return page.Short(s, page.Default) }
