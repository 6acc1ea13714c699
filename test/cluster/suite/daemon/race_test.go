package daemon_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/cluster/hold"
)

// The user's fix comes between the verdict and the write, and stands.
func TestUsersFixStands(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method string
		undos  []int32
	}{
		// undog reads the Deployment again before it decides to write.
		"BeforeUndogLooksAgain": {http.MethodGet, nil},
		// The server itself has to turn the write down.
		"BeforeUndogWrites": {http.MethodPatch, []int32{422}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			proxy, kubeconfig := f.proxy()
			j := f.journal(f.undog(setup{kubeconfig: kubeconfig}).NATSURL)
			f.proven(j, 2)
			gate := proxy.Gate(f.to(tt.method, app), hold.Before)
			f.release(app, "crash")
			f.wait("undog at the gate", gate.Arrived())
			f.release(app, "1.1")
			gate.Release()
			f.isGood(j, app, "1.1")
			f.wantUndos(app, tt.undos...)
			j.want("rollback.done", app, 0)
			j.wantOnce()
		})
	}
}

// The next release comes while the verdict on the last one is being written.
// The answer is about the last one, and the next is judged like any other.
func TestReleasedBeforeTheVerdictIsWritten(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	j := f.journal(f.undog(setup{kubeconfig: kubeconfig}).NATSURL)
	gate := proxy.Gate(func(r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/controllerrevisions")
	}, hold.After)
	f.deploy(app, "1.0", 2)
	f.wait("the answer at the gate", gate.Arrived())
	f.release(app, "crash")
	f.restarts("crash", 1)
	gate.Release()
	f.undone(j, "crash")
	f.wantUndos(app, 200)
	j.want("verdict.good", app, 1)
	j.wantOnce()
}

// Two undogs write at the same time, because nobody elected one or because each
// has a lease of its own: one write is made, the other turned down, and both tell
// the same. The preconditions of the write are the fence, not the lease.
func TestTwoUndogs(t *testing.T) {
	t.Parallel()
	for name, elected := range map[string]bool{"WithoutElection": false, "TwoLeaders": true} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			server := f.natsServer()
			gates := make([]*hold.Gate, 2)
			for i := range gates {
				proxy, kubeconfig := f.proxy()
				gates[i] = proxy.Gate(f.to(http.MethodPatch, app), hold.Before)
				s := setup{kubeconfig: kubeconfig, nats: server}
				if elected {
					s.checks = f.electedAlone(i)
				}
				undog := f.undog(s)
				if elected {
					f.leads(undog)
				}
			}
			j := f.journal(server)
			f.proven(j, 2)
			f.release(app, "crash")
			for _, gate := range gates {
				f.wait("undog at the gate", gate.Arrived())
			}
			for _, gate := range gates {
				gate.Release()
			}
			f.undone(j, "crash")
			f.stands(j, app, "1.1")
			f.wantUndos(app, 200, 422)
			j.want("verdict.bad", app, 1)
			j.want("rollback.done", app, 1)
			j.wantOnce()
		})
	}
}

// undog dies between the write and its answer. The next one finds that the
// undo was made, tells it, and ends what was begun.
func TestKilledBeforeTheAnswer(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	dir := t.TempDir()
	first := f.undog(setup{kubeconfig: kubeconfig, dir: dir})
	f.proven(f.journal(first.NATSURL), 2)
	gate := proxy.Gate(f.to(http.MethodPatch, app), hold.After)
	f.release(app, "crash")
	f.wait("the answer at the gate", gate.Arrived())
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	gate.Release()
	f.running(app, "1.0")
	second := f.undog(setup{kubeconfig: kubeconfig, dir: dir})
	j := f.journal(second.NATSURL)
	j.await("verdict.bad", app, "crash")
	j.await("rollback.done", app, "crash")
	f.givenBack(app)
	f.stands(j, app, "1.1")
	f.wantUndos(app, 200)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	j.wantOnce()
}

// undog dies when the stream has the event and undog does not know it.
func TestFaultKilledBeforeTheAck(t *testing.T) {
	t.Parallel()
	for i, kind := range []string{"verdict.bad", "rollback.done"} {
		t.Run(kind, func(t *testing.T) {
			f := newFixture(t)
			server := f.natsServer()
			proxy := f.natsProxy(server)
			first := f.undog(setup{nats: proxy.URL()})
			j := f.journal(server)
			f.proven(j, 2)
			gate := proxy.HoldAck(kind)
			f.release(app, "crash")
			f.wait("the acknowledgement at the gate", gate.Arrived())
			if err := first.Kill(); err != nil {
				t.Fatal(err)
			}
			gate.Release()
			j.await(kind, app, "crash")
			f.undog(setup{nats: proxy.URL()})
			f.undone(j, "crash")
			f.stands(j, app, "1.1")
			f.wantUndos(app, 200)
			j.row(7+i, "undog is killed before it knows that the stream has "+kind, app, "1 of 1", nextStart,
				map[string]int{"verdict.good": 2, "verdict.bad": 1, "rollback.done": 1})
			j.wantOnce()
		})
	}
}

// A NATS server that is away holds nothing up, and misses nothing.
func TestNATSDownAtStart(t *testing.T) {
	f := newFixture(t)
	server := f.natsServer()
	proxy := f.natsProxy(server)
	if err := proxy.Down(); err != nil {
		t.Fatal(err)
	}
	f.undog(setup{nats: proxy.URL()})
	f.deploy(app, "1.0", 2)
	f.recorded("1.0", "of the first release", func(r policy.Record) bool { return r.Verdict == policy.Good })
	f.release(app, "crash")
	f.deployment(app, "verdict written", hasRollback)
	f.running(app, "1.0")
	f.wantUndos(app, 200)
	if err := proxy.Up(); err != nil {
		t.Fatal(err)
	}
	j := f.journal(server)
	f.undone(j, "crash")
	f.stands(j, app, "1.1")
	j.want("verdict.good", app, 2)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	j.wantOnce()
}
