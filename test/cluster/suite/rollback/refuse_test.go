package rollback_test

import (
	"errors"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/rollback"
)

func TestUndoIsNotMade(t *testing.T) {
	tests := []struct {
		name   string
		before func(f *fixture, d *policy.Decision)
		result policy.Result
		reason string
		image  string
	}{
		{
			name:   "paused by its owner",
			before: func(f *fixture, _ *policy.Decision) { f.patch(`{"spec":{"paused":true}}`) },
			result: policy.Refused, reason: rollback.Paused,
		},
		{
			name: "opted out",
			before: func(f *fixture, _ *policy.Decision) {
				f.patch(`{"metadata":{"annotations":{"undog.dev/mode":"off"}}}`)
			},
			result: policy.Refused, reason: rollback.OptedOut,
		},
		{
			name: "only observed",
			before: func(f *fixture, _ *policy.Decision) {
				f.patch(`{"metadata":{"annotations":{"undog.dev/mode":" Observe"}}}`)
			},
			result: policy.Refused, reason: rollback.OptedOut,
		},
		{
			name: "scaled to zero",
			before: func(f *fixture, d *policy.Decision) {
				f.patch(`{"spec":{"replicas":0}}`)
				d.Generation = f.get().Generation
			},
			result: policy.Stale, reason: rollback.ScaledToZero,
		},
		{
			name:   "fixed by the user",
			before: func(f *fixture, _ *policy.Decision) { f.setImage("shop:1.2") },
			result: policy.Stale, reason: rollback.GenerationMoved, image: "shop:1.2",
		},
		{
			name:   "annotated by the user",
			before: func(f *fixture, _ *policy.Decision) { f.patch(`{"metadata":{"annotations":{"x":"y"}}}`) },
			result: policy.Stale, reason: rollback.GenerationMoved,
		},
		{
			name:   "another template at the judged generation",
			before: func(_ *fixture, d *policy.Decision) { d.From.Template = "another" },
			result: policy.Stale, reason: rollback.TemplateChanged,
		},
		{
			name:   "undone by hand",
			before: func(f *fixture, _ *policy.Decision) { f.setImage("shop:1.0") },
			result: policy.NoChange, reason: rollback.TargetEqualsCurrent, image: "shop:1.0",
		},
		{
			name: "no target anywhere",
			before: func(_ *fixture, d *policy.Decision) {
				d.To = policy.RevisionRef{UID: "never-was", Name: "shop-never-was", Template: "other"}
			},
			result: policy.Refused, reason: rollback.NoTarget,
		},
		{
			name: "target of another workload",
			before: func(f *fixture, d *policy.Decision) {
				other := newFixture(f.t)
				d.To.UID = other.good.UID
			},
			result: policy.Refused, reason: rollback.NoTarget,
		},
		{
			name:   "the pod became ready",
			before: func(f *fixture, d *policy.Decision) { f.becomeReady(f.pod); d.Generation = f.get().Generation },
			result: policy.Stale, reason: rollback.EvidenceGone,
		},
		{
			name: "the pod is gone",
			before: func(_ *fixture, d *policy.Decision) {
				d.Record.Failures[0].Samples = []string{"shop-gone"}
			},
			result: policy.Stale, reason: rollback.EvidenceGone,
		},
		{
			name: "the pod is of another revision",
			before: func(f *fixture, d *policy.Decision) {
				d.Record.Failures[0].Samples = []string{f.podOf(f.good)}
			},
			result: policy.Stale, reason: rollback.EvidenceGone,
		},
		{
			name:   "made again under its name",
			before: func(_ *fixture, d *policy.Decision) { d.Workload.UID = "another" },
			result: policy.Vanished, reason: rollback.Gone,
		},
		{
			name:   "deleted",
			before: func(_ *fixture, d *policy.Decision) { d.Workload.Name = "gone" },
			result: policy.Vanished, reason: rollback.Gone,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			d := f.undo()
			test.before(f, &d)
			undog := f.client("undog", clientOptions{})
			f.want(undog.Do(f.ctx, d), test.result, test.reason)
			if test.image == "" {
				test.image = "shop:1.1"
			}
			f.wantImage(test.image)
			f.wantPatches(undog.user)
			if len(f.records()) != 0 {
				t.Errorf("ledger has %v, want nothing", f.records())
			}
		})
	}
}

func TestNotLeading(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{alter: func(o *rollback.Options) { o.MayAct = func() bool { return false } }})
	f.want(undog.Do(f.ctx, f.undo()), policy.Refused, rollback.NotLeader)
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Refused, rollback.NotLeader)
	f.wantImage("shop:1.1")
	f.wantPatches(undog.user)
	if len(f.records()) != 0 {
		t.Errorf("ledger has %v, want nothing", f.records())
	}
}

// Undog is told to observe while an undo is under way: before its record is written,
// and after.
func TestObservesByNow(t *testing.T) {
	t.Parallel()
	for after := range 2 {
		f := newFixture(t)
		asked := 0
		undog := f.client("undog", clientOptions{alter: func(o *rollback.Options) {
			o.Observes = func() bool { asked++; return asked > after }
		}})
		f.want(undog.Do(f.ctx, f.undo()), policy.Refused, rollback.Observing)
		f.wantImage("shop:1.1")
		f.wantPatches(undog.user)
		// What was decided may still be written down.
		f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	}
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{group: limitedGroup})
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Refused, rollback.Forbidden)
	for _, word := range []string{"patch", `"deployments"`, f.namespace} {
		if !strings.Contains(out.Message, word) {
			t.Errorf("message does not name %s: %s", word, out.Message)
		}
	}
	f.wantImage("shop:1.1")
	var refusal *rollback.RefusalError
	if err := undog.Precheck(f.ctx, f.undo()); !errors.As(err, &refusal) || refusal.Reason != rollback.Forbidden {
		t.Errorf("Precheck = %v, want %s", err, rollback.Forbidden)
	}
}

func TestRejectedByAdmission(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deny("object.spec.template.spec.containers.all(c, c.image != 'shop:1.0')", "shop:1.0 is banned")
	undog := f.client("undog", clientOptions{})
	var refusal *rollback.RefusalError
	if err := undog.Precheck(f.ctx, f.undo()); !errors.As(err, &refusal) || refusal.Reason != rollback.Rejected {
		t.Errorf("Precheck = %v, want %s", err, rollback.Rejected)
	}
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Refused, rollback.Rejected)
	if !strings.Contains(out.Message, "shop:1.0 is banned") {
		t.Errorf("message does not say why: %s", out.Message)
	}
	f.wantImage("shop:1.1")
}

// deny adds an admission rule for the namespace and waits until it is in force.
func (f *fixture) deny(expression, message string) {
	f.t.Helper()
	name := "deny-" + f.namespace
	rules := admissionv1.RuleWithOperations{
		Operations: []admissionv1.OperationType{admissionv1.Update},
		Rule:       admissionv1.Rule{APIGroups: []string{"apps"}, APIVersions: []string{"v1"}, Resources: []string{"deployments"}},
	}
	api := f.admin.AdmissionregistrationV1()
	_, err := api.ValidatingAdmissionPolicies().Create(f.ctx, &admissionv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": f.namespace}},
				ResourceRules:     []admissionv1.NamedRuleWithOperations{{RuleWithOperations: rules}},
			},
			Validations: []admissionv1.Validation{{Expression: expression, Message: message}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = api.ValidatingAdmissionPolicyBindings().Create(f.ctx, &admissionv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	try := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"shop:1.0"}]}}}}`)
	f.eventually("admission rule in force", func() bool {
		_, err := f.admin.AppsV1().Deployments(f.namespace).Patch(f.ctx, "shop", types.StrategicMergePatchType, try,
			metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		return err != nil && strings.Contains(err.Error(), message)
	})
}

func TestPrecheckWritesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	if err := undog.Precheck(f.ctx, f.undo()); err != nil {
		t.Error(err)
	}
	f.wantImage("shop:1.1")
	if got := f.get().Generation; got != f.deploy.Generation {
		t.Errorf("generation is %d, want %d", got, f.deploy.Generation)
	}
}
