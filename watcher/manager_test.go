package watcher

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	templateFields = `{"f:spec":{"f:template":{"f:spec":{}}}}`
	replicaFields  = `{"f:spec":{"f:replicas":{}}}`
	bothFields     = `{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{}}}}`
)

// Who writes the template is recognised where there is no mark.
func TestManagerByWriter(t *testing.T) {
	for name, c := range map[string]struct {
		entries []metav1.ManagedFieldsEntry
		want    string
	}{
		"nobody known":             {[]metav1.ManagedFieldsEntry{managed("kubectl", "", templateFields, second(1))}, ""},
		"Argo CD":                  {[]metav1.ManagedFieldsEntry{managed("argocd-controller", "", templateFields, second(1))}, "Argo CD"},
		"Flux":                     {[]metav1.ManagedFieldsEntry{managed("kustomize-controller", "", templateFields, second(1))}, "Flux"},
		"Flux with a chart":        {[]metav1.ManagedFieldsEntry{managed("helm-controller", "", templateFields, second(1))}, "Flux"},
		"Helm":                     {[]metav1.ManagedFieldsEntry{managed("helm", "", templateFields, second(1))}, "Helm"},
		"Flux took over from Helm": {[]metav1.ManagedFieldsEntry{managed("helm", "", templateFields, second(1)), managed("helm-controller", "", templateFields, second(2))}, "Flux"},
		"edited by hand since":     {[]metav1.ManagedFieldsEntry{managed("argocd-controller", "", templateFields, second(1)), managed("kubectl-edit", "", templateFields, second(2))}, "Argo CD"},
		"something else of it":     {[]metav1.ManagedFieldsEntry{managed("argocd-controller", "", replicaFields, second(1))}, ""},
		"a subresource":            {[]metav1.ManagedFieldsEntry{managed("argocd-controller", "status", templateFields, second(1))}, ""},
	} {
		d := deployment("web")
		d.ManagedFields = c.entries
		if got := reduceDeployment(d).say().Manager; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The one who last set the replicas alone is named, the autoscaler by its name.
func TestScaledBy(t *testing.T) {
	for name, c := range map[string]struct {
		entries []metav1.ManagedFieldsEntry
		want    string
	}{
		"with the rest":          {[]metav1.ManagedFieldsEntry{managed("helm", "", bothFields, second(1))}, ""},
		"by hand":                {[]metav1.ManagedFieldsEntry{managed("kubectl", "scale", replicaFields, second(1))}, "kubectl"},
		"by the autoscaler":      {[]metav1.ManagedFieldsEntry{managed("kubectl", "scale", replicaFields, second(1)), managed("kube-controller-manager", "scale", replicaFields, second(2))}, "HPA"},
		"by hand since":          {[]metav1.ManagedFieldsEntry{managed("kubectl", "scale", replicaFields, second(3)), managed("kube-controller-manager", "scale", replicaFields, second(2))}, "kubectl"},
		"by an apply of its own": {[]metav1.ManagedFieldsEntry{managed("keda", "", replicaFields, second(1))}, "keda"},
		"status is no scale":     {[]metav1.ManagedFieldsEntry{managed("kube-controller-manager", "status", `{"f:status":{"f:replicas":{}}}`, second(1))}, ""},
	} {
		d := deployment("web")
		d.ManagedFields = c.entries
		if got := reduceDeployment(d).say().ScaledBy; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestOwnerOf(t *testing.T) {
	d := deployment("web")
	d.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "not-a-controller", UID: "1"}}
	if got := ownerOf(d); got != "" {
		t.Errorf("an owner that does not control is taken for one: %q", got)
	}
	d.OwnerReferences = append(d.OwnerReferences, *metav1.NewControllerRef(
		&metav1.ObjectMeta{Name: "shop", UID: "2"}, appsv1.SchemeGroupVersion.WithKind("Memcached")))
	if got := reduceDeployment(d).say().Owner; got != "Memcached/shop" {
		t.Errorf("owner is %q, want Memcached/shop", got)
	}
}
