package watcher

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
)

// taken says in short what a Take handed out.
func taken(inputs []policy.Input) string {
	var out []string
	for _, in := range inputs {
		w, gone := subject(in)
		word := "seen"
		if gone {
			word = "gone"
		}
		out = append(out, word+" "+w.Name+" "+w.UID)
	}
	return strings.Join(out, ", ")
}

func expectTaken(t *testing.T, s *State, want string) {
	t.Helper()
	if got := taken(s.Take(epoch, 0)); got != want {
		t.Errorf("took %q, want %q", got, want)
	}
}

func TestTakeHandsOutChangesOnce(t *testing.T) {
	s := NewState(Options{})
	for _, name := range []string{"c", "a", "b"} {
		s.ApplyDeployment(epoch, deployment(name))
	}
	expectTaken(t, s, "seen a dep-a, seen b dep-b, seen c dep-c")
	expectTaken(t, s, "")
	s.ApplyReplicaSet(epoch, replicaSet("b", "rs-b", 1))
	expectTaken(t, s, "seen b dep-b")
}

func TestTakeIsFairUnderALimit(t *testing.T) {
	s := NewState(Options{})
	for _, name := range []string{"d", "c", "b", "a"} {
		s.ApplyDeployment(epoch, deployment(name))
	}
	if got := taken(s.Take(epoch, 2)); got != "seen c dep-c, seen d dep-d" {
		t.Errorf("took %q, want the two that waited longest", got)
	}
	d := deployment("d")
	d.ResourceVersion, d.Generation = "2", 4
	s.ApplyDeployment(epoch, d)
	if got := taken(s.Take(epoch, 2)); got != "seen a dep-a, seen b dep-b" {
		t.Errorf("took %q, want those that waited before the new change", got)
	}
	expectTaken(t, s, "seen d dep-d")
}

func TestVersionChangesWithWhatIsSaid(t *testing.T) {
	s := NewState(Options{})
	d := deployment("web")
	s.ApplyDeployment(epoch, d)
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	p := podOf("rs-web", "a")
	p.ResourceVersion = "5"
	s.ApplyPod(epoch, p)
	first, _ := s.Observe(epoch, "dep-web")
	s.Take(epoch, 0)

	s.ApplyPod(epoch.Add(time.Hour), p) // A resync.
	p = with(p, func(p *corev1.Pod) { p.Status.PodIP, p.Labels = "10.0.0.7", map[string]string{"x": "y"} })
	s.ApplyPod(epoch, p)
	d.ResourceVersion, d.ManagedFields = "9", []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	s.ApplyDeployment(epoch, d)
	same, _ := s.Observe(epoch.Add(time.Hour), "dep-web")
	if same.Version != first.Version || !same.At.Equal(epoch.Add(time.Hour)) {
		t.Errorf("nothing was said, version went from %d to %d", first.Version, same.Version)
	}
	expectTaken(t, s, "")

	s.ApplyPod(epoch, with(p, running(epoch)))
	other, _ := s.Observe(epoch, "dep-web")
	if other.Version == first.Version {
		t.Error("a pod started, and the version is the same")
	}
	expectTaken(t, s, "seen web dep-web")
	expectTaken(t, s, "")
}

func TestChangedAndChangedBackIsLeftOut(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	s.Take(epoch, 0)
	s.ApplyPod(epoch, podOf("rs-web", "a"))
	s.DeletePod(epoch, "shop", "a", "pod-a")
	expectTaken(t, s, "")
}

func TestRecreatedUnderTheSameName(t *testing.T) {
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprintf("deletion told %v", told), func(t *testing.T) {
			s := NewState(Options{})
			s.ApplyDeployment(epoch, deployment("web"))
			s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
			s.Take(epoch, 0)
			if told {
				s.DeleteDeployment(epoch, "shop", "web", "dep-web")
			}
			again := deployment("web")
			again.UID = "dep-new"
			s.ApplyDeployment(epoch, again)
			expectTaken(t, s, "gone web dep-web, seen web dep-new")
			o, _ := s.Observe(epoch, "dep-new")
			if len(o.Revisions) != 0 {
				t.Errorf("the old one's revisions came along: %+v", o.Revisions)
			}
			// A late deletion of the old one must not hit the new one.
			s.DeleteDeployment(epoch, "shop", "web", "dep-web")
			expectTaken(t, s, "")
			s.DeleteDeployment(epoch, "shop", "web", "")
			expectTaken(t, s, "gone web dep-new")
		})
	}
}

func TestReplicaSetRecreatedUnderTheSameName(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	old := replicaSet("web", "rs-old", 1)
	s.ApplyReplicaSet(epoch, old)
	s.ApplyPod(epoch, podOf("rs-old", "a"))
	again := replicaSet("web", "rs-new", 1)
	again.Name = old.Name
	s.ApplyReplicaSet(epoch, again)
	o, _ := s.Observe(epoch, "dep-web")
	if len(o.Revisions) != 1 || o.Revisions[0].UID != "rs-new" || o.Revisions[0].Pods != 0 {
		t.Errorf("revisions %+v, want the new one without the old one's pods", o.Revisions)
	}
}

func TestOnlyControllersOwn(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	stray := replicaSet("web", "rs-stray", 1)
	stray.OwnerReferences[0].Controller = nil
	s.ApplyReplicaSet(epoch, stray)
	foreign := replicaSet("web", "rs-foreign", 1)
	foreign.OwnerReferences[0].APIVersion = "argoproj.io/v1alpha1"
	s.ApplyReplicaSet(epoch, foreign)
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	loose := podOf("rs-web", "loose")
	loose.OwnerReferences = nil
	s.ApplyPod(epoch, loose)
	o, _ := s.Observe(epoch, "dep-web")
	if len(o.Revisions) != 1 || o.Revisions[0].UID != "rs-web" || o.Revisions[0].Pods != 0 {
		t.Errorf("revisions %+v, want only the controlled one, without pods", o.Revisions)
	}
}

func TestSelection(t *testing.T) {
	s := NewState(Options{
		Select: func(_ string, labels policy.Labels) bool { return labels.Get("undog") == "yes" },
		Ignore: func(namespace string) bool { return namespace == "kube-system" },
	})
	d := deployment("web")
	s.ApplyDeployment(epoch, d)
	expectTaken(t, s, "")
	label := func(rv, value string) *appsv1.Deployment {
		c := d.DeepCopy()
		c.ResourceVersion, c.Labels["undog"] = rv, value
		return c
	}
	s.ApplyDeployment(epoch, label("2", "yes"))
	expectTaken(t, s, "seen web dep-web")
	s.ApplyDeployment(epoch, label("3", "no"))
	expectTaken(t, s, "gone web dep-web")
	if _, ok := s.Observe(epoch, "dep-web"); ok {
		t.Error("observed a workload that is not watched")
	}
	s.ApplyDeployment(epoch, label("4", "yes"))
	expectTaken(t, s, "seen web dep-web")

	system := label("1", "yes")
	system.Namespace, system.UID = "kube-system", "dep-system"
	s.ApplyDeployment(epoch, system)
	p := podOf("rs-web", "a")
	p.Namespace = "kube-system"
	s.ApplyPod(epoch, p)
	expectTaken(t, s, "")
	if n := s.counts(); n.Pods != 0 || n.Workloads != 1 {
		t.Errorf("kept %+v of an ignored namespace", n)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	s := NewState(Options{})
	s.ApplyPod(epoch, podOf("rs-web", "a"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	s.ApplyDeployment(epoch, deployment("web"))
	s.Take(epoch, 0)
	s.DeleteDeployment(epoch, "shop", "web", "")
	s.DeleteReplicaSet(epoch, "shop", "web-rs-web", "")
	s.DeletePod(epoch, "shop", "a", "")
	expectTaken(t, s, "gone web dep-web")
	if n := len(s.nodes) + len(s.configs) + len(s.spaces) + len(s.deployments) + len(s.pods) + len(s.names) + len(s.queue); n != 0 {
		t.Errorf("%d objects are left of a deleted workload", n)
	}
}

func TestExitsSettle(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	p := with(podOf("rs-web", "a"), running(second(0)), ready(false, second(0)))
	s.ApplyPod(second(0), p)
	p = with(p, exited(second(5), 1))
	s.ApplyPod(second(5), p)
	p = with(p, running(second(6)), ready(true, second(20)))
	s.ApplyPod(second(20), p)
	s.Take(second(20), 0)
	pods := func(now int) (int32, int32) {
		o, _ := s.Observe(second(now), "dep-web")
		f := o.Revisions[0].Failures[0]
		return f.Pods, f.Count
	}
	if shows, count := pods(619); shows != 1 || count != 1 {
		t.Errorf("before it settled: %d pods show %d exits, want 1 and 1", shows, count)
	}
	if want := second(620); !s.Due().Equal(want) {
		t.Errorf("due at %v, want %v", s.Due(), want)
	}
	if in := s.Take(second(619), 0); len(in) != 0 {
		t.Errorf("took %v, too early", taken(in))
	}
	if !s.Advance(second(620)) {
		t.Error("nothing to take after it settled")
	}
	if in := s.Take(second(620), 0); taken(in) != "seen web dep-web" {
		t.Errorf("took %q", taken(in))
	}
	if shows, count := pods(620); shows != 0 || count != 1 {
		t.Errorf("after it settled: %d pods show %d exits, want 0 and 1", shows, count)
	}
	// Unready is not the old failure again; another exit is.
	p = with(p, ready(false, second(700)))
	s.ApplyPod(second(700), p)
	if shows, _ := pods(701); shows != 0 {
		t.Error("an exit that had settled shows again without a new one")
	}
	s.ApplyPod(second(710), with(p, exited(second(710), 1)))
	if shows, count := pods(710); shows != 1 || count != 2 {
		t.Errorf("after another exit: %d pods show %d exits, want 1 and 2", shows, count)
	}
}

// TestExitsSettleUnseen lets the pod settle and lose its readiness between two
// looks.
func TestExitsSettleUnseen(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	p := with(podOf("rs-web", "a"), running(second(0)), exited(second(5), 1))
	s.ApplyPod(second(5), p)
	p = with(p, running(second(6)), ready(true, second(20)))
	s.ApplyPod(second(20), p)
	s.ApplyPod(second(700), with(p, ready(false, second(700))))
	o, _ := s.Observe(second(700), "dep-web")
	if f := o.Revisions[0].Failures; len(f) != 1 || f[0].Pods != 0 || f[0].Count != 1 {
		t.Errorf("failures %+v, want one exit that no pod shows any more", f)
	}
}

func TestADeletedPodStaysVoid(t *testing.T) {
	p := with(podOf("rs-web", "a"), deleting)
	setCondition(p, corev1.DisruptionTarget, false, second(1))
	if !reducePod(p).void {
		t.Error("a disruption that was called off brought a deleted pod back")
	}
}

func TestACalledOffDisruptionForgives(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	disrupted := func(is bool) func(*corev1.Pod) {
		return func(p *corev1.Pod) { setCondition(p, corev1.DisruptionTarget, is, second(1)) }
	}
	p := with(podOf("rs-web", "a"), running(second(0)), disrupted(true))
	s.ApplyPod(second(0), p)
	p = with(p, exited(second(5), 1))
	s.ApplyPod(second(5), p)
	p = with(p, disrupted(false))
	s.ApplyPod(second(6), p)
	o, _ := s.Observe(second(6), "dep-web")
	if r := o.Revisions[0]; r.Pods != 1 || len(r.Failures) != 0 {
		t.Errorf("%d pods, failures %+v; want the pod back without its exit", r.Pods, r.Failures)
	}
	p = with(p, running(second(7)))
	p = with(p, exited(second(8), 1))
	s.ApplyPod(second(8), p)
	o, _ = s.Observe(second(8), "dep-web")
	if f := o.Revisions[0].Failures; len(f) != 1 || f[0].Count != 1 {
		t.Errorf("failures %+v, want the one exit since", f)
	}
}

func TestRecords(t *testing.T) {
	decode := func(cr *appsv1.ControllerRevision) (policy.Record, error) {
		if cr.Annotations["undog.dev/record"] == "" {
			return policy.Record{}, errors.New("no record")
		}
		return policy.Record{Reason: cr.Annotations["undog.dev/record"], At: cr.CreationTimestamp.Time}, nil
	}
	record := func(uid, reason string, at time.Time) *appsv1.ControllerRevision {
		return &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: uid, UID: types.UID("cr-" + uid), ResourceVersion: "1",
			Labels:            map[string]string{LabelManagedBy: ManagedBy, LabelWorkload: "dep-web"},
			Annotations:       map[string]string{"undog.dev/record": reason},
			OwnerReferences:   controlledBy("Deployment", "web", "dep-web"),
			CreationTimestamp: metav1.NewTime(at),
		}}
	}
	s := NewState(Options{DecodeRecord: decode})
	late, early := record("late", "Late", second(9)), record("early", "Early", second(1))
	s.ApplyRecord(epoch, late)
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyRecord(epoch, early)
	broken := record("broken", "", second(3))
	s.ApplyRecord(epoch, broken)
	foreign := record("foreign", "Foreign", second(3))
	foreign.Labels = nil
	s.ApplyRecord(epoch, foreign)
	unguarded := record("unguarded", "Unguarded", second(3))
	delete(unguarded.Labels, LabelWorkload)
	s.ApplyRecord(epoch, unguarded)
	another := record("another", "Another", second(3))
	another.Labels[LabelWorkload] = "dep-another"
	s.ApplyRecord(epoch, another)
	reasons := func() string {
		o, _ := s.Observe(epoch, "dep-web")
		var out []string
		for _, r := range o.Records {
			out = append(out, r.Reason)
		}
		return strings.Join(out, " ")
	}
	if all := s.Remembered(epoch); len(all) != 1 || all[0].Workload.UID != "dep-web" || len(all[0].Records) != 2 {
		t.Errorf("remembered %+v, want the one workload with its records", all)
	}
	if got := reasons(); got != "Early Late" {
		t.Errorf("records %q, want undog's own in order of time", got)
	}
	changed := early.DeepCopy()
	changed.ResourceVersion, changed.Annotations["undog.dev/record"] = "2", "Changed"
	s.ApplyRecord(epoch, changed)
	s.DeleteRecord(epoch, "shop", "late", "")
	if got := reasons(); got != "Changed" {
		t.Errorf("records %q after a change and a deletion", got)
	}
}
