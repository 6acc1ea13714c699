package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// mendEvery is how often it is tried whether the store can be written to again.
	mendEvery = 2 * time.Second
	// roomNeeded is how much has to fit by then.
	roomNeeded = 256 << 10
	// criticalError is what the server says of a stream that it stops to write.
	criticalError = "Critical write error"
)

// noteWrite finds out that a stream can no longer be written. The server does
// not try again by itself, also when there is room.
func (l *logger) noteWrite(text string) {
	if !strings.Contains(text, criticalError) {
		return
	}
	select {
	case l.unwritable <- struct{}{}:
	default:
	}
}

// mend starts the server anew when the store can be written to again after it
// could not, until ctx ends. Clients lose their connection and find the new one
// at the same address.
func (s *Server) mend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.logger.unwritable:
		}
		if !s.awaitRoom(ctx) {
			return
		}
		s.logger.log.Warn("the store of the embedded NATS server can be written to again: it is started anew", "store", s.dir)
		if err := s.restart(); err != nil {
			s.logger.Fatalf("it cannot be started anew: %v", err)
			return
		}
	}
}

// awaitRoom returns true when the store can be written to, false when ctx ended first.
func (s *Server) awaitRoom(ctx context.Context) bool {
	tick := time.NewTicker(mendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		if err := tryWrite(s.dir); err != nil {
			s.logger.log.Debug("the store of the embedded NATS server cannot be written to", "store", s.dir, "err", err)
			continue
		}
		return true
	}
}

// tryWrite writes as much as the server may want to, and removes it.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	_, err = f.Write(make([]byte, roomNeeded))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// restart replaces the server by one with the same store at the same address.
func (s *Server) restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	so := s.options
	if addr, ok := s.ns.Addr().(*net.TCPAddr); ok {
		so.Port = addr.Port
	}
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
	select {
	case <-s.logger.unwritable: // The old one said so.
	default:
	}
	ns, err := launch(so, s.logger)
	if err != nil {
		return err
	}
	s.ns = ns
	return nil
}

// launch runs a server, and takes it down again if it does not come up.
func launch(so server.Options, lg *logger) (*server.Server, error) {
	ns, err := server.NewServer(&so)
	if err != nil {
		return nil, fmt.Errorf("start embedded NATS server: %w", err)
	}
	ns.SetLoggerV2(lg, false, false, false)
	go ns.Start()
	err = awaitReady(ns, lg)
	if err == nil && !ns.JetStreamEnabled() {
		err = fmt.Errorf("start embedded NATS server: JetStream did not start with the store %q", so.StoreDir)
	}
	if err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return nil, err
	}
	return ns, nil
}
