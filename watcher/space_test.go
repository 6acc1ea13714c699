package watcher

import (
	"fmt"
	"math/rand/v2"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// objectsIn is a release of web in a namespace: a revision that is good, one whose only
// pod has fallen, and what undog remembers of them.
func objectsIn(namespace string) (all []func(*State), d *appsv1.Deployment) {
	d = deployment("web")
	d.Spec.Template = podTemplate("registry.example/web:1.2")
	good, bad := replicaSet("web", "rs-good", 1), replicaSet("web", "rs-bad", 2)
	up := with(podOf("rs-good", "up"), running(second(1)), ready(true, second(5)))
	down := with(podOf("rs-bad", "down"), running(second(1)), exited(second(3), 1))
	stuck := podOf("rs-bad", "stuck")
	told := eventOf(stuck, "FailedMount", "no such volume", second(4), 3)
	record := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{
		Name: "undog-1", UID: "cr-1", OwnerReferences: controlledBy("Deployment", "web", "dep-web"),
		Labels: map[string]string{LabelManagedBy: ManagedBy, LabelWorkload: "dep-web"},
	}}
	for _, o := range []metav1.Object{d, good, bad, up, down, stuck, told, record} {
		o.SetNamespace(namespace)
	}
	return []func(*State){
		func(s *State) { s.ApplyDeployment(second(6), d) },
		func(s *State) { s.ApplyReplicaSet(second(6), good) },
		func(s *State) { s.ApplyReplicaSet(second(6), bad) },
		func(s *State) { s.ApplyPod(second(6), up) },
		func(s *State) { s.ApplyPod(second(6), down) },
		func(s *State) { s.ApplyPod(second(6), stuck); s.ApplyEvent(second(6), told) },
		func(s *State) { s.ApplyRecord(second(6), record) },
	}, d
}

// foreignObjects are what somebody in another namespace makes of the UIDs of web:
// revisions, pods, records and Events that name it and what it has as their owner.
func foreignObjects() []func(*State) {
	const elsewhere = "elsewhere"
	var all []func(*State)
	for i, image := range []string{"1.1", "1.2", "6.6"} {
		rs := replicaSet("web", fmt.Sprint("rs-foreign-", i), 1_000_000+i)
		rs.Namespace, rs.Spec.Template, rs.Spec.Replicas = elsewhere, podTemplate("registry.example/web:"+image), new(int32)
		all = append(all, func(s *State) { s.ApplyReplicaSet(second(7), rs) })
	}
	for i, owner := range []string{"rs-good", "rs-bad"} {
		pod := with(podOf(owner, fmt.Sprint("foreign-", i)), running(second(1)), exited(second(2), 137))
		pod.Namespace = elsewhere
		all = append(all, func(s *State) { s.ApplyPod(second(7), pod) })
	}
	about := eventOf(podOf("rs-bad", "stuck"), "FailedAttachVolume", "made up", second(5), 100)
	about.Namespace, about.InvolvedObject.Namespace = elsewhere, elsewhere
	record := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{
		Namespace: elsewhere, Name: "undog-2", UID: "cr-2", OwnerReferences: controlledBy("Deployment", "web", "dep-web"),
		Labels: map[string]string{LabelManagedBy: ManagedBy, LabelWorkload: "dep-web"},
	}}
	return append(all,
		func(s *State) { s.ApplyEvent(second(7), about) },
		func(s *State) { s.ApplyRecord(second(7), record) },
	)
}

// TestOtherNamespacesHaveNoSay makes objects in another namespace that name a Deployment
// and its ReplicaSets as their owners, before, between and after those that do so
// rightly: what is told of it stays as it is without them.
func TestOtherNamespacesHaveNoSay(t *testing.T) {
	opts := Options{DecodeRecord: func(cr *appsv1.ControllerRevision) (policy.Record, error) {
		return policy.Record{Reason: cr.Name}, nil
	}}
	tell := func(apply []func(*State)) (*State, string) {
		s := NewState(opts)
		for _, do := range apply {
			do(s)
		}
		o, ok := s.Observe(second(8), "dep-web")
		if !ok {
			t.Fatal("the Deployment is not known")
		}
		o.Version = 0
		return s, fmt.Sprintf("%+v", *o)
	}
	own, _ := objectsIn("shop")
	_, want := tell(own)
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		own, d := objectsIn("shop")
		all := append(own, foreignObjects()...)
		// A pod's Event is only looked at once the pod is known.
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		s, got := tell(all)
		if got != want {
			t.Fatalf("with objects of another namespace it is\n%s\nand without\n%s", got, want)
		}
		for i := range 3 {
			s.DeleteReplicaSet(second(9), "elsewhere", "", fmt.Sprint("rs-foreign-", i))
		}
		for i := range 2 {
			s.DeletePod(second(9), "elsewhere", fmt.Sprint("foreign-", i), "")
		}
		s.DeleteRecord(second(9), "elsewhere", "undog-2", "")
		if o, _ := s.Observe(second(8), string(d.UID)); len(o.Revisions) != 2 || len(o.Records) != 1 || len(s.spaces) != 1 {
			t.Fatalf("%d revisions and %d records in %d namespaces are left, want 2, 1 and 1", len(o.Revisions), len(o.Records), len(s.spaces))
		}
	}
}

// TestOwnNamespaceHasASay holds the test above to its word: the same objects do change
// what is told where they are in the Deployment's own namespace.
func TestOwnNamespaceHasASay(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	foreign := replicaSet("web", "rs-foreign", 9)
	foreign.Namespace = "elsewhere"
	s.ApplyReplicaSet(epoch, foreign)
	if o, _ := s.Observe(epoch, "dep-web"); len(o.Revisions) != 0 {
		t.Errorf("revisions %v of another namespace", o.Revisions)
	}
	own := foreign.DeepCopy()
	own.Namespace = "shop"
	s.ApplyReplicaSet(epoch, own)
	if o, _ := s.Observe(epoch, "dep-web"); len(o.Revisions) != 1 {
		t.Errorf("%d revisions, want the one of its own namespace", len(o.Revisions))
	}
}
