package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// offers is a reloading whose loop takes what it is told.
type offers struct {
	*reloading
	t       *testing.T
	swapped int
	denied  error
}

func newOffers(t *testing.T, first string) *offers {
	t.Helper()
	o := &offers{t: t}
	load := func(content []byte) (*config.Loaded, error) {
		return config.Load(config.Options{Path: "undog.yaml", Content: content, Env: []string{}})
	}
	loaded, err := load([]byte(first))
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics("test")
	o.reloading = &reloading{
		path: "undog.yaml", load: load, changes: make(chan policy.Input, 1), active: func() bool { return true },
		log: slog.New(slog.DiscardHandler), counts: newReloadCounts(m, time.Time{}), now: loaded.Config, mark: markOf([]byte(first)),
		compile: func(_ context.Context, cfg *config.Config) (func(), policy.Settings, error) {
			if o.denied != nil {
				return nil, policy.Settings{}, fmt.Errorf("%w: patch deployments", o.denied)
			}
			s, err := settings(cfg)
			return func() { o.swapped++ }, s, err
		},
	}
	return o
}

// offer has a text taken or refused, and returns what the loop is told.
func (o *offers) offered(text string, err error) *policy.Reconfigured {
	o.t.Helper()
	o.offer(o.t.Context(), []byte(text), err, false)
	select {
	case in := <-o.changes:
		r := in.(policy.Reconfigured)
		return &r
	default:
		return nil
	}
}

func (o *offers) wantRefused(r *policy.Reconfigured, reason, text string) {
	o.t.Helper()
	if r == nil || r.Settings != nil || r.Reason != reason || !strings.Contains(r.Message, text) {
		o.t.Errorf("told %+v, want %s with %q", r, reason, text)
	}
	if g, why := o.look(time.Now()); g != degraded || !strings.HasPrefix(why, reason) {
		o.t.Errorf("ready is %v: %s", g, why)
	}
}

func TestReloading(t *testing.T) {
	const first = "mode: observe\npolicies: [{name: a, bake: 10m}]\n"
	o := newOffers(t, first)
	if r := o.offered("# the same\n"+first, nil); r != nil || o.swapped > 0 {
		t.Errorf("a comment is told: %+v", r)
	}
	o.wantRefused(o.offered("", os.ErrNotExist), reasonUnreadable, "file does not exist")
	for _, nothing := range []string{" \n", "---\n", "\ufeff", "# mode: observe\n"} {
		o.wantRefused(o.offered(nothing, nil), reasonInvalid, "the file says nothing")
	}
	o.wantRefused(o.offered("mode:\npolicies: [{name: a, bake: 10m}]\n", nil), reasonInvalid, "mode: has no value")
	o.wantRefused(o.offered("mode: watch\npolicies: [{bake: 600}]\n", nil), reasonInvalid, "600 is a bare number")
	o.wantRefused(o.offered(first+"http: {addr: \":9090\"}\n", nil), reasonRestart, `http.addr: "127.0.0.1:8080" → ":9090"`)
	login := first + "nats: {url: \"nats://a:hunter2@n:4222\"}\n"
	r := o.offered(login, nil)
	o.wantRefused(r, reasonRestart, "nats.url")
	if strings.Contains(r.Message, "hunter2") {
		t.Errorf("a password is told: %s", r.Message)
	}
	if r := o.offered(login, nil); r != nil {
		t.Errorf("what was said of a file is said again: %+v", r)
	}
	o.denied = errDenied
	o.wantRefused(o.offered("policies: [{name: a, bake: 10m}]\n", nil), reasonRights, "patch deployments")
	o.denied = errUnavailable
	o.wantRefused(o.offered("policies: [{name: a, bake: 10m}]\n", nil), reasonUnavailable, "patch deployments")
	if again := o.offer(t.Context(), []byte("policies: [{name: a, bake: 10m}]\n"), nil, false); !again || len(o.changes) > 0 {
		t.Errorf("what nobody could answer is tried again: %v, and told again: %v", again, len(o.changes) > 0)
	}
	if o.swapped > 0 || o.now.Mode != policy.Observe {
		t.Error("something of a refused configuration is in use")
	}
	o.denied = nil
	r = o.offered("policies: [{name: a, bake: 10m}]\n", nil)
	if r == nil || r.Settings == nil || r.Settings.Mode != policy.Enforce || o.swapped != 1 || !strings.Contains(r.Message, `mode: "observe" → "enforce"`) {
		t.Errorf("told %+v", r)
	}
	if g, why := o.look(time.Now()); g != well {
		t.Errorf("ready is %v: %s", g, why)
	}
}

// A file whose mode a variable overrides turns nothing off, and nobody may believe
// that it does: the log, /readyz, the event and a metric say so each time it is read.
func TestOverriddenModeIsTold(t *testing.T) {
	o := newOffers(t, "mode: enforce\n")
	var log bytes.Buffer
	o.log = slog.New(slog.NewTextHandler(&log, nil))
	o.load = func(content []byte) (*config.Loaded, error) {
		return config.Load(config.Options{Path: "undog.yaml", Content: content, Env: []string{"UNDOG_MODE=enforce"}})
	}
	const why = `mode: the file says "observe", which counts for nothing: environment variable UNDOG_MODE says "enforce"`
	if r := o.offered("mode: observe\n", nil); r != nil {
		t.Errorf("told %+v", r)
	}
	if want := `key=mode says=observe counts=enforce from="environment variable UNDOG_MODE"`; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %s:\n%s", want, log.String())
	}
	if g, text := o.look(time.Now()); g != degraded || text != why || o.counts.overridden.Load() != 1 {
		t.Errorf("ready is %v: %s, %d keys", g, text, o.counts.overridden.Load())
	}
	if r := o.offered("mode: observe\nbrake: {rollouts: 9}\n", nil); r == nil || r.Settings == nil || !strings.HasSuffix(r.Message, "; "+why) {
		t.Errorf("told %+v", r)
	}
	o.offered("mode: enforce\n", nil)
	if g, text := o.look(time.Now()); g != well || o.counts.overridden.Load() != 0 {
		t.Errorf("ready is %v: %s, %d keys", g, text, o.counts.overridden.Load())
	}
}

// What was refused and is taken back leaves what is in use.
func TestTakenBack(t *testing.T) {
	const first = "mode: observe\n"
	o := newOffers(t, first)
	o.wantRefused(o.offered("", errors.New("no such device")), reasonUnreadable, "no such device")
	if r := o.offered(first, nil); r != nil {
		t.Errorf("told %+v", r)
	}
	if g, _ := o.look(time.Now()); g != well || o.swapped > 0 {
		t.Errorf("ready is %v, %d swaps", g, o.swapped)
	}
}
