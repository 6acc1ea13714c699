package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// stopGrace is how long open requests may take after a signal.
const stopGrace = time.Second

// server says how to serve and when to be ready.
type server struct {
	addr       string
	version    string
	neverReady bool
	slowStart  time.Duration
	readyFile  string
	work       worker
}

func (s *server) register(flags *flag.FlagSet) {
	flags.StringVar(&s.addr, "addr", ":8080", "address to serve HTTP on")
	flags.StringVar(&s.version, "version", os.Getenv("VERSION"), "what / says; $VERSION by default")
	flags.BoolVar(&s.neverReady, "never-ready", false, "never become ready")
	flags.DurationVar(&s.slowStart, "slow-start", 0, "become ready after this time")
	flags.StringVar(&s.readyFile, "ready-file", "", "be ready only while this file exists")
	s.work.register(flags)
}

func serve(ctx context.Context, flags *flag.FlagSet, args []string) (int, error) {
	var s server
	s.register(flags)
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	return 0, s.run(ctx)
}

// run serves until ctx ends.
func (s *server) run(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.addr, err)
	}
	fmt.Printf("testapp %s serves on %s\n", s.version, listener.Addr())
	httpServer := &http.Server{Handler: s.handler(time.Now()), ReadHeaderTimeout: 5 * time.Second}
	working := make(chan struct{})
	go func() {
		defer close(working)
		s.work.run(ctx)
	}()
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	<-working
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := httpServer.Shutdown(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

func (s *server) handler(started time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if reason := s.notReady(time.Since(started)); reason != "" {
			http.Error(w, reason, http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /metrics", s.work.metrics)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "testapp", s.version)
	})
	return mux
}

// notReady says why the application is not ready, "" if it is.
func (s *server) notReady(age time.Duration) string {
	if s.neverReady {
		return "not ready, and never will be"
	}
	if age < s.slowStart {
		return fmt.Sprintf("not ready before %v", s.slowStart)
	}
	if s.readyFile != "" {
		if _, err := os.Stat(s.readyFile); err != nil {
			return "not ready: " + err.Error()
		}
	}
	return ""
}
