package site

import (
	"crypto/rand"
	"crypto/subtle"
	"html/template"
	"net/http"
	"sync"
	"time"
)

// User is somebody who may log in.
type User struct {
	Username, FirstName, Password string
}

// The names of the handlers, which are those of the images.
const (
	V10 = "site:1.0"
	V11 = "site:1.1"
)

// Handlers are both versions, for the same users.
func Handlers(users ...User) map[string]http.Handler {
	return map[string]http.Handler{
		V10: New("Welcome {{.Username}}!", users...),
		V11: New("Welcome {{.FirstName}}!", users...),
	}
}

const (
	sessionCookie = "sessionid"
	tokenCookie   = "csrftoken"
	// maxForm bounds what is read of a request.
	maxForm = 16 << 10
	// maxSessions bounds what is kept; the oldest go first.
	maxSessions = 1000
	sessionFor  = time.Hour
)

// Site is one version.
type Site struct {
	front, login *template.Template
	users        []User

	mu       sync.Mutex
	sessions map[string]session
	order    []string
}

type session struct {
	user  User
	until time.Time
}

// New makes a version whose front page greets with a template.
func New(greeting string, users ...User) http.Handler {
	s := &Site{
		front: template.Must(template.New("front").Parse(page("<h1>" + greeting + "</h1>\n<p>Your visit has the number {{.Visit}}.</p>"))),
		login: template.Must(template.New("login").Parse(page(`<h1>Log in</h1>{{with .Problem}}<p>{{.}}</p>{{end}}
<form method="post">
<input type="hidden" name="csrftoken" value="{{.Token}}">
<label>Username <input name="username"></label>
<label>Password <input type="password" name="password"></label>
<button>Log in</button>
</form>`))),
		users: users, sessions: map[string]session{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	mux.HandleFunc("GET /{$}", s.serveFront)
	mux.HandleFunc("GET /login/{$}", func(w http.ResponseWriter, _ *http.Request) { s.form(w, "") })
	mux.HandleFunc("POST /login/{$}", s.serveLogin)
	return mux
}

func page(body string) string {
	return "<!DOCTYPE html>\n<html><head><title>Shop</title></head><body>\n" + body + "\n<footer>The shop</footer></body></html>\n"
}

func (s *Site) serveFront(w http.ResponseWriter, r *http.Request) {
	user, known := s.who(r)
	if !known {
		http.Redirect(w, r, "/login/", http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// A client that left does not read the rest.
	_ = s.front.Execute(w, struct {
		User
		Visit string
	}{user, rand.Text()})
}

// form shows the login with a new token, which its cookie holds too.
func (s *Site) form(w http.ResponseWriter, problem string) {
	token := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: token, Path: "/", SameSite: http.SameSiteLaxMode})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = s.login.Execute(w, struct{ Token, Problem string }{token, problem})
}

func (s *Site) serveLogin(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	token, err := r.Cookie(tokenCookie)
	if err != nil || token.Value == "" || subtle.ConstantTimeCompare([]byte(token.Value), []byte(r.PostFormValue(tokenCookie))) == 0 {
		http.Error(w, "CSRF verification failed. Request aborted.", http.StatusForbidden)
		return
	}
	for _, u := range s.users {
		if u.Username == r.PostFormValue("username") && u.Password == r.PostFormValue("password") {
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.begin(u), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
	}
	s.form(w, "Please enter a correct username and password.")
}

// begin begins a session.
func (s *Site) begin(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.sessions[id] = session{user: u, until: time.Now().Add(sessionFor)}
	if s.order = append(s.order, id); len(s.order) > maxSessions {
		delete(s.sessions, s.order[0])
		s.order = s.order[1:]
	}
	return id
}

func (s *Site) who(r *http.Request) (User, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return User{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	got, known := s.sessions[c.Value]
	return got.user, known && time.Now().Before(got.until)
}
