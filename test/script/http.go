package script

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// DefaultPort is where a container serves that names no port.
const DefaultPort = 8080

// HTTP is a server on the pod's address. Package serve answers its requests.
type HTTP struct {
	// Port is the port; when zero the container's first, or DefaultPort if it has none.
	Port int32 `json:"port,omitempty"`
	// TLS is how the server speaks it; it does not when empty.
	TLS TLS `json:"tls,omitempty"`
	// Silent takes connections and never says a word, as if packets were dropped.
	Silent bool `json:"silent,omitempty"`
	// Handler names a handler of the process that runs the kubelet.
	Handler string `json:"handler,omitempty"`
	// Login is a page with a form, after which a session begins.
	Login *Login `json:"login,omitempty"`
	// Routes answer requests; the first that matches wins. A path that no route
	// has is not found.
	Routes []Route `json:"routes,omitempty"`
}

// TLS is how a server speaks it.
type TLS string

// The ways of speaking TLS.
const (
	TLSGood TLS = "good" // With a certificate that nobody signed.
	// TLSBroken fails every handshake: there is no certificate that could be used.
	TLSBroken TLS = "broken"
)

// Login is a form for a name and a password. It is protected by a token that is
// in the form and in a cookie, and ends in a session, which is a cookie too.
type Login struct {
	// Path is where the form is; /login/ when empty.
	Path string `json:"path,omitempty"`
	// Users are the passwords of those who may log in.
	Users map[string]string `json:"users"`
	// Limit is how many attempts the server allows within Per; 0 means any number.
	Limit int      `json:"limit,omitempty"`
	Per   Duration `json:"per,omitzero"`
}

// Where is Path or its default.
func (l *Login) Where() string {
	if l.Path == "" {
		return "/login/"
	}
	return l.Path
}

// Route answers the requests for one path.
type Route struct {
	// Path is a pattern; every path when empty.
	Path string `json:"path,omitempty"`
	// From is when the route begins to match, since the container started.
	From Duration `json:"from,omitzero"`
	// Without limits the route to the time in which something that the
	// application depends on is away.
	Without string `json:"without,omitempty"`
	// Chance is the share of requests it matches, from 0 to 1; 0 means all.
	Chance float64 `json:"chance,omitempty"`
	// Session sends who has not logged in to the login.
	Session bool `json:"session,omitempty"`
	// Status is the answer's status; 200 when zero.
	Status int `json:"status,omitempty"`
	// Body is the answer's body. It and the headers may hold {{ .random }}, which
	// is another word each time, {{ .number }}, {{ .time }}, {{ .pod }} and
	// {{ .user }}, who is logged in.
	Body string `json:"body,omitempty"`
	// Headers are the answer's headers.
	Headers map[string]string `json:"headers,omitempty"`
	// Delay is how long the answer takes.
	Delay Duration `json:"delay,omitzero"`
}

// The words that may stand in a body.
const (
	WordRandom = "random"
	WordNumber = "number"
	WordTime   = "time"
	WordPod    = "pod"
	WordUser   = "user"
)

var words = []string{WordRandom, WordNumber, WordTime, WordPod, WordUser}

// Word is how a word is written in a body.
func Word(name string) string { return "{{ ." + name + " }}" }

var wordPattern = regexp.MustCompile(`\{\{[^}]*\}\}`)

func (h *HTTP) validate(c *checker, path string) {
	if h.Port < 0 || h.Port > 65535 {
		c.addf(path+".port", "%d is not a port: give 1 to 65535, or 0 for the container's first, or 8080", h.Port)
	}
	oneOf(c, path+".tls", h.TLS, TLSGood, TLSBroken)
	if h.Handler != "" && (len(h.Routes) > 0 || h.Login != nil) {
		c.addf(path+".routes", "and login exclude handler: keep one")
	}
	if h.Login != nil {
		h.Login.validate(c, path+".login")
	}
	for i := range h.Routes {
		h.Routes[i].validate(c, fmt.Sprintf("%s.routes[%d]", path, i))
		if h.Routes[i].Session && h.Login == nil {
			c.addf(fmt.Sprintf("%s.routes[%d].session", path, i), "needs a login to send people to: give http.login")
		}
	}
}

func (l *Login) validate(c *checker, path string) {
	if len(l.Users) == 0 {
		c.addf(path+".users", "is empty: nobody could log in")
	}
	c.duration(path+".per", l.Per)
	if l.Limit < 0 || (l.Limit > 0) != (l.Per.Duration > 0) {
		c.addf(path+".limit", "%d needs a time in which it counts: give both limit and per, or none", l.Limit)
	}
}

func (r *Route) validate(c *checker, path string) {
	c.duration(path+".from", r.From)
	c.duration(path+".delay", r.Delay)
	c.share(path+".chance", r.Chance)
	if r.Status != 0 && (r.Status < 100 || r.Status > 599) {
		c.addf(path+".status", "%d is not an HTTP status: give 100 to 599", r.Status)
	}
	for _, found := range wordPattern.FindAllString(r.Body, -1) {
		if !slices.ContainsFunc(words, func(w string) bool { return found == Word(w) }) {
			c.addf(path+".body", "%s is unknown: write one of {{ .%s }}", found, strings.Join(words, " }}, {{ ."))
		}
	}
}
