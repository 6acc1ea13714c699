package watcher

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
)

// maxHostile is more than one pod and one Deployment can make undog say of them.
const maxHostile = 16 << 10

// FuzzPodStatus lets somebody who may write a pod's status, or whose program
// chooses its last words, say anything.
func FuzzPodStatus(f *testing.F) {
	f.Add("ErrImagePull", "manifest unknown", "CrashLoopBackOff", int32(1), int32(3), "node-a", uint8(0))
	f.Add("Err\x1b[31m\nImage\u202ePull\x00", "\xff\xfe\r\n", strings.Repeat("é", 300), int32(-1), int32(-7), "", uint8(1))
	f.Add("", "", "", int32(1<<31-1), int32(1<<31-1), "node\nb", uint8(2))
	f.Fuzz(func(t *testing.T, reason, message, second string, code, restarts int32, node string, shape uint8) {
		s := NewState(Options{})
		s.ApplyDeployment(epoch, deployment("web"))
		s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
		p := podOf("rs-web", "a")
		p.Spec.NodeName = node
		c := &p.Status.ContainerStatuses[0]
		c.RestartCount = restarts
		dead := &corev1.ContainerStateTerminated{Reason: second, Message: message, ExitCode: code}
		switch shape % 4 {
		case 0:
			c.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
			c.LastTerminationState.Terminated = dead
		case 1:
			c.State = corev1.ContainerState{Terminated: dead}
		case 2:
			p.Status.Phase, p.Status.Reason, p.Status.Message = corev1.PodFailed, reason, message
		case 3:
			p.Status.Conditions = []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message,
			}, {Type: corev1.PodConditionType(second), Status: corev1.ConditionTrue, Reason: reason}}
		}
		s.ApplyPod(epoch, p)
		// What is said twice adds nothing, and what contradicts itself breaks nothing.
		s.ApplyPod(epoch, with(p, func(p *corev1.Pod) { p.Status.ContainerStatuses[0].RestartCount-- }))
		s.ApplyPod(epoch, with(p, func(p *corev1.Pod) { p.Status.ContainerStatuses = nil }))
		wantHarmless(t, s)
		o, _ := s.Observe(epoch, "dep-web")
		for _, x := range o.Revisions[0].Failures {
			if x.Count < 0 || x.Pods < 0 || x.Pods > 1 || x.MaxCount > x.Count {
				t.Fatalf("one pod counts as %+v", x)
			}
		}
	})
}

// FuzzAnnotations lets the owner of a Deployment, or of anything that is
// copied into it, annotate it with anything.
func FuzzAnnotations(f *testing.F) {
	f.Add("off", "payments", `[{"decisionId":"a","at":"2026-03-02T10:01:00Z"}]`, "d1", "d0", "example:1", "1")
	f.Add(" OBSERVE\n", "\x1b[2J", `[{"at":"9999-01-01T00:00:00Z"},null]`, "\x00", "\u202e", "\xff", "-1")
	f.Add("enforce", "", `{}`, strings.Repeat("d", 5000), "", strings.Repeat("i", 5000), "99999999999999999999")
	f.Fuzz(func(t *testing.T, mode, name, rollbacks, paused, resumed, image, number string) {
		s := NewState(Options{})
		d := deployment("web")
		d.Annotations = map[string]string{
			AnnotationMode: mode, AnnotationPolicy: name, AnnotationRollbacks: rollbacks,
			AnnotationPausedBy: paused, AnnotationResumed: resumed, annotationRevision: number,
		}
		s.ApplyDeployment(epoch, d)
		rs := replicaSet("web", "rs-web", 1)
		rs.Annotations[annotationRevision] = number
		rs.Spec.Template.Spec.Containers[0].Image = image
		s.ApplyReplicaSet(epoch, rs)
		wantHarmless(t, s)
		o, _ := s.Observe(epoch, "dep-web")
		if len(o.Rollbacks) > MaxRollbacks {
			t.Fatalf("%d rollbacks are remembered, want at most %d", len(o.Rollbacks), MaxRollbacks)
		}
		for _, b := range o.Rollbacks {
			if b.At.After(epoch.Add(maxSkew)) {
				t.Fatalf("an undo in the future counts: %+v", b)
			}
		}
	})
}

// wantHarmless fails where what undog would keep and tell of the workload is
// not printable, or is more than it may be, or breaks the engine.
func wantHarmless(t *testing.T, s *State) {
	t.Helper()
	o, known := s.Observe(epoch, "dep-web")
	if !known {
		t.Fatal("the workload is not known any more")
	}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > maxHostile {
		t.Fatalf("the observation has %d bytes, want at most %d", len(data), maxHostile)
	}
	var told any
	if err := json.Unmarshal(data, &told); err != nil {
		t.Fatal(err)
	}
	wantPrintable(t, told)
	e := policy.New(policy.Settings{})
	for _, x := range e.Step(o).Transitions {
		raw, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &told); err != nil {
			t.Fatal(err)
		}
		wantPrintable(t, told)
	}
}

// wantPrintable looks at every text.
func wantPrintable(t *testing.T, value any) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			wantPrintable(t, v)
		}
	case []any:
		for _, v := range value {
			wantPrintable(t, v)
		}
	case string:
		if !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("%q is not printable", value)
		}
	}
}
