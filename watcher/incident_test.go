package watcher

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
)

func TestIncidents(t *testing.T) {
	up := with(podOf("rs-web", "a"), running(second(10)), ready(false, second(9)))
	wasUp := with(up, ready(true, second(12)))
	down := with(wasUp, exited(second(40), 1), ready(false, second(40)))
	want := func(at time.Time, age time.Duration, wasReady bool) []policy.Incident {
		return []policy.Incident{{Pod: "a", Node: "node-a", At: at, Age: age, WasReady: wasReady}}
	}
	twice := with(with(down, running(second(41))), exited(second(50), 1))
	unknown := with(wasUp, exited(second(40), 255))
	unknown.Status.ContainerStatuses[0].State.Terminated.Reason = "Unknown"
	atOnce := with(up, exited(second(10), 1))
	for _, c := range []struct {
		name  string
		steps []*corev1.Pod
		want  []policy.Incident
	}{
		{"healthy", []*corev1.Pod{up, wasUp}, nil},
		{"after it was ready", []*corev1.Pod{up, wasUp, down}, want(second(102), 30*time.Second, true)},
		{"ready unseen", []*corev1.Pod{up, down}, want(second(101), 30*time.Second, true)},
		{"once per pod", []*corev1.Pod{up, wasUp, down, twice}, want(second(102), 30*time.Second, true)},
		{"never ready", []*corev1.Pod{up, with(up, exited(second(15), 1))}, want(second(101), 5*time.Second, false)},
		{"in the second of its start", []*corev1.Pod{up, atOnce}, want(second(101), minAge, false)},
		{"at the first look", []*corev1.Pod{down}, want(time.Time{}, 30*time.Second, true)},
		{"several at the first look", []*corev1.Pod{twice}, want(time.Time{}, 0, true)},
		{"while it is deleted", []*corev1.Pod{up, with(down, deleting)}, nil},
		{"the node knows no more", []*corev1.Pod{up, unknown}, nil},
		{"its init container only", []*corev1.Pod{up, with(up, initializing(second(8), 2))}, nil},
		{"and is deleted", []*corev1.Pod{up, down, with(down, deleting), nil}, want(second(101), 30*time.Second, true)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := oneRevision()
			for i, p := range c.steps {
				if p == nil {
					s.DeletePod(second(100+i), "shop", "a", "")
					continue
				}
				p = p.DeepCopy()
				p.ResourceVersion = fmt.Sprint(i + 1)
				s.ApplyPod(second(100+i), p)
			}
			if diff := difference(t, c.want, revisionAt(t, s, second(200)).Incidents); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheNewestIncidentsAreKept(t *testing.T) {
	s := oneRevision()
	const n = policy.MaxIncidents + 10
	for i := range n {
		p := with(podOf("rs-web", fmt.Sprintf("p%03d", i)), running(second(0)))
		s.ApplyPod(second(1), p)
		s.ApplyPod(second(10+i), with(p, exited(second(5), 1)))
		s.DeletePod(second(500), "shop", p.Name, "")
	}
	got := revisionAt(t, s, second(1000)).Incidents
	if len(got) != policy.MaxIncidents || got[0].Pod != "p010" || got[len(got)-1].Pod != "p073" {
		t.Errorf("%d incidents from %s to %s", len(got), got[0].Pod, got[len(got)-1].Pod)
	}
}

func TestHosts(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-new", 1))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-old", 2))
	add := func(rs, name, node string) *corev1.Pod {
		p := with(podOf(rs, name), running(second(1)))
		p.Spec.NodeName = node
		s.ApplyPod(second(1), p)
		return p
	}
	hosts := func() []policy.Host {
		o, _ := s.Observe(second(100), "dep-web")
		return o.Hosts
	}
	expect := func(what string, want ...policy.Host) {
		t.Helper()
		if diff := difference(t, want, hosts()); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
	for i := range 4 {
		add("rs-old", fmt.Sprint("old-", i), fmt.Sprint("node-", i))
	}
	failing := add("rs-new", "new-0", "node-0")
	add("rs-new", "new-1", "node-1")
	s.ApplyPod(second(1), podOf("rs-new", "not-started"))
	expect("before any incident")
	s.ApplyPod(second(9), with(add("rs-old", "old-x", "node-3"), exited(second(9), 1)))
	expect("an incident of the old revision")
	s.ApplyPod(second(10), with(failing, exited(second(10), 1)))
	expect("one of the new", policy.Host{Nodes: 3, Old: 1}, policy.Host{Nodes: 1, New: 1, Old: 1})
	add("rs-new", "new-2", "node-2")
	s.DeletePod(second(11), "shop", "old-3", "")
	expect("pods come and go", policy.Host{Nodes: 1, Old: 1}, policy.Host{Nodes: 2, New: 1, Old: 1})
	s.ApplyNode(second(12), nodeOf("node-1", false, second(12)))
	expect("a node is lost", policy.Host{Nodes: 1, Old: 1}, policy.Host{Nodes: 1, New: 1, Old: 1})
	s.DeleteReplicaSet(second(12), "shop", "web-rs-old", "")
	expect("the old revision is gone", policy.Host{Nodes: 1, New: 1})
	s.ApplyReplicaSet(second(12), replicaSet("web", "rs-old", 2))
	expect("it was only late", policy.Host{Nodes: 1, Old: 1}, policy.Host{Nodes: 1, New: 1, Old: 1})
	back := deployment("web")
	back.ResourceVersion, back.Spec.Template = "2", podTemplate("registry.example/web:1.2")
	s.ApplyDeployment(second(13), back)
	expect("the old template is the new one", policy.Host{Nodes: 1, New: 1}, policy.Host{Nodes: 1, New: 1, Old: 1})
}

func TestHostsAreBounded(t *testing.T) {
	s := &spread{nodes: map[word]mix{}, alike: map[mix]int32{}}
	for i := range 2 * policy.MaxHosts {
		for range i + 1 {
			s.add(intern(fmt.Sprint("node-", i)), true, 1)
		}
	}
	got := s.say()
	if len(got) != policy.MaxHosts || got[0].New != policy.MaxHosts+1 {
		t.Errorf("%d groups from %+v, want those with most pods", len(got), got[0])
	}
}
