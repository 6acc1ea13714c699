package script_test

import (
	"strings"
	"testing"

	"github.com/undog-dev/undog/test/script"
)

func TestHTTPProblems(t *testing.T) {
	t.Parallel()
	for play, want := range map[string]string{
		"{port: 70000}":  "http.port",
		"{tls: perhaps}": "http.tls",
		"{handler: shop, login: {users: {a: b}}}":     "http.routes",
		"{login: {users: {}}}":                        "http.login.users",
		"{login: {users: {a: b}, limit: 3}}":          "http.login.limit",
		"{routes: [{session: true}]}":                 "http.routes[0].session",
		"{routes: [{status: 42}]}":                    "http.routes[0].status",
		"{routes: [{chance: 2}]}":                     "http.routes[0].chance",
		`{routes: [{body: "Hello {{ .nobody }}"}]}`:   "http.routes[0].body",
		`{routes: [{body: "Hello {{ .user }}"}, {}]}`: "",
	} {
		_, err := script.ParsePlay([]byte("http: " + play))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want+":")) {
			t.Errorf("%s: error %v, want one about %q", play, err, want)
		}
	}
}
