package serve

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/test/script"
)

// Options says what is served. All but Away and Memory must be given.
type Options struct {
	Play *script.HTTP
	Seed uint64
	// Pod is the pod's name, Key what tells its answers from those of others
	// that play the same.
	Pod, Key string
	// Since is when the container started.
	Since time.Time
	// Now is the time.
	Now func() time.Time
	// Pause waits, and returns false if the client left before.
	Pause func(ctx context.Context, d time.Duration) bool
	// Away tells whether something that the application depends on is away.
	Away func(name string) bool
	// Memory is what the server remembers of earlier requests; nil is nothing yet.
	Memory *Memory
}

// New returns the handler of one server.
func New(o Options) http.Handler {
	if o.Away == nil {
		o.Away = func(string) bool { return false }
	}
	if o.Memory == nil {
		o.Memory = &Memory{}
	}
	return &server{Options: o}
}

// server answers as the play says.
type server struct {
	Options
	count atomic.Int64
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number := strconv.FormatInt(s.count.Add(1), 10)
	if l := s.Play.Login; l != nil && r.URL.Path == l.Where() {
		s.login(w, r, number)
		return
	}
	for i := range s.Play.Routes {
		route := &s.Play.Routes[i]
		if s.matches(route, r, i, number) {
			s.answer(w, r, route, number)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *server) matches(route *script.Route, r *http.Request, index int, number string) bool {
	switch {
	case route.Path != "" && !script.Glob(route.Path, r.URL.Path):
		return false
	case s.Now().Sub(s.Since) < route.From.Duration:
		return false
	case route.Without != "" && !s.Away(route.Without):
		return false
	}
	return route.Chance == 0 || script.Fraction(s.Seed, "route", s.Key, strconv.Itoa(index), number) < route.Chance
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, route *script.Route, number string) {
	if route.Delay.Duration > 0 && !s.Pause(r.Context(), route.Delay.Duration) {
		// Nobody reads an answer.
		panic(http.ErrAbortHandler)
	}
	user, known := s.user(r)
	if route.Session && !known {
		http.Redirect(w, r, s.Play.Login.Where(), http.StatusFound)
		return
	}
	fill := strings.NewReplacer(
		script.Word(script.WordRandom), s.digest("random", s.Key, number), script.Word(script.WordNumber), number,
		script.Word(script.WordTime), s.Now().UTC().Format(time.RFC3339Nano), script.Word(script.WordPod), s.Pod,
		script.Word(script.WordUser), user,
	)
	for name, value := range route.Headers {
		w.Header().Set(name, fill.Replace(value))
	}
	status := route.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	// A client that left does not read the rest.
	_, _ = w.Write([]byte(fill.Replace(route.Body)))
}
