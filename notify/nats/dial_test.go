package nats_test

import (
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/nats"
)

// silent is a server that is reached and says nothing.
type silent struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (s *silent) InProcessConn() (net.Conn, error) {
	ours, theirs := net.Pipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, theirs)
	return ours, nil
}

func (s *silent) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

// Neither a publisher nor the end waits for a server that takes its time to
// say nothing; the time is virtual.
func TestNobodyWaitsForATryToConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &silent{}
		defer s.close()
		c, err := nats.Connect(nats.Options{InProcess: s})
		if err != nil {
			t.Fatal(err)
		}
		// The first try was made by Connect itself; another one is under way then.
		<-time.After(1500 * time.Millisecond)
		before := time.Now()
		if c.Status().Connected {
			t.Error("connected to a server that says nothing")
		}
		if err := c.Publish(t.Context(), event("web", 0)); !errors.Is(err, nats.ErrNotConnected) {
			t.Errorf("got %v", err)
		}
		c.Close()
		if waited := time.Since(before); waited != 0 {
			t.Errorf("waited for %v", waited)
		}
	})
}
