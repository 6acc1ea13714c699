package daemon_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/hold"
)

// The times of an election: those that undog ships, and shorter ones for tests
// in which a leader is lost without a word.
const (
	shippedTimes = "leaseDuration: 15s, renewDeadline: 10s, retryPeriod: 2s"
	shortTimes   = "leaseDuration: 6s, renewDeadline: 4s, retryPeriod: 1s"
)

// elects returns the configuration of an election in the test's own namespace,
// in which undog has the rights that it is shipped with for its own.
func (f *fixture) elects(times string) string {
	f.t.Helper()
	role, err := admin.RbacV1().Roles("undog").Get(f.ctx, "undog-lease", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	binding, err := admin.RbacV1().RoleBindings("undog").Get(f.ctx, "undog-lease", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	object := metav1.ObjectMeta{Name: role.Name}
	if _, err := admin.RbacV1().Roles(f.namespace).Create(f.ctx, &rbacv1.Role{ObjectMeta: object, Rules: role.Rules}, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
	_, err = admin.RbacV1().RoleBindings(f.namespace).Create(f.ctx,
		&rbacv1.RoleBinding{ObjectMeta: object, RoleRef: binding.RoleRef, Subjects: binding.Subjects}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return fmt.Sprintf("leaderElection: {enabled: true, namespace: %s, %s}\n", f.namespace, times)
}

// electedAlone is an election that nobody else takes part in: its Lease is in a
// namespace of its own.
func (f *fixture) electedAlone(i int) string {
	f.t.Helper()
	own := *f
	own.namespace = fmt.Sprintf("%s-lease-%d", f.namespace, i)
	_, err := admin.CoreV1().Namespaces().Create(f.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: own.namespace}}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return own.elects(shippedTimes)
}

// ready waits until undog's own page of its state has a text.
func (f *fixture) ready(d *daemon.Daemon, text string) {
	f.t.Helper()
	var last string
	err := wait.PollUntilContextCancel(f.ctx, 10*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		status, body, err := d.Get(ctx, "/readyz?verbose")
		last = body
		return err == nil && status == http.StatusOK && strings.Contains(body, text), nil
	})
	if err != nil {
		f.t.Fatalf("wait for /readyz to say %q: %v; it says %q", text, err, last)
	}
}

func (f *fixture) leads(d *daemon.Daemon) {
	f.t.Helper()
	f.ready(d, "[+]leader ok: this undog acts")
}

func (f *fixture) standsBy(d *daemon.Daemon) {
	f.t.Helper()
	f.ready(d, "[+]leader ok: standby; ")
}

// wantMetric fails unless undog's metrics have the line.
func (f *fixture) wantMetric(d *daemon.Daemon, line string) {
	f.t.Helper()
	_, body, err := d.Get(f.ctx, "/metrics")
	if err != nil {
		f.t.Fatal(err)
	}
	if !strings.Contains(body, "\n"+line+"\n") {
		f.t.Errorf("metrics lack %q", line)
	}
}

// pair runs two undogs, the first of which leads.
func (f *fixture) pair(server string, first, second setup) (leader, standby *daemon.Daemon) {
	f.t.Helper()
	first.nats, second.nats = server, server
	leader = f.undog(first)
	f.leads(leader)
	standby = f.undog(second)
	f.standsBy(standby)
	return leader, standby
}

// tells fails unless the stream has an event of the kind about the release with
// the tag so often, whatever its ids.
func (j *journal) tells(want, tag string, times int) {
	j.f.t.Helper()
	n := 0
	for _, e := range j.told() {
		if about(e, want, app, tag) {
			n++
		}
	}
	if n != times {
		j.f.t.Errorf("stream has %d events %s about %s, want %d: %s", n, want, tag, times, j.kinds(app))
	}
}

// elected counts what was told of undogs themselves.
func (j *journal) elected(what string) (n int) {
	for _, e := range j.told() {
		if kind(e) == what && e.Data.Workload.Kind == "Undog" {
			n++
		}
	}
	return n
}

// Of two undogs one acts and tells. The other sees the same and writes nothing.
func TestStandby(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	writes := proxy.Gate(func(r *http.Request) bool {
		reviews := strings.Contains(r.URL.Path, "/selfsubjectaccessreviews")
		return r.Method != http.MethodGet && !reviews
	}, hold.Before)
	writes.Release()
	election, server := f.elects(shippedTimes), f.natsServer()
	leader, standby := f.pair(server, setup{checks: election}, setup{checks: election, kubeconfig: kubeconfig})
	j := f.journal(server)
	f.proven(j, 2)
	f.release(app, "crash")
	f.undone(j, "crash")
	j.await("rollout.recovered", app, "1.0")
	f.stands(j, app, "1.1")
	f.wantUndos(app, 200)
	f.standsBy(standby)
	f.wantMetric(leader, "undog_leader 1")
	f.wantMetric(standby, "undog_leader 0")
	_, said, err := standby.Get(f.ctx, "/v1/explain?name="+app+"&namespace="+f.namespace)
	if err != nil || !strings.Contains(said, "this undog stands by") {
		t.Errorf("who stands by explains %q, error %v; want it to say so", said, err)
	}
	if n := writes.Count(); n > 0 {
		t.Errorf("who stands by made %d writes", n)
	}
	for _, tag := range []string{"crash", "1.1"} {
		j.tells("rollout.started", tag, 1)
	}
	j.tells("rollout.suspect", "crash", 1)
	j.tells("rollout.recovered", "1.0", 1)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	if n := j.elected("leader.elected"); n != 1 {
		t.Errorf("%d undogs were told to act, want 1", n)
	}
	j.wantOnce()
}

// The one that acts is told to stop in the middle of a bad release. The other
// takes over at once, and nothing is done or told twice.
func TestHandOver(t *testing.T) {
	f := newFixture(t)
	election, server := f.elects(shippedTimes), f.natsServer()
	leader, standby := f.pair(server, setup{checks: election}, setup{checks: election})
	j := f.journal(server)
	f.proven(j, 2)
	f.release(app, "crash")
	j.await("rollout.suspect", app, "crash")
	began := time.Now()
	stopped := make(chan error, 1)
	go func() { stopped <- leader.Stop(f.ctx) }()
	f.leads(standby)
	took := time.Since(began)
	if err := <-stopped; err != nil {
		t.Errorf("undog ends with %v, want nil", err)
	}
	t.Logf("from SIGTERM until the other one acts: %v", took.Round(time.Millisecond))
	f.undone(j, "crash")
	f.stands(j, app, "1.1")
	f.wantUndos(app, 200)
	j.tells("rollout.started", "crash", 1)
	j.tells("rollout.suspect", "crash", 1)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	if lost, elected := j.elected("leader.lost"), j.elected("leader.elected"); lost != 0 || elected != 2 {
		t.Errorf("%d undogs were told to act and %d to have lost, want 2 and none", elected, lost)
	}
	j.wantOnce()
}

// The one that acts is told to stop while its write is on the way: it keeps the
// Lease until that has ended.
func TestHandOverWhileWriting(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	election, server := f.elects(shippedTimes), f.natsServer()
	leader, standby := f.pair(server, setup{checks: election, kubeconfig: kubeconfig}, setup{checks: election})
	j := f.journal(server)
	f.proven(j, 2)
	gate := proxy.Gate(f.to(http.MethodPatch, app), hold.Before)
	f.release(app, "crash")
	f.wait("the write at the gate", gate.Arrived())
	stopped := make(chan error, 1)
	go func() { stopped <- leader.Stop(f.ctx) }()
	f.silent(leader)
	f.standsBy(standby)
	gate.Release()
	if err := <-stopped; err != nil {
		t.Errorf("undog ends with %v, want nil", err)
	}
	f.leads(standby)
	f.undone(j, "crash")
	f.stands(j, app, "1.1")
	f.wantUndos(app, 200)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	j.wantOnce()
}

// What begins while nobody acts is told by whoever takes over, and what was told
// before is not told again.
func TestReleasedWhileNobodyLeads(t *testing.T) {
	f := newFixture(t)
	election, server := f.elects(shortTimes), f.natsServer()
	leader, standby := f.pair(server, setup{checks: election}, setup{checks: election})
	j := f.journal(server)
	f.proven(j, 2)
	f.release(app, "1.1")
	j.await("rollout.started", app, "1.1")
	if err := leader.Kill(); err != nil {
		t.Fatal(err)
	}
	f.release(app, "crash")
	f.leads(standby)
	f.undone(j, "crash")
	j.await("rollout.recovered", app, "1.0")
	j.tells("rollout.started", "1.1", 1)
	j.tells("rollout.started", "crash", 1)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	f.wantUndos(app, 200)
	j.wantOnce()
}

// The one that acts dies between its decision and the write. The other does it,
// once the lease has expired.
func TestLeaderKilled(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	election, server := f.elects(shortTimes), f.natsServer()
	leader, standby := f.pair(server, setup{checks: election, kubeconfig: kubeconfig}, setup{checks: election})
	j := f.journal(server)
	f.proven(j, 2)
	gate := proxy.Gate(f.to(http.MethodPatch, app), hold.Before)
	f.release(app, "crash")
	f.wait("the write at the gate", gate.Arrived())
	if err := leader.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	f.leads(standby)
	t.Logf("from SIGKILL until the other one acts, with a lease of 6 s: %v", time.Since(began).Round(time.Millisecond))
	gate.Release()
	f.undone(j, "crash")
	f.stands(j, app, "1.1")
	f.wantUndos(app, 200)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	j.tells("rollout.started", "crash", 1)
	j.wantOnce()
}

// The one that acts is cut off from its Lease while its write is on the way: it
// ceases to act by itself and breaks the write off. The other does what is due;
// when the first is back it stands by, and later takes its turn again.
func TestLeaderCutOff(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	election, server := f.elects(shortTimes), f.natsServer()
	first, second := f.pair(server, setup{checks: election, kubeconfig: kubeconfig}, setup{checks: election})
	j := f.journal(server)
	f.proven(j, 2)
	write := proxy.Gate(f.to(http.MethodPatch, app), hold.Before)
	f.release(app, "crash")
	f.wait("the write at the gate", write.Arrived())
	var cut atomic.Bool
	lease := proxy.Gate(func(r *http.Request) bool { return cut.Load() && strings.Contains(r.URL.Path, "/leases") }, hold.Before)
	cut.Store(true)
	f.ready(first, "[~]leader degraded: standby; ")
	f.wantMetric(first, "undog_leader 0")
	f.leads(second)
	f.undone(j, "crash")
	write.Release()
	lease.Release()
	f.standsBy(first)
	f.stands(j, app, "1.1")
	f.wantUndos(app, 200)
	if n := j.elected("leader.lost"); n != 1 {
		t.Errorf("%d undogs were told to have lost, want 1", n)
	}
	if err := second.Stop(f.ctx); err != nil {
		t.Errorf("undog ends with %v, want nil", err)
	}
	f.leads(first)
	f.release(app, "missing")
	j.await("rollback.done", app, "missing")
	f.running(app, "1.1")
	f.givenBack(app)
	f.wantUndos(app, 200, 200)
	j.want("verdict.bad", app, 2)
	j.want("rollback.done", app, 2)
	j.wantOnce()
}

// The Lease names who acts, and who stops gives it back.
func TestLease(t *testing.T) {
	f := newFixture(t)
	election, server := f.elects(shippedTimes), f.natsServer()
	undog := f.undog(setup{checks: election, nats: server})
	held := func(what string, ok func(*coordinationv1.Lease) bool) {
		t.Helper()
		until(f, admin.CoordinationV1().RESTClient(), "leases", fields.OneTermEqualSelector("metadata.name", "undog"), what, ok)
	}
	held("a lease that is held", func(l *coordinationv1.Lease) bool {
		return l.Spec.HolderIdentity != nil && *l.Spec.HolderIdentity != "" && *l.Spec.LeaseDurationSeconds == 15
	})
	f.leads(undog)
	if err := undog.Stop(f.ctx); err != nil {
		t.Errorf("undog ends with %v, want nil", err)
	}
	held("a lease that is given back", func(l *coordinationv1.Lease) bool { return *l.Spec.HolderIdentity == "" })
}

// Without the right to the Lease undog does not start, and says why.
func TestLeaseWithoutRights(t *testing.T) {
	f := newFixture(t)
	d, err := daemon.Start(daemon.Options{
		Kubeconfig: undogKubeconfig, Dir: t.TempDir(), NATSURL: f.natsServer(),
		Config: fmt.Sprintf("watch: {namespaces: [%s]}\nleaderElection: {enabled: true, namespace: %s}\n", f.namespace, f.namespace),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Ready(f.ctx)
	if err == nil {
		t.Fatal("undog runs without the right to its lease")
	}
	for _, want := range []string{
		"missing permission: get leases undog in namespace " + f.namespace, "create leases in namespace", "update leases undog",
		"leaderElection.enabled: false",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("undog says %v, want %q", err, want)
		}
	}
}
