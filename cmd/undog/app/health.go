package app

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// health answers /livez, /readyz and /metrics. Liveness asks whether undog's
// own loop turns; readiness whether it has seen the cluster. NATS being away
// is told, and is no reason to restart: undog works without it.
type health struct {
	// turned is when the loop last came round, in Unix nanoseconds.
	turned atomic.Int64
	// synced tells whether the first list of everything watched is complete.
	synced func() bool
	// lost is since when what undog sees may be old, zero when it is not.
	lost func(time.Time) time.Time
	// nats describes the connection, and whether it stands.
	nats func() (string, bool)
	// leader describes who acts, a line or nothing.
	leader func() string
	// questions answers what lies below /v1/; nil leaves it out.
	questions http.Handler
}

// stuckAfter is how long the loop may take to come round.
const stuckAfter = 6 * heartbeat

func (h *health) alive(at time.Time) { h.turned.Store(at.UnixNano()) }

// handler serves the three paths.
func (h *health) handler(m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		age := time.Since(time.Unix(0, h.turned.Load())).Round(time.Millisecond)
		if age > stuckAfter {
			http.Error(w, fmt.Sprintf("[-] loop: last came round %s ago", age), http.StatusServiceUnavailable)
			return
		}
		reply(w, "[+] loop: ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		natsText, natsUp := h.nats()
		text := "[+] nats: " + natsText + "\n"
		if !natsUp {
			text = "[~] nats: degraded: " + natsText + "\n"
		}
		if h.leader != nil {
			text += h.leader()
		}
		if !h.synced() {
			http.Error(w, "[-] watch: not synced yet\n"+text, http.StatusServiceUnavailable)
			return
		}
		if lost := h.lost(time.Now()); !lost.IsZero() {
			// A restart would not bring the API server back.
			reply(w, "[~] watch: out of contact since "+lost.UTC().Format(time.RFC3339)+"\n"+text)
			return
		}
		reply(w, "[+] watch: synced\n"+text)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	if h.questions != nil {
		mux.Handle("GET /v1/", h.questions)
	}
	return mux
}

// reply writes a plain text; a client that has gone away is no concern of ours.
func reply(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text))
}
