package hold

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
)

const (
	// maxLine is more than a control line of the NATS protocol may have.
	maxLine = 1 << 20
	// maxPayload is more than a server accepts by default.
	maxPayload = 8 << 20
)

// message begins what a server delivers to a subscriber, an acknowledgement
// among it.
var message = []byte("MSG ")

// link is one client's connection with its way on to the server.
type link struct {
	client, server net.Conn
	ctx            context.Context
	cancel         context.CancelFunc

	mu   sync.Mutex
	held []*Gate
}

func newLink(ctx context.Context, client, server net.Conn) *link {
	l := &link{client: client, server: server}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// close breaks both sides. It may be called again.
func (l *link) close() {
	l.cancel()
	_, _ = l.client.Close(), l.server.Close()
}

// answers carries what the server sends, unless it is held.
func (l *link) answers() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buffer)
		if n > 0 {
			if !l.wait(bytes.Contains(buffer[:n], message)) {
				return
			}
			if _, err := l.client.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait returns when no gate holds the link, or false when the link is broken.
// What arrives at a gate is a message: the server has stored the event by then.
func (l *link) wait(isMessage bool) bool {
	l.mu.Lock()
	held := l.held
	if isMessage {
		l.held = nil
	}
	l.mu.Unlock()
	for _, g := range held {
		if isMessage {
			g.note()
		}
		select {
		case <-g.open:
		case <-l.ctx.Done():
			return false
		}
	}
	return true
}

// requests carries what the client sends, one operation at a time, so that
// the answers are held before the server can give them.
func (l *link) requests(gate func(subject string) *Gate) {
	reader := bufio.NewReaderSize(l.client, 64<<10)
	for {
		operation, subject, err := next(reader)
		if err != nil {
			return
		}
		if g := gate(subject); g != nil {
			l.mu.Lock()
			l.held = append(l.held, g)
			l.mu.Unlock()
		}
		if _, err := l.server.Write(operation); err != nil {
			return
		}
	}
}

// next reads one operation with its payload, and the subject that it publishes
// to, "" if it publishes nothing.
func next(reader *bufio.Reader) (operation []byte, subject string, err error) {
	line, err := readLine(reader)
	if err != nil {
		return nil, "", err
	}
	fields := bytes.Fields(line)
	if len(fields) < 3 || !bytes.EqualFold(fields[0], []byte("PUB")) && !bytes.EqualFold(fields[0], []byte("HPUB")) {
		return line, "", nil
	}
	// The last field is the size of headers and payload; a line end follows them.
	size, err := strconv.Atoi(string(fields[len(fields)-1]))
	if err != nil || size < 0 || size > maxPayload {
		return nil, "", fmt.Errorf("read size of payload in %q", line)
	}
	operation = append(line, make([]byte, size+2)...)
	if _, err := io.ReadFull(reader, operation[len(line):]); err != nil {
		return nil, "", fmt.Errorf("read payload: %w", err)
	}
	return operation, string(fields[1]), nil
}

// readLine reads a line with its end.
func readLine(reader *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := reader.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) || len(line) > maxLine {
			return nil, fmt.Errorf("read line: %w", err)
		}
	}
}
