package rollback

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy/ledger"
)

func TestNeeds(t *testing.T) {
	key := func(name, key string) corev1.EnvVar {
		return corev1.EnvVar{ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key,
		}}}
	}
	var pod corev1.PodTemplateSpec
	pod.Spec.ServiceAccountName = "default"
	pod.Spec.InitContainers = []corev1.Container{{Env: []corev1.EnvVar{key("b", "2"), key("a", "x"), {Value: "v"}}}}
	pod.Spec.Containers = []corev1.Container{{Env: []corev1.EnvVar{
		key("b", "1"), key("b", "2"), {ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{}}},
	}}}
	pod.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: "a"},
	}}}, {VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
	want := []need{{configMaps, "a", []string{"x"}}, {configMaps, "b", []string{"1", "2"}}}
	if got := needs(&pod); !reflect.DeepEqual(got, want) {
		t.Errorf("needs are %v, want %v", got, want)
	}
}

// TestCompletesIsBounded checks that a template which names very much costs a
// bounded number of requests and a bounded message.
func TestCompletesIsBounded(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
	}))
	defer server.Close()
	core, err := rest.RESTClientFor(&rest.Config{Host: server.URL, APIPath: "/api", ContentConfig: rest.ContentConfig{
		GroupVersion: &schema.GroupVersion{Version: "v1"}, NegotiatedSerializer: scheme.Codecs.WithoutConversion(),
	}, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Options{Apps: core, Core: core, Ledger: ledger.None{}, MayAct: func() bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	var pod corev1.PodTemplateSpec
	for i := range 3 * maxNeeds {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: fmt.Sprintf("claim-%03d", i)},
		}})
	}
	raw, err := json.Marshal(pod)
	if err != nil {
		t.Fatal(err)
	}
	note, end := e.completes(t.Context(), "shop", raw)
	if end == nil || end.reason != TargetIncomplete || len(end.message) > maxMessage ||
		!strings.Contains(end.message, "PersistentVolumeClaim claim-000, ") || !strings.Contains(end.message, "24 more") {
		t.Errorf("ending is %+v", end)
	}
	if requests != maxNeeds || !strings.Contains(note, "only the first 32 of 96 objects") {
		t.Errorf("%d requests, note %q", requests, note)
	}
}
