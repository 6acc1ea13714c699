package serve

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The cookies and fields of a login.
const (
	sessionCookie = "sessionid"
	tokenCookie   = "csrftoken"
	tokenField    = "csrfmiddlewaretoken"
)

// maxForm bounds what is read of a login.
const maxForm = 16 << 10

// login serves the form and takes it in.
func (s *server) login(w http.ResponseWriter, r *http.Request, number string) {
	if r.Method != http.MethodPost {
		s.form(w, number, http.StatusOK, "")
		return
	}
	l := s.Play.Login
	if wait := s.Memory.attempt(s.Now(), l.Limit, l.Per.Duration); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		http.Error(w, "Too many attempts. Try again later.", http.StatusTooManyRequests)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	token := r.PostFormValue(tokenField)
	if c, err := r.Cookie(tokenCookie); err != nil || c.Value != token || !s.own(tokenCookie, token) {
		http.Error(w, "CSRF verification failed. Request aborted.", http.StatusForbidden)
		return
	}
	user := r.PostFormValue("username")
	if password, known := l.Users[user]; !known || password != r.PostFormValue("password") {
		s.form(w, number, http.StatusOK, "Please enter a correct username and password.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.sign(sessionCookie, user+"."+s.digest("session", s.Key, number)), Path: "/", HttpOnly: true})
	http.Redirect(w, r, "/", http.StatusFound)
}

func (s *server) form(w http.ResponseWriter, number string, status int, problem string) {
	token := s.sign(tokenCookie, s.digest("token", s.Key, number))
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: token, Path: "/"})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if problem != "" {
		problem = "<p>" + html.EscapeString(problem) + "</p>\n"
	}
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html>
<title>Log in</title>
<h1>Log in</h1>
%s<form method="post">
<input type="hidden" name="%s" value="%s">
<label>Username <input name="username"></label>
<label>Password <input type="password" name="password"></label>
<button>Log in</button>
</form>
`, problem, tokenField, token)
}

// user is who is logged in.
func (s *server) user(r *http.Request) (string, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || s.Play.Login == nil || !s.own(sessionCookie, c.Value) {
		return "", false
	}
	user, _, _ := strings.Cut(c.Value, ".")
	_, known := s.Play.Login.Users[user]
	return user, known
}

// sign makes a value recognisable, so that nothing must be kept for it.
func (s *server) sign(kind, value string) string {
	return value + "." + s.digest("signature", kind, value)
}

// own tells whether a value was signed here.
func (s *server) own(kind, signed string) bool {
	i := strings.LastIndexByte(signed, '.')
	return i > 0 && s.sign(kind, signed[:i]) == signed
}

// digest is a word that depends on nothing but the seed and its arguments.
func (s *server) digest(parts ...string) string {
	text := binary.BigEndian.AppendUint64(nil, s.Seed)
	for _, p := range parts {
		text = append(append(text, 0), p...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// Memory is what a server remembers of earlier requests.
type Memory struct {
	mu       sync.Mutex
	attempts []time.Time
}

// attempt counts one, or says how long to wait for the next.
func (m *Memory) attempt(now time.Time, limit int, per time.Duration) time.Duration {
	if limit == 0 {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attempts = slices.DeleteFunc(m.attempts, func(at time.Time) bool { return now.Sub(at) >= per })
	if len(m.attempts) >= limit {
		return per - now.Sub(m.attempts[0])
	}
	m.attempts = append(m.attempts, now)
	return 0
}

// Fork returns a copy for one client. Those who ask at the same moment then all
// see the same, whichever comes first.
func (m *Memory) Fork() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{attempts: slices.Clone(m.attempts)}
}

// Join takes in what a copy has learned since it was made.
func (m *Memory) Join(fork *Memory) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range fork.attempts {
		if len(m.attempts) == 0 || at.After(m.attempts[len(m.attempts)-1]) {
			m.attempts = append(m.attempts, at)
		}
	}
}
