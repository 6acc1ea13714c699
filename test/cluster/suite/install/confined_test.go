package install_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// confined is an undog whose service account may do everything, as far as RBAC
// is concerned: what is refused to it the admission policy refuses.
type confined struct {
	t     *testing.T
	ctx   context.Context
	undog kubernetes.Interface
	// namespace is undog's and that of the workload.
	namespace string
}

// confine installs the policies for a service account, and waits until they hold.
func confine(t *testing.T, name string) *confined {
	t.Helper()
	ctx := begin(t)
	c := &confined{t: t, ctx: ctx, namespace: name}
	namespace(ctx, t, name)
	kubectl(ctx, t, render(ctx, t, chart.Release{
		Namespace: name, Only: []string{"serviceaccount", "admission-confined", "admission-ledger"},
		// Others write to ledgers of their own in this cluster.
		Values: fmt.Sprintf("config: {watch: {namespaces: [%s]}}", name),
	}), "apply", "--server-side", "-f", "-")
	c.must(admin.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "undog", Namespace: name}},
	}, metav1.CreateOptions{}))
	client, err := kubernetes.NewForConfig(c.token())
	if err != nil {
		t.Fatal(err)
	}
	c.undog = client
	c.deploy("other", nil)
	// The API server hears of a policy a moment after it is stored.
	err = wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(context.Context) (bool, error) {
		return refused(c.patch("other", `[{"op": "replace", "path": "/spec/replicas", "value": 7}]`, true)), nil
	})
	if err != nil {
		t.Fatalf("the policy never held: %v", err)
	}
	return c
}

// token is a client's configuration with a token of undog's service account.
func (c *confined) token() *rest.Config {
	c.t.Helper()
	got := c.must(admin.CoreV1().ServiceAccounts(c.namespace).CreateToken(c.ctx, "undog", &authenticationv1.TokenRequest{}, metav1.CreateOptions{}))
	out := rest.AnonymousClientConfig(config)
	out.BearerToken = got.(*authenticationv1.TokenRequest).Status.Token
	return out
}

func (c *confined) must(o runtime.Object, err error) runtime.Object {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	return o
}

// deploy creates a Deployment that needs no pods.
func (c *confined) deploy(name string, change func(*appsv1.Deployment)) *appsv1.Deployment {
	c.t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, Annotations: map[string]string{"owner": "somebody"}},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(0)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "demo/app:1.1"}}},
			},
		},
	}
	if change != nil {
		change(d)
	}
	return c.must(admin.AppsV1().Deployments(c.namespace).Create(c.ctx, d, metav1.CreateOptions{})).(*appsv1.Deployment)
}

// patch is a JSON Patch of a Deployment by undog's service account.
func (c *confined) patch(name, ops string, dryRun bool) error {
	opts := metav1.PatchOptions{FieldManager: "undog"}
	if dryRun {
		opts.DryRun = []string{metav1.DryRunAll}
	}
	_, err := c.undog.AppsV1().Deployments(c.namespace).Patch(c.ctx, name, types.JSONPatchType, []byte(ops), opts)
	return err
}

// refused tells whether the admission policy said no.
func refused(err error) bool {
	return (apierrors.IsInvalid(err) || apierrors.IsForbidden(err)) && strings.Contains(err.Error(), "ValidatingAdmissionPolicy") &&
		strings.Contains(err.Error(), "-confined")
}

const (
	marked    = `{"op": "add", "path": "/metadata/annotations/undog.dev~1rollbacks", "value": "[]"}`
	undone    = `{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "demo/app:1.0"}`
	pause     = `{"op": "add", "path": "/spec/paused", "value": true}`
	pauseMark = `{"op": "add", "path": "/metadata/annotations/undog.dev~1paused-by", "value": "d1"}`
)

// Of a Deployment, undog's service account may write what undog has to.
func TestConfinedToWhatUndogWrites(t *testing.T) {
	c := confine(t, "confined-allowed")
	c.deploy("app", nil)
	for _, step := range []struct{ name, ops string }{
		{"undo", `[` + marked + `, {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "undog"}, ` + undone + `]`},
		{"give back", `[{"op": "remove", "path": "/metadata/managedFields/0"}]`},
		{"pause", `[` + pause + `, ` + pauseMark + `]`},
		{"resume", `[{"op": "remove", "path": "/spec/paused"}, {"op": "remove", "path": "/metadata/annotations/undog.dev~1paused-by"},
			{"op": "add", "path": "/metadata/annotations/undog.dev~1resumed", "value": "d1"}]`},
	} {
		if err := c.patch("app", step.ops, false); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}

// Of a Deployment, it may write nothing else.
func TestConfinedFromWhatOthersOwn(t *testing.T) {
	c := confine(t, "confined-refused")
	c.deploy("app", nil)
	c.deploy("paused", func(d *appsv1.Deployment) { d.Spec.Paused = true })
	c.deploy("mine", func(d *appsv1.Deployment) { d.Annotations["undog.dev/mode"] = " Observe " })
	c.deploy("unclear", func(d *appsv1.Deployment) { d.Annotations["undog.dev/mode"] = "maybe" })
	for _, try := range []struct{ name, of, ops string }{
		{"replicas", "app", `[{"op": "replace", "path": "/spec/replicas", "value": 9}]`},
		{"replicas with an undo", "app", `[` + marked + `, ` + undone + `, {"op": "replace", "path": "/spec/replicas", "value": 9}]`},
		{"strategy", "app", `[{"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}]`},
		{"deadline", "app", `[{"op": "replace", "path": "/spec/progressDeadlineSeconds", "value": 9}]`},
		{"time to be ready", "app", `[{"op": "add", "path": "/spec/minReadySeconds", "value": 9}]`},
		{"history", "app", `[{"op": "replace", "path": "/spec/revisionHistoryLimit", "value": 0}]`},
		{"labels", "app", `[{"op": "add", "path": "/metadata/labels/evil", "value": "yes"}]`},
		{"labels removed", "app", `[{"op": "remove", "path": "/metadata/labels"}]`},
		{"finalizer", "app", `[{"op": "add", "path": "/metadata/finalizers", "value": ["undog.dev/never"]}]`},
		{"owner", "app", `[{"op": "add", "path": "/metadata/ownerReferences", "value": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "b"}]}]`},
		{"another's annotation", "app", `[{"op": "add", "path": "/metadata/annotations/owner", "value": "undog"}]`},
		{"another's annotation removed", "app", `[{"op": "remove", "path": "/metadata/annotations/owner"}]`},
		{"the owner's say", "app", `[{"op": "add", "path": "/metadata/annotations/undog.dev~1mode", "value": "enforce"}]`},
		{"undo without a mark", "app", `[` + undone + `]`},
		{"pause without a mark", "app", `[` + pause + `]`},
		{"another's pause taken back", "paused", `[{"op": "remove", "path": "/spec/paused"}]`},
		{"undo against the owner's say", "mine", `[` + marked + `, ` + undone + `]`},
		{"undo against what is not understood", "unclear", `[` + marked + `, ` + undone + `]`},
		{"pause against the owner's say", "mine", `[` + pause + `, ` + pauseMark + `]`},
	} {
		if err := c.patch(try.of, try.ops, false); !refused(err) {
			t.Errorf("%s: want it refused by the policy, got %v", try.name, err)
		}
	}
	apps := c.undog.AppsV1()
	_, scale := apps.Deployments(c.namespace).UpdateScale(c.ctx, "app", &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "app", Namespace: c.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: 9},
	}, metav1.UpdateOptions{})
	_, create := apps.Deployments(c.namespace).Create(c.ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "new"}, Spec: c.deploy("template", nil).Spec,
	}, metav1.CreateOptions{})
	_, daemonSet := apps.DaemonSets(c.namespace).Create(c.ctx, &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: "new"}, Spec: appsv1.DaemonSetSpec{
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "new"}},
		Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "new"}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "a"}}},
		},
	}}, metav1.CreateOptions{})
	for name, err := range map[string]error{
		"scale": scale, "create": create, "daemon set": daemonSet,
		"delete": apps.Deployments(c.namespace).Delete(c.ctx, "app", metav1.DeleteOptions{}),
	} {
		if !refused(err) {
			t.Errorf("%s: want it refused by the policy, got %v", name, err)
		}
	}
}

// record is a ControllerRevision as undog keeps them.
func record(name string, of *appsv1.Deployment) *appsv1.ControllerRevision {
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Labels:      map[string]string{"app.kubernetes.io/managed-by": "undog", "undog.dev/workload-uid": string(of.UID)},
			Annotations: map[string]string{"undog.dev/record": "{}"},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "Deployment", Name: of.Name, UID: of.UID, Controller: new(true), BlockOwnerDeletion: new(false),
			}},
		},
		Data: runtime.RawExtension{Raw: []byte(`{}`)},
	}
}

// Of ControllerRevisions, it may write its own, and nobody else may.
func TestConfinedToItsOwnRecords(t *testing.T) {
	c := confine(t, "confined-records")
	d, elsewhere := c.deploy("app", nil), c.deploy("elsewhere", nil)
	theirs := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Name: "theirs"}, Data: runtime.RawExtension{Raw: []byte(`{}`)}}
	records := c.undog.AppsV1().ControllerRevisions(c.namespace)
	others := admin.AppsV1().ControllerRevisions(c.namespace)
	c.must(others.Create(c.ctx, theirs, metav1.CreateOptions{}))
	c.must(records.Create(c.ctx, record("ours", d), metav1.CreateOptions{}))
	change := func(metadata map[string]any) []byte {
		raw, err := json.Marshal(map[string]any{"metadata": metadata})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	annotated := change(map[string]any{"annotations": map[string]any{"undog.dev/record": "more"}, "labels": map[string]any{"undog.dev/verdict": "good"}})
	patch := func(name string, body []byte) error {
		_, err := records.Patch(c.ctx, name, types.MergePatchType, body, metav1.PatchOptions{})
		return err
	}
	if err := patch("ours", annotated); err != nil {
		t.Errorf("undog's own: %v", err)
	}
	unlabelled, orphan := record("unlabelled", d), record("orphan", d)
	unlabelled.Labels, orphan.OwnerReferences = nil, nil
	_, createUnlabelled := records.Create(c.ctx, unlabelled, metav1.CreateOptions{})
	_, createOrphan := records.Create(c.ctx, orphan, metav1.CreateOptions{})
	for name, err := range map[string]error{
		"another's":           patch("theirs", annotated),
		"made its own":        patch("theirs", change(map[string]any{"labels": record("", d).Labels, "ownerReferences": record("", d).OwnerReferences})),
		"label taken away":    patch("ours", change(map[string]any{"labels": map[string]any{"undog.dev/workload-uid": nil}})),
		"owner taken away":    patch("ours", change(map[string]any{"ownerReferences": nil})),
		"moved elsewhere":     patch("ours", change(map[string]any{"labels": record("", elsewhere).Labels, "ownerReferences": record("", elsewhere).OwnerReferences})),
		"another's deleted":   records.Delete(c.ctx, "theirs", metav1.DeleteOptions{}),
		"made without labels": createUnlabelled,
		"made without owner":  createOrphan,
	} {
		if !refused(err) {
			t.Errorf("%s: want it refused by the policy, got %v", name, err)
		}
	}
	_, forged := others.Create(c.ctx, record("forged", d), metav1.CreateOptions{})
	_, changed := others.Patch(c.ctx, "ours", types.MergePatchType, change(map[string]any{"annotations": map[string]any{"undog.dev/record": "forged"}}), metav1.PatchOptions{})
	_, relabelled := others.Patch(c.ctx, "ours", types.MergePatchType, change(map[string]any{"labels": nil}), metav1.PatchOptions{})
	for name, err := range map[string]error{"forged": forged, "changed": changed, "relabelled": relabelled} {
		if err == nil || !strings.Contains(err.Error(), "only undog writes its own memory") {
			t.Errorf("by another, %s: want it refused by the policy, got %v", name, err)
		}
	}
	if err := records.Delete(c.ctx, "ours", metav1.DeleteOptions{}); err != nil {
		t.Errorf("undog's own deleted: %v", err)
	}
}

// The garbage collector goes on: a Deployment that is deleted without what it
// owns leaves undog's records behind, and is gone.
func TestConfinedLeavesTheGarbageCollectorAlone(t *testing.T) {
	c := confine(t, "confined-garbage")
	d := c.deploy("app", nil)
	records := c.undog.AppsV1().ControllerRevisions(c.namespace)
	c.must(records.Create(c.ctx, record("ours", d), metav1.CreateOptions{}))
	orphan := metav1.DeletePropagationOrphan
	if err := admin.AppsV1().Deployments(c.namespace).Delete(c.ctx, "app", metav1.DeleteOptions{PropagationPolicy: &orphan}); err != nil {
		t.Fatal(err)
	}
	err := wait.PollUntilContextCancel(c.ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, err := admin.AppsV1().Deployments(c.namespace).Get(ctx, "app", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
	if err != nil {
		t.Errorf("the Deployment is never gone: %v", err)
	}
	left := c.must(records.Get(c.ctx, "ours", metav1.GetOptions{})).(*appsv1.ControllerRevision)
	if len(left.OwnerReferences) > 0 {
		t.Errorf("the record still has the owner %v", left.OwnerReferences)
	}
}
