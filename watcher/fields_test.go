package watcher

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

func TestImageDigest(t *testing.T) {
	const sum = "sha256:4f1b0d3c"
	for in, want := range map[string]string{
		"":                              "",
		"docker.io/library/web@" + sum:  sum,
		"docker-pullable://web@" + sum:  sum,
		"docker://" + sum:               sum,
		sum:                             sum,
		"registry.example/web@sha512:a": "sha512:a",
		"registry.example/web:1.1":      "",
		"web@sha256:evil\ntext":         "",
		"web@sha256:" + strings.Repeat("a", maxDigest): "",
	} {
		if got := imageDigest(in); got != want {
			t.Errorf("digest of %q is %q, want %q", in, got, want)
		}
	}
}

func TestDigestsOfThePodsThatAreThere(t *testing.T) {
	s := oneRevision()
	runs := func(name, digest string, changes ...func(*corev1.Pod)) {
		p := with(podOf("rs-web", name), changes...)
		p.Status.ContainerStatuses[0].ImageID = "web@sha256:" + digest
		s.ApplyPod(second(1), p)
	}
	said := func() string { return fmt.Sprint(revisionAt(t, s, second(2)).Digests) }
	runs("a", "bb")
	runs("b", "aa")
	runs("c", "bb")
	runs("d", "cc", deleting)
	runs("e", "dd", failed("OutOfcpu", ""))
	if got := said(); got != "[{app sha256:aa} {app sha256:bb}]" {
		t.Errorf("digests %s", got)
	}
	s.DeletePod(second(2), "shop", "b", "")
	if got := said(); got != "[{app sha256:bb}]" {
		t.Errorf("digests %s after the other's pod is gone", got)
	}
	for i := range 2 * policy.MaxDigests {
		runs(fmt.Sprint("x", i), fmt.Sprintf("%02x", i))
	}
	if n := len(revisionAt(t, s, second(2)).Digests); n != policy.MaxDigests {
		t.Errorf("%d digests, want %d", n, policy.MaxDigests)
	}
}

func TestInitContainersAreTimed(t *testing.T) {
	s := oneRevision()
	p := with(podOf("rs-web", "a"), initializing(second(50), 1))
	s.ApplyPod(second(51), p)
	two := with(podOf("rs-web", "b"), initializing(second(60), 0))
	s.ApplyPod(second(61), two)
	s.ApplyPod(second(62), with(podOf("rs-web", "ahead"), initializing(second(900), 0)))
	sidecar := with(podOf("rs-web", "c"), initializing(second(55), 0))
	always := corev1.ContainerRestartPolicyAlways
	sidecar.Spec.InitContainers[0].RestartPolicy = &always
	s.ApplyPod(second(63), sidecar)
	r := revisionAt(t, s, second(70))
	if len(r.Initializing) != 2 || !r.Initializing[0].Equal(second(60)) || !r.Initializing[1].Equal(second(62)) ||
		fmt.Sprint(r.InitializingPods) != "[b ahead]" {
		t.Errorf("initializing %v %v", r.Initializing, r.InitializingPods)
	}
	if r.SlowestInit != 20*time.Second {
		t.Errorf("slowest init container took %v, want 20s", r.SlowestInit)
	}
	s.ApplyPod(second(80), with(two, running(second(79))))
	if r = revisionAt(t, s, second(80)); len(r.Initializing) != 1 {
		t.Errorf("initializing %v after one pod has started", r.Initializing)
	}
}

func TestReplicaSetSays(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	rs := replicaSet("web", "rs-web", 1)
	if reduceReplicaSet(rs).desired != 1 {
		t.Error("a ReplicaSet without replicas wants other than one")
	}
	five := int32(5)
	rs.Spec.Replicas = &five
	s.ApplyReplicaSet(epoch, rs)
	if r := revisionAt(t, s, epoch); r.Desired != 5 || r.ReplicaFailure != nil {
		t.Errorf("desired %d, failure %+v", r.Desired, r.ReplicaFailure)
	}
	s.Take(epoch, 0)
	refused := rs.DeepCopy()
	refused.ResourceVersion = "2"
	refused.Status.Conditions = []appsv1.ReplicaSetCondition{{
		Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate",
		Message: "exceeded\nquota", LastTransitionTime: metav1.NewTime(second(4)),
	}}
	s.ApplyReplicaSet(epoch, refused)
	want := policy.Condition{Status: "True", Reason: "FailedCreate", Message: "exceeded quota", Since: second(4)}
	if r := revisionAt(t, s, epoch); r.ReplicaFailure == nil || *r.ReplicaFailure != want {
		t.Errorf("failure %+v, want %+v", r.ReplicaFailure, want)
	}
	expectTaken(t, s, "seen web dep-web")
	again := refused.DeepCopy()
	again.ResourceVersion = "3"
	s.ApplyReplicaSet(epoch, again)
	expectTaken(t, s, "")
}

func TestNothingUnprintableComesThrough(t *testing.T) {
	const evil = "Err\x1b[31m\nImage\u202ePull\x00"
	s := NewState(Options{})
	d := deployment("web")
	d.Annotations = map[string]string{AnnotationPolicy: " pay\x07ments "}
	s.ApplyDeployment(epoch, d)
	rs := replicaSet("web", "rs-web", 1)
	rs.Spec.Template.Spec.Containers[0].Image = "registry.example/web:1\n\x1b[2J" + strings.Repeat("é", maxImage)
	s.ApplyReplicaSet(epoch, rs)
	s.ApplyPod(epoch, with(podOf("rs-web", "a"), waitingFor(evil, evil)))
	s.ApplyPod(epoch, with(podOf("rs-web", "b"), failed(evil, evil)))
	p := with(podOf("rs-web", "c"), running(second(1)), exited(second(2), 1))
	p.Status.ContainerStatuses[0].State.Terminated.Reason = strings.Repeat(evil, 100)
	s.ApplyPod(epoch, p)
	o, _ := s.Observe(epoch, "dep-web")
	if n := len(o.Revisions[0].Failures); n != 3 {
		t.Fatalf("%d failures", n)
	}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`\u001b`, `\n`, `\u0000`, "\u202e", `\u0007`} {
		if strings.Contains(string(data), bad) {
			t.Errorf("%s came through: %s", bad, data)
		}
	}
	if o.PolicyName != "payments" || len(o.Revisions[0].Images) != 1 || len(o.Revisions[0].Images[0]) > maxImage {
		t.Errorf("policy %q, %d images", o.PolicyName, len(o.Revisions[0].Images))
	}
}

func TestIncredibleRollbacksAreLeftOut(t *testing.T) {
	rollbacks := func(times ...time.Time) string {
		var list []policy.Rollback
		for i, at := range times {
			list = append(list, policy.Rollback{DecisionID: fmt.Sprint(i), At: at})
		}
		data, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	created := second(1000)
	for _, c := range []struct {
		name string
		at   []time.Time
		kept int
	}{
		{"its own", []time.Time{second(1500), second(2000)}, 2},
		{"a clock that is ahead", []time.Time{second(2000).Add(maxSkew)}, 1},
		{"the future", []time.Time{second(1500), second(2000).Add(maxSkew + time.Second)}, 1},
		{"before it was created", []time.Time{second(900)}, 0},
	} {
		d := deployment("web")
		d.CreationTimestamp = metav1.NewTime(created)
		d.Annotations = map[string]string{AnnotationRollbacks: rollbacks(c.at...)}
		rec := reduceDeployment(d)
		s := NewState(Options{})
		s.applyDeployment(second(2000), rec)
		o, _ := s.Observe(second(2000), "dep-web")
		if len(o.Rollbacks) != c.kept || (rec.problem() == "") != (c.kept == len(c.at)) {
			t.Errorf("%s: kept %d of %d, complaint %q", c.name, len(o.Rollbacks), len(c.at), rec.problem())
		}
	}
}
