package stress

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Slow is a server that takes its time: before each answer, and before each
// piece of a watch.
type Slow struct {
	Answers, Pieces time.Duration
	// Piece is how many bytes of a watch come at once.
	Piece int
}

// Answer implements Fault.
func (s *Slow) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if !pause(r.Request, s.Answers) {
		return nil, context.Cause(r.Context())
	}
	resp, err := server.RoundTrip(r.Request)
	if err != nil || r.Verb != "watch" {
		return resp, err
	}
	resp.Body = &dribble{ReadCloser: resp.Body, request: r.Request, slow: s}
	return resp, nil
}

// dribble is a body that comes a few bytes at a time.
type dribble struct {
	io.ReadCloser
	request *http.Request
	slow    *Slow
}

// Read implements io.Reader.
func (d *dribble) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p[:min(len(p), d.slow.Piece)])
	if n > 0 && !pause(d.request, d.slow.Pieces) {
		return n, context.Cause(d.request.Context())
	}
	return n, err
}
