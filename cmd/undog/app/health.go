package app

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/undog-dev/undog/cmd/undog/watchdog"
)

// health answers /livez, /readyz and /metrics, in the API server's manner.
// Liveness asks whether undog's own parts make progress, those that a restart
// would cure; readiness, beside that, whether it has seen the cluster. NATS or the
// API server being away is told, and is no reason to restart or not to be ready.
type health struct {
	// turned is when the loop last came round, in Unix nanoseconds.
	turned atomic.Int64
	// synced tells whether the first list of everything watched is complete.
	synced func() bool
	// lost is since when what undog sees may be old, zero when it is not.
	lost func(time.Time) time.Time
	// nats describes the connection, and whether it stands.
	nats func() (string, bool)
	// dog knows which of undog's own parts make no progress.
	dog *watchdog.Watchdog
	// more are parts that are told beside the others.
	more []part
	// questions answers what lies below /v1/; nil leaves it out.
	questions http.Handler
	// profiles serves /debug/pprof/; nil leaves it out.
	profiles http.Handler
}

// grade is how well a part is.
type grade int

const (
	well grade = iota
	// degraded is worth telling; undog goes on.
	degraded
	failed
)

// part is a component of undog, or something that it depends on.
type part struct {
	name string
	// restart says that a restart may cure it: /livez asks for it too.
	restart bool
	// look says how it is, and why when it is not well.
	look func(now time.Time) (grade, string)
}

func (h *health) alive(at time.Time) { h.turned.Store(at.UnixNano()) }

// parts lists everything that is asked, in the order of the answer.
func (h *health) parts() []part {
	all := []part{{name: "watch", look: h.watch}, {name: "nats", look: h.connection}}
	for _, b := range h.dog.Beats() {
		all = append(all, part{name: b.Component, restart: b.Restart, look: func(now time.Time) (grade, string) { return beating(b, now) }})
	}
	return append(all, h.more...)
}

func (h *health) watch(now time.Time) (grade, string) {
	if !h.synced() {
		return failed, "not synced yet"
	}
	if lost := h.lost(now); !lost.IsZero() {
		// A restart would not bring the API server back.
		return degraded, "out of contact with the API server since " + lost.UTC().Format(time.RFC3339)
	}
	return well, ""
}

func (h *health) connection(time.Time) (grade, string) {
	if text, up := h.nats(); !up {
		return degraded, text
	}
	return well, ""
}

func beating(b watchdog.Beat, now time.Time) (grade, string) {
	s := b.Look(now)
	switch why := fmt.Sprintf("no progress for %s: %s", s.For.Round(time.Second), s.StuckIn); {
	case !s.Stalled:
		return well, ""
	case s.Restart:
		return failed, why
	default:
		return degraded, why
	}
}

// handler serves everything.
func (h *health) handler(m *metrics) http.Handler {
	mux := http.NewServeMux()
	all := h.parts()
	var vital []part
	for _, p := range all {
		if p.restart {
			vital = append(vital, p)
		}
	}
	probe(mux, "livez", vital)
	probe(mux, "readyz", all)
	// To compress an answer would take more memory than all that it is made of.
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true}))
	if h.questions != nil {
		mux.Handle("GET /v1/", h.questions)
	}
	if h.profiles != nil {
		mux.Handle("GET /debug/pprof/", h.profiles)
	}
	return mux
}

// probe serves /NAME, which says ok or what is not, /NAME?verbose, which says
// how every part is, and /NAME/PART.
func probe(mux *http.ServeMux, name string, parts []part) {
	mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
		_, verbose := r.URL.Query()["verbose"]
		text, ok := told(parts, verbose, time.Now())
		switch {
		case !ok:
			text += name + " check failed\n"
		case verbose:
			text += name + " check passed\n"
		case text == "":
			text = "ok\n"
		}
		reply(w, ok, text)
	})
	mux.HandleFunc("GET /"+name+"/{part}", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range parts {
			if p.name == r.PathValue("part") {
				g, why := p.look(time.Now())
				reply(w, g != failed, line(p.name, g, why))
				return
			}
		}
		http.NotFound(w, r)
	})
}

// told is a line for each part, or for each that is not well, and whether none
// has failed.
func told(parts []part, verbose bool, now time.Time) (text string, ok bool) {
	var b strings.Builder
	ok = true
	for _, p := range parts {
		g, why := p.look(now)
		if ok = ok && g != failed; verbose || g != well {
			b.WriteString(line(p.name, g, why))
		}
	}
	return b.String(), ok
}

func line(name string, g grade, why string) string {
	switch g {
	case failed:
		return "[-]" + name + " failed: " + public(why) + "\n"
	case degraded:
		return "[~]" + name + " degraded: " + public(why) + "\n"
	case well:
		if why != "" {
			return "[+]" + name + " ok: " + public(why) + "\n"
		}
	}
	return "[+]" + name + " ok\n"
}

// maxReason bounds, in bytes, what is said of one part.
const maxReason = 256

// login is what stands before the @ of a URL.
var login = regexp.MustCompile(`//[^/\s]*@`)

// public makes a reason fit to be shown to anybody: one line, not too long, and
// no logins.
func public(why string) string {
	why = login.ReplaceAllString(strings.Join(strings.Fields(why), " "), "//redacted@")
	if len(why) > maxReason {
		why = strings.ToValidUTF8(why[:maxReason], "") + "…"
	}
	return why
}

// reply writes a plain text; a client that has gone away is no concern of ours.
func reply(w http.ResponseWriter, ok bool, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = w.Write([]byte(text))
}
