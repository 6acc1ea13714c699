package daemon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/cluster/hold"
)

// apply releases the tag as a tool does that applies under its own name.
func (f *fixture) apply(manager, tag, metadata string) {
	f.t.Helper()
	body := fmt.Sprintf(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":%q%s},"spec":{"replicas":2,`+
		`"selector":{"matchLabels":{"app":%[1]q}},"template":{"metadata":{"labels":{"app":%[1]q}},"spec":{"containers":[{"name":"app","image":%[3]q}]}}}}`,
		app, metadata, image(tag))
	_, err := admin.AppsV1().Deployments(f.namespace).Patch(f.ctx, app, types.ApplyPatchType, []byte(body), metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		f.t.Fatal(err)
	}
}

// owner is an object that stands in for an operator's resource.
func (f *fixture) owner() string {
	f.t.Helper()
	cm, err := admin.CoreV1().ConfigMaps(f.namespace).Create(f.ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	raw, err := json.Marshal([]metav1.OwnerReference{*metav1.NewControllerRef(cm, corev1.SchemeGroupVersion.WithKind("ConfigMap"))})
	if err != nil {
		f.t.Fatal(err)
	}
	return `,"ownerReferences":` + string(raw)
}

const tracked = `,"annotations":{"argocd.argoproj.io/tracking-id":"shop:apps/Deployment:shop/app"}`

// What somebody else would set back is only told about, with his name, unless
// the policy says what is to be done. Nobody else's marks are touched.
func TestKeptBySomebodyElse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		manager, metadata string
		owned             bool
		policy            string
		tool, owner       string
		action            string
	}{
		"ArgoCD":         {manager: "argocd-controller", metadata: tracked, tool: "Argo CD", action: "notify"},
		"Flux":           {manager: "kustomize-controller", tool: "Flux", action: "notify"},
		"Operator":       {manager: "shop-operator", owned: true, owner: "ConfigMap/shop", action: "notify"},
		"ArgoCDRollback": {manager: "argocd-controller", metadata: tracked, policy: "action: rollback", tool: "Argo CD", action: "rollback"},
		"FluxPause":      {manager: "kustomize-controller", policy: "action: pause", tool: "Flux", action: "pause"},
		"Helm":           {manager: "helm", tool: "Helm", action: "rollback"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			j := f.journal(f.undog(setup{policy: tt.policy}).NATSURL)
			metadata := tt.metadata
			if tt.owned {
				metadata += f.owner()
			}
			f.apply(tt.manager, "1.0", metadata)
			j.await("verdict.good", app, "1.0")
			f.apply(tt.manager, "crash", metadata)
			bad := j.await("verdict.bad", app, "crash")
			if by := bad.Data.By; by == nil || by.FieldManager != tt.manager || by.Tool != tt.tool || by.Owner != tt.owner || bad.Data.Action != tt.action {
				t.Errorf("verdict names %+v and action %q, want %s, %q, %q and %s", by, bad.Data.Action, tt.manager, tt.tool, tt.owner, tt.action)
			}
			switch tt.action {
			case "notify":
				f.restarts("crash", 5)
				f.wantUntouched(app)
			case "pause":
				j.await("rollout.paused", app, "crash")
				f.wantPauses(1)
			default:
				f.undone(j, "crash")
				f.wantUndos(app, 200)
			}
			f.wantOwnMarksOnly()
			// The tool works on without force.
			f.apply(tt.manager, "1.1", metadata)
			f.isGood(j, app, "1.1")
			j.wantOnce()
		})
	}
}

// wantOwnMarksOnly fails when undog wrote an annotation that is another's.
func (f *fixture) wantOwnMarksOnly() {
	f.t.Helper()
	for _, e := range f.patches(app) {
		var ops []struct{ Op, Path string }
		if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
			f.t.Fatal(err)
		}
		for _, o := range ops {
			key, is := strings.CutPrefix(o.Path, "/metadata/annotations/")
			if is && o.Op != "test" && !strings.HasPrefix(key, "undog.dev~1") && key != "kubernetes.io~1change-cause" {
				f.t.Errorf("undog wrote the annotation %s", key)
			}
		}
	}
}

// Who scales while an undo is on its way is not overwritten, whether that is a
// person or the autoscaler, and is named.
func TestScaledDuringUndo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ manager, scaledBy string }{
		"ByHand": {"kubectl", "kubectl"},
		"ByHPA":  {"kube-controller-manager", "HPA"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			proxy, kubeconfig := f.proxy()
			j := f.journal(f.undog(setup{kubeconfig: kubeconfig}).NATSURL)
			f.proven(j, 2)
			gate := proxy.Gate(f.to(http.MethodPatch, app), hold.Before)
			f.release(app, "crash")
			f.wait("undog at the gate", gate.Arrived())
			f.scale(4, tt.manager)
			gate.Release()
			f.undone(j, "crash")
			f.wantReplicas(4)
			// The first was turned down by the server, since the Deployment had changed.
			f.wantUndos(app, 200, 422)
			f.release(app, "missing")
			if by := f.undone(j, "missing").Data.By; by == nil || by.ScaledBy != tt.scaledBy {
				t.Errorf("verdict names %+v, want it scaled by %s", by, tt.scaledBy)
			}
			f.wantReplicas(4)
			j.wantOnce()
		})
	}
}

func (f *fixture) scale(replicas int32, manager string) {
	f.t.Helper()
	scale := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: app, Namespace: f.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: replicas}}
	if _, err := admin.AppsV1().Deployments(f.namespace).UpdateScale(f.ctx, app, scale, metav1.UpdateOptions{FieldManager: manager}); err != nil {
		f.t.Fatal(err)
	}
}

// wantReplicas fails unless the Deployment has so many, and undog never wrote a number.
func (f *fixture) wantReplicas(want int32) {
	f.t.Helper()
	d := f.get(app)
	if f.t.Failed() {
		f.t.Logf("%+v", d.ManagedFields)
	}
	if got := *d.Spec.Replicas; got != want {
		f.t.Errorf("replicas are %d, want %d", got, want)
	}
	if got := f.answers(app, "/spec/replicas"); !slices.Equal(got, []int32{}) {
		f.t.Errorf("undog wrote the replicas: %v", got)
	}
}
