package daemon_test

import (
	"flag"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/hold"
	"github.com/undog-dev/undog/test/cluster/stress"
)

// stressed collects the rows; -stress says where to write them, and that all
// are played.
var (
	stressed   stressTable
	stressPage = flag.String("stress", "", "play every fault of the API server and write the table into this page")
)

// beacon is a Deployment that tells when everything before it has been seen.
const beacon = "beacon"

// trial is what happens to one Deployment while the API server is at fault.
type trial struct {
	*fixture
	j     *journal
	proxy *hold.API
	undog *daemon.Daemon
	setup setup
	gate  *hold.Gate
	// before is called with the name of each step, during when its change has
	// been made; they may be nil.
	before, during func(*trial, string)
}

// play goes through every step, and returns what is left.
func (s *trial) play() left {
	s.t.Helper()
	s.step("start")
	s.proven(s.j, 2)
	s.step("bad")
	s.release(app, "crash")
	s.meanwhile("bad")
	s.undoneTo("crash", "1.0")
	s.step("good")
	s.stands(s.j, app, "1.1")
	s.step("restart")
	s.patch(app, map[string]any{"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{
		"annotations": map[string]string{"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"},
	}}}})
	s.meanwhile("restart")
	s.running(app, "1.1")
	s.recorded("1.1", "of the restart", func(r policy.Record) bool { return r.Verdict == policy.Good && r.Revision.Number == 5 })
	s.step("scale")
	s.release(app, "missing")
	s.deployment(app, "bad release seen by the controllers", func(d *appsv1.Deployment) bool {
		return imageOf(d) == image("missing") && d.Status.ObservedGeneration == d.Generation
	})
	s.patch(app, map[string]any{"spec": map[string]any{"replicas": 3}})
	s.undoneTo("missing", "1.1")
	s.step("end")
	s.deploy(beacon, "1.0", 1)
	s.j.await("verdict.good", beacon, "1.0")
	return s.left(s.j)
}

func (s *trial) step(name string) {
	if s.before != nil {
		s.before(s, name)
	}
}

func (s *trial) meanwhile(name string) {
	if s.during != nil {
		s.during(s, name)
	}
}

// undoneTo waits until a release is undone and everything about it is done.
func (s *trial) undoneTo(tag, target string) {
	s.t.Helper()
	s.j.await("rollback.done", app, tag)
	s.running(app, target)
	s.deployment(app, "sentence about the undo gone", func(d *appsv1.Deployment) bool { return d.Annotations["kubernetes.io/change-cause"] == "" })
	s.givenBack(app)
	s.recorded(tag, "of the verdict", func(r policy.Record) bool { return r.Verdict == policy.Bad && r.DecisionID != "" })
}

// again kills undog and starts it anew.
func (s *trial) again() {
	s.t.Helper()
	if err := s.undog.Kill(); err != nil {
		s.t.Fatal(err)
	}
	s.undog = s.fixture.undog(s.setup)
}

// newTrial puts the faults before the API server and starts undog.
func newTrial(t *testing.T, faults ...stress.Fault) *trial {
	t.Helper()
	f := newFixtureFor(t, morePatience)
	s := &trial{fixture: f}
	config, err := control.RESTConfigFor(undogUser, undogGroups...)
	if err != nil {
		t.Fatal(err)
	}
	var kubeconfig string
	s.proxy, kubeconfig = f.proxyOf(stress.Through(config, faults...))
	s.setup = setup{kubeconfig: kubeconfig, nats: f.natsServer()}
	s.undog = f.undog(s.setup)
	s.j = f.journal(s.setup.nats)
	return s
}

// fault is one row of the table.
type fault struct {
	order int
	name  string
	// short says that it is played with every test.
	short bool
	// from is the step at which the faults begin, "" is before undog starts.
	from           string
	faults         []stress.Fault
	before, during func(*trial, string)
	// after looks at what the faults counted.
	after func(*testing.T)
}

// The end of the story and undog's writes are the same, whatever the API server does.
func TestStress(t *testing.T) {
	first := newTrial(t)
	reference := first.play()
	if err := first.undog.Stop(first.ctx); err != nil {
		t.Error(err)
	}
	for name, tt := range stressFaults() {
		if tt.short || *stressPage != "" {
			t.Run(name, func(t *testing.T) { tt.play(t, reference) })
		}
	}
}

// play compares the story under the faults with the one without.
func (tt fault) play(t *testing.T, reference left) {
	layers := slices.Clone(tt.faults)
	var begin []func()
	if tt.from != "" {
		for i, f := range layers {
			later := &stress.While{Fault: f}
			layers[i], begin = later, append(begin, later.Begin)
		}
	}
	s := newTrial(t, layers...)
	s.before = func(s *trial, step string) {
		if step == tt.from {
			for _, b := range begin {
				b()
			}
		}
		if tt.before != nil {
			tt.before(s, step)
		}
	}
	s.during = tt.during
	got := s.play()
	if tt.after != nil {
		tt.after(t)
	}
	s.compare(tt, got, reference)
}

// compare adds a row, and fails unless everything is as without faults.
func (s *trial) compare(tt fault, got, want left) {
	s.t.Helper()
	row := stressRow{order: tt.order, fault: tt.name, writes: len(got.writes)}
	for _, f := range tt.faults {
		if c, ok := f.(interface{ Count() int }); ok {
			row.times += c.Count()
		}
	}
	same := slices.Equal(got.state, want.state)
	if !same {
		s.t.Errorf("ends with\n%s\nwant\n%s", strings.Join(got.state, "\n"), strings.Join(want.state, "\n"))
	}
	for _, part := range []struct {
		what      string
		got, want []string
	}{{"write", got.writes, want.writes}, {"event", got.told, want.told}} {
		for _, w := range lacks(part.want, part.got) {
			if repeats(w, part.want) {
				row.again++
				continue
			}
			row.wrong++
			s.t.Errorf("%s that is not without faults: %s", part.what, w)
		}
		for _, w := range lacks(part.got, part.want) {
			row.missing++
			s.t.Errorf("missing %s: %s", part.what, w)
		}
	}
	row.same = same
	stressed.add(row)
}
