package watcher

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
)

// numbers are those of revisions.
func numbers(all []policy.Revision) string {
	out := []int64{}
	for i := range all {
		out = append(out, all[i].Number)
	}
	return fmt.Sprint(out)
}

// TestIdleRevisions checks which revisions are left out of what Take gives, that
// they are there for whoever asks, and that no change of one is missed.
func TestIdleRevisions(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, realDeployment(1))
	sets := map[int]*appsv1.ReplicaSet{}
	for n := 1; n <= 5; n++ {
		sets[n] = realReplicaSet(1, n, 5)
		s.ApplyReplicaSet(epoch, sets[n])
	}
	take := func() *policy.Observation {
		t.Helper()
		in := s.Take(epoch, 0)
		if len(in) != 1 {
			t.Fatalf("%d inputs, want 1", len(in))
		}
		o, ok := in[0].(*policy.Observation)
		if !ok {
			t.Fatalf("got a %T", in[0])
		}
		whole, _ := s.Observe(epoch, o.Workload.UID)
		if whole.Idle != nil || numbers(whole.Revisions) != numbers(o.Whole().Revisions) || whole.Version != o.Version {
			t.Errorf("Observe says %s of version %d, Take %s of %d", numbers(whole.Revisions), whole.Version, numbers(o.Whole().Revisions), o.Version)
		}
		return o
	}
	change := func(n int, change func(*appsv1.ReplicaSet)) {
		sets[n] = sets[n].DeepCopy()
		sets[n].ResourceVersion += "1"
		change(sets[n])
		s.ApplyReplicaSet(epoch, sets[n])
	}
	o := take()
	if numbers(o.Revisions) != "[5]" || numbers(o.Whole().Revisions) != "[1 2 3 4 5]" {
		t.Fatalf("revisions %s, whole %s", numbers(o.Revisions), numbers(o.Whole().Revisions))
	}
	if got, want := o.Whole().Revisions[1], revisionOf(s, sets[2]).say(0); got.UID != want.UID || got.Name != want.Name ||
		got.Hash != want.Hash || !slices.Equal(got.Images, want.Images) || !got.CreatedAt.Equal(want.CreatedAt) || got.Template != want.Template {
		t.Errorf("idle revision %+v, want %+v", got, want)
	}

	change(3, func(rs *appsv1.ReplicaSet) { rs.Annotations[annotationRevision] = "9" })
	if o = take(); numbers(o.Whole().Revisions) != "[1 2 4 5 9]" {
		t.Errorf("revisions %s after one was numbered anew", numbers(o.Whole().Revisions))
	}
	change(1, func(rs *appsv1.ReplicaSet) { rs.Labels["pod-template-hash"] = "other" })
	if o = take(); o.Whole().Revisions[0].Hash != "other" {
		t.Errorf("hash %q, want the new one", o.Whole().Revisions[0].Hash)
	}
	change(4, func(rs *appsv1.ReplicaSet) { rs.Spec.Template.Spec.Containers[0].Image = "edited" })
	if o = take(); o.Whole().Revisions[2].Images[0] != "edited" {
		t.Errorf("images %q, want the new one", o.Whole().Revisions[2].Images)
	}
	change(2, func(rs *appsv1.ReplicaSet) {
		rs.Status.Conditions = []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue}}
	})
	if o = take(); numbers(o.Revisions) != "[2 5]" {
		t.Errorf("revisions %s while pods of one cannot be created", numbers(o.Revisions))
	}
	s.DeleteReplicaSet(epoch, sets[2].Namespace, "", string(sets[2].UID))
	if o = take(); numbers(o.Whole().Revisions) != "[1 4 5 9]" {
		t.Errorf("revisions %s after one is gone", numbers(o.Whole().Revisions))
	}

	pod := podOf(string(sets[4].UID), "a")
	pod.Namespace = sets[4].Namespace
	pod = with(pod, running(second(1)), ready(true, second(8)))
	s.ApplyPod(second(1), with(pod, ready(false, second(1))))
	s.ApplyPod(second(8), pod)
	if o = take(); numbers(o.Revisions) != "[4 5]" {
		t.Errorf("revisions %s while one has a pod", numbers(o.Revisions))
	}
	s.DeletePod(second(9), pod.Namespace, pod.Name, string(pod.UID))
	o = take()
	if ready, _ := o.Idle.Slowest(); numbers(o.Revisions) != "[5]" || ready == 0 || o.Whole().Revisions[1].SlowestReady != ready {
		t.Errorf("revisions %s, slowest %s, after its pod is gone", numbers(o.Revisions), ready)
	}
	version := o.Version
	revisionOf(s, sets[4]).crew.slowest += time.Second
	if o, _ = s.Observe(epoch, o.Workload.UID); o.Version == version {
		t.Error("that pods took longer makes no new version")
	}
}

// TestWhatWasLentStays checks that an observation says the same while the State
// goes on, and that it may be read meanwhile.
func TestWhatWasLentStays(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, realDeployment(1))
	sets := map[int]*appsv1.ReplicaSet{}
	for n := 1; n <= 5; n++ {
		sets[n] = realReplicaSet(1, n, 5)
		s.ApplyReplicaSet(epoch, sets[n])
	}
	in := s.Take(epoch, 0)
	o, ok := in[0].(*policy.Observation)
	if !ok {
		t.Fatalf("got a %T", in[0])
	}
	before := o.Whole()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; n <= 3; n++ {
			pod := podOf(string(sets[n].UID), fmt.Sprint("a", n))
			pod.Namespace = sets[n].Namespace
			s.ApplyPod(second(n), with(pod, running(second(1)), ready(true, second(5))))
			rs := sets[n].DeepCopy()
			rs.ResourceVersion, rs.Annotations[annotationRevision], rs.Labels["pod-template-hash"] = "99", "9", "other"
			s.ApplyReplicaSet(second(n), rs)
		}
		s.DeleteReplicaSet(second(4), sets[3].Namespace, "", string(sets[3].UID))
		s.DeleteReplicaSet(second(4), sets[4].Namespace, "", string(sets[4].UID))
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if now := o.Whole(); !reflect.DeepEqual(now, before) {
			t.Fatalf("it says %+v, and said %+v", now, before)
		}
	}
	if now, _ := s.Observe(second(5), o.Workload.UID); numbers(now.Revisions) != "[5 9 9]" {
		t.Errorf("revisions %s in the end", numbers(now.Revisions))
	}
}
