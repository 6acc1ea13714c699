package install_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/chart"
	"github.com/undog-dev/undog/test/cluster/daemon"
)

// usage is an undog that was installed for one namespace, and what it does there.
type usage struct {
	*confined
	shop, user string
	granted    map[string]bool
}

// The rights of a namespaced installation are enough, and each of them has its
// use: also those that a cluster rarely asks for, because its API server streams
// the first list, because nobody tampers with undog's memory, because nobody
// brings a bad release back. Those to the Lease take two undogs, as e2e/incluster has; those to write Events
// are suite/daemon's.
func TestEachRightIsUsed(t *testing.T) {
	u := &usage{confined: &confined{t: t, ctx: begin(t), namespace: "used"}, shop: "used-shop"}
	u.user = "system:serviceaccount:used:undog"
	namespace(u.ctx, t, u.namespace)
	namespace(u.ctx, t, u.shop)
	manifests := render(u.ctx, t, chart.Release{
		Namespace: u.namespace, Only: []string{"serviceaccount", "rbac", "rbac-act"},
		Values: "config: {mode: enforce, kubernetesEvents: false, watch: {namespaces: [" + u.shop + "]}}",
	})
	kubectl(u.ctx, t, manifests, "apply", "--server-side", "-f", "-")
	u.granted = map[string]bool{}
	for _, o := range objects(t, manifests) {
		for _, right := range rules(t, objects(t, manifests), o.GetNamespace(), o.GetName()) {
			u.granted[strings.TrimSuffix(right, " ")] = true
		}
	}
	u.run()
	u.play()
	var idle []string
	err := wait.PollUntilContextCancel(u.ctx, 200*time.Millisecond, true, func(context.Context) (bool, error) {
		idle = u.idle()
		return len(idle) == 0, nil
	})
	if err != nil {
		t.Errorf("undog may and never does: %q", idle)
	}
}

// run starts the real undog with a token of its service account.
func (u *usage) run() {
	u.t.Helper()
	rest := u.token()
	kubeconfig := clientcmdapi.NewConfig()
	kubeconfig.Clusters["c"] = &clientcmdapi.Cluster{Server: rest.Host, CertificateAuthorityData: rest.CAData}
	kubeconfig.AuthInfos["u"] = &clientcmdapi.AuthInfo{Token: rest.BearerToken}
	kubeconfig.Contexts["c"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}
	kubeconfig.CurrentContext = "c"
	dir := u.t.TempDir()
	path := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*kubeconfig, path); err != nil {
		u.t.Fatal(err)
	}
	d, err := daemon.Start(daemon.Options{
		Kubeconfig: path, Dir: dir, Env: []string{"KUBE_FEATURE_WatchListClient=false", "POD_NAMESPACE=" + u.namespace},
		Config: fmt.Sprintf("mode: enforce\nkubernetesEvents: false\nwatch: {namespaces: [%s]}\npolicies: [{name: test, bake: 2s}]\n", u.shop),
	})
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), 40*time.Second)
		defer cancel()
		if err := d.Stop(stopping); err != nil {
			u.t.Errorf("stop undog: %v", err)
		}
	})
	if err := d.Ready(u.ctx); err != nil {
		u.t.Fatal(err)
	}
}

// play is a good release, whose record somebody has tampered with, and a bad one
// that is undone and brought back.
func (u *usage) play() {
	u.t.Helper()
	u.needs()
	labels := map[string]string{"app": "app"}
	d := u.must(admin.AppsV1().Deployments(u.shop).Create(u.ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "app", Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(2)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					ServiceAccountName: "needed",
					SecurityContext: &corev1.PodSecurityContext{
						RunAsNonRoot: new(true), RunAsUser: new(int64(1)), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
					},
					Containers: []corev1.Container{{
						Name: "app", Image: "demo/app:1.0",
						SecurityContext: &corev1.SecurityContext{
							AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
						},
						EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "needed"}}}},
					}},
					Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
						PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "needed"},
					}}},
				},
			},
		},
	}, metav1.CreateOptions{})).(*appsv1.Deployment)
	u.tamper(d)
	u.remembered("a good release", func(r policy.Record) bool { return r.Verdict == policy.Good })
	u.release("crash")
	u.image("demo/app:1.0")
	u.release("crash")
	u.remembered("a contested undo", func(r policy.Record) bool { return r.Contested != nil })
}

// needs makes what the good release cannot do without.
func (u *usage) needs() {
	u.t.Helper()
	object := metav1.ObjectMeta{Name: "needed"}
	core := admin.CoreV1()
	u.must(core.ConfigMaps(u.shop).Create(u.ctx, &corev1.ConfigMap{ObjectMeta: object}, metav1.CreateOptions{}))
	u.must(core.ServiceAccounts(u.shop).Create(u.ctx, &corev1.ServiceAccount{ObjectMeta: object}, metav1.CreateOptions{}))
	u.must(core.PersistentVolumeClaims(u.shop).Create(u.ctx, &corev1.PersistentVolumeClaim{ObjectMeta: object, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
	}}, metav1.CreateOptions{}))
}

// tamper puts another's template where undog will keep the good one.
func (u *usage) tamper(d *appsv1.Deployment) {
	u.t.Helper()
	var revision string
	err := wait.PollUntilContextCancel(u.ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		sets, err := admin.AppsV1().ReplicaSets(u.shop).List(ctx, metav1.ListOptions{})
		if err != nil || len(sets.Items) == 0 {
			return false, err
		}
		revision = string(sets.Items[0].UID)
		return true, nil
	})
	if err != nil {
		u.t.Fatal(err)
	}
	forged := record(ledger.Name(policy.Workload{Namespace: u.shop, Name: d.Name, UID: string(d.UID)}, revision), d)
	forged.Data.Raw = []byte(`{"spec": {"containers": [{"name": "app", "image": "evil:1.0"}]}}`)
	u.must(admin.AppsV1().ControllerRevisions(u.shop).Create(u.ctx, forged, metav1.CreateOptions{}))
}

// release makes the tag the Deployment's.
func (u *usage) release(tag string) {
	u.t.Helper()
	body := fmt.Appendf(nil, `[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "demo/app:%s"}]`, tag)
	u.must(admin.AppsV1().Deployments(u.shop).Patch(u.ctx, "app", types.JSONPatchType, body, metav1.PatchOptions{FieldManager: "owner"}))
}

// image waits until it is the Deployment's.
func (u *usage) image(want string) {
	u.t.Helper()
	err := wait.PollUntilContextCancel(u.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		d, err := admin.AppsV1().Deployments(u.shop).Get(ctx, "app", metav1.GetOptions{})
		return err == nil && d.Spec.Template.Spec.Containers[0].Image == want, err
	})
	if err != nil {
		u.t.Fatalf("wait for %s: %v", want, err)
	}
}

// remembered waits until undog has a record that is as it should be.
func (u *usage) remembered(what string, ok func(policy.Record) bool) {
	u.t.Helper()
	err := wait.PollUntilContextCancel(u.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		all, err := admin.AppsV1().ControllerRevisions(u.shop).List(ctx, metav1.ListOptions{LabelSelector: ledger.Selector()})
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(all.Items, func(cr appsv1.ControllerRevision) bool {
			rec, err := ledger.Decode(&cr)
			return err == nil && ok(rec)
		}), nil
	})
	if err != nil {
		u.t.Fatalf("wait for the record of %s: %v", what, err)
	}
}

// idle are the rights that undog has not used; what it was refused is an error.
func (u *usage) idle() []string {
	events, err := control.AuditEvents(cluster.AuditFilter{User: u.user})
	if err != nil {
		u.t.Fatal(err)
	}
	left := maps.Clone(u.granted)
	for _, e := range events {
		if e.ObjectRef == nil || e.ResponseStatus == nil {
			continue
		}
		right := e.Verb + " " + e.ObjectRef.APIGroup + "/" + e.ObjectRef.Resource
		log := e.ObjectRef.Subresource == "log"
		if log {
			right += "/log"
		}
		if e.ResponseStatus.Code == 403 {
			u.t.Errorf("undog may not %s: %s", right, e.ResponseStatus.Message)
		}
		// The nodes here play a script, and have no logs to give.
		if e.ResponseStatus.Code < 400 || log {
			delete(left, right)
		}
	}
	return slices.Sorted(maps.Keys(left))
}
