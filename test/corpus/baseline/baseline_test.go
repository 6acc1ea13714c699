package baseline

import (
	"fmt"
	"math"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/corpus/play"
)

// view is a workload of so many replicas with these new and old pods.
func view(replicas int32, now, old []*corev1.Pod) play.View {
	return play.View{
		At:         time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
		Deployment: &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &replicas}},
		Current:    &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{UID: "new"}},
		New:        now, Old: old,
	}
}

// pod is a pod whose container was restarted so often.
func pod(name string, restarts int32, ready bool) *corev1.Pod {
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name)},
		Status: corev1.PodStatus{
			Phase:             corev1.PodRunning,
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: status}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "app", RestartCount: restarts}},
		},
	}
}

func waitingPod(name, reason string) *corev1.Pod {
	p := pod(name, 0, false)
	p.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: reason}
	return p
}

func pods(n int, restarts int32) []*corev1.Pod {
	var out []*corev1.Pod
	for i := range n {
		out = append(out, pod(fmt.Sprintf("p%d-%d", restarts, i), restarts, restarts == 0))
	}
	return out
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	v := view(3, nil, nil)
	if NewDeadline().Look(v) {
		t.Error("rolls back without a condition")
	}
	v.Deployment.Status.Conditions = []appsv1.DeploymentCondition{
		{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "ReplicaSetUpdated"},
	}
	if NewDeadline().Look(v) {
		t.Error("rolls back while it progresses")
	}
	v.Deployment.Status.Conditions[0].Status, v.Deployment.Status.Conditions[0].Reason = corev1.ConditionFalse, "ProgressDeadlineExceeded"
	if !NewDeadline().Look(v) {
		t.Error("does not roll back when the deadline was exceeded")
	}
}

// TestThreshold holds the formula to the numbers that Amazon's guide gives.
func TestThreshold(t *testing.T) {
	t.Parallel()
	for desired, want := range map[int32]int{1: 3, 6: 3, 10: 5, 25: 13, 100: 50, 400: 200, 800: 200} {
		if got := Threshold(desired); got != want {
			t.Errorf("threshold of %d is %d, want %d", desired, got, want)
		}
	}
}

func TestBreakerCountsInARow(t *testing.T) {
	t.Parallel()
	b := NewBreaker()
	for restarts := range int32(3) {
		if b.Look(view(3, []*corev1.Pod{pod("a", restarts, false)}, nil)) {
			t.Fatalf("opens after %d failures", restarts)
		}
	}
	if !b.Look(view(3, []*corev1.Pod{pod("a", 3, false)}, nil)) {
		t.Error("does not open after 3 failures")
	}
}

func TestBreakerResetsOnAHealthyPod(t *testing.T) {
	t.Parallel()
	b := NewBreaker()
	b.Look(view(3, []*corev1.Pod{pod("a", 2, false)}, nil))
	b.Look(view(3, []*corev1.Pod{pod("a", 2, true)}, nil))
	if b.Look(view(3, []*corev1.Pod{pod("a", 4, false)}, nil)) {
		t.Error("counts what was before a healthy pod")
	}
}

func TestBreakerCountsAttemptsToPull(t *testing.T) {
	t.Parallel()
	b := NewBreaker()
	opened := 0
	for _, reason := range []string{"ErrImagePull", "ImagePullBackOff", "ErrImagePull", "ImagePullBackOff", "ErrImagePull"} {
		opened++
		if b.Look(view(3, []*corev1.Pod{waitingPod("a", reason)}, nil)) {
			break
		}
	}
	if opened != 5 {
		t.Errorf("opens at the status %d, want the third attempt, which is status 5", opened)
	}
}

func TestRestarts(t *testing.T) {
	t.Parallel()
	if NewRestarts().Look(view(3, pods(3, 2), pods(3, 5))) {
		t.Error("rolls back at two restarts, or for an old pod")
	}
	if !NewRestarts().Look(view(3, append(pods(3, 0), pod("x", 3, false)), nil)) {
		t.Error("does not roll back at three restarts")
	}
}

// TestFisherP holds the test to tables that are worked out by hand.
func TestFisherP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, n, b, m int
		want       float64
	}{
		{3, 3, 0, 3, 1.0 / 20},    // C(3,3)C(3,0)/C(6,3)
		{2, 2, 0, 2, 1.0 / 6},     // 1/C(4,2)
		{1, 1, 0, 9, 1.0 / 10},    // 1/C(10,1)
		{5, 5, 0, 5, 1.0 / 252},   // 1/C(10,5)
		{0, 4, 2, 4, 1},           // Nothing is as extreme as that.
		{3, 4, 1, 4, 17.0 / 70},   // The lady tasting tea, 3 of 4 right: (16+1)/70.
		{10, 10, 10, 10, 1},       // All fail.
		{4, 4, 0, 0, 1},           // Nothing to compare with.
		{2, 10, 0, 10, 45. / 190}, // C(10,2)/C(20,2)
	} {
		if got := FisherP(c.a, c.n, c.b, c.m); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("p of %d of %d against %d of %d is %v, want %v", c.a, c.n, c.b, c.m, got, c.want)
		}
	}
}

func TestFisher(t *testing.T) {
	t.Parallel()
	if NewFisher().Look(view(5, pods(2, 1), pods(2, 0))) {
		t.Error("rolls back for two of two against none of two")
	}
	if !NewFisher().Look(view(5, pods(5, 1), pods(5, 0))) {
		t.Error("does not roll back for five of five against none of five")
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	evicted := pod("e", 0, false)
	evicted.Status.Phase = corev1.PodFailed
	for name, c := range map[string]struct {
		pod  *corev1.Pod
		want bool
	}{
		"well": {pod("a", 0, true), false}, "restarted": {pod("a", 1, true), true}, "evicted": {evicted, true},
		"creating": {waitingPod("a", "ContainerCreating"), false}, "no image": {waitingPod("a", "ErrImagePull"), true},
	} {
		if got := failed(c.pod); got != c.want {
			t.Errorf("%s: failed is %t, want %t", name, got, c.want)
		}
	}
}
