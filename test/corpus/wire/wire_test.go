package wire_test

import (
	"testing"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/test/corpus/wire"
	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/serve"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

const login = `
name: greeting
persona: admin
steps:
- request: {path: /login/}
- submit: {fields: {username: "{{ .persona.username }}", password: "{{ .persona.password }}"}}
- request: {path: /}
  expect: {status: ["200"], body: {contains: ["Welcome admin!"]}}
`

const site = `
http:
  login: {users: {admin: sekret-sekret}, limit: 3, per: 1m}
  routes: [{path: /, session: true, delay: 70ms, body: "<h1>Welcome {{ .user }}!</h1><p>{{ .random }}</p>"}]
`

func player(t testing.TB, text string) *play.Player {
	t.Helper()
	var c check.Check
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	p, err := play.New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	began   = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	persona = play.Persona{Values: map[string]string{"username": "admin"}, Secrets: map[string]string{"password": "sekret-sekret"}}
)

// target is a pod that plays a text.
func target(t testing.TB, n *wire.Net, clock *wire.Clock, memory *serve.Memory, text string) play.Target {
	t.Helper()
	p, err := script.ParsePlay([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	secure, err := serve.TLS(p.HTTP.TLS)
	if err != nil {
		t.Fatal(err)
	}
	return n.Target("web-1", "10.1.0.1:8080", clock, &wire.Listens{Silent: p.HTTP.Silent, TLS: secure, Handler: serve.New(serve.Options{
		Play: p.HTTP, Pod: "web-1", Key: "web-1", Since: began, Now: clock.Now, Pause: clock.Pause, Memory: memory,
	})})
}

func net(t testing.TB) *wire.Net {
	t.Helper()
	n := wire.New()
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// TestLogin logs in until the site has had enough.
func TestLogin(t *testing.T) {
	t.Parallel()
	n, memory := net(t), &serve.Memory{}
	for i, want := range []check.Reason{"", "", "", check.ReasonRateLimited} {
		clock := wire.NewClock(began.Add(time.Duration(i) * time.Second))
		got := player(t, login).Play(t.Context(), target(t, n, clock, memory, site), persona)
		if got.Result.Reason != want {
			t.Fatalf("login %d: %s %q, want %q", i, got.Result.Reason, got.Result.Message, want)
		}
		if want == "" && got.Result.Took != 140*time.Millisecond {
			t.Errorf("login %d took %s by its clock, want 140ms: it is redirected to the page, too", i, got.Result.Took)
		}
	}
	wrong := play.Persona{Values: persona.Values, Secrets: map[string]string{"password": "another"}}
	if got := player(t, login).Play(t.Context(), target(t, n, wire.NewClock(began.Add(time.Hour)), memory, site), wrong); got.Result.Outcome != check.Failed {
		t.Errorf("a wrong password: %s, want it to fail", got.Result.Outcome)
	}
}

// TestTrouble has pods that are not reached, each in another way, and takes no
// time for it.
func TestTrouble(t *testing.T) {
	t.Parallel()
	n := net(t)
	const plain = "name: front\nsteps: [{request: {path: /}}]"
	const secure = "name: front\nscheme: https\nsteps: [{request: {path: /}}]"
	for name, c := range map[string]struct {
		check, site string
		want        check.Reason
		took        time.Duration
	}{
		"silent":        {plain, "http: {silent: true}", check.ReasonTimeout, check.DefaultStepTimeout},
		"never answers": {plain, "http: {routes: [{delay: 1h}]}", check.ReasonTimeout, check.DefaultStepTimeout},
		"broken TLS":    {secure, "http: {tls: broken, routes: [{body: x}]}", check.ReasonTLS, 0},
		"no TLS":        {secure, "http: {routes: [{body: x}]}", check.ReasonTLS, 0},
		"TLS":           {secure, "http: {tls: good, routes: [{body: x}]}", "", 0},
	} {
		clock := wire.NewClock(began)
		got := player(t, c.check).Play(t.Context(), target(t, n, clock, nil, c.site), persona)
		if got.Result.Reason != c.want || got.Result.Took != c.took {
			t.Errorf("%s: %s after %s (%s), want %q after %s", name, got.Result.Reason, got.Result.Took, got.Result.Message, c.want, c.took)
		}
	}
	if got := player(t, plain).Play(t.Context(), n.Target("web-1", "10.1.0.1:8080", wire.NewClock(began), nil), persona); got.Result.Reason != check.ReasonUnreachable {
		t.Errorf("nobody listens: %s, want %s", got.Result.Reason, check.ReasonUnreachable)
	}
}

func BenchmarkTrial(b *testing.B) {
	n, p := net(b), player(b, login)
	for b.Loop() {
		var all []play.Target
		for range 3 {
			all = append(all, target(b, n, wire.NewClock(began), nil, site))
		}
		trial.Run(b.Context(), p, persona, trial.Pods{New: all[0], Old: all[1:]})
	}
}
