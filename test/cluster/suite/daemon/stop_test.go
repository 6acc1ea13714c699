package daemon_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/hold"
)

func hasRollback(d *appsv1.Deployment) bool {
	return d.Annotations[ledger.RollbacksAnnotation] != ""
}

// silent waits until undog has heard that it is to stop: its endpoints end then.
func (f *fixture) silent(d *daemon.Daemon) {
	f.t.Helper()
	err := wait.PollUntilContextCancel(f.ctx, 10*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, _, err := d.Get(ctx, "/livez")
		return err != nil, nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// undog is told to stop while its write is on the way: it ends by itself when
// the write has ended, and what was done is told.
func TestStoppedWhileWriting(t *testing.T) {
	f := newFixture(t)
	server := f.natsServer()
	proxy, kubeconfig := f.proxy()
	undog := f.undog(setup{kubeconfig: kubeconfig, nats: server})
	j := f.journal(server)
	f.proven(j, 2)
	gate := proxy.Gate(f.to(http.MethodPatch, app), hold.Before)
	f.release(app, "crash")
	f.wait("undog at the gate", gate.Arrived())
	stopped := make(chan error, 1)
	go func() { stopped <- undog.Stop(f.ctx) }()
	f.silent(undog)
	if ended(undog) {
		t.Error("undog has ended while its write was on the way")
	}
	gate.Release()
	if err := <-stopped; err != nil {
		t.Errorf("undog ends with %v, want nil", err)
	}
	j.await("verdict.bad", app, "crash")
	j.await("rollback.done", app, "crash")
	f.running(app, "1.0")
	f.givenBack(app)
	f.wantUndos(app, 200)
	j.wantOnce()
}
