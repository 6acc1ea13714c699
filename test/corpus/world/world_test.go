package world

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/test/script"
	simworld "github.com/undog-dev/undog/test/sim/world"
)

func tmpl(version string) *corev1.PodTemplateSpec {
	return &corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web", "app.kubernetes.io/version": version}},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyAlways, SchedulerName: corev1.DefaultSchedulerName,
			Containers: []corev1.Container{{Name: "app", Image: "registry.example/web:" + version}},
		},
	}
}

// cluster has three nodes and web, ten pods of v1, all ready.
func cluster(t *testing.T, s *script.Script, change func(s *Shape)) *World {
	t.Helper()
	w := New(simworld.NewClock(), 7, s)
	for _, n := range []string{"node-1", "node-2", "node-3"} {
		if err := w.AddNode(Node{Name: n}); err != nil {
			t.Fatal(err)
		}
	}
	shape := Shape{
		Name: "web", Replicas: 10, Surge: intstr.FromString("25%"), Down: intstr.FromString("25%"),
		Deadline: 10 * time.Minute, History: 2, Template: tmpl("v1"),
	}
	if change != nil {
		change(&shape)
	}
	w.Deploy(shape)
	w.pass(time.Minute)
	return w
}

func (w *World) pass(d time.Duration) {
	for end := w.Clock.Now().Add(d); w.Clock.Step(end); {
	}
}

func deployment(t *testing.T, w *World) *appsv1.Deployment {
	t.Helper()
	d, ok := w.Get(Deployments, "web").(*appsv1.Deployment)
	if !ok {
		t.Fatal("there is no Deployment")
	}
	return d
}

func progressing(t *testing.T, w *World) string {
	t.Helper()
	s := deployment(t, w).Status
	c := condition(&s, appsv1.DeploymentProgressing)
	if c == nil {
		return ""
	}
	return c.Reason
}

// live counts pods that are not on their way out.
func live(w *World, version string) (pods, ready int) {
	for _, p := range all[*corev1.Pod](w, Pods) {
		if p.DeletionTimestamp == nil && (version == "" || RevisionOf(p) == version) {
			pods++
			if IsReady(p) {
				ready++
			}
		}
	}
	return pods, ready
}

// TestRollingUpdateKeepsItsBounds allows for 10 pods with 25 % (3 more, 2 fewer).
func TestRollingUpdateKeepsItsBounds(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{}, nil)
	most, least := 0, 10
	w.Changed = func(Change) {
		pods, ready := live(w, "")
		most, least = max(most, pods), min(least, ready)
	}
	w.Apply("web", "", tmpl("v2"))
	w.pass(5 * time.Minute)
	if most != 13 || least < 8 {
		t.Errorf("there were up to %d pods and at least %d ready, want 13 and at least 8", most, least)
	}
	if _, ready := live(w, "v2"); ready != 10 || progressing(t, w) != "NewReplicaSetAvailable" {
		t.Errorf("%d pods of v2 are ready and it is %s, want 10 and complete", ready, progressing(t, w))
	}
	if n := Number(deployment(t, w)); n != 2 {
		t.Errorf("the revision is %d, want 2", n)
	}
}

func TestRecreateNeverMixes(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{}, func(s *Shape) { s.Recreate = true })
	mixed := false
	w.Changed = func(Change) {
		seen := map[string]bool{}
		for _, p := range all[*corev1.Pod](w, Pods) {
			seen[RevisionOf(p)] = true
		}
		mixed = mixed || len(seen) > 1
	}
	w.Apply("web", "", tmpl("v2"))
	w.pass(5 * time.Minute)
	if _, ready := live(w, "v2"); mixed || ready != 10 {
		t.Errorf("mixed %t, %d of v2 ready: want one revision after the other", mixed, ready)
	}
}

// TestDeadline lets a revision never become ready: old pods stay, and the
// deadline passes.
func TestDeadline(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{Rules: []script.Rule{{
		Match: script.Match{Image: "*:v2"}, Play: script.Play{Ready: &script.Ready{Never: true}},
	}}}, nil)
	w.Apply("web", "", tmpl("v2"))
	w.pass(9 * time.Minute)
	if got := progressing(t, w); got != "ReplicaSetUpdated" {
		t.Errorf("after 9m it is %s", got)
	}
	w.pass(2 * time.Minute)
	if got := progressing(t, w); got != "ProgressDeadlineExceeded" {
		t.Errorf("after 11m it is %s", got)
	}
	if _, ready := live(w, "v1"); ready != 8 {
		t.Errorf("%d old pods are left, want 8", ready)
	}
}

func TestScalingDuringARolloutIsShared(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{Rules: []script.Rule{{
		Match: script.Match{Image: "*:v2"}, Play: script.Play{Ready: &script.Ready{Never: true}},
	}}}, nil)
	w.Apply("web", "", tmpl("v2"))
	w.pass(time.Minute)
	w.Scale("web", 20)
	w.pass(time.Minute)
	before, _ := live(w, "v1")
	if now, _ := live(w, "v2"); before <= 8 || now <= 5 || before+now != 25 {
		t.Errorf("%d old and %d new pods, want both to have grown, to 25 in all", before, now)
	}
}

func TestPausedStandsStill(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{}, nil)
	w.Pause("web", true)
	w.Apply("web", "", tmpl("v2"))
	w.pass(20 * time.Minute)
	if pods, _ := live(w, "v2"); pods != 0 || progressing(t, w) != "DeploymentPaused" {
		t.Errorf("%d new pods, %s: want none and paused", pods, progressing(t, w))
	}
	w.Pause("web", false)
	w.pass(5 * time.Minute)
	if _, ready := live(w, "v2"); ready != 10 {
		t.Errorf("%d new pods are ready after it goes on, want 10", ready)
	}
}

// TestQuotaRefuses shows where a refusal is told, and that it passes.
func TestQuotaRefuses(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{}, func(s *Shape) { s.Down = intstr.FromInt32(0) })
	none := 0
	w.Quota(&none)
	w.Apply("web", "", tmpl("v2"))
	w.pass(time.Minute)
	s := deployment(t, w).Status
	c := condition(&s, appsv1.DeploymentReplicaFailure)
	if c == nil || c.Reason != "FailedCreate" || !strings.Contains(c.Message, "exceeded quota: team, requested: pods=1, used: pods=10, limited: pods=10") {
		t.Fatalf("the condition is %+v", c)
	}
	w.Quota(nil)
	w.pass(10 * time.Minute)
	s = deployment(t, w).Status
	if _, ready := live(w, "v2"); ready != 10 || condition(&s, appsv1.DeploymentReplicaFailure) != nil {
		t.Errorf("%d new pods are ready, conditions %+v: want 10 and no failure", ready, s.Conditions)
	}
}

// TestDrainDisrupts looks at what a drain shows of pods.
func TestDrainDisrupts(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{}, nil)
	marked := 0
	w.Changed = func(c Change) {
		p, ok := c.Object.(*corev1.Pod)
		if !ok || !c.Deleted {
			return
		}
		for _, cond := range p.Status.Conditions {
			if cond.Type == corev1.DisruptionTarget && cond.Reason == script.EvictByAPI {
				marked++
			}
		}
	}
	w.Drain("node-1")
	w.pass(2 * time.Minute)
	if _, ready := live(w, ""); marked < 3 || ready != 10 {
		t.Errorf("%d pods were evicted and %d are ready, want a third of 10 and all", marked, ready)
	}
	for _, p := range all[*corev1.Pod](w, Pods) {
		if p.Spec.NodeName == "node-1" {
			t.Error("a pod is on a node that is closed")
		}
	}
}

func TestUnschedulableSaysWhy(t *testing.T) {
	t.Parallel()
	w := cluster(t, &script.Script{}, nil)
	next := tmpl("v2")
	next.Spec.NodeSelector = map[string]string{"disk": "fast"}
	w.Apply("web", "", next)
	w.pass(time.Minute)
	found := ""
	for _, p := range all[*corev1.Pod](w, Pods) {
		for _, c := range p.Status.Conditions {
			if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
				found = c.Message
			}
		}
	}
	want := "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
	if !strings.HasPrefix(found, want) {
		t.Errorf("the scheduler says %q, want %q", found, want)
	}
}
