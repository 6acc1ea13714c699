package watcher

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
)

// oneRevision is a State with a Deployment and the ReplicaSet of its template.
func oneRevision() *State {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	return s
}

func revisionAt(t *testing.T, s *State, at time.Time) policy.Revision {
	t.Helper()
	o, ok := s.Observe(at, "dep-web")
	if !ok || len(o.Revisions) == 0 {
		t.Fatalf("no observation of a revision: %+v", o)
	}
	return o.Revisions[0]
}

func TestPodsOnALostNodeCountNowhereElse(t *testing.T) {
	for _, c := range []struct {
		name string
		does func(*State)
		lost int32
	}{
		{"never seen", func(*State) {}, 0},
		{"ready", func(s *State) { s.ApplyNode(epoch, nodeOf("node-a", true, epoch)) }, 0},
		{"not ready", func(s *State) { s.ApplyNode(epoch, nodeOf("node-a", false, epoch)) }, 2},
		{"without a condition", func(s *State) { s.ApplyNode(epoch, &corev1.Node{ObjectMeta: nodeOf("node-a", true, epoch).ObjectMeta}) }, 0},
		{"another one is not ready", func(s *State) { s.ApplyNode(epoch, nodeOf("node-b", false, epoch)) }, 0},
		{"gone", func(s *State) {
			s.ApplyNode(epoch, nodeOf("node-a", true, epoch))
			s.DeleteNode(epoch, "node-a", "node-node-a")
		}, 2},
		{"another of the name is gone", func(s *State) {
			s.ApplyNode(epoch, nodeOf("node-a", true, epoch))
			s.DeleteNode(epoch, "node-a", "node-before")
		}, 0},
		{"back", func(s *State) {
			s.ApplyNode(epoch, nodeOf("node-a", false, epoch))
			s.ApplyNode(epoch, nodeOf("node-a", true, epoch))
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := oneRevision()
			s.ApplyPod(second(3), with(podOf("rs-web", "a"), running(second(1)), exited(second(2), 1)))
			s.ApplyPod(second(3), with(podOf("rs-web", "b"), running(second(1)), ready(true, second(2))))
			c.does(s)
			r := revisionAt(t, s, second(4))
			want := policy.Revision{Pods: 2, Scheduled: 2, Started: 2, Ready: 1, Nodes: 1, WaitingNodes: 1}
			evidence := 1
			if c.lost > 0 {
				want, evidence = policy.Revision{Lost: c.lost}, 0
			}
			got := policy.Revision{
				Pods: r.Pods, Scheduled: r.Scheduled, Started: r.Started, Ready: r.Ready, Nodes: r.Nodes,
				WaitingNodes: r.WaitingNodes, Lost: r.Lost,
			}
			if diff := difference(t, want, got); diff != "" {
				t.Error(diff)
			}
			if len(r.Failures) != evidence || len(r.Waiting) != evidence || len(r.Incidents) != evidence {
				t.Errorf("%d failures, %d waiting, %d incidents, want %d of each",
					len(r.Failures), len(r.Waiting), len(r.Incidents), evidence)
			}
		})
	}
}

// TestANodeThatCameBackIsForgiven has a pod crash and lose its readiness
// while its node is away, and crash again later.
func TestANodeThatCameBackIsForgiven(t *testing.T) {
	s := oneRevision()
	p := with(podOf("rs-web", "a"), running(second(0)), ready(true, second(5)))
	s.ApplyPod(second(5), p)
	s.ApplyNode(second(100), nodeOf("node-a", false, second(100)))
	p = with(p, exited(second(110), 1), ready(false, second(110)))
	s.ApplyPod(second(300), p)
	s.ApplyNode(second(301), nodeOf("node-a", true, second(300)))
	r := revisionAt(t, s, second(301))
	if len(r.Failures) != 0 || len(r.Incidents) != 0 {
		t.Errorf("failures %+v, incidents %+v from while the node was away", r.Failures, r.Incidents)
	}
	if len(r.Waiting) != 1 || !r.Waiting[0].Equal(second(300)) {
		t.Errorf("waits since %v, want since the node came back", r.Waiting)
	}
	p = with(p, running(second(310)))
	p = with(p, exited(second(320), 1))
	s.ApplyPod(second(321), p)
	if r = revisionAt(t, s, second(321)); len(r.Failures) != 1 {
		t.Errorf("failures %+v, want the exit since", r.Failures)
	}
}

func TestWholePodReasons(t *testing.T) {
	for _, c := range []struct {
		reason, message string
		disrupted       int32
	}{
		{"Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. ", 1},
		{"Evicted", "The node had condition: [DiskPressure]. ", 1},
		{"Evicted", `Container app exceeded its local ephemeral storage limit "10Mi". `, 0},
		{"Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 100Mi. ", 0},
		{"Evicted", `Usage of EmptyDir volume "cache" exceeds the limit "1Gi". `, 0},
		{"NodeLost", "Node node-a which was running pod a is unresponsive", 1},
		{"NodeShutdown", "Pod was rejected as the node is shutting down.", 1},
		{"Terminated", "Pod was terminated in response to imminent node shutdown.", 1},
		{"Preempting", "Preempted in order to admit critical pod", 1},
		{"OutOfcpu", "Node didn't have enough resource: cpu", 0},
		{"NodeAffinity", "Predicate NodeAffinity failed", 0},
		{"UnexpectedAdmissionError", "Allocate failed", 0},
		{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline", 0},
	} {
		t.Run(c.reason+" "+c.message, func(t *testing.T) {
			s := oneRevision()
			for _, name := range []string{"a", "b", "c"} {
				s.ApplyPod(second(1), with(podOf("rs-web", name), failed(c.reason, c.message)))
			}
			r := revisionAt(t, s, second(1))
			if r.Disrupted != 3*c.disrupted || r.Pods != 0 {
				t.Errorf("%d pods, %d disrupted", r.Pods, r.Disrupted)
			}
			if c.disrupted > 0 {
				if len(r.Failures) != 0 {
					t.Errorf("failures %+v of disrupted pods", r.Failures)
				}
				return
			}
			if len(r.Failures) != 1 || r.Failures[0].Pods != 3 || r.Failures[0].Reason != c.reason || r.Failures[0].Container != "" {
				t.Fatalf("failures %+v, want one of three pods", r.Failures)
			}
			s.DeletePod(second(2), "shop", "a", "pod-a")
			if r = revisionAt(t, s, second(2)); r.Failures[0].Pods != 2 {
				t.Errorf("%d pods show the failure after one of three was deleted", r.Failures[0].Pods)
			}
		})
	}
}

func TestNodesAreForgotten(t *testing.T) {
	s := oneRevision()
	s.ApplyPod(epoch, podOf("rs-web", "a"))
	s.ApplyNode(epoch, nodeOf("node-a", true, epoch))
	s.ApplyNode(epoch, nodeOf("node-b", true, epoch))
	s.DeleteNode(epoch, "node-b", "")
	s.DeleteNode(epoch, "node-a", "")
	if len(s.nodes) != 1 || revisionAt(t, s, epoch).Lost != 1 {
		t.Errorf("%d nodes held, want the one that has a pod, which is lost", len(s.nodes))
	}
	s.DeletePod(epoch, "shop", "a", "")
	if len(s.nodes) != 0 {
		t.Errorf("%d nodes held after their pods are gone", len(s.nodes))
	}
}
