package stress

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Late is a server whose watches lag behind: everything comes, so much later.
type Late struct {
	By time.Duration
}

// queued bounds how many pieces of a watch are on their way, and pieceSize how
// large they are, in bytes.
const queued, pieceSize = 1024, 32 << 10

// Answer implements Fault.
func (l *Late) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	resp, err := server.RoundTrip(r.Request)
	if err != nil || r.Verb != "watch" {
		return resp, err
	}
	from := resp.Body
	reader, writer := io.Pipe()
	resp.Body = &piped{PipeReader: reader, from: from}
	pieces := make(chan piece, queued)
	go func() {
		defer close(pieces)
		for {
			raw := make([]byte, pieceSize)
			n, err := from.Read(raw)
			select {
			case pieces <- piece{raw: raw[:n], err: err, at: time.Now().Add(l.By)}:
			case <-r.Context().Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	go func() {
		for p := range pieces {
			if !pause(r.Request, time.Until(p.at)) {
				break
			}
			if _, err := writer.Write(p.raw); err != nil || p.err != nil {
				_ = writer.CloseWithError(p.err)
				return
			}
		}
		_ = writer.CloseWithError(context.Cause(r.Context()))
	}()
	return resp, nil
}

// piece is what was read at once, with when it is to arrive.
type piece struct {
	raw []byte
	err error
	at  time.Time
}
