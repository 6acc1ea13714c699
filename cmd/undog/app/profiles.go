package app

import (
	"net/http"
	"net/http/pprof" // It also registers with http.DefaultServeMux, which nobody serves.
)

// profiles serves /debug/pprof/ if that is asked for: profiles tell what the
// process does, and cost it time.
func profiles(wanted bool) http.Handler {
	if !wanted {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
