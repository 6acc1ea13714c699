package daemon_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/cluster/hold"
	"github.com/undog-dev/undog/test/faults/table"
)

// faults collects the rows that are played here; -faults says where to write them.
var (
	faults     table.Page
	faultsPage = flag.String("faults", "", "write the table of faults into this page")
)

// nextStart is when what a killed undog left is told.
const nextStart = "the next start"

// row fails unless the stream tells of the Deployment what is wanted, by kind,
// and of each once, and adds what was counted to the table.
func (j *journal) row(order int, fault, name, undone, caught string, want map[string]int) {
	j.f.t.Helper()
	row := table.Row{Order: order, Fault: fault, Undone: undone, Caught: caught}
	seen, got := map[string]bool{}, map[string]int{}
	for _, e := range j.told() {
		if seen[e.ID] {
			row.Again++
			continue
		}
		seen[e.ID] = true
		if e.Data.Workload.Name == name && policy.TransitionKind(kind(e)).Durable() {
			got[kind(e)]++
		}
	}
	for kind, n := range want {
		row.Expected += n
		row.Received += min(n, got[kind])
		row.Invented += max(0, got[kind]-n)
		if got[kind] != n {
			j.f.t.Errorf("stream has %d events %s about %s, want %d", got[kind], kind, name, n)
		}
		delete(got, kind)
	}
	for kind, n := range got {
		row.Invented += n
		j.f.t.Errorf("stream has %d events %s about %s, want none", n, kind, name)
	}
	faults.Add(row)
}

// undog dies at each request that it makes on its way from the verdict to the
// end of the undo: before the server gets it, and before undog gets the answer.
func TestFaultKilledAtEachRequest(t *testing.T) {
	t.Parallel()
	verdict := func(*fixture) func(*http.Request) bool {
		return func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/controllerrevisions")
		}
	}
	undo := func(f *fixture) func(*http.Request) bool { return f.to(http.MethodPatch, app) }
	for name, tt := range map[string]struct {
		order int
		fault string
		to    func(*fixture) func(*http.Request) bool
		when  hold.When
		nth   int
	}{
		"VerdictBefore":  {1, "undog is killed before it has written the verdict", verdict, hold.Before, 1},
		"VerdictAfter":   {2, "undog is killed before it knows that the verdict is written", verdict, hold.After, 1},
		"UndoBefore":     {3, "undog is killed before it has written the undo", undo, hold.Before, 1},
		"UndoAfter":      {4, "undog is killed before it knows that the undo is written", undo, hold.After, 1},
		"GiveBackBefore": {5, "undog is killed before it has given its fields back", undo, hold.Before, 2},
		"GiveBackAfter":  {6, "undog is killed before it knows that they are given back", undo, hold.After, 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			server := f.natsServer()
			proxy, kubeconfig := f.proxy()
			first := f.undog(setup{kubeconfig: kubeconfig, nats: server})
			j := f.journal(server)
			f.proven(j, 2)
			gate := proxy.Gate(nth(tt.nth, tt.to(f)), tt.when)
			f.release(app, "crash")
			f.wait("the request at the gate", gate.Arrived())
			if err := first.Kill(); err != nil {
				t.Fatal(err)
			}
			gate.Release()
			f.undog(setup{kubeconfig: kubeconfig, nats: server})
			f.undone(j, "crash")
			f.stands(j, app, "1.1")
			f.wantUndos(app, 200)
			j.row(tt.order, tt.fault, app, "1 of 1", nextStart, map[string]int{"verdict.good": 2, "verdict.bad": 1, "rollback.done": 1})
		})
	}
}

// nth matches the n-th request that matches, and those after it.
func nth(n int, match func(*http.Request) bool) func(*http.Request) bool {
	var mu sync.Mutex
	return func(r *http.Request) bool {
		if !match(r) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		n--
		return n <= 0
	}
}

// Three releases are undone while NATS is away, undog dies, and the server is
// back for the next one.
func TestFaultThreeUndosWithoutNATS(t *testing.T) {
	f := newFixture(t)
	server := f.natsServer()
	proxy := f.natsProxy(server)
	first := f.undog(setup{nats: proxy.URL()})
	j := f.journal(server)
	f.proven(j, 2)
	if err := proxy.Down(); err != nil {
		t.Fatal(err)
	}
	tags := []string{"crash", "missing", "nocommand"}
	for _, tag := range tags {
		f.release(app, tag)
		f.recorded(tag, "of the verdict", func(r policy.Record) bool { return r.Verdict == policy.Bad })
		f.running(app, "1.0")
		f.givenBack(app)
	}
	f.wantUndos(app, 200, 200, 200)
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := proxy.Up(); err != nil {
		t.Fatal(err)
	}
	f.undog(setup{nats: proxy.URL()})
	for _, tag := range tags {
		f.undone(j, tag)
	}
	j.row(20, "three undos of one Deployment while NATS is down, then undog is killed", app, "3 of 3, before NATS is back", nextStart,
		map[string]int{"verdict.good": 1, "verdict.bad": 3, "rollback.done": 3})
}

// The embedded server's disk is emptied, of a Deployment that keeps no old
// ReplicaSets: what is told again comes from the ledger alone.
func TestFaultEmptiedDisk(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	first := f.undog(setup{dir: dir})
	before := f.journal(first.NATSURL)
	none := int32(0)
	f.proven(before, 2, func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = &none })
	for _, tag := range []string{"crash", "missing"} {
		f.release(app, tag)
		f.undone(before, tag)
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "events")); err != nil {
		t.Fatal(err)
	}
	j := f.journal(f.undog(setup{dir: dir}).NATSURL)
	for _, tag := range []string{"crash", "missing"} {
		f.undone(j, tag)
	}
	j.await("verdict.good", app, "1.0")
	j.row(21, "undog is killed and the disk of its embedded server is emptied; revisionHistoryLimit is 0", app, "2 of 2", nextStart,
		map[string]int{"verdict.good": 1, "verdict.bad": 2, "rollback.done": 2})
	known := before.told()
	for _, e := range j.told() {
		if !slices.ContainsFunc(known, func(b notify.Event) bool { return b.ID == e.ID }) && policy.TransitionKind(kind(e)).Durable() {
			t.Errorf("%s has another id than it had", kind(e))
		}
	}
}

// present is how many Deployments there are when undog starts, running how
// many of them have pods.
const present, running = 1000, 50

// What was there before undog came is no news.
func TestFaultThousandAtStart(t *testing.T) {
	f := newFixture(t)
	name := func(i int) string { return "app-" + strconv.Itoa(i) }
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Go(func() {
			for i := w; i < present; i += 8 {
				replicas := int32(0)
				if i < running {
					replicas = 1
				}
				f.deploy(name(i), "1.0", replicas)
			}
		})
	}
	workers.Wait()
	for i := range running {
		f.running(name(i), "1.0")
	}
	server := f.natsServer()
	d := f.undog(setup{nats: server})
	j := f.journal(server)
	// Long enough to look at each several times, and past the bake.
	f.later(5 * bake)
	if status, _, err := d.Get(f.ctx, "/readyz"); err != nil || status != http.StatusOK {
		t.Fatalf("undog is not ready: %d, %v", status, err)
	}
	for _, e := range j.told() {
		t.Errorf("%s of %s was told", kind(e), e.Data.Workload.Name)
	}
	// It does see what happens now.
	f.release(name(0), "1.1")
	j.await("rollout.started", name(0), "1.1")
	j.await("verdict.good", name(0), "1.1")
	for i := 1; i < present; i++ {
		if told := j.kinds(name(i)); told != "" {
			t.Fatalf("told of %s: %s", name(i), told)
		}
	}
	j.row(30, "1,000 Deployments are there when undog starts, and one is released", name(0), "0 of 0", "at once", map[string]int{"verdict.good": 1})
}
