package slim

import (
	"bufio"
	"io"

	"k8s.io/apimachinery/pkg/runtime"
)

// ahead is how much of a watch is read at once where that much is there.
const ahead = 16 << 10

// buffered reads a watch ahead. A frame alone is small, and HTTP/2 answers nearly
// every read with a message of its own that says so to the server.
type buffered struct{ runtime.Framer }

// NewFrameReader implements runtime.Framer.
func (b buffered) NewFrameReader(r io.ReadCloser) io.ReadCloser {
	return b.Framer.NewFrameReader(struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(r, ahead), r})
}
