package stress

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/rest"
)

// Fault answers a request, with or without asking the server. It may be called
// by several goroutines.
type Fault interface {
	Answer(r *Request, server http.RoundTripper) (*http.Response, error)
}

// Request is a request with what it asks for.
type Request struct {
	*http.Request
	*request.RequestInfo
}

// Through puts faults before the server, the first one nearest to the client.
func Through(config *rest.Config, faults ...Fault) *rest.Config {
	config = rest.CopyConfig(config)
	for _, fault := range slices.Backward(faults) {
		config.Wrap(func(server http.RoundTripper) http.RoundTripper { return &layer{fault: fault, server: server} })
	}
	return config
}

var infos = &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

type layer struct {
	fault  Fault
	server http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l *layer) RoundTrip(r *http.Request) (*http.Response, error) {
	info, err := infos.NewRequestInfo(r)
	if err != nil {
		return nil, fmt.Errorf("understand request: %w", err)
	}
	return l.fault.Answer(&Request{Request: r, RequestInfo: info}, l.server)
}

// Changes tells whether the request is to change something.
func (r *Request) Changes() bool {
	switch r.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return true
	}
	return false
}

// Streams tells whether a watch begins with everything that exists.
func (r *Request) Streams() bool {
	return r.Verb == "watch" && r.URL.Query().Get("sendInitialEvents") == "true"
}

// key is the same for a request that is made again.
func (r *Request) key() string {
	query := r.URL.Query()
	for _, moves := range []string{"resourceVersion", "resourceVersionMatch", "timeoutSeconds", "timeout", "continue"} {
		query.Del(moves)
	}
	return r.Method + " " + r.URL.Path + "?" + query.Encode()
}

// While is a fault that begins and ends.
type While struct {
	Fault
	on atomic.Bool
}

// Begin begins the fault.
func (w *While) Begin() { w.on.Store(true) }

// End ends the fault.
func (w *While) End() { w.on.Store(false) }

// Answer implements Fault.
func (w *While) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if !w.on.Load() {
		return server.RoundTrip(r.Request)
	}
	return w.Fault.Answer(r, server)
}

// Func is a fault, or a look at what passes.
type Func func(r *Request, server http.RoundTripper) (*http.Response, error)

// Answer implements Fault.
func (f Func) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	return f(r, server)
}

// status is an answer that an API server gives.
func status(r *Request, code int, reason metav1.StatusReason, message string) *http.Response {
	body, err := json.Marshal(statusOf(code, reason, message))
	if err != nil {
		panic(err) // A Status can always be encoded.
	}
	resp := answer(r, code, io.NopCloser(strings.NewReader(string(body))))
	resp.ContentLength = int64(len(body))
	return resp
}

func statusOf(code int, reason metav1.StatusReason, message string) *metav1.Status {
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
		Code: int32(code), Reason: reason, Message: message, //nolint:gosec // an HTTP status
	}
}

// answer is an answer in JSON.
func answer(r *Request, code int, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: body, ContentLength: -1, Request: r.Request,
	}
}

// drop gives up an answer that nobody will read.
func drop(resp *http.Response) error {
	if err := resp.Body.Close(); err != nil {
		return fmt.Errorf("close answer: %w", err)
	}
	return nil
}

// pause is false when the client goes first.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
