package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// worker does the application's work, request after request, and counts how it
// went, as /metrics says.
type worker struct {
	every     time.Duration
	failsOf   uint64
	failsWith string

	done, failed atomic.Uint64
}

func (w *worker) register(flags *flag.FlagSet) {
	flags.DurationVar(&w.every, "work", 0, "handle a request of its own each time")
	flags.Uint64Var(&w.failsOf, "fails-of", 0, "every so manieth request fails, the first one too")
	flags.StringVar(&w.failsWith, "fails-with", "", "what is printed when one fails")
}

// run works until ctx ends.
func (w *worker) run(ctx context.Context) {
	if w.every <= 0 {
		return
	}
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.handle()
		case <-ctx.Done():
			return
		}
	}
}

func (w *worker) handle() {
	n := w.done.Add(1)
	if w.failsOf == 0 || (n-1)%w.failsOf != 0 {
		return
	}
	w.failed.Add(1)
	if w.failsWith != "" {
		fmt.Println(w.failsWith)
	}
}

// metrics tells the counters as Prometheus reads them.
func (w *worker) metrics(out http.ResponseWriter, _ *http.Request) {
	failed := w.failed.Load()
	_, _ = fmt.Fprintf(out, "# TYPE testapp_requests_total counter\ntestapp_requests_total{code=\"200\"} %d\n", w.done.Load()-failed)
	if failed > 0 { // A series begins with its first event, as in many programs.
		_, _ = fmt.Fprintf(out, "testapp_requests_total{code=\"500\"} %d\n", failed)
	}
}
