package watcher

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// randomFields makes up a set of fields, with keys that look like others.
func randomFields(r *rand.Rand, depth int) map[string]any {
	keys := []string{"f:spec", "f:template", "f:data", ".", `k:{"name":"f:spec"}`, `v:"}"`, `\`, "f:binaryData", `"`}
	out := map[string]any{}
	for range r.IntN(4) {
		var v any = map[string]any{}
		if depth < 4 {
			v = randomFields(r, depth+1)
		}
		if r.IntN(6) == 0 {
			v = []any{"f:data", 1.5, nil, true}
		}
		out[keys[r.IntN(len(keys))]] = v
	}
	return out
}

// TestMemberAgreesWithADecoder compares the scan with a full decoding.
func TestMemberAgreesWithADecoder(t *testing.T) {
	found := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 5))
		fields := randomFields(r, 0)
		data, err := json.Marshal(fields)
		if seed%2 == 0 {
			data, err = json.MarshalIndent(fields, "", " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		spec, _ := fields["f:spec"].(map[string]any)
		_, template := spec["f:template"]
		_, plain := fields["f:data"]
		_, binary := fields["f:binaryData"]
		if ownsTemplate(data) != template || ownsData(data) != (plain || binary) {
			t.Fatalf("seed %d: template %v, data %v of %s", seed, ownsTemplate(data), ownsData(data), data)
		}
		found += int(b2i(template))
		// Whatever is cut off must not make it panic or hang.
		ownsTemplate(data[:r.IntN(len(data)+1)])
	}
	if found == 0 {
		t.Error("no set of fields had a template: nothing was tested")
	}
}

func TestLastWriter(t *testing.T) {
	const template = `{"f:metadata":{"f:labels":{}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{}}}}`
	const scale = `{"f:spec":{"f:replicas":{}}}`
	entry := func(manager, fields string, at int) metav1.ManagedFieldsEntry {
		return managed(manager, "", fields, second(at))
	}
	for _, c := range []struct {
		name    string
		entries []metav1.ManagedFieldsEntry
		by      string
		at      time.Time
	}{
		{"nobody", nil, "", time.Time{}},
		{"one", []metav1.ManagedFieldsEntry{entry("kubectl", template, 5)}, "kubectl", second(5)},
		{"the newest", []metav1.ManagedFieldsEntry{entry("helm", template, 9), entry("kubectl", template, 5)}, "helm", second(9)},
		{"not who scaled it", []metav1.ManagedFieldsEntry{entry("helm", template, 5), entry("hpa", scale, 9)}, "helm", second(5)},
		{"not a subresource", []metav1.ManagedFieldsEntry{entry("helm", template, 5), managed("x", "status", template, second(9))}, "helm", second(5)},
		{"not undog", []metav1.ManagedFieldsEntry{entry("helm", template, 5), entry(ManagedBy, template, 9)}, "helm", second(5)},
		{"undog, if nobody else", []metav1.ManagedFieldsEntry{entry("hpa", scale, 5), entry(ManagedBy, template, 9)}, ManagedBy, second(9)},
	} {
		d := deployment("web")
		d.ManagedFields = c.entries
		seen := reduceDeployment(d).say()
		if seen.EditedBy != c.by || !seen.EditedAt.Equal(c.at) {
			t.Errorf("%s: edited by %q at %v, want %q at %v", c.name, seen.EditedBy, seen.EditedAt, c.by, c.at)
		}
	}
	long := `{"f:spec":{"f:template":{` + strings.Repeat(`"f:x":{},`, 500) + `"f:y":{}}}}`
	entries := []metav1.ManagedFieldsEntry{entry("a", long, 1), entry("b", long, 2)}
	if n := testing.AllocsPerRun(100, func() { lastWriter(entries, ownsTemplate) }); n > 0 {
		t.Errorf("%v allocations for sets of %d bytes", n, len(long))
	}
}

func TestManagerOf(t *testing.T) {
	for _, c := range []struct {
		labels, annotations map[string]string
		want                string
	}{
		{nil, nil, ""},
		{nil, map[string]string{"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}, "Argo CD"},
		{map[string]string{"argocd.argoproj.io/instance": "shop"}, nil, "Argo CD"},
		{map[string]string{"kustomize.toolkit.fluxcd.io/name": "shop"}, nil, "Flux"},
		{map[string]string{"helm.toolkit.fluxcd.io/name": "shop", LabelManagedBy: "Helm"}, map[string]string{"meta.helm.sh/release-name": "web"}, "Flux"},
		{map[string]string{LabelManagedBy: "Helm"}, map[string]string{"meta.helm.sh/release-name": "web"}, "Helm"},
		{map[string]string{LabelManagedBy: "Helm"}, nil, ""},
		{nil, map[string]string{"meta.helm.sh/release-name": "web"}, ""},
	} {
		d := deployment("web")
		d.Labels, d.Annotations = c.labels, c.annotations
		if got := reduceDeployment(d).say().Manager; got != c.want {
			t.Errorf("labels %v, annotations %v: %q, want %q", c.labels, c.annotations, got, c.want)
		}
	}
}

// BenchmarkReduceDeployment is a status update of a Deployment that three
// managers have written.
func BenchmarkReduceDeployment(b *testing.B) {
	d := deployment("web")
	d.ManagedFields = []metav1.ManagedFieldsEntry{
		managed("helm", "", `{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:template":{"f:spec":{}}}}`, second(1)),
		managed("kubectl-edit", "", fmt.Sprintf(`{"f:spec":{"f:template":{"f:spec":{%s"f:x":{}}}}}`, strings.Repeat(`"f:env":{},`, 100)), second(2)),
		managed("kube-controller-manager", "status", `{"f:status":{"f:replicas":{}}}`, second(3)),
	}
	d.Status = appsv1.DeploymentStatus{Replicas: 3, ReadyReplicas: 3}
	b.ReportAllocs()
	for b.Loop() {
		if reduceDeployment(d).say().EditedBy != "kubectl-edit" {
			b.Fatal("another writer")
		}
	}
}
