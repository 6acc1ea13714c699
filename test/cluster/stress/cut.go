package stress

import (
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Cut is a server, or something before it, that ends watches: in the middle of
// an event, or while nothing happens.
type Cut struct {
	Seed uint64
	// Of takes the watches that it is about; nil takes all.
	Of func(*Request) bool
	// After is at most how many bytes of a watch come through, Within at most how
	// long one lasts. A watch gets half as much at least.
	After  int
	Within time.Duration

	Counted
	mu   sync.Mutex
	rand *rand.Rand
}

// Answer implements Fault.
func (c *Cut) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	resp, err := server.RoundTrip(r.Request)
	if err != nil || r.Verb != "watch" || !only(c.Of, r) || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	c.mu.Lock()
	if c.rand == nil {
		c.rand = rand.New(rand.NewPCG(c.Seed, 0))
	}
	left := c.After/2 + c.rand.IntN(c.After/2)
	within := c.Within/2 + time.Duration(c.rand.Int64N(int64(c.Within/2)))
	c.mu.Unlock()
	body := &cutBody{ReadCloser: resp.Body, cut: c, left: left}
	body.end = time.AfterFunc(within, func() { _ = resp.Body.Close() })
	resp.Body = body
	return resp, nil
}

// cutBody is a body that ends early.
type cutBody struct {
	io.ReadCloser
	cut  *Cut
	left int
	end  *time.Timer
	once sync.Once
}

// Read implements io.Reader.
func (b *cutBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.once.Do(b.cut.note)
		return 0, errCut
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil {
		b.once.Do(b.cut.note)
	}
	return n, err
}

// Close implements io.Closer.
func (b *cutBody) Close() error {
	b.end.Stop()
	return b.ReadCloser.Close()
}
