package daemon_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy/ledger"
)

// held keeps the garbage collector from removing what has an owner in another namespace.
const held = "test.undog.dev/held"

// letGo is the patch that takes it off.
var letGo = []byte(`{"metadata":{"finalizers":null}}`)

// foreign is an object in the namespace of somebody else, which says that it is
// controlled by an object in the namespace of the test.
func foreign(name, kind, owner string, uid types.UID) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Finalizers: []string{held}, Labels: map[string]string{"app": app},
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: owner, UID: uid, Controller: new(true)}},
	}
}

// Somebody who may write in another namespace that undog watches makes ReplicaSets, pods
// and records that name the Deployment and its revisions as their owners. The API server
// takes them; undog undoes the bad release as if they were not there.
func TestOwnersInOtherNamespaces(t *testing.T) {
	f := newFixture(t)
	ns, err := admin.CoreV1().Namespaces().Create(f.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-other-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	other := ns.Name
	j := f.journal(f.undog(setup{also: other}).NATSURL)
	f.proven(j, 2)
	d := f.get(app)
	sets, err := admin.AppsV1().ReplicaSets(f.namespace).List(f.ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	good := sets.Items[0]

	// The template of the good revision under the highest number: were it counted, the
	// good revision would seem to be another one, which is no target.
	rs := &appsv1.ReplicaSet{ObjectMeta: foreign("stolen", "Deployment", app, d.UID), Spec: *good.Spec.DeepCopy()}
	rs.Annotations = map[string]string{"deployment.kubernetes.io/revision": "1000000"}
	rs.Spec.Replicas = new(int32)
	if _, err := admin.AppsV1().ReplicaSets(other).Create(f.ctx, rs, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// A pod that fails in the same way: were it counted, the good revision would fail too.
	pod := &corev1.Pod{ObjectMeta: foreign("stolen", "ReplicaSet", good.Name, good.UID), Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "app", Image: image("crash")}},
	}}
	if _, err := admin.CoreV1().Pods(other).Create(f.ctx, pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	record := &appsv1.ControllerRevision{ObjectMeta: foreign("stolen", "Deployment", app, d.UID)}
	records, err := admin.AppsV1().ControllerRevisions(f.namespace).List(f.ctx, metav1.ListOptions{LabelSelector: ledger.Selector()})
	if err != nil || len(records.Items) == 0 {
		t.Fatalf("%d records of the good release (%v)", len(records.Items), err)
	}
	record.Labels, record.Annotations = records.Items[0].Labels, records.Items[0].Annotations
	record.Data = *records.Items[0].Data.DeepCopy()
	if _, err := admin.AppsV1().ControllerRevisions(other).Create(f.ctx, record, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, rsErr := admin.AppsV1().ReplicaSets(other).Patch(f.ctx, "stolen", types.MergePatchType, letGo, metav1.PatchOptions{})
		_, podErr := admin.CoreV1().Pods(other).Patch(f.ctx, "stolen", types.MergePatchType, letGo, metav1.PatchOptions{})
		_, crErr := admin.AppsV1().ControllerRevisions(other).Patch(f.ctx, "stolen", types.MergePatchType, letGo, metav1.PatchOptions{})
		for _, err := range []error{rsErr, podErr, crErr} {
			if err != nil {
				t.Errorf("what was made in the other namespace is gone before the end: %v", err)
			}
		}
	})

	f.release(app, "crash")
	f.undone(j, "crash")
	f.wantUndos(app, 200)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	j.wantOnce()
}
