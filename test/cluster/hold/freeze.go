package hold

import (
	"context"
	"io"
	"sync"
)

// Freeze keeps back, until the gate is released, all that the watches which are
// open now would bring, without ending them: a connection that is cut without a
// word. Watches that are opened later are whole. The gate counts the watches.
func (a *API) Freeze() *Gate {
	g := newGate()
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.streams {
		g.note()
		s.freeze(g)
	}
	return g
}

// stream is the body of a watch's answer.
type stream struct {
	io.ReadCloser
	ctx    context.Context //nolint:containedctx // It is the request's, and ends a read that is kept back.
	closed func()

	mu     sync.Mutex
	frozen *Gate
}

// stream makes the body of a watch one that can be frozen.
func (a *API) stream(ctx context.Context, body io.ReadCloser) io.ReadCloser {
	s := &stream{ReadCloser: body, ctx: ctx}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.streams[s] = struct{}{}
	s.closed = func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.streams, s)
	}
	return s
}

func (s *stream) freeze(g *Gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = g
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.mu.Lock()
	g := s.frozen
	s.mu.Unlock()
	if g == nil {
		return n, err
	}
	select {
	case <-g.open:
		return n, err
	case <-s.ctx.Done():
		return 0, context.Cause(s.ctx)
	}
}

// Close implements io.Closer.
func (s *stream) Close() error {
	s.closed()
	return s.ReadCloser.Close()
}
