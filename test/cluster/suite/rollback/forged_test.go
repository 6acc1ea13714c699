package rollback_test

import (
	"os"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
	"github.com/undog-dev/undog/watcher/template"
)

// forge puts an object into the ledger that undog did not write: a record, and
// a template that runs another image.
func (f *fixture) forge(rec policy.Record, image string, changes ...func(*appsv1.ControllerRevision)) {
	f.t.Helper()
	value, err := ledger.Encode(rec)
	if err != nil {
		f.t.Fatal(err)
	}
	cr := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{
		Name:        ledger.Name(f.workload(), rec.Revision.UID),
		Labels:      map[string]string{ledger.ManagedByLabel: ledger.ManagedBy, ledger.WorkloadLabel: string(f.deploy.UID)},
		Annotations: map[string]string{ledger.RecordAnnotation: string(value)},
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: "apps/v1", Kind: "Deployment", Name: "shop", UID: f.deploy.UID, Controller: new(true),
		}},
	}}
	cr.Data.Raw = mustJSON(f.t, deployment(image).Spec.Template)
	for _, change := range changes {
		change(cr)
	}
	if _, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Create(f.ctx, cr, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) prune(ref policy.RevisionRef) {
	f.t.Helper()
	if err := f.admin.AppsV1().ReplicaSets(f.namespace).Delete(f.ctx, ref.Name, metav1.DeleteOptions{}); err != nil {
		f.t.Fatal(err)
	}
	f.eventually("replica set pruned", func() bool {
		_, err := f.admin.AppsV1().ReplicaSets(f.namespace).Get(f.ctx, ref.Name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// Whoever may create ControllerRevisions replaces the copy of a good template by
// his own: undog does not roll it out.
func TestForgedTemplateIsNoTarget(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.prune(f.good)
	f.forge(f.remember(f.good, policy.Good).Record, "evil:1.0")
	undog := f.client("undog", clientOptions{})
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Refused, rollback.NoTarget)
	if !strings.Contains(out.Message, "is not its template") {
		t.Errorf("message does not say why: %s", out.Message)
	}
	f.wantImage("shop:1.1")
	f.wantPatches(undog.user)
}

// A record that does not say which template its revision had is no target.
func TestRecordWithoutTemplateIsNoTarget(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	rec := f.remember(policy.RevisionRef{UID: "never-was", Number: 99}, policy.Good).Record
	f.forge(rec, "evil:1.0")
	undog := f.client("undog", clientOptions{})
	d := f.undo()
	d.To = rec.Revision
	f.want(undog.Do(f.ctx, d), policy.Refused, rollback.NoTarget)
	f.wantImage("shop:1.1")
}

// A forged copy under the name of the good revision's is replaced when the
// revision is remembered, so that it is a target after its ReplicaSet is gone.
func TestForgedTemplateIsReplaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.forge(f.remember(f.good, policy.Good).Record, "evil:1.0")
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	f.prune(f.good)
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
}

// Somebody else's object under the name of a record: the record gets another
// name, and is found there.
func TestSquattedName(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, ref := range []policy.RevisionRef{f.good, f.bad} {
		f.forge(f.remember(ref, policy.Good).Record, "evil:1.0", func(cr *appsv1.ControllerRevision) { cr.OwnerReferences = nil })
	}
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	f.prune(f.good)
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
	verdicts := map[string]policy.Verdict{}
	list, err := f.admin.AppsV1().ControllerRevisions(f.namespace).List(f.ctx, metav1.ListOptions{LabelSelector: ledger.Selector()})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		if rec, err := ledger.Decode(&list.Items[i]); err == nil {
			verdicts[rec.Revision.UID] = rec.Verdict
		}
	}
	if verdicts[f.good.UID] != policy.Good || verdicts[f.bad.UID] != policy.Bad {
		t.Errorf("verdicts on record are %v", verdicts)
	}
}

// Somebody else has all the names of a record: an undo is made without it, for
// the workload itself remembers; a pause is not, for it could not be taken back.
func TestAllNamesSquatted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	// The names are taken as undog itself would use them, one after the other.
	orphan := func(cr *appsv1.ControllerRevision) { cr.OwnerReferences = nil }
	f.forge(f.undo().Record, "evil:1.0", orphan)
	if err := undog.store.Remember(f.ctx, f.workload(), f.undo().Record, nil); err != nil {
		t.Fatal(err)
	}
	list, err := f.admin.AppsV1().ControllerRevisions(f.namespace).List(f.ctx, metav1.ListOptions{LabelSelector: ledger.Selector()})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		cr := &list.Items[i]
		if cr.OwnerReferences == nil {
			continue
		}
		cr.OwnerReferences = nil
		if _, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Update(f.ctx, cr, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	f.want(undog.Do(f.ctx, f.pause()), policy.Refused, rollback.Foreign)
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
	marks, err := ledger.DecodeRollbacks(f.get().Annotations[ledger.RollbacksAnnotation])
	if err != nil || len(marks) != 1 || marks[0].Workload != string(f.deploy.UID) {
		t.Errorf("rollbacks are %+v, %v", marks, err)
	}
}

// A ReplicaSet whose template was edited is not the target; the copy is.
func TestEditedReplicaSetIsNotTheTarget(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	rs, err := f.admin.AppsV1().ReplicaSets(f.namespace).Get(f.ctx, f.good.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rs.Spec.Template.Spec.Containers[0].Image = "evil:1.0"
	if _, err := f.admin.AppsV1().ReplicaSets(f.namespace).Update(f.ctx, rs, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	if got := template.Hash(&f.get().Spec.Template); got != f.good.Template {
		t.Errorf("the template is %s, want %s", got, f.good.Template)
	}
}

// The admission policy that undog ships lets nobody but undog write its memory.
func TestLedgerPolicy(t *testing.T) {
	f := newFixture(t)
	raw, err := os.ReadFile("../../../../deploy/ledger-policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, binding, _ := strings.Cut(string(raw), "\n---\n")
	var p admissionv1.ValidatingAdmissionPolicy
	var b admissionv1.ValidatingAdmissionPolicyBinding
	if err := yaml.UnmarshalStrict([]byte(rules), &p); err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict([]byte(binding), &b); err != nil {
		t.Fatal(err)
	}
	// The other tests write ledgers as other users: the rule is for this namespace only.
	b.Spec.MatchResources = &admissionv1.MatchResources{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": f.namespace}},
	}
	p.Name, b.Name, b.Spec.PolicyName = p.Name+"-"+f.namespace, b.Name+"-"+f.namespace, b.Spec.PolicyName+"-"+f.namespace
	api := f.admin.AdmissionregistrationV1()
	if _, err := api.ValidatingAdmissionPolicies().Create(f.ctx, &p, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.ValidatingAdmissionPolicyBindings().Create(f.ctx, &b, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	try := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Name: "forged", Labels: map[string]string{ledger.WorkloadLabel: "x"}}}
	try.Data.Raw = []byte("{}")
	dry := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	f.eventually("the policy is in force", func() bool {
		_, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Create(f.ctx, try, dry)
		return apierrors.IsInvalid(err) || apierrors.IsForbidden(err)
	})
	try.Labels = map[string]string{"controller": "another"}
	if _, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Create(f.ctx, try, dry); err != nil {
		t.Errorf("another controller's object is refused: %v", err)
	}
	config, err := control.RESTConfigFor("system:serviceaccount:undog:undog", undogGroup)
	if err != nil {
		t.Fatal(err)
	}
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	store, err := ledger.New(ledger.Options{Apps: kube.AppsV1().RESTClient()})
	if err != nil {
		t.Fatal(err)
	}
	rec := policy.Record{Revision: f.good, Verdict: policy.Good, Reason: "Baked", At: time.Now()}
	if err := store.Remember(f.ctx, f.workload(), rec, nil); err != nil {
		t.Errorf("undog cannot write its own memory: %v", err)
	}
	if err := f.client("another", clientOptions{}).store.Remember(f.ctx, f.workload(), f.undo().Record, nil); err == nil {
		t.Error("somebody else wrote undog's memory")
	}
}
