package app

import (
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
	denied  bool
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
			if o.denied {
				return nil, policy.Settings{}, fmt.Errorf("%w: patch deployments", errDenied)
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
	o.wantRefused(o.offered(" \n", nil), reasonInvalid, "the file is empty")
	o.wantRefused(o.offered("mode: watch\npolicies: [{bake: 600}]\n", nil), reasonInvalid, "600 is a bare number")
	o.wantRefused(o.offered(first+"http: {addr: \":9090\"}\n", nil), reasonRestart, `http.addr: "127.0.0.1:8080" → ":9090"`)
	o.wantRefused(o.offered(first+"nats: {url: \"nats://a:hunter2@n:4222\"}\n", nil), reasonRestart, "nats.url")
	if r := o.offered(first+"nats: {url: \"nats://a:hunter2@n:4222\"}\n", nil); strings.Contains(r.Message, "hunter2") {
		t.Errorf("a password is told: %s", r.Message)
	}
	o.denied = true
	o.wantRefused(o.offered("policies: [{name: a, bake: 10m}]\n", nil), reasonRights, "patch deployments")
	if o.swapped > 0 || o.now.Mode != policy.Observe {
		t.Error("something of a refused configuration is in use")
	}
	o.denied = false
	r := o.offered("policies: [{name: a, bake: 10m}]\n", nil)
	if r == nil || r.Settings == nil || r.Settings.Mode != policy.Enforce || o.swapped != 1 || !strings.Contains(r.Message, `mode: "observe" → "enforce"`) {
		t.Errorf("told %+v", r)
	}
	if g, why := o.look(time.Now()); g != well {
		t.Errorf("ready is %v: %s", g, why)
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
