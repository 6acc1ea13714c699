package rollback

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

func TestAnnotate(t *testing.T) {
	values := map[string]string{"undog.dev/b": "1", "a~c": "2"}
	for name, test := range map[string]struct {
		live map[string]string
		want string
	}{
		"none":  {nil, `[{"op":"add","path":"/metadata/annotations","value":{"a~c":"2","undog.dev/b":"1"}}]`},
		"some":  {map[string]string{"x": "y"}, `[{"op":"add","path":"/metadata/annotations/a~0c","value":"2"},{"op":"add","path":"/metadata/annotations/undog.dev~1b","value":"1"}]`},
		"empty": {map[string]string{}, `[{"op":"add","path":"/metadata/annotations/a~0c","value":"2"},{"op":"add","path":"/metadata/annotations/undog.dev~1b","value":"1"}]`},
	} {
		raw, err := json.Marshal(annotate(&metav1.ObjectMeta{Annotations: test.live}, values))
		if err != nil || string(raw) != test.want {
			t.Errorf("%s: %s, %v", name, raw, err)
		}
	}
}

func TestUnlabelled(t *testing.T) {
	for in, want := range map[string]string{
		`{"spec":{"new":1.50}}`:               `{"spec":{"new":1.50}}`,
		`{"metadata":{},"spec":{}}`:           `{"metadata":{},"spec":{}}`,
		`{"metadata":{"labels":{"app":"a"}}}`: `{"metadata":{"labels":{"app":"a"}}}`,
		`{"metadata":{"new":[1],"labels":{"app":"a","pod-template-hash":"h"}},"spec":{"new":1.50}}`: `{"metadata":{"labels":{"app":"a"},"new":[1]},"spec":{"new":1.50}}`,
	} {
		got, err := unlabelled(json.RawMessage(in))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{`[]`, `{"metadata":"hunter2"}`, `{"metadata":{"labels":"hunter2"}}`} {
		if _, err := unlabelled(json.RawMessage(in)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestRelease(t *testing.T) {
	meta := &metav1.ObjectMeta{UID: "u", ManagedFields: []metav1.ManagedFieldsEntry{
		{Manager: "undog", Operation: "Update"},
		{Manager: "undog", Operation: "Update", Subresource: "status"},
		{Manager: "undog", Operation: "Apply"},
		{Manager: "owner", Operation: "Update"},
		{Manager: "undog", Operation: "Update", APIVersion: "apps/v1"},
	}}
	var removed []string
	for _, op := range release(meta, "undog") {
		if op.Op == "remove" {
			removed = append(removed, op.Path)
		}
	}
	if want := []string{"/metadata/managedFields/4", "/metadata/managedFields/0"}; !reflect.DeepEqual(removed, want) {
		t.Errorf("removed %v, want %v", removed, want)
	}
	if ops := release(meta, "somebody"); ops != nil {
		t.Errorf("operations for a manager without entries: %v", ops)
	}
}

func TestTestifies(t *testing.T) {
	condition := func(kind corev1.PodConditionType, status corev1.ConditionStatus) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: kind, Status: status})
		}
	}
	for name, test := range map[string]struct {
		change func(*corev1.Pod)
		want   bool
	}{
		"not ready":     {condition(corev1.PodReady, corev1.ConditionFalse), true},
		"no conditions": {func(*corev1.Pod) {}, true},
		"ready":         {condition(corev1.PodReady, corev1.ConditionTrue), false},
		"disrupted":     {condition(corev1.DisruptionTarget, corev1.ConditionTrue), false},
		"deleted":       {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{} }, false},
		"an orphan":     {func(p *corev1.Pod) { p.OwnerReferences = nil }, false},
		"another's":     {func(p *corev1.Pod) { p.OwnerReferences[0].UID = "rs-1" }, false},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{{UID: "rs-2", Controller: new(true)}}}}
		test.change(pod)
		if got := testifies(pod, "rs-2"); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestWitnesses(t *testing.T) {
	rec := policy.Record{Failures: []policy.Failure{{Samples: []string{"", "a"}}, {Samples: []string{"a", "b", "c"}}, {Samples: []string{"d", "e", "f", "g"}}}}
	got := witnesses(rec)
	want := []witness{
		{"a", &rec.Failures[0]},
		{"b", &rec.Failures[1]},
		{"c", &rec.Failures[1]},
		{"d", &rec.Failures[2]},
		{"e", &rec.Failures[2]},
		{"f", &rec.Failures[2]},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("witnesses are %v, want %v", got, want)
	}
}

// TestOvercome checks when a container has got past what it is accused of.
func TestOvercome(t *testing.T) {
	pod := &corev1.Pod{}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}}}
	for name, test := range map[string]struct {
		failure policy.Failure
		want    bool
	}{
		"held up, and runs now":     {policy.Failure{Reason: "CreateContainerConfigError", Container: "app"}, true},
		"an init container":         {policy.Failure{Reason: "CreateContainerConfigError", Container: "app", Init: true}, false},
		"another container":         {policy.Failure{Reason: "ErrImagePull", Container: "log"}, false},
		"exits, and runs meanwhile": {policy.Failure{Reason: "Error", Container: "app", Exited: true, ExitCode: 1}, false},
		"the whole pod":             {policy.Failure{Reason: "NotReady"}, false},
	} {
		if got := (witness{failure: &test.failure}).overcome(pod); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestCause(t *testing.T) {
	d := policy.Decision{To: policy.RevisionRef{Number: 1, Images: []string{"a:1", "b:2"}}, Record: policy.Record{Reason: "CrashLoop", Message: "app\x1b exits\n3 times"}}
	if got, want := cause(d), "undog: back to revision 1 (a:1, b:2): CrashLoop: app exits 3 times"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := cause(policy.Decision{}), "undog: back to the last good revision"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	d.Record.Message = strings.Repeat("é", maxCause)
	if got := cause(d); len(got) > maxCause || !strings.HasSuffix(got, "é") {
		t.Errorf("%d bytes, ends in %q", len(got), got[len(got)-3:])
	}
}
